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
from exactsaddle.flow.vector_field import Distances
from exactsaddle.problem import FloatArray

MAX_NEWTON = 14
_COARSE = 23
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


@dataclass(frozen=True, eq=False)
class Proposal:
    """v − g, (N+1, a), and β_W, (N+1, |W|), at the nodes of the step, and the Jacobian to refine v with.

    coefficients are those of v, (a, N+1).

    g is f(w_0), but where ``resting``, (a,), what makes the dual rest: 0, or −μ where it drifts.
    """

    slopes: FloatArray
    coefficients: FloatArray
    weak: FloatArray
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

    def __init__(self, field: FloatField, degree: int) -> None:
        self.field = field
        self._levels = [(float_basis(degree), _DONE)]
        if degree > _COARSE:
            self._levels.insert(0, (float_basis(_COARSE), _COARSE_DONE))

    def propose(
        self, start: Distances, far: Distances, force: Sequence[arb], length: float
    ) -> Proposal | None:
        """Newton's method from a constant slope, at distances of S and W; None where it does not converge."""
        field, scaled = self.field, self.field.per_unit * length
        distances = float_distances(start)
        _, rate = field.link(distances, np.zeros_like(distances[0]))
        velocity = np.array([float(value) for value in force])
        resting = scaled * (rate * np.diagonal(field.gram))[field.pivots] > _STIFF
        known = _Start(distances, velocity, np.where(resting, -field.drift[field.pivots], velocity))
        coefficients = np.zeros((1, len(velocity)))
        for basis, enough in self._levels:
            found = self._newton(basis, enough, known, coefficients, scaled)
            if found is None:
                return None
            slopes, jacobian = found
            coefficients = basis.coefficients @ slopes
        integrals = (scaled / 2) * basis.integrals
        weak = field.weak(far, integrals @ (known.known + slopes), integrals.sum(axis=1))
        coefficients = (basis.coefficients @ (known.known + slopes)).T
        return Proposal(slopes, coefficients, weak, resting, jacobian)

    def _newton(
        self, basis: FloatBasis, enough: float, start: _Start, coefficients: FloatArray, length: float
    ) -> tuple[FloatArray, Jacobian] | None:
        field = self.field
        operator = (length / 2) * basis.integrals
        drifted = np.multiply.outer(operator.sum(axis=1), field.drift)
        slopes = basis.values[:, : len(coefficients)] @ coefficients
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
                return slopes, jacobian
        return None
