"""For an orthogonal design each coordinate enters once, at 1/|r_i|, and never moves again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, splitmix


def entry(r: Fraction, gram: Fraction) -> tuple[Fraction, Fraction]:
    """The claim: when a coordinate with r ≠ 0 enters, and at what value."""
    return 1 / abs(r), r / gram


def orthogonal_problems(budget: Budget, count: int) -> Iterator[Problem]:
    """Columns of the reflections I − 2ww'/w'w, scaled: orthogonal and rational, n ≥ d."""
    bits = splitmix(budget.seed)
    for _ in range(count):
        n = 1 + next(bits) % 5
        d = 1 + next(bits) % n
        w = [1 + next(bits) % 4 for _ in range(n)]
        scales = [Fraction(1 + next(bits) % 6, 1 + next(bits) % 3) for _ in range(d)]
        square = sum(a * a for a in w)
        X = [[scales[j] * ((i == j) - Fraction(2 * w[i] * w[j], square)) for j in range(d)] for i in range(n)]
        yield Problem(X, [next(bits) % 11 - 5 for _ in range(n)])


def violation(path: SaddlePath) -> str | None:
    """A saddle that is not what the entries up to its time make it."""
    problem = path.problem
    entries = {i: entry(r, problem.gram[i][i]) for i, r in enumerate(problem.correlation) if r != 0}
    times = sorted({Fraction(0), *(time for time, _ in entries.values())})
    if path.jump_times != tuple(times):
        return f"jumps at {tuple(map(str, path.jump_times))}, claimed {tuple(map(str, times))}"
    for saddle in path:
        for i, b in enumerate(saddle.beta):
            time, value = entries.get(i, (None, Fraction(0)))
            expected = value if time is not None and time <= saddle.jump_time else 0
            if b != expected:
                return f"saddle {saddle.index}: β_{i} = {b}, claimed {expected}"
    return None


def check(budget: Budget) -> Verdict:
    """Every orthogonal problem drawn."""
    return for_all(map(saddle_path, orthogonal_problems(budget, budget.of(100, 2000))), violation)


CLAIM = Claim(
    name="orthogonal-design",
    statement="If G = diag(γ), coordinate i enters at t = 1/|r_i| with value r_i/γ_i and never moves.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Compare every saddle with the closed form, over Q.",
    gap="On these data.",
    check=check,
)
