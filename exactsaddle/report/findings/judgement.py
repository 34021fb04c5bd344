"""Statements judged on a path within a budget: the properties of every exact path, and the ledger's."""

from __future__ import annotations

from collections.abc import Callable

from exactsaddle.path import SaddlePath
from exactsaddle.report.findings.budgets import (
    Absent,
    Budgets,
    Progress,
    beyond,
    entry_bits,
    exactly,
    no_numbers,
)
from exactsaddle.report.findings.records import Examined, Judged
from exactsaddle.testing.properties import PROPERTIES, Property

FORETOLD = 10
"""So many times what a standard report allows are told beforehand."""


def judged_by(
    path: SaddlePath, judge: Callable[[SaddlePath], tuple[Judged, ...]], budgets: Budgets
) -> tuple[Judged, ...] | Absent:
    """What judge says of the path."""
    work = len(path) * path.problem.d**2
    if work > budgets.ledger_work:
        return beyond("ledger_work", work, budgets.ledger_work, "saddles · d²")
    return exactly(path, budgets, lambda: judge(path))


def examine(path: SaddlePath, budget: int, tell: Progress = lambda stage, share: None) -> Examined:
    """Every property that applies and that the budget, in multiplications, has room for."""
    judged: list[Judged] = []
    left_out: list[tuple[str, str]] = []
    costs = {name: _multiplications(claim, path) for name, claim in PROPERTIES.items()}
    spent, most = 0, min(sum(costs.values()), budget)
    for claim in PROPERTIES.values():
        cost = costs[claim.name]
        if claim.hypothesis is not None and not claim.applies(path.problem, path):
            left_out.append((claim.name, f"applies to {claim.hypothesis.name} only"))
        elif spent + cost > budget:
            left_out.append(
                (
                    claim.name,
                    f"about {cost:,} multiplications; of the budget, {budget:,}, {budget - spent:,} are left "
                    f"(--budget multiplications={spent + cost})",
                )
            )
        else:
            tell(f"properties: {claim.name}, {cost:,} of {most:,} multiplications", spent / max(most, 1))
            spent += cost
            verdict = claim(path.problem, path)
            judged.append(Judged(claim.name, claim.statement, "", verdict))
    return Examined(tuple(judged), tuple(left_out))


def forecast(path: SaddlePath, budgets: Budgets) -> str | None:
    """What the properties cost where that is many times what a standard report allows; None elsewhere.

    It takes the exact numbers of half the path, as the properties do.
    """
    standard = Budgets().multiplications
    if budgets.multiplications <= standard or no_numbers(path, budgets) is not None:
        return None
    work = min(sum(_multiplications(claim, path) for claim in PROPERTIES.values()), budgets.multiplications)
    if work < FORETOLD * standard:
        return None
    return (
        f"the properties take about {work:,} multiplications, {work // standard:,} times what a standard "
        f"report allows: a further --budget multiplications={standard} leaves out what is beyond that"
    )


def _multiplications(claim: Property, path: SaddlePath) -> int:
    """Roughly how many rational multiplications the check takes: a reading of its loops.

    A multiplication costs as many as its numbers have thousands of bits.
    """
    problem, (n, d) = path.problem, path.problem.shape
    once, elimination = n * d * len(path), n * d * min(n, d)
    dear = {
        "orthogonal-mixing": n * n * d,
        "strict-saddle": once * d,
        "support-bound": elimination,
        "row-space": elimination * len(path),
        "minimum-norm": elimination * len(path),
        "independent-support": elimination * len(path) // 8,
        "average-identity": 3 * once,
        "average-lasso": 2 * once,
        "average-lasso-throughout": once,
        "certificate": 0,
        "uniqueness": 0,
        "general-position": 0,
    }
    cheap = {"start", "sign-cone", "kkt", "first-hit", "end", "lookup", "distinct-supports"}
    count = d * len(path) if claim.name in cheap else dear.get(claim.name, once)
    minor = max(len(saddle.support) for saddle in path) * entry_bits(problem)
    return count * (1 + max(path[len(path) // 2].dual_vector.bits, minor) // 1_000)
