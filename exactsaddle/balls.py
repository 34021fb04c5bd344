"""Balls as text: decimal, and rounded outwards, so that what is printed still contains the true value."""

from __future__ import annotations

from flint import arb, fmpz


def ball_to_json(ball: arb) -> dict[str, str]:
    """{"mid", "rad"} as decimal strings with every justified digit; the decimal ball contains ``ball``.

    rad is "0" only when mid is exact.
    """
    if not ball.is_finite():
        return {"mid": "nan", "rad": "inf"}
    mid, rad, exponent = ball.mid_rad_10exp(max(3, int(ball.rel_accuracy_bits() * 0.30103) + 2))
    return {"mid": _scientific(mid, exponent), "rad": _scientific(rad, exponent)}


def above(ball: arb, digits: int = 3) -> str:
    """A decimal at or above every point of a ball of absolute values, to that many digits."""
    mid, rad, exponent = ball.upper().mid_rad_10exp(digits)
    return _scientific(mid + rad, exponent)


def agreed(ball: arb, digits: int = 12) -> str:
    """The digits all points of the ball share, at most that many; ``≤ x`` in absolute value if none."""
    if not ball.is_finite():
        return "unknown"
    if ball.is_exact() and ball.is_integer():
        return str(ball.unique_fmpz())
    text: str = ball.str(digits, radius=False)
    return text if text != "0" and not text.startswith("0e") else f"|·| ≤ {above(abs(ball))}"


def _scientific(mantissa: fmpz, exponent: fmpz) -> str:
    if mantissa == 0:
        return "0"
    sign, digits = ("-" if mantissa < 0 else ""), str(abs(mantissa))
    power = int(exponent) + len(digits) - 1
    body = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{body}" + (f"e{power:+03d}" if power else "")
