"""Depth L ≥ 3: B(x) = x^(−q), q = L/(L − 2), in units of ε = α^(L−2).

u' = −L ∇L ⊙ u^(L−1) makes u^(2−L) linear in the dual: (α/u)^(L−2) = c − s, so |β| = u^L = B((c − s)/ε).
Source: MATHEMATICS.md §8; the same limit is reached otherwise by Zhao et al. 2026 (arXiv 2607.12332).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import PowerSum
from exactsaddle.problem.links.link import ONE, FloatArray, Link

if TYPE_CHECKING:
    from mpmath import mpf


@dataclass(frozen=True)
class Power(Link):
    """depth: L ≥ 3."""

    depth: int
    halves = 0
    has_pole = True
    exponential_orbits = False

    @property
    def degree(self) -> int:  # type: ignore[override]
        """L."""
        return self.depth

    @property
    def unit_exponent(self) -> int:  # type: ignore[override]
        """L − 2."""
        return self.depth - 2

    @property
    def conserved_text(self) -> str:  # type: ignore[override]
        """In weights."""
        return f"u^{2 - self.depth} + v^{2 - self.depth}"

    @property
    def power(self) -> fmpq:
        """q."""
        return fmpq(self.depth, self.depth - 2)

    @property
    def gain(self) -> fmpq:
        """q."""
        return self.power

    def unit(self, alpha: fmpq) -> arb:
        """α^(L−2)."""
        return arb(alpha ** (self.depth - 2))

    def value(self, i: int, x: arb) -> arb:
        """x^(−q) for x > 0; an infinite ball where x may be 0."""
        if not x > 0:
            return arb.pos_inf()
        q = self.power
        return 1 / (x if q.q == 1 else x.root(int(q.q))) ** int(q.p)

    def values(self, i: int, x: arb, nearer: Sequence[arb], bits: int) -> list[arb] | None:
        """The same, without a power to know that none is needed; the exponent is taken apart once."""
        near = x - arb(2) ** (bits / arb(self.power))
        if all(map(near.__gt__, nearer)):
            return None
        points = [x - move for move in nearer]
        if not all(point > 0 for point in points):
            return [self.value(i, point) for point in points]
        over, under = int(self.power.p), int(self.power.q)
        roots = points if under == 1 else [point.root(under) for point in points]
        return [1 / root**over for root in roots]

    def at_threshold(self, i: int) -> fmpq:
        """None is finite."""
        raise ProofFailed(f"at depth {self.depth} a weight on its threshold is infinite")

    def steepness(self, i: int, x: arb) -> arb:
        """q x^(−q−1) for x > 0; an infinite ball where x may be 0."""
        return self.gain * self.value(i, x) / x if x > 0 else arb.pos_inf()

    def floats(self, x: FloatArray, nearer: FloatArray) -> tuple[FloatArray, FloatArray]:
        """B(x)((1 − nearer/x)^(−q) − 1) and qB/x; NaN where nearer ≥ x."""
        q, share = float(arb(self.power)), nearer / x
        inside = np.where(share < 1, x - nearer, np.nan)
        first, value = x**-q, inside**-q
        small = np.abs(share) < 0.5
        change = np.expm1(-q * np.log1p(-np.where(small, share, 0.0)))
        return np.where(small, first * change, value - first), q * value / inside

    def reach(self, x: FloatArray) -> FloatArray:
        """x/q."""
        return x / float(arb(self.power))

    def log2_change(self, x: FloatArray, nearer: FloatArray) -> FloatArray:
        """−q log2 x + log2((1 − nearer/x)^(−q) − 1); inf where nearer ≥ x."""
        q = float(arb(self.power))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            rise = np.log2(np.expm1(-q * np.log1p(-nearer / x)))
            found: FloatArray = np.where(nearer < x, -q * np.log2(x) + rise, np.inf)
            return found

    def log2_value(self, x: FloatArray) -> FloatArray:
        """−q log2 x; inf where x ≤ 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x > 0, -float(arb(self.power)) * np.log2(x), np.inf)

    def only(self, coordinates: Sequence[int]) -> Power:
        """The same for all."""
        return self

    def distance(self, i: int, size: arb) -> arb:
        """|β|^(−(L−2)/L)."""
        return 1 / size.root(self.depth) ** (self.depth - 2)

    def response(self, i: int, size: arb) -> arb:
        """q|β|^((2L−2)/L)."""
        return arb(self.power) * size.root(self.depth) ** (2 * self.depth - 2)

    def exponent(self, i: int, distance: arb) -> arb:
        """L."""
        return arb(self.depth)

    def relaxation_exponent(self, room: arb) -> arb:
        """∞: faster than every power."""
        return arb.pos_inf()

    def leading(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> PowerSum:
        """Σ a x^(−q) of terms (a, i, x)."""
        return PowerSum(((a, x) for a, _, x in terms), -self.power)

    def offset(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> PowerSum:
        """−Σ q a^(−(L−2)/L)."""
        return PowerSum(((-q, a) for q, _, a in terms), -1 / self.power)

    def balances(self, terms: Sequence[tuple[fmpq, int, fmpq]], square: fmpq = ONE) -> bool:
        """Whether the sum of powers, of which √square is a common factor, has no term left."""
        return not self.offset(terms).terms

    def speed(self, alpha: mpf) -> mpf:
        """1/((L−2)α^(L−2))."""
        return 1 / ((self.depth - 2) * alpha ** (self.depth - 2))

    def weight(self, i: int, distance: mpf, alpha: mpf) -> mpf:
        """α·distance^(−1/(L−2))."""
        import mpmath

        return alpha / mpmath.root(distance, self.depth - 2)

    def distance_of(self, i: int, weight: mpf, alpha: mpf) -> mpf:
        """(α/w)^(L−2)."""
        return (alpha / weight) ** (self.depth - 2)

    def conserved(self, plus: mpf, minus: mpf) -> mpf:
        """u^(2−L) + v^(2−L)."""
        return plus ** (2 - self.depth) + minus ** (2 - self.depth)
