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
    """Those of X, with y before them."""
    return tuple(_over_one((y, *row)) for y, row in zip(problem.y, problem.X, strict=True))


@lru_cache(maxsize=2)
def _columns(problem: Problem) -> tuple[Integers, ...]:
    return tuple(map(_over_one, transpose(problem.X)))


def transpose(matrix: Sequence[Row]) -> tuple[tuple[Fraction, ...], ...]:
    """The rows of the transpose."""
    return tuple(zip(*matrix, strict=True))


def fitted(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """Xβ, n Fractions."""
    return _product(_rows(problem), (Fraction(0), *beta))


def residual(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """y − Xβ, n Fractions."""
    return _product(_rows(problem), (Fraction(1), *(-b for b in beta)))


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
    """The rank, by elimination in integers, whose divisions leave no remainder (Bareiss 1968)."""
    rows = [_over_one(row)[0] for row in matrix]
    found, before = 0, 1
    for j in range(len(rows[0]) if rows else 0):
        index = next((i for i in range(found, len(rows)) if rows[i][j]), None)
        if index is None:
            continue
        rows[found], rows[index] = rows[index], rows[found]
        top = rows[found]
        pivot = top[j]
        for i in range(found + 1, len(rows)):
            factor = rows[i][j]
            rows[i] = [(pivot * a - factor * b) // before for a, b in zip(rows[i], top, strict=True)]
        found, before = found + 1, pivot
    return found
