"""How a Lasso solution moves with the penalty, enclosed: G_AA w = τ by a float inverse and exact residuals.

As in ``exactsaddle.path.engines.fit``, with R anything at all and a ≥ ‖I − RG‖_∞, a < 1, any ŵ with the
residual ρ = τ − Gŵ has ‖w − ŵ‖_∞ ≤ ‖Rρ‖_∞/(1 − a), and ‖x̃(w − ŵ)‖² = (w − ŵ)ᵀρ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from flint import fmpq, fmpz

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import IntegerVectors, Number, RootSum, Vector, round_to_units, simplest
from exactsaddle.path.engines.binary import CONVERSION, ROUGH, gamma, scale_up, to_integer, to_scaled
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit
from exactsaddle.path.engines.inverse import GramInverse, GramInverter
from exactsaddle.path.saddle import Dual

TOO_WIDE = 2.0**64


class TiltFitter:
    """Encloses w for one support after another; neighbouring ones share their work."""

    def __init__(self, data: ScaledProblem, inverter: GramInverter) -> None:
        self.data = data
        self._inverter = inverter
        self._rows = IntegerVectors(data.rows)

    def fit(self, active: Mapping[int, int], bits: int) -> Fit:
        """w̃ on the columns of ``active``, τ̃_i = σ_i c̃_i with σ its values; slope is what u changes by.

        b̃ = ũ − λ̃w̃ is a Lasso solution wherever the KKT conditions off the support say so.
        """
        columns, scale = tuple(sorted(active)), bits + self.data.floor
        if not columns:
            return Fit(columns, bits, scale, [], 0.0, [fmpz(0)] * self.data.width, 0.0)
        gram = self._inverter.in_floats(columns)
        found = None if gram is None else self._refined(columns, active, bits, scale, gram)
        return found or self._exactly(columns, active, bits, scale)

    def _refined(
        self, columns: tuple[int, ...], active: Mapping[int, int], bits: int, scale: int, gram: GramInverse
    ) -> Fit | None:
        """The fit by refinement; None where binary64 bounds are too wide to be of use."""
        self._rows.select(columns)
        exponents = [self.data.row_exponents[j] for j in columns]
        goals = [
            _units(self.data.place(j, active[j]), e + scale) for j, e in zip(columns, exponents, strict=True)
        ]
        places = [-e - scale for e in exponents]
        coefficients = [fmpz(0)] * len(columns)
        best = math.inf
        while True:
            slope = self._slope(columns, coefficients)
            left = [v + w for v, w in zip(goals, self._rows.inner(slope), strict=True)]
            residual = to_scaled(left, places)
            step = gram.approximate @ residual.values
            size = float(np.abs(step).max())
            reached = math.log2(size) + residual.exponent if size else -math.inf
            if reached <= 2 - bits or reached > best - 4:
                break
            best = reached
            shift = residual.exponent + scale
            coefficients = [
                b + to_integer(float(x), shift - e)
                for b, x, e in zip(coefficients, step, exponents, strict=True)
            ]
        # goals are rounded down, by less than a unit each
        most = to_scaled([abs(v) + 1 for v in left], places)
        magnitudes = most.values * (1 + CONVERSION) + ROUGH
        slack = (1 + gamma(len(columns))) * (1 + 1e-12)
        error = float((np.abs(gram.approximate) @ magnitudes).max()) * slack / (1 - gram.contraction)
        spread = math.sqrt(error * float(magnitudes.sum()) * slack) * (1 + 1e-12)
        error = scale_up(error, most.exponent + bits)
        if not error < TOO_WIDE:
            return None
        return Fit(columns, bits, scale, coefficients, error, slope, scale_up(spread, most.exponent + bits))

    def _exactly(self, columns: tuple[int, ...], active: Mapping[int, int], bits: int, scale: int) -> Fit:
        """The same from the solution over Q, rounded down: each w̃_j is less than a unit of 2^−bits off."""
        data = self.data
        exact = tilt_exactly(data, active)
        coefficients = [
            _units(exact[j] / (data.time_unit * data.beta_unit(j)), scale - data.row_exponents[j])
            for j in columns
        ]
        self._rows.select(columns)
        slope = self._slope(columns, coefficients)
        spread = float(data.norms[list(columns)].sum()) * (1 + gamma(len(columns)))
        return Fit(columns, bits, scale, coefficients, 1.0, slope, spread)

    def _slope(self, columns: Sequence[int], coefficients: Sequence[fmpz]) -> list[fmpz]:
        """−x̃ŵ at 2^−scale when X is wide, and when it is tall (0, ŵ): M times it is −Gŵ."""
        if self.data.is_tall:
            slope = [fmpz(0)] * self.data.width
            for j, b in zip(columns, coefficients, strict=True):
                slope[1 + j] = b
            return slope
        return [-value for value in self._rows.combine(coefficients)]


def tilt_exactly(data: ScaledProblem, active: Mapping[int, int]) -> Dual:
    """w in the units of the problem: G_AA w = τ with τ_i the signed threshold, zero elsewhere."""
    equations = data.problem.normal_equations
    return joined(
        {
            m: equations.with_correlation(signed).least_squares(sorted(active))
            for m, signed in thresholds_of(data, active).items()
        },
        data.d,
    )


def thresholds_of(data: ScaledProblem, active: Mapping[int, int]) -> dict[int, Vector]:
    """τ, (d,), the signed thresholds of ``active``, zero elsewhere: it is Σ √m times these vectors."""
    problem = data.problem
    entries: dict[int, dict[int, fmpq]] = {}
    for i, side in active.items():
        threshold = problem.bound(i, side)
        if threshold is None:
            raise ProofFailed(f"coordinate {i} cannot be on an infinite threshold")
        for q, m in threshold.terms() if isinstance(threshold, RootSum) else ((threshold, 1),):
            entries.setdefault(m, {})[i] = q * side
    return {m: Vector.sparse(found, problem.d) for m, found in entries.items()}


def joined(parts: Mapping[int, Vector], d: int) -> Dual:
    """Σ √m times these vectors; a vector over Q where 1 is the only m."""
    if parts.keys() <= {1}:
        return parts.get(1, Vector.zero(d))
    return tuple(simplest(RootSum({m: part[i] for m, part in parts.items()})) for i in range(d))


def _units(value: Number, places: int) -> fmpz:
    """value·2^places rounded down; of a sum of roots to an integer less than 1 from it."""
    if isinstance(value, RootSum):
        return round_to_units(value, places)
    return (value.p << places) // value.q if places >= 0 else value.p // (value.q << -places)
