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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exactsaddle.base import InvalidInput, Status, UnreadableFile, write_atomically
from exactsaddle.campaign.arrow import pq
from exactsaddle.campaign.schema import SCHEMA, TIMES, columns, content_digest, to_parquet, to_table
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.specfile import spec_from
from exactsaddle.campaign.work import NOT_ASKED, Kept, Outcome, versions
from exactsaddle.numbers import Carried
from exactsaddle.problem import read_problem

FORMAT = "exactsaddle campaign"
MANIFEST = "manifest.json"
LOCK = ".lock"
FOLDERS = PARTS, TIMINGS, JOURNAL, INSTANCES = "parts", "timings", "journal", "instances"


@dataclass(frozen=True)
class Entry:
    """What the journal says of a finished part: checksums of its files and rows, counts, CPU seconds."""

    part: int
    rows: int
    sha256: str
    timings_sha256: str
    content: str
    verified: int
    rejected: int
    unchecked: int
    lost: int
    cpu_seconds: float


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
        if (place / MANIFEST).exists():
            store = cls.open(place)
            if store.spec.digest != spec.digest:
                raise InvalidInput(
                    f"{place} holds another campaign, {store.spec.name!r} ({store.spec.digest[:12]}…), "
                    f"not {spec.name!r} ({spec.digest[:12]}…): choose another directory"
                )
            store.refuse_other_versions()
            return store
        try:
            strangers = sorted(entry.name for entry in place.iterdir()) if place.exists() else []
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
        if not file.is_file():
            raise UnreadableFile(f"{place}: holds no campaign ({MANIFEST} is missing)")
        try:
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreadableFile(f"{file}: cannot be read as JSON: {error}") from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise UnreadableFile(f"{file}: is not the manifest of an exactsaddle campaign")
        if manifest.get("schema") != SCHEMA:
            raise UnreadableFile(
                f"{file}: schema {manifest.get('schema')!r}; this version of exactsaddle knows {SCHEMA}"
            )
        try:
            spec = spec_from(manifest["spec"])
        except (KeyError, TypeError, InvalidInput) as error:
            raise UnreadableFile(f"{file}: spec: {error}") from error
        if spec.digest != manifest.get("digest"):
            raise UnreadableFile(f"{file}: the digest is not that of its spec: it was changed by hand")
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
        times = [
            {"instance": outcome.row["instance"], "cpu_seconds": outcome.seconds} for outcome in outcomes
        ]
        results = to_parquet(table, self.spec.digest)
        timings = to_parquet(to_table(times, TIMES), self.spec.digest)
        counts = {status.value: sum(row["status"] == status.value for row in rows) for status in Status}
        entry = Entry(
            part=part,
            rows=len(rows),
            sha256=hashlib.sha256(results).hexdigest(),
            timings_sha256=hashlib.sha256(timings).hexdigest(),
            content=content_digest(table),
            lost=sum(row["lost"] for row in rows),
            cpu_seconds=sum(outcome.seconds for outcome in outcomes),
            **counts,
        )
        self._write(self.part_file(part), results)
        self._write(self.timings_file(part), timings)
        self._write(self.journal_file(part), json.dumps(asdict(entry)) + "\n")
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
            document = json.loads(self.certificate_file(digest).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(document, dict) and document.get("digest") == digest

    def forget(self, part: int) -> None:
        """Make a part unfinished."""
        self.journal_file(part).unlink(missing_ok=True)

    def scan(self, *, thorough: bool = True) -> Scan:
        """Which parts are finished; if thorough their files are read and compared with their checksums."""
        finished: dict[int, Entry] = {}
        damaged = []
        for part in range(self.spec.parts):
            file = self.journal_file(part)
            if not file.exists():
                continue
            entry = self._entry(file, part)
            if entry is None or (thorough and not self._intact(entry)):
                damaged.append(part)
            else:
                finished[part] = entry
        return Scan(finished, tuple(damaged))

    def _entry(self, file: Path, part: int) -> Entry | None:
        """The entry in a journal file; None when it is not one of this part."""
        try:
            entry = Entry(**json.loads(file.read_text(encoding="ascii")))
        except (OSError, ValueError, TypeError):
            return None
        return entry if entry.part == part and entry.rows == len(self.spec.part(part)) else None

    def _intact(self, entry: Entry) -> bool:
        wanted = {
            self.part_file(entry.part): entry.sha256,
            self.timings_file(entry.part): entry.timings_sha256,
        }
        try:
            intact = all(
                hashlib.sha256(file.read_bytes()).hexdigest() == digest for file, digest in wanted.items()
            )
        except OSError:
            return False
        return intact and all(self.has_problem(digest) for digest in self._kept_failures(entry))

    def _kept_failures(self, entry: Entry) -> Iterator[str]:
        """Digests of the instances of a part that are kept because they are not verified."""
        if entry.rejected or entry.unchecked:
            columns = ["status", "reason", "digest"]
            for row in pq.read_table(self.part_file(entry.part), columns=columns).to_pylist():
                if row["digest"] and row["status"] != Status.VERIFIED.value and row["reason"] != NOT_ASKED:
                    yield row["digest"]

    def _write(self, file: Path, content: str | bytes) -> None:
        try:
            file.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"cannot make {file.parent}: {error.strerror or error}") from error
        write_atomically(file, content)


def _listed(versions: Any) -> str:
    if not isinstance(versions, dict):
        return "unknown versions"
    return ", ".join(f"{name} {version}" for name, version in versions.items())
