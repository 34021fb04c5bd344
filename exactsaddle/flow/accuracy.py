"""How accurate a run has to be for a radius, and each of its steps: in bits, by rules on exact data.

A step of length h with a defect e makes an error of he (inequality (B) of vector_field.py). Its share is h/T
of all errors, or one of the 2^12 that many steps have: the short steps on the way to a threshold at depth
L ≥ 3, h near α^(L−2), get by with few bits of what moves.
"""

from __future__ import annotations

import math

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.numbers import to_float
from exactsaddle.problem import Link

_LOG2_STEPS = 12
_COARSE = 2
"""By so many bits accuracies of steps differ at least."""
_WORD = 64


def step_bits(bits: int, gain: int, last: fmpq, length: fmpq) -> int:
    """−log2 of the defect allowed to a step of that length where 2^−bits does for [0, last]."""
    fewer = math.frexp(to_float((last + 1) / length))[1] - _LOG2_STEPS
    return bits - max(0, min(fewer, gain)) // _COARSE * _COARSE


def slack(link: Link) -> int:
    """Bits by which a tail may be larger than what lengths of steps aim at.

    At depth L ≥ 3 lengths change by orders of magnitude on the way to a threshold and from it. A step ends
    off the slow motion by its own tail; the next, longer and more accurate, has to follow that down.
    """
    return 8 if link.has_pole else 0


def bits_needed(reduced: ReducedFlow, alpha: fmpq, tolerance: fmpq) -> int:
    """−log2 of the spacing of the dual that should give the radius; a radius that is missed corrects it.

    An error e of s_i moves β_i by gain·|β_i|/ε times that, 2ℓ|β_i| for two layers, and the loss by
    ‖residual‖√(G_ii/n) times that again. Guessed is |β_i| as for that column alone, and a residual as long as
    y where no β has none.
    """
    problem, columns = reduced.problem, reduced.diagonal
    r = problem.normal_equations.correlation
    largest = max((abs(a) / g for a, g in zip(r, columns, strict=True) if g), default=fmpq(0))
    with workprec(64):
        size = arb(largest).max(arb(1))
        if reduced.rank < problem.n:
            roots = sum((arb(g).sqrt() for g in columns), arb(0))
            y = problem.target_vector
            size *= (arb(y.dot(y) / problem.n).sqrt() * roots).max(arb(1))
        return (
            max(8, -ceil_log2(arb(tolerance))) + log2_gain(reduced.link, alpha) + max(4, ceil_log2(size) + 2)
        )


def spread(reduced: ReducedFlow, last: fmpq) -> int:
    """How many bits the norm of each defect has to be below the error of s that it makes by the last time.

    A defect of norm e over time t moves s_i by √G_ii e t.
    """
    with workprec(64):
        scale = arb(max(reduced.diagonal)) * arb(last + 1) ** 2
        return max(0, ceil_log2(scale) // 2) if scale > 0 else 0


def steepness(reduced: ReducedFlow) -> int:
    """How many bits of a component of w' are lost to its norm: ½ log2 Σ|G_PP⁻¹|."""
    with workprec(64):
        total = sum(reduced.metric_bound.entries(), arb(0)).upper()
        return max(0, ceil_log2(total) // 2 + 1) if total > 0 else 0


def log2_gain(link: Link, alpha: fmpq) -> int:
    """log2(gain/ε) rounded up, at least 0."""
    with workprec(64):
        return max(0, ceil_log2(arb(link.gain) / link.unit(alpha)))


def whole_words(bits: int) -> int:
    """The precision of at least that many bits that costs no more: FLINT's numbers are of 64-bit words."""
    return -(-bits // _WORD) * _WORD


def log2_of(value: arb) -> float:
    """log2 of an exact positive ball to within a bit, −inf for zero, inf for what is not finite."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = value.mid().man_exp()
    # the limit of floats is no limit here: a bound of 2^-5000 is ordinary
    return -math.inf if mantissa == 0 else float(int(exponent) + int(abs(mantissa).bit_length()))


def ceil_log2(value: arb) -> int:
    """An integer no less than log2 of the middle of a positive ball, and less than one more than that."""
    mantissa, exponent = value.mid().man_exp()
    return int(mantissa).bit_length() + int(exponent)
