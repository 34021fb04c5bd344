"""The defect of a step where it is wanted, for tests of its bound."""

from __future__ import annotations

from itertools import product

from flint import arb, arb_mat, fmpq

from exactsaddle.flow.step import Step
from exactsaddle.flow.vector_field import BallField


def defect_at(field: BallField, step: Step, time: fmpq) -> arb:
    """‖w' − f(w)‖ of the step's polynomial at that time."""
    x = 2 * (time - step.start) / step.length - 1
    column = arb_mat([[arb.chebyshev_t(arb(x), k)] for k in range(step.size)])
    slope = (step.coefficients(field) * column).entries()
    beta = [field.beta(i, s) for i, s in enumerate(step.duals(field, time))]
    apart = [v - f for v, f in zip(slope, field.velocities(beta), strict=True)]
    return norm_of(field, apart)


def norm_of(field: BallField, change: list[arb]) -> arb:
    """√(eᵀ G_PP⁻¹ e) of a change of s in the row space, (d,)."""
    pairs = product(enumerate(field.flow.pivots), repeat=2)
    metric = field.flow.metric
    square = sum((change[i] * arb(metric[a][b]) * change[j] for (a, i), (b, j) in pairs), arb(0))
    return abs(square.mid()).sqrt().mid()
