"""Algorithm 1 ends, after at most Σ_{k ≤ rank X} C(d, k) saddles."""

from __future__ import annotations

from math import comb

from exactsaddle.base import Verdict
from exactsaddle.numbers import Matrix, to_rational
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def bound(d: int, rank: int) -> int:
    """The claim: the most saddles a path may have."""
    return sum(comb(d, k) for k in range(rank + 1))


def violation(path: SaddlePath) -> str | None:
    """A path that does not end, or has too many saddles."""
    rank = Matrix([[to_rational(value) for value in row] for row in path.problem.X]).rank()
    if not path.complete:
        return f"not complete after {len(path)} saddles"
    if any(path[-1].gradient):
        return "the last gradient is not zero"
    most = bound(path.problem.d, rank)
    return None if len(path) <= most else f"{len(path)} saddles, more than {most}"


def check(budget: Budget) -> Verdict:
    """Every path."""
    return for_all(paths(budget), violation)


CLAIM = Claim(
    name="termination",
    statement="Algorithm 1 stops with ∇L(β_p) = 0 after p + 1 ≤ Σ_{k ≤ rank X} C(d, k) ≤ 2^d saddles.",
    source="paper, on Algorithm 1 (at most 2^d); the sharper bound: MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Run to the end; compare the number of saddles with the bound, the rank being exact.",
    gap="On these data. The bound itself follows from distinct, independent supports.",
    check=check,
    violation=violation,
)
