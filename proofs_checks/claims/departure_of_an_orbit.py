"""The direction in which a heteroclinic orbit leaves a saddle at a simple jump."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

b1, b2, size, w = sp.symbols("|beta_1| |beta_2| |g_j| x_j", positive=True)
G11, G12, G22, G1j, G2j, Gjj = sp.symbols("G_11 G_12 G_22 G_1j G_2j G_jj", real=True)
e, alpha, t = sp.symbols("epsilon alpha tau", positive=True)
G_AA, G_Aj = sp.Matrix([[G11, G12], [G12, G22]]), sp.Matrix([G1j, G2j])
D = sp.diag(b1, b2)


def departure(sign: Any) -> Any:
    """The claim: the components of the unstable direction on A, when that on j is sign."""
    return -(size * sp.eye(2) + D * G_AA).inv() * D * G_Aj * sign


def steps() -> Iterator[Step]:
    """A of two coordinates; MATHEMATICS.md §6 writes the same for any A."""
    beta, slope = sp.symbols("beta g", real=True)
    rate = -2 * sp.sqrt(beta**2 + alpha**4) * slope
    yield Step("as α → 0 the flow is β' = −2|β|∇L(β)", sp.limit(rate, alpha, 0, "+"), -2 * abs(beta) * slope)
    loss_rate = slope * (-abs(beta) * slope)
    yield Step("L falls along β' = −|β|∇L: each term of dL/dτ", loss_rate, -abs(beta) * slope**2)
    for sign in (1, -1):
        # near the saddle, β_A = β* + εv_A e^{|g_j|τ}, β_j = ε sign e^{|g_j|τ}, ∇L_j = −sign |g_j| there
        v = departure(sign)
        gradient_A = e * (G_AA * v + G_Aj * sign)
        yield Step("first order on A: |g_j| v_A ε = −D ∇L_A", size * e * v, -D * gradient_A)
        gradient_j = -sign * size
        yield Step("first order on j", size * e * sign, -(e * gradient_j))


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="departure-of-an-orbit",
    statement="At a simple jump the orbit β' = −|β| ⊙ ∇L(β) leaves β_{k−1} along v_j = σ_j, "
    "v_A = −(|g_j| I + D G_AA)⁻¹ D G_Aj σ_j with D = diag|β_A|; the loss decreases along it.",
    source="paper, arc length; the direction: MATHEMATICS.md §6",
    kind=Kind.SYMBOLIC,
    method="Linearise the Lotka–Volterra system at the saddle, for |A| = 2 and both signs of σ_j.",
    gap="|A| = 2 only (any A is the same algebra). That the orbit exists and is unique is not checked.",
    check=check,
    derivation=in_words(steps),
)
