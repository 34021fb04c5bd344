"""The few lines of Fraction arithmetic that properties are judged with.

Deliberately apart from ``linalg``: a property must not trust the engine it examines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import starmap
from math import lcm
from operator import mul

from exactsaddle.problem import Problem

Row = Sequence[Fraction]

Integers = tuple[list[int], int]
"""A row of numerators, and the denominator of them all."""


def dot(left: Row, right: Row) -> Fraction:
    """Σ left_i right_i: of integers, with one reduction in the end."""
    return _product([_over_one(left)], right)[0]


def _product(rows: Iterable[Integers], vector: Row) -> tuple[Fraction, ...]:
    values, unit = _over_one(vector)
    return tuple(Fraction(sum(starmap(mul, zip(row, values, strict=True))), own * unit) for row, own in rows)


def _over_one(values: Row) -> Integers:
    pairs = [value.as_integer_ratio() for value in values]
    unit = lcm(*{q for _, q in pairs})
    return [p if q == unit else p * (unit // q) for p, q in pairs], unit


@lru_cache(maxsize=2)
def _rows(problem: Problem) -> tuple[Integers, ...]:
    return tuple(map(_over_one, problem.X))


@lru_cache(maxsize=2)
def _columns(problem: Problem) -> tuple[Integers, ...]:
    return tuple(map(_over_one, transpose(problem.X)))


def transpose(matrix: Sequence[Row]) -> tuple[tuple[Fraction, ...], ...]:
    """The rows of the transpose."""
    return tuple(zip(*matrix, strict=True))


def fitted(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """Xβ, n Fractions."""
    return _product(_rows(problem), beta)


def residual(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """y − Xβ, n Fractions."""
    return tuple(y - fit for y, fit in zip(problem.y, fitted(problem, beta), strict=True))


def gradient(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """Xᵀ(Xβ − y)/n, d Fractions."""
    return tuple(-value / problem.n for value in _product(_columns(problem), residual(problem, beta)))


def loss(problem: Problem, beta: Row) -> Fraction:
    """‖y − Xβ‖²/(2n)."""
    rest = residual(problem, beta)
    return dot(rest, rest) / (2 * problem.n)


def show(values: Sequence[Fraction]) -> str:
    """A vector for a witness, exactly."""
    return "(" + ", ".join(map(str, values)) + ")"


def sign(value: Fraction) -> int:
    """1, 0 or −1."""
    return (value > 0) - (value < 0)


def side_of(problem: Problem, i: int, s: Fraction) -> int:
    """1 when s is on the upper threshold of coordinate i, −1 on its lower, 0 elsewhere."""
    lower, upper = problem.lower[i], problem.upper[i]
    return int(s == upper) - int(lower != "inf" and s == -lower)


def room_ahead(problem: Problem, i: int, s: Fraction, direction: int) -> Fraction | None:
    """The distance from s to the threshold of coordinate i in that direction; None when infinite."""
    threshold = problem.upper[i] if direction > 0 else problem.lower[i]
    return None if threshold == "inf" else threshold - direction * s


def rank(matrix: Sequence[Row]) -> int:
    """The rank, by elimination over Q."""
    rows = [list(row) for row in matrix]
    found = 0
    for j in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][j]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][j] / rows[found][j]
            if factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found
