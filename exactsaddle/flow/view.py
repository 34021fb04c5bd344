"""What is said of the flow at a time: the cells of a grid that hold the duals, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import bits_needed, ceil_log2, log2_gain
from exactsaddle.flow.flowpipe import Enclosure
from exactsaddle.flow.grid import Grid
from exactsaddle.flow.hull import Hull, observe
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import to_fraction


@dataclass(frozen=True, eq=False)
class View:
    """A grid whose balls are to have a radius of at most ``tolerance``."""

    reduced: ReducedFlow
    alpha: fmpq
    tolerance: fmpq
    grid: Grid

    @classmethod
    def first(cls, reduced: ReducedFlow, alpha: fmpq, tolerance: fmpq) -> View:
        """The grid to try first."""
        return cls(reduced, alpha, tolerance, Grid(bits_needed(reduced, alpha, tolerance)))

    def finer(self, missed: int) -> View:
        """The grid to try where this one missed the radius by so many bits."""
        return replace(self, grid=Grid(self.grid.bits + missed + 1))

    @property
    def precision(self) -> int:
        """That of the balls, in bits."""
        return self.grid.bits + 2 * log2_gain(self.reduced.link, self.alpha) + 40

    @cached_property
    def _field(self) -> BallField:
        with workprec(self.precision):
            return BallField.at(self.reduced, self.alpha)

    def point(self, time: fmpq, dual: Sequence[arb]) -> Enclosure | int | None:
        """What is said at a time when the dual is in those balls, at a working precision that holds them.

        None where one meets two cells; by how many bits the radius is missed where it is: like the point
        itself that is a function of the cells.
        """
        known = []
        for start, ball in zip(self._field.dual_start, dual, strict=True):
            cell = start if time == 0 else self.grid.cell(ball)
            if cell is None:
                return None
            known.append(cell)
        with workprec(self.precision):
            hull = observe(self._field, known)
        missed = _bits_missed(hull, self.tolerance)
        if missed:
            return missed
        exact, names = to_fraction(time), self.reduced.problem.names
        return Enclosure(exact, hull.dual, hull.beta, hull.loss, self.precision, exact, names)


def _bits_missed(hull: Hull, tolerance: fmpq) -> int:
    """By how many bits the widest ball exceeds the tolerance; 0 when none does."""
    balls = (*hull.dual, *hull.beta, hull.loss)
    if not all(ball.is_finite() for ball in balls):
        return 64
    limit = arb(tolerance)
    if all(ball.rad() <= limit for ball in balls):
        return 0
    widest = reduce(arb.max, (ball.rad() for ball in balls))
    return max(1, ceil_log2(widest / limit))
