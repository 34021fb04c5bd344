(* The certificate that was read, printed again and compared with its bytes: a reader that hands on other numbers than
   are written is found out. What the two may differ in: white space, the order of fields, escapes in strings, and
   proofs of uniqueness, on which soundness does not rest. *)

open Proved
open Number
open Reader

(* The bytes without white space between tokens, strings as json.dumps writes them. *)
let squeezed s =
  let n = String.length s in
  let buffer = Buffer.create n in
  let rec closing i plain = (* where the string that holds i ends, and whether it is written as json.dumps does *)
    if i >= n then (n, false)
    else match String.unsafe_get s i with
      | '"' -> (i + 1, plain)
      | '\\' -> closing (i + 2) false
      | c -> closing (i + 1) (plain && c < '\x7f') in
  let rec go i =
    if i < n then match s.[i] with
      | ' ' | '\t' | '\n' | '\r' -> go (i + 1)
      | '"' ->
        let stop, plain = closing (i + 1) true in
        if plain then Buffer.add_substring buffer s i (stop - i)
        else (match Json.parse (String.sub s i (stop - i)) with
            | Text t -> Buffer.add_string buffer (Json.quote t)
            | _ -> ());
        go stop
      | c -> Buffer.add_char buffer c; go (i + 1) in
  go 0;
  Buffer.contents buffer

let printed tree c =
  let buffer = Buffer.create 65536 in
  let put = Buffer.add_string buffer in
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
  let ratio x = put (text x) in
  let problem value =
    let p = c.problem in
    fields value (fun key inside -> match key with
        | "X" -> list (list ratio) (transpose p.columns (List.length p.target))
        | "y" -> list ratio p.target
        | "lower" -> list (fun (l, _) -> ratio l) p.box
        | "upper" -> list (fun (_, u) -> ratio u) p.box
        | "dual" -> list ratio p.dual.ratios
        | _ -> as_it_is inside) in
  let saddle (k, value) =
    fields value (fun key inside -> match key, k.uniqueness with
        | "jump_time", _ -> ratio k.jump_time
        | "loss", _ -> ratio k.saddle_loss
        | "beta", _ ->
          let add (i, found) x =
            (i + 1, if Integer.sign (fst x) = 0 then found else (string_of_int i, x) :: found) in
          let _, found = List.fold_left add (0, []) k.entries.ratios in
          pairs (fun _ -> ratio) (List.rev found)
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
      | _ -> as_it_is inside);
  Buffer.contents buffer

let require_same s tree c =
  need (c.saddles = [] || printed tree c = squeezed s) "" (fun () ->
      "what was read is not what is written: a defect of this program, please report it")
