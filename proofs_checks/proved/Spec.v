(* What the checker is proved to decide: definitions only, over any ordered field R. The paper is Pesme &
   Flammarion, Saddle-to-Saddle Dynamics in Diagonal Linear Networks, NeurIPS 2023 (Algorithm 1); thresholds
   and an initial dual are as in exactsaddle/CERTIFICATE.md. Indices count from 0; 'cV_d are columns of d numbers. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum zmodp matrix.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* The data X, y; the box -lower_i <= s_i <= upper_i, where None is infinite; and s_0. *)
Record problem (R : realFieldType) (n d : nat) := Problem {
  X : 'M[R]_(n, d);
  y : 'cV[R]_n;
  lower : 'I_d -> option R;
  upper : 'I_d -> option R;
  start : 'cV[R]_d }.

(* Saddle k as stated: t_k, beta_k, its loss, and perhaps whether beta_k is the only minimiser on its cone. *)
Record saddle (R : realFieldType) (d : nat) := Saddle {
  time : R;
  beta : 'cV[R]_d;
  stated_loss : R;
  unique : option bool }.

Section Spec.
Variables (R : realFieldType) (n d : nat) (P : problem R n d).
Implicit Types (b s g : 'cV[R]_d) (ks : seq (saddle R d)).

Definition positive (c : option R) := if c is Some c then 0 < c else true.
Definition well_posed :=
  (0 < n)%N /\ forall i, [/\ positive (lower P i), positive (upper P i) & lower P i <> None \/ upper P i <> None].

(* L(b) = |X b - y|^2 / (2n) and its gradient X'(X b - y) / n. *)
Definition loss b : R := (\sum_i (X P *m b - y P) i 0 ^+ 2) / (2%:R * n%:R).
Definition grad b : 'cV[R]_d := n%:R^-1 *: ((X P)^T *m (X P *m b - y P)).

(* Where a dual s is in its box, and the sign cone C(s). *)
Definition on_upper s i := upper P i == Some (s i 0).
Definition on_lower s i := lower P i == Some (- s i 0).
Definition below (x : R) (c : option R) := if c is Some c then x <= c else true.
Definition in_box s := forall i, below (s i 0) (upper P i) /\ below (- s i 0) (lower P i).
Definition cone s b := forall i,
  [/\ on_upper s i -> 0 <= b i 0,
      on_lower s i -> b i 0 <= 0 &
      ~~ on_upper s i -> ~~ on_lower s i -> b i 0 = 0].
Definition minimiser s b := cone s b /\ forall b', cone s b' -> loss b <= loss b'.

(* The dual moves on a line; a wait is the first time at which some moving coordinate lands on a threshold. *)
Definition moved s g (wait : R) := s - wait *: g.
Definition lands s g wait :=
  exists2 i, g i 0 != 0 & on_upper (moved s g wait) i || on_lower (moved s g wait) i.
Definition first_hit s g wait :=
  [/\ 0 < wait, lands s g wait & forall sooner, 0 < sooner < wait -> ~ lands s g sooner].

Definition uniqueness_holds s (k : saddle R d) := match unique k with
  | None => True
  | Some true => forall b, minimiser s b -> b = beta k
  | Some false => exists2 b, minimiser s b & b <> beta k
  end.

(* Algorithm 1 from time t and dual s: to its end, where nothing lands any more, if complete; else a prefix. *)
Fixpoint run (complete : bool) (t : R) s ks : Prop :=
  if ks is k :: rest then
    [/\ time k = t, minimiser s (beta k), stated_loss k = loss (beta k), uniqueness_holds s k &
      if rest is next :: _ then
        let wait := time next - t in
        first_hit s (grad (beta k)) wait /\ run complete (time next) (moved s (grad (beta k)) wait) rest
      else complete -> forall wait, 0 < wait -> ~ lands s (grad (beta k)) wait]
  else False.

Definition path complete ks := [/\ well_posed, in_box (start P) & run complete 0 (start P) ks].
End Spec.
