(* SHA-256 (FIPS 180-4) of a string, in hexadecimal; correct for integers of 63 and of 32 bits (JavaScript). *)

let mask = (0xffff lsl 16) lor 0xffff
let half s i = int_of_string ("0x" ^ String.sub s i 4)
let words s = Array.init (String.length s / 8) (fun i -> (half s (8 * i) lsl 16) lor half s ((8 * i) + 4))

let k = words (String.concat "" [
  "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc3";
  "72be5d7480deb1fe9bdc06a7c19bf174e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da";
  "983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca63511429296727b70a852e1b21384d2c6dfc53380d13";
  "650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070";
  "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc70208";
  "90befffaa4506cebbef9a3f7c67178f2" ])

let digest s =
  let n = String.length s in
  let blocks = ((n + 8) / 64) + 1 in
  let length_byte i = match i with (* of 8 n, below 2^32 *)
    | 7 -> (n lsl 3) land 255 | 6 | 5 | 4 | 3 -> (n lsr (53 - (8 * i))) land 255 | _ -> 0 in
  let byte i =
    if i < n then Char.code (String.unsafe_get s i)
    else if i = n then 0x80
    else if i >= (64 * blocks) - 8 then length_byte (i - (64 * blocks) + 8)
    else 0 in
  let h = words "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19" in
  let w = Array.make 64 0 in
  let rotate x r = ((x lsr r) lor (x lsl (32 - r))) land mask in
  for block = 0 to blocks - 1 do
    for t = 0 to 15 do
      let i = (64 * block) + (4 * t) in
      w.(t) <- (byte i lsl 24) lor (byte (i + 1) lsl 16) lor (byte (i + 2) lsl 8) lor byte (i + 3)
    done;
    for t = 16 to 63 do
      let a = w.(t - 15) and b = w.(t - 2) in
      let s0 = rotate a 7 lxor rotate a 18 lxor (a lsr 3) and s1 = rotate b 17 lxor rotate b 19 lxor (b lsr 10) in
      w.(t) <- (w.(t - 16) + s0 + w.(t - 7) + s1) land mask
    done;
    let v = Array.copy h in
    for t = 0 to 63 do
      let e = v.(4) and a = v.(0) in
      let s1 = rotate e 6 lxor rotate e 11 lxor rotate e 25 in
      let choice = (e land v.(5)) lxor (lnot e land mask land v.(6)) in
      let t1 = v.(7) + s1 + choice + k.(t) + w.(t) in
      let s0 = rotate a 2 lxor rotate a 13 lxor rotate a 22 in
      let majority = (a land v.(1)) lxor (a land v.(2)) lxor (v.(1) land v.(2)) in
      v.(7) <- v.(6); v.(6) <- v.(5); v.(5) <- e; v.(4) <- (v.(3) + t1) land mask;
      v.(3) <- v.(2); v.(2) <- v.(1); v.(1) <- a; v.(0) <- (t1 + s0 + majority) land mask
    done;
    Array.iteri (fun i x -> h.(i) <- (h.(i) + x) land mask) v
  done;
  String.concat "" (Array.to_list (Array.map (fun x -> Printf.sprintf "%04x%04x" ((x lsr 16) land 0xffff) (x land 0xffff)) h))
