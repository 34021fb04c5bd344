"""Is the log itself sound? What weights in binary64 and binary32 lose (MATHEMATICS.md §10)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from exactsaddle.audit.log import Run
from exactsaddle.audit.setting import Setting
from exactsaddle.base import visible


@dataclass(frozen=True)
class Unsound:
    """From row on, the smaller weight of a coordinate is rounding: where it was logged, and in words."""

    row: int
    coordinate: int = field(repr=False)
    words: str


def lost_weights(setting: Setting, run: Run) -> Unsound | None:
    """The first row at which a conserved quantity is lost in the rounding of (u, v) or of w±; None if none.

    With u = (w₊ + w₋)/√2 and v = (w₊ − w₋)/√2 stored, u² − v² = 2w₊w₋ = 2α² drowns once it is below half
    a unit in the last place of u². A coordinate may then never come back from where it is.
    """
    if run.weights is None or run.pair != ("u", "v") or setting.depth > 2:
        return None
    u, v = run.weights
    start = u[0] ** 2 - v[0] ** 2
    if not (np.abs(start) > 0).all() or np.abs(u[0] * v[0]).max() > np.abs(start).max():
        return None  # u = v at the start: these are the weights of β = u² − v², which lose nothing
    unit = 2.0**-24 if run.single else 2.0**-53
    gone = (np.maximum(u**2, v**2) * unit > np.abs(start)) & (np.abs((u**2 - v**2) / start - 1) > 0.5)
    if not gone.any():
        return None
    row = int(np.argmax(gone.any(axis=1)))
    i = int(np.argmax(gone[row]))
    kind = "binary32" if run.single else "binary64"
    return Unsound(
        row,
        i,
        f"u² − v² of {visible(setting.problem.names[i])} is {float(u[row, i] ** 2 - v[row, i] ** 2):.3g} "
        f"from row {row + 1} on, where 2α² = {float(start[i]):.3g} is conserved: {kind} lost its smaller "
        "weight, so it cannot turn back as the descent would. Log or iterate w± or their logarithms",
    )


def could_lose(setting: Setting, run: Run, alpha: float) -> bool:
    """Whether (u, v) in the precision of the log would lose α² beside the largest |β|."""
    if run.beta is None:
        return False
    return alpha**2 < float(np.abs(run.beta).max()) * (2.0**-24 if run.single else 2.0**-53)


def rounding(run: Run) -> float:
    """What rounding of the log's numbers explains, relative to the largest |β|, in w after T steps."""
    return math.sqrt(max(run.clock[-1], 1.0)) * 2.0**-22 if run.single and run.counts_steps else 0.0
