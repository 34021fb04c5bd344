"""False neighbour: c always has the closed form, also after a coordinate has left."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import Status, Verdict, workprec
from exactsaddle.numbers import LogSum
from exactsaddle.path import Saddle
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, path, show

PROBLEM, JUMP = "leaves", 3
"""Coordinate 1 has left by the plateau before this jump."""


def closed_form(saddle: Saddle, j: int) -> LogSum:
    """G_jA G_AA⁻¹(σ ⊙ ln 2|β_A|)/(2g_j), whether or not its hypothesis holds."""
    support, g = saddle.support, saddle.gradient_vector[j]
    weights = saddle.problem.normal_equations.regression(support, j)
    return LogSum(
        (weight * saddle.signs[i] / (2 * g), 2 * abs(saddle.beta_vector[i]))
        for weight, i in zip(weights, support, strict=True)
    )


def differ(measured: arb, formula: arb) -> bool:
    """What refutes the claim at this α."""
    return bool(abs(measured - formula) > arb("0.5"))


def check(budget: Budget) -> Verdict:
    """One jump of one problem, at three α."""
    jump = next(
        jump
        for jump in enclosures(PROBLEM, ("1e-10", "1e-20", "1e-40"), 20).jumps
        if jump.correction.exact.jump == JUMP
    )
    with workprec(128):
        formula = closed_form(path(PROBLEM)[JUMP - 1], jump.correction.exact.coordinate)
        values = ", ".join(show(value, 10) for value in jump.scaled)
        claimed = show(formula.ball(128), 10)
        evidence = f"{PROBLEM}, jump {JUMP}: ℓ(t(α) − t_k) = {values}; the formula {claimed}"
        if differ(jump.scaled[-1], formula.ball(128)):
            return rejected(evidence)
        if abs(jump.scaled[-1] - formula.ball(128)) < arb("1e-9"):
            return verified(evidence)
    return unchecked(evidence)


CLAIM = Claim(
    name="c-has-the-closed-form",
    statement="lim ℓ(t_k(α) − t_k) = G_jA G_AA⁻¹(σ ⊙ ln 2|β_A|)/(2g_j) at every jump of every problem.",
    source="false neighbour of jump-time-expansion; MATHEMATICS.md §5",
    kind=Kind.ENCLOSED,
    method="A jump after a coordinate has left: balls at three α, which agree with each other and not with "
    "the formula.",
    gap="The value is enclosed at named α; that it converges as they suggest is evidence.",
    check=check,
    expected=Status.REJECTED,
)
