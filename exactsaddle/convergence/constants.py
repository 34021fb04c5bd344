"""The constant of an algebraic rate: ‖β̃^α_t − β_k‖_∞ ≈ C(t)·α^L at depth L ≥ 3 (MATHEMATICS.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.convergence.hypotheses import FailedHypothesis, Hypothesis
from exactsaddle.convergence.rates import PredictedRate
from exactsaddle.minimisers import limit_support
from exactsaddle.numbers import PowerSum, RootSum, to_rational
from exactsaddle.problem import Link

_BITS = 128
_Terms = list[tuple[fmpq, int, fmpq]]
"""(q, i, x) of a sum of q·B_i(x)."""


@dataclass(frozen=True)
class RateConstant:
    """C(t) of one plateau, an exact algebraic number; None with ``failed``, or where rates have none.

    Two layers have none: there the exponent itself moves with the slack.
    """

    closed_form: PowerSum | None
    failed: tuple[FailedHypothesis, ...]


def rate_constant(rate: PredictedRate, t: Any) -> RateConstant:
    """C(t) for t inside the plateau of the rate.

    Off the support β̃_i = α^L((c⁺ − s)^(−q) − (c⁻ + s)^(−q)) at leading order, s the limit's dual; on it
    G_AA(β̃ − β)_A = −G_A,off β̃_off, since s_A^α moves by εα^L only. C is the largest absolute value, found
    exactly: a difference of such sums that no precision separates from zero is zero.
    """
    saddle, link = rate.saddle, rate.link
    if rate.failed or link.leading(()) is None:
        return RateConstant(None, rate.failed)
    problem, support = saddle.problem, limit_support(saddle)
    equations = problem.normal_equations
    if equations.rank(support) < len(support):
        failed = FailedHypothesis(Hypothesis.UNIQUE_MINIMISER, saddle.index, support)
        return RateConstant(None, (failed,))
    slacks = rate.slacks_at(t)
    rough = [
        i for i, pair in slacks.items() if i in link.irrational or any(isinstance(d, RootSum) for d in pair)
    ]
    if rough:
        return RateConstant(
            None, (FailedHypothesis.of(problem, Hypothesis.RATIONAL_NORMS, saddle.index, rough),)
        )
    sides = {
        i: [(fmpq(sign), i, to_rational(d)) for sign, d in zip((1, -1), pair, strict=True) if d is not None]
        for i, pair in slacks.items()
    }
    on: list[_Terms] = [[] for _ in support]
    for i, terms in sides.items():
        for row, weight in zip(on, equations.regression(support, i), strict=True):
            if weight != 0:
                row.extend((-weight * q, i, d) for q, _, d in terms)
    return RateConstant(_largest(link, [*sides.values(), *on]), ())


def _largest(link: Link, sums: Sequence[_Terms]) -> PowerSum | None:
    """The largest |Σ q·B(x)| of several, exact; 0 of none."""
    best: _Terms = []
    for terms in sums:
        sign = _sign(link, terms)
        size = [(sign * q, i, x) for q, i, x in terms]
        if _sign(link, [*size, *((-q, i, x) for q, i, x in best)]) > 0:
            best = size
    return link.leading(best)


def _sign(link: Link, terms: _Terms) -> int:
    """The sign of a sum: by balls, or zero exactly."""
    exact, bits = None, _BITS
    while True:
        with workprec(bits):
            value = sum((arb(q) * link.value(i, arb(x)) for q, i, x in terms), arb(0))
        if value != 0 and not value.contains(0):
            return 1 if value > 0 else -1
        exact = exact or link.leading(terms)
        if exact is None or not exact.terms:
            return 0
        bits *= 2
