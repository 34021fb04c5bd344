"""How fast the flow approaches each saddle: predicted exponents of ‖β̃^α_t − β_k‖ (MATH.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, ctx, fmpq

from exactsaddle.errors import Inconclusive
from exactsaddle.hypotheses import FailedHypothesis, plateau_failures
from exactsaddle.path import Saddle
from exactsaddle.rational import to_rational

MAX_BITS = 1 << 14
"""The most bits ``relaxation_rate`` works with before it gives up."""


@dataclass(frozen=True)
class PredictedRate:
    """A lower bound on lim inf ln‖β̃^α_t − β_k‖/ln α for t inside plateau k, piecewise linear in t.

    relaxation is a rigorous ball around 2λ_min(diag|β_A| G_AA), None where β_k = 0. slacks maps each
    coordinate off the support to its distances (to the upper, to the lower threshold) at t_k, None
    when that threshold is infinite. Where ``failed`` names a hypothesis no positive rate is claimed.
    """

    saddle: Saddle
    slacks: Mapping[int, tuple[fmpq | None, fmpq | None]]
    relaxation: arb | None
    failed: tuple[FailedHypothesis, ...]

    def at(self, t: Any) -> arb | None:
        """min(2·slack(t), relaxation·(t − t_k)) as a ball; None where a hypothesis fails.

        Infinite when nothing is off its limit (a complete fit of all coordinates from the start).
        """
        if self.failed:
            return None
        elapsed = to_rational(t) - self.saddle.time
        terms = [arb(2 * slack) for slack in self._slacks_after(elapsed)]
        if self.relaxation is not None:
            terms.append(self.relaxation * arb(elapsed))
        smallest = arb.pos_inf()
        for term in terms:
            smallest = smallest.min(term)
        return smallest

    def best_time(self, start: Fraction, end: Fraction, steps: int = 16) -> Fraction:
        """The time on an even grid inside (start, end) where the predicted exponent is largest.

        The middle when no exponent is known. Untrusted: a choice of where to look.
        """
        grid = [start + (end - start) * Fraction(m, steps) for m in range(1, steps)]
        if self.failed:
            return grid[len(grid) // 2]
        return max(grid, key=lambda t: float(self._at_known(t)))

    def _at_known(self, t: Fraction) -> arb:
        exponent = self.at(t)
        return arb(0) if exponent is None else exponent

    def _slacks_after(self, elapsed: fmpq) -> Iterable[fmpq]:
        for i, (above, below) in self.slacks.items():
            drift = self.saddle.gradient_vector[i] * elapsed
            if above is not None:
                yield above + drift
            if below is not None:
                yield below - drift


def predicted_rate(saddle: Saddle, bits: int = 128) -> PredictedRate:
    """The predicted exponent on one plateau; names the hypotheses of MATH.md §5 that fail."""
    problem = saddle.problem
    slacks: dict[int, tuple[fmpq | None, fmpq | None]] = {}
    for i in range(problem.d):
        upper, lower = problem.threshold(i, 1), problem.threshold(i, -1)
        dual = saddle.dual_vector[i]
        above = None if upper is None else upper - dual
        below = None if lower is None else lower + dual
        never_moves = above == below and not problem.normal_equations.gram_column(i).support
        if i not in saddle.support and not never_moves:  # a zero column at equal distances has β̃_i = 0
            slacks[i] = (above, below)
    relaxation = relaxation_rate(saddle, bits) if saddle.support else None
    return PredictedRate(saddle, slacks, relaxation, plateau_failures(saddle))


def relaxation_rate(saddle: Saddle, bits: int = 128) -> arb:
    """2λ_min(diag|β_A| G_AA), A = supp β_k not empty, as a positive ball of relative radius ≤ 2⁻³².

    diag|β_A| G_AA is similar to the positive definite D^½ G_AA D^½, whose eigenvalues are real.
    Raises Inconclusive when MAX_BITS do not separate it from zero.
    """
    support = saddle.support
    gram = [saddle.problem.normal_equations.gram_column(j) for j in support]
    weights = [abs(saddle.beta_vector[i]) for i in support]
    while bits <= MAX_BITS:
        with ctx.workprec(bits):
            roots = [arb(weight).sqrt() for weight in weights]
            rows = [
                [roots[a] * arb(gram[b][i]) * roots[b] for b in range(len(support))]
                for a, i in enumerate(support)
            ]
            smallest = _smallest_eigenvalue(arb_mat(rows))
            if smallest is not None and smallest.rel_accuracy_bits() >= 32 and smallest > 0:
                return 2 * smallest
        bits *= 2
    raise Inconclusive(
        f"plateau {saddle.index}: the smallest eigenvalue of diag|beta| G is not separated from 0 "
        f"with {MAX_BITS} bits"
    )


def _smallest_eigenvalue(matrix: arb_mat) -> arb | None:
    """The least eigenvalue of a symmetric ball matrix; None when the enclosure fails at this precision."""
    if matrix.nrows() == 1:
        return arb(matrix[0, 0])
    try:
        eigenvalues: list[acb] = acb_mat(matrix).eig(multiple=True)
    except ValueError:
        return None
    smallest = arb.pos_inf()
    for value in eigenvalues:
        smallest = smallest.min(value.real)
    return smallest
