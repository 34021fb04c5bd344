"""The first jump is at 1/‖r‖_∞, to one coordinate when |r| has a unique maximiser."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, jumps, paths


def jump_time(correlation: tuple[Fraction, ...]) -> Fraction:
    """The claim: t_1."""
    return 1 / max(map(abs, correlation))


def violation(path: SaddlePath) -> str | None:
    """Another time, or another first saddle where the maximiser is unique."""
    problem = path.problem
    r = tuple(-g for g in problem.gradient([0] * problem.d))
    if path[1].jump_time != jump_time(r):
        return f"t_1 = {path[1].jump_time}, claimed {jump_time(r)}"
    largest = [i for i, value in enumerate(r) if abs(value) == max(map(abs, r))]
    if len(largest) == 1:
        i = largest[0]
        expected = tuple(r[i] / problem.gram[i][i] if j == i else Fraction(0) for j in range(problem.d))
        if path[1].beta != expected:
            return f"β_1 = {tuple(map(str, path[1].beta))} with the lone maximiser {i}"
    return None


def check(budget: Budget) -> Verdict:
    """Every path that jumps."""
    return for_all(filter(jumps, paths(budget)), violation)


CLAIM = Claim(
    name="first-jump",
    statement="t_1 = 1/‖r‖_∞; if i is the only maximiser of |r| then β_1 = (r_i/G_ii) e_i.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Compare with the formula over Q.",
    gap="On these data.",
    check=check,
    violation=violation,
    applies=jumps,
)
