"""False neighbour: supports only grow."""

from __future__ import annotations

from itertools import pairwise

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import LEAVES, refute

PROBLEM = LEAVES


def violation(path: SaddlePath) -> str | None:
    """A coordinate that leaves."""
    for before, after in pairwise(path):
        left = sorted(set(before.support) - set(after.support))
        if left:
            return f"at t = {after.jump_time} coordinate {left[0]} leaves: {before.support} → {after.support}"
    return None


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="active-sets-grow",
    statement="supp β_k ⊆ supp β_{k+1} for every problem and k.",
    source="false neighbour of non-monotone-active-sets",
    kind=Kind.EXACT,
    method="A 2 × 2 problem in which a coordinate leaves, its path verified by the independent checker.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
