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

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import ceil_log2, log2_of, slack, whole_words
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.between import Between, largest_of
from exactsaddle.flow.chebyshev import integrals_at, lebesgue, tables
from exactsaddle.flow.corrected import Corrector, Residual
from exactsaddle.flow.float_balls import FloatBalls, floats, row_radii
from exactsaddle.flow.float_field import FloatField
from exactsaddle.flow.outlook import NEAR_BITS, Outlook
from exactsaddle.flow.proposal import Proposal, Proposer
from exactsaddle.flow.step import Place, Proved, Refused, Step
from exactsaddle.flow.vector_field import Distances, Rounded, matrix_of, moved
from exactsaddle.flow.weak import Outside, Weak
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
_SPARE, _LEAST_SPARE = 32, 8
"""Bits by which duals, in units of ε, that follow from coefficients are more accurate than the defect: with
few of them some of the force that is seen is rounding."""
_SHORT = 128
"""The precision up to which FLINT keeps a number in place: beyond it a product takes twice as long."""
_BOUND_BITS = 64
"""Precision of what is only bounded."""
_HOPELESS, _SHORTER = 1.10, 0.85
"""A proposal sees less of a tail than there is: the factor of its length that it has to see, and how much of
the one it sees is there."""
_SEEN = 0.95
"""How much of the growth that a proposal sees is taken."""
_FAR = 0.55
"""The least factor after a tail that is too large: that of a far longer step says little."""


class Collocator:
    """Makes proved steps of one field and degree; the norm of a defect asked for is 2^−bits."""

    def __init__(self, field: ActiveField, outlook: Outlook, bits: int, degree: int) -> None:
        self.field, self.outlook, self.bits, self.degree = field, outlook, bits, degree
        base, sets = field.base, field.sets
        size = self._size = degree + 1
        self._proposer = Proposer(FloatField(field), degree)
        self._between = Between(field, outlook, bits, degree)
        rows = field.columns(field.reduction, sets.strong).transpose() * base.per_unit
        correlation = matrix_of([[value] * size for value in field.correlation], size)
        # Rᵀ/ε of S, G_PS, and r_P at every node
        self._matrices = Rounded(rows, field.columns(field.gram_rows, sets.strong), correlation)
        self._drift = arb_mat(len(sets.strong), 1, [field.drift[i] for i in sets.strong]) * base.per_unit
        sums = [sum(map(abs, row), arb(0)) for row in field.gram_rows.tolist()]
        self._unseen = _LEAST_GAIN + max(0, _ceil_log2(largest_of(sums)))
        self._outside = Outside(field, degree, self._unseen)
        self._corrector = Corrector(field, degree)
        self._lebesgue = lebesgue(degree)
        steep = _ceil_log2(field.steepness) if sets.pivots else 0
        self._enough = bits + 1 + math.ceil(log2_of(self._lebesgue)) + max(0, -(-steep // 2))
        self._lost = _LOST

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
        expected = math.inf
        if hasty:
            with workprec(_BOUND_BITS):
                expected = self._between.expected(proposal.coefficients, half, place.distances)
            if expected < _HOPELESS:
                factor = max(_FAR, _SHORTER * expected)
                return Refused("the tail of the interpolation is too large", factor)
        refined = self._refine(first, proposal, half, place.distances)
        if refined is None:
            return Refused("refinement stalls", 0.5)
        nodes, left, weak = refined
        with workprec(self._sharp(0, half)):
            slope = nodes * tables(self.degree, ctx.prec).coefficients
        noise = log2_of(half * base.per_unit) - self._enough
        with workprec(min(ctx.prec, _BOUND_BITS + self._lost)):
            missed = self._between.missed(slope, half, place.distances, noise)
            proved = log2_of(missed.tail) + self.bits - slack(base.link) + 1 <= 0
            # what is left of the residual looks like a tail there, and like nothing in the proposal
            growth = missed.growth if expected == math.inf else max(missed.growth, _SEEN * expected)
            if missed.straight:
                growth = self._growth_ahead(slope, half, place, at_end=proved)
            if not proved:
                return Refused("the tail of the interpolation is too large", min(0.8, missed.growth))
            small, sizes = self._outside.bound(missed, weak, nodes, arb(length), arb((1, -self.bits - 1)))
            if sizes:
                return Refused("a coordinate grows that was thought to be small", 1.0, sizes)
            rows = [self._lebesgue * value for value in left]
            defect = (self.field.norm(rows) + missed.tail + small).upper()
        total = (place.error + arb(length) * defect).upper()
        outside = weak.values.tolist() if self.field.outside.ncols() else []
        step = Step(place.time, length, sets, tuple(place.duals), slope.tolist(), outside, defect, total)
        end = self._end(place, length, nodes, weak)
        return Proved(step, growth, missed.straight, log2_of(missed.force), *end)

    def _end(self, place: Place, length: fmpq, nodes: arb_mat, weak: Weak) -> tuple[list[arb], arb]:
        """The duals at the end of the step, less the coefficient of T_{N+1} of w, and the norm of that.

        That is what is left there of how far w was off a slow motion. Collocation at these nodes does not
        damp it; where it is taken away the next step begins.
        """
        half, ends = arb(length) / 2, tables(self.degree, ctx.prec).ends
        pairs = [[half * value for value in row] for row in (nodes * ends).tolist()]
        ringing = [last / (2 * self._size) for _, last in pairs]
        change = [whole - ring for (whole, _), ring in zip(pairs, ringing, strict=True)]
        outside = [half * whole for whole, _ in (weak.values * ends).tolist()]
        moves = self.field.moves(change, arb(length), outside)
        end = [s + move for s, move in zip(place.duals, moves, strict=True)]
        return end, self.field.norm([abs(value).upper() for value in ringing])

    def _refine(
        self, nodes: arb_mat, proposal: Proposal, half: arb, start: Distances
    ) -> tuple[arb_mat, list[arb], Weak] | None:
        """Values of v, bounds of their residual, (a,), 2^−enough or less, and b; None if it stalls."""
        goal = self._goal(half)
        expected, before, closer = self._expected(proposal), -math.inf, 0
        weak, fresh = self._outside.guessed(proposal.weak), _FLOAT_BITS
        base, strong = self.field.base, self.field.sets.strong
        # distances to thresholds are those at the start less what the dual moves: none is a difference of
        # numbers that the step does not see, however near a threshold it is
        near = [start[i] for i in strong]
        while True:
            seen = int(min(goal, expected + _FLOAT_BITS)) + 2
            precision = min(ctx.prec, max(closer, seen + self._lost))
            with workprec(precision):
                rows, force, correlation = self._matrices()
                moves = tables(self.degree, precision).integrals(nodes) * half
                ends = weak.nodes is None and expected + _FLOAT_BITS >= goal
                if self.field.sets.weak and (ends or fresh < seen - self.bits // 2):
                    # of what b is to be, so much is known by s: it is the more accurate the smaller β_W is
                    weak, fresh = self._outside.known(nodes, moves, half, start, goal), expected
                moves = self._moved(rows * moves, half)
                sides = base.sides(strong, near, moves, seen + self._unseen)
                # v − r_P + G_PS β_S + G_PW b
                residual = nodes + force * (sides[0] - sides[1]) - correlation + weak.force
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
                    return nodes, [largest_of(row) for row in residual.tolist()], weak
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
                change = proposal.jacobian.solve(scaled.T, sharpness)
                if change is None:
                    return None
                if weak.nodes is None or expected < goal:
                    nodes = self._less(nodes, change, seen).mid()
                    continue
            balls = FloatBalls.of(enlarged, scaled)
            last = Residual(self._corrector, balls, seen, half, near, moves, sides)
            with workprec(self._sharp(precision, half)):
                nodes, bounds, left = self._solved(nodes, last, change, proposal, 2.0 ** (seen - goal))
            if bounds.max(initial=0) <= 2.0 ** (seen - self._enough) and left <= 2.0 ** (seen - goal):
                return nodes, [arb(value) * arb((1, -seen)) for value in bounds.tolist()], weak

    def _solved(
        self, nodes: arb_mat, residual: Residual, change: FloatArray, proposal: Proposal, enough: float
    ) -> tuple[arb_mat, FloatArray, float]:
        """v less that change, made better in floats; bounds of what is left of its residual, (a,), and about
        the largest."""
        solved = residual.solved(lambda left: proposal.jacobian.solve(left, _SHARP), change, enough)
        exact = self._less(nodes, solved.change, residual.bits)
        rounded = row_radii(exact * arb((1, residual.bits)))
        left = solved.left(rounded)
        return exact.mid(), left.magnitude.max(axis=1, initial=0), np.abs(left.middles).max(initial=0)

    def _less(self, nodes: arb_mat, change: FloatArray, shift: int) -> arb_mat:
        """v less a change, (N+1, a), that is 2^shift times as large."""
        return nodes - matrix_of(change.T.tolist(), self._size) * arb((1, -shift))

    def _sharp(self, precision: int, half: arb) -> int:
        """The precision of coefficients where residuals have that one."""
        weight = max(0, math.ceil(log2_of((half * self.field.base.per_unit).mid())))
        known = self.bits + weight
        if max(precision, known + _LEAST_SPARE) <= _SHORT:
            return min(ctx.prec, _SHORT)
        return min(ctx.prec, whole_words(max(precision, known + _SPARE)))

    def _goal(self, half: arb) -> int:
        """−log2 of a residual that makes no tail."""
        # errors of the last coefficients are multiplied by ℓh/N and the ellipse before they meet the tail
        weight = log2_of(self.field.base.gain * half / self._size)
        return max(self._enough, self.bits + 6 + min(NEAR_BITS, math.ceil(weight)))

    @staticmethod
    def _expected(proposal: Proposal) -> int:
        """−log2 of the residual of a proposal, about."""
        largest = log2_of(arb(np.abs(proposal.slopes).max(initial=1e-300)))
        return max(_FLOAT_BITS, _FLOAT_BITS - math.ceil(largest))

    def _first(self, proposal: Proposal, force: Sequence[arb]) -> arb_mat:
        """v at the nodes of a proposal, (a, N+1), in numbers that are no longer than its residual needs."""
        own = self.field.base.drift or (arb(0),) * self.field.base.dimension
        starts = zip(proposal.resting, self.field.sets.pivots, force, strict=True)
        known = [-own[i] if rests else value for rests, i, value in starts]
        with workprec(min(ctx.prec, whole_words(self._expected(proposal) + _FLOAT_BITS + self._lost))):
            column, ones = arb_mat(len(known), 1, known), arb_mat(1, self._size, [1] * self._size)
            return (column * ones + matrix_of(proposal.slopes.T.tolist(), self._size)).mid()

    def _moved(self, moves: arb_mat, half: arb) -> arb_mat:
        """How far the duals of S are from the start of the step at the nodes, (|S|, N+1), in units of ε."""
        if not self.field.base.drift:
            return moves
        return moves + self._drift * (tables(self.degree, ctx.prec).elapsed * half)

    def _growth_ahead(self, slope: arb_mat, half: arb, place: Place, *, at_end: bool) -> float:
        """The factor for a step that begins at the end of this one, or at its start, and goes straight on."""
        base, sign, distances = self.field.base, 1 if at_end else -1, place.distances
        signs = arb_mat(self._size, 1, [sign**k for k in range(self._size)])
        if at_end:
            change = (
                slope * half * arb_mat(self._size, 1, list(integrals_at(fmpq(1), self._size)))
            ).entries()
            moves = [base.per_unit * move for move in self.field.moves(change, 2 * half)]
            distances = moved(distances, moves)
        rates = self.field.moves((slope * signs).entries(), arb(1))
        length = 2 * float(half)
        return self.outlook.straight_length(distances, rates, length, self.bits, self.degree) / length


def _ceil_log2(value: arb) -> int:
    return ceil_log2(value) if value > 0 else 0
