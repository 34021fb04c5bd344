(* What Quick.v accepts is a run of Algorithm 1 with the stated saddles, whatever its oracles return. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Unique Sound Quick Enclosures Integrals Landings.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Lists.
Variable R : realFieldType.
Local Notation zr := (@integer R).
Lemma map2_pair A B (u : seq A) (v : seq B) : map2 pair u v = zip u v.
Proof. by rewrite map2E; elim: (zip u v) => [|[x y] l /= ->]. Qed.
Lemma all_settledP cs fs (ss : seq R) : size fs = size cs -> size ss = size cs ->
  (forall i, (i < size cs)%N -> settled_at (nth no_coordinate cs i) (nth None fs i) (nth 0 ss i)) -> all_settled cs fs ss.
Proof.
move: fs ss; elim: cs => [|c cs IH] [|f fs] [|s ss] //= [sf] [st] h; split; first exact: (h 0%N isT).
by apply: IH => // i lt; apply: (h i.+1).
Qed.
Lemma weighE m vs (ss : seq R) : size vs = m -> size ss = m ->
  weigh vs ss = \sum_(j < m) zr (nth 0%ZZ vs j) * nth 0 ss j.
Proof.
move=> <-; move: ss; elim: vs => [|v vs IH] [|s ss] //=; first by rewrite big_ord0.
by case=> /IH ->; rewrite big_ord_recl.
Qed.
End Lists.

Section Replay.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.
Variable precision : Z.
Local Notation zr := (@integer R).
Local Notation zr_lt := (Integers.zr_lt R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).
Local Notation value := (@value R).
Hypothesis S1 : 0 < zr precision.
Variable doc : document.
Local Notation n := (size (target doc)).
Local Notation d := (size (columns doc)).
Local Notation P := (problem_of R doc).
Variable D : data.
Hypothesis SP : stands_problem P D.
Variables (use : seq (bool * bool)) (s0 : vector).
Hypotheses (suse : size use = d) (S0 : stands s0 (Spec.start P)).
Let K := kit_of precision D use s0.
Local Notation coordinate_at := (coordinate_at precision D use s0).
Local Notation dual := (dual P).
Local Notation tracks := (tracks precision P D use s0).
Let size_K : size (coordinates K) = d := size_coordinates precision SP suse S0.
Let infinite : ratio * ratio := ((1, 0), (1, 0))%ZZ.

Section Step.
Variables (x : state) (t e : R) (B beta : 'cV[R]_d).
Hypotheses (SX : stands_signs P D x (dual t B) beta).

Lemma betaE i : zr (b_scale x) * beta i 0 = zr (nth 0%ZZ (map1 b (cells x)) i).
Proof. by have [sz _ cE _] := SX; have [_ -> _ _] := cE i; rewrite map1E (nth_map no_cell) ?sz. Qed.

Lemma advancedE a J until J' : tracks J t B -> encloses P D a (map1 b (cells x)) (b_scale x) -> 0 < zr until.2 ->
  advanced quotient gcd precision D K x a J until = Some J' -> tracks J' (value until) (B + (value until - t) *: beta).
Proof.
move=> [st sl lE sz near] A u0; have [sx [b0 _] cE _] := SX; have [ss h0 hE] := st; rewrite /advanced; case: until u0 => p q /= q0.
cbv zeta; set g := gcd _ q; case S: (if _ then (_, _) else _) => [h' q'].
have [q'0 cross] : 0 < zr q' /\ zr h' * zr q = zr q' * zr (scale (sums J)).
  move: S; case E: (_ && _); last by case=> <- <-; split=> //; rewrite mulrC.
  case=> <- <-; move: E; rewrite zr_lt !zr_eq !zrM => /andP[/andP[g0 /eqP eh] /eqP eq].
  by rewrite -(pmulr_lgt0 _ g0) eq q0; split=> //; rewrite -eh -[X in _ * X]eq; ring.
set wait := (_ - _)%ZZ; case E: (advanced_rest _ _ _ _ _ _ _ _ _) => [[z blur']|] // [<-].
have wE : zr (scale (sums J) * q')%ZZ * (value (p, q) - t) = zr wait.
  have t0 : zr (scale (sums J)) * t = zr (head 0%ZZ (values (sums J))) by rewrite -nth0 -(hE ord0) mxE.
  rewrite /wait zrM zrB !zrM -t0 /Meaning.value /= mulrBr; congr (_ - _); last by ring.
  by rewrite [zr (scale (sums J)) * _]mulrC -cross; field; rewrite gt_eqF.
have w0 : 0 < zr (scale (sums J) * q')%ZZ by rewrite zrM mulr_gt0.
have [sz' near'] := advanced_restE SP b0 betaE A w0 wE sz near E.
split=> //=.
- exact: (advanced_sumsE quotient gcd SP suse S0 sx b0 betaE (until := (p, q)) st q0 q'0 cross).
- by rewrite size_map2 // size_map2 ?size_K ?sx ?sl.
- move=> i k l; move: l; rewrite (nth_map2 _ (no_cell, no_coordinate) false); last 2 first.
  + by rewrite size_map2 ?size_K ?sx ?sl.
  + by rewrite sl.
  rewrite (nth_map2 _ no_cell no_coordinate) ?size_K ?sx // -/(coordinate_at i) k andbT negb_or => /andP[l bz].
  rewrite [LHS]mxE [X in _ + X]mxE lE // add0r; have [_ bE _ _] := cE i.
  move: bz; rewrite nonzeroE negbK -[zr _]bE mulf_eq0 gt_eqF //= => /eqP ->; by rewrite mulr0.
- by have := near'; rewrite [t + _]addrC subrK.
Qed.

Lemma sidesE J v gs c (beta' : 'cV[R]_d) places : tracks J (t + e) (B + e *: beta) ->
  size v = d -> size gs = d -> 0 < zr c -> (forall i : 'I_d, zr c * beta' i 0 = zr (nth 0%ZZ v i)) ->
  (forall i : 'I_d, (exists2 k, 0 < k & k * grad P beta' i 0 = zr (nth 0%ZZ gs i)) /\
    (kept (coordinate_at i) || nonzero (nth 0%ZZ v i) -> zr (nth 0%ZZ gs i) = zr (X_scale D) * zr (X_scale D) * lin P (vec R d v) (zr c) i 0)) ->
  sides D K J (cells x) v gs c = Some places ->
  size places = d /\ forall i : 'I_d, lies (nth Inside places i) (dual (t + e) (B + e *: beta) i 0) (nth infinite (thresholds D) i).
Proof.
move=> T sv sg c0 vE gE; rewrite /sides; cbv zeta; have [sx _ cE _] := SX.
set first := map2 (side_now J) _ _; set s := dual _ (B + _).
have sf : size first = d by rewrite size_map2 ?size_K.
have firstE (i : 'I_d) p : nth None first i = Some p -> lies p (s i 0) (box_ (coordinate_at i)).
  rewrite /first (nth_map2 _ no_coordinate no_cell) ?size_K ?sx //; apply: (side_nowE S1 SP suse S0 T) => g0.
  have [pl _ [k k0 kE] bE] := cE i; rewrite (boxE precision SP suse S0) -bE.
  have -> : dual (t + e) (B + e *: beta) i 0 = dual t B i 0; last by [].
  rewrite dual_moved Runs.movedE; move: kE; rewrite [zr _]g0 => /eqP; rewrite mulf_eq0 gt_eqF //= => /eqP ->.
  by rewrite mulr0 subr0.
have filledE p (i : 'I_d) : nth Inside (map1 (fun f : option side => if f is Some q then q else p) first) i =
    if nth None first i is Some q then q else p.
  by rewrite map1E (nth_map None) ?sf.
case: (all_nthP None) => [all_some [<-]|_].
  split=> [|i]; first by rewrite map1E size_map.
  rewrite filledE -(boxE precision SP suse S0); case E: (nth None first i) => [q|]; first exact: firstE.
  by have := all_some i; rewrite sf ltn_ord E => /(_ isT).
case F: (fold2 _ _ _ _) => [f|] //; case L: (left f) => [[w box]|] //; case G: (side_left _ _ _ _ _ _ _ _ _) => [p|] // [<-].
rewrite map2_pair in F; pose ss := [seq s i 0 | i <- enum 'I_d].
have sss : size ss = d by rewrite size_map size_enum_ord.
have ssE (i : 'I_d) : nth 0 ss i = s i 0 by rewrite (nth_map i) ?size_enum_ord // nth_ord_enum.
have all : all_settled (coordinates K) first ss.
  apply: all_settledP; rewrite ?sf ?sss ?size_K // => i lt; split; first exact: (box_thresholded precision SP suse S0 (Ordinal lt)).
  by case E: (nth None first i) => [q|] //; have := firstE (Ordinal lt) q E; rewrite -(ssE (Ordinal lt)).
have [t0 [i [lt others w0 bE sumE]]] := known_none all (etrans sv (esym size_K)) (ltr01 : 0 < zr (total (Known (0, 1)%ZZ None)).2) (erefl _) F L.
have {}lt : (i < d)%N by rewrite -size_K.
have li : lies p (s (Ordinal lt) 0) box.
  apply: (side_leftE SP suse S0 T sv sg vE gE (i := Ordinal lt) G) => //.
  rewrite -/s -(ssE (Ordinal lt)) /= sumE (weighE sv sss) {1}/Meaning.value /= zr0 mul0r add0r.
  by apply: eq_bigr => j _; rewrite ssE.
split=> [|j]; first by rewrite map1E size_map.
rewrite filledE -(boxE precision SP suse S0); case E: (nth None first j) => [q|]; first exact: firstE.
have -> : j = Ordinal lt.
  apply: val_inj => /=; case: (eqVneq (j : nat) i) => // /eqP ne.
  by case: (others j _ ne); rewrite ?size_K.
by rewrite -[box_ _]bE.
Qed.
End Step.

Definition now s k (x : state) (a : rough) := [/\ stands_signs P D x s (vector_of R d (ratios (entries k))), stated x = k &
  encloses P D a (map1 b (cells x)) (b_scale x)].

Lemma quick_stateE k places x a (s : 'cV[R]_d) :
  (forall v gs c pl, size v = d -> size gs = d -> 0 < zr c ->
    (forall i : 'I_d, zr c * vector_of R d (ratios (entries k)) i 0 = zr (nth 0%ZZ v i)) ->
    (forall i : 'I_d, (exists2 f, 0 < f & f * grad P (vector_of R d (ratios (entries k))) i 0 = zr (nth 0%ZZ gs i)) /\
      (kept (coordinate_at i) || nonzero (nth 0%ZZ v i) -> zr (nth 0%ZZ gs i) = zr (X_scale D) * zr (X_scale D) * lin P (vec R d v) (zr c) i 0)) ->
    places v gs c = Some pl ->
    size pl = d /\ forall i : 'I_d, lies (nth Inside pl i) (s i 0) (nth infinite (thresholds D) i)) ->
  quick_state quotient precision D K k places = Some (x, a) -> now s k x a.
Proof.
move=> h; rewrite /quick_state; case I: (integral _ _) => [u|] //.
have [[sX _ _ sT] [_ X0 nr] _ _] := SP; rewrite same_lengthE; case: eqP => // sv; rewrite sX in sv.
have [_ c0 vE] := integralE R I (etrans (esym (integral_size R I)) sv).
case A: (rough_of _ _ _ _ _ _) => [a'|] //; have {}A := rough_ofE SP sv A.
have [sg gE] := slopesE precision SP suse S0 sv c0 vE A; set gs := slopes _ _ _ _ _ in sg gE *.
case E: (places _ _ _) => [pl|] // [<- <-]; have [sp plE] := h _ _ _ _ sv sg c0 vE gE E.
have cellsE : map1 b (cells (state_now D K k (values u) gs (scale u) pl)) = values u.
  rewrite /= map1E !map2_pair map2E -map_comp; apply: (@eq_from_nth _ 0%ZZ); rewrite size_map !size_zip sp sT sv sg !minnn // => i lt.
  rewrite (nth_map ((Inside, infinite), (0, 0)%ZZ)) ?size_zip ?sp ?sT ?sv ?sg ?minnn //=.
  by rewrite !nth_zip ?size_zip ?sp ?sT ?sv ?sg ?minnn.
have atE (i : 'I_d) : at_ (state_now D K k (values u) gs (scale u) pl) i =
    Cell 0 (nth Inside pl i) (nth 0%ZZ (values u) i) (nth 0%ZZ gs i) (nth infinite (thresholds D) i).
  rewrite /at_ /= !map2_pair map2E (nth_map ((Inside, infinite), (0, 0)%ZZ)) ?size_zip ?sp ?sT ?sv ?sg ?minnn //=.
  by rewrite !nth_zip ?size_zip ?sp ?sT ?sv ?sg ?minnn.
split=> //; last by rewrite cellsE.
split.
- by rewrite /= !map2_pair map2E size_map !size_zip sp sT sv sg !minnn.
- by split=> //=; rewrite !zrM nr zr2 !mulr_gt0 ?ltr0n //; have [_ [n0 _ _] _ _] := SP.
- move=> i; have [gi _] := gE i; rewrite atE; split; [exact: plE|exact: vE|exact: gi|by []].
- have L (i : 'I_d) : nonzero (nth 0%ZZ (values u) i) -> exact_at P D (values u) (scale u) i (zr (nth 0%ZZ gs i)).
    by move=> nz; apply: (gE i).2; rewrite nz orbT.
  exact: (lossE precision SP use s0 sv c0 vE sg L).
Qed.

Lemma quick_replayE whole x a J rest t B (s := dual t B) :
  now s (stated x) x a -> t = value (jump_time (stated x)) -> tracks J t B -> in_box P s -> positive_time (stated x) ->
  quick_replay quotient gcd inverse precision D K whole x a J rest ->
  checked P whole t s (map (saddle_of R doc) (stated x :: rest)).
Proof.
rewrite /s {s}; move: x a J t B; elim: rest => [|saddle rest IH] x a J t B [SX _ A] tE T box px /=.
  case E: (refute _ _ _ _ _ _ _) => [[]|] // _; have [c kk l u [_ e]] := refuteE SP SX box px E.
  by split.
case ps: (positive_time saddle) => //; case Ad: (advanced _ _ _ _ _ _ _ _ _) => [J'|] //.
have [x0 _] := positiveE R px; have [q0 _] := positiveE R ps.
have T' := advancedE SX T A q0 Ad; set e := value _ - t in T'.
have tE' : value (jump_time saddle) = t + e by rewrite /e addrC subrK.
case Q: (quick_state _ _ _ _ _ _) => [[next a']|] //; rewrite tE' in T'.
have [SY sE A'] : now (dual (t + e) (B + e *: vector_of R d (ratios (entries (stated x))))) saddle next a'.
  apply: quick_stateE Q => v gs c pl sv sg c0 vE gE; exact: (sidesE SX T' sv sg c0 vE gE).
subst saddle; case E: (refute _ _ _ _ _ _ _) => [[]|] // go; have [c kk l u [f _]] := refuteE SP SX box px E.
have [lt box' ah] := (first_hitE SP SX SY x0 q0).1 f.
have ch := IH next a' J' _ _ (And3 SY (erefl _) A') (esym tE') T' box' ps go.
rewrite dual_moved in ch box' ah; split=> //.
rewrite /= tE'; have -> : t + e - t = e by rewrite addrC addKr.
rewrite -tE tE' in lt; split=> //; by move: ch; rewrite /= tE'.
Qed.
End Replay.

Section Decide.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.
Variable precision : Z.
Variable doc : document.
Local Notation zr := (@integer R).
Local Notation P := (problem_of R doc).
Local Notation verdict := (decide quotient gcd inverse precision doc).

Lemma lin0 : lin P 0 0 = 0.
Proof. by rewrite /lin /form mulmx0 scale0r subr0 mulmx0. Qed.
Lemma dual0 : dual P 0 0 = Spec.start P.
Proof. by rewrite /dual lin0 scaler0 subr0. Qed.

Lemma tracks0 D use s0 (z := map1 (fun=> 0%ZZ) (columns doc)) :
  tracks precision P D use s0 (Integrals (Vector (0 :: 0 :: z)%ZZ 1) (map1 (fun=> false) z) (map1 (fun=> 0%ZZ) (target doc)) 0) 0 0.
Proof.
split=> /=; rewrite /z ?map1E ?size_map //.
- split=> /=; rewrite /z ?map1E ?size_map ?zr1 ?ltr01 // => k; rewrite mxE mul1r; elim/by_index: k => [||i] //=.
    by rewrite /yX mulmx0 big1 ?mulr0 // => j _; rewrite [X in _ * X]mxE mulr0.
  by rewrite (nth_map i) ?size_enum_ord // nth_ord_enum /kept_of mxE if_same (nth_map [::]).
- by move=> i; rewrite mxE.
move=> j; have -> : form P 0 0 j 0 = 0 by rewrite /form mulmx0 scale0r subr0 mxE.
by rewrite (nth_map (0, 1)%ZZ) // mulr0 zr0 subr0 normr0.
Qed.

Lemma quick_path : quick quotient gcd inverse precision doc -> path P (complete doc) (map (saddle_of R doc) (saddles doc)).
Proof.
rewrite /quick; case: ifP => // S1; rewrite (Integers.zr_lt R) zr0 in S1.
case ED: (data_of _ _) => [D|] //; have SP := data_ofE R ED; case ES: (integral _ _) => [s|] //.
case: (saddles doc) (used _ _) => [|saddle rest] use //; case E: (_ && _) => //; case/andP: E; rewrite same_lengthE => /eqP sz ps.
cbv zeta; case: ifP => // /negbFE; rewrite same_lengthE => /eqP suse.
have S0 : stands s (Spec.start P) by apply: (integralE R ES); rewrite -(integral_size R ES) sz.
case Q: (quick_state _ _ _ _ _ _) => [[x a]|] //.
have [[_ _ _ sT] _ _ [th _ _]] := SP.
have N : now D (Spec.start P) saddle x a.
  apply: (quick_stateE SP suse S0) Q => v gs c pl _ _ _ _ _ [<-].
  split=> [|i]; first by rewrite size_map2 ?sz ?sT.
  have [_ st0 sE] := S0; rewrite (nth_map2 _ 0%ZZ ((1, 0), (1, 0))%ZZ) ?sz ?sT //.
  exact: side_ofE st0 (sE i) (th i).
have [SX sE A] := N; subst saddle; case B: (Check.start x) => [w|] // go.
have [t0 box] : value R (jump_time (stated x)) = 0 /\ in_box P (Spec.start P).
  move: B; rewrite /Check.start (nonzeroE R); case: eqP => //= z /at_indexN/(in_boxE SP SX) box.
  by split=> //; rewrite /Meaning.value z mul0r.
rewrite -dual0 in N box; have T := tracks0 D use s.
have ch := quick_replayE S1 SP suse S0 N (esym t0) T box ps go.
by rewrite dual0 in ch box; split=> //; [exact: posed SP|exact: checked_run].
Qed.

(* Soundness, of both ways to decide. *)
Theorem decided : verdict = Verified -> path P true (map (saddle_of R doc) (saddles doc)).
Proof. by rewrite /decide; case: ifP => [/quick_path|_]; [case: (complete doc)|exact: verified]. Qed.
Theorem decided_prefix : verdict = Unchecked -> path P false (map (saddle_of R doc) (saddles doc)).
Proof. by rewrite /decide; case: ifP => [/quick_path|_]; [case: (complete doc)|exact: unchecked]. Qed.

(* What is not decided quickly is decided as it was: so what is complete of one is of both. *)
Lemma decided_alike v : v = (if complete doc then Verified else Unchecked) ->
  check quotient gcd inverse doc = v -> verdict = v.
Proof. by rewrite /decide => -> ->; case: ifP. Qed.
Lemma decided_rejected k c w x next : verdict = Rejected k c w x next -> check quotient gcd inverse doc = Rejected k c w x next.
Proof. by rewrite /decide; case: ifP => // _; case: (complete doc). Qed.
End Decide.
