"""A campaign's results as read from its directory: tables, counts, and the instances kept whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from exactsaddle.base import Status, UnreadableFile
from exactsaddle.campaign.arrow import pa, pc, pq
from exactsaddle.campaign.instances import draw_instance
from exactsaddle.campaign.schema import TIMES, columns, to_table
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.statistics import STATISTICS
from exactsaddle.campaign.store import Scan, Store
from exactsaddle.certificates import Certificate
from exactsaddle.numbers import Carried
from exactsaddle.problem import Problem, read_problem


@dataclass(frozen=True)
class KeptInstance:
    """An instance kept whole: its row, why ("rejected", "unchecked", or the statistics it is extremal in).

    ``certificate`` is None where no path was found.
    """

    row: dict[str, Any]
    reasons: tuple[str, ...]
    problem: Path
    certificate: Path | None

    def load_problem(self) -> Problem:
        """The problem, from its file."""
        return read_problem(self.problem)

    def load_certificate(self) -> Certificate:
        """The certificate; raises InvalidInput when there is none, MalformedCertificate for one of events."""
        if self.certificate is None:
            raise UnreadableFile(f"{self.problem}: no certificate was kept with it")
        return Certificate.load(self.certificate)


class Results(Carried):
    """What a campaign has found so far; made by ``load`` and returned by ``run``.

    Tables have the columns of SCHEMA.md, in the order of instances, finished parts only.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"Results({self.directory}, {self.done:,} of {self.spec.instances:,} instances)"

    @property
    def directory(self) -> Path:
        """Where it is stored."""
        return self._store.directory

    @property
    def spec(self) -> Spec:
        """What was asked for."""
        return self._store.spec

    @property
    def manifest(self) -> dict[str, Any]:
        """manifest.json: format, schema, versions, digest, instances, parts and spec, as JSON types."""
        return self._store.manifest

    @cached_property
    def scan(self) -> Scan:
        """Which parts are finished, and which are damaged; every file was compared with its checksum."""
        return self._store.scan()

    @property
    def done(self) -> int:
        """How many instances are finished."""
        return sum(entry.rows for entry in self.scan.finished.values())

    @property
    def complete(self) -> bool:
        """Whether all instances are finished."""
        return len(self.scan.finished) == self.spec.parts

    @property
    def counts(self) -> dict[str, int]:
        """Finished instances by verdict; "lost" are those of the unchecked that no worker survived."""
        return {
            name: sum(getattr(entry, name) for entry in self.scan.finished.values())
            for name in ("verified", "rejected", "unchecked", "lost")
        }

    @property
    def status(self) -> Status:
        """Rejected when an instance is; else unchecked when one is or is not finished; else verified."""
        counts = self.counts
        if counts["rejected"]:
            return Status.REJECTED
        return Status.VERIFIED if self.complete and not counts["unchecked"] else Status.UNCHECKED

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of the workers, over all finished instances."""
        return sum(entry.cpu_seconds for entry in self.scan.finished.values())

    @property
    def digest(self) -> str:
        """SHA-256 over the checksums of the rows of all finished parts: equal for equal result sets.

        Neither times nor the version of pyarrow enter.
        """
        found = hashlib.sha256()
        for part in sorted(self.scan.finished):
            found.update(f"{part}:{self.scan.finished[part].content}\n".encode("ascii"))
        return found.hexdigest()

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """The rows of all finished parts as one table, of these columns or of all."""
        files = [self._store.part_file(part) for part in sorted(self.scan.finished)]
        tables = [pq.read_table(file, columns=None if names is None else list(names)) for file in files]
        if tables:
            return pa.concat_tables(tables)
        stated = columns(self.spec)
        return to_table([], [column for column in stated if names is None or column[0] in names])

    def timings(self) -> pa.Table:
        """instance and cpu_seconds of all finished parts."""
        files = [self._store.timings_file(part) for part in sorted(self.scan.finished)]
        return pa.concat_tables([pq.read_table(file) for file in files]) if files else to_table([], TIMES)

    def problem(self, instance: int) -> Problem:
        """The problem of any instance, drawn anew."""
        return draw_instance(self.spec, instance)

    def by_cell(self) -> dict[tuple[str, str], dict[str, int]]:
        """Finished instances by (experiment, size), then by verdict."""
        columns = ["experiment", "size", "status"]
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in self.table(columns).group_by(columns).aggregate([([], "count_all")]).to_pylist():
            found.setdefault((row["experiment"], row["size"]), {})[row["status"]] = row["count_all"]
        return found

    @cached_property
    def kept(self) -> tuple[KeptInstance, ...]:
        """The instances kept whole, not verified ones first, then extremal ones; each once.

        Extremal ones are kept when the campaign is complete.
        """
        found: dict[int, tuple[dict[str, Any], list[str]]] = {}
        for row, reason in (*_failures(self), *_extremal(self)):
            found.setdefault(row["instance"], (row, []))[1].append(reason)
        kept = []
        for row, reasons in found.values():
            problem = self._store.problem_file(row["digest"])
            certificate = self._store.certificate_file(row["digest"])
            if os.path.exists(problem):
                has = certificate if os.path.exists(certificate) else None
                kept.append(KeptInstance(row, tuple(reasons), problem, has))
        return tuple(kept)

    @property
    def failures(self) -> list[KeptInstance]:
        """Those kept because they are not verified."""
        return [kept for kept in self.kept if kept.row["status"] != Status.VERIFIED.value]

    @property
    def records(self) -> list[KeptInstance]:
        """Those kept, verified, because they are extremal."""
        return [kept for kept in self.kept if kept.row["status"] == Status.VERIFIED.value]


def load(directory: str | Path) -> Results:
    """The results of the campaign in a directory, complete or not, of any version with this schema."""
    return Results(Store.open(directory))


def extremal_instances(results: Results) -> list[dict[str, Any]]:
    """The rows of the instances that are extremal in any statistic of the SPEC, each once."""
    return list({row["instance"]: row for row, _ in _extremal(results)}.values())


def _failures(results: Results) -> Iterator[tuple[dict[str, Any], str]]:
    table = results.table()
    failed = table.filter(pc.not_equal(table["status"], "verified"))
    for status in (Status.REJECTED, Status.UNCHECKED):
        for row in failed.filter(pc.equal(failed["status"], status.value)).to_pylist():
            yield row, status.value


def _extremal(results: Results) -> Iterator[tuple[dict[str, Any], str]]:
    """For each statistic the ``each`` highest: of equals, those of lowest number; nothing below 1."""
    keep = results.spec.keep
    if not keep.each or not keep.extremal:
        return
    table = results.table()
    for name in keep.extremal:
        column = STATISTICS[name].columns[-1][0]
        some = table.filter(pc.greater(table[column], 0))
        order = pc.sort_indices(some, [(column, "descending"), ("instance", "ascending")])
        for row in some.take(order[: keep.each]).to_pylist():
            yield row, name
