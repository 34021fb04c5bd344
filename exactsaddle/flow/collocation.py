"""One step of the rigorous integrator: a polynomial proposed by Newton's method, its defect proved.

The proposal is untrusted (proposal.py); residuals in balls refine it. What is proved is only that
v = Σ b_k T_k, as it stands, makes w = w_0 + ∫v satisfy |w' − f(w)| ≤ e on the whole step. Being implicit,
the method follows a stiff plateau with long steps: their number does not grow with ℓ·S (MATHEMATICS.md §5).

The defect. At the N + 1 nodes it is at most the residual there. Between them: w' − r_P, less any constant,
has degree ≤ N and is its own interpolant, and G_P β(s(x)) is analytic in every Bernstein ellipse, where the
Chebyshev coefficients a_k of s bound |s − a_0| by Σ |a_k|(ρ^k + ρ^−k)/2, hence how much β differs from a
constant (``BallField.magnitude``): so the theorem of chebyshev.py applies, |w' − f(w)| ≤ Λ·max residual +
4Mρ^−N/(ρ − 1). However small α is, the bound grows like exp(2ℓ·change of s), so no step can sleep through the
growth of a coordinate. How accurate a step has to be is a matter of its share of the error: a short one, on
the way to a threshold at depth L ≥ 3, may have a large defect (enclosure.py), and a low degree where little
moves (leaders.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import slack
from exactsaddle.flow.chebyshev import basis, integrals_at, lebesgue
from exactsaddle.flow.float_field import floats
from exactsaddle.flow.proposal import NEAR_BITS, Proposal, Proposer
from exactsaddle.flow.step import Proved, Refused, Step, matrix_of
from exactsaddle.flow.vector_field import BallField, Distances
from exactsaddle.numbers import to_float
from exactsaddle.problem import FloatArray

_FLOAT_BITS = 40
"""Bits that a proposal in floats has right, and that a correction in floats adds: what is looked at."""
_LEAST_GAIN = 8
"""The least bits a refinement must add to be worth another."""
_LOST = 16
"""Bits that the evaluation of a residual loses: a first guess, corrected by what is seen."""
_SHARP = 1e-11
"""To how much of it a correction is computed."""
_BOUND_BITS = 64
"""Precision of what is only bounded."""
_PRECISIONS = 64
"""Tables of balls are made at multiples of this precision."""
_STRAIGHT = 8
"""Bits of a tail that may come from other than the first coefficients."""


class Collocator:
    """Makes proved steps of one field and degree; defect bound asked for is 2^−bits."""

    def __init__(self, field: BallField, bits: int, degree: int) -> None:
        self.field = field
        self.bits = bits
        self.degree = degree
        size, gram = self.degree + 1, field.gram_rows
        self._size = size
        self._proposer = Proposer(field, self.degree)
        # where the dual drifts, time is one more component of w, known exactly
        self._drift = [list(field.drift)] if field.drift else []
        rows = [*field.reduction.tolist(), *self._drift]
        self._reduction = matrix_of(rows, len(field.dual_start)).transpose() * field.per_unit
        self._correlation = matrix_of([[value] * size for value in field.correlation], size)
        self._gram_bound = arb_mat(gram.nrows(), gram.ncols(), [abs(g) for g in gram.entries()])
        sums = (self._gram_bound * arb_mat(gram.ncols(), 1, [1] * gram.ncols())).entries()
        self._unseen = _LEAST_GAIN + max(0, math.ceil(_log2(_largest(sums))) if sums else 0)
        self._lebesgue = lebesgue(degree)
        self._enough = bits + 1 + math.ceil(_log2(self._lebesgue))
        self._lost = _LOST
        # what makes the coefficients of a step alike: the limits of floats are none here
        self._whole = arb_mat(size, 1, integrals_at(fmpq(1), size))
        self._shifts = [j * (bits + 8) // self.degree for j in range(1, size + 1)]

    def near(self, distances: Distances, length: float) -> list[int]:
        """Who has to be in the span of the pivots for a step of that length, by distance."""
        return self._proposer.near(distances, length)

    def step(self, start: fmpq, length: fmpq, w: Sequence[arb], error: arb) -> Proved | Refused:
        """Propose a slope on [start, start + length] from w, within error of the truth, and prove it."""
        distances = self.field.distances(self.field.duals(w, start))
        force = self.field.force([self.field.beta_at(i, pair) for i, pair in enumerate(distances)])
        proposal = self._proposer.propose(distances, force, to_float(length))
        if proposal is None:
            return Refused("Newton's method does not converge in floats", 0.5)
        half = arb(length) / 2
        refined = self._refine(self._whole_slope(proposal, force), proposal, half, distances)
        if refined is None:
            return Refused("refinement stalls", 0.5)
        slope, residual = refined
        tails, moving, growth, straight = self._tails(slope, half, distances)
        proved = _log2(_largest(tails)) + self.bits - slack(self.field.link) + 1 <= 0
        if straight:
            growth = self._growth_ahead(slope, half, distances, at_end=proved)
        if not proved:
            return Refused("the tail of the interpolation is too large", min(0.8, growth))
        defects = [
            (self._lebesgue * max(value.abs_upper() for value in row) + tail).upper()
            for row, tail in zip(residual.tolist(), tails, strict=True)
        ]
        defect = self.field.norm(defects)
        total = (error + arb(length) * defect).upper()
        pivots = self.field.flow.pivots
        step = Step(start, length, pivots, tuple(w), slope.tolist(), defect, total)
        return Proved(step, growth, straight, moving)

    def _refine(
        self, slope: arb_mat, proposal: Proposal, half: arb, distances: Distances
    ) -> tuple[arb_mat, arb_mat] | None:
        """A slope and finite balls of its residual at the nodes, 2^−enough or less, or None if it stalls."""
        # errors of the last coefficients are multiplied by ℓh/N and the ellipse before they meet the tail
        weight = _log2(self.field.gain * half / self._size)
        goal = max(self._enough, self.bits + 6 + min(NEAR_BITS, math.ceil(weight)))
        expected = _FLOAT_BITS - math.ceil(_log2(arb(np.abs(proposal.slope).max(initial=1e-300))))
        expected, before, closer = max(_FLOAT_BITS, expected), -math.inf, 0
        while True:
            seen = int(min(goal, expected + _FLOAT_BITS)) + 2
            precision = min(ctx.prec, max(closer, seen + self._lost))
            with workprec(precision):
                residual = self._residual(slope, half, distances, seen + self._unseen)
                enlarged = residual * arb((1, seen))
                scaled = floats(enlarged)
                # rounding differs from one component to another, but hardly between nodes
                rounding = max((float(enlarged[a, 0].rad()) for a in range(slope.nrows())), default=0.0)
            largest = float(np.abs(scaled).max(initial=0))
            if not largest + rounding < math.inf:
                # a ball of a distance to a threshold that meets 0: it takes more bits to tell it from 0
                if precision == ctx.prec:
                    return None
                self._lost += _FLOAT_BITS
                continue
            # where nothing moves what is seen is no rounding, and says nothing of it
            self._lost = max(0, self._lost + (math.ceil(math.log2(rounding)) if rounding else 0))
            reached = seen - (math.log2(largest + rounding) if largest + rounding else -_FLOAT_BITS)
            if reached >= goal:
                return slope, residual
            if rounding * 2.0 ** min(_LEAST_GAIN + 2, goal + 2 - reached) > largest and precision < ctx.prec:
                # a correction of rounding gains nothing: look closer first
                expected = max(expected, int(reached)) + _LEAST_GAIN
                closer = precision + _LEAST_GAIN
                continue
            if reached < before + _LEAST_GAIN:
                return (slope, residual) if reached >= self._enough else None
            expected, before = int(reached) + _FLOAT_BITS, reached
            with workprec(precision):
                slope = self._correct(slope, scaled, seen, proposal)

    def _whole_slope(self, proposal: Proposal, force: Sequence[arb]) -> arb_mat:
        """The coefficients of w' of a proposal, (k, N+1)."""
        rows = proposal.slope.T.tolist()
        drift = self.field.drift or (arb(0),) * len(self.field.dual_start)
        pivots = self.field.flow.pivots
        for row, rests, i, value in zip(rows, proposal.resting, pivots, force, strict=True):
            row[0] = (row[0] + (-drift[i] if rests else value)).mid()
        return matrix_of(rows, self._size)

    def _residual(self, slope: arb_mat, half: arb, distances: Distances, bits: int) -> arb_mat:
        """w' − f(w) at the nodes, shape (k, N+1), as balls; what is below 2^−bits need not be told from 0.

        Distances to thresholds are those at the start less what the dual moves: none is a difference of
        numbers that the step does not see, however near a threshold it is.
        """
        values, integrals = _tables(self.degree, -(-ctx.prec // _PRECISIONS) * _PRECISIONS)
        moved = self._reduction * (self._timed(slope * half, half) * integrals)
        betas = self.field.betas(distances, moved, bits)
        return slope * values + self.field.gram_rows * betas - self._correlation

    def _timed(self, table: arb_mat, time: arb) -> arb_mat:
        """Coefficients of w, and of time where the dual drifts: it has the first alone."""
        if not self._drift:
            return table
        return matrix_of([*table.tolist(), [time] + [arb(0)] * (table.ncols() - 1)], table.ncols())

    def _correct(self, slope: arb_mat, scaled: FloatArray, shift: int, proposal: Proposal) -> arb_mat:
        """The slope with the linear effect of the residual, 2^−shift scaled, taken away in floats."""
        change = proposal.jacobian.solve(scaled.T, _SHARP)
        if change is None:
            return slope
        table = (self._proposer.basis.coefficients @ change).T
        return (slope - matrix_of(table.tolist(), self._size) * arb((1, -shift))).mid()

    def _tails(self, slope: arb_mat, half: arb, start: Distances) -> tuple[list[arb], float, float, bool]:
        """What interpolation may miss of each component of f(w), log2 of what moves there, ``_growth``."""
        degree = self.degree
        with workprec(min(ctx.prec, _BOUND_BITS + self._lost)):
            centre, rows = self._expansion(slope, half, start)
            magnitudes = arb_mat(rows.nrows(), rows.ncols(), [abs(value) for value in rows.entries()])
            with np.errstate(divide="ignore"):
                logs = np.log2(floats(magnitudes)) - np.array(self._shifts, dtype=float)
            rho = arb(self._proposer.best_ellipse(centre, logs, self.bits)[0])
            orders = enumerate(self._shifts, start=1)
            weights = [(rho**j + rho**-j) * arb((1, -1 - shift)) for j, shift in orders]
            spread = (magnitudes * arb_mat(len(weights), 1, weights)).entries()
            bounds = [
                self.field.magnitude(i, c, r) for i, (c, r) in enumerate(zip(centre, spread, strict=True))
            ]
            force = (self._gram_bound * arb_mat(len(bounds), 1, bounds)).entries()
            factor = 4 * rho**-degree / (rho - 1)
            tails = [(factor * value).upper() for value in force]
        return tails, _log2(_largest(force)), *self._growth(centre, logs, half)

    def _growth(self, centre: Distances, logs: FloatArray, half: arb) -> tuple[float, bool]:
        """The factor that would make the tail about right, from those coefficients that are not rounding.

        And whether a threshold ahead, where β has a pole, of duals that go straight on makes the tail: it
        grows much faster with the length than by its order.
        """
        noise = _log2(half * self.field.per_unit) - self._enough
        seen = np.where(logs > noise, logs, -np.inf)
        _, tail = self._proposer.best_ellipse(centre, seen, self.bits)
        growth = float(2.0 ** min(5.0, max(-2.0, -(tail + self.bits + 3) / self.degree)))
        if not self.field.link.has_pole:
            return growth, False
        seen[:, 1:] = -np.inf
        _, straight = self._proposer.best_ellipse(centre, seen, self.bits)
        return growth, straight > tail - _STRAIGHT

    def _growth_ahead(self, slope: arb_mat, half: arb, distances: Distances, *, at_end: bool) -> float:
        """The factor for a step that begins at the end of this one, or at its start, and goes straight on."""
        sign = 1 if at_end else -1
        velocity = (slope * arb_mat(self._size, 1, [sign**k for k in range(self._size)])).entries()
        if at_end:
            distances = self.field.moved(distances, (slope * half * self._whole).entries(), 2 * half)
        length = 2 * float(half)
        rates = self.field.velocities(velocity)
        return self._proposer.straight_length(distances, rates, length, self.bits) / length

    def _expansion(self, slope: arb_mat, half: arb, start: Distances) -> tuple[Distances, arb_mat]:
        """The dual on the step in units of ε: distances where the polynomial is its coefficient 0, and the
        others as a_j·2^shift_j for j = 1 … N + 1, (d, N+1)."""
        zero = arb(0)
        scales = [half * arb((1, shift - 1)) / j for j, shift in enumerate(self._shifts, start=1)]
        rows = []
        for first, *others in slope.tolist():
            padded = [2 * first, *others, zero, zero]
            rows.append([s * (p - q) for s, p, q in zip(scales, padded, padded[2:], strict=False)])
        table = matrix_of(rows, self._size)
        # w = w_0 at −1, where T_j is (−1)^j
        signs = [arb((1 if j % 2 else -1, -shift)) for j, shift in enumerate(self._shifts, start=1)]
        centre = (table * arb_mat(len(signs), 1, signs)).entries()
        timed = self._timed(table, half * arb((1, self._shifts[0])))
        return self.field.moved(start, centre, half), self._reduction * timed


@lru_cache(maxsize=16)
def _tables(degree: int, precision: int) -> tuple[arb_mat, arb_mat]:
    """Coefficients of a slope to its values and to its integrals at the nodes, in balls."""
    found = basis(degree, precision)
    return found.values.transpose(), found.integrals.transpose()


def _log2(value: arb) -> float:
    """log2 of an exact positive ball to within a bit, −inf for zero, inf for what is not finite."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = value.mid().man_exp()
    # the limit of floats is no limit here: a bound of 2^-5000 is ordinary
    return -math.inf if mantissa == 0 else float(int(exponent) + int(abs(mantissa).bit_length()))


def _largest(values: Sequence[arb]) -> arb:
    """An upper bound of every |value|, 0 for none."""
    found = arb(0)
    for value in values:
        found = arb.max(found, abs(value).upper())
    return found.upper()
