"""φ_α is strictly convex: its Hessian is diagonal and positive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected
from proofs_checks.claims.mirror_flow import alpha, potential, x
from proofs_checks.claims.steps import Step, in_words, prove

z = sp.symbols("z", real=True)


def hessian(value: Any) -> Any:
    """The claim: the diagonal entry of ∇²φ_α."""
    return 1 / (2 * sp.sqrt(value**2 + alpha**4))


def steps() -> Iterator[Step]:
    """φ_α is a sum of functions of one coordinate each."""
    yield Step("φ_α'' = 1/(2√(x² + α⁴))", sp.diff(potential(x), x, 2), hessian(x))
    mixed = sp.diff(potential(x) + potential(z), x, z)
    yield Step("the mixed second derivative of two coordinates' terms", mixed, 0)
    yield Step("φ_α(0) = 0", potential(sp.Integer(0)), 0)
    yield Step("φ_α'(0) = 0, so 0 is the minimum", sp.diff(potential(x), x).subs(x, 0), 0)


def check(budget: Budget) -> Verdict:
    """Reduce every step, then let SymPy's assumptions decide the sign of the diagonal."""
    if not hessian(x).is_positive:
        return rejected(f"{hessian(x)} is not positive for all real x")
    return prove(steps())


CLAIM = Claim(
    name="hessian-of-phi",
    statement="∇²φ_α(β) = diag(1/(2√(β_i² + α⁴))): φ_α is strictly convex, with minimum φ_α(0) = 0.",
    source="paper, setup and mirror flow; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Second derivatives of one coordinate's term, and mixed ones of two; sign by assumptions.",
    gap="None: any d.",
    check=check,
    derivation=in_words(steps),
)
