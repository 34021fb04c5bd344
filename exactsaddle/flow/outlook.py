"""What floats expect of all coordinates during a step: who moves, and how long a step may be.

Nothing here is trusted: an expectation that fails is a step that is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from flint import arb
from numpy.typing import NDArray

from exactsaddle.flow.float_field import FloatDistances, float_distances
from exactsaddle.flow.vector_field import BallField, Distances
from exactsaddle.problem import FloatArray

NEAR_BITS = 20
_LENGTHS = np.geomspace(64, 1 / 64, 72)
"""Times the last one: lengths of the next step that are tried."""
_FARTHER = 1.25
"""How much farther than straight on a dual is thought to go."""


class Outlook:
    """Of one field, for all d coordinates; duals move in units of ε here."""

    def __init__(self, field: BallField) -> None:
        self.per_unit = float(field.per_unit)
        self._link = field.link
        # how much of β_i may come through X to the norm of w
        roots = np.array([float(root) for root in field.diagonal_root])
        self._weights = np.log2(np.maximum(roots, 1e-300))

    def near(self, start: Distances, length: float) -> list[int]:
        """Who must be in the span of the pivots for a step of that length, the nearest first.

        Its β changes by a factor e within 2^−NEAR_BITS of the length.
        """
        plus, minus = float_distances(start)
        reach = self._link.reach(np.minimum(plus, minus))
        order = np.argsort(reach, kind="stable")
        return [int(i) for i in order if reach[i] < self.per_unit * length * 2.0**-NEAR_BITS]

    def sizes(self, start: Distances, velocity: Sequence[arb], length: float) -> FloatArray:
        """About log2 of √G_ii |β_i| at most on a step of that length, (d,)."""
        plus, minus = float_distances(start)
        moved = np.array([float(v) for v in velocity]) * (_FARTHER * length * self.per_unit)
        nearest = np.minimum(plus - np.maximum(moved, 0), minus - np.maximum(-moved, 0))
        found: FloatArray = self._link.log2_value(nearest) + self._weights
        return found

    def arrival(self, start: Distances, velocity: Sequence[arb]) -> float:
        """When the first dual arrives at a threshold if all go straight on; ∞ for none."""
        speeds = np.array([float(v) for v in velocity]) * self.per_unit
        times = [math.inf]
        for distances, ahead in zip(float_distances(start), (speeds, -speeds), strict=True):
            there = (ahead > 0) & (distances > 0) & np.isfinite(distances)
            with np.errstate(over="ignore"):
                times.extend((distances[there] / ahead[there]).tolist())
        return min(times)

    def weight(self, i: int) -> float:
        """log2 √G_ii."""
        return float(self._weights[i])

    def straight_length(
        self, start: Distances, velocity: Sequence[arb], length: float, bits: int, degree: int
    ) -> float:
        """The longest step, up to 64 times as long, whose tail seems right if the dual goes straight on."""
        exponents = _ellipses(bits, degree)
        lengths = (length * self.per_unit) * _LENGTHS
        moved = np.array([float(v) for v in velocity]) * (lengths[:, None, None] / 2)
        rho = np.exp2(exponents)
        spread = np.abs(moved) * ((rho + 1 / rho) / 2)[:, None]
        sizes = self._log2_force(float_distances(start), moved, spread).max(axis=-1)
        tails = (sizes - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))).min(axis=1)
        right = np.flatnonzero(tails + 2 + bits + 3 <= 0)
        return length * float(_LENGTHS[min(right[0] + 1, len(lengths) - 1)] if right.size else _LENGTHS[-1])

    def best_ellipse(
        self, centre: Distances, logs: FloatArray, bits: int, seen: Sequence[int]
    ) -> tuple[float, float]:
        """The ρ that seems to give the least interpolation tail of those β, and about log2 of that tail.

        centre and logs describe the dual on the step in units of ε: the distances at its mean, and log2 of
        the magnitudes of its Chebyshev coefficients of order 1 to N + 1, (d, N+1).
        """
        degree = logs.shape[1] - 1
        exponents = _ellipses(bits, degree)
        shifts, weights, tops = _heights(bits, degree)
        with np.errstate(over="ignore"):
            spread = np.ldexp(weights @ np.exp2(logs + shifts).T, tops[:, None])
        sizes = self._log2_force(float_distances(centre), 0.0, spread)
        largest = sizes[:, list(seen)].max(axis=-1, initial=-np.inf)
        tails = largest - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))
        best = int(np.argmin(tails))
        return float(2.0 ** exponents[best]), float(tails[best]) + 2

    def _log2_force(self, start: FloatDistances, moved: FloatArray | float, spread: FloatArray) -> FloatArray:
        """About log2 of how much √G_ii β_i changes within the spread of a dual that has moved from there.

        All (…, d) in units of ε.
        """
        with np.errstate(invalid="ignore"):
            plus = self._link.log2_change(start[0] - moved, spread)
            minus = self._link.log2_change(start[1] + moved, spread)
        found: FloatArray = np.maximum(plus, minus) + self._weights
        return found


@lru_cache(maxsize=32)
def _heights(bits: int, degree: int) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Shifts, (N+1,), weights, (m, N+1), and tops, (m,): (ρ^k + ρ^−k)/2 is 2^shift_k·2^top times a weight."""
    orders = np.arange(1, degree + 2)
    shifts = orders * (bits + 8) / degree
    heights = orders * _ellipses(bits, degree)[:, None]
    logs = heights + np.log2(1 + np.exp2(-2 * heights)) - 1 - shifts
    tops = np.ceil(logs.max(axis=1))
    return shifts, np.exp2(logs - tops[:, None]), tops.astype(np.int64)


@lru_cache(maxsize=32)
def _ellipses(bits: int, degree: int) -> FloatArray:
    """log2 of the ρ that are tried."""
    return np.linspace(0.1, 1.6, 14) * (bits + 8) / degree
