"""Visited points have at most min(n, d) nonzero coordinates."""

from __future__ import annotations

from exactsaddle.base import Verdict
from exactsaddle.numbers import Matrix, to_rational
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def bound(n: int, d: int) -> int:
    """The claim: the largest support."""
    return min(n, d)


def violation(path: SaddlePath) -> str | None:
    """A support that is too large, or whose columns are dependent."""
    X = Matrix([[to_rational(value) for value in row] for row in path.problem.X])
    for saddle in path:
        size = len(saddle.support)
        if size > bound(path.problem.n, path.problem.d):
            return f"saddle {saddle.index} has {size} nonzero coordinates"
        if size and X.rank(saddle.support) < size:
            return f"saddle {saddle.index}: dependent columns"
    return None


def check(budget: Budget) -> Verdict:
    """Every saddle of every path."""
    return for_all(paths(budget), violation)


CLAIM = Claim(
    name="sparsity",
    statement="|supp β_k| ≤ min(n, d); the columns of X on supp β_k are independent.",
    source="paper, on Algorithm 1 (under Assumption 1)",
    kind=Kind.EXACT,
    method="Count, and compute ranks over Q.",
    gap="On these data; without Assumption 1 it is said of the canonical minimiser, not of every one.",
    check=check,
    violation=violation,
)
