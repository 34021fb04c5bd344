(* The slopes, the loss and the integrals of Quick.v, from saddle to saddle. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers States Quick Enclosures.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Integrals.
Variable R : realFieldType.
Variables (quotient gcd : Z -> Z -> Z) (precision : Z).
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R). Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R). Local Notation value := (@value R).
Variables (n d : nat) (P : problem R n d) (D : data).
Hypothesis SP : stands_problem P D.
Local Notation Xs := (zr (X_scale D)).
Local Notation form := (form P).
Local Notation lin := (lin P).
Local Notation column_at := (column_at D).
Variables (use : seq (bool * bool)) (s0 : vector).
Hypotheses (suse : size use = d) (S0 : stands s0 (Spec.start P)).
Let K := kit_of precision D use s0.
Local Notation coordinate_at := (coordinate_at precision D use s0).
Let Xs0 : 0 < Xs := Xs0 SP.
Let n0 : 0 < n%:R :> R := n0 SP. Let size_K : size (coordinates K) = d := size_coordinates precision SP suse S0.

(* --- Slopes and loss -------------------------------------------------------------------------------------- *)
Section Slopes.
Variables (v : seq Z) (c : Z) (beta : 'cV[R]_d) (a : rough). Hypotheses (sv : size v = d) (c0 : 0 < zr c) (vE : forall i : 'I_d, zr c * beta i 0 = zr (nth 0%ZZ v i)).
Hypothesis A : encloses P D a v c.

Lemma vecE : vec R d v = zr c *: beta. Proof. by apply/matrixP => i j; rewrite ord1 !mxE vE. Qed.
Lemma linvE : lin (vec R d v) (zr c) = zr c * n%:R *: grad P beta.
Proof.
rewrite vecE -[X in lin _ X]mulr1 linZ gradE !scalerA -mulrA divff ?mulr1 //; exact: lt0r_neq0.
Qed.
Lemma lin_atE i : lin (vec R d v) (zr c) i 0 = zr c * n%:R * grad P beta i 0.
Proof. by rewrite linvE [LHS]mxE. Qed.
Lemma formvE : form (vec R d v) (zr c) = zr c *: form beta 1.
Proof. by rewrite vecE -[X in form _ X]mulr1 formZ. Qed.
Lemma form_atE j : form (vec R d v) (zr c) j 0 = zr c * (X P *m beta - y P) j 0.
Proof. by rewrite formvE [LHS]mxE /Enclosures.form scale1r. Qed.
Lemma form_partsE j : form (vec R d v) (zr c) j 0 = (X P *m vec R d v) j 0 - zr c * y P j 0.
Proof. by rewrite /Enclosures.form [LHS]mxE; congr (_ + _); rewrite !mxE. Qed.
Lemma near_pos (F m u w : R) : 0 < u -> `|F - u * m| <= u * w -> w < `|m| -> 0 < m -> 0 < F.
Proof.
move=> u0 /ler_normlP [near _] far m0; rewrite gtr0_norm // -(ltr_pmul2l u0) in far.
have -> : F = (u * w - (- (F - u * m))) + (u * m - u * w) by ring.
by rewrite ltr_paddl ?subr_ge0 ?subr_gt0.
Qed.
Lemma near_sign (k x m u w : R) : 0 < k -> 0 < u -> `|k * x - u * m| <= u * w -> w < `|m| ->
  exists2 f, 0 < f & f * x = m.
Proof.
move=> k0 u0 near far; have w0 : 0 <= w by rewrite -(pmulr_rge0 _ u0) (le_trans (normr_ge0 _) near).
have [m0|m0|m0] := ltrgtP 0 m.
- have x0 : 0 < x by rewrite -(pmulr_rgt0 _ k0); apply: near_pos near far m0.
  by exists (m / x); rewrite ?divr_gt0 // divfK ?gt_eqF.
- have x0 : 0 < - x.
    rewrite -(pmulr_rgt0 _ k0); apply: (@near_pos _ (- m) u w) => //; rewrite ?normrN ?oppr_gt0 //.
    by rewrite !mulrN opprK -normrN opprD opprK.
  exists (m / x); last by rewrite divfK // lt_eqF // -oppr_gt0.
  by rewrite -mulrNN -invrN divr_gt0 // oppr_gt0.
by move: far; rewrite -m0 normr0 ltNge w0.
Qed.

Definition exact_at i f := f = Xs * Xs * lin (vec R d v) (zr c) i 0.
Lemma exact_slope i f : exact_at i (zr f) -> exists2 k, 0 < k & k * grad P beta i 0 = zr f.
Proof.
move=> ->; exists (Xs * Xs * (zr c * n%:R)); first by rewrite !mulr_gt0.
by rewrite lin_atE; ring.
Qed.

Lemma slope_ofE (i : 'I_d) f : slope_of a v c (coordinate_at i) (nth 0%ZZ v i) = Some f ->
  (exists2 k, 0 < k & k * grad P beta i 0 = zr f) /\
  (kept (coordinate_at i) || nonzero (nth 0%ZZ v i) -> exact_at i (zr f)).
Proof.
rewrite /slope_of /=; set exact := (X in if _ then _ else X).
have exactE : exact = Some f -> exact_at i (zr f).
  rewrite /exact; case E: (products _) => [[row p]|] // [<-]; exact: productsE E.
case: ifP => [E|_]; last by move=> /exactE h; split=> //; apply: exact_slope h.
case: ifP => [far|_]; last by move=> /exactE h; split=> //; apply: exact_slope h.
case=> <-; split; last first.
  by move: E => /andP[/Z.eqb_eq -> /negPf ->]; rewrite /nonzero.
have [st u0 f0 w0 near] := A; move: far; rewrite zr_lt absoluteE !zrM (column_normE precision SP suse S0) (columnE precision SP suse S0) => far.
have := dot_close SP i st (e := zr (slack a) / zr (fine a)) (U := fun j => Xs * form (vec R d v) (zr c) j 0 / (zr (coarse a) * zr (fine a))).
set F := \sum_j _ => close.
have {}close : `|Xs * F - zr (dot (column_at i) (top a))| <= zr (slack a) / zr (fine a) * zr (norm (column_at i)).
  apply: close => j; have uf : 0 < zr (coarse a) * zr (fine a) by rewrite mulr_gt0.
  rewrite -(ler_pmul2l uf) -{1}(gtr0_norm uf) -normrM mulrBr [_ * (_ / _)]mulrC divfK ?gt_eqF //.
  have -> : zr (coarse a) * zr (fine a) * (zr (slack a) / zr (fine a)) = zr (coarse a) * zr (slack a).
    by field; rewrite gt_eqF.
  by rewrite -mulrA; exact: near.
have k0 : 0 < Xs * Xs * (zr c * n%:R) / zr (coarse a) by rewrite divr_gt0 ?mulr_gt0.
apply: (near_sign k0 ltr01) far; rewrite !mul1r.
have -> : Xs * Xs * (zr c * n%:R) / zr (coarse a) * grad P beta i 0 = zr (fine a) * (Xs * F).
  have -> : Xs * Xs * (zr c * n%:R) / zr (coarse a) * grad P beta i 0 =
      Xs * (Xs * (zr c * n%:R * grad P beta i 0)) / zr (coarse a) by ring.
  have -> : zr c * n%:R * grad P beta i 0 = lin (vec R d v) (zr c) i 0 by rewrite lin_atE.
  rewrite linE /F !big_distrr /= !big_distrl /=; apply: eq_bigr => j _.
  by field; rewrite !gt_eqF.
by rewrite -mulrBr normrM (gtr0_norm f0) mulrC -ler_pdivl_mulr // mulrAC.
Qed.

Lemma slopesE (gs := slopes D K a v c) : size gs = d /\ forall i : 'I_d,
  (exists2 k, 0 < k & k * grad P beta i 0 = zr (nth 0%ZZ gs i)) /\
  (kept (coordinate_at i) || nonzero (nth 0%ZZ v i) -> exact_at i (zr (nth 0%ZZ gs i))).
Proof.
rewrite /gs /slopes; cbv zeta; set first := map2 (slope_of _ _ _) _ _.
set rest := (if all _ _ then _ else _).
have sf : size first = d by rewrite size_map2 ?size_K ?sv.
split=> [|i]; first by rewrite size_map2 ?size_K ?sf.
rewrite (nth_map2 _ (no_coordinate) None) ?size_K ?sf //.
have fE : nth None first i = slope_of a v c (coordinate_at i) (nth 0%ZZ v i).
  by rewrite /first (nth_map2 _ no_coordinate 0%ZZ) ?size_K ?sv.
case E: (nth None first i) => [f|]; first by apply: slope_ofE; rewrite -fE.
have -> : rest = residual D v c.
  rewrite /rest; case: allP => // h; have /h : nth None first i \in first by rewrite mem_nth ?sf.
  by rewrite E.
have h : exact_at i (zr (dot (column (coordinate_at i)) (residual D v c))).
  by rewrite /exact_at (columnE precision SP suse S0) (dot_residualE SP).
by split=> //; apply: exact_slope h.
Qed.

Lemma lossE gs : size gs = d -> (forall i : 'I_d, nonzero (nth 0%ZZ v i) -> exact_at i (zr (nth 0%ZZ gs i))) ->
  value (sparse v gs - c * (sparse v (y_products K) - c * y_square K),
         2 * n_rows D * (c * X_scale D * (c * X_scale D)))%ZZ = Spec.loss P beta.
Proof.
move=> sg h; rewrite /Meaning.value /= !zrB !zrM zr2 (nr SP) (sparseE R (m := d) sv sg) zrB zrM.
rewrite (y_productsE precision SP use s0 sv) (y_squareE precision SP use s0).
have -> : \sum_(i < d) zr (nth 0%ZZ v i) * zr (nth 0%ZZ gs i) =
    Xs * Xs * \sum_j (X P *m vec R d v) j 0 * form (vec R d v) (zr c) j 0.
  have -> : \sum_(i < d) zr (nth 0%ZZ v i) * zr (nth 0%ZZ gs i) =
      \sum_(i < d) zr (nth 0%ZZ v i) * (Xs * Xs * lin (vec R d v) (zr c) i 0).
    apply: eq_bigr => i _; have := h i; rewrite nonzeroE; case: eqP => [->|_ /(_ isT) ->] //.
    by rewrite !mul0r.
  have -> : \sum_(i < d) zr (nth 0%ZZ v i) * (Xs * Xs * lin (vec R d v) (zr c) i 0) =
      Xs * Xs * \sum_(i < d) \sum_j zr (nth 0%ZZ v i) * (X P j i * form (vec R d v) (zr c) j 0).
    by rewrite big_distrr /=; apply: eq_bigr => i _; rewrite linE mulrCA big_distrr.
  congr (_ * _); rewrite exchange_big /=; apply: eq_bigr => j _.
  have -> : (X P *m vec R d v) j 0 = \sum_(i < d) X P j i * zr (nth 0%ZZ v i).
    by rewrite mxE; apply: eq_bigr => i _; rewrite mxE.
  by rewrite big_distrl /=; apply: eq_bigr => i _; ring.
rewrite /Spec.loss -[X in _ = X](_ : (\sum_j (zr c * zr c * (X P *m beta - y P) j 0 ^+ 2)) / (zr c * zr c * (2%:R * n%:R)) = _); last first.
  by rewrite -big_distrr /=; field; rewrite !gt_eqF.
have -> : \sum_j zr c * zr c * (X P *m beta - y P) j 0 ^+ 2 =
    \sum_j form (vec R d v) (zr c) j 0 * form (vec R d v) (zr c) j 0.
  by apply: eq_bigr => j _; rewrite form_atE; ring.
have -> : Xs * Xs * (\sum_j (X P *m vec R d v) j 0 * form (vec R d v) (zr c) j 0) -
    zr c * (Xs * Xs * (\sum_j y P j 0 * (X P *m vec R d v) j 0) - zr c * (Xs * Xs * \sum_j y P j 0 * y P j 0)) =
    Xs * Xs * \sum_j form (vec R d v) (zr c) j 0 * form (vec R d v) (zr c) j 0.
  have -> : \sum_j form (vec R d v) (zr c) j 0 * form (vec R d v) (zr c) j 0 =
      \sum_j (X P *m vec R d v) j 0 * form (vec R d v) (zr c) j 0 -
      zr c * (\sum_j y P j 0 * (X P *m vec R d v) j 0 - zr c * \sum_j y P j 0 * y P j 0).
    rewrite big_distrr /= -sumrB big_distrr /= -sumrB; apply: eq_bigr => j _.
    rewrite form_partsE; move: ((X P *m vec R d v) j 0) (y P j 0) (zr c) => p q r; ring.
  ring.
by field; rewrite !gt_eqF.
Qed.
End Slopes.
(* --- Integrals -------------------------------------------------------------------------------------------- *)
Definition yX (B : 'cV[R]_d) : R := Xs * Xs * \sum_j y P j 0 * (X P *m B) j 0.
Definition kept_of (B : 'cV[R]_d) (i : 'I_d) : R := if kept (coordinate_at i) then B i 0 else 0.
Definition sums_of (t : R) (B : 'cV[R]_d) : 'cV[R]_(d.+2) :=
  \col_k nth 0 [:: t, yX B & [seq kept_of B i | i <- enum 'I_d]] k.
Lemma by_index (Q : 'I_(d.+2) -> Prop) : Q ord0 -> Q (lift ord0 ord0) -> (forall i : 'I_d, Q (lift ord0 (lift ord0 i))) ->
  forall k, Q k.
Proof. by move=> q0 q1 h k; case: (unliftP ord0 k) => [j ->|-> //]; case: (unliftP ord0 j) => [i ->|-> //]; apply: h. Qed.
Lemma sums_keptE t B (i : 'I_d) : nth 0 [:: t, yX B & [seq kept_of B i | i <- enum 'I_d]] (lift ord0 (lift ord0 i)) = kept_of B i.
Proof. by rewrite [nth _ _ _](_ : _ = nth 0 [seq kept_of B i | i <- enum 'I_d] i) // (nth_map i) ?size_enum_ord // nth_ord_enum. Qed.
Lemma yXD B e B' : yX (B + e *: B') = yX B + e * yX B'.
Proof.
rewrite /yX mulmxDr -scalemxAr mulrCA -mulrDr; congr (_ * _); rewrite big_distrr -big_split /=.
apply: eq_bigr => j _; have -> : (X P *m B + e *: (X P *m B')) j 0 = (X P *m B) j 0 + e * (X P *m B') j 0.
  by rewrite [LHS]mxE [X in _ + X]mxE.
by rewrite mulrDr [y P j 0 * (e * _)]mulrCA.
Qed.
Lemma sums_ofD t B e B' k : sums_of (t + e) (B + e *: B') k 0 = sums_of t B k 0 + e * sums_of 1 B' k 0.
Proof.
rewrite !mxE; elim/by_index: k => [||i]; [by rewrite /= mulr1|by rewrite /= yXD|rewrite !sums_keptE /kept_of].
by case: (kept _); rewrite ?mulr0 ?addr0 // !mxE.
Qed.

Section Advance.
Variables (x : state) (beta : 'cV[R]_d).
Let v := map1 b (cells x).
Hypotheses (sx : size (cells x) = d) (b0 : 0 < zr (b_scale x)).
Hypothesis bE : forall i : 'I_d, zr (b_scale x) * beta i 0 = zr (nth 0%ZZ v i).
Let sv : size v = d. Proof. by rewrite /v map1E size_map. Qed.

Lemma ratesE (rates := (b_scale x :: sparse v (y_products K) ::
    map2 (fun y b => if kept y then b else 0) (coordinates K) v)%ZZ) : size rates = d.+2 /\
  forall k : 'I_(d.+2), zr (b_scale x) * sums_of 1 beta k 0 = zr (nth 0%ZZ rates k).
Proof.
rewrite /rates /= size_map2 ?size_K ?sv //; split=> // k; rewrite mxE; elim/by_index: k => [||i].
- by rewrite /= mulr1.
- rewrite /= (y_productsE precision SP use s0 sv) (vecE bE) /yX mulrCA; congr (_ * _); rewrite big_distrr /=.
  by apply: eq_bigr => j _; rewrite -scalemxAr [in RHS]mxE mulrCA.
rewrite sums_keptE /kept_of [nth _ _ _](_ : _ = nth 0%ZZ (map2 (fun y b => if kept y then b else 0%ZZ) (coordinates K) v) i) //.
rewrite (nth_map2 _ no_coordinate 0%ZZ) ?size_K ?sv //.
by rewrite -/(coordinate_at i); case: (kept _); rewrite ?mulr0 ?zr0 // bE.
Qed.

Lemma advanced_sumsE sums (h' q' : Z) until t B (e := value until - t) :
  stands sums (sums_of t B) -> 0 < zr until.2 -> 0 < zr q' -> zr h' * zr until.2 = zr q' * zr (scale sums) ->
  stands (advanced_sums quotient gcd K x sums (h', q') until) (sums_of (value until) (B + e *: beta)).
Proof.
move=> [ss h0 hE] u0 q0 cross; rewrite /advanced_sums; cbv zeta; rewrite -/v.
set wait0 := (_ * h' - _ * q')%ZZ; set g := gcd wait0 _.
have wE : zr (scale sums) * zr q' * e = zr wait0.
  have t0 : zr (scale sums) * t = zr (head 0%ZZ (values sums)) by rewrite -nth0 -(hE ord0) mxE.
  rewrite /wait0 zrB !zrM -t0 /e /Meaning.value mulrBr; congr (_ - _); last by ring.
  by rewrite [zr (scale sums) * _]mulrC -cross; field; rewrite gt_eqF.
case S: (if _ then (_, _) else _) => [wait unit].
have [unit0 cross2] : 0 < zr unit /\ zr wait * zr (b_scale x) = zr wait0 * zr unit.
  move: S; case E: (_ && _); last by case=> <- <-.
  case=> <- <-; move: E; rewrite zr_lt !zr_eq !zrM => /andP[/andP[g0 /eqP ew] /eqP eb].
  by rewrite -(pmulr_lgt0 _ g0) eb b0; split=> //; rewrite -ew -eb; ring.
have [sr rE] := ratesE; set rates := (_ :: _ :: _) in sr rE *.
set moved := map2 _ _ _; set longer := Vector _ _.
have sl : stands longer (sums_of (value until) (B + e *: beta)).
  split=> /=; first by rewrite size_map2 ?ss ?sr.
    by rewrite !zrM !mulr_gt0.
  move=> k; rewrite (nth_map2 _ 0%ZZ 0%ZZ) ?ss ?sr // -[value until](subrK t) addrC -/e sums_ofD mulrDr.
  have -> : zr (if (nth 0 rates k =? 0)%ZZ then q' * unit * nth 0 (values sums) k
      else q' * unit * nth 0 (values sums) k + wait * nth 0 rates k)%ZZ =
      zr q' * zr unit * zr (nth 0%ZZ (values sums) k) + zr wait * zr (nth 0%ZZ rates k).
    rewrite zr_eq; case: eqP => [->|_]; first by rewrite !zrM zr0 mulr0 addr0.
    by rewrite zrD !zrM.
  rewrite -hE -rE !zrM; congr (_ + _); first by ring.
  have -> : zr wait * (zr (b_scale x) * sums_of 1 beta k 0) = zr wait * zr (b_scale x) * sums_of 1 beta k 0 by ring.
  rewrite cross2 -wE; ring.
case: ifP => // _; case E: (divide _ _ _) => [w|]; first exact: divideE E sl.
exact: reducedE.
Qed.

Lemma advanced_restE a wait scl z blur z' blur' t B e : encloses P D a v (b_scale x) -> 0 < zr scl ->
  zr scl * e = zr wait -> size z = n ->
  (forall j : 'I_n, `|zr precision * form B t j 0 - zr (nth 0%ZZ z j)| <= zr blur) ->
  advanced_rest quotient precision D x a wait scl z blur = Some (z', blur') ->
  size z' = n /\ forall j : 'I_n,
    `|zr precision * form (B + e *: beta) (t + e) j 0 - zr (nth 0%ZZ z' j)| <= zr blur'.
Proof.
move=> [st u0 f0 w0 near] scl0 eE sz zE; rewrite /advanced_rest; cbv zeta.
set rate := (_ * fine a)%ZZ; set unit := (_ * b_scale x)%ZZ; set m := (if _ then _ else 1%ZZ).
have unit0 : 0 < zr unit by rewrite !zrM !mulr_gt0.
have m0 : 0 < zr m by rewrite /m; case E: (_ <? _)%ZZ; [rewrite zr_lt zr0 in E|rewrite zr1 ltr01].
case E: (rounded1 _ _ _) => [k|] //; have {}E := rounded1E unit0 E.
case F: (rounded _ _ _ _) => [move'|] //; have [w [/= wE sw h]] := roundedE m0 F; rewrite {}wE {F move'}.
set most := (_ + _)%ZZ; set more := (_ + 1)%ZZ; case G: (_ && _) => // -[<- <-].
move: G; rewrite !zr_le zr0 zrM => /andP[k0 enough].
have sw' : size w = n by rewrite sw map1E size_map.
split=> [|j]; first by rewrite size_map2 ?sz ?sw'.
have rateE : zr rate = zr precision * zr wait * zr (coarse a) * zr (fine a) by rewrite !zrM.
have zEj := zE j; rewrite (nth_map2 _ 0%ZZ 0%ZZ) ?sz ?sw' // !zrD zr1.
have -> : form (B + e *: beta) (t + e) j 0 = form B t j 0 + e * form beta 1 j 0.
  by rewrite -{2}[e]mulr1 formD formZ [LHS]mxE [X in _ + X]mxE.
set f := form B t j 0; set r := form beta 1 j 0.
have -> : zr precision * (f + e * r) - (zr (nth 0%ZZ z j) + zr (nth 0%ZZ w j)) =
  (zr precision * f - zr (nth 0%ZZ z j)) + (zr precision * (e * r) - zr (nth 0%ZZ w j)) by ring.
apply: le_trans (ler_norm_add _ _) _; rewrite -addrA; apply: ler_add => //.
have fm0 : 0 < zr (fine a) * zr m by rewrite mulr_gt0.
rewrite -(ler_pmul2l fm0) -{1}(gtr0_norm fm0) -normrM [in X in _ <= X]mulrDr mulr1.
(* rho: the residual in units of coarse; ratio: what it moves by *)
pose rho := Xs * (zr (b_scale x) * r) / zr (coarse a).
have near' : `|rho - zr (fine a) * zr (nth 0%ZZ (top a) j)| <= zr (slack a).
  rewrite -(ler_pmul2l u0) -{1}(gtr0_norm u0) -normrM mulrBr /rho mulrC divfK ?gt_eqF //.
  by have := near j; rewrite (formvE bE) [in X in X -> _]mxE.
have ratioE : zr m * zr rate / zr unit * rho = zr (fine a) * zr m * (zr precision * (e * r)).
  rewrite /rho rateE /unit !zrM -eE; field; rewrite !gt_eqF //.
have close : `|zr m * zr rate / zr unit - zr k| <= 1.
  rewrite -(ler_pmul2l unit0) -{1}(gtr0_norm unit0) -normrM mulrBr mulr1 [zr unit * (_ / _)]mulrC divfK ?gt_eqF //.
  rewrite -zrM; apply: le_trans E _; have [_ r1] := andP (room01 R unit).
  by rewrite ger_pmulr.
move: (zr m * zr rate / zr unit) close ratioE => q close ratioE.
have step : `|q * rho - zr (fine a) * (zr k * zr (nth 0%ZZ (top a) j))| <= zr most.
  have -> : q * rho - zr (fine a) * (zr k * zr (nth 0%ZZ (top a) j)) =
      q * (rho - zr (fine a) * zr (nth 0%ZZ (top a) j)) +
      (q - zr k) * (zr (fine a) * zr (nth 0%ZZ (top a) j)) by ring.
  apply: le_trans (ler_norm_add _ _) _; rewrite /most zrD !zrM zrD zr1 [`|q * _|]normrM [`|(q - _) * _|]normrM; apply: ler_add.
    apply: ler_pmul near'; rewrite ?normr_ge0 //.
    have -> : q = zr k + (q - zr k) by ring.
    by apply: le_trans (ler_norm_add _ _) _; rewrite (ger0_norm k0) ler_add2l.
  rewrite -[zr (fine a) * zr (largest _)]mul1r; apply: ler_pmul; rewrite ?normr_ge0 ?mulr_ge0 ?normr_ge0 //.
  by rewrite normrM (gtr0_norm f0) ler_pmul2l // largestE.
rewrite mulrBr -ratioE.
have -> : q * rho - zr (fine a) * zr m * zr (nth 0%ZZ w j) =
    (q * rho - zr (fine a) * (zr k * zr (nth 0%ZZ (top a) j))) +
    zr (fine a) * (zr k * zr (nth 0%ZZ (top a) j) - zr m * zr (nth 0%ZZ w j)) by ring.
apply: le_trans (ler_norm_add _ _) _; apply: ler_add.
  by apply: le_trans step _; rewrite mulrC -zrM; move: enough; rewrite /more zrD zr1.
rewrite normrM (gtr0_norm f0) ler_pmul2l //; have := h j; rewrite map1E (nth_map 0%ZZ) ?st // zrM => hj.
by apply: le_trans hj _; have [_ r1] := andP (room01 R m); rewrite ger_pmulr.
Qed.
End Advance.
End Integrals.
