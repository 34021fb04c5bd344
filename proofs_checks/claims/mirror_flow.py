"""d∇φ_α(β)/dt = −∇L(β): the flow is a mirror flow with hyperbolic entropy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

x, u, v, g = sp.symbols("x u_i v_i g_i", real=True)
alpha = sp.symbols("alpha", positive=True)


def potential(value: Any) -> Any:
    """The claim: one coordinate's term of φ_α."""
    root = sp.sqrt(value**2 + alpha**4)
    return (value * sp.asinh(value / alpha**2) - root + alpha**2) / 2


def mirror(value: Any) -> Any:
    """∇φ_α, one coordinate."""
    return sp.asinh(value / alpha**2) / 2


def steps() -> Iterator[Step]:
    """φ_α is a sum of one function per coordinate, so its gradient is taken coordinate by coordinate."""
    yield Step("φ_α' = ½ arcsinh(x/α²)", sp.diff(potential(x), x), mirror(x))
    yield Step("β' = u'v + uv' along the flow", (-v * g) * v + u * (-u * g), -g * (u**2 + v**2))
    yield Step(
        "(u² + v²)² from u² − v² = 2α² and β = uv",
        (u**2 + v**2) ** 2,
        (u**2 - v**2) ** 2 + 4 * (u * v) ** 2,
    )
    speed = 2 * sp.sqrt(x**2 + alpha**4)
    yield Step("so u² + v² = 2√(β² + α⁴)", speed**2, (2 * alpha**2) ** 2 + 4 * x**2)
    yield Step("d/dt ∇φ_α(β) = φ_α''(β) β'", sp.diff(mirror(x), x) * (-g * speed), -g)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="mirror-flow",
    statement="d∇φ_α(β)/dt = −∇L(β) with φ_α(β) = ½ Σ (β_i arcsinh(β_i/α²) − √(β_i² + α⁴) + α²).",
    source="paper, setup and mirror flow; Woodworth et al. 2020; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Chain rule in one coordinate, with u² + v² eliminated by the conservation law.",
    gap="None: φ_α is separable, so one coordinate stands for any d.",
    check=check,
    derivation=in_words(steps),
)
