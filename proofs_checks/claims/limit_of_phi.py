"""φ_α/ℓ → ‖·‖₁ as α → 0, with the next term."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.mirror_flow import alpha as scale
from proofs_checks.claims.mirror_flow import potential
from proofs_checks.claims.steps import Step, in_words, prove

x, e = sp.symbols("x epsilon", positive=True)
y = sp.symbols("y", real=True)


def next_term(value: Any) -> Any:
    """The claim: the limit of φ_α(x) − ℓx for x > 0."""
    return (value * sp.log(2 * value) - value) / 2


def steps() -> Iterator[Step]:
    """One coordinate, x > 0, with ε = α² and ℓ = ln(1/α) = −½ ln ε; the other signs by symmetry."""
    root = sp.sqrt(x**2 + e**2)
    inverse = sp.log((x + root) / e)
    yield Step("arcsinh(x/ε) = ln((x + √(x² + ε²))/ε)", sp.sinh(inverse).rewrite(sp.exp), x / e)
    ell = -sp.log(e) / 2
    rest = (x * sp.log(x + root) - root + e) / 2
    exact = (x * (sp.log(x + root) - sp.log(e)) - root + e) / 2
    yield Step("so φ_α(x) = ℓx + ½(x ln(x + √(x² + ε²)) − √(x² + ε²) + ε)", exact, ell * x + rest)
    yield Step("the rest is continuous at ε = 0", sp.limit(rest, e, 0, "+"), rest.subs(e, 0))
    yield Step("where it is ½(x ln 2x − x)", rest.subs(e, 0), next_term(x))
    yield Step("φ_α is even", potential(-y), potential(y))
    yield Step("and φ_α(0) = 0 for every α", potential(sp.Integer(0)), 0)
    yield Step("φ_α/ℓ: the rest over ℓ → ∞ vanishes", sp.limit(next_term(x) / sp.log(1 / scale), scale, 0), 0)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="limit-of-phi",
    statement="φ_α(x)/ℓ → |x| as α → 0; more exactly φ_α(x) = ℓ|x| + ½(|x| ln 2|x| − |x|) + o(1) with "
    "ℓ = ln(1/α).",
    source="paper, limit of the potential; the next term: MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Write arcsinh as a logarithm; ℓ|x| splits off exactly and the rest is continuous in α² at 0.",
    gap="Pointwise, any d (separable). Uniformity on compact sets is not checked.",
    check=check,
    derivation=in_words(steps),
)
