(* Minimisers over a sign cone: they are the points that satisfy the KKT conditions, and share fit and loss. *)
From mathcomp Require Import all_ssreflect order ssralg ssrnum zmodp matrix.
From Proved Require Import Spec.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Vectors.
Variable R : realFieldType.
Definition sq (m : nat) (v : 'cV[R]_m) := \sum_i v i 0 ^+ 2.
Definition dot (m : nat) (u v : 'cV[R]_m) := \sum_i u i 0 * v i 0.
Lemma dotC m (u v : 'cV[R]_m) : dot u v = dot v u.
Proof. by apply: eq_bigr => i _; rewrite mulrC. Qed.
Lemma sq_ge0 m (v : 'cV[R]_m) : 0 <= sq v.
Proof. by apply: sumr_ge0 => i _; rewrite sqr_ge0. Qed.
Lemma sq_eq0 m (v : 'cV[R]_m) : sq v = 0 -> v = 0.
Proof.
move=> /eqP; rewrite psumr_eq0 => [/allP h|i _]; last exact: sqr_ge0.
apply/matrixP => i j; rewrite ord1 mxE; apply/eqP; rewrite -sqrf_eq0.
exact: (h i (mem_index_enum i)).
Qed.
Lemma dot_mulmx n d (X : 'M[R]_(n, d)) (u : 'cV[R]_n) b : dot u (X *m b) = dot (X^T *m u) b.
Proof.
rewrite /dot; under eq_bigr => i _ do rewrite mxE big_distrr /=.
rewrite exchange_big /=; apply: eq_bigr => j _.
rewrite mxE big_distrl /=; apply: eq_bigr => i _.
by rewrite !mxE mulrA [X i j * _]mulrC.
Qed.
Lemma sqD m (u v : 'cV[R]_m) : sq (u + v) = sq u + 2%:R * dot u v + sq v.
Proof.
rewrite /sq /dot big_distrr /= -!big_split /=; apply: eq_bigr => i _.
by rewrite mxE sqrrD mulr2n mulrDl mul1r.
Qed.
Lemma dotZl m (c : R) (u v : 'cV[R]_m) : dot (c *: u) v = c * dot u v.
Proof. by rewrite /dot big_distrr /=; apply: eq_bigr => i _; rewrite mxE mulrA. Qed.
Lemma dotZr m (c : R) (u v : 'cV[R]_m) : dot u (c *: v) = c * dot u v.
Proof. by rewrite dotC dotZl dotC. Qed.
Lemma dotDr m (u v w : 'cV[R]_m) : dot u (v + w) = dot u v + dot u w.
Proof. by rewrite /dot -big_split; apply: eq_bigr => i _; rewrite mxE mulrDr. Qed.
Lemma dotDl m (u v w : 'cV[R]_m) : dot (u + v) w = dot u w + dot v w.
Proof. by rewrite dotC dotDr !(dotC w). Qed.
Lemma sqZ m (c : R) (v : 'cV[R]_m) : sq (c *: v) = c ^+ 2 * sq v.
Proof. by rewrite /sq big_distrr /=; apply: eq_bigr => i _; rewrite mxE exprMn. Qed.
End Vectors.

Section Minimisers.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Implicit Types (b s : 'cV[R]_d).
Local Notation X := (Spec.X P).
Local Notation y := (Spec.y P).
Local Notation loss := (Spec.loss P).
Local Notation grad := (Spec.grad P).
Local Notation cone := (Spec.cone P).
Local Notation minimiser := (Spec.minimiser P).
Local Notation on_upper := (Spec.on_upper P).
Local Notation on_lower := (Spec.on_lower P).
Hypothesis posed : well_posed P.

Let n_gt0 : (0 < n)%N. Proof. by case: posed. Qed.

Lemma loss_expand b h : loss (b + h) = loss b + dot (grad b) h + sq (X *m h) / (2%:R * n%:R).
Proof.
rewrite /Spec.loss -!/(sq _) mulmxDr addrAC sqD; set w := (2%:R * n%:R)^-1.
rewrite 2!(mulrDl _ _ w); congr (_ + _ + _).
rewrite dot_mulmx /Spec.grad dotZl mulrC mulrA; congr (_ * _).
by rewrite /w invfM mulrAC mulVf ?pnatr_eq0 // mul1r.
Qed.

Lemma on_one s i : on_upper s i -> on_lower s i -> False.
Proof.
have [_ /(_ i) [l u _]] := posed; rewrite /Spec.on_upper /Spec.on_lower => /eqP U /eqP L.
by move: l u; rewrite U L /= oppr_gt0 => h1 h2; move: (lt_trans h1 h2); rewrite ltxx.
Qed.

(* The conditions that the checker tests. *)
Definition kkt s b := forall i,
  [/\ b i 0 != 0 -> grad b i 0 = 0, on_upper s i -> 0 <= grad b i 0 & on_lower s i -> grad b i 0 <= 0].

Lemma cone_slope s b b' i : kkt s b -> cone s b' -> 0 <= grad b i 0 * b' i 0.
Proof.
move=> /(_ i) [_ up lo] /(_ i) [bu bl bz].
case u: (on_upper s i); first by rewrite mulr_ge0 ?up ?bu.
case l: (on_lower s i); first by rewrite mulr_le0 ?lo ?bl.
by rewrite bz ?u ?l // mulr0.
Qed.

Lemma kkt_orthogonal s b i : kkt s b -> grad b i 0 * b i 0 = 0.
Proof. by move=> /(_ i) [z _ _]; have [->|/z ->] := eqVneq (b i 0) 0; rewrite ?mulr0 ?mul0r. Qed.

Lemma kkt_minimiser s b : cone s b -> kkt s b -> minimiser s b.
Proof.
move=> cb kb; split=> // b' cb'.
rewrite -[b'](subrK b) addrC loss_expand -addrA ler_addl addr_ge0 //.
  apply: sumr_ge0 => i _; rewrite [(b' - b) i 0]mxE [(- b) i 0]mxE mulrBr (kkt_orthogonal _ kb) subr0.
  exact: cone_slope kb cb'.
by rewrite divr_ge0 ?sq_ge0 ?mulr_ge0 ?ler0n.
Qed.

(* One coordinate moved by h, and what a slope of the wrong sign would give. *)
Definition unit_vector i : 'cV[R]_d := delta_mx i 0.
Lemma dot_unit u i : dot u (unit_vector i) = u i 0.
Proof.
rewrite /dot (bigD1 i) //= big1 ?addr0 => [|j ne]; first by rewrite mxE !eqxx mulr1.
by rewrite mxE (negPf ne) mulr0.
Qed.

Lemma slope_ge0 (g q e : R) : 0 <= q -> 0 < e ->
  (forall h, 0 < h -> h <= e -> 0 <= h * g + h ^+ 2 * q) -> 0 <= g.
Proof.
move=> q0 e0 H; rewrite leNgt; apply/negP => g0.
pose q' := q + 1; have q'0 : 0 < q' by exact: ltr_paddl q0 ltr01.
pose h0 := - g / (2%:R * q'); have h0_gt0 : 0 < h0 by rewrite divr_gt0 ?oppr_gt0 ?mulr_gt0 ?ltr0n.
pose h := Num.min e h0; have h_gt0 : 0 < h by rewrite lt_minr e0.
have he : h <= e by rewrite le_minl lexx.
have hh0 : h <= h0 by rewrite le_minl lexx orbT.
have := H _ h_gt0 he; rewrite expr2 -mulrA -mulrDr pmulr_rge0 // leNgt => /negP; apply.
have : h * q' <= - g / 2%:R.
  apply: (le_trans (ler_wpmul2r (ltW q'0) hh0)).
  by rewrite /h0 invfM mulrA divfK ?gt_eqF.
have : - g / 2%:R < - g by rewrite ltr_pdivr_mulr ?ltr0n // mulr_natr mulr2n ltr_addl oppr_gt0.
move=> lt le; rewrite -ltr_subr_addl sub0r; apply: le_lt_trans (le_lt_trans le lt).
by apply: ler_wpmul2l; rewrite ltW // /q' ltr_addl ltr01.
Qed.

Lemma minimiser_step s b i h : minimiser s b -> cone s (b + h *: unit_vector i) ->
  0 <= h * grad b i 0 + h ^+ 2 * (sq (X *m unit_vector i) / (2%:R * n%:R)).
Proof.
move=> [_ m] /m; rewrite loss_expand -addrA ler_addl dotZr dot_unit -scalemxAr sqZ.
by rewrite -mulrA.
Qed.

Lemma cone_step s b i h : cone s b ->
  [/\ on_upper s i -> 0 <= b i 0 + h, on_lower s i -> b i 0 + h <= 0 &
      ~~ on_upper s i -> ~~ on_lower s i -> h = 0] -> cone s (b + h *: unit_vector i).
Proof.
move=> c [u l z] j; rewrite !mxE eqxx andbT; have [->|ne] := eqVneq j i; last first.
  by rewrite mulr0 addr0.
by rewrite mulr1; split=> // hu hl; have [_ _ bz] := c i; rewrite bz // z // addr0.
Qed.

Lemma minimiser_kkt s b : minimiser s b -> kkt s b.
Proof.
move=> mb i; have [c _] := mb; have [bu bl bz] := c i.
set q := sq (X *m unit_vector i) / (2%:R * n%:R).
have q0 : 0 <= q by rewrite divr_ge0 ?sq_ge0 ?mulr_ge0 ?ler0n.
have up h : on_upper s i -> 0 <= b i 0 + h -> 0 <= h * grad b i 0 + h ^+ 2 * q.
  move=> u le; apply: (minimiser_step mb); apply: cone_step => //.
  by split=> // [/(on_one u)|/negP].
have lo h : on_lower s i -> b i 0 + h <= 0 -> 0 <= h * grad b i 0 + h ^+ 2 * q.
  move=> l le; apply: (minimiser_step mb); apply: cone_step => //.
  by split=> // [/on_one/(_ l)|_ /negP].
have u_ge0 : on_upper s i -> 0 <= grad b i 0.
  move=> u; apply: (slope_ge0 q0 ltr01) => h h0 _; apply: up => //.
  by rewrite addr_ge0 ?bu // ltW.
have l_le0 : on_lower s i -> grad b i 0 <= 0.
  move=> l; rewrite -oppr_ge0; apply: (slope_ge0 q0 ltr01) => h h0 _.
  rewrite mulrN -mulNr -sqrrN; apply: lo => //.
  by rewrite subr_le0 (le_trans (bl l)) ?ltW.
split=> // nz; apply/eqP; case u: (on_upper s i).
  rewrite eq_le u_ge0 // andbT -oppr_ge0.
  have b0 : 0 < b i 0 by rewrite lt_def nz bu.
  apply: (slope_ge0 q0 b0) => h h0 hb; rewrite mulrN -mulNr -sqrrN.
  by apply: up => //; rewrite subr_ge0.
case l: (on_lower s i); last by rewrite bz ?u ?l // eqxx in nz.
rewrite eq_le l_le0 //=.
have b0 : 0 < - b i 0 by rewrite oppr_gt0 lt_def eq_sym nz bl.
apply: (slope_ge0 q0 b0) => h h0 hb; apply: lo => //.
by rewrite -(addrN (b i 0)) ler_add2l.
Qed.

(* Fit, gradient and loss do not depend on the minimiser. *)
Lemma fit_of_loss s b b' : minimiser s b -> cone s b' -> loss b' <= loss b -> X *m b' = X *m b.
Proof.
move=> mb cb' le; have kb := minimiser_kkt mb.
move: le; rewrite -[b'](subrK b) addrC loss_expand -addrA ger_addl => le.
have d0 : 0 <= dot (grad b) (b' - b).
  apply: sumr_ge0 => i _; rewrite [(b' - b) i 0]mxE [(- b) i 0]mxE mulrBr (kkt_orthogonal _ kb) subr0.
  exact: cone_slope kb cb'.
have w0 : 0 < (2%:R * n%:R)^-1 :> R by rewrite invr_gt0 mulr_gt0 ?ltr0n.
have le0 : sq (X *m (b' - b)) <= 0.
  rewrite -(pmulr_lle0 _ w0); apply: le_trans le; by rewrite ler_addr.
have /sq_eq0 z : sq (X *m (b' - b)) = 0 by apply/eqP; rewrite eq_le le0 sq_ge0.
by rewrite mulmxDr z addr0.
Qed.

Lemma minimiser_fit s b b' : minimiser s b -> minimiser s b' -> X *m b = X *m b'.
Proof. by move=> m m'; apply/esym/(fit_of_loss m); [case: m' | case: m' => _; apply; case: m]. Qed.

Lemma fit_same b b' : X *m b = X *m b' -> grad b = grad b' /\ loss b = loss b'.
Proof. by rewrite /Spec.grad /Spec.loss => ->. Qed.

(* The minimisers are the points of the cone with the same fit. *)
Lemma minimiser_of_fit s b b' : minimiser s b -> cone s b' -> X *m b' = X *m b -> minimiser s b'.
Proof. by move=> [_ m] c /fit_same [_ l]; split=> // b2 c2; rewrite l; apply: m. Qed.

Lemma minimiser_off s b b' i : kkt s b -> minimiser s b' -> X *m b' = X *m b -> grad b i 0 != 0 -> b' i 0 = 0.
Proof.
move=> _ /minimiser_kkt/(_ i)[z _ _] /fit_same [<- _] nz.
by apply/eqP; apply: contraNT nz => /z ->.
Qed.
End Minimisers.
