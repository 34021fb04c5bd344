"""u² − v² = 2α² along the flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.steps import Step, in_words, prove

t, alpha = sp.symbols("t alpha", positive=True)
u, v, g = (sp.Function(name)(t) for name in ("u_i", "v_i", "g_i"))
FLOW = {u.diff(t): -v * g, v.diff(t): -u * g}


def conserved(first: Any, second: Any) -> Any:
    """The claim: this does not change along the flow."""
    return first**2 - second**2


def steps() -> Iterator[Step]:
    """Coordinate i of the flow sees the others only through g_i(t), here an arbitrary function."""
    rate = sp.diff(conserved(u, v), t).subs(FLOW)
    yield Step("d/dt with u' = −v g, v' = −u g, g any function of time", rate, 0)
    start = conserved(sp.sqrt(2) * alpha, sp.Integer(0))
    yield Step("its value at u(0) = √2 α, v(0) = 0", start, 2 * alpha**2)


def check(budget: Budget) -> Verdict:
    """Reduce every step."""
    return prove(steps())


CLAIM = Claim(
    name="conservation",
    statement="Along (u, v)' = −∇F from u(0) = √2 α 1, v(0) = 0: u² − v² = 2α² in every coordinate.",
    source="paper, setup and mirror flow; MATHEMATICS.md §1",
    kind=Kind.SYMBOLIC,
    method="Differentiate along the flow, with ∇L(β(t))_i an arbitrary function of time.",
    gap="None: any d and any L for which the flow exists.",
    check=check,
    derivation=in_words(steps),
)
