(* The integers of the checker inside an ordered field, and its list functions as those of MathComp. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect order ssralg ssrnum ssrint zmodp matrix ssrZ zify.
From Proved Require Import Spec Check Meaning.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Global Arguments Z.add : simpl never.
Global Arguments Z.sub : simpl never.
Global Arguments Z.mul : simpl never.
Global Arguments Z.opp : simpl never.
Global Arguments Z.eqb : simpl never.
Global Arguments Z.ltb : simpl never.
Global Arguments Z.leb : simpl never.

Section Integers.
Variable R : realFieldType.
Local Notation zr := (@integer R).
Implicit Types x y z : Z.

Lemma zrE : zr =1 intr \o int_of_Z. Proof. by []. Qed.
Lemma zr0 : zr 0%ZZ = 0. Proof. by []. Qed.
Lemma zr1 : zr 1%ZZ = 1. Proof. by []. Qed.
Lemma zrN1 : zr (-1)%ZZ = -1. Proof. by []. Qed.
Lemma zrD x y : zr (x + y)%ZZ = zr x + zr y.
Proof. rewrite /integer -intrD; congr (_ %:~R); lia. Qed.
Lemma zrN x : zr (- x)%ZZ = - zr x.
Proof. rewrite /integer -rmorphN; congr (_ %:~R); lia. Qed.
Lemma zrB x y : zr (x - y)%ZZ = zr x - zr y.
Proof. rewrite /integer -rmorphB; congr (_ %:~R); lia. Qed.
Lemma zrM x y : zr (x * y)%ZZ = zr x * zr y.
Proof. rewrite /integer -intrM; congr (_ %:~R); lia. Qed.
Lemma zr_lt x y : (x <? y)%ZZ = (zr x < zr y).
Proof. rewrite /integer ltr_int; lia. Qed.
Lemma zr_le x y : (x <=? y)%ZZ = (zr x <= zr y).
Proof. rewrite /integer ler_int; lia. Qed.
Lemma zr_eq x y : (x =? y)%ZZ = (zr x == zr y).
Proof. rewrite /integer eqr_int; lia. Qed.
Lemma zr_nat m : zr (Z.of_nat m) = m%:R.
Proof. rewrite /integer -[m%:R]/(m%:~R); congr (_ %:~R); lia. Qed.
Lemma nonzeroE x : nonzero x = (zr x != 0).
Proof. by rewrite /nonzero zr_eq. Qed.

Lemma map1E A B (f : A -> B) u : map1 f u = map f u.
Proof.
rewrite /map1 -[RHS]cat0s -[[::] ++ _]/(rev [::] ++ _); elim: u [::] => [|x u IH] l /=; first by rewrite cats0.
by rewrite IH rev_cons cat_rcons.
Qed.

Lemma fold2E A B C (f : C -> A -> B -> C) c u v : fold2 f c u v = foldl (fun c p => f c p.1 p.2) c (zip u v).
Proof. by elim: u v c => [|x u IH] [|z v] c //=. Qed.

Section Lists.
Variables A B C : Type.
Lemma map2E (f : A -> B -> C) u v : map2 f u v = [seq f p.1 p.2 | p <- zip u v].
Proof. by rewrite -map1E /map2 /map1 fold2E. Qed.
Lemma same_lengthE (u : seq A) (v : seq B) : same_length u v = (size u == size v).
Proof. by elim: u v => [|x u IH] [|z v] //=; rewrite IH eqSS. Qed.
Lemma size_map2 (f : A -> B -> C) u v : size u = size v -> size (map2 f u v) = size v.
Proof. by move=> h; rewrite map2E size_map size_zip h minnn. Qed.
Lemma nth_map2 (f : A -> B -> C) a b c u v i : size u = size v -> (i < size v)%N ->
  nth c (map2 f u v) i = f (nth a u i) (nth b v i).
Proof.
move=> h lt; rewrite map2E (nth_map (a, b)) ?size_zip ?h ?minnn //.
by rewrite nth_zip.
Qed.
Lemma findN (bad : A -> bool) k u a :
  find bad k u = None <-> forall i, (i < size u)%N -> ~~ bad (nth a u i).
Proof.
elim: u k => [|x u IH] k //=; case E: (bad x).
  by split=> // /(_ 0%N isT); rewrite /= E.
rewrite IH; split=> h => [[|i]|i] //=; first by rewrite E.
  exact: h.
by move=> lt; apply: (h i.+1).
Qed.
End Lists.

Lemma lengthE A (u : seq A) : zr (length u) = (size u)%:R.
Proof.
rewrite /length -[(size u)%:R]add0r -zr0.
elim: u 0%ZZ => [|x u IH] k /=; first by rewrite addr0.
by rewrite IH zrD zr1 -addrA -(natrD _ 1).
Qed.

Lemma dot_fromE c u v : dot_from c u v = fold2 (fun c x y => c + x * y)%ZZ c u v.
Proof. by elim: u v c => [|x u IH] [|z v] c //=. Qed.
Lemma add_multipleE b c column : add_multiple b [::] c column = map2 (fun x y => x + b * y)%ZZ c column.
Proof. rewrite /map2; by elim: c column [::] => [|x c IH] [|z v] l //=; rewrite IH. Qed.

Lemma dotE m u v : size u = m -> size v = m ->
  zr (dot u v) = \sum_(i < m) zr (nth 0%ZZ u i) * zr (nth 0%ZZ v i).
Proof.
move=> <- sv; rewrite /dot dot_fromE; suff H c : zr (fold2 (fun c x y => c + x * y)%ZZ c u v) =
    zr c + \sum_(i < size u) zr (nth 0%ZZ u i) * zr (nth 0%ZZ v i) by rewrite H zr0 add0r.
elim: u v c sv => [|x u IH] [|z v] c //= => [_|[sv]]; first by rewrite big_ord0 addr0.
by rewrite IH // big_ord_recl /= zrD zrM addrA.
Qed.

Lemma combineE n d c b columns : size c = n -> size b = d -> size columns = d ->
  (forall column, List.In column columns -> size column = n) ->
  size (combine c b columns) = n /\ forall i, (i < n)%N ->
  zr (nth 0%ZZ (combine c b columns) i) =
  zr (nth 0%ZZ c i) + \sum_(j < d) zr (nth 0%ZZ b j) * zr (nth 0%ZZ (nth [::] columns j) i).
Proof.
move=> sc <- {d}; elim: b columns c sc => [|x b IH] [|column columns] c sc //= => [_ _|[sb] h].
  by split=> // i lt; rewrite big_ord0 addr0.
have sx : size column = n by apply: h; left.
have {}h : forall column, List.In column columns -> size column = n by move=> *; apply: h; right.
rewrite /combine /= -/(combine _ b columns) add_multipleE zr_eq; have [E|ne] := eqVneq.
  have [sz rec] := IH _ _ sc sb h; split=> // i lt.
  by rewrite rec // big_ord_recl /= E mul0r add0r.
have sc' : size (map2 (fun y z => y + x * z)%ZZ c column) = n by rewrite size_map2 // sc.
have [sz rec] := IH _ _ sc' sb h; split=> // i lt.
rewrite rec // big_ord_recl /= (nth_map2 _ 0%ZZ 0%ZZ) ?sc ?sx //.
by rewrite zrD zrM addrA.
Qed.
End Integers.
