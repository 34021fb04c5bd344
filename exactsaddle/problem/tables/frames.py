"""Data frames as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.numbers import shorten
from exactsaddle.problem.arrays import Columns, columns_of, is_frame, kind_of, refuse_lazy
from exactsaddle.problem.tables.table import Table, distinct

_NESTED = ("struct", "list", "large_list", "map", "fixed_size_list", "sparse_union", "dense_union")


def table_of_frame(frame: Any, place: str = "the frame") -> Table:
    """The columns of a data frame, each with its own type.

    pandas, polars (DataFrame), pyarrow (Table), a structured NumPy array, an xarray.Dataset of one dimension,
    or a dict of columns. Raises InvalidInput naming the type and the remedy.
    """
    refuse_lazy(frame)
    if hasattr(frame, "data_vars"):
        if len(frame.sizes) != 1:
            raise InvalidInput(
                f"{place} is an {kind_of(frame)} of {len(frame.sizes)} dimensions, not one: "
                "give .to_dataframe().reset_index()"
            )
        frame = {str(name): frame[name].values for name in frame.data_vars}
    if not is_frame(frame) and not isinstance(frame, Mapping):
        raise InvalidInput(f"{place} is a {kind_of(frame)}, no data frame: Problem(X, y) takes arrays")
    return _table(columns_of(frame), place)


def arrow_table(found: Any, place: str) -> Table:
    """The columns of a pyarrow.Table read from a file; those that hold tables are refused when used."""
    kinds = [str(column.type) for column in found.columns]
    plain = [k for k, kind in enumerate(kinds) if not kind.startswith(_NESTED)]
    names = [str(name) for name in found.column_names]
    told = columns_of(found.select(plain))
    cells: list[Sequence[Any]] = [
        _Nested(place, name, kind, found.num_rows) for name, kind in zip(names, kinds, strict=True)
    ]
    for k, column in zip(plain, told.cells, strict=True):
        cells[k] = column
    table = _table(Columns(names, cells, told.label), place)
    table.index = frozenset(j for j, name in enumerate(table.names) if name.startswith("__index_level_"))
    table.notes += [
        f"column {table.names[j]!r} is the index pandas wrote: left out of X" for j in table.index
    ]
    return table


def _table(found: Columns, place: str) -> Table:
    heights = {len(column) for column in found.cells}
    if len(heights) != 1 or heights == {0}:
        raise InvalidInput(f"{place} has {'no rows' if heights <= {0} else 'columns of different lengths'}")
    names, ambiguous = distinct(found.names)
    return Table(place, names, found.cells, found.label, ambiguous=ambiguous)


class _Nested(Sequence[Any]):
    """A column whose cells are tables themselves: refused when it is used."""

    def __init__(self, place: str, name: str, kind: str, height: int) -> None:
        self._told = f"{place}, column {name!r}: holds {shorten(kind, 80)}, not numbers: --drop {name}"
        self._height = height

    def __len__(self) -> int:
        return self._height

    def __getitem__(self, index: Any) -> Any:
        raise UnreadableFile(self._told)
