"""The flow in dual coordinates, exact over Q and as balls.

Equation (general thresholds, MATHEMATICS.md §2): s' = r − Gβ(s), β_i(s) = ½(E⁺_i − E⁻_i), E±_i =
exp(2ℓ(±s_i − c±_i)); a term whose threshold is infinite is absent.

Coordinates. Let X = X_P R be the reduced row echelon factorisation (P pivots, k = rank X, R of shape
(k, d)). Then G = Rᵀ G_PP R and r = Rᵀ r_P, so s(t) = s_0 + Rᵀ w(t), w ∈ R^k, where

    w' = f(w) = r_P − G_PP R β(s_0 + Rᵀ w),   w(0) = 0.                                   (W)

Contraction. In ‖e‖² = eᵀ G_PP⁻¹ e two solutions of (W) never move apart: ½ d/dt ‖w − v‖² =
−(w − v)ᵀ R (β(s_w) − β(s_v)) = −⟨s_w − s_v, β(s_w) − β(s_v)⟩ ≤ 0, since each β_i increases with s_i. Hence
for a piecewise C¹ curve v whose jumps have norms j_m and whose defect v' − f(v) has norm η(t),

    ‖w(t) − v(t)‖ ≤ ‖w(0) − v(0)‖ + Σ j_m + ∫_0^t η,                                      (B)

whatever made v and however stiff f is; applied to a constant v it also shows that w exists for
all t ≥ 0. Back in the dual, |s_i − (s_0 + Rᵀv)_i| ≤ √G_ii ‖w − v‖, because R_iᵀ G_PP R_i = G_ii.
The flow is z' = −∇Ψ(z) with Ψ convex (MATHEMATICS.md §4); (B) is its non-expansiveness. [ours, elementary]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle

from flint import arb, arb_mat, fmpq

from exactsaddle.numbers import Carried, Matrix, Vector, to_rational
from exactsaddle.problem import Problem


@dataclass(frozen=True, eq=False)
class ReducedFlow(Carried):
    """The exact data of equation (W): the rows of R with their pivots P, each k vectors of length d."""

    problem: Problem
    reduction: tuple[Vector, ...]

    @classmethod
    def of(cls, problem: Problem) -> ReducedFlow:
        """Reduce the problem; X = 0 has rank 0 and the flow never moves."""
        design = Matrix([[to_rational(value) for value in row] for row in problem.X])
        return cls(problem, tuple(design.row_echelon()))

    @property
    def rank(self) -> int:
        """k = rank X, the number of coordinates of w."""
        return len(self.reduction)

    @cached_property
    def pivots(self) -> tuple[int, ...]:
        """P, ascending."""
        return tuple(row.support[0] for row in self.reduction)

    @cached_property
    def gram_rows(self) -> tuple[Vector, ...]:
        """G_PP R, the rows P of G: k vectors of length d."""
        return tuple(self.problem.normal_equations.gram_column(j) for j in self.pivots)

    @cached_property
    def correlation(self) -> list[fmpq]:
        """r_P, shape (k,)."""
        r = self.problem.normal_equations.correlation
        return [r[j] for j in self.pivots]

    @cached_property
    def metric(self) -> list[list[fmpq]]:
        """G_PP⁻¹, shape (k, k): the norm in which the flow contracts."""
        if not self.pivots:
            return []
        return list(Matrix([[row[j] for j in self.pivots] for row in self.gram_rows]).inverse().rows())

    @cached_property
    def diagonal(self) -> list[fmpq]:
        """G_ii, shape (d,)."""
        columns = zip(*self.problem.X, strict=True)
        return [to_rational(sum(x * x for x in column) / self.problem.n) for column in columns]


@dataclass(frozen=True, eq=False)
class BallField:
    """Equation (W) in balls of the precision at which it was made (``at``), for one α.

    gain = 2ℓ; plus_shift_i = −2ℓc⁺_i and minus_shift_i = −2ℓc⁻_i, None where infinite; terms has both
    shifts of each coordinate and E⁺E⁻, which is constant.
    """

    flow: ReducedFlow
    gain: arb
    plus_shift: tuple[arb | None, ...]
    minus_shift: tuple[arb | None, ...]
    terms: tuple[tuple[arb | None, arb | None, arb | None], ...]
    dual_start: tuple[arb, ...]
    reduction: arb_mat
    gram_rows: arb_mat
    correlation: tuple[arb, ...]
    metric_bound: arb_mat
    diagonal_root: tuple[arb, ...]
    design: arb_mat
    target: tuple[arb, ...]

    @classmethod
    def at(cls, flow: ReducedFlow, alpha: fmpq) -> BallField:
        """The field at the current working precision."""
        problem = flow.problem
        gain = -2 * arb(alpha).log()
        sides = [
            tuple(
                None if c is None else -gain * arb(c)
                for c in (problem.threshold(i, side) for i in range(problem.d))
            )
            for side in (1, -1)
        ]
        k, d = flow.rank, problem.d
        metric = [abs(value) for row in flow.metric for value in row]
        return cls(
            flow,
            gain,
            sides[0],
            sides[1],
            tuple(
                (p, m, None if p is None or m is None else (p + m).exp()) for p, m in zip(*sides, strict=True)
            ),
            tuple(arb(value) for value in problem.dual_vector),
            arb_mat(k, d, [value for row in flow.reduction for value in row]),
            arb_mat(k, d, [value for row in flow.gram_rows for value in row]),
            tuple(arb(value) for value in flow.correlation),
            arb_mat(k, k, metric),
            tuple(arb(value).sqrt() for value in flow.diagonal),
            arb_mat([[arb(to_rational(value)) for value in row] for row in problem.X]),
            tuple(arb(to_rational(value)) for value in problem.y),
        )

    def beta(self, i: int, dual: arb) -> arb:
        """β_i at a ball of s_i."""
        scaled = self.gain * dual
        plus, minus = self.plus_shift[i], self.minus_shift[i]
        value = arb(0) if plus is None else (scaled + plus).exp()
        if minus is not None:
            value -= (minus - scaled).exp()
        return value / 2

    def betas(self, duals: Sequence[arb]) -> list[arb]:
        """β_i for many points, d balls of s_i after another: ``beta`` with one exponential instead of two."""
        gain = self.gain
        found = []
        for dual, (plus, minus, product) in zip(duals, cycle(self.terms), strict=False):
            if plus is not None:
                grown = (gain * dual + plus).exp()
                found.append((grown if product is None else grown - product / grown) / 2)
            elif minus is not None:
                found.append((minus - gain * dual).exp() / -2)
        return found

    def rate(self, i: int, dual: arb) -> arb:
        """dβ_i/ds_i = ℓ(E⁺_i + E⁻_i) at a ball of s_i."""
        scaled = self.gain * dual
        terms = ((scaled, self.plus_shift[i]), (-scaled, self.minus_shift[i]))
        return self.gain / 2 * sum(((x + shift).exp() for x, shift in terms if shift is not None), arb(0))

    def velocity(self, beta: Sequence[arb]) -> list[arb]:
        """s' = r − Gβ, shape (d,)."""
        force = (self.gram_rows * arb_mat(len(beta), 1, list(beta))).entries()
        return self.directions([r - f for r, f in zip(self.correlation, force, strict=True)])

    def magnitude(self, i: int, centre: arb, radius: arb) -> arb:
        """An upper bound of |β_i(z)| over complex z with |Re z − centre| ≤ radius."""
        bound = arb(0)
        for sign, shift in ((1, self.plus_shift[i]), (-1, self.minus_shift[i])):
            if shift is not None:
                bound += (self.gain * (sign * centre + radius) + shift).exp()
        return (bound / 2).upper()

    def norm(self, bounds: Sequence[arb]) -> arb:
        """An upper bound of ‖e‖ over all e with |e_a| ≤ bounds_a, shape (k,)."""
        column = arb_mat(len(bounds), 1, list(bounds))
        square = (column.transpose() * self.metric_bound * column)[0, 0] if len(bounds) else arb(0)
        return square.upper().sqrt().upper()

    def directions(self, w: Sequence[arb]) -> list[arb]:
        """Rᵀw, shape (d,), for w of shape (k,)."""
        moved: list[arb] = (arb_mat(1, len(w), list(w)) * self.reduction).entries()
        return moved

    def duals(self, w: Sequence[arb]) -> list[arb]:
        """s_0 + Rᵀw, shape (d,), for w of shape (k,)."""
        return [s + value for s, value in zip(self.dual_start, self.directions(w), strict=True)]

    def loss(self, beta: Sequence[arb]) -> arb:
        """L(β) = ‖y − Xβ‖²/(2n)."""
        fitted = (self.design * arb_mat(len(beta), 1, list(beta))).entries()
        residual = [y - f for y, f in zip(self.target, fitted, strict=True)]
        return sum((e * e for e in residual), arb(0)) / (2 * len(residual))
