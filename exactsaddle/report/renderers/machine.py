"""Findings for programs: one JSON document with exact values, and the table of saddles as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, TypeVar

from exactsaddle.certificates import (
    DIGITS,
    EXACT_CHECKER,
    Form,
    StoredCertificate,
    certificate_of,
    knot_to_json,
)
from exactsaddle.lasso import LassoKnot
from exactsaddle.numbers import to_text
from exactsaddle.report.as_json import (
    convergence_to_json,
    exact_text,
    extremes_to_json,
    position_to_json,
    resolution_to_json,
    selection_to_json,
    stretch_to_json,
    verdict_to_json,
)
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.findings import Absent, Examined, Findings, Judged, MinimisersHere
from exactsaddle.report.path_as_json import path_to_json
from exactsaddle.report.steps import steps

T = TypeVar("T")


def findings_to_json(findings: Findings, origin: Origin) -> dict[str, Any]:
    """Everything in a report, as JSON types; a part that is absent is {"unchecked": reason}."""
    path = findings.path
    certified = findings.certified
    form: Form = "exact" if certified.checker == EXACT_CHECKER else "auto"
    document = path_to_json(path, certificate_of(path, form, digits=DIGITS), findings.verdict.status)
    return {
        **document,
        "saddles_below_the_resolution": findings.beyond,
        "name": origin.name,
        "made_by": {"command": origin.command, "version": origin.version, "digest": path.problem.digest},
        "checker": {"program": certified.checker, **verdict_to_json(certified.verdict)},
        "certain": _part(findings.certain, lambda certain: certain.to_json()),
        "minimisers": [_minimisers(here) for here in findings.minimisers],
        "general_position": _part(findings.position, lambda p: position_to_json(p)["general_position"]),
        "minimum_l1": _part(findings.minimum_l1, lambda saddle: {"saddle": saddle.index}),
        "convergence": _part(findings.convergence, convergence_to_json),
        "not_enclosed": [{"alpha": exact_text(a), "reason": reason} for a, reason in findings.not_enclosed],
        "resolution": _part(findings.resolution, resolution_to_json),
        "lasso": _part(findings.lasso, lambda lasso: list(map(_knot, lasso))),
        "lasso_agreement": _part(findings.agreement, lambda found: list(map(stretch_to_json, found))),
        "properties": _part(findings.examined, _examined),
        "claims": _part(findings.claims, lambda claims: list(map(_judged, claims))),
    }


def _knot(knot: LassoKnot) -> dict[str, Any]:
    """Penalty and b exactly, or where thresholds are roots in decimals."""
    if knot.problem.is_rational:
        return knot_to_json(knot)
    beta = {str(i): knot.beta_text(i, DIGITS) for i in knot.support}
    return {"penalty_decimal": knot.penalty_text(DIGITS), "beta_decimal": beta}


def stored_to_json(stored: StoredCertificate, origin: Origin) -> dict[str, Any]:
    """A rejected certificate: the verdict with its witness, and what is stated, none of it believed."""
    return {
        "name": origin.name,
        "made_by": {"command": origin.command, "version": origin.version, "digest": stored.problem.digest},
        "problem": {**stored.problem.to_json(), "digest": stored.problem.digest},
        "checker": {"program": stored.checker, **verdict_to_json(stored.verdict)},
        "stated": {"complete": stored.complete, "saddles": list(stored.saddles)},
        "verdict": stored.verdict.status.value,
    }


def _part(part: T | Absent, to_json: Callable[[T], Any]) -> Any:
    return {"unchecked": part.reason} if isinstance(part, Absent) else to_json(part)


def _minimisers(here: MinimisersHere) -> dict[str, Any]:
    document = {"index": here.saddle.index, "unique": here.unique}
    if here.unique is None:
        return {**document, "unchecked": "not decided"}
    if here.unique:
        return document
    return {
        **document,
        "dimension": here.dimension,
        "bounded": here.bounded,
        **({} if isinstance(here.extremes, Absent) else extremes_to_json(here.extremes)),
        "selected": _part(here.selection, selection_to_json),
    }


def _examined(examined: Examined) -> dict[str, Any]:
    return {
        "judged": [_judged(entry) for entry in examined.judged],
        "left_out": [{"name": name, "reason": reason} for name, reason in examined.left_out],
    }


def _judged(entry: Judged) -> dict[str, Any]:
    return {
        "name": entry.name,
        "statement": entry.statement,
        "verdict": entry.verdict.status.value,
        "evidence": entry.verdict.evidence,
    }


def saddles_to_csv(findings: Findings) -> str:
    """One line for each saddle: exact values (empty for a path found by balls) and decimals.

    entered, left and support are 0-based columns with semicolons; a coefficient's column is headed by its
    index and name, so that no cell begins with a name, which a spreadsheet might take for a formula.
    """
    path = findings.path
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [f"beta_{i} {name}" for i, name in enumerate(path.problem.names)]
    writer.writerow(
        [
            *("k", "jump_time", "jump_time_decimal", "loss", "loss_decimal", "l1_norm", "l1_norm_decimal"),
            *("entered", "left", "support", *names, *(f"{name} decimal" for name in names)),
        ]
    )
    exact = path.decisions is None
    for saddle, entered, left in steps(path):
        values = [to_text(value) for value in saddle.beta_vector] if exact else [""] * path.problem.d
        writer.writerow(
            [
                saddle.index,
                to_text(saddle.time) if exact else "",
                saddle.jump_time_text(DIGITS),
                to_text(saddle.loss_value) if exact else "",
                saddle.loss_text(DIGITS),
                exact_text(saddle.l1_norm) if exact else "",
                saddle.l1_norm_text(DIGITS),
                *(";".join(map(str, chosen)) for chosen in (entered, left, saddle.support)),
                *values,
                *(saddle.beta_text(i, DIGITS) if i in saddle.support else "0" for i in range(path.problem.d)),
            ]
        )
    return stream.getvalue()
