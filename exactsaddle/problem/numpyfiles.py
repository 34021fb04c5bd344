"""NumPy's files: one array as a table, or an archive of arrays that are the fields of a problem."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from exactsaddle.base import UnreadableFile
from exactsaddle.numbers import shorten
from exactsaddle.problem.tables import Reading, Table, refuse_many, refuse_zip_bomb

_FIELDS = ("X", "y", "lower", "upper", "dual", "names", "weights")


_PROPOSED = 6
"""The most choices that a message proposes."""


def npy_table(place: Path, content: bytes, notes: list[str]) -> Table:
    """The (n, 1 + d) array of an .npy file; raises UnreadableFile."""
    array = _load(place, content)
    if not isinstance(array, np.ndarray):
        raise UnreadableFile(f"{place}: an archive of arrays; name it .npz")
    _checked(place, array, "the array")
    if array.ndim != 2 or 0 in array.shape:
        raise UnreadableFile(f"{place}: shape {array.shape}, not (n, 1 + d)")
    names = [f"x{j}" for j in range(array.shape[1])]
    columns: list[Sequence[Any]] = [list(column) for column in array.T]
    return Table(str(place), names, columns, lambda i: f"row {i}", named=False, notes=notes)


def npz_fields(place: Path, content: bytes, reading: Reading, notes: list[str]) -> dict[str, Any]:
    """The arrays of an .npz file by the fields they are; raises UnreadableFile, proposing which is which."""
    archive = _load(place, content)
    if isinstance(archive, np.ndarray):
        raise UnreadableFile(f"{place}: a single array; name it .npy")
    called = _called(place, archive, reading)
    try:
        members = {field: archive[name] for field, name in called.items()}
    except Exception as error:
        raise _unreadable(place, error) from None
    others = [name for name in archive.files if name not in called.values()]
    if others:
        notes.append(f"arrays left out: {shorten(', '.join(others), 200)}")
    fields = {name: _checked(place, value, name) for name, value in members.items()}
    return {name: value[()] if value.ndim == 0 else value for name, value in fields.items()}


def _called(place: Path, archive: Any, reading: Reading) -> dict[str, str]:
    """Which array is which field: by its own name, or by the name that was given for it."""
    given = dict(reading.arrays)
    strange = next((field for field in given if field not in _FIELDS), None)
    if strange is not None:
        known = ", ".join(_FIELDS)
        raise UnreadableFile(f"{place}: --arrays {shorten(strange)}=…: the fields of a problem are {known}")
    absent = next((name for name in given.values() if name not in archive.files), None)
    if absent is not None:
        found = shorten(", ".join(archive.files), 200)
        raise UnreadableFile(f"{place}: no array {shorten(absent)!r}; there are: {found}")
    called = {field: field for field in _FIELDS if field in archive.files} | given
    lacking = [field for field in ("X", "y") if field not in called]
    unknown = [name for name in archive.files if name not in called.values()]
    if lacking or (unknown and not given):
        told = shorten(f"unknown arrays {sorted(unknown)}, missing arrays {lacking}", 200)
        raise UnreadableFile(f"{place}: {told}{_proposal(archive, called)}")
    return called


def _proposal(archive: Any, called: dict[str, str]) -> str:
    """Which arrays could be X and which y, by their shapes: all choices that fit."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name in archive.files[:50]:
        try:
            shapes[name] = archive[name].shape if archive[name].dtype.kind in "iuf" else ()
        except Exception:
            continue
    matrices = [called["X"]] if "X" in called else [n for n, s in shapes.items() if len(s) == 2 and s[1] > 1]
    fitting = []
    for X in matrices:
        rows = shapes[X][0] if shapes.get(X) else 0
        fit = [n for n, s in shapes.items() if s in ((rows,), (rows, 1)) and n != X]
        fitting += [f"X={X},y={y}" for y in fit if y == called.get("y", y)]
    options = [Reading().option("arrays", pair) for pair in fitting[:_PROPOSED]]
    if not options:
        return "; --arrays X=NAME,y=NAME says which is which"
    more = f" or {len(fitting) - len(options)} more" if len(fitting) > len(options) else ""
    return f"; by their shapes: {' or '.join(options)}{more}"


def _load(place: Path, content: bytes) -> Any:
    try:
        if content[:2] == b"PK":
            refuse_zip_bomb(place, content)
        return np.load(io.BytesIO(content), allow_pickle=False)
    except UnreadableFile:
        raise
    except Exception as error:
        raise _unreadable(place, error) from None


def _unreadable(place: Path, error: Exception) -> UnreadableFile:
    """NumPy, zipfile and zlib say of a damaged file what they like: TokenError, RuntimeError, zlib.error."""
    return UnreadableFile(f"{place}: not a readable NumPy file: {shorten(str(error), 200)}")


def _checked(place: Path, value: Any, name: str) -> Any:
    if not isinstance(value, np.ndarray):
        raise UnreadableFile(f"{place}: {shorten(name)} is not an array")
    refuse_many(place, value.size)
    if value.dtype.kind not in "iufUO":
        dtype = shorten(str(value.dtype), 100)
        raise UnreadableFile(f"{place}: {name} has dtype {dtype}, not real numbers")
    if name == "names" and value.ndim != 1:
        raise UnreadableFile(f"{place}: names has {value.ndim} dimensions, not one")
    if value.dtype.kind != "U":
        return value
    try:
        value.tolist()
    except (ValueError, SystemError) as error:  # code points that are none
        raise UnreadableFile(f"{place}: {name}: {error}") from None
    return value
