"""A step of the rigorous integrator: the polynomial and what is proved of it, or why it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.flow.chebyshev import integrals_at
from exactsaddle.numbers import Carried

_KEPT = 8
"""Points of a step that are remembered: neighbouring intervals share them."""


@dataclass(frozen=True, eq=False)
class Step(Carried):
    """A polynomial piece on [start, start + length] with a proved bound on its defect.

    w is the exact dyadic point at its start, (k,), in the coordinates of ``pivots``; slope[a][k] are exact
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
        weights = integrals_at((time - self.start) / half - 1, len(self.slope[0])) if self.slope else []
        return [w + arb(half) * value for w, value in zip(self.w, self.combined(weights), strict=True)]

    @property
    def ringing(self) -> list[arb]:
        """The coefficient of T_{N+1} in w, (k,): what is left at the end of how far w was off a slow motion.

        Collocation at these nodes does not damp it. Where it is taken away the next step begins.
        """
        scale = arb(self.length) / (4 * len(self.slope[0])) if self.slope else arb(0)
        return [scale * row[-1] for row in self.slope]

    def combined(self, weights: Sequence[arb]) -> list[arb]:
        """Σ_k weights_k slope[a][k] for every a, (k,)."""
        found: list[arb] = (matrix_of(self.slope, len(weights)) * arb_mat(len(weights), 1, weights)).entries()
        return found


@dataclass(frozen=True)
class Refused:
    """A step that was not proved: why, and the factor by which to change its length."""

    reason: str
    factor: float


@dataclass(frozen=True, eq=False)
class Proved:
    """A proved step, and the factor by which the next may be longer; ahead: known from where it ends.

    force is log2 of a bound of how much f(w) differs from a constant near the step.
    """

    step: Step
    growth: float
    ahead: bool
    force: float


def matrix_of(rows: list[list[Any]], columns: int) -> arb_mat:
    """A matrix of these rows, also of none."""
    return arb_mat(len(rows), columns, [value for row in rows for value in row])
