"""Least squares on given columns, enclosed: an untrusted float inverse, and the bound that makes it a proof.

With G the Gram matrix of the columns and R anything at all, ‖I − RG‖_∞ ≤ a < 1 proves that G is invertible
and, for any b with residual ρ = G(β − b), that ‖β − b‖_∞ ≤ ‖Rρ‖_∞/(1 − a) (Rump 2010, §10). ρ is computed
exactly, in integers, so refining b costs nothing in rigour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np
from flint import arb, fmpz

from exactsaddle.base import Inconclusive, ProofFailed, workprec
from exactsaddle.numbers import IntegerVectors, solve_gram_in_balls
from exactsaddle.path.engines.binary import (
    CONVERSION,
    ROUGH,
    Scaled,
    ball,
    gamma,
    scale_up,
    to_integers,
    to_scaled,
)
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.inverse import GramInverse, GramInverter, upper_bound

REFINED_BITS = 2048
"""Up to this precision a fit is refined. Beyond it, and beyond one entry's bits for each column, the exact
solution is cheaper: refinement takes steps in proportion to the bits."""


@dataclass(frozen=True)
class Fit:
    """Least squares on independent ``columns``: β̃_j = coefficients·2^(A_j − scale) ± error.

    ``slope`` is u for these coefficients, at 2^−scale; its residual is off by at most ``spread`` in the
    Euclidean norm. error and spread are in units of 2^−bits.
    """

    columns: tuple[int, ...]
    bits: int
    scale: int
    coefficients: list[fmpz]
    error: float
    slope: list[fmpz]
    spread: float

    def coefficient(self, place: int, row_exponent: int) -> arb:
        """β̃ of the column at this place, A_j its row exponent."""
        return ball(self.coefficients[place], row_exponent - self.scale, self.error, -self.bits)

    def sign(self, place: int, data: ScaledProblem) -> int:
        """1 or −1 where the sign of a coefficient is proved, else 0."""
        value = self.coefficient(place, data.row_exponents[self.columns[place]])
        return 1 if value > 0 else -1 if value < 0 else 0


def squared_residual(data: ScaledProblem, fit: Fit) -> arb:
    """‖ỹ − x̃β̃‖² for least squares β̃: that of the fit less at most spread²·4^−bits (Pythagoras)."""
    if data.is_tall:
        shift = fit.scale - data.target_exponent
        residual = [v << shift for v in data.target]
        for j, b in zip(fit.columns, fit.coefficients, strict=True):
            residual = [v - b * x for v, x in zip(residual, data.columns[j], strict=True)]
    else:
        residual = fit.slope
    total = sum((v * v for v in residual), fmpz(0))
    return ball(total, -2 * fit.scale, scale_up(fit.spread * fit.spread, 0), -2 * fit.bits)


class Fitter:
    """Encloses least squares on one set of columns after another; neighbouring sets share their work.

    Fits are kept while they hold no more integers than ``kept``; the last is in any case.
    """

    def __init__(self, data: ScaledProblem, kept: int = 0) -> None:
        self.data = data
        self._rows = IntegerVectors(data.rows)
        self._kept: dict[tuple[tuple[int, ...], int], Fit] = {}
        self._most = max(1, kept // (data.width + data.d))
        self._against: dict[int, fmpz] = {}
        """Products of columns with the target."""
        self.inverter = GramInverter(data)

    def fit(self, columns: Sequence[int], bits: int) -> Fit:
        """The fit with error and spread of a few units of 2^−bits times the condition of the columns.

        Raises Inconclusive when the columns cannot be proved independent (they may be dependent).
        """
        key = tuple(columns), bits
        if key not in self._kept:
            found = self._fit(*key, bits + self.data.floor)
            if len(self._kept) == self._most:
                self._kept.clear()
            self._kept[key] = found
        return self._kept[key]

    def _fit(self, chosen: tuple[int, ...], bits: int, scale: int) -> Fit:
        if not chosen:
            return Fit(chosen, bits, scale, [], 0.0, self._slope(chosen, [], scale), 0.0)
        self._rows.select(chosen)
        if bits > max(REFINED_BITS, len(chosen) * self.data.floor):
            return self._solve_exactly(chosen, bits, scale)
        gram = self.inverter.in_floats(chosen)
        if gram is not None:
            found = self._refine(chosen, bits, scale, gram)
            if found is not None:
                return found
        return self._solve_in_balls(chosen, bits, scale)

    def _refine(self, columns: tuple[int, ...], bits: int, scale: int, gram: GramInverse) -> Fit | None:
        """The fit by steps of the float inverse; what they leave of the normal equations is exact."""
        exponents = [self.data.row_exponents[j] for j in columns]
        coefficients = [fmpz(0)] * len(columns)
        left = self._correlations(columns, scale)
        goal, best = 2 - bits, math.inf
        while True:
            residual = to_scaled(left, [-e - scale for e in exponents])
            step = gram.approximate @ residual.values
            size = float(np.abs(step).max())
            reached = math.log2(size) + residual.exponent if size else -math.inf
            if reached <= goal or reached > best - 4:
                break
            best = reached
            units, shift = to_integers(step, [residual.exponent + scale - e for e in exponents])
            coefficients = [b + (unit << shift) for b, unit in zip(coefficients, units, strict=True)]
            products = self._products(columns, units)
            left = [v - (product << shift) for v, product in zip(left, products, strict=True)]
        slope = self._slope(columns, coefficients, scale)
        return _bounded(columns, bits, scale, coefficients, slope, residual, gram)

    def _correlations(self, columns: tuple[int, ...], scale: int) -> list[fmpz]:
        """x̃_jᵀỹ, at 2^−(A_j + scale)."""
        data = self.data
        for j in columns:
            if j not in self._against:
                row = data.rows[j]
                self._against[j] = row[0] if data.is_tall else dot(row, data.target)
        shift = scale - data.target_exponent
        return [self._against[j] << shift for j in columns]

    def _products(self, columns: tuple[int, ...], coefficients: list[fmpz]) -> list[fmpz]:
        """x̃_jᵀ Σ coefficients_i x̃_i for the columns selected, all in integers."""
        if not self.data.is_tall:
            return self._rows.inner_combined(coefficients)
        negated = [fmpz(0)] * self.data.width
        for j, b in zip(columns, coefficients, strict=True):
            negated[1 + j] = -b
        return self._rows.inner(negated)

    def _solve_in_balls(self, columns: tuple[int, ...], bits: int, scale: int) -> Fit:
        """The same from a ball solve, at rising precision, for columns close to dependent."""
        vectors = [self.data.columns[j] for j in columns]

        def solution() -> Fit | None:
            unit = arb((1, -self.data.target_exponent))
            found = solve_gram_in_balls(vectors, self.data.target)
            return self._rounded(columns, bits, scale, [value * unit for value in found])

        return self.inverter.at_rising_precision(columns, bits, solution)

    def _solve_exactly(self, columns: tuple[int, ...], bits: int, scale: int) -> Fit:
        """The same from the solution over Q, rounded."""
        data = self.data
        try:
            exact = data.problem.normal_equations.least_squares(columns)
        except ProofFailed:
            raise Inconclusive(f"columns {list(columns)} of X are linearly dependent") from None
        with workprec(2 * scale):
            units = [data.beta_unit(j) for j in columns]
            values = [
                arb(exact[j] / unit) * arb((1, -data.row_exponents[j]))
                for j, unit in zip(columns, units, strict=True)
            ]
            found = self._rounded(columns, bits, scale, values)
        if found is None:
            raise ProofFailed(f"an exact solution on columns {list(columns)} has no enclosure")
        return found

    def _rounded(self, columns: tuple[int, ...], bits: int, scale: int, values: Sequence[arb]) -> Fit | None:
        """The fit at enclosed β̃_j·2^−A_j, rounded to 2^−scale; None when they are too wide to be of use."""
        size = len(columns)
        exponents = [self.data.row_exponents[j] for j in columns]
        mids = [_nearest(value, scale) for value in values]
        widths = [
            abs(value - arb((b, -scale))) * arb((1, e + bits))
            for value, b, e in zip(values, mids, exponents, strict=True)
        ]
        error = max(upper_bound(width) for width in widths)
        if not error < 2.0**64:
            return None
        slope = self._slope(columns, mids, scale)
        # ‖x̃(β̃ − b)‖₂ ≤ Σ_j ‖x̃_j‖·error
        spread = float(self.data.norms[list(columns)].sum()) * error * (1 + gamma(size))
        return Fit(columns, bits, scale, mids, error, slope, spread)

    def _slope(self, columns: tuple[int, ...], coefficients: list[fmpz], scale: int) -> list[fmpz]:
        """u at 2^−scale for β̃_j = coefficients·2^(A_j − scale) on the columns selected."""
        data = self.data
        shift = scale - data.target_exponent
        if data.is_tall:
            slope = [fmpz(0)] * data.width
            slope[0] = fmpz(1) << shift
            for j, b in zip(columns, coefficients, strict=True):
                slope[1 + j] = b
            return slope
        base = [v << shift for v in data.target]
        if not columns:
            return base
        return [v - w for v, w in zip(base, self._rows.combine(coefficients), strict=True)]


def _bounded(
    columns: tuple[int, ...],
    bits: int,
    scale: int,
    coefficients: list[fmpz],
    slope: list[fmpz],
    residual: Scaled,
    gram: GramInverse,
) -> Fit | None:
    """The fit with ‖β̃ − b‖_∞ ≤ ‖|R||ρ|‖_∞/(1 − a), and ‖x̃(β̃ − b)‖₂² = (β̃ − b)ᵀρ ≤ error·‖ρ‖₁."""
    if not residual.values.any():  # the greatest is at least 1/4: all integers are zero, b is exact
        return Fit(columns, bits, scale, coefficients, 0.0, slope, 0.0)
    magnitudes = np.abs(residual.values) * (1 + CONVERSION) + ROUGH
    slack = 1 + gamma(len(columns))
    corrected = (
        float((np.abs(gram.approximate) @ magnitudes).max()) * slack / (1 - gram.contraction) * (1 + 1e-12)
    )
    error = scale_up(corrected, residual.exponent + bits)
    spread = math.sqrt(corrected * float(magnitudes.sum()) * slack)
    spread = scale_up(spread * (1 + 1e-12), residual.exponent + bits)
    if not error < 2.0**64:
        return None
    return Fit(columns, bits, scale, coefficients, error, slope, spread)


def dot(left: list[fmpz], right: list[fmpz]) -> fmpz:
    """The inner product of two vectors of integers."""
    return sum(map(mul, left, right), fmpz(0))


def _nearest(value: arb, scale: int) -> fmpz:
    """An integer near value·2^scale."""
    mantissa, exponent = value.mid().man_exp()
    shift = int(exponent) + scale
    return mantissa << shift if shift >= 0 else mantissa >> -shift
