"""The flow with weight decay λ ends at the Lasso solution at λ."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import Verdict
from exactsaddle.lasso import lasso_path
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import WeightDecay
from exactsaddle.problem import Problem
from proofs_checks.check_lasso import check as check_lasso
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import IDENTITY, LEAVES, SHRINKS, TIED, drawn

DECAY = Fraction(1, 3)


def lasso_penalty(decay: Fraction) -> Fraction:
    """The λ of L + λ‖b‖₁ for the decay (λ/2)(‖u‖² + ‖v‖²)."""
    return decay


def violation(problem: Problem) -> str | None:
    """A difference between the end of the path and the Lasso: Xb and ‖b‖₁ are unique."""
    end = descent_path(problem, rule=WeightDecay(DECAY))[-1]
    solution = lasso_path(problem).at(lasso_penalty(DECAY))
    if problem.fitted(end.beta) != problem.fitted(solution):
        return f"Xβ differs on {problem!r}"
    if sum(map(abs, end.beta)) != sum(map(abs, solution)):
        return f"‖β‖₁ differs on {problem!r}"
    return None


def check(budget: Budget) -> Verdict:
    """Named and drawn problems; the Lasso path is certified by its own checker."""
    count = budget.of(60, 1000)
    problems = [IDENTITY, LEAVES, SHRINKS, TIED, *drawn(budget, count, 5, 4), *drawn(budget, count, 1, 4)]
    for problem in problems:
        if check_lasso(lasso_path(problem).certificate().to_text()).verdict != "verified":
            return unchecked(f"the Lasso path of {problem!r} is not certified")
        witness = violation(problem)
        if witness:
            return rejected(witness)
    return verified(f"{len(problems)} problems, λ = {DECAY}, all exact")


CLAIM = Claim(
    name="decay-ends-at-the-lasso",
    statement="The limit path of the flow of L + (λ/2)(‖u‖² + ‖v‖²) ends at a minimiser of L + λ‖b‖₁.",
    source="ours; MATHEMATICS.md §11",
    kind=Kind.EXACT,
    method="Both over Q; Xb and ‖b‖₁ compared with the exact Lasso path, which its checker verifies.",
    gap="On these data, for one λ.",
    check=check,
)
