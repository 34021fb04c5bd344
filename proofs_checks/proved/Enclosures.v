(* What Quick.v computes of slopes, losses and integrals encloses them or is exact, whatever its oracles return. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers States Quick.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Enclosures.
Variable R : realFieldType.
Variables quotient gcd : Z -> Z -> Z.
Variable precision : Z.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).

(* --- Integers --------------------------------------------------------------------------------------------- *)

Lemma absoluteE x : zr (absolute x) = `|zr x|.
Proof.
rewrite /absolute; case E: (_ <? _)%ZZ; rewrite zr_lt zr0 in E; first by rewrite zrN ltr0_norm.
by rewrite ger0_norm // leNgt E.
Qed.

Lemma normE u : zr (norm u) = \sum_(i < size u) `|zr (nth 0%ZZ u i)|.
Proof.
rewrite /norm; suff H m : zr (foldl (fun m x => m + absolute x)%ZZ m u) = zr m + \sum_(i < size u) `|zr (nth 0%ZZ u i)|.
  by rewrite H zr0 add0r.
elim: u m => [|x u IH] m /=; first by rewrite big_ord0 addr0.
by rewrite IH big_ord_recl /= zrD absoluteE addrA.
Qed.

Lemma largestE u i : `|zr (nth 0%ZZ u i)| <= zr (largest u).
Proof.
rewrite /largest; set f := fun m x => _.
have mono v m : zr m <= zr (foldl f m v).
  elim: v m => //= x v IH m; apply: le_trans (IH _); rewrite /f zr_lt.
  by case: ltP => // /ltW.
suff H m : 0 <= zr m -> `|zr (nth 0%ZZ u i)| <= zr (foldl f m u) by apply: H; rewrite zr0.
elim: u m i => [|x u IH] m [|i] m0 /=; rewrite ?zr0 ?normr0 //.
  by apply: le_trans (mono u _); rewrite /f zr_lt; case: ltP; rewrite absoluteE.
by apply: IH; rewrite /f zr_lt; case: ltP => // /ltW; apply: le_trans.
Qed.

Lemma sparseE m u v : size u = m -> size v = m ->
  zr (sparse u v) = \sum_(i < m) zr (nth 0%ZZ u i) * zr (nth 0%ZZ v i).
Proof.
move=> <- sv; rewrite /sparse; suff H c : zr (sparse_from c u v) =
    zr c + \sum_(i < size u) zr (nth 0%ZZ u i) * zr (nth 0%ZZ v i) by rewrite H zr0 add0r.
elim: u v c sv => [|x u IH] [|z v] c //= => [_|[sv]]; first by rewrite big_ord0 addr0.
rewrite IH // big_ord_recl /= addrA; congr (_ + _); rewrite zr_eq zr0.
by case: eqP => [->|_]; rewrite ?zrD ?zrM ?mul0r ?addr0.
Qed.

(* Rounded to multiples of u; exactly if u = 1. *)
Definition room (u : Z) : R := (u != 1%ZZ)%:R.
Lemma room01 u : 0 <= room u <= 1.
Proof. by rewrite /room; case: (_ != _); rewrite ?lexx ?ler01. Qed.

Lemma rounded1E u x f : 0 < zr u -> rounded1 quotient u x = Some f -> `|zr x - zr u * zr f| <= zr u * room u.
Proof.
have [r0 _] := andP (room01 u); move=> u0; rewrite /rounded1 zr_eq zr0; case: eqP => [x0 [<-]|_].
  by rewrite x0 zr0 mulr0 subr0 normr0; apply: mulr_ge0 => //; apply: ltW.
set q := quotient _ _; case E: (_ <? _)%ZZ => // -[<-]; move: E; rewrite zr_lt absoluteE zrB zrM => E.
rewrite /room; case: eqP => [u1|_] /=; last by rewrite mulr1 ltW.
rewrite u1 zr1 mul1r -zrB in E *; rewrite mul1r.
have : absolute (x - q) = 0%ZZ.
  have /Z.ltb_lt : (absolute (x - q) <? 1)%ZZ by rewrite zr_lt absoluteE zr1.
  rewrite /absolute; case: Z.ltb_spec; lia.
by move=> /(congr1 zr); rewrite absoluteE zr0 => ->.
Qed.

Lemma roundedE u done v w : 0 < zr u -> rounded quotient u done v = Some w ->
  exists t, [/\ w = rev done ++ t, size t = size v &
    forall i, `|zr (nth 0%ZZ v i) - zr u * zr (nth 0%ZZ t i)| <= zr u * room u].
Proof.
move=> u0; have [r0 _] := andP (room01 u); elim: v done => [|x v IH] done /=.
  case=> <-; exists [::]; rewrite cats0; split=> // i.
  by rewrite !nth_nil zr0 mulr0 subr0 normr0; apply: mulr_ge0 => //; apply: ltW.
case E: (rounded1 _ _ _) => [f|] // /IH [t [-> st h]]; exists (f :: t).
rewrite rev_cons cat_rcons; split=> //=; first by rewrite st.
by case=> [|i] //=; apply: rounded1E E.
Qed.

Lemma unit_of_pos u : 0 < zr (unit_of quotient precision u).
Proof. by rewrite /unit_of; case E: (_ <? _)%ZZ; [rewrite zr_lt zr0 in E|rewrite zr1 ltr01]. Qed.

(* --- The problem ------------------------------------------------------------------------------------------ *)

Variables (n d : nat) (P : problem R n d) (D : data).
Hypothesis SP : stands_problem P D.
Local Notation Xs := (zr (X_scale D)).
Definition vec m (v : seq Z) : 'cV[R]_m := \col_i zr (nth 0%ZZ v i).
Definition form (v : 'cV[R]_d) (c : R) : 'cV[R]_n := X P *m v - c *: y P.
Definition lin v c : 'cV[R]_d := (X P)^T *m form v c.

Lemma Xs0 : 0 < Xs. Proof. by have [_ []] := SP. Qed.
Lemma n0 : 0 < n%:R :> R. Proof. by have [_ [n0 _ _]] := SP; rewrite ltr0n. Qed.
Lemma nr : zr (n_rows D) = n%:R. Proof. by have [_ [_ _ ->]] := SP. Qed.
Lemma gradE b : grad P b = n%:R^-1 *: lin b 1.
Proof. by rewrite /grad /lin /form scale1r. Qed.
Lemma formD v c v' c' : form (v + v') (c + c') = form v c + form v' c'.
Proof. by rewrite /form mulmxDr scalerDl opprD addrACA. Qed.
Lemma formZ a v c : form (a *: v) (a * c) = a *: form v c.
Proof. by rewrite /form -scalemxAr scalerBr scalerA. Qed.
Lemma linD v c v' c' : lin (v + v') (c + c') = lin v c + lin v' c'.
Proof. by rewrite /lin formD mulmxDr. Qed.
Lemma linZ a v c : lin (a *: v) (a * c) = a *: lin v c.
Proof. by rewrite /lin formZ scalemxAr. Qed.
Lemma formE v c j : form v c j 0 = \sum_i X P j i * v i 0 - c * y P j 0.
Proof. by rewrite !mxE. Qed.
Lemma linE v c i : lin v c i 0 = \sum_j X P j i * form v c j 0.
Proof. by rewrite mxE; apply: eq_bigr => j _; rewrite mxE. Qed.

Lemma residualE v c : size v = d -> size (residual D v c) = n /\
  forall j : 'I_n, zr (nth 0%ZZ (residual D v c) j) = Xs * form (vec d v) (zr c) j 0.
Proof.
move=> sv; have [[sX sC sy sT] _ [XE yE] _] := SP.
have sy' : size (map1 (fun y => - c * y)%ZZ (y_values D)) = n by rewrite map1E size_map.
have [sm mE] := combineE R sy' sv sX sC; split=> // j.
rewrite mE // map1E (nth_map 0%ZZ) ?sy // zrM zrN -yE formE mulrBr addrC; congr (_ + _).
  rewrite big_distrr /=; apply: eq_bigr => i _; rewrite !mxE -XE.
  by rewrite mulrC mulrA.
by rewrite mulNr mulrCA.
Qed.

Definition column_at i := nth [::] (X_columns D) i.
Lemma size_column (i : 'I_d) : size (column_at i) = n.
Proof. by have [[sX sC _ _] _ _ _] := SP; apply/sC/InP; rewrite sX. Qed.
Lemma dot_columnE (i : 'I_d) u : size u = n -> zr (dot (column_at i) u) = Xs * \sum_j X P j i * zr (nth 0%ZZ u j).
Proof.
move=> su; have [_ _ [XE _] _] := SP; rewrite (dotE R (size_column i) su) big_distrr /=.
by apply: eq_bigr => j _; rewrite -XE mulrA.
Qed.
Lemma dot_yE u : size u = n -> zr (dot (y_values D) u) = Xs * \sum_j y P j 0 * zr (nth 0%ZZ u j).
Proof.
move=> su; have [[_ _ sy _] _ [_ yE] _] := SP; rewrite (dotE R sy su) big_distrr /=.
by apply: eq_bigr => j _; rewrite -yE mulrA.
Qed.

Lemma dot_residualE (i : 'I_d) v c : size v = d ->
  zr (dot (column_at i) (residual D v c)) = Xs * Xs * lin (vec d v) (zr c) i 0.
Proof.
move=> sv; have [sr rE] := residualE c sv; rewrite dot_columnE // linE -mulrA; congr (_ * _).
by rewrite big_distrr /=; apply: eq_bigr => j _; rewrite rE mulrCA.
Qed.

(* u close to U row by row makes products with a column close. *)
Lemma dot_close (i : 'I_d) u (U : 'I_n -> R) e : size u = n -> (forall j, `|U j - zr (nth 0%ZZ u j)| <= e) ->
  `|Xs * (\sum_j X P j i * U j) - zr (dot (column_at i) u)| <= e * zr (norm (column_at i)).
Proof.
move=> su h; rewrite dot_columnE // -mulrBr -sumrB big_distrr /=; apply: le_trans (ler_norm_sum _ _ _) _.
rewrite normE size_column mulr_sumr; apply: ler_sum => j _.
have [_ _ [XE _] _] := SP; rewrite -mulrBr mulrA XE normrM mulrC.
by apply: ler_wpmul2r; rewrite ?normr_ge0.
Qed.

(* --- Before the replay ------------------------------------------------------------------------------------ *)

Variables (use : seq (bool * bool)) (s0 : vector).
Hypotheses (suse : size use = d) (S0 : stands s0 (Spec.start P)).
Let K := kit_of precision D use s0.
Definition no_coordinate := Coordinate [::] 0 false None 0 ((1, 0), (1, 0))%ZZ (0, 0)%ZZ (0, 0)%ZZ.
Definition coordinate_at i := nth no_coordinate (coordinates K) i.

Lemma size_coordinates : size (coordinates K) = d.
Proof.
have [[sX _ _ sT] _ _ _] := SP; have [ss _ _] := S0.
by rewrite /K /= !size_map2 ?sX ?ss ?sT ?suse.
Qed.

Lemma coordinateE (i : 'I_d) : coordinate_at i =
  coordinate_of precision D (scale s0) (column_at i, nth (false, false) use i)
    (nth 0%ZZ (values s0) i, nth ((1, 0), (1, 0))%ZZ (thresholds D) i).
Proof.
have [[sX _ _ sT] _ _ _] := SP; have [ss _ _] := S0.
rewrite /coordinate_at /K /= (nth_map2 _ ([::], (false, false)) (0, ((1, 0), (1, 0)))%ZZ); last 2 first.
- by rewrite !size_map2 ?sX ?ss ?sT ?suse.
- by rewrite size_map2 ?ss ?sT.
by rewrite (nth_map2 _ [::] (false, false)) ?(nth_map2 _ 0%ZZ ((1, 0), (1, 0))%ZZ) ?sX ?ss ?sT ?suse.
Qed.
Lemma columnE (i : 'I_d) : column (coordinate_at i) = column_at i.
Proof. by rewrite coordinateE /=; case: (nth _ use i) => a k; case: (nth _ (thresholds D) i) => [[? ?] [? ?]]. Qed.
Lemma column_normE (i : 'I_d) : column_norm (coordinate_at i) = norm (column_at i).
Proof. by rewrite coordinateE /=; case: (nth _ use i) => a k; case: (nth _ (thresholds D) i) => [[? ?] [? ?]]. Qed.
Lemma boxE (i : 'I_d) : box_ (coordinate_at i) = nth ((1, 0), (1, 0))%ZZ (thresholds D) i.
Proof. by rewrite coordinateE /=; case: (nth _ use i) => a k; case: (nth _ (thresholds D) i) => [[? ?] [? ?]]. Qed.
Lemma startE (i : 'I_d) : zr (start_ (coordinate_at i)) = zr (scale s0) * Spec.start P i 0.
Proof.
have [_ _ ->] := S0; rewrite coordinateE /=; case: (nth _ use i) => a k.
by case: (nth _ (thresholds D) i) => [[? ?] [? ?]].
Qed.

Lemma productsE (i : 'I_d) row p v c : size v = d -> products (coordinate_at i) = Some (row, p) ->
  zr (sparse v row - c * p)%ZZ = Xs * Xs * lin (vec d v) (zr c) i 0.
Proof.
move=> sv; have [[sX sC sy sT] _ [XE yE] _] := SP; rewrite coordinateE /=; case: (nth _ use i) => a k.
case: (nth _ (thresholds D) i) => [[? ?] [? ?]] /=; case: a => // -[<- <-].
rewrite zrB zrM (sparseE (m := d) sv) ?map1E ?size_map ?sX // dot_columnE ?sy //.
have -> : \sum_(j < d) zr (nth 0%ZZ v j) * zr (nth 0%ZZ (map (dot (column_at i)) (X_columns D)) j) =
    Xs * Xs * \sum_(j < d) zr (nth 0%ZZ v j) * \sum_k X P k i * X P k j.
  rewrite big_distrr /=; apply: eq_bigr => j _; rewrite (nth_map [::]) ?sX // -/(column_at j).
  rewrite dot_columnE ?size_column // [RHS]mulrCA -[Xs * Xs * _]mulrA [in RHS]big_distrr /=.
  congr (_ * (_ * _)); apply: eq_bigr => l _; by rewrite -XE mulrCA.
have -> : \sum_j X P j i * zr (nth 0%ZZ (y_values D) j) = Xs * \sum_j X P j i * y P j 0.
  by rewrite big_distrr /=; apply: eq_bigr => j _; rewrite -yE mulrCA.
rewrite [Xs * (Xs * _)]mulrA mulrCA -mulrBr; congr (_ * _); rewrite linE.
under [RHS]eq_bigr do rewrite formE mulrBr.
rewrite sumrB; congr (_ - _).
  under [RHS]eq_bigr do rewrite big_distrr /=.
  rewrite exchange_big /=; apply: eq_bigr => j _; rewrite big_distrr /=; apply: eq_bigr => l _.
  by rewrite mxE mulrC mulrA.
by rewrite big_distrr /=; apply: eq_bigr => j _; rewrite mulrCA.
Qed.

Lemma y_productsE v : size v = d -> zr (sparse v (y_products K)) = Xs * Xs * \sum_j y P j 0 * (X P *m vec d v) j 0.
Proof.
move=> sv; have [[sX sC sy sT] _ [XE yE] _] := SP.
rewrite (sparseE (m := d) sv) /= ?map1E ?size_map ?sX //.
under [in RHS]eq_bigr do rewrite mxE big_distrr /=.
rewrite exchange_big /= big_distrr /=; apply: eq_bigr => i _.
rewrite (nth_map [::]) ?sX // dot_yE ?size_column // mulrCA -mulrA !big_distrr /=; apply: eq_bigr => j _.
rewrite -XE !mxE; ring.
Qed.
Lemma y_squareE : zr (y_square K) = Xs * Xs * \sum_j y P j 0 * y P j 0.
Proof.
have [[_ _ sy _] _ [_ yE] _] := SP; rewrite /= dot_yE // -mulrA; congr (_ * _); rewrite big_distrr /=.
by apply: eq_bigr => j _; rewrite -yE mulrCA.
Qed.

Lemma row_normE (j : 'I_n) : `|Xs * y P j 0| + \sum_i `|Xs * X P j i| <= zr (row_norm K).
Proof.
have [[sX sC sy sT] _ [XE yE] _] := SP; rewrite /=.
set u := combine _ _ _; suff -> : `|Xs * y P j 0| + \sum_i `|Xs * X P j i| = `|zr (nth 0%ZZ u j)| by apply: largestE.
have sy' : size (map1 absolute (y_values D)) = n by rewrite map1E size_map.
have s1 : size (map1 (fun _ : seq Z => 1%ZZ) (X_columns D)) = d by rewrite map1E size_map.
have sX' : size (map1 (map1 absolute) (X_columns D)) = d by rewrite map1E size_map.
have sC' c : List.In c (map1 (map1 absolute) (X_columns D)) -> size c = n.
  rewrite map1E => /List.in_map_iff [c' [<- /sC sc]]; by rewrite map1E size_map.
have [_ uE] := combineE R sy' s1 sX' sC'; rewrite /u uE // [in RHS]ger0_norm.
  rewrite map1E (nth_map 0%ZZ) ?sy // absoluteE yE; congr (_ + _); apply: eq_bigr => i _.
  rewrite !map1E !(nth_map [::]) ?sX // zr1 mul1r map1E (nth_map 0%ZZ) ?(size_column i) // absoluteE.
  by rewrite XE.
apply: addr_ge0; first by rewrite map1E (nth_map 0%ZZ) ?sy // absoluteE normr_ge0.
apply: sumr_ge0 => i _.
rewrite !map1E !(nth_map [::]) ?sX // zr1 mul1r map1E (nth_map 0%ZZ) ?(size_column i) // absoluteE.
exact: normr_ge0.
Qed.

(* --- Slopes ----------------------------------------------------------------------------------------------- *)

Definition encloses (a : rough) v c := [/\ size (top a) = n, 0 < zr (coarse a), 0 < zr (fine a), 0 <= zr (slack a) &
  forall j : 'I_n, `|Xs * form (vec d v) (zr c) j 0 - zr (coarse a) * (zr (fine a) * zr (nth 0%ZZ (top a) j))|
    <= zr (coarse a) * zr (slack a)].

Lemma rough_ofE a v c : size v = d -> rough_of quotient precision D K v c = Some a -> encloses a v c.
Proof.
move=> sv; rewrite /rough_of; set u := unit_of _ _ _; have u0 : 0 < zr u := unit_of_pos _.
case E: (rounded1 _ _ _) => [c'|] //; have {}E := rounded1E u0 E.
case F: (rounded _ _ _ _) => [v'|] //; have [t [/= vE st h]] := roundedE u0 F; rewrite {}vE {F} in h *.
set r := residual _ _ _; set u' := unit_of _ _ r; have u'0 : 0 < zr u' := unit_of_pos _.
case G: (rounded _ _ _ _) => [top'|] // [<-]; have [w [/= wE sw k]] := roundedE u'0 G; rewrite {}wE {G}.
rewrite sv in st; have [sr rE] := residualE c' st; have [r0 r1] := andP (room01 u); have [r0' _] := andP (room01 u').
have roomE x e : zr (if (x =? 1)%ZZ then 0%ZZ else e) = room x * zr e.
  by rewrite /room; case: Z.eqb_spec => [->|/eqP/negPf ->]; rewrite ?eqxx ?mul0r //= mul1r.
have n_pos : (0 < n)%N by have [_ []] := SP.
have row0 : 0 <= zr (row_norm K).
  by apply: le_trans (row_normE (Ordinal n_pos)); rewrite addr_ge0 ?normr_ge0 ?sumr_ge0.
split=> /=; rewrite ?sw //; first by rewrite zrD !roomE; apply: addr_ge0; apply: mulr_ge0 => //; apply: ltW.
move=> j; rewrite zrD !roomE mulrDr.
rewrite -[Xs * _](subrK (zr u * zr (nth 0%ZZ r j))) -addrA; apply: le_trans (ler_norm_add _ _) _.
apply: ler_add; last first.
  rewrite -mulrBr normrM (gtr0_norm u0); apply: ler_wpmul2l (ltW u0) _ _ _.
  by rewrite [room u' * _]mulrC.
have -> : Xs * form (vec d v) (zr c) j 0 - zr u * zr (nth 0%ZZ r j) =
    \sum_i Xs * X P j i * (zr (nth 0%ZZ v i) - zr u * zr (nth 0%ZZ t i)) - Xs * y P j 0 * (zr c - zr u * zr c').
  rewrite rE !formE; under [X in _ = X - _]eq_bigr do rewrite mulrBr.
  rewrite sumrB.
  have -> : \sum_i Xs * X P j i * zr (nth 0%ZZ v i) = Xs * \sum_i X P j i * (vec d v) i 0.
    by rewrite big_distrr /=; apply: eq_bigr => i _; rewrite mxE mulrA.
  have -> : \sum_i Xs * X P j i * (zr u * zr (nth 0%ZZ t i)) = zr u * (Xs * \sum_i X P j i * (vec d t) i 0).
    by rewrite !big_distrr /=; apply: eq_bigr => i _; rewrite mxE; ring.
  move: (\sum_i _ ) (\sum_i _) => A B; ring.
apply: le_trans (ler_norm_sub _ _) _; rewrite addrC mulrA.
apply: le_trans (ler_add (_ : _ <= `|Xs * y P j 0| * (zr u * room u)) (_ : _ <= (\sum_i `|Xs * X P j i|) * (zr u * room u))) _.
- by rewrite normrM; apply: ler_wpmul2l; rewrite ?normr_ge0.
- apply: le_trans (ler_norm_sum _ _ _) _; rewrite mulr_suml; apply: ler_sum => i _.
  by rewrite normrM; apply: ler_wpmul2l; rewrite ?normr_ge0.
rewrite -mulrDl mulrC; apply: ler_wpmul2l (row_normE j); apply: mulr_ge0 => //; exact: ltW.
Qed.

End Enclosures.
