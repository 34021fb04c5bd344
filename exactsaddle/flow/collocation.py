"""One step of the rigorous integrator: a polynomial proposed by Newton's method, its defect proved.

The proposal is untrusted (proposal.py); residuals in balls refine it. What is proved is only that
v = Σ b_k T_k, as it stands, makes w = w_0 + ∫v satisfy |w' − f(w)| ≤ e on the whole step. Being implicit,
the method follows a stiff plateau with long steps: their number does not grow with ℓ·S (MATHEMATICS.md §5).

The defect. At the N + 1 nodes it is at most the residual there. Between them: w' − r_P has degree ≤ N
and is its own interpolant, and G_P β(s(x)) is analytic in every Bernstein ellipse, where the Chebyshev
coefficients a_k of s bound |s − a_0| by Σ |a_k|(ρ^k + ρ^−k)/2, hence |E±|, hence |β|: so the theorem
of chebyshev.py applies, |w' − f(w)| ≤ Λ·max residual + 4Mρ^−N/(ρ − 1). However small α is, the bound
grows like exp(2ℓ·change of s), so no step can sleep through the growth of a coordinate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.chebyshev import Basis, integrals_at
from exactsaddle.flow.proposal import NEAR_BITS, Proposal, Proposer
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import Carried, to_float

_FLOAT_BITS = 24
_GAIN_BITS = 16
"""Bits that a start in floats has right, and the least a refinement must add to be worth another."""
_KEPT = 8
"""Points of a step that are remembered: neighbouring intervals share them."""


@dataclass(frozen=True, eq=False)
class Step(Carried):
    """A polynomial piece on [start, start + length] with a proved bound on its defect.

    w is the exact dyadic point at its start, (k,), in the coordinates of ``pivots``; slope[k][a] are exact
    dyadic Chebyshev coefficients of w' on the step. error bounds ‖w − w_true‖ throughout the step, defect the
    norm of w' − f(w).
    """

    start: fmpq
    length: fmpq
    pivots: tuple[int, ...]
    w: tuple[arb, ...]
    slope: list[list[arb]]
    defect: arb
    error: arb
    _recent: dict[tuple[fmpq, int], list[arb]] = field(default_factory=dict, repr=False)

    @property
    def end(self) -> fmpq:
        """start + length."""
        return self.start + self.length

    def point(self, time: fmpq) -> list[arb]:
        """The polynomial w at a time inside the step, at the working precision; the last ones are kept."""
        if time == self.start:
            return list(self.w)
        key = time, ctx.prec
        found = self._recent.get(key)
        if found is None:
            if len(self._recent) == _KEPT:
                del self._recent[next(iter(self._recent))]
            found = self._recent[key] = self._point(time)
        return list(found)

    def _point(self, time: fmpq) -> list[arb]:
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


class Collocator:
    """Makes proved steps of one field with one basis; defect bound asked for is 2^−bits."""

    def __init__(self, field: BallField, basis: Basis, bits: int) -> None:
        self.field = field
        self.basis = basis
        self.bits = bits
        self._size = basis.degree + 1
        self._proposer = Proposer(field, basis)
        self._correlation = arb_mat([list(field.correlation)] * self._size)
        gram = field.gram_rows
        self._gram_transposed = gram.transpose()
        self._gram_bound = arb_mat(gram.nrows(), gram.ncols(), [abs(g) for g in gram.entries()])

    def near(self, duals: Sequence[arb], length: float) -> list[int]:
        """Who has to be in the span of the pivots for a step of that length, by distance."""
        return self._proposer.near(duals, length)

    def step(self, start: fmpq, length: fmpq, w: Sequence[arb], error: arb) -> Proved | Refused:
        """Propose a slope on [start, start + length] from w, within error of the truth, and prove it."""
        proposal = self._proposer.propose(self.field.duals(w), to_float(length))
        if proposal is None:
            return Refused("Newton's method does not converge in floats", 0.5)
        half = arb(length) / 2
        slope = [[arb(value) for value in row] for row in proposal.slope.tolist()]
        full, accuracy = ctx.prec, _FLOAT_BITS
        enough = self.bits + 4 + self._size.bit_length() // 2
        # errors of the coefficients are multiplied by 2ℓh and the ellipse before they meet the tail
        goal = enough + 6 + min(NEAR_BITS, max(0, math.ceil(_log2(self.field.gain * half))))
        working = accuracy
        while True:
            precision = min(full, working + _FLOAT_BITS + full - self.bits)
            with workprec(precision):
                residual = self._residual(slope, half, w)
            reached = -_log2(_largest(residual.entries()))
            if reached >= goal or (reached >= enough and reached < accuracy):
                break
            # a correction of rounding gains nothing: look closer first
            if precision < full and reached + _GAIN_BITS > working and _is_rounding(residual, reached):
                working = int(reached) + _GAIN_BITS
                continue
            if reached < accuracy:
                return Refused("refinement stalls", 0.5)
            accuracy = working = int(reached) + _GAIN_BITS
            with workprec(min(full, accuracy + _FLOAT_BITS + full - self.bits)):
                slope = self._correct(slope, residual, int(reached), proposal)
        tails, growth = self._tails(slope, half, w)
        excess = _log2(_largest(tails)) + self.bits + 1
        if excess > 0:
            return Refused("the tail of the interpolation is too large", min(0.8, growth))
        defects = [
            (self.basis.lebesgue * _largest([residual[q, a] for q in range(self._size)]) + tail).upper()
            for a, tail in enumerate(tails)
        ]
        defect = self.field.norm(defects)
        total = (error + arb(length) * defect).upper()
        return Proved(Step(start, length, self.field.flow.pivots, tuple(w), slope, defect, total), growth)

    def _residual(self, slope: list[list[arb]], half: arb, w: Sequence[arb]) -> arb_mat:
        """w' − f(w) at the nodes, shape (N+1, k), as balls."""
        field, size = self.field, self._size
        coefficients = arb_mat(slope)
        moved = (self.basis.integrals * coefficients) * (field.reduction * half)
        duals = moved + arb_mat([field.duals(w)] * size)
        betas = arb_mat(size, duals.ncols(), field.betas(duals.entries()))
        return self.basis.values * coefficients + betas * self._gram_transposed - self._correlation

    def _correct(
        self, slope: list[list[arb]], residual: arb_mat, reached: int, proposal: Proposal
    ) -> list[list[arb]]:
        """The slope with the linear effect of the residual, about 2^−reached, taken away in floats."""
        scale = arb(2) ** reached
        scaled = np.array([float(value * scale) for value in residual.entries()])
        change = proposal.jacobian.solve(scaled.reshape(self._size, -1))
        if change is None:
            return slope
        table = (self.basis.coefficients @ change).tolist()
        return [
            [(b - arb(c) / scale).mid() for b, c in zip(row, changes, strict=True)]
            for row, changes in zip(slope, table, strict=True)
        ]

    def _tails(self, slope: list[list[arb]], half: arb, w: Sequence[arb]) -> tuple[list[arb], float]:
        """What interpolation may miss of each component of f(w), and the growth to try for the next step."""
        degree = self.basis.degree
        centre, *rows = self._dual_expansion(slope, half, w)
        magnitudes = [[abs(value).upper() for value in row] for row in rows]
        logs = np.array([[_log2(value) for value in row] for row in magnitudes])
        rho = arb(self._proposer.best_ellipse(centre, logs, self.bits))
        weights = [(rho**j + rho**-j) / 2 for j in range(1, degree + 2)]
        spread = (arb_mat([weights]) * arb_mat(magnitudes)).entries()
        bounds = [self.field.magnitude(i, c, r) for i, (c, r) in enumerate(zip(centre, spread, strict=True))]
        force = (self._gram_bound * arb_mat(len(bounds), 1, bounds)).entries()
        factor = 4 * rho**-degree / (rho - 1)
        tails = [(factor * value).upper() for value in force]
        excess = _log2(_largest(tails)) + self.bits + 3  # infinite where the ellipse reaches a threshold
        return tails, 2.0 ** min(2.0, max(-2.0, -excess / degree))

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


def _log2(value: arb) -> float:
    """log2 of an exact positive ball to within a bit, −inf for zero, inf for what is not finite."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = value.mid().man_exp()
    # the limit of floats is no limit here: a bound of 2^-5000 is ordinary
    return -math.inf if mantissa == 0 else float(int(exponent) + int(abs(mantissa).bit_length()))


def _is_rounding(residual: arb_mat, reached: float) -> bool:
    """Whether the radius of its balls hides how a residual of about 2^−reached is to be corrected."""
    return -_log2(_largest([value.rad() for value in residual.entries()])) < reached + _GAIN_BITS + 2


def _largest(values: Sequence[arb]) -> arb:
    """An upper bound of every |value|, 0 for none."""
    found = arb(0)
    for value in values:
        found = arb.max(found, abs(value).upper())
    return found.upper()
