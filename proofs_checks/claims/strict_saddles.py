"""Before its end every visited point is a strict saddle: an escape direction of curvature −|g_i|."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import Verdict
from exactsaddle.path import Saddle, SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, jumps, paths


def curvature(gradient: Fraction) -> Fraction:
    """The claim: the curvature of F along (1, −sign g_i)/√2 in (u_i, v_i)."""
    return -abs(gradient)


def violation(path: SaddlePath) -> str | None:
    """A saddle before the last with no escape direction, or with another curvature along it."""
    for saddle in path[:-1]:
        moving = [i for i, g in enumerate(saddle.gradient) if g != 0 and saddle.beta[i] == 0]
        if not moving:
            return f"saddle {saddle.index}: no g_i ≠ 0 off the support"
        for i in moving:
            found, claimed = measured(path, saddle, i), curvature(saddle.gradient[i])
            if found != claimed:
                return f"saddle {saddle.index}: curvature {found} along coordinate {i}, claimed {claimed}"
    return None


def measured(path: SaddlePath, saddle: Saddle, i: int) -> Fraction:
    """Twice the h² term of F at (u_i, v_i) = h(1, −sign g_i)/√2, from values of the loss alone.

    There β_i = ∓h²/2, so F − F(0) = a h² + b h⁴ exactly: 2a = 4·rise(h² = 1) − rise(h² = 2).
    """

    def rise(square: int) -> Fraction:
        step = Fraction(-square if saddle.gradient[i] > 0 else square, 2)
        beta = [step if j == i else b for j, b in enumerate(saddle.beta)]
        return path.problem.loss(beta) - saddle.loss

    return 4 * rise(1) - rise(2)


def check(budget: Budget) -> Verdict:
    """Every saddle but the last of every path, and every coordinate that can escape."""
    return for_all(filter(jumps, paths(budget)), violation)


CLAIM = Claim(
    name="strict-saddles",
    statement="At each visited β_k before the last some i has β_i = 0, g_i ≠ 0, and there F(u, v) curves by "
    "−|g_i| along (1, −sign g_i)/√2 in (u_i, v_i): no visited point but the last is a local minimum of F.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="The curvature from three exact values of the loss; the eigenvectors themselves are in "
    "critical-points.",
    gap="On these data.",
    check=check,
    violation=violation,
    applies=jumps,
)
