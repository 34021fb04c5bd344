"""The search: every class of a grid where that is affordable, otherwise climbing from random starts."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count, islice
from typing import Any, Literal, get_args

from exactsaddle.base import EngineLost, InvalidInput, ProofFailed, Verdict
from exactsaddle.campaign.search.objectives import Objective
from exactsaddle.campaign.search.symmetry import Data, Grid
from exactsaddle.campaign.search.workers import Stopped, run_tasks
from exactsaddle.certificates import Certificate
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem

Method = Literal["auto", "exhaustive", "local"]
CLASSES_PER_SECOND = 1_000
"""What ``auto`` expects of one worker; a constant, so that the method does not depend on the machine."""
CHUNK = 400
CLIMB = 4_000
"""Paths of one restart: from a random start, one to three entries change at a time."""
DOWNHILL = 0.01
"""The share of moves to a value one less that are taken."""


@dataclass(frozen=True)
class Record:
    """A problem with the largest value found; of several the lightest, then the one found first."""

    value: int
    data: Data
    origin: int
    """The class or restart that it came from, 0-based."""

    def rank(self) -> tuple[int, int, int, int]:
        """What makes one record better than another."""
        largest, total = self.data.weight
        return self.value, -largest, -total, -self.origin

    @cached_property
    def problem(self) -> Problem:
        """The record holder."""
        return Problem(self.data.rows, self.data.y)

    @cached_property
    def path(self) -> SaddlePath:
        """Its path."""
        return saddle_path(self.problem)

    @cached_property
    def certificate(self) -> Certificate:
        """Its certificate, with the uniqueness of every minimiser."""
        return self.path.certificate(uniqueness=True)

    @cached_property
    def verdict(self) -> Verdict:
        """What the independent checker says of the certificate."""
        return self.certificate.check()


@dataclass(frozen=True)
class _Answer:
    """What came of one task: how many problems were looked at, the best, and how many are as good."""

    tried: int
    best: Record | None
    holders: int
    finished: bool


@dataclass(frozen=True)
class SearchResult:
    """What came of a search, and what it proves.

    ``exhausted``: every class of the grid was decided, exactly, by the solver; then ``record`` is the
    maximum over the grid and ``holders`` the number of classes that attain it. Otherwise the record is
    the largest value found, and nothing says that there is no larger.
    """

    objective: Objective
    grid: Grid
    method: Method
    seed: int
    classes: int | None
    tried: int
    restarts: int
    """Restarts that ran to their end; 0 for an exhaustive search."""
    exhausted: bool
    holders: int
    record: Record | None
    seconds: float

    @property
    def is_at_limit(self) -> bool:
        """Whether the record attains the proved upper bound: no real problem of the shape has more."""
        return self.record is not None and self.record.value == self.limit

    @property
    def limit(self) -> int | None:
        """A proved upper bound for all real problems of the shape, where one is known."""
        return self.objective.limit(self.grid.n, self.grid.d)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON types."""
        record = self.record
        return {
            "maximise": self.objective.name,
            "size": [self.grid.n, self.grid.d],
            "grid": self.grid.bound,
            "method": self.method,
            "seed": self.seed,
            "problems": str(self.grid.problems),
            "classes": None if self.classes is None else str(self.classes),
            "tried": self.tried,
            "restarts": self.restarts,
            "exhausted": self.exhausted,
            "limit": self.limit,
            "seconds": round(self.seconds, 3),
            "record": record
            and {
                "value": record.value,
                "holders": self.holders if self.exhausted else None,
                "origin": record.origin,
                "problem": record.problem.to_json(),
                "digest": record.problem.digest,
                "saddles": len(record.path),
                "verdict": {"status": record.verdict.status.value, "evidence": record.verdict.evidence},
            },
        }


Progress = Callable[["SearchResult"], None]


def search(
    objective: Objective,
    grid: Grid,
    *,
    method: Method = "auto",
    seconds: float | None = 60.0,
    restarts: int | None = None,
    climb: int = CLIMB,
    seed: int = 0,
    workers: int | None = None,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda result: None,
) -> SearchResult:
    """Look for the problem of the grid with the largest value.

    "exhaustive" decides one member of every class under the symmetries of ``symmetry``, "local" climbs
    from random starts, "auto" is exhaustive when the classes, counted beforehand, are at most
    CLASSES_PER_SECOND·workers·seconds (without a limit when seconds is None). Ends after ``seconds``,
    ``restarts``, or when ``stopped()``, with the best so far; at least one problem is tried.

    A restart tries ``climb`` problems, and number k depends on (seed, k) only: a search that ends by itself
    or after ``restarts`` finds the same record whatever the number of workers.
    """
    if method not in get_args(Method):
        raise InvalidInput(f"the method must be one of {get_args(Method)}, not {method!r}")
    if restarts is not None and restarts < 1:
        raise InvalidInput(f"restarts must be at least 1, not {restarts}")
    if restarts is not None and method == "exhaustive":
        raise InvalidInput("restarts are those of the local search: an exhaustive one has none")
    processes = workers or os.cpu_count() or 1
    classes = grid.count() if grid.is_countable else None
    if method == "auto":
        affordable = seconds is None or (
            classes is not None and classes <= CLASSES_PER_SECOND * processes * seconds
        )
        method = "exhaustive" if classes is not None and affordable and restarts is None else "local"
    begun = time.monotonic()
    result = SearchResult(objective, grid, method, seed, classes, 0, 0, False, 0, None, 0.0)
    if method == "exhaustive" and classes is None:
        next(grid.classes())  # raises, and says why

    def over() -> bool:
        return stopped() or (seconds is not None and time.monotonic() - begun >= seconds)

    def found() -> bool:
        return result.record is not None

    def floor() -> int:
        return result.record.value if result.record else 0

    tasks: Iterator[_Chunk] | Iterator[_Climb]
    if method == "exhaustive":
        tasks = (_Chunk(objective, *chunk, floor()) for chunk in _chunks(grid))
    else:
        indices = count() if restarts is None else range(restarts)
        tasks = (_Climb(objective, grid, climb, seed, restart) for restart in indices)
    cut = False
    for answer in _until_lost(run_tasks(tasks, processes, over), found):
        cut = cut or not answer.finished
        result = replace(_merged(result, answer), seconds=time.monotonic() - begun)
        progress(result)
        if result.is_at_limit:
            break
    else:
        if method == "exhaustive" and not cut and not over() and result.tried != classes:
            raise ProofFailed(f"{result.tried:,} classes were formed, but Burnside counts {classes:,}")
    return replace(result, exhausted=method == "exhaustive" and not cut and result.tried == classes)


def _until_lost(answers: Iterator[_Answer], has_record: Callable[[], bool]) -> Iterator[_Answer]:
    """The answers; when workers keep dying, the best so far is kept if there is one."""
    try:
        yield from answers
    except EngineLost:
        if not has_record():
            raise
        yield _Answer(0, None, 0, False)


def _merged(result: SearchResult, answer: _Answer) -> SearchResult:
    restarts = result.restarts + (answer.finished and result.method == "local")
    result = replace(result, tried=result.tried + answer.tried, restarts=restarts)
    old, new = result.record, answer.best
    if new is None or (old is not None and new.value < old.value):
        return result
    if old is None or new.value > old.value:
        return replace(result, record=new, holders=answer.holders)
    return replace(result, record=max(old, new, key=Record.rank), holders=result.holders + answer.holders)


@dataclass(frozen=True)
class _Chunk:
    """Consecutive classes of a grid, the first of them number ``first``; ``floor`` is the best so far."""

    objective: Objective
    first: int
    members: tuple[Data, ...]
    floor: int

    def run(self, stopped: Stopped) -> _Answer:
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
        return _Answer(tried, best, holders, tried == len(self.members))


def _chunks(grid: Grid) -> Iterator[tuple[int, tuple[Data, ...]]]:
    classes, first = grid.classes(), 0
    while members := tuple(islice(classes, CHUNK)):
        yield first, members
        first += len(members)


@dataclass(frozen=True)
class _Climb:
    """One restart of the local search: a walk over problems that seldom goes down, then a lighter problem."""

    objective: Objective
    grid: Grid
    length: int
    seed: int
    restart: int

    def run(self, stopped: Stopped) -> _Answer:
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
        return _Answer(tried, best if best.value >= 0 else None, 1, finished)

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
