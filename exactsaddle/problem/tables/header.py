"""Where a table begins, what its columns are called, and whether one of them is an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from exactsaddle.base import UnreadableFile
from exactsaddle.numbers import shorten
from exactsaddle.problem.tables.cells import is_blank, is_missing, like_a_number
from exactsaddle.problem.tables.dialect import Record, counted
from exactsaddle.problem.tables.reading import Reading
from exactsaddle.problem.tables.table import Table, distinct

_LOOKED_AT = 100
"""Rows below the first that say whether it holds names."""


def table_of_records(
    place: Path, records: list[Record], reading: Reading, notes: list[str], *, line: str = "line"
) -> Table:
    """The table in these records: preamble and header told from data, noted where it is a guess.

    Raises UnreadableFile for ragged records and a second header.
    """
    found = _without_outer_blanks(records)
    if not found:
        raise UnreadableFile(f"{place}: no data")
    found = _trimmed(found, notes)
    start, width = _start(place, found, reading)
    found = _without_footnotes(found, width, reading, notes)
    labels = _short_header(found[start - 1 : start], found[start:], width)
    if labels is not None:
        start -= 1
    if start:
        lines = [record.line for record in found[:start] if not record.blank]
        notes.append(f"{counted(lines, 'preamble')} left out: the table begins after them (--skip-lines)")
    first, *rows = found[start:]
    if labels is None:
        labels = _header(first, rows, reading, notes, line)
    body = rows if labels is not None else [first, *rows]
    if not body:
        raise UnreadableFile(f"{place}: a header but no data")
    cells = [_row(place, record, width, line) for record in body]
    if labels is not None:
        _refuse_second_header(place, body, cells, line)
    named = labels is not None
    names, index = _names(labels or [f"x{j}" for j in range(width)], cells, notes)
    called, ambiguous = distinct(names)
    numbers = [record.line for record in body]
    return Table(
        str(place),
        called,
        list(zip(*cells, strict=True)),
        lambda i: f"{line} {numbers[i]}",
        named,
        index,
        ambiguous,
        notes,
    )


def _without_outer_blanks(records: list[Record]) -> list[Record]:
    start, end = 0, len(records)
    while start < end and records[start].blank:
        start += 1
    while end > start and records[end - 1].blank:
        end -= 1
    return records[start:end]


def _trimmed(records: list[Record], notes: list[str]) -> list[Record]:
    """Without the empty last cell that a delimiter at the end of every line leaves, or of some lines."""
    filled = [record for record in records if not record.blank]
    widths = Counter(len(record.cells) for record in filled)
    wide = max(widths, key=lambda width: (widths[width], width))
    ends = [is_blank(record.cells[-1]) for record in filled if len(record.cells) == wide]
    if wide > 1 and all(ends) and len(filled) > 1:
        notes.append("every line ends in a delimiter: the empty column after it is left out")
        wide -= 1
    return [
        Record(record.line, record.cells[:wide])
        if len(record.cells) == wide + 1 and is_blank(record.cells[-1])
        else record
        for record in records
    ]


def _start(place: Path, records: list[Record], reading: Reading) -> tuple[int, int]:
    """Where the table begins, and its width: that of most records, from the first that has it.

    A record that holds numbers alone is never left out on a guess.
    """
    widths = Counter(len(record.cells) for record in records if not record.blank)
    width = widths.most_common(1)[0][0]
    start = next(i for i, record in enumerate(records) if len(record.cells) == width and not record.blank)
    for record in records[:start]:
        if record.blank:
            continue
        if reading.skip_lines is not None or all(map(like_a_number, record.cells)):
            told = _ragged(record, width, "line", f"--skip-lines {record.line} begins the table below it")
            raise UnreadableFile(f"{place}, {told}")
    return start, width


def _without_footnotes(records: list[Record], width: int, reading: Reading, notes: list[str]) -> list[Record]:
    """Without lines of one cell of text at the end."""
    end = len(records)
    while width > 1 and (records[end - 1].blank or _is_note(records[end - 1])):
        end -= 1
    lines = [record.line for record in records[end:] if not record.blank]
    if lines:
        notes.append(f"{counted(lines, 'last')} left out: no part of the table")
    return records[:end]


def _is_note(record: Record) -> bool:
    text = str(record.cells[0])
    words = sum(map(str.isalpha, text)) > 2 or not any(map(str.isdigit, text))
    return len(record.cells) == 1 and words


def _ragged(record: Record, width: int, line: str, remedy: str) -> str:
    count = len(record.cells)
    what = f"{count} {'entry' if count == 1 else 'entries'}, not {width}"
    return f"{line} {record.line}: {what}: {remedy}, --delimiter says what parts entries"


def _row(place: Path, record: Record, width: int, line: str) -> list[Any]:
    if record.blank:
        return [""] * width
    if len(record.cells) != width:
        told = _ragged(record, width, line, f"a # before the {line} makes it a comment")
        raise UnreadableFile(f"{place}, {told}")
    return record.cells


# --- names ----------------------------------------------------------------------------------


def _short_header(before: Sequence[Record], rows: list[Record], width: int) -> list[str] | None:
    """The names above a table whose first column, of labels, has none: as R writes it."""
    if not before or len(before[0].cells) != width - 1 or width < 3:
        return None
    cells = before[0].cells
    labels = [record.cells[0] for record in rows if not record.blank]
    if any(map(like_a_number, cells)) or len(set(labels)) < len(labels):
        return None
    return ["", *map(_text, cells)]


def _header(
    first: Record, rows: list[Record], reading: Reading, notes: list[str], line: str
) -> list[str] | None:
    """The names when the first record holds them, else None."""
    if reading.header is not None:
        return [*map(_text, first.cells)] if reading.header else None
    if not any(like_a_number(cell) for cell in first.cells if not is_blank(cell)):
        return [*map(_text, first.cells)]
    if _is_counted(first.cells) and all(not is_blank(r.cells[0]) for r in rows[:_LOOKED_AT] if r.cells):
        return [*map(_text, first.cells)]
    if rows and (_counts(first) or any(_names_numbers(j, first, rows) for j in range(len(first.cells)))):
        notes.append(f"{line} {first.line} is taken as names (--no-header: as data)")
        return [*map(_text, first.cells)]
    notes.append(f"no header: {line} {first.line} is data (--header: it holds names)")
    return None


def _is_counted(cells: Sequence[Any]) -> bool:
    """What pandas writes by default: nothing above the index, then names, or 0, 1, 2, …"""
    if len(cells) < 2 or not is_blank(cells[0]):
        return False
    names = [*map(_text, cells[1:])]
    return not any(map(like_a_number, names)) or names == [str(j) for j in range(len(names))]


def _counts(first: Record) -> bool:
    """Whether words and consecutive whole numbers stand there, as years above their columns."""
    numbers = [cell for cell in map(_text, first.cells) if like_a_number(cell)]
    if not 3 <= len(numbers) < len(first.cells) or not all(number.isdigit() for number in numbers):
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(numbers) if len(a) < 10 > len(b))


def _names_numbers(j: int, first: Record, rows: list[Record]) -> bool:
    """Whether the cell is text and all below it are numbers."""
    below = [r.cells[j] for r in rows[:_LOOKED_AT] if len(r.cells) > j and not is_missing(r.cells[j])]
    return bool(below) and not like_a_number(first.cells[j]) and all(map(like_a_number, below))


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _names(
    labels: Sequence[str], rows: list[list[Any]], notes: list[str]
) -> tuple[list[str], frozenset[int]]:
    """Names for the columns that have none; the first of a table without one is its index."""
    names = list(labels)
    index: frozenset[int] = frozenset()
    if (
        len(names) > 2
        and not names[0]
        and all(names[1:])
        and not any(is_blank(row[0]) and any(row) for row in rows)
    ):
        names[0] = _free("index", names)
        index = frozenset((0,))
        notes.append(
            f"the first column has no name: taken as the index of rows, {names[0]!r}, and left out of X "
            f"(--columns takes it in)"
        )
    for j, name in enumerate(names):
        if not name:
            names[j] = _free(f"x{j}", names)
            notes.append(f"column {j} has no name: called {names[j]!r}")
    return names, index


def _free(name: str, taken: Sequence[str]) -> str:
    return distinct([*taken, name])[0][-1]


def _refuse_second_header(place: Path, body: list[Record], rows: list[list[Any]], line: str) -> None:
    """Raise where the first row of data is text all over, and numbers stand below it."""
    if len(rows) < 2 or body[0].blank:
        return
    first, second = rows[0], rows[1]
    if any(is_missing(cell) or like_a_number(cell) for cell in first):
        return
    if any(like_a_number(cell) and not is_missing(cell) for cell in second):
        told = shorten(", ".join(map(str, first)), 60)
        raise UnreadableFile(
            f"{place}, {line} {body[0].line}: {told!r} looks like a second header: --skip-lines "
            f"{body[0].line - 1} takes the names from there; a # before the {line} makes it a comment"
        )
