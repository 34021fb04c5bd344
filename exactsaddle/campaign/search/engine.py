"""The search: every class of a grid where that is affordable, otherwise climbing from random starts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import get_args

from exactsaddle.base import EngineLost, InvalidInput, ProofFailed
from exactsaddle.campaign.search.objectives import Objective
from exactsaddle.campaign.search.result import Method, Record, SearchResult
from exactsaddle.campaign.search.symmetry import Grid
from exactsaddle.campaign.search.tasks import Answer, Chunk, Climb, chunks
from exactsaddle.campaign.search.workers import Stopped, run_tasks

CLASSES_PER_SECOND = 1_000
"""What ``auto`` expects of one worker; a constant, so that the method does not depend on the machine."""
CLIMB = 4_000
"""Paths of one restart: from a random start, one to three entries change at a time."""

Progress = Callable[[SearchResult], None]


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

    tasks: Iterator[Chunk] | Iterator[Climb]
    if method == "exhaustive":
        tasks = (Chunk(objective, *chunk, floor()) for chunk in chunks(grid))
    else:
        indices = count() if restarts is None else range(restarts)
        tasks = (Climb(objective, grid, climb, seed, restart) for restart in indices)
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


def _until_lost(answers: Iterator[Answer], has_record: Callable[[], bool]) -> Iterator[Answer]:
    """The answers; when workers keep dying, the best so far is kept if there is one."""
    try:
        yield from answers
    except EngineLost:
        if not has_record():
            raise
        yield Answer(0, None, 0, False)


def _merged(result: SearchResult, answer: Answer) -> SearchResult:
    restarts = result.restarts + (answer.finished and result.method == "local")
    result = replace(result, tried=result.tried + answer.tried, restarts=restarts)
    old, new = result.record, answer.best
    if new is None or (old is not None and new.value < old.value):
        return result
    if old is None or new.value > old.value:
        return replace(result, record=new, holders=answer.holders)
    return replace(result, record=max(old, new, key=Record.rank), holders=result.holders + answer.holders)
