"""Which coordinates lead: the pivots of a step are those nearest to a threshold, where it is long for them.

On a stiff plateau at depth L ≥ 3 the distance to a threshold is of order α^(L−2), far below what floats
resolve of a dual of order 1. As a pivot a coordinate has a polynomial of its own, small as that is.
"""

from __future__ import annotations

import math
from functools import lru_cache

from flint import arb, fmpq

from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.vector_field import BallField

_MARGIN = 16
"""Bits by which f may move more on the next step."""
_LEAST = 48
"""The least degree: where little moves lower ones cost as much a step, and more steps."""
_KEPT = 32
"""Collocators of a run that are kept: one for each set of pivots and accuracy."""


class Leaders:
    """The collocators of a run, one for each set of pivots and each accuracy of a defect."""

    def __init__(self, field: BallField) -> None:
        self.field = field
        self.near: list[int] = []
        self._collocator = lru_cache(_KEPT)(Collocator)

    def choose(
        self, time: fmpq, w: tuple[arb, ...], error: arb, length: float, bits: int, force: float
    ) -> tuple[Collocator, tuple[arb, ...], arb]:
        """The collocator of the step that begins at this time, and w and error in its coordinates.

        Defects are to be below 2^−bits where f moves by about 2^force.
        """
        field = self.field
        duals = field.duals(w, time)
        degree = _degree(max(0.0, bits + min(0.0, force + _MARGIN)))
        near = self._collocator(field, bits, degree).near(field.distances(duals), length)
        if not set(near) <= set(self.near):
            self.near = near
            old = field.flow.pivots
            rest = [i for i in range(field.flow.problem.d) if i not in near and i not in old]
            order = [*near, *(i for i in old if i not in near), *rest]
            pivots = ReducedFlow.of(field.flow.problem, order).pivots
            if set(pivots) != set(old):
                self.field = led = field.led_by(tuple(sorted(pivots)))
                directions = field.directions(w)
                moved = [directions[i] for i in led.flow.pivots]
                error = (error + led.norm([value.rad().upper() for value in moved])).upper()
                w = tuple(value.mid() for value in moved)
        return self._collocator(self.field, bits, degree), w, error


def _degree(bits: float) -> int:
    """The degree that costs least at that relative accuracy, by measurement."""
    return max(_LEAST, 16 + 4 * math.ceil(bits / 12))
