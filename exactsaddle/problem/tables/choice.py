"""Which columns of a table are used, and which rows: those in which no value is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import gt
from typing import NoReturn

from exactsaddle.numbers import shorten
from exactsaddle.problem.tables.cells import is_missing
from exactsaddle.problem.tables.reading import Column, Reading
from exactsaddle.problem.tables.table import Table

SHOWN = 8
"""The most rows or columns that a message lists."""


@dataclass(frozen=True)
class Choice:
    """Places of the columns that are used."""

    target: int
    weights: int | None
    features: tuple[int, ...]

    @property
    def used(self) -> tuple[int, ...]:
        """All of them."""
        return (*self.features, self.target, *(() if self.weights is None else (self.weights,)))


def choose(table: Table, reading: Reading) -> Choice:
    """The columns asked for, the last one as target by default; raises UnreadableFile."""
    asked = [*(reading.columns or ()), *reading.drop]
    asked += [column for column in (reading.target, reading.weights) if column is not None]
    places = {column: _place(table, column, reading) for column in asked}
    _refuse_ambiguous(table, reading, set(map(str, asked)))
    dropped = {places[column] for column in reading.drop}
    weights = None if reading.weights is None else places[reading.weights]
    left = [j for j in range(len(table.names)) if j not in dropped and j != weights]
    if reading.target is not None:
        target = places[reading.target]
    elif left:
        target = next((j for j in reversed(left) if j not in table.index), left[-1])
        table.notes.append(f"the target is {table.names[target]!r}, the last column (--target NAME)")
    else:
        target = weights or 0
    for what, j in (("target", target), ("weights", weights)):
        if j in dropped:
            table.refuse(f"cannot be both {what} and dropped", column=j)
    if target == weights:
        table.refuse("cannot be both target and weights", column=target)
    if reading.columns is not None:
        wanted = dict.fromkeys(places[column] for column in reading.columns)
        features = [j for j in wanted if j not in (target, weights)]
        twice = next((j for j in features if j in dropped), None)
        if twice is not None:
            table.refuse("cannot be both taken and dropped", column=twice)
    else:
        features = [j for j in left if j != target and j not in table.index]
    if not features:
        count = len(table.names)
        found = "one column only" if count == 1 else f"{count} columns only, or all others left out"
        needed = "a target and" if weights is None else "a target, weights and"
        told = f"; {reading.option('delimiter', ';')} if semicolons part them" if count == 1 else ""
        table.refuse(f"{found}: {needed} at least one feature are needed{told if reading.shell else ''}")
    return Choice(target, weights, tuple(features))


def _place(table: Table, column: Column, reading: Reading) -> int:
    """Where the column is: by name, by a name used twice with its .1, by 0-based place."""
    names = table.names
    if column in names:
        return names.index(str(column))
    try:
        place = int(column)
    except (TypeError, ValueError):
        shown = ", ".join(map(shorten, names[:20])) + (", …" if len(names) > 20 else "")
        found = f"columns: {shown}" if table.named else f"the file has no header; columns: {shown}"
        table.refuse(f"no column {shorten(str(column))!r}; {found}")
    if not -len(names) <= place < len(names):
        table.refuse(f"no column {place}; there are {len(names)}, counted from 0")
    return place % len(names)


def _refuse_ambiguous(table: Table, reading: Reading, asked: set[str]) -> None:
    """A name that two columns have is refused until its second is called by ``name.1``."""
    for called, name in table.ambiguous.items():
        j = table.names.index(called)
        if called in asked or str(j) in asked or (reading.columns is not None and name not in asked):
            continue
        table.refuse(
            f"two columns are named {shorten(name)!r}: the second one, column {j}, is {shorten(called)!r}: "
            f"{reading.option('drop', [called])}, or {reading.option('columns', [name, called])} and others"
        )


def complete_rows(table: Table, choice: Choice, reading: Reading) -> list[int]:
    """The rows in which no cell that is used is missing; raises UnreadableFile unless the others may go."""
    lacking = {j: [is_missing(cell) for cell in table.columns[j]] for j in dict.fromkeys(choice.used)}
    bad = [any(found) for found in zip(*lacking.values(), strict=True)]
    count = sum(bad)
    if not count:
        return list(range(table.height))
    if reading.missing == "error" or count == table.height or any(map(all, lacking.values())):
        _refuse_missing(table, choice, reading, lacking, bad)
    gone = [table.label(i) for i, found in enumerate(bad) if found]
    shown = ", ".join(gone[:SHOWN]) + (", …" if count > SHOWN else "")
    table.notes.append(f"{count:,} of {table.height:,} rows left out, as a value is missing in them: {shown}")
    return [i for i, found in enumerate(bad) if not found]


def _refuse_missing(
    table: Table, choice: Choice, reading: Reading, lacking: dict[int, list[bool]], bad: list[bool]
) -> NoReturn:
    """Name the first cell that is missing, the columns that hardly hold anything, and the ways out."""
    count, row = sum(bad), bad.index(True)
    blank = [all(found) for found in zip(*lacking.values(), strict=True)]
    holes = {j: sum(map(gt, found, blank)) for j, found in lacking.items()}
    holes = {j: missing for j, missing in holes.items() if missing}
    mostly = [j for j, missing in holes.items() if 2 * missing > table.height]
    ways = _without(table, choice, reading, mostly or [j for j in holes if j != choice.target])
    if reading.missing == "error" and count < table.height:
        rows = "row" if count == 1 else "rows"
        told = f"{reading.option('missing', 'drop')} leaves out {count:,} such {rows} of {table.height:,}"
        ways.insert(len(ways) if mostly else 0, told)
    column = next(j for j, found in lacking.items() if found[row])
    cell = table.columns[column][row]
    what = "empty" if cell is None or not str(cell).strip() else f"{shorten(str(cell))!r} is no value"
    if count == table.height:
        what = f"{what}, and every row has a missing value"
    if mostly:
        what = f"{what}; {_listed(table, mostly)} hold{'s' if len(mostly) == 1 else ''} few values, or none"
    table.refuse(f"{what}: {', or '.join(ways)}", row, column)


def _without(table: Table, choice: Choice, reading: Reading, places: Sequence[int]) -> list[str]:
    """How to do without these columns."""
    named = {choice.weights: "weights"} | ({choice.target: "target"} if reading.target is not None else {})
    ways = [f"{reading.option(named[j], 'NAME')} names another column" for j in places if j in named]
    plain = [j for j in places if j not in named]
    return ways + ([drop_option(reading, plain, table)] if plain else [])


def drop_option(reading: Reading, places: Iterable[int], table: Table) -> str:
    """The option that drops these columns, as a message names it."""
    return reading.option("drop", [table.names[j] for j in places])


def _listed(table: Table, places: Sequence[int]) -> str:
    names = ", ".join(repr(shorten(table.names[j])) for j in places[:SHOWN])
    more = ", …" if len(places) > SHOWN else ""
    return f"column {names}" if len(places) == 1 else f"columns {names}{more}"
