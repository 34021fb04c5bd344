(* What is proved, in one place. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix mxalgebra ssrZ.
From Proved Require Import Check Meaning Minimisers Runs Sound Complete Quick QuickSound Bound Spec.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Theorems.
Variables (R : realFieldType) (quotient gcd inverse : Z -> Z -> Z) (precision : Z) (doc : document).
Local Notation verdict := (decide quotient gcd inverse precision doc).
Local Notation P := (problem_of R doc).
Local Notation saddles := (map (saddle_of R doc) (saddles doc)).

(* (a) What is accepted is a run of Algorithm 1, from s_0 to its end or a prefix of it, with the stated times,
   saddles, losses and uniqueness; whatever the oracles return and whatever the precision. *)
Theorem sound_complete : verdict = Verified -> path P true saddles.
Proof. exact: decided. Qed.
Theorem sound_prefix : verdict = Unchecked -> path P false saddles.
Proof. exact: decided_prefix. Qed.

(* (b) A true document in the format whose proofs of uniqueness are right is accepted, so a rejected one says
   something false: of the path, of a second minimiser, or as a proof that there is none. *)
Theorem complete : readable quotient doc -> right_proofs quotient gcd inverse (start P) (Check.saddles doc) ->
  path P (Check.complete doc) saddles -> verdict = if Check.complete doc then Verified else Unchecked.
Proof. by move=> r u p; apply: decided_alike => //; exact: complete_accepts r u p. Qed.
Theorem rejected k c w x next : readable quotient doc -> verdict = Rejected k c w x next ->
  right_proofs quotient gcd inverse (start P) (Check.saddles doc) -> ~ path P (Check.complete doc) saddles.
Proof. by move=> r /decided_rejected; apply: rejected_false. Qed.
Theorem nothing_claimed (s : 'cV[R]_(size (columns doc))) : all (fun k => if uniqueness k is None then true else false) (Check.saddles doc) ->
  right_proofs quotient gcd inverse s (Check.saddles doc).
Proof. exact: no_claims. Qed.
End Theorems.

Section Paths.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Implicit Types ks : seq (saddle R d).

(* (c) Two paths, complete or not and whatever minimisers they hold, agree on t_k, X beta_k, the losses and s_k
   as far as both go; two complete ones are equally long. *)
Theorem path_unique c c' ks ks' : path P c ks -> path P c' ks' ->
  [/\ agree P ks ks', forall m, (m < size ks)%N -> (m < size ks')%N ->
        nth 0 (duals P 0 (start P) ks) m = nth 0 (duals P 0 (start P) ks') m,
      c -> (size ks' <= size ks)%N & c' -> (size ks <= size ks')%N].
Proof. by move=> [posed _ r] [_ _ r']; apply: run_unique. Qed.

(* (e) Losses strictly decrease. *)
Theorem losses_fall c ks : path P c ks -> sorted (fun x x' => x' < x) (map (@stated_loss R d) ks).
Proof. by move=> [posed box r]; apply: run_losses_fall box r. Qed.

(* So no path, complete or not, has more saddles than there are sets of at most rank X columns. *)
Theorem saddles_bounded c ks : path P c ks -> (size ks <= \sum_(j < (\rank (X P)).+1) 'C(d, j))%N.
Proof.
move=> p; have [posed _ r] := p.
by apply: few_saddles; [exact: posed|exact: run_settled r|exact: losses_fall p].
Qed.
End Paths.

(* (d) With thresholds 1 and s_0 = 0 a complete path ends at a least |b|_1 among the minimisers of the loss. *)
Section MinimumNorm.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Hypotheses (unit_upper : forall i, upper P i = Some 1) (unit_lower : forall i, lower P i = Some 1).
Hypothesis zero_start : start P = 0.
Definition norm1 (b : 'cV[R]_d) := \sum_i `|b i 0|.

Lemma run_end (t : R) (s z : _) ks k0 : well_posed P -> in_box P s -> s = (X P)^T *m z -> run P true t s ks ->
  exists s' z', [/\ in_box P s', s' = (X P)^T *m z', minimiser P s' (beta (last k0 ks)) & no_hit P (grad P (beta (last k0 ks)))].
Proof.
move=> posed; elim: ks t s z k0 => // k [|k' rest] IH t s z k0 box sz r.
  have [_ m _ _ /(_ isT) e] := r; exists s, z; split=> //=.
  exact: end_no_hit box (minimiser_kkt posed m) e.
have [_ m _ _ [f r']] := r; have box' := first_hit_box box (minimiser_kkt posed m) f.
apply: (IH (time k') _ (z - (time k' - t) *: (n%:R^-1 *: (X P *m beta k - y P))) k) box' _ r'.
by rewrite /moved sz mulmxBr -!scalemxAr.
Qed.

Theorem minimum_norm ks k0 : path P true ks -> let b := beta (last k0 ks) in
  (forall b', loss P b <= loss P b') /\
  forall b', (forall b2, loss P b' <= loss P b2) -> norm1 b <= norm1 b'.
Proof.
move=> [posed box r] b; have s0 : start P = (X P)^T *m 0 by rewrite zero_start mulmx0.
have [s [z [bs sz m nh]]] := run_end k0 posed box s0 r; rewrite -/b in m nh.
have g0 : grad P b = 0.
  apply/matrixP => i j; rewrite ord1 [RHS]mxE; apply/eqP; rewrite eq_le !leNgt; apply/andP.
  have [u l] := nh i; rewrite unit_upper unit_lower in u l.
  by split; apply/negP => h; [have := l h|have := u h].
have least b' : loss P b' = loss P b + sq (X P *m (b' - b)) / (2%:R * n%:R).
  rewrite -{1}[b'](subrK b) addrC loss_expand // g0 /dot big1 ?addr0 // => i _; by rewrite mxE mul0r.
have w0 : 0 < (2%:R * n%:R)^-1 :> R by rewrite invr_gt0 mulr_gt0 ?ltr0n //; case: posed.
split=> [b'|b' mb']; first by rewrite (least b') ler_addl mulr_ge0 ?sq_ge0 ?ltW.
have fit : X P *m b' = X P *m b.
  have := mb' b; rewrite (least b') ger_addl pmulr_lle0 // => le0.
  have /sq_eq0 e : sq (X P *m (b' - b)) = 0 by apply/eqP; rewrite eq_le le0 sq_ge0.
  by apply/eqP; rewrite -subr_eq0 -mulmxBr e.
have bound i : `|s i 0| <= 1.
  by have [] := bs i; rewrite unit_upper unit_lower /= ler_norml ler_oppl => -> ->.
have le_dot v : dot s v <= norm1 v.
  apply: ler_sum => i _; rewrite (le_trans (ler_norm _)) // normrM ler_pimull //.
have eq_dot : norm1 b = dot s b.
  apply: eq_bigr => i _; have [bu bl bz] := (proj1 m) i.
  move: bu bl bz; rewrite /on_upper /on_lower unit_upper unit_lower.
  case: eqP => [[<-] /(_ isT) b0 _ _|_ _]; first by rewrite mul1r ger0_norm.
  case: eqP => [[e] /(_ isT) b0 _|_ _ /(_ isT isT) ->]; last by rewrite normr0 mulr0.
  by rewrite -[s i 0]opprK -e mulN1r ler0_norm.
rewrite eq_dot (le_trans _ (le_dot b')) // sz.
by rewrite dotC -[X in dot _ X]/((X P)^T *m z) [in X in X <= _]dotC -!dot_mulmx fit dotC.
Qed.
End MinimumNorm.

Print Assumptions sound_complete.
Print Assumptions complete.
Print Assumptions nothing_claimed.
Print Assumptions path_unique.
Print Assumptions losses_fall.
Print Assumptions saddles_bounded.
Print Assumptions minimum_norm.
