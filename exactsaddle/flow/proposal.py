"""Newton's method in floats for one collocation step: it proposes, and nothing here is trusted.

Unknown: the slopes v = w' at the Chebyshev nodes of a step, with w = w_0 + Qv; equation v = f(w).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from exactsaddle.flow.chebyshev import Basis, FloatArray
from exactsaddle.flow.vector_field import BallField

MAX_NEWTON = 14
_NEWTON_DONE = 1e-6
"""The change of 2ℓs below which Newton's method has done its part: the next change is its square."""
_OVERFLOW = 1e60
_INERT = 1e-12
"""A coordinate whose h·G_ii·dβ_i/ds_i stays below this does not matter to the Jacobian."""


@dataclass(frozen=True, eq=False)
class Jacobian:
    """The linearised equations, reduced to the duals that matter.

    With A the coordinates that are not inert, a change v of the slopes moves their duals by
    x = Qv R_A, and v + (x ⊙ rate) G_A,P = residual becomes (I + Q ∘ G_AA rate) x = Q residual R_A.
    """

    operator: FloatArray
    into: FloatArray
    back: FloatArray
    matrix: FloatArray

    def solve(self, residual: FloatArray) -> FloatArray | None:
        """The change of the slopes, (N+1, k), whose linear effect is the residual; None if singular."""
        moved = self.operator @ residual @ self.into
        try:
            x = np.linalg.solve(self.matrix, moved.reshape(-1)).reshape(moved.shape)
        except np.linalg.LinAlgError:
            return None
        change: FloatArray = residual - np.einsum("qa,qak->qk", x, self.back)
        return change if np.isfinite(change).all() else None


@dataclass(frozen=True, eq=False)
class Proposal:
    """Chebyshev coefficients of w' on the step, (N+1, k), and the Jacobian to refine them with."""

    slope: FloatArray
    jacobian: Jacobian


class Proposer:
    """Proposes steps of one field with one basis."""

    def __init__(self, field: BallField, basis: Basis) -> None:
        self.basis = basis
        self.reduction = _floats(field.reduction)
        self.gram_rows = _floats(field.gram_rows)
        self.gram = self.reduction.T @ self.gram_rows
        self.correlation = np.array([float(value) for value in field.correlation])
        self.gain = float(field.gain)
        self.shifts = [
            np.array([-math.inf if shift is None else float(shift) for shift in shifts])
            for shifts in (field.plus_shift, field.minus_shift)
        ]

    def propose(self, dual_start: Sequence[arb], length: float) -> Proposal | None:
        """Newton's method from a constant slope; None where it does not converge."""
        dual = np.array([float(value) for value in dual_start])
        operator = (length / 2) * self.basis.node_integrals
        beta, _ = self._beta(dual)
        slopes = np.tile(self.correlation - self.gram_rows @ beta, (len(operator), 1))
        for _ in range(MAX_NEWTON):
            beta, rate = self._beta(dual + (operator @ slopes) @ self.reduction)
            if not rate.max(initial=0) < _OVERFLOW:
                return None
            residual = slopes - self.correlation + beta @ self.gram_rows.T
            jacobian = self._jacobian(operator, rate, length)
            change = jacobian.solve(residual)
            if change is None:
                return None
            slopes = slopes - change
            moved = self.gain * np.abs(operator @ change @ jacobian.into).max(initial=0)
            if moved < _NEWTON_DONE:
                return Proposal(self.basis.coefficients @ slopes, jacobian)
        return None

    def best_ellipse(self, centre: Sequence[arb], logs: FloatArray, bits: int) -> float:
        """The ρ that seems to give the least interpolation tail.

        centre and logs describe the dual on the step: its mean, (d,), and log2 of the magnitudes of its
        Chebyshev coefficients of order 1 to N + 1, (N+1, d).
        """
        middle = np.array([float(value) for value in centre])
        degree = self.basis.degree
        exponents = np.linspace(0.1, 1.6, 26) * (bits + 8) / degree
        orders = np.arange(1, len(logs) + 1)
        with np.errstate(over="ignore"):
            powers = np.exp2(logs[None] + orders[None, :, None] * exponents[:, None, None] - 1)
        spread = powers.sum(axis=1)
        largest = np.maximum(
            self.gain * (middle + spread) + self.shifts[0], self.gain * (spread - middle) + self.shifts[1]
        ).max(axis=1)
        tails = largest / math.log(2) - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))
        return float(2.0 ** exponents[int(np.argmin(tails))])

    def _beta(self, dual: FloatArray) -> tuple[FloatArray, FloatArray]:
        with np.errstate(over="ignore"):
            plus = np.exp(self.gain * dual + self.shifts[0]) / 2
            minus = np.exp(self.shifts[1] - self.gain * dual) / 2
            return plus - minus, self.gain * (plus + minus)

    def _jacobian(self, operator: FloatArray, rate: FloatArray, length: float) -> Jacobian:
        active = np.flatnonzero(rate.max(axis=0) * np.diagonal(self.gram) * length > _INERT)
        weights = rate[:, active]
        order = weights.size
        block = self.gram[np.ix_(active, active)][None, :, None, :] * weights[None, None]
        matrix = (operator[:, None, :, None] * block).reshape(order, order) + np.eye(order)
        back = weights[:, :, None] * self.gram_rows.T[active][None]
        return Jacobian(operator, self.reduction[:, active], back, matrix)


def _floats(matrix: arb_mat) -> FloatArray:
    flat = np.array([float(value) for value in matrix.entries()])
    return flat.reshape(matrix.nrows(), matrix.ncols())
