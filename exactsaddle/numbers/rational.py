"""Exact numbers at the boundary: what is accepted as a rational, and how one is printed.

Inside the package rationals are FLINT's ``fmpq``; outside they are ``fractions.Fraction``.
Conversions to and from text go through FLINT, which has no limit on digits, so that Python's
``sys.set_int_max_str_digits`` is left as the user has it.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz

from exactsaddle.base import Inconclusive, InvalidInput, workprec

MAX_DIGITS = 200_000
"""The most decimal digits, exponent written out, that a number in the input may have."""

MAX_PRINTED_EXPONENT = 1 << 22
"""Numbers are printed in decimals down to 2^−this and up to 2^this."""

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<p>[0-9]+)/(?P<q>[0-9]+)"
    r"|(?P<whole>[0-9]*)(?:\.(?P<decimals>[0-9]*))?(?:[eE](?P<exponent>[+-]?[0-9]+))?)"
)


_LOWEST_TERMS = object.__new__


def shorten(text: str, width: int = 40) -> str:
    """The text itself when short, else its two ends and its length: for messages."""
    if len(text) <= width:
        return text
    return f"{text[: width // 2]}...{text[-6:]} ({len(text)} characters)"


def parse_rational(text: str) -> fmpq:
    """The rational written as ``p/q``, an integer, a decimal or a decimal with exponent, exactly.

    Raises InvalidInput for anything else, and for more than MAX_DIGITS digits once written out
    (counted before any arithmetic).
    """
    stripped = text.strip()
    match = _NUMBER.fullmatch(stripped)
    if match is None or not (match["p"] or match["whole"] or match["decimals"]):
        raise InvalidInput(f"{shorten(text)!r} is not a rational number (p/q, decimal or 1e-5)")
    if match["p"]:
        _refuse_long(len(match["p"]) + len(match["q"]), stripped)
        numerator, denominator = fmpz(match["p"]), fmpz(match["q"])
        if denominator == 0:
            raise InvalidInput(f"{shorten(text)!r} has a zero denominator")
        value = fmpq(numerator, denominator)
    else:
        decimals = match["decimals"] or ""
        exponent_text = match["exponent"] or "0"
        if len(exponent_text) > 12:
            _refuse_long(MAX_DIGITS + 1, stripped)
        exponent = int(exponent_text)
        digits = (match["whole"] or "") + decimals
        _refuse_long(len(digits) + abs(exponent), stripped)
        value = fmpq(fmpz(digits)) * _power_of_ten(exponent - len(decimals))
    return -value if match["sign"] == "-" else value


def to_rational(value: Any) -> fmpq:
    """The exact rational value of a number of any accepted type.

    Integers (Python, NumPy, gmpy2), Fraction, Decimal, strings (see parse_rational), SymPy
    rationals, FLINT numbers, and binary floats at their exact dyadic value. Raises InvalidInput
    for booleans, NaN, infinities, complex and everything else.
    """
    if isinstance(value, fmpq):
        return value
    if type(value) is int:
        return fmpq(value)
    if type(value) is Fraction:
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        raise InvalidInput(f"{bool(value)} is a boolean, not a number")
    if isinstance(value, (int, fmpz)):
        return fmpq(value)
    if isinstance(value, str):
        return parse_rational(str(value))
    if isinstance(value, Decimal):
        return _from_decimal(value)
    if isinstance(value, numbers.Rational):
        return fmpq(int(value.numerator), int(value.denominator))
    if getattr(value, "is_Rational", False):  # SymPy's Rational is not a numbers.Rational
        return fmpq(int(value.p), int(value.q))
    if is_binary_float(value):
        if not math.isfinite(value):
            raise InvalidInput(f"{value} is not finite")
        numerator, denominator = value.as_integer_ratio()
        return fmpq(int(numerator), int(denominator))
    text = str(value) if isinstance(value, numbers.Number) else repr(value)
    raise InvalidInput(f"{shorten(text)} ({type(value).__name__}) is not a rational number")


def is_binary_float(value: Any) -> bool:
    """True for Python floats and NumPy's real floating scalars."""
    return (
        isinstance(value, numbers.Real)
        and hasattr(value, "as_integer_ratio")
        and not isinstance(value, numbers.Rational)
    )


def to_fraction(value: fmpq) -> Fraction:
    """The same rational as a ``fractions.Fraction``.

    FLINT's are in lowest terms: Python need not look for a common divisor, at a cost quadratic in the bits.
    """
    found = _LOWEST_TERMS(Fraction)
    found._numerator, found._denominator = int(value.p), int(value.q)  # type: ignore[attr-defined]
    return found


def to_text(value: fmpq) -> str:
    """``"p/q"`` in lowest terms, ``"p"`` when q = 1: what ``str(Fraction)`` prints, at any length."""
    return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"


def to_float(value: fmpq) -> float:
    """The nearest binary64 number; infinite beyond its range."""
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_decimal(value: fmpq, digits: int = 10) -> str:
    """The value rounded half to even to that many significant digits, as plain or e-notation text.

    Trailing zeros are dropped only when the value is represented exactly.
    """
    return _rounded(value, digits, stripped=True)


def short_decimal(value: fmpq, digits: int) -> str:
    """``to_decimal`` as people write it in a sentence: 5e-7."""
    mantissa, marked, exponent = to_decimal(value, digits).partition("e")
    return f"{mantissa}e{int(exponent)}" if marked else mantissa


def _rounded(value: fmpq, digits: int, *, stripped: bool) -> str:
    """Rounded half to even; stripped: without zeros at the end where that is the value."""
    if value == 0:
        return "0"
    p, q = abs(value.p), value.q
    exponent = _decimal_exponent(p, q)
    mantissa, exact = _round_scaled(p, q, digits - 1 - exponent)
    return _written("-" if value < 0 else "", mantissa, exponent, digits, exact=exact and stripped)


def _written(sign: str, mantissa: fmpz | int, exponent: int, digits: int, *, exact: bool) -> str:
    """±mantissa·10^(exponent − digits + 1), mantissa of so many digits or 10^digits."""
    text = str(mantissa)
    if len(text) > digits:  # 9.99… rounded up to 10
        text, exponent = text[:digits], exponent + 1
    if exact:
        text = text.rstrip("0")
    if -4 <= exponent < max(digits, 1):
        if exponent < 0:
            return f"{sign}0.{'0' * (-exponent - 1)}{text}"
        text = text.ljust(exponent + 1, "0")
        whole, decimals = text[: exponent + 1], text[exponent + 1 :]
        return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
    body = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{sign}{body}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def decimal_of(enclose: Callable[[int], arb], digits: int = 10) -> str:
    """The number that ``enclose(d)`` gives to d digits, rounded half to even to ``digits``, none dropped.

    The digits are those of the number, whatever balls are found around it: zeros at the end stay also where
    a ball happens to be a point, and a number that no ball tells from a boundary of rounding (one of
    digits + 1 digits, within 10^(−10·digits) of it, relatively) is rounded as that boundary is.
    """
    with workprec(40 * digits + 64):
        for more in (5, digits + 10, 4 * digits + 20, 9 * digits):
            value = enclose(digits + more)
            refuse_unprintable(value)
            found = _decimal_of_all(value, digits)
            if found is not None:
                return found
            ends = {_padded(_endpoint(end), digits) for end in (value.lower(), value.upper())}
            if len(ends) == 1:
                return ends.pop()
        return _padded(parse_rational(to_decimal(_endpoint(value.mid()), 4 * digits)), digits)


def _padded(value: fmpq, digits: int) -> str:
    """``to_decimal`` with its zeros, unless the value is 0."""
    return _rounded(value, digits, stripped=False)


def _decimal_of_all(value: arb, digits: int) -> str | None:
    """What all numbers of a ball are rounded to; None where this look at it does not tell.

    That is near a boundary of rounding, and near a number of so many digits, such as a power of ten.
    """
    middle, radius, exponent = value.mid_rad_10exp(digits + 4)
    text, off = str(abs(middle)), int(radius)
    extra = len(text) - digits
    if extra < 1 or off == 0:
        return None
    unit, rest = 10**extra, int(text[digits:])
    if min(rest, unit - rest, abs(2 * rest - unit)) <= 2 * off:
        return None
    mantissa = int(text[:digits]) + (2 * rest > unit)
    return _written("-" if middle < 0 else "", mantissa, int(exponent) + len(text) - 1, digits, exact=False)


def refuse_unprintable(value: arb) -> None:
    """Raise Inconclusive for a ball whose decimals would be longer than memory: FLINT writes 10^n out."""
    if not is_printable(value):
        raise Inconclusive(f"a number beyond 2^±{MAX_PRINTED_EXPONENT:,} is not printed")


def is_printable(value: arb) -> bool:
    """Whether the finite ball is 0, or of a size between 2^−MAX_PRINTED_EXPONENT and its inverse."""
    top = value.abs_upper()
    if top == 0:
        return True
    mantissa, exponent = top.man_exp()
    return bool(abs(exponent + mantissa.bit_length()) <= MAX_PRINTED_EXPONENT)


def _endpoint(value: arb) -> fmpq:
    mantissa, exponent = value.man_exp()
    power = fmpz(1) << abs(int(exponent))
    return fmpq(mantissa) * power if exponent >= 0 else fmpq(mantissa, power)


def _decimal_exponent(p: fmpz, q: fmpz) -> int:
    """floor(log10(p/q)) for positive p and q."""
    guess = int((p.bit_length() - q.bit_length()) * 0.30102999566398120)
    while _compare_power(p, q, guess) < 0:
        guess -= 1
    while _compare_power(p, q, guess + 1) >= 0:
        guess += 1
    return guess


def _compare_power(p: fmpz, q: fmpz, exponent: int) -> int:
    """The sign of p/q − 10^exponent."""
    left, right = (p, q * fmpz(10) ** exponent) if exponent >= 0 else (p * fmpz(10) ** -exponent, q)
    return (left > right) - (left < right)


def _round_scaled(p: fmpz, q: fmpz, places: int) -> tuple[fmpz, bool]:
    """p/q · 10^places rounded half to even, and whether nothing was lost."""
    if places >= 0:
        p = p * fmpz(10) ** places
    else:
        q = q * fmpz(10) ** -places
    quotient, remainder = divmod(p, q)
    twice = 2 * remainder
    if twice > q or (twice == q and quotient % 2 == 1):
        quotient += 1
    return quotient, remainder == 0


def power_of_two(exponent: int) -> fmpq:
    """2^exponent."""
    power = fmpz(1) << abs(exponent)
    return fmpq(power) if exponent >= 0 else fmpq(fmpz(1), power)


def _power_of_ten(exponent: int) -> fmpq:
    power = fmpz(10) ** abs(exponent)
    return fmpq(power) if exponent >= 0 else fmpq(fmpz(1), power)


def _from_decimal(value: Decimal) -> fmpq:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise InvalidInput(f"{value} is not finite")
    _refuse_long(len(digits) + abs(exponent), str(value))
    magnitude = fmpq(fmpz("".join(map(str, digits)) or "0")) * _power_of_ten(exponent)
    return -magnitude if sign else magnitude


def _refuse_long(digits: int, text: str) -> None:
    if digits > MAX_DIGITS:
        raise InvalidInput(f"{shorten(text)!r} has more than {MAX_DIGITS:,} digits when written out")
