"""Where the work is done: processes of this machine, or a Dask cluster; one interface for both."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Protocol

from exactsaddle.campaign.work import Answer

Function = Any
"""``compute`` or ``preserve`` of work.py: (canonical SPEC, instances) -> Answer."""


class Engine(Protocol):
    """Runs chunks of work somewhere, one task for each."""

    lost: tuple[type[BaseException], ...]
    """What a future raises when its worker died."""

    deaths: int
    """How many workers have died when a future raises that."""

    @property
    def width(self) -> int:
        """How many tasks may be in flight: enough to keep every worker busy, no more."""

    @property
    def workers(self) -> int:
        """How many workers there are now."""

    def submit(self, function: Function, canonical: str, instances: tuple[int, ...]) -> Future[Answer]:
        """Begin a task."""

    def check(self) -> None:
        """Raise EngineLost when no task can ever finish any more."""

    def close(self, *, now: bool) -> None:
        """Let go of the workers; if now, without waiting for their tasks."""
