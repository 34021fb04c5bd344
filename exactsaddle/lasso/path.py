"""The whole Lasso path, exact over Q: ties and non-unique solutions decided, never perturbed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, overload

from flint import fmpq

from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed
from exactsaddle.doors import LassoPathDoors
from exactsaddle.minimisers import MinimiserSet
from exactsaddle.numbers import Carried, Vector, to_decimal, to_float, to_fraction, to_rational, to_text
from exactsaddle.path import minimise_on_cone, signs_of
from exactsaddle.problem import FrameLibrary, Problem, made_frame

MAX_KNOTS = 10_000


@dataclass(frozen=True, eq=False)
class LassoKnot(Carried):
    """The solution b at a penalty λ where the path bends, and the way it leaves.

    For penalties λ − δ down to the next knot, b + δ·direction is a solution and
    gradient + δ·gradient_direction its gradient. Both directions are zero at the last knot.
    """

    problem: Problem
    index: int
    penalty_value: fmpq
    beta_vector: Vector
    gradient_vector: Vector
    direction: Vector
    gradient_direction: Vector

    @cached_property
    def penalty(self) -> Fraction:
        """λ, in units of ∇L; the saddle path's time is t = 1/λ."""
        return to_fraction(self.penalty_value)

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """The solution, d Fractions."""
        return self.beta_vector.fractions()

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(b) = Gb − r, d Fractions; −gradient/λ is the dual."""
        return self.gradient_vector.fractions()

    @property
    def support(self) -> tuple[int, ...]:
        """Indices with b ≠ 0, ascending."""
        return self.beta_vector.support

    @cached_property
    def support_below(self) -> tuple[int, ...]:
        """Indices with b ≠ 0 on the segment that starts here, ascending."""
        return tuple(sorted({*self.beta_vector.support, *self.direction.support}))

    @cached_property
    def loss(self) -> Fraction:
        """L(b), without the penalty."""
        return to_fraction(self.problem.loss_at(self.beta_vector))

    @cached_property
    def l1_norm(self) -> Fraction:
        """‖b‖₁."""
        return sum(map(abs, self.beta), Fraction(0))

    def __repr__(self) -> str:
        support = ", ".join(self.problem.names[i] for i in self.support)
        return (
            f"LassoKnot({self.index}, penalty = {to_decimal(self.penalty_value, 10)}, support = [{support}])"
        )


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
    def complete(self) -> bool:
        """True when the path reaches λ = 0."""
        return self.stopped_by is None

    @cached_property
    def penalties(self) -> tuple[Fraction, ...]:
        """λ of each knot, descending."""
        return tuple(knot.penalty for knot in self)

    def to_frame(self, *, exact: bool = False, library: FrameLibrary | None = None) -> Any:
        """A data frame, a knot a row: penalty, b by name, loss: see ``SaddlePath.to_frame``."""
        values = [[*map(to_rational, (knot.penalty, *knot.beta, knot.loss))] for knot in self]
        floats = (list(map(to_float, row)) for row in values)
        texts = (list(map(to_text, row)) for row in values) if exact else None
        return made_frame(["penalty", *self.problem.names, "loss"], floats, texts, library)

    def at(self, penalty: Any) -> tuple[Fraction, ...]:
        """A solution at λ = penalty ≥ 0, d Fractions: *the* solution where it is unique.

        Xb and the penalty term do not depend on the choice. At λ = 0 this is the limit λ → 0, which
        minimises the penalty term over all minimisers of L. Raises InvalidInput for λ < 0 and
        Inconclusive below the last knot of a prefix.
        """
        return self.solution_at(to_rational(penalty)).fractions()

    def solution_at(self, penalty: fmpq) -> Vector:
        """``at``, for the engine."""
        if penalty < 0:
            raise InvalidInput(f"penalty {to_decimal(penalty)} is negative")
        if penalty >= self[0].penalty_value:
            return self[0].beta_vector
        if penalty < self[-1].penalty_value:
            last = to_decimal(self[-1].penalty_value)
            raise Inconclusive(
                f"penalty {to_decimal(penalty)} is below {last}, where this prefix ends ({self.stopped_by})"
            )
        low, high = 0, len(self)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self[middle].penalty_value >= penalty else (low, middle)
        knot = self[low]
        return knot.beta_vector + knot.direction * (knot.penalty_value - penalty)

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
        """A solution at λ = 1/t, t ≥ 0 accelerated time, d Fractions; at t = 0 that of the first knot."""
        time = to_rational(t)
        if time < 0:
            raise InvalidInput(f"time {to_decimal(time)} is negative")
        return (self[0].beta_vector if time == 0 else self.solution_at(1 / time)).fractions()


def lasso_path(
    problem: Problem,
    *,
    max_knots: int = MAX_KNOTS,
    progress: Callable[[LassoKnot], bool | None] | None = None,
) -> LassoPath:
    """The Lasso path of min ‖y − Xb‖²/(2n) + λ‖b‖₁ for λ from ∞ to 0, exact over Q.

    Thresholds other than 1 weigh the penalty (see LassoPath); the initial dual must be zero. Every
    knot and every segment is proved to satisfy the KKT conditions. The path ends as an exact prefix
    when it has max_knots knots (it may have (3^d + 1)/2) or when ``progress``, called with each
    knot found, returns False.

    Where solutions are not unique, b is a vertex of their set (its columns of X are independent): at
    each knot the direction is the canonical minimiser of MATHEMATICS.md §2, the lowest index first.
    Source: Osborne, Presnell & Turlach 2000; Efron, Hastie, Johnstone & Tibshirani 2004. Departure: any
    number of coordinates may enter and leave at one knot, decided by one least squares problem on a cone.
    """
    if problem.dual_vector.support:
        i = problem.dual_vector.support[0]
        raise InvalidInput(
            f"the Lasso path needs the initial dual 0, but dual[{i}] = {to_decimal(problem.dual_vector[i])}"
        )
    if max_knots < 1:
        raise InvalidInput(f"max_knots must be at least 1, not {max_knots}")
    knots: list[LassoKnot] = []
    for knot in iterate_knots(problem):
        knots.append(knot)
        wanted = progress is None or progress(knot) is not False
        if knot.penalty_value == 0:
            break
        if not wanted or len(knots) >= max_knots:
            return LassoPath(problem, knots, f"max_knots = {max_knots}" if wanted else "request")
    return LassoPath(problem, knots, None)


def iterate_knots(problem: Problem) -> Iterator[LassoKnot]:
    """The knots in order of falling penalty, from the largest with b = 0 to 0; no budget."""
    beta = Vector.zero(problem.d)
    gradient = problem.normal_equations.gradient(beta)
    penalty = _largest_penalty(problem, gradient)
    index = 0
    while penalty > 0:
        direction, slope = _leave(problem, penalty, beta, gradient)
        knot = LassoKnot(problem, index, penalty, beta, gradient, direction, slope)
        yield knot
        step = _first_bend(knot)
        penalty -= step
        beta, gradient = beta + direction * step, gradient + slope * step
        index += 1
    still = Vector.zero(problem.d)
    yield LassoKnot(problem, index, penalty, beta, gradient, still, still)


def _largest_penalty(problem: Problem, gradient: Vector) -> fmpq:
    """The least λ with −λc⁻ ≤ −gradient ≤ λc⁺."""
    found = fmpq(0)
    for i, g in enumerate(gradient):
        threshold = problem.threshold(i, -1 if g > 0 else 1)
        if threshold is not None:
            found = max(found, abs(g) / threshold)
    return found


def _leave(problem: Problem, penalty: fmpq, beta: Vector, gradient: Vector) -> tuple[Vector, Vector]:
    """The direction −db/dλ below a knot, and the derivative of the gradient along it.

    Write s = −gradient/λ, with sign σ_i where it is on its threshold. A direction v keeps the KKT
    conditions for small steps exactly when (Gv − s)_i = 0 where b_i ≠ 0, and elsewhere on the
    thresholds σ_i v_i ≥ 0, σ_i (Gv − s)_i ≥ 0, with equality in one of the two. So v minimises
    ½vᵀGv − ⟨s, v⟩ over a sign cone with free coordinates: least squares for the target residual/λ.
    """
    dual = gradient * (-1 / penalty)
    signs = signs_of(problem, dual)
    support = beta.support
    if any(signs[i] * beta[i] <= 0 for i in support):
        raise ProofFailed(f"at penalty {to_decimal(penalty)} the dual has not the signs of the solution")
    equations = problem.normal_equations.with_correlation(dual)
    off_support = [0 if beta[i] != 0 else sign for i, sign in enumerate(signs)]
    point = minimise_on_cone(equations, off_support, equations.least_squares(support), support)
    return point.beta, point.gradient + dual


def _first_bend(knot: LassoKnot) -> fmpq:
    """The smallest δ > 0 where a coefficient reaches zero, a gradient its bound, or λ − δ zero."""
    penalty, step = knot.penalty_value, knot.penalty_value
    for i, v in enumerate(knot.direction):
        b = knot.beta_vector[i]
        if b * v < 0:
            step = min(step, -b / v)
        for side in (1, -1):
            threshold = knot.problem.threshold(i, side)
            if threshold is None:
                continue
            closing = threshold - side * knot.gradient_direction[i]
            if closing > 0:  # never on the bound itself, by the KKT conditions of the direction
                step = min(step, (penalty * threshold + side * knot.gradient_vector[i]) / closing)
    if step <= 0:
        raise ProofFailed(f"the path does not leave the knot at penalty {to_decimal(penalty)}")
    return step
