"""The defect of a step where it is wanted, for tests of its bound."""

from __future__ import annotations

from flint import arb, fmpq

from exactsaddle.flow.step import Step
from exactsaddle.flow.vector_field import BallField


def defect_at(field: BallField, step: Step, time: fmpq) -> arb:
    """‖w' − f(w)‖ of the step's polynomial at that time."""
    x = 2 * (time - step.start) / step.length - 1
    orders = range(len(step.slope[0]) if step.slope else 0)
    slope = step.combined([arb.chebyshev_t(arb(x), k) for k in orders])
    force = field.force([field.beta(i, s) for i, s in enumerate(field.duals(step.point(time), time))])
    return field.norm([abs(v - f).upper() for v, f in zip(slope, force, strict=True)])
