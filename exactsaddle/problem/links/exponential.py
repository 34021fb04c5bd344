"""Two layers: B_i(x) = K_i e^(−2x) in units of ε = 1/ℓ, ℓ = ln(1/α).

w±' = ∓ℓ ∇L ⊙ w± in accelerated time, so w± = √(2K)·α^(c ∓ s) and |β| = w²/2 = K e^(−2ℓ(c − s)).
Source: MATHEMATICS.md §1–2 (Pesme & Flammarion 2023 for K = ½).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, fmpq

from exactsaddle.numbers import LogSum, Vector, product_is_one
from exactsaddle.problem.links.link import ONE, FloatArray, Link, to_mpf

if TYPE_CHECKING:
    from mpmath import mpf


@dataclass(frozen=True)
class Exponential(Link):
    """factors: K_i > 0, d of them."""

    factors: tuple[fmpq, ...]
    degree = 2
    halves = 1
    conserved_text = "u² − v²"
    unit_exponent = 0
    has_pole = False
    exponential_orbits = True

    @property
    def gain(self) -> fmpq:
        """2."""
        return fmpq(2)

    def unit(self, alpha: fmpq) -> arb:
        """1/ln(1/α)."""
        return -1 / arb(alpha).log()

    def value(self, i: int, x: arb) -> arb:
        """K_i e^(−2x)."""
        return arb(self.factors[i]) * (-2 * x).exp()

    def at_threshold(self, i: int) -> fmpq:
        """K_i."""
        return self.factors[i]

    def values(self, i: int, x: arb, nearer: Sequence[arb], bits: int) -> list[arb] | None:
        """The same, without an exponential to know that none is needed."""
        near = x - (arb.const_log2() * bits + arb(self.factors[i]).log()) / 2
        if all(map(near.__gt__, nearer)):
            return None
        factor = self.value(i, x)
        return [factor * (move + move).exp() for move in nearer]

    def steepness(self, i: int, x: arb) -> arb:
        """2K_i e^(−2x)."""
        return 2 * self.value(i, x)

    def floats(self, x: FloatArray, nearer: FloatArray) -> tuple[FloatArray, FloatArray]:
        """B(x)(e^(2 nearer) − 1) and 2B."""
        with np.errstate(over="ignore", invalid="ignore"):
            first, value = self._floats * np.exp(-2 * x), self._floats * np.exp(2 * (nearer - x))
            return np.where(np.abs(nearer) < 1, first * np.expm1(2 * nearer), value - first), 2 * value

    def reach(self, x: FloatArray) -> FloatArray:
        """½."""
        return np.full_like(x, 0.5)

    def log2_change(self, x: FloatArray, nearer: FloatArray) -> FloatArray:
        """log2 K − 2x/ln 2 + log2(e^(2 nearer) − 1)."""
        with np.errstate(divide="ignore", over="ignore"):
            rise = np.where(nearer < 100, np.log2(np.expm1(2 * nearer)), 2 * nearer / math.log(2))
        return self.log2_value(x) + rise

    def log2_value(self, x: FloatArray) -> FloatArray:
        """log2 K − 2x/ln 2."""
        found: FloatArray = np.log2(self._floats) - 2 * x / math.log(2)
        return found

    def only(self, coordinates: Sequence[int]) -> Exponential:
        """Theirs of the factors."""
        return Exponential(tuple(self.factors[i] for i in coordinates))

    def distance(self, i: int, size: arb) -> arb:
        """−½ ln(|β|/K_i)."""
        return -(size / arb(self.factors[i])).log() / 2

    def response(self, i: int, size: arb) -> arb:
        """2|β|."""
        return 2 * size

    def exponent(self, i: int, distance: arb) -> arb:
        """2·distance."""
        return 2 * distance

    def relaxation_exponent(self, room: arb) -> arb:
        """room itself."""
        return room

    def leading(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> None:
        """None."""

    def offset(self, terms: Iterable[tuple[fmpq, int, fmpq]]) -> LogSum:
        """Σ ½q ln(a/K_i)."""
        return LogSum((q / 2, a / self.factors[i]) for q, i, a in terms)

    def balances(self, terms: Sequence[tuple[fmpq, int, fmpq]], square: fmpq = ONE) -> bool:
        """Π (a²·square/K_i²)^q = 1, decided exactly."""
        exponents = Vector.of([q for q, _, _ in terms]).numerators
        return product_is_one([(a / self.factors[i]) ** 2 * square for _, i, a in terms], exponents)

    def speed(self, alpha: mpf) -> mpf:
        """ℓ."""
        import mpmath

        return -mpmath.log(alpha)

    def weight(self, i: int, distance: mpf, alpha: mpf) -> mpf:
        """√(2K_i)·α^distance."""
        import mpmath

        return mpmath.sqrt(2 * to_mpf(self.factors[i])) * mpmath.exp(distance * mpmath.log(alpha))

    def distance_of(self, i: int, weight: mpf, alpha: mpf) -> mpf:
        """ln(w/√(2K_i))/ln α."""
        import mpmath

        return mpmath.log(weight / mpmath.sqrt(2 * to_mpf(self.factors[i]))) / mpmath.log(alpha)

    def conserved(self, plus: mpf, minus: mpf) -> mpf:
        """w₊w₋, half of u² − v²."""
        return plus * minus

    @cached_property
    def _floats(self) -> FloatArray:
        return np.array([float(arb(factor)) for factor in self.factors])
