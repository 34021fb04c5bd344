"""w± = α e^{±ξ} and β = α² sinh(2ξ), with ξ = −∫∇L(β)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

t, alpha, ell = sp.symbols("t alpha ell", positive=True)
b = sp.symbols("beta_i", positive=True)
u, v = sp.symbols("u_i v_i", real=True)
xi, g = (sp.Function(name)(t) for name in ("xi_i", "g_i"))


def layers(integral: Any) -> tuple[Any, Any]:
    """The claim: (w₊, w₋) as functions of ξ."""
    return alpha * sp.exp(integral), alpha * sp.exp(-integral)


def network(integral: Any) -> Any:
    """The claim: β as a function of ξ."""
    return alpha**2 * sp.sinh(2 * integral)


def dual(value: Any) -> Any:
    """The claim: s = ξ/ℓ for β > 0, up to the term of the last step."""
    return 1 + sp.log(2 * value) / (2 * ell)


def steps() -> Iterator[Step]:
    """One coordinate; the others enter through g_i(t) = ∇L(β(t))_i only, an arbitrary function."""
    plus, minus = (u + v) / sp.sqrt(2), (u - v) / sp.sqrt(2)
    flow = {u: -v * g, v: -u * g}
    for name, w, sign in (("w₊", plus, -1), ("w₋", minus, 1)):
        rate = sum(sp.diff(w, x) * flow[x] for x in (u, v))
        yield Step(f"{name}' = {'−' if sign < 0 else ''}g {name} for w± = (u ± v)/√2", rate, sign * g * w)
    for name, w, sign in zip(("w₊", "w₋"), layers(xi), (-1, 1), strict=True):
        rate = sp.diff(w, t).subs(xi.diff(t), -g)
        yield Step(f"α exp(±ξ) with ξ' = −g solves the equation of {name}", rate, sign * g * w)
        yield Step(f"and {name}(0) = α", w.subs(xi, 0), alpha)
    yield Step("β = uv = (w₊² − w₋²)/2", u * v, (plus**2 - minus**2) / 2)
    a, z = layers(xi)
    yield Step("hence β", ((a**2 - z**2) / 2).rewrite(sp.exp), network(xi).rewrite(sp.exp))
    # with e = α² = exp(−2ℓ) and R = √(β² + e²): arcsinh(β/e) = ln((β + R)/e)
    root = sp.sqrt(b**2 + alpha**4)
    inverse = sp.log((b + root) / alpha**2) / 2
    yield Step("ξ = ½ arcsinh(β/α²) = ½ ln((β + √(β² + α⁴))/α²)", network(inverse).rewrite(sp.exp), b)
    exact = inverse.subs(alpha, sp.exp(-ell)) / ell
    rest = sp.log((1 + sp.sqrt(1 + sp.exp(-4 * ell) / b**2)) / 2) / (2 * ell)
    yield Step(
        "s = ξ/ℓ = 1 + ln(2β)/(2ℓ) + ln((1 + √(1 + α⁴/β²))/2)/(2ℓ), ℓ = ln(1/α); the last is below α⁴/(8ℓβ²)",
        sp.exp(2 * ell * sp.expand_log(exact, force=True)),
        sp.exp(2 * ell * (dual(b) + rest)),
    )


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="closed-forms",
    statement="w± = (u ± v)/√2 solve w±' = ∓∇L ⊙ w±; w± = α e^{±ξ}, β = (w₊² − w₋²)/2 = α² sinh(2ξ) with "
    "ξ = −∫∇L; and s = ξ/ℓ = sign(β)(1 + ln(2|β|)/(2ℓ)) up to terms of order α⁴.",
    source="paper, setup and mirror flow; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Substitute into the differential equation of one coordinate; invert sinh by logarithms.",
    gap="None for the formulas (any d; β(−ξ) = −β(ξ) gives β < 0). Existence for all times is not checked.",
    check=check,
    derivation=in_words(steps),
)
