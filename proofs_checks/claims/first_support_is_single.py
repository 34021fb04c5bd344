"""False neighbour: β_1 always has one nonzero coordinate."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import IDENTITY, listing, refute

PROBLEM = IDENTITY


def violation(path: SaddlePath) -> str | None:
    """A first saddle with several nonzero coordinates."""
    return f"β_1 = {listing(path[1].beta)}" if len(path[1].support) != 1 else None


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="first-support-is-single",
    statement="For every X and y with r ≠ 0 the first saddle β_1 has exactly one nonzero coordinate.",
    source="false neighbour of first-jump; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="X = I, y = (1, 1): two coordinates tie.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
