"""Findings and pictures as a Document: what a report says, once for all formats."""

from __future__ import annotations

from exactsaddle.base import counted
from exactsaddle.numbers import shorten
from exactsaddle.path import CertainEvents
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import absent
from exactsaddle.report.contents.evidence import evidence_section
from exactsaddle.report.contents.flow import flow_section
from exactsaddle.report.contents.lasso import lasso_section
from exactsaddle.report.contents.minimisers import minimum_section, uniqueness_section
from exactsaddle.report.contents.optimiser import optimiser_section
from exactsaddle.report.contents.origin import Origin, check_section, made_by, made_section
from exactsaddle.report.contents.problem import problem_section
from exactsaddle.report.contents.saddles import path_section
from exactsaddle.report.contents.timeline import timeline
from exactsaddle.report.contents.verdict import banner, limits_section, verified_section
from exactsaddle.report.document import Document, Picture, Section
from exactsaddle.report.findings import Absent, Findings, OptimiserPath


def report_document(
    findings: Findings,
    pictures: tuple[Picture, ...] | Absent,
    origin: Origin,
    beside: OptimiserPath | None = None,
) -> Document:
    """The report of a path whose certificate was not rejected; that of an optimiser beside it, if any."""
    path = findings.path
    n, d = path.problem.shape
    last = numbers.jump_time(path, path[-1], 6)
    return Document(
        title=f"The saddle-to-saddle path of {shorten(origin.name, 60)}",
        subtitle=(
            f"{counted(n, 'observation')} of {counted(d, 'coordinate')}; {counted(len(path), 'saddle')}, "
            f"last jump at accelerated time t {last.relation} {last.decimal}"
        ),
        banner=banner(findings),
        sections=(
            verified_section(findings.certified),
            problem_section(path.problem, origin),
            path_section(path, findings.beyond, _there(findings.certain)),
            *([optimiser_section(beside)] if beside else []),
            *([_pictures_section(pictures)] if pictures else []),
            uniqueness_section(findings),
            minimum_section(findings),
            flow_section(findings),
            lasso_section(findings),
            evidence_section(findings),
            limits_section(findings),
            check_section(findings.certified),
            made_section(path.problem, origin),
        ),
        made_by=made_by(path.problem, origin),
        timeline=timeline(path),
    )


def _there(certain: CertainEvents | Absent) -> CertainEvents | None:
    return None if isinstance(certain, Absent) else certain


def _pictures_section(pictures: tuple[Picture, ...] | Absent) -> Section:
    blocks = (absent("pictures", pictures),) if isinstance(pictures, Absent) else pictures
    return Section("pictures", "Pictures", blocks)
