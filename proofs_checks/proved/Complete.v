(* A true document is accepted: so a rejection proves that a statement of the document is false. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Unique Sound.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Complete.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.
Variable doc : document.
Local Notation zr := (@integer R).
Local Notation d := (size (columns doc)).
Local Notation P := (problem_of R doc).
Local Notation value := (@value R).

(* The document is in the format: lengths and denominators fit, and it claims no uniqueness. *)
Definition fits (u : stated_vector) := if integral quotient u is Some v then size (values v) == d else false.
Definition readable_saddle k :=
  [&& fits (entries k), positive_time k & if uniqueness k is None then true else false].
Definition readable := [&& isSome (data_of quotient doc), fits (dual doc),
  ~~ nilp (saddles doc) & all readable_saddle (saddles doc)].

Section Replay.
Variable D : data.
Hypothesis SP : stands_problem P D.

Lemma state_of_some k v : readable_saddle k -> exists x, state_of quotient gcd D k v = Some x.
Proof.
case/and3P; rewrite /fits /state_of; case: (integral _ _) => // beta /eqP sb _ _.
have [[sX _ _ _] _ _ _] := SP; rewrite same_lengthE sb sX eqxx; by eexists.
Qed.

Lemma not_refuted (last : bool) x next s (k := saddle_of R doc (stated x)) :
  stands_saddle D x s -> in_box P s -> readable_saddle (stated x) ->
  Spec.cone P s (beta k) -> kkt P s (beta k) -> stated_loss k = Spec.loss P (beta k) ->
  first_hit x next = None -> (last -> no_hit P (grad P (beta k))) ->
  refute quotient gcd inverse D last x next = None.
Proof.
move=> SX box /and3P[_ px u] c kk l f e; have [_ l0] := positiveE R px.
rewrite /refute (coneE SP SX box).2 //; have [-> ->] := (kktE SP SX box).2 kk.
rewrite f (lossE SX l0).2 //= /prove; case: (uniqueness _) u => // _.
by case: last e => //= e; have -> : end_ x = None by apply/(endE SP SX)/e.
Qed.

Lemma replay_accepts whole k x rest s : stands_saddle D x s -> in_box P s ->
  all readable_saddle (stated x :: rest) ->
  checked P whole (value (jump_time (stated x))) s (map (saddle_of R doc) (stated x :: rest)) ->
  replay quotient gcd inverse whole D k x rest = if whole then Verified else Unchecked.
Proof.
elim: rest k x s => [|saddle rest IH] k x s SX box.
  by move=> /andP[rx _] [_ c kk l [_ e]]; rewrite /= (not_refuted SX box rx c kk l).
move=> /andP[rx /andP[rs rr]] [_ c kk l [_ h]].
have /and3P[_ px _] := rx; have [x0 _] := positiveE R px; have /and3P[_ ps _] := rs; have [n0 _] := positiveE R ps.
have [next N] := state_of_some (Check.moved quotient gcd x (jump_time saddle)) rs.
rewrite [replay _ _ _ _ _ _ _ _]/= ps N.
have [SY sE] := state_ofE SP (movedE quotient gcd SX n0 x0) N; subst saddle.
have [lt box' ah ch] := h.
rewrite (not_refuted SX box rx c kk l) //; last by apply/(first_hitE SP SX SY x0 n0); split.
by apply: (IH _ next _ SY box') => //; rewrite /= rs.
Qed.
End Replay.

Theorem complete_accepts : readable -> path P (complete doc) (map (saddle_of R doc) (saddles doc)) ->
  check quotient gcd inverse doc = if complete doc then Verified else Unchecked.
Proof.
rewrite /readable /fits /check; case ED: (data_of _ _) => [D|] //=; have SP := data_ofE R ED.
case ES: (integral _ _) => [v|] //; case: (saddles doc) => [|saddle rest] /= /andP[/eqP sv rs] p //.
have [posd box r] := p; have /andP[rsaddle _] := rs; have /and3P[_ ps _] := rsaddle.
rewrite same_lengthE sv eqxx ps /=.
have [x EX] := state_of_some SP v rsaddle; rewrite EX.
have Sv : stands v (Spec.start P) by apply: (integralE R ES); rewrite -(integral_size R ES) sv.
have [SX sE] := state_ofE SP Sv EX; subst saddle.
have ch := run_checked posd box r; have [t0 _ _ _ _] := ch.
have z : zr (jump_time (stated x)).1 = 0.
  have [q0 _] := positiveE R ps; move: t0; rewrite /= /Meaning.value => /eqP.
  by rewrite mulf_eq0 invr_eq0 orbC gt_eqF //= => /eqP.
have -> : Check.start x = None.
  by rewrite /Check.start (nonzeroE R) z eqxx /=; apply/at_indexN/(in_boxE SP SX).
have {}t0 : value (jump_time (stated x)) = 0 := t0.
by apply: (replay_accepts SP) box _ _ => //; rewrite t0.
Qed.

(* So what is rejected is false. *)
Theorem rejected_false k c w x next : readable -> check quotient gcd inverse doc = Rejected k c w x next ->
  ~ path P (complete doc) (map (saddle_of R doc) (saddles doc)).
Proof. by move=> rd E p; have := complete_accepts rd p; rewrite E; case: (complete doc). Qed.
End Complete.
