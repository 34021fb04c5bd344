"""How fast the flow approaches each saddle: predicted exponents of ‖β̃^α_t − β_k‖ (MATHEMATICS.md §5, §8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from flint import acb, acb_mat, arb, arb_mat

from exactsaddle.base import Inconclusive, by_name, workprec
from exactsaddle.convergence.hypotheses import (
    FailedHypothesis,
    closed_form_failures,
    coupling,
    plateau_failures,
)
from exactsaddle.minimisers import limit_support, plateau_limit
from exactsaddle.numbers import Carried, Number, brief, enclose, to_rational
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Link

Slack: TypeAlias = tuple[Number | None, Number | None]
MAX_BITS = 1 << 14
"""The most bits ``relaxation_rate`` works with before it gives up."""


_LOOK_BITS = 128
"""Precision of a choice of where to look."""


@dataclass(frozen=True, eq=False, repr=False)
class PredictedRate(Carried):
    """A lower bound on lim inf ln‖β̃^α_t − β_k‖/ln α for t inside plateau k, piecewise linear in t.

    relaxation is the ball of ``relaxation_rate``, None where β_k = 0. slacks maps each
    coordinate off the support to its distances (to the upper, to the lower threshold) at t_k, None when
    that threshold is infinite. widths are i and c⁺ + c⁻ of the support where its columns are dependent, else
    empty: the side that faces a coordinate, α^(2(c⁺ + c⁻)) of two layers, moves the selected minimiser along
    the kernel. Where ``failed`` names a hypothesis no positive rate is claimed.
    """

    saddle: Saddle
    slacks: Mapping[int, Slack]
    relaxation: arb | None
    widths: tuple[tuple[int, Number], ...]
    failed: tuple[FailedHypothesis, ...]

    def __repr__(self) -> str:
        slacks = by_name(
            self.saddle.problem.names,
            (
                (i, "(" + ", ".join("inf" if c is None else brief(c) for c in pair) + ")")
                for i, pair in self.slacks.items()
            ),
        )
        failed = "".join(f", {failure}" for failure in self.failed)
        return f"PredictedRate({self.saddle!r}, slacks = {slacks}, relaxation = {self.relaxation}{failed})"

    def at(self, t: Any) -> arb | None:
        """min(2·slack(t), relaxation·(t − t_k)) as a ball, L at depth L ≥ 3; None where a hypothesis fails.

        Infinite when nothing is off its limit (a complete fit of all coordinates from the start).
        """
        if self.failed:
            return None
        distances = [(i, enclose(d)) for i, pair in self.slacks_at(t).items() for d in pair if d is not None]
        return self._smallest(distances, enclose(to_rational(t) - self.saddle.exact_time))

    def _smallest(self, distances: Iterable[tuple[int, arb]], elapsed: arb) -> arb:
        """The least exponent of those distances, of the widths, and of relaxation in that time."""
        smallest = arb.pos_inf()
        for i, distance in (*distances, *((i, enclose(width)) for i, width in self.widths)):
            smallest = smallest.min(self.link.exponent(i, distance))
        if self.relaxation is not None:
            smallest = smallest.min(self.link.relaxation_exponent(self.relaxation * elapsed))
        return smallest

    def best_time(self, start: Fraction, end: Fraction, steps: int = 16) -> Fraction:
        """The time on an even grid inside (start, end) where the predicted exponent is largest.

        The middle when no exponent is known. Untrusted: a choice of where to look, by balls, since exact
        slacks of a long path of floats have as many digits as it has saddles.
        """
        grid = [start + (end - start) * Fraction(m, steps) for m in range(1, steps)]
        if self.failed:
            return grid[len(grid) // 2]
        with workprec(_LOOK_BITS):
            speeds = [enclose(value) for value in self.saddle.gradient_vector]
            sides = [
                (i, enclose(slack), side * speeds[i])
                for i, pair in self.slacks.items()
                for slack, side in zip(pair, (1, -1), strict=True)
                if slack is not None
            ]

            def exponent(t: Fraction) -> float:
                elapsed = enclose(to_rational(t) - self.saddle.exact_time)
                return float(self._smallest(((i, d + v * elapsed) for i, d, v in sides), elapsed))

            return max(grid, key=exponent)

    @cached_property
    def link(self) -> Link:
        """That of the network."""
        return self.saddle.problem.network.link(self.saddle.problem.d)

    def slacks_at(self, t: Any) -> dict[int, Slack]:
        """``slacks`` at a time of the plateau."""
        elapsed = to_rational(t) - self.saddle.exact_time
        found = {}
        for i, (above, below) in self.slacks.items():
            drift = elapsed * self.saddle.gradient_vector[i]
            found[i] = (
                None if above is None else above + drift,
                None if below is None else below - drift,
            )
        return found


def predicted_rate(saddle: Saddle, bits: int = 128) -> PredictedRate:
    """The predicted exponent on one plateau; names the hypotheses of MATHEMATICS.md §5 that fail."""
    problem = saddle.problem
    support = limit_support(saddle)
    slacks: dict[int, Slack] = {}
    duals = saddle.exact_dual
    for i in range(problem.d):
        upper, lower, dual = problem.bound(i, 1), problem.bound(i, -1), duals[i]
        above = None if upper is None else upper - dual
        below = None if lower is None else lower + dual
        never_moves = above == below and not problem.normal_equations.gram_column(i).support
        if i not in support and not never_moves:  # a zero column at equal distances has β̃_i = 0
            slacks[i] = (above, below)
    relaxation = relaxation_rate(saddle, bits) if support else None
    dependent = problem.normal_equations.rank(support) < len(support)
    sides = [(i, problem.bound(i, 1), problem.bound(i, -1)) for i in support if dependent]
    widths = tuple((i, up + down) for i, up, down in sides if up is not None and down is not None)
    return PredictedRate(saddle, slacks, relaxation, widths, plateau_failures(saddle))


def remainder_exponent(path: SaddlePath, rate: PredictedRate, t: Any, j: int) -> arb | None:
    """A lower bound on the exponent of α in (s^α − s)_j(t)/ε − D_kj, where that has a closed form; else None.

    The remainder has the error of β̃ at t, and the memory of every near miss: a coordinate that came
    within a slack of its threshold at some t_m ≤ t_k, never touched it and is coupled to j has left ∫β̃_i of
    order α^(2·slack) in the dual for good. At depth L ≥ 3 both are α^L, of which ε = α^(L−2) leaves α².
    Source: the proof of ``expansion.offset``, its small terms kept.
    """
    k = rate.saddle.index
    here = rate.at(t)
    if here is None or closed_form_failures(path, k, j):
        return None
    problem, link = path.problem, rate.link
    for i in coupling(rate.saddle, j).support:
        for side in (1, -1):
            bound = problem.bound(i, side)
            if bound is not None:
                nearest = min(bound - earlier.exact_dual[i] * side for earlier in path[: k + 1])
                here = here.min(link.exponent(i, enclose(nearest)))
    return here - link.unit_exponent


def relaxation_rate(saddle: Saddle, bits: int = 128) -> arb:
    """λ_min(D G_AA), A the support of the limit, not empty: relative radius at most 2⁻³².

    D = diag(1/φ''(|β_A|)) of the link: 2|β| at depth 2, L/(L−2)·|β|^(2−2/L) at depth L. In units of ε the
    flow's β − β_k on A falls like e^(−λt). D G_AA is similar to the semidefinite D^½ G_AA D^½, whose
    eigenvalues are real; λ_min is the smallest that is not zero, of which there are rank X_A. Raises
    Inconclusive when MAX_BITS do not separate it from zero.
    """
    equations = saddle.problem.normal_equations
    link = saddle.problem.network.link(saddle.problem.d)
    while bits <= MAX_BITS:
        limit = plateau_limit(saddle, digits=bits // 3)
        gram = [equations.gram_column(j) for j in limit.support]
        with workprec(bits):
            sizes = limit.balls()
            roots = [link.response(i, abs(sizes[i])).sqrt() for i in limit.support]
            rows = [
                [roots[a] * arb(column[i]) * roots[b] for b, column in enumerate(gram)]
                for a, i in enumerate(limit.support)
            ]
            smallest = _smallest_eigenvalue(arb_mat(rows), equations.rank(limit.support))
            if smallest is not None and smallest.rel_accuracy_bits() >= 32:
                return smallest
        bits *= 2
    raise Inconclusive(
        f"plateau {saddle.index}: the smallest eigenvalue of D G is not separated from 0 with {MAX_BITS} bits"
    )


def _smallest_eigenvalue(matrix: arb_mat, rank: int) -> arb | None:
    """The least nonzero eigenvalue of a semidefinite matrix of that rank; None when not separated from 0.

    When exactly ``rank`` enclosures are positive, the others, which contain 0, are those of the kernel.
    """
    if matrix.nrows() == 1:
        values = [arb(matrix[0, 0])]
    else:
        try:
            eigenvalues: list[acb] = acb_mat(matrix).eig(multiple=True)
        except ValueError:
            return None
        values = [value.real for value in eigenvalues]
    positive = [value for value in values if value > 0]
    if len(positive) != rank:
        return None
    smallest = arb.pos_inf()
    for value in positive:
        smallest = smallest.min(value)
    return smallest
