(* Acceptance in less time: the replay of Check.v with enclosures in the place of most slopes and duals. What it accepts
   is true (QuickSound.v); what it does not is decided by Check.v, which has the witness.

   With r = X b - y and R = X B - t y, B the integral of beta to t, slopes are X_i.r/n and s_0 - s is X_i.R/n. Where
   beta_i is not 0, X_i.r is exactly 0 by products of columns. A dual that does not move stays where it is; R is
   enclosed, so most others are inside. The one left that lands follows from what is exact about all: with g the
   slopes of any b, b.(s_0 - s) = B.g + (y'X B - t y'X b)/n; so B is kept only of columns that leave the support. *)
From Coq Require Import ZArith.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq.
From Proved Require Import Check.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Local Open Scope Z_scope.

Definition absolute (x : Z) : Z := if x <? 0 then - x else x.
Definition norm (u : seq Z) : Z := foldl (fun m x => m + absolute x) 0 u.
Definition largest (u : seq Z) : Z := foldl (fun m x => let a := absolute x in if m <? a then a else m) 0 u.
(* u . v where u has many zeros. *)
Fixpoint sparse_from (c : Z) (u v : seq Z) : Z :=
  match u, v with x :: u, y :: v => sparse_from (if x =? 0 then c else c + x * y) u v | _, _ => c end.
Definition sparse (u v : seq Z) : Z := sparse_from 0 u v.

Section Quick.
Variables quotient gcd inverse : Z -> Z -> Z.
Variable precision : Z.    (* what the oracles find it worth to be exact to: any will do that is positive *)
Variable D : data.

(* What is known of coordinate i before the replay: whether B_i is kept; X_i's products with columns of X and with y,
   where it is ever active; s_0; and up and low, with s_i below its upper threshold if up.2 X_i.R > up.1 and -s_i below
   its lower if low.2 X_i.R < low.1, for R in units of 1/precision. *)
Record coordinate := Coordinate {
  column : seq Z; column_norm : Z; kept : bool; products : option (seq Z * Z); start_ : Z; box_ : ratio * ratio;
  up : ratio; low : ratio }.
Record kit := Kit { coordinates : seq coordinate; y_products : seq Z; y_square : Z; row_norm : Z; start_scale : Z }.

Definition coordinate_of (start_scale : Z) (x : seq Z * (bool * bool)) (y : Z * (ratio * ratio)) : coordinate :=
  let '((column, (active, kept)), (s, ((l, l'), (u, u')))) := (x, y) in
  let unit := n_rows D * X_scale D * precision in
  Coordinate column (norm column) kept
    (if active then Some (map1 (dot column) (X_columns D), dot column (y_values D)) else None)
    s y.2 ((s * u' - u * start_scale) * unit, start_scale * u') ((s * l' + l * start_scale) * unit, start_scale * l').
Definition kit_of (use : seq (bool * bool)) (s : vector) : kit :=
  Kit (map2 (coordinate_of (scale s)) (map2 pair (X_columns D) use) (map2 pair (values s) (thresholds D)))
      (map1 (dot (y_values D)) (X_columns D)) (dot (y_values D) (y_values D))
      (largest (combine (map1 absolute (y_values D)) (map1 (fun _ => 1) (X_columns D))
                        (map1 (map1 absolute) (X_columns D))))
      (scale s).

Variable K : kit.

(* --- Slopes ---------------------------------------------------------------------------------------------- *)

Definition residual (v : seq Z) (c : Z) : seq Z := combine (map1 (fun y => - c * y) (y_values D)) v (X_columns D).

(* Row by row, residual v c is coarse (fine top) up to coarse slack. *)
Record rough := Rough { top : seq Z; fine : Z; slack : Z; coarse : Z }.
Definition rounded1 (u x : Z) : option Z :=
  if x =? 0 then Some 0 else
  let f := quotient x u in
  if absolute (x - u * f) <? u then Some f else None.
Fixpoint rounded (u : Z) (done v : seq Z) : option (seq Z) :=
  if v is x :: v then if rounded1 u x is Some f then rounded u (f :: done) v else None else Some (rev done).
Definition unit_of (u : seq Z) : Z := let f := quotient (largest u) precision in if 0 <? f then f else 1.
Definition rough_of (v : seq Z) (c : Z) : option rough :=
  let u := unit_of (c :: v) in
  if rounded1 u c is Some c then
    if rounded u nil v is Some v then
      let r := residual v c in
      let u' := unit_of r in
      let room := fun u e => if u =? 1 then 0 else e in    (* no rounding in units of 1 *)
      if rounded u' nil r is Some top then Some (Rough top u' (room u (row_norm K) + room u' u') u) else None
    else None
  else None.

(* A positive multiple of X_i.r; where beta_i is not 0 or B_i is kept, that itself. *)
Definition slope_of (a : rough) (v : seq Z) (c : Z) (x : coordinate) (b : Z) : option Z :=
  let exact := fun _ : unit => if products x is Some (row, y) then Some (sparse v row - c * y) else None in
  if (b =? 0) && ~~ kept x then
    let middle := fine a * dot (column x) (top a) in
    if slack a * column_norm x <? absolute middle then Some middle else exact tt
  else exact tt.
(* First what is easy; and if anything is left, the residual. *)
Definition slopes (a : rough) (v : seq Z) (c : Z) : seq Z :=
  let first := map2 (slope_of a v c) (coordinates K) v in
  let rest := if all isSome first then nil else residual v c in
  map2 (fun x f => if f is Some f then f else dot (column x) rest) (coordinates K) first.

(* --- Integrals, from saddle to saddle -------------------------------------------------------------------- *)

(* sums: t, y'X B and the B_i that are kept, else 0. lost: where B_i is perhaps not 0 and not kept.
   rest: R, up to blur. *)
Record integrals := Integrals { sums : vector; lost : seq bool; rest : seq Z; blur : Z }.

Definition advanced_sums (x : state) (B : vector) (e until : ratio) : vector :=
  let '((h', q'), (t, h)) := (e, (head 0 (values B), scale B)) in
  let wait := until.1 * h' - t * q' in    (* over h q' *)
  let e := gcd wait (b_scale x) in
  let '(wait', unit') := (quotient wait e, quotient (b_scale x) e) in
  let '(wait, unit) := if (0 <? e) && (wait' * e =? wait) && (unit' * e =? b_scale x) then (wait', unit')
                       else (wait, b_scale x) in
  let keep := q' * unit in
  let v := map1 b (cells x) in
  let kept_b := fun y b => if kept y then b else 0 in
  let rates := b_scale x :: sparse v (y_products K) :: map2 kept_b (coordinates K) v in
  let moved := map2 (fun w b => if b =? 0 then keep * w else keep * w + wait * b) (values B) rates in
  let longer := Vector moved (keep * h) in
  let few := fold2 (fun few b v => if (b =? 0) || (2 <=? length few) then few else v :: few) nil
                   (behead rates) (behead moved) in
  let m := foldl gcd (quotient (keep * h) until.2) few in
  if m =? 1 then longer else
  if divide quotient m longer is Some v then v else reduced quotient gcd few longer.

(* R moves by (t' - t) r, in units of 1/precision and of blur. *)
Definition advanced_rest (x : state) (a : rough) (wait scale : Z) (z : seq Z) (blur : Z) : option (seq Z * Z) :=
  let rate := precision * wait * coarse a * fine a in
  let unit := scale * X_scale D * b_scale x in
  let m := let f := quotient (precision * unit) rate in if 0 <? f then f else 1 in
  if rounded1 unit (m * rate) is Some k then
    if rounded m nil (map1 (fun f => k * f) (top a)) is Some move then
      let most := (k + 1) * slack a + fine a * largest (top a) in
      let more := quotient most (fine a * m) + 1 in
      if (0 <=? k) && (most <=? more * (fine a * m)) then Some (map2 (fun z f => z + f) z move, blur + more + 1)
      else None
    else None
  else None.

Definition advanced (x : state) (a : rough) (J : integrals) (until : ratio) : option integrals :=
  let '((p, q), (t, h)) := (until, (head 0 (values (sums J)), scale (sums J))) in
  let e := gcd h q in
  let '(h', q') := (quotient h e, quotient q e) in
  let '(h', q') := if (0 <? e) && (h' * e =? h) && (q' * e =? q) then (h', q') else (h, q) in
  if advanced_rest x a (p * h' - t * q') (h * q') (rest J) (blur J) is Some (z, blur) then
    Some (Integrals (advanced_sums x (sums J) (h', q') until)
                    (map2 (fun (c : cell * coordinate) (l : bool) => l || (nonzero (b c.1) && ~~ kept c.2))
                          (map2 pair (cells x) (coordinates K)) (lost J)) z blur)
  else None.

(* --- Duals ----------------------------------------------------------------------------------------------- *)

Definition side_now (J : integrals) (x : coordinate) (before : cell) : option side :=
  if g before =? 0 then Some (place before) else
  let middle := dot (column x) (rest J) in
  let wide := blur J * column_norm x in
  if ((up x).1 <? (up x).2 * (middle - wide)) && ((low x).2 * (middle + wide) <? (low x).1) then Some Inside
  else None.

(* The sum of v_j s_j over what is settled; v_i, at the one coordinate that is not, and its thresholds. *)
Record known := Known { total : ratio; left : option (Z * (ratio * ratio)) }.
Definition add_ratio (x y : ratio) : ratio :=
  if x.2 =? y.2 then (x.1 + y.1, x.2) else (x.1 * y.2 + y.1 * x.2, x.2 * y.2).
Definition add_known (found : option known) (x : coordinate) (w : Z * option side) : option known :=
  if found is Some f then
    match w.2 with
    | None => if left f is None then if w.1 =? 0 then None else Some (Known (total f) (Some (w.1, box_ x))) else None
    | Some p => if w.1 =? 0 then found else
      match p with
      | Upper => Some (Known (add_ratio (total f) (w.1 * (box_ x).2.1, (box_ x).2.2)) (left f))
      | Lower => Some (Known (add_ratio (total f) (- w.1 * (box_ x).1.1, (box_ x).1.2)) (left f))
      | _ => None
      end
    end
  else None.

(* Sides from what is first; the one left is where b.s says, with the slopes of b. *)
Definition kept_forms (J : integrals) (gs : seq Z) : option Z :=
  if has id (map2 (fun (l : bool) g => l && nonzero g) (lost J) gs) then None
  else Some (sparse (behead (behead (values (sums J)))) gs).
Definition side_left (J : integrals) (v gs : seq Z) (c : Z) (f : known) (w : Z) (box : ratio * ratio) : option side :=
  if kept_forms J gs is Some forms then
    let unit := n_rows D * (X_scale D * X_scale D) * scale (sums J) in
    let phi := head 0 (values (sums J)) * sparse v (y_products K) - c * head 0 (behead (values (sums J))) - forms in
    let s0 := sparse v (map1 start_ (coordinates K)) in
    let value := ((s0 * unit + phi * start_scale K) * (total f).2 - (total f).1 * (start_scale K * unit)) in
    let scale := start_scale K * unit * (total f).2 in
    Some (if 0 <? w then side_of (scale * w) value box else side_of (scale * - w) (- value) box)
  else None.
Definition sides (J : integrals) (before : seq cell) (v gs : seq Z) (c : Z) : option (seq side) :=
  let first := map2 (side_now J) (coordinates K) before in
  let filled := fun p => map1 (fun f : option side => if f is Some p then p else p) first in
  if all isSome first then Some (filled Inside) else
  if fold2 add_known (Some (Known (0, 1) None)) (coordinates K) (map2 pair v first) is Some f then
    if left f is Some (w, box) then
      if side_left J v gs c f w box is Some p then Some (filled p) else None
    else None
  else None.

(* --- The replay ------------------------------------------------------------------------------------------- *)

Definition state_now (k : stated_saddle) (v gs : seq Z) (c : Z) (places : seq side) : state :=
  let unit := c * X_scale D in
  let square := sparse v gs - c * (sparse v (y_products K) - c * y_square K) in
  let pairs := map2 pair places (thresholds D) in
  State k (map2 (fun p bg => Cell 0 p.1 bg.1 bg.2 p.2) pairs (map2 pair v gs)) 1 c 1
        (square, 2 * n_rows D * (unit * unit)).
Definition quick_state (k : stated_saddle) (places : seq Z -> seq Z -> Z -> option (seq side)) : option (state * rough) :=
  if integral quotient (entries k) is Some beta then
    let '(v, c) := (values beta, scale beta) in
    if same_length v (X_columns D) then
      if rough_of v c is Some a then
        let gs := slopes a v c in
        if places v gs c is Some places then Some (state_now k v gs c places, a) else None
      else None
    else None
  else None.

Fixpoint quick_replay (whole : bool) (x : state) (a : rough) (J : integrals) (rest : seq stated_saddle) : bool :=
  if rest is saddle :: rest then
    if positive_time saddle then
      if advanced x a J (jump_time saddle) is Some J then
        if quick_state saddle (sides J (cells x)) is Some (next, a) then
          if refute quotient gcd inverse D false x (Some next) is Some _ then false
          else quick_replay whole next a J rest
        else false
      else false
    else false
  else if refute quotient gcd inverse D whole x None is Some _ then false else true.
End Quick.

(* Which columns are ever active, and which of them not at some later saddle. *)
Definition used (width : seq (seq ratio)) (saddles : seq stated_saddle) : seq (bool * bool) :=
  foldl (fun found k => map2 (fun (a : bool * bool) (x : ratio) =>
                                if nonzero x.1 then (true, a.2) else (a.1, a.1)) found (ratios (entries k)))
        (map1 (fun _ => (false, false)) width) saddles.

Definition quick (quotient gcd inverse : Z -> Z -> Z) (precision : Z) (doc : document) : bool :=
  if 0 <? precision then
  if data_of quotient doc is Some D then
    if integral quotient (dual doc) is Some s then
      if saddles doc is saddle :: rest then
        if same_length (values s) (columns doc) && positive_time saddle then
          let use := used (columns doc) (saddles doc) in
          if ~~ same_length use (columns doc) then false else
          let K := kit_of precision D use s in
          let places := map2 (side_of (scale s)) (values s) (thresholds D) in
          if quick_state quotient precision D K saddle (fun _ _ _ => Some places) is Some (x, a) then
            if start x is Some _ then false
            else let zeros := map1 (fun _ => 0) (columns doc) in
                 quick_replay quotient gcd inverse precision D K (complete doc) x a
                   (Integrals (Vector (0 :: 0 :: zeros) 1) (map1 (fun _ => false) zeros)
                              (map1 (fun _ => 0) (target doc)) 0) rest
          else false
        else false
      else false
    else false
  else false
  else false.

Definition decide (quotient gcd inverse : Z -> Z -> Z) (precision : Z) (doc : document) : verdict :=
  if quick quotient gcd inverse precision doc then (if complete doc then Verified else Unchecked)
  else check quotient gcd inverse doc.
