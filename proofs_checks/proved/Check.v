(* The checker: integers alone, over common denominators; it extracts to OCaml. Sound.v proves what it decides.

   Three oracles are untrusted: whatever they return, what is accepted is true. All else that is used of the
   integers is 0, 1, 2, addition, subtraction, multiplication and comparison. Every function is tail-recursive. *)
From Coq Require Import ZArith.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Local Open Scope Z_scope.

(* --- A document ------------------------------------------------------------------------------------------ *)

Definition ratio : Type := Z * Z.    (* p/q with q > 0; among thresholds 1/0 is infinity *)
Record stated_vector := StatedVector { ratios : seq ratio; common : Z }.    (* common: a proposed denominator *)
Inductive proof :=
  | Only (w rows : seq Z) (modulus : Z)      (* the only minimiser, and why *)
  | Second (other : stated_vector).          (* another one *)
Record stated_saddle := StatedSaddle {
  jump_time : ratio; entries : stated_vector; saddle_loss : ratio; uniqueness : option proof }.
Record document := Document {
  complete : bool;
  columns : seq (seq ratio);                 (* of X *)
  target : seq ratio;                        (* y *)
  denominator : Z;                           (* proposed, for X and y *)
  box : seq (ratio * ratio);                 (* lower and upper, by column *)
  dual : stated_vector;                      (* s_0 *)
  saddles : seq stated_saddle }.

(* --- The verdict ----------------------------------------------------------------------------------------- *)

Inductive side := Below | Lower | Inside | Upper | Above.
Record cell := Cell { s : Z; place : side; b : Z; g : Z; bounds : ratio * ratio }.    (* coordinate i *)
Record state := State {                      (* saddle k as stated, and what follows *)
  stated : stated_saddle; cells : seq cell; s_scale : Z; b_scale : Z; g_scale : Z; recomputed : ratio }.
Inductive claim := Start | Cone | Stationary | DualSign | FirstHit | Loss | End | Uniqueness.
Inductive witness :=
  | At (i : Z) | LateStart | NotAfter | NoLanding | WrongLoss | Dependent | SameVector | Row (j : Z)
  | Product (i : Z) (value : Z) | Unreadable.
Inductive verdict :=
  | Malformed | Verified | Unchecked
  | Rejected (k : Z) (c : claim) (why : witness) (now : state) (later : option state).

(* --- Lists ----------------------------------------------------------------------------------------------- *)

Fixpoint fold2 A B C (f : C -> A -> B -> C) (c : C) (u : seq A) (v : seq B) : C :=
  match u, v with x :: u, y :: v => fold2 f (f c x y) u v | _, _ => c end.
Definition map1 A B (f : A -> B) (u : seq A) := rev (foldl (fun l x => f x :: l) nil u).
Definition map2 A B C (f : A -> B -> C) (u : seq A) (v : seq B) :=
  rev (fold2 (fun l x y => f x y :: l) nil u v).
Fixpoint same_length A B (u : seq A) (v : seq B) :=
  match u, v with x :: u, y :: v => same_length u v | nil, nil => true | _, _ => false end.
Definition length A (u : seq A) : Z := foldl (fun n _ => n + 1) 0 u.
Fixpoint find A (bad : A -> bool) (i : Z) (u : seq A) : option Z :=
  if u is x :: u then if bad x then Some i else find bad (i + 1) u else None.
Fixpoint nth_entry (u : seq Z) (i : Z) : Z :=
  if u is x :: u then if i =? 0 then x else nth_entry u (i - 1) else 0.

(* u . v; and c + Sum_j b_j X_j for columns X_j. *)
Fixpoint dot_from (c : Z) (u v : seq Z) : Z :=
  match u, v with x :: u, y :: v => dot_from (c + x * y) u v | _, _ => c end.
Definition dot (u v : seq Z) : Z := dot_from 0 u v.
Fixpoint add_multiple (b : Z) (done c column : seq Z) : seq Z :=
  match c, column with x :: c, y :: column => add_multiple b (x + b * y :: done) c column | _, _ => rev done end.
Definition combine (c b : seq Z) (columns : seq (seq Z)) : seq Z :=
  fold2 (fun c b column => if b =? 0 then c else add_multiple b nil c column) c b columns.

Section Checker.
Variables quotient gcd inverse : Z -> Z -> Z.    (* the oracles; inverse a modulo m *)

(* --- Vectors over Q: values/scale, scale > 0 ------------------------------------------------------------- *)

Record vector := Vector { values : seq Z; scale : Z }.

(* Each p/q of u times m, when m is a multiple of every q > 0. *)
Fixpoint numerators (m : Z) (done : seq Z) (u : seq ratio) : option (seq Z) :=
  if u is (p, q) :: u then
    let f := quotient m q in
    if (0 <? q) && (f * q =? m) then numerators m (p * f :: done) u else None
  else Some (rev done).
Definition integral (u : stated_vector) : option vector :=
  if 0 <? common u then
    if numerators (common u) nil (ratios u) is Some v then Some (Vector v (common u)) else None
  else None.

Fixpoint divided (m : Z) (done : seq Z) (u : seq Z) : option (seq Z) :=
  if u is x :: u then let f := quotient x m in if f * m =? x then divided m (f :: done) u else None
  else Some (rev done).
Definition divide (m : Z) (u : vector) : option vector :=
  let f := quotient (scale u) m in
  if (0 <? m) && (f * m =? scale u) then
    if divided m nil (values u) is Some v then Some (Vector v f) else None
  else None.
(* What divides the scale and a few of the values as a rule divides them all. *)
Definition reduced (few : seq Z) (u : vector) : vector :=
  let m := foldl gcd (scale u) few in
  if divide m u is Some v then v
  else if divide (foldl gcd m (values u)) u is Some v then v else u.

(* --- The state at a saddle ------------------------------------------------------------------------------- *)

Record data := Data {
  X_columns : seq (seq Z); y_values : seq Z; X_scale : Z; n_rows : Z; thresholds : seq (ratio * ratio) }.

Definition side_of (scale v : Z) (c : ratio * ratio) : side :=
  let '((l, l'), (u, u')) := c in
  if 0 <? v then
    let x := v * u' in
    let y := u * scale in
    if y <? x then Above else if x =? y then Upper else Inside
  else
    let room := l * scale + v * l' in
    if room <? 0 then Below else if room =? 0 then Lower else Inside.
Definition sign (p : side) : Z := match p with Below | Lower => -1 | Inside => 0 | Upper | Above => 1 end.
Definition outside (c : cell) : bool := match place c with Below | Above => true | _ => false end.

Definition state_of (D : data) (k : stated_saddle) (s : vector) : option state :=
  if integral (entries k) is Some beta then
    let unit := scale beta * X_scale D in
    let misfit := combine (map1 (fun y => - scale beta * y) (y_values D)) (values beta) (X_columns D) in
    let products := map1 (fun column => dot column misfit) (X_columns D) in
    let g := Vector products (n_rows D * unit * X_scale D) in
    let sides := map2 (fun v c => (v, side_of (scale s) v c, c)) (values s) (thresholds D) in
    let slopes := map2 pair (values beta) (values g) in
    let cell_of := fun (x : Z * side * (ratio * ratio)) (y : Z * Z) => Cell x.1.1 x.1.2 y.1 y.2 x.2 in
    if same_length (values beta) (X_columns D) then
      Some (State k (map2 cell_of sides slopes) (scale s) (scale beta) (scale g)
                  (dot misfit misfit, 2 * n_rows D * (unit * unit)))
    else None
  else None.

(* (t_{k+1} - t_k) times what the slopes are multiples of; and s_{k+1} = s_k - (t_{k+1} - t_k) g_k. *)
Definition unit_wait (x : state) (until : ratio) : vector :=
  let '((p, q), (a, c)) := (until, jump_time (stated x)) in
  let e := gcd q c in
  let '(q', c') := (quotient q e, quotient c e) in
  let '(q', c') := if (0 <? e) && (q' * e =? q) && (c' * e =? c) then (q', c') else (q, c) in
  Vector [:: p * c' - a * q'] (q' * c * g_scale x).
Definition moved (x : state) (until : ratio) : vector :=
  let wait := unit_wait x until in
  let m := gcd (s_scale x) (scale wait) in
  let keep := quotient (scale wait) m in
  let f := quotient (s_scale x) m in
  let good := (keep * s_scale x =? f * scale wait) && (0 <? keep) in
  let keep := if good then keep else scale wait in
  let f := if good then f else s_scale x in
  let move := head 0 (values wait) * f in
  let values := map1 (fun c => keep * s c - move * g c) (cells x) in
  let few := fold2 (fun few c v => if (g c =? 0) || (3 <=? length few) then few else v :: few) nil (cells x) values in
  reduced few (Vector values (keep * s_scale x)).

(* --- The claims: each returns what refutes it -------------------------------------------------------------- *)

Definition equal (x y : ratio) : bool := x.1 * y.2 =? y.1 * x.2.
Definition at_index (i : option Z) : option witness := if i is Some i then Some (At i) else None.
Definition nonzero (x : Z) : bool := ~~ (x =? 0).

Definition start (x : state) : option witness :=
  if nonzero (jump_time (stated x)).1 then Some LateStart else at_index (find outside 0 (cells x)).
Definition cone (x : state) : option witness :=
  at_index (find (fun c => nonzero (b c) && (b c * sign (place c) <=? 0)) 0 (cells x)).
Definition stationary (x : state) : option witness :=
  at_index (find (fun c => nonzero (b c) && nonzero (g c)) 0 (cells x)).
Definition dual_sign (x : state) : option witness :=
  at_index (find (fun c => sign (place c) * g c <? 0) 0 (cells x)).
Definition first_hit (x : state) (next : option state) : option witness :=
  if next is Some next then
    let '((p, q), (a, c)) := (jump_time (stated x), jump_time (stated next)) in
    if a * q <=? p * c then Some NotAfter
    else if find outside 0 (cells next) is Some i then Some (At i)
    else if fold2 (fun found now later => found || (sign (place later) * g now <? 0))
                  false (cells x) (cells next) then None
    else Some NoLanding
  else None.
Definition loss (x : state) : option witness :=
  if equal (saddle_loss (stated x)) (recomputed x) then None else Some WrongLoss.
Definition ahead (c : cell) : ratio := if g c <? 0 then (bounds c).2 else (bounds c).1.
Definition end_ (x : state) : option witness :=
  at_index (find (fun c => nonzero (g c) && nonzero (ahead c).2) 0 (cells x)).

(* --- Uniqueness -------------------------------------------------------------------------------------------- *)

Definition residue (m a : Z) : Z := a - m * quotient a m.
Definition divides (m a : Z) : bool := m * quotient a m =? a.

(* A row that begins with a unit modulo m, its inverse, and the other rows. *)
Fixpoint pivot (m : Z) (before rows : seq (seq Z)) : option (seq Z * Z * seq (seq Z)) :=
  if rows is row :: rows then
    let v := inverse (head 0 row) m in
    if divides m (v * head 0 row - 1) then Some (row, v, catrev before rows)
    else pivot m (row :: before) rows
  else None.
(* Elimination modulo m finds as many units as there are rows; fuel has their number. *)
Fixpoint independent (m : Z) (fuel rows : seq (seq Z)) : bool :=
  if rows is _ :: _ then
    if fuel is _ :: fuel then
      if pivot m nil rows is Some (row, v, rest) then
        let eliminate r :=
          let f := residue m (head 0 r * v) in
          map2 (fun x y => residue m (x - f * y)) (behead r) (behead row) in
        independent m fuel (map1 eliminate rest)
      else false
    else false
  else true.

Definition primitive (column : seq Z) : seq Z :=
  let m := foldl gcd 0 column in
  if nonzero m then if divided m nil column is Some v then v else column else column.
Definition support (x : state) (columns : seq (seq Z)) : seq (seq Z) :=
  rev (fold2 (fun l c column => if b c =? 0 then l else column :: l) nil (cells x) columns).

Definition only (D : data) (x : state) (w rows : seq Z) (m : Z) : option witness :=
  if ~~ same_length w (y_values D) then Some Unreadable else
  let product c column := (c, dot column w) in
  let wrong (cp : cell * Z) := let (c, p) := cp in
    if b c =? 0 then nonzero (sign (place c)) && (g c =? 0) && (sign (place c) * p <=? 0) else nonzero p in
  let products := map2 product (cells x) (X_columns D) in
  if find wrong 0 products is Some i then Some (Product i (nth_entry (map1 snd products) i)) else
  let minor := map1 (fun column => let v := primitive column in map1 (nth_entry v) rows)
                    (support x (X_columns D)) in
  if (1 <? m) && same_length minor rows && independent m minor minor then None else Some Dependent.

Definition second (D : data) (x : state) (other : vector) : option witness :=
  let wrong (cv : cell * Z) := let (c, v) := cv in
    nonzero v && ((v * sign (place c) <=? 0) || nonzero (g c)) in
  if find wrong 0 (map2 pair (cells x) (values other)) is Some i then Some (At i) else
  let move := map2 (fun c v => v * b_scale x - b c * scale other) (cells x) (values other) in
  if ~~ has nonzero move then Some SameVector else
  if find nonzero 0 (combine (map1 (fun _ => 0) (y_values D)) move (X_columns D)) is Some j then Some (Row j)
  else None.

(* --- The replay -------------------------------------------------------------------------------------------- *)

Definition orelse A (x : option A) (y : unit -> option A) := if x is Some x then Some x else y tt.
Definition named (c : claim) (x : option witness) := if x is Some w then Some (c, w) else None.

Definition prove (D : data) (x : state) : option (claim * witness) :=
  named Uniqueness match uniqueness (stated x) with
    | None => None
    | Some (Only w rows m) => only D x w rows m
    | Some (Second other) =>
        if integral other is Some v then
          if same_length (values v) (cells x) then second D x v else Some Unreadable
        else Some Unreadable
    end.
Definition refute (D : data) (last : bool) (x : state) (next : option state) : option (claim * witness) :=
  orelse (named Cone (cone x)) (fun _ =>
  orelse (named Stationary (stationary x)) (fun _ =>
  orelse (named DualSign (dual_sign x)) (fun _ =>
  orelse (named FirstHit (first_hit x next)) (fun _ =>
  orelse (named Loss (loss x)) (fun _ =>
  orelse (if last then named End (end_ x) else None) (fun _ => prove D x)))))).

Definition positive_time (k : stated_saddle) := (0 <? (jump_time k).2) && (0 <? (saddle_loss k).2).

Fixpoint replay (whole : bool) (D : data) (k : Z) (x : state) (rest : seq stated_saddle) : verdict :=
  if rest is saddle :: rest then
    if positive_time saddle then
      if state_of D saddle (moved x (jump_time saddle)) is Some next then
        if refute D false x (Some next) is Some (c, w) then Rejected k c w x (Some next)
        else replay whole D (k + 1) next rest
      else Malformed
    else Malformed
  else if refute D whole x None is Some (c, w) then Rejected k c w x None
  else if whole then Verified else Unchecked.

(* A threshold p/q: positive, or 1/0. *)
Definition threshold (c : ratio) := (0 <? c.1) && ((0 <? c.2) || ((c.1 =? 1) && (c.2 =? 0))).
Definition thresholded (c : ratio * ratio) :=
  threshold c.1 && threshold c.2 && (nonzero c.1.2 || nonzero c.2.2).

Fixpoint all_numerators (m : Z) (done : seq (seq Z)) (columns : seq (seq ratio)) :=
  if columns is column :: columns then
    if numerators m nil column is Some v then all_numerators m (v :: done) columns else None
  else Some (rev done).

Definition data_of (doc : document) : option data :=
  let m := denominator doc in
  if (0 <? m) && (0 <? length (target doc)) && all thresholded (box doc)
     && same_length (box doc) (columns doc)
     && all (fun column => same_length column (target doc)) (columns doc) then
    if numerators m nil (target doc) is Some y then
      if all_numerators m nil (columns doc) is Some X then
        Some (Data X y m (length (target doc)) (box doc))
      else None
    else None
  else None.

Definition check (doc : document) : verdict :=
  if data_of doc is Some D then
    if integral (dual doc) is Some s then
      if saddles doc is saddle :: rest then
        if same_length (values s) (columns doc) && positive_time saddle then
          if state_of D saddle s is Some x then
            if start x is Some w then Rejected 0 Start w x None else replay (complete doc) D 0 x rest
          else Malformed
        else Malformed
      else Malformed
    else Malformed
  else Malformed.
End Checker.
