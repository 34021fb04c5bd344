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
external inverse : t -> t -> t = "proved_inverse"
external of_string : string -> t = "proved_of_string"
external to_string : t -> string = "proved_to_string"
external bits : t -> int = "proved_bits"
external power_of_ten : int -> t = "proved_power_of_ten"

let zero = of_int 0
let one = of_int 1
let even x = add x x
let odd x = add (even x) one
let sign x = if less x zero then -1 else if equal x zero then 0 else 1
