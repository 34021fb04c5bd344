"""Findings for programs: one JSON document with exact values, and the table of saddles as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from exactsaddle.as_json import (
    convergence_to_json,
    exact_text,
    extremes_to_json,
    path_to_json,
    position_to_json,
    resolution_to_json,
    selection_to_json,
    stretch_to_json,
    verdict_to_json,
)
from exactsaddle.certificate import EXACT_CHECKER
from exactsaddle.convergence import Convergence
from exactsaddle.findings import Absent, Examined, Findings, Judged, MinimisersHere
from exactsaddle.general_position import GeneralPosition
from exactsaddle.lasso import LassoPath
from exactsaddle.lasso_certificate import knot_to_json
from exactsaddle.minimisers import Extremes
from exactsaddle.outline import Form, certificate_of
from exactsaddle.rational import to_text
from exactsaddle.report.building import Origin
from exactsaddle.resolution import Resolution
from exactsaddle.selection import Selection
from exactsaddle.stored_certificate import StoredCertificate

DIGITS = 17
"""Significant digits, correctly rounded, of the decimal columns."""


def findings_to_json(findings: Findings, origin: Origin) -> dict[str, Any]:
    """Everything in a report, as JSON types; a part that is absent is {"unchecked": reason}."""
    path = findings.path
    certified = findings.certified
    form: Form = "exact" if certified.checker == EXACT_CHECKER else "auto"
    document = path_to_json(path, certificate_of(path, form), findings.verdict.status)
    return {
        **document,
        "name": origin.name,
        "made_by": {"command": origin.command, "version": origin.version, "digest": path.problem.digest},
        "checker": {"program": certified.checker, **verdict_to_json(certified.verdict)},
        "minimisers": [_minimisers(here) for here in findings.minimisers],
        "general_position": position_to_json(findings.position)["general_position"]
        if isinstance(findings.position, GeneralPosition)
        else _absent(findings.position),
        "minimum_l1": _absent(findings.minimum_l1)
        if isinstance(findings.minimum_l1, Absent)
        else {"saddle": findings.minimum_l1.index},
        "convergence": convergence_to_json(findings.convergence)
        if isinstance(findings.convergence, Convergence)
        else _absent(findings.convergence),
        "not_enclosed": [{"alpha": exact_text(a), "reason": reason} for a, reason in findings.not_enclosed],
        "resolution": resolution_to_json(findings.resolution)
        if isinstance(findings.resolution, Resolution)
        else _absent(findings.resolution),
        "lasso": [knot_to_json(knot) for knot in findings.lasso]
        if isinstance(findings.lasso, LassoPath)
        else _absent(findings.lasso),
        "lasso_agreement": _absent(findings.agreement)
        if isinstance(findings.agreement, Absent)
        else [stretch_to_json(stretch) for stretch in findings.agreement],
        "properties": _examined(findings.examined)
        if isinstance(findings.examined, Examined)
        else _absent(findings.examined),
        "claims": _absent(findings.claims)
        if isinstance(findings.claims, Absent)
        else [_judged(entry) for entry in findings.claims],
    }


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


def _absent(part: Absent) -> dict[str, str]:
    return {"unchecked": part.reason}


def _minimisers(here: MinimisersHere) -> dict[str, Any]:
    if here.unique is None:
        return {"index": here.saddle.index, "unique": None, **_absent(Absent("not decided"))}
    if here.unique:
        return {"index": here.saddle.index, "unique": True}
    extremes = here.extremes if isinstance(here.extremes, Extremes) else None
    return {
        "index": here.saddle.index,
        "unique": False,
        "dimension": here.dimension,
        "bounded": here.bounded,
        **(extremes_to_json(extremes) if extremes or not isinstance(here.extremes, Absent) else {}),
        "selected": selection_to_json(here.selection)
        if isinstance(here.selection, Selection)
        else _absent(here.selection),
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
    events = [(path[0].support, ()), *((jump.entered, jump.left) for jump in path.events)]
    for saddle, (entered, left) in zip(path, events, strict=True):
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
