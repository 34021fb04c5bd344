"""Newton's method in floats for one collocation step: it proposes, and nothing here is trusted.

Unknown: the slopes v = w' at the Chebyshev nodes of a step, with w = w_0 + Qv; equation v = f(w). A few nodes
are enough for the digits of a float: most of the work is done there, and what they find is the start on all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb

from exactsaddle.flow.float_basis import FloatBasis, float_basis
from exactsaddle.flow.float_field import Distances, FloatField
from exactsaddle.flow.jacobian import Jacobian
from exactsaddle.flow.vector_field import BallField
from exactsaddle.problem import FloatArray

MAX_NEWTON = 14
_COARSE = 24
"""The degree with which Newton's method starts."""
_COARSE_DONE, _DONE = 1e-3, 1e-9
"""The relative change of β below which Newton's method has done its part: the next change is its square."""
_KEEP = 1e-3
"""The relative change of β, hence of the rates, for which a Jacobian is kept."""
_ROUGH = 1e-5
"""To how much of it the linear systems of Newton's method are solved."""
_OVERFLOW = 1e60
_STIFF = 10.0
"""Where h·G_ii·dβ_i/ds_i is above this, Newton's method starts from a dual that rests."""
NEAR_BITS = 20
_LENGTHS = np.geomspace(4, 1 / 50, 48)
"""Times the last one: lengths of the next step that are tried."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """Chebyshev coefficients of w' on the step, (N+1, k), and the Jacobian to refine them with."""

    slope: FloatArray
    jacobian: Jacobian


class Proposer:
    """Proposes steps of one field with collocation of one degree."""

    def __init__(self, field: BallField, degree: int) -> None:
        self.field = FloatField(field)
        self.basis = float_basis(degree)
        self._levels = [(self.basis, _DONE)]
        if degree > _COARSE:
            self._levels.insert(0, (float_basis(_COARSE), _COARSE_DONE))

    def propose(self, dual_start: Sequence[arb], length: float) -> Proposal | None:
        """Newton's method from a constant slope; None where it does not converge."""
        field, scaled = self.field, self.field.per_unit * length
        distances = field.distances(dual_start)
        beta, rate = field.link(distances, np.zeros_like(distances[0]))
        slope = field.force(beta)[None]
        stiff = scaled * (rate * np.diagonal(field.gram))[field.pivots] > _STIFF
        slope[:, stiff] = -field.drift[field.pivots][stiff]
        found: Proposal | None = None
        for basis, enough in self._levels:
            found = self._newton(basis, enough, distances, slope, scaled)
            if found is None:
                return None
            slope = found.slope
        return found

    def _newton(
        self, basis: FloatBasis, enough: float, start: Distances, slope: FloatArray, length: float
    ) -> Proposal | None:
        field = self.field
        operator = (length / 2) * basis.integrals
        drifted = np.multiply.outer(operator.sum(axis=1), field.drift)
        slopes = basis.values[:, : len(slope)] @ slope
        relative = math.inf
        jacobian: Jacobian | None = None
        for _ in range(MAX_NEWTON):
            moved = (operator @ slopes) @ field.reduction + drifted
            beta, rate = field.link(start, moved)
            if not rate.max(initial=0) < _OVERFLOW:
                return None
            if jacobian is None or relative > _KEEP:
                jacobian = Jacobian(field, basis, length, rate)
            change = jacobian.solve(slopes - field.force(beta), _ROUGH)
            if change is None:
                return None
            slopes = slopes - change
            relative = jacobian.relative_change(change, field.reach(start, moved))
            if relative < enough:
                return Proposal(basis.coefficients @ slopes, jacobian)
        return None

    def near(self, dual_start: Sequence[arb], length: float) -> list[int]:
        """Who must be in the span of the pivots in A for a step of that length, the nearest first.

        Its β changes by a factor e within 2^−NEAR_BITS of the length.
        """
        distances = self.field.distances(dual_start)
        reach = self.field.reach(distances, np.zeros_like(distances[0]))
        order = np.argsort(reach, kind="stable")
        return [int(i) for i in order if reach[i] < self.field.per_unit * length * 2.0**-NEAR_BITS]

    def straight_length(
        self, dual: Sequence[arb], velocity: Sequence[arb], length: float, bits: int
    ) -> float:
        """The longest step, up to 4 times as long, whose tail seems right if the dual goes straight on."""
        exponents, degree = self._ellipses(bits), self.basis.degree
        lengths = length * _LENGTHS
        moved = np.array([float(v) for v in velocity]) * (lengths[:, None, None] / 2)
        rho = np.exp2(exponents)
        spread = np.abs(moved) * ((rho + 1 / rho) / 2)[:, None]
        sizes = self.field.log2_force_around(self.field.distances(dual), moved, spread)
        tails = (sizes - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))).min(axis=1)
        right = np.flatnonzero(tails + 2 + bits + 3 <= 0)
        return float(lengths[min(right[0] + 1, len(lengths) - 1)] if right.size else lengths[-1])

    def _ellipses(self, bits: int) -> FloatArray:
        """log2 of the ρ that are tried."""
        return np.linspace(0.1, 1.6, 26) * (bits + 8) / self.basis.degree

    def best_ellipse(self, centre: Sequence[arb], logs: FloatArray, bits: int) -> tuple[float, float]:
        """The ρ that seems to give the least interpolation tail, and about log2 of that tail.

        centre and logs describe the dual on the step: its mean, (d,), and log2 of the magnitudes of its
        Chebyshev coefficients of order 1 to N + 1, (d, N+1).
        """
        degree = self.basis.degree
        exponents = self._ellipses(bits)
        orders = np.arange(1, degree + 2)
        with np.errstate(over="ignore"):
            powers = np.exp2(logs + orders * exponents[:, None, None] - 1)
        sizes = self.field.log2_force(centre, powers.sum(axis=2))
        tails = sizes - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))
        best = int(np.argmin(tails))
        return float(2.0 ** exponents[best]), float(tails[best]) + 2
