"""The flow's equation (W) in binary64, for proposals: nothing here is trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat

from exactsaddle.flow.vector_field import BallField
from exactsaddle.problem import FloatArray

Distances = tuple[FloatArray, FloatArray]


class FloatField:
    """r_P − G_PP R β(s_0 + Rᵀw) in floats, on many points at once; made from the field in balls.

    per_unit = 1/ε: duals move in units of ε here.
    """

    def __init__(self, field: BallField) -> None:
        self.pivots = list(field.flow.pivots)
        self.reduction = floats(field.reduction)
        self.gram_rows = floats(field.gram_rows)
        self.gram = self.reduction.T @ self.gram_rows
        self.correlation = np.array([float(value) for value in field.correlation])
        self.per_unit = float(field.per_unit)
        self.drift = np.array([float(value) for value in field.drift] or [0.0] * len(field.dual_start))
        self._field = field
        # how much of β_i may come through G to a component of w
        self._weights = np.log2(np.abs(self.gram_rows).max(axis=0, initial=1e-300))

    def distances(self, dual: Sequence[arb]) -> Distances:
        """x⁺ and x⁻ in units of ε, each (d,), infinite where there is no threshold."""
        pairs = [self._field.distances(i, s) for i, s in enumerate(dual)]
        plus, minus = (
            [math.inf if x is None else float(x) for x in side] for side in zip(*pairs, strict=True)
        )
        return np.array(plus), np.array(minus)

    def link(self, distances: Distances, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
        """β and dβ/ds·ε where the dual has moved that far, (…, d) in units of ε."""
        with np.errstate(over="ignore", invalid="ignore"):
            plus, steep_plus = self._field.link.floats(distances[0] - moved)
            minus, steep_minus = self._field.link.floats(distances[1] + moved)
            return plus - minus, steep_plus + steep_minus

    def reach(self, distances: Distances, moved: FloatArray) -> FloatArray:
        """How far the dual goes from there while its β changes by a factor e, in units of ε."""
        return self._field.link.reach(np.minimum(distances[0] - moved, distances[1] + moved))

    def log2_force(self, centre: Sequence[arb], spread: FloatArray) -> FloatArray:
        """About log2 of the largest component of Gβ where |Re s − centre| ≤ spread, (…, d)."""
        return self.log2_force_around(self.distances(centre), np.zeros(spread.shape[-1]), spread)

    def log2_force_around(self, start: Distances, moved: FloatArray, spread: FloatArray) -> FloatArray:
        """The same at a dual that has moved, (…, d), from where it has these distances."""
        nearer, along = self.per_unit * spread, self.per_unit * moved
        plus = self._field.link.log2(start[0] - along - nearer)
        minus = self._field.link.log2(start[1] + along - nearer)
        found: FloatArray = (np.maximum(plus, minus) + self._weights).max(axis=-1)
        return found

    def force(self, beta: FloatArray) -> FloatArray:
        """f(w) = r_P − G_PP R β, shape (…, k)."""
        found: FloatArray = self.correlation - beta @ self.gram_rows.T
        return found


def floats(matrix: arb_mat) -> FloatArray:
    """The middles of a matrix of balls."""
    flat = np.array([float(value) for value in matrix.entries()])
    return flat.reshape(matrix.nrows(), matrix.ncols())
