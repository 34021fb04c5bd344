(* The stated proofs of uniqueness mean uniqueness. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint rat zmodp matrix mxalgebra ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Elimination.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Unique.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.
Variables (n d : nat) (P : problem R n d) (D : data).
Local Notation zr := (@integer R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).
Hypothesis SP : stands_problem P D.
Let well : well_posed P := posed SP.

Section OneState.
Variables (x : state) (s beta : 'cV[R]_d).
Hypotheses (SX : stands_signs P D x s beta) (box : in_box P s) (mb : minimiser P s beta).

Lemma column_size j : (j < d)%N -> size (nth [::] (X_columns D) j) = n.
Proof. by have [[sX sC _ _] _ _ _] := SP => lt; apply/sC/InP; rewrite sX. Qed.

(* The fit of a combination of columns. *)
Lemma X_combineE (c : R) (u : seq Z) (v : 'cV[R]_d) : size u = d -> (forall j : 'I_d, zr (nth 0%ZZ u j) = c * v j 0) ->
  forall i : 'I_n, zr (nth 0%ZZ (combine (map1 (fun _ => 0%ZZ) (y_values D)) u (X_columns D)) i) =
    c * zr (X_scale D) * (X P *m v) i 0.
Proof.
have [[sX sC sy _] _ [XE _] _] := SP => su uE i.
have sz : size (map1 (fun _ => 0%ZZ) (y_values D)) = n by rewrite map1E size_map.
have [_ ->] := combineE R sz su sX sC; last by [].
rewrite map1E (nth_map 0%ZZ) ?sy // zr0 add0r mxE big_distrr /=; apply: eq_bigr => j _.
by rewrite uE -XE; ring.
Qed.

Lemma secondE v (b : 'cV[R]_d) : stands v b -> second D x v = None -> minimiser P s b /\ b <> beta.
Proof.
move=> [sv v0 vE]; rewrite /second; have [sz [b0 _] cE _] := SX; have [[sX sC sy _] [_ X0 _] _ _] := SP.
case W: (find _ _ (map2 pair _ _)) => [//|]; set move := map2 _ (cells x) _.
have smove : size move = d by rewrite size_map2 ?sz ?sv.
case N: (~~ has nonzero move) => //; case F: (find nonzero _ _) => [//|] _.
have moveE (i : 'I_d) : zr (nth 0%ZZ move i) = zr (scale v) * zr (b_scale x) * (b - beta) i 0.
  have [_ e _ _] := cE i.
  rewrite (nth_map2 _ no_cell 0%ZZ) ?sz ?sv // zrB !zrM -vE -/(at_ x i) -e !mxE.
  move: (zr (scale v)) (zr (b_scale x)) (b i 0) (beta i 0) => a1 a2 a3 a4; ring.
have fit : X P *m b = X P *m beta.
  apply/eqP; rewrite -subr_eq0 -mulmxBr; apply/eqP/matrixP => i j; rewrite ord1 [RHS]mxE.
  have sc : size (combine (map1 (fun _ => 0%ZZ) (y_values D)) move (X_columns D)) = n.
    by have [] := combineE R (_ : size (map1 (fun _ => 0%ZZ) (y_values D)) = n) smove sX sC; rewrite ?map1E ?size_map.
  have := (findN _ _ _ 0%ZZ).1 F i; rewrite sc ltn_ord nonzeroE negbK => /(_ isT).
  have c0 : 0 < zr (scale v) * zr (b_scale x) * zr (X_scale D) by rewrite !mulr_gt0.
  by rewrite (X_combineE smove moveE) mulf_eq0 gt_eqF //= => /eqP.
have kb := minimiser_kkt well mb.
split; last first.
  move=> E; move: N => /negbFE/(has_nthP 0%ZZ) [i]; rewrite smove => lt.
  by rewrite nonzeroE (moveE (Ordinal lt)) E subrr mxE mulr0 eqxx.
apply: (minimiser_of_fit mb) => // i.
have := (findN _ _ _ (no_cell, 0%ZZ)).1 W i; rewrite size_map2 ?sz ?sv // ltn_ord => /(_ isT).
rewrite (nth_map2 _ no_cell 0%ZZ) ?sz ?sv // -/(at_ x i) nonzeroE zr_le zrM.
have [z _ _ le ge] := signs v0 (vE i).
rewrite negb_and z negbK; case: eqVneq => [->|ne] /=; first by split.
rewrite negb_or => /andP[h _].
case: (signP SP SX box i) h => [u l|u l|u l]; rewrite u l ?zr1 ?zrN1 ?zr0 ?mulr1 ?mulrN1 ?mulr0 ?lexx ?oppr_le0 ?le ?ge //.
  by rewrite -ltNge => /ltW.
by rewrite -ltNge => /ltW.
Qed.

(* Coordinates off the support vanish in every minimiser: the direction of Motzkin's theorem that is used. *)
Lemma only_off w rows m b : only quotient gcd inverse D x w rows m = None -> minimiser P s b ->
  forall i : 'I_d, beta i 0 = 0 -> b i 0 = 0.
Proof.
rewrite /only same_lengthE; case: eqP => //= sw; case W: (find _ _ _) => [//|] _ mb'.
have [sz [b0 _] cE _] := SX; have [[sX _ sy _] [_ X0 _] [XE _] _] := SP; rewrite sy in sw.
have kb := minimiser_kkt well mb; have fit := minimiser_fit well mb' mb.
pose p (i : 'I_d) := zr (Check.dot (nth [::] (X_columns D) i) w).
have sum0 : \sum_i p i * (b - beta) i 0 = 0.
  have pE i : p i = zr (X_scale D) * \sum_j X P j i * zr (nth 0%ZZ w j).
    rewrite /p (dotE R (column_size (ltn_ord i)) sw) big_distrr /=; apply: eq_bigr => j _.
    by rewrite -XE mulrA.
  transitivity (zr (X_scale D) * \sum_(j < n) zr (nth 0%ZZ w j) * (X P *m (b - beta)) j 0); last first.
    rewrite mulmxBr fit subrr big1 ?mulr0 // => j _; by rewrite mxE mulr0.
  under eq_bigr => i _ do rewrite pE -mulrA.
  rewrite -big_distrr /=; congr (_ * _).
  under eq_bigr => i _ do rewrite big_distrl /=.
  rewrite exchange_big /=; apply: eq_bigr => j _; rewrite mxE big_distrr /=; apply: eq_bigr => i _.
  by rewrite mulrA [_ * X P j i]mulrC.
have H (i : 'I_d) : 0 <= p i * (b - beta) i 0 /\ (p i * (b - beta) i 0 = 0 -> beta i 0 = 0 -> b i 0 = 0).
  have := (findN _ _ _ (no_cell, 0%ZZ)).1 W i; rewrite size_map2 ?sz ?sX // ltn_ord => /(_ isT).
  rewrite (nth_map2 _ no_cell [::]) ?sz ?sX // -/(at_ x i).
  have [_ e f _] := cE i; have [zb _ _ _ _] := signs b0 e; have [zg _ _ _ _] := signs_some f.
  rewrite zr_eq zr0 zb; have [bz|bn] := eqVneq (beta i 0) 0; last first.
    by rewrite nonzeroE negbK => /eqP pz; rewrite /p pz mul0r; split=> // _ E; rewrite E eqxx in bn.
  have -> : (b - beta) i 0 = b i 0 by rewrite !mxE bz subr0.
  have [bu bl bz'] := (proj1 mb') i.
  rewrite !nonzeroE zr_eq zr0 zg; have [gz|gn] := eqVneq (grad P beta i 0) 0; last first.
    move=> _; have -> : b i 0 = 0 by apply: (minimiser_off well kb mb' fit gn).
    by rewrite mulr0.
  rewrite zr_le zrM -/(p i).
  case: (signP SP SX box i) => [u l|u l|u l]; rewrite u l in bu bl bz' *; rewrite ?zr1 ?zrN1 ?zr0 ?mul1r ?mulN1r.
  - rewrite oner_eq0 /= -ltNge => p0; rewrite mulr_ge0 ?bu ?ltW //; split=> // /eqP.
    by rewrite mulf_eq0 gt_eqF //= => /eqP.
  - rewrite oppr_eq0 oner_eq0 /= oppr_le0 -ltNge => p0; rewrite mulr_le0 ?bl ?ltW //; split=> // /eqP.
    by rewrite mulf_eq0 lt_eqF //= => /eqP.
  by rewrite bz' // mulr0.
by move=> i; apply: (H i).2; apply: (psumr_eq0P (fun i _ => (H i).1) sum0).
Qed.

(* The stated minor proves that the columns of the support are independent over R. *)
Lemma nth_entryE u r : nth_entry u r = if (r <? 0)%ZZ then 0%ZZ else nth 0%ZZ u (Z.to_nat r).
Proof.
elim: u r => [|y u IH] r /=; first by rewrite nth_nil if_same.
case: Z.eqb_spec => [-> //|ne]; rewrite IH.
case: (Z.ltb_spec r 0) => h; first by have -> : (r - 1 <? 0)%ZZ = true by lia.
have -> : (r - 1 <? 0)%ZZ = false by lia.
by have -> : Z.to_nat r = (Z.to_nat (r - 1)).+1 by lia.
Qed.

Lemma primitiveE u : exists g : Z, zr g != 0 /\
  forall j, zr (nth 0%ZZ (primitive quotient gcd u) j) * zr g = zr (nth 0%ZZ u j).
Proof.
rewrite /primitive (nonzeroE); case: ifP => [g0|_].
  case E: (divided _ _ _ _) => [v|]; last by exists 1%ZZ; rewrite zr1 oner_eq0; split=> // j; rewrite mulr1.
  by have [w [-> _ h]] := dividedE R E; exists (foldl gcd 0%ZZ u).
by exists 1%ZZ; rewrite zr1 oner_eq0; split=> // j; rewrite mulr1.
Qed.

Lemma comboE u (rows : seq (seq Z)) j : size u = size rows ->
  zr (combo u rows j) = \sum_(i < size rows) zr (nth 0%ZZ u i) * zr (nth 0%ZZ (nth [::] rows i) j).
Proof.
elim: u rows => [|z u IH] [|r rows] //=; first by rewrite big_ord0.
by move=> [su]; rewrite big_ord_recl /= zrD zrM IH.
Qed.

(* Integer rows without integer relation have none over R. *)
Lemma no_real_relation (rows : seq (seq Z)) k (c : nat -> R) :
  (forall r, (r < size rows)%N -> size (nth [::] rows r) = k) ->
  (forall u, size u = size rows -> (forall j, combo u rows j = 0%ZZ) -> forall y : Z, y \in u -> y = 0%ZZ) ->
  (forall j, (j < k)%N -> \sum_(r < size rows) c r * zr (nth 0%ZZ (nth [::] rows r) j) = 0) ->
  forall r, (r < size rows)%N -> c r = 0.
Proof.
move=> sz free zero r lt; set h := size rows in free zero lt *.
pose A : 'M[rat]_(h, k) := \matrix_(i, j) (int_of_Z (nth 0%ZZ (nth [::] rows i) j))%:~R.
have freeA : row_free A.
  apply: inj_row_free => v vA.
  pose D0 (i : 'I_h) : int := \prod_(l | l != i) denq (v 0 l).
  pose all : rat := (\prod_l denq (v 0 l))%:~R.
  have all0 : all != 0 by rewrite /all intr_eq0; apply/prodf_neq0 => l _; exact: denq_neq0.
  pose u := [seq Z_of_int (numq (v 0 i) * D0 i) | i <- enum 'I_h].
  have su : size u = h by rewrite size_map size_enum_ord.
  have uE (i : 'I_h) : (int_of_Z (nth 0%ZZ u i))%:~R = all * v 0 i :> rat.
    rewrite (nth_map i) ?size_enum_ord // nth_ord_enum Z_of_intK /all (bigD1 i) //= -/(D0 i).
    rewrite !intrM mulrAC; congr (_ * _); rewrite -{3}(divq_num_den (v 0 i)) mulrC divfK //.
    by rewrite intr_eq0 denq_neq0.
  have cz j : combo u rows j = 0%ZZ.
    have [ltk|ge] := ltnP j k; last first.
      have h0 i : (i < size rows)%N -> nth 0%ZZ (nth [::] rows i) j = 0%ZZ by move=> li; rewrite nth_default ?sz.
      by elim: (rows) (u) h0 => [|r0 rs IH] [|z us] //= h0; rewrite (h0 0%N) // IH ?Z.mul_0_r // => i; apply: (h0 i.+1).
    have /matrixP/(_ 0 (Ordinal ltk)) := vA; rewrite !mxE => vj.
    suff : zr (combo u rows j) = 0 by move/eqP; rewrite -zr0 -zr_eq => /Z.eqb_eq.
    have -> : zr (combo u rows j) = ratr (all * \sum_i v 0 i * A i (Ordinal ltk)).
      rewrite (comboE _ su) big_distrr rmorph_sum /=; apply: eq_bigr => i _.
      by rewrite mulrA -uE rmorphM /= mxE !ratr_int.
    by rewrite vj mulr0 rmorph0.
  apply/matrixP => i j; rewrite ord1 mxE.
  have : nth 0%ZZ u j = 0%ZZ by apply: (free u su cz); rewrite mem_nth // su.
  by move=> E; have := uE j; rewrite E => /esym/eqP; rewrite mulf_eq0 (negPf all0) /= => /eqP.
have freeR : row_free (map_mx (ratr : rat -> R) A) by rewrite row_free_map.
pose w : 'rV[R]_h := \row_i c i.
have wA : w *m map_mx (ratr : rat -> R) A = 0.
  apply/matrixP => i j; rewrite ord1 !mxE; apply: etrans (zero j (ltn_ord j)); apply: eq_bigr => l _.
  by rewrite !mxE ratr_int.
have /matrixP/(_ 0 (Ordinal lt)) : w = 0 by apply: (row_free_inj freeR); rewrite /= wA mul0mx.
by rewrite !mxE.
Qed.

Lemma supportE : support x (X_columns D) =
  [seq nth [::] (X_columns D) (val i) | i <- [seq i <- enum 'I_d | beta i 0 != 0]].
Proof.
have [sz [b0 _] cE _] := SX; have [[sX _ _ _] _ _ _] := SP.
have zipE : zip (cells x) (X_columns D) = [seq (at_ x (val i), nth [::] (X_columns D) (val i)) | i <- enum 'I_d].
  apply: (@eq_from_nth _ (no_cell, [::])); first by rewrite size_map size_enum_ord size_zip sz sX minnn.
  move=> i; rewrite size_zip sz sX minnn => lt; rewrite nth_zip ?sz ?sX //.
  by rewrite (nth_map (Ordinal lt)) ?size_enum_ord //= nth_enum_ord.
have H (L : seq (cell * seq Z)) l : foldl (fun l p => if (b p.1 =? 0)%ZZ then l else p.2 :: l) l L =
    rev [seq p.2 | p <- L & ~~ (b p.1 =? 0)%ZZ] ++ l.
  elim: L l => [|p L IH] l //=; case: (_ =? _)%ZZ; rewrite /= IH //.
  by rewrite rev_cons cat_rcons.
rewrite /support fold2E H cats0 revK zipE filter_map -map_comp; congr map.
apply: eq_filter => i /=; have [_ e _ _] := cE i; have [z _ _ _ _] := signs b0 e.
by rewrite zr_eq z.
Qed.

Lemma onlyE w rows m b : only quotient gcd inverse D x w rows m = None -> minimiser P s b -> b = beta.
Proof.
move=> none mb'; have off := only_off none mb'; move: none.
rewrite /only; case: (~~ _) => //; case: (find _ _ _) => // none.
have {none} : (1 <? m)%ZZ && independent quotient inverse m
    (map1 (fun column => map1 (nth_entry (primitive quotient gcd column)) rows) (support x (X_columns D)))
    (map1 (fun column => map1 (nth_entry (primitive quotient gcd column)) rows) (support x (X_columns D))).
  by move: none; case: (1 <? m)%ZZ; case: (same_length _ _); case: (independent _ _ _ _ _).
have [sz [b0 _] cE _] := SX; have [[sX _ _ _] [_ X0 _] [XE _] _] := SP.
pose A := [seq i <- enum 'I_d | beta i 0 != 0].
rewrite supportE map1E -map_comp; set minor := map _ _ => /andP[/Z.ltb_lt m1 ind].
have smin : size minor = size A by rewrite size_map.
have szm r : (r < size minor)%N -> size (nth [::] minor r) = size rows.
  move=> lt; have : nth [::] minor r \in minor by exact: mem_nth.
  by case/mapP => i _ -> /=; rewrite map1E size_map.
have free u : size u = size minor -> (forall j, combo u minor j = 0%ZZ) -> forall y : Z, y \in u -> y = 0%ZZ.
  move=> su; apply: no_relation m1 _ su; apply: (independentE (k := size rows)) ind.
  by move=> r /(nthP [::]) [l lt <-]; apply: szm.
have [g gE] := fin_all_exists (fun i : 'I_d => primitiveE (nth [::] (X_columns D) i)).
have fit := minimiser_fit well mb' mb.
apply/matrixP => i j; rewrite ord1 {j}; have [bz|bn] := eqVneq (beta i 0) 0; first by rewrite off.
have iA : i \in A by rewrite mem_filter bn mem_enum.
pose c r := zr (g (nth i A r)) * (b - beta) (nth i A r) 0.
suff : c (index i A) = 0.
  by rewrite /c nth_index // => /eqP; rewrite mulf_eq0 (negPf (gE i).1) /= !mxE subr_eq0 => /eqP.
apply: (no_real_relation (k := size rows) szm free); last by rewrite smin index_mem.
move=> j lt; set q := nth 0%ZZ rows j.
have entryE r : (r < size A)%N -> nth 0%ZZ (nth [::] minor r) j =
    nth_entry (primitive quotient gcd (nth [::] (X_columns D) (nth i A r))) q.
  by move=> ltr; rewrite (nth_map i) //= map1E (nth_map 0%ZZ).
have -> : \sum_(r < size minor) c r * zr (nth 0%ZZ (nth [::] minor r) j) =
    \sum_(l <- A) (if (q <? 0)%ZZ then 0 else (b - beta) l 0 * zr (nth 0%ZZ (nth [::] (X_columns D) l) (Z.to_nat q))).
  rewrite (big_nth i) big_mkord smin; apply: eq_bigr => r _; rewrite entryE // nth_entryE.
  case: (q <? 0)%ZZ; first by rewrite zr0 mulr0.
  by rewrite -(gE _).2 /c -mulrA mulrC -mulrA.
case: (q <? 0)%ZZ; first by rewrite big1.
rewrite big_filter big_enum_cond /= big_mkcond /=.
have -> : \sum_l (if beta l 0 != 0 then (b - beta) l 0 * zr (nth 0%ZZ (nth [::] (X_columns D) l) (Z.to_nat q)) else 0) =
    \sum_(l < d) (b - beta) l 0 * zr (nth 0%ZZ (nth [::] (X_columns D) l) (Z.to_nat q)).
  apply: eq_bigr => l _; case: eqVneq => //= z; by rewrite !mxE off // z subrr mul0r.
have [ltn|ge] := ltnP (Z.to_nat q) n; last first.
  by rewrite big1 // => l _; rewrite nth_default ?column_size // mulr0.
transitivity (zr (X_scale D) * (X P *m (b - beta)) (Ordinal ltn) 0).
  rewrite mxE big_distrr /=; apply: eq_bigr => l _.
  by rewrite -(XE (Ordinal ltn) l) mulrCA [_ * X P _ _]mulrC.
by rewrite mulmxBr fit subrr mxE mulr0.
Qed.
End OneState.

Lemma proveE x s beta : stands_signs P D x s beta -> in_box P s -> minimiser P s beta ->
  prove quotient gcd inverse D x = None ->
  uniqueness_holds P s (Saddle 0 beta 0 (unique_of (uniqueness (stated x)))).
Proof.
move=> SX box mb; rewrite /prove /uniqueness_holds /=; case: (uniqueness _) => [[w rows m|other]|] //=.
  by case O: (only _ _ _ _ _ _ _ _) => // _ b; apply: onlyE O.
case I: (integral _ _) => [v|] //; rewrite same_lengthE; case: eqP => // sv.
case S2: (second _ _ _) => // _; have [sz _ _ _] := SX.
have Sv : stands v (vector_of R d (ratios other)).
  by apply: (integralE R I); rewrite -(integral_size R I) sv sz.
by have [m ne] := secondE SX box mb Sv S2; exists (vector_of R d (ratios other)).
Qed.
End Unique.
