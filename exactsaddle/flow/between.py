"""What a polynomial misses between its nodes, and how large the coordinates it leaves out become.

Between the nodes: v − r_P, less any constant, has degree ≤ N and is its own interpolant, and β(s(x)) is
analytic in every Bernstein ellipse, where the Chebyshev coefficients a_k of s bound |s − a_0| by
Σ |a_k|(ρ^k + ρ^−k)/2, hence how much β differs from a constant (``BallField.magnitude``): so the theorem of
chebyshev.py applies to each β_i of S and W. However small α is, the bound grows like exp(2ℓ·change of s), so
no step can sleep through the growth of a coordinate. On the step itself |s − a_0| ≤ Σ |a_k|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from exactsaddle.flow.accuracy import log2_of
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.float_field import floats
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.vector_field import Distances, matrix_of, moved
from exactsaddle.problem import FloatArray

_FLOAT_BITS = 24
"""Bits of its largest coefficient that a proposal in floats has right, stiff ones too."""
_REST_BITS = 44
SLACK = arb(1) / 16
"""How much farther than by v the duals of W and N may be, in units of ε, for the bounds of their β."""
_STRAIGHT = 8
"""Bits of a tail that may come from other than the first coefficients."""


@dataclass(frozen=True)
class Missed:
    """Bounds for one step: the norm of what interpolation misses of S and W, and log2 of how much f moves.

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
        self._rows = matrix_of([*field.reduction.tolist(), list(field.drift)], base.dimension).transpose()

    def missed(self, slope: arb_mat, half: arb, start: Distances, noise: float) -> Missed:
        """Of a step with those coefficients of v; log2 of those of the dual below ``noise`` say nothing."""
        base = self.field.base
        centre, rows = self._expansion(slope, half, start)
        magnitudes = arb_mat(rows.nrows(), rows.ncols(), [abs(value) for value in rows.entries()])
        with np.errstate(divide="ignore"):
            logs = np.log2(floats(magnitudes)) - np.array(self._shifts, dtype=float)
        rho = arb(self.outlook.best_ellipse(centre, logs, self.bits, self._seen)[0])
        orders = range(1, len(self._shifts) + 1)
        far = [
            (rho**j + rho**-j) * arb((1, -1 - shift)) for j, shift in zip(orders, self._shifts, strict=True)
        ]
        near = [arb((1, -shift)) for shift in self._shifts]
        spreads = (magnitudes * matrix_of([far, near], len(near)).transpose()).tolist()
        force = sum(
            (base.diagonal_root[i] * base.magnitude(i, centre[i], spreads[i][0]) for i in self._seen), arb(0)
        )
        sizes = {i: base.largest(i, centre[i], spreads[i][1] + SLACK) for i in self._bounded}
        tail = (4 * rho**-self.degree / (rho - 1) * force).upper()
        return Missed(tail, force.upper(), sizes, *self._growth(centre, logs, noise))

    def expected(self, slope: arb_mat, half: arb, start: Distances) -> float:
        """``Missed.growth`` of a proposal in floats."""
        centre, rows = self._expansion(slope, half, start)
        with np.errstate(divide="ignore"):
            logs = np.log2(np.abs(floats(rows))) - np.array(self._shifts, dtype=float)
        # of forces that cancel the rounding is seen even where nothing moves
        rest = log2_of(half * self.field.base.per_unit * self._force)
        noise = max(float(logs.max(initial=-np.inf)) - _FLOAT_BITS, rest - _REST_BITS)
        return self._growth(centre, logs, noise)[0]

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

    def _expansion(self, slope: arb_mat, half: arb, start: Distances) -> tuple[Distances, arb_mat]:
        """The dual on the step in units of ε: distances where the polynomial is its coefficient 0, and the
        others as a_j·2^shift_j for j = 1 … N + 1, (d, N+1)."""
        zero, field = arb(0), self.field
        scales = [half * arb((1, shift - 1)) / j for j, shift in enumerate(self._shifts, start=1)]
        rows = []
        for first, *others in slope.tolist():
            padded = [2 * first, *others, zero, zero]
            rows.append([s * (p - q) for s, p, q in zip(scales, padded, padded[2:], strict=False)])
        # w = w_0 at −1, where T_j is (−1)^j; time is half·(1 + T_1)
        signs = [arb((1 if j % 2 else -1, -shift)) for j, shift in enumerate(self._shifts, start=1)]
        centre = (matrix_of(rows, len(signs)) * arb_mat(len(signs), 1, signs)).entries()
        moves = [field.base.per_unit * move for move in field.moves(centre, half)]
        timed = matrix_of([*rows, [half * arb((1, self._shifts[0]))] + [zero] * self.degree], len(signs))
        return moved(start, moves), self._rows * timed * field.base.per_unit


def largest_of(values: Sequence[arb]) -> arb:
    """An upper bound of every |value|, 0 for none."""
    found = arb(0)
    for value in values:
        found = arb.max(found, abs(value).upper())
    return found.upper()
