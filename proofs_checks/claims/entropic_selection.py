"""Where the minimiser is not unique the flow goes to the entropic one."""

from __future__ import annotations

from typing import Any

from flint import arb

from exactsaddle.base import Verdict, workprec
from exactsaddle.flow import enclose
from exactsaddle.minimisers import Selection
from exactsaddle.path import saddle_path
from exactsaddle.problem import Problem
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import TIED
from proofs_checks.claims.flow_data import show

CASES: tuple[tuple[Problem, Any], ...] = (
    (TIED, 1),
    (Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]), 2),
    (Problem([[1, -1]], [3], dual=[1, 1], upper=[1, 1]), 1),
    (Problem([[1, -1, 1]], [3]), 2),
)


def limit(selection: Selection) -> tuple[arb, ...]:
    """The claim: where the flow goes, enclosed."""
    return tuple(selection.balls)


def check(budget: Budget) -> Verdict:
    """The flow at α = 1e-20 (1e-40 in the full budget) against the selected minimiser, in balls."""
    alpha, evidence = budget.of("1e-20", "1e-40"), []
    for problem, t in CASES:
        saddle = saddle_path(problem).saddle_at(t)
        with workprec(160):
            found = enclose(problem, alpha, [t], radius="1e-15").points[0].beta
            wanted = limit(saddle.selected)
            errors = [abs(b - w) for b, w in zip(found, wanted, strict=True)]
            worst = max(errors, key=lambda error: float(error.upper()))
            where = f"{problem!r}, t = {t}: ({', '.join(show(b, 12) for b in wanted)})"
            if worst > arb("1e-3"):
                return rejected(f"{where}, the flow is {show(worst)} away")
            if saddle.unique or not worst < arb("1e-10"):
                return unchecked(f"{where}, the flow is within {show(worst)}")
        evidence.append(where)
    return verified(f"within 1e-10 at α = {alpha}: {'; '.join(evidence)}")


CLAIM = Claim(
    name="entropic-selection",
    statement="Where M_k has many points, the flow's limit is the one that minimises Σ|b_i|(ln 2|b_i| − 1): "
    "on four named problems the flow is within 1e-10 of it.",
    source="MATHEMATICS.md §4 (ours)",
    kind=Kind.ENCLOSED,
    method="Balls around the flow at one time; balls around the algebraic point, from its optimality "
    "conditions.",
    gap="Named problems at one α each; the limit follows from the invariance of Σ v_i s_i, of which "
    "MATHEMATICS.md §4 has a sketch.",
    check=check,
)
