"""False neighbour: argmins are unique without an assumption on X."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.minimisers import SeveralMinimisers
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import TIED, listing, refute

PROBLEM = TIED


def violation(path: SaddlePath) -> str | None:
    """Two points of the same cone with the same, smallest, loss."""
    for saddle in path:
        found = saddle.uniqueness
        if isinstance(found, SeveralMinimisers) and found.refutation(saddle.minimisers) is None:
            other = found.second.fractions()
            if other != saddle.beta and path.problem.loss(other) == saddle.loss:
                both = f"{listing(saddle.beta)} and {listing(other)}"
                return f"at t = {saddle.jump_time} both {both} are minimisers"
    return None


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="argmins-are-unique",
    statement="For every X and y each argmin of Algorithm 1 is unique.",
    source="false neighbour of unique-in-general-position; MATHEMATICS.md §4",
    kind=Kind.EXACT,
    method="Exhibit a second minimiser on a path that the independent checker verifies.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
