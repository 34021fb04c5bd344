(* How many saddles a path can have: their losses fall, and each loss is that of a fit on independent columns. *)
From mathcomp Require Import all_ssreflect order ssralg ssrnum zmodp matrix mxalgebra.
From Proved Require Import Spec Minimisers Runs.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Bound.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Hypothesis posed : well_posed P.
Implicit Types (b s : 'cV[R]_d) (k : saddle R d) (ks : seq (saddle R d)).
Local Notation grad := (grad P).
Local Notation loss := (loss P).

(* The columns of X that b uses, as rows, and as many of them as are independent. *)
Definition used b : 'M[R]_(d, n) := \matrix_(i, j) (if b i 0 != 0 then X P j i else 0).
Definition basis b : {set 'I_d} := [set maxrankfun (used b) j | j : 'I_(\rank (used b))].

Lemma basis_small b : (#|basis b| <= \rank (X P))%N.
Proof.
rewrite card_imset ?card_ord; last exact: maxrankfun_inj.
have -> : used b = diag_mx (\row_i (b i 0 != 0)%:R) *m (X P)^T.
  by apply/matrixP => i j; rewrite mul_diag_mx !mxE; case: (_ != 0); rewrite ?mul1r ?mul0r.
by rewrite -(mxrank_tr (X P)) mxrankM_maxr.
Qed.

Lemma basis_used b i : i \in basis b -> b i 0 != 0.
Proof.
case/imsetP => j _ ->; case z: (b _ 0 != 0) => //.
have /row_free_inj inj := maxrowsub_free (used b).
have e : delta_mx 0 j *m rowsub (maxrankfun (used b)) (used b) = 0 *m rowsub (maxrankfun (used b)) (used b) :> 'rV_n.
  by rewrite -rowE mul0mx; apply/rowP => l; rewrite !mxE z.
by have /rowP/(_ j)/eqP := inj _ _ _ e; rewrite !mxE !eqxx oner_eq0.
Qed.

Lemma basis_spans b b' : basis b = basis b' -> (used b' <= used b)%MS.
Proof.
move=> e; rewrite -(eq_maxrowsub (used b')); apply/row_subP => j; rewrite row_rowsub.
set i := maxrankfun _ j; have ib' : i \in basis b' by apply: imset_f.
have -> : row i (used b') = row i (used b).
  by apply/rowP => l; rewrite !mxE (basis_used ib') basis_used // e.
exact: row_sub.
Qed.

Definition stationary b := forall i, b i 0 != 0 -> grad b i 0 = 0.

Lemma loss_least b b' : stationary b -> basis b = basis b' -> loss b <= loss b'.
Proof.
move=> st e; set u := X P *m b - y P.
have n1 : n%:R != 0 :> R by rewrite pnatr_eq0 -lt0n; case: posed.
have gradE i : n%:R * grad b i 0 = \sum_j X P j i * u j 0.
  by rewrite mxE mulrA mulfV // mul1r mxE; apply: eq_bigr => j _; rewrite mxE.
have usedE w i : (used w *m u) i 0 = if w i 0 != 0 then n%:R * grad b i 0 else 0.
  rewrite mxE gradE; case: ifP => nz; last by rewrite big1 // => j _; rewrite mxE nz mul0r.
  by apply: eq_bigr => j _; rewrite mxE nz.
have zero : used b *m u = 0.
  by apply/matrixP => i j; rewrite ord1 usedE [RHS]mxE; case: ifP => // nz; rewrite st ?mulr0.
have zero' i : b' i 0 != 0 -> grad b i 0 = 0.
  move=> nz; have /submxP [D E] := basis_spans e; have := usedE b' i.
  by rewrite E -mulmxA zero mulmx0 mxE nz => /esym/eqP; rewrite mulf_eq0 (negPf n1) => /eqP.
rewrite -[b'](subrK b) addrC loss_expand // /dot big1 => [|i _]; last first.
  have -> : (b' - b) i 0 = b' i 0 - b i 0 by rewrite !mxE.
  have [z|nz] := eqVneq (b i 0) 0; last by rewrite st ?mul0r.
  have [z'|nz] := eqVneq (b' i 0) 0; last by rewrite zero' ?mul0r.
  by rewrite z z' oppr0 addr0 mulr0.
by rewrite addr0 ler_addl divr_ge0 ?sq_ge0 // mulr_ge0 ?ler0n.
Qed.

(* What a run says of each saddle. *)
Definition settled k := stationary (beta k) /\ stated_loss k = loss (beta k).
Fixpoint all_settled ks : Prop := if ks is k :: rest then settled k /\ all_settled rest else True.

Lemma run_settled c t s ks : run P c t s ks -> all_settled ks.
Proof.
elim: ks t s => // k [|k' rest] IH t s [_ m l _ h].
  by split=> //; split=> // i nz; have [z _ _] := minimiser_kkt posed m i; apply: z.
split; last by have [_] := h; apply: IH.
by split=> // i nz; have [z _ _] := minimiser_kkt posed m i; apply: z.
Qed.

Lemma falling_apart ks : all_settled ks -> sorted (fun x x' => x' < x) (map (@stated_loss R d) ks) ->
  uniq (map (fun k => basis (beta k)) ks).
Proof.
elim: ks => //= k ks IH [[st l] h] p; rewrite IH ?(path_sorted p) // andbT.
have /allP low : all (fun x => x < stated_loss k) (map (@stated_loss R d) ks).
  by apply: order_path_min p => x1 x2 x3 h1 h2; apply: lt_trans h1.
apply/negP; elim: ks h low {p IH} => //= k' ks IH [[st' l'] h] low; rewrite inE => /orP[/eqP e|]; last first.
  by apply: IH => // x xin; apply: low; rewrite inE xin orbT.
by have := low _ (mem_head _ _); rewrite l l' ltNge loss_least.
Qed.

Lemma card_at_most m : #|[set A : {set 'I_d} | (#|A| <= m)%N]| = (\sum_(j < m.+1) 'C(d, j))%N.
Proof.
rewrite -sum1_card (partition_big (fun A : {set 'I_d} => inord #|A| : 'I_m.+1) xpredT) //=.
apply: eq_bigr => j _; rewrite -[d in RHS]card_ord -card_draws sum1_card; apply: eq_card => A.
rewrite !inE; apply/andP/eqP => [[]|e].
  by rewrite inE => le /eqP <-; rewrite inordK.
by split; [rewrite inE e -ltnS|apply/eqP/val_inj; rewrite /= inordK e].
Qed.

Theorem few_saddles ks : all_settled ks -> sorted (fun x x' => x' < x) (map (@stated_loss R d) ks) ->
  (size ks <= \sum_(j < (\rank (X P)).+1) 'C(d, j))%N.
Proof.
move=> h p; rewrite -card_at_most cardE -(size_map (fun k => basis (beta k))).
apply: uniq_leq_size; first exact: falling_apart.
move=> A inA; rewrite mem_enum inE; elim: ks {h p} inA => //= k ks IH; rewrite inE.
by case/orP => [/eqP ->|/IH] //; apply: basis_small.
Qed.
End Bound.
