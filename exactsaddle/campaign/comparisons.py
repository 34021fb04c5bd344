"""Comparisons a SPEC may ask for beside the path: the Lasso, the flow at finite α, somebody's solver.

Each fills its columns and returns the verdicts that bear on the instance; a comparison that only
describes (does the average follow the Lasso path? how far is the flow?) returns none when it succeeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from exactsaddle.base import ExactSaddleError, Inconclusive, InvalidInput, Status, Verdict
from exactsaddle.campaign.spec import Spec
from exactsaddle.convergence import middle
from exactsaddle.flow import enclose
from exactsaddle.lasso import lasso_agreement, lasso_path
from exactsaddle.minimisers import plateau_limit
from exactsaddle.path import SaddlePath, saddle_path
from proofs_checks import check_lasso, check_lasso_interval

Compare = Callable[[Spec, SaddlePath, dict[str, Any]], list[Verdict]]

LASSO_COLUMNS = (
    ("lasso_check", "string"),
    ("lasso_knots", "int64"),
    ("lasso_agrees", "bool"),
    ("lasso_disagreements", "int64"),
)
CONFORMANCE_COLUMNS = (
    ("conformance", "string"),
    ("conformance_detail", "string"),
    ("conformance_judged", "int64"),
    ("conformance_unresolved", "int64"),
)
FLOW_RADIUS = "1e-20"


class TargetGone(InvalidInput):
    """The conformance target could not be loaded where the work is done."""


def flow_columns(spec: Spec) -> tuple[tuple[str, str], ...]:
    """Two columns for each α of the SPEC, by its 0-based position there."""
    return tuple(
        column
        for i in range(len(spec.work.flow))
        for column in ((f"flow_{i}_status", "string"), (f"flow_{i}_distance", "double"))
    )


def asked(spec: Spec) -> Iterator[Compare]:
    """The comparisons of this SPEC."""
    if spec.work.lasso:
        yield _lasso
    if spec.work.flow:
        yield _flow
    if spec.work.conformance:
        yield _conformance


def _lasso(spec: Spec, path: SaddlePath, row: dict[str, Any]) -> list[Verdict]:
    if path.problem.dual_vector.support:
        row["lasso_check"] = "not applicable"
        return []
    lasso = lasso_path(path.problem)
    checker = check_lasso if lasso.is_exact else check_lasso_interval
    report = checker.check(lasso.certificate().to_text())
    stretches = lasso_agreement(path)
    row.update(
        lasso_check=report.verdict,
        lasso_knots=len(lasso),
        lasso_agrees=all(stretch.holds for stretch in stretches),
        lasso_disagreements=sum(not stretch.holds for stretch in stretches),
    )
    verdict = Verdict("lasso", Status(report.verdict), report.message)
    return [] if verdict.status is Status.VERIFIED else [verdict]


def _flow(spec: Spec, path: SaddlePath, row: dict[str, Any]) -> list[Verdict]:
    """The largest |β^α(t) − limit|_∞ over the centres t of the plateaus, bounded above by rigorous balls."""
    missing: list[Verdict] = []
    ends = [middle(path, k) for k in range(len(path))]
    centres = [(start + end) / 2 for start, end in ends]
    for i, alpha in enumerate(spec.work.flow):
        try:
            limits = [plateau_limit(saddle, digits=25).balls() for saddle in path]
            pipe = enclose(path.problem, alpha, centres, radius=FLOW_RADIUS, max_steps=spec.budget.flow_steps)
        except Inconclusive as error:
            row[f"flow_{i}_status"] = Status.UNCHECKED.value
            missing.append(Verdict(f"flow {i}", Status.UNCHECKED, str(error)))
            continue
        largest = max(
            float(abs(value - limit).upper())
            for point, limits_here in zip(pipe.points, limits, strict=True)
            for value, limit in zip(point.beta, limits_here, strict=True)
        )
        row[f"flow_{i}_status"] = Status.VERIFIED.value
        row[f"flow_{i}_distance"] = math.nextafter(largest, math.inf)
    return missing


_targets: dict[str, Any] = {}


def _conformance(spec: Spec, path: SaddlePath, row: dict[str, Any]) -> list[Verdict]:
    from exactsaddle.testing.conformance import Misbehaviour, arrays, compare, to_binary64

    if not path.problem.is_standard:
        row["conformance"] = "not applicable"
        return []
    rounded = to_binary64(path.problem)
    exact = path if rounded == path.problem else saddle_path(rounded)
    answer = _target(str(spec.work.conformance)).solve(*arrays(rounded))
    if isinstance(answer, Misbehaviour):
        row.update(conformance=answer.kind, conformance_detail=answer.detail)
        return [Verdict("conformance", Status.REJECTED, f"{answer.kind}: {answer.detail}")]
    outcome = compare(exact, answer.times, answer.betas)
    row.update(
        conformance="right" if outcome.wrong is None else "wrong",
        conformance_detail=outcome.wrong,
        conformance_judged=outcome.judged,
        conformance_unresolved=outcome.unresolved,
    )
    return [] if outcome.wrong is None else [Verdict("conformance", Status.REJECTED, outcome.wrong)]


def _target(name: str) -> Any:
    """The target in its own process, one for each worker, kept for as long as the worker lives."""
    if name not in _targets:
        from exactsaddle.testing.conformance import Target

        try:
            _targets[name] = Target(name)
        except ExactSaddleError as error:
            raise TargetGone(str(error)) from None
    return _targets[name]
