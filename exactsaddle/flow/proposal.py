"""Newton's method in floats for one collocation step: it proposes, and nothing here is trusted.

Unknown: the slopes v = w' at the Chebyshev nodes of a step, with w = w_0 + Qv; equation v = f(w).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from exactsaddle.flow.chebyshev import Basis
from exactsaddle.flow.vector_field import BallField
from exactsaddle.problem import FloatArray

MAX_NEWTON = 14
_NEWTON_DONE = 1e-6
"""The relative change of β below which Newton's method has done its part: the next change is its square."""
_OVERFLOW = 1e60
_STIFF = 10.0
"""Where h·G_ii·dβ_i/ds_i is above this, Newton's method starts from a dual that rests."""
NEAR_BITS = 20
_INERT = 1e-12
"""A coordinate whose h·G_ii·dβ_i/ds_i stays below this does not matter to the Jacobian."""


@dataclass(frozen=True, eq=False)
class Jacobian:
    """The linearised equations, reduced to the duals that matter.

    With A the coordinates that are not inert, a change v of the slopes moves their duals by
    x = Qv R_A, and v + (x ⊙ rate) G_A,P = residual becomes (I + Q ∘ G_AA rate) x = Q residual R_A.
    Of a pivot in A, v is taken from x, v = Q⁻¹x: on a stiff plateau the other way is a difference of numbers
    of order 1, and what is left of it must be small beside a distance that may be 1e-100.
    """

    active: NDArray[np.intp]
    operator: FloatArray
    into: FloatArray
    back: FloatArray
    matrix: FloatArray
    pivots: list[tuple[int, int]]
    """(a, position in A) of each pivot of A."""

    def solve(self, residual: FloatArray) -> FloatArray | None:
        """The change of the slopes, (N+1, k), whose linear effect is the residual; None if singular."""
        moved = self.operator @ residual @ self.into
        try:
            x = np.linalg.solve(self.matrix, moved.reshape(-1)).reshape(moved.shape)
        except np.linalg.LinAlgError:
            return None
        change: FloatArray = residual - np.einsum("qa,qak->qk", x, self.back)
        rows, positions = [a for a, _ in self.pivots], [position for _, position in self.pivots]
        change[:, rows] = np.linalg.solve(self.operator, x[:, positions])
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
        self.pivots = list(field.flow.pivots)
        self.reduction = _floats(field.reduction)
        self.gram_rows = _floats(field.gram_rows)
        self.gram = self.reduction.T @ self.gram_rows
        self.correlation = np.array([float(value) for value in field.correlation])
        self.per_unit = float(field.per_unit)
        self.field = field

    def propose(self, dual_start: Sequence[arb], length: float) -> Proposal | None:
        """Newton's method from a constant slope; None where it does not converge."""
        distances = self._distances(dual_start)
        operator = (self.per_unit * length / 2) * self.basis.node_integrals
        beta, rate, _ = self._beta(distances, np.zeros_like(distances[0]))
        slopes = np.tile(self.correlation - self.gram_rows @ beta, (len(operator), 1))
        stiff = np.abs(operator).sum(axis=1).max() * (rate * np.diagonal(self.gram))[self.pivots] > _STIFF
        slopes[:, stiff] = 0
        for _ in range(MAX_NEWTON):
            beta, rate, reach = self._beta(distances, (operator @ slopes) @ self.reduction)
            if not rate.max(initial=0) < _OVERFLOW:
                return None
            residual = slopes - self.correlation + beta @ self.gram_rows.T
            jacobian = self._jacobian(operator, rate)
            change = jacobian.solve(residual)
            if change is None:
                return None
            slopes = slopes - change
            active = jacobian.active
            relative = np.abs(operator @ change @ jacobian.into) / reach[:, active]
            if relative.max(initial=0) < _NEWTON_DONE:
                return Proposal(self.basis.coefficients @ slopes, jacobian)
        return None

    def best_ellipse(self, centre: Sequence[arb], logs: FloatArray, bits: int) -> float:
        """The ρ that seems to give the least interpolation tail.

        centre and logs describe the dual on the step: its mean, (d,), and log2 of the magnitudes of its
        Chebyshev coefficients of order 1 to N + 1, (N+1, d).
        """
        degree = self.basis.degree
        exponents = np.linspace(0.1, 1.6, 26) * (bits + 8) / degree
        orders = np.arange(1, len(logs) + 1)
        units = logs + math.log2(self.per_unit)
        with np.errstate(over="ignore"):
            powers = np.exp2(units[None] + orders[None, :, None] * exponents[:, None, None] - 1)
        spread = powers.sum(axis=1)
        sides = [self.field.link.log2(x - spread) for x in self._distances(centre)]
        largest = np.maximum(*sides).max(axis=1)
        tails = largest - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))
        return float(2.0 ** exponents[int(np.argmin(tails))])

    def _distances(self, dual: Sequence[arb]) -> tuple[FloatArray, FloatArray]:
        """x⁺ and x⁻ in units of ε, each (d,), infinite where there is no threshold."""
        pairs = [self.field.distances(i, s) for i, s in enumerate(dual)]
        plus, minus = (
            [math.inf if x is None else float(x) for x in side] for side in zip(*pairs, strict=True)
        )
        return np.array(plus), np.array(minus)

    def _beta(
        self, distances: tuple[FloatArray, FloatArray], moved: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """β, dβ/ds·ε and the reach of the nearer side where the dual has moved that far, in units of ε."""
        link, left, right = self.field.link, distances[0] - moved, distances[1] + moved
        plus, steep_plus = link.floats(left)
        minus, steep_minus = link.floats(right)
        return plus - minus, steep_plus + steep_minus, link.reach(np.minimum(left, right))

    def near(self, dual_start: Sequence[arb], length: float) -> list[int]:
        """Who must be in the span of the pivots in A for a step of that length, the nearest first.

        Its β changes by a factor e within 2^−NEAR_BITS of the length.
        """
        reach = self.field.link.reach(np.minimum(*self._distances(dual_start)))
        order = np.argsort(reach, kind="stable")
        return [int(i) for i in order if reach[i] < self.per_unit * length * 2.0**-NEAR_BITS]

    def _jacobian(self, operator: FloatArray, rate: FloatArray) -> Jacobian:
        reach = np.abs(operator).sum(axis=1).max(initial=0)
        active = np.flatnonzero(rate.max(axis=0) * np.diagonal(self.gram) * reach > _INERT)
        weights = rate[:, active]
        order = weights.size
        block = self.gram[np.ix_(active, active)][None, :, None, :] * weights[None, None]
        matrix = (operator[:, None, :, None] * block).reshape(order, order) + np.eye(order)
        back = weights[:, :, None] * self.gram_rows.T[active][None]
        position = {int(i): p for p, i in enumerate(active)}
        pivots = [(a, position[i]) for a, i in enumerate(self.pivots) if i in position]
        return Jacobian(active, operator, self.reduction[:, active], back, matrix, pivots)


def _floats(matrix: arb_mat) -> FloatArray:
    flat = np.array([float(value) for value in matrix.entries()])
    return flat.reshape(matrix.nrows(), matrix.ncols())
