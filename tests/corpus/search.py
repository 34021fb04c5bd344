"""How the smallest problems of the corpus were found: every class of an integer grid, up to symmetry.

Run ``python -m tests.corpus.search`` to search again and print what it finds (about six minutes). The
longest paths come from ``exactsaddle campaign search``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.campaign.search import Data, Grid
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import descent_path
from exactsaddle.path.descent.cells import same_events
from exactsaddle.path.rules import GradientFlow
from exactsaddle.testing.strategies import events

Event = Callable[[SaddlePath], Fraction | None]
Wanted = Callable[[SaddlePath], bool]


@dataclass(frozen=True)
class Found:
    """The lightest problem of a grid that is wanted, and how many classes were searched."""

    data: Data
    searched: int


def smallest(grid: Grid, wanted: Wanted) -> Found | None:
    """The problem of least weight in the grid whose path is wanted; None when there is none."""
    best: Data | None = None
    searched = 0
    for data in grid.classes():
        searched += 1
        lighter = best is None or data.weight < best.weight
        if lighter and wanted(saddle_path(Problem(data.rows, data.y))):
            best = data
    return best and Found(best, searched)


def without_choice(event: Event) -> Wanted:
    """Paths with the event on which every minimiser is unique, so that no choice takes part in it."""
    return lambda path: event(path) is not None and all(saddle.unique for saddle in path)


def irrational_selection(path: SaddlePath) -> bool:
    """Paths with a saddle whose entropic selection was not found to be rational."""
    return any(not saddle.unique and saddle.selected.exact is None for saddle in path)


def reordering_step(path: SaddlePath) -> bool:
    """Paths without ties or choices that a step changes: a part of the step that reverses a weight."""
    if any(len(saddle.hits) > 1 or not saddle.unique for saddle in path):
        return False
    steepest = max(abs(g) for saddle in path for g in saddle.gradient)
    flow = descent_path(path.problem, rule=GradientFlow())
    for part in (Fraction(k, 20) for k in (2, 4, 8, 12, 15, 18)):
        step = steepest and part / steepest
        if step and same_events(flow, to_rational(step), to_rational(step)) is False:
            with suppress(InvalidInput, Inconclusive):
                if descent_path(path.problem, step).complete:
                    return True
    return False


SEARCHES: dict[str, tuple[Grid, Wanted]] = {
    "deactivation": (Grid(2, 2, 3), without_choice(events.deactivation)),
    "sign-flip": (Grid(2, 2, 3), without_choice(events.sign_flip)),
    "reactivation": (Grid(3, 3, 2), without_choice(events.reactivation)),
    "strict-drop": (Grid(3, 3, 2), without_choice(events.strict_drop)),
    "simultaneous-swap": (Grid(2, 3, 3), without_choice(events.simultaneous_swap)),
    "irrational-selection": (Grid(2, 3, 2), irrational_selection),
    "reordering-step": (Grid(2, 3, 3), reordering_step),
}
"""name: grid and what is looked for."""


def main() -> None:
    """Search again and print."""
    for name, (grid, wanted) in SEARCHES.items():
        print(name, smallest(grid, wanted), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
