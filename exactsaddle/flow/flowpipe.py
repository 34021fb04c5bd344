"""What an enclosed run of the flow is: balls at the times asked for, and between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial, reduce
from typing import Any, TypeVar

from flint import arb, fmpq

from exactsaddle.base import InvalidInput, by_name, workprec
from exactsaddle.flow.grid import Grid
from exactsaddle.flow.hull import Hull, betas_over, dual_at, hull_over, observe, slopes_over
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.step import Step
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import Carried, to_decimal, to_fraction, to_rational
from exactsaddle.problem import Problem

T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class Enclosure(Carried):
    """Balls that contain the flow at one accelerated time: dual s (d,), beta (d,) and loss.

    From ``Flowpipe.over`` they contain the flow throughout an interval that starts at ``time`` and ends
    at ``end``. precision is the working precision in bits.
    """

    time: Fraction
    dual: tuple[arb, ...]
    beta: tuple[arb, ...]
    loss: arb
    precision: int
    end: Fraction
    names: tuple[str, ...]
    """Those of the columns."""

    def __repr__(self) -> str:
        first, last = (to_decimal(to_rational(time)) for time in (self.time, self.end))
        when = first if self.time == self.end else f"[{first}, {last}]"
        beta, dual = (by_name(self.names, enumerate(map(str, balls))) for balls in (self.beta, self.dual))
        return f"Enclosure(t = {when}, beta = {beta}, dual = {dual}, loss = {self.loss})"


@dataclass(frozen=True, eq=False)
class Progress(Carried):
    """How far a run has come: accelerated time, working precision, steps tried, points found."""

    time: Fraction
    precision: int
    steps: int
    points: tuple[Enclosure, ...]


@dataclass(frozen=True, eq=False)
class Flowpipe(Carried):
    """A rigorous enclosure of the flow, made by ``enclose``: one Enclosure for each requested time.

    complete is False when ``progress`` asked to stop: the points found until then are there.
    attempts lists the precisions of the balls tried, in bits; the last one met the radius. grid is that of
    the dual. step_count, step_precision and steps, the proved pieces of a run with keep=True, depend on the
    proposals, hence on the processor; so does what ``over`` gives, but not points and ``at``.
    """

    problem: Problem
    alpha: Fraction
    points: tuple[Enclosure, ...]
    complete: bool
    attempts: tuple[int, ...]
    step_count: int
    grid: Grid
    step_precision: int
    steps: tuple[Step, ...] = field(repr=False)
    reduced: ReducedFlow = field(repr=False)

    @property
    def precision(self) -> int:
        """The precision of the balls in bits."""
        return self.attempts[-1]

    @property
    def log_scale(self) -> arb:
        """ℓ = ln(1/α), at the precision of the run."""
        with workprec(self.precision):
            return -arb(to_rational(self.alpha)).log()

    @property
    def per_unit(self) -> arb:
        """1/ε of the network's link, at the precision of the run."""
        with workprec(self.precision):
            return 1 / self.reduced.link.unit(to_rational(self.alpha))

    def at(self, time: Any) -> Enclosure:
        """The flow at one accelerated time within the integrated range (runs with keep=True).

        Balls of the grid, as at ``points``; one value in 2^15 is at the end of a cell, where the proposals
        decide which of two cells is given (at a time asked of ``enclose`` none is).
        """
        moment = to_rational(time)
        step = self.steps_over(moment, moment)[0]
        exact = to_fraction(moment)
        known = self._known.get(exact)
        if known is not None:
            return known
        with workprec(self.step_precision):
            dual = dual_at(self.ball_field, step, moment)
            cells = [self.grid.nearby(ball) for ball in dual]
        with workprec(self.precision):
            hull = observe(self._shown_field, cells if moment > 0 else self._shown_field.dual_start)
        return self._enclosure(exact, exact, hull, self.precision)

    def over(self, start: Any, end: Any, pieces: int = 8) -> Enclosure:
        """Balls that contain s(t), β(t) and the loss for every t in [start, end] (runs with keep=True).

        Each step that meets the interval is cut into ``pieces``: more make tighter hulls.
        """
        if pieces < 1:
            raise InvalidInput(f"an interval needs at least one piece, not {pieces}")
        found = self._over_steps(start, end, partial(hull_over, pieces=pieces))
        with workprec(self.step_precision):
            hull = reduce(Hull.union, found)
        first, last = (to_fraction(to_rational(time)) for time in (start, end))
        return self._enclosure(first, last, hull, self.step_precision)

    def _enclosure(self, start: Fraction, end: Fraction, hull: Hull, bits: int) -> Enclosure:
        return Enclosure(start, hull.dual, hull.beta, hull.loss, bits, end, self.problem.names)

    def betas_over(self, start: Any, end: Any) -> tuple[arb, ...]:
        """Balls that contain β(t), d of them, for every t in [start, end]; ``over`` has more."""
        found = self._over_steps(start, end, betas_over)
        with workprec(self.step_precision):
            return tuple(reduce(arb.union, each) for each in zip(*found, strict=True))

    def slopes_over(self, start: Any, end: Any) -> tuple[arb, ...]:
        """Balls that contain β'(t), d of them, and the slope of the loss for every t in [start, end]."""
        found = self._over_steps(start, end, slopes_over)
        with workprec(self.step_precision):
            return tuple(reduce(arb.union, each) for each in zip(*([*b, c] for b, c in found), strict=True))

    def _over_steps(self, start: Any, end: Any, bound: Callable[[BallField, Step, fmpq, fmpq], T]) -> list[T]:
        """That bound of each step on its part of [start, end]."""
        first, last = to_rational(start), to_rational(end)
        steps = self.steps_over(first, last)
        with workprec(self.step_precision):
            return [bound(self.ball_field, s, max(first, s.start), min(last, s.end)) for s in steps]

    def steps_over(self, first: fmpq, last: fmpq) -> list[Step]:
        """The kept steps that meet [first, last]; InvalidInput unless it is inside the run."""
        if not self.steps:
            raise InvalidInput("this flowpipe kept no steps: call enclose with keep=True")
        if not 0 <= first <= last <= self.steps[-1].end:
            raise InvalidInput(
                f"[{to_decimal(first)}, {to_decimal(last)}] is not an interval within "
                f"[0, {to_decimal(self.steps[-1].end)}]"
            )
        # a step holds its start, and the last one its end
        begin = bisect_right(self._starts, first) - 1
        return list(self.steps[begin : max(begin + 1, bisect_right(self._starts, last))])

    @cached_property
    def _starts(self) -> list[fmpq]:
        return [step.start for step in self.steps]

    @cached_property
    def ball_field(self) -> BallField:
        """The equations in balls at the precision of the steps."""
        with workprec(self.step_precision):
            return BallField.at(self.reduced, to_rational(self.alpha))

    @cached_property
    def _shown_field(self) -> BallField:
        """The equations in balls at the precision of the points."""
        with workprec(self.precision):
            return BallField.at(self.reduced, to_rational(self.alpha))

    @cached_property
    def _known(self) -> dict[Fraction, Enclosure]:
        return {point.time: point for point in self.points}
