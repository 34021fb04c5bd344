(* JSON as RFC 8259 has it, in UTF-8, objects as lists of pairs in order: so a key given twice shows. *)

exception Refused of string

type t =
  | Null
  | Bool of bool
  | Bare of string (* a number as written, or NaN, Infinity, -Infinity *)
  | Text of string (* half a character, which only an escape can make, is kept as its three bytes *)
  | Array of t list
  | Object of (string * t) list

let max_bytes = 64 * 1024 * 1024
let max_entries = 4_000_000
let max_depth = 500

let refuse at what = raise (Refused (Printf.sprintf "not JSON in UTF-8: %s: char %d" what at))

(* Past what is in ASCII; past digits; past digits and '-', '.', '/', perhaps not all: several bytes at once. *)
let rec after_ascii s i =
  if i + Integer.step <= String.length s && Integer.ascii s i then after_ascii s (i + Integer.step)
  else if i < String.length s && String.unsafe_get s i < '\x80' then after_ascii s (i + 1)
  else i
let rec after_digits s i =
  if i + Integer.step <= String.length s && Integer.digits s i then after_digits s (i + Integer.step)
  else if i < String.length s && (let c = String.unsafe_get s i in c >= '0' && c <= '9') then after_digits s (i + 1)
  else i
let rec after_number s i =
  if i + Integer.step <= String.length s && Integer.number s i then after_number s (i + Integer.step) else i

(* UTF-8 without surrogates, without overlong forms, up to U+10FFFF. *)
let require_utf8 s =
  let n = String.length s in
  let byte i = if i < n then Char.code s.[i] else -1 in
  let tail i = byte i land 0xc0 = 0x80 && byte i >= 0 in
  let rec go i =
    if i < n then
      let c = byte i and c1 = byte (i + 1) in
      if c < 0x80 then go (after_ascii s i)
      else if c >= 0xc2 && c < 0xe0 && tail (i + 1) then go (i + 2)
      else if c land 0xf0 = 0xe0 && tail (i + 1) && tail (i + 2)
              && not (c = 0xe0 && c1 < 0xa0) && not (c = 0xed && c1 >= 0xa0) then go (i + 3)
      else if c >= 0xf0 && c < 0xf5 && tail (i + 1) && tail (i + 2) && tail (i + 3)
              && not (c = 0xf0 && c1 < 0x90) && not (c = 0xf4 && c1 >= 0x90) then go (i + 4)
      else refuse i "an invalid byte"
  in
  go 0

let add_utf8 buffer u =
  let put c = Buffer.add_char buffer (Char.chr c) in
  let tail shift = put (0x80 lor ((u lsr shift) land 0x3f)) in
  if u < 0x80 then put u
  else if u < 0x800 then (put (0xc0 lor (u lsr 6)); tail 0)
  else if u < 0x10000 then (put (0xe0 lor (u lsr 12)); tail 6; tail 0)
  else (put (0xf0 lor (u lsr 18)); tail 12; tail 6; tail 0)

let parse s =
  if String.length s > max_bytes then raise (Refused (Printf.sprintf "longer than %d bytes" max_bytes));
  require_utf8 s;
  let commas = ref 0 in
  if String.length s > max_entries then String.iter (fun c -> if c = ',' then incr commas) s;
  if !commas > max_entries then raise (Refused (Printf.sprintf "more than %d entries" max_entries));
  let n = String.length s in
  let at = ref 0 in
  let peek () = if !at < n then s.[!at] else '\000' in
  let rec space () =
    if !at < n then match s.[!at] with ' ' | '\t' | '\n' | '\r' -> incr at; space () | _ -> () in
  let expect c what = if !at < n && s.[!at] = c then incr at else refuse !at ("Expecting " ^ what) in
  let literal word value =
    let k = String.length word in
    if !at + k <= n && String.sub s !at k = word then (at := !at + k; value) else refuse !at "Expecting value" in
  let digits () = while peek () >= '0' && peek () <= '9' do incr at done in
  let number () =
    let from = !at in
    if peek () = '-' then incr at;
    if peek () = '0' then incr at
    else if peek () >= '1' && peek () <= '9' then digits ()
    else refuse from "Expecting value";
    let part first =
      let before = !at in
      first ();
      let digits_from = !at in
      digits ();
      if !at = digits_from then at := before in
    if peek () = '.' then part (fun () -> incr at);
    if peek () = 'e' || peek () = 'E' then
      part (fun () -> incr at; if peek () = '+' || peek () = '-' then incr at);
    Bare (String.sub s from (!at - from)) in
  let hex4 () =
    let value = ref 0 in
    for _ = 1 to 4 do
      let c = peek () in
      let digit = match c with
        | '0' .. '9' -> Char.code c - 48 | 'a' .. 'f' -> Char.code c - 87 | 'A' .. 'F' -> Char.code c - 55
        | _ -> refuse !at "Invalid \\uXXXX escape" in
      value := (!value * 16) + digit;
      incr at
    done;
    !value in
  let rec plain i = (* the first character from i on that is not itself in a string *)
    if i < n && (match String.unsafe_get s i with '"' | '\\' | '\000' .. '\031' -> false | _ -> true) then plain (i + 1) else i in
  let rec text () =
    let stop = plain (after_number s !at) in
    if stop < n && s.[stop] = '"' then begin
      let found = String.sub s !at (stop - !at) in
      at := stop + 1;
      found
    end
    else escaped ()
  and escaped () =
    let buffer = Buffer.create 16 in
    let rec go () =
      if !at >= n then refuse n "Unterminated string";
      let c = s.[!at] in
      incr at;
      if c = '"' then Buffer.contents buffer
      else if c < ' ' then refuse (!at - 1) "Invalid control character"
      else if c <> '\\' then (Buffer.add_char buffer c; go ())
      else begin
        let e = peek () in
        incr at;
        (match e with
         | '"' | '\\' | '/' -> Buffer.add_char buffer e
         | 'b' -> Buffer.add_char buffer '\b' | 'f' -> Buffer.add_char buffer '\012'
         | 'n' -> Buffer.add_char buffer '\n' | 'r' -> Buffer.add_char buffer '\r'
         | 't' -> Buffer.add_char buffer '\t'
         | 'u' ->
           let u = hex4 () in
           let after = !at in
           if u land 0xfc00 = 0xd800 && !at + 1 < n && s.[!at] = '\\' && s.[!at + 1] = 'u' then begin
             at := !at + 2;
             let low = hex4 () in
             if low land 0xfc00 = 0xdc00 then
               add_utf8 buffer (0x10000 + ((u land 0x3ff) lsl 10) + (low land 0x3ff))
             else (at := after; add_utf8 buffer u)
           end
           else add_utf8 buffer u
         | _ -> refuse (!at - 1) "Invalid \\escape");
        go ()
      end in
    go () in
  let rec value depth =
    if depth > max_depth then raise (Refused "nested too deeply");
    match peek () with
    | '"' -> incr at; Text (text ())
    | '{' -> incr at; space (); if peek () = '}' then (incr at; Object []) else pairs depth []
    | '[' -> incr at; space (); if peek () = ']' then (incr at; Array []) else items depth []
    | 't' -> literal "true" (Bool true) | 'f' -> literal "false" (Bool false) | 'n' -> literal "null" Null
    | 'N' -> literal "NaN" (Bare "NaN") | 'I' -> literal "Infinity" (Bare "Infinity")
    | '-' when !at + 1 < n && s.[!at + 1] = 'I' -> literal "-Infinity" (Bare "-Infinity")
    | _ -> number ()
  and items depth found =
    let found = value (depth + 1) :: found in
    space ();
    if peek () = ',' then (incr at; space (); items depth found)
    else (expect ']' "',' delimiter"; Array (List.rev found))
  and pairs depth found =
    expect '"' "property name enclosed in double quotes";
    let key = text () in
    space (); expect ':' "':' delimiter"; space ();
    let found = (key, value (depth + 1)) :: found in
    space ();
    if peek () = ',' then (incr at; space (); pairs depth found)
    else (expect '}' "',' delimiter"; Object (List.rev found)) in
  space ();
  let document = value 0 in
  space ();
  if !at < n then refuse !at "Extra data";
  document

(* A string as json.dumps prints it, in ASCII. *)
let quote s =
  let buffer = Buffer.create (String.length s + 2) and n = String.length s in
  let code u = Buffer.add_string buffer (Printf.sprintf "\\u%04x" u) in
  let rec go i =
    if i < n then begin
      let c = Char.code s.[i] in
      let low k = Char.code s.[i + k] land 0x3f in
      if c < 0x80 then begin
        (match s.[i] with
         | '"' -> Buffer.add_string buffer "\\\"" | '\\' -> Buffer.add_string buffer "\\\\"
         | '\n' -> Buffer.add_string buffer "\\n" | '\r' -> Buffer.add_string buffer "\\r"
         | '\t' -> Buffer.add_string buffer "\\t" | '\b' -> Buffer.add_string buffer "\\b"
         | '\012' -> Buffer.add_string buffer "\\f"
         | ' ' .. '~' -> Buffer.add_char buffer s.[i]
         | _ -> code c);
        go (i + 1)
      end
      else if c < 0xe0 then (code (((c land 0x1f) lsl 6) lor low 1); go (i + 2))
      else if c < 0xf0 then (code (((c land 0xf) lsl 12) lor (low 1 lsl 6) lor low 2); go (i + 3))
      else begin
        let u = (((c land 7) lsl 18) lor (low 1 lsl 12) lor (low 2 lsl 6) lor low 3) - 0x10000 in
        code (0xd800 lor (u lsr 10));
        code (0xdc00 lor (u land 0x3ff));
        go (i + 4)
      end
    end in
  Buffer.add_char buffer '"';
  go 0;
  Buffer.add_char buffer '"';
  Buffer.contents buffer
