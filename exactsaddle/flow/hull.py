"""What a proved step says about one time, or about every time of an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    duals = [step.duals(field, cut) for cut in cuts]
    found: Hull | None = None
    for j in range(pieces):
        slopes = slope_over(field, step, cuts[j], cuts[j + 1])
        between = [
            _between(a, b, slope, arb(cuts[j + 1] - cuts[j]))
            for a, b, slope in zip(duals[j], duals[j + 1], slopes, strict=True)
        ]
        piece = observe(field, _widened(field, between, step.error))
        found = piece if found is None else found.union(piece)
    return hull_at(field, step, start) if found is None else found


def slope_over(field: BallField, step: Step, start: fmpq, end: fmpq) -> list[arb]:
    """Balls that contain s', shape (d,), of the step's polynomial on [start, end] inside the step."""
    half = step.length / 2
    ends = ((time - step.start) / half - 1 for time in (start, end))
    # T_k(x) = cos(k arccos x), and the step is [−1, 1]
    first, last = (arb(x).acos() for x in ends)
    angle = first.union(last)
    return step.velocities(field, [(angle * k).cos() for k in range(step.size)])


def _between(first: arb, last: arb, slope: arb, width: arb) -> arb:
    """A ball for a function with these ends and slopes: an extremum is within half a width of an end."""
    ends = first.union(last)
    if slope > 0 or slope < 0:
        return ends
    return ends + arb(0, 1) * (abs(slope).upper() * width / 2).upper()


def observe(field: BallField, dual: Sequence[arb]) -> Hull:
    """β and loss of a dual in balls."""
    beta = tuple(field.beta(i, s) for i, s in enumerate(dual))
    return Hull(tuple(dual), beta, field.loss(beta))


def _widened(field: BallField, dual: Sequence[arb], error: arb) -> list[arb]:
    """A dual to which the step's error is added: √G_ii · error (vector_field.py)."""
    unit = arb(0, 1)
    return [s + unit * (root * error).upper() for s, root in zip(dual, field.diagonal_root, strict=True)]
