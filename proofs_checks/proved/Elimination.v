(* Elimination modulo m that finds a unit for every row proves the rows independent: over the integers because
   m, m^2, ... divide every relation, hence over Q and over any ordered field. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect ssralg ssrint matrix ssrZ zify.
From Proved Require Import Check Integers.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Local Open Scope Z_scope.
Delimit Scope Z_scope with ZZ.

Section Elimination.
Variables quotient inverse : Z -> Z -> Z.
Variable m : Z.
Implicit Types (c row : seq Z) (rows : seq (seq Z)).

(* Entry j of the combination c of the rows. *)
Fixpoint combo c rows j : Z :=
  match c, rows with x :: c, row :: rows => x * nth 0 row j + combo c rows j | _, _ => 0 end.

Lemma combo_cat c c' rows rows' j : size c = size rows ->
  combo (c ++ c') (rows ++ rows') j = combo c rows j + combo c' rows' j.
Proof. elim: c rows => [|x c IH] [|row rows] //= [/IH ->]; ring. Qed.

Definition multiples c := forall x : Z, x \in c -> (m | x).
Definition independent_mod rows :=
  forall c, size c = size rows -> (forall j, (m | combo c rows j)) -> multiples c.

Lemma combo_multiples c rows j : multiples c -> (m | combo c rows j).
Proof.
elim: c rows => [|x c IH] [|row rows] //= h; try exact: Z.divide_0_r.
apply: Z.divide_add_r; first by apply/Z.divide_mul_l/h/mem_head.
by apply: IH => y yc; apply: h; rewrite inE yc orbT.
Qed.

Lemma dividesE a : divides quotient m a -> (m | a).
Proof. by move=> /Z.eqb_eq <-; exists (quotient a m); ring. Qed.
Lemma residueE a : (m | residue quotient m a - a).
Proof. exists (- quotient a m); rewrite /residue; ring. Qed.

Lemma pivotE before rows row v rest : pivot quotient inverse m before rows = Some (row, v, rest) ->
  exists b a, [/\ rows = b ++ row :: a, rest = rev before ++ b ++ a & (m | v * head 0 row - 1)].
Proof.
elim: rows before => [|r rows IH] before //=; case E: (divides _ _ _).
  by case=> <- <- <-; exists nil, rows; rewrite catrevE; split=> //; apply: dividesE.
move=> /IH [b [a [-> -> h]]]; exists (r :: b), a; split=> //.
by rewrite rev_cons cat_rcons.
Qed.

Definition eliminate (row : seq Z) v r :=
  map2 (fun x y => residue quotient m (x - residue quotient m (head 0 r * v) * y)) (behead r) (behead row).

Lemma eliminateE k row v r j : size row = k.+1 -> size r = k.+1 ->
  (m | nth 0 (eliminate row v r) j - (nth 0 r j.+1 - nth 0 r 0 * v * nth 0 row j.+1)).
Proof.
case: row => [|y row] //= [sy]; case: r => [|x r] //= [sx]; rewrite /eliminate /=.
have [lt|ge] := ltnP j k; last first.
  rewrite !nth_default ?sy ?sx ?size_map2 ?sy ?sx //; exists 0; ring.
rewrite (nth_map2 _ 0 0) ?sy ?sx //; set f := residue _ _ (x * v).
have [p E] := residueE (nth 0 r j - f * nth 0 row j); have [q F] := residueE (x * v).
exists (p - q * nth 0 row j).
have H z t y' f' w : z - (t - w * y') = (z - (t - f' * y')) - (f' - w) * y' by ring.
by rewrite (H _ _ _ f) E F; ring.
Qed.

Lemma combo_eliminate k row v c rows j : size row = k.+1 -> (forall r, r \in rows -> size r = k.+1) ->
  (m | combo c (map (eliminate row v) rows) j - (combo c rows j.+1 - combo c rows 0 * v * nth 0 row j.+1)).
Proof.
move=> sy; elim: c rows => [|x c IH] [|r rows] //= h; try by exists 0; ring.
have h2 r' : r' \in rows -> size r' = k.+1 by move=> h'; apply: h; rewrite inE h' orbT.
have [p E] := IH rows h2.
have [q F] := eliminateE v j sy (h r (mem_head _ _)).
exists (x * q + p).
have -> : forall a b : Z, x * a + b - (x * nth 0 r j.+1 + combo c rows j.+1
   - (x * nth 0 r 0 + combo c rows 0) * v * nth 0 row j.+1) =
   x * (a - (nth 0 r j.+1 - nth 0 r 0 * v * nth 0 row j.+1)) +
   (b - (combo c rows j.+1 - combo c rows 0 * v * nth 0 row j.+1)) by move=> a b; ring.
rewrite E F; ring.
Qed.

Arguments pivot : simpl never.
Lemma independentE fuel rows k : (forall r, r \in rows -> size r = k) ->
  independent quotient inverse m fuel rows -> independent_mod rows.
Proof.
elim: fuel rows k => [|f fuel IH] [|r0 rows0] k //= sz; try by move=> _ [].
case E: (pivot _ _ _ _ _) => [[[row v] rest]|] //; rewrite map1E -/(eliminate row v) => ind.
have [b [a [rE restE u]]] := pivotE E; rewrite /= in restE; rewrite {}restE in ind; rewrite {}rE in sz *.
move=> c sc dv {E r0 rows0}.
have sr : size row = k by apply: sz; rewrite mem_cat mem_head orbT.
case: k sr sz => [/size0nil E _|k sr sz].
  move: u; rewrite E /= => -[q u] x _; exists (- x * q).
  have -> : - x * q * m = - x * (q * m) by ring.
  rewrite -u; ring.
have {sc} [cb [cp [ca [cE sb sa]]]] : exists cb cp ca, [/\ c = cb ++ cp :: ca, size cb = size b & size ca = size a].
  exists (take (size b) c), (nth 0 c (size b)), (drop (size b).+1 c).
  have lt : (size b < size c)%N by rewrite sc size_cat /= addnS leq_addr.
  rewrite -drop_nth // cat_take_drop size_take lt size_drop sc size_cat /= addnS subSS.
  by rewrite addnC addnK.
rewrite {}cE in dv *.
have dvE j : combo (cb ++ cp :: ca) (b ++ row :: a) j = combo (cb ++ ca) (b ++ a) j + cp * nth 0 row j.
  rewrite !combo_cat //=; ring.
have sz' r : r \in b ++ a -> size r = k.+1.
  by move=> h; apply: sz; move: h; rewrite !mem_cat inE => /orP[->|->] //; rewrite !orbT.
have sz2 r : r \in map (eliminate row v) (b ++ a) -> size r = k.
  case/mapP => r' /sz' s' ->; by rewrite /eliminate size_map2 !size_behead ?s' ?sr.
have mult : multiples (cb ++ ca).
  apply: (IH _ k sz2 ind); first by rewrite size_map !size_cat sb sa.
  move=> j; have [p E] := combo_eliminate v (cb ++ ca) j sr sz'.
  have [q F] := dv j.+1; have [r G] := dv 0%N; have [t U] := u; rewrite !dvE in F G.
  rewrite -nth0 in U.
  exists (p + q - r * v * nth 0 row j.+1 + cp * t * nth 0 row j.+1).
  have H A B C y r0 v' : A = (A - (B - C * v' * y)) + (B + cp * y) - (C + cp * r0) * v' * y + cp * (v' * r0 - 1) * y.
    by move=> *; ring.
  by rewrite [LHS](H _ (combo (cb ++ ca) (b ++ a) j.+1) (combo (cb ++ ca) (b ++ a) 0) (nth 0 row j.+1) (nth 0 row 0) v) E F G U; ring.
have cp_m : (m | cp).
  have [p E] := combo_multiples (b ++ a) 0 mult; have [r G] := dv 0%N; have [t U] := u.
  rewrite dvE E in G; rewrite -nth0 in U; exists ((r - p) * v - cp * t).
  have cpE : cp = (cp * nth 0 row 0) * v - cp * (v * nth 0 row 0 - 1) by ring.
  have E1 : cp * nth 0 row 0 = r * m - p * m by rewrite -G; ring.
  by rewrite {1}cpE E1 U; ring.
by move=> x; rewrite mem_cat inE => /or3P[h|/eqP ->|h] //; apply: mult; rewrite mem_cat h ?orbT.
Qed.

(* Conversely, where the oracles are right and m is prime: rows that span everything modulo m are eliminated. *)
Definition spans k rows := forall i, (i < k)%N -> exists2 c, size c = size rows &
  forall j, (j < k)%N -> (m | combo c rows j - (if i == j then 1 else 0)).

Lemma combo_column c rows j : (forall r, r \in rows -> (m | nth 0 r j)) -> (m | combo c rows j).
Proof.
elim: c rows => [|x c IH] [|r rows] //= h; try exact: Z.divide_0_r.
apply: Z.divide_add_r; first by apply/Z.divide_mul_r/h/mem_head.
by apply: IH => r' h'; apply: h; rewrite inE h' orbT.
Qed.

Section Right.
Hypothesis m1 : 1 < m.
Hypothesis exact_quotient : forall a, (m | a) -> quotient a m * m = a.
Hypothesis right_inverse : forall a, ~ (m | a) -> (m | inverse a m * a - 1).

Lemma dividesC a : (m | a) -> divides quotient m a.
Proof. by move=> /exact_quotient h; apply/Z.eqb_eq; rewrite Z.mul_comm. Qed.

Lemma pivotN before rows : pivot quotient inverse m before rows = None -> forall r, r \in rows -> (m | nth 0 r 0).
Proof.
elim: rows before => [|r rows IH] before; first by [].
have [dv|no] := Znumtheory.Zdivide_dec m (head 0 r); last first.
  by rewrite /pivot -/(pivot quotient inverse m) (dividesC (right_inverse no)).
rewrite /pivot -/(pivot quotient inverse m); case: (divides _ _ _); first by [].
by move=> none r'; rewrite inE => /orP[/eqP ->|]; [rewrite nth0|move: r'; apply: IH none].
Qed.

Lemma independentC fuel rows k : size rows = k -> size fuel = k -> (forall r, r \in rows -> size r = k) ->
  spans k rows -> independent quotient inverse m fuel rows.
Proof.
elim: k fuel rows => [|k IH] fuel rows; first by move=> /size0nil ->; case: fuel.
case: rows => [|r0 rows0] // sk; case: fuel => [|f fuel] // [sf] sz sp; rewrite [independent _ _ _ _ _]/=.
case E: (pivot _ _ _ _ _) => [[[row v] rest]|]; last first.
  have [c _ h] := sp 0%N isT; have := h 0%N isT => /= -[p F].
  have [q G] : (m | combo c (r0 :: rows0) 0) by apply: combo_column; apply: pivotN E.
  have dv : (m | 1) by exists (q - p); rewrite Z.mul_sub_distr_r -G -F /=; ring.
  by have := Z.divide_pos_le _ _ Z.lt_0_1 dv; move: m1; rewrite Z.lt_nge.
have [b [a [rE restE u]]] := pivotE E; rewrite /= in restE; rewrite {E}rE in sk sz sp; rewrite map1E restE.
have sba : size (b ++ a) = k by move: sk; rewrite !size_cat /= addnS => -[].
have sr : size row = k.+1 by apply: sz; rewrite mem_cat mem_head orbT.
have sz' r : r \in b ++ a -> size r = k.+1.
  by move=> h; apply: sz; move: h; rewrite !mem_cat inE => /orP[->|->] //; rewrite !orbT.
rewrite -/(eliminate row v); apply: IH => //; first by rewrite size_map.
  by move=> r' /mapP [r h ->]; rewrite /eliminate size_map2 !size_behead ?sr ?sz'.
move=> i lt; have [c sc h] := sp i.+1 lt.
have lts : (size b < size c)%N by rewrite sc size_cat /= addnS leq_addr.
pose cp := nth 0 c (size b); pose cb := take (size b) c; pose ca := drop (size b).+1 c.
have cE : c = cb ++ cp :: ca by rewrite /cb /cp /ca -drop_nth // cat_take_drop.
have sb : size cb = size b by rewrite size_take lts.
have sa : size ca = size a by rewrite size_drop sc size_cat /= addnS subSS addnC addnK.
have dvE j : combo c (b ++ row :: a) j = combo (cb ++ ca) (b ++ a) j + cp * nth 0 row j.
  rewrite cE !combo_cat //=; ring.
exists (cb ++ ca); first by rewrite size_map !size_cat sb sa.
move=> j ltj; have [p E] := combo_eliminate v (cb ++ ca) j sr sz'.
have [q F] := h j.+1 ltj; have [r G] := h 0%N isT; have [t U] := u; rewrite !dvE /= eqSS in F G.
rewrite -nth0 in U; exists (p + q - r * v * nth 0 row j.+1 + cp * t * nth 0 row j.+1).
have H A B C y z0 v' w : A - w = (A - (B - C * v' * y)) + (B + cp * y - w) - (C + cp * z0 - 0) * v' * y + cp * (v' * z0 - 1) * y.
  by move=> *; ring.
by rewrite [LHS](H _ (combo (cb ++ ca) (b ++ a) j.+1) (combo (cb ++ ca) (b ++ a) 0) (nth 0 row j.+1) (nth 0 row 0) v) E F G U; ring.
Qed.
End Right.

Lemma comboI c rows j : size c = size rows ->
  int_of_Z (combo c rows j) = (\sum_(i < size rows) int_of_Z (nth 0%ZZ c i) * int_of_Z (nth 0%ZZ (nth nil rows i) j))%R.
Proof.
elim: c rows => [|x c IH] [|row rows] //=; first by rewrite big_ord0.
by move=> [sc]; rewrite big_ord_recl /= -IH //; lia.
Qed.

(* Rows whose determinant a prime does not divide span everything modulo it. *)
Definition square k rows : 'M[int]_k := (\matrix_(i, j) int_of_Z (nth 0%ZZ (nth nil rows i) j))%R.
Lemma det_spans k rows : Znumtheory.prime m -> size rows = k -> ~ (m | Z_of_int (\det (square k rows))%R) -> spans k rows.
Proof.
move=> pm sr nd i lt; set M := square k rows in nd.
have [u v uv] := Znumtheory.rel_prime_bezout _ _ (Znumtheory.prime_rel_prime m pm _ nd).
have sc : size [seq Z_of_int (int_of_Z v * (\adj M) (Ordinal lt) r)%R | r <- enum 'I_k] = size rows.
  by rewrite size_map size_enum_ord.
eexists; [exact: sc|move=> j ltj].
have E : int_of_Z (combo [seq Z_of_int (int_of_Z v * (\adj M) (Ordinal lt) r)%R | r <- enum 'I_k] rows j) =
    (int_of_Z v * (\adj M *m M) (Ordinal lt) (Ordinal ltj))%R.
  rewrite (comboI _ sc) sr mxE big_distrr /=; apply: eq_bigr => r _.
  by rewrite (nth_map r) ?size_enum_ord // nth_ord_enum Z_of_intK !mxE GRing.mulrA.
rewrite mul_adj_mx mxE in E; have eE : (Ordinal lt == Ordinal ltj) = (i == j) by [].
rewrite eE in E; exists (if i == j then - u else 0).
case: (i == j) E => /=; rewrite ?GRing.mulr1n ?GRing.mulr0n; move: (combo _ _ _) (\det M)%R uv => c D uv E.
  have cE : c = v * Z_of_int D by apply: (can_inj int_of_ZK); rewrite E; lia.
  by rewrite cE -uv; ring.
by have -> : c = 0 by apply: (can_inj int_of_ZK); rewrite E; lia.
Qed.

(* A relation over the integers is divisible by every power of m. *)
Lemma no_relation rows c : 1 < m -> independent_mod rows -> size c = size rows ->
  (forall j, combo c rows j = 0) -> forall x : Z, x \in c -> x = 0.
Proof.
move=> m1 ind sc zero; suff H k (x : Z) : x \in c -> (Z.pow m (Z.of_nat k) | x).
  move=> x /(H (Z.to_nat (Z.abs x))) dv; have [//|x0] := Z.eq_dec x 0; exfalso.
  have gt := Z.pow_gt_lin_r m (Z.abs x) m1 (Z.abs_nonneg x).
  have /Z.divide_pos_le le : (Z.pow m (Z.abs x) | Z.abs x).
    by apply/Z.divide_abs_r; rewrite Z2Nat.id in dv; [exact: dv | exact: Z.abs_nonneg].
  have x_pos : 0 < Z.abs x by apply/Z.abs_pos.
  by have := Z.lt_le_trans _ _ _ gt (le x_pos); exact: Z.lt_irrefl.
elim: k c sc zero x => [|k IH] c sc zero x; first by move=> _; exact: Z.divide_1_l.
have mult : multiples c by apply: ind => // j; rewrite zero; exact: Z.divide_0_r.
have [c' cE] : exists c', c = map (fun z => z * m) c'.
  elim: c mult {sc zero} => [|z c IHc] h; first by exists nil.
  have [q zE] := h z (mem_head _ _); have [y hy|c' ->] := IHc; first by apply: h; rewrite inE hy orbT.
  by exists (q :: c'); rewrite /= -zE.
have z' j : combo c' rows j = 0.
  have : combo c' rows j * m = 0.
    rewrite -(zero j) cE {zero sc IH cE mult ind}; elim: c' rows => [|z c' IHc] [|r rows] //=.
    rewrite -IHc; ring.
  move=> /Z.mul_eq_0 [] // m0; by rewrite m0 in m1.
rewrite {1}cE => /mapP [z zc ->]; rewrite Nat2Z.inj_succ Z.pow_succ_r; last exact: Nat2Z.is_nonneg.
rewrite [m * _]Z.mul_comm; apply: Z.mul_divide_mono_r; apply: (IH c' _ z') => //.
by rewrite -sc cE size_map.
Qed.
End Elimination.
