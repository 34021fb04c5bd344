"""Least squares on a sign cone, exactly: the inner problem of Algorithm 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flint import fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import DependentColumns, NormalEquations, Vector
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class KKTPoint:
    """A minimiser of the loss on a sign cone, with the gradient that proves it.

    beta and gradient are (d,) over Q: gradient = Gβ − r is zero on the support of β and points
    into the cone (σ_i g_i ≥ 0) on the rest of the coordinates the cone leaves free.
    """

    beta: Vector
    gradient: Vector


def least_squares_on_cone(problem: Problem, signs: Sequence[int], start: Vector) -> KKTPoint:
    """Minimise the loss over {b : signs_i b_i ≥ 0, b_i = 0 where signs_i = 0}.

    signs is (d,) in {−1, 0, 1}; start, (d,) over Q, is feasible and minimises the loss over its own
    support, whose columns of X are independent (zero always qualifies).
    Returning proves that every KKT condition of MATHEMATICS.md §3 (2) holds exactly.

    Where the minimiser is not unique this is the canonical choice of MATHEMATICS.md §2: the eligible
    coordinate of lowest index enters, every coordinate that reaches zero leaves.
    Source: Lawson & Hanson 1974, ch. 23, started warm; no anti-cycling rule is needed.
    """
    return minimise_on_cone(problem.normal_equations, signs, start)


def minimise_on_cone(
    equations: NormalEquations, signs: Sequence[int], start: Vector, free: Sequence[int] = ()
) -> KKTPoint:
    """``least_squares_on_cone`` for ½bᵀGb − ⟨r, b⟩, with coordinates that may take either sign.

    free lists those; their signs are 0, and start minimises over its own support together with them,
    whose columns are independent. r need not be in the row space of X, as long as the minimum exists.
    Returning proves the KKT conditions, g_i = 0 on free included.
    """
    beta = start
    gradient = equations.gradient(beta)
    while (entering := _entering(signs, beta, gradient)) is not None:
        beta = _refit(equations, signs, beta, entering, free)
        gradient = equations.gradient(beta)
    _check_stationary({*beta.support, *free}, gradient)
    return KKTPoint(beta, gradient)


def _entering(signs: Sequence[int], beta: Vector, gradient: Vector) -> int | None:
    """The lowest coordinate off the support along which the cone allows descent, if any."""
    for i, (sign, b, g) in enumerate(zip(signs, beta.numerators, gradient.numerators, strict=True)):
        if sign and not b and sign * g < 0:
            return i
    return None


def _refit(
    equations: NormalEquations, signs: Sequence[int], beta: Vector, entering: int, free: Sequence[int]
) -> Vector:
    """Minimise over the support and the entering coordinate, shedding those that block at zero."""
    working = sorted({*beta.support, *free, entering})
    try:
        candidate = equations.least_squares(working)
    except DependentColumns:
        beta = _slide(equations, signs, beta, entering, free)
        working = sorted({*beta.support, *free, entering})
        candidate = equations.least_squares(working)
    while True:
        blocking = [i for i in working if signs[i] * candidate[i] < 0]
        if not blocking:
            return candidate
        step = min(beta[i] / (beta[i] - candidate[i]) for i in blocking)
        beta = beta + (candidate - beta) * step
        kept = [i for i in working if beta[i] != 0 or i in free]
        if len(kept) == len(working):
            raise ProofFailed("no coordinate blocked a step that leaves the cone")
        working = kept
        candidate = equations.least_squares(working)


def _slide(
    equations: NormalEquations, signs: Sequence[int], beta: Vector, entering: int, free: Sequence[int]
) -> Vector:
    """Along the direction in which Xb stays and the entering coordinate grows, until one blocks at zero.

    Its column is X_A w, and the gradient is zero on A, so that the loss falls linearly: something blocks, and
    in exchange for that column the entering one is independent of the rest.
    """
    fixed = sorted({*beta.support, *free})
    weights = equations.regression(fixed, entering)
    moves = {i: -signs[entering] * w for i, w in zip(fixed, weights, strict=True)}
    steps = [-beta[i] / move for i, move in moves.items() if i not in free and beta[i] * move < 0]
    if not steps:
        raise ProofFailed(f"the loss is not bounded below where coordinate {entering} enters")
    direction = Vector.sparse({**moves, entering: fmpq(signs[entering])}, len(beta))
    return beta + direction * min(steps)


def _check_stationary(support: Iterable[int], gradient: Vector) -> None:
    moving = next((i for i in support if gradient[i] != fmpq(0)), None)
    if moving is not None:
        raise ProofFailed(f"gradient {moving} is not zero on the support")
