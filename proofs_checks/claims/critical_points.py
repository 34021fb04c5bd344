"""Critical points of F, and the escape direction at every one that is not a minimum of its support."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

u, v, p, q, g = sp.symbols("u_i v_i u_j v_j g_i", real=True)
Gii, Gij, Gjj, mi, mj, c = sp.symbols("G_ii G_ij G_jj m_i m_j c", real=True)
slope = sp.symbols("g", positive=True)


def loss(bi: Any, bj: Any) -> Any:
    """L as a function of two coordinates, the others fixed: any quadratic."""
    return Gii * bi**2 / 2 + Gij * bi * bj + Gjj * bj**2 / 2 + mi * bi + mj * bj + c


def curvatures(gradient: Any) -> tuple[tuple[Any, Any], ...]:
    """The claim: (curvature, direction in (u_i, v_i)) at a critical point with u_i = v_i = 0."""
    sign = sp.sign(gradient)
    return (
        (-abs(gradient), sp.Matrix([1, -sign]) / sp.sqrt(2)),
        (abs(gradient), sp.Matrix([1, sign]) / sp.sqrt(2)),
    )


def steps() -> Iterator[Step]:
    """Coordinates i and j stand for any pair, so the Hessian in all of (u, v) is covered."""
    yield Step(
        "∇F = 0 in coordinate i ⇔ g_i² (u_i² + v_i²) = 0 ⇔ g_i = 0 or u_i = v_i = 0",
        (v * g) ** 2 + (u * g) ** 2,
        g**2 * (u**2 + v**2),
    )
    F = loss(u * v, p * q)
    here = {u: 0, v: 0}
    at = sp.diff(loss(u, p * q), u).subs(u, 0)  # g_i where β_i = 0
    block = sp.hessian(F, (u, v)).subs(here)
    yield Step("Hessian in (u_i, v_i) at u_i = v_i = 0", block, sp.Matrix([[0, at], [at, 0]]))
    cross = sp.Matrix(2, 2, lambda r, s: sp.diff(F, (u, v)[r], (p, q)[s])).subs(here)
    yield Step("mixed derivatives with (u_j, v_j) there", cross, sp.zeros(2, 2))
    for sign in (1, -1):
        value = sign * slope
        matrix = sp.Matrix([[0, value], [value, 0]])
        for curvature, direction in curvatures(value):
            name = f"eigenvector for g_i {'>' if sign > 0 else '<'} 0"
            yield Step(name, matrix * direction, curvature * direction)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="critical-points",
    statement="(u, v) is critical for F iff each i has g_i = 0 or u_i = v_i = 0. Where u_i = v_i = 0 and "
    "g_i ≠ 0 the Hessian of F has in (u_i, v_i) the eigenvectors (1, −sign g_i)/√2, eigenvalue −|g_i|, and "
    "(1, sign g_i)/√2, eigenvalue |g_i|.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.SYMBOLIC,
    method="Hessian of F for any quadratic L in two coordinates: the (u_i, v_i) block and its mixed terms.",
    gap="None: any d, since a Hessian entry involves two coordinates at most.",
    check=check,
    derivation=in_words(steps),
)
