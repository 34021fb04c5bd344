"""∇F(u, v) = (v ⊙ ∇L, u ⊙ ∇L) for F(u, v) = L(u ⊙ v)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

u, v, others, b = sp.symbols("u_i v_i others beta_i", real=True)
G, m, c = sp.symbols("G_ii m_i c", real=True)
L = sp.Function("L")


def gradient(slope: Any) -> tuple[Any, Any]:
    """The claim: (∂F/∂u_i, ∂F/∂v_i), where slope is ∂L/∂β_i at β = u ⊙ v."""
    return v * slope, u * slope


def steps() -> Iterator[Step]:
    """Only β_i = u_i v_i depends on u_i and v_i: one coordinate stands for all, whatever d."""
    F = L(u * v, others)
    slope = sp.diff(L(b, others), b).subs(b, u * v)
    yield Step("chain rule in u_i, every β_j with j ≠ i fixed", sp.diff(F, u).doit(), gradient(slope)[0])
    yield Step("chain rule in v_i", sp.diff(F, v).doit(), gradient(slope)[1])
    # as a function of β_i alone, L = ½G_ii β_i² + m_i β_i + c with m_i = Σ_{j≠i} G_ij β_j − r_i
    quadratic = G * b**2 / 2 + m * b + c
    yield Step("for the square loss ∂L/∂β_i = (Gβ − r)_i", sp.diff(quadratic, b), G * b + m)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="gradient-of-f",
    statement="F(u, v) = L(u ⊙ v) has ∇F = (v ⊙ ∇L(u ⊙ v), u ⊙ ∇L(u ⊙ v)), and ∇L(β) = Gβ − r.",
    source="paper, setup and mirror flow; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Chain rule for an arbitrary L in one coordinate; the other coordinates are one symbol.",
    gap="None: any d, any differentiable L.",
    check=check,
    derivation=in_words(steps),
)
