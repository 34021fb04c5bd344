"""Motzkin's theorem of the alternative, decided exactly: a separating w, or a combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import Vector, relations, residuals
from exactsaddle.path import least_squares_on_cone
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Separation:
    """w, a primitive integer vector: orthogonal to every free column, w·x > 0 for every other x."""

    w: Vector


@dataclass(frozen=True)
class Combination:
    """λ ≥ 0, (number of one-sided columns,), with sum 1 and Σ λ_i x_i in the span of the free columns."""

    weights: Vector


def separate(free: Sequence[Vector], one_sided: Sequence[Vector]) -> Separation | Combination:
    """Decide which of two exclusive statements holds for columns of one length n over Q.

    Separation: some w has f·w = 0 for all f in free and x·w > 0 for all x in one_sided.
    Combination: some λ ≥ 0, λ ≠ 0, has Σ λ_i x_i in span(free).

    With p_i the projection of x_i on span(free)^⊥, minimise ‖Σ λ_i p_i‖² + (Σ λ_i − 1)² over λ ≥ 0.
    At the minimum put w = Σ λ_i p_i and ρ = 1 − Σ λ_i. Stationarity on the support of λ gives
    ‖w‖² = ρ(1 − ρ), so the minimum is ρ; the other KKT conditions read p_i·w ≥ ρ. Hence either
    ρ > 0 and w separates, or ρ = 0 and w = 0: λ combines. One_sided must not be empty.
    Source: Motzkin 1936; Lawson & Hanson 1974, ch. 23 (least distance programming).
    """
    basis = [free[i] for i in relations(free).basis]
    projected = residuals(one_sided, basis)
    rows = [list(entries) for entries in zip(*projected, strict=True)]
    rows.append([fmpq(1)] * len(projected))
    target = [fmpq(0)] * (len(rows) - 1) + [fmpq(1)]
    derived = Problem(rows, target)
    weights = least_squares_on_cone(derived, [1] * len(projected), Vector.zero(len(projected))).beta
    w = sum((projected[i] * weights[i] for i in weights.support), Vector.zero(len(rows) - 1))
    if w.support:
        w = w.primitive()
        _check_separation(w, free, one_sided)
        return Separation(w)
    return Combination(weights)


def _check_separation(w: Vector, free: Sequence[Vector], one_sided: Sequence[Vector]) -> None:
    if any(w.dot(column) != 0 for column in free) or any(w.dot(column) <= 0 for column in one_sided):
        raise ProofFailed("the projection of the least distance problem does not separate")
