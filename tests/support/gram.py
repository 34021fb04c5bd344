"""Problems with a given Gram matrix, for cases that are stated as (G, r)."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from exactsaddle import Problem


def four_squares(value: Fraction) -> tuple[Fraction, ...]:
    """Four rationals whose squares add to value ≥ 0 (Lagrange), by search on the integer p·q."""
    whole = value.numerator * value.denominator
    for a in range(isqrt(whole), -1, -1):
        for b in range(isqrt(whole - a * a), -1, -1):
            for c in range(isqrt(whole - a * a - b * b), -1, -1):
                rest = whole - a * a - b * b - c * c
                if isqrt(rest) ** 2 == rest:
                    return tuple(Fraction(x, value.denominator) for x in (a, b, c, isqrt(rest)))
    raise AssertionError(f"Lagrange's theorem fails at {value}")


def problem_from_gram(G: list[list[str]], r: list[str], **options: object) -> Problem:
    """A problem over Q with XᵀX/n = G (positive definite) and Xᵀy/n = r.

    G = Σ_i d_i l_i l_iᵀ by exact elimination. A square root of n·d_i need not be rational, but it is a sum of
    four rational squares, so four rows a·l_iᵀ, … with a² + b² + c² + e² = n·d_i do; n = 4d. X then has
    full column rank and y = X G⁻¹ r is exact: Xᵀy/n = G G⁻¹ r.
    """
    d = len(r)
    gram = [[Fraction(value) for value in row] for row in G]
    target = [Fraction(value) for value in r]
    work = [row[:] for row in gram]
    rows: list[list[Fraction]] = []
    for i in range(d):
        pivot = work[i][i]
        column = [work[j][i] / pivot for j in range(d)]
        for j in range(d):
            for k in range(d):
                work[j][k] -= pivot * column[j] * column[k]
        rows.extend([root * value for value in column] for root in four_squares(4 * d * pivot))
    solution = _solve(gram, target)
    y = [sum(a * b for a, b in zip(row, solution, strict=True)) for row in rows]
    problem = Problem(rows, y, **options)
    assert problem.gram == tuple(map(tuple, gram))
    assert problem.correlation == tuple(target)
    return problem


def _solve(matrix: list[list[Fraction]], rhs: list[Fraction]) -> list[Fraction]:
    """Gauss–Jordan; the matrix is positive definite, so no pivot is zero."""
    rows = [[*row, value] for row, value in zip(matrix, rhs, strict=True)]
    for i in range(len(rows)):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]
