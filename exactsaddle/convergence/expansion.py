"""The 1/ℓ term of each jump time at finite α, in closed form; ℓ = ln(1/α).

Inside plateau k, s^α(t) = s(t) + D_k/ℓ up to terms exponentially small in ℓ: ``offset`` gives D_k,
``jump_corrections`` the c of t_{k+1}(α) = t_{k+1} + c/ℓ (MATHEMATICS.md §5; derived for this project).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.convergence.hypotheses import FailedHypothesis, closed_form_failures, require_two_layers
from exactsaddle.minimisers import plateau_limit
from exactsaddle.numbers import LogSum, to_fraction
from exactsaddle.path import SaddlePath


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
    require_two_layers(path.problem)
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
