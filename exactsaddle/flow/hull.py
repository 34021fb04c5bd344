"""What a proved step says about one time, or about every time of an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flint import arb, fmpq

from exactsaddle.flow.step import Step
from exactsaddle.flow.vector_field import BallField


@dataclass(frozen=True, eq=False)
class Hull:
    """Balls that contain s, β (d of each) and the loss."""

    dual: tuple[arb, ...]
    beta: tuple[arb, ...]
    loss: arb

    def union(self, other: Hull) -> Hull:
        """Balls that contain both."""
        return Hull(
            tuple(a.union(b) for a, b in zip(self.dual, other.dual, strict=True)),
            tuple(a.union(b) for a, b in zip(self.beta, other.beta, strict=True)),
            self.loss.union(other.loss),
        )


def hull_at(field: BallField, step: Step, time: fmpq) -> Hull:
    """Balls at one time inside the step; at t = 0 the dual is s_0 itself."""
    return observe(field, dual_at(field, step, time))


def dual_at(field: BallField, step: Step, time: fmpq) -> list[arb]:
    """Balls that contain s at one time inside the step; at t = 0 it is s_0 itself."""
    dual = step.duals(field, time)
    return _widened(field, dual, step.error if time > 0 else arb(0))


def hull_over(field: BallField, step: Step, start: fmpq, end: fmpq, pieces: int) -> Hull:
    """Balls for all times in [start, end] inside the step, cut into that many equal pieces."""
    if start == end:
        return hull_at(field, step, start)
    cuts = [start + (end - start) * j / pieces for j in range(pieces + 1)]
    found: Hull | None = None
    for first, last in pairwise(cuts):
        piece = observe(field, _dual_over(field, step, first, last, _slope_over(field, step, first, last)))
        found = piece if found is None else found.union(piece)
    return hull_at(field, step, start) if found is None else found


def betas_over(field: BallField, step: Step, start: fmpq, end: fmpq) -> list[arb]:
    """Balls that contain β, (d,), for all times in [start, end] inside the step."""
    slope = _slope_over(field, step, start, end)
    return field.betas_at(_dual_over(field, step, start, end, slope))


def slopes_over(field: BallField, step: Step, start: fmpq, end: fmpq) -> tuple[list[arb], arb]:
    """Balls that contain β', (d,), and L' for all times in [start, end] inside the step."""
    return field.slopes(*rates_over(field, step, start, end))


def rates_over(field: BallField, step: Step, start: fmpq, end: fmpq) -> tuple[list[arb], list[arb]]:
    """Balls that contain dβ_i/ds_i and s', (d,) each, for all times in [start, end] inside the step.

    s' = r − Gβ(s) + μ is that of the polynomial p, which is off f(p) by a norm of at most the defect, and
    G(β(s) − β(p)) moves s_i' by at most √G_ii Σ_j √G_jj |β_j(s) − β_j(p)|: no slope is a difference of
    balls of β.
    """
    slope = _slope_over(field, step, start, end)
    dual = _dual_over(field, step, start, end, slope)
    rates = [field.rate_at(i, pair) for i, pair in enumerate(field.distances(dual))]
    squares = zip(field.flow.diagonal, rates, strict=True)
    off = step.defect + step.error * sum((abs(arb(g) * rate) for g, rate in squares), arb(0))
    return rates, _widened(field, slope, off)


def _slope_over(field: BallField, step: Step, start: fmpq, end: fmpq) -> list[arb]:
    """Balls that contain s', shape (d,), of the step's polynomial on [start, end] inside the step."""
    first, last = ((time - step.start) * 2 / step.length - 1 for time in (start, end))
    return step.slopes(field).over(first, last)


def _dual_over(field: BallField, step: Step, start: fmpq, end: fmpq, slope: Sequence[arb]) -> list[arb]:
    """Balls that contain s, (d,), on [start, end] inside the step, where the polynomial has those slopes."""
    ends = zip(step.duals(field, start), step.duals(field, end), slope, strict=True)
    return _widened(field, [_between(a, b, s, arb(end - start)) for a, b, s in ends], step.error)


def _between(first: arb, last: arb, slope: arb, width: arb) -> arb:
    """A ball for a function with these ends, a and b, and slopes from −m to M, on an interval of that width.

    It is below a + Mx and below b + m(width − x); where these meet they are width·mM/(m + M) above a mean of
    a and b. Likewise from below.
    """
    ends = first.union(last)
    if slope > 0 or slope < 0:
        return ends
    up, down = slope.upper(), -slope.lower()
    beyond = (width * up * down / (up + down)).upper() if slope.rad() > 0 else 0
    return ends + arb(0, 1) * beyond


def observe(field: BallField, dual: Sequence[arb]) -> Hull:
    """β and loss of a dual in balls."""
    beta = field.betas_at(dual)
    return Hull(tuple(dual), tuple(beta), field.loss(beta))


def _widened(field: BallField, dual: Sequence[arb], error: arb) -> list[arb]:
    """A dual to which the step's error is added: √G_ii · error (vector_field.py)."""
    unit = arb(0, 1)
    return [s + unit * (root * error).upper() for s, root in zip(dual, field.diagonal_root, strict=True)]
