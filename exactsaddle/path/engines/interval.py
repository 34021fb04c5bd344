"""Intervals by component, in binary64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from exactsaddle.path.engines.binary import Floats


@dataclass(frozen=True)
class Interval:
    """Componentwise bounds low ≤ truth ≤ high, in binary64."""

    low: Floats
    high: Floats

    @property
    def magnitude(self) -> Floats:
        """At least |truth|."""
        return np.maximum(np.abs(self.low), np.abs(self.high))


def about(middle: Floats, radius: Floats) -> Interval:
    """The interval middle ± radius, its own rounding included."""
    with np.errstate(all="ignore"):  # what is not a number decides nothing
        wide = radius * (1 + 1e-12) + (np.abs(middle) + radius) * 1e-15 + 1e-300
        return Interval(middle - wide, middle + wide)
