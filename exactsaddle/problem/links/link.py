"""What the flow, its corrections and its selection ask of a law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, fmpq

from exactsaddle.numbers import LogSum, Number, PowerSum, RootSum

if TYPE_CHECKING:  # loaded by the integrator alone: a tenth of the time in which a command starts
    from mpmath import mpf

ONE = fmpq(1)
FloatArray = np.ndarray[Any, np.dtype[np.float64]]


class Link(ABC):
    """B_i for every coordinate i; balls at the working precision, floats for proposals that nobody trusts.

    In weights: β_i is the difference of w^degree/2^halves of the two sides, and w' = ±speed·v·w^(degree − 1)
    for s' = v.
    """

    degree: int
    halves: int
    conserved_text: str
    """What the network conserves, for people."""
    unit_exponent: int
    """ε is α to this power, but for logarithms."""
    has_pole: bool
    """Whether B is infinite at 0: then a threshold ahead bounds the length of a step."""
    exponential_orbits: bool
    """Whether orbits solve β' = 2|β| ⊙ (r − Gβ), on columns divided by N with 2/N_i for 2, and so leave and
    reach saddles exponentially fast."""
    irrational: frozenset[int] = frozenset()
    """Coordinates of which ``offset``, ``leading`` and ``at_threshold`` know no closed form."""

    @property
    @abstractmethod
    def gain(self) -> fmpq:
        """−d ln B/dx at a B of order 1: how sensitive β is to the dual, in units of 1/ε."""

    @abstractmethod
    def unit(self, alpha: fmpq) -> arb:
        """ε at the scale α."""

    @abstractmethod
    def value(self, i: int, x: arb) -> arb:
        """B_i(x)."""

    def values(self, i: int, x: arb, nearer: Sequence[arb], bits: int) -> list[arb] | None:
        """B_i(x − nearer) at several points; None where all are proved to be below 2^−bits (B falls)."""
        points = [x - move for move in nearer]
        if self.value(i, reduce(arb.min, points)) < arb((1, -bits)):
            return None
        return [self.value(i, point) for point in points]

    @abstractmethod
    def at_threshold(self, i: int) -> fmpq:
        """B_i(0); ProofFailed where it is infinite, which no start allows."""

    @abstractmethod
    def steepness(self, i: int, x: arb) -> arb:
        """−B_i'(x)."""

    @abstractmethod
    def floats(self, x: FloatArray, nearer: FloatArray) -> tuple[FloatArray, FloatArray]:
        """B(x − nearer) − B(x), accurate however small, and −B'(x − nearer), at (…, d) values of nearer.

        Not finite outside the domain; 0 where x, (d,), is infinite.
        """

    @abstractmethod
    def reach(self, x: FloatArray) -> FloatArray:
        """−B/B' at x of shape (…, d): how far x moves while B changes by a factor e.

        While x moves by u ≤ 1/16 of it, B' changes by a factor between e^−4u and e^4u.
        """

    @abstractmethod
    def log2_change(self, x: FloatArray, nearer: FloatArray) -> FloatArray:
        """log2 of B(x − nearer) − B(x) for nearer ≥ 0, both (…, d); inf outside the domain."""

    @abstractmethod
    def log2_value(self, x: FloatArray) -> FloatArray:
        """log2 B(x) at x of shape (…, d); inf outside the domain, −inf where x is infinite."""

    @abstractmethod
    def only(self, coordinates: Sequence[int]) -> Link:
        """The law of these coordinates, in their order."""

    @abstractmethod
    def distance(self, i: int, size: arb) -> arb:
        """B_i⁻¹ at |β| > 0: s = σ(c − εB_i⁻¹(|β|)), so φ' of the corrections and of the selection is −B⁻¹."""

    @abstractmethod
    def response(self, i: int, size: arb) -> arb:
        """dβ/dx at |β| > 0, which is 1/φ''(|β|)."""

    @abstractmethod
    def exponent(self, i: int, distance: arb) -> arb:
        """The exponent of α in B_i(distance/ε), distance > 0."""

    @abstractmethod
    def relaxation_exponent(self, room: arb) -> arb:
        """The exponent of α in e^(−room/ε), room > 0."""

    @abstractmethod
    def leading(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> PowerSum | None:
        """Σ q·B_i(x/ε)/α^exponent over terms (q, i, x), exact; None where exponents differ with x."""

    @abstractmethod
    def offset(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> LogSum | PowerSum:
        """Σ q·φ'_i(a) over terms (q, i, a), a > 0, exact."""

    @abstractmethod
    def balances(self, terms: Sequence[tuple[fmpq, int, fmpq]], square: fmpq = ONE) -> bool:
        """Whether that sum, with every a times √square, is zero: True proves it."""

    @abstractmethod
    def speed(self, alpha: mpf) -> mpf:
        """``speed`` of the weights, at mpmath's precision."""

    @abstractmethod
    def weight(self, i: int, distance: mpf, alpha: mpf) -> mpf:
        """w of a side at distance c ∓ s from its threshold."""

    @abstractmethod
    def distance_of(self, i: int, weight: mpf, alpha: mpf) -> mpf:
        """The distance again."""

    @abstractmethod
    def conserved(self, plus: mpf, minus: mpf) -> mpf:
        """What does not change of the two weights of a coordinate."""


def to_mpf(value: Number) -> mpf:
    """A rational, or a sum of roots, at mpmath's precision."""
    import mpmath

    if isinstance(value, RootSum):
        return mpmath.fsum(to_mpf(q) * mpmath.sqrt(m) for q, m in value.terms())
    return mpmath.mpf(int(value.p)) / int(value.q)
