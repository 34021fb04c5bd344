"""Where the time average of the path is the Lasso solution at λ = 1/t, on exact intervals."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactsaddle.base import Status, Verdict
from exactsaddle.lasso import Stretch, average_at, lasso_agreement, lasso_path
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.path import SaddlePath
from proofs_checks import check_lasso, check_lasso_interval
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import LEAVES, for_all, paths, refute


def claimed(path: SaddlePath) -> tuple[Stretch, ...]:
    """The claim: (0, ∞) cut into intervals on which s(t) ∈ ∂‖β̄_t‖₁ holds throughout or nowhere."""
    return lasso_agreement(path)


def violation(path: SaddlePath) -> str | None:
    """A time at which the average is a Lasso solution and should not be, or the other way round."""
    lasso = lasso_path(path.problem)
    checker = check_lasso if lasso.is_exact else check_lasso_interval
    verdict = checker.check(lasso.certificate().to_text()).verdict
    if verdict != "verified":
        return f"the Lasso path is {verdict}"
    stretches = claimed(path)
    for stretch in stretches:
        start = to_fraction(to_rational(stretch.start))
        end = start + 2 if stretch.end is None else to_fraction(to_rational(stretch.end))
        times = [start] * stretch.closed_start + [end] * stretch.closed_end
        for t in (*times, (2 * start + end) / 3, (start + end) / 2):
            average, solution = average_at(path, t), lasso.at(1 / t)
            if (_objective(path, average, t) == _objective(path, solution, t)) is not stretch.holds:
                return f"t = {t}: the relation should {'hold' if stretch.holds else 'fail'}"
    stays = all(set(before.support) <= set(after.support) for before, after in pairwise(path))
    if stays and not all(stretch.holds for stretch in stretches):
        return "no coordinate ever leaves, and yet the relation fails somewhere"
    return None


def example(path: SaddlePath) -> str | None:
    """MATHEMATICS.md §3: holds up to 3/2, fails until 6, inside the last plateau, and holds again."""
    found = [(str(stretch), stretch.holds) for stretch in claimed(path)]
    return None if found == [("(0, 3/2]", True), ("(3/2, 6)", False), ("[6, ∞)", True)] else f"found {found}"


def _objective(path: SaddlePath, b: tuple[Fraction, ...], t: Fraction) -> Fraction:
    return path.problem.loss(b) + sum(map(abs, b), Fraction(0)) / t


def check(budget: Budget) -> Verdict:
    """The ends and two inner points of every interval of every path; then the named example."""
    named = refute(LEAVES, example)
    return named if named.status is not Status.VERIFIED else for_all(paths(budget), violation)


CLAIM = Claim(
    name="lasso-relation",
    statement="The average β̄_t is a Lasso solution at λ = 1/t exactly where s(t) ∈ ∂‖β̄_t‖₁: for all t when "
    "no coordinate ever leaves; on X = [[0,−1],[1,2]], y = (−1,−2) it fails for 3/2 < t < 6 only.",
    source="Berthier 2025 for paths that nobody leaves; the intervals: MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Cut (0, ∞) at jumps and at the zeros of t·β̄_i; compare objectives with the Lasso path, which "
    "the independent checker verifies.",
    gap="On these data; inside an interval the condition does not change, by linearity, so a few times "
    "decide it.",
    check=check,
    violation=violation,
)
