"""A rational number recognised in a ball by its continued fraction."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from exactsaddle.numbers.rational import to_fraction

MARGIN = 6
"""Digits a fraction must explain beyond those its own denominator accounts for."""


@dataclass(frozen=True)
class Recognised:
    """p/q, within 10^−digits of every point of the ball, and digits − 2 log10(q) = margin to spare.

    Every real number has fractions with margin about 0; by chance one with margin m turns up about once in
    10^m. So this is evidence about where the ball comes from, never a proof.
    """

    value: Fraction
    digits: int
    margin: int


def recognise(ball: arb) -> Recognised | None:
    """The first convergent p/q of the midpoint with |x − p/q| ≤ 10^−MARGIN/q² on the whole ball.

    None when no convergent is that good: the ball is too wide, or its centre no simple fraction.
    """
    if not ball.is_finite():
        return None
    centre = ball.mid().fmpq()
    p, q, previous_p, previous_q = fmpq(1), fmpq(0), fmpq(0), fmpq(1)
    rest = centre
    while True:
        whole = fmpq(rest.floor())
        p, q, previous_p, previous_q = whole * p + previous_p, whole * q + previous_q, p, q
        error = abs(ball - arb(p / q)).upper()
        if error * arb(q) ** 2 <= arb(10) ** -MARGIN:
            spare = -float((error * arb(q) ** 2).log()) / 2.302585092994046 if error > 0 else float(MARGIN)
            digits = digits_below(error)
            return Recognised(to_fraction(p / q), digits, int(spare))
        if rest == whole:
            return None
        rest = 1 / (rest - whole)


def digits_below(error: arb) -> int:
    """The largest m ≥ 0 with error ≤ 10^−m certain; 0 when none is, and a million for an exact 0."""
    if error == 0:
        return 1_000_000
    if not error.is_finite():
        return 0
    top = error.upper()
    guess = int(-float(top.log()) / 2.302585092994046)
    return next((m for m in (guess + 1, guess, guess - 1) if m > 0 and top <= arb(10) ** -m), 0)
