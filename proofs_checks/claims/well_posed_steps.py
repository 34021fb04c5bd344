"""Every step of Algorithm 1 is well defined: Δ_k > 0 and |s_k| ≤ 1."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, jumps, paths


def admissible(delta: Fraction, dual: tuple[Fraction, ...]) -> bool:
    """The claim, of each step and the dual it leads to."""
    return delta > 0 and all(-1 <= s <= 1 for s in dual)


def violation(path: SaddlePath) -> str | None:
    """A step that is not admissible, not the first hit, or does not follow s' = −∇L(β_k)."""
    for before, after in pairwise(path):
        delta = after.jump_time - before.jump_time
        gradient = path.problem.gradient(before.beta)
        dual = tuple(s - delta * g for s, g in zip(before.dual, gradient, strict=True))
        if dual != after.dual or not admissible(delta, dual):
            return f"saddle {after.index}: Δ = {delta}, s = {tuple(map(str, dual))}"
        if not any(g != 0 and abs(s) == 1 for s, g in zip(dual, gradient, strict=True)):
            return f"saddle {after.index}: nobody hits"
    return None


def check(budget: Budget) -> Verdict:
    """Every jump of every path."""
    return for_all(filter(jumps, paths(budget)), violation)


CLAIM = Claim(
    name="well-posed-steps",
    statement="While ∇L(β_k) ≠ 0 the step Δ_k = min{δ > 0 : some g_i ≠ 0 has |s_i − δg_i| = 1} exists and is "
    "positive, and −1 ≤ s_{k+1} ≤ 1.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Replay s_{k+1} = s_k − Δ_k g_k over Q with g_k recomputed; in the box at both ends is in it "
    "throughout.",
    gap="On these data.",
    check=check,
    violation=violation,
    applies=jumps,
)
