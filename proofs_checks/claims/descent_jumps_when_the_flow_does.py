"""False neighbour: gradient descent with a step jumps at the times of the flow."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.path import saddle_path
from exactsaddle.path.descent import descent_path
from exactsaddle.problem import Problem
from proofs_checks.check_descent import check as check_certificate
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified

PROBLEM = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
STEP = "1/10"


def check(budget: Budget) -> Verdict:
    """One problem, its path for the step verified by the independent checker."""
    path = descent_path(PROBLEM, STEP)
    certificate = path.certificate()
    if check_certificate(certificate.to_text()).verdict != "verified":
        return unchecked(f"the path of {PROBLEM!r} is not certified")
    for saddle, mine in zip(saddle_path(PROBLEM), path, strict=True):
        if not mine.jump_time_ball(20).contains(saddle.time):
            return rejected(
                f"at η = {STEP} jump {saddle.index} is at {mine.jump_time_text(8)}, the flow's at "
                f"{saddle.jump_time}; on {PROBLEM!r}, whose path the independent checker verifies"
            )
    return verified(f"{PROBLEM!r} is no counterexample")


CLAIM = Claim(
    name="descent-jumps-when-the-flow-does",
    statement="As α → 0 gradient descent with a step η jumps when the flow does, t = η·(steps)/ln(1/α).",
    source="false neighbour of descent-first-order; MATHEMATICS.md §9",
    kind=Kind.ENCLOSED,
    method="A problem of three saddles, with a tenth for the step.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
