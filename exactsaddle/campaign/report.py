"""A campaign as a report: failures first, then how paths turn, how long they are, records, and the cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exactsaddle.base import Status, counted, write_atomically
from exactsaddle.campaign.accounts import (
    MAX_FAILURES,
    asked_blocks,
    cost_blocks,
    failure_blocks,
    versions_text,
)
from exactsaddle.campaign.beside import comparison_tables
from exactsaddle.campaign.findings import record_table, saddle_blocks, turn_blocks
from exactsaddle.campaign.links import INSTANCES
from exactsaddle.campaign.results import Results
from exactsaddle.campaign.summary import Cell, summarise, to_csv
from exactsaddle.report.document import Banner, Code, Document, Section, words
from exactsaddle.report.writing import Format, prepare, to_json_text, write_report


@dataclass(frozen=True)
class CampaignReport:
    """The report of a campaign, to be written in any format."""

    results: Results
    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, results: Results) -> CampaignReport:
        """Summarise what is finished of a campaign."""
        return cls(results, summarise(results))

    @property
    def evidence(self) -> str:
        """The verdict of the campaign in words."""
        results = self.results
        counts = results.counts
        told = [f"{counts[status.value]:,} {status.value}" for status in Status if counts[status.value]]
        asked = results.done and results.spec.work.check != "none"
        checked = "; every path was checked by the independent program" if asked else ""
        return f"{', '.join(told) or 'nothing computed'} of {results.spec.instances:,} instances{checked}"

    def document(self) -> Document:
        """The whole report; links lead to the folder ``instances`` beside it."""
        results, spec = self.results, self.results.spec
        return Document(
            title=f"Campaign {spec.name}",
            subtitle=(
                f"{results.done:,} of {spec.instances:,} instances, {counted(len(self.cells), 'cell')} of "
                "an experiment and a size"
            ),
            banner=Banner(results.status, words(self.evidence)),
            sections=tuple(self._sections()),
            made_by=words(
                "Made by ",
                Code(f"exactsaddle campaign report {results.directory.name}"),
                f" of {versions_text(results)}, from the SPEC with digest ",
                Code(spec.digest),
                " and the results with digest ",
                Code(results.digest),
                ".",
            ),
        )

    def write(self, folder: Path, formats: tuple[Format, ...]) -> tuple[Path, ...]:
        """Write the formats, and beside them the instances that the report links to.

        Raises MissingExtra, or InvalidInput when the folder cannot be written.
        """
        prepare(folder, formats)
        for kept in (*self.results.failures[:MAX_FAILURES], *self.results.records):
            for source in (kept.problem, kept.certificate):
                target = folder / INSTANCES / source.name if source is not None else None
                if source is not None and target is not None and target.resolve() != source.resolve():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    write_atomically(target, source.read_bytes())
        machine: dict[Format, str] = {"csv": to_csv(self.cells), "json": to_json_text(self._as_json())}
        return write_report(self.document(), folder, formats, machine)

    def _as_json(self) -> dict[str, object]:
        results = self.results
        return {
            "spec": results.spec.to_json(),
            "spec_digest": results.spec.digest,
            "results_digest": results.digest,
            "versions": results.manifest["versions"],
            "verdict": results.status.value,
            "done": results.done,
            **results.counts,
            "cpu_seconds": round(results.cpu_seconds, 3),
        }

    def _sections(self) -> Iterator[Section]:
        yield Section("failures", "What was not verified", tuple(failure_blocks(self.results)))
        yield Section("asked", "What was asked", tuple(asked_blocks(self.results)))
        if any(cell.turns for cell in self.cells):
            yield Section("turns", "How monotone the active set is", tuple(turn_blocks(self.cells)))
        if any(cell.saddles for cell in self.cells):
            yield Section("saddles", "How many saddles", tuple(saddle_blocks(self.cells)))
        if self.results.records:
            yield Section("records", "Longest paths and other extremes", (record_table(self.results),))
        if compared := tuple(comparison_tables(self.results)):
            yield Section("compared", "What the paths were compared with", compared)
        yield Section("cost", "What it cost", tuple(cost_blocks(self.results, self.cells)))
