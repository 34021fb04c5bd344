"""Statements judged on a path within a budget: the properties of every exact path, and the ledger's."""

from __future__ import annotations

from collections.abc import Callable

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from exactsaddle.problem import RealProblem
from exactsaddle.report.findings.budgets import (
    IRRATIONAL,
    Absent,
    Budgets,
    Progress,
    beyond,
    entry_bits,
    exactly,
    no_numbers,
)
from exactsaddle.report.findings.records import Examined, Judged
from exactsaddle.testing.properties import (
    CHANGES,
    ENCLOSURES,
    PROPERTIES,
    RATIONAL_ONLY,
    Enclosures,
    Property,
)

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


FIRST = {"start", "first-jump", "first-support"}
"""Properties of the first plateau alone, whose numbers are short on every path."""


def examine(
    path: SaddlePath,
    budgets: Budgets,
    tell: Progress = lambda stage, share: None,
    checker: Callable[[], Verdict] | None = None,
) -> Examined | Absent:
    """Every property that applies: exactly where the budget has room for it, else by balls.

    Balls judge paths that were found by bounds, and cost little: their arithmetic is charged to the same
    budget, anew; changed data have a path of their own, which costs as much again. Absent where nothing can
    be judged. checker is that of ``Enclosures``.
    """
    if isinstance(path.problem, RealProblem):
        return IRRATIONAL
    budget, long = budgets.multiplications, no_numbers(path, budgets)
    judged: list[Judged] = []
    left_out: list[tuple[str, str]] = []
    each = by_balls_spent = _balls_work(path)
    by_balls = Enclosures(path, checker) if path.decisions is not None and each <= budget else None
    if long is not None and by_balls is None:
        return long
    told = ENCLOSURES.keys() - (frozenset() if path.problem.is_rational else RATIONAL_ONLY)
    costs = {name: _multiplications(claim, path, long) for name, claim in PROPERTIES.items()}
    spent, most = 0, min(sum(cost for cost in costs.values() if cost is not None), budget)
    for claim in PROPERTIES.values():
        cost, enclosed = costs[claim.name], by_balls is not None and claim.name in told
        if cost is None and not enclosed and long is not None:
            left_out.append((claim.name, long.reason))
        elif claim.hypothesis is not None and not claim.applies(path.problem, path):
            left_out.append((claim.name, claim.hypothesis.absence(path.problem)))
        elif cost is not None and spent + cost <= budget:
            tell(f"properties: {claim.name}, {cost:,} of {most:,} multiplications", spent / max(most, 1))
            spent += cost
            judged.append(Judged(claim.name, claim.statement, "", claim(path.problem, path)))
        elif by_balls is not None and enclosed and by_balls_spent + each * (claim.name in CHANGES) <= budget:
            by_balls_spent += each * (claim.name in CHANGES)
            tell(f"properties: {claim.name}, by balls", spent / max(most, 1))
            judged.append(Judged(claim.name, claim.statement, "", by_balls(claim.name)))
        else:
            used, more = (spent, cost or 0) if by_balls is None or not enclosed else (by_balls_spent, each)
            left_out.append(
                (
                    claim.name,
                    f"about {more:,} multiplications; of the budget, {budget:,}, {budget - used:,} are left "
                    f"(--budget multiplications={used + more})",
                )
            )
    return Examined(tuple(judged), tuple(left_out))


def forecast(path: SaddlePath, budgets: Budgets, *, everything: bool = False) -> str | None:
    """What the properties cost where that is many times what a standard report allows; None elsewhere.

    Of the path above the resolution of the data, or of all of it. It takes the exact numbers of half the
    path, as the properties do.
    """
    standard = Budgets().multiplications
    if budgets.multiplications <= standard:
        return None
    path = path if everything else path.above_rounding
    if no_numbers(path, budgets) is not None:
        return None
    each = (_multiplications(claim, path, None) for claim in PROPERTIES.values())
    work = min(sum(cost for cost in each if cost is not None), budgets.multiplications)
    if work < FORETOLD * standard:
        return None
    return (
        f"the properties take about {work:,} multiplications, {work // standard:,} times what a standard "
        f"report allows: a further --budget multiplications={standard} leaves out what is beyond that"
    )


def _balls_work(path: SaddlePath) -> int:
    """All properties by balls, in the same units: of a ball's products about a hundred are one of them."""
    n, d = path.problem.shape
    return len(path) * (10 * n * d + min(n, d) ** 3) // 100


def _multiplications(claim: Property, path: SaddlePath, long: Absent | None) -> int | None:
    """Roughly how many rational multiplications the check takes: a reading of its loops.

    A multiplication costs as many as its numbers have thousands of bits. None where they are not to be had.
    """
    if long is not None and not (claim.name in FIRST and path.problem.is_rational):
        return None
    problem, (n, d) = path.problem, path.problem.shape
    once, elimination = n * d * len(path), n * d * min(n, d)
    dear = {
        "first-jump": n * d,
        "first-support": n * d,
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
    if long is not None:
        return count
    minor = max(len(saddle.support) for saddle in path) * entry_bits(problem)
    return count * (1 + max(path[len(path) // 2].dual_vector.bits, minor) // 1_000)
