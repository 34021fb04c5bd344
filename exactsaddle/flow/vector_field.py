"""The flow in dual coordinates, exact over Q and as balls.

Equation (general thresholds, MATHEMATICS.md §2): s' = r − Gβ(s), β_i(s) = B_i(x⁺_i) − B_i(x⁻_i) with
x±_i = (c±_i ∓ s_i)/ε and B of the link (problem/links); a term whose threshold is infinite is absent.

Coordinates. Let X = X_P R with P any k = rank X independent columns and R of shape (k, d), R_P = I. Then G =
Rᵀ G_PP R and r = Rᵀ r_P, so s(t) = s_0 + Rᵀ w(t), w ∈ R^k, where

    w' = f(w) = r_P − G_PP R β(s_0 + Rᵀ w),   w(0) = 0.                                   (W)

A step sees fewer coordinates (active_field.py); the norm below is that of ‖z‖/√n for s = s_0 + Xᵀz/n.

Contraction. In ‖e‖² = eᵀ G_PP⁻¹ e two solutions of (W) never move apart: ½ d/dt ‖w − v‖² =
−(w − v)ᵀ R (β(s_w) − β(s_v)) = −⟨s_w − s_v, β(s_w) − β(s_v)⟩ ≤ 0, since each β_i increases with s_i. Hence
for a piecewise C¹ curve v whose jumps have norms j_m and whose defect v' − f(v) has norm η(t),

    ‖w(t) − v(t)‖ ≤ ‖w(0) − v(0)‖ + Σ j_m + ∫_0^t η,                                      (B)

whatever made v and however stiff f is; applied to a constant v it also shows that w exists for
all t ≥ 0. Back in the dual, |s_i − (s_0 + Rᵀv)_i| ≤ √G_ii ‖w − v‖, because R_iᵀ G_PP R_i = G_ii.
The flow is z' = −∇Ψ(z) with Ψ convex (MATHEMATICS.md §4); (B) is its non-expansiveness. [ours, elementary]

Drift. Where the dual also moves on its own, s(t) = s_0 + Rᵀw(t) + μt (weight decay: decay.py), f depends on
t too; two solutions have the same μt, so that nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec
from exactsaddle.flow.accuracy import whole_words
from exactsaddle.flow.energy import Energy
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.numbers import Carried, enclose
from exactsaddle.problem import Link

Distances = list[tuple[arb | None, arb | None]]
"""(x⁺, x⁻) of each coordinate in units of ε; None where there is no threshold."""


@dataclass(frozen=True, eq=False)
class BallField(Carried):
    """Equation (W) in balls of the precision at which it was made (``at``), for one α.

    per_unit = 1/ε; walls are c⁺/ε and c⁻/ε, each (d,), with None where infinite. gram is G, (d, d), and
    correlation r, (d,); drift is empty where the dual does not move on its own.
    """

    flow: ReducedFlow
    link: Link
    per_unit: arb
    walls: tuple[tuple[arb | None, ...], tuple[arb | None, ...]]
    dual_start: tuple[arb, ...]
    drift: tuple[arb, ...]
    reduction: arb_mat
    gram: arb_mat
    correlation: tuple[arb, ...]
    diagonal_root: tuple[arb, ...]
    energy: Energy

    @classmethod
    def at(cls, flow: ReducedFlow, alpha: fmpq) -> BallField:
        """The field at the current working precision."""
        problem, link = flow.problem, flow.link
        per_unit = 1 / link.unit(alpha)
        plus, minus = (
            tuple(
                None if c is None else per_unit * enclose(c)
                for c in (problem.bound(i, side) for i in range(problem.d))
            )
            for side in (1, -1)
        )
        equations = problem.normal_equations
        return cls(
            flow,
            link,
            per_unit,
            (plus, minus),
            tuple(map(enclose, problem.initial_dual)),
            tuple(arb(value) for value in flow.drift),
            matrix_of(list(map(list, flow.reduction)), problem.d),
            matrix_of([list(equations.gram_column(j)) for j in range(problem.d)], problem.d),
            tuple(arb(value) for value in equations.correlation),
            tuple(arb(value).sqrt() for value in flow.diagonal),
            Energy.of(flow),
        )

    @property
    def gain(self) -> arb:
        """−d ln|β|/ds at a β of order 1: 2ℓ for two layers."""
        return arb(self.link.gain) * self.per_unit

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.dual_start)

    def distances(self, duals: Sequence[arb]) -> Distances:
        """The distances at balls of s, (d,)."""
        return moved(zip(*self.walls, strict=True), [self.per_unit * dual for dual in duals])

    def _sides(self, i: int, dual: arb) -> tuple[arb | None, arb | None]:
        (found,) = moved([(self.walls[0][i], self.walls[1][i])], [self.per_unit * dual])
        return found

    def beta(self, i: int, dual: arb) -> arb:
        """β_i at a ball of s_i."""
        return self.beta_at(i, self._sides(i, dual))

    def beta_at(self, i: int, distances: tuple[arb | None, arb | None]) -> arb:
        """β_i at its distances."""
        plus, minus = distances
        value = arb(0) if plus is None else self.link.value(i, plus)
        return value if minus is None else value - self.link.value(i, minus)

    def betas_at(self, duals: Sequence[arb]) -> list[arb]:
        """β, (d,), at balls of s, (d,)."""
        return [self.beta_at(i, pair) for i, pair in enumerate(self.distances(duals))]

    def sides(
        self, coordinates: Sequence[int], distances: Distances, moves: arb_mat, bits: int
    ) -> tuple[arb_mat, arb_mat]:
        """B⁺ and B⁻ of some coordinates at m points, (…, m), where duals have moved that far in units of ε.

        Distances are theirs where they have not. A side that stays below 2^−bits is not computed: it is 0,
        with a radius of 2^−bits.
        """
        none = [arb(0, arb((1, -bits)))] * moves.ncols()
        found: tuple[list[arb], list[arb]] = [], []
        for i, row, (plus, minus) in zip(coordinates, moves.tolist(), distances, strict=True):
            near = None if plus is None else self.link.values(i, plus, row, bits)
            far = None if minus is None else self.link.values(i, minus, [-move for move in row], bits)
            found[0].extend(none if near is None else near)
            found[1].extend(none if far is None else far)
        shape = len(coordinates), moves.ncols()
        return arb_mat(*shape, found[0]), arb_mat(*shape, found[1])

    def betas(self, coordinates: Sequence[int], distances: Distances, moves: arb_mat, bits: int) -> arb_mat:
        """β of some coordinates, told as in ``sides``."""
        plus, minus = self.sides(coordinates, distances, moves, bits)
        return plus - minus

    def rate(self, i: int, dual: arb) -> arb:
        """dβ_i/ds_i at a ball of s_i."""
        return self.rate_at(i, self._sides(i, dual))

    def rate_at(self, i: int, distances: tuple[arb | None, arb | None]) -> arb:
        """dβ_i/ds_i at its distances."""
        sides = (self.link.steepness(i, x) for x in distances if x is not None)
        return self.per_unit * sum(sides, arb(0))

    def velocities(self, beta: Sequence[arb]) -> list[arb]:
        """s' = r − Gβ + μ, shape (d,)."""
        return self._drifting(self.descent(beta), arb(1))

    def descent(self, beta: Sequence[arb]) -> list[arb]:
        """−∇L = r − Gβ, shape (d,)."""
        pull = (self.gram * arb_mat(len(beta), 1, list(beta))).entries()
        return [r - f for r, f in zip(self.correlation, pull, strict=True)]

    def slopes(self, rates: Sequence[arb], velocities: Sequence[arb]) -> tuple[list[arb], arb]:
        """β', shape (d,), and L' = ⟨∇L, β'⟩ at balls of dβ_i/ds_i and of s'."""
        slopes = [rate * v for rate, v in zip(rates, velocities, strict=True)]
        descent = self._drifting(list(velocities), arb(-1))
        return slopes, -sum((v * b for v, b in zip(descent, slopes, strict=True)), arb(0))

    def magnitude(self, i: int, centre: tuple[arb | None, arb | None], radius: arb) -> arb:
        """An upper bound, for some c, of |β_i(z) − c| over complex z, |z − centre| ≤ radius in units of ε.

        Of each side of β_i: |B(x + ζ)| ≤ B(x − |ζ|), and the same of B', so that
        |B(x + ζ) − B(x)| ≤ |ζ B'(x − |ζ|)|.
        """
        total = arb(0)
        for nearest in (x - radius for x in centre if x is not None):
            change = radius * self.link.steepness(i, nearest)
            total += arb.min(self.link.value(i, nearest).upper(), change.upper())
        return total.upper()

    def largest(self, i: int, centre: tuple[arb | None, arb | None], radius: arb) -> tuple[arb, arb]:
        """Upper bounds of |β_i| and of dβ_i/ds_i over real duals that far from there, in units of ε."""
        sides = [x - radius for x in centre if x is not None]
        size = sum((self.link.value(i, x) for x in sides), arb(0))
        rate = self.per_unit * sum((self.link.steepness(i, x) for x in sides), arb(0))
        return size.upper(), rate.upper()

    def norm(self, bounds: Sequence[arb]) -> arb:
        """An upper bound of ‖e‖ over all e with |e_a| ≤ bounds_a, shape (k,)."""
        return norm_bound(self.flow.metric_bound, bounds)

    @cached_property
    def gram_table(self) -> list[list[arb]]:
        """G as rows."""
        return self.gram.tolist()

    @cached_property
    def seen(self) -> dict[object, Any]:
        """What steps see of it: kept by ``ActiveField.of``."""
        return {}

    def duals(self, w: Sequence[arb], time: fmpq | arb) -> list[arb]:
        """s_0 + Rᵀw + μt, shape (d,), for w of shape (k,)."""
        moves = self._drifting((arb_mat(1, len(w), list(w)) * self.reduction).entries(), time)
        return [s + value for s, value in zip(self.dual_start, moves, strict=True)]

    def coordinates(self, duals: Sequence[arb], time: fmpq | arb) -> list[arb]:
        """w of those duals, (k,): what ``duals`` undoes."""
        moves = [s - start for s, start in zip(duals, self.dual_start, strict=True)]
        own = self._drifting(moves, -arb(time))
        return [own[i] for i in self.flow.pivots]

    def _drifting(self, moves: list[arb], time: fmpq | arb) -> list[arb]:
        if not self.drift:
            return moves
        return [value + rate * time for value, rate in zip(moves, self.drift, strict=True)]

    def loss(self, beta: Sequence[arb]) -> arb:
        """L(β) = ‖y − Xβ‖²/(2n)."""
        return self.energy.loss(beta)


class Rounded:
    """Matrices of balls in numbers of no more words than the working precision has."""

    def __init__(self, *matrices: arb_mat) -> None:
        self._matrices, self._precision = matrices, ctx.prec
        self._kept: dict[int, tuple[arb_mat, ...]] = {}

    def __call__(self) -> tuple[arb_mat, ...]:
        """These matrices."""
        precision = min(self._precision, whole_words(ctx.prec))
        if precision not in self._kept:
            with workprec(precision):
                self._kept[precision] = tuple(matrix * arb(1) for matrix in self._matrices)
        return self._kept[precision]


def moved(distances: Iterable[tuple[arb | None, arb | None]], moves: Sequence[arb]) -> Distances:
    """x⁺ less and x⁻ more by what the dual moves up, in units of ε."""
    return [
        (None if plus is None else plus - move, None if minus is None else minus + move)
        for (plus, minus), move in zip(distances, moves, strict=True)
    ]


def norm_bound(metric: arb_mat, bounds: Sequence[arb]) -> arb:
    """√(bᵀ|M|b), upwards."""
    column = arb_mat(len(bounds), 1, list(bounds))
    square = (column.transpose() * metric * column)[0, 0] if len(bounds) else arb(0)
    return square.upper().sqrt().upper()


def matrix_of(rows: Sequence[Sequence[Any]], columns: int) -> arb_mat:
    """A matrix of these rows, also of none."""
    return arb_mat(len(rows), columns, [value for row in rows for value in row])
