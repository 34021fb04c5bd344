"""The whole Lasso path: its knots in order, and the solutions between them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, overload

from flint import fmpq

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.doors import LassoPathDoors
from exactsaddle.lasso.ball_knot import BallKnot
from exactsaddle.lasso.knot import LassoKnot
from exactsaddle.minimisers import MinimiserSet
from exactsaddle.numbers import Carried, Exact, Vector, to_decimal, to_exact, to_rational, to_text
from exactsaddle.path import signs_of
from exactsaddle.problem import FrameLibrary, Problem, made_frame


class LassoPath(Carried, LassoPathDoors, Sequence[LassoKnot]):
    """Solutions of min L(b) + λ‖b‖₁ for every λ ≥ 0: zero above the first knot, linear between knots.

    With general thresholds the penalty is λ Σ (c⁺_i max(b_i, 0) + c⁻_i max(−b_i, 0)), an infinite one
    forbidding that sign. ``complete`` says that the last knot is at λ = 0; otherwise ``stopped_by``
    names the budget, and the path is proved down to its last knot.
    """

    def __init__(self, problem: Problem, knots: Sequence[LassoKnot], stopped_by: str | None) -> None:
        self.problem = problem
        self._knots = tuple(knots)
        self.stopped_by = stopped_by

    @overload
    def __getitem__(self, index: int) -> LassoKnot: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[LassoKnot, ...]: ...
    def __getitem__(self, index: int | slice) -> LassoKnot | tuple[LassoKnot, ...]:
        return self._knots[index]

    def __len__(self) -> int:
        return len(self._knots)

    def __repr__(self) -> str:
        state = "complete" if self.complete else f"prefix, stopped by {self.stopped_by}"
        return f"LassoPath({len(self)} knots of {self.problem!r}, {state})"

    @property
    def is_exact(self) -> bool:
        """Whether its numbers are at hand over Q; else its events are, by bounds, and numbers on demand."""
        return not self.by_bounds

    @cached_property
    def by_bounds(self) -> tuple[BallKnot, ...]:
        """The knots of a path found by bounds; none of one over Q."""
        return tuple(knot for knot in self if isinstance(knot, BallKnot))

    @property
    def complete(self) -> bool:
        """True when the path reaches λ = 0."""
        return self.stopped_by is None

    @cached_property
    def penalties(self) -> tuple[Fraction, ...]:
        """λ of each knot, descending."""
        return tuple(knot.penalty for knot in self)

    def to_frame(self, *, exact: bool = False, library: FrameLibrary | None = None) -> Any:
        """A data frame, a knot a row: penalty, b by name, loss: see ``SaddlePath.to_frame``."""
        exacts = ((knot.penalty, *knot.beta, knot.loss) for knot in self)
        texts = ([to_text(to_rational(value)) for value in row] for row in exacts) if exact else None
        floats = (knot.floats for knot in self)
        return made_frame(["penalty", *self.problem.names, "loss"], floats, texts, library)

    def at(self, penalty: Any) -> tuple[Fraction, ...]:
        """A solution at λ = penalty ≥ 0, d Fractions: *the* solution where it is unique.

        Xb and the penalty term do not depend on the choice. At λ = 0 this is the limit λ → 0, which
        minimises the penalty term over all minimisers of L. Raises InvalidInput for λ < 0 and
        Inconclusive below the last knot of a prefix; InvalidInput too where thresholds are roots and b is
        not rational: ``numbers_at``.
        """
        return self.solution_at(to_rational(penalty)).fractions()

    def numbers_at(self, penalty: Any) -> tuple[Exact, ...]:
        """``at``, where thresholds are roots: d Fractions or sums of roots."""
        value = to_rational(penalty)
        knot = self._knot_above(value)
        found = [fmpq(0)] * self.problem.d if knot is None else knot.numbers(value)
        return tuple(map(to_exact, found))

    def solution_at(self, penalty: fmpq) -> Vector:
        """``at``, for the engine; raises InvalidInput where it is not rational."""
        knot = self._knot_above(penalty)
        return Vector.zero(self.problem.d) if knot is None else knot.solution(penalty)

    def unique_at(self, penalty: Any) -> bool:
        """Whether ``at`` is the only solution at λ > 0.

        Where thresholds are roots it is: that path ends before a tie, so that who is on a bound has
        independent columns.
        """
        if self.problem.is_rational:
            return self.solutions(penalty).unique
        self._knot_above(to_rational(penalty))
        return True

    def _knot_above(self, penalty: fmpq) -> LassoKnot | None:
        """The knot that begins the segment of this penalty; None above the first, where b = 0."""
        if penalty < 0:
            raise InvalidInput(f"penalty {to_decimal(penalty)} is negative")
        if not self[0].is_at_least(penalty):
            return None
        last = self[-1]
        at_last = self.problem.is_rational and not last.is_last and last.penalty_value == penalty
        if not last.is_last and last.is_at_least(penalty) and not at_last:
            raise Inconclusive(
                f"penalty {to_decimal(penalty)} is below {last.penalty_text(10)}, where this prefix ends "
                f"({self.stopped_by})"
            )
        low, high = 0, len(self)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self[middle].is_at_least(penalty) else (low, middle)
        return self[low]

    def solutions(self, penalty: Any) -> MinimiserSet:
        """All solutions at a penalty λ > 0, as a set that decides its own uniqueness, exactly.

        It is {b : b_i = 0 off E, σ_i b_i ≥ 0 on E, X_E b_E = X·at(λ)} with E the coordinates whose
        gradient is on its bound, on the side σ. Raises as ``at`` does, and InvalidInput for λ = 0.
        """
        value = to_rational(penalty)
        if value == 0:
            raise InvalidInput("the set of solutions is described for penalties above 0")
        point = self.solution_at(value)
        signs = signs_of(self.problem, self.problem.normal_equations.gradient(point) * (-1 / value))
        return MinimiserSet(self.problem, tuple(i for i, sign in enumerate(signs) if sign), signs, point)

    def at_time(self, t: Any) -> tuple[Fraction, ...]:
        """A solution at λ = 1/t, t ≥ 0 accelerated time, d Fractions; at t = 0 that of the first knot, 0."""
        time = to_rational(t)
        if time < 0:
            raise InvalidInput(f"time {to_decimal(time)} is negative")
        return (Fraction(0),) * self.problem.d if time == 0 else self.at(1 / time)
