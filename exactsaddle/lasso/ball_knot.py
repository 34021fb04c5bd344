"""A knot known by its combinatorics: numbers as balls to any digits, and exactly on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from exactsaddle.base import single_threaded_blas, workprec
from exactsaddle.lasso.knot import LassoKnot
from exactsaddle.lasso.line import Event, ExactLine, Line, Lines, over_q
from exactsaddle.numbers import Number, Vector, decimal_of
from exactsaddle.path import bits_of, is_accurate
from exactsaddle.path.engines.by_balls import ByBalls
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import squared_residual
from exactsaddle.problem import Problem

LEAST_BITS = 160
"""Segments are found and read to so many bits at least: one enclosure for all that a page prints."""
SHARP_BITS = 1 << 11
"""A number that is not known to some digits at this precision is computed over Q."""
FLOAT_DIGITS = 17
MAX_KEPT = 8
"""Exact segments that are kept, and the least of enclosures."""
MAX_NUMBERS = 1 << 21
"""The most integers in the enclosures that are kept: the run and its readers share them."""


@dataclass(frozen=True)
class Stage:
    """The combinatorics of a knot and of the segment below it.

    events are what ends the segment above; none at λ = 0. support is where b ≠ 0 at the knot; active maps
    the support below it to signs, ``still`` are those off it whose correlation stays on its bound there; if
    ``tied``, because their columns depend on the support, so that they rest as long as nobody leaves.
    """

    events: tuple[Event, ...]
    support: tuple[int, ...]
    active: dict[int, int]
    still: frozenset[int] = frozenset()
    tied: bool = True

    def goes_on_with(self, event: Event) -> bool:
        """Whether one event alone, at the end of the segment below, says who is where afterwards."""
        return not self.still or (self.tied and event[1] != 0)


NOTHING = Stage((), (), {})
"""Above the first knot."""


class Stages:
    """The stages of a run, and numbers computed from them at any precision.

    Stages are added by the run and never changed; what is computed depends on them alone.
    """

    def __init__(self, problem: Problem, found: list[Stage] | None = None) -> None:
        self.problem = problem
        self.found = [] if found is None else found
        self._lines: dict[tuple[int, int], Line] = {}
        self._exact: dict[int, ExactLine] = {}
        self._betas: dict[int, tuple[int, tuple[arb, ...]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Stages, (self.problem, self.found)

    @cached_property
    def data(self) -> ScaledProblem:
        """The problem in integers."""
        return ScaledProblem(self.problem)

    @cached_property
    def lines(self) -> Lines:
        """What encloses segments."""
        return Lines(self.data)

    def active(self, k: int) -> dict[int, int]:
        """Support and signs below knot k; above the first knot for k = −1."""
        return (self.found[k] if k >= 0 else NOTHING).active

    def line(self, k: int, bits: int) -> Line:
        """The segment below knot k, to this precision."""
        key = k, bits
        if key not in self._lines:
            if len(self._lines) >= max(MAX_KEPT, MAX_NUMBERS // (self.data.width + self.data.d)):
                self._lines.clear()
            with single_threaded_blas():
                self._lines[key] = self.lines.at(self.active(k), bits)
        return self._lines[key]

    def beta(self, k: int, digits: int, solve: Callable[[int], tuple[arb, ...]]) -> tuple[arb, ...]:
        """b at knot k to that many digits, as ``solve`` finds it, kept at the most digits asked for."""
        if k not in self._betas or self._betas[k][0] < digits:
            self._betas[k] = digits, solve(digits)
        return self._betas[k][1]

    def exact(self, k: int) -> ExactLine:
        """The same over Q."""
        if k not in self._exact:
            if len(self._exact) >= MAX_KEPT:
                self._exact.clear()
            self._exact[k] = ExactLine.of(self.data, self.active(k))
        return self._exact[k]


class BallKnot(ByBalls, LassoKnot):
    """A knot of a run by bounds: support, signs and events are proved; every number waits to be asked for.

    λ and b depend on the segment above alone, the directions on that below: an exact number costs two solves.
    """

    _found: Stages

    def __init__(self, found: Stages, index: int) -> None:
        self.__dict__.update(problem=found.problem, index=index, _found=found)

    def __reduce__(self) -> tuple[Any, ...]:
        return BallKnot, (self._found, self.index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BallKnot):
            return NotImplemented
        mine, its = (knot._found.found[: knot.index + 1] for knot in (self, other))
        return (self.problem, mine) == (other.problem, its)

    def __hash__(self) -> int:
        return hash((self.problem, self.index))

    # --- what is known at once -----------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        """Who is where."""
        return self._found.found[self.index]

    @property
    def support(self) -> tuple[int, ...]:
        """Indices with b ≠ 0, ascending."""
        return self.stage.support

    @property
    def support_below(self) -> tuple[int, ...]:
        """Indices with b ≠ 0 on the segment that starts here, ascending."""
        return self.support if self.is_last else tuple(sorted(self.stage.active))

    @property
    def is_last(self) -> bool:
        """Whether λ = 0."""
        return not self.stage.events

    # --- exact, on demand ----------------------------------------------------------------------

    @cached_property
    def penalty_value(self) -> fmpq:
        """λ over Q; raises InvalidInput where it is not rational, as the other exact numbers do."""
        if self.is_last:
            return fmpq(0)
        return self._found.exact(self.index - 1).root(self.stage.events[0])

    @cached_property
    def beta_vector(self) -> Vector:
        """b over Q."""
        return self._found.exact(self.index - 1).solution(self.penalty_value)

    @cached_property
    def gradient_vector(self) -> Vector:
        """∇L(b) over Q."""
        return self._found.exact(self.index - 1).gradient(self.penalty_value)

    @property
    def direction(self) -> Vector:
        """−db/dλ below the knot, over Q."""
        zero = Vector.zero(self.problem.d)
        return zero if self.is_last else over_q(self._found.exact(self.index).tilt, "a direction")

    @property
    def gradient_direction(self) -> Vector:
        """The derivative of the gradient along it."""
        zero = Vector.zero(self.problem.d)
        return zero if self.is_last else over_q(self._found.exact(self.index).lean, "a direction")

    def is_at_least(self, penalty: fmpq) -> bool:
        """Whether λ ≥ penalty: by balls where they tell, else exactly."""
        here = self.penalty_ball()
        with workprec(512):
            if here > penalty or here < penalty:
                return bool(here > penalty)
        if self.is_last:
            return bool(penalty <= 0)
        a, h = self._found.exact(self.index - 1).form(self.stage.events[0])
        return a * penalty <= h

    def numbers(self, penalty: fmpq) -> tuple[Number, ...]:
        """``solution``, also where it holds sums of roots."""
        return tuple(self.beta_vector) if self.is_last else self._found.exact(self.index).numbers(penalty)

    def solution(self, penalty: fmpq) -> Vector:
        """The solution at a penalty from that of the next knot up to λ, (d,)."""
        if self.is_last:
            return self.beta_vector
        return self._found.exact(self.index).solution(penalty)

    @property
    def floats(self) -> list[float]:
        """λ, b and the loss in binary64: their 17 digits, the same on every processor."""
        beta = [0.0] * self.problem.d
        for i in self.support:
            beta[i] = float(self.beta_text(i, FLOAT_DIGITS))
        return [float(self.penalty_text(FLOAT_DIGITS)), *beta, float(self.loss_text(FLOAT_DIGITS))]

    # --- balls, to any digits ------------------------------------------------------------------

    def penalty_ball(self, digits: int = 30) -> arb:
        """λ within 10^−digits of itself."""
        if self.is_last:
            return arb(0)
        bits = _bits_for(digits)
        while bits <= SHARP_BITS + bits_of(digits):
            with workprec(bits + bits_of(digits)):
                penalty = self._scaled_penalty(bits) / arb(self._found.data.time_unit)
            if is_accurate(penalty, digits):
                return penalty
            bits *= 2
        return super().penalty_ball(digits)

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """b, d balls, each nonzero entry within 10^−digits of itself."""
        return self._found.beta(self.index, digits, self._solved)

    def _solved(self, digits: int) -> tuple[arb, ...]:
        data, bits = self._found.data, _bits_for(digits)
        while bits <= SHARP_BITS + bits_of(digits):
            line = self._found.line(self.index - 1, bits)
            scaled = line.solution(self._scaled_penalty(bits))
            found = [arb(0)] * self.problem.d
            with workprec(bits + bits_of(digits)):
                for i in self.support:
                    found[i] = scaled[i] * arb(data.beta_unit(i))
            if all(is_accurate(found[i], digits) for i in self.support):
                return tuple(found)
            bits *= 2
        return super().beta_ball(digits)

    def loss_ball(self, digits: int = 30) -> arb:
        """L(b) within 10^−digits of itself: that of u, and ½λ²τᵀw, as its residual is orthogonal to Xw."""
        data, bits = self._found.data, _bits_for(digits)
        while bits <= SHARP_BITS + bits_of(digits):
            line, penalty = self._found.line(self.index - 1, bits), self._scaled_penalty(bits)
            with workprec(2 * bits):
                fitted = len(line.active) == self.problem.n
                base = arb(0) if fitted else squared_residual(data, line.fit)
                loss = (base + penalty * penalty * line.lean()) * arb(data.loss_unit)
            if is_accurate(loss, digits):
                return loss
            bits *= 2
        return super().loss_ball(digits)

    def _scaled_penalty(self, bits: int) -> arb:
        """λ̃."""
        if self.is_last:
            return arb(0)
        return self._found.line(self.index - 1, bits).root(self.stage.events[0])

    def penalty_text(self, digits: int) -> str:
        """λ rounded to that many significant digits."""
        return decimal_of(self.penalty_ball, digits)


def _bits_for(digits: int) -> int:
    return max(LEAST_BITS, bits_of(digits) + 64)
