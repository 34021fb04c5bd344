"""The equations in binary64, for proposals: nothing here is trusted."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.float_balls import floats
from exactsaddle.flow.vector_field import Distances
from exactsaddle.problem import FloatArray

FloatDistances = tuple[FloatArray, FloatArray]

_JITTER = 1e-14
"""Times its trace: what makes a Gram matrix of floats positive definite."""


class FloatField:
    """r_P − G_PS β(s_S) in floats, on many points at once; made from the field in balls.

    Its coordinates are those of S in their order, pivots among them; per_unit = 1/ε: duals move in units of
    ε here.
    """

    def __init__(self, field: ActiveField) -> None:
        strong = list(field.sets.strong)
        self.strong = strong
        self.pivots = [strong.index(i) for i in field.sets.pivots]
        reduction = floats(field.reduction)
        self.reduction = reduction[:, strong]
        self.gram_rows = floats(field.gram_rows)[:, strong]
        self.gram = self.reduction.T @ self.gram_rows
        self.per_unit = float(field.base.per_unit)
        self.drift = np.array([float(field.drift[i]) for i in strong])
        self._link = field.base.link.only(strong)
        weak = list(field.sets.weak)
        self._weak_link = field.base.link.only(weak)
        self._weak_reduction = reduction[:, weak]
        self._weak_drift = np.array([float(field.drift[i]) for i in weak])

    @cached_property
    def root_of_pivots(self) -> tuple[FloatArray, FloatArray]:
        """L with LLᵀ = G_PP, and its inverse."""
        gram = self.gram_rows[:, self.pivots]
        root = np.linalg.cholesky(gram + _JITTER * np.trace(gram) * np.eye(len(gram)))
        return root, np.linalg.inv(root)

    def link(self, distances: FloatDistances, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By how much β differs, and dβ/ds·ε, where the dual has moved that far, (…, |S|) in units of ε."""
        with np.errstate(over="ignore", invalid="ignore"):
            plus, steep_plus = self._link.floats(distances[0], moved)
            minus, steep_minus = self._link.floats(distances[1], -moved)
            return plus - minus, steep_plus + steep_minus

    def weak(self, start: Distances, moved: FloatArray, times: FloatArray) -> FloatArray:
        """β_W, (m, |W|), where P has moved that far, (m, a), in those times, both over ε."""
        plus, minus = float_distances(start)
        moves = moved @ self._weak_reduction + np.multiply.outer(times, self._weak_drift)
        found: FloatArray = np.zeros_like(moves)
        for sign, distances in ((1, plus), (-1, minus)):
            _, steepness = self._weak_link.floats(distances, sign * moves)
            # where there is no threshold there is no weight, and B/B' is a limit of ∞ over 0
            there = np.isfinite(distances)
            found[:, there] += sign * (steepness * self._weak_link.reach(distances - sign * moves))[:, there]
        return found

    def reach(self, distances: FloatDistances, moved: FloatArray) -> FloatArray:
        """How far the dual goes from there while its β changes by a factor e, in units of ε."""
        return self._link.reach(np.minimum(distances[0] - moved, distances[1] + moved))


def float_distances(distances: Distances) -> FloatDistances:
    """x⁺ and x⁻, each (d,), infinite where there is no threshold."""
    found = [[math.inf if x is None else float(x) for x in pair] for pair in distances]
    table = np.array(found, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
