"""How large a step may be: for weights to keep their signs, saddles to attract, events to stay the flow's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from exactsaddle.base import Inconclusive, one_at_a_time
from exactsaddle.numbers import Carried, Vector, to_fraction
from exactsaddle.path.descent.cells import same_events
from exactsaddle.path.descent.duals import Duals
from exactsaddle.path.descent.path import DescentPath, descent_path
from exactsaddle.path.descent.stability import attracts, extreme_minimisers
from exactsaddle.path.rules import GradientDescent, GradientFlow
from exactsaddle.problem import Problem

DIGITS = 6
MAX_CELLS = 1_000


@dataclass(frozen=True)
class Bracket(Carried):
    """A largest step between two rationals; high is None where no step above low is known to fail.

    It holds for every step in (0, low]; at high it fails. Both are proved. ``reason`` says why the bracket is
    wider than asked for, or without an end.
    """

    low: Fraction
    high: Fraction | None
    reason: str = ""


@dataclass(frozen=True)
class StepLimits(Carried):
    """How large the step of gradient descent may be on the saddles of the flow's path, a prefix if it is one.

    signs: exactly, weights keep their signs at every saddle for η < signs (None: for every η).
    stability: every minimiser of every saddle attracts for η below it, None when they do for every η.
    order: the events are the flow's, in its order; steps at or above ``signs`` are not considered.
    """

    path: DescentPath
    signs: Fraction | None
    stability: Bracket | None
    order: Bracket


@one_at_a_time
def step_limits(
    problem: Problem,
    *,
    digits: int = DIGITS,
    max_saddles: int = 10_000,
    progress: Callable[[Fraction], object] = lambda step: None,
) -> StepLimits:
    """The largest steps for which descent behaves on the saddles of the flow's path as the flow does.

    Stability is bisected by exact tests of definiteness; the order is proved for all steps of a cell at once.
    Brackets have a relative width of 10^−digits, or a reason. Raises Inconclusive where the minimisers of a
    saddle are unbounded.
    Source: MATHEMATICS.md §9.
    """
    path = descent_path(problem, rule=GradientFlow(), max_saddles=max_saddles)
    return StepLimits(
        path, _sign_limit(path), _stability(path, digits), _order(path, fmpq(10) ** -digits, progress)
    )


def _sign_limit(path: DescentPath) -> Fraction | None:
    """1/max|g_i| over saddles and the sides that recede there."""
    speeds = [-f for plateau in path.plateaus for f in _drives(path, plateau.gradient).values() if f < 0]
    return to_fraction(1 / max(speeds)) if speeds else None


def _drives(path: DescentPath, gradient: Vector) -> dict[tuple[int, int], fmpq]:
    return Duals(path.problem, path.rule.flow, path.rule.rate).drives(gradient)


def _stability(path: DescentPath, digits: int) -> Bracket | None:
    problem = path.problem
    points: list[Vector] = []
    for k, plateau in enumerate(path.plateaus):
        held = [i for i in plateau.active if plateau.gradient[i] == 0]
        signs = [plateau.active.get(i, 0) for i in range(problem.d)]
        try:
            points += extreme_minimisers(problem, plateau.beta, held, signs)
        except Inconclusive as error:
            raise Inconclusive(f"saddle {k} is not known to attract at any step: {error}") from None
    points = [b for b in points if b.support]
    if not points:
        return None
    diagonals = [[abs(b[i]) * problem.normal_equations.gram_column(i)[i] for i in b.support] for b in points]
    # the largest eigenvalue is at least each diagonal entry, and at most the trace
    low, high = 1 / (2 * max(map(_total, diagonals))), 1 / max(map(max, diagonals))
    while high - low > high * fmpq(10) ** -digits:
        middle = (low + high) / 2
        if all(attracts(problem, GradientDescent(middle), b) for b in points):
            low = middle
        else:
            high = middle
    return Bracket(to_fraction(low), to_fraction(high))


def _order(path: DescentPath, width: fmpq, progress: Callable[[Fraction], object]) -> Bracket:
    """Cells from 0 upwards: doubled where they are proved, halved where they are not."""
    signs = _sign_limit(path)
    if signs is None:
        return Bracket(Fraction(0), None, "no weight moves")
    for k, plateau in enumerate(path.plateaus):
        if len(plateau.hits) > 1 and not _tied_for_every_step(path, k):
            return Bracket(Fraction(0), None, f"the tie at the end of plateau {k} is one of the flow alone")
    top = fmpq(signs.numerator, signs.denominator) * (1 - width)
    reached, failing, cell = fmpq(0), top, top / 64
    failed = False
    for _ in range(MAX_CELLS):
        if failing - reached <= failing * width:
            break
        progress(to_fraction(reached))
        end = min(reached + cell, failing)
        if same_events(path, reached, end):
            reached, cell = end, 2 * cell
        else:
            if same_events(path, end, end) is False:
                failing, failed = end, True
            cell = (end - reached) / 2
    else:
        return Bracket(
            to_fraction(reached),
            to_fraction(failing) if failed else None,
            f"{MAX_CELLS:,} cells were not enough",
        )
    if failed:
        return Bracket(to_fraction(reached), to_fraction(failing))
    return Bracket(to_fraction(reached), None, "up to the step that reverses a weight")


def _tied_for_every_step(path: DescentPath, k: int) -> bool:
    duals = Duals(path.problem, path.rule.flow, path.rule.rate)
    for plateau in path.plateaus[:k]:
        duals.advance(plateau)
    return duals.are_tied(path.plateaus[k].hits, duals.drives(path.plateaus[k].gradient))


def _total(values: Sequence[fmpq]) -> fmpq:
    return sum(values, fmpq(0))
