"""The tasks of a search, each for one worker: a chunk of classes to decide, or one climb."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from exactsaddle.campaign.search.objectives import Objective
from exactsaddle.campaign.search.result import Record
from exactsaddle.campaign.search.symmetry import Data, Grid
from exactsaddle.campaign.search.workers import Stopped

CHUNK = 400
DOWNHILL = 0.01
"""The share of moves to a value one less that are taken."""


@dataclass(frozen=True)
class Answer:
    """What came of one task: how many problems were looked at, the best, and how many are as good."""

    tried: int
    best: Record | None
    holders: int
    finished: bool


@dataclass(frozen=True)
class Chunk:
    """Consecutive classes of a grid, the first of them number ``first``; ``floor`` is the best so far."""

    objective: Objective
    first: int
    members: tuple[Data, ...]
    floor: int

    def run(self, stopped: Stopped) -> Answer:
        """Decide the members in order, until stopped."""
        best: Record | None = None
        holders = tried = 0
        for origin, data in enumerate(self.members, self.first):
            value = self.objective.value(data, best.value if best else self.floor)
            tried += 1
            if value is not None:
                holders = holders + 1 if best and value == best.value else 1
                found = Record(value, data, origin)
                best = found if best is None else max(best, found, key=Record.rank)
            if stopped():
                break
        return Answer(tried, best, holders, tried == len(self.members))


def chunks(grid: Grid) -> Iterator[tuple[int, tuple[Data, ...]]]:
    """The classes of a grid in pieces, each with the number of its first."""
    classes, first = grid.classes(), 0
    while members := tuple(islice(classes, CHUNK)):
        yield first, members
        first += len(members)


@dataclass(frozen=True)
class Climb:
    """One restart of the local search: a walk over problems that seldom goes down, then a lighter problem."""

    objective: Objective
    grid: Grid
    length: int
    seed: int
    restart: int

    def run(self, stopped: Stopped) -> Answer:
        """Walk ``length`` problems, until stopped, then lighten the best."""
        generator = random.Random(f"{self.seed}/{self.restart}")
        entries = [self._entry(generator) for _ in range(self.grid.n * (self.grid.d + 1))]
        value, tried = self._value(entries), 1
        best = Record(value, self._data(entries), self.restart)
        while tried < self.length and not stopped():
            trial = list(entries)
            for _ in range(generator.choice((1, 1, 1, 2, 3))):
                trial[generator.randrange(len(trial))] = self._entry(generator)
            found, tried = self._value(trial, value - 1), tried + 1
            if found >= value or (found == value - 1 and generator.random() < DOWNHILL):
                entries, value = trial, found
                best = max(best, Record(value, self._data(entries), self.restart), key=Record.rank)
        finished = tried == self.length
        if finished:
            best, more = self._lightened(best)
            tried += more
        return Answer(tried, best if best.value >= 0 else None, 1, finished)

    def _entry(self, generator: random.Random) -> int:
        """Zero, or a number of any length up to the bound's with equal chance, of either sign.

        Long paths have columns of very different sizes, which uniform entries hardly ever give.
        """
        bits = generator.randint(0, self.grid.bound.bit_length())
        if not bits:
            return 0
        size = generator.randint(1 << (bits - 1), min((1 << bits) - 1, self.grid.bound))
        return size if generator.random() < 0.5 else -size

    def _data(self, entries: list[int]) -> Data:
        vectors = [tuple(entries[k : k + self.grid.n]) for k in range(0, len(entries), self.grid.n)]
        return Data(tuple(vectors[:-1]), vectors[-1])

    def _value(self, entries: list[int], floor: int = 0) -> int:
        value = self.objective.value(self._data(entries), floor)
        return -1 if value is None else value

    def _lightened(self, record: Record) -> tuple[Record, int]:
        """The record with entries stepped towards zero while its value stays, and the paths it took."""
        entries = [value for vector in (*record.data.columns, record.data.y) for value in vector]
        tried, lighter = 0, True
        while lighter:
            lighter = False
            for k, value in sorted(enumerate(entries), key=lambda item: -abs(item[1])):
                if value:
                    trial = [*entries[:k], value - (1 if value > 0 else -1), *entries[k + 1 :]]
                    tried += 1
                    if self._value(trial, record.value) == record.value:
                        entries, lighter = trial, True
        return replace(record, data=self._data(entries)), tried
