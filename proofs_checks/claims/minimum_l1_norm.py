"""The last saddle minimises ‖·‖₁ over the minimisers of L, by an exact dual certificate."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def multiplier(path: SaddlePath) -> list[Fraction]:
    """z = Σ Δ_k (y − Xβ_k): the claim is that s_p = Xᵀz/n proves optimality."""
    z = [Fraction(0)] * path.problem.n
    for before, after in pairwise(path):
        delta, fit = after.jump_time - before.jump_time, path.problem.fitted(before.beta)
        z = [a + delta * (y - f) for a, y, f in zip(z, path.problem.y, fit, strict=True)]
    return z


def violation(path: SaddlePath) -> str | None:
    """A condition of the duality proof that fails."""
    problem, beta = path.problem, path.minimum_l1_solution
    z = multiplier(path)
    if any(problem.gradient(beta)):
        return "β_p does not minimise L"
    for i in range(problem.d):
        s = sum((problem.X[k][i] * z[k] for k in range(problem.n)), Fraction(0)) / problem.n
        if abs(s) > 1 or s * beta[i] != abs(beta[i]):
            return f"s_{i} = {s} with β_{i} = {beta[i]}"
    return None


def check(budget: Budget) -> Verdict:
    """Every path."""
    return for_all(paths(budget), violation)


CLAIM = Claim(
    name="minimum-l1-norm",
    statement="β_p minimises ‖b‖₁ over argmin L.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="s = Xᵀz/n has |s_i| ≤ 1 and ⟨s, β_p⟩ = ‖β_p‖₁, so ‖b‖₁ ≥ ⟨s, b⟩ = ⟨s, β_p⟩ for b with Xb = Xβ_p.",
    gap="On these data.",
    check=check,
    violation=violation,
)
