"""Tables in Parquet and Excel files: their cells, typed as they are stored, within the same budgets."""

from __future__ import annotations

import io
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

from exactsaddle.base import UnreadableFile, require
from exactsaddle.numbers import shorten
from exactsaddle.problem.jsonfile import MAX_BYTES, MAX_ENTRIES
from exactsaddle.problem.tables.cells import is_blank
from exactsaddle.problem.tables.dialect import Record
from exactsaddle.problem.tables.frames import arrow_table
from exactsaddle.problem.tables.reading import Reading
from exactsaddle.problem.tables.table import Table


def refuse_zip_bomb(place: Path, content: bytes) -> None:
    """Raise where the members of a ZIP archive are larger unpacked than one file may be."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        total = sum(item.file_size for item in archive.infolist())
    if total > MAX_BYTES:
        raise UnreadableFile(f"{place}: {total:,} bytes unpacked, over the budget of {MAX_BYTES:,}")


def refuse_many(place: Path, count: int) -> None:
    """Raise where there are more cells than one file may have."""
    if count > MAX_ENTRIES:
        raise UnreadableFile(f"{place}: {count:,} entries, over the budget of {MAX_ENTRIES:,}")


# --- Excel ----------------------------------------------------------------------------------


def workbook_records(place: Path, content: bytes, reading: Reading, notes: list[str]) -> list[Record]:
    """The rows of one sheet of an .xlsx file, as stored: formulas by their last values, nothing executed.

    The first sheet unless another is named. Numbers in such files are binary64. Raises UnreadableFile.
    """
    openpyxl = require("openpyxl", extra="tables")
    try:
        refuse_zip_bomb(place, content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        names = [sheet.title for sheet in book.worksheets]
        if reading.sheet is None and len(names) > 1:
            notes.append(f"sheet {names[0]!r}, the first of {len(names)} (--sheet NAME)")
        if not names or (reading.sheet is not None and reading.sheet not in names):
            shown = shorten(", ".join(names), 200)
            raise UnreadableFile(f"{place}: no sheet {shorten(str(reading.sheet))!r}; sheets: {shown}")
        sheet = book[names[0] if reading.sheet is None else reading.sheet]
        sheet.reset_dimensions()  # what the file says of its size may be a million rows
        return _rectangle(place, sheet, reading)
    except UnreadableFile:
        raise
    except Exception as error:  # zipfile, expat and openpyxl say of a damaged file what they like
        raise UnreadableFile(
            f"{place}: not a readable .xlsx file: {shorten(str(error) or type(error).__name__, 200)}"
        ) from None


def _rectangle(place: Path, sheet: Any, reading: Reading) -> list[Record]:
    """Records of one width, but for rows with a single cell above the table: titles, not observations."""
    records: list[Record] = []
    count = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        count += max(len(row), 1)
        refuse_many(place, count)
        if number > (reading.skip_lines or 0):
            records.append(Record(number, list(row)))
    width = max((_filled(record.cells) for record in records), default=0)
    refuse_many(place, width * len(records))
    title = width > 1 and reading.skip_lines is None
    made = []
    for record in records:
        filled = _filled(record.cells)
        title = title and filled < 2
        padded = record.cells[:width] + [None] * (width - len(record.cells))
        made.append(Record(record.line, record.cells[:filled] if title else padded))
    return made


def _filled(cells: list[Any]) -> int:
    return len(cells) - next((k for k, cell in enumerate(reversed(cells)) if not is_blank(cell)), len(cells))


# --- Parquet --------------------------------------------------------------------------------


def parquet_table(place: Path, content: bytes) -> Table:
    """The columns of a Parquet file, as stored; raises UnreadableFile."""
    parquet = require("pyarrow.parquet", extra="tables")
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        facts = file.metadata
        refuse_many(place, facts.num_rows * max(facts.num_columns, 1))
        groups = (facts.row_group(k) for k in islice(range(facts.num_row_groups), MAX_ENTRIES))
        size = sum(group.total_byte_size for group in groups)
        if size > MAX_BYTES:
            raise UnreadableFile(f"{place}: {size:,} bytes unpacked, over the budget of {MAX_BYTES:,}")
        found = file.read(use_threads=False)
    except UnreadableFile:
        raise
    except Exception as error:  # Arrow's own exceptions, and what lies below them
        raise UnreadableFile(f"{place}: not a readable Parquet file: {shorten(str(error), 200)}") from None
    if not found.num_rows or not found.num_columns:
        raise UnreadableFile(f"{place}: no data")
    return arrow_table(found, str(place))
