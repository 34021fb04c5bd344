"""Reading problems from files and data frames, every number exactly as it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.numbers import shorten
from exactsaddle.problem.exact import Problem
from exactsaddle.problem.jsonfile import parse_json
from exactsaddle.problem.numpyfiles import npy_table, npz_fields
from exactsaddle.problem.real import problem_of
from exactsaddle.problem.tables import (
    Categories,
    Column,
    Missing,
    Reading,
    content_of,
    fields_of,
    parquet_table,
    records_of,
    table_of_frame,
    table_of_records,
    text_of,
    workbook_records,
)


def read_problem(
    path: str | Path,
    *,
    target: Column | None = None,
    center: bool = False,
    weights: Column | None = None,
    columns: Iterable[Column] | None = None,
    drop: Iterable[Column] = (),
    missing: Missing = "error",
    categories: Categories = "error",
    drop_first: bool = False,
    delimiter: str | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    percent: bool = False,
    encoding: str | None = None,
    header: bool | None = None,
    skip_lines: int | None = None,
    sheet: str | None = None,
    arrays: Mapping[str, str] | None = None,
) -> Problem:
    """The problem in a file, by its ending: a table, NumPy's arrays, or JSON; each may be packed as .gz.

    Parameters
    ----------
    path : file
        CSV, TSV and TXT: one observation a line, with or without a header of names; Excel (.xlsx) and Parquet
        likewise, with the extra ``tables``. NPY: an (n, 1 + d) array. NPZ: arrays X (n, d) and y (n,),
        optionally lower, upper, dual, names, weights. JSON: an object with the same fields.
    target : column name, or 0-based index (negative from the end); default the last column
        Which column of a table is y; JSON and NPZ name it themselves.
    center : subtract the exact mean (with weights, the weighted mean) from every column, the target's too
    weights : column, default none
        Which column holds the weight of each observation.
    columns, drop : columns
        The features, these alone and in this order; or those that are left out.
    missing : "error" or "drop"
        Whether a missing value (an empty cell, NA, NaN, null, ?) is refused, or its row left out.
    categories, drop_first : "error" or "one-hot"
        Whether text is refused, or becomes exact columns ``name=text`` of 0 and 1, one for each of at most
        1,000 different texts, in alphabetical order; with drop_first, all but the first of them.
    delimiter, decimal, thousands, percent, encoding : how text is written
        The delimiter is found where none is given; decimal is "." or ","; thousands separators and % (1/100)
        are taken only on request; UTF-8 is assumed unless the bytes say otherwise.
    header, skip_lines : bool, int
        Whether the first line holds names; how many lines stand before the table. Both are guessed otherwise.
    sheet : name, default the first
        Of an Excel file.
    arrays : {"X": name, "y": name}
        What the arrays of an NPZ file are called there.

    Text is read exactly ("0.1" is 1/10); binary floats in arrays, Parquet and Excel files at their dyadic
    value. Where an entry of a text is an expression, "sqrt(2)" or "pi/4", the result is a RealProblem. What
    was guessed, left out or made stands in ``problem.source.reading``, a sentence each.
    Raises UnreadableFile naming file, line, column and value, and the option that would help.
    """
    reading = Reading(
        target=target,
        weights=weights,
        columns=None if columns is None else tuple(columns),
        drop=tuple(drop),
        missing=missing,
        categories=categories,
        drop_first=drop_first,
        delimiter=delimiter,
        decimal=decimal,
        thousands=thousands,
        percent=percent,
        encoding=encoding,
        header=header,
        skip_lines=skip_lines,
        sheet=sheet,
        arrays=tuple((arrays or {}).items()),
    )
    place, notes = Path(path), list[str]()
    try:
        content, ending = content_of(place)
        if ending not in _FORMATS:
            known = ", ".join(_FORMATS)
            raise UnreadableFile(f"{place}: unknown ending {shorten(ending)!r}; known: {known}")
        form = _FORMATS[ending]
        useless = reading.given(_EVERY - form.options)
        if useless is not None:
            own = f"names its own {useless}, so " if useless in ("target", "weights") else ""
            flag = "--" + useless.replace("_", "-")
            raise UnreadableFile(f"{place}: {own}{flag} does not apply to {ending} files")
        return _problem(form.read(place, content, ending, reading, notes), notes, center=center)
    except UnreadableFile:
        raise
    except InvalidInput as error:
        raise UnreadableFile(f"{place}: {error}") from None


def read_frame(
    frame: Any,
    *,
    target: Column | None = None,
    center: bool = False,
    weights: Column | None = None,
    columns: Iterable[Column] | None = None,
    drop: Iterable[Column] = (),
    missing: Missing = "error",
    categories: Categories = "error",
    drop_first: bool = False,
) -> Problem:
    """The problem in a data frame: see ``Problem.from_frame``."""
    reading = Reading(
        target=target,
        weights=weights,
        columns=None if columns is None else tuple(columns),
        drop=tuple(drop),
        missing=missing,
        categories=categories,
        drop_first=drop_first,
        shell=False,
    )
    table = table_of_frame(frame)
    return _problem(fields_of(table, reading), table.notes, center=center)


def _problem(fields: dict[str, Any], notes: list[str], *, center: bool) -> Problem:
    given = fields.pop("weights", None)
    problem = problem_of(fields)
    if center:
        problem = problem.centered(given)
    if given is not None:
        problem = problem.replace(weights=given)
    object.__setattr__(problem, "source", problem.source.read(notes))
    return problem


# --- formats --------------------------------------------------------------------------------


def _text(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    text = text_of(place, content, reading.encoding, notes)
    records = records_of(place, text, ending, reading, notes)
    return fields_of(table_of_records(place, records, reading, notes), reading)


def _workbook(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    records = workbook_records(place, content, reading, notes)
    return fields_of(table_of_records(place, records, reading, notes, line="row"), reading)


def _parquet(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    table = parquet_table(place, content)
    fields = fields_of(table, reading)
    notes += table.notes
    return fields


def _npy(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    return fields_of(npy_table(place, content, notes), reading)


def _npz(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    return npz_fields(place, content, reading, notes)


def _json(place: Path, content: bytes, ending: str, reading: Reading, notes: list[str]) -> dict[str, Any]:
    document = parse_json(text_of(place, content, "utf-8-sig", notes))
    if not isinstance(document, dict):
        raise UnreadableFile(f"{place}: not a problem: a JSON object with X and y is needed")
    if "format" in document:
        raise UnreadableFile(f"{place}: a certificate, not a problem; `exactsaddle check` reads it")
    return document


@dataclass(frozen=True)
class _Format:
    read: Callable[[Path, bytes, str, Reading, list[str]], dict[str, Any]]
    options: frozenset[str]


_CHOICE = frozenset(("target", "weights", "columns", "drop", "missing"))
_TABLE = _CHOICE | {"categories", "drop_first", "decimal", "thousands", "percent"}
_LINES = _TABLE | {"header", "skip_lines"}
_EVERY = _LINES | {"delimiter", "encoding", "sheet", "arrays"}
_FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), _Format(_text, _LINES | {"delimiter", "encoding"})),
    **dict.fromkeys((".xlsx", ".xlsm"), _Format(_workbook, _LINES | {"sheet"})),
    **dict.fromkeys((".parquet", ".pq"), _Format(_parquet, _TABLE)),
    ".npy": _Format(_npy, _CHOICE),
    ".npz": _Format(_npz, frozenset(("arrays",))),
    ".json": _Format(_json, frozenset()),
}
