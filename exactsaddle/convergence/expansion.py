"""The 1/ℓ term of each jump time at finite α, in closed form; ℓ = ln(1/α).

Inside plateau k, s^α(t) = s(t) + D_k/ℓ up to terms exponentially small in ℓ: ``offset`` gives D_k,
``jump_corrections`` the c of t_{k+1}(α) = t_{k+1} + c/ℓ (MATHEMATICS.md §5; derived for this project).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, fmpq

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.convergence.hypotheses import FailedHypothesis, closed_form_failures
from exactsaddle.minimisers import plateau_limit
from exactsaddle.numbers import Carried, to_fraction, to_text
from exactsaddle.path import SaddlePath

if TYPE_CHECKING:
    import sympy


class LogSum(Carried):
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
        with workprec(bits):
            return sum((arb(q) * arb(a).log() for q, a in self._terms), arb(0))

    @cached_property
    def expression(self) -> sympy.Expr:
        """The sum as a SymPy expression, terms with equal |q| under one logarithm."""
        import sympy

        return sympy.Add(
            *(
                sympy.Rational(int(q.p), int(q.q)) * sympy.log(sympy.Rational(int(a.p), int(a.q)))
                for q, a in self._grouped
            )
        )

    @cached_property
    def _grouped(self) -> tuple[tuple[fmpq, fmpq], ...]:
        """The terms with equal |q| under one logarithm, q > 0."""
        products: dict[str, tuple[fmpq, fmpq]] = {}
        for q, a in self._terms:
            size, argument = (q, a) if q > 0 else (-q, 1 / a)
            key = to_text(size)
            products[key] = (size, products[key][1] * argument if key in products else argument)
        return tuple(products.values())

    def __str__(self) -> str:
        # as SymPy prints it, but SymPy cannot print integers of more than 4,300 digits
        return " + ".join(_term_text(q, a) for q, a in self._grouped) or "0"

    def __repr__(self) -> str:
        return f"LogSum({self})"


def _term_text(coefficient: fmpq, argument: fmpq) -> str:
    factor = "" if coefficient.p == 1 else f"{coefficient.p}*"
    divisor = "" if coefficient.q == 1 else f"/{coefficient.q}"
    return f"{factor}log({to_text(argument)}){divisor}"


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
    """D_k in closed form where the hypotheses of MATHEMATICS.md §5, checked exactly, allow it.

    With A = supp β_k, σ its signs: D_j = ½ G_jA G_AA⁻¹ (σ ⊙ ln 2|β_A|). Where columns of A are
    dependent, β is the minimiser that the flow selects, whose D_A is in the row space of X_A, and any
    basis of those columns stands for A: that is G_AA⁺.
    Proof: |β̃_i| = ½ exp(−2ℓ(c_i − σ_i s_i)) up to an exponentially small factor, for any thresholds,
    gives D_A; and s^α − s = Xᵀ(z^α − z)/n with z^α − z in the span of X_A up to exponentially small
    terms, because β̃_i has stayed exponentially small for every i that never touched a threshold.
    """
    failed = closed_form_failures(path, k)
    if failed:
        return Offset(k, None, failed)
    saddle = path[k]
    limit = plateau_limit(saddle).exact
    if limit is None:
        raise ProofFailed(f"plateau {k} has a closed form but no rational limit")
    equations = saddle.problem.normal_equations
    basis: list[int] = []
    for i in limit.support:
        if equations.rank([*basis, i]) > len(basis):
            basis.append(i)
    logs = [(fmpq(saddle.signs[i], 2), 2 * abs(limit[i])) for i in basis]
    values = tuple(
        LogSum((weight * half, value) for weight, (half, value) in zip(weights, logs, strict=True))
        for weights in (equations.regression(basis, j) for j in range(saddle.problem.d))
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
