"""The equivariances of MATHEMATICS.md §3: a change of the data whose effect on the path is known exactly.

An effect is said of rationals and of balls alike: ``CHANGES`` serves both judgements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from flint import arb

from exactsaddle.path import Saddle, SaddlePath, saddle_path
from exactsaddle.problem import Problem, Threshold
from exactsaddle.testing.properties.arithmetic import (
    Design,
    Integers,
    design,
    dot,
    fractions,
    rank,
    show,
    side_of,
    transpose,
)
from exactsaddle.testing.properties.registry import Hypothesis, Registry

RELATIONS = Registry()

T = TypeVar("T", int, Fraction, arb)
Vector = tuple[T, ...]
Image = Callable[[Vector[Any]], Vector[Any]]


@dataclass(frozen=True)
class Change:
    """A changed problem, and what each number of a path becomes: t is multiplied, vectors have images.

    dual maps signs, too: numbers that it takes are of any kind.
    """

    problem: Problem
    time: Fraction = Fraction(1)
    dual: Image = tuple
    beta: Image = tuple
    fit: Image = tuple
    beta_if_unique: bool = False
    """Whether the canonical β of several is another one after the change: compare it only where unique."""


CHANGES: dict[str, Callable[[Problem], Change]] = {}
"""The changes by the names of their properties."""

ZERO_DUAL = Hypothesis("initial duals 0", lambda problem, path: not any(problem.dual))
Y_FACTOR, LOSS_FACTOR = Fraction(3, 7), Fraction(2, 3)
COLUMN_FACTORS = (Fraction(2), Fraction(1, 3), Fraction(5, 2))

Changing = Callable[[Problem], Change]


def _states(
    name: str, statement: str, hypothesis: Hypothesis | None = None
) -> Callable[[Changing], Changing]:
    """Register the decorated function as the change of this statement."""

    def register(change: Changing) -> Changing:
        CHANGES[name] = change
        RELATIONS.state(name, statement, hypothesis)(lambda problem, path: _compare(path, change(problem)))
        return change

    return register


def reflected(values: Vector[T]) -> Vector[T]:
    """Their image under I − 2ww'/w'w with w = (1, 2, …, n): orthogonal, rational, mixing every row."""
    w = range(1, len(values) + 1)
    share = 2 * _product(w, values) / sum(a * a for a in w)
    return tuple(value - share * a for a, value in zip(w, values, strict=True))


def _product(w: Sequence[int], values: Vector[Any]) -> Any:
    if all(isinstance(value, Fraction) for value in values):
        return dot([Fraction(a) for a in w], values)
    return sum(a * value for a, value in zip(w, values, strict=True))


@_states("column-permutation", "reversing the columns reverses (s, β) where β is unique, and keeps t, Xβ")
def _column_permutation(problem: Problem) -> Change:
    image = _image(
        problem,
        X=[row[::-1] for row in problem.X],
        lower=problem.lower[::-1],
        upper=problem.upper[::-1],
        dual=problem.dual[::-1],
    )
    # Which vertex of M_k is canonical depends on the order of the columns.
    return Change(image, dual=_reverse, beta=_reverse, beta_if_unique=True)


@_states("column-sign", "negating every other column, its thresholds swapped, negates its s_i and β_i")
def _column_sign(problem: Problem) -> Change:
    def flip(values: Vector[T]) -> Vector[T]:
        return tuple(value if i % 2 else -value for i, value in enumerate(values))

    def swap(kept: Sequence[Threshold], other: Sequence[Threshold]) -> list[Threshold]:
        return [a if i % 2 else b for i, (a, b) in enumerate(zip(kept, other, strict=True))]

    image = _image(
        problem,
        X=[flip(row) for row in problem.X],
        lower=swap(problem.lower, problem.upper),
        upper=swap(problem.upper, problem.lower),
        dual=flip(problem.dual),
    )
    return Change(image, dual=flip, beta=flip)


@_states(
    "orthogonal-mixing", "multiplying X and y from the left by a rational orthogonal matrix keeps the path"
)
def _orthogonal_mixing(problem: Problem) -> Change:
    columns = map(reflected, transpose(problem.X))
    return Change(_image(problem, X=transpose(tuple(columns)), y=reflected(problem.y)), fit=reflected)


@_states("target-scaling", "y → cy, c > 0: β → cβ, t → t/c, s kept", ZERO_DUAL)
def _target_scaling(problem: Problem) -> Change:
    image = _image(problem, y=[Y_FACTOR * value for value in problem.y])
    scale = _scaling(Y_FACTOR)
    return Change(image, time=1 / Y_FACTOR, beta=scale, fit=scale)


@_states("loss-scaling", "(X, y) → (aX, ay) is L → a²L: t → t/a², s and β kept")
def _loss_scaling(problem: Problem) -> Change:
    scale = _scaling(LOSS_FACTOR)
    image = _image(problem, X=[scale(row) for row in problem.X], y=scale(problem.y))
    return Change(image, time=1 / LOSS_FACTOR**2, fit=scale)


@_states("row-repetition", "repeating every row twice keeps the path")
def _row_repetition(problem: Problem) -> Change:
    return Change(_image(problem, X=problem.X * 2, y=problem.y * 2), fit=lambda values: values * 2)


@_states("zero-column", "appending a zero column appends β_i = s_i = 0 and keeps the rest")
def _zero_column(problem: Problem) -> Change:
    def extend(values: Vector[Any]) -> Vector[Any]:
        return (*values, type(values[0])(0))

    image = _image(
        problem,
        X=[extend(row) for row in problem.X],
        lower=(*problem.lower, 1),
        upper=(*problem.upper, 1),
        dual=extend(problem.dual),
        names=None,
    )
    return Change(image, dual=extend, beta=extend)


@_states(
    "column-scaling", "dividing column j, its thresholds and s_0,j by c multiplies β_j by c and keeps t, Xβ"
)
def _column_scaling(problem: Problem) -> Change:
    factors = [COLUMN_FACTORS[j % len(COLUMN_FACTORS)] for j in range(problem.d)]

    def divide(values: Vector[Any]) -> Vector[Any]:
        return tuple(map(_times, values, (1 / factor for factor in factors)))

    def multiply(values: Vector[Any]) -> Vector[Any]:
        return tuple(map(_times, values, factors))

    def shrink(thresholds: Sequence[Threshold]) -> list[Threshold]:
        return [c if c == "inf" else c / factor for c, factor in zip(thresholds, factors, strict=True)]

    image = _image(
        problem,
        X=[divide(row) for row in problem.X],
        lower=shrink(problem.lower),
        upper=shrink(problem.upper),
        dual=divide(problem.dual),
    )
    return Change(image, dual=divide, beta=multiply)


def _image(problem: Problem, **fields: Any) -> Problem:
    """The problem with these fields, on its thresholds alone: scales of a network would be others."""
    bare = {"network": None, "lower": problem.lower, "upper": problem.upper}
    return problem.replace(**{**bare, **fields})


def _compare(path: SaddlePath, change: Change) -> str | None:
    """Solve the changed problem and compare it with the images of every saddle."""
    image = change.problem
    other = saddle_path(image, max_saddles=len(path))
    if (len(other), other.complete) != (len(path), path.complete):
        return f"{len(path)} saddles, but {other!r} after the change"
    known, changed = design(path.problem), Design(image)
    for before, after in zip(path, other, strict=True):
        pairs: list[tuple[str, Any, Any]] = [
            ("t", before.jump_time * change.time, after.jump_time),
            ("s", change.dual(before.dual), after.dual),
            ("Xβ", *_fits(known.fitted(before.beta), change.fit, changed.fitted(after.beta))),
        ]
        if not change.beta_if_unique or _surely_unique(before):
            pairs.append(("β", change.beta(before.beta), after.beta))
        for label, expected, found in pairs:
            if expected != found:
                shown = (show(v) if isinstance(v, tuple) else str(v) for v in (expected, found))
                return f"saddle {before.index}: {label} should become {next(shown)}, is {next(shown)}"
    return None


def _fits(before: Integers, fit: Image, after: Integers) -> tuple[Vector[Any], Vector[Any]]:
    """The image of what was fitted, and what is; ``fit`` is linear, and compared before lowest terms."""
    (p, own), (q, unit) = before, after
    expected, found = fit(tuple(Fraction(a * unit) for a in p)), tuple(b * own for b in q)
    if expected == found:
        return expected, found
    return tuple(value / (own * unit) for value in expected), fractions(after)


def _surely_unique(saddle: Saddle) -> bool:
    """True when the columns that M_k can use are independent: enough for M_k to be one point."""
    columns = transpose(saddle.problem.X)
    free = [
        columns[i]
        for i, (s, g) in enumerate(zip(saddle.dual, saddle.gradient, strict=True))
        if g == 0 and side_of(saddle.problem, i, s)
    ]
    return rank(free) == len(free)


def _reverse(values: Vector[T]) -> Vector[T]:
    return values[::-1]


def _times(value: Any, factor: Fraction) -> Any:
    """The product, of a ball too."""
    return value * factor if isinstance(value, Fraction) else value * factor.numerator / factor.denominator


def _scaling(factor: Fraction) -> Image:
    return lambda values: tuple(_times(value, factor) for value in values)
