"""The flow's equation (W) in binary64, for proposals: nothing here is trusted."""

from __future__ import annotations

import math

import numpy as np
from flint import arb_mat

from exactsaddle.flow.vector_field import BallField, Distances
from exactsaddle.problem import FloatArray

FloatDistances = tuple[FloatArray, FloatArray]


class FloatField:
    """r_P − G_PP R β(s_0 + Rᵀw) in floats, on many points at once; made from the field in balls.

    per_unit = 1/ε: duals move in units of ε here.
    """

    def __init__(self, field: BallField) -> None:
        self.pivots = list(field.flow.pivots)
        self.reduction = floats(field.reduction)
        self.gram_rows = floats(field.gram_rows)
        self.gram = self.reduction.T @ self.gram_rows
        self.per_unit = float(field.per_unit)
        self.drift = np.array([float(value) for value in field.drift] or [0.0] * len(field.dual_start))
        self._link = field.link
        # how much of β_i may come through G to a component of w
        self._weights = np.log2(np.abs(self.gram_rows).max(axis=0, initial=1e-300))

    def link(self, distances: FloatDistances, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By how much β differs, and dβ/ds·ε, where the dual has moved that far, (…, d) in units of ε."""
        with np.errstate(over="ignore", invalid="ignore"):
            plus, steep_plus = self._link.floats(distances[0], moved)
            minus, steep_minus = self._link.floats(distances[1], -moved)
            return plus - minus, steep_plus + steep_minus

    def reach(self, distances: FloatDistances, moved: FloatArray) -> FloatArray:
        """How far the dual goes from there while its β changes by a factor e, in units of ε."""
        return self._link.reach(np.minimum(distances[0] - moved, distances[1] + moved))

    def log2_force(self, start: FloatDistances, moved: FloatArray | float, spread: FloatArray) -> FloatArray:
        """About log2 of how much Gβ changes within the spread of a dual that has moved from there.

        Both (…, d) in units of ε.
        """
        with np.errstate(invalid="ignore"):
            plus = self._link.log2_change(start[0] - moved, spread)
            minus = self._link.log2_change(start[1] + moved, spread)
        found: FloatArray = (np.maximum(plus, minus) + self._weights).max(axis=-1)
        return found


def float_distances(distances: Distances) -> FloatDistances:
    """x⁺ and x⁻, each (d,), infinite where there is no threshold."""
    plus, minus = (
        [math.inf if x is None else float(x) for x in side] for side in zip(*distances, strict=True)
    )
    return np.array(plus), np.array(minus)


def floats(matrix: arb_mat) -> FloatArray:
    """The middles of a matrix of balls."""
    flat = np.array([float(value) for value in matrix.entries()])
    return flat.reshape(matrix.nrows(), matrix.ncols())
