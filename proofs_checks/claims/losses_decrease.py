"""The loss strictly decreases, and saddles and supports are distinct."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, jumps, paths


def improves(before: Fraction, after: Fraction) -> bool:
    """The claim, of the losses of consecutive saddles."""
    return after < before


def violation(path: SaddlePath) -> str | None:
    """Two losses in the wrong order, or a support seen twice."""
    losses = [path.problem.loss(saddle.beta) for saddle in path]
    for k, (before, after) in enumerate(pairwise(losses)):
        if not improves(before, after):
            return f"L(β_{k + 1}) = {after} after L(β_{k}) = {before}"
    if len({saddle.support for saddle in path}) < len(path):
        return "a support is visited twice"
    return None


def check(budget: Budget) -> Verdict:
    """Every jump of every path."""
    return for_all(filter(jumps, paths(budget)), violation)


CLAIM = Claim(
    name="losses-decrease",
    statement="L(β_{k+1}) < L(β_k); the visited saddles, and their supports, are distinct.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Recompute every loss over Q.",
    gap="On these data.",
    check=check,
    violation=violation,
    applies=jumps,
)
