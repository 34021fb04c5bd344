"""The flow where it has a closed form: one coordinate, and columns orthogonal to each other.

For one coordinate u = exp(2ℓs) obeys u' = 2ℓ(ru − ½G(Au² − B)), A = α^{2c⁺}, B = α^{2c⁻} (0 when infinite).
With A > 0 the right side is −ℓGA(u − p)(u − q), p > 0 ≥ q its roots, so that
(u − p)/(u − q) = K exp(−ℓGA(p − q)t). With A = 0 it is linear. (MATHEMATICS.md §5, general thresholds.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import mpmath
from mpmath import mpf

from exactsaddle import Problem


@dataclass(frozen=True)
class Exact:
    dual: list[mpf]
    beta: list[mpf]


def precision_for(alpha: Fraction) -> int:
    """Bits that survive the cancellation between u and 1/u at that α."""
    return 400 + 30 * (alpha.denominator.bit_length() - alpha.numerator.bit_length())


def orthogonal_flow(problem: Problem, alpha: Fraction, time: Fraction) -> Exact:
    """s and β at a time, for a problem whose G is diagonal."""
    gram = problem.gram
    assert all(gram[i][j] == 0 for i in range(problem.d) for j in range(problem.d) if i != j)
    with mpmath.workprec(precision_for(alpha)):
        pairs = [
            _scalar(
                _mpf(gram[i][i]),
                _mpf(problem.correlation[i]),
                -mpmath.log(_mpf(alpha)),
                problem.lower[i],
                problem.upper[i],
                _mpf(problem.dual[i]),
                _mpf(time),
            )
            for i in range(problem.d)
        ]
    return Exact([s for s, _ in pairs], [b for _, b in pairs])


def _scalar(
    G: mpf, r: mpf, log_scale: mpf, lower: Fraction | str, upper: Fraction | str, start: mpf, t: mpf
) -> tuple[mpf, mpf]:
    A = mpf(0) if isinstance(upper, str) else mpmath.exp(-2 * log_scale * _mpf(upper))
    B = mpf(0) if isinstance(lower, str) else mpmath.exp(-2 * log_scale * _mpf(lower))
    u0 = mpmath.exp(2 * log_scale * start)
    if G == 0:
        u = u0  # a zero column has r = 0
    elif A == 0:
        growth = mpmath.exp(2 * log_scale * r * t)
        forced = G * B / (2 * r) * (growth - 1) if r else log_scale * G * B * t
        u = u0 * growth + forced
    else:
        root = mpmath.sqrt(r * r + G * G * A * B)
        p, q = (r + root) / (G * A), (r - root) / (G * A)
        if p == q:
            u = u0 / (1 + log_scale * G * A * u0 * t)
        else:
            ratio = (u0 - p) / (u0 - q) * mpmath.exp(-2 * log_scale * root * t)
            u = (p - ratio * q) / (1 - ratio)
    return mpmath.log(u) / (2 * log_scale), (A * u - B / u) / 2


def _mpf(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator
