"""A campaign as a report: failures first, then how paths turn, how long they are, records, and the cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from exactsaddle.base import Status, write_atomically
from exactsaddle.campaign.beside import comparison_tables
from exactsaddle.campaign.pictures import pictures
from exactsaddle.campaign.results import KeptInstance, Results
from exactsaddle.campaign.specfile import spec_to_toml
from exactsaddle.campaign.statistics import STATISTICS
from exactsaddle.campaign.summary import LEVEL, TURNS, Cell, Share, column_of, summarise, to_csv
from exactsaddle.campaign.work import NOT_ASKED
from exactsaddle.report.contents.building import facts, paragraph, table
from exactsaddle.report.document import (
    Attachment,
    Banner,
    Block,
    Code,
    Document,
    Link,
    Listing,
    Section,
    Strong,
    Word,
    Words,
    words,
)
from exactsaddle.report.text import counted
from exactsaddle.report.writing import Format, prepare, to_json_text, write_report

INSTANCES = "instances"
"""The folder beside the report with the problems and certificates that it links to."""
MAX_FAILURES = 200
"""The most failures that the report lists one by one."""


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
        return _verdict_words(self.results)

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
                f" of {_versions(results)}, from the SPEC with digest ",
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
        for kept in self._linked():
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

    def _linked(self) -> tuple[KeptInstance, ...]:
        return (*self._failures()[:MAX_FAILURES], *self._records())

    def _failures(self) -> list[KeptInstance]:
        return [kept for kept in self.results.kept if kept.row["status"] != Status.VERIFIED.value]

    def _records(self) -> list[KeptInstance]:
        return [kept for kept in self.results.kept if kept.row["status"] == Status.VERIFIED.value]

    # --- sections -------------------------------------------------------------------------------

    def _sections(self) -> Iterator[Section]:
        yield Section("failures", "What was not verified", tuple(self._failure_blocks()))
        yield Section("asked", "What was asked", tuple(self._asked()))
        if any(cell.turns for cell in self.cells):
            yield Section("turns", "How monotone the active set is", tuple(self._turn_blocks()))
        if any(cell.saddles for cell in self.cells):
            yield Section("saddles", "How many saddles", tuple(self._saddle_blocks()))
        if self._records():
            yield Section("records", "Longest paths and other extremes", (self._record_table(),))
        if compared := tuple(comparison_tables(self.results)):
            yield Section("compared", "What the paths were compared with", compared)
        yield Section("cost", "What it cost", tuple(self._cost_blocks()))

    def _failure_blocks(self) -> Iterator[Block]:
        results, failures = self.results, self._failures()
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
            yield paragraph(
                "Every instance that was computed is verified." if results.done else "Nothing yet."
            )
        if not failures:
            return
        rows = [
            (
                str(kept.row["instance"]),
                kept.row["experiment"],
                f"{kept.row['n']} × {kept.row['d']}",
                kept.row["status"],
                kept.row["reason"] or "",
                _links(kept),
            )
            for kept in failures[:MAX_FAILURES]
        ]
        caption = f"Rejected instances, then unchecked ones: {len(rows):,} of {len(failures):,}."
        headings = ("instance", "experiment", "n × d", "verdict", "why", "files")
        yield table("failure-table", words(caption), headings, rows, left=(1, 3, 4, 5))

    def _asked(self) -> Iterator[Block]:
        spec = self.results.spec
        check = spec.work.check
        yield facts(
            "spec-table",
            words("The campaign; the same SPEC gives the same instances and results on every machine."),
            [
                ("instances", f"{spec.instances:,}"),
                ("seed", str(spec.seed)),
                ("independent check", "none" if check == "none" else f"of every instance ({check})"),
                ("digest of the SPEC", Code(spec.digest)),
                ("digest of the results", Code(self.results.digest)),
                ("versions", _versions(self.results)),
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

    def _turn_blocks(self) -> Iterator[Block]:
        yield paragraph(
            "A coordinate that leaves the support is a deactivation; one that returns with the sign it left "
            "with a reactivation, with the other sign a sign flip; a support drop is a jump after which the "
            "support is smaller. Counts are exact, over verified paths. Shares stand with their "
            f"{LEVEL:.0%} Wilson intervals, which are statistical: for the law the instances were drawn from."
        )
        yield from self._headline()
        yield from (picture for picture in pictures(self.cells) if picture.anchor != "saddles-per-coordinate")
        for name in TURNS:
            rows = [
                (
                    cell.experiment.name,
                    f"{cell.n} × {cell.d}",
                    f"{float(cell.ratio):.3g}",
                    f"{turns.paths.of:,}",
                    f"{turns.paths.count:,}",
                    _share_text(turns.paths),
                    f"{turns.mean:.3f}",
                    f"{turns.most}",
                )
                for cell in self.cells
                if (turns := cell.turns.get(name)) is not None
            ]
            if rows:
                label = name.replace("-", " ")
                caption = f"{label.capitalize()}: {STATISTICS[name].story}."
                headings = (
                    "experiment",
                    "n × d",
                    "n/d",
                    "paths",
                    "with one",
                    f"share [{LEVEL:.0%}]",
                    "mean",
                    "most",
                )
                yield table(f"{name}-table", words(caption), headings, rows, left=(0,))

    def _headline(self) -> Iterator[Block]:
        """Where the active set is monotone least and most often."""
        shares = [(turns.paths, cell) for cell in self.cells if (turns := cell.turns.get("deactivations"))]
        if not shares:
            return
        most, least = (choose(shares, key=lambda pair: pair[0].value) for choose in (max, min))
        total = (
            f"{sum(share.count for share, _ in shares):,} of {sum(share.of for share, _ in shares):,} paths"
        )
        yield paragraph(
            "A coordinate leaves on ",
            Strong(total),
            f": most often on {_where(most[1])}, on {_share_text(most[0])}; "
            f"least often on {_where(least[1])}, on {_share_text(least[0])}.",
        )

    def _saddle_blocks(self) -> Iterator[Block]:
        yield from (picture for picture in pictures(self.cells) if picture.anchor == "saddles-per-coordinate")
        rows = [
            (
                cell.experiment.name,
                f"{cell.n} × {cell.d}",
                f"{float(cell.ratio):.3g}",
                *(str(value) for value in (s.least, s.low, s.median, s.high, s.most)),
                f"{s.mean:.3f}",
                f"{s.mean / cell.d:.3f}",
            )
            for cell in self.cells
            if (s := cell.saddles) is not None
        ]
        headings = (
            "experiment",
            "n × d",
            "n/d",
            "least",
            "5 %",
            "median",
            "95 %",
            "most",
            "mean",
            "mean / d",
        )
        caption = "Saddles of a path, β_0 = 0 included: exact counts over verified paths."
        yield table("saddle-table", words(caption), headings, rows, left=(0,))

    def _record_table(self) -> Block:
        shown = [name for name in self.results.spec.statistics if name in ("saddles", *TURNS, "bits")]
        rows: list[tuple[Word | Words, ...]] = [
            (
                str(kept.row["instance"]),
                kept.row["experiment"],
                f"{kept.row['n']} × {kept.row['d']}",
                *(str(kept.row[column_of(name)]) for name in shown),
                ", ".join(reason.replace("-", " ") for reason in kept.reasons),
                _links(kept),
            )
            for kept in self._records()
        ]
        each = self.results.spec.keep.each
        caption = f"Kept whole: the {each} highest of each statistic named. Each certificate was checked."
        headings = (
            "instance",
            "experiment",
            "n × d",
            *(n.replace("-", " ") for n in shown),
            "extremal in",
            "files",
        )
        return table(
            "record-table", words(caption), headings, rows, left=(1, len(headings) - 2, len(headings) - 1)
        )

    def _cost_blocks(self) -> Iterator[Block]:
        results = self.results
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
            for cell in self.cells
            if cell.done
        ]
        headings = ("experiment", "n × d", "done", *(s.value for s in Status), "ms each", "each CPU second")
        yield table("cost-table", words("Verdicts and rates."), headings, rows, left=(0,))


def _verdict_words(results: Results) -> str:
    counts = results.counts
    told = [f"{counts[status.value]:,} {status.value}" for status in Status if counts[status.value]]
    asked = results.done and results.spec.work.check != "none"
    checked = "; every path was checked by the independent program" if asked else ""
    return f"{', '.join(told) or 'nothing computed'} of {results.spec.instances:,} instances{checked}"


def _versions(results: Results) -> str:
    return ", ".join(f"{name} {version}" for name, version in results.manifest["versions"].items())


def _parameters(law: dict[str, object]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in law.items() if name not in ("ensemble", "family"))


def _share_text(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.2%} [{low:.2%}, {high:.2%}]"


def _where(cell: Cell) -> str:
    return f"{cell.n} × {cell.d} ({cell.experiment.name})"


def _links(kept: KeptInstance) -> Words:
    parts: list[Word] = [Link("problem", f"{INSTANCES}/{kept.problem.name}")]
    if kept.certificate is not None:
        parts += [", ", Link("certificate", f"{INSTANCES}/{kept.certificate.name}")]
    return tuple(parts)


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))) if seconds >= 10 else f"{seconds:.1f} s"
