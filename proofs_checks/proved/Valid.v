(* Stated proofs of uniqueness that are right are accepted: the converse of Unique.v, where the oracles are right. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify ring.
From Proved Require Import Spec Check Meaning Integers Minimisers Runs States Claims Elimination Unique.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Valid.
Variable R : realFieldType.
Variables quotient gcd inverse : Z -> Z -> Z.

(* Quotients are exact where they can be, inverses modulo a prime are inverses; of gcd nothing is asked. *)
Definition right_oracles := (forall a m : Z, m <> 0%ZZ -> Z.divide m a -> (quotient a m * m)%ZZ = a) /\
  forall a m : Z, Znumtheory.prime m -> ~ Z.divide m a -> Z.divide m (inverse a m * a - 1)%ZZ.

Variables (n d : nat) (P : problem R n d).
Local Notation zr := (@integer R).
Local Notation zr_le := (Integers.zr_le R).
Local Notation zr_eq := (Integers.zr_eq R).
Local Notation nonzeroE := (Integers.nonzeroE R).

(* What CERTIFICATE.md asks of w, rows and prime: X_i.w vanishes where b_i is not 0, and has the sign of threshold i
   where b_i and g_i are 0; the prime does not divide the minor of the columns of the support, on the rows stated. *)
Definition minor (columns : seq (seq Z)) (b : 'cV[R]_d) (rows : seq Z) :=
  [seq map (nth_entry (primitive quotient gcd (nth [::] columns (val i)))) rows | i <- [seq i <- enum 'I_d | b i 0 != 0]].
Definition proves_only columns s (b : 'cV[R]_d) (w rows : seq Z) (m : Z) :=
  [/\ size w = n,
      forall i : 'I_d, let p := \sum_(j < n) X P j i * zr (nth 0%ZZ w j) in
        [/\ b i 0 != 0 -> p = 0,
            b i 0 = 0 -> grad P b i 0 = 0 -> on_upper P s i -> 0 < p &
            b i 0 = 0 -> grad P b i 0 = 0 -> on_lower P s i -> p < 0],
      Znumtheory.prime m, size (minor columns b rows) = size rows &
      ~ Z.divide m (Z_of_int (\det (square (size rows) (minor columns b rows))))].

Variable D : data.
Hypothesis SP : stands_problem P D.
Let well : well_posed P := posed SP.
Variables (x : state) (s beta : 'cV[R]_d).
Hypotheses (SX : stands_signs P D x s beta) (box : in_box P s) (mb : minimiser P s beta).

Lemma second_accepted v (b : 'cV[R]_d) : stands v b -> minimiser P s b -> b <> beta -> second D x v = None.
Proof.
move=> [sv v0 vE] mb' ne; rewrite /second; have [sz [b0 _] cE _] := SX; have [[sX sC sy _] [_ X0 _] _ _] := SP.
have kb := minimiser_kkt well mb; have fit := minimiser_fit well mb' mb.
rewrite (findN _ _ _ (no_cell, 0%ZZ)).2; last first.
  move=> i; rewrite size_map2 ?sz ?sv // => lt; rewrite (nth_map2 _ no_cell 0%ZZ) ?sz ?sv // -[i]/(val (Ordinal lt)).
  move: (Ordinal lt) => {lt} {}i; rewrite -/(at_ x i) !nonzeroE zr_le zrM.
  have [z _ _ le ge] := signs v0 (vE i); have [_ _ f _] := cE i; have [zg _ _ _ _] := signs_some f.
  rewrite z zg; case: (eqVneq (b i 0) 0) => [//|nz].
  rewrite /= negb_or negbK; apply/andP; split; last first.
    by apply: contraR nz => gn; apply/eqP; exact: (minimiser_off well kb mb' fit gn).
  have [bu bl bz] := (proj1 mb') i.
  case: (signP SP SX box i) => [u l|u l|u l]; rewrite ?zr1 ?zrN1 ?zr0 ?mulr1 ?mulrN1 ?mulr0 ?oppr_le0 ?le ?ge.
  - by rewrite -ltNge lt_def nz (bu u).
  - by rewrite -ltNge lt_neqAle nz (bl l).
  by move: nz; rewrite bz ?u ?l ?eqxx.
set move := map2 _ (cells x) _.
have smove : size move = d by rewrite size_map2 ?sz ?sv.
have moveE (i : 'I_d) : zr (nth 0%ZZ move i) = zr (scale v) * zr (b_scale x) * (b - beta) i 0.
  have [_ e _ _] := cE i.
  rewrite (nth_map2 _ no_cell 0%ZZ) ?sz ?sv // zrB !zrM -vE -/(at_ x i) -e !mxE.
  move: (zr (scale v)) (zr (b_scale x)) (b i 0) (beta i 0) => a1 a2 a3 a4; ring.
have c0 : 0 < zr (scale v) * zr (b_scale x) by rewrite mulr_gt0.
case N: (has nonzero move); last first.
  case: ne; apply/matrixP => i j; rewrite ord1; apply/eqP; rewrite -subr_eq0; apply: contraFT N => h.
  apply/(has_nthP 0%ZZ); exists (val i); first by rewrite smove ltn_ord.
  by rewrite nonzeroE moveE mulf_eq0 (gt_eqF c0) /= !mxE.
rewrite (findN _ _ _ 0%ZZ).2 // => i.
have sc : size (combine (map1 (fun _ => 0%ZZ) (y_values D)) move (X_columns D)) = n.
  by have [] := combineE R (_ : size (map1 (fun _ => 0%ZZ) (y_values D)) = n) smove sX sC; rewrite ?map1E ?size_map.
rewrite sc => lt; rewrite nonzeroE negbK.
by rewrite (X_combineE SP smove moveE (Ordinal lt)) mulmxBr fit subrr mxE mulr0.
Qed.

Lemma only_accepted w rows m : right_oracles -> proves_only (X_columns D) s beta w rows m ->
  only quotient gcd inverse D x w rows m = None.
Proof.
move=> [exactq inv] [sw signsE pm sm nd]; have [sz [b0 _] cE _] := SX; have [[sX sC sy _] [_ X0 _] [XE _] _] := SP.
rewrite /only same_lengthE sy sw eqxx /=.
have pE (i : 'I_d) : zr (Check.dot (nth [::] (X_columns D) i) w) = zr (X_scale D) * \sum_j X P j i * zr (nth 0%ZZ w j).
  rewrite (dotE R (column_size SP (ltn_ord i)) sw) big_distrr /=; apply: eq_bigr => j _.
  by rewrite -XE mulrA.
rewrite (findN _ _ _ (no_cell, 0%ZZ)).2; last first.
  move=> i; rewrite size_map2 ?sz ?sX // => lt; rewrite (nth_map2 _ no_cell [::]) ?sz ?sX // -[i]/(val (Ordinal lt)).
  move: (Ordinal lt) => {lt} {}i; rewrite -/(at_ x i).
  have [_ e f _] := cE i; have [zb _ _ _ _] := signs b0 e; have [zg _ _ _ _] := signs_some f.
  have [p0 pu pl] := signsE i; rewrite zr_eq zr0 zb; have [bz|bn] := eqVneq (beta i 0) 0; last first.
    by rewrite nonzeroE negbK pE p0 // mulr0.
  rewrite !nonzeroE zr_eq zr0 zg zr_le zrM pE zr0; have [gz|gn] := eqVneq (grad P beta i 0) 0; last by rewrite andbF.
  case: (signP SP SX box i) => [u l|u l|u l]; rewrite ?zr1 ?zrN1 ?zr0 ?oppr_eq0 ?oner_eq0 ?mul1r ?mulN1r ?eqxx ?andbT /=.
  - by rewrite -ltNge mulr_gt0 ?(pu bz gz u).
  - by rewrite oppr_le0 -ltNge pmulr_rlt0 // (pl bz gz l).
  by [].
have [p1 _] := pm; have m0 : m <> 0%ZZ by lia.
rewrite (supportE SP SX) map1E -map_comp; set M := map _ _.
have -> : M = minor (X_columns D) beta rows by apply: eq_map => i /=; rewrite map1E.
have sp : spans m (size rows) (minor (X_columns D) beta rows) by apply: det_spans.
rewrite same_lengthE sm eqxx (Z.ltb_lt 1 m).2 //=.
rewrite (independentC p1 _ _ sm sm _ sp) //; [by move=> a; apply: exactq|by move=> a; apply: inv|].
by move=> r /mapP [i _ ->]; rewrite size_map.
Qed.
End Valid.
