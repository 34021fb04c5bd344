"""Entries of a problem as people give them: arrays, scalars, names; each read exactly or refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import (
    FloatMatrix,
    FloatVector,
    Matrix,
    Number,
    RootSum,
    Vector,
    brief,
    is_binary_float,
    parse_rational,
    parse_root,
    shorten,
    square_root,
    to_rational,
)
from exactsaddle.problem.resolution import EXACT, Part, of_written

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any, str, set[str]], T]

BINARY64 = {float, np.float64}


def _sequence(value: Any, what: str) -> list[Any]:
    """A list of the items of an array, a data frame column or any iterable that is not text."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        raise InvalidInput(f"{what} must be a sequence of numbers, not {shorten(repr(value))}")
    if hasattr(value, "ndim") and value.ndim == 0:
        raise InvalidInput(f"{what} must be a sequence of numbers, not a scalar array")
    return list(value)


def number(value: Any, where: str, formats: set[str]) -> fmpq:
    """A rational number; raises InvalidInput, naming the entry."""
    try:
        exact = to_rational(value)
    except InvalidInput as error:
        hint = "; RealProblem takes real numbers such as sqrt(2) or pi/4" if is_expression(value) else ""
        raise InvalidInput(f"{where}: {error}{hint}") from None
    note_format(value, formats)
    return exact


def note_format(value: Any, formats: set[str]) -> None:
    """Record the binary format of a float that is taken at face value."""
    if is_binary_float(value):
        formats.add("binary64" if isinstance(value, float) else _format_of(value))


def is_expression(value: Any, *, roots: bool = False) -> bool:
    """Whether it looks like a real number that is no rational: SymPy's, or text with a name or arithmetic.

    With roots, text "sqrt(p/q)" and SymPy's square roots do not count: a Problem takes them there.
    """
    if isinstance(value, str):
        text = value.strip()
        if text.lower().lstrip("+-") in ("inf", "infinity", "nan", "na", "null", ""):
            return False
        if roots and parse_root(text) is not None:
            return False
        try:
            parse_rational(text)
        except InvalidInput:
            return any(c.isalpha() or c in "*(^" for c in text)
        return False
    return hasattr(value, "free_symbols") and not getattr(value, "is_Rational", False)


def root_or_number(value: Any, where: str, formats: set[str]) -> Number:
    """A rational, or a square root of one: "sqrt(p/q)", or SymPy's."""
    if isinstance(value, RootSum):
        rational = value.rational()
        return value if rational is None else rational
    root = parse_root(value) if isinstance(value, str) else None
    if root is None and hasattr(value, "free_symbols") and getattr(value**2, "is_Rational", False):
        root = square_root(to_rational(value**2)) if value != 0 else fmpq(0)
        root = -root if value.is_negative else root
    return number(value, where, formats) if root is None else root


def _format_of(value: Any) -> str:
    bits = getattr(getattr(value, "dtype", None), "itemsize", 8) * 8
    return f"binary{bits}" if bits <= 64 else f"{type(value).__name__}"


def read_rows(X: Any, formats: set[str], read: Reader[T]) -> list[list[T]]:
    """The rows of a matrix of any kind, each entry as ``read`` makes it; raises InvalidInput."""
    return _each(_rows(_unframed(X)), formats, read)


def _rows(X: Any) -> list[list[Any]]:
    """The rows of a matrix of any kind, of one length."""
    if getattr(X, "ndim", 2) != 2:
        raise InvalidInput(f"X must have two dimensions, not {X.ndim}")
    rows = [_sequence(row, f"X[{i}]") for i, row in enumerate(_sequence(X, "X"))]
    if not rows:
        raise InvalidInput("X has no rows")
    width = len(rows[0])
    if width == 0:
        raise InvalidInput("X has no columns")
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InvalidInput(f"X[{i}] has {len(row)} entries but X[0] has {width}")
    return rows


def _each(rows: list[list[Any]], formats: set[str], read: Reader[T]) -> list[list[T]]:
    return [
        [read(value, f"X[{i}][{j}]", formats) for j, value in enumerate(row)] for i, row in enumerate(rows)
    ]


def read_matrix(X: Any, formats: set[str]) -> tuple[Matrix, Part]:
    """X of any kind as a matrix over Q, of floats where all are, and how sharply it was given.

    Raises InvalidInput, naming the entry.
    """
    if isinstance(X, Matrix):
        return X, EXACT
    table = _unframed(X)
    floats = _floats(table, 2)
    if floats is not None:
        formats.add(_format_of(floats))
        return FloatMatrix(floats), of_written((), formats)
    rows = _rows(table)
    found = Matrix(_each(rows, formats, number))
    return found, of_written(zip(*rows, strict=True), formats)


def read_target(y: Any, formats: set[str]) -> tuple[Vector, Part]:
    """y of any kind as a vector over Q, of floats where all are, and how sharply it was given.

    Raises InvalidInput, naming the entry.
    """
    if isinstance(y, Vector):
        return y, EXACT
    floats = _floats(y, 1)
    if floats is not None:
        formats.add(_format_of(floats))
        return FloatVector(floats), of_written((), formats)
    values = y if getattr(y, "ndim", 1) != 1 else _sequence(y, "y")
    found = Vector.of(read_vector(values, "y", formats, number))
    return found, of_written([values], formats)


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


def _unframed(X: Any) -> Any:
    """An array in place of a data frame, which iterates over its column names."""
    return X.to_numpy() if hasattr(X, "to_numpy") else X


def read_vector(values: Any, what: str, formats: set[str], read: Reader[T]) -> list[T]:
    """The entries of a vector of any kind, each as ``read`` makes it; raises InvalidInput."""
    if getattr(values, "ndim", 1) != 1:
        raise InvalidInput(f"{what} must have one dimension, not {values.ndim}")
    return [read(v, f"{what}[{i}]", formats) for i, v in enumerate(_sequence(values, what))]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or not isinstance(value, Iterable)


def read_scalars(value: Any, what: str, d: int, formats: set[str], read: Reader[T]) -> list[T]:
    """d numbers, from one for all or d of them, each as ``read`` makes it; raises InvalidInput."""
    if _is_scalar(value):
        return [read(value, what, formats)] * d
    values = read_vector(value, what, formats, read)
    if len(values) != d:
        raise InvalidInput(f"{what} has {len(values)} entries but X has {d} columns")
    return values


def is_infinite(value: Any) -> bool:
    """Whether it says that there is no threshold."""
    if isinstance(value, str):
        return value.strip().lower() in ("inf", "+inf", "infinity")
    return is_binary_float(value) and bool(value == math.inf)


def threshold(value: Any, where: str, formats: set[str]) -> Number | None:
    """A magnitude above 0, None where it is infinite; raises InvalidInput."""
    if is_infinite(value):
        return None
    exact = root_or_number(value, where, formats)
    if exact <= 0:
        raise InvalidInput(f"{where}: a threshold must be positive, not {brief(exact)}")
    return exact


def check_box(i: int, lower: Number | None, upper: Number | None, dual: Number) -> None:
    """Raise InvalidInput unless one threshold of coordinate i is finite and its dual is between them."""
    if lower is None and upper is None:
        raise InvalidInput(f"coordinate {i}: at most one of its two thresholds may be infinite")
    if (lower is not None and dual < -lower) or (upper is not None and dual > upper):
        low = "-inf" if lower is None else brief(-lower)
        high = "inf" if upper is None else brief(upper)
        raise InvalidInput(f"dual[{i}] = {brief(dual)} is outside its box [{low}, {high}]")


def read_names(names: Iterable[str] | None, d: int) -> tuple[str, ...]:
    """d distinct feature names; x0, x1, … by default. Raises InvalidInput."""
    if names is None:
        return tuple(f"x{i}" for i in range(d))
    if isinstance(names, str):
        raise InvalidInput("names must be a sequence of strings, not one string")
    if not isinstance(names, Iterable):
        raise InvalidInput(f"names must be a sequence of strings, not {shorten(repr(names))}")
    found = tuple(str(name) for name in names)
    broken = next((name for name in found if any("\ud800" <= c <= "\udfff" for c in name)), None)
    if broken is not None:
        raise InvalidInput(f"the name {shorten(ascii(broken))} is not text: it holds half of a character")
    if len(found) != d:
        raise InvalidInput(f"names has {len(found)} entries but X has {d} columns")
    repeated = next((name for i, name in enumerate(found) if name in found[:i]), None)
    if repeated is not None:
        raise InvalidInput(f"the name {shorten(repeated)!r} is used for two columns")
    return found


def listing(values: Sequence[Number | None]) -> str:
    """One number for all, or the first of them, for a message."""
    texts = ["inf" if value is None else brief(value) for value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return "[" + ", ".join(texts if len(texts) <= 8 else [*texts[:7], "..."]) + "]"


def flat(value: Any) -> Iterator[Any]:
    """Every entry of lists and tuples in one another."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from flat(item)
    else:
        yield value
