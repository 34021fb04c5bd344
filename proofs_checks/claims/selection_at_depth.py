"""Where the minimiser is not unique, depth L goes to the one that maximises Σ|b_i|^(2/L)."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import Verdict, workprec
from exactsaddle.flow import enclose
from exactsaddle.minimisers import Selection
from exactsaddle.path import saddle_path
from exactsaddle.problem import Network, Problem
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import TIED
from proofs_checks.claims.flow_data import show

CASES = (
    (TIED, Network(3), 1),
    (Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]), Network(4), 2),
)


def limit(selection: Selection) -> tuple[arb, ...]:
    """The claim: where the flow goes, enclosed."""
    return tuple(selection.balls)


def check(budget: Budget) -> Verdict:
    """The flow at α = 1e-2 (1e-3 in the full budget) against the selected minimiser, in balls."""
    alpha, close = budget.of(("1e-2", "1e-4"), ("1e-3", "1e-7"))
    evidence = []
    for problem, network, t in CASES:
        saddle = saddle_path(problem).saddle_at(t)
        with workprec(128):
            found = enclose(problem, alpha, [t], radius="1e-12", network=network).points[0].beta
            wanted = limit(saddle.selected_by(network))
            worst = max((abs(b - w) for b, w in zip(found, wanted, strict=True)), key=float)
            where = f"depth {network.depth}, {problem!r}: ({', '.join(show(b, 12) for b in wanted)})"
            if worst > arb("1e-2"):
                return rejected(f"{where}, the flow is {show(worst)} away")
            if saddle.unique or not worst < arb(close):
                return unchecked(f"{where}, the flow is within {show(worst)}")
        evidence.append(where)
    return verified(f"within {close} at α = {alpha}: {'; '.join(evidence)}")


CLAIM = Claim(
    name="selection-at-depth",
    statement="Where M_k has many points, the limit of the flow of u^L − v^L, L ≥ 3, is the one that "
    "maximises Σ|b_i|^(2/L): on two named problems the flow is within 1e-4 of it.",
    source="MATHEMATICS.md §8 (ours)",
    kind=Kind.ENCLOSED,
    method="Balls around the flow at one time; balls around the algebraic point, by a Bregman gap.",
    gap="Named problems at one α each; the limit follows from the invariance of Σ v_i s_i.",
    check=check,
)
