"""The flow at finite α against its limit: the 1/ℓ term of each jump time, and rates of convergence.

ℓ = ln(1/α). On the inside of plateau k, s^α(t) = s(t) + D_k/ℓ up to terms exponentially small in ℓ;
``offset`` gives D_k in closed form, ``jump_corrections`` the c of t_{k+1}(α) = t_{k+1} + c/ℓ and
``predicted_rate`` the exponent of ‖β̃^α_t − β_k‖ (MATH.md §5; derived for this project).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import acb_mat, arb, arb_mat, ctx, fmpq

from exactsaddle.errors import Inconclusive
from exactsaddle.hypotheses import FailedHypothesis, closed_form_failures, plateau_failures
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.rational import to_fraction, to_rational, to_text

if TYPE_CHECKING:
    import sympy

MAX_BITS = 1 << 14
"""The most bits ``relaxation_rate`` works with before it gives up."""


class LogSum:
    """Σ q·ln(a) over Q, a > 0, immutable: equal arguments are merged, ln 1 dropped, each a > 1."""

    def __init__(self, terms: Iterable[tuple[fmpq, fmpq]]) -> None:
        merged: dict[str, tuple[fmpq, fmpq]] = {}
        for coefficient, argument in terms:
            if argument < 1:
                coefficient, argument = -coefficient, 1 / argument
            key = to_text(argument)
            previous = merged[key][0] if key in merged else fmpq(0)
            merged[key] = (previous + coefficient, argument)
        self._terms = tuple((q, a) for q, a in merged.values() if q != 0 and a != 1)

    @property
    def terms(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The pairs (q, a)."""
        return tuple((to_fraction(q), to_fraction(a)) for q, a in self._terms)

    def __mul__(self, factor: fmpq) -> LogSum:
        return LogSum((q * factor, a) for q, a in self._terms)

    def ball(self, bits: int) -> arb:
        """A rigorous enclosure, computed with that many bits."""
        with ctx.workprec(bits):
            return sum((arb(q) * arb(a).log() for q, a in self._terms), arb(0))

    @cached_property
    def expression(self) -> sympy.Expr:
        """The sum as a SymPy expression, terms with equal |q| under one logarithm."""
        import sympy

        products: dict[str, tuple[fmpq, fmpq]] = {}
        for q, a in self._terms:
            size, argument = (q, a) if q > 0 else (-q, 1 / a)
            key = to_text(size)
            products[key] = (size, products[key][1] * argument if key in products else argument)
        return sympy.Add(
            *(
                sympy.Rational(int(q.p), int(q.q)) * sympy.log(sympy.Rational(int(a.p), int(a.q)))
                for q, a in products.values()
            )
        )

    def __str__(self) -> str:
        return str(self.expression)

    def __repr__(self) -> str:
        return f"LogSum({self})"


@dataclass(frozen=True)
class JumpCorrection:
    """c of the arrival of one hitting coordinate: t_k(α) = t_k + c/ℓ + (exponentially small).

    The arrival is the one extrapolated from the plateau before, t_m + (σ_j c_j − s_j^α(t_m))/(−g_j).
    closed_form is None exactly when ``failed`` names a hypothesis.
    """

    jump: int
    time: Fraction
    coordinate: int
    closed_form: LogSum | None
    failed: tuple[FailedHypothesis, ...]


@dataclass(frozen=True)
class Offset:
    """D_k = lim ℓ(s^α − s) on plateau k: d closed forms, or None and the hypotheses that fail."""

    plateau: int
    closed_form: tuple[LogSum, ...] | None
    failed: tuple[FailedHypothesis, ...]


def offset(path: SaddlePath, k: int) -> Offset:
    """D_k in closed form where the hypotheses of MATH.md §5, checked exactly, allow it.

    With A = supp β_k, σ its signs: D_j = ½ G_jA G_AA⁻¹ (σ ⊙ ln 2|β_A|).
    Proof: |β̃_i| = ½ exp(−2ℓ(c_i − σ_i s_i)) up to an exponentially small factor, for any thresholds,
    gives D_A; and s^α − s = Xᵀ(z^α − z)/n with z^α − z in the span of X_A up to exponentially small
    terms, because β̃_i has stayed exponentially small for every i that never touched a threshold.
    """
    failed = closed_form_failures(path, k)
    if failed:
        return Offset(k, None, failed)
    saddle = path[k]
    support = saddle.support
    logs = [(fmpq(saddle.signs[i], 2), 2 * abs(saddle.beta_vector[i])) for i in support]
    equations = saddle.problem.normal_equations
    values = tuple(
        LogSum((weight * half, value) for weight, (half, value) in zip(weights, logs, strict=True))
        for weights in (equations.regression(support, j) for j in range(saddle.problem.d))
    )
    return Offset(k, values, ())


def jump_corrections(path: SaddlePath) -> tuple[JumpCorrection, ...]:
    """One per jump and hitting coordinate, in order; c = D_j/g_j in closed form where it holds."""
    found = []
    for saddle in path:
        if saddle.next_hit is None:
            continue
        shift = offset(path, saddle.index)
        time = to_fraction(saddle.time + saddle.next_hit.delta)
        for j in saddle.next_hit.coordinates:
            c = shift.closed_form[j] * (1 / saddle.gradient_vector[j]) if shift.closed_form else None
            found.append(JumpCorrection(saddle.index + 1, time, j, c, shift.failed))
    return tuple(found)


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
        return matrix[0, 0]
    try:
        eigenvalues = acb_mat(matrix).eig(multiple=True)
    except ValueError:
        return None
    smallest = eigenvalues[0].real
    for value in eigenvalues[1:]:
        smallest = smallest.min(value.real)
    return smallest

