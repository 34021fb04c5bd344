"""Balls as text: decimal, and rounded outwards, so that what is printed still contains the true value."""

from __future__ import annotations

from flint import arb

from exactsaddle.numbers.decimals import BELOW_ALL_PRINTED, ball_to_decimal, decimal_text
from exactsaddle.numbers.rational import is_printable


def ball_to_json(ball: arb) -> dict[str, str]:
    """{"mid", "rad"}: decimals whose ball contains this one; "nan" and "inf" when it is not finite."""
    if not ball.is_finite():
        return {"mid": "nan", "rad": "inf"}
    mid, rad = ball_to_decimal(ball)
    return {"mid": mid, "rad": rad}


def above(ball: arb, digits: int = 3) -> str:
    """A decimal at or above every point of a ball of absolute values, to about that many digits."""
    if not ball.is_finite():
        return "inf"
    if not is_printable(ball):
        return BELOW_ALL_PRINTED if ball.abs_upper() < 1 else "inf"
    mid, rad, exponent = ball.upper().mid_rad_10exp(digits)
    mantissa = mid + rad
    while abs(mantissa) >= 10**digits:
        mantissa, exponent = -((-mantissa) // 10), exponent + 1
    return decimal_text(mantissa, int(exponent))


def agreed(ball: arb, digits: int = 12) -> str:
    """The digits all points of the ball share, at most that many; ``|·| ≤ x`` when there are none."""
    if not ball.is_finite():
        return "unknown"
    if not is_printable(ball):
        return f"|·| ≤ {above(abs(ball))}"
    if ball.is_exact() and ball.is_integer():
        return str(ball.unique_fmpz())
    text: str = ball.str(digits, radius=False)
    return text if text != "0" and not text.startswith("0e") else f"|·| ≤ {above(abs(ball))}"
