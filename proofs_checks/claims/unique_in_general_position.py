"""In general position every argmin of Algorithm 1 is unique."""

from __future__ import annotations

from exactsaddle.base import Inconclusive, Verdict
from exactsaddle.minimisers import MinimiserSet, general_position
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def assumption(problem: Problem) -> bool:
    """The hypothesis of the claim: the columns of X are in general position, decided exactly."""
    try:
        return general_position(problem, max_subsets=1000).holds
    except Inconclusive:
        return False


def conclusion(minimisers: MinimiserSet) -> bool:
    """The claim: β_k is the only minimiser, by a proof that is checked again."""
    return minimisers.unique and minimisers.uniqueness.refutation(minimisers) is None


def violation(path: SaddlePath) -> str | None:
    """A saddle with a second minimiser."""
    for saddle in path:
        if not conclusion(saddle.minimisers):
            return f"saddle {saddle.index}: {saddle.uniqueness}"
    return None


def check(budget: Budget) -> Verdict:
    """Every saddle of every path whose columns are in general position."""
    return for_all([path for path in paths(budget) if assumption(path.problem)], violation)


CLAIM = Claim(
    name="unique-in-general-position",
    statement="Under Assumption 1 (no signed column of X in the affine span of k ≤ min(n, d) others) each "
    "argmin is unique.",
    source="paper, Assumption 1; Tibshirani 2013",
    kind=Kind.EXACT,
    method="Decide the assumption exactly; prove each minimiser unique by Motzkin's alternative and a "
    "nonzero minor.",
    gap="On these data.",
    check=check,
    violation=violation,
    applies=lambda path: assumption(path.problem),
)
