(* The integers of the proved checker as Zarith's. *)

type t = Z.t

let zero = Z.zero
let one = Z.one
let even x = Z.shift_left x 1
let odd x = Z.succ (even x)
let add = Z.add
let sub = Z.sub
(* signs, zeros and thresholds of 1 are common; small integers are equal where they are the same *)
let mul x y = if x == Z.one then y else if x == Z.zero || y == Z.zero then Z.zero else Z.mul x y
let opp = Z.neg
let equal = Z.equal
let less = Z.lt
let at_most = Z.leq

(* The oracles, on which soundness does not rest: whatever is asked, an answer. *)
let quotient a b = if Z.sign b = 0 then Z.zero else Z.div a b
let gcd = Z.gcd
let inverse a m = try Z.invert a m with Division_by_zero -> Z.zero

let sign = Z.sign
let of_int = Z.of_int
let to_int = Z.to_int
let of_string = Z.of_string
let to_string = Z.to_string
let bits = Z.numbits
let power_of_ten = Z.pow (Z.of_int 10)
