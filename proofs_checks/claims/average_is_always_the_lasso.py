"""False neighbour: the time average is the Lasso solution at all times."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import Status, Verdict
from exactsaddle.lasso import average_at
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import LEAVES, listing, refute

PROBLEM = LEAVES


def violation(path: SaddlePath) -> str | None:
    """t = 3, where the objective of the average is larger than that of the Lasso solution."""
    t = Fraction(3)
    average, lasso = average_at(path, t), path.lasso(t)
    values = [path.problem.loss(b) + sum(map(abs, b)) / t for b in (average, lasso)]
    if values[0] == values[1]:
        return None
    shown = (
        f"{listing(b)} with objective {value}" for b, value in zip((average, lasso), values, strict=True)
    )
    return f"t = 3: average {next(shown)}, Lasso {next(shown)}"


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="average-is-always-the-lasso",
    statement="For every problem and t the average β̄_t is the Lasso solution at λ = 1/t.",
    source="false neighbour of lasso-relation; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="A path that a coordinate leaves, at a time between the departure and the recovery.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
