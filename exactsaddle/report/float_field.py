"""The equations of the flow in binary64, for drawings.

Equations (general thresholds, MATHEMATICS.md §2) in coordinates c ∈ R^k of s = s_0 + Rᵀc, where X/√n = QR:

    c' = Qᵀy/√n − Rβ(s),   β_i(s) = ½(exp(2ℓ(s_i − c⁺_i)) − exp(−2ℓ(s_i + c⁻_i))),   c(0) = 0,

because RᵀR = G and RᵀQᵀy/√n = r. The Jacobian −R diag(∂β/∂s) Rᵀ is symmetric, and exponents, not powers
of α, are formed, so that no α underflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_float
from exactsaddle.problem import Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FloatField:
    """The data of the equations in binary64. An infinite threshold is math.inf: its term is exp(−∞) = 0."""

    design: Floats
    target: Floats
    upper: Floats
    lower: Floats
    start: Floats
    root: Floats
    pull: Floats

    @classmethod
    def of(cls, problem: Problem) -> FloatField:
        """The field of a problem; raises InvalidInput where its numbers leave the range of binary64."""
        design = np.array([[to_float(value) for value in row] for row in problem.design_matrix.rows()])
        target = np.array([to_float(value) for value in problem.target_vector])
        upper, lower = (
            np.array([_or_infinite(problem.threshold(i, side)) for i in range(problem.d)]) for side in (1, -1)
        )
        start = np.array([to_float(value) for value in problem.dual_vector])
        if not (np.isfinite(design).all() and np.isfinite(target).all()):
            raise InvalidInput(
                "the data are beyond the range of binary64: the flow cannot be drawn in floats"
            )
        orthogonal, root = np.linalg.qr(design / math.sqrt(len(target)))
        return cls(design, target, upper, lower, start, root, orthogonal.T @ target / math.sqrt(len(target)))

    def beta(self, duals: Floats, gain: float) -> Floats:
        """β at duals (..., d), with gain = 2ℓ; infinite where it overflows."""
        plus, minus = self._exponentials(duals, gain)
        return plus - minus

    def velocity(self, state: Floats, gain: float) -> Floats:
        """c' at c, (k,)."""
        found: Floats = self.pull - self.root @ self.beta(self.dual(state), gain)
        return found

    def jacobian(self, state: Floats, gain: float) -> Floats:
        """−R diag(∂β/∂s) Rᵀ, (k, k)."""
        plus, minus = self._exponentials(self.dual(state), gain)
        found: Floats = -(self.root * (gain * (plus + minus))) @ self.root.T
        return found

    def dual(self, state: Floats) -> Floats:
        """s = s_0 + Rᵀc for c of shape (..., k)."""
        found: Floats = self.start + state @ self.root
        return found

    def loss(self, betas: Floats) -> Floats:
        """L at betas (m, d)."""
        residuals = self.target - betas @ self.design.T
        found: Floats = (residuals**2).sum(axis=1) / (2 * len(self.target))
        return found

    def _exponentials(self, duals: Floats, gain: float) -> tuple[Floats, Floats]:
        with np.errstate(over="ignore"):  # Radau refuses a trial step that is not finite
            return np.exp(gain * (duals - self.upper)) / 2, np.exp(-gain * (duals + self.lower)) / 2


def _or_infinite(threshold: fmpq | None) -> float:
    return math.inf if threshold is None else to_float(threshold)
