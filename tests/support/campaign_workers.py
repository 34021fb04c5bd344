"""Workers that misbehave, for the tests of campaigns: importable in the processes that engines spawn."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from exactsaddle.campaign.engines.local import LocalProcesses
from exactsaddle.campaign.specfile import parse_spec
from exactsaddle.campaign.work import Answer, compute

DEADLY = 5

SMALL = """
format = 1
name = "small"
seed = 4
chunk = {chunk}
[[experiment]]
ensemble = "gaussian"
sizes = ["2x3", "3x4"]
count = {count}
[[experiment]]
family = "strict-drop"
sizes = ["4x6"]
count = 4
"""


def small(count: int = 10, chunk: int = 4):
    """A campaign of 2·count + 4 instances, some hundredths of a second of work."""
    return parse_spec(SMALL.format(count=count, chunk=chunk))


def dies_of_one(canonical: str, instances: tuple[int, ...]) -> Answer:
    """``compute``, killed by the operating system at one instance."""
    if DEADLY in instances:
        os.kill(os.getpid(), signal.SIGKILL)
    return compute(canonical, instances)


def another_version(canonical: str, instances: tuple[int, ...]) -> Answer:
    """An answer of another version."""
    return Answer({"exactsaddle": "0.0.1"}, compute(canonical, instances).outcomes)


class Replacing(LocalProcesses):
    """Processes that run another function than they are told."""

    def __init__(self, workers: int, function) -> None:
        super().__init__(workers)
        self.function = function

    def submit(self, function, canonical, instances):
        """Begin a task of the other function."""
        return super().submit(self.function if function is compute else function, canonical, instances)


class InProcess:
    """An engine that computes in this process, at once, and dies when told to; it counts what it is asked."""

    lost = (BrokenProcessPool,)
    deaths = 1
    workers = 1

    def __init__(
        self, dies: Callable[[tuple[int, ...]], bool] = lambda instances: False, width: int = 3
    ) -> None:
        self.dies, self.width = dies, width
        self.asked: list[tuple[int, ...]] = []
        self.closed: bool | None = None

    def submit(self, function, canonical, instances):
        """Do the task now."""
        self.asked.append(instances)
        future: Future[Answer] = Future()
        if self.dies(instances):
            future.set_exception(BrokenProcessPool("died"))
            return future
        try:
            future.set_result(function(canonical, instances))
        except Exception as error:
            future.set_exception(error)
        return future

    def check(self) -> None:
        """Always well."""

    def close(self, *, now: bool) -> None:
        """Remember how."""
        self.closed = now
