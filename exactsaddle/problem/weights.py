"""Weighted rows, exactly: a row of weight w is up to four rational multiples of itself (Lagrange).

With Σ q² = (m/n)·w for each of the n rows given, and m rows q·(x, y) in all (zero rows where fewer are
needed), X and y have the Gram matrix, the correlation and the loss of the weighted problem, over Q; so
whatever takes a Problem takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpz

from exactsaddle.base import InvalidInput, ProofFailed, misfit
from exactsaddle.numbers import Matrix, Vector, brief
from exactsaddle.problem.entries import number
from exactsaddle.problem.rows import read_vector

if TYPE_CHECKING:
    import sympy

WEIGHTED = "weighted"
"""In ``Problem.source``: rows were made from weighted ones."""

FEWEST = range(1, 5)
"""m/n is the smallest of these that is enough; four always are."""


def read_weights(values: Any, n: int, formats: set[str]) -> list[fmpq]:
    """n weights w ≥ 0, not all zero; raises InvalidInput, naming the entry."""
    weights = read_vector(values, "weights", formats, number)
    if len(weights) != n:
        raise misfit("weights", len(weights), n, "row")
    for i, weight in enumerate(weights):
        if weight < 0:
            raise InvalidInput(f"weights, row {i}: {brief(weight)} is negative")
    if not any(weights):
        raise InvalidInput("all weights are zero")
    return weights


def mean_shares(weights: Any, n: int) -> list[fmpq]:
    """The share of each of n rows in a mean: equal, or in proportion to the weights."""
    found = [fmpq(1)] * n if weights is None else read_weights(weights, n, set())
    total = sum(found, fmpq(0))
    return [weight / total for weight in found]


def weighted_rows(X: Matrix, y: Vector, weights: Sequence[fmpq]) -> tuple[Matrix, Vector, fmpq]:
    """m rows and targets whose unweighted loss ‖·‖²/(2m) is Σ w_i(y_i − x_iβ)²/(2n); the largest factor."""
    rows, target, n = list(X.rows()), list(y), len(y)
    for times in FEWEST:
        factors = [_squares(times * weight) for weight in weights]
        used = sum(map(len, factors))
        if used <= times * n:
            break
    parts = [(q, i) for i, found in enumerate(factors) for q in found]
    blank = times * n - used
    scaled = [[q * x for x in rows[i]] for q, i in parts] + [[fmpq(0)] * len(rows[0])] * blank
    made = Vector.of([q * target[i] for q, i in parts] + [fmpq(0)] * blank)
    return Matrix(scaled), made, max(q for q, _ in parts)


def weighted_expressions(
    rows: list[list[sympy.Expr]], target: list[sympy.Expr], weights: list[fmpq]
) -> tuple[list[list[sympy.Expr]], list[sympy.Expr]]:
    """Row i times √w_i."""
    import sympy

    roots = [sympy.sqrt(sympy.Rational(int(w.p), int(w.q))) for w in weights]
    scaled = [[root * x for x in row] for root, row in zip(roots, rows, strict=True)]
    return scaled, [root * y for root, y in zip(roots, target, strict=True)]


def root_times_rational(row: list[sympy.Expr]) -> tuple[sympy.Rational, list[sympy.Rational]] | None:
    """(w, q) with row = √w·q for rational w and q, where there is one; w = 1 for a rational row."""
    lead = next((x for x in row if not x.is_Rational), None)
    if lead is None:
        return row[0] * 0 + 1, row
    weight = lead**2
    multiples = [x * lead / weight for x in row]
    if not (weight.is_Rational and weight > 0 and all(q.is_Rational for q in multiples)):
        return None
    return weight, multiples


def _squares(value: fmpq) -> list[fmpq]:
    """At most four positive rationals whose squares add up to value ≥ 0."""
    whole = value.p * value.q
    found = [fmpq(root, value.q) for root in _integer_squares(whole) if root]
    if sum((q * q for q in found), fmpq(0)) != value:
        raise ProofFailed(f"{brief(value)} is not the sum of the squares of {found}")
    return found


def _integer_squares(whole: fmpz) -> tuple[int, ...]:
    """One square where that is enough, else two where the largest below leaves one, else at most four."""
    root = whole.isqrt()
    rest = whole - root * root
    last = rest.isqrt()
    if last * last == rest:
        return int(root), int(last)
    from sympy.solvers.diophantine.diophantine import sum_of_four_squares, sum_of_three_squares

    value = int(whole)
    while value % 4 == 0:
        value //= 4
    three = value % 8 != 7  # Legendre
    found = sum_of_three_squares(int(whole)) if three else sum_of_four_squares(int(whole))
    return tuple(int(root) for root in found)
