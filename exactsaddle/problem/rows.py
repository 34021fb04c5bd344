"""X, y and other sequences as people give them: arrays and frames of any library, lists, iterators.

Each entry is read by a function of ``entries``, and named in messages by its row, and its column's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

from exactsaddle.base import InvalidInput, counted, misfit
from exactsaddle.numbers import FloatMatrix, FloatVector, Matrix, Vector, shorten
from exactsaddle.problem.arrays import (
    Columns,
    column_cells,
    columns_of,
    is_frame,
    is_null,
    kind_of,
    plain,
    row_label,
)
from exactsaddle.problem.entries import format_of, number
from exactsaddle.problem.resolution import EXACT, Part, of_written

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any, str, set[str]], T]

BINARY64 = {float, np.float64}


def _sequence(value: Any, what: str) -> list[Any]:
    """A list of the items of an array, a column or any iterable that is not text."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        told = f"{shorten(repr(value))} ({kind_of(value)})"
        file = "; read_problem reads files" if isinstance(value, str) else ""
        raise InvalidInput(f"{what} must be a sequence of numbers, not {told}{file}")
    if hasattr(value, "ndim") and value.ndim == 0:
        raise InvalidInput(f"{what} must be a sequence of numbers, not a scalar array")
    return list(value)


def read_rows(
    X: Any, formats: set[str], read: Reader[T], names: Iterable[str] | None = None
) -> list[list[T]]:
    """The rows of a matrix of any kind, each entry as ``read`` makes it; raises InvalidInput."""
    X = plain(X, "X")
    return _each_named(columns_of(X), formats, read) if is_frame(X) else _each(_rows(X), formats, read, names)


def _rows(X: Any) -> list[list[Any]]:
    """The rows of a matrix of any kind, of one length."""
    if getattr(X, "ndim", 2) != 2:
        raise InvalidInput(f"X must have two dimensions, not {_shape(X)}")
    rows = [_sequence(row, f"X, row {i},") for i, row in enumerate(_sequence(X, "X"))]
    if not rows:
        raise InvalidInput("X has no rows")
    width = len(rows[0])
    if width == 0:
        raise InvalidInput("X has no columns")
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InvalidInput(f"X, row {i}: {counted(len(row), 'entry', 'entries')}, but row 0 has {width}")
    return rows


def _each(
    rows: list[list[Any]], formats: set[str], read: Reader[T], names: Iterable[str] | None
) -> list[list[T]]:
    columns = [f"column {j}" for j in range(len(rows[0]))]
    if isinstance(names, (list, tuple)) and len(names) == len(columns):  # else they are refused later
        columns = [f"column {shorten(str(name))!r}" for name in names]
    return [
        [read(value, f"X, row {i}, {where}", formats) for where, value in zip(columns, row, strict=True)]
        for i, row in enumerate(rows)
    ]


def _each_named(frame: Columns, formats: set[str], read: Reader[T]) -> list[list[T]]:
    if not frame.cells or not len(frame.cells[0]):
        raise InvalidInput(f"X has no {'rows' if frame.cells else 'columns'}")
    columns = []
    for name, cells in zip(frame.names, frame.cells, strict=True):
        where = f"column {shorten(name)!r}"
        columns.append(
            [_read_labelled(v, f"X, {frame.label(i)}, {where}", formats, read) for i, v in enumerate(cells)]
        )
    return [list(row) for row in zip(*columns, strict=True)]


def _read_labelled(value: Any, where: str, formats: set[str], read: Reader[T]) -> T:
    if is_null(value):
        raise InvalidInput(
            f"{where}: no value ({value}): .dropna() first, or Problem.from_frame(…, missing='drop')"
        )
    return read(value, where, formats)


def read_vector(values: Any, what: str, formats: set[str], read: Reader[T]) -> list[T]:
    """The entries of a vector of any kind, (n,) or (n, 1), each as ``read`` makes it; raises InvalidInput."""
    found, label = _column(values, what)
    return _each_of(_sequence(found, what), what, label, formats, read)


def _each_of(
    items: list[Any], what: str, label: Callable[[int], str] | None, formats: set[str], read: Reader[T]
) -> list[T]:
    if label is not None:
        return [_read_labelled(v, f"{what}, {label(i)}", formats, read) for i, v in enumerate(items)]
    return [read(v, f"{what}, row {i}", formats) for i, v in enumerate(items)]


def _column(values: Any, what: str) -> tuple[Any, Callable[[int], str] | None]:
    """The entries of (n,) or (n, 1) values, and how a row is called where a frame names it."""
    values = plain(values, what)
    if is_frame(values):
        frame = columns_of(values)
        if len(frame.cells) != 1:
            raise InvalidInput(f"{what} has {counted(len(frame.cells), 'column')}, not one")
        return frame.cells[0], frame.label
    if hasattr(values, "to_pylist") or (hasattr(values, "dtype") and hasattr(values, "to_numpy")):
        return column_cells(values), row_label(values)
    if getattr(values, "ndim", 1) == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if getattr(values, "ndim", 1) != 1:
        turned = ": give .T of it, one column" if values.ndim == 2 and values.shape[0] == 1 else ""
        raise InvalidInput(f"{what} must have one dimension, not {_shape(values)}{turned}")
    if isinstance(values, (list, tuple)) and all(type(v) in (list, tuple) and len(v) == 1 for v in values):
        values = [value[0] for value in values]
    return values, None


def _shape(values: Any) -> str:
    return f"{values.ndim} (of shape {tuple(values.shape)})" if values.ndim else "0"


def read_matrix(X: Any, formats: set[str], names: Iterable[str] | None = None) -> tuple[Matrix, Part]:
    """X of any kind as a matrix over Q, of floats where all are, and how sharply it was given.

    Raises InvalidInput, naming the entry: by the names of columns where the caller has them.
    """
    if isinstance(X, Matrix):
        return X, EXACT
    X = plain(X, "X")
    frame = columns_of(X) if is_frame(X) else None
    floats = _floats(X if frame is None else [*zip(*frame.cells, strict=True)], 2)
    if floats is not None:
        formats.add(format_of(floats))
        return FloatMatrix(floats), of_written((), formats)
    if frame is not None:
        named = Matrix(_each_named(frame, formats, number))
        return named, of_written(frame.cells, formats)
    rows = _rows(X)
    found = Matrix(_each(rows, formats, number, names))
    return found, of_written(zip(*rows, strict=True), formats)


def read_target(y: Any, formats: set[str]) -> tuple[Vector, Part]:
    """y of any kind as a vector over Q, of floats where all are, and how sharply it was given.

    Raises InvalidInput, naming the entry.
    """
    if isinstance(y, Vector):
        return y, EXACT
    values, label = _column(y, "y")
    floats = _floats(values, 1)
    if floats is not None:
        formats.add(format_of(floats))
        return FloatVector(floats), of_written((), formats)
    items = _sequence(values, "y")
    found = Vector.of(_each_of(items, "y", label, formats, number))
    return found, of_written([items], formats)


def _floats(values: Any, ndim: int) -> np.ndarray[Any, Any] | None:
    """A plain array, or lists, of finite binary floats of at most 64 bits, as an array; None for all else."""
    if type(values) in (list, tuple) and len(values):
        rows = values if ndim == 2 else [values]
        width = len(rows[0]) if type(rows[0]) in (list, tuple) else 0
        if all(
            type(r) in (list, tuple) and len(r) == width and BINARY64.issuperset(map(type, r)) for r in rows
        ):
            values = np.array(values)
    if type(values) is not np.ndarray or values.ndim != ndim or values.size == 0:
        return None
    known = values.dtype.kind == "f" and values.dtype.itemsize <= 8
    return values if known and np.isfinite(values).all() else None


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or not isinstance(value, Iterable)


def read_scalars(value: Any, what: str, names: Sequence[str], formats: set[str], read: Reader[T]) -> list[T]:
    """A number for each column of these names, from one for all or a list, each as ``read`` makes it.

    Raises InvalidInput, naming the column.
    """
    d = len(names)
    if _is_scalar(value):
        return [read(value, what, formats)] * d
    if isinstance(value, Mapping):
        raise InvalidInput(f"{what} is a {kind_of(value)}: give its numbers as a list, in the order of names")
    items = _sequence(_column(value, what)[0], what)
    if len(items) != d:
        raise misfit(what, len(items), d, "column")
    return [
        read(item, f"{what} of column {shorten(name)!r}", formats)
        for item, name in zip(items, names, strict=True)
    ]
