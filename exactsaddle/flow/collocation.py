"""One step of the rigorous integrator: a polynomial proposed by Newton's method, its defect proved.

The proposal is untrusted: collocation at Chebyshev nodes, solved in floats and refined with residuals
in balls. What is proved about it (``_defect``) is only that v = Σ b_k T_k, as it stands, makes
w = w_0 + ∫v satisfy |w' − f(w)| ≤ e on the whole step. Being implicit, it follows a stiff plateau with
long steps: their number does not grow with ℓ·S (MATH.md §5) as that of an explicit method does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, fmpq

from exactsaddle.flow.chebyshev import Basis, FloatArray, at_point
from exactsaddle.flow.vector_field import BallField

MAX_NEWTON = 14
_FLOAT_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Step:
    """A polynomial piece on [start, start + length] with a proved bound on its defect.

    w is the exact dyadic point at its start, (k,); slope[k][a] are exact dyadic Chebyshev coefficients
    of w' on the step. error bounds ‖w − w_true‖ throughout the step, defect the norm of w' − f(w).
    """

    start: fmpq
    length: fmpq
    w: tuple[arb, ...]
    slope: list[list[arb]]
    defect: arb
    error: arb

    @property
    def end(self) -> fmpq:
        """start + length."""
        return self.start + self.length

    def point(self, time: arb) -> list[arb]:
        """The polynomial w at a ball of times inside the step, at the working precision."""
        half = arb(self.length) / 2
        x = (time - arb(self.start)) / half - 1
        return [w + half * value for w, value in zip(self.w, at_point(self.slope, x), strict=True)]


@dataclass(frozen=True)
class Refused:
    """A step that was not proved: why, and the factor by which to change its length."""

    reason: str
    factor: float


class Collocator:
    """Makes proved steps of one field with one basis; defect bound asked for is 2^−bits."""

    def __init__(self, field: BallField, basis: Basis, bits: int) -> None:
        self.field = field
        self.basis = basis
        self.bits = bits
        size = basis.degree + 1
        self._stack = arb_mat(basis.values.tolist() + basis.integrals.tolist())
        self._size = size
        self._reduction = _floats(field.reduction)
        self._gram_rows = _floats(field.gram_rows)
        self._gram_rows_t = field.gram_rows.transpose()
        self._gram_bound = arb_mat(
            field.gram_rows.nrows(), field.gram_rows.ncols(), [abs(g) for g in field.gram_rows.entries()]
        )
        self._correlation = np.array([float(value) for value in field.correlation])
        self._gain = float(field.gain)
        self._shifts = [
            np.array([-math.inf if shift is None else float(shift) for shift in shifts])
            for shifts in (field.plus_shift, field.minus_shift)
        ]

    def step(
        self, start: fmpq, length: fmpq, w: Sequence[arb]
    ) -> tuple[list[list[arb]], arb, float] | Refused:
        """Propose a slope for the step from w and prove its defect: (slope, defect norm, growth factor)."""
        guess = self._guess(w, float(length.p) / float(length.q))
        if guess is None:
            return Refused("Newton's method does not converge in floats", 0.5)
        slope, inverse = guess
        half = arb(length) / 2
        coefficients = [[arb(value) for value in row] for row in slope.tolist()]
        target = arb(2) ** (-self.bits - 3 - self._size.bit_length() // 2)
        previous = None
        for _ in range(4 + self.bits // 20):
            residual = self._residual(coefficients, half, w)
            largest = max((abs(value).upper() for value in residual.entries()), key=_log2)
            if largest < target:
                return self._prove(coefficients, half, w, largest, residual)
            if previous is not None and not largest < previous:
                return Refused("refinement stalls: the precision is too low", 0.5)
            previous = largest / 4
            coefficients = self._correct(coefficients, residual, largest, inverse)
        return Refused("refinement is too slow", 0.5)

    def _guess(self, w: Sequence[arb], length: float) -> tuple[FloatArray, FloatArray] | None:
        """Float coefficients of the slope, shape (N+1, k), and the inverse Jacobian at the nodes."""
        start = np.array([float(value) for value in w])
        dual_start = np.array([float(value) for value in self.field.duals(w)])
        size, k = self._size, len(start)
        with np.errstate(over="ignore", invalid="ignore"):
            slopes = np.tile(self._correlation - self._gram_rows @ self._beta(dual_start)[0], (size, 1))
            operator = (length / 2) * self.basis.node_integrals
            for _ in range(MAX_NEWTON):
                dual = dual_start + (operator @ slopes) @ self._reduction
                beta, rate = self._beta(dual)
                residual = slopes - self._correlation + beta @ self._gram_rows.T
                blocks = np.einsum("ai,qi,bi->qab", self._gram_rows, rate, self._reduction)
                matrix = np.einsum("qm,qab->qamb", operator, blocks).reshape(size * k, size * k)
                matrix += np.eye(size * k)
                if not np.isfinite(matrix).all():
                    return None
                try:
                    inverse = np.linalg.inv(matrix)
                except np.linalg.LinAlgError:
                    return None
                change = (inverse @ residual.reshape(-1)).reshape(size, k)
                slopes = slopes - change
                moved = self._gain * np.abs((operator @ change) @ self._reduction).max(initial=0)
                if moved < 1e-6 and np.abs(change).max(initial=0) < _FLOAT_TOLERANCE * (
                    1 + np.abs(slopes).max(initial=0)
                ):
                    return self.basis.coefficients @ slopes, inverse
        return None

    def _beta(self, dual: FloatArray) -> tuple[FloatArray, FloatArray]:
        plus = np.exp(self._gain * dual + self._shifts[0]) / 2
        minus = np.exp(self._shifts[1] - self._gain * dual) / 2
        return plus - minus, self._gain * (plus + minus)

    def _residual(self, slope: list[list[arb]], half: arb, w: Sequence[arb]) -> arb_mat:
        """w' − f(w) at the nodes, shape (N+1, k), as balls."""
        field, size, k = self.field, self._size, len(w)
        product = self._stack * arb_mat(slope)
        moved = [half * value for value in product.entries()[size * k :]]
        points = [w[j % k] + value for j, value in enumerate(moved)]
        duals = (arb_mat(size, k, points) * field.reduction).entries()
        d = len(field.dual_start)
        betas = [field.beta(j % d, field.dual_start[j % d] + value) for j, value in enumerate(duals)]
        force = (arb_mat(size, d, betas) * self._gram_rows_t).entries()
        slopes = product.entries()
        return arb_mat(size, k, [slopes[j] + force[j] - field.correlation[j % k] for j in range(size * k)])

    def _correct(
        self, slope: list[list[arb]], residual: arb_mat, largest: arb, inverse: FloatArray
    ) -> list[list[arb]]:
        shift = math.floor(_log2(largest))
        scale = arb(2) ** -shift
        scaled = np.array([float(value * scale) for value in residual.entries()])
        change = (inverse @ scaled).reshape(self._size, -1)
        unscale = arb(2) ** shift
        return [
            [(b - arb(c) * unscale).mid() for b, c in zip(row, changes, strict=True)]
            for row, changes in zip(slope, (self.basis.coefficients @ change).tolist(), strict=True)
        ]

    def _prove(
        self, slope: list[list[arb]], half: arb, w: Sequence[arb], largest: arb, residual: arb_mat
    ) -> tuple[list[list[arb]], arb, float] | Refused:
        """Bound the defect on the whole step, or refuse it.

        At the nodes it is at most the residual; between them chebyshev.py's theorem applies to
        f(w(x)), analytic in every ellipse; w' and r_P have degree ≤ N and are their own interpolants.
        """
        k, degree = len(w), self.basis.degree
        expansion = self._dual_expansion(slope, half, w)
        magnitudes = [[abs(value).upper() for value in row] for row in expansion[1:]]
        radius = self._best_ellipse(expansion[0], magnitudes)
        rho = arb(radius)
        weights = [(rho**j + rho**-j) / 2 for j in range(1, degree + 2)]
        spread = (arb_mat(1, degree + 1, weights) * arb_mat(magnitudes)).entries()
        bounds = [
            self.field.magnitude(i, c, r) for i, (c, r) in enumerate(zip(expansion[0], spread, strict=True))
        ]
        force = (self._gram_bound * arb_mat(len(bounds), 1, bounds)).entries()
        factor = 4 * rho**-degree / (rho - 1)
        tails = [(factor * value).upper() for value in force]
        tail = max(tails, key=_log2)
        excess = _log2(tail) + self.bits + 1
        growth = 2.0 ** (-(excess + 2) / degree)
        if excess > 0:
            return Refused("the tail of the interpolation is too large", max(0.2, min(0.8, growth)))
        columns = [[abs(residual[q, a]).upper() for q in range(self._size)] for a in range(k)]
        defects = [
            (self.basis.lebesgue * max(column, key=_log2) + t).upper()
            for column, t in zip(columns, tails, strict=True)
        ]
        return slope, self.field.norm(defects), growth

    def _dual_expansion(self, slope: list[list[arb]], half: arb, w: Sequence[arb]) -> list[list[arb]]:
        """Chebyshev coefficients of the dual on the step, N + 2 rows of d balls."""
        k, degree = len(w), self.basis.degree
        zero = [arb(0)] * k
        padded = [*slope, zero, zero]
        rows = []
        for j in range(1, degree + 2):
            before, after = padded[j - 1], padded[j + 1]
            scale = half / (2 * j)
            rows.append([scale * ((2 * p if j == 1 else p) - q) for p, q in zip(before, after, strict=True)])
        centre = list(w)
        for j, row in enumerate(rows, start=1):
            centre = [c + value if j % 2 else c - value for c, value in zip(centre, row, strict=True)]
        moved = arb_mat([centre, *rows]) * self.field.reduction
        table: list[list[arb]] = moved.tolist()
        table[0] = [s + value for s, value in zip(self.field.dual_start, table[0], strict=True)]
        return table

    def _best_ellipse(self, centre: list[arb], magnitudes: list[list[arb]]) -> float:
        """The ρ that seems to give the least tail (untrusted)."""
        logs = np.array([[_log2(value) for value in row] for row in magnitudes])
        middle = np.array([float(value) for value in centre])
        orders = np.arange(1, len(magnitudes) + 1)
        best, found = math.inf, 1.5
        for exponent in np.linspace(0.1, 1.6, 26) * (self.bits + 8) / self.basis.degree:
            with np.errstate(over="ignore"):
                spread = np.exp2(logs + orders[:, None] * exponent - 1).sum(axis=0)
            size = np.maximum(
                self._gain * (middle + spread) + self._shifts[0],
                self._gain * (spread - middle) + self._shifts[1],
            ).max()
            value = (
                size / math.log(2) - self.basis.degree * exponent - math.log2(max(2.0**exponent - 1, 1e-9))
            )
            if value < best:
                best, found = value, 2.0**exponent
        return float(found)


def _log2(value: arb) -> float:
    """log2 of an exact positive ball to within a bit, −inf for zero."""
    mantissa, exponent = value.mid().man_exp()
    return -math.inf if mantissa == 0 else float(int(exponent) + int(abs(mantissa).bit_length()))


def _floats(matrix: arb_mat) -> FloatArray:
    return np.array([[float(value) for value in row] for row in matrix.tolist()])
