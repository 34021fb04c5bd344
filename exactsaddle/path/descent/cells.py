"""Whether a rule has the events of its flow for every step of a cell [low, high], in mean value form."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.path.descent.duals import Duals
from exactsaddle.path.descent.path import DescentPath
from exactsaddle.path.rules import SteppedRule

BITS = 192


@dataclass(frozen=True)
class Ranged:
    """A function of the step on a cell: a ball of its value in the middle, of its values, and of its slopes.

    ``half`` is half the cell. Values lie in centre + slope·[−half, half] too, which is much narrower on small
    cells: what two functions have in common cancels. Source: mean value form; Moore 1966.
    """

    centre: arb
    values: arb
    slope: arb
    half: arb

    @classmethod
    def of(cls, centre: arb, values: arb, slope: arb, half: arb) -> Ranged:
        """The function, its values as narrow as both enclosures say."""
        narrow = centre + slope * arb(0, half)
        return cls(centre, narrow if narrow.rad() < values.rad() else values, slope, half)

    def _constant(self, value: fmpq) -> Ranged:
        return Ranged(arb(value), arb(value), arb(0), self.half)

    def __add__(self, other: Ranged) -> Ranged:
        return Ranged.of(
            self.centre + other.centre, self.values + other.values, self.slope + other.slope, self.half
        )

    def __sub__(self, other: Ranged) -> Ranged:
        return Ranged.of(
            self.centre - other.centre, self.values - other.values, self.slope - other.slope, self.half
        )

    def __mul__(self, other: Ranged) -> Ranged:
        slope = self.slope * other.values + self.values * other.slope
        return Ranged.of(self.centre * other.centre, self.values * other.values, slope, self.half)

    def __truediv__(self, other: Ranged) -> Ranged:
        values = self.values / other.values
        slope = (self.slope - values * other.slope) / other.values
        return Ranged.of(self.centre / other.centre, values, slope, self.half)

    def __radd__(self, other: fmpq) -> Ranged:
        return self._constant(other) + self

    def __rsub__(self, other: fmpq) -> Ranged:
        return self._constant(other) - self

    def __rtruediv__(self, other: fmpq) -> Ranged:
        return self._constant(other) / self


def same_events(path: DescentPath, rule: SteppedRule, low: fmpq, high: fmpq) -> bool | None:
    """Whether the rule has the events of this path, its flow's, for every step in [low, high]; None: unknown.

    False only when, at every step of the cell, some event certainly differs. Ties of the path are to be ties
    for every step.
    """
    with workprec(BITS):
        duals = Duals(path.problem, path.rule.flow, lambda drive: _rate_on(rule, drive, low, high))
        for plateau in path.plateaus:
            if not plateau.hits:
                break
            waits = duals.waits(duals.drives(plateau.gradient))
            first = waits[plateau.hits[0]]
            gaps = [(wait - first).values for side, wait in waits.items() if side not in plateau.hits]
            if any(gap < 0 for gap in gaps):
                return False
            if not all(gap > 0 for gap in gaps):
                return None
            duals.advance(plateau)
    return True


def _rate_on(rule: SteppedRule, drive: fmpq, low: fmpq, high: fmpq) -> Ranged:
    """a of the rule on [low, high]."""
    middle, half = (low + high) / 2, arb((high - low) / 2)
    values, slopes = rule.between(drive, low, high)
    return Ranged.of(rule.between(drive, middle, middle)[0], values, slopes, half)
