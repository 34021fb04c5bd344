"""The Lasso path over Q, knot by knot: ties and non-unique solutions decided, never perturbed."""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.lasso.knot import LassoKnot
from exactsaddle.numbers import Vector, to_decimal
from exactsaddle.path import minimise_on_cone, signs_of
from exactsaddle.problem import Problem


def iterate_knots(problem: Problem) -> Iterator[LassoKnot]:
    """The knots in order of falling penalty, from the largest with b = 0 to 0; no budget."""
    beta = Vector.zero(problem.d)
    gradient = problem.normal_equations.gradient(beta)
    penalty = _largest_penalty(problem, gradient)
    index = 0
    while penalty > 0:
        direction, slope = leave(problem, penalty, beta, gradient)
        knot = LassoKnot(problem, index, penalty, beta, gradient, direction, slope)
        yield knot
        step = _first_bend(knot)
        penalty -= step
        beta, gradient = beta + direction * step, gradient + slope * step
        index += 1
    still = Vector.zero(problem.d)
    yield LassoKnot(problem, index, penalty, beta, gradient, still, still)


def _largest_penalty(problem: Problem, gradient: Vector) -> fmpq:
    """The least λ with −λc⁻ ≤ −gradient ≤ λc⁺."""
    found = fmpq(0)
    for i, g in enumerate(gradient):
        threshold = problem.threshold(i, -1 if g > 0 else 1)
        if threshold is not None:
            found = max(found, abs(g) / threshold)
    return found


def leave(problem: Problem, penalty: fmpq, beta: Vector, gradient: Vector) -> tuple[Vector, Vector]:
    """The direction −db/dλ below a knot, and the derivative of the gradient along it.

    Write s = −gradient/λ, with sign σ_i where it is on its threshold. A direction v keeps the KKT
    conditions for small steps exactly when (Gv − s)_i = 0 where b_i ≠ 0, and elsewhere on the
    thresholds σ_i v_i ≥ 0, σ_i (Gv − s)_i ≥ 0, with equality in one of the two. So v minimises
    ½vᵀGv − ⟨s, v⟩ over a sign cone with free coordinates: least squares for the target residual/λ.
    """
    dual = gradient * (-1 / penalty)
    signs = signs_of(problem, dual)
    support = beta.support
    if any(signs[i] * beta[i] <= 0 for i in support):
        raise ProofFailed(f"at penalty {to_decimal(penalty)} the dual has not the signs of the solution")
    equations = problem.normal_equations.with_correlation(dual)
    off_support = [0 if beta[i] != 0 else sign for i, sign in enumerate(signs)]
    point = minimise_on_cone(equations, off_support, equations.least_squares(support), support)
    return point.beta, point.gradient + dual


def _first_bend(knot: LassoKnot) -> fmpq:
    """The smallest δ > 0 where a coefficient reaches zero, a gradient its bound, or λ − δ zero."""
    penalty, step = knot.penalty_value, knot.penalty_value
    for i, v in enumerate(knot.direction):
        b = knot.beta_vector[i]
        if b * v < 0:
            step = min(step, -b / v)
        for side in (1, -1):
            threshold = knot.problem.threshold(i, side)
            if threshold is None:
                continue
            closing = threshold - side * knot.gradient_direction[i]
            if closing > 0:  # never on the bound itself, by the KKT conditions of the direction
                step = min(step, (penalty * threshold + side * knot.gradient_vector[i]) / closing)
    if step <= 0:
        raise ProofFailed(f"the path does not leave the knot at penalty {to_decimal(penalty)}")
    return step
