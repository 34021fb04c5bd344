"""What the journal says of a finished part, and the same said anew from the part's own files.

An entry is believed only when it is what its files give: edited counts, verdicts and digests differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from exactsaddle.base import Status
from exactsaddle.campaign.arrow import pa, pq
from exactsaddle.campaign.schema import TIMES, columns, content_digest, to_table
from exactsaddle.campaign.work import NOT_ASKED

if TYPE_CHECKING:
    from exactsaddle.campaign.spec import Spec


@dataclass(frozen=True)
class Entry:
    """Of one part: checksums of its files and rows, counts, CPU seconds, a checksum of what it kept whole.

    ``kept`` is None in journals from before it was recorded.
    """

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
    kept: str | None = None

    def to_text(self) -> str:
        """The content of its file."""
        return json.dumps(asdict(self)) + "\n"


def parse_entry(text: str) -> Entry | None:
    """The entry in a text; None when it is none."""
    try:
        document = json.loads(text)
        entry = Entry(**document)
    except (ValueError, TypeError, RecursionError):
        return None
    wanted = {**dict.fromkeys(_COUNTS, int), **dict.fromkeys(_TEXTS, str)}
    sound = all(type(getattr(entry, name)) is kind for name, kind in wanted.items())
    times = type(entry.cpu_seconds) in (int, float) and (entry.kept is None or type(entry.kept) is str)
    return entry if sound and times else None


_COUNTS = ("part", "rows", "verified", "rejected", "unchecked", "lost")
_TEXTS = ("sha256", "timings_sha256", "content")


def describe(
    part: int, results: bytes, timings: bytes, table: pa.Table, times: pa.Table, kept: str | None
) -> Entry:
    """The entry of a part with these files, whose tables are given, and this checksum of what it keeps."""
    verdicts = table["status"].to_pylist()
    return Entry(
        part=part,
        rows=table.num_rows,
        sha256=hashlib.sha256(results).hexdigest(),
        timings_sha256=hashlib.sha256(timings).hexdigest(),
        content=content_digest(table),
        lost=sum(table["lost"].to_pylist()),
        cpu_seconds=sum(times["cpu_seconds"].to_pylist()),
        kept=kept,
        **{status.value: verdicts.count(status.value) for status in Status},
    )


def tables_of(spec: Spec, part: int, results: bytes, timings: bytes) -> tuple[pa.Table, pa.Table] | None:
    """The tables in the files of a part; None unless Parquet with this campaign's columns and rows."""
    found = []
    for content, stated in ((results, columns(spec)), (timings, TIMES)):
        try:
            table = pq.read_table(pa.BufferReader(content))
            numbers = table["instance"].to_pylist()
        except (pa.ArrowException, OSError, ValueError, KeyError):
            return None
        if not table.schema.equals(to_table([], stated).schema) or numbers != list(spec.part(part)):
            return None
        found.append(table)
    return found[0], found[1]


def kept_failures(table: pa.Table) -> list[tuple[str, bool]]:
    """Of the instances kept because they are not verified: digest, and whether with a certificate."""
    return [
        (row["digest"], row["check"] is not None)
        for row in table.select(["status", "reason", "digest", "check"]).to_pylist()
        if row["digest"] and row["status"] != Status.VERIFIED.value and row["reason"] != NOT_ASKED
    ]


def kept_checksum(digests: Sequence[str], content: Callable[[str], Sequence[bytes | None]]) -> str:
    """SHA-256 over the problem and the certificate of each."""
    found = hashlib.sha256()
    for digest in digests:
        for file in content(digest):
            found.update(b"-" if file is None else hashlib.sha256(file).digest())
    return found.hexdigest()
