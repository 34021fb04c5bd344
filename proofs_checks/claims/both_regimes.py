"""Over- and under-parametrised problems: the path interpolates, or ends at least squares."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import Status, Verdict
from exactsaddle.numbers import Matrix, to_rational
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind, verified
from proofs_checks.claims.data import for_all, paths


def rank(path: SaddlePath) -> int:
    """The rank of X."""
    return Matrix([[to_rational(value) for value in row] for row in path.problem.X]).rank()


def residual_loss(full_row_rank: bool, best: Fraction) -> Fraction:
    """The claim: the loss at the end, where best is the loss of least squares on all columns."""
    return Fraction(0) if full_row_rank else best


def violation(path: SaddlePath) -> str | None:
    """Another loss at the end, or a gradient that is not zero."""
    problem, last = path.problem, path[-1]
    residual = [y - f for y, f in zip(problem.y, problem.fitted(last.beta), strict=True)]
    if any(problem.gradient(last.beta)):
        return "the normal equations fail at the end"
    best = sum((r * r for r in residual), Fraction(0)) / (2 * problem.n)
    expected = residual_loss(rank(path) == problem.n, best)
    return None if problem.loss(last.beta) == expected else f"loss {last.loss} at the end, claimed {expected}"


def check(budget: Budget) -> Verdict:
    """The paths of rank n with n ≤ d, then those of rank d with n > d."""
    solved = paths(budget)
    wide = [path for path in solved if path.problem.n <= path.problem.d and rank(path) == path.problem.n]
    tall = [path for path in solved if path.problem.n > path.problem.d and rank(path) == path.problem.d]
    verdicts = [for_all(group, violation) for group in (wide, tall)]
    failed = next((v for v in verdicts if v.status is not Status.VERIFIED), None)
    return failed or verified(f"wide: {verdicts[0].evidence}; tall: {verdicts[1].evidence}")


CLAIM = Claim(
    name="both-regimes",
    statement="The statements hold for n ≤ d and n > d alike: with rank X = n the path ends with Xβ_p = y, "
    "otherwise at a solution of the normal equations.",
    source="paper, setup (no assumption on n and d)",
    kind=Kind.EXACT,
    method="Loss and gradient at the end of wide and of tall problems of full rank.",
    gap="On these data; the other claims draw n and d from 1 to 5 each, so they cover both regimes.",
    check=check,
)
