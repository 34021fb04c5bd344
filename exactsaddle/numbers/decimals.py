"""Balls as decimal text that still contains them; how α is written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from flint import arb, fmpq, fmpz

from exactsaddle.numbers.rational import is_printable, refuse_unprintable, to_decimal, to_rational

MAX_DIGITS = 10_000
BELOW_ALL_PRINTED = "1e-1000000"
"""Above 2^−MAX_PRINTED_EXPONENT: what is nearer to zero is printed as a ball around it."""


def ball_to_decimal(ball: arb) -> tuple[str, str]:
    """(mid, rad): decimals with [mid − rad, mid + rad] ⊇ ball, mid with every justified digit.

    rad has at most three digits, and is "0" only for a single number that MAX_DIGITS digits express.
    """
    if not is_printable(ball):
        if not ball.abs_upper() < 1:
            refuse_unprintable(ball)
        return "0", BELOW_ALL_PRINTED
    digits = MAX_DIGITS if ball.is_exact() else max(1, int(ball.rel_accuracy_bits() * 0.30103))
    middle, radius, exponent = ball.mid_rad_10exp(min(digits, MAX_DIGITS))
    excess = len(str(radius)) - 2
    if radius != 0 and excess > 0:
        unit = fmpz(10) ** excess
        middle, exponent = (2 * middle + unit) // (2 * unit), exponent + excess
        radius = radius // unit + 2  # one for its own rounding, one for the middle's
    return decimal_text(middle, int(exponent)), decimal_text(radius, int(exponent))


def decimal_text(mantissa: fmpz, exponent: int) -> str:
    """mantissa · 10^exponent: plain when it is short, else in e-notation."""
    if mantissa == 0:
        return "0"
    sign, text = ("-" if mantissa < 0 else ""), str(abs(mantissa))
    stripped = text.rstrip("0")
    leading = exponent + len(text) - 1
    if 0 <= leading < 20:
        digits = stripped.ljust(leading + 1, "0")
        whole, decimals = digits[: leading + 1], digits[leading + 1 :]
    elif -5 <= leading < 0:
        whole, decimals = "0", "0" * (-leading - 1) + stripped
    else:
        whole, decimals = stripped[0], stripped[1:]
    body = f"{whole}.{decimals}" if decimals else whole
    return sign + body if -5 <= leading < 20 else f"{sign}{body}e{leading:+03d}"


def scale_text(alpha: Fraction | fmpq, digits: int = 6) -> str:
    """α to so many digits, rounded half to even, with an exponent whatever its size: 1e-4, 3.33e-1."""
    mantissa, _, exponent = f"{Decimal(to_decimal(to_rational(alpha), digits)):e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"
