(* What the checker accepts is a run of Algorithm 1 with the stated saddles, whatever its oracles return. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Unique.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Sound.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.
Variable doc : document.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation n := (size (target doc)).
Local Notation d := (size (columns doc)).
Local Notation P := (problem_of R doc).

Lemma all_numeratorsE m done columns v : all_numerators quotient m done columns = Some v ->
  exists w, [/\ v = rev done ++ w, size w = size columns & forall j, (j < size columns)%N ->
    numerators quotient m [::] (nth [::] columns j) = Some (nth [::] w j)].
Proof.
elim: columns done => [|c u IH] done /=; first by case=> <-; exists [::]; rewrite cats0.
case E: (numerators _ _ _ _) => [w|] // /IH [w' [-> sw h]]; exists (w :: w').
by rewrite rev_cons cat_rcons; split=> //=; [rewrite sw | case].
Qed.

Lemma InE A (a : seq A) (u : seq (seq A)) : List.In a u -> exists2 j, (j < size u)%N & a = nth [::] u j.
Proof.
elim: u => //= c u IH [->|/IH [j lt ->]]; [by exists 0%N|by exists j.+1].
Qed.

Lemma data_ofE D : data_of quotient doc = Some D -> stands_problem P D.
Proof.
rewrite /data_of; case E: (_ && _) => //; case Ey: (numerators _ _ _ (target doc)) => [yv|] //.
case EX: (all_numerators _ _ _ _) => [Xv|] // [<-].
case/andP: E => /andP[/andP[/andP[m0 n0] th]]; rewrite same_lengthE => /eqP sbox lens.
have [w [ywE sy yE]] := numeratorsE R Ey; rewrite /= in ywE; rewrite {yv}ywE in Ey *.
have [W [XWE sX XE]] := all_numeratorsE EX; rewrite /= in XWE; rewrite {Xv}XWE in EX *.
rewrite zr_lt in m0; rewrite zr_lt lengthE ltr0n in n0.
have len j : (j < d)%N -> size (nth [::] (columns doc) j) = n.
  by move=> lt; have /all_nthP := lens => /(_ [::] j lt); rewrite same_lengthE => /eqP.
have col j : (j < d)%N -> size (nth [::] W j) = n /\ forall i, (i < n)%N ->
    zr (denominator doc) * value R (nth (0, 1)%ZZ (nth [::] (columns doc) j) i) =
    zr (nth 0%ZZ (nth [::] W j) i).
  move=> lt; have [w' [/= -> sw' h]] := numeratorsE R (XE _ lt); rewrite sw' len //.
  by split=> // i lti; apply: (h i _).2; rewrite len.
split; split=> //=.
- by move=> c /InE [j]; rewrite sX => lt ->; case: (col j lt).
- by rewrite lengthE.
- by move=> i j; rewrite mxE; apply: (col j _).2.
- by move=> i; rewrite mxE; apply: (yE i _).2.
by move=> j; have /all_nthP := th => /(_ ((1, 0), (1, 0))%ZZ j); rewrite sbox; apply.
Qed.

Lemma orelseN A (x : option A) y : orelse x y = None -> x = None /\ y tt = None.
Proof. by case: x. Qed.
Lemma namedN c x : named c x = None -> x = None.
Proof. by case: x. Qed.

Section Replay.
Variable D : data.
Hypothesis SP : stands_problem P D.
Definition stands_saddle x s := stands_state P D x s (vector_of R d (ratios (entries (stated x)))).
Definition signs_saddle x s := stands_signs P D x s (vector_of R d (ratios (entries (stated x)))).

Lemma positiveE k : positive_time k -> 0 < zr (jump_time k).2 /\ 0 < zr (saddle_loss k).2.
Proof. by rewrite /positive_time !zr_lt => /andP. Qed.

Lemma refuteE last x next s (k := saddle_of R doc (stated x)) :
  signs_saddle x s -> in_box P s -> positive_time (stated x) ->
  refute quotient gcd inverse D last x next = None ->
  [/\ Spec.cone P s (beta k), kkt P s (beta k), stated_loss k = Spec.loss P (beta k), uniqueness_holds P s k &
      first_hit x next = None /\ (last -> no_hit P (grad P (beta k)))].
Proof.
move=> SX box /positiveE [_ l0] /orelseN [/namedN c /orelseN [/namedN st /orelseN [/namedN ds]]].
move=> /orelseN [/namedN f /orelseN [/namedN l /orelseN [e p]]].
have kc : Spec.cone P s (beta k) by apply/(coneE SP SX box).
have kk : kkt P s (beta k) by apply/(kktE SP SX box).
split=> //; first by apply/(lossE SX).
  by have := proveE SP SX box (kkt_minimiser kc kk) p; rewrite /uniqueness_holds.
by split=> // la; apply/(endE SP SX); rewrite la in e; apply: namedN e.
Qed.

Definition accepted v := match v with Verified | Unchecked => true | _ => false end.
Lemma replayE whole k x rest s (v := replay quotient gcd inverse whole D k x rest) :
  stands_saddle x s -> in_box P s -> positive_time (stated x) -> accepted v ->
  v = (if whole then Verified else Unchecked) /\
  checked P whole (value R (jump_time (stated x))) s (map (saddle_of R doc) (stated x :: rest)).
Proof.
rewrite /v {v}; elim: rest k x s => [|saddle rest IH] k x s SX box px /=.
  case E: (refute _ _ _ _ _ _ _) => [[]|] // a; have [c kk l u [_ e]] := refuteE (signs_of SP SX) box px E.
  by split; [case: whole a {E e}|split].
case ps: (positive_time saddle) => //; case N: (state_of _ _ _ _) => [next|] //.
have [x0 _] := positiveE px; have [n0 _] := positiveE ps.
have [SY sE] := state_ofE SP (movedE quotient gcd SX n0 x0) N; subst saddle.
case E: (refute _ _ _ _ _ _ _) => [[]|] // a; have [c kk l u [f _]] := refuteE (signs_of SP SX) box px E.
have [lt box' ah] := (first_hitE SP (signs_of SP SX) (signs_of SP SY) x0 n0).1 f.
have [-> ch] := IH (k + 1)%ZZ next _ SY box' ps a.
by split.
Qed.
End Replay.

Lemma check_accepted : accepted (check quotient gcd inverse doc) ->
  check quotient gcd inverse doc = (if complete doc then Verified else Unchecked) /\
  path P (complete doc) (map (saddle_of R doc) (saddles doc)).
Proof.
rewrite /check; case ED: (data_of _ _) => [D|] //; have SP := data_ofE ED.
case ES: (integral _ _) => [v|] //; case: (saddles doc) => [|saddle rest] //.
case E: (_ && _) => //; case/andP: E; rewrite same_lengthE => /eqP sz ps.
case EX: (state_of _ _ _ _) => [x|] //.
have Sv : stands v (Spec.start P) by apply: (integralE R ES); rewrite -(integral_size R ES) sz.
have [SX sE] := state_ofE SP Sv EX; rewrite -sE in SX ps *.
case s0: (Check.start x) => [w|] // a.
have [t0 box] : value R (jump_time (stated x)) = 0 /\ in_box P (Spec.start P).
  move: s0; rewrite /Check.start (nonzeroE R); case: eqP => //= z /at_indexN/(in_boxE SP (signs_of SP SX)) box.
  by split=> //; rewrite /Meaning.value z mul0r.
have [-> ch] := replayE SP SX box ps a; split=> //.
by rewrite t0 in ch; split=> //; [exact: posed SP|exact: checked_run].
Qed.

(* Soundness. *)
Theorem verified : check quotient gcd inverse doc = Verified -> path P true (map (saddle_of R doc) (saddles doc)).
Proof. by move=> E; have := check_accepted; rewrite E => /(_ isT) []; case: (complete doc). Qed.
Theorem unchecked : check quotient gcd inverse doc = Unchecked -> path P false (map (saddle_of R doc) (saddles doc)).
Proof. by move=> E; have := check_accepted; rewrite E => /(_ isT) []; case: (complete doc). Qed.
End Sound.
