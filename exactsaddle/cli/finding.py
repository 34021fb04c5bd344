"""Finding out what a report says, and drawing its pictures, with progress on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from exactsaddle.certificates import StoredCertificate
from exactsaddle.cli.terminal import note, progress_bar
from exactsaddle.path import SaddlePath
from exactsaddle.report.document import Picture
from exactsaddle.report.findings import BUDGETS, Absent, Budgets, Certified, Findings, Judged, find, forecast

T = TypeVar("T")


def findings_of(
    path: SaddlePath,
    stored: StoredCertificate | None,
    alphas: tuple[str, ...] | None,
    flow: bool,
    curves: bool,
    budgets: Budgets = BUDGETS,
    *,
    everything: bool = False,
) -> Findings:
    """The findings of a path, the ledger's judgement among them; curves: draw the flow. Shows progress."""
    with _stages("finding out") as tell:
        told = forecast(path, budgets, everything=everything)
        if told is not None:
            note(told)
        return find(
            path,
            certified=Certified.stored(stored) if stored else None,
            alphas=alphas,
            flow=flow,
            judge=_ledger,
            curves=curves,
            budgets=budgets,
            everything=everything,
            progress=tell,
        )


def _ledger(path: SaddlePath) -> tuple[Judged, ...]:
    from proofs_checks.claims.path_statements import on_path

    return tuple(
        Judged(claim.name, claim.statement, claim.source, verdict) for claim, verdict in on_path(path)
    )


def pictures_of(found: Findings) -> tuple[Picture, ...] | Absent:
    """The pictures of findings, or why there are none. Shows progress."""
    if isinstance(found.drawable, Absent):
        return found.drawable
    from exactsaddle.report.figures import pictures  # needs the extra

    parts = {"drawing": found.drawing, "agreement": found.agreement}
    reasons = {name: part.reason for name, part in parts.items() if isinstance(part, Absent)}
    with progress_bar("drawing pictures"):
        return pictures(
            found.path,
            drawing=_there(found.drawing),
            convergence=_there(found.convergence),
            lasso=_there(found.lasso),
            agreement=_there(found.agreement),
            selected=found.selected,
            reasons=reasons,
        )


def _there(part: T | Absent) -> T | None:
    return None if isinstance(part, Absent) else part


@contextmanager
def _stages(description: str) -> Iterator[Callable[[str, float | None], None]]:
    """A progress bar that names the stage, and its share where that is known."""
    with progress_bar(description, total=1.0) as update:
        yield lambda stage, share: update(share, stage)
