"""Which coordinates lead: the pivots of a step are those nearest to a threshold, where it is long for them.

On a stiff plateau at depth L ≥ 3 the distance to a threshold is of order α^(L−2), far below what floats
resolve of a dual of order 1. As a pivot a coordinate has a polynomial of its own, small as that is.
"""

from __future__ import annotations

from flint import arb, fmpq

from exactsaddle.flow.chebyshev import Basis
from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.vector_field import BallField, ReducedFlow


class Leaders:
    """The collocators of a run, one for each set of pivots."""

    def __init__(self, field: BallField, basis: Basis, bits: int) -> None:
        self.collocators: dict[tuple[int, ...], Collocator] = {}
        self.basis, self.bits = basis, bits
        self.near: list[int] = []
        self.current = self._collocator(field)

    def choose(
        self, time: fmpq, w: tuple[arb, ...], error: arb, length: float
    ) -> tuple[Collocator, tuple[arb, ...], arb]:
        """The collocator of the step that begins at this time, and w and error in its coordinates."""
        field = self.current.field
        duals = field.duals(w, time)
        near = self.current.near(duals, length)
        if set(near) <= set(self.near):
            return self.current, w, error
        self.near = near
        old = field.flow.pivots
        rest = [i for i in range(field.flow.problem.d) if i not in near and i not in old]
        pivots = ReducedFlow.of(field.flow.problem, [*near, *(i for i in old if i not in near), *rest]).pivots
        if set(pivots) == set(old):
            return self.current, w, error
        led = field.led_by(tuple(sorted(pivots)))
        directions = field.directions(w)
        moved = [directions[i] for i in led.flow.pivots]
        self.current = self._collocator(led)
        rounding = led.norm([value.rad().upper() for value in moved])
        return self.current, tuple(value.mid() for value in moved), (error + rounding).upper()

    def _collocator(self, field: BallField) -> Collocator:
        pivots = field.flow.pivots
        if pivots not in self.collocators:
            self.collocators[pivots] = Collocator(field, self.basis, self.bits)
        return self.collocators[pivots]
