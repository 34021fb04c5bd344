"""Ties that linear dependence forces: s_j is known exactly where X_j depends on columns whose s is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from flint import fmpq

from exactsaddle.numbers import Number
from exactsaddle.problem import Problem


class Order(Enum):
    """When a coordinate lands, against a reference."""

    EARLIER = -1
    TOGETHER = 0
    LATER = 1
    UNKNOWN = None


def independent(problem: Problem, columns: Iterable[int]) -> list[int]:
    """The columns that do not depend on those before them: a basis of their span."""
    found: list[int] = []
    for j in columns:
        if problem.design_matrix.rank([*found, j]) > len(found):
            found.append(j)
    return found


def first_by_dependence(
    problem: Problem, known: Mapping[int, int], landing: Mapping[int, int]
) -> tuple[int, ...] | None:
    """Who of ``landing`` lands first, all of them in a tie, where linear dependence alone tells; else None.

    known maps coordinates with independent columns, whose s stays on a threshold along the plateau, to its
    side; landing maps the candidates to the side where each will land if it is the first.
    When candidate i lands, s is known exactly on ``known`` and i, hence on the span of their columns, since
    s − s_0 = Xᵀz/n for some z (MATHEMATICS.md §3).
    """
    pending = list(landing)
    reference = pending[0]
    while True:
        orders: dict[int, Order] = {}
        for j in pending:
            if j != reference:
                orders[j] = _order(problem, known, landing, reference, j)
                if orders[j] is Order.UNKNOWN:  # at once: of wide data most columns are independent
                    return None
        pending = [j for j, order in orders.items() if order is Order.EARLIER]
        if not pending:
            return tuple(sorted([reference, *(j for j, o in orders.items() if o is Order.TOGETHER)]))
        reference = pending[0]


def _order(
    problem: Problem, known: Mapping[int, int], landing: Mapping[int, int], reference: int, j: int
) -> Order:
    basis = {**known, reference: landing[reference]}
    weights = problem.design_matrix.combination(list(basis), j)
    if weights is None:
        return Order.UNKNOWN
    start = problem.initial_dual
    value = start[j] + sum(
        (
            c * (_threshold(problem, i, basis[i]) * basis[i] - start[i])
            for c, i in zip(weights, basis, strict=True)
        ),
        fmpq(0),
    )
    reached = value * landing[j] - _threshold(problem, j, landing[j])
    return Order.TOGETHER if reached == 0 else Order.LATER if reached < 0 else Order.EARLIER


def _threshold(problem: Problem, i: int, side: int) -> Number:
    threshold = problem.bound(i, side)
    if threshold is None:
        raise ValueError(f"coordinate {i} cannot be on an infinite threshold")
    return threshold
