"""What a polynomial misses between its nodes, and how large the coordinates it leaves out become.

Between the nodes: v − r_P, less any constant, has degree ≤ N and is its own interpolant, and β(s(x)) is
analytic in every Bernstein ellipse, where the Chebyshev coefficients a_k of s bound |s − a_0| by
Σ |a_k|(ρ^k + ρ^−k)/2, hence how much β differs from a constant (``BallField.magnitude``): so the theorem of
chebyshev.py applies to each β_i of S and W. However small α is, the bound grows like exp(2ℓ·change of s), so
no step can sleep through the growth of a coordinate. On the step itself |s − a_0| ≤ Σ |a_k|.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, fmpq

from exactsaddle.flow.accuracy import ceil_log2, log2_of
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.float_balls import floats, radii
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.vector_field import Distances, matrix_of, moved
from exactsaddle.problem import FloatArray

_FLOAT_BITS = 24
"""Bits of its largest coefficient that a proposal in floats has right, stiff ones too."""
_REST_BITS = 44
"""Bits of a force that floats have right."""
SLACK = arb(1) / 16
"""How much farther than by v the duals of W and N may be, in units of ε, for the bounds of their β."""
_STRAIGHT = 8
"""Bits of a tail that may come from other than the first coefficients."""
_SMALL_BITS = 512
"""What floats hold 2^-that of, with as many digits again."""
_ROUNDED = 2.0**-40
"""A sum of products of floats is off by less than this times that of their magnitudes, in any order."""
_UNDERFLOW = 2.0**-1070
"""More than what underflow loses of a middle and of a radius."""
_LEAST = 2.0**-1000
"""What underflow loses of a sum at most."""

Column = tuple[FloatArray, int]
"""Upper bounds of weights, 2^−top times as large, and top."""


@dataclass(frozen=True)
class Missed:
    """Bounds for one step: the norm of what interpolation misses of S and W, and how much f moves.

    sizes has the largest |β_i| and dβ_i/ds_i of W and N within SLACK of the step, by coordinate. growth is
    the factor that would make the tail about right; straight, whether a threshold ahead makes it.
    """

    tail: arb
    force: arb
    sizes: dict[int, tuple[arb, arb]]
    growth: float
    straight: bool


class Between:
    """Bounds of the steps of one field and degree, for defects of 2^−bits."""

    def __init__(self, field: ActiveField, outlook: Outlook, bits: int, degree: int) -> None:
        self.field, self.outlook, self.bits, self.degree = field, outlook, bits, degree
        sets, base = field.sets, field.base
        self._seen = (*sets.strong, *sets.weak)
        strong = set(sets.strong)
        self._bounded = [i for i in range(base.dimension) if i not in strong]
        self._force = largest_of(field.correlation)
        # what makes the coefficients of a step alike: the limits of floats are none here
        self._shifts = [j * (bits + 8) // degree for j in range(1, degree + 2)]
        self._factors = [arb((1, shift)) for shift in self._shifts]
        shifts = np.array(self._shifts, dtype=np.float64)
        self._powers = np.exp2(np.minimum(shifts, _SMALL_BITS))
        self._later = np.exp2(shifts[:-2] - shifts[2:])
        self._near, self._far = _upwards([arb((1, -shift)) for shift in self._shifts]), dict[float, Column]()
        self._orders = 2.0 * np.arange(1, degree + 2)
        # of ∫T_k from −1 the coefficient of T_0
        means = [fmpq(1), fmpq(-1, 4), *(fmpq((-1) ** (k + 1), k * k - 1) for k in range(2, degree + 1))]
        self._means = arb_mat(len(means), 1, means)
        self._float_means = np.array([float(arb(mean)) for mean in means])
        rows = matrix_of([*field.reduction.tolist(), list(field.drift)], base.dimension).transpose()
        self._rows, self._radii = floats(rows), radii(rows)

    def missed(self, slope: arb_mat, half: arb, start: Distances, noise: float) -> Missed:
        """Of a step with those coefficients of v; log2 of those of the dual below ``noise`` say nothing."""
        base, weight = self.field.base, half * self.field.base.per_unit
        # in units of ε before they are floats: 1/ε may be 2^600. What underflow loses is an error that R,
        # however large, multiplies
        middles, wide = self._scaled(slope * weight)
        values = self._integrated(middles, -1, float(weight.upper()))
        errors = self._integrated(wide + _ROUNDED * np.abs(middles), 1, 0.0) + _UNDERFLOW
        rows, known = np.abs(self._rows @ values), np.abs(values)
        wrong = np.abs(self._rows) @ (errors + 2 * _ROUNDED * known) + self._radii @ (errors + 2 * known)
        bounds = (rows + wrong) * (1 + _ROUNDED) + _LEAST
        centre = self._centre((slope * self._means).entries(), half, start)
        logs = self._logs(rows)
        # in a larger ellipse what rounding left of a coefficient would be all that is seen
        largest = self._logs(bounds)
        rho = arb(self.outlook.best_ellipse(centre, largest, self.bits, self._seen)[0])
        far, near = (_spread(bounds, *column) for column in (self._weights(float(rho)), self._near))
        moves = (base.diagonal_root[i] * base.magnitude(i, centre[i], far[i]) for i in self._seen)
        force = sum(moves, arb(0))
        sizes = {i: base.largest(i, centre[i], near[i] + SLACK) for i in self._bounded}
        tail = (4 * rho**-self.degree / (rho - 1) * force).upper()
        return Missed(tail, force.upper(), sizes, *self._growth(centre, logs, noise))

    def expected(self, slope: FloatArray, half: arb, start: Distances) -> float:
        """``Missed.growth`` of a proposal's coefficients, (a, N+1); ∞ where floats do not hold them."""
        factors = np.array([float(factor) for factor in self._factors])
        if not np.isfinite(factors).all():
            return math.inf
        rows = np.abs(self._rows @ self._integrated(slope * factors, -1, 1.0))
        logs = self._logs(rows) + math.log2(float(half * self.field.base.per_unit))
        # of forces that cancel the rounding is seen even where nothing moves
        rest = log2_of((half * self.field.base.per_unit * self._force).mid())
        noise = max(float(logs.max(initial=-np.inf)) - _FLOAT_BITS, rest - _REST_BITS)
        centre = self._centre([arb(mean) for mean in (slope @ self._float_means).tolist()], half, start)
        return self._growth(centre, logs, noise)[0]

    def _scaled(self, slope: arb_mat) -> tuple[FloatArray, FloatArray]:
        """Middles and radii of c_j·2^shift_(j+1) of coefficients, (a, N+1), but for what underflows."""
        if self._shifts[-1] < _SMALL_BITS:
            return floats(slope) * self._powers, (radii(slope) + _UNDERFLOW) * self._powers
        rows = [[c * f for c, f in zip(row, self._factors, strict=True)] for row in slope.tolist()]
        scaled = matrix_of(rows, len(self._shifts))
        return floats(scaled), radii(scaled)

    def _integrated(self, slope: FloatArray, sign: int, time: float) -> FloatArray:
        """a_j·2^shift_j, j = 1 … N + 1, of w and of time, (a + 1, N+1), in units of ε.

        slope has c_j·2^shift_(j+1) times half of the step, (a, N+1), which time is; sign is that of the later
        of two c in each a_j.
        """
        found = np.zeros((len(slope) + 1, slope.shape[1]))
        found[:-1] = slope
        found[:-1, 0] *= 2
        found[:-1, :-2] += sign * slope[:, 2:] * self._later
        found /= self._orders
        # time is half·(1 + T_1)
        found[-1, 0] = float(self._factors[0]) * time
        return found

    def _logs(self, rows: FloatArray) -> FloatArray:
        """log2 of the magnitudes of the coefficients, (d, N+1)."""
        with np.errstate(divide="ignore"):
            found: FloatArray = np.log2(rows) - np.array(self._shifts, dtype=np.float64)
        return found

    def _weights(self, rho: float) -> Column:
        """(ρ^j + ρ^−j)/2·2^−shift_j: few ρ are tried, and those of a run are kept."""
        if rho not in self._far:
            ball, orders = arb(rho), enumerate(self._shifts, start=1)
            self._far[rho] = _upwards([(ball**j + ball**-j) * arb((1, -1 - shift)) for j, shift in orders])
        return self._far[rho]

    def _centre(self, means: Sequence[arb], half: arb, start: Distances) -> Distances:
        """The distances where each polynomial is its coefficient 0: half of the step times those, (a,)."""
        means = [half * value for value in means]
        return moved(start, [self.field.base.per_unit * move for move in self.field.moves(means, half)])

    def _growth(self, centre: Distances, logs: FloatArray, noise: float) -> tuple[float, bool]:
        """``Missed.growth`` and ``straight``, from those coefficients that are not rounding.

        A threshold ahead, where β has a pole, of duals that go straight on, makes the tail grow much faster
        with the length than by its order.
        """
        everyone = range(len(logs))
        seen = np.where(logs > noise, logs, -np.inf)
        _, tail = self.outlook.best_ellipse(centre, seen, self.bits, everyone)
        growth = float(2.0 ** min(5.0, max(-2.0, -(tail + self.bits + 3) / self.degree)))
        if not self.field.base.link.has_pole:
            return growth, False
        seen[:, 1:] = -np.inf
        _, straight = self.outlook.best_ellipse(centre, seen, self.bits, everyone)
        return growth, straight > tail - _STRAIGHT


def largest_of(values: Sequence[arb]) -> arb:
    """An upper bound of every |value|, 0 for none."""
    found = arb(0)
    for value in values:
        found = arb.max(found, abs(value).upper())
    return found.upper()


def _upwards(weights: Sequence[arb]) -> Column:
    top = max(map(ceil_log2, weights))
    return np.array([float((weight * arb((1, -top))).upper()) for weight in weights]) + _LEAST, top


def _spread(bounds: FloatArray, column: FloatArray, top: int) -> list[arb]:
    """Σ_j bounds_ij·column_j·2^top upwards, for every i."""
    totals = (bounds @ column) * (1 + _ROUNDED)
    return [arb(total) * arb((1, top)) for total in totals.tolist()]
