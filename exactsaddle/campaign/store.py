"""The directory of a campaign: every file whole or absent, every part with its checksum.

A part counts as finished when its entry in journal/ is there and matches the bytes of its files: the
entry is written last. SCHEMA.md describes the layout.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exactsaddle.base import InvalidInput, UnreadableFile, read_regular, write_atomically
from exactsaddle.campaign.journal import Entry, describe, kept_checksum, kept_failures, parse_entry, tables_of
from exactsaddle.campaign.schema import SCHEMA, TIMES, columns, to_parquet, to_table
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.specfile import spec_from
from exactsaddle.campaign.work import Kept, Outcome, versions
from exactsaddle.numbers import Carried, shorten
from exactsaddle.problem import read_problem

FORMAT = "exactsaddle campaign"
MANIFEST = "manifest.json"
LOCK = ".lock"
FOLDERS = PARTS, TIMINGS, JOURNAL, INSTANCES = "parts", "timings", "journal", "instances"


@dataclass(frozen=True)
class Scan:
    """The state of a directory: finished parts by number, and those damaged since they were written."""

    finished: dict[int, Entry]
    damaged: tuple[int, ...]


class Store(Carried):
    """A campaign's directory, of one SPEC and one version; made by ``create`` or ``open``."""

    def __init__(self, directory: Path, spec: Spec, manifest: dict[str, Any]) -> None:
        self.directory, self.spec, self.manifest = directory, spec, manifest

    @classmethod
    def create(cls, directory: str | Path, spec: Spec) -> Store:
        """A new directory, an empty one, or that of the same campaign; raises InvalidInput for any other."""
        place = Path(directory)
        if os.path.exists(place / MANIFEST):
            store = cls.open(place)
            if store.spec.digest != spec.digest:
                raise InvalidInput(
                    f"{place} holds another campaign, {store.spec.name!r} ({store.spec.digest[:12]}…), "
                    f"not {spec.name!r} ({spec.digest[:12]}…): choose another directory"
                )
            store.refuse_other_versions()
            return store
        try:
            strangers = sorted(entry.name for entry in place.iterdir()) if os.path.lexists(place) else []
            begun = [name for name in strangers if not name.startswith(f".{MANIFEST}.")]
            if begun:
                raise InvalidInput(
                    f"{place} is not empty and holds no campaign ({begun[0]!r} is there): "
                    "choose another directory"
                )
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"cannot make {place}: {error.strerror or error}") from error
        manifest = {
            "format": FORMAT,
            "schema": SCHEMA,
            "versions": versions(spec),
            "digest": spec.digest,
            "instances": spec.instances,
            "parts": spec.parts,
            "spec": spec.to_json(),
        }
        write_atomically(place / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        return cls(place, spec, manifest)

    @classmethod
    def open(cls, directory: str | Path) -> Store:
        """The campaign in a directory; raises UnreadableFile when there is none of this schema."""
        place = Path(directory)
        file = place / MANIFEST
        if not os.path.isfile(file):
            raise UnreadableFile(f"{place}: holds no campaign ({MANIFEST} is missing)")
        try:
            manifest = json.loads(read_regular(file).decode("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UnreadableFile(f"{file}: cannot be read as JSON: {error}") from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise UnreadableFile(f"{file}: is not the manifest of an exactsaddle campaign")
        if manifest.get("schema") != SCHEMA:
            raise UnreadableFile(
                f"{file}: schema {manifest.get('schema')!r}; this version of exactsaddle knows {SCHEMA}"
            )
        try:
            spec = spec_from(manifest["spec"])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise UnreadableFile(f"{file}: spec: {error}") from error
        if spec.digest != manifest.get("digest"):
            raise UnreadableFile(f"{file}: the digest is not that of its spec: it was changed by hand")
        _compare(file, manifest, spec)
        return cls(place, spec, manifest)

    def refuse_other_versions(self) -> None:
        """Raise InvalidInput when other versions began this campaign: their instances may differ."""
        begun, here = self.manifest.get("versions"), versions(self.spec)
        if begun != here:
            raise InvalidInput(
                f"{self.directory} was begun by {_listed(begun)}, and this is {_listed(here)}: "
                "continue with the same versions, or begin a new campaign"
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory for writing; raises InvalidInput when another process does.

        The operating system lets go of the lock when its holder ends, however it ends.
        """
        try:
            handle = os.open(self.directory / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise InvalidInput(f"cannot write in {self.directory}: {error.strerror or error}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 20, 0).decode("ascii", "replace") or "?"
                raise InvalidInput(
                    f"{self.directory} is in use by process {holder}: wait, or stop it"
                ) from None
            with suppress(OSError):  # a full disk: the number is for messages only
                os.truncate(handle, 0)
                os.pwrite(handle, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(handle)

    def sweep(self) -> None:
        """Remove what a process that was killed left half-written; only under ``lock``."""
        for place in (self.directory, *(self.directory / folder for folder in FOLDERS)):
            for file in place.glob(".*"):
                if file.name != LOCK and file.is_file():
                    file.unlink(missing_ok=True)

    def part_file(self, part: int) -> Path:
        """Where the results of a part are."""
        return self.directory / PARTS / f"part-{part:06d}.parquet"

    def timings_file(self, part: int) -> Path:
        """Where the CPU times of a part are."""
        return self.directory / TIMINGS / f"part-{part:06d}.parquet"

    def journal_file(self, part: int) -> Path:
        """Where the entry of a part is."""
        return self.directory / JOURNAL / f"part-{part:06d}.json"

    def problem_file(self, digest: str) -> Path:
        """Where the problem with that digest is, if it was kept."""
        return self.directory / INSTANCES / f"{digest}.json"

    def certificate_file(self, digest: str) -> Path:
        """Where the certificate of that problem is, if it was kept."""
        return self.directory / INSTANCES / f"{digest}.cert.json"

    def write_part(self, part: int, outcomes: Sequence[Outcome]) -> Entry:
        """Write the outcomes of all instances of a part, in order, then its journal entry."""
        for outcome in outcomes:
            if outcome.kept is not None:
                self.keep(outcome.row["digest"], outcome.kept)
        rows = [outcome.row for outcome in outcomes]
        table = to_table(rows, columns(self.spec))
        seconds = [
            {"instance": outcome.row["instance"], "cpu_seconds": outcome.seconds} for outcome in outcomes
        ]
        times = to_table(seconds, TIMES)
        results = to_parquet(table, self.spec.digest)
        timings = to_parquet(times, self.spec.digest)
        kept = kept_checksum([digest for digest, _ in kept_failures(table)], self._kept)
        entry = describe(part, results, timings, table, times, kept)
        self._write(self.part_file(part), results)
        self._write(self.timings_file(part), timings)
        self._write(self.journal_file(part), entry.to_text())
        return entry

    def keep(self, digest: str, kept: Kept) -> None:
        """Store an instance whole under its digest."""
        self._write(self.problem_file(digest), kept.problem)
        if kept.certificate is not None:
            self._write(self.certificate_file(digest), kept.certificate)

    def has_problem(self, digest: str) -> bool:
        """Whether the problem with that digest is kept, and its file is that problem."""
        try:
            return read_problem(self.problem_file(digest)).digest == digest
        except InvalidInput:
            return False

    def has_certificate(self, digest: str) -> bool:
        """Whether a certificate of that problem is kept, in one piece; its checker says if it holds."""
        try:
            document = json.loads(read_regular(self.certificate_file(digest)).decode("utf-8"))
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(document, dict) and document.get("digest") == digest

    def forget(self, part: int) -> None:
        """Make a part unfinished."""
        self.journal_file(part).unlink(missing_ok=True)

    def scan(self) -> Scan:
        """Which parts are finished: their files are read, and their entries made anew and compared."""
        finished: dict[int, Entry] = {}
        damaged = []
        for part in range(self.spec.parts):
            file = self.journal_file(part)
            if not os.path.lexists(file):
                continue
            entry = self._entry(file, part)
            if entry is None or not self._intact(entry):
                damaged.append(part)
            else:
                finished[part] = entry
        return Scan(finished, tuple(damaged))

    def _entry(self, file: Path, part: int) -> Entry | None:
        """The entry in a journal file; None when it is not one of this part."""
        try:
            entry = parse_entry(read_regular(file).decode("ascii"))
        except (OSError, ValueError):
            return None
        whole = entry is not None and entry.part == part and entry.rows == len(self.spec.part(part))
        return entry if whole else None

    def _intact(self, entry: Entry) -> bool:
        """Whether the entry is what the files of its part give, and what was kept is there, unchanged."""
        try:
            files = [read_regular(place(entry.part)) for place in (self.part_file, self.timings_file)]
        except OSError:
            return False
        if [hashlib.sha256(file).hexdigest() for file in files] != [entry.sha256, entry.timings_sha256]:
            return False
        tables = tables_of(self.spec, entry.part, files[0], files[1])
        if tables is None:
            return False
        failures = kept_failures(tables[0])
        kept = None
        if entry.kept is not None:
            kept = kept_checksum([digest for digest, _ in failures], self._kept)
        return entry == describe(entry.part, files[0], files[1], *tables, kept) and all(
            self.has_problem(digest) and (not certified or self.has_certificate(digest))
            for digest, certified in failures
        )

    def _kept(self, digest: str) -> list[bytes | None]:
        """The problem and the certificate kept under a digest, as on disk; None where there is none."""
        found: list[bytes | None] = []
        for file in (self.problem_file(digest), self.certificate_file(digest)):
            try:
                found.append(read_regular(file))
            except OSError:
                found.append(None)
        return found

    def _write(self, file: Path, content: str | bytes) -> None:
        try:
            file.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"cannot make {file.parent}: {error.strerror or error}") from error
        write_atomically(file, content)


def _compare(file: Path, manifest: dict[str, Any], spec: Spec) -> None:
    """Every field of the manifest is what its spec gives, or, of versions, of the right kind."""
    for name, value in (("instances", spec.instances), ("parts", spec.parts)):
        if type(manifest.get(name)) is not int or manifest[name] != value:
            raise UnreadableFile(
                f"{file}: {name} is {shorten(repr(manifest.get(name)))}, its spec has {value}"
            )
    begun = manifest.get("versions")
    if not isinstance(begun, dict) or not all(isinstance(version, str) for version in begun.values()):
        raise UnreadableFile(f"{file}: versions is {shorten(repr(begun))}, not names with versions")


def _listed(versions: Any) -> str:
    if not isinstance(versions, dict):
        return "unknown versions"
    return ", ".join(f"{name} {version}" for name, version in versions.items())
