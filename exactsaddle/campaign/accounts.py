"""What a campaign's report says of the campaign itself: what was not verified, was asked, and did cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exactsaddle.base import Status
from exactsaddle.campaign.links import links
from exactsaddle.campaign.results import Results
from exactsaddle.campaign.specfile import spec_to_toml
from exactsaddle.campaign.summary import Cell
from exactsaddle.campaign.work import NOT_ASKED
from exactsaddle.report.contents.building import facts, paragraph, table
from exactsaddle.report.document import Attachment, Block, Code, Listing, Strong, words

MAX_FAILURES = 200
"""The most failures that are listed one by one."""


def failure_blocks(results: Results) -> Iterator[Block]:
    """Every instance that was computed and is not verified, as far as it can be listed."""
    failures = results.failures
    if not results.complete:
        missing = results.spec.instances - results.done
        yield paragraph(Strong("Unchecked: "), f"{missing:,} instances are not computed yet.")
    if damaged := sum(len(results.spec.part(part)) for part in results.scan.damaged):
        yield paragraph(f"Of these, {damaged:,} are of parts damaged on disk since they were computed.")
    unlisted = results.counts["rejected"] + results.counts["unchecked"] - len(failures)
    if unlisted:
        why = NOT_ASKED if results.spec.work.check == "none" else "no file is kept of them"
        yield paragraph(f"Not verified and not listed: {unlisted:,} instances ({why}).")
    elif not failures and not damaged:
        yield paragraph("Every instance that was computed is verified." if results.done else "Nothing yet.")
    if not failures:
        return
    rows = [
        (
            str(kept.row["instance"]),
            kept.row["experiment"],
            f"{kept.row['n']} × {kept.row['d']}",
            kept.row["status"],
            kept.row["reason"] or "",
            links(kept),
        )
        for kept in failures[:MAX_FAILURES]
    ]
    caption = f"Rejected instances, then unchecked ones: {len(rows):,} of {len(failures):,}."
    headings = ("instance", "experiment", "n × d", "verdict", "why", "files")
    yield table("failure-table", words(caption), headings, rows, left=(1, 3, 4, 5))


def asked_blocks(results: Results) -> Iterator[Block]:
    """The SPEC in tables, and as a file to run again."""
    spec = results.spec
    check = spec.work.check
    yield facts(
        "spec-table",
        words("The campaign; the same SPEC gives the same instances and results on every machine."),
        [
            ("instances", f"{spec.instances:,}"),
            ("seed", str(spec.seed)),
            ("independent check", "none" if check == "none" else f"of every instance ({check})"),
            ("digest of the SPEC", Code(spec.digest)),
            ("digest of the results", Code(results.digest)),
            ("versions", versions_text(results)),
        ],
    )
    rows = [
        (
            experiment.name,
            f"{experiment.kind} {experiment.source}",
            ", ".join(f"{name} = {value}" for name, value in _parameters(experiment.law())),
            ", ".join(f"{n}x{d}" for n, d in experiment.sizes),
            f"{experiment.count:,}",
        )
        for experiment in spec.experiments
    ]
    headings = ("experiment", "law", "parameters", "sizes (rows x columns)", "of each")
    yield table("experiment-table", words("What was drawn."), headings, rows, left=(0, 1, 2, 3))
    yield Listing(
        "exactsaddle campaign run spec.toml -o study\nexactsaddle campaign report study", "To do it again"
    )
    document = spec_to_toml(spec).encode()
    yield Attachment("spec.toml", "application/toml", document, words("The SPEC, defaults written out."))


def cost_blocks(results: Results, cells: tuple[Cell, ...]) -> Iterator[Block]:
    """CPU time of each cell."""
    yield paragraph(
        f"{_duration(results.cpu_seconds)} of CPU time in all, the independent checks included"
        + (
            f": {results.done / results.cpu_seconds:,.0f} instances a CPU second."
            if results.cpu_seconds
            else "."
        )
        + " Times are those of the machine it ran on; nothing else here depends on it."
    )
    rows = [
        (
            cell.experiment.name,
            f"{cell.n} × {cell.d}",
            f"{cell.done:,}",
            *(f"{cell.verdicts[status]:,}" for status in Status),
            f"{1000 * cell.cpu_seconds / cell.done:.2f}",
            f"{cell.done / cell.cpu_seconds:,.0f}" if cell.cpu_seconds else "",
        )
        for cell in cells
        if cell.done
    ]
    headings = ("experiment", "n × d", "done", *(s.value for s in Status), "ms each", "each CPU second")
    yield table("cost-table", words("Verdicts and rates."), headings, rows, left=(0,))


def versions_text(results: Results) -> str:
    """The versions that began the campaign, in words."""
    return ", ".join(f"{name} {version}" for name, version in results.manifest["versions"].items())


def _parameters(law: dict[str, object]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in law.items() if name not in ("ensemble", "family"))


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))) if seconds >= 10 else f"{seconds:.1f} s"
