"""A log of a training run, for use inside any loop."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from exactsaddle.audit.thinning import Row, Thinner


class RunLogger:
    """Logs rows and writes an NPZ file that ``exactsaddle audit`` reads; memory stays bounded.

    >>> with RunLogger("/tmp/run.npz") as log:
    ...     for step in range(3):
    ...         log(step=step, beta=[0.1 * step, 0.0])
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self._rows = Path(path), Thinner()

    def __call__(self, **fields: Any) -> None:
        """One row: step= or time=, and beta=, u= and v=, w_plus= and w_minus=, or loss=."""
        detached = {k: v.detach().cpu().numpy() if hasattr(v, "detach") else v for k, v in fields.items()}
        self._rows.take(Row.of(detached, self._rows.seen + 1))

    def __enter__(self) -> RunLogger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what was logged, also when the loop failed."""
        if self._rows.seen:
            columns: dict[str, Any] = dict(self._rows.finish()[0])
            np.savez_compressed(self.path, **columns)
