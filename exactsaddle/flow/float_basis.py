"""Collocation at Chebyshev nodes in binary64, for proposals (chebyshev.py has the balls)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from exactsaddle.problem import FloatArray

_STEPS = 4
"""Resolvents are kept for so many μ an octave."""
_NONE = 2.0**-20
"""μ below which it is nothing."""


@dataclass(frozen=True, eq=False)
class FloatBasis:
    """Degree N on [−1, 1], its N + 1 nodes descending as in chebyshev.py.

    values: (N+1, N+1), T_k at node q. coefficients: node values to coefficients. integrals: node values to
    the integrals from −1 to each node; derivatives is its inverse. weights: node values to about their mean.
    """

    degree: int
    values: FloatArray
    coefficients: FloatArray
    integrals: FloatArray
    derivatives: FloatArray
    weights: FloatArray

    def resolvents(self, stiffness: FloatArray) -> FloatArray:
        """(1 + μ·integrals)⁻¹ for each of those μ ≥ 0, to within 9 % of μ: (…, N+1, N+1)."""
        with np.errstate(divide="ignore"):
            steps = np.rint(_STEPS * np.log2(np.maximum(stiffness, _NONE)))
        return np.array([_resolvent(self.degree, int(step)) for step in steps])


@lru_cache(maxsize=512)
def _resolvent(degree: int, step: int) -> FloatArray:
    found: FloatArray = np.linalg.inv(
        np.eye(degree + 1) + 2.0 ** (step / _STEPS) * float_basis(degree).integrals
    )
    return found


@lru_cache(maxsize=16)
def float_basis(degree: int) -> FloatBasis:
    """The FloatBasis of that degree ≥ 2."""
    size = degree + 1
    angles = (2 * np.arange(size) + 1) * np.pi / (2 * size)
    orders = np.arange(size + 1)
    table = np.cos(np.outer(angles, orders))
    values = table[:, :size]
    coefficients = values.T * (2 / size)
    coefficients[0] /= 2
    nodes = table[:, 1]
    moved = np.empty((size, size))
    moved[:, 0], moved[:, 1] = nodes + 1, (nodes**2 - 1) / 2
    k = orders[2:size]
    moved[:, 2:] = table[:, 3:] / (2 * (k + 1)) - table[:, 1 : size - 1] / (2 * (k - 1))
    moved[:, 2:] -= np.where(k % 2, -1.0, 1.0) / (k * k - 1.0)
    integrals = moved @ coefficients
    weights = np.sin(angles) / np.sin(angles).sum()
    return FloatBasis(degree, values, coefficients, integrals, np.linalg.inv(integrals), weights)
