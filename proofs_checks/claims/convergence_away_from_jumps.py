"""The flow converges to the path away from jumps: in balls, at several α."""

from __future__ import annotations

from itertools import pairwise

from flint import arb

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, show

ALPHAS = ("1e-10", "1e-20", "1e-40")
QUICK = ["two-jumps"]
FULL = [*QUICK, "leaves", "three-jumps"]


def smaller(before: arb, after: arb) -> bool | None:
    """The claim, of the suprema at an α and at a smaller one; None when the balls do not decide."""
    return True if after < before else False if after >= before else None


def check(budget: Budget) -> Verdict:
    """Compare the suprema over the middle of every plateau, from each α to the next."""
    evidence = []
    for name in budget.of(QUICK, FULL):
        found = enclosures(name, ALPHAS, 20)
        for plateau in found.plateaus:
            for before, after in pairwise(plateau.supremum):
                decided = smaller(before, after)
                where = f"{name}, plateau {plateau.plateau}: {show(before)}, then {show(after)}"
                if decided is None:
                    return unchecked(f"{where}: the balls overlap")
                if not decided:
                    return rejected(where)
        worst = max((plateau.supremum[-1] for plateau in found.plateaus), key=float)
        evidence.append(f"{name}: {len(found.plateaus)} plateaus, at most {show(worst)} at α = {ALPHAS[-1]}")
    return verified(f"α = {', '.join(ALPHAS)}; {'; '.join(evidence)}")


CLAIM = Claim(
    name="convergence-away-from-jumps",
    statement="sup ‖β̃^α_t − β_k‖_∞ over the middle half of each plateau decreases from α = 1e-10 to 1e-20 "
    "to 1e-40.",
    source="paper, main theorem (uniformly on compact sets without jumps)",
    kind=Kind.ENCLOSED,
    method="Enclose the flow throughout the middle of every plateau; compare balls.",
    gap="Three values of α on named problems, not the limit α → 0.",
    check=check,
)
