(* The integers of the proved checker as Zarith's. *)

type t = Z.t

let word (x : t) = Obj.is_int (Obj.repr x) (* as Zarith holds each integer that fits *)

let zero = Z.zero
let one = Z.one
let even x = Z.shift_left x 1
let odd x = Z.succ (even x)
let add = Z.add
let sub = Z.sub

(* The last long quotient, its divisor and its dividend, where no remainder was left: proved checks multiply them again. *)
let exact = ref (Z.zero, Z.zero, Z.zero)
(* signs, zeros and thresholds of 1 are common; small integers are equal where they are the same *)
let mul x y =
  if x == Z.one then y
  else if x == Z.zero || y == Z.zero then Z.zero
  else if word x && word y then
    let a : int = Obj.magic x and b : int = Obj.magic y in
    let fits = (a + 0x40000000) lor (b + 0x40000000) in
    if fits >= 0 && fits < 0x80000000 then Obj.magic (a * b) else Z.mul x y
  else if word x || word y then Z.mul x y
  else
    let f, m, product = !exact in
    if (x == f && y == m) || (x == m && y == f) then product else Z.mul x y
let opp = Z.neg
let equal x y = x == y || not (word x || word y) && Z.equal x y
let less x y = if word x && word y then (Obj.magic x : int) < Obj.magic y else Z.lt x y
let at_most x y = not (less y x)

(* The oracles, on which soundness does not rest: whatever is asked, an answer. *)
let quotient a b =
  if Z.sign b = 0 then Z.zero
  else if Obj.is_int (Obj.repr a) then Z.div a b
  else begin
    let f, rest = Z.div_rem a b in
    if rest == Z.zero then exact := (f, b, a);
    f
  end
let remainder = Z.rem
let gcd = Z.gcd
let inverse a m = try Z.invert a m with Division_by_zero -> Z.zero

let sign = Z.sign
let of_int = Z.of_int
let to_int = Z.to_int
let of_string = Z.of_string
let of_substring s from length = Z.of_substring s ~pos:from ~len:length
let to_string = Z.to_string
let bits = Z.numbits
let power_of_ten = Z.pow (Z.of_int 10)

(* Of the 8 bytes of a string from i on: whether all are in ASCII; digits; digits or '-', '.', '/'. For the reader. *)
let step = 8
external bytes : string -> int -> int64 = "%caml_string_get64u"
let ascii s i = Int64.logand (bytes s i) 0x8080808080808080L = 0L
let upto_9 s i low =
  let x = bytes s i in
  let above = Int64.logor x (Int64.add x 0x4646464646464646L) in
  let below = Int64.lognot (Int64.sub (Int64.logor x 0x8080808080808080L) low) in
  Int64.logand (Int64.logor above below) 0x8080808080808080L = 0L
let digits s i = upto_9 s i 0x3030303030303030L
let number s i = upto_9 s i 0x2d2d2d2d2d2d2d2dL
