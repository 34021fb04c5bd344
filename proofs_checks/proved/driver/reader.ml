(* The grammar of version 1 (exactsaddle/CERTIFICATE.md): from JSON to the document that the proved checker decides.
   No proof covers this file: it is trusted to hand on the numbers that the document states. *)

open Proved
open Number

type problem = {
  columns : ratio list list;
  target : ratio list;
  denominator : Integer.t;
  box : (ratio * ratio) list;
  dual : stated_vector;
  digest : string;
  called : string list; (* what messages call the columns *)
}

type certificate = {
  complete : bool;
  proved : bool; (* it claims uniqueness *)
  stated_digest : string;
  problem : problem;
  saddles : stated_saddle list; (* none if the digest of a detached certificate is another *)
}

(* --- Arrays and objects --- *)

let each read (value : Json.t) path length =
  match value with
  | Array (_ :: _ as items) ->
    (match length with
     | Some n when List.length items <> n ->
       refuse path (Printf.sprintf "has %d entries, not %d" (List.length items) n)
     | _ -> ());
    let i = ref (-1) in
    map (fun value -> incr i; read value (item path !i)) items
  | _ -> refuse path ("must be a non-empty array, not " ^ name value)

let fields (value : Json.t) path required optional =
  match value with
  | Object pairs ->
    let seen = Hashtbl.create 8 in
    List.iter (fun (key, value) ->
        need (List.mem key required || List.mem key optional) path (fun () -> "unknown field " ^ name (Text key));
        need (not (Hashtbl.mem seen key)) path (fun () -> "field " ^ name (Text key) ^ " twice");
        Hashtbl.add seen key value) pairs;
    let missing = List.filter (fun key -> not (Hashtbl.mem seen key)) (List.sort compare required) in
    need (missing = []) path (fun () -> "lacks " ^ String.concat ", " missing);
    Hashtbl.find_opt seen
  | _ -> refuse path ("must be an object, not " ^ name value)

(* An index in 0, ..., n - 1 as JSON writes an integer; else None. *)
let index s n =
  let k = String.length s in
  if k >= 1 && k <= 9 && span s 0 = k && (s = "0" || s.[0] <> '0') then
    let i = int_of_string s in
    if i < n then Some i else None
  else None

let read_sparse (entries : Json.t) path d =
  match entries with
  | Object pairs ->
    let read number =
      let ratios = Array.make d (Integer.zero, Integer.one) and last = ref (-1) in
      let stated = List.rev_map (fun (key, value) ->
          let at () = String.concat "" [ path; "["; name (Text key); "]" ] in
          match index key d with
          | None -> refuse (at ()) (Printf.sprintf "not a column: 0 to %d" (d - 1))
          | Some i ->
            if i <= !last then refuse (at ()) "columns must ascend, each once";
            last := i;
            let ratio = number value at in
            if Integer.sign (fst ratio) = 0 then refuse (at ()) "zero entries must be left out";
            ratios.(i) <- ratio;
            ratio) pairs in
      (ratios, stated) in
    let with_care () = fst (read (fun value at -> number value (at ()))) in
    let quickly value _ = match (value : Json.t) with
      | Text s -> (match fraction s with Some ratio -> ratio | None -> raise Not_found)
      | _ -> raise Not_found in
    let ratios = match read quickly with
      | ratios, stated when all_in_lowest_terms stated -> ratios
      | _ | exception (Not_found | Malformed _) -> with_care () in
    vector path (Array.to_list ratios)
  | _ -> refuse path ("must be an object, not " ^ name entries)

(* --- The parts of a certificate --- *)

let canonical_list text items = "[" ^ String.concat "," (map (fun x -> text x) items) ^ "]"
let text c = "\"" ^ (if Integer.equal (snd c) Integer.zero then "inf" else print c) ^ "\""

let transpose rows d =
  let columns = Array.make d [] in
  List.iter (fun row -> List.iteri (fun j x -> columns.(j) <- x :: columns.(j)) row) (List.rev rows);
  Array.to_list columns

(* The name, quoted if it is no plain word; the index where it tells none. *)
let called_by names =
  let letter c = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c = '_' in
  let plain s =
    s <> "" && String.length s <= 40 && letter s.[0]
    && String.for_all (fun c -> letter c || is_digit c || c = '.' || c = '-') s in
  let words = List.map (fun s -> if plain s then s else name (Json.Text s)) names in
  let times = Hashtbl.create 8 in
  List.iter (fun word -> Hashtbl.replace times word (1 + Option.value (Hashtbl.find_opt times word) ~default:0)) words;
  let call i s word = if s <> "" && Hashtbl.find times word = 1 then word else string_of_int i in
  List.mapi (fun i (s, word) -> call i s word) (List.combine names words)

let read_problem ?(plain = false) document path : problem =
  let required = [ "X"; "y" ] and optional = [ "lower"; "upper"; "dual" ] in
  let found = fields document path (if plain then required else required @ optional) ("names" :: optional) in
  let dot = if path = "" then "" else path ^ "." in
  let get key = Option.get (found key) in
  if plain then begin
    let given = List.filter_map found ("names" :: required @ optional) in
    let expanded = exponents (Array given) in
    need (at_most (Integer.of_int max_digits) expanded) path (fun () ->
        Printf.sprintf "exponents add %s digits, over %d" (Integer.to_string expanded) max_digits)
  end;
  let entry value at = number ~plain value at in
  let threshold (value : Json.t) at =
    let c = if value = Text "inf" then infinite else entry value at in
    need (Integer.sign (fst c) > 0) at (fun () -> "a threshold must be positive");
    c in
  let entries value at length = match (value : Json.t) with
    | Array (_ :: _ as items) when not plain && (length = None || length = Some (List.length items)) ->
      let quickly (value : Json.t) = match value with
        | Text s -> (match canonical false s with Some ratio -> ratio | None -> raise Not_found)
        | _ -> raise Not_found in
      (try map quickly items with Not_found -> each entry value at length)
    | _ -> each entry value at length in
  let target = entries (get "y") (dot ^ "y") None in
  let n = List.length target in
  let rows = each (fun row at -> entries row at None) (get "X") (dot ^ "X") (Some n) in
  let d = List.length (List.hd rows) in
  List.iteri (fun i row ->
      need (List.length row = d) (item (dot ^ "X") i) (fun () ->
          Printf.sprintf "has %d entries, X[0] has %d" (List.length row) d)) rows;
  let wide key default =
    let value = if plain then Option.value (found key) ~default:(Json.Text default) else get key in
    match value with
    | Array _ -> value
    | _ when plain -> Array (map (fun _ -> value) (List.hd rows))
    | _ -> value in
  let lower = each threshold (wide "lower" "1") (dot ^ "lower") (Some d) in
  let upper = each threshold (wide "upper" "1") (dot ^ "upper") (Some d) in
  let dual = each entry (wide "dual" "0") (dot ^ "dual") (Some d) in
  List.iteri (fun i (l, u) ->
      need (Integer.sign (snd l) <> 0 || Integer.sign (snd u) <> 0) (item (dot ^ "upper") i) (fun () -> "infinite, like lower"))
    (pair lower upper);
  let names = match found "names" with
   | None -> List.map (fun _ -> "") lower
   | Some names ->
     each (fun (value : Json.t) at ->
         match value with
         | Text s ->
           let half = ref false in
           String.iteri (fun i c -> if c = '\xed' && i + 1 < String.length s && s.[i + 1] >= '\xa0' then half := true) s;
           need (not !half) at (fun () -> name value ^ " holds half a character");
           s
         | _ -> refuse at ("must be text, not " ^ name value)) names (dot ^ "names") (Some d) in
  let canonical = Printf.sprintf "{\"X\":%s,\"dual\":%s,\"lower\":%s,\"upper\":%s,\"y\":%s}"
      (canonical_list (canonical_list text) rows) (canonical_list text dual) (canonical_list text lower)
      (canonical_list text upper) (canonical_list text target) in
  let denominator = common (dot ^ "X") (concat (target :: rows)) in
  { columns = transpose rows d; target; denominator; box = pair lower upper;
    dual = vector (dot ^ "dual") dual; digest = Sha256.digest canonical; called = called_by names }

let read_proof (document : Json.t) path n d =
  let unique = match document with
    | Object pairs -> List.assoc_opt "unique" (List.rev pairs)
    | _ -> None in
  let required = if unique = Some (Bool true) then [ "unique"; "w"; "prime"; "rows" ] else [ "unique"; "second" ] in
  let found = fields document path required [] in
  let get key = Option.get (found key) in
  match unique with
  | Some (Bool false) -> Second (read_sparse (get "second") (path ^ ".second") d)
  | Some (Bool true) ->
    let at = path ^ ".w" in
    let w = each number (get "w") at (Some n) in
    let m = common at w in
    let w = map (fun (p, q) -> Integer.mul p (Integer.quotient m q)) w in
    let p, q = number (get "prime") (path ^ ".prime") in
    need (Integer.equal q Integer.one && Integer.less Integer.one p) (path ^ ".prime") (fun () ->
        "must be an integer above 1");
    (match get "rows" with
     | Array rows ->
       let j = ref (-1) in
       let row value =
         incr j;
         match value with
         | Json.Bare s when index s n <> None -> Integer.of_string s
         | _ -> refuse (item (path ^ ".rows") !j) (Printf.sprintf "not a row: 0 to %d" (n - 1)) in
       Only (w, map row rows, p)
     | value -> refuse (path ^ ".rows") ("must be an array, not " ^ name value))
  | value ->
    refuse (path ^ ".unique") ("must be true or false, not " ^ name (Option.value value ~default:Json.Null))

let read_saddle document path n d proved known =
  let found = fields document path ([ "jump_time"; "beta"; "loss" ] @ if proved then [ "uniqueness" ] else []) [] in
  let get key = Option.get (found key) in
  let entries = read_sparse (get "beta") (path ^ ".beta") d in
  let uniqueness = if proved then Some (read_proof (get "uniqueness") (path ^ ".uniqueness") n d) else None in
  { jump_time = number ~known (get "jump_time") (path ^ ".jump_time"); entries;
    saddle_loss = number (get "loss") (path ^ ".loss"); uniqueness }

(* The names of the claims, in order. *)
let claims complete proved =
  [ "problem"; "start"; "cone"; "stationary"; "dual sign"; "first hit"; "loss" ]
  @ (if complete then [ "end" ] else []) @ if proved then [ "uniqueness" ] else []

let read_certificate document given =
  let required = [ "format"; "version"; "complete"; "claims"; "digest"; "saddles" ] in
  let found = fields document "" required [ "problem" ] in
  let get key = Option.get (found key) in
  need (get "format" = Text "exactsaddle certificate") "format" (fun () -> "must be \"exactsaddle certificate\"");
  need (get "version" = Bare "1") "version" (fun () -> "must be 1, not " ^ name (get "version"));
  let complete = match get "complete" with
    | Bool b -> b
    | value -> refuse "complete" ("must be true or false, not " ^ name value) in
  let as_json proved = Json.Array (map (fun claim -> Json.Text claim) (claims complete proved)) in
  let proved = get "claims" = as_json true in
  need (proved || get "claims" = as_json false) "claims" (fun () ->
      Printf.sprintf "must be [%s], perhaps with uniqueness" (String.concat ", " (map Json.quote (claims complete false))));
  let stated_digest = match get "digest" with
    | Text s when String.length s = 64 && String.for_all (fun c -> is_digit c || (c >= 'a' && c <= 'f')) s -> s
    | _ -> refuse "digest" "must be 64 lower-case hexadecimal digits" in
  let inside = Option.map (fun value -> read_problem value "problem") (found "problem") in
  let problem = match inside, given with
    | Some problem, _ | None, Some problem -> problem
    | None, None -> refuse "problem" "absent (a detached certificate): give it, with --problem FILE" in
  let n = List.length problem.target and d = List.length problem.columns in
  let saddles =
    if inside = None && problem.digest <> stated_digest then []
    else begin
      let count = match get "saddles" with Array items -> List.length items | _ -> 0 in
      let size = Integer.mul (Integer.of_int count) (Integer.of_int d) in
      need (at_most max_cells size) "saddles" (fun () ->
          Printf.sprintf "%s entries with the zeros, more than %s" (Integer.to_string size) (Integer.to_string max_cells));
      let time (value : Json.t) = match value with
        | Object pairs -> (match List.assoc_opt "jump_time" pairs with Some (Text s) -> fraction s | _ -> None)
        | _ -> None in
      let times = match get "saddles" with Array items -> List.filter_map time items | _ -> [] in
      let known = neighbours_in_lowest_terms times in
      each (fun value at -> read_saddle value at n d proved known) (get "saddles") "saddles" None
    end in
  { complete; proved; stated_digest; problem; saddles }

let load text source read =
  Read.reset already_read;
  try read (Json.parse text) with
  | Malformed message | Json.Refused message -> raise (Malformed (source ^ message))
