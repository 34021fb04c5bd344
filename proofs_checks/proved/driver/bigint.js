// Integers as BigInt; this js_of_ocaml cannot parse 1n, so BigInt(1). gcd, inverse and quotient are oracles:
// no verdict "verified" rests on them.
//Provides: proved_of_int
function proved_of_int(x) { return BigInt(x); }
//Provides: proved_to_int
function proved_to_int(x) { return Number(x); }
//Provides: proved_add
function proved_add(x, y) { return x + y; }
//Provides: proved_sub
function proved_sub(x, y) { return x - y; }
//Provides: proved_mul
function proved_mul(x, y) { return x * y; }
//Provides: proved_opp
function proved_opp(x) { return -x; }
//Provides: proved_equal
function proved_equal(x, y) { return x === y ? 1 : 0; }
//Provides: proved_less
function proved_less(x, y) { return x < y ? 1 : 0; }
//Provides: proved_at_most
function proved_at_most(x, y) { return x <= y ? 1 : 0; }
//Provides: proved_quotient
function proved_quotient(x, y) { return y == 0 ? y : x / y; }
//Provides: proved_remainder
function proved_remainder(x, y) { return x % y; }
//Provides: proved_gcd
function proved_gcd(x, y) {
  if (x < 0) x = -x;
  if (y < 0) y = -y;
  while (y != 0) { var r = x % y; x = y; y = r; }
  return x;
}
//Provides: proved_inverse
function proved_inverse(a, m) {
  var r = m, s = a % m, u = BigInt(0), v = BigInt(1);
  if (s < 0) s += m;
  while (s != 0) { var q = r / s, t = r - q * s; r = s; s = t; t = u - q * v; u = v; v = t; }
  return r == 1 ? (u < 0 ? u + m : u) : BigInt(0);
}
//Provides: proved_of_string
//Requires: caml_jsstring_of_string
function proved_of_string(s) { return BigInt(caml_jsstring_of_string(s)); }
//Provides: proved_to_string
//Requires: caml_string_of_jsstring
function proved_to_string(x) { return caml_string_of_jsstring(x.toString()); }
//Provides: proved_bits
function proved_bits(x) { var h = (x < 0 ? -x : x).toString(16); return h == "0" ? 0 : 4 * h.length - Math.clz32(parseInt(h[0], 16)) + 28; }
//Provides: proved_power_of_ten
function proved_power_of_ten(e) { return BigInt("1" + "0".repeat(e)); }
