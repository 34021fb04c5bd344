"""Work done by several processes, answered in order, and stopped at once when asked."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing.synchronize import Event
from typing import Protocol, TypeVar

Answer = TypeVar("Answer", covariant=True)
Stopped = Callable[[], bool]
POLL_SECONDS = 0.1

_stop: Event | None = None


class Task(Protocol[Answer]):
    """Something to do in another process: it can be pickled."""

    def run(self, stopped: Stopped) -> Answer:
        """Do it; return early, with what there is, once ``stopped()`` is true."""


def run_tasks(tasks: Iterable[Task[Answer]], workers: int, stopped: Stopped) -> Iterator[Answer]:
    """The answers to the tasks, in the order of the tasks; tasks may be endless, and are drawn when needed.

    Each runs in one of ``workers`` processes, in this one if workers is 1. At least the first is begun.
    """
    if workers == 1:
        for task in tasks:
            yield task.run(stopped)
            if stopped():
                return
        return
    context = multiprocessing.get_context("spawn")  # a forked copy of a process with threads may hang
    stop = context.Event()
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(stop,)) as pool:
        remaining = iter(tasks)
        waiting: deque[Future[Answer]] = deque()
        try:
            while True:
                if not stop.is_set():
                    for task in islice(remaining, 2 * workers - len(waiting)):
                        waiting.append(pool.submit(_run, task))
                if not waiting:
                    return
                wait([waiting[0]], timeout=POLL_SECONDS)
                if stopped():
                    stop.set()
                while waiting and waiting[0].done():
                    yield waiting.popleft().result()
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
