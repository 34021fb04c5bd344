"""s(t) = −t∇L(β̄_t), β̄_t the time average of the path."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from exactsaddle.base import Verdict
from exactsaddle.lasso import average_at
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def claimed_dual(path: SaddlePath, t: Fraction, average: Any) -> tuple[Fraction, ...]:
    """The claim: s(t)."""
    return tuple(-t * g for g in path.problem.gradient(average))


def violation(path: SaddlePath) -> str | None:
    """A time at which the identity fails; both sides are affine in t between jumps: two times suffice."""
    ends = (*path.jump_times[1:], path.jump_times[-1] + 2)
    for start, end in zip(path.jump_times, ends, strict=True):
        for t in inside(start, end):
            if path.dual_at(t) != claimed_dual(path, t, average_at(path, t)):
                return f"t = {t}"
    return None


def inside(start: Fraction, end: Fraction) -> tuple[Fraction, Fraction]:
    """Two times strictly between, with few digits where start and end have thousands."""
    length = end - start
    places = length.denominator.bit_length() - length.numerator.bit_length() + 3  # 2^−places ≤ length/4
    unit = Fraction(2) ** -places
    first = math.floor(start / unit) + 1
    return first * unit, (first + 1) * unit


def check(budget: Budget) -> Verdict:
    """Two times inside every plateau of every path."""
    return for_all(paths(budget), violation)


CLAIM = Claim(
    name="average-identity",
    statement="s(t) = −t∇L(β̄_t) for all t > 0, where β̄_t = (1/t)∫₀ᵗ β̃.",
    source="MATHEMATICS.md §3; Berthier 2025",
    kind=Kind.EXACT,
    method="Both sides are affine in t on a plateau, so two times inside each decide it, over Q.",
    gap="On these data.",
    check=check,
    violation=violation,
)
