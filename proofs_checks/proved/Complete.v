(* A true document is accepted: so a rejection proves that a statement of the document is false. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Unique Valid Sound.
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

(* The document is in the format: lengths and denominators fit. *)
Definition fits (u : stated_vector) := if integral quotient u is Some v then size (values v) == d else false.
Definition readable_saddle k := fits (entries k) && positive_time k.
Definition readable := [&& isSome (data_of quotient doc), fits (dual doc),
  ~~ nilp (saddles doc) & all readable_saddle (saddles doc)].

(* What it states of uniqueness is right: the proofs of what is unique, by oracles that are; else the second minimiser. *)
Definition integral_columns := if data_of quotient doc is Some D then X_columns D else [::].
Definition right_proof s (k : stated_saddle) := let b := beta (saddle_of R doc k) in
  match uniqueness k with
  | None => True
  | Some (Only w rows m) => right_oracles quotient inverse /\ proves_only quotient gcd P integral_columns s b w rows m
  | Some (Second other) => [/\ fits other, minimiser P s (vector_of R d (ratios other)) & vector_of R d (ratios other) <> b]
  end.
Fixpoint right_proofs s (ks : seq stated_saddle) : Prop :=
  if ks is k :: rest then
    right_proof s k /\
    if rest is next :: _ then
      right_proofs (Spec.moved s (grad P (beta (saddle_of R doc k))) (value (jump_time next) - value (jump_time k))) rest
    else True
  else True.

Section Replay.
Variable D : data.
Hypothesis SP : stands_problem P D.
Hypothesis ED : data_of quotient doc = Some D.

Lemma state_of_some k v : readable_saddle k -> exists x, state_of quotient D k v = Some x.
Proof.
case/andP; rewrite /fits /state_of; case: (integral _ _) => // beta /eqP sb _.
have [[sX _ _ _] _ _ _] := SP; rewrite same_lengthE sb sX eqxx; by eexists.
Qed.

Lemma proof_accepted x s (k := saddle_of R doc (stated x)) : signs_saddle D x s -> in_box P s ->
  minimiser P s (beta k) -> right_proof s (stated x) -> prove quotient gcd inverse D x = None.
Proof.
move=> SX box mb; rewrite /right_proof /prove /integral_columns ED; case: (uniqueness _) => [[w rows m|other]|] //=.
  by move=> [ro po]; rewrite (only_accepted SP SX box ro po).
case=> f m ne; move: f; rewrite /fits; case I: (integral _ _) => [v|] // /eqP sv; have [sz _ _ _] := SX.
have Sv : stands v (vector_of R d (ratios other)) by apply: (integralE R I); rewrite -(integral_size R I).
by rewrite same_lengthE sv sz eqxx (second_accepted SP SX box mb Sv m ne).
Qed.

Lemma not_refuted (last : bool) x next s (k := saddle_of R doc (stated x)) :
  signs_saddle D x s -> in_box P s -> readable_saddle (stated x) ->
  Spec.cone P s (beta k) -> kkt P s (beta k) -> stated_loss k = Spec.loss P (beta k) ->
  first_hit x next = None -> (last -> no_hit P (grad P (beta k))) -> right_proof s (stated x) ->
  refute quotient gcd inverse D last x next = None.
Proof.
move=> SX box /andP[_ px] c kk l f e u; have [_ l0] := positiveE R px.
have mb := kkt_minimiser c kk; have p := proof_accepted SX box mb u.
rewrite /refute (coneE SP SX box).2 //; have [-> ->] := (kktE SP SX box).2 kk.
rewrite f (lossE SX l0).2 //= p.
by case: last e => //= e; have -> : end_ x = None by apply/(endE SP SX)/e.
Qed.

Lemma replay_accepts whole k x rest s : stands_saddle D x s -> in_box P s ->
  all readable_saddle (stated x :: rest) -> right_proofs s (stated x :: rest) ->
  checked P whole (value (jump_time (stated x))) s (map (saddle_of R doc) (stated x :: rest)) ->
  replay quotient gcd inverse whole D k x rest = if whole then Verified else Unchecked.
Proof.
elim: rest k x s => [|saddle rest IH] k x s SX box.
  by move=> /andP[rx _] [u _] [_ c kk l [_ e]]; rewrite /= (not_refuted (signs_of SP SX) box rx c kk l).
move=> /andP[rx /andP[rs rr]] [u us] [_ c kk l [_ h]].
have /andP[_ px] := rx; have [x0 _] := positiveE R px; have /andP[_ ps] := rs; have [n0 _] := positiveE R ps.
have [next N] := state_of_some (Check.moved quotient gcd x (jump_time saddle)) rs.
rewrite [replay _ _ _ _ _ _ _ _]/= ps N.
have [SY sE] := state_ofE SP (movedE quotient gcd SX n0 x0) N; subst saddle.
have [lt box' ah ch] := h.
rewrite (not_refuted (signs_of SP SX) box rx c kk l) //; last by apply/(first_hitE SP (signs_of SP SX) (signs_of SP SY) x0 n0); split.
by apply: (IH _ next _ SY box') => //; rewrite /= rs.
Qed.
End Replay.

Theorem complete_accepts : readable -> right_proofs (Spec.start P) (saddles doc) ->
  path P (complete doc) (map (saddle_of R doc) (saddles doc)) ->
  check quotient gcd inverse doc = if complete doc then Verified else Unchecked.
Proof.
rewrite /readable /fits /check; case ED: (data_of _ _) => [D|] //=; have SP := data_ofE R ED.
case ES: (integral _ _) => [v|] //; case: (saddles doc) => [|saddle rest] /andP[/eqP sv rs0] us p; first by [].
have rs : all readable_saddle (saddle :: rest) by []; rewrite /= in p.
have [posd box r] := p; have /andP[rsaddle _] := rs; have /andP[_ ps] := rsaddle.
rewrite same_lengthE sv eqxx ps /=.
have [x EX] := state_of_some SP v rsaddle; rewrite EX.
have Sv : stands v (Spec.start P) by apply: (integralE R ES); rewrite -(integral_size R ES) sv.
have [SX sE] := state_ofE SP Sv EX; subst saddle.
have ch := run_checked posd box r; have [t0 _ _ _ _] := ch.
have z : zr (jump_time (stated x)).1 = 0.
  have [q0 _] := positiveE R ps; move: t0; rewrite /= /Meaning.value => /eqP.
  by rewrite mulf_eq0 invr_eq0 orbC gt_eqF //= => /eqP.
have -> : Check.start x = None.
  by rewrite /Check.start (nonzeroE R) z eqxx /=; apply/at_indexN/(in_boxE SP (signs_of SP SX)).
have {}t0 : value (jump_time (stated x)) = 0 := t0.
by apply: (replay_accepts SP ED) box _ us _ => //; rewrite t0.
Qed.

(* So in what is rejected the path is false, or a proof of uniqueness is not right. *)
Theorem rejected_false k c w x next : readable -> check quotient gcd inverse doc = Rejected k c w x next ->
  right_proofs (Spec.start P) (saddles doc) -> ~ path P (complete doc) (map (saddle_of R doc) (saddles doc)).
Proof. by move=> rd E us p; have := complete_accepts rd us p; rewrite E; case: (complete doc). Qed.

(* Where no uniqueness is claimed there is nothing to prove of it. *)
Lemma no_claims s ks : all (fun k => if uniqueness k is None then true else false) ks -> right_proofs s ks.
Proof.
elim: ks s => [|k ks IH] s //= /andP[u us]; split; first by rewrite /right_proof; case: (uniqueness k) u.
by case: ks IH us => // next rest IH us; apply: IH.
Qed.
End Complete.
