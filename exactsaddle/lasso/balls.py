"""The Lasso path with every event proved by bounds; what bounds leave open is settled exactly, by itself.

Each segment is enclosed from its own support and signs. Where exactly one condition reaches zero at λ > 0,
the next segment has that coordinate more, or less: the new support has independent columns (a column that
depends on the support has a correlation proportional to λ), its solution is the same at the knot, its new
condition grows as λ falls (by the Schur complement its form there is the old one over a positive number, with
the opposite slope), and all others are positive at the knot. Ties, and whoever rests on a bound without being
in the support, are settled by one least squares problem on a cone over Q, as in ``rational``. Where
thresholds are square roots λ = h/a has a rational h and an a that is a sum of roots: events are compared
exactly, and a tie ends the path.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.lasso.ball_knot import LEAST_BITS, NOTHING, BallKnot, Stage, Stages
from exactsaddle.lasso.line import Event, ExactLine, Line, first_events, is_decided, possible_events
from exactsaddle.lasso.rational import leave
from exactsaddle.numbers import Vector
from exactsaddle.path import signs_of
from exactsaddle.problem import Problem

LADDER = (LEAST_BITS, 384, 1536)
"""The precisions that are tried; then a segment is settled over Q."""


class BallLasso:
    """One run: the stages found so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.stages = Stages(problem)
        self.exactly = 0
        """How many segments took exact numbers."""

    def __iter__(self) -> Iterator[BallKnot]:
        """The knots in order of falling penalty, the last at 0."""
        stage = NOTHING
        while True:
            with np.errstate(all="ignore"):
                stage = self._next(stage)
            self.stages.found.append(stage)
            yield BallKnot(self.stages, len(self.stages.found) - 1)
            if not stage.events:
                return

    def _next(self, above: Stage) -> Stage:
        """The knot at the end of the segment below ``above``, and what begins there."""
        active = above.active
        resting = set(above.still)
        if len(active) == self.problem.n:  # independent columns that leave no residual: p is 0
            resting = set(range(self.problem.d))
        candidates: list[Event] | None = None
        for bits in LADDER:
            try:
                line = self.stages.line(len(self.stages.found) - 1, bits)
            except Inconclusive:
                break
            found, surely = possible_events(line, resting)
            if not (surely and len(found) == 1):
                found = first_events(line, found)
            candidates = found
            if not found and _ends(line):
                return Stage((), tuple(sorted(active)), {})
            if is_decided(line, found):
                if above.goes_on_with(found[0]):
                    return _stage(above, found[0])
                break
        if candidates is None:
            candidates = [(i, 0) for i in active]
            candidates += [
                (i, side)
                for i in range(self.problem.d)
                for side in (1, -1)
                if i not in active and i not in resting and self.problem.bound(i, side) is not None
            ]
        return self._exactly(above, candidates)

    def _exactly(self, above: Stage, candidates: list[Event]) -> Stage:
        """The same over Q, for the events that may be the first."""
        self.exactly += 1
        line = ExactLine.of(self.stages.data, above.active)
        events = line.first(candidates)
        if not events:
            return Stage((), line.base.support, {})
        if len(events) == 1 and above.goes_on_with(events[0]):
            return _stage(above, events[0])
        if not self.problem.is_rational:
            who = ", ".join(self.problem.names[i] for i, _ in events)
            raise Inconclusive(f"a tie where thresholds are square roots ({who})")
        penalty = line.root(events[0])
        b, gradient = line.solution(penalty), line.gradient(penalty)
        direction, slope = leave(self.problem, penalty, b, gradient)
        dual = gradient * (-1 / penalty)
        sides = signs_of(self.problem, dual)
        below = {i: sides[i] for i in sorted({*b.support, *direction.support})}
        rests = frozenset(
            i
            for i, side in enumerate(sides)
            if side and i not in below and self._keeps_its_bound(i, side, slope)
        )
        design = self.problem.design_matrix
        tied = all(design.combination(list(below), i) is not None for i in rests)
        return Stage(events, b.support, below, rests, tied)

    def _keeps_its_bound(self, i: int, side: int, slope: Vector) -> bool:
        """Whether c_i = σλc stays on its bound: ∇L moves as fast as the bound."""
        return self.problem.threshold(i, side) == slope[i] * side


def _stage(above: Stage, event: Event) -> Stage:
    """Where one coordinate joins or leaves, and nothing else happens."""
    i, side = event
    below = {j: sign for j, sign in above.active.items() if j != i}
    support = tuple(sorted(below))
    if side:
        below[i] = side
    return Stage((event,), support, below, above.still, above.tied)


def _ends(line: Line) -> bool:
    """Whether every coefficient is proved to be nonzero at λ = 0."""
    with workprec(line.precision):
        return all(h < 0 for _, h in (line.form((i, 0)) for i in line.fit.columns))
