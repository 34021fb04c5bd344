"""A rule with steps at several α against its limit path, in the middle of every plateau."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from exactsaddle.base import InvalidInput, workprec
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.numbers import Carried, to_fraction, to_rational
from exactsaddle.path.descent import DescentPath, descend, steps_until
from exactsaddle.path.rules import SteppedRule

ENCLOSED_STEPS = 3_000
"""Up to so many steps an iterate is enclosed: radii grow by a factor at each."""
_DIGITS = 12


@dataclass(frozen=True, eq=False)
class IterateDistance(Carried):
    """max|β − β_k| at one α after ``steps`` steps, at time (step·steps)/ln(1/α) in the middle of plateau k.

    A ball that contains it, if enclosed; else a number, of which nothing is proved.
    """

    plateau: int
    alpha: Fraction
    steps: int
    distance: arb
    enclosed: bool


def compare_iterates(
    path: DescentPath,
    alphas: Sequence[Any],
    *,
    progress: Callable[[int], object] = lambda done: None,
) -> tuple[IterateDistance, ...]:
    """The iteration from u = √2·α, v = 0 beside the limit path of its rule: one distance per α and plateau.

    alphas are rationals in (0, 1), in any order. Iterates after at most ENCLOSED_STEPS steps are enclosed.
    That distances tend to 0 with α is evidence, whatever they are: it is not proved for rules with steps.
    Raises InvalidInput for a rule without steps, and where a weight changes its sign.
    """
    if not isinstance(path.rule, SteppedRule):
        raise InvalidInput(f"{path.rule!r} takes no steps, so nothing is iterated")
    scales = [check_alpha(alpha) for alpha in alphas]
    middles = _middles(path)
    found = []
    for scale in scales:
        counts = [steps_until(time, scale, path.rule.step) for time in middles]
        for few in (True, False):
            asked = sorted({count for count in counts if (count <= ENCLOSED_STEPS) == few})
            if not asked:
                continue
            iterates = descend(
                path.problem,
                scale,
                steps=asked,
                rule=path.rule,
                enclosed=few,
                digits=_DIGITS,
                progress=progress,
            )
            by_steps = {iterate.steps: iterate for iterate in iterates}
            for k, count in enumerate(counts):
                if count in by_steps:
                    beta = by_steps[count].beta
                    with workprec(by_steps[count].bits):
                        gaps = [abs(b - arb(v)) for b, v in zip(beta, path[k].beta_vector, strict=True)]
                        largest = gaps[0]
                        for gap in gaps[1:]:
                            largest = largest.max(gap)
                    found.append(IterateDistance(k, to_fraction(scale), count, largest, few))
    return tuple(sorted(found, key=lambda d: (d.plateau, -d.alpha)))


def _middles(path: DescentPath) -> list[Fraction]:
    """A time in the middle of each plateau; of the last one 5t_p/4, of a prefix the middle too."""
    found = []
    for saddle in path:
        start = Fraction(saddle.jump_time_text(10))
        ball = saddle.horizon_ball(20)
        if ball is None:
            found.append(start * Fraction(5, 4) or Fraction(1))
        else:
            with workprec(128):
                found.append((start + to_fraction(to_rational(ball.mid().str(12, radius=False)))) / 2)
    return found
