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
from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.flow.chebyshev import Basis, FloatArray, integrals_at
from exactsaddle.flow.vector_field import BallField

MAX_NEWTON = 14
_NEWTON_DONE = 1e-6
"""The change of 2ℓs below which Newton's method has done its part: the next change is its square."""
_FLOAT_BITS = 24
_GAIN_BITS = 16
"""Bits that a start in floats has right, and the least a refinement must add to be worth another."""
_OVERFLOW = 1e60
_INERT = 1e-12
"""A coordinate whose h·G_ii·dβ_i/ds_i stays below this does not matter to the Jacobian."""


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

    def point(self, time: fmpq) -> list[arb]:
        """The polynomial w at a time inside the step, at the working precision."""
        if time == self.start:
            return list(self.w)
        half = self.length / 2
        weights = integrals_at((time - self.start) / half - 1, len(self.slope))
        moved = (arb_mat([weights]) * arb_mat(self.slope)).entries()
        return [w + arb(half) * value for w, value in zip(self.w, moved, strict=True)]


@dataclass(frozen=True)
class Refused:
    """A step that was not proved: why, and the factor by which to change its length."""

    reason: str
    factor: float


@dataclass(frozen=True, eq=False)
class Proved:
    """A proved step, and the factor by which the next may be longer."""

    step: Step
    growth: float


@dataclass(frozen=True, eq=False)
class _Jacobian:
    """The linearised collocation equations in floats, reduced to the duals that matter.

    With A the coordinates that are not inert, a change v of the slopes moves the duals by x = Qv R_A,
    and v + (x ⊙ rate) G_A,P = residual becomes (I + Q ∘ G_AA rate) x = Q residual R_A.
    """

    operator: FloatArray
    into: FloatArray
    back: FloatArray
    matrix: FloatArray

    @classmethod
    def of(
        cls,
        operator: FloatArray,
        gram_rows: FloatArray,
        reduction: FloatArray,
        rate: FloatArray,
        length: float,
    ) -> _Jacobian:
        """The Jacobian for rates dβ/ds of shape (N+1, d)."""
        gram = reduction.T @ gram_rows
        active = np.flatnonzero(rate.max(axis=0) * np.diagonal(gram) * length > _INERT)
        weights = rate[:, active]
        order = len(operator) * len(active)
        block = (
            operator[:, None, :, None] * gram[np.ix_(active, active)][None, :, None, :] * weights[None, None]
        )
        back = weights[:, :, None] * gram_rows.T[active][None]
        return cls(operator, reduction[:, active], back, block.reshape(order, order) + np.eye(order))

    def solve(self, residual: FloatArray) -> FloatArray | None:
        """The change of the slopes, (N+1, k), whose linear effect is the residual; None if singular."""
        moved = self.operator @ residual @ self.into
        try:
            x = np.linalg.solve(self.matrix, moved.reshape(-1)).reshape(moved.shape)
        except np.linalg.LinAlgError:
            return None
        change: FloatArray = residual - np.einsum("qa,qak->qk", x, self.back)
        return change if np.isfinite(change).all() else None


@dataclass(frozen=True, eq=False)
class _Guess:
    slope: FloatArray
    jacobian: _Jacobian


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

    def step(self, start: fmpq, length: fmpq, w: Sequence[arb], error: arb) -> Proved | Refused:
        """Propose a slope on [start, start + length] from w, within error of the truth, and prove it."""
        guess = self._guess(w, float(length.p) / float(length.q))
        if guess is None:
            return Refused("Newton's method does not converge in floats", 0.5)
        half = arb(length) / 2
        slope = [[arb(value) for value in row] for row in guess.slope.tolist()]
        full, accuracy = ctx.prec, _FLOAT_BITS
        enough = self.bits + 4 + self._size.bit_length() // 2
        # errors of the coefficients are multiplied by 2ℓh and the ellipse before they meet the tail
        goal = enough + 6 + max(0, math.ceil(_log2(self.field.gain * half)))
        while True:
            with ctx.workprec(min(full, accuracy + _FLOAT_BITS + full - self.bits)):
                residual = self._residual(slope, half, w)
            reached = -_log2(_largest(residual.entries()))
            if reached >= goal or (reached >= enough and reached < accuracy):
                break
            if reached < accuracy:
                return Refused("refinement stalls", 0.5)
            with ctx.workprec(min(full, int(reached) + _FLOAT_BITS + full - self.bits)):
                slope = self._correct(slope, residual, int(reached), guess)
            accuracy = int(reached) + _GAIN_BITS
        proved = self._prove(slope, half, w, residual)
        if isinstance(proved, Refused):
            return proved
        defect, growth = proved
        total = (error + arb(length) * defect).upper()
        return Proved(Step(start, length, tuple(w), slope, defect, total), growth)

    def _guess(self, w: Sequence[arb], length: float) -> _Guess | None:
        """Newton's method in floats from a constant slope; None where it does not converge."""
        dual_start = np.array([float(value) for value in self.field.duals(w)])
        operator = (length / 2) * self.basis.node_integrals
        slopes = np.tile(self._correlation - self._gram_rows @ self._beta(dual_start)[0], (self._size, 1))
        for _ in range(MAX_NEWTON):
            beta, rate = self._beta(dual_start + (operator @ slopes) @ self._reduction)
            if not rate.max(initial=0) < _OVERFLOW:
                return None
            residual = slopes - self._correlation + beta @ self._gram_rows.T
            jacobian = _Jacobian.of(operator, self._gram_rows, self._reduction, rate, length)
            change = jacobian.solve(residual)
            if change is None:
                return None
            slopes = slopes - change
            moved = self._gain * np.abs(operator @ change @ jacobian.into).max(initial=0)
            if moved < _NEWTON_DONE:
                return _Guess(self.basis.coefficients @ slopes, jacobian)
        return None

    def _beta(self, dual: FloatArray) -> tuple[FloatArray, FloatArray]:
        with np.errstate(over="ignore"):
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
        self, slope: list[list[arb]], residual: arb_mat, reached: int, guess: _Guess
    ) -> list[list[arb]]:
        scale = arb(2) ** reached
        scaled = np.array([float(value * scale) for value in residual.entries()])
        change = guess.jacobian.solve(scaled.reshape(self._size, -1))
        if change is None:
            return slope
        table = (self.basis.coefficients @ change).tolist()
        return [
            [(b - arb(c) / scale).mid() for b, c in zip(row, changes, strict=True)]
            for row, changes in zip(slope, table, strict=True)
        ]

    def _prove(
        self, slope: list[list[arb]], half: arb, w: Sequence[arb], residual: arb_mat
    ) -> tuple[arb, float] | Refused:
        """The norm of the defect on the whole step with the growth to try next, or a refusal.

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
        excess = _log2(_largest(tails)) + self.bits + 1
        growth = 2.0 ** min(2.0, max(-2.0, -(excess + 2) / degree))
        if excess > 0:
            return Refused("the tail of the interpolation is too large", min(0.8, growth))
        columns = [[residual[q, a] for q in range(self._size)] for a in range(k)]
        defects = [
            (self.basis.lebesgue * _largest(column) + t).upper()
            for column, t in zip(columns, tails, strict=True)
        ]
        return self.field.norm(defects), growth

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
    # the limit of floats is no limit here: a bound of 2^-5000 is ordinary
    return -math.inf if mantissa == 0 else float(int(exponent) + int(abs(mantissa).bit_length()))


def _largest(values: Sequence[arb]) -> arb:
    """An upper bound of every |value|, 0 for none."""
    found = arb(0)
    for value in values:
        found = arb.max(found, abs(value).upper())
    return found.upper()


def _floats(matrix: arb_mat) -> FloatArray:
    flat = np.array([float(value) for value in matrix.entries()])
    return flat.reshape(matrix.nrows(), matrix.ncols())
