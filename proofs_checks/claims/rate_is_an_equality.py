"""False neighbour: the exponent of the distance equals the predicted one."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import Status, Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, show

PROBLEM = "clocks"


def differ(measured: arb, predicted: arb) -> bool:
    """What refutes the claim at these α: further apart than a correction of order 1/ℓ could make it."""
    return bool(abs(measured - predicted) > arb("0.3"))


def check(budget: Budget) -> Verdict:
    """The last plateau of one problem, between α = 1e-20 and 1e-40."""
    plateau = enclosures(PROBLEM, ("1e-10", "1e-20", "1e-40"), 20).plateaus[-1]
    if plateau.measured is None or plateau.predicted is None:
        return unchecked("the balls do not resolve the distance")
    both = f"{show(plateau.measured)}, predicted {show(plateau.predicted)}"
    evidence = f"{PROBLEM}, t = {plateau.probe}: {both}"
    return rejected(evidence) if differ(plateau.measured, plateau.predicted) else verified(evidence)


CLAIM = Claim(
    name="rate-is-an-equality",
    statement="The exponent of ‖β̃^α_t − β_k‖ equals min(2 min(1 − |s_i|), 2λ_min(t − t_k)) on every plateau.",
    source="false neighbour of rate-exponents; MATHEMATICS.md §5",
    kind=Kind.ENCLOSED,
    method="Two decoupled coordinates, the slow one started at an earlier jump: balls at α = 1e-20 and "
    "1e-40.",
    gap="The limit itself is the closed form of d = 1: 2|r_2|(t − t_2) = 3/4 at t = 11/8, where the formula "
    "says 3/8.",
    check=check,
    expected=Status.REJECTED,
)
