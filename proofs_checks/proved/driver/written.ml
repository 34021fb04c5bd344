(* The certificate that was read, printed again and compared with its bytes: a reader that hands on other numbers than
   are written is found out. What the two may differ in: white space, the order of fields, escapes in strings, and
   proofs of uniqueness, on which soundness does not rest. *)

open Proved
open Number
open Reader

exception Differs

(* Goes through s token by token, over white space: each must be what is put, strings as json.dumps writes them. *)
let follow s =
  let at = ref 0 and n = String.length s in
  let rec skip () =
    if !at < n then match String.unsafe_get s !at with ' ' | '\t' | '\n' | '\r' -> incr at; skip () | _ -> () in
  let here token = !at + String.length token <= n && String.sub s !at (String.length token) = token in
  let put token =
    skip ();
    if here token then at := !at + String.length token
    else if token.[0] <> '"' then raise Differs
    else begin (* the string here, which may have escapes that json.dumps does not use *)
      let rec closing i = if i >= n then raise Differs else match s.[i] with '"' -> i + 1 | '\\' -> closing (i + 2) | _ -> closing (i + 1) in
      let stop = closing (!at + 1) in
      (match Json.parse (String.sub s !at (stop - !at)) with
       | Text t when Json.quote t = token -> at := stop
       | _ -> raise Differs)
    end in
  put, (fun () -> skip (); if !at < n then raise Differs)

let print put tree c =
  let between opening closing print items =
    put opening;
    List.iteri (fun i item -> if i > 0 then put ","; print item) items;
    put closing in
  let list print = between "[" "]" print in
  let pairs print = between "{" "}" (fun (key, value) -> put (Json.quote key); put ":"; print key value) in
  let rec as_it_is : Json.t -> unit = function
    | Null -> put "null"
    | Bool b -> put (string_of_bool b)
    | Bare s -> put s
    | Text s -> put (Json.quote s)
    | Array items -> list as_it_is items
    | Object fields -> pairs (fun _ -> as_it_is) fields in
  let fields (value : Json.t) print = match value with Object found -> pairs print found | _ -> () in
  (* x as value writes it, if that is x: printing long integers is slower than reading them *)
  let ratio (value : Json.t) x =
    let p, q = x in
    match value with
    | Text s ->
      (match fraction s with
       | Some (p', q') when Integer.equal p p' && Integer.equal q q' -> put (String.concat s [ "\""; "\"" ])
       | _ -> put (text x))
    | _ -> put (text x) in
  let ratios value found = match (value : Json.t) with
    | Array items when List.compare_lengths items found = 0 -> list (fun (value, x) -> ratio value x) (pair items found)
    | _ -> list (fun x -> put (text x)) found in
  let problem value =
    let p = c.problem in
    fields value (fun key inside -> match key, (inside : Json.t) with
        | "X", Array rows ->
          let found = transpose p.columns (List.length p.target) in
          if List.compare_lengths rows found = 0 then list (fun (row, x) -> ratios row x) (pair rows found)
        | "y", _ -> ratios inside p.target
        | "lower", _ -> ratios inside (map fst p.box)
        | "upper", _ -> ratios inside (map snd p.box)
        | "dual", _ -> ratios inside p.dual.ratios
        | _ -> as_it_is inside) in
  let beta value k =
    let add (i, found) x = (i + 1, if Integer.sign (fst x) = 0 then found else (string_of_int i, x) :: found) in
    let found = List.rev (snd (List.fold_left add (0, []) k.entries.ratios)) in
    match (value : Json.t) with
    | Object stated when List.compare_lengths stated found = 0 ->
      pairs (fun _ (value, x) -> ratio value x) (map (fun ((_, value), (i, x)) -> (i, (value, x))) (pair stated found))
    | _ -> pairs (fun _ x -> put (text x)) found in
  let saddle (k, value) =
    fields value (fun key inside -> match key, k.uniqueness with
        | "jump_time", _ -> ratio inside k.jump_time
        | "loss", _ -> ratio inside k.saddle_loss
        | "beta", _ -> beta inside k
        | _, Some proof ->
          fields inside (fun key stated -> match key, proof with
              | "unique", Only _ -> put "true"
              | "unique", Second _ -> put "false"
              | _ -> as_it_is stated)
        | _ -> as_it_is inside) in
  fields tree (fun key inside -> match key, inside with
      | "complete", _ -> put (string_of_bool c.complete)
      | "claims", _ -> list (fun claim -> put (Json.quote claim)) (claims c.complete c.proved)
      | "digest", _ -> put (Json.quote c.stated_digest)
      | "problem", _ -> problem inside
      | "saddles", Array items -> list saddle (pair c.saddles items)
      | _ -> as_it_is inside)

let same s tree c =
  let put, finish = follow s in
  try print put tree c; finish (); true with Differs | Json.Refused _ -> false

let require_same s tree c =
  need (c.saddles = [] || same s tree c) "" (fun () ->
      "what was read is not what is written: a defect of this program, please report it")
