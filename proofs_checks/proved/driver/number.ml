(* Numbers as documents write them, within check_path.py's budgets, and as messages show them. *)

open Proved

exception Malformed of string

let max_digits = 200_000
let max_bits = Integer.of_int (1 lsl 30) (* of the numerators of one vector, or of X and y, over one denominator *)
let max_cells = Integer.of_int 10_000_000 (* columns times saddles: each beta is held dense *)
let infinite : ratio = (Integer.one, Integer.zero)


(* Lists may be longer than a stack is deep. *)
let map f l = List.rev (List.rev_map f l)
let pair u v = List.rev (List.rev_map2 (fun x y -> (x, y)) u v)
let concat lists = List.rev (List.fold_left (fun done_ l -> List.rev_append l done_) [] lists)

let refuse path message = raise (Malformed (if path = "" then message else path ^ ": " ^ message))
let need condition path message = if not condition then refuse path (message ())
let item path i = String.concat "" [ path; "["; string_of_int i; "]" ]
let at_most limit size = not (Integer.less limit size)

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
let span = Json.after_digits
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

(* The ratio that s states, where it is written as Python prints it but perhaps not in lowest terms: by far the most
   common case, in one pass. Denominators are kept for a while, as neighbours often have the same. *)
let denominators : (string, Integer.t) Hashtbl.t = Hashtbl.create 64
let denominator text =
  match Hashtbl.find_opt denominators text with
  | Some q -> q
  | None ->
    let q = Integer.of_string text in
    if Hashtbl.length denominators > 64 then Hashtbl.reset denominators;
    Hashtbl.add denominators text q;
    q
let read_fraction s : ratio option =
  let n = String.length s in
  let start = if n > 0 && s.[0] = '-' then 1 else 0 in
  let stop = span s start in
  let counted from upto = upto > from && upto - from <= max_digits && (s.[from] <> '0' || (upto = from + 1 && n = 1)) in
  if not (counted start stop) then None
  else if stop = n then Some (Integer.of_string s, Integer.one)
  else if s.[stop] = '/' && span s (stop + 1) = n && counted (stop + 1) n then begin
    let q = denominator (piece s (stop + 1) n) in
    if Integer.less Integer.one q then Some (Integer.of_substring s 0 stop, q) else None
  end
  else None
(* The same once more for the same string in memory, which is not read twice if it is long. *)
module Read = Hashtbl.Make (struct
    type t = string
    let equal = ( == )
    let hash s = let n = String.length s in n + (256 * Char.code s.[1]) + (65536 * Char.code s.[2]) + (17 * Char.code s.[n - 1])
  end)
let already_read : ratio option Read.t = Read.create 1024
let fraction s =
  if String.length s < 20 then read_fraction s
  else match Read.find_opt already_read s with
    | Some found -> found
    | None -> let found = read_fraction s in Read.add already_read s found; found
let in_lowest_terms (p, q) = q == Integer.one || Integer.equal (Integer.gcd p q) Integer.one
let canonical known s =
  match fraction s with Some ratio when known || in_lowest_terms ratio -> Some ratio | _ -> None

(* Fractions of one denominator q are in lowest terms exactly when their product is: one gcd for all. *)
let all_in_lowest_terms ratios =
  let rec go product q = function
    | [] -> in_lowest_terms (product, q)
    | (p, q') :: rest when Integer.equal q q' -> go (Integer.remainder (Integer.mul product p) q) q rest
    | (p, q') :: rest -> in_lowest_terms (product, q) && go p q' rest in
  let by_denominator (_, q) (_, q') = if Integer.less q q' then -1 else if Integer.equal q q' then 0 else 1 in
  go Integer.one Integer.one (List.sort by_denominator ratios)

(* The same of long fractions whose denominators share most with their neighbours': a few at once. *)
let rec neighbours_in_lowest_terms ratios =
  let rec split few k rest = match rest with
    | x :: rest when k > 0 -> split (x :: few) (k - 1) rest
    | _ -> (few, rest) in
  match split [] 4 ratios with
  | [], _ -> true
  | (_, q) :: _ as few, rest ->
    let shared = List.fold_left (fun g (_, q) -> Integer.gcd g q) q few in
    let product = List.fold_left (fun x (p, _) -> Integer.remainder (Integer.mul x p) shared) Integer.one few in
    in_lowest_terms (product, shared)
    && List.for_all (fun (p, q) -> in_lowest_terms (p, Integer.quotient q shared)) few
    && neighbours_in_lowest_terms rest

let digits x = String.length (Integer.to_string x) - if Integer.sign x < 0 then 1 else 0

(* A rational in the one form that Python's str(Fraction) prints, perhaps known to be in lowest terms; if plain, a JSON number or decimal too. *)
let number ?(plain = false) ?(known = false) (value : Json.t) path : ratio =
  let written = match value with
    | Text s -> s
    | Bare s when plain -> s
    | _ -> refuse path ("a number must be a string such as \"3/10\", not " ^ name value) in
  match if plain then None else canonical known written with Some found -> found | None ->
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

(* The digits that exponents over 99 in a value expand to; those over max_digits are refused one by one. *)
let rec exponents (value : Json.t) =
  match value with
  | Array items -> List.fold_left (fun sum item -> Integer.add sum (exponents item)) Integer.zero items
  | Text s | Bare s ->
    let s = String.trim s in
    let n = String.length s in
    let first = ref n in
    while !first > 0 && is_digit s.[!first - 1] do decr first done;
    let before = if !first > 0 && (s.[!first - 1] = '+' || s.[!first - 1] = '-') then !first - 2 else !first - 1 in
    let counted = !first < n && n - !first <= 8 && before >= 0 && (s.[before] = 'e' || s.[before] = 'E') in
    let e = if counted then int_of_string (piece s !first n) else 0 in
    if 99 < e && e <= max_digits then Integer.of_int e else Integer.zero
  | _ -> Integer.zero

(* The least common denominator. *)
let common path ratios =
  let add (m, last) (_, q) =
    if Integer.equal q last || Integer.sign (Integer.remainder m q) = 0 then (m, q) (* as a rule: nothing new *)
    else begin
      let m = Integer.mul m (Integer.quotient q (Integer.gcd m q)) in
      need (3 * Integer.bits m <= 10 * max_digits) path (fun () ->
          Printf.sprintf "a common denominator of over %d digits" max_digits);
      (m, q)
    end in
  let m = fst (List.fold_left add (Integer.one, Integer.one) ratios) in
  let nonzero = List.fold_left (fun k (p, _) -> if Integer.sign p = 0 then k else k + 1) 0 ratios in
  let size = Integer.mul (Integer.of_int (Integer.bits m)) (Integer.of_int nonzero) in
  need (at_most max_bits size) path (fun () ->
      Printf.sprintf "%s bits over the common denominator, more than %s" (Integer.to_string size)
        (Integer.to_string max_bits));
  m
let vector path ratios = { ratios; common = common path ratios }
