"""Which coordinates a step sees, by what floats expect of them, and which of them lead: its pivots.

On a stiff plateau at depth L ≥ 3 the distance to a threshold is of order α^(L−2), far below what floats
resolve of a dual of order 1. As a pivot a coordinate has a polynomial of its own, small as that is: those
nearest to a threshold lead, where the step is long for them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from flint import arb, fmpq

from exactsaddle.flow.accuracy import log2_of
from exactsaddle.flow.active_field import ActiveField, Sets, basis_of
from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.step import Place
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import to_float
from exactsaddle.problem import FloatArray

_MARGIN = 16
"""Bits by which f may move more on the next step."""
_LEAST = 47
"""The least degree: where little moves lower ones cost as much a step, and more steps."""
_KEPT = 32
"""Collocators of a run that are kept: one for each accuracy and sets of coordinates."""
_NOTHING = 8
"""Bits by which a coordinate of N is to be below the accuracy."""
_STRONGER, _LARGER = 6, 24
"""Bits by which coordinates may be smaller that are taken for S and W."""
_SPARE = 2
"""Coordinates that a step may see without need, rather than another field is made: one in so many."""


class Leaders:
    """The collocators of a run, one for each sets of coordinates and each accuracy of a defect."""

    def __init__(self, field: BallField) -> None:
        self.field = field
        self.outlook = Outlook(field)
        self._sets = Sets((), (), ())
        self._near: list[int] = []
        self._collocator = lru_cache(_KEPT)(self._made)
        scale = max(field.flow.diagonal, default=fmpq(1)) * field.dimension
        self._log2_scale = log2_of(arb(scale) * field.gain) if scale else 0

    def choose(
        self, place: Place, length: fmpq, bits: int, force: float, known: Mapping[int, float]
    ) -> Collocator:
        """The collocator of a step of that length from there.

        Norms of defects are to be below 2^−bits where f moves by about 2^force; known has log2 of √G_ii |β_i|
        of coordinates that were expected to be smaller.
        """
        degree = _degree(max(0.0, bits + min(0.0, force + _MARGIN)))
        sizes = self.outlook.sizes(place.distances, place.velocity, to_float(length))
        for i, size in known.items():
            sizes[i] = max(sizes[i], size)
        # what W does to W, by its size squared, is less than the accuracy
        weak_below = -(bits + self._log2_scale + max(0, log2_of(arb(length)))) / 2 - 2
        nothing_below = -bits - _NOTHING - field_bits(self.field)
        near = self.outlook.near(place.distances, to_float(length))
        strong, seen = _above(sizes, weak_below), _above(sizes, nothing_below)
        if not self._fits(strong, seen, [i for i in near if i in strong]):
            # what grows is soon larger, and a field is not made for every step
            strong, seen = _above(sizes, weak_below - _STRONGER), _above(sizes, nothing_below - _LARGER)
            near = [i for i in near if i in strong]
            self._near = near
            pivots = basis_of(self.field, sorted(strong), [*near, *self._sets.pivots])
            strong |= set(pivots)
            self._sets = Sets(tuple(sorted(strong)), tuple(sorted(seen - strong)), tuple(sorted(pivots)))
        return self._collocator(self._sets, bits, degree)

    def _fits(self, strong: set[int], seen: set[int], near: list[int]) -> bool:
        """Whether the last sets do for these, without much to spare."""
        old_strong, old_weak = set(self._sets.strong), set(self._sets.weak)
        if not (strong <= old_strong and seen <= old_strong | old_weak and set(near) <= {*self._near}):
            return False
        return _SPARE * len(old_strong - strong) <= len(old_strong) and _SPARE * len(old_weak - seen) <= len(
            old_weak
        )

    def _made(self, sets: Sets, bits: int, degree: int) -> Collocator:
        return Collocator(ActiveField.of(self.field, sets), self.outlook, bits, degree)


def _above(sizes: FloatArray, limit: float) -> set[int]:
    return {i for i, size in enumerate(sizes.tolist()) if not size < limit}


def field_bits(field: BallField) -> int:
    """How many bits the number of coordinates has."""
    return field.dimension.bit_length()


def _degree(bits: float) -> int:
    """The degree that costs least at that relative accuracy, by measurement."""
    return max(_LEAST, 17 + 3 * math.ceil(bits / 9))
