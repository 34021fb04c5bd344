"""False neighbour: the limit of the flow at time t is the Lasso solution at λ = 1/t."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import listing, refute

PROBLEM = Problem([[1]], [1])


def violation(path: SaddlePath) -> str | None:
    """A time at which the two differ: Xβ is unique for both."""
    for t in (1, 2):
        if path.problem.fitted(path.at(t)) != path.problem.fitted(path.lasso(t)):
            return f"t = {t}: the path is at {listing(path.at(t))}, the Lasso at {listing(path.lasso(t))}"
    return None


def check(budget: Budget) -> Verdict:
    """One problem."""
    return refute(PROBLEM, violation)


CLAIM = Claim(
    name="path-is-the-lasso-path",
    statement="For every problem and t the limit β̃_t is the Lasso solution at λ = 1/t.",
    source="false neighbour of lasso-relation",
    kind=Kind.EXACT,
    method="X = (1), y = 1: the path jumps to 1 at t = 1 and stays; the Lasso is 1 − 1/t.",
    gap="None: one counterexample refutes it.",
    check=check,
    expected=Status.REJECTED,
)
