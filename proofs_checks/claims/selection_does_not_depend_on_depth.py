"""False neighbour: whatever the depth, the flow selects the same minimiser."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.path import saddle_path
from exactsaddle.problem import Network, Problem
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import listing

PROBLEM = Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2])


def check(budget: Budget) -> Verdict:
    """The selected points of depths 2, 3 and 4 at the last saddle: rational here, and proved so."""
    saddle = saddle_path(PROBLEM)[-1]
    points = [saddle.selected_by(Network(depth)).exact for depth in (2, 3, 4)]
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return unchecked("a selected point is not rational")
    evidence = f"{PROBLEM!r}: depths 2, 3, 4 select {', '.join(f'{listing(point)}' for point in known)}"
    return rejected(evidence) if len(set(known)) > 1 else verified(evidence)


CLAIM = Claim(
    name="selection-does-not-depend-on-depth",
    statement="Where the minimiser is not unique, the flows of all depths with the same thresholds "
    "select the same one.",
    source="false neighbour of selection-at-depth; MATHEMATICS.md §8",
    kind=Kind.EXACT,
    method="Three selected points over Q: each has Σ σ_i v_i φ'(|b_i|) = 0 for v in the kernel, exactly.",
    gap="None: one counterexample refutes it. That the flow tends to these points is selection-at-depth.",
    check=check,
    expected=Status.REJECTED,
)
