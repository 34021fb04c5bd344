"""At finite α the limit of the flow minimises φ_α over the minimisers of L."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected
from proofs_checks.claims.hessian_of_phi import hessian
from proofs_checks.claims.mirror_flow import mirror, potential
from proofs_checks.claims.steps import Step, in_words, prove

n, d = sp.symbols("n d", integer=True, positive=True)
X, y, Z = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("y", n, 1), sp.MatrixSymbol("Z", n, 1)
beta, other = sp.MatrixSymbol("beta", d, 1), sp.MatrixSymbol("b", d, 1)
a, x = sp.symbols("a x", real=True)


def bregman(value: Any, at: Any) -> Any:
    """The claim in one coordinate: this is at least 0, which makes KKT points minimisers."""
    return potential(value) - potential(at) - mirror(at) * (value - at)


def multiplier(residuals: Any) -> Any:
    """The claim: ∇φ_α(β(t)), when residuals is ∫₀ᵗ (y − Xβ)."""
    return X.T * residuals / n


def steps() -> Iterator[Step]:
    """d and n are symbols; the potential is separable, so its inequality is one coordinate's."""
    yield Step("−∇L(β) = Xᵀ(y − Xβ)/n", -(X.T * X * beta - X.T * y) / n, multiplier(y - X * beta))
    # Z = ∫(y − Xβ) turns −∫∇L into XᵀZ/n, and ∇φ_α(β(0)) = ∇φ_α(0) = 0
    yield Step("∇φ_α at β(0) = 0", mirror(sp.Integer(0)), 0)
    yield Step(
        "for b with Xb = Xβ: ⟨∇φ_α(β), b − β⟩ = ⟨Z, X(b − β)⟩/n",
        multiplier(Z).T * (other - beta),
        Z.T * (X * other - X * beta) / n,
    )
    yield Step("Bregman divergence at a, one coordinate", bregman(a, a), 0)
    yield Step("its derivative at a", sp.diff(bregman(x, a), x).subs(x, a), 0)
    yield Step("its second derivative", sp.diff(bregman(x, a), x, 2), hessian(x))


def check(budget: Budget) -> Verdict:
    """Reduce every step; the second derivative is positive, so the divergence is at least 0."""
    if not hessian(x).is_positive:
        return rejected(f"{hessian(x)} is not positive")
    return prove(steps())


CLAIM = Claim(
    name="implicit-bias",
    statement="If the flow converges to β_∞ then β_∞ minimises φ_α over argmin L: ∇φ_α(β(t)) = XᵀZ(t)/n for "
    "all t, so ∇φ_α(β_∞) is in the row space of X, which is the KKT condition, and φ_α is convex.",
    source="paper, setup and mirror flow; Woodworth et al. 2020; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Matrix identities for symbolic n and d; the Bregman divergence of one coordinate is nonnegative.",
    gap="That the flow converges is taken from the paper; that a row space is closed is used.",
    check=check,
    derivation=in_words(steps),
)
