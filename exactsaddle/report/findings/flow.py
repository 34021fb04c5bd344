"""The flow at finite α within a budget: corrections of the jumps, distances, how small α must be."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactsaddle.convergence import (
    Convergence,
    ConvergenceProgress,
    Correction,
    Resolution,
    converge,
    corrections,
    each_jump,
    orbit_work,
    resolution,
)
from exactsaddle.flow import Runs, flow_work, over_flow_work
from exactsaddle.path import SaddlePath
from exactsaddle.report.findings.budgets import (
    Absent,
    Budgets,
    Progress,
    attempt,
    beyond,
    beyond_floats,
    exactly,
    no_numbers,
)


def corrections_within(
    path: SaddlePath, budgets: Budgets, tell: Progress
) -> tuple[tuple[Correction, ...], Absent | None]:
    """All corrections, or those that take no orbit, and why the others are missing."""
    proved = corrections(path, integrals=False)
    last = max((correction.exact.jump for correction in proved if not correction.proved), default=0)
    work = orbit_work(path, last - 1)
    if work > budgets.orbit_work:
        units = "Σ n·(columns on thresholds)² over orbits, which exactsaddle converge follows"
        return proved, beyond("orbit_work", work, budgets.orbit_work, units)
    if not last:
        return proved, None
    known: list[Correction] = []
    for jump, found in enumerate(each_jump(path), start=1):
        known.extend(found)  # an orbit takes seconds
        tell(f"corrections of the jump times, jump {jump} of {len(path) - 1}", min(jump / last, 1.0))
    return tuple(known), None


def convergence_within(
    path: SaddlePath,
    alphas: Sequence[Fraction],
    known: Sequence[Correction],
    budgets: Budgets,
    tell: Progress,
    runs: Runs | None = None,
) -> tuple[Convergence | Absent, tuple[tuple[Fraction, str], ...]]:
    """The measurements at as many α as the budget allows, the smallest first; two at least, else none."""
    extreme = no_numbers(path, budgets, roots=True) or beyond_floats(path)
    if extreme is not None:
        return extreme, tuple((alpha, extreme.reason) for alpha in alphas)
    each = flow_work(path)
    affordable = budgets.flow_work // each if each else len(alphas)
    chosen = alphas[-affordable:] if affordable else ()
    beyond = (
        f"{over_flow_work(each, budgets.flow_work)} (--budget flow-work={each * len(alphas)} takes them all)"
    )
    dropped = tuple((alpha, beyond) for alpha in alphas if alpha not in chosen)
    if not chosen:
        return Absent(beyond), dropped

    def report(state: ConvergenceProgress) -> bool | None:
        share = float(state.time / state.last) if state.last else 1.0
        return tell("enclosing the flow", (state.index + share) / len(chosen))

    network = path.problem.network
    digits = budgets.flow_digits + max(map(network.digits_of_distance, chosen))
    found = attempt(lambda: converge(path, chosen, digits=digits, known=known, runs=runs, progress=report))
    missing = found.missing if isinstance(found, Convergence) else ()
    return found, (*dropped, *missing)


def resolution_within(path: SaddlePath, known: Sequence[Correction], budgets: Budgets) -> Resolution | Absent:
    """How small α must be for each plateau to show."""
    work = len(path) * min(path.problem.shape) ** 3
    if work > budgets.eigenvalue_work:
        return beyond("eigenvalue_work", work, budgets.eigenvalue_work, "saddles · min(n, d)³")
    return exactly(path, budgets, lambda: resolution(path, known), roots=True)
