"""One step of the rigorous integrator: a polynomial proposed by Newton's method, its defect proved.

The proposal is untrusted (proposal.py); residuals in balls refine it. What is proved is only that the
polynomial through exact values v at the nodes makes a curve s with a defect of at most e on the whole step.
Being implicit, the method follows a stiff plateau with long steps: their number does not grow with ℓ·S
(MATHEMATICS.md §5).

The defect (active_field.py). At the N + 1 nodes it is at most the residual there, between them Λ times that
and what interpolation misses (between.py): ‖e‖ ≤ Λ·max residual, and of W, whose b are what balls of β_W were
at the nodes, Λ times how far those may be from β_W now. How accurate a step has to be is a matter of its
share of the error: a short one, on the way to a threshold at depth L ≥ 3, may have a large defect
(enclosure.py), and a low degree where little moves (leaders.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import ceil_log2, log2_of, slack
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.between import SLACK, Between, Missed, largest_of
from exactsaddle.flow.chebyshev import lebesgue, tables
from exactsaddle.flow.float_field import FloatField, floats
from exactsaddle.flow.outlook import NEAR_BITS, Outlook
from exactsaddle.flow.proposal import Proposal, Proposer
from exactsaddle.flow.step import Place, Proved, Refused, Step
from exactsaddle.flow.vector_field import Distances, matrix_of, moved
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
_HOPELESS, _SHORTER = 1.02, 0.92
"""A proposal sees less of a tail than there is: which factor of the length it sees means one too long, and
what of it there will be."""
"""Precision of what is only bounded."""


@dataclass(frozen=True)
class _Weak:
    """b at the nodes, exact, (|W|, N+1), and G_PW b; how far it is at most from β_W of ``nodes``, (|W|,).

    nodes are values of v; None where b comes from floats.
    """

    values: arb_mat
    force: arb_mat
    radii: list[arb]
    nodes: arb_mat | None


class Collocator:
    """Makes proved steps of one field and degree; the norm of a defect asked for is 2^−bits."""

    def __init__(self, field: ActiveField, outlook: Outlook, bits: int, degree: int) -> None:
        self.field, self.outlook, self.bits, self.degree = field, outlook, bits, degree
        base, sets = field.base, field.sets
        size = self._size = degree + 1
        self._proposer = Proposer(FloatField(field), degree)
        self._between = Between(field, outlook, bits, degree)
        reduction = field.reduction.transpose().tolist()
        unit, pivots = base.per_unit, len(sets.pivots)
        self._strong, self._weak = (
            matrix_of([reduction[i] for i in group], pivots) * unit for group in (sets.strong, sets.weak)
        )
        self._strong_drift, self._weak_drift = (
            arb_mat(len(group), 1, [field.drift[i] for i in group]) * unit
            for group in (sets.strong, sets.weak)
        )
        self._strong_force = field.columns(field.gram_rows, sets.strong)
        self._weak_force = field.columns(field.gram_rows, sets.weak)
        self._correlation = matrix_of([[value] * size for value in field.correlation], size)
        sums = (
            self._magnitudes(field.gram_rows) * arb_mat(base.dimension, 1, [1] * base.dimension)
        ).entries()
        self._unseen = _LEAST_GAIN + max(0, _ceil_log2(largest_of(sums)))
        self._lebesgue = lebesgue(degree)
        steep = _ceil_log2(field.steepness) if sets.pivots else 0
        self._enough = bits + 1 + math.ceil(log2_of(self._lebesgue)) + max(0, -(-steep // 2))
        self._lost = _LOST
        self._tables = tables(degree, ctx.prec)
        self._elapsed = arb_mat(1, size, [1] * size) * self._tables.integrals

    def step(self, place: Place, length: fmpq, *, hasty: bool = True) -> Proved | Refused:
        """Propose a curve on a step of that length from there, and prove it.

        Hasty: a proposal whose tail seems too large is refused as it is.
        """
        sets, base = self.field.sets, self.field.base
        half = arb(length) / 2
        own = base.drift or [arb(0)] * base.dimension
        force = [place.velocity[i] - own[i] for i in sets.pivots]
        near, far = ([place.distances[i] for i in group] for group in (sets.strong, sets.weak))
        proposal = self._proposer.propose(near, far, force, to_float(length))
        if proposal is None or not np.isfinite(proposal.weak).all():
            return Refused("Newton's method does not converge in floats", 0.5)
        first = self._first(proposal, force)
        if hasty:
            with workprec(_BOUND_BITS):
                growth = self._between.expected(proposal.coefficients, half, place.distances)
            if growth < _HOPELESS:
                return Refused("the tail of the interpolation is too large", _SHORTER * growth)
        refined = self._refine(first, proposal, half, place.distances)
        if refined is None:
            return Refused("refinement stalls", 0.5)
        nodes, residual, weak = refined
        slope = nodes * self._tables.coefficients
        noise = log2_of(half * base.per_unit) - self._enough
        with workprec(min(ctx.prec, _BOUND_BITS + self._lost)):
            missed = self._between.missed(slope, half, place.distances, noise)
            proved = log2_of(missed.tail) + self.bits - slack(base.link) + 1 <= 0
            growth = missed.growth
            if missed.straight:
                growth = self._growth_ahead(slope, half, place, at_end=proved)
            if not proved:
                return Refused("the tail of the interpolation is too large", min(0.8, growth))
            small, sizes = self._small(missed, weak, nodes, arb(length))
            if sizes:
                return Refused("a coordinate grows that was thought to be small", 1.0, sizes)
            rows = [self._lebesgue * largest_of(row) for row in residual.tolist()]
            defect = (self.field.norm(rows) + missed.tail + small).upper()
        total = (place.error + arb(length) * defect).upper()
        outside = weak.values.tolist() if self.field.outside.ncols() else []
        step = Step(place.time, length, sets, tuple(place.duals), slope.tolist(), outside, defect, total)
        return Proved(step, growth, missed.straight, log2_of(missed.force), *self._end(step))

    def _end(self, step: Step) -> tuple[list[arb], arb]:
        """The duals at the end of the step, less the coefficient of T_{N+1} of w, and the norm of that.

        That is what is left there of how far w was off a slow motion. Collocation at these nodes does not
        damp it; where it is taken away the next step begins.
        """
        scale = arb(step.length) / (4 * self._size)
        ringing = [scale * row[-1] for row in step.slope]
        moves = self.field.moves(ringing, arb(0))
        end = [s - move for s, move in zip(step.duals(self.field.base, step.end), moves, strict=True)]
        return end, self.field.norm([abs(value).upper() for value in ringing])

    def _refine(
        self, nodes: arb_mat, proposal: Proposal, half: arb, start: Distances
    ) -> tuple[arb_mat, arb_mat, _Weak] | None:
        """Values of v and finite balls of their residual, 2^−enough or less, and b; None if it stalls."""
        base = self.field.base
        # errors of the last coefficients are multiplied by ℓh/N and the ellipse before they meet the tail
        weight = log2_of(base.gain * half / self._size)
        goal = max(self._enough, self.bits + 6 + min(NEAR_BITS, math.ceil(weight)))
        expected = _FLOAT_BITS - math.ceil(log2_of(arb(np.abs(proposal.slopes).max(initial=1e-300))))
        expected, before, closer = max(_FLOAT_BITS, expected), -math.inf, 0
        weak, fresh = self._weak_from(proposal), _FLOAT_BITS
        while True:
            seen = int(min(goal, expected + _FLOAT_BITS)) + 2
            precision = min(ctx.prec, max(closer, seen + self._lost))
            with workprec(precision):
                moves = nodes * self._tables.integrals * half
                if self.field.sets.weak and fresh < seen - self.bits // 2:
                    # of what b is to be, so much is known by s: it is the more accurate the smaller β_W is
                    weak, fresh = self._weak_at(nodes, moves, half, start, goal), expected
                residual = self._residual(nodes, moves, half, start, seen + self._unseen) + weak.force
                enlarged = residual * arb((1, seen))
                scaled = floats(enlarged)
                # rounding differs from one component to another, but hardly between nodes
                rounding = max((float(enlarged[a, 0].rad()) for a in range(nodes.nrows())), default=0.0)
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
            stalls = reached < before + _LEAST_GAIN
            if reached >= goal or (stalls and reached >= self._enough):
                if weak.nodes is not None:
                    return nodes, residual, weak
                fresh, before = 0, -math.inf
                continue
            if rounding * 2.0 ** min(_LEAST_GAIN + 2, goal + 2 - reached) > largest and precision < ctx.prec:
                # a correction of rounding gains nothing: look closer first
                expected = max(expected, int(reached)) + _LEAST_GAIN
                closer = precision + _LEAST_GAIN
                continue
            if stalls:
                return None
            expected, before = int(reached) + _FLOAT_BITS, reached
            with workprec(precision):
                sharpness = max(_SHARP, 2.0 ** min(0, int(reached) - goal - _LEAST_GAIN))
                nodes = self._correct(nodes, scaled, seen, proposal, sharpness)

    def _first(self, proposal: Proposal, force: Sequence[arb]) -> arb_mat:
        """v at the nodes of a proposal, (a, N+1)."""
        own = self.field.base.drift or (arb(0),) * self.field.base.dimension
        rows = proposal.slopes.T.tolist()
        starts = zip(proposal.resting, self.field.sets.pivots, force, strict=True)
        known = [-own[i] if rests else value for rests, i, value in starts]
        return matrix_of([[g + x for x in row] for g, row in zip(known, rows, strict=True)], self._size).mid()

    def _residual(self, nodes: arb_mat, moves: arb_mat, half: arb, start: Distances, bits: int) -> arb_mat:
        """v − r_P + G_PS β_S at the nodes, (a, N+1), as balls; below 2^−bits they need not be told from 0.

        Distances to thresholds are those at the start less what the dual moves: none is a difference of
        numbers that the step does not see, however near a threshold it is.
        """
        sets = self.field.sets
        strong = [start[i] for i in sets.strong]
        moves = self._strong * moves
        if self.field.base.drift:
            moves = moves + self._strong_drift * (self._elapsed * half)
        betas = self.field.base.betas(sets.strong, strong, moves, bits)
        return nodes + self._strong_force * betas - self._correlation

    def _weak_from(self, proposal: Proposal) -> _Weak:
        """b in floats, for a first residual: how far it is from β_W is not known."""
        values = matrix_of(proposal.weak.T.tolist(), self._size)
        return _Weak(values, self._weak_force * values, [], None if self.field.sets.weak else values)

    def _weak_at(self, nodes: arb_mat, moves: arb_mat, half: arb, start: Distances, goal: int) -> _Weak:
        """b for those v and their integrals."""
        sets = self.field.sets
        with workprec(min(ctx.prec, goal // 2 + _BOUND_BITS)):
            weak = [start[i] for i in sets.weak]
            moves = self._weak * moves + self._weak_drift * (self._elapsed * half)
            balls = self.field.base.betas(sets.weak, weak, moves, goal + self._unseen)
            values = balls.mid()
            radii = arb_mat(values.nrows(), values.ncols(), [ball.rad() for ball in balls.entries()])
            sums = (radii * arb_mat(values.ncols(), 1, [1] * values.ncols())).entries()
            return _Weak(values, self._weak_force * values, [total.upper() for total in sums], nodes)

    def _small(
        self, missed: Missed, weak: _Weak, nodes: arb_mat, length: arb
    ) -> tuple[arb, dict[int, float]]:
        """The norm of what N does and W misses, and what is too large of it: log2 of the |β_i|, if any.

        Since b was found v has changed, w by at most h·Λ·‖change‖; K b moves W by √(G_ii G_jj)·h·Λ·|b_j|.
        """
        base, sets, limit = self.field.base, self.field.sets, arb((1, -self.bits - 1))
        roots, changed, pulled = base.diagonal_root, arb(0), arb(0)
        if sets.weak and weak.nodes is not None:
            changes = [largest_of(row) for row in (nodes - weak.nodes).tolist()]
            changed = length * self._lebesgue * self.field.norm(changes)
        if self.field.outside.ncols():
            peaks = zip(sets.weak, weak.radii, strict=True)
            pulled = sum((roots[j] * (missed.sizes[j][0] + radius) for j, radius in peaks), arb(0))
            pulled = length * self._lebesgue * pulled
        if not base.per_unit * max(roots, default=arb(0)) * (changed + pulled) < SLACK:
            return arb(0), dict.fromkeys(sets.weak, math.inf)
        bounds = {i: size for i, (size, _) in missed.sizes.items()}
        for i, radius in zip(sets.weak, weak.radii, strict=True):
            bounds[i] = self._lebesgue * radius + missed.sizes[i][1] * roots[i] * (
                self._lebesgue * changed + pulled
            )
        norms = {i: roots[i] * bound for i, bound in bounds.items()}
        large = [i for i, norm in norms.items() if not norm * len(norms) < limit]
        sizes = {i: math.inf if i in sets.weak else log2_of(norms[i].upper()) for i in large}
        return sum(norms.values(), arb(0)).upper(), sizes

    def _correct(
        self, nodes: arb_mat, scaled: FloatArray, shift: int, proposal: Proposal, sharpness: float
    ) -> arb_mat:
        """v with the linear effect of the residual, 2^−shift scaled, taken away in floats."""
        change = proposal.jacobian.solve(scaled.T, sharpness)
        if change is None:
            return nodes
        return (nodes - matrix_of(change.T.tolist(), self._size) * arb((1, -shift))).mid()

    def _growth_ahead(self, slope: arb_mat, half: arb, place: Place, *, at_end: bool) -> float:
        """The factor for a step that begins at the end of this one, or at its start, and goes straight on."""
        base, sign, distances = self.field.base, 1 if at_end else -1, place.distances
        signs = arb_mat(self._size, 1, [sign**k for k in range(self._size)])
        if at_end:
            whole = [arb(0) if k % 2 else arb(2) / (1 - k * k) for k in range(self._size)]
            change = (slope * half * arb_mat(self._size, 1, whole)).entries()
            moves = [base.per_unit * move for move in self.field.moves(change, 2 * half)]
            distances = moved(distances, moves)
        rates = self.field.moves((slope * signs).entries(), arb(1))
        length = 2 * float(half)
        return self.outlook.straight_length(distances, rates, length, self.bits, self.degree) / length

    @staticmethod
    def _magnitudes(matrix: arb_mat) -> arb_mat:
        return arb_mat(matrix.nrows(), matrix.ncols(), [abs(value) for value in matrix.entries()])


def _ceil_log2(value: arb) -> int:
    return ceil_log2(value) if value > 0 else 0
