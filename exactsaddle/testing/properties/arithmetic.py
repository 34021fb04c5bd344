"""The few lines of Fraction arithmetic that properties are judged with.

Deliberately apart from ``linalg``: a property must not trust the engine it examines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from exactsaddle.problem import Problem

Row = Sequence[Fraction]


def dot(left: Row, right: Row) -> Fraction:
    """Σ left_i right_i; one reduction for each denominator that occurs, not one for each term."""
    by_denominator: dict[int, int] = defaultdict(int)
    for a, b in zip(left, right, strict=True):
        if a and b:
            by_denominator[a.denominator * b.denominator] += a.numerator * b.numerator
    return sum((Fraction(p, q) for q, p in by_denominator.items()), Fraction(0))


def times(matrix: Sequence[Row], vector: Row) -> tuple[Fraction, ...]:
    """The product of a matrix, given by its rows, with a vector."""
    return tuple(dot(row, vector) for row in matrix)


def transpose(matrix: Sequence[Row]) -> tuple[tuple[Fraction, ...], ...]:
    """The rows of the transpose."""
    return tuple(zip(*matrix, strict=True))


def residual(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """y − Xβ, n Fractions."""
    return tuple(y - fit for y, fit in zip(problem.y, times(problem.X, beta), strict=True))


def gradient(problem: Problem, beta: Row) -> tuple[Fraction, ...]:
    """Xᵀ(Xβ − y)/n, d Fractions."""
    rest = residual(problem, beta)
    return tuple(-dot(column, rest) / problem.n for column in transpose(problem.X))


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
