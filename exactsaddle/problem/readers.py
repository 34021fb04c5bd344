"""Reading problems from CSV, NPY, NPZ and JSON, every number exactly as it is written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from exactsaddle.base import InvalidInput, UnreadableFile, csv_field_limit
from exactsaddle.numbers import MAX_DIGITS, parse_rational, shorten
from exactsaddle.problem.entries import is_expression
from exactsaddle.problem.exact import Problem
from exactsaddle.problem.jsonfile import MAX_BYTES, MAX_ENTRIES, parse_json, read_bytes, read_text
from exactsaddle.problem.real import problem_of
from exactsaddle.problem.resolution import half_units

_ARRAYS = ("X", "y", "lower", "upper", "dual", "names", "weights")
_SEPARATORS = {".tsv": "\t"}


def read_problem(
    path: str | Path,
    *,
    target: str | int | None = None,
    center: bool = False,
    weights: str | int | None = None,
) -> Problem:
    """The problem in a file, by its ending: .csv, .tsv, .npy, .npz or .json.

    Parameters
    ----------
    path : file
        CSV and TSV: one observation a line, with or without a header of names. NPY: an (n, 1 + d)
        array. NPZ: arrays X (n, d) and y (n,), optionally lower, upper, dual, names. JSON: an
        object with the same fields (see CERTIFICATE.md).
    target : column name, or 0-based index (negative from the end); default the last column
        Which column is y, in CSV, TSV and NPY; the other formats name it themselves.
    center : subtract the exact mean (with weights, the weighted mean) from every column, the target's too
    weights : column name or index, as for the target; default none
        Which column holds the weight of each observation, in CSV, TSV and NPY; the others may hold "weights".

    Text is read exactly ("0.1" is 1/10); binary floats in arrays at their dyadic value. Where an entry of
    CSV, TSV or JSON is an expression, "sqrt(2)" or "pi/4", the result is a RealProblem; the first line of a
    table is a header unless some cell of it is a plain number.
    Raises UnreadableFile naming file, line, column and value.
    """
    place = Path(path)
    ending = place.suffix.lower()
    readers: dict[str, Callable[[Path, str | int | None, str | int | None], dict[str, Any]]] = {
        ".csv": _read_table,
        ".tsv": _read_table,
        ".txt": _read_table,
        ".npy": _read_npy,
        ".npz": _read_npz,
        ".json": _read_json,
    }
    reader = readers.get(ending)
    if reader is None:
        raise UnreadableFile(f"{place}: unknown ending {shorten(ending)!r}; known: {', '.join(readers)}")
    try:
        fields = reader(place, target, weights)
        given = fields.pop("weights", None)
        problem = problem_of(fields)
        if center:
            problem = problem.centered(given)
        return problem if given is None else problem.replace(weights=given)
    except UnreadableFile:
        raise
    except InvalidInput as error:
        raise UnreadableFile(f"{place}: {error}") from None


# --- text tables ----------------------------------------------------------------------------


def _read_table(path: Path, target: str | int | None, weights: str | int | None) -> dict[str, Any]:
    text = read_text(path)
    records = _split(path, text, _SEPARATORS.get(path.suffix.lower(), ","))
    while records and not any(cell.strip() for cell in records[-1][1]):
        records.pop()
    if not records:
        raise UnreadableFile(f"{path}: no data")
    header = _header(records[0][1])
    width = len(records[0][1])
    names = header or [f"x{j}" for j in range(width)]
    lines = records[1 if header else 0 :]
    data = [_parse_row(path, line, cells, names, width) for line, cells in lines]
    if not data:
        raise UnreadableFile(f"{path}: a header but no data")
    halves = half_units(zip(*(cells for _, cells in lines), strict=True))
    return _from_columns(path, data, names, target, weights, named=header is not None, halves=halves)


def _split(path: Path, text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The cells of each line, with its number."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        with csv_field_limit(2 * MAX_DIGITS + 2):  # the csv module's own is below our budget
            return [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise UnreadableFile(f"{path}, line {rows.line_num}: {error}") from None


def _header(cells: Sequence[str]) -> list[str] | None:
    """The names when no cell of the first line looks like a number, else None: a line of data."""
    if any(_looks_numeric(cell) for cell in cells):
        return None
    return [cell.strip() for cell in cells]


def _looks_numeric(cell: str) -> bool:
    try:
        parse_rational(cell)
    except InvalidInput:
        text = cell.strip().lstrip("+-").lower()
        return text in ("", "nan", "inf", "infinity", "na", "null") or text[:1].isdigit()
    return True


def _parse_row(path: Path, line: int, cells: list[str], names: Sequence[str], width: int) -> list[Any]:
    if len(cells) != width:
        what = "empty" if not any(cell.strip() for cell in cells) else f"{len(cells)} entries, not {width}"
        raise UnreadableFile(f"{path}, line {line}: {what}")
    values = []
    for name, cell in zip(names, cells, strict=True):
        try:
            values.append(_number(cell))
        except InvalidInput as error:
            raise UnreadableFile(f"{path}, line {line}, column {shorten(name)!r}: {error}") from None
    return values


def _number(cell: str) -> Any:
    """A rational, or a SymPy expression."""
    if not is_expression(cell):
        return parse_rational(cell)
    from exactsaddle.numbers.expressions import to_expression

    return to_expression(cell)


def _column(path: Path, target: str | int, names: Sequence[str], *, named: bool) -> int:
    if isinstance(target, str) and named and target in names:
        if names.count(target) > 1:
            raise UnreadableFile(f"{path}: two columns are named {target!r}")
        return names.index(target)
    try:
        index = int(target)
    except ValueError:
        found = f"columns: {', '.join(map(shorten, names[:20]))}" if named else "the file has no header"
        raise UnreadableFile(f"{path}: no column {shorten(str(target))!r}; {found}") from None
    if not -len(names) <= index < len(names):
        raise UnreadableFile(f"{path}: no column {index}; there are {len(names)}, counted from 0")
    return index % len(names)


def _from_columns(
    path: Path,
    data: Sequence[Sequence[Any]],
    names: Sequence[str],
    target: str | int | None,
    weights: str | int | None,
    *,
    named: bool,
    halves: Sequence[Fraction] | None = None,
) -> dict[str, Any]:
    """The fields of a problem; halves are half a unit of the last decimal written in each column."""
    taken = [] if weights is None else [_column(path, weights, names, named=named)]
    last = max((j for j in range(len(names)) if j not in taken), default=0)
    column = last if target is None else _column(path, target, names, named=named)
    if column in taken:
        raise UnreadableFile(f"{path}: column {shorten(names[column])!r} cannot be both target and weights")
    keep = [j for j in range(len(names)) if j not in (column, *taken)]
    if not keep:
        found = "one column only" if len(names) == 1 else f"{len(names)} columns only"
        needed = "a target, weights and" if taken else "a target and"
        raise UnreadableFile(f"{path}: {found}; {needed} at least one feature are needed")
    fields: dict[str, Any] = {
        "X": [[row[j] for j in keep] for row in data],
        "y": [row[column] for row in data],
        "names": [names[j] or f"x{j}" for j in keep] if named else None,
    }
    if halves is not None:
        fields["resolution"] = {"X": [halves[j] for j in keep], "y": [halves[column]]}
    return {**fields, **({"weights": [row[taken[0]] for row in data]} if taken else {})}


# --- arrays ---------------------------------------------------------------------------------


def _load_arrays(path: Path) -> Any:
    content = read_bytes(path)
    try:
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                total = sum(item.file_size for item in archive.infolist())
            if total > MAX_BYTES:
                raise UnreadableFile(f"{path}: {total:,} bytes unpacked, over the budget of {MAX_BYTES:,}")
        return np.load(io.BytesIO(content), allow_pickle=False)
    except UnreadableFile:
        raise
    except Exception as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> UnreadableFile:
    """NumPy, zipfile and zlib say of a damaged file what they like: TokenError, RuntimeError, zlib.error."""
    return UnreadableFile(f"{path}: not a readable NumPy file: {shorten(str(error), 200)}")


def _array(path: Path, value: Any, name: str) -> Any:
    if not isinstance(value, np.ndarray):
        raise UnreadableFile(f"{path}: {shorten(name)} is not an array")
    if value.size > MAX_ENTRIES:
        raise UnreadableFile(f"{path}: {name} has {value.size:,} entries, over the budget of {MAX_ENTRIES:,}")
    if value.dtype.kind not in "iufUO":
        dtype = shorten(str(value.dtype), 100)
        raise UnreadableFile(f"{path}: {name} has dtype {dtype}, not real numbers")
    if name == "names" and value.ndim != 1:
        raise UnreadableFile(f"{path}: names has {value.ndim} dimensions, not one")
    if value.dtype.kind != "U":
        return value
    try:
        value.tolist()
    except (ValueError, SystemError) as error:  # code points that are none
        raise UnreadableFile(f"{path}: {name}: {error}") from None
    return value


def _read_npy(path: Path, target: str | int | None, weights: str | int | None) -> dict[str, Any]:
    table = _load_arrays(path)
    if not isinstance(table, np.ndarray):
        raise UnreadableFile(f"{path}: an archive of arrays; name it .npz")
    _array(path, table, "the array")
    if table.ndim != 2 or 0 in table.shape:
        raise UnreadableFile(f"{path}: shape {table.shape}, not (n, 1 + d)")
    names = [f"x{j}" for j in range(table.shape[1])]
    return _from_columns(path, list(table), names, target, weights, named=False)


def _read_npz(path: Path, target: str | int | None, weights: str | int | None) -> dict[str, Any]:
    _refuse_columns(path, target, weights)
    archive = _load_arrays(path)
    if isinstance(archive, np.ndarray):
        raise UnreadableFile(f"{path}: a single array; name it .npy")
    unknown = sorted(set(archive.files) - set(_ARRAYS))
    missing = [name for name in ("X", "y") if name not in archive.files]
    if unknown or missing:
        told = shorten(f"unknown arrays {unknown}, missing arrays {missing}", 200)
        raise UnreadableFile(f"{path}: {told}")
    try:
        members = {name: archive[name] for name in archive.files}
    except Exception as error:
        raise _unreadable(path, error) from None
    fields = {name: _array(path, value, name) for name, value in members.items()}
    return {name: value[()] if value.ndim == 0 else value for name, value in fields.items()}


def _refuse_columns(path: Path, target: str | int | None, weights: str | int | None) -> None:
    for what, column in (("target", target), ("weights", weights)):
        if column is not None:
            raise UnreadableFile(f"{path}: names its own {what}, so --{what} does not apply")


# --- JSON -----------------------------------------------------------------------------------


def _read_json(path: Path, target: str | int | None, weights: str | int | None) -> dict[str, Any]:
    _refuse_columns(path, target, weights)
    document = parse_json(read_text(path))
    if not isinstance(document, dict):
        raise UnreadableFile(f"{path}: not a problem: a JSON object with X and y is needed")
    if "format" in document:
        raise UnreadableFile(f"{path}: a certificate, not a problem; `exactsaddle check` reads it")
    return document
