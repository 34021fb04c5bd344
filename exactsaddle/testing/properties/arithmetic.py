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

Integers = tuple[Sequence[int], int]
"""A row of numerators, and the denominator of them all: not in lowest terms."""


def dot(left: Row, right: Row) -> Fraction:
    """Σ left_i right_i: of integers, with one reduction in the end."""
    (p, own), (q, unit) = over_one(left), over_one(right)
    return Fraction(_sum(p, q), own * unit)


def over_one(values: Row) -> Integers:
    """The row over its least common denominator."""
    pairs = [value.as_integer_ratio() for value in values]
    unit = lcm(*{q for _, q in pairs})
    return [p if q == unit else p * (unit // q) for p, q in pairs], unit


def fractions(values: Integers) -> tuple[Fraction, ...]:
    """The row in lowest terms."""
    numerators, unit = values
    return tuple(Fraction(p, unit) for p in numerators)


def _sum(left: Iterable[int], right: Iterable[int]) -> int:
    return sum(starmap(mul, zip(left, right, strict=True)))


def transpose(matrix: Sequence[Row]) -> tuple[tuple[Fraction, ...], ...]:
    """The rows of the transpose."""
    return tuple(zip(*matrix, strict=True))


class Design:
    """X and y of a problem in integers over one denominator: columns, of y first."""

    def __init__(self, problem: Problem) -> None:
        rows = [over_one((y, *row)) for y, row in zip(problem.y, problem.X, strict=True)]
        unit = self.unit = lcm(*{own for _, own in rows})
        whole = (row if own == unit else [p * (unit // own) for p in row] for row, own in rows)
        self.columns = list(zip(*whole, strict=True))

    def fitted(self, beta: Row) -> Integers:
        """Xβ, (n,)."""
        return self._times((Fraction(0), *beta))

    def residual(self, beta: Row) -> Integers:
        """y − Xβ, (n,)."""
        return self._times((Fraction(1), *(-b for b in beta)))

    def _times(self, vector: Row) -> Integers:
        factors, own = over_one(vector)
        total = [0] * len(self.columns[0])
        for factor, column in zip(factors, self.columns, strict=True):
            if factor:
                total = [a + factor * x for a, x in zip(total, column, strict=True)]
        return total, own * self.unit

    def correlated(self, values: Integers) -> tuple[Fraction, ...]:
        """Xᵀz/n of a row z of n numbers, (d,)."""
        numerators, own = values
        whole = own * self.unit * len(numerators)
        return tuple(Fraction(_sum(column, numerators), whole) for column in self.columns[1:])


design = lru_cache(maxsize=2)(Design)
"""That of a problem, kept."""


def gradient(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """Xᵀ(Xβ − y)/n, d Fractions."""
    known = design(problem)
    return tuple(-value for value in known.correlated(known.residual(beta)))


def loss(problem: Problem, beta: Row) -> Fraction:
    """‖y − Xβ‖²/(2n)."""
    rest, unit = design(problem).residual(beta)
    return Fraction(_sum(rest, rest), 2 * problem.n * unit**2)


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
    rows = [over_one(row)[0] for row in matrix]
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
