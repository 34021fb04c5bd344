"""A step of the rigorous integrator: the polynomial and what is proved of it, or why it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flint import arb, arb_mat, ctx, fmpq, fmpz

from exactsaddle.flow.active_field import ActiveField, Sets
from exactsaddle.flow.chebyshev import integrals_at, tables
from exactsaddle.flow.slopes import Slopes
from exactsaddle.flow.vector_field import BallField, Distances, matrix_of
from exactsaddle.numbers import Carried

_KEPT = 8
"""Points of a step that are remembered: neighbouring intervals share them."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a step begins: time, w of (W), (k,), its distance from the truth, and what follows from them.

    duals, distances, beta and velocity s' are balls, (d,).
    """

    time: fmpq
    w: tuple[arb, ...]
    error: arb
    duals: list[arb]
    distances: Distances
    beta: list[arb]
    velocity: list[arb]

    @classmethod
    def of(cls, base: BallField, time: fmpq, w: tuple[arb, ...], error: arb) -> Place:
        """What follows at the current precision."""
        duals = base.duals(w, time)
        distances = base.distances(duals)
        beta = [base.beta_at(i, pair) for i, pair in enumerate(distances)]
        return cls(time, w, error, duals, distances, beta, base.velocities(beta))


@dataclass(frozen=True, eq=False)
class Step(Carried):
    """A polynomial piece on [start, start + length] with a proved bound on its defect.

    duals are those at its start, (d,), in balls. Of the field that it sees (active_field.py), ``sets``, slope
    has Chebyshev coefficients of v in balls, (a, N+1), and outside the exact values of b at the nodes,
    (|W|, N+1). error bounds ‖w − w_true‖ throughout the step, defect the norm of w' − f(w).
    """

    start: fmpq
    length: fmpq
    sets: Sets
    dual: tuple[arb, ...]
    slope: list[list[arb]]
    outside: list[list[arb]]
    defect: arb
    error: arb

    @property
    def end(self) -> fmpq:
        """start + length."""
        return self.start + self.length

    def duals(self, base: BallField, time: fmpq) -> list[arb]:
        """s of the polynomial at a time inside the step, (d,), in balls; the last ones are kept."""
        if time == self.start:
            return list(self.dual)
        key = time.p, time.q, ctx.prec  # the hash of an fmpq is that of a Fraction, made for it
        found = self._recent.get(key)
        if found is None:
            if len(self._recent) == _KEPT:
                del self._recent[next(iter(self._recent))]
            weights = integrals_at(2 * (time - self.start) / self.length - 1, self.size)
            moves = (self.coefficients(base) * arb_mat(self.size, 1, weights)).entries()
            half = arb(self.length / 2)
            found = self._recent[key] = [s + half * move for s, move in zip(self.dual, moves, strict=True)]
        return list(found)

    def slopes(self, base: BallField) -> Slopes:
        """Those of the dual along the polynomial; made once."""
        if ctx.prec not in self._sloping:
            self._sloping.clear()
            self._sloping[ctx.prec] = Slopes.of(self.coefficients(base))
        return self._sloping[ctx.prec]

    def coefficients(self, base: BallField) -> arb_mat:
        """Chebyshev coefficients of s' along the polynomial, (d, N+1); made once."""
        if ctx.prec not in self._fitted:
            self._fitted.clear()
            field = ActiveField.of(base, self.sets)
            found = field.reduction.transpose() * matrix_of(self.slope, self.size)
            if self.outside:
                fitted = tables(self.size - 1, ctx.prec).coefficients
                found = found - field.outside * (matrix_of(self.outside, self.size) * fitted)
            for i, own in enumerate(field.drift):
                found[i, 0] += own
            self._fitted[ctx.prec] = found
        return self._fitted[ctx.prec]

    @property
    def size(self) -> int:
        """N + 1 of s'; 2 where it is constant."""
        return max((len(row) for row in (*self.slope[:1], *self.outside[:1])), default=2)

    @cached_property
    def _recent(self) -> dict[tuple[fmpz, fmpz, int], list[arb]]:
        return {}

    @cached_property
    def _fitted(self) -> dict[int, arb_mat]:
        return {}

    @cached_property
    def _sloping(self) -> dict[int, Slopes]:
        return {}


@dataclass(frozen=True)
class Refused:
    """A step that was not proved: why, the factor by which to change its length, and what was too large.

    sizes has log2 of the |β_i| that were thought to be smaller, by coordinate.
    """

    reason: str
    factor: float
    sizes: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Proved:
    """A proved step, and the factor by which the next may be longer; ahead: known from where it ends.

    force is log2 of a bound of how much f(w) differs from a constant near the step. end are the duals at its
    end in balls, (d,), without what rings there (``Collocator``): a jump of that norm.
    """

    step: Step
    growth: float
    ahead: bool
    force: float
    end: list[arb]
    jump: arb
