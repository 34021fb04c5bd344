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
from exactsaddle.path.descent.stability import attracts, curvatures, extreme_minimisers
from exactsaddle.path.rules import GradientDescent, SteppedRule
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
    """How large the step of a rule may be on the saddles of the path of its flow, a prefix if it is one.

    signs: exactly, no step from rest reverses a weight at any saddle for η < signs (None: for every η).
    oscillation: no small weight oscillates at any saddle up to it; None where none does below ``signs``.
    stability: every minimiser of every saddle attracts for η below it, None when they do for every η.
    order: the events are the flow's, in its order; steps at or above ``signs`` are not considered.
    The step of ``rule`` itself plays no part.
    """

    path: DescentPath
    rule: SteppedRule
    signs: Fraction | None
    oscillation: Bracket | None
    stability: Bracket | None
    order: Bracket


@one_at_a_time
def step_limits(
    problem: Problem,
    rule: SteppedRule | None = None,
    *,
    digits: int = DIGITS,
    max_saddles: int = 10_000,
    progress: Callable[[Fraction], object] = lambda step: None,
) -> StepLimits:
    """The largest steps for which a rule behaves on the saddles of its flow's path as that flow does.

    The rule is gradient descent by default; its own step plays no part. Stability and oscillation are
    bisected by exact tests; the order is proved for all steps of a cell at once. Brackets have a relative
    width of 10^−digits, or a reason. Raises Inconclusive where the minimisers of a saddle are unbounded.
    Source: MATHEMATICS.md §9 and §11.
    """
    chosen = GradientDescent(1) if rule is None else rule
    path = descent_path(problem, rule=chosen.flow, max_saddles=max_saddles)
    return StepLimits(
        path,
        chosen,
        _sign_limit(path),
        _oscillation(path, chosen, digits),
        _stability(path, chosen, digits),
        _order(path, chosen, fmpq(10) ** -digits, progress),
    )


def _sign_limit(path: DescentPath) -> Fraction | None:
    """1/max|f| over saddles and the sides that recede there."""
    fastest = _receding(path)
    return None if fastest is None else to_fraction(-1 / fastest)


def _receding(path: DescentPath) -> fmpq | None:
    """The least f < 0 of all sides at all saddles."""
    found = [f for plateau in path.plateaus for f in _drives(path, plateau.gradient).values() if f < 0]
    return min(found) if found else None


def _oscillation(path: DescentPath, rule: SteppedRule, digits: int) -> Bracket | None:
    """Bisected below the step that reverses: roots that are complex at a step are so at larger ones."""
    fastest = _receding(path)
    if fastest is None or not rule.at(-1 / fastest).oscillates(fastest):
        return None
    return _bisected(lambda step: not rule.at(step).oscillates(fastest), fmpq(0), -1 / fastest, digits)


def _bisected(holds: Callable[[fmpq], bool], low: fmpq, high: fmpq, digits: int) -> Bracket:
    """Between steps up to low, for which something holds, and high, for which it does not."""
    while high - low > high * fmpq(10) ** -digits:
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return Bracket(to_fraction(low), to_fraction(high))


def _drives(path: DescentPath, gradient: Vector) -> dict[tuple[int, int], fmpq]:
    return Duals(path.problem, path.rule.flow, path.rule.rate).drives(gradient)


def _stability(path: DescentPath, rule: SteppedRule, digits: int) -> Bracket | None:
    problem = path.problem
    points: list[Vector] = []
    for k, plateau in enumerate(path.plateaus):
        drives = _drives(path, plateau.gradient)
        held = [i for i, side in plateau.active.items() if drives[i, side] == 0]
        signs = [plateau.active.get(i, 0) for i in range(problem.d)]
        try:
            points += extreme_minimisers(problem, plateau.beta, held, signs)
        except Inconclusive as error:
            raise Inconclusive(f"saddle {k} is not known to attract at any step: {error}") from None
    points = [b for b in points if b.support]
    if not points:
        return None
    diagonals = [curvatures(problem, rule, b) for b in points]
    # the largest eigenvalue is at least each diagonal entry, and at most the trace
    bound = rule.largest_curvature
    low, high = bound / (2 * max(map(_total, diagonals))), bound / max(map(max, diagonals))
    return _bisected(lambda step: all(attracts(problem, rule.at(step), b) for b in points), low, high, digits)


def _order(
    path: DescentPath, rule: SteppedRule, width: fmpq, progress: Callable[[Fraction], object]
) -> Bracket:
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
        if same_events(path, rule, reached, end):
            reached, cell = end, 2 * cell
        else:
            if same_events(path, rule, end, end) is False:
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
