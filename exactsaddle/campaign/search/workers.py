"""Work done by several processes, answered in order, and stopped at once when asked."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Event
from typing import Protocol, TypeVar

from exactsaddle.base import EngineLost
from exactsaddle.campaign.spawning import deaf_to_ctrl_c

Answer = TypeVar("Answer", covariant=True)
Stopped = Callable[[], bool]
POLL_SECONDS = 0.1
MAX_DEATHS = 3
"""Pools that may break one after another before a search gives up."""

_stop: Event | None = None


class Task(Protocol[Answer]):
    """Something to do in another process: it can be pickled."""

    def run(self, stopped: Stopped) -> Answer:
        """Do it; return early, with what there is, once ``stopped()`` is true."""


def run_tasks(tasks: Iterable[Task[Answer]], workers: int, stopped: Stopped) -> Iterator[Answer]:
    """The answers to the tasks, in the order of the tasks; tasks may be endless, and are drawn when needed.

    Each runs in one of ``workers`` processes, in this one if workers is 1. At least the first is begun.
    What a worker was doing that is killed is done again; raises EngineLost when workers keep dying.
    """
    if workers == 1:
        for task in tasks:
            yield task.run(stopped)
            if stopped():
                return
        return
    context = multiprocessing.get_context("spawn")  # a forked copy of a process with threads may hang
    stop = context.Event()
    remaining = iter(tasks)
    waiting: deque[Task[Answer]] = deque()
    deaths = 0
    while True:
        try:
            for answer in _answers(context, stop, remaining, waiting, workers, stopped):
                deaths = 0
                yield answer
            return
        except BrokenProcessPool:  # a worker was killed: what it had is done again
            deaths += 1
            if stopped():
                return
            if deaths == MAX_DEATHS:
                raise EngineLost(
                    f"workers died {deaths} times in a row without an answer: out of memory?"
                ) from None
        finally:
            stop.set()
        stop = context.Event()


def _answers(
    context: SpawnContext,
    stop: Event,
    remaining: Iterator[Task[Answer]],
    waiting: deque[Task[Answer]],
    workers: int,
    stopped: Stopped,
) -> Iterator[Answer]:
    """The answers of one pool; ``waiting`` are tasks begun and not answered, also when the pool breaks."""
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(stop,)) as pool:
        begun: deque[Future[Answer]] = deque()
        try:
            while True:
                if not stop.is_set():
                    waiting.extend(islice(remaining, 2 * workers - len(waiting)))
                    with deaf_to_ctrl_c():
                        begun.extend(pool.submit(_run, task) for task in islice(waiting, len(begun), None))
                if not begun:
                    return
                wait([begun[0]], timeout=POLL_SECONDS)
                if stopped():
                    stop.set()
                while begun and begun[0].done():
                    answer = begun.popleft().result()
                    waiting.popleft()
                    yield answer
        finally:
            stop.set()


def _begin(stop: Event) -> None:
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gave the tasks


def _run(task: Task[Answer]) -> Answer:
    if _stop is None:
        raise RuntimeError("a worker was not initialised")
    return task.run(_stop.is_set)
