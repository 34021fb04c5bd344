"""What a correction leaves of a residual, proved in floats: only the change of the force is looked at.

With v less D, s is less Y = Rᵀ∫D in units of ε, and by the mean value theorem β(s) less rate·Y, the rate
dβ/ds·ε somewhere between. Hence of the residual e = v − r_P + G_PS β_S(s) + … is left
e − D − G_PS (rate·Y), in which e is known to all its bits, and D and Y, as small as e, to those of floats:
what was 2^−80 is seen to be below 2^−115, though no float tells the forces themselves apart.
[ours, elementary]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat

from exactsaddle.base import workprec
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.chebyshev import tables
from exactsaddle.flow.float_balls import FloatBalls
from exactsaddle.flow.vector_field import Distances, matrix_of
from exactsaddle.problem import FloatArray

_BITS = 64
"""Precision of what is in units of ε."""
_FARTHER = 2.0
"""How much farther than by a first correction duals may move in all."""
_NEAR = 1 / 16
"""Of ``Link.reach``: a change of the distance for which its bound of rates is meant."""
_TIMES = 3
"""How often what is left is solved for."""
_ROUNDED = 2.0**-44
"""More than what a few operations in floats lose."""
_LEAST = 2.0**-1000
"""More than what underflow loses of a change."""


class Corrector:
    """Of one field and degree."""

    def __init__(self, field: ActiveField, degree: int) -> None:
        strong = field.sets.strong
        self.link = field.base.link.only(strong)
        with workprec(_BITS):
            rows = field.columns(field.reduction, strong).transpose() * field.base.per_unit
            self._rows = FloatBalls.nearly(rows)
            self._force = FloatBalls.nearly(field.columns(field.gram_rows, strong))
        self._integrals = _integrals(degree)

    def moved(self, change: FloatBalls, half: arb) -> FloatBalls:
        """How far a change of v, (a, N+1), moves the duals of S, (|S|, N+1), in units of ε."""
        return self._rows @ (change @ self._integrals) * FloatBalls.of(arb_mat([[half]]))

    def force(self, betas: FloatBalls) -> FloatBalls:
        """G_PS β_S."""
        return self._force @ betas


@dataclass(frozen=True, eq=False)
class Residual:
    """Of some v: e, (a, N+1), 2^bits times as large; and where that v takes the duals of S.

    moves, (|S|, N+1), are how far they are from ``start`` at the nodes, in units of ε; sides are B⁺ and B⁻
    there.
    """

    corrector: Corrector
    balls: FloatBalls
    bits: int
    half: arb
    start: Distances
    moves: arb_mat
    sides: tuple[arb_mat, arb_mat]

    def solved(
        self, solve: Callable[[FloatArray], FloatArray | None], first: FloatArray, enough: float
    ) -> Solved:
        """That change of v, (N+1, a), and what the solver finds for what it leaves, until that is enough."""
        moved = self.corrector.moved(FloatBalls.exact(first.T), self.half)
        farthest = _FARTHER * moved.magnitude.max(axis=1, initial=0)
        solved = Solved(self, first, farthest, self._rates(farthest * 2.0**-self.bits + _LEAST))
        for _ in range(_TIMES):
            left = solved.left(np.zeros(len(first.T))).middles
            more = solve(left.T) if enough < np.abs(left).max(initial=0) < np.inf else None
            if more is None:
                break
            solved = replace(solved, change=solved.change + more)
        return solved

    def _rates(self, farthest: FloatArray) -> FloatBalls:
        """dβ/ds·ε while each dual moves by no more than that, (|S|,): B over ``Link.reach`` on both sides."""
        link = self.corrector.link
        with workprec(_BITS):
            if not link.has_pole:
                # the reach is the same everywhere
                both = FloatBalls.nearly(self.sides[0] + self.sides[1])
                reach = link.reach(np.zeros(both.middles.shape[::-1])).T
                return _over(both, reach, reach, farthest[:, None])
            moves = FloatBalls.nearly(self.moves)
            middles, errors = np.zeros_like(moves.middles), np.zeros_like(moves.middles)
            for k, (side, sign) in enumerate(zip(self.sides, (1, -1), strict=True)):
                there = [a for a, pair in enumerate(self.start) if pair[k] is not None]
                if not there:
                    continue
                values = FloatBalls.nearly(side)
                origin = FloatBalls.of(matrix_of([[self.start[a][k]] for a in there], 1))
                x = origin - FloatBalls(sign * moves.middles[there], moves.radii[there])
                own = link.only(there)
                least, most = (own.reach((x.middles + end * x.radii).T).T for end in (-1, 1))
                values = FloatBalls(values.middles[there], values.radii[there])
                found = _over(values, least, most, farthest[there, None])
                middles[there] += found.middles
                errors[there] += found.radii
        return FloatBalls(middles, errors * (1 + _ROUNDED) + _ROUNDED * np.abs(middles))


def _over(values: FloatBalls, least: FloatArray, most: FloatArray, change: FloatArray) -> FloatBalls:
    """B over a reach between those two, while x changes by no more than that."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part, off = change / least, most / least - 1
        known = (least > 0) & (part < _NEAR)
        relative = np.where(known, _ROUNDED + off + 8 * part, np.inf)
        return FloatBalls(values.middles / least, (values.radii + values.magnitude * relative) / least)


@dataclass(frozen=True, eq=False)
class Solved:
    """A change of v, (N+1, a), and the rates of β while duals move by no more than ``farthest``, (|S|,)."""

    residual: Residual
    change: FloatArray
    farthest: FloatArray
    rates: FloatBalls

    def left(self, lost: FloatArray) -> FloatBalls:
        """The residual of v less the change, of which each row is off by no more than ``lost``, (a,)."""
        corrector, change = self.residual.corrector, FloatBalls.exact(self.change.T, lost[:, None])
        moved = corrector.moved(change, self.residual.half)
        left = self.residual.balls - change - corrector.force(self.rates * moved)
        if (moved.magnitude <= self.farthest[:, None]).all():
            return left
        return FloatBalls(left.middles, np.full_like(left.radii, np.inf))


@lru_cache(maxsize=32)
def _integrals(degree: int) -> FloatBalls:
    return FloatBalls.nearly(tables(degree, _BITS).whole)
