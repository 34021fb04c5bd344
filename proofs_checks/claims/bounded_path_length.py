"""The length of the flow's curve stays bounded as α → 0."""

from __future__ import annotations

from exactsaddle.base import Status, Verdict
from exactsaddle.convergence import flow_curve, limit_curve, middle, transitions
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked
from proofs_checks.claims.flow_data import path

PROBLEM = "leaves"


def bound(limit: float) -> float:
    """The claim, on this problem: no length exceeds this."""
    return 1.01 * limit


def check(budget: Budget) -> Verdict:
    """The length at several α beside that of the limit curve."""
    exact = path(PROBLEM)
    end = middle(exact, len(exact) - 1)[1]
    limit = float(limit_curve(exact, transitions(exact), end).arc_length[-1])
    alphas = budget.of(["1e-2", "1e-4", "1e-8"], ["1e-2", "1e-4", "1e-8", "1e-16", "1e-32"])
    lengths = [float(flow_curve(exact.problem, alpha, end).arc_length[-1]) for alpha in alphas]
    shown = ", ".join(f"{length:.3f} at α = {alpha}" for length, alpha in zip(lengths, alphas, strict=True))
    if max(lengths) > bound(limit):
        return rejected(f"{shown}; limit curve {limit:.3f}")
    return unchecked(f"evidence agrees: {PROBLEM}: length t + ∫‖dβ‖ = {shown}; limit curve {limit:.3f}")


CLAIM = Claim(
    name="bounded-path-length",
    statement="∫‖dβ̃^α‖ up to a fixed time stays bounded as α → 0, and tends to the length of the orbits.",
    source="paper, arc length; MATHEMATICS.md §6",
    kind=Kind.NUMERICAL,
    method="Lengths of sampled curves in binary64, for falling α.",
    gap="Everything: a few α on one problem, sampled.",
    check=check,
    expected=Status.UNCHECKED,
)
