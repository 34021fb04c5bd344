"""One Taylor step of the network's own equations, in integers of fixed point.

The network (MATHEMATICS.md §1–2, §8): β = (w₊^L − w₋^L)/2^halves, w±' = ±speed v w±^(L−1), v = r − Gβ. Each w
is a mantissa times its own power of two, so that 1e-500 keeps as many digits as 1; the integers are those of
mpmath's backend (gmpy2). Nothing here is shared with the ball integrator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import mpmath
from mpmath.libmp import MPZ, to_fixed

from exactsaddle.numbers import Carried


@dataclass(frozen=True, eq=False)
class Equations(Carried):
    """The equations at one precision, in bits: G and r as mpf, and which of w± exist.

    degree is L; halves and speed are those of the link; decay is λ·speed of each entry, at depth 2 alone.

    State: the list of w₊ (those with finite c⁺) followed by w₋ (finite c⁻); owner[m] is the coordinate of
    entry m and side[m] its sign.
    """

    gram: tuple[tuple[mpmath.mpf, ...], ...]
    correlation: tuple[mpmath.mpf, ...]
    degree: int
    halves: int
    speed: mpmath.mpf
    owner: tuple[int, ...]
    side: tuple[int, ...]
    decay: tuple[mpmath.mpf, ...]
    precision: int

    @property
    def d(self) -> int:
        """Number of features."""
        return len(self.correlation)

    def beta(self, state: Sequence[mpmath.mpf]) -> list[mpmath.mpf]:
        """(w₊^L − w₋^L)/2^halves, (d,)."""
        found = [mpmath.mpf(0)] * self.d
        for i, side, w in zip(self.owner, self.side, state, strict=True):
            found[i] += mpmath.ldexp(side * w**self.degree, -self.halves)
        return found

    def velocity(self, beta: Sequence[mpmath.mpf]) -> list[mpmath.mpf]:
        """r − Gβ, (d,)."""
        return [r - mpmath.fdot(row, beta) for r, row in zip(self.correlation, self.gram, strict=True)]


@dataclass(frozen=True, eq=False)
class Series(Carried):
    """Taylor polynomials of the state about one time, in the variable σ = rate · (t − start).

    mantissas[m][k] · 2^(exponents[m] − precision) is coefficient k of entry m.
    """

    mantissas: list[list[MPZ]]
    exponents: list[int]
    rate: mpmath.mpf
    precision: int

    def reach(self, tolerance_bits: float) -> float:
        """The σ at which the last coefficients fall to 2^−tolerance_bits of the entry's own size."""
        order = len(self.mantissas[0]) - 1
        best = math.inf
        for coefficients in self.mantissas:
            size = coefficients[0].bit_length()
            for k in (order - 1, order):
                if coefficients[k]:
                    best = min(best, (size - tolerance_bits - coefficients[k].bit_length()) / k)
        # mpmath's power, in integers: that of the C library may differ from one processor to another
        return float(mpmath.mpf(2) ** best) if best < 60 else math.inf

    def at(self, sigma: mpmath.mpf) -> list[mpmath.mpf]:
        """The state at σ."""
        x = to_fixed(sigma._mpf_, self.precision)
        found = []
        for coefficients, exponent in zip(self.mantissas, self.exponents, strict=True):
            total = MPZ(0)
            for c in reversed(coefficients):
                total = ((total * x) >> self.precision) + c
            found.append(mpmath.ldexp(mpmath.mpf(total), exponent - self.precision))
        return found


def expand(equations: Equations, state: Sequence[mpmath.mpf], order: int, rate: mpmath.mpf) -> Series:
    """The Taylor polynomials of that order about the state, for use at 0 ≤ σ ≤ 1.

    Recurrence: (k + 1) w_{k+1} = ± Σ_m u_m p_{k−m} − (decay/rate) w_k with u = (speed/rate) v and
    p = w^(degree − 1).
    """
    p, degree = equations.precision, equations.degree
    gram = [[_fixed(g * equations.speed / rate, p) for g in row] for row in equations.gram]
    u = [[_fixed(r * equations.speed / rate, p)] for r in equations.correlation]
    exponents = [int(mpmath.frexp(w)[1]) for w in state]
    w = [[_fixed(mpmath.ldexp(value, -e), p)] for value, e in zip(state, exponents, strict=True)]
    decays = [_fixed(value / rate, p) for value in equations.decay]
    powers = [_Power(entry, degree - 1, p) for entry in w]
    for k in range(order):
        betas = [MPZ(0)] * equations.d
        for entry, power, e, i, side in zip(
            w, powers, exponents, equations.owner, equations.side, strict=True
        ):
            # in fixed point: one precision too many, degree·e for the scale
            shifted = _shift(power.times(entry, k), degree * e - p - equations.halves)
            betas[i] += shifted if side > 0 else -shifted
        for i, row in enumerate(gram):
            force = sum(map(mul, row, betas), MPZ(0)) >> p
            if k:
                u[i].append(-force)
            else:
                u[i][0] -= force
        for entry, power, e, i, side, decay in zip(
            w, powers, exponents, equations.owner, equations.side, decays, strict=True
        ):
            product = _shift(sum(map(mul, u[i], reversed(power.known)), MPZ(0)), (degree - 2) * e - p)
            kept = (decay * entry[k]) >> p if decay else 0
            entry.append(((product if side > 0 else -product) - kept) // (k + 1))
    return Series(w, exponents, rate, p)


class _Power:
    """The coefficients of a power of a series, as far as the series is known: by k f₀ p_k = Σ …

    From f p' = m f' p: k f₀ p_k = Σ_{j=1}^{k} (mj − (k − j)) f_j p_{k−j}. Source: Knuth, TAOCP 2, §4.7.
    """

    def __init__(self, series: list[MPZ], exponent: int, precision: int) -> None:
        self.series, self.exponent, self.precision = series, exponent, precision
        self.known = series if exponent == 1 else []

    def times(self, other: Sequence[MPZ], k: int) -> MPZ:
        """Coefficient k of the power times the series itself; both are then known to order k."""
        if self.exponent == 1:
            return _square_coefficient(other, k)
        self._extend(k)
        return sum(map(mul, self.known, reversed(other)), MPZ(0))

    def _extend(self, k: int) -> None:
        if k == 0:
            value = MPZ(1) << self.precision
            for _ in range(self.exponent):
                value = (value * self.series[0]) >> self.precision
            self.known.append(value)
            return
        m = self.exponent
        total = MPZ(0)
        for j in range(1, k + 1):
            total += (m * j - (k - j)) * self.series[j] * self.known[k - j]
        self.known.append(total // (k * self.series[0]))


def _square_coefficient(entry: Sequence[MPZ], k: int) -> MPZ:
    """Coefficient k of the square of a series known to order k."""
    half = (k + 1) // 2
    total = 2 * sum(map(mul, entry[:half], entry[k : k - half : -1]), MPZ(0))
    return total if k % 2 else total + entry[k // 2] ** 2


def _shift(value: MPZ, bits: int) -> MPZ:
    return value << bits if bits >= 0 else value >> -bits


def _fixed(value: mpmath.mpf, precision: int) -> MPZ:
    return to_fixed(value._mpf_, precision)
