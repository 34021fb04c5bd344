"""In arc length the flow's curve tends to plateaus joined by heteroclinic orbits."""

from __future__ import annotations

from itertools import pairwise

from exactsaddle.base import Status, Verdict
from exactsaddle.convergence import compare_curves
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked
from proofs_checks.claims.flow_data import path

PROBLEM = "leaves"


def arrives(end_distance: float) -> bool:
    """The claim, of each orbit: it ends at the next saddle."""
    return end_distance < 1e-10


def check(budget: Budget) -> Verdict:
    """Follow every orbit of one problem; compare the flow's curve with the limit curve at falling α."""
    alphas = budget.of(["1e-3", "1e-6"], ["1e-3", "1e-6", "1e-12", "1e-24"])
    found = compare_curves(path(PROBLEM), alphas)
    if found.missing:
        return unchecked(f"α = {found.missing[0][0]}: {found.missing[0][1]}")
    orbits = [orbit for jump in found.transitions for orbit in jump.orbits]
    if not all(arrives(orbit.end_distance) and orbit.loss_decreases for orbit in orbits):
        return rejected(f"orbits end at distances {[orbit.end_distance for orbit in orbits]}")
    distances = [distance for _, distance in found.distances]
    if not all(after < before for before, after in pairwise(distances)):
        return rejected(f"distances of the curves {distances}")
    shown = ", ".join(f"{distance:.2f}" for distance in distances)
    return unchecked(
        f"evidence agrees: {len(orbits)} orbits of {PROBLEM} end at the next saddle, the loss falling; "
        f"at α = {', '.join(alphas)} the flow's curve is {shown} away from the limit curve"
    )


CLAIM = Claim(
    name="heteroclinic-orbits",
    statement="In joint arc length (t, β̃^α) tends to the curve of plateaus and orbits β' = −|β| ⊙ ∇L(β), "
    "each orbit leading from β_{k−1} to β_k.",
    source="paper, arc length; MATHEMATICS.md §6",
    kind=Kind.NUMERICAL,
    method="Integrate the orbits from seeds on the unstable manifold; distances of sampled curves in "
    "binary64.",
    gap="Everything: seeds, ends and sampled distances are not bounded.",
    check=check,
    expected=Status.UNCHECKED,
)
