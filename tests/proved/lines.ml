(* The reports of many certificates, one a line: the native program without its start. *)

let report text =
  try Report.to_json (Report.check ~max_work:(Integer.power_of_ten 11) text)
  with Number.Malformed message ->
    let message = String.concat " " (String.split_on_char '\n' message) in
    Printf.sprintf "{\"verdict\": \"malformed\", \"message\": %s}" (Json.quote message)

let () = try while true do print_endline (report (input_line stdin)) done with End_of_file -> ()
