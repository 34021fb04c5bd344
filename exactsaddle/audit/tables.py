"""Tables of logs as text: CSV and JSON lines, wide or long, row after row."""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

from exactsaddle.audit.thinning import CLOCKS
from exactsaddle.base import UnreadableFile
from exactsaddle.numbers import shorten

GROUPS = ("beta", "u", "v", "w_plus", "w_minus")
LOSSES = ("loss", "losses", "train_loss")
_TAGS = ("tag", "metric", "key", "variable")
"""Names of the column that says what ``value`` is, in a long table."""


def place_of(name: str, names: Sequence[str]) -> tuple[str, int] | None:
    """Which group and coordinate a column is: beta_3, beta.3, beta[3], a name of the problem's."""
    if name in names:
        return "beta", list(names).index(name)
    for group in sorted(GROUPS, key=len, reverse=True):
        rest = name[len(group) :].strip("_.[]/")
        if name.startswith(group) and rest != "":
            if rest.isdecimal() and len(rest) < 7:
                return group, int(rest)
            if rest in names:
                return group, list(names).index(rest)
    return None


def is_read(name: str, names: Sequence[str]) -> bool:
    """Whether a column is a clock, a coordinate or a loss; others (wall time, run) are passed over."""
    plain = name.strip()
    known = plain.lower() in CLOCKS or plain.lower() in LOSSES or plain in GROUPS
    return known or place_of(plain, names) is not None


def text_rows(place: Path, delimiter: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of a CSV file, wide or long; raises UnreadableFile naming file, line and column."""
    return _rows(place, _cells(place, delimiter), names)


def json_rows(place: Path, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of a file with an object a line, wide or long; raises UnreadableFile naming file and line."""
    return _rows(place, _objects(place), names)


def frame_rows(
    place: Path, rows: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Rows of a table of columns, wide or long."""
    return _rows(place, ((number, dict(row)) for number, row in enumerate(rows, 1)), names)


def _cells(place: Path, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    with place.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        header = next(reader, None)
        if header is None:
            raise UnreadableFile(f"{place}: empty")
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise UnreadableFile(
                    f"{place}, line {reader.line_num}: {len(cells)} cells under a header of {len(header)}"
                )
            yield reader.line_num, dict(zip(header, cells, strict=True))


def _objects(place: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with place.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise UnreadableFile(f"{place}, line {number}: not JSON: {error.msg}") from None
            if not isinstance(row, dict):
                raise UnreadableFile(f"{place}, line {number}: not an object")
            yield number, row


def _rows(
    place: Path, given: Iterator[tuple[int, dict[str, Any]]], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    first = list(islice(given, 1))
    fields = {name.strip().lower(): name for name in first[0][1]} if first else {}
    tag = next((fields[name] for name in _TAGS if name in fields), None)
    clock = next((fields[name] for name in CLOCKS if name in fields), None)
    every = chain(first, given)
    if tag is not None and clock is not None and "value" in fields:
        yield from _long(place, every, (clock, tag, fields["value"]), names)
        return
    told = any(is_read(name, names) and name != clock for name in fields.values())
    for line, row in every:  # where nothing is known, all are handed on, to be named in the refusal
        chosen = {name: value for name, value in row.items() if is_read(name, names) or not told}
        yield {name: _number(place, line, name, value) for name, value in chosen.items()}


def _long(
    place: Path,
    rows: Iterable[tuple[int, dict[str, Any]]],
    columns: tuple[str, str, str],
    names: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """A row a step: as they come, or, where tag follows tag, from memory."""
    clock, tag, value = columns
    entries = (
        (_number(place, line, clock, row[clock]), row[tag].strip(), _number(place, line, value, row[value]))
        for line, row in rows
        if clock in row and value in row and is_read(str(row.get(tag, "")), names)
    )
    steps = (
        (step, {name: number for _, name, number in group})
        for step, group in groupby(entries, key=lambda entry: entry[0])
    )
    head = list(islice(steps, 2))
    tag_after_tag = len(head) == 2 and all(len(row) == 1 for _, row in head)
    if not tag_after_tag:
        yield from ({clock: step, **row} for step, row in chain(head, steps))
        return
    series: dict[str, tuple[array[float], array[float]]] = {}
    for step, row in chain(head, steps):
        for name, number in row.items():
            times, numbers = series.setdefault(name, (array("d"), array("d")))
            times.append(step)
            numbers.append(number)
    first = next(iter(series))
    for name, (times, _) in series.items():
        if times != series[first][0]:
            raise UnreadableFile(
                f"{place}: {shorten(name)!r} was logged at other steps than {shorten(first)!r}"
            )
    for j, step in enumerate(series[first][0]):
        yield {clock: step, **{name: numbers[j] for name, (_, numbers) in series.items()}}


def _number(place: Path, line: int, name: str, value: Any) -> Any:
    """A cell of text as a float, an empty one as NaN; what JSON gave is left for the row to judge."""
    if not isinstance(value, str):
        return value
    try:
        return float(value) if value.strip() else float("nan")
    except ValueError:
        raise UnreadableFile(
            f"{place}, line {line}, column {shorten(name)!r}: {shorten(value)!r} is not a number"
        ) from None
