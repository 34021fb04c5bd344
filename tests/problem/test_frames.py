"""Objects of other libraries: taken with their names and exact values, or refused by type, row and column."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from flint import fmpq_mat
from scipy import sparse

from exactsaddle import Problem, RealProblem, read_problem
from exactsaddle.base import InvalidInput, UnreadableFile
from tests.support.tables import parquet, workbook

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
xarray = pytest.importorskip("xarray")
pyarrow = pytest.importorskip("pyarrow")

BIG = 2**60 + 1
"""An integer that no float holds."""
DATA: dict[str, list[Any]] = {"size": [BIG, 2, 3], "weight": [0.1, 0.5, -2.0], "y": [1, 2, 4]}
EXPECTED = Problem([[BIG, 0.1], [2, 0.5], [3, -2.0]], [1, 2, 4], names=["size", "weight"])

FRAMES = {
    "pandas": lambda: pandas.DataFrame(DATA),
    "pandas, nullable": lambda: pandas.DataFrame(DATA).convert_dtypes(),
    "pandas, Arrow": lambda: pandas.DataFrame(DATA).convert_dtypes(dtype_backend="pyarrow"),
    "pandas, objects": lambda: pandas.DataFrame(DATA, dtype=object),
    "polars": lambda: polars.DataFrame(DATA),
    "Arrow": lambda: pyarrow.table(DATA),
    "records": lambda: np.array(
        list(zip(*DATA.values(), strict=True)), dtype=[("size", "i8"), ("weight", "f8"), ("y", "i8")]
    ),
    "dict": lambda: DATA,
    "xarray": lambda: xarray.Dataset({name: ("row", values) for name, values in DATA.items()}),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_a_problem_with_names_and_exact_integers(kind: str) -> None:
    problem = Problem.from_frame(FRAMES[kind](), target="y")
    assert (problem, problem.names) == (EXPECTED, ("size", "weight"))
    assert problem.source == "binary64"
    assert Problem.from_frame(FRAMES[kind](), columns=["weight"]).names == ("weight",)


@pytest.mark.parametrize("kind", ["pandas", "pandas, nullable", "polars", "Arrow", "records"])
def test_a_frame_as_X_keeps_names_and_integers(kind: str) -> None:
    frame = FRAMES[kind]()
    X = frame.select(["size", "weight"]) if kind == "Arrow" else frame[["size", "weight"]]
    assert Problem(X, [1, 2, 4]) == EXPECTED
    assert Problem(X, [1, 2, 4]).names == ("size", "weight")
    assert Problem(X, [1, 2, 4], names=["p", "q"]).names == ("p", "q")
    assert RealProblem(X, ["sqrt(2)", 2, 4]).names == ("size", "weight")


def test_y_may_be_a_column_or_of_shape_n_1() -> None:
    frame = pandas.DataFrame(DATA, index=["a", "b", "c"])
    X = frame[["size", "weight"]]
    columns = (frame["y"], frame[["y"]], np.array([[1], [2], [4]]), [[1], [2], [4]], frame["y"].to_numpy())
    for y in (
        *columns,
        polars.Series([1, 2, 4]),
        polars.DataFrame({"y": [1, 2, 4]}),
        xarray.DataArray([1, 2, 4]),
    ):
        assert Problem(X, y) == EXPECTED
    with pytest.raises(InvalidInput, match="y has 2 columns, not one"):
        Problem(X, frame[["y", "size"]])
    with pytest.raises(InvalidInput, match="y must have one dimension, not 2"):
        Problem(X, np.ones((3, 2)))


def test_floats_keep_their_width() -> None:
    for made in (pandas.DataFrame, polars.DataFrame, pyarrow.table):
        frame = made({"a": np.array([0.1, 0.5], dtype=np.float32), "y": np.array([1, 2])})
        problem = Problem.from_frame(frame)
        assert problem.X[0][0] == Fraction(float(np.float32(0.1)))
        assert problem.source == "binary32"


def test_exact_objects_stay_exact() -> None:
    frame = pandas.DataFrame({"a": [Fraction(1, 3), "0.1"], "b": [Decimal("0.1"), 2], "y": [1, "sqrt(2)"]})
    problem = Problem.from_frame(frame)
    assert isinstance(problem, RealProblem)
    assert problem.entries[0] == (Fraction(1, 3), Fraction(1, 10))
    assert Problem(polars.DataFrame({"a": [Decimal("0.10"), Decimal("0.25")]}), [1, 2]).X[0] == (
        Fraction(1, 10),
    )


def test_missing_values_are_named_by_row_and_column() -> None:
    frame = pandas.DataFrame(
        {"a": [1, None, 3], "y": [1, 2, 3]}, index=["Ohio", "Texas", "Utah"]
    ).convert_dtypes()
    with pytest.raises(
        InvalidInput, match=r"X, row 'Texas', column 'a': no value .*: \.dropna\(\) first, or Problem"
    ):
        Problem(frame[["a"]], frame["y"])
    with pytest.raises(InvalidInput, match="y, row 'Texas': no value"):
        Problem(frame[["y"]], frame["a"])
    told = (
        r"row 'Texas', column 'a': .* is no value: missing='drop' leaves out 1 such row of 3, or drop=\['a'\]"
    )
    with pytest.raises(UnreadableFile, match=told):
        Problem.from_frame(frame)
    dropped = Problem.from_frame(frame, missing="drop")
    assert dropped.X == ((1,), (3,))
    assert "1 of 3 rows left out, as a value is missing in them: row 'Texas'" in dropped.source.reading
    with pytest.raises(InvalidInput, match="X, row 1, column 'a': no value"):
        Problem(polars.DataFrame({"a": [1, None, 3]}), [1, 2, 3])
    with pytest.raises(InvalidInput, match="X, row 0, column 'a': no value"):
        Problem(pandas.DataFrame({"a": [np.nan, 1.0]}), [1, 2])


def test_text_dates_and_truth_values_are_categories_or_refused() -> None:
    frame = pandas.DataFrame(
        {"firm": ["GM", "IBM", "GM"], "old": [True, False, True], "a": [1, 2, 3], "y": [1, 2, 3]}
    )
    with pytest.raises(
        UnreadableFile, match=r"row 0, column 'firm': .*: drop=\['firm', 'old'\], or categories='one-hot'"
    ):
        Problem.from_frame(frame)
    problem = Problem.from_frame(frame, categories="one-hot", drop_first=True)
    assert (problem.names, problem.X[1]) == (("firm=IBM", "old=True", "a"), (1, 0, 2))
    frame["old"] = pandas.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"])
    with pytest.raises(UnreadableFile, match=r"'2020-01-01 00:00:00' \(Timestamp\) is not a number"):
        Problem.from_frame(frame, drop=["firm"])


class Tensor:
    """What PyTorch offers of a tensor: it becomes an array on the processor, detached, and only then."""

    def __init__(self, array: Any, kind: str, *, is_sparse: bool = False) -> None:
        self._array, self.dtype, self.is_sparse = array, kind, is_sparse
        self._detached = self._local = False

    def _as(self, **changes: Any) -> Tensor:
        other = Tensor(self._array, self.dtype, is_sparse=self.is_sparse)
        other.__dict__.update({**self.__dict__, **changes})
        return other

    def detach(self) -> Tensor:
        return self._as(_detached=True)

    def cpu(self) -> Tensor:
        return self._as(_local=True)

    def to_dense(self) -> Tensor:
        return self._as(is_sparse=False)

    def float(self) -> Tensor:
        return self._as(dtype="torch.float32")

    def numpy(self) -> Any:
        assert (self._detached, self._local, self.is_sparse) == (True, True, False)
        assert self.dtype != "torch.bfloat16"
        return self._array


class Traced:
    """What JAX offers of an array: __array__ and a dtype, which may be one that NumPy does not have."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.dtype, self.ndim, self.shape = array.dtype, array.ndim, array.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._array


ARRAY = np.array([[0.1, 2.0], [0.5, -2.0]])
NARROW = np.array([[0.5, 2.0], [0.25, -2.0]], dtype=np.float32)
ARRAYS: dict[str, tuple[Any, Any]] = {
    "torch": (Tensor(ARRAY, "torch.float64"), ARRAY),
    "torch, sparse": (Tensor(ARRAY, "torch.float64", is_sparse=True), ARRAY),
    "torch, bfloat16": (Tensor(NARROW, "torch.bfloat16"), NARROW),
    "jax": (Traced(ARRAY), ARRAY),
    "csr_matrix": (sparse.csr_matrix(ARRAY), ARRAY),
    "coo_array": (sparse.coo_array(ARRAY), ARRAY),
    "matrix": (np.asmatrix(ARRAY), ARRAY),
    "DataArray": (xarray.DataArray(ARRAY), ARRAY),
    "generator": ((row for row in ARRAY), ARRAY),
    "map": (map(list, ARRAY), ARRAY),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_other_libraries_are_taken(kind: str) -> None:
    given, array = ARRAYS[kind]
    found = Problem(given, [1, 2])
    assert found == Problem(array, [1, 2])
    assert found.source == Problem(array, [1, 2]).source


def test_real_torch_and_jax_where_they_are() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(ARRAY, requires_grad=True)
    assert Problem(tensor, torch.tensor([1, 2])) == Problem(ARRAY, [1, 2])


def test_names_come_from_coordinates_that_are_names() -> None:
    array = xarray.DataArray(ARRAY, dims=("row", "feature"), coords={"feature": ["p", "q"]})
    assert Problem(array, [1, 2]).names == ("p", "q")
    counted = xarray.DataArray(ARRAY, dims=("row", "feature"), coords={"feature": [7, 8]})
    assert Problem(counted, [1, 2]).names == ("x0", "x1")
    levels = pandas.DataFrame(ARRAY, columns=pandas.MultiIndex.from_tuples([("a", "mean"), ("a", "max")]))
    assert Problem(levels, [1, 2]).names == ("a/mean", "a/max")


def test_sympy_matrices_are_taken() -> None:
    from sympy import Matrix, Rational, sqrt

    assert Problem(Matrix([[Rational(1, 3), 2]]), Matrix([5])) == Problem([["1/3", 2]], [5])
    assert str(RealProblem(Matrix([[sqrt(2), 2]]), [5]).entries[0][0]) == "sqrt(2)"


def refused() -> dict[str, tuple[Any, str]]:
    frame = polars.DataFrame(DATA)
    return {
        "lazy frame": (frame.lazy(), r"a polars\.LazyFrame holds no numbers yet: give \.collect\(\) of it"),
        "dict": (DATA, r"X is a dict: Problem\.from_frame\(…, target=…\) takes its columns"),
        "Dataset": (xarray.Dataset({"a": ("row", [1])}), r"X is a xarray\.Dataset: Problem\.from_frame"),
        "huge sparse": (sparse.csr_array((10**6, 10**6)), r"1,000,000,000,000 entries, zeros included"),
        "column": (pandas.Series([1, 2]), "X must have two dimensions, not 1"),
        "function": (len, r"X must be a sequence of numbers, not <built-in function len>"),
        "nothing": (None, r"X must be a sequence of numbers, not None \(NoneType\)"),
        "masked": (np.ma.array([[1.0, 2.0]], mask=[[False, True]]), r"X, row 0, column 1: .*MaskedConstant"),
        "complex": (pandas.DataFrame({"a": [1j]}), r"X, row 0, column 'a': 1j"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", refused())
def test_what_is_not_taken_is_named_with_its_type_and_the_remedy(kind: str) -> None:
    X, message = refused()[kind]
    with pytest.raises(InvalidInput, match=message):
        Problem(X, [1])


def test_rows_that_pandas_calls_otherwise_are_not_matched_by_place() -> None:
    X = pandas.DataFrame({"a": [1, 2], "b": [3, 5]}, index=[7, 9])
    for y, message in (
        (
            pandas.Series([1, 2], index=[9, 7]),
            r"row 0 is 7 in X, 9 in y; give y\.loc\[X\.index\], or y\.to_num",
        ),
        (pandas.Series([1, 2]), "row 0 is 7 in X, 0 in y"),
        (pandas.DataFrame({"y": [1, 2]}, index=["u", 9]), "row 0 is 7 in X, 'u' in y"),
    ):
        for kind in (Problem, RealProblem):
            with pytest.raises(InvalidInput, match=message):
                kind(X, y)
    taken = Problem(X, [1, 2])
    assert Problem(X, pandas.Series([1, 2], index=[7, 9])) == taken
    assert Problem(X, pandas.Series([1, 2], index=[7.0, 9.0])) == taken
    assert Problem(X.to_numpy(), pandas.Series([1, 2], index=[9, 7])) == taken
    with pytest.raises(InvalidInput, match="X and weights have other rows"):
        Problem(X, [1, 2], weights=pandas.Series([1, 1]))


def test_what_has_no_order_is_refused_and_other_matrices_are_taken() -> None:
    expected = Problem([[1, 2], [3, 4]], [5, 6])
    with pytest.raises(InvalidInput, match="y is a set, whose order is an accident: give a list"):
        Problem([[1, 2], [3, 4]], {5, 6})
    with pytest.raises(InvalidInput, match="X is a frozenset"):
        Problem(frozenset({(1, 2)}), [5])
    assert Problem(memoryview(np.array([[1, 2], [3, 4]])), memoryview(np.array([5, 6]))) == expected
    assert Problem(fmpq_mat(2, 2, [1, 2, 3, 4]), fmpq_mat(2, 1, [5, 6])) == expected
    assert Problem([[1, 2], [3, 4]], pyarrow.array([5, 6])) == expected


def test_frames_that_are_none_are_named() -> None:
    cases: list[tuple[Any, str]] = [
        (np.ones((2, 2)), r"the frame is a numpy\.ndarray, no data frame: Problem\(X, y\) takes arrays"),
        (polars.DataFrame(DATA).lazy(), r"give \.collect\(\)"),
        ({"a": [1], "b": [1, 2]}, "columns of different lengths"),
        (pandas.DataFrame({"a": [], "y": []}), "no rows"),
        (xarray.Dataset({"a": (("p", "q"), [[1]])}), r"of 2 dimensions, not one: give \.to_dataframe\(\)"),
    ]
    for frame, message in cases:
        with pytest.raises(InvalidInput, match=message):
            Problem.from_frame(frame)


def test_weights_and_centring_of_a_frame() -> None:
    frame = pandas.DataFrame({"a": [1, 2, 4], "w": [1, 1, 2], "y": [1, 2, 3]})
    problem = Problem.from_frame(frame, weights="w", center=True)
    assert problem == Problem([[1], [2], [4]], [1, 2, 3]).centered([1, 1, 2]).replace(weights=[1, 1, 2])


# --- files with types ------------------------------------------------------------------------


def test_parquet_keeps_types_and_leaves_the_index_out(tmp_path: Path) -> None:
    place = tmp_path / "t.parquet"
    place.write_bytes(parquet(pyarrow.table(DATA)))
    assert (read_problem(place), read_problem(place).names) == (EXPECTED, ("size", "weight"))
    pandas.DataFrame(DATA, index=[5, 6, 8]).to_parquet(place)
    problem = read_problem(place, target="y")
    assert problem == EXPECTED
    assert problem.source.reading == ("column '__index_level_0__' is the index pandas wrote: left out of X",)
    decimals = pyarrow.table({"a": pyarrow.array([Decimal("0.10"), None]), "y": ["1", "0.3"]})
    place.write_bytes(parquet(decimals))
    found = read_problem(place, missing="drop")
    assert (found.X, found.y, found.source) == (((Fraction(1, 10),),), (1,), "exact")


def test_parquet_of_tables_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "t.parquet"
    nested = pyarrow.table({"a": [[1, 2], [3]], "s": [{"p": 1}, {"p": 2}], "b": [1, 2], "y": [1, 2]})
    place.write_bytes(parquet(nested))
    with pytest.raises(UnreadableFile, match=r"column 'a': holds list<.*>, not numbers: --drop a$"):
        read_problem(place)
    with pytest.raises(UnreadableFile, match=r"column 's': holds struct<.*>, not numbers: --drop s$"):
        read_problem(place, drop=["a"])
    assert read_problem(place, drop=["a", "s"]).names == ("b",)
    place.write_bytes(
        parquet(pyarrow.table({"a": pyarrow.nulls(5_000_000, pyarrow.int8()), "y": [0] * 5_000_000}))
    )
    with pytest.raises(UnreadableFile, match="10,000,000 entries, over the budget"):
        read_problem(place)
    place.write_bytes(parquet(nested)[:-20])
    with pytest.raises(UnreadableFile, match="not a readable Parquet file"):
        read_problem(place)


def test_excel_sheets_are_read_as_stored(tmp_path: Path) -> None:
    place = tmp_path / "t.xlsx"
    rows = [["measured in 1990"], [], ["a", "b", "y"], [0.5, 3, 5], ["1/3", None, 6], [2, 7, 8]]
    place.write_bytes(workbook(rows, other=[["p", "y"], [1, 2], [3, 4]]))
    problem = read_problem(place, missing="drop")
    assert problem == Problem([[0.5, 3], [2, 7]], [5, 8])
    said = " | ".join(problem.source.reading)
    for note in ("sheet 'Sheet', the first of 2", "1 preamble line (1) left out", "missing in them: row 5"):
        assert note in said
    assert read_problem(place, sheet="other").X == ((1,), (3,))
    with pytest.raises(UnreadableFile, match="no sheet 'none'; sheets: Sheet, other"):
        read_problem(place, sheet="none")
    with pytest.raises(UnreadableFile, match=r"row 5, column 'b': empty: --missing drop"):
        read_problem(place)
    with pytest.raises(UnreadableFile, match=r"--delimiter does not apply to \.xlsx files"):
        read_problem(place, delimiter=";")
    place.write_bytes(b"PK broken")
    with pytest.raises(UnreadableFile, match=r"not a readable \.xlsx file"):
        read_problem(place)


def test_an_excel_sheet_that_claims_a_million_rows_costs_nothing(tmp_path: Path) -> None:
    place = tmp_path / "t.xlsx"
    content = workbook([["a", "y"], [1, 2], [3, 4]])
    with ZipFile(BytesIO(content)) as old, ZipFile(place, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"A1:B3", b"A1:XFD1048576"))
    assert b"XFD1048576" in ZipFile(place).read("xl/worksheets/sheet1.xml")
    assert read_problem(place).X == ((1,), (3,))
    with ZipFile(place, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (70 << 20))
    with pytest.raises(UnreadableFile, match="bytes unpacked, over the budget"):
        read_problem(place)
