"""From the columns of a table to the fields of a problem: numbers as written, categories as exact 0 and 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import is_binary_float, shorten
from exactsaddle.problem.jsonfile import MAX_ENTRIES
from exactsaddle.problem.resolution import Unit, as_part, written_unit
from exactsaddle.problem.tables.cells import is_rational, plain_text, read_cell, remedies
from exactsaddle.problem.tables.choice import SHOWN, Choice, choose, complete_rows, drop_option
from exactsaddle.problem.tables.reading import Reading
from exactsaddle.problem.tables.table import Table

MAX_LEVELS = 1000
"""The most categories of one column."""

_SHOWN = re.compile(r"\s*((?:np|numpy)\.\w+|Fraction|Decimal|mpf|tensor|Array)\(")


def fields_of(table: Table, reading: Reading) -> dict[str, Any]:
    """X, y, names and maybe weights: what ``Problem`` takes, its numbers exact.

    Raises UnreadableFile naming file, line, column, value and the option that would help. What was left out
    or made is added to the table's notes.
    """
    choice = choose(table, reading)
    rows = complete_rows(table, choice, reading)
    read = {j: _numbers([table.columns[j][i] for i in rows], reading) for j in choice.used}
    _refuse_text(table, choice, reading, rows, read)
    columns: list[list[Any]] = []
    names: list[str] = []
    units: list[Unit] = []
    for j in choice.features:
        found = read[j]
        made = _indicators(table, j, rows, reading) if isinstance(found, _NoNumber) else {None: found}
        columns += made.values()
        units += [_unit(table, j, rows, found, reading)] * len(made)
        names += [table.names[j] if level is None else f"{table.names[j]}={level}" for level in made]
        if len(columns) * len(rows) > MAX_ENTRIES:
            table.refuse(
                f"more than {MAX_ENTRIES:,} entries with its categories: {drop_option(reading, [j], table)}"
            )
    fields: dict[str, Any] = {
        "X": [list(row) for row in zip(*columns, strict=True)],
        "y": read[choice.target],
        "names": names,
    }
    if not any(map(is_binary_float, chain(*columns, fields["y"]))):
        unit = _unit(table, choice.target, rows, fields["y"], reading)
        fields["resolution"] = {"X": as_part(units), "y": as_part([unit])}
    return fields if choice.weights is None else {**fields, "weights": read[choice.weights]}


def _unit(table: Table, j: int, rows: Sequence[int], found: list[Any] | _NoNumber, reading: Reading) -> Unit:
    """How sharply the numbers of a column were written; 0 for categories."""
    if isinstance(found, _NoNumber):
        return Fraction(0)
    cells = (table.columns[j][i] for i in rows)
    written = (
        plain_text(cell, reading) if isinstance(cell, str) else cell
        for cell, value in zip(cells, found, strict=True)
        if not isinstance(cell, str) or isinstance(value, fmpq)
    )
    return written_unit(written)


@dataclass(frozen=True)
class _NoNumber:
    """The first cell of a column, among the rows taken, that is no number, and why."""

    row: int
    cell: Any
    error: str
    mixed: bool
    """Whether other cells are numbers."""


def _numbers(cells: Sequence[Any], reading: Reading) -> list[Any] | _NoNumber:
    values: list[Any] = []
    for i, cell in enumerate(cells):
        try:
            values.append(read_cell(cell, reading))
        except InvalidInput as error:
            return _NoNumber(i, cell, str(error), any(is_rational(other, reading) for other in cells))
    return values


def _refuse_text(
    table: Table,
    choice: Choice,
    reading: Reading,
    rows: Sequence[int],
    read: dict[int, list[Any] | _NoNumber],
) -> None:
    """Raise at the first column that is neither numbers nor, where that is asked for, categories."""
    texts = {j: found for j, found in read.items() if isinstance(found, _NoNumber)}
    one_hot = reading.categories == "one-hot"
    for j, found in texts.items():
        what = {choice.target: "target", choice.weights: "weights"}.get(j)
        ways = remedies(found.cell, reading)
        if one_hot and not found.mixed and what is None and not ways:
            continue
        if what is not None:
            ways.append(f"{reading.option(what, 'NAME')} names another column")
        else:
            plain = [k for k, other in texts.items() if other.mixed <= found.mixed and k in choice.features]
            others = len(choice.features) > len(plain)
            shown = ["write str() of it, not repr()"] if _SHOWN.match(str(found.cell)) else []
            levels = None if found.mixed or ways or shown else _levels(table, j, rows)
            if ways or others:  # else nothing would be left
                ways.append(drop_option(reading, [j] if ways else plain, table))
            ways = shown + ways
            if levels is not None and not (len(levels) == len(rows) > 2 and others):
                ways.append(reading.option("categories", "one-hot"))
            if not table.named and reading.shell and reading.header is None and found.row == 0:
                ways.append("--header if names stand there")
        about = f"the {what}: " if what else ""
        told = f": {', or '.join(ways)}" if ways else ""
        table.refuse(f"{about}{_why(found)}{told}", rows[found.row], j)


def _why(found: _NoNumber) -> str:
    """What is wrong with the cell: in short for a word, in full for a number or an expression."""
    text = str(found.cell)
    if shown := _SHOWN.match(text):
        return f"{shorten(text)!r} is how Python shows a number of {shown[1]}"
    if not isinstance(found.cell, str) or text.strip()[:1].isdigit() or any(sign in text for sign in "(*^="):
        return found.error
    return f"{shorten(text)!r} is text{' among numbers' if found.mixed else ', not a number'}"


def _levels(table: Table, j: int, rows: Sequence[int]) -> list[str] | None:
    """The categories of a column, sorted; None where there are more than MAX_LEVELS."""
    levels: set[str] = set()
    for i in rows:
        levels.add(str(table.columns[j][i]).strip())
        if len(levels) > MAX_LEVELS:
            return None
    return sorted(levels)


def _indicators(table: Table, j: int, rows: Sequence[int], reading: Reading) -> dict[str | None, list[fmpq]]:
    levels = _levels(table, j, rows)
    if levels is None:
        table.refuse(
            f"more than {MAX_LEVELS:,} categories, the budget for one column: "
            f"{drop_option(reading, [j], table)}",
            column=j,
        )
    one, zero = fmpq(1), fmpq(0)
    cells = [str(table.columns[j][i]).strip() for i in rows]
    kept = levels[1:] if reading.drop_first else levels
    told = f", {levels[0]!r} where all are 0" if reading.drop_first else ""
    shown = ", ".join(map(repr, kept[:SHOWN])) + (", …" if len(kept) > SHOWN else "")
    table.notes.append(
        f"column {table.names[j]!r} became {len(kept)} of 0 and 1, {table.names[j]}=…: {shown}{told}"
    )
    return {level: [one if cell == level else zero for cell in cells] for level in kept}
