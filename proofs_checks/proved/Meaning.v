(* What a document says, over any ordered field R: the problem and the saddles that its fractions denote. *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint zmodp matrix ssrZ.
From Proved Require Import Spec Check.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Local Open Scope ring_scope.
Delimit Scope Z_scope with ZZ.

Section Meaning.
Variable R : realFieldType.

Definition integer (z : Z) : R := (int_of_Z z)%:~R.
Definition value (r : ratio) : R := integer r.1 / integer r.2.
Definition bound (r : ratio) : option R := if (r.2 =? 0)%ZZ then None else Some (value r).

Definition vector_of m (u : seq ratio) : 'cV[R]_m := \col_i value (nth (0, 1)%ZZ u i).

Variable doc : document.
Let n := size (target doc).
Let d := size (columns doc).
Let infinite : ratio * ratio := ((1, 0), (1, 0))%ZZ.

Definition problem_of : problem R n d := Problem
  (\matrix_(i, j) value (nth (0, 1)%ZZ (nth [::] (columns doc) j) i))
  (vector_of n (target doc))
  (fun j => bound (nth infinite (box doc) j).1)
  (fun j => bound (nth infinite (box doc) j).2)
  (vector_of d (ratios (dual doc))).

Definition unique_of (p : option proof) : option bool :=
  match p with None => None | Some (Only _ _ _) => Some true | Some (Second _) => Some false end.
Definition saddle_of (k : stated_saddle) : saddle R d := Saddle
  (value (jump_time k)) (vector_of d (ratios (entries k))) (value (saddle_loss k)) (unique_of (uniqueness k)).
End Meaning.
