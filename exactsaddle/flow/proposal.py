"""Newton's method in floats for one collocation step: it proposes, and nothing here is trusted.

Unknown: by how much the slopes v = w' at the Chebyshev nodes of a step differ from f(w_0), which balls know
to all digits: v = f(w_0) + e with e = f(w_0 + Qv) − f(w_0) has the digits of a float however small e is. A
few nodes are enough for those: most of the work is done there, and what they find is the start on all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb
from numpy.typing import NDArray

from exactsaddle.flow.float_basis import FloatBasis, float_basis
from exactsaddle.flow.float_field import FloatDistances, FloatField, float_distances
from exactsaddle.flow.jacobian import Jacobian
from exactsaddle.flow.vector_field import BallField, Distances
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
_LENGTHS = np.geomspace(64, 1 / 64, 72)
"""Times the last one: lengths of the next step that are tried."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """Chebyshev coefficients of w' − g on the step, (N+1, k), and the Jacobian to refine them with.

    g is f(w_0), but where ``resting``, (k,), what makes the dual rest: 0, or −μ where it drifts.
    """

    slope: FloatArray
    resting: NDArray[np.bool_]
    jacobian: Jacobian


@dataclass(frozen=True, eq=False)
class _Start:
    """Where a step starts: distances, f(w_0), and g of ``Proposal``."""

    distances: FloatDistances
    velocity: FloatArray
    known: FloatArray


class Proposer:
    """Proposes steps of one field with collocation of one degree."""

    def __init__(self, field: BallField, degree: int) -> None:
        self.field = FloatField(field)
        self.basis = float_basis(degree)
        self._levels = [(self.basis, _DONE)]
        if degree > _COARSE:
            self._levels.insert(0, (float_basis(_COARSE), _COARSE_DONE))

    def propose(self, start: Distances, force: Sequence[arb], length: float) -> Proposal | None:
        """Newton's method from a constant slope; None where it does not converge."""
        field, scaled = self.field, self.field.per_unit * length
        distances = float_distances(start)
        _, rate = field.link(distances, np.zeros_like(distances[0]))
        velocity = np.array([float(value) for value in force])
        resting = scaled * (rate * np.diagonal(field.gram))[field.pivots] > _STIFF
        known = _Start(distances, velocity, np.where(resting, -field.drift[field.pivots], velocity))
        slope = np.zeros((1, len(velocity)))
        for basis, enough in self._levels:
            found = self._newton(basis, enough, known, slope, scaled)
            if found is None:
                return None
            slope, jacobian = found
        return Proposal(slope, resting, jacobian)

    def _newton(
        self, basis: FloatBasis, enough: float, start: _Start, slope: FloatArray, length: float
    ) -> tuple[FloatArray, Jacobian] | None:
        field = self.field
        operator = (length / 2) * basis.integrals
        drifted = np.multiply.outer(operator.sum(axis=1), field.drift)
        slopes = basis.values[:, : len(slope)] @ slope
        relative = math.inf
        jacobian: Jacobian | None = None
        for _ in range(MAX_NEWTON):
            moved = (operator @ (start.known + slopes)) @ field.reduction + drifted
            differences, rate = field.link(start.distances, moved)
            if not rate.max(initial=0) < _OVERFLOW:
                return None
            if jacobian is None or relative > _KEEP:
                jacobian = Jacobian(field, basis, length, rate)
            force = (start.velocity - start.known) - differences @ field.gram_rows.T
            change = jacobian.solve(slopes - force, _ROUGH)
            if change is None:
                return None
            slopes = slopes - change
            relative = jacobian.relative_change(change, field.reach(start.distances, moved))
            if relative < enough:
                return basis.coefficients @ slopes, jacobian
        return None

    def near(self, start: Distances, length: float) -> list[int]:
        """Who must be in the span of the pivots in A for a step of that length, the nearest first.

        Its β changes by a factor e within 2^−NEAR_BITS of the length.
        """
        distances = float_distances(start)
        reach = self.field.reach(distances, np.zeros_like(distances[0]))
        order = np.argsort(reach, kind="stable")
        return [int(i) for i in order if reach[i] < self.field.per_unit * length * 2.0**-NEAR_BITS]

    def straight_length(self, start: Distances, velocity: Sequence[arb], length: float, bits: int) -> float:
        """The longest step, up to 4 times as long, whose tail seems right if the dual goes straight on."""
        exponents, degree = self._ellipses(bits), self.basis.degree
        lengths = (length * self.field.per_unit) * _LENGTHS
        moved = np.array([float(v) for v in velocity]) * (lengths[:, None, None] / 2)
        rho = np.exp2(exponents)
        spread = np.abs(moved) * ((rho + 1 / rho) / 2)[:, None]
        sizes = self.field.log2_force(float_distances(start), moved, spread)
        tails = (sizes - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))).min(axis=1)
        right = np.flatnonzero(tails + 2 + bits + 3 <= 0)
        return length * float(_LENGTHS[min(right[0] + 1, len(lengths) - 1)] if right.size else _LENGTHS[-1])

    def _ellipses(self, bits: int) -> FloatArray:
        """log2 of the ρ that are tried."""
        return np.linspace(0.1, 1.6, 26) * (bits + 8) / self.basis.degree

    def best_ellipse(self, centre: Distances, logs: FloatArray, bits: int) -> tuple[float, float]:
        """The ρ that seems to give the least interpolation tail, and about log2 of that tail.

        centre and logs describe the dual on the step in units of ε: the distances at its mean, and log2 of
        the magnitudes of its Chebyshev coefficients of order 1 to N + 1, (d, N+1).
        """
        degree = self.basis.degree
        exponents = self._ellipses(bits)
        orders = np.arange(1, degree + 2)
        heights = orders * exponents[:, None]
        with np.errstate(over="ignore"):
            powers = np.exp2(logs + (heights + np.log2(1 + np.exp2(-2 * heights)) - 1)[:, None])
        sizes = self.field.log2_force(float_distances(centre), 0.0, powers.sum(axis=2))
        tails = sizes - degree * exponents - np.log2(np.expm1(exponents * math.log(2)))
        best = int(np.argmin(tails))
        return float(2.0 ** exponents[best]), float(tails[best]) + 2
