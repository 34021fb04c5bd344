"""Data frames made of results, by whichever library is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Literal

from exactsaddle.base import InvalidInput, MissingExtra, pip_install
from exactsaddle.problem.tables.table import distinct

FrameLibrary = Literal["pandas", "polars"]
FRAME_LIBRARIES: tuple[FrameLibrary, ...] = ("pandas", "polars")


def made_frame(
    names: Sequence[str],
    rows: Iterable[Sequence[float]],
    exact: Iterable[Sequence[str]] | None,
    library: FrameLibrary | None,
) -> Any:
    """A frame of floats with these columns, and of exact text in columns ``name (exact)`` where it is given.

    Of pandas if it is installed, else of polars, unless one is named; a name that two columns have becomes
    ``name.1``. Raises MissingExtra where neither, or not the one named, is installed.
    """
    called, _ = distinct(names)
    columns: dict[str, Any] = dict(zip(called, zip(*rows, strict=True), strict=True))
    if exact is not None:
        columns |= {f"{n} (exact)": c for n, c in zip(called, zip(*exact, strict=True), strict=True)}
    return _maker(library)({name: list(column) for name, column in columns.items()})


def _maker(library: FrameLibrary | None) -> Any:
    if library is not None and library not in FRAME_LIBRARIES:
        raise InvalidInput(f"library {library!r} is neither pandas nor polars")
    for name in FRAME_LIBRARIES if library is None else (library,):
        try:
            return import_module(name).DataFrame
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    wanted = library or " or ".join(FRAME_LIBRARIES)
    raise MissingExtra(f"a data frame needs {wanted}: {pip_install()} {library or FRAME_LIBRARIES[0]}")
