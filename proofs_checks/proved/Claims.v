(* Each test of the checker, at a saddle, says what its claim says. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ ring.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Claims.
Variable R : realFieldType.
Variables quotient gcd : Z -> Z -> Z.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).
Local Notation value := (@value R).
Variables (n d : nat) (P : problem R n d) (D : data).
Hypothesis SP : stands_problem P D.
Implicit Types (s beta : 'cV[R]_d) (x : state).
Let well : well_posed P := posed SP.

Lemma signs (c v w : R) : 0 < c -> c * v = w ->
  [/\ (w == 0) = (v == 0), (w < 0) = (v < 0), (0 < w) = (0 < v), (w <= 0) = (v <= 0) & (0 <= w) = (0 <= v)].
Proof.
move=> c0 <-; rewrite mulf_eq0 gt_eqF //=.
by rewrite pmulr_rlt0 // pmulr_rgt0 // pmulr_rle0 // pmulr_rge0.
Qed.

Lemma signs_some (v w : R) : (exists2 c, 0 < c & c * v = w) ->
  [/\ (w == 0) = (v == 0), (w < 0) = (v < 0), (0 < w) = (0 < v), (w <= 0) = (v <= 0) & (0 <= w) = (0 <= v)].
Proof. by case=> c; exact: signs. Qed.

Section OneState.
Variables (x : state) (s beta : 'cV[R]_d).
Hypothesis SX : stands_signs P D x s beta.

Lemma at_indexN i : at_index i = None <-> i = None.
Proof. by case: i. Qed.
Lemma allE (bad : cell -> bool) : at_index (find bad 0 (cells x)) = None <-> forall i : 'I_d, ~~ bad (at_ x i).
Proof.
have [sz _ _ _] := SX; rewrite at_indexN (findN _ _ _ no_cell) sz.
by split=> h => [i|i lt]; [apply: h|apply: (h (Ordinal lt))].
Qed.

Lemma placeE (i : 'I_d) (p := place (at_ x i)) :
  [/\ is_upper p = on_upper P s i, is_lower p = on_lower P s i,
      is_above p = ~~ below (s i 0) (upper P i) & is_below p = ~~ below (- s i 0) (lower P i)].
Proof.
have [_ _ cE _] := SX; have [_ _ _ [_ l u]] := SP; have [h _ _ bE] := cE i.
by rewrite /on_upper /on_lower l u -bE.
Qed.

Lemma in_boxE : find outside 0 (cells x) = None <-> in_box P s.
Proof.
rewrite -at_indexN allE; split=> h i; have [_ _ a b] := placeE i; have := h i; rewrite /outside.
  by move: a b; case: (place _) => //= /esym/negbFE -> /esym/negbFE ->.
by case=> up lo; move: a b; rewrite up lo; case: (place _).
Qed.

Hypothesis box : in_box P s.
(* The sign of coordinate i, by cases. *)
Inductive signed (i : 'I_d) : Z -> Prop :=
  | OnUpper of on_upper P s i & on_lower P s i = false : signed i 1%ZZ
  | OnLower of on_upper P s i = false & on_lower P s i : signed i (-1)%ZZ
  | Between of on_upper P s i = false & on_lower P s i = false : signed i 0%ZZ.
Lemma signP (i : 'I_d) : signed i (sign (place (at_ x i))).
Proof.
have [u l a b] := placeE i; have [bu bl] := box i; move: u l a b; rewrite bu bl.
by case: (place _) => //= u l _ _; constructor.
Qed.

Lemma coneE : Check.cone x = None <-> Spec.cone P s beta.
Proof.
have [_ [b0 _] cE _] := SX; rewrite allE.
have H (i : 'I_d) : ~~ (nonzero (b (at_ x i)) && (b (at_ x i) * sign (place (at_ x i)) <=? 0)%ZZ) <->
    [/\ on_upper P s i -> 0 <= beta i 0, on_lower P s i -> beta i 0 <= 0 &
        ~~ on_upper P s i -> ~~ on_lower P s i -> beta i 0 = 0].
  have [_ e _ _] := cE i; have [z _ _ le ge] := signs b0 e.
  rewrite nonzeroE zr_le zrM z negb_and negbK.
  case: (signP i) => [u l|u l|u l]; rewrite u l ?zr1 ?zrN1 ?zr0 ?mulr1 ?mulrN1 ?mulr0 ?oppr_le0 ?le ?ge ?lexx ?orbF.
  - by rewrite -ltNge -[_ == 0]eq_sym -le_eqVlt; split=> [h|[h _ _]]; [split|apply: h].
  - by rewrite -ltNge -le_eqVlt; split=> [h|[_ h _]]; [split|apply: h].
  by split=> [/eqP h|[_ _ h]]; [split|rewrite h].
by split=> h i; apply/H; apply: h.
Qed.

Lemma kktE : stationary x = None /\ dual_sign x = None <-> kkt P s beta.
Proof.
have [_ [b0 _] cE _] := SX; rewrite /stationary /dual_sign !allE.
have H (i : 'I_d) : 
    ~~ (nonzero (b (at_ x i)) && nonzero (g (at_ x i))) /\ ~~ (sign (place (at_ x i)) * g (at_ x i) <? 0)%ZZ <->
    [/\ beta i 0 != 0 -> grad P beta i 0 = 0, on_upper P s i -> 0 <= grad P beta i 0 &
        on_lower P s i -> grad P beta i 0 <= 0].
  have [_ e f _] := cE i; have [zb _ _ _ _] := signs b0 e; have [zg _ _ le ge] := signs_some f.
  rewrite !nonzeroE zr_lt zrM zb zg -leNgt.
  have -> : ~~ ((beta i 0 != 0) && (grad P beta i 0 != 0)) <-> (beta i 0 != 0 -> grad P beta i 0 = 0).
    rewrite negb_and !negbK; split=> [/orP[/eqP ->|/eqP]|h] //; first by rewrite eqxx.
    by case: (eqVneq (beta i 0) 0) h => //= _ h; rewrite h.
  case: (signP i) => [u l|u l|u l]; rewrite u l ?zr1 ?zrN1 ?zr0 ?mul1r ?mulN1r ?mul0r ?oppr_ge0 ?le ?ge ?lexx.
  - by split=> [[h1 h2]|[h1 h2 _]]; split=> //; apply: h2.
  - by split=> [[h1 h2]|[h1 _ h2]]; split=> //; apply: h2.
  by split=> [[h1 _]|[h1 _ _]]; split.
split=> [[h1 h2] i|h]; first by apply/H.
by split=> i; have /H[] := h i.
Qed.

Lemma endE : end_ x = None <-> no_hit P (grad P beta).
Proof.
have [_ _ cE _] := SX; have [_ _ _ [t l u]] := SP; rewrite /end_ allE.
have H (i : 'I_d) : ~~ (nonzero (g (at_ x i)) && nonzero (ahead (at_ x i)).2) <->
    [/\ grad P beta i 0 < 0 -> upper P i = None & 0 < grad P beta i 0 -> lower P i = None].
  have [_ _ f bE] := cE i; have [zg lt gt _ _] := signs_some f; rewrite /ahead nonzeroE zg zr_lt lt bE.
  rewrite u l /bound /nonzero; case: (ltgtP (grad P beta i 0) 0) => [h|h|h] /=.
  - by case: (_ =? 0)%ZZ; split=> //= -[h' _]; have := h' isT.
  - by case: (_ =? 0)%ZZ; split=> //= -[_ h']; have := h' isT.
  by split=> // _; split.
by split=> h i; apply/H; apply: h.
Qed.
Lemma lossE : 0 < zr (saddle_loss (stated x)).2 ->
  loss x = None <-> value (saddle_loss (stated x)) = Spec.loss P beta.
Proof.
have [_ [_ r0] _ <-] := SX => q0; rewrite /loss /equal zr_eq !zrM /Meaning.value.
rewrite -[X in (if X then _ else _) = _](eqr_div _ _ (negbT (gt_eqF q0)) (negbT (gt_eqF r0))).
by case: eqP.
Qed.
End OneState.

Lemma unit_waitE x until : 0 < zr (g_scale x) -> 0 < zr until.2 -> 0 < zr (jump_time (stated x)).2 ->
  stands (unit_wait quotient gcd x until)
    (const_mx ((value until - value (jump_time (stated x))) / zr (g_scale x)) : 'cV_1).
Proof.
rewrite /unit_wait => g0; case: until => p q; case: (jump_time _) => a c /= q0 c0.
case S: (if _ then _ else _) => [q' c'].
have [q'0 cross] : 0 < zr q' /\ zr q * zr c' = zr q' * zr c.
  move: S; case E: (_ && _); last by case=> <- <-.
  case=> <- <-; move: E; rewrite zr_lt !zr_eq !zrM => /andP[/andP[e0 /eqP eq] /eqP ec].
  by rewrite -(pmulr_lgt0 _ e0) eq q0; split=> //; rewrite -eq -ec mulrAC mulrA.
have c'0 : 0 < zr c' by rewrite -(pmulr_rgt0 _ q0) cross mulr_gt0.
split=> //=; first by rewrite !zrM !mulr_gt0.
move=> i; rewrite ord1 mxE /= zrB !zrM /Meaning.value /=.
have -> : zr p / zr q = zr p * zr c' / (zr q' * zr c) by rewrite -cross; field; rewrite !gt_eqF.
by field; rewrite !gt_eqF.
Qed.

Lemma movedE x s beta until : stands_state P D x s beta -> 0 < zr until.2 -> 0 < zr (jump_time (stated x)).2 ->
  stands (Check.moved quotient gcd x until)
         (Spec.moved s (grad P beta) (value until - value (jump_time (stated x)))).
Proof.
move=> SX q0 c0; have [sz [s0 _ g0 _] cE _] := SX; rewrite /Check.moved.
have [sw w0 wE] := unit_waitE g0 q0 c0; set w := unit_wait _ _ _ _ in sw w0 wE *; set e := _ - _ in wE *.
have {}wE : zr (scale w) * (e / zr (g_scale x)) = zr (nth 0%ZZ (values w) 0) by rewrite -(wE 0) mxE.
set m := gcd _ _; set keep := (if _ then quotient (scale w) m else _); set f := (if _ then _ else _).
have [k0 kE] : 0 < zr keep /\ zr keep * zr (s_scale x) = zr f * zr (scale w).
  rewrite /keep /f; case E: (_ && _); last by rewrite mulrC.
  by move: E; rewrite zr_lt zr_eq !zrM => /andP[/eqP E k0].
apply: reducedE; split=> /=; first by rewrite map1E size_map.
  by rewrite zrM mulr_gt0.
move=> i; rewrite map1E (nth_map no_cell) ?sz // zrB !zrM -/(at_ x i).
have [sE _ gE _ _] := cE i; rewrite -sE -gE Runs.movedE -nth0 -{}wE.
rewrite /= mulrBr -mulrA; congr (_ - _); rewrite mulrA kE; field; by rewrite gt_eqF.
Qed.

(* The hit at the end of a wait, seen from the state after it. *)
Lemma first_hitE x s beta next s' beta' : stands_signs P D x s beta -> stands_signs P D next s' beta' ->
  0 < zr (jump_time (stated x)).2 -> 0 < zr (jump_time (stated next)).2 ->
  first_hit x (Some next) = None <->
  [/\ value (jump_time (stated x)) < value (jump_time (stated next)), in_box P s' &
      lands_ahead P s' (grad P beta)].
Proof.
move=> SX SY q0 c0; rewrite /first_hit.
case: (jump_time _) q0 => p q /= q0; case: (jump_time _) c0 => a c /= c0.
have -> : (a * q <=? p * c)%ZZ = ~~ (value (p, q) < value (a, c)).
  by rewrite zr_le !zrM -leNgt /Meaning.value ler_pdivr_mulr // mulrAC ler_pdivl_mulr.
case: (_ < _) => /=; last by split=> [|[]].
have bE := in_boxE SY; case: (find _ _ _) bE => [i|] bE.
  by split=> // [[_ /bE]].
have box : in_box P s' by apply/bE.
have [sx _ cx _] := SX; have [sy _ cy _] := SY.
rewrite fold2E.
have -> : foldl (fun c p => c || (sign (place p.2) * g p.1 <? 0)%ZZ) false (zip (cells x) (cells next)) =
    has (fun p => (sign (place p.2) * g p.1 <? 0)%ZZ) (zip (cells x) (cells next)).
  set f := fun c p => _; have H u e : foldl f e u = e || has (fun p => (sign (place p.2) * g p.1 <? 0)%ZZ) u.
    by elim: u e => [|z u IH] e /=; rewrite ?orbF // IH /f orbA.
  by rewrite H.
have sz : size (zip (cells x) (cells next)) = d by rewrite size_zip sx sy minnn.
have cellE (i : 'I_d) : (sign (place (at_ next i)) * g (at_ x i) <? 0)%ZZ =
    (grad P beta i 0 < 0) && on_upper P s' i || (0 < grad P beta i 0) && on_lower P s' i.
  have [_ _ e _] := cx i; have [_ lt gt _ _] := signs_some e.
  rewrite zr_lt zrM; case: (signP SY box i) => [u l|u l|u l]; rewrite u l ?zr1 ?zrN1 ?zr0 ?mul1r ?mulN1r ?mul0r.
  - by rewrite lt andbT andbF orbF.
  - by rewrite oppr_lt0 gt andbT andbF.
  by rewrite ltxx !andbF.
have E : has (fun p => (sign (place p.2) * g p.1 <? 0)%ZZ) (zip (cells x) (cells next)) <->
    lands_ahead P s' (grad P beta).
  split=> [/(has_nthP (no_cell, no_cell)) [i]|[i h]].
    rewrite sz => lt; rewrite nth_zip ?sx ?sy //= => h; exists (Ordinal lt).
    by rewrite -cellE.
  apply/(has_nthP (no_cell, no_cell)); exists i; first by rewrite sz.
  by rewrite nth_zip ?sx ?sy //= -/(at_ next i) -/(at_ x i) cellE.
case: (has _ _) E => E; split=> //; first by split=> //; apply/E.
by case=> _ _ /E.
Qed.
End Claims.
