"""False neighbour: the number of nonzero coordinates never drops."""

from __future__ import annotations

from itertools import pairwise

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import SHRINKS, refute

PROBLEM = SHRINKS


def violation(path: SaddlePath) -> str | None:
    """A smaller support after a larger one."""
    for before, after in pairwise(path):
        if len(after.support) < len(before.support):
            return f"at t = {after.jump_time} the support goes from {before.support} to {after.support}"
    return None


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="support-sizes-grow",
    statement="|supp β_k| ≤ |supp β_{k+1}| for every problem and k.",
    source="false neighbour of non-monotone-active-sets; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="A 3 × 3 problem with entries in [−2, 2], its path verified by the independent checker.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
