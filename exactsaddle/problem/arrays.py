"""Arrays and data frames of other libraries, told by what they can do: none of them is imported.

Every column keeps its own type, so that nothing is rounded to a type that all columns share: an integer
beside floats stays an integer. What is not taken is refused with its type and what to call on it.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten
from exactsaddle.problem.jsonfile import MAX_ENTRIES

_PLAIN = (list, tuple, range)
_NULLS = ("NAType", "NaTType", "MaskedConstant")


class Columns(NamedTuple):
    """A data frame: names, columns of cells of each column's own type, and how a message calls row i."""

    names: list[str]
    cells: list[Sequence[Any]]
    label: Callable[[int], str]


def kind_of(value: Any) -> str:
    """The type as a message names it: ``pandas.DataFrame``."""
    made_by = type(value).__module__.partition(".")[0]
    return type(value).__name__ if made_by == "builtins" else f"{made_by}.{type(value).__name__}"


def is_frame(value: Any) -> bool:
    """Whether it is columns with names: of pandas, polars, Arrow, or NumPy's records."""
    if isinstance(value, np.ndarray):
        return value.dtype.names is not None
    return (hasattr(value, "columns") and hasattr(value, "to_numpy")) or hasattr(value, "column_names")


def columns_of(frame: Any) -> Columns:
    """The columns of a frame (``is_frame``), or of a dict of columns."""
    if isinstance(frame, np.ndarray):
        frame = {name: frame[name] for name in frame.dtype.names or ()}
    if isinstance(frame, Mapping):
        return Columns([str(n) for n in frame], [list(column) for column in frame.values()], _numbered)
    if hasattr(frame, "column_names"):
        return Columns([str(n) for n in frame.column_names], [*map(column_cells, frame.columns)], _numbered)
    if hasattr(frame, "iloc"):
        columns = [frame.iloc[:, j] for j in range(len(frame.columns))]
    else:
        columns = [frame.get_column(name) for name in frame.columns]
    return Columns([*map(_name, frame.columns)], [*map(column_cells, columns)], row_label(frame))


def is_null(value: Any) -> bool:
    """Whether it stands for no value: None, NaN, pandas' NA and NaT, a masked entry."""
    if value is None or type(value).__name__ in _NULLS:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, numbers.Real) and bool(value != value)


def column_cells(column: Any) -> Sequence[Any]:
    """One column of pandas, polars or Arrow: floats with their own width, everything else as it is stored."""
    kind = str(getattr(column, "dtype", getattr(column, "type", ""))).lower()
    nulls = getattr(column, "null_count", 0)
    if kind.startswith(("float", "double", "halffloat")) and not (nulls() if callable(nulls) else nulls):
        found = column.to_numpy()
        if found.dtype.kind == "f":
            return list(found)
    for way in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, way):
            return list(getattr(column, way)())
    return list(column)


def row_label(frame: Any) -> Callable[[int], str]:
    """How a message calls row i: by the label that pandas has for it, else by its place."""
    index = getattr(frame, "index", None)
    if index is None or callable(index) or type(index).__name__ == "RangeIndex":
        return _numbered
    return lambda i: f"row {_label(index[i])}"


def _numbered(i: int) -> str:
    return f"row {i}"


def _name(name: Any) -> str:
    """A column's name; of several levels, all of them."""
    return "/".join(map(str, name)) if isinstance(name, tuple) else str(name)


def refuse_lazy(value: Any) -> None:
    """Raise InvalidInput for what would be computed when asked, naming the method that does."""
    if hasattr(value, "collect") and hasattr(value, "explain"):
        raise InvalidInput(f"a {kind_of(value)} holds no numbers yet: give .collect() of it")
    if hasattr(value, "compute") and hasattr(value, "dask"):
        raise InvalidInput(f"a {kind_of(value)} holds no numbers yet: give .compute() of it")


def plain(value: Any, what: str) -> Any:
    """The array, or list of rows, that an array of another library holds; anything else as it is.

    Takes PyTorch and JAX (bfloat16 at its exact value), SciPy sparse, np.matrix, xarray.DataArray, SymPy
    matrices and pandas or polars columns. Raises InvalidInput naming type and remedy for what holds no
    numbers.
    """
    if isinstance(value, (set, frozenset)):
        raise InvalidInput(f"{what} is a {kind_of(value)}, whose order is an accident: give a list")
    if isinstance(value, memoryview):
        return np.asarray(value)
    if isinstance(value, (np.ndarray, *_PLAIN)):
        return np.asarray(value) if isinstance(value, np.matrix) else value
    refuse_lazy(value)
    if isinstance(value, Mapping) or hasattr(value, "data_vars"):
        raise InvalidInput(f"{what} is a {kind_of(value)}: Problem.from_frame(…, target=…) takes its columns")
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # PyTorch
        return _of_tensor(value)
    if hasattr(value, "toarray") and hasattr(value, "nnz"):  # SciPy sparse
        _refuse_large(value, what)
        return value.toarray()
    if hasattr(value, "free_symbols") and hasattr(value, "tolist") and hasattr(value, "shape"):  # SymPy
        return value.tolist()
    if hasattr(value, "rows") and hasattr(value, "cols") and hasattr(value, "tolist"):  # mpmath
        return value.tolist()
    if hasattr(value, "nrows") and hasattr(value, "table"):  # python-flint
        return value.table()
    if hasattr(value, "get_column") or hasattr(value, "iloc") or hasattr(value, "null_count"):
        return value  # pandas and polars, column by column
    if hasattr(value, "__array__") and hasattr(value, "dtype"):  # JAX, xarray
        array = np.asarray(value)
        return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
    return value


def refuse_other_rows(X: Any, column: Any, what: str) -> None:
    """Raise InvalidInput where pandas calls the rows of X and of a column differently: none is moved."""
    ours: Any = getattr(X, "index", None)
    theirs: Any = getattr(column, "index", None)
    if not (hasattr(ours, "equals") and hasattr(theirs, "equals")) or len(ours) != len(theirs):
        return
    pairs = () if ours.equals(theirs) else enumerate(zip(ours, theirs, strict=True))
    for i, (here, there) in pairs:
        if here != there:
            raise InvalidInput(
                f"X and {what} have other rows: row {i} is {_label(here)} in X, {_label(there)} in {what}; "
                f"give {what}.loc[X.index], or {what}.to_numpy() to go by place"
            )


def _label(value: Any) -> str:
    """A label of pandas, which may be a NumPy number."""
    return shorten(repr(value.item() if isinstance(value, np.generic) else value))


def _of_tensor(value: Any) -> Any:
    if getattr(value, "is_sparse", False):
        value = value.to_dense()
    value = value.detach().cpu()
    if str(value.dtype) in ("torch.bfloat16", "bfloat16"):
        value = value.float()
    return value.numpy()


def _refuse_large(value: Any, what: str) -> None:
    count = int(value.shape[0]) * int(value.shape[-1])
    if count > MAX_ENTRIES:
        raise InvalidInput(
            f"{what} is a {kind_of(value)} of {count:,} entries, zeros included, over the budget of "
            f"{MAX_ENTRIES:,}: take some of its columns"
        )


def column_names(X: Any) -> list[str] | None:
    """The names that a frame or a DataArray has for its columns, where they are names."""
    if hasattr(X, "dims") and hasattr(X, "coords"):
        last = X.dims[-1]
        labels = X.coords[last].values.tolist() if last in X.coords else None
        return [str(label) for label in labels] if labels and isinstance(labels[0], str) else None
    if isinstance(X, np.ndarray):
        return list(X.dtype.names) if X.dtype.names else None
    if is_frame(X):
        names = X.column_names if hasattr(X, "column_names") else X.columns
        return [_name(name) for name in names]
    return None
