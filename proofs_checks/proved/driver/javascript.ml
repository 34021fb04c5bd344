(* provedCheck(certificate, problem or null, how messages about the two begin, and the most word operations, in decimal):
   the report of check_path.py --json, or {"verdict": "malformed", "message": ...}. Documents are bytes: one character
   each. *)

module Js = Js_of_ocaml.Js

let check text problem name problem_name max_work =
  let bytes = Js.to_bytestring in
  let json =
    try
      let problem = Option.map bytes (Js.Opt.to_option problem) in
      let names = (Js.to_string name, Js.to_string problem_name) in
      Report.to_json (Report.check ?problem ~names ~max_work:(Integer.of_string (Js.to_string max_work)) (bytes text))
    with Number.Malformed message ->
      let message = String.concat " " (String.split_on_char '\n' message) in
      Printf.sprintf "{\"verdict\": \"malformed\", \"message\": %s}" (Json.quote message) in
  Js.string json

let () = Js.Unsafe.set Js.Unsafe.global (Js.string "provedCheck") (Js.wrap_callback check)
