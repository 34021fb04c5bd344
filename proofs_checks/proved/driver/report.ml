(* The verdict of the proved checker in the words of check_path.py. *)

open Proved
open Number
open Reader

type failure = { saddle : int; claim : string; witness : string }
type report = {
  verdict : string;
  count : int; (* of saddles *)
  digest : string;
  failure : failure option;
  with_proofs : bool;
  beyond : string;
}

let show (p, q) =
  let p, q = lowest p q in
  let part x = cut ~unit:"digits" (Integer.to_string x) in
  if Integer.equal q Integer.one then part p else part p ^ "/" ^ part q

let shown called label i ratio = Printf.sprintf "%s[%s] = %s" label (List.nth called i) (show ratio)
let cell state i = List.nth state.cells i
let beta called state i = shown called "beta" i ((cell state i).b, state.b_scale)
let slope called state i = shown called "g" i ((cell state i).g, state.g_scale)
let place called state i =
  let c = cell state i in
  shown called "s" i (c.s, state.s_scale) ^ " is "
  ^ match c.place with
  | Inside -> "inside its thresholds"
  | Upper -> "on its upper threshold"
  | Lower -> "on its lower threshold"
  | Above | Below -> "beyond its threshold"

let claim_name = function
  | Start -> "start" | Cone -> "cone" | Stationary -> "stationary" | DualSign -> "dual sign"
  | FirstHit -> "first hit" | Loss -> "loss" | End -> "end" | Uniqueness -> "uniqueness"

let python_list items = "[" ^ String.concat ", " (map Integer.to_string items) ^ "]"

let witness called claim why now later =
  let shown = shown called and beta = beta called and slope = slope called and place = place called in
  let time state = show state.stated.jump_time in
  let then_ () = "at the next jump time " ^ time (Option.get later) in
  match claim, why with
  | Start, At i -> place now (Integer.to_int i)
  | _, LateStart -> Printf.sprintf "t_0 = %s, not 0" (time now)
  | Cone, At i -> let i = Integer.to_int i in beta now i ^ " but " ^ place now i
  | Stationary, At i -> let i = Integer.to_int i in beta now i ^ " but " ^ slope now i
  | DualSign, At i -> let i = Integer.to_int i in place now i ^ " but " ^ slope now i
  | _, NotAfter -> Printf.sprintf "the next jump time %s is not after %s" (time (Option.get later)) (time now)
  | FirstHit, At i -> then_ () ^ ", " ^ place (Option.get later) (Integer.to_int i)
  | _, NoLanding -> then_ () ^ ", no moving coordinate is on its threshold"
  | _, WrongLoss -> Printf.sprintf "stated %s, recomputed %s" (show now.stated.saddle_loss) (show now.recomputed)
  | End, At i ->
    let i = Integer.to_int i in
    Printf.sprintf "%s, so s[%s] still moves towards a finite threshold" (slope now i) (List.nth called i)
  | _, Product (i, value) ->
    let i = Integer.to_int i in
    Printf.sprintf "%s and %s, but X[%s].w is of sign %d" (beta now i) (place now i) (List.nth called i)
      (Integer.sign value)
  | _, Dependent ->
    let rows = match now.stated.uniqueness with Some (Only (_, rows, _)) -> rows | _ -> [] in
    Printf.sprintf "rows %s do not show X independent where beta != 0" (cut (python_list rows))
  | _, SameVector -> "second is beta itself"
  | _, Row j -> Printf.sprintf "X second differs from X beta in row %s" (Integer.to_string j)
  | _, At i ->
    let i = Integer.to_int i in
    let entry = match now.stated.uniqueness with
      | Some (Second v) -> List.nth v.ratios i
      | _ -> (Integer.zero, Integer.one) in
    Printf.sprintf "%s but %s and %s" (shown "second" i entry) (place now i) (slope now i)
  | _, Unreadable -> "second cannot be read"

(* Of the enclosures, in which most signs show: with data of a few digits all there is fits in a machine word. *)
let precision = Integer.of_string "2199023255552"

(* Roughly how many products of 32-bit words checking takes, as check_path.py estimates it. *)
let cost c =
  let words x = Integer.bits x / 32 in
  let total = List.fold_left (fun sum k ->
      let p, q = k.jump_time in
      sum + ((max (Integer.bits p) (Integer.bits q) + Integer.bits k.entries.common) / 32) + 2) 0 c.saddles in
  let p = c.problem in
  let width = List.fold_left (List.fold_left (fun m (x, q) ->
      max m (words (Integer.mul x (Integer.quotient p.denominator q))))) 0 p.columns in
  let product = List.fold_left (fun m k -> Integer.mul m (Integer.of_int k)) Integer.one in
  List.fold_left (fun sum k ->
      match k.uniqueness with
      | Some (Only (_, rows, m)) when Integer.bits m > 64 -> (* elimination, and an inverse for each pivot *)
        let size = List.length rows and long = words m + 1 in
        Integer.add sum (Integer.mul (product [ size; long; long ])
                           (Integer.add (product [ size; size ]) (Integer.of_int 512)))
      | _ -> sum)
    (product [ List.length p.target; List.length p.columns; width + 1; total ]) c.saddles

let rec with_commas s =
  let n = String.length s in
  if n <= 3 then s else with_commas (String.sub s 0 (n - 3)) ^ "," ^ String.sub s (n - 3) 3

let check ?problem ?(names = ("", "problem: ")) ~max_work text =
  let given = Option.map (fun text ->
      load text (snd names) (fun document -> read_problem ~plain:true document "")) problem in
  let c = load text (fst names) (fun document ->
      let c = read_certificate document given in
      Written.require_same text document c;
      c) in
  let report verdict failure beyond =
    { verdict; count = List.length c.saddles; digest = c.stated_digest; failure; with_proofs = c.proved; beyond } in
  let work = cost c in
  if Integer.less max_work work then
    report "unchecked" None
      (Printf.sprintf "it would take about %s word operations, more than --max-work %s"
         (with_commas (Integer.to_string work)) (with_commas (Integer.to_string max_work)))
  else
    let other = List.find_opt (fun (p : problem) -> p.digest <> c.stated_digest) (c.problem :: Option.to_list given) in
    match other with
    | Some p ->
      let witness = Printf.sprintf "stated %s, the problem has %s" c.stated_digest p.digest in
      report "rejected" (Some { saddle = 0; claim = "problem"; witness }) ""
    | None ->
      let p = c.problem in
      let document = { complete = c.complete; columns = p.columns; target = p.target; denominator = p.denominator;
                       box = p.box; dual = p.dual; saddles = c.saddles } in
      match Proved.decide Integer.quotient Integer.gcd Integer.inverse precision document with
      | Verified -> report "verified" None ""
      | Unchecked -> report "unchecked" None ""
      | Rejected (k, claim, why, now, later) ->
        let witness = witness p.called claim why now later in
        let failure = { saddle = Integer.to_int k; claim = claim_name claim; witness } in
        report "rejected" (Some failure) ""
      | Proved.Malformed -> raise (Malformed (fst names ^ "a length or a denominator does not fit"))

let message r =
  if r.beyond <> "" then r.beyond
  else match r.failure with
    | Some f -> Printf.sprintf "saddle %d: %s: %s" f.saddle f.claim f.witness
    | None ->
      Printf.sprintf "%d saddle%s%s, problem %s; hold exactly: %s" r.count (if r.count > 1 then "s" else "")
        (if r.verdict = "unchecked" then " (a prefix: what follows is not known)" else "") r.digest
        (String.concat ", " (claims (r.verdict = "verified") r.with_proofs))

let to_json r =
  let quote = Json.quote in
  let failure = match r.failure with
    | None -> "null"
    | Some f -> Printf.sprintf "{\"saddle\": %d, \"claim\": %s, \"witness\": %s}" f.saddle (quote f.claim) (quote f.witness) in
  Printf.sprintf
    "{\"verdict\": %s, \"saddles\": %d, \"digest\": %s, \"failure\": %s, \"proved\": %b, \"beyond\": %s, \"message\": %s}"
    (quote r.verdict) r.count (quote r.digest) failure r.with_proofs (quote r.beyond) (quote (message r))

let exit_code r = match r.verdict with "verified" -> 0 | "rejected" -> 1 | _ -> 3
