"""How the corpus was found: exhaustive search of integer grids up to symmetry, and hill climbing.

Run ``python -m tests.corpus.search`` to search again and print what it finds (about ten minutes).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.strategies import events

Event = Callable[[SaddlePath], Fraction | None]
Grid = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Found:
    """The smallest problem of a grid with the event, and how many were searched, up to symmetry."""

    X: Grid
    y: tuple[int, ...]
    searched: int


def weight(X: Grid, y: tuple[int, ...]) -> tuple[int, int]:
    """Size within one shape: the largest entry, then the sum of all, in magnitude."""
    entries = [abs(value) for row in (*X, y) for value in row]
    return max(entries), sum(entries)


def grid(n: int, d: int, bound: int) -> Iterator[tuple[Grid, tuple[int, ...]]]:
    """Every n × d problem with entries in [−bound, bound] and no zero column, up to symmetry.

    Permuting and negating columns, and rows of (X, y), keep the path where minimisers are unique: so
    columns run over multisets, each with a positive first nonzero entry, and y is descending and ≥ 0.
    A zero column is inert: it makes a problem of a smaller shape.
    """
    columns = [
        column
        for column in product(range(-bound, bound + 1), repeat=n)
        if next((value for value in column if value), 0) > 0
    ]
    targets = list(combinations_with_replacement(range(bound, -1, -1), n))
    for chosen in combinations_with_replacement(columns, d):
        X = tuple(zip(*chosen, strict=True))
        for y in targets:
            yield X, y


def smallest(n: int, d: int, bound: int, wanted: Callable[[SaddlePath], bool]) -> Found | None:
    """The problem of least weight in the grid whose path is wanted; None when there is none."""
    best: Found | None = None
    searched = 0
    for X, y in grid(n, d, bound):
        searched += 1
        size = weight(X, y)
        if (best is None or size < weight(best.X, best.y)) and wanted(saddle_path(Problem(X, y))):
            best = Found(X, y, 0)
    return best and Found(best.X, best.y, searched)


def without_choice(event: Event) -> Callable[[SaddlePath], bool]:
    """Paths with the event on which every minimiser is unique, so that no choice takes part in it."""
    return lambda path: event(path) is not None and all(saddle.unique for saddle in path)


def irrational_selection(path: SaddlePath) -> bool:
    """Paths with a saddle whose entropic selection was not found to be rational."""
    return any(not saddle.unique and saddle.selected.exact is None for saddle in path)


def longest(n: int, d: int, bound: int, seed: int, seconds: float) -> tuple[int, Grid, tuple[int, ...]]:
    """The most saddles found on an n × d problem with entries in [−bound, bound], by hill climbing.

    From random starts, change one entry at a time and keep what is not shorter, with ties going to the
    lighter problem at times. Nothing proves that no longer path exists.
    """
    generator = random.Random(seed)
    end = time.monotonic() + seconds
    best: tuple[int, Grid, tuple[int, ...]] = (0, (), ())
    while time.monotonic() < end:
        entries = [generator.randint(-bound, bound) for _ in range(n * (d + 1))]
        length, stale = _length(entries, n, d), 0
        while stale < 40 * len(entries) and time.monotonic() < end:
            trial = list(entries)
            for _ in range(generator.choice((1, 1, 1, 2, 3))):
                trial[generator.randrange(len(trial))] = generator.randint(-bound, bound)
            found = _length(trial, n, d)
            stale = 0 if found > length else stale + 1
            if found >= length:
                entries, length = trial, found
        if length > best[0]:
            best = (length, *_split(entries, n, d))
    return best


def _length(entries: list[int], n: int, d: int) -> int:
    return len(saddle_path(Problem(*_split(entries, n, d))))


def _split(entries: list[int], n: int, d: int) -> tuple[Grid, tuple[int, ...]]:
    return tuple(tuple(entries[i * d : (i + 1) * d]) for i in range(n)), tuple(entries[n * d :])


SEARCHES: dict[str, tuple[int, int, int, Callable[[SaddlePath], bool]]] = {
    "deactivation": (2, 2, 3, without_choice(events.deactivation)),
    "sign-flip": (2, 2, 3, without_choice(events.sign_flip)),
    "reactivation": (3, 3, 2, without_choice(events.reactivation)),
    "strict-drop": (3, 3, 2, without_choice(events.strict_drop)),
    "simultaneous-swap": (2, 3, 3, without_choice(events.simultaneous_swap)),
    "irrational-selection": (2, 3, 2, irrational_selection),
}
"""name: shape, bound and what is looked for."""


def main() -> None:
    """Search again and print."""
    for name, (n, d, bound, wanted) in SEARCHES.items():
        print(name, smallest(n, d, bound, wanted), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
