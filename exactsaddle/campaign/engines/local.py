"""Processes of this machine: one pool of one process for each worker.

So the death of a process is the fault of the one chunk it held, and takes nothing else with it
(a ``ProcessPoolExecutor`` of several processes fails all of its tasks when one dies).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from exactsaddle.base import InvalidInput
from exactsaddle.campaign.engines import Function
from exactsaddle.campaign.spawning import deaf_to_ctrl_c
from exactsaddle.campaign.work import Answer

MAX_WORKERS = 1024


class LocalProcesses:
    """An engine of so many processes; by default one for each CPU this process may use."""

    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    deaths = 1

    def __init__(self, workers: int | None = None) -> None:
        count = cpu_count() if workers is None else workers
        if not 1 <= count <= MAX_WORKERS:
            raise InvalidInput(f"workers must be from 1 to {MAX_WORKERS}, not {count}")
        self._slots = [_Slot() for _ in range(count)]

    @property
    def width(self) -> int:
        """One task for each process."""
        return len(self._slots)

    @property
    def workers(self) -> int:
        """The number of processes."""
        return len(self._slots)

    def submit(self, function: Function, canonical: str, instances: tuple[int, ...]) -> Future[Answer]:
        """Begin a task on a process that has none."""
        slot = next(slot for slot in self._slots if slot.idle)
        return slot.submit(function, canonical, instances)

    def check(self) -> None:
        """Processes that die are replaced: there is always one."""

    def close(self, *, now: bool) -> None:
        """End the processes; if now, kill them."""
        for slot in self._slots:
            slot.close(now)


class _Slot:
    """One process, replaced when it dies, and the task it holds."""

    def __init__(self) -> None:
        self._start()
        self._task: Future[Answer] | None = None

    @property
    def idle(self) -> bool:
        return self._task is None or self._task.done()

    def submit(self, function: Function, canonical: str, instances: tuple[int, ...]) -> Future[Answer]:
        if self._task is not None and isinstance(self._task.exception(), BrokenProcessPool):
            self.close(True)
            self._start()
        try:
            self._task = self._pool.submit(function, canonical, instances)
        except BrokenProcessPool:  # it died while it had nothing to do
            self.close(True)
            self._start()
            self._task = self._pool.submit(function, canonical, instances)
        return self._task

    def _start(self) -> None:
        # spawn: a fork would share the lock on the directory, and FLINT's state, with this process
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
        with deaf_to_ctrl_c():
            self._pid = self._pool.submit(os.getpid)

    def close(self, now: bool) -> None:
        if now and self._pid.done() and self._pid.exception() is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid.result(), signal.SIGKILL)
        self._pool.shutdown(wait=not now, cancel_futures=True)


def cpu_count() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Leave Ctrl-C to the driver, and end with it: a driver that is killed leaves no process behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
