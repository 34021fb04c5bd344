"""Matrices of balls in floats: sums of products with a-priori errors, which hold in any order of summation.

Radii are not rounded upwards one by one: every bound is larger by far more than its own rounding.
Source: Higham, Accuracy and Stability of Numerical Algorithms, §3.1, γ_n = nu/(1 − nu).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from exactsaddle.problem import FloatArray

_UNIT = 2.0**-52
"""Twice the unit roundoff."""
_ABOVE = 1 + 2.0**-30
"""What a bound is multiplied by for its own rounding: of sums of fewer than 2^20 terms."""
_LEAST = 2.0**-1000
"""What underflow loses of a sum at most."""


@dataclass(frozen=True, eq=False)
class FloatBalls:
    """Middles and radii ≥ 0 of one shape."""

    middles: FloatArray
    radii: FloatArray

    @classmethod
    def of(cls, matrix: arb_mat, middles: FloatArray | None = None) -> FloatBalls:
        """A matrix of balls, whose middles may be known; what rounding to floats loses is in the radii."""
        middles = floats(matrix) if middles is None else middles
        return cls(middles, radii(matrix) + (_UNIT * np.abs(middles) + _LEAST))

    @classmethod
    def nearly(cls, matrix: arb_mat) -> FloatBalls:
        """The same in less time: the radii of a row are their sum."""
        middles = floats(matrix)
        return cls(middles, row_radii(matrix)[:, None] + (_UNIT * np.abs(middles) + _LEAST))

    @classmethod
    def exact(cls, middles: FloatArray, radii: FloatArray | float = 0.0) -> FloatBalls:
        """Floats that are what they are, or within those radii."""
        return cls(middles, np.broadcast_to(np.asarray(radii, dtype=np.float64), middles.shape))

    @property
    def magnitude(self) -> FloatArray:
        """Upper bounds of absolute values."""
        found: FloatArray = (np.abs(self.middles) + self.radii) * _ABOVE
        return found

    def __matmul__(self, other: FloatBalls) -> FloatBalls:
        """The product of two matrices, of fewer than 2^20 columns here."""
        rounding = _UNIT * (self.middles.shape[1] + 2)
        right = np.abs(other.middles)
        inner = np.abs(self.middles) @ (other.radii + rounding * right)
        error = (inner + self.radii @ (right + other.radii)) * _ABOVE + _LEAST
        return FloatBalls(self.middles @ other.middles, error)

    def __mul__(self, other: FloatBalls) -> FloatBalls:
        """The product entry by entry."""
        middles = self.middles * other.middles
        error = self.radii * (np.abs(other.middles) + other.radii) + np.abs(self.middles) * other.radii
        return FloatBalls(middles, (error + _UNIT * np.abs(middles)) * _ABOVE + _LEAST)

    def __sub__(self, other: FloatBalls) -> FloatBalls:
        middles = self.middles - other.middles
        return FloatBalls(middles, (self.radii + other.radii + _UNIT * np.abs(middles)) * _ABOVE)


def floats(matrix: arb_mat) -> FloatArray:
    """The middles of a matrix of balls."""
    flat = np.fromiter(map(float, matrix.entries()), np.float64)
    return flat.reshape(matrix.nrows(), matrix.ncols())


def radii(matrix: arb_mat) -> FloatArray:
    """The radii of a matrix of balls, rounded up."""
    flat = np.fromiter(map(float, map(arb.rad, matrix.entries())), np.float64)
    return flat.reshape(matrix.nrows(), matrix.ncols()) * (1 + 2.0**-50)


def row_spreads(matrix: arb_mat) -> list[arb]:
    """Sums of the radii of each row, rounded up: exact numbers, however small."""
    columns = matrix.ncols()
    found = (matrix - matrix.mid()) * arb_mat(columns, 1, [1] * columns)
    return [value.rad() for value in found.entries()]


def row_radii(matrix: arb_mat) -> FloatArray:
    """``row_spreads`` in floats."""
    return np.fromiter(map(float, row_spreads(matrix)), np.float64) * (1 + 2.0**-50)


def row_peaks(matrix: arb_mat, scale: arb) -> list[arb]:
    """The largest magnitude in each row, rounded up: exact numbers that floats hold times that scale."""
    found = FloatBalls.nearly(matrix * scale).magnitude.max(axis=1, initial=0)
    return [(arb(peak) / scale).upper() for peak in found.tolist()]
