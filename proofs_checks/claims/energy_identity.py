"""dL/dt = −2 Σ √(β_i² + α⁴) (∂_i L)² ≤ 0 along the flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected
from proofs_checks.claims.steps import Step, in_words, prove

i = sp.Symbol("i", integer=True, positive=True)
d = sp.Symbol("d", integer=True, positive=True)
alpha = sp.symbols("alpha", positive=True)
u, v, g, beta = (sp.IndexedBase(name, real=True) for name in ("u", "v", "g", "beta"))
b, slope = sp.symbols("beta_i g_i", real=True)


def dissipation(value: Any, gradient: Any) -> Any:
    """The claim: the term of coordinate i in −dL/dt."""
    return 2 * sp.sqrt(value**2 + alpha**4) * gradient**2


def steps() -> Iterator[Step]:
    """Both sides are sums over the same d coordinates, compared term by term."""
    beta_rate = (-v[i] * g[i]) * v[i] + u[i] * (-u[i] * g[i])
    chain = sp.Sum(g[i] * beta_rate, (i, 1, d))
    squares = sp.Sum(-(u[i] ** 2 + v[i] ** 2) * g[i] ** 2, (i, 1, d))
    yield Step("dL/dt = Σ g_i β_i' = −Σ (u_i² + v_i²) g_i², term by term", chain.function, squares.function)
    difference = sp.Sum(chain.function - squares.function, (i, 1, d))
    yield Step("so the two sums agree, for any d", difference, 0)
    energy = dissipation(b, slope)
    yield Step(
        "(u_i² + v_i²)² = (u_i² − v_i²)² + 4u_i²v_i² = 4(α⁴ + β_i²)",
        energy**2,
        (4 * alpha**4 + 4 * b**2) * slope**4,
    )


def check(budget: Budget) -> Verdict:
    """Reduce every step, then let SymPy's assumptions decide the sign of a term."""
    if not dissipation(b, slope).is_nonnegative:
        return rejected(f"{dissipation(b, slope)} may be negative")
    return prove(steps())


CLAIM = Claim(
    name="energy-identity",
    statement="Along the flow dL/dt = −Σ (u_i² + v_i²)(∂_iL)² = −2 Σ √(β_i² + α⁴)(∂_iL)² ≤ 0.",
    source="paper, setup and mirror flow; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Chain rule as a sum over d coordinates, d a symbol; each term from the conservation law.",
    gap="None: any d.",
    check=check,
    derivation=in_words(steps),
)
