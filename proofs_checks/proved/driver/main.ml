(* The command line of check_path.py. *)

external large_pages : int -> unit = "proved_large_pages" [@@noalloc]

let usage = "usage: check_proved [-h] [--problem FILE] [--json] [--max-work N] certificate\n"
let help = usage ^ "
Check the certificate of a saddle path by the checker whose soundness is a theorem (proofs_checks/proved).

    check_proved cert.json                          a certificate that holds its problem
    check_proved cert.json --problem problem.json   a detached one; - is standard input

Exit codes: 0 verified; 1 rejected; 2 malformed; 3 unchecked (a prefix, or beyond --max-work word operations).
"

let fail message = prerr_string (usage ^ "check_proved: error: " ^ message ^ "\n"); exit 2

let content file =
  try
    let channel = if file = "-" then stdin else open_in_bin file in
    set_binary_mode_in channel true;
    let length = try in_channel_length channel with Sys_error _ -> 0 in (* a pipe has none *)
    let known = if 0 < length && length <= Json.max_bytes then really_input_string channel length else "" in
    let buffer = Buffer.create 65536 in
    (try
       while String.length known + Buffer.length buffer <= Json.max_bytes do Buffer.add_channel buffer channel 65536 done
     with End_of_file -> ()); (* what was left of the file is in the buffer all the same *)
    if Buffer.length buffer = 0 then known else known ^ Buffer.contents buffer
  with Sys_error error -> raise (Number.Malformed (Printf.sprintf "%s: cannot be read: %s" file error))

let () =
  large_pages (64 * 1024 * 1024);
  Gc.set { (Gc.get ()) with space_overhead = 1000; max_overhead = 1_000_000 }; (* memory for time *)
  let certificate = ref None and problem = ref None and json = ref false in
  let max_work = ref (Integer.power_of_ten 11) in
  let rec read = function
    | [] -> ()
    | ("-h" | "--help") :: _ -> print_string help; exit 0
    | "--json" :: rest -> json := true; read rest
    | "--problem" :: file :: rest -> problem := Some file; read rest
    | "--max-work" :: value :: rest ->
      (try max_work := Integer.of_string value with _ -> fail ("argument --max-work: invalid int value: '" ^ value ^ "'"));
      read rest
    | ("--problem" | "--max-work") as option :: [] -> fail ("argument " ^ option ^ ": expected one argument")
    | argument :: rest ->
      if String.length argument > 1 && argument.[0] = '-' then fail ("unrecognized arguments: " ^ argument);
      if !certificate <> None then fail ("unrecognized arguments: " ^ argument);
      certificate := Some argument;
      read rest in
  read (List.tl (Array.to_list Sys.argv));
  match !certificate with
  | None -> fail "the following arguments are required: certificate"
  | Some file ->
    try
      let given = Option.map content !problem in
      let names = (file ^ ": ", Option.value !problem ~default:"" ^ ": ") in
      let report = Report.check ?problem:given ~names ~max_work:!max_work (content file) in
      print_endline (if !json then Report.to_json report else report.verdict ^ ": " ^ Report.message report);
      exit (Report.exit_code report)
    with Number.Malformed message ->
      prerr_endline ("malformed: " ^ String.concat " " (String.split_on_char '\n' message));
      exit 2
