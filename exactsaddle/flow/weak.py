"""What the coordinates outside S do to a step (active_field.py): b that stands for β_W, and bounds of N.

b are middles of balls of β_W for values of v that were corrected since: b is off by those balls and by
what the corrections move s: w by at most h·Λ·‖change‖, s_i by √G_ii times that. K b moves s_W, and s_N, by at
most √(G_ii G_jj)·h·Λ·|b_j| each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

from flint import arb, arb_mat, ctx

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import log2_of
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.between import SLACK, Missed
from exactsaddle.flow.chebyshev import lebesgue, tables
from exactsaddle.flow.float_balls import row_peaks, row_spreads
from exactsaddle.flow.vector_field import Distances, Rounded, matrix_of
from exactsaddle.problem import FloatArray

_RELATIVE_BITS = 64
"""Precision of β_W beyond half of that of the residual, which its own size takes from it."""


@dataclass(frozen=True)
class Weak:
    """b at the nodes, exact, (|W|, N+1), and G_PW b; how far it is at most from β_W of ``nodes``, (|W|,).

    nodes are values of v, (a, N+1); None where b comes from floats, and nothing is known of it.
    """

    values: arb_mat
    force: arb_mat
    radii: list[arb]
    nodes: arb_mat | None


class Outside:
    """W and N of the steps of one field and degree; sides of β below 2^−(goal + unseen) are not computed."""

    def __init__(self, field: ActiveField, degree: int, unseen: int) -> None:
        self.field, self.degree, self._unseen = field, degree, unseen
        weak, unit = field.sets.weak, field.base.per_unit
        columns = field.columns(field.reduction, weak)
        drift = arb_mat(len(weak), 1, [field.drift[i] for i in weak]) * unit
        # Rᵀ/ε of W, μ/ε and G_PW
        self._matrices = Rounded(columns.transpose() * unit, drift, field.columns(field.gram_rows, weak))
        self._lebesgue = lebesgue(degree)

    def guessed(self, values: FloatArray) -> Weak:
        """b in floats, (N+1, |W|), for a first residual."""
        found = matrix_of(values.T.tolist(), self.degree + 1)
        with workprec(min(ctx.prec, _RELATIVE_BITS)):
            force = self._matrices()[-1] * found
        return Weak(found, force, [], None if self.field.sets.weak else found)

    def known(self, nodes: arb_mat, moves: arb_mat, half: arb, start: Distances, goal: int) -> Weak:
        """b for those v and their integrals, accurate to about 2^−goal."""
        weak = self.field.sets.weak
        with workprec(min(ctx.prec, goal // 2 + _RELATIVE_BITS)):
            elapsed = tables(self.degree, ctx.prec).elapsed * half
            distances = [start[i] for i in weak]
            rows, drift, force = self._matrices()
            moved = rows * moves + drift * elapsed
            balls = self.field.base.betas(weak, distances, moved, goal + self._unseen)
            values = balls.mid()
            return Weak(values, force * values, row_spreads(balls), nodes)

    def bound(
        self, missed: Missed, weak: Weak, nodes: arb_mat, length: arb, limit: arb
    ) -> tuple[arb, dict[int, float]]:
        """The norm of what N does and b misses of W, and what of it is not far below the limit.

        That is log2 √G_ii|β_i| by coordinate, ∞ for one of W: its size is known, and too large.
        """
        base, group = self.field.base, self.field.sets.weak
        roots, changed, pulled = base.diagonal_root, arb(0), arb(0)
        if group and weak.nodes is not None:
            # β_W being below the root of the limit, changes are as large as that: floats hold them times it
            changes = row_peaks(nodes - weak.nodes, 1 / limit.sqrt())
            changed = length * self._lebesgue * self.field.norm(changes)
        if self.field.outside.ncols():
            peaks = zip(group, weak.radii, strict=True)
            pulled = sum((roots[j] * (missed.sizes[j][0] + radius) for j, radius in peaks), arb(0))
            pulled = length * self._lebesgue * pulled
        if not base.per_unit * reduce(arb.max, roots, arb(0)) * (changed + pulled) < SLACK:
            return arb(0), dict.fromkeys(group, math.inf)
        bounds = {i: size for i, (size, _) in missed.sizes.items()}
        for i, radius in zip(group, weak.radii, strict=True):
            moved = missed.sizes[i][1] * roots[i] * (self._lebesgue * changed + pulled)
            bounds[i] = self._lebesgue * radius + moved
        norms = {i: roots[i] * bound for i, bound in bounds.items()}
        large = [i for i, norm in norms.items() if not norm * len(norms) < limit]
        sizes = {i: math.inf if i in group else log2_of(norms[i].upper()) for i in large}
        return sum(norms.values(), arb(0)).upper(), sizes
