"""The axes of pictures: how time runs, and where a vertical axis stops being linear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SQUEEZED = 0.02
"""A plateau shorter than this share of the axis cannot be seen as one."""
_WIDE = 8.0
"""A ratio of losses above which the staircase needs a logarithmic axis."""


@dataclass(frozen=True)
class TimeScale:
    """The time axis of all pictures of one path: accelerated time from start to end."""

    scale: Literal["linear", "log"]
    start: float
    end: float

    def share(self, times: Floats) -> Floats:
        """Where times are on the axis, 0 at its start and 1 at its end."""
        if self.scale == "linear":
            return (times - self.start) / (self.end - self.start)
        return np.log(np.maximum(times, self.start) / self.start) / math.log(self.end / self.start)

    def grid(self, start: float, end: float, points: int = 40) -> Floats:
        """Times from start to end, evenly spaced on the axis."""
        first = max(start, self.start)
        if self.scale == "linear" or not first < end:
            return np.linspace(first, max(first, end), points)
        return np.geomspace(first, end, points)


def time_scale(jump_times: Floats, end: float) -> TimeScale:
    """Linear, unless a logarithmic axis shows more plateaus at a width that can be seen.

    The logarithmic axis starts below the first jump, where every β̃ is still 0.
    """
    linear = TimeScale("linear", 0.0, end)
    jumps = jump_times[jump_times > 0]
    if not len(jumps):
        return linear
    start = float(jumps[0]) ** 1.12 * end**-0.12
    logarithmic = TimeScale("log", float(f"{start:.3g}"), end)

    def seen(scale: TimeScale) -> int:
        return int((np.diff(scale.share(np.array([*jumps, end]))) >= _SQUEEZED).sum())

    return logarithmic if seen(logarithmic) > seen(linear) else linear


def linear_threshold(values: Floats) -> float | None:
    """Where a vertical axis stops being linear: None when half of the nonzero values can be seen on it.

    A value is seen above a fiftieth of the largest. Otherwise the power of ten at the lower decile.
    """
    sizes = np.abs(values[values != 0])
    if not len(sizes) or float(np.median(sizes)) >= float(sizes.max()) / 50:
        return None
    return float(10.0 ** np.floor(np.log10(np.quantile(sizes, 0.1))))


def loss_floor(losses: Floats) -> float | None:
    """The lowest value on an axis of these losses where it is logarithmic; None where it is linear."""
    positive = losses[losses > 0]
    if not len(positive) or float(positive.max() / positive.min()) <= _WIDE:
        return None
    return float(positive.min()) / (30.0 if (losses <= 0).any() else 1.6)
