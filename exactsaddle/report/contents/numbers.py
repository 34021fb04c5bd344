"""Exact values and balls as the numbers of a report: decimals correctly rounded, exact values when short."""

from __future__ import annotations

from flint import arb, fmpq

from exactsaddle.numbers import (
    Exact,
    RootSum,
    above,
    decimals,
    parse_rational,
    sum_text,
    to_decimal,
    to_rational,
    to_text,
)
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.report.document import Number

DIGITS = 8
"""Significant digits of a number in a report, where nothing else is said."""
MAX_EXACT_DIGITS = 1_000
"""The most decimal digits, numerator and denominator together, of an exact value that a page carries."""


def number(value: fmpq | Exact | int, digits: int = DIGITS) -> Number:
    """The value rounded half to even to that many significant digits, and exact within MAX_EXACT_DIGITS."""
    if isinstance(value, RootSum):
        exact = sum_text(value)
        short = exact if len(exact) <= MAX_EXACT_DIGITS else None
        return Number(decimals(value, digits), short, "≈")
    rational = to_rational(value)
    decimal = to_decimal(rational, digits)
    size = exact_digits(rational)
    if size > MAX_EXACT_DIGITS:
        return Number(decimal, None, "≈", f"about {size:,} digits: the certificate has them")
    return Number(decimal, to_text(rational), "=" if parse_rational(decimal) == rational else "≈")


def exact_digits(value: fmpq) -> int:
    """How many decimal digits p and q have together, at most two too many; nothing is written out."""
    return sum(int(int(part.bit_length()) * 0.30103) + 1 for part in (abs(value.p), value.q) if part != 1)


def exact_or_decimal(value: fmpq, digits: int, width: int) -> tuple[str, bool]:
    """The exact text when it has at most that many characters, else decimals; and whether it is exact."""
    if exact_digits(value) <= width:
        text = to_text(value)
        if len(text) <= width:
            return text, True
    decimal = to_decimal(value, digits)
    return decimal, parse_rational(decimal) == value


def enclosed(ball: arb, digits: int = DIGITS) -> Number | str:
    """A ball: as many digits, up to ``digits``, as are the correct rounding of every point of it.

    Words when there are none: a bound on its absolute value, or that it is not known.
    """
    if not ball.is_finite():
        return "not known"
    low, high = (fmpq(end.fmpq()) for end in (ball.lower(), ball.upper()))
    if low == high:
        decimal = to_decimal(low, digits)
        return Number(decimal, None, "=" if parse_rational(decimal) == low else "≈")
    if low <= 0 <= high:
        return f"|·| ≤ {above(abs(ball))}"
    for shown in range(digits, 0, -1):
        if (text := to_decimal(low, shown)) == to_decimal(high, shown):
            return Number(text, None, "≈")
    return f"|·| ≤ {above(abs(ball))}"


def upper_bound(ball: arb, digits: int = 3) -> str:
    """A decimal at or above every point of a ball of absolute values."""
    return f"≤ {above(ball, digits)}"


# --- the numbers of a saddle: exact where the path has them, else from balls to the digits shown -------


def jump_time(path: SaddlePath, saddle: Saddle, digits: int = DIGITS) -> Number:
    """t_k."""
    if path.decisions is None:
        return number(saddle.time, digits)
    return rounded(saddle.jump_time_text(digits))


def loss(path: SaddlePath, saddle: Saddle, digits: int = DIGITS) -> Number:
    """L(β_k)."""
    if path.decisions is None:
        return number(saddle.loss_value, digits)
    return rounded(saddle.loss_text(digits))


def l1_norm(path: SaddlePath, saddle: Saddle, digits: int = DIGITS) -> Number:
    """‖β_k‖₁."""
    if path.decisions is None:
        return number(saddle.l1_norm, digits)
    return rounded(saddle.l1_norm_text(digits))


def beta(path: SaddlePath, saddle: Saddle, i: int, digits: int = DIGITS) -> Number:
    """β_k,i."""
    if path.decisions is None:
        return number(saddle.beta_vector[i], digits)
    return rounded(saddle.beta_text(i, digits))


def rounded(decimal: str) -> Number:
    """Decimals that are the rounding of a number known by balls."""
    return Number("0", "0", "=") if decimal == "0" else Number(decimal, None, "≈")
