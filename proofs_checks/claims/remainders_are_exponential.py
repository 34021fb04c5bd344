"""False neighbour: t_k(α) = t_k + c/ℓ up to exponentially small terms, zero slack or not."""

from __future__ import annotations

from itertools import pairwise

from flint import arb

from exactsaddle.base import Status, Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, show

PROBLEM, JUMP = "zero-slack", 2
"""On the plateau before, coordinate 1 rests on its threshold with β_1 = g_1 = 0."""


def moves(before: arb, after: arb) -> bool:
    """What refutes the claim, of ℓ(t(α) − t_k) at an α and at its square: no trace of convergence."""
    return bool(abs(after - before) > arb("0.3"))


def check(budget: Budget) -> Verdict:
    """One jump of one problem, at α = 1e-5, 1e-10 and 1e-20."""
    found = enclosures(PROBLEM, ("1e-5", "1e-10", "1e-20"), 12)
    jump = next(jump for jump in found.jumps if jump.correction.exact.jump == JUMP)
    evidence = f"ℓ(t(α) − t_k) = {', '.join(map(show, jump.scaled))} at {PROBLEM}, jump {JUMP}"
    if all(moves(before, after) for before, after in pairwise(jump.scaled)):
        return rejected(evidence)
    settled = abs(jump.scaled[-1] - jump.scaled[-2]) < arb("1e-4")
    return verified(evidence) if settled else unchecked(evidence)


CLAIM = Claim(
    name="remainders-are-exponential",
    statement="t_k(α) − t_k − c/ℓ is exponentially small in ℓ at every jump of every problem, also where a "
    "coordinate rests on its threshold.",
    source="false neighbour of jump-time-expansion; MATHEMATICS.md §5",
    kind=Kind.ENCLOSED,
    method="Squaring α moves ℓ(t(α) − t_k) by over 3/10 each time, in balls; such a remainder would be gone.",
    gap="Three values of α; that the growth is that of ln ℓ is derived in MATHEMATICS.md §5, not here.",
    check=check,
    expected=Status.REJECTED,
)
