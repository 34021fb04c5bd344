"""Bounds of the slopes of a step's polynomial on any part of it, from one table of their values in floats.

With x = cos θ on [−1, 1] a slope is f(θ) = Σ c_k cos kθ, and |f''| ≤ Σ k²|c_k|: between neighbours of a grid
of K + 1 evenly spaced θ it is no further than (π/K)²/8 times that from the straight line through their
values. The extremes of such lines are at nodes and at the ends of the interval.

On a narrow part, from m − h to m + h, Taylor's theorem bounds |f − f(m)| by Σ_j |f^(j)(m)|h^j/j!, j ≤ J, and
Σ |c_k|(kh)^(J+1)/(J+1)!: a slope that is small there is seen to be small, however steep it is elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat, fmpq

from exactsaddle.flow.accuracy import ceil_log2
from exactsaddle.flow.float_balls import floats, row_radii
from exactsaddle.flow.vector_field import matrix_of
from exactsaddle.numbers import to_float
from exactsaddle.problem import FloatArray

_CELLS = 8
"""Cells of the grid for each coefficient."""
_UNIT = 2.0**-48
"""More than a cosine of the table is off, at an angle up to 2π with three roundings; and other roundings."""
_ANGLE = 2.0**-24
"""More than an angle is off: where the cosine is flat, √(2·2^-52) for a cosine off by 2^-52."""
_ABOVE = 1 + 2.0**-30
"""What a bound is multiplied by for its own rounding."""
_LEAST = 2.0**-1000
"""What underflow loses of a sum at most."""
_ORDER = 10
"""J of the Taylor polynomial."""
_NARROW = 1.0
"""The largest Nh for which one is made."""
_LOST = 2.0**-38
"""More than what its floats lose of Σ|c_k|: an argument kθ of some hundreds is off by 2^-44, e^(Nh) < 4."""
_ORDINARY = 2.0**500
"""The largest coefficient that needs no scale; the smallest is its inverse."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """The slopes in units of their scales: values at the nodes, (d, K+1), and how far they may be off, (d,).

    Node j is θ = jπ/K. scales are powers of two, (d,): the limits of floats are none here. coefficients are
    c, (d, N+1), each row off by no more than ``rounded`` in all, (d,).
    """

    values: FloatArray
    spread: FloatArray
    coefficients: FloatArray
    rounded: FloatArray
    scales: tuple[arb, ...]

    @classmethod
    def of(cls, coefficients: arb_mat) -> Slopes:
        """Those with these Chebyshev coefficients, (d, N+1)."""
        size, known = coefficients.ncols(), floats(coefficients)
        largest, tops = np.abs(known).max(axis=1), [0] * len(known)
        if not ((1 / _ORDINARY < largest) & (largest < _ORDINARY)).all():
            rows = coefficients.tolist()
            tops = [ceil_log2(max(map(abs, row))) for row in rows]
            scaled = [[c * arb((1, -top)) for c in row] for top, row in zip(tops, rows, strict=True)]
            coefficients = matrix_of(scaled, size)
            known = floats(coefficients)
        orders, angle = np.arange(size), np.pi / (_CELLS * size)
        off = orders**2 * angle**2 / 8 + orders * _ANGLE + (size + 2) * _UNIT
        rounded = row_radii(coefficients)
        spread = (rounded + np.abs(known) @ off) * _ABOVE + _LEAST
        return cls(known @ _cosines(size), spread, known, rounded, tuple(arb((1, top)) for top in tops))

    def over(self, first: fmpq, last: fmpq) -> list[arb]:
        """Balls that contain each slope throughout [first, last], which is part of [−1, 1]; (d,)."""
        low, high = self._near(*(math.acos(to_float(x)) for x in (last, first)))
        each = zip(low.tolist(), high.tolist(), self.scales, strict=True)
        return [arb(p).union(arb(q)) * scale for p, q, scale in each]

    def _near(self, begin: float, end: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds between two angles, (d,) each."""
        half = (end - begin) / 2 + _ANGLE
        if half * self.coefficients.shape[1] <= _NARROW:
            return self._by_taylor((begin + end) / 2, half)
        cells = self.values.shape[1] - 1
        right, left = (angle * (cells / math.pi) for angle in (begin, end))
        ends = self._between(right), self._between(left)
        inner = self.values[:, math.ceil(right) : int(left) + 1]
        low, high = np.minimum(*ends), np.maximum(*ends)
        if inner.size:
            low, high = np.minimum(low, inner.min(axis=1)), np.maximum(high, inner.max(axis=1))
        return low - self.spread, high + self.spread

    def _by_taylor(self, middle: float, half: float) -> tuple[FloatArray, FloatArray]:
        """The same between middle − half and middle + half."""
        k = np.arange(self.coefficients.shape[1])
        # (kh)^j/j!, (J+2, N+1), and derivatives of cos kθ over k^j, but for a sign that all k share
        parts = np.cumprod(
            np.vstack([np.ones(len(k)), *(k * half / j for j in range(1, _ORDER + 2))]), axis=0
        )
        waves = np.array([np.cos(k * middle), np.sin(k * middle)])[np.arange(_ORDER + 1) % 2]
        terms = self.coefficients @ (parts[:-1] * waves).T
        left = np.abs(self.coefficients) @ (parts[-1] + _LOST) + self.rounded
        beyond = (np.abs(terms[:, 1:]).sum(axis=1) + left) * _ABOVE + _LEAST
        return terms[:, 0] - beyond, terms[:, 0] + beyond

    def _between(self, place: float) -> FloatArray:
        """On the lines at that many cells from θ = 0."""
        node = min(int(place), self.values.shape[1] - 2)
        start = self.values[:, node]
        found: FloatArray = start + (place - node) * (self.values[:, node + 1] - start)
        return found


@lru_cache(maxsize=16)
def _cosines(size: int) -> FloatArray:
    """cos kθ for k < size at the nodes, (size, K+1)."""
    cells = _CELLS * size
    table = np.cos(np.arange(2 * cells) * (np.pi / cells))
    found: FloatArray = table[np.outer(np.arange(size), np.arange(cells + 1)) % (2 * cells)]
    return found
