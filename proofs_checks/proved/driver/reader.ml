(* The grammar of version 1 (exactsaddle/CERTIFICATE.md): from JSON to the document that the proved checker decides.
   No proof covers this file: it is trusted to hand on the numbers that the document states. *)

open Proved

exception Malformed of string

type problem = {
  columns : ratio list list;
  target : ratio list;
  denominator : Integer.t;
  box : (ratio * ratio) list;
  dual : stated_vector;
  digest : string;
}

type certificate = {
  complete : bool;
  proved : bool; (* it claims uniqueness *)
  stated_digest : string;
  problem : problem;
  saddles : stated_saddle list; (* none if the digest of a detached certificate is another *)
}

let max_digits = 200_000
let infinite : ratio = (Integer.one, Integer.zero)

let refuse path message = raise (Malformed (if path = "" then message else path ^ ": " ^ message))
let need condition path message = if not condition then refuse path (message ())
let item path i = Printf.sprintf "%s[%d]" path i

(* --- For messages --- *)

let cut ?(unit = "characters") text =
  let n = String.length text in
  if n <= 40 then text
  else
    let signs = if text.[0] = '-' then 1 else 0 in
    Printf.sprintf "%s...%s (%d %s)" (String.sub text 0 12) (String.sub text (n - 6) 6) (n - signs) unit

let name : Json.t -> string = function
  | Object _ -> "an object"
  | Array [] -> "an empty array"
  | Array _ -> "an array"
  | Null -> "null"
  | Bool b -> string_of_bool b
  | Bare s -> cut s
  | Text s -> cut (Json.quote s)

(* --- Numbers --- *)

let is_digit c = c >= '0' && c <= '9'
let span s from =
  let i = ref from in
  while !i < String.length s && is_digit s.[!i] do incr i done;
  !i
let piece s i j = String.sub s i (j - i)
let nat s = if s = "" then Integer.zero else Integer.of_string s

let lowest p q =
  let g = Integer.gcd p q in
  if Integer.equal g Integer.one then (p, q) else (Integer.quotient p g, Integer.quotient q g)
let print (p, q) =
  if Integer.equal q Integer.one then Integer.to_string p else Integer.to_string p ^ "/" ^ Integer.to_string q

(* [+-]?(digits/digits | decimal with exponent), the whole of s; None if it is not that. *)
let scan s : ratio option =
  let n = String.length s in
  let start = if n > 0 && (s.[0] = '+' || s.[0] = '-') then 1 else 0 in
  let signed p = if start = 1 && s.[0] = '-' then Integer.opp p else p in
  let stop = span s start in
  if stop < n && s.[stop] = '/' then begin
    let last = span s (stop + 1) in
    let q = nat (piece s (stop + 1) last) in
    if stop > start && last = n && last > stop + 1 && Integer.sign q > 0 then
      Some (lowest (signed (nat (piece s start stop))) q)
    else None
  end
  else begin
    let last = if stop < n && s.[stop] = '.' then span s (stop + 1) else stop in
    let fraction = if last > stop then piece s (stop + 1) last else "" in
    if stop = start && fraction = "" then None
    else
      let exponent =
        if last = n then Some 0
        else if s.[last] <> 'e' && s.[last] <> 'E' then None
        else
          let sign = if last + 1 < n && (s.[last + 1] = '+' || s.[last + 1] = '-') then 1 else 0 in
          let from = last + 1 + sign in
          if from < n && span s from = n && n - from <= 8 then
            let e = int_of_string (piece s from n) in
            Some (if sign = 1 && s.[last + 1] = '-' then -e else e)
          else None in
      match exponent with
      | Some e when abs e <= max_digits ->
        let e = e - String.length fraction in
        let p = signed (nat (piece s start stop ^ fraction)) in
        if e >= 0 then Some (Integer.mul p (Integer.power_of_ten e), Integer.one)
        else Some (lowest p (Integer.power_of_ten (-e)))
      | _ -> None
  end

let digits x = String.length (Integer.to_string x) - if Integer.sign x < 0 then 1 else 0

(* A rational in the one form that Python's str(Fraction) prints; if plain, a JSON number or decimal too. *)
let number ?(plain = false) (value : Json.t) path : ratio =
  let written = match value with
    | Text s -> s
    | Bare s when plain -> s
    | _ -> refuse path ("a number must be a string such as \"3/10\", not " ^ name value) in
  let stripped = String.trim written in
  let found = if String.length stripped <= (2 * max_digits) + 2 then scan stripped else None in
  match found with
  | None -> refuse path (Printf.sprintf "%s is not a number of at most %d digits" (name value) max_digits)
  | Some (p, q) ->
    if not plain then begin
      let canonical = print (p, q) in
      need (canonical = written) path (fun () ->
          Printf.sprintf "%s must be written %s" (name value) (cut ~unit:"digits" canonical))
    end;
    if String.length stripped > max_digits || plain then begin
      let most = max (digits p) (digits q) in
      need (most <= max_digits) path (fun () -> Printf.sprintf "a number of %d digits, more than %d" most max_digits)
    end;
    (p, q)

(* The least common denominator. *)
let common path ratios =
  List.fold_left (fun m (_, q) ->
      let m = Integer.mul m (Integer.quotient q (Integer.gcd m q)) in
      need (3 * Integer.bits m <= 10 * max_digits) path (fun () ->
          Printf.sprintf "a common denominator of over %d digits" max_digits);
      m)
    Integer.one ratios
let vector path ratios = { ratios; common = common path ratios }

(* --- Arrays and objects --- *)

let map f l = List.rev (List.rev_map f l)
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
    let ratios = Array.make d (Integer.zero, Integer.one) and last = ref (-1) in
    List.iter (fun (key, value) ->
        let at = Printf.sprintf "%s[%s]" path (name (Text key)) in
        match index key d with
        | None -> refuse at (Printf.sprintf "not a column: 0 to %d" (d - 1))
        | Some i ->
          need (i > !last) at (fun () -> "columns must ascend, each once");
          last := i;
          ratios.(i) <- number value at;
          need (Integer.sign (fst ratios.(i)) <> 0) at (fun () -> "zero entries must be left out")) pairs;
    vector path (Array.to_list ratios)
  | _ -> refuse path ("must be an object, not " ^ name entries)

(* --- The parts of a certificate --- *)

let canonical_list text items = "[" ^ String.concat "," (map (fun x -> text x) items) ^ "]"
let text c = "\"" ^ (if Integer.equal (snd c) Integer.zero then "inf" else print c) ^ "\""

let transpose rows d =
  let columns = Array.make d [] in
  List.iter (fun row -> List.iteri (fun j x -> columns.(j) <- x :: columns.(j)) row) (List.rev rows);
  Array.to_list columns

let read_problem ?(plain = false) document path : problem =
  let required = [ "X"; "y" ] and optional = [ "lower"; "upper"; "dual" ] in
  let found = fields document path (if plain then required else required @ optional) ("names" :: optional) in
  let dot = if path = "" then "" else path ^ "." in
  let get key = Option.get (found key) in
  let entry value at = number ~plain value at in
  let threshold (value : Json.t) at =
    let c = if value = Text "inf" then infinite else entry value at in
    need (Integer.sign (fst c) > 0) at (fun () -> "a threshold must be positive");
    c in
  let target = each entry (get "y") (dot ^ "y") None in
  let n = List.length target in
  let rows = each (fun row at -> each entry row at None) (get "X") (dot ^ "X") (Some n) in
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
    (List.combine lower upper);
  (match found "names" with
   | None -> ()
   | Some names ->
     ignore (each (fun (value : Json.t) at ->
         match value with
         | Text s ->
           let half = ref false in
           String.iteri (fun i c -> if c = '\xed' && i + 1 < String.length s && s.[i + 1] >= '\xa0' then half := true) s;
           need (not !half) at (fun () -> name value ^ " holds half a character")
         | _ -> refuse at ("must be text, not " ^ name value)) names (dot ^ "names") (Some d)));
  let canonical = Printf.sprintf "{\"X\":%s,\"dual\":%s,\"lower\":%s,\"upper\":%s,\"y\":%s}"
      (canonical_list (canonical_list text) rows) (canonical_list text dual) (canonical_list text lower)
      (canonical_list text upper) (canonical_list text target) in
  let denominator = common (dot ^ "X") (List.concat (target :: rows)) in
  { columns = transpose rows d; target; denominator; box = List.combine lower upper;
    dual = vector (dot ^ "dual") dual; digest = Sha256.digest canonical }

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

let read_saddle document path n d proved =
  let found = fields document path ([ "jump_time"; "beta"; "loss" ] @ if proved then [ "uniqueness" ] else []) [] in
  let get key = Option.get (found key) in
  let entries = read_sparse (get "beta") (path ^ ".beta") d in
  let uniqueness = if proved then Some (read_proof (get "uniqueness") (path ^ ".uniqueness") n d) else None in
  { jump_time = number (get "jump_time") (path ^ ".jump_time"); entries;
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
    else each (fun value at -> read_saddle value at n d proved) (get "saddles") "saddles" None in
  { complete; proved; stated_digest; problem; saddles }

let load text source read =
  try read (Json.parse text) with
  | Malformed message | Json.Refused message -> raise (Malformed (source ^ message))
