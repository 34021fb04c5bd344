(* The integers of the proved checker as JavaScript's BigInt (bigint.js). *)

type t

external of_int : int -> t = "proved_of_int"
external to_int : t -> int = "proved_to_int"
external add : t -> t -> t = "proved_add"
external sub : t -> t -> t = "proved_sub"
external mul : t -> t -> t = "proved_mul"
external opp : t -> t = "proved_opp"
external equal : t -> t -> bool = "proved_equal"
external less : t -> t -> bool = "proved_less"
external at_most : t -> t -> bool = "proved_at_most"
external quotient : t -> t -> t = "proved_quotient"
external gcd : t -> t -> t = "proved_gcd"
external remainder : t -> t -> t = "proved_remainder"
external inverse : t -> t -> t = "proved_inverse"
external of_string : string -> t = "proved_of_string"
external to_string : t -> string = "proved_to_string"
external bits : t -> int = "proved_bits"
external power_of_ten : int -> t = "proved_power_of_ten"

let zero = of_int 0
let one = of_int 1
let of_substring s from length = of_string (String.sub s from length)
let even x = add x x
let odd x = add (even x) one
let sign x = if less x zero then -1 else if equal x zero then 0 else 1

(* Of the 4 bytes of a string from i on: whether all are in ASCII; digits; digits or '-', '.', '/'. For the reader. *)
let step = 4
external bytes : string -> int -> int32 = "%caml_string_get32u"
let ascii s i = Int32.logand (bytes s i) 0x80808080l = 0l
let upto_9 s i low =
  let x = bytes s i in
  let above = Int32.logor x (Int32.add x 0x46464646l) in
  let below = Int32.lognot (Int32.sub (Int32.logor x 0x80808080l) low) in
  Int32.logand (Int32.logor above below) 0x80808080l = 0l
let digits s i = upto_9 s i 0x30303030l
let number s i = upto_9 s i 0x2d2d2d2dl
