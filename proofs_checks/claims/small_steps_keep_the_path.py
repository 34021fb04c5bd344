"""False neighbour: a step that suits least squares, below 2/λ_max(G), keeps the path of the flow."""

from __future__ import annotations

import json

from exactsaddle.base import Status, Verdict
from exactsaddle.numbers import is_positive_definite, to_rational
from exactsaddle.path.descent import descent_path
from exactsaddle.problem import Problem
from proofs_checks.check_descent import check as check_certificate
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified

PROBLEM = Problem([[-3, 4, -4], [-1, -4, 2]], [20, 20])
STEP = "1/50"


def is_small(step: str) -> bool:
    """step·λ_max(G) < 2, over Q."""
    bound = 2 / to_rational(step)
    rows = [
        [to_rational(-v) + (bound if i == j else 0) for j, v in enumerate(row)]
        for i, row in enumerate(PROBLEM.gram)
    ]
    return is_positive_definite(rows)


def check(budget: Budget) -> Verdict:
    """The saddles of a tiny step, stated to the independent checker for this one, at whatever times."""
    if not is_small(STEP):
        return unchecked(f"{STEP} is not below 2/λ_max(G)")
    stated = json.loads(descent_path(PROBLEM, "1/100000").certificate().to_text())
    stated["rule"]["step"] = STEP
    for saddle in stated["saddles"]:
        saddle["jump_time"] = ["0", "1000"]
    report = check_certificate(json.dumps(stated))
    if report.failure is None:
        return verified(f"{PROBLEM!r} is no counterexample")
    if report.failure.claim != "attracts":
        return unchecked(f"refused for another reason: {report.message}")
    return rejected(
        f"η = {STEP}: saddle {report.failure.saddle} of the flow does not attract, as the independent "
        f"checker decides; on {PROBLEM!r}"
    )


CLAIM = Claim(
    name="small-steps-keep-the-path",
    statement="Gradient descent on u ⊙ v with any step below 2/λ_max(G) has the saddles of the flow.",
    source="false neighbour of MATHEMATICS.md §9: η·λ_max(diag|β| G) < 1 counts, and grows with β",
    kind=Kind.EXACT,
    method="Both conditions are definiteness over Q; the second is decided by the independent checker.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
