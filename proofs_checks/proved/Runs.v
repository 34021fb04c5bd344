(* Runs of Algorithm 1: the conditions that a checker can test are equivalent to it; the run is unique; losses fall. *)
From mathcomp Require Import all_ssreflect order ssralg ssrnum zmodp matrix.
From Proved Require Import Spec Minimisers.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Runs.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Implicit Types (b s g : 'cV[R]_d) (ks : seq (saddle R d)).
Local Notation X := (Spec.X P).
Local Notation upper := (Spec.upper P).
Local Notation lower := (Spec.lower P).
Local Notation loss := (Spec.loss P).
Local Notation grad := (Spec.grad P).
Local Notation cone := (Spec.cone P).
Local Notation minimiser := (Spec.minimiser P).
Local Notation on_upper := (Spec.on_upper P).
Local Notation on_lower := (Spec.on_lower P).
Local Notation in_box := (Spec.in_box P).
Local Notation lands := (Spec.lands P).
Local Notation first_hit := (Spec.first_hit P).
Local Notation kkt := (kkt P).
Hypothesis posed : well_posed P.

(* What the checker tests of a hit and of the end. *)
Definition lands_ahead s' g := exists i, (g i 0 < 0) && on_upper s' i || (0 < g i 0) && on_lower s' i.
Definition no_hit g := forall i, [/\ g i 0 < 0 -> upper i = None & 0 < g i 0 -> lower i = None].

Lemma movedE s g e i : moved s g e i 0 = s i 0 - e * g i 0.
Proof. by rewrite !mxE. Qed.

Lemma box_first_hit s g e : in_box s -> 0 < e -> in_box (moved s g e) ->
  lands_ahead (moved s g e) g -> first_hit s g e.
Proof.
move=> box e0 box' [i ah]; split=> //.
  by case/orP: ah => /andP[h a]; exists i; rewrite ?a ?orbT // ?(lt_eqF h) ?(gt_eqF h).
move=> f /andP[f0 fe] [j gj]; have [bu bl] := box j; have [bu' bl'] := box' j.
move: bu bl bu' bl'; rewrite /Spec.on_upper /Spec.on_lower !movedE.
move: (g j 0) gj (s j 0) => x; rewrite neq_lt => xs z.
case/orP: xs => xs bu bl bu' bl' /orP[] /eqP E.
- by move: bu'; rewrite E /= ler_add2l ler_opp2 ler_nmul2r // leNgt fe.
- by move: bl; rewrite E /= opprB ler_subr_addl subrr nmulr_lge0 // leNgt f0.
- by move: bu; rewrite E /= ler_subr_addl ger_addr pmulr_lle0 // leNgt f0.
by move: bl'; rewrite E /= !opprB ler_add2r ler_pmul2r // leNgt fe.
Qed.

Lemma first_hit_unique s g e e' : first_hit s g e -> first_hit s g e' -> e = e'.
Proof.
move=> [p l m] [p' l' m']; case: (ltgtP e e') => // h.
  by case: (m' e); rewrite ?p.
by case: (m e'); rewrite ?p'.
Qed.

Lemma no_hit_end s g e : in_box s -> no_hit g -> 0 < e -> ~ lands s g e.
Proof.
move=> box nh e0 [j gj]; have [bu bl] := box j; have [u l] := nh j.
move: bu bl u l; rewrite /Spec.on_upper /Spec.on_lower !movedE; move: (g j 0) gj (s j 0) => x; rewrite neq_lt => xs z.
case/orP: xs => xs bu bl u l /orP[] /eqP E.
- by rewrite u in E.
- by move: bl; rewrite E /= opprB ler_subr_addl subrr nmulr_lge0 // leNgt e0.
- by move: bu; rewrite E /= ler_subr_addl ger_addr pmulr_lle0 // leNgt e0.
by rewrite l in E.
Qed.

(* The converses. A coordinate that heads for a finite threshold lands on it at some time e > 0. *)
Lemma heads_up s b i c : in_box s -> kkt s b -> grad b i 0 < 0 -> upper i = Some c ->
  exists e, [/\ 0 < e, lands s (grad b) e & s i 0 - e * grad b i 0 = c].
Proof.
move=> /(_ i) [le _] /(_ i) [_ up _] g0 U; rewrite U /= in le.
have lt : s i 0 < c.
  rewrite lt_neqAle le andbT; apply/negP => /eqP E.
  by move: g0; rewrite ltNge up // /Spec.on_upper U E.
have e0 : 0 < (s i 0 - c) / grad b i 0 by rewrite ltr_ndivl_mulr // mul0r subr_lt0.
have E : s i 0 - (s i 0 - c) / grad b i 0 * grad b i 0 = c by rewrite divfK ?lt_eqF // opprB addrC subrK.
exists ((s i 0 - c) / grad b i 0); split=> //.
by exists i; [rewrite lt_eqF | rewrite /Spec.on_upper movedE E U eqxx].
Qed.
Lemma heads_down s b i c : in_box s -> kkt s b -> 0 < grad b i 0 -> lower i = Some c ->
  exists e, [/\ 0 < e, lands s (grad b) e & s i 0 - e * grad b i 0 = - c].
Proof.
move=> /(_ i) [_ le] /(_ i) [_ _ lo] g0 U; rewrite U /= in le.
have lt : - c < s i 0.
  rewrite lt_neqAle ler_oppl le andbT; apply/negP => /eqP E.
  by move: g0; rewrite ltNge lo // /Spec.on_lower U -E opprK.
have e0 : 0 < (s i 0 + c) / grad b i 0 by rewrite divr_gt0 // -(opprK c) subr_gt0.
have E : s i 0 - (s i 0 + c) / grad b i 0 * grad b i 0 = - c.
  by rewrite divfK ?gt_eqF // opprD addrA subrr add0r.
exists ((s i 0 + c) / grad b i 0); split=> //.
by exists i; [rewrite gt_eqF | rewrite /Spec.on_lower movedE E opprK U eqxx orbT].
Qed.

Lemma first_hit_box s b e : in_box s -> kkt s b -> first_hit s (grad b) e -> in_box (moved s (grad b) e).
Proof.
move=> box kb [e0 _ m] i; have [bu bl] := box i; rewrite movedE; split.
  case U: (upper i) bu => [c|] //= le; rewrite leNgt; apply/negP => lt.
  have g0 : grad b i 0 < 0.
    rewrite ltNge; apply/negP => g0; move: lt; rewrite ltNge.
    by rewrite (le_trans _ le) // ger_addl oppr_le0 mulr_ge0 // ltW.
  have [f [f0 l E]] := heads_up box kb g0 U; apply: (m f) l; rewrite f0 /=.
  by move: lt; rewrite -E ltr_add2l ltr_opp2 ltr_nmul2r.
case U: (lower i) bl => [c|] //= le; rewrite leNgt; apply/negP => lt.
have g0 : 0 < grad b i 0.
  rewrite ltNge; apply/negP => g0; move: lt; rewrite ltNge.
  by rewrite (le_trans _ le) // opprB ger_addr mulr_ge0_le0 // ltW.
have [f [f0 l E]] := heads_down box kb g0 U; apply: (m f) l; rewrite f0 /=.
by move: lt; rewrite -[c]opprK -E ltr_opp2 ltr_add2l ltr_opp2 ltr_pmul2r.
Qed.

Lemma first_hit_ahead s g e : in_box s -> first_hit s g e -> lands_ahead (moved s g e) g.
Proof.
move=> box [e0 [i gi l] _]; exists i; have [bu bl] := box i.
move: bu bl l gi; rewrite /Spec.on_upper /Spec.on_lower movedE.
move: (g i 0) (s i 0) => x z bu bl; rewrite neq_lt => /orP[] /eqP E /orP[] xs.
- by rewrite xs E eqxx.
- by move: bu; rewrite E /= ler_subr_addl ger_addr pmulr_lle0 // leNgt e0.
- by move: bl; rewrite E /= opprB ler_subr_addl subrr nmulr_lge0 // leNgt e0.
by rewrite xs E eqxx orbT.
Qed.

Lemma end_no_hit s b : in_box s -> kkt s b -> (forall e, 0 < e -> ~ lands s (grad b) e) -> no_hit (grad b).
Proof.
move=> box kb m i; split=> g0.
  case U: (upper i) => [c|] //; have [e [e0 l _]] := heads_up box kb g0 U; by case: (m e).
case U: (lower i) => [c|] //; have [e [e0 l _]] := heads_down box kb g0 U; by case: (m e).
Qed.

Fixpoint checked (complete : bool) (t : R) s ks : Prop :=
  if ks is k :: rest then
    [/\ time k = t, cone s (beta k), kkt s (beta k), stated_loss k = loss (beta k) &
      uniqueness_holds P s k /\
      if rest is k' :: _ then
        let s' := moved s (grad (beta k)) (time k' - t) in
        [/\ t < time k', in_box s', lands_ahead s' (grad (beta k)) & checked complete (time k') s' rest]
      else complete -> no_hit (grad (beta k))]
  else False.

Theorem checked_run complete t s ks : in_box s -> checked complete t s ks -> run P complete t s ks.
Proof.
elim: ks t s => // k [|k' rest] IH t s box /= [-> c kk -> [u h]]; split=> //; try exact: kkt_minimiser.
  by move=> /h nh e e0; exact: no_hit_end box nh e0.
case: h => lt box' ah ch; split; first by apply: box_first_hit => //; rewrite subr_gt0.
by apply: IH.
Qed.

Theorem run_checked complete t s ks : in_box s -> run P complete t s ks -> checked complete t s ks.
Proof.
elim: ks t s => // k [|k' rest] IH t s box /= [tk m -> u h].
  have kb := minimiser_kkt posed m; split=> //; [by case: m|split=> // /h; exact: end_no_hit box kb].
have kb := minimiser_kkt posed m; case: h => f r; have [e0 _ _] := f.
have box' := first_hit_box box kb f.
split=> //; [by case: m|split=> //; split=> //; [by rewrite -subr_gt0 | exact: first_hit_ahead box f | exact: IH]].
Qed.

(* Whatever minimisers two runs choose, they agree on what is certified, as far as both go. *)
Definition same (k k' : saddle R d) :=
  [/\ time k = time k', X *m beta k = X *m beta k' & stated_loss k = stated_loss k'].
Fixpoint duals (t : R) s ks : seq 'cV[R]_d :=
  if ks is k :: rest then
    s :: (if rest is k' :: _ then duals (time k') (moved s (grad (beta k)) (time k' - t)) rest else [::])
  else [::].
Fixpoint agree ks ks' : Prop :=
  match ks, ks' with k :: ks, k' :: ks' => same k k' /\ agree ks ks' | _, _ => True end.

Theorem run_unique c c' t s ks ks' : run P c t s ks -> run P c' t s ks' ->
  [/\ agree ks ks', forall m, (m < size ks)%N -> (m < size ks')%N ->
        nth 0 (duals t s ks) m = nth 0 (duals t s ks') m,
      c -> (size ks' <= size ks)%N & c' -> (size ks <= size ks')%N].
Proof.
elim: ks t s ks' => [|k rest IH] t s [|k' rest'] // r r'.
have [t1 m1 l1 _ h1] := r; have [t2 m2 l2 _ h2] := r'.
have [gE lE] := fit_same (minimiser_fit posed m1 m2).
have sm : same k k' by split; rewrite ?t1 ?t2 ?l1 ?l2 // (minimiser_fit posed m1 m2).
case: rest IH h1 {r} => [|k2 rest] IH h1; case: rest' h2 {r'} => [|k2' rest'] h2.
- by split=> // -[|].
- split=> //; first by case.
  by move=> /h1 h; case: h2 => [[e0 l _] _]; case: (h _ e0); rewrite gE.
- split=> //; first by case.
  by move=> /h2 h; case: h1 => [[e0 l _] _]; case: (h _ e0); rewrite -gE.
have [f1 r1] := h1; have [f2 r2] := h2.
have tE : time k2 = time k2'.
  by apply: (addIr (- t)); rewrite gE in f1; exact: first_hit_unique f1 f2.
have {}r1 : run P c (time k2) (moved s (grad (beta k)) (time k2 - t)) (k2 :: rest) := r1.
have {}r2 : run P c' (time k2') (moved s (grad (beta k')) (time k2' - t)) (k2' :: rest') := r2.
rewrite -tE -gE in r2; have [a du sz sz'] := IH _ _ _ r1 r2.
split=> //.
by move=> [|m] lt lt' //; have := du m lt lt'; rewrite [duals t s _]/= [duals t s (k' :: _)]/= -tE -gE.
Qed.

(* Losses fall from saddle to saddle. *)
Lemma loss_falls s b b' e : in_box s -> minimiser s b -> first_hit s (grad b) e ->
  minimiser (moved s (grad b) e) b' -> loss b' < loss b.
Proof.
move=> box m f m'; have kb := minimiser_kkt posed m.
have c : cone (moved s (grad b) e) b.
  move=> i; have [z _ _] := kb i; have [bu bl bz] := (proj1 m) i.
  have [->|/z g0] := eqVneq (b i 0) 0; first by split.
  by rewrite /Spec.on_upper /Spec.on_lower movedE g0 mulr0 subr0; split.
have [_ least] := m'; rewrite lt_neqAle least // andbT; apply/negP => /eqP E.
have k' := minimiser_kkt posed m'.
have fE : X *m b = X *m b' by apply: (fit_of_loss posed m') => //; rewrite E.
have [gE _] := fit_same fE.
have [i] := first_hit_ahead box f; have [_ up lo] := k' i.
by case/orP=> /andP[h]; [move=> /up|move=> /lo]; rewrite -gE leNgt h.
Qed.

Theorem run_losses_fall c t s ks : in_box s -> run P c t s ks ->
  sorted (fun x x' => x' < x) (map (@stated_loss R d) ks).
Proof.
elim: ks t s => // k [|k' rest] IH t s box // [tk m l u [f r]].
have box' := first_hit_box box (minimiser_kkt posed m) f.
have r' : run P c (time k') (moved s (grad (beta k)) (time k' - t)) (k' :: rest) := r.
have := IH _ _ box' r'; rewrite /= => ->; rewrite andbT l.
by have [_ m' -> _ _] := r'; apply: loss_falls m'.
Qed.
End Runs.
