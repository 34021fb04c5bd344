"""A Dask cluster: tasks go to a scheduler, and whichever machine has a worker there computes them."""

from __future__ import annotations

import time
from concurrent.futures import Future

from exactsaddle.base import EngineLost, InvalidInput, missing_extra
from exactsaddle.campaign.engines import Function
from exactsaddle.campaign.work import Answer

try:
    from distributed import Client
    from distributed.comm.addressing import get_address_host, normalize_address
    from distributed.scheduler import KilledWorker
except ImportError as error:
    raise missing_extra("--scheduler needs Dask", "cluster") from error

CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
"""How long a cluster may be without any worker."""
_AHEAD = 2
"""Tasks in flight for each thread: one at work, one waiting."""


class DaskCluster:
    """An engine on the scheduler at an address such as tcp://host:8786.

    Raises InvalidInput when nobody answers there, or nobody works for it, within a few seconds.
    """

    lost: tuple[type[BaseException], ...] = (KilledWorker,)
    deaths = 4  # Dask moves a task to another worker three times (its setting allowed-failures)

    def __init__(self, address: str, connect_seconds: float = CONNECT_SECONDS) -> None:
        self.address = address
        try:
            get_address_host(normalize_address(address))  # a Client half made would raise again, 20 s later
            self._client = Client(address, timeout=connect_seconds, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InvalidInput(f"no Dask scheduler answers at {address}: {reason}") from None
        try:
            self._client.wait_for_workers(1, timeout=connect_seconds)
        except TimeoutError:
            self._client.close(timeout=1)
            raise InvalidInput(
                f"the scheduler at {address} has no worker: start one with "
                f"`dask worker {address} --nthreads 1 --nworkers auto`"
            ) from None
        self._executor = self._client.get_executor(pure=False)
        self._asked = self._manned = time.monotonic()
        self._threads = self._count()

    @property
    def width(self) -> int:
        """Two tasks for each thread there is now."""
        return max(1, _AHEAD * self._threads)

    @property
    def workers(self) -> int:
        """Threads of all workers."""
        return self._threads

    def submit(self, function: Function, canonical: str, instances: tuple[int, ...]) -> Future[Answer]:
        """Send a task to the scheduler."""
        try:
            future: Future[Answer] = self._executor.submit(function, canonical, instances)
        except (OSError, RuntimeError, TimeoutError, ValueError) as error:
            raise EngineLost(f"the scheduler at {self.address} takes no task: {error}") from None
        return future

    def check(self) -> None:
        """Raise EngineLost when the scheduler is gone, or has been without workers for a minute."""
        now = time.monotonic()
        if self._client.status != "running":
            raise EngineLost(f"the scheduler at {self.address} is gone")
        if now - self._asked < 1:
            return
        self._asked = now
        self._threads = self._count()
        if self._threads:
            self._manned = now
        elif now - self._manned > PATIENCE_SECONDS:
            raise EngineLost(
                f"the scheduler at {self.address} has had no worker for {PATIENCE_SECONDS:.0f} s"
            )

    def close(self, *, now: bool) -> None:
        """Leave the cluster as it is; tasks that are not done are forgotten there."""
        self._executor.shutdown(wait=False)
        self._client.close(timeout=1 if now else 5)

    def _count(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise EngineLost(f"the scheduler at {self.address} does not answer: {error}") from None
