"""The flow in dual coordinates, exact over Q and as balls.

Equation (general thresholds, MATH.md §2): s' = r − Gβ(s), β_i(s) = ½(E⁺_i − E⁻_i), E±_i =
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
The flow is z' = −∇Ψ(z) with Ψ convex (MATH.md §4); (B) is its non-expansiveness. [ours, elementary]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, arb_mat, fmpq, fmpq_mat

from exactsaddle.problem import Problem
from exactsaddle.rational import to_rational


@dataclass(frozen=True, eq=False)
class ReducedFlow:
    """The exact data of equation (W): pivots P, R (k, d), and G_PP R (k, d), over Q."""

    problem: Problem
    pivots: tuple[int, ...]
    reduction: fmpq_mat
    gram_rows: fmpq_mat

    @classmethod
    def of(cls, problem: Problem) -> ReducedFlow:
        """Reduce the problem; X = 0 has rank 0 and the flow never moves."""
        design = fmpq_mat([[_exact(value) for value in row] for row in problem.X])
        echelon, rank = design.rref()
        rows = echelon.tolist()[:rank]
        pivots = tuple(next(j for j, value in enumerate(row) if value != 0) for row in rows)
        columns = [problem.normal_equations.gram_column(j) for j in pivots]
        return cls(
            problem,
            pivots,
            fmpq_mat(rank, problem.d, [value for row in rows for value in row]),
            fmpq_mat(rank, problem.d, [value for column in columns for value in column]),
        )

    @property
    def rank(self) -> int:
        """k = rank X, the number of coordinates of w."""
        return len(self.pivots)

    @cached_property
    def correlation(self) -> list[fmpq]:
        """r_P, shape (k,)."""
        r = self.problem.normal_equations.correlation
        return [r[j] for j in self.pivots]

    @cached_property
    def metric(self) -> fmpq_mat:
        """G_PP⁻¹, shape (k, k): the norm in which the flow contracts."""
        k = self.rank
        return fmpq_mat(k, k, [self.gram_rows[a, j] for a in range(k) for j in self.pivots]).inv()

    @cached_property
    def diagonal(self) -> list[fmpq]:
        """G_ii, shape (d,)."""
        n = self.problem.n
        return [
            sum((_exact(x) ** 2 for x in column), fmpq(0)) / n for column in zip(*self.problem.X, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class BallField:
    """Equation (W) in balls of the precision at which it was made (``at``), for one α.

    gain = 2ℓ; plus_shift_i = −2ℓc⁺_i and minus_shift_i = −2ℓc⁻_i, None where infinite.
    """

    flow: ReducedFlow
    gain: arb
    plus_shift: tuple[arb | None, ...]
    minus_shift: tuple[arb | None, ...]
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
        metric = [abs(value) for row in flow.metric.tolist() for value in row]
        return cls(
            flow,
            gain,
            sides[0],
            sides[1],
            tuple(arb(value) for value in problem.dual_vector),
            arb_mat(flow.reduction),
            arb_mat(flow.gram_rows),
            tuple(arb(value) for value in flow.correlation),
            arb_mat(flow.rank, flow.rank, metric),
            tuple(arb(value).sqrt() for value in flow.diagonal),
            arb_mat([[arb(_exact(value)) for value in row] for row in problem.X]),
            tuple(arb(_exact(value)) for value in problem.y),
        )

    def beta(self, i: int, dual: arb) -> arb:
        """β_i at a ball of s_i."""
        scaled = self.gain * dual
        plus, minus = self.plus_shift[i], self.minus_shift[i]
        value = arb(0) if plus is None else (scaled + plus).exp()
        if minus is not None:
            value -= (minus - scaled).exp()
        return value / 2

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

    def duals(self, w: Sequence[arb]) -> list[arb]:
        """s_0 + Rᵀw, shape (d,), for w of shape (k,)."""
        if not w:
            return list(self.dual_start)
        moved = (arb_mat(1, len(w), list(w)) * self.reduction).entries()
        return [s + value for s, value in zip(self.dual_start, moved, strict=True)]

    def loss(self, beta: Sequence[arb]) -> arb:
        """L(β) = ‖y − Xβ‖²/(2n)."""
        fitted = (self.design * arb_mat(len(beta), 1, list(beta))).entries()
        return sum(((y - f) ** 2 for y, f in zip(self.target, fitted, strict=True)), arb(0)) / (
            2 * len(self.target)
        )


def _exact(value: Fraction) -> fmpq:
    return to_rational(value)
