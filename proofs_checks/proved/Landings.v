(* Where the duals of Quick.v are: inside by an enclosure, or from the one sum that all of them make. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Unique Sound Quick Enclosures Integrals.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Known.
Variable R : realFieldType.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation value := (@value R).
Local Notation bound := (@bound R).

Lemma boundE c (s : R) : threshold c -> bound c == Some s -> 0 < zr c.2 /\ s = value c.
Proof.
move=> t /eqP; have [_ [q0|->]] := thresholdE R t; last by rewrite /Meaning.bound.
by rewrite /Meaning.bound zr_eq gt_eqF // => -[<-].
Qed.

Lemma add_ratioE x y : 0 < zr x.2 -> 0 < zr y.2 ->
  0 < zr (add_ratio x y).2 /\ value (add_ratio x y) = value x + value y.
Proof.
move=> x0 y0; rewrite /add_ratio /Meaning.value; case: Z.eqb_spec => [e|_] /=.
  by split=> //; rewrite zrD -e mulrDl.
by rewrite zrD !zrM mulr_gt0 //; split=> //; field; rewrite !gt_eqF.
Qed.

(* Coordinates, b and sides in order, and what the duals are; the settled sides are right. *)
Definition settled_at (c : coordinate) (f : option side) (s : R) :=
  thresholded (box_ c) /\ if f is Some p then lies p s (box_ c) else True.
Fixpoint all_settled cs fs ss := match cs, fs, ss with
  | c :: cs, f :: fs, s :: ss => settled_at c f s /\ all_settled cs fs ss
  | [::], [::], [::] => True | _, _, _ => False end.
Fixpoint weigh vs ss : R := match vs, ss with v :: vs, s :: ss => zr v * s + weigh vs ss | _, _ => 0 end.

Lemma add_settled f0 c v p s f : settled_at c (Some p) s -> 0 < zr (total f0).2 ->
  add_known (Some f0) c (v, Some p) = Some f ->
  [/\ left f = left f0, 0 < zr (total f).2 & value (total f) = value (total f0) + zr v * s].
Proof.
move=> [/andP[/andP[tl tu] _] [u l _ _]] t0; rewrite /add_known /=; case: Z.eqb_spec => [-> [<-]|_].
  by rewrite zr0 mul0r addr0.
case: p u l => //= u l [<-] /=.
  have [q0 e] := boundE tl (esym l).
  have [] := @add_ratioE (total f0) (- v * (box_ c).1.1, (box_ c).1.2)%ZZ t0 q0; split=> //.
  by rewrite -[s]opprK e b /Meaning.value /= zrM zrN; ring.
have [q0 e] := boundE tu (esym u).
have [] := @add_ratioE (total f0) (v * (box_ c).2.1, (box_ c).2.2)%ZZ t0 q0; split=> //.
by rewrite e b /Meaning.value /= zrM; ring.
Qed.

Lemma fold_none cs l : fold2 add_known None cs l = None.
Proof. by elim: cs l => [|c cs IH] [|x l] //=. Qed.

Lemma known_one cs vs fs ss f0 w f : all_settled cs fs ss -> size vs = size cs -> 0 < zr (total f0).2 -> left f0 = Some w ->
  fold2 add_known (Some f0) cs (zip vs fs) = Some f ->
  [/\ left f = Some w, forall j, (j < size cs)%N -> nth None fs j <> None, 0 < zr (total f).2 &
      value (total f) = value (total f0) + weigh vs ss].
Proof.
move: vs fs ss f0; elim: cs => [|c cs IH] vs fs ss f0; case: fs => [|p fs] //; case: ss => [|s ss] //; case: vs => [|v vs] //.
  by move=> _ _ t0 lf [<-]; rewrite addr0.
move=> [st rest] [sz] t0 lf; case: p st => [p|] st; last by rewrite /= lf fold_none.
rewrite -[fold2 _ _ _ _]/(fold2 add_known (add_known (Some f0) c (v, Some p)) cs (zip vs fs)).
case E: (add_known (Some f0) c (v, Some p)) => [f1|]; last by rewrite fold_none.
have [l1 t1 v1] := add_settled st t0 E; rewrite lf in l1 => /(IH _ _ _ _ rest sz t1 l1) [h1 h2 h3 ->].
by split=> //; [case|rewrite v1 addrA].
Qed.

Lemma known_none cs vs fs ss f0 w box f : all_settled cs fs ss -> size vs = size cs -> 0 < zr (total f0).2 ->
  left f0 = None -> fold2 add_known (Some f0) cs (zip vs fs) = Some f -> left f = Some (w, box) ->
  0 < zr (total f).2 /\ exists i, [/\ (i < size cs)%N, forall j, (j < size cs)%N -> j <> i -> nth None fs j <> None,
    nonzero w, box = box_ (nth no_coordinate cs i) &
    value (total f) + zr w * nth 0 ss i = value (total f0) + weigh vs ss].
Proof.
move: vs fs ss f0; elim: cs => [|c cs IH] vs fs ss f0; case: fs => [|p fs] //; case: ss => [|s ss] //; case: vs => [|v vs] //.
  by move=> _ _ t0 lf [<-]; rewrite lf.
move=> [st rest] [sz] t0 lf; case: p st => [p|] st.
  rewrite -[fold2 _ _ _ _]/(fold2 add_known (add_known (Some f0) c (v, Some p)) cs (zip vs fs)).
  case E: (add_known (Some f0) c (v, Some p)) => [f1|]; last by rewrite fold_none.
  have [l1 t1 v1] := add_settled st t0 E; rewrite lf in l1 => F G.
  have [h0 [i [h1 h2 h3 h4 h5]]] := IH _ _ _ _ rest sz t1 l1 F G; split=> //; exists i.+1; split=> //.
    by case=> [|j] //= lt ne; apply: h2 => // e; apply: ne; rewrite e.
  by rewrite /= h5 v1 addrA.
rewrite /= lf; case: Z.eqb_spec => [_|/Z.eqb_neq v0]; first by rewrite fold_none.
move=> F G; have [l h2 h3 h4] := @known_one cs vs fs ss (Known (total f0) (Some (v, box_ c))) (v, box_ c) f rest sz t0 (erefl _) F; split=> //; exists 0%N.
move: G; rewrite l => -[<- <-]; split=> //; first by case=> [|j] //= lt _; apply: h2.
  by rewrite /nonzero v0.
by rewrite h4 /= -addrA [weigh _ _ + _]addrC.
Qed.
End Known.

Section Landings.
Variable R : realFieldType.
Variables quotient gcd : Z -> Z -> Z.
Variable precision : Z.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).
Local Notation value := (@value R).
Local Notation bound := (@bound R).
Hypothesis S1 : 0 < zr precision.
Variables (n d : nat) (P : problem R n d) (D : data).
Hypothesis SP : stands_problem P D.
Local Notation Xs := (zr (X_scale D)).
Local Notation form := (form P).
Local Notation lin := (lin P).
Variables (use : seq (bool * bool)) (s0 : vector).
Hypotheses (suse : size use = d) (S0 : stands s0 (Spec.start P)).
Let K := kit_of precision D use s0.
Local Notation coordinate_at := (coordinate_at precision D use s0).
Let Xs0 : 0 < Xs := Xs0 SP.
Let n0 : 0 < n%:R :> R := n0 SP.
Let size_K : size (coordinates K) = d := size_coordinates precision SP suse S0.

(* What integrals stand for: t and B; and the dual that follows. *)
Definition tracks (J : integrals) (t : R) (B : 'cV[R]_d) :=
  [/\ stands (sums J) (sums_of precision P D use s0 t B),
      size (lost J) = d,
      forall i : 'I_d, ~~ kept (coordinate_at i) -> ~~ nth false (lost J) i -> B i 0 = 0,
      size (rest J) = n &
      forall j : 'I_n, `|zr precision * form B t j 0 - zr (nth 0%ZZ (rest J) j)| <= zr (blur J)].
Definition dual (t : R) (B : 'cV[R]_d) := Spec.start P - n%:R^-1 *: lin B t.
Lemma dualE t B i : dual t B i 0 = Spec.start P i 0 - n%:R^-1 * lin B t i 0.
Proof. by rewrite [LHS]mxE [X in _ + X]mxE [X in - X]mxE. Qed.
Lemma dual_moved t B beta e : dual (t + e) (B + e *: beta) = Spec.moved (dual t B) (grad P beta) e.
Proof.
rewrite /dual /Spec.moved; have -> : lin (B + e *: beta) (t + e) = lin B t + e *: lin beta 1 by rewrite -linZ mulr1 linD.
by rewrite gradE scalerDr opprD addrA [e *: (_ *: _)]scalerA [e * _]mulrC -scalerA.
Qed.

Lemma box_thresholded (i : 'I_d) : thresholded (box_ (coordinate_at i)).
Proof. by rewrite (boxE precision SP suse S0); have [_ _ _ [t _ _]] := SP. Qed.

Lemma lies_inside (s : R) c : (forall e, bound c.2 = Some e -> s < e) -> (forall e, bound c.1 = Some e -> - s < e) ->
  lies Inside s c.
Proof.
move=> u l; rewrite /lies /=; split.
- by case E: (bound _) u => [e|] // /(_ _ erefl) lt; apply/esym/eqP => -[h]; rewrite h ltxx in lt.
- by case E: (bound _) l => [e|] // /(_ _ erefl) lt; apply/esym/eqP => -[h]; rewrite h ltxx in lt.
- by case E: (bound _) u => [e|] //= /(_ _ erefl) /ltW ->.
by case E: (bound _) l => [e|] //= /(_ _ erefl) /ltW ->.
Qed.

Lemma side_nowE J t B (i : 'I_d) before p : tracks J t B ->
  (zr (g before) = 0 -> lies (place before) (dual t B i 0) (box_ (coordinate_at i))) ->
  side_now J (coordinate_at i) before = Some p -> lies p (dual t B i 0) (box_ (coordinate_at i)).
Proof.
move=> [_ _ _ sz near] same; rewrite /side_now; cbv zeta; case: Z.eqb_spec => [e [<-]|_]; first by apply: same; rewrite e.
set middle := Check.dot _ _; set wide := (blur J * _)%ZZ; case: ifP => // /andP[U L] [<-].
have {}near : `|Xs * (zr precision * lin B t i 0) - zr middle| <= zr wide.
  rewrite /middle /wide zrM (columnE precision SP suse S0) (column_normE precision SP suse S0).
  have -> : zr precision * lin B t i 0 = \sum_j X P j i * (zr precision * form B t j 0).
    by rewrite linE big_distrr /=; apply: eq_bigr => j _; rewrite mulrCA.
  exact: (dot_close SP i sz near).
move: (middle) (wide) near U L => {}middle {}wide; rewrite !zr_lt !zrM zrB zrD.
have [_ _ st] := S0; have sE := st i; have [_ s1 _] := S0.
have := box_thresholded i; rewrite (boxE precision SP suse S0) (coordinateE precision SP suse S0) /=.
case: (nth (false, false) use i) => a k; case: (nth _ (thresholds D) i) => [[l l'] [u u']] /=.
rewrite /= !zrM zrB zrD !zrM (nr SP) -sE; set s := Spec.start P i 0; set f := lin B t i 0.
move: (zr middle) (zr wide) => m w /andP[/andP[/= tl tu] _]; rewrite ler_norml => /andP[lo hi] U L.
have {}lo : m - w <= Xs * (zr precision * f).
  by move: lo; rewrite -subr_ge0 -[_ <= Xs * _]subr_ge0; congr (0 <= _); ring.
have {}hi : Xs * (zr precision * f) <= m + w by rewrite -ler_subl_addl.
have k0 : 0 < zr (scale s0) * (Xs * zr precision) by rewrite !mulr_gt0.
apply: lies_inside => e; rewrite /= /Meaning.bound.
- have [_ [q0|[_ ->]]] := thresholdE R tu; last by []; rewrite /= in q0.
  rewrite /= zr_eq gt_eqF // => -[<-]; rewrite /Meaning.value /= dualE -/s -/f ltr_pdivl_mulr //.
  have := lt_le_trans U (ler_wpmul2l (_ : 0 <= zr (scale s0) * zr u') lo); rewrite mulr_ge0 ?ltW // => /(_ isT).
  move=> h; rewrite -subr_gt0 in h; rewrite -subr_gt0 -(pmulr_rgt0 _ (mulr_gt0 k0 n0)).
  set lhs := (X in 0 < X) in h; set rhs := (X in 0 < X); suff -> : rhs = lhs by []; rewrite /lhs /rhs.
  by field; rewrite gt_eqF.
have [_ [q0|[_ ->]]] := thresholdE R tl; last by []; rewrite /= in q0.
rewrite /= zr_eq gt_eqF // => -[<-]; rewrite /Meaning.value /= dualE -/s -/f ltr_pdivl_mulr //.
have := le_lt_trans (ler_wpmul2l (_ : 0 <= zr (scale s0) * zr l') hi) L; rewrite mulr_ge0 ?ltW // => /(_ isT).
move=> h; rewrite -subr_gt0 in h; rewrite -subr_gt0 -(pmulr_rgt0 _ (mulr_gt0 k0 n0)).
  set lhs := (X in 0 < X) in h; set rhs := (X in 0 < X); suff -> : rhs = lhs by []; rewrite /lhs /rhs.
by field; rewrite gt_eqF.
Qed.

(* X a . (X b - t y), in two ways. *)
Lemma pairE (a b : 'cV[R]_d) t : \sum_i a i 0 * lin b t i 0 =
  \sum_j (X P *m a) j 0 * (X P *m b) j 0 - t * \sum_j y P j 0 * (X P *m a) j 0.
Proof.
have -> : \sum_i a i 0 * lin b t i 0 = \sum_j (X P *m a) j 0 * form b t j 0.
  under eq_bigr do rewrite linE big_distrr /=.
  rewrite exchange_big /=; apply: eq_bigr => j _; rewrite [(X P *m a) j 0]mxE big_distrl /=.
  by apply: eq_bigr => i _; rewrite mulrA [a i 0 * _]mulrC.
rewrite big_distrr -sumrB /=; apply: eq_bigr => j _.
have -> : form b t j 0 = (X P *m b) j 0 - t * y P j 0 by rewrite /Enclosures.form [LHS]mxE; congr (_ + _); rewrite !mxE.
by rewrite mulrBr [X in _ - X]mulrCA [y P j 0 * _]mulrC.
Qed.

Section SideLeft.
Variables (J : integrals) (t : R) (B beta : 'cV[R]_d) (v gs : seq Z) (c : Z).
Hypotheses (T : tracks J t B) (sv : size v = d) (sg : size gs = d) (c0 : 0 < zr c).
Hypothesis vE : forall i : 'I_d, zr c * beta i 0 = zr (nth 0%ZZ v i).
Hypothesis gE : forall i : 'I_d, (exists2 k, 0 < k & k * grad P beta i 0 = zr (nth 0%ZZ gs i)) /\
  (kept (coordinate_at i) || nonzero (nth 0%ZZ v i) -> zr (nth 0%ZZ gs i) = Xs * Xs * lin (vec R d v) (zr c) i 0).

Lemma kept_formsE f : kept_forms J gs = Some f ->
  zr f = zr (scale (sums J)) * (Xs * Xs * \sum_i B i 0 * lin (vec R d v) (zr c) i 0).
Proof.
have [[ss h0 hE] sl lE _ _] := T; rewrite /kept_forms; case H: (has _ _) => // -[<-].
rewrite (sparseE R (m := d)) ?sg //; last by rewrite !size_behead ss.
rewrite mulrA big_distrr /=; apply: eq_bigr => i _; rewrite !nth_behead.
have := hE (lift ord0 (lift ord0 i)); rewrite mxE sums_keptE => {}hE.
rewrite -[zr (nth 0%ZZ (values _) i.+2)]hE /kept_of; have [[k k0 kE] ex] := gE i.
case: ifP => kp; first by rewrite ex ?kp //; ring.
rewrite mulr0 mul0r; case lo: (nth false (lost J) i); last by rewrite lE ?kp ?lo // mul0r mulr0.
have : ~~ (nth false (lost J) i && nonzero (nth 0%ZZ gs i)).
  move/negbT: H; rewrite map2E has_map => /hasPn /(_ (nth false (lost J) i, nth 0%ZZ gs i)); apply.
  by rewrite -nth_zip ?sl ?sg // mem_nth // size_zip sl sg minnn.
rewrite lo /= nonzeroE negbK -kE mulf_eq0 gt_eqF //= => /eqP g0.
by rewrite (lin_atE SP vE) g0 !mulr0.
Qed.

Lemma side_leftE f w box p (i : 'I_d) : side_left D K J v gs c f w box = Some p ->
  0 < zr (total f).2 -> nonzero w -> box = box_ (coordinate_at i) ->
  value (total f) + zr w * dual t B i 0 = \sum_(j < d) zr (nth 0%ZZ v j) * dual t B j 0 ->
  lies p (dual t B i 0) box.
Proof.
move=> E t0 w0 bE sumE; move: E; rewrite /side_left; case F: (kept_forms _ _) => [forms|] //; have {}F := kept_formsE F.
cbv zeta; set unit := (_ * scale (sums J))%ZZ; set phi := (_ - forms)%ZZ; set start := sparse v _.
set num := (_ - _ * (start_scale K * unit))%ZZ; set sc := (_ * (total f).2)%ZZ.
have [[ss h0 hE] _ _ _ _] := T; have [_ st0 sE] := S0.
have unitE : zr unit = n%:R * (Xs * Xs) * zr (scale (sums J)) by rewrite !zrM (nr SP).
have unit0 : 0 < zr unit by rewrite unitE !mulr_gt0.
clearbody unit.
have sc0 : 0 < zr sc.
  by rewrite zrM; apply: mulr_gt0 => //; rewrite zrM; apply: mulr_gt0 => //; exact: st0.
have startE' : zr start = zr (scale s0) * \sum_(j < d) zr (nth 0%ZZ v j) * Spec.start P j 0.
  rewrite /start (sparseE R (m := d)) ?map1E ?size_map ?size_K // big_distrr /=; apply: eq_bigr => j _.
  by rewrite (nth_map no_coordinate) ?size_K // -/(coordinate_at j) (startE precision SP suse S0) mulrCA.
have phiE : zr phi = - (zr (scale (sums J)) * (Xs * Xs * \sum_(j < d) zr (nth 0%ZZ v j) * lin B t j 0)).
  have h1 := hE ord0; have h2 := hE (lift ord0 ord0); rewrite !mxE /= in h1 h2.
  rewrite /phi !zrB !zrM F (y_productsE precision SP use s0 sv) -!nth0 nth_behead -h1.
  have -> : zr (nth 0%ZZ (values (sums J)) 1) = zr (scale (sums J)) * yX P D B by exact: esym h2.
  rewrite /yX.
  have -> : \sum_(j < d) zr (nth 0%ZZ v j) * lin B t j 0 = \sum_j vec R d v j 0 * lin B t j 0.
    by apply: eq_bigr => j _; rewrite [vec _ _ _ _ _]mxE.
  rewrite !pairE; have -> : \sum_j (X P *m B) j 0 * (X P *m vec R d v) j 0 = \sum_j (X P *m vec R d v) j 0 * (X P *m B) j 0.
    by apply: eq_bigr => j _; rewrite mulrC.
  move: (\sum_j (X P *m vec R d v) j 0 * (X P *m B) j 0) (\sum_j y P j 0 * (X P *m vec R d v) j 0) (\sum_j y P j 0 * (X P *m B) j 0).
  by move: (zr (scale (sums J))) (zr c) => a1 a2 a3 a4 a5; ring.
clearbody phi start.
have numE : zr num = zr sc * (zr w * dual t B i 0).
  have -> : zr w * dual t B i 0 = \sum_(j < d) zr (nth 0%ZZ v j) * dual t B j 0 - value (total f) by rewrite -sumE addrC addKr.
  have -> : \sum_(j < d) zr (nth 0%ZZ v j) * dual t B j 0 =
      \sum_(j < d) zr (nth 0%ZZ v j) * Spec.start P j 0 - n%:R^-1 * \sum_(j < d) zr (nth 0%ZZ v j) * lin B t j 0.
    by rewrite big_distrr -sumrB /=; apply: eq_bigr => j _; rewrite dualE mulrBr [_ * (n%:R^-1 * _)]mulrCA.
  rewrite /num /sc zrB !zrM zrD !zrM phiE startE' unitE /Meaning.value /=.
  move: (\sum_j _) (\sum_j _) => a1 a2; field; rewrite !gt_eqF //.
clearbody sc num.
have th : thresholded box by rewrite bE; apply: box_thresholded.
case: ifP; rewrite zr_lt zr0 => sgn [<-]; apply: side_ofE th; rewrite ?zrM ?zrN.
- by rewrite mulr_gt0.
- by rewrite -mulrA -numE.
- rewrite mulr_gt0 // oppr_gt0 lt_neqAle -nonzeroE w0 /= leNgt.
  by rewrite sgn.
by rewrite numE; ring.
Qed.
End SideLeft.
End Landings.
