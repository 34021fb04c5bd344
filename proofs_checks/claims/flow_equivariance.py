"""What scaling the target or the loss does to the flow at finite α."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

c, alpha, n = sp.symbols("c alpha n", positive=True)
b, g = sp.symbols("beta_i g_i", real=True)
m = sp.Symbol("m", integer=True, positive=True)


def speed(value: Any, slope: Any, scale: Any) -> Any:
    """dβ_i/dt of the flow: −2√(β_i² + α⁴) g_i."""
    return -2 * sp.sqrt(value**2 + scale**4) * slope


def scaled_alpha(factor: Any) -> Any:
    """The claim: the initialisation that goes with y → cy."""
    return sp.sqrt(factor) * alpha


def clock(factor: Any) -> Any:
    """The claim: real time runs this many times as fast, for y → cy and for L → cL."""
    return factor


def steps() -> Iterator[Step]:
    """One coordinate: γ(t) = cβ(ct) or β(ct) has the speed that the changed problem asks for."""
    yield Step(
        "y → cy: γ(t) = cβ(ct) has ∇L_c(γ) = c∇L(β) and starts from √c α",
        c * clock(c) * speed(b, g, alpha),
        speed(c * b, c * g, scaled_alpha(c)),
    )
    yield Step("L → cL: γ(t) = β(ct)", clock(c) * speed(b, g, alpha), speed(b, c * g, alpha))
    yield Step("X, y repeated m times: XᵀX/n and Xᵀy/n do not change", m * g / (m * n), g / n)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="flow-equivariance",
    statement="If β(t) solves the flow from α then cβ(ct) solves it for y → cy from √c α, and β(ct) for "
    "L → cL; repeating all rows changes nothing.",
    source="MATHEMATICS.md §3, lifted to finite α",
    kind=Kind.SYMBOLIC,
    method="Compare both sides of dβ_i/dt = −2√(β_i² + α⁴)∇L(β)_i after the substitution.",
    gap="None for the flow. For the limiting path see path-equivariance.",
    check=check,
    derivation=in_words(steps),
)
