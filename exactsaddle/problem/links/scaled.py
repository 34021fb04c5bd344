"""A network on columns divided by N_i > 0, seen from the columns as they are: B_i(x) = B(x/N_i)/N_i.

The network on X_i/N_i has coefficients γ_i = N_iβ_i and the dual s_i/N_i, so |γ_i| = B((C_i − s_i)/(N_iε))
where C_i = N_i·(its threshold) is the problem's. Proof: MATHEMATICS.md §1. [ours, elementary]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers import (
    LogSum,
    Number,
    PowerSum,
    RootSum,
    enclose,
    number_text,
    rational_ratio,
    squared,
)
from exactsaddle.problem.links.link import ONE, FloatArray, Link

if TYPE_CHECKING:
    from mpmath import mpf


@dataclass(frozen=True)
class Scaled(Link):
    """inner: the law of the columns divided; units: N_i, d of them.

    Weights are those of the columns divided: β_i is their difference over N_i, and they move by s_i'/N_i.
    """

    inner: Link
    units: tuple[Number, ...]

    @property
    def degree(self) -> int:  # type: ignore[override]
        """That of the law divided."""
        return self.inner.degree

    @property
    def halves(self) -> int:  # type: ignore[override]
        """That of the law divided."""
        return self.inner.halves

    @property
    def conserved_text(self) -> str:  # type: ignore[override]
        """In weights."""
        return self.inner.conserved_text

    @property
    def unit_exponent(self) -> int:  # type: ignore[override]
        """That of the law divided."""
        return self.inner.unit_exponent

    @property
    def has_pole(self) -> bool:  # type: ignore[override]
        """Whether the law divided has."""
        return self.inner.has_pole

    @property
    def exponential_orbits(self) -> bool:  # type: ignore[override]
        """Whether the law divided has, with 2/N_i for 2."""
        return self.inner.exponential_orbits

    @cached_property
    def irrational(self) -> frozenset[int]:  # type: ignore[override]
        """The i with an irrational N_i."""
        return frozenset(i for i, unit in enumerate(self.units) if isinstance(unit, RootSum))

    @cached_property
    def gain(self) -> fmpq:
        """No less than that of the law divided over the least N_i."""
        with workprec(64):
            return (arb(self.inner.gain) / enclose(min(self.units))).upper().fmpq()

    def unit(self, alpha: fmpq) -> arb:
        """That of the law divided."""
        return self.inner.unit(alpha)

    def value(self, i: int, x: arb) -> arb:
        """B(x/N_i)/N_i."""
        unit = enclose(self.units[i])
        return self.inner.value(i, x / unit) / unit

    def values(self, i: int, x: arb, nearer: Sequence[arb], bits: int) -> list[arb] | None:
        """The same."""
        unit = enclose(self.units[i])
        found = self.inner.values(i, x / unit, [move / unit for move in nearer], bits + self._shifts[i])
        return None if found is None else [value / unit for value in found]

    def at_threshold(self, i: int) -> fmpq:
        """B(0)/N_i."""
        return self.inner.at_threshold(i) / self._rational(i)

    def steepness(self, i: int, x: arb) -> arb:
        """−B'(x/N_i)/N_i²."""
        unit = enclose(self.units[i])
        return self.inner.steepness(i, x / unit) / unit**2

    def floats(self, x: FloatArray, nearer: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The two in floats."""
        value, steepness = self.inner.floats(x / self._floats, nearer / self._floats)
        return value / self._floats, steepness / self._floats**2

    def reach(self, x: FloatArray) -> FloatArray:
        """N_i times that of the law divided."""
        found: FloatArray = self._floats * self.inner.reach(x / self._floats)
        return found

    def log2_change(self, x: FloatArray, nearer: FloatArray) -> FloatArray:
        """That of the law divided, less log2 N_i."""
        found: FloatArray = self.inner.log2_change(x / self._floats, nearer / self._floats)
        return found - np.log2(self._floats)

    def log2_value(self, x: FloatArray) -> FloatArray:
        """That of the law divided, less log2 N_i."""
        found: FloatArray = self.inner.log2_value(x / self._floats) - np.log2(self._floats)
        return found

    def only(self, coordinates: Sequence[int]) -> Scaled:
        """Theirs of the law divided, and of the units."""
        return Scaled(self.inner.only(coordinates), tuple(self.units[i] for i in coordinates))

    def distance(self, i: int, size: arb) -> arb:
        """N_i B⁻¹(N_i|β|)."""
        unit = enclose(self.units[i])
        return unit * self.inner.distance(i, unit * size)

    def response(self, i: int, size: arb) -> arb:
        """That of the law divided at N_i|β|, over N_i²."""
        unit = enclose(self.units[i])
        return self.inner.response(i, unit * size) / unit**2

    def exponent(self, i: int, distance: arb) -> arb:
        """That of distance/N_i."""
        return self.inner.exponent(i, distance / enclose(self.units[i]))

    def relaxation_exponent(self, room: arb) -> arb:
        """That of the law divided: eigenvalues of D·G are those of the columns divided."""
        return self.inner.relaxation_exponent(room)

    def leading(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> PowerSum | None:
        """Of rational N_i."""
        return self.inner.leading((q / self._rational(i), i, x / self._rational(i)) for q, i, x in terms)

    def offset(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> LogSum | PowerSum:
        """Of rational N_i."""
        return self.inner.offset((q * self._rational(i), i, a * self._rational(i)) for q, i, a in terms)

    def balances(self, terms: Sequence[tuple[fmpq, int, fmpq]], square: fmpq = ONE) -> bool:
        """Whether the terms of N_i of rational ratio balance, for each such ratio: then all do.

        Two layers need it too: logarithms of rationals that are independent over Q are so over the algebraic
        numbers (Baker 1966). A power law that says no may balance still.
        """
        groups: list[tuple[Number, list[tuple[fmpq, int, fmpq]]]] = []
        for q, i, a in terms:
            for known, group in groups:
                ratio = rational_ratio(self.units[i], known)
                if ratio is not None:
                    group.append((q * ratio, i, a * ratio))
                    break
            else:
                groups.append((self.units[i], [(q, i, a)]))
        return all(self.inner.balances(group, square * squared(unit)) for unit, group in groups)

    def speed(self, alpha: mpf) -> mpf:
        """That of the law divided."""
        return self.inner.speed(alpha)

    def weight(self, i: int, distance: mpf, alpha: mpf) -> mpf:
        """That of the column divided: distance is in its own units."""
        return self.inner.weight(i, distance, alpha)

    def distance_of(self, i: int, weight: mpf, alpha: mpf) -> mpf:
        """That distance again."""
        return self.inner.distance_of(i, weight, alpha)

    def conserved(self, plus: mpf, minus: mpf) -> mpf:
        """Of the columns divided."""
        return self.inner.conserved(plus, minus)

    def _rational(self, i: int) -> fmpq:
        unit = self.units[i]
        if isinstance(unit, RootSum):
            raise ProofFailed(f"column {i} is divided by {number_text(unit)}, which is not rational")
        return unit

    @cached_property
    def _floats(self) -> FloatArray:
        return np.array([float(enclose(unit)) for unit in self.units])

    @cached_property
    def _shifts(self) -> tuple[int, ...]:
        """For each N_i the least s ≥ 0 with 2^−s ≤ N_i: so much larger may β_i be than its γ_i."""
        with workprec(64):
            found = (enclose(unit).lower().man_exp() for unit in self.units)
            return tuple(max(0, 1 - int(m.bit_length()) - int(e)) for m, e in found)
