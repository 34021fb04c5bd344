"""Two layers: B_i(x) = K_i e^(−2x) in units of ε = 1/ℓ, ℓ = ln(1/α).

w±' = ∓ℓ ∇L ⊙ w± in accelerated time, so w± = κα^(c ∓ s) and |β| = K (w/κ)² = K e^(−2ℓ(c − s)).
Source: MATHEMATICS.md §1–2 (Pesme & Flammarion 2023 for K = ½).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, fmpq

from exactsaddle.problem.links.link import FloatArray, Link


@dataclass(frozen=True)
class Exponential(Link):
    """factors: K_i > 0, d of them."""

    factors: tuple[fmpq, ...]

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

    def steepness(self, i: int, x: arb) -> arb:
        """2K_i e^(−2x)."""
        return 2 * self.value(i, x)

    def facing(self, i: int, x: arb, other: arb, product: arb) -> arb:
        """B_i(x)B_i(x') is constant: no second exponential."""
        return product / other

    def facing_product(self, i: int, width: arb) -> arb:
        """K_i² e^(−2·width)."""
        return arb(self.factors[i]) ** 2 * (-2 * width).exp()

    def floats(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """B and 2B."""
        with np.errstate(over="ignore"):
            value: FloatArray = self._floats * np.exp(-2 * x)
            return value, 2 * value

    def log2(self, x: FloatArray) -> FloatArray:
        """log2 K − 2x/ln 2."""
        found: FloatArray = np.log2(self._floats) - 2 * x / math.log(2)
        return found

    @cached_property
    def _floats(self) -> FloatArray:
        return np.array([float(arb(factor)) for factor in self.factors])
