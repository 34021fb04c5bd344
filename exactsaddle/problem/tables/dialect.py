"""The cells of a text: which sign parts them, how they are quoted, which lines are comments.

Where no delimiter is given, the candidates are tried on the first lines: the one wins under which most lines
have the same number of cells, and most cells look like numbers. Choosing another than the file's ending
promises is noted.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from exactsaddle.base import UnreadableFile, csv_field_limit
from exactsaddle.numbers import MAX_DIGITS, shorten
from exactsaddle.problem.jsonfile import MAX_ENTRIES
from exactsaddle.problem.tables.cells import is_blank, written_as_number
from exactsaddle.problem.tables.reading import Reading

SPACES = " "
"""The delimiter that is any run of spaces and tabs."""
_CANDIDATES = (",", ";", "\t", "|", SPACES)
_PROMISED = {".csv": ",", ".tsv": "\t"}
_NAMES = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "|",
    SPACES: "spaces",
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "space": SPACES,
    "spaces": SPACES,
    "pipe": "|",
}
_SAMPLE = 200
"""Lines on which delimiters are tried."""
_LOOKED_AT = 1 << 18
"""Characters that these lines may have."""


@dataclass(frozen=True)
class Record:
    """The cells of one observation, and the line on which it ends."""

    line: int
    cells: list[Any]

    @property
    def blank(self) -> bool:
        """Whether no cell holds anything."""
        return all(map(is_blank, self.cells))


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    quote: str = '"'


def records_of(place: Path, text: str, ending: str, reading: Reading, notes: list[str]) -> list[Record]:
    """Every record of the text but comments, blank ones too; raises UnreadableFile."""
    promised = _PROMISED.get(ending)
    if reading.delimiter is not None:
        chosen = _Dialect(_named(place, reading))
    else:
        chosen = _Dialect(_best(text, promised or ",", reading))
        if chosen.delimiter != promised:
            notes.append(f"cells are parted by {_NAMES[chosen.delimiter]} (--delimiter says otherwise)")
    _refuse_many(place, text, chosen.delimiter)
    if _single_quoted(text, chosen, reading):
        chosen = _Dialect(chosen.delimiter, "'")
        notes.append("cells are quoted by '")
    comments: list[int] = []
    try:
        with csv_field_limit(2 * MAX_DIGITS + 2):  # the csv module's own is below our budget
            records = list(_parsed(text, chosen, reading.skip_lines or 0, comments))
    except _Malformed as error:
        raise UnreadableFile(f"{place}, line {error.line}: {error}") from None
    if comments:
        notes.append(f"{counted(comments, 'comment')} (#) left out")
    return records


def counted(lines: list[int], what: str) -> str:
    """So many lines of a kind, and which."""
    shown = ", ".join(map(str, lines[:6])) + (", …" if len(lines) > 6 else "")
    return f"{len(lines):,} {what} line{'s' if len(lines) > 1 else ''} ({shown})"


def _named(place: Path, reading: Reading) -> str:
    given = str(reading.delimiter)
    sign = _NAMES.get(given, given) if len(given) > 1 else given
    if len(sign) != 1 or sign in "\"'\n\r" or sign.isalnum() or sign == reading.decimal:
        raise UnreadableFile(
            f"{place}: --delimiter {shorten(given)!r} is not one sign that parts cells (or comma, semicolon, "
            "tab, pipe, spaces)"
        )
    return sign


# --- choosing -------------------------------------------------------------------------------


def _best(text: str, usual: str, reading: Reading) -> str:
    """The delimiter of the highest score; the usual one where none parts anything."""
    signs = [sign for sign in (usual, *_CANDIDATES) if sign not in (reading.decimal, reading.thousands)]
    start = _start(text)
    scores = {sign: _score(_head(start, _Dialect(sign), reading)) for sign in dict.fromkeys(signs)}
    best = max(scores.values(), default=0.0)
    return next((sign for sign, score in scores.items() if score == best > 0), usual)


def _start(text: str) -> str:
    """Whole lines, as far as they are looked at."""
    start = text[:_LOOKED_AT]
    return start if len(start) == len(text) else start[: start.rfind("\n") + 1] or start


def _head(text: str, dialect: _Dialect, reading: Reading) -> list[Record]:
    records: list[Record] = []
    try:
        with csv_field_limit(2 * MAX_DIGITS + 2):
            for record in islice(_parsed(text, dialect, reading.skip_lines or 0, []), _SAMPLE):
                records.append(record)
    except _Malformed:
        pass  # what was read until then is judged; the whole is read once more, and refused with its line
    return records


def _score(records: list[Record]) -> float:
    """Share of lines of the usual width, times a tenth and the share of cells that look like numbers."""
    found = [_trimmed(record.cells) for record in records if not record.blank]
    if not found:
        return 0.0
    width, lines = Counter(map(len, found)).most_common(1)[0]
    if width < 2:
        return 0.0
    cells = [cell for row in found if len(row) == width for cell in row if not is_blank(cell)]
    return lines / len(found) * (0.1 + sum(map(written_as_number, cells)) / len(cells))


def _trimmed(cells: list[Any]) -> list[Any]:
    return cells[:-1] if cells and is_blank(cells[-1]) else cells


def _single_quoted(text: str, dialect: _Dialect, reading: Reading) -> bool:
    """Whether cells of the first lines stand between ' and none between "."""
    head = [record for record in _head(_start(text), dialect, reading) if not record.blank][:3]
    cells = [cell.strip() for record in head for cell in record.cells]
    if any('"' in cell for cell in cells):
        return False
    return any(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)


def _refuse_many(place: Path, text: str, delimiter: str) -> None:
    """Raise before more than MAX_ENTRIES cells are made."""
    many = text.count(delimiter)
    if delimiter == SPACES and many + text.count("\t") > MAX_ENTRIES:
        many = sum(1 for _ in islice(re.finditer(r"\S+", text), MAX_ENTRIES + 1))
    if many > MAX_ENTRIES:
        raise UnreadableFile(f"{place}: more than {MAX_ENTRIES:,} entries, the budget for one file")


# --- parsing --------------------------------------------------------------------------------


class _Malformed(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Lines:
    """Lines for the csv module, which pulls more where a quoted cell spans several; comments left out."""

    def __init__(self, text: str, dialect: _Dialect, skip: int, comments: list[int]) -> None:
        self.number = 0
        self._dialect, self._skip, self._comments = dialect, skip, comments
        self._stream = io.StringIO(text, newline="")
        self._quotes = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self.number += 1
            if self.number <= self._skip:
                continue
            if self._quotes % 2 == 0 and line.lstrip().startswith("#"):
                self._comments.append(self.number)
                continue
            self._quotes += line.count(self._dialect.quote)
            yield self._spaced(line) if self._dialect.delimiter == SPACES else line

    def _spaced(self, line: str) -> str:
        return line.replace("\t", SPACES).strip(" \r\n") + "\n"


def _parsed(text: str, dialect: _Dialect, skip: int, comments: list[int]) -> Iterator[Record]:
    lines = _Lines(text, dialect, skip, comments)
    rows = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        skipinitialspace=dialect.delimiter == SPACES,
        strict=True,
    )
    try:
        for row in rows:
            yield Record(lines.number, row)
    except csv.Error as error:
        raise _Malformed(lines.number, str(error)) from None
