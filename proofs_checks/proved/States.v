(* What the checker computes at a saddle stands for the quantities of Spec.v, whatever its oracles return. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ ring.
From Proved Require Import Spec Check Meaning Integers.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section States.
Variable R : realFieldType.
Variables quotient gcd : Z -> Z -> Z.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation value := (@value R).
Local Notation bound := (@bound R).

Definition stands m (v : vector) (u : 'cV[R]_m) := [/\ size (values v) = m, 0 < zr (scale v) &
  forall i : 'I_m, zr (scale v) * u i 0 = zr (nth 0%ZZ (values v) i)].

Lemma scaled (c x y : R) : 0 < c -> c * x = c * y -> x = y.
Proof. by move=> /gt_eqF/negbT c0; apply: mulfI. Qed.

Lemma numeratorsE m done u v : numerators quotient m done u = Some v ->
  exists w, [/\ v = rev done ++ w, size w = size u & forall i, (i < size u)%N ->
    0 < zr (nth (0, 1)%ZZ u i).2 /\ zr m * value (nth (0, 1)%ZZ u i) = zr (nth 0%ZZ w i)].
Proof.
elim: u done => [|[p q] u IH] done /=; first by case=> <-; exists [::]; rewrite cats0.
case E: (_ && _) => // /IH [w [-> sw h]]; exists (p * quotient m q :: w)%ZZ.
rewrite rev_cons cat_rcons; split=> //=; first by rewrite sw.
move: E; rewrite zr_lt zr_eq => /andP[q0 /eqP e] [|i] //= lt; last exact: h.
by split=> //; rewrite /Meaning.value /= -e !zrM; field; rewrite gt_eqF.
Qed.

Lemma integralE m u v : integral quotient u = Some v -> size (ratios u) = m ->
  stands v (vector_of R m (ratios u)).
Proof.
rewrite /integral; case c0: (_ <? _)%ZZ => //; case E: (numerators _ _ _ _) => [w|] // [<-] sz.
have [w' [-> sw h]] := numeratorsE E; rewrite zr_lt in c0.
split=> //=; first by rewrite sw.
by move=> i; rewrite mxE; apply: (h i _).2; rewrite sz.
Qed.

Lemma integral_size u v : integral quotient u = Some v -> size (values v) = size (ratios u).
Proof.
rewrite /integral; case: (_ <? _)%ZZ => //; case E: (numerators _ _ _ _) => [w|] // [<-].
by have [w' [-> ]] := numeratorsE E.
Qed.

Lemma dividedE m done u v : divided quotient m done u = Some v ->
  exists w, [/\ v = rev done ++ w, size w = size u & forall i, zr (nth 0%ZZ w i) * zr m = zr (nth 0%ZZ u i)].
Proof.
elim: u done => [|x u IH] done /=.
  by case=> <-; exists [::]; rewrite cats0; split=> // i; rewrite nth_nil zr0 mul0r.
rewrite zr_eq; case: eqP => // e /IH [w [-> sw h]]; exists (quotient x m :: w).
rewrite rev_cons cat_rcons; split=> //=; first by rewrite sw.
by move=> [|i] //=; rewrite -zrM.
Qed.

Lemma divideE m v c w (u : 'cV_m) : divide quotient c v = Some w -> stands v u -> stands w u.
Proof.
move=> D [sz s0 h]; move: D; rewrite /divide; case E: (_ && _) => //.
case D: (divided _ _ _ _) => [w'|] // [<-]; have [w2 [-> sw e]] := dividedE D.
move: E; rewrite zr_lt zr_eq zrM => /andP[c0 /eqP es].
split=> //=; first by rewrite sw.
  by rewrite -(pmulr_lgt0 _ c0) es.
by move=> i; apply: (scaled c0); rewrite mulrA [zr c * zr _]mulrC es h -e mulrC.
Qed.

Lemma reducedE m few v (u : 'cV_m) : stands v u -> stands (reduced quotient gcd few v) u.
Proof.
move=> h; rewrite /reduced; set c := foldl _ _ _; set c' := foldl _ _ _.
case E: (divide _ c _) => [w|]; first exact: divideE E h.
by case E': (divide _ c' _) => [w|] //; exact: divideE E' h.
Qed.

(* The place of a dual between its thresholds. *)
Definition is_upper p := if p is Upper then true else false.
Definition is_lower p := if p is Lower then true else false.
Definition is_above p := if p is Above then true else false.
Definition is_below p := if p is Below then true else false.

Lemma thresholdE c : threshold c -> positive (bound c) /\ (0 < zr c.2 \/ c = (1, 0)%ZZ).
Proof.
case: c => p q; rewrite /threshold /Meaning.bound /= !zr_lt !zr_eq => /andP[p0 /orP[q0|]].
  by rewrite gt_eqF //; split; [rewrite /= divr_gt0|left].
rewrite -!zr_eq => /andP[/Z.eqb_eq -> /Z.eqb_eq ->]; by split; [|right].
Qed.

Lemma beyondE sc v x c : 0 < zr sc -> zr sc * x = zr v -> threshold c ->
  (c.1 * sc <? v * c.2)%ZZ = ~~ below x (bound c) /\ (v * c.2 =? c.1 * sc)%ZZ = (bound c == Some x).
Proof.
move=> s0 e /thresholdE [_ [q0|->]]; last first.
  by rewrite /Meaning.bound /= zr_lt zr_eq !zrM zr0 mulr0 zr1 mul1r ltNge ltW //=; split=> //; rewrite lt_eqF.
rewrite zr_lt zr_eq !zrM -e /Meaning.bound zr_eq gt_eqF //= /Meaning.value.
have eL : zr sc * x * zr c.2 = zr sc * (x * zr c.2) by rewrite mulrA.
have eR : zr c.1 * zr sc = zr sc * zr c.1 by rewrite mulrC.
rewrite eL eR ltr_pmul2l // (inj_eq (mulfI (negbT (gt_eqF s0)))) -ltNge ltr_pdivr_mulr //.
split=> //; apply/eqP/eqP => [<-|[<-]]; first by rewrite mulfK ?gt_eqF.
by rewrite divfK ?gt_eqF.
Qed.

Lemma no_reach (x : R) c : positive c -> x <= 0 -> below x c /\ (c == Some x) = false.
Proof.
case: c => [c|] //= c0 x0; split; first exact: le_trans x0 (ltW c0).
by apply/negP => /eqP[E]; move: c0; rewrite E ltNge x0.
Qed.

Definition lies p (x : R) (c : ratio * ratio) :=
  [/\ is_upper p = (bound c.2 == Some x), is_lower p = (bound c.1 == Some (- x)),
      is_above p = ~~ below x (bound c.2) & is_below p = ~~ below (- x) (bound c.1)].

Lemma side_ofE sc v (x : R) c : 0 < zr sc -> zr sc * x = zr v -> thresholded c -> lies (side_of sc v c) x c.
Proof.
rewrite /lies; set p := side_of _ _ _.
move=> s0 e /andP[/andP[tl tu] _]; have eN : zr sc * - x = zr (- v)%ZZ by rewrite zrN mulrN e.
have [A U] := beyondE s0 e tu; have [B L] := beyondE s0 eN tl.
have [pl _] := thresholdE tl; have [pu _] := thresholdE tu.
have up_ex : ~~ below x (bound c.2) -> (bound c.2 == Some x) = false.
  by move=> h; apply/negP => /eqP E; move: h; rewrite E /= lexx.
have lo_ex : ~~ below (- x) (bound c.1) -> (bound c.1 == Some (- x)) = false.
  by move=> h; apply/negP => /eqP E; move: h; rewrite E /= lexx.
have sgn : (0 <? v)%ZZ = (0 < x) by rewrite zr_lt zr0 -e pmulr_rgt0.
rewrite /p /side_of; case: c {tl tu p} A U B L pl pu up_ex lo_ex => [[l l'] [u u']] /= A U B L pl pu up_ex lo_ex.
rewrite sgn; case: (ltrP 0 x) => x0.
  have Nx : - x <= 0 by rewrite oppr_le0 ltW.
  have [-> ->] := no_reach pl Nx; rewrite A U.
  by case: (below x _) up_ex => [_|/(_ isT) ->] //=; case: (_ == _).
have [-> ->] := no_reach pu x0.
have -> : (l * sc + v * l' <? 0)%ZZ = (l * sc <? - v * l')%ZZ by rewrite !zr_lt zrD !zrM zrN zr0 mulNr -ltr_subr_addr sub0r.
have -> : (l * sc + v * l' =? 0)%ZZ = (- v * l' =? l * sc)%ZZ by rewrite !zr_eq zrD !zrM zrN zr0 mulNr addr_eq0 eq_sym.
rewrite B L; by case: (below (- x) _) lo_ex => [_|/(_ isT) ->] //=; case: (_ == _).
Qed.

(* --- A problem and a state ------------------------------------------------------------------------------- *)

Variables (n d : nat) (P : problem R n d) (D : data).
Implicit Types (s beta : 'cV[R]_d) (x : state).

Let infinite : ratio * ratio := ((1, 0), (1, 0))%ZZ.
Definition stands_problem :=
  [/\ [/\ size (X_columns D) = d, forall c, List.In c (X_columns D) -> size c = n,
          size (y_values D) = n & size (thresholds D) = d],
      [/\ (0 < n)%N, 0 < zr (X_scale D) & zr (n_rows D) = n%:R],
      [/\ forall i j, zr (X_scale D) * X P i j = zr (nth 0%ZZ (nth [::] (X_columns D) j) i) &
          forall i, zr (X_scale D) * y P i 0 = zr (nth 0%ZZ (y_values D) i)] &
      [/\ forall j : 'I_d, thresholded (nth infinite (thresholds D) j),
          forall j, lower P j = bound (nth infinite (thresholds D) j).1 &
          forall j, upper P j = bound (nth infinite (thresholds D) j).2]].
Hypothesis SP : stands_problem.

Definition no_cell := Cell 0 Inside 0 0 infinite.
Definition at_ x i := nth no_cell (cells x) i.
Definition stands_state x s beta :=
  [/\ size (cells x) = d,
      [/\ 0 < zr (s_scale x), 0 < zr (b_scale x), 0 < zr (g_scale x) & 0 < zr (recomputed x).2],
      forall i : 'I_d,
        [/\ zr (s_scale x) * s i 0 = zr (Check.s (at_ x i)), zr (b_scale x) * beta i 0 = zr (b (at_ x i)),
            zr (g_scale x) * grad P beta i 0 = zr (g (at_ x i)),
            place (at_ x i) = side_of (s_scale x) (Check.s (at_ x i)) (bounds (at_ x i)) &
            bounds (at_ x i) = nth infinite (thresholds D) i] &
      value (recomputed x) = Spec.loss P beta].

(* The same as far as the claims look: of s where it lies, of the slopes their signs. *)
Definition stands_signs x s beta :=
  [/\ size (cells x) = d, 0 < zr (b_scale x) /\ 0 < zr (recomputed x).2,
      forall i : 'I_d,
        [/\ lies (place (at_ x i)) (s i 0) (bounds (at_ x i)), zr (b_scale x) * beta i 0 = zr (b (at_ x i)),
            exists2 c, 0 < c & c * grad P beta i 0 = zr (g (at_ x i)) &
            bounds (at_ x i) = nth infinite (thresholds D) i] &
      value (recomputed x) = Spec.loss P beta].

Lemma signs_of x s beta : stands_state x s beta -> stands_signs x s beta.
Proof.
move=> [sz [s0 b0 g0 r0] cE l]; split=> // i; have [sE bE gE pE cbE] := cE i; split=> //.
  by rewrite pE; apply: side_ofE => //; rewrite cbE; have [_ _ _ [t _ _]] := SP.
by exists (zr (g_scale x)).
Qed.

Lemma cancel_left (a u x S : R) : a != 0 -> a * u * x * (a^-1 * S) = u * x * S.
Proof. by move=> a0; field. Qed.

Lemma zr2 : zr 2%ZZ = 2%:R. Proof. by []. Qed.

Lemma posed : well_posed P.
Proof.
have [_ [n0 _ _] _ [t l u]] := SP; split=> // i; rewrite l u.
have := t i; case: (nth _ _ _) => lo up /andP[/andP[tl tu] /orP ne].
have [pl _] := thresholdE tl; have [pu _] := thresholdE tu; split=> //.
by rewrite /Meaning.bound; case: ne => ne; [left|right]; move: ne; rewrite /nonzero /= => /negPf ->.
Qed.

Lemma InP (A : Type) (a : A) u i : (i < size u)%N -> List.In (nth a u i) u.
Proof. by elim: u i => [|c u IH] [|i] //= lt; [left|right; apply: IH]. Qed.

Lemma state_ofE k v sv x : stands v sv ->
  state_of quotient D k v = Some x ->
  stands_state x sv (vector_of R d (ratios (entries k))) /\ stated x = k.
Proof.
move=> [ss s0 sE]; rewrite /state_of; case I: (integral _ _) => [beta|] //.
rewrite same_lengthE; case: eqP => // sz; have := SP => -[[sX _ _ _] _ _ _].
rewrite (integral_size I) sX in sz; move=> {sX}.
have [sb b0 bE] := integralE I sz; set bv := vector_of _ _ _ in bE *.
have [[sX sC sy sT] [n0 X0 nr] [XE yE] [t _ _]] := SP.
set unit := (scale beta * X_scale D)%ZZ; set misfit := combine _ _ _; set g := Vector _ _.
have u0 : 0 < zr unit by rewrite zrM mulr_gt0.
have [sm mE] : size misfit = n /\ forall i : 'I_n,
    zr (nth 0%ZZ misfit i) = zr unit * (X P *m bv - y P) i 0.
  have sy' : size (map1 (fun y => - scale beta * y)%ZZ (y_values D)) = n by rewrite map1E size_map.
  have [sm mE] := combineE R sy' sb sX sC; split=> // i.
  rewrite mE // map1E (nth_map 0%ZZ) ?sy // zrM zrN -yE !mxE mulrBr addrC; congr (_ + _).
    rewrite big_distrr /=; apply: eq_bigr => j _; rewrite -bE -XE /unit zrM.
    by rewrite mulrACA; congr (_ * _); rewrite mulrC.
  by rewrite /unit zrM mulNr mulrA.
have n1 : 0 < n%:R :> R by rewrite ltr0n.
have [sg g0 gE] : stands g (grad P bv).
  split=> /=; first by rewrite map1E size_map.
    by rewrite !zrM nr !mulr_gt0.
  move=> i; rewrite map1E (nth_map [::]) ?sX // (dotE R (m := n)) //; last by apply/sC/InP; rewrite sX.
  have -> : grad P bv i 0 = n%:R^-1 * \sum_j X P j i * (X P *m bv - y P) j 0.
    by rewrite mxE mxE; congr (_ * _); apply: eq_bigr => j _; rewrite mxE.
  rewrite !zrM nr cancel_left ?gt_eqF // big_distrr /=; apply: eq_bigr => j _.
  rewrite mE -XE /unit zrM; move: (zr (scale beta)) (zr (X_scale D)) (X P j i) ((X P *m bv - y P) j 0) => *; ring.
case=> <-; split=> //; split=> /=.
- by rewrite !size_map2 ?ss ?sT ?sb ?sg.
- by rewrite !zrM !mulr_gt0 ?nr // zr2 ltr0n.
- move=> i; rewrite /at_ (nth_map2 _ (0%ZZ, Inside, infinite) (0%ZZ, 0%ZZ)); last 2 first.
  + by rewrite size_map2 ?size_map2 ?ss ?sT ?sb ?sg.
  + by rewrite size_map2 ?sb ?sg.
  by rewrite (nth_map2 _ 0%ZZ infinite) ?ss ?sT //= (nth_map2 _ 0%ZZ 0%ZZ) ?sb ?sg //=.
rewrite /Meaning.value /= (dotE R sm sm) !zrM nr zr2 /Spec.loss.
have -> : \sum_(i < n) zr (nth 0%ZZ misfit i) * zr (nth 0%ZZ misfit i) =
    zr unit * zr unit * \sum_i (X P *m bv - y P) i 0 ^+ 2.
  by rewrite big_distrr /=; apply: eq_bigr => i _; rewrite mE expr2 mulrACA.
by rewrite /unit !zrM; field; rewrite !gt_eqF.
Qed.
End States.
