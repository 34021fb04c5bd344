(* The reports of many certificates, one a line: the native program without its start. *)

let report text =
  try Report.to_json (Report.check ~max_work:(Integer.power_of_ten 11) text)
  with Number.Malformed message ->
    let message = String.concat " " (String.split_on_char '\n' message) in
    Printf.sprintf "{\"verdict\": \"malformed\", \"message\": %s}" (Json.quote message)

(* The shortcuts of integer_zarith.ml: at the edges of what fits, and after a quotient that left no remainder. *)
let () =
  let around k = [ k - 1; k; k + 1; -k - 1; -k; -k + 1 ] in
  let words = List.map Z.of_int (List.concat_map around [ 1; 1 lsl 30; 1 lsl 31; 1 lsl 32; max_int - 1 ]) in
  let m = Z.pow (Z.of_int 10) 40 in
  let f = Integer.quotient (Z.mul (Z.pow m 2) (Z.of_int 3)) m in
  let values = m :: f :: Z.neg m :: Z.of_string (Z.to_string f) :: words in
  List.iter (fun x ->
      List.iter (fun y ->
          assert (Z.equal (Integer.mul x y) (Z.mul x y));
          assert (Integer.equal x y = (Z.compare x y = 0));
          assert (Integer.less x y = (Z.compare x y < 0));
          assert (Integer.at_most x y = (Z.compare x y <= 0))) values) values

let () = try while true do print_endline (report (input_line stdin)) done with End_of_file -> ()
