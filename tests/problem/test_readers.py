from __future__ import annotations

import csv
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from exactsaddle import Problem, load_dataset, read_problem
from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.numbers import MAX_DIGITS
from exactsaddle.problem import DATASETS

F = Fraction
EXPECTED = Problem([["0.1", "1/3"], ["-2e-3", 4]], [5, 6], names=["a", "b"])


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "target"),
    [
        ("h.csv", "a,b,y\n0.1,1/3,5\n-2e-3,4,6\n", None),
        ("h.csv", "a,y,b\n0.1,5,1/3\n-2e-3,6,4\n", "y"),
        ("h.csv", "y,a,b\n5,0.1,1/3\n6,-2e-3,4\n", 0),
        ("h.csv", "y,a,b\n5,0.1,1/3\n6,-2e-3,4\n", "-3"),
        ("bom.csv", "\ufeffa,b,y\r\n0.1,1/3,5\r\n-2e-3,4,6\r\n\r\n", None),
        ("quoted.csv", '"a","b","y"\n"0.1",1/3,5\n-2e-3, 4 ,6', None),
        ("h.tsv", "a\tb\ty\n0.1\t1/3\t5\n-2e-3\t4\t6\n", None),
        ("p.json", '{"X": [["0.1", "1/3"], [-2e-3, 4]], "y": [5, "6"], "names": ["a", "b"]}', None),
    ],
)
def test_text_is_read_exactly(tmp_path: Path, name: str, content: str, target: str | int | None) -> None:
    problem = read_problem(write(tmp_path, name, content), target=target)
    assert (problem, problem.names, problem.source) == (EXPECTED, ("a", "b"), "exact")


def test_numbers_may_be_as_long_as_the_budget(tmp_path: Path) -> None:
    path = write(tmp_path, "long.csv", "1," + "7" * MAX_DIGITS + "\n")
    assert read_problem(path).loss([0]) > 0
    before = csv.field_size_limit()
    assert before == 131072


def test_a_table_without_header_gets_names(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, "n.csv", "0.1,1/3,5\n-2e-3,4,6\n"))
    assert (problem, problem.names) == (EXPECTED, ("x0", "x1"))


def test_arrays_are_read_at_their_dyadic_value(tmp_path: Path) -> None:
    X, y = np.array([[0.1, 2.0], [3.0, 4.5]]), np.array([1.0, 2.0])
    np.save(tmp_path / "a.npy", np.column_stack([X, y]))
    np.savez(tmp_path / "a.npz", X=X, y=y)
    np.savez_compressed(
        tmp_path / "b.npz", X=X, y=y, upper=np.array(["2", "inf"]), dual=0.5, names=["p", "q"]
    )
    expected = Problem(X, y)
    assert read_problem(tmp_path / "a.npy") == read_problem(tmp_path / "a.npz") == expected
    assert read_problem(tmp_path / "a.npz").source == "binary64"
    general = read_problem(tmp_path / "b.npz")
    assert general == expected.replace(upper=[2, "inf"], dual="1/2")
    assert general.names == ("p", "q")
    assert read_problem(tmp_path / "a.npy", target=0).y == (F(0.1), 3)


def test_centering(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, "c.csv", "1,1\n2,5\n"), center=True)
    assert (problem.X, problem.y) == (((F(-1, 2),), (F(1, 2),)), (-2, 2))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.csv", "", "no data"),
        ("e.csv", "\n\n", "no data"),
        ("e.csv", "a,y\n", "a header but no data"),
        (
            "e.csv",
            "a,y\n1,2\n\n3,4\n",
            "line 3, column 'a': empty: --missing drop leaves out 1 such row of 3",
        ),
        ("e.csv", "a,y\n1,2\n3\n", "line 3: 1 entry, not 2: a # before the line"),
        ("e.csv", "a,y\n1,2\n3,4,5\n", "line 3: 3 entries, not 2"),
        ("e.csv", "a,y\n1,2\n3,apple\n", "line 3, column 'y': the target: 'apple' is text among numbers"),
        ("e.csv", "1,nan\n3,4\n", "line 1, column 'x1': 'nan' is no value: --missing drop"),
        ("e.csv", "a,y\n-inf,4\n", "line 2, column 'a': '-inf'"),
        ("e.csv", "a,y\n,4\n", "line 2, column 'a': empty, and every row"),
        ("e.csv", "a,y\n1+2j,4\n", "'1\\+2j'"),
        (
            "e.csv",
            "a,y\n1,1e999999999\n",
            "column 'y': the target: '1e999999999' has more than 200,000 digits",
        ),
        ("e.csv", "a,y\n1,1/0\n", "zero denominator"),
        ("e.csv", 'a,y\n"1,2\n', "unexpected end of data"),
        ("e.csv", "y\n1\n", "one column only"),
        ("e.csv", "a,a,y\n1,2,3\n", "two columns are named 'a': the second one, column 1, is 'a.1'"),
        ("e.csv", b"a,y\n\xff\0,2\n", "not text: byte 4 is no UTF-8"),
        ("e.npy", b"\x93NUMPY truncated", "not a readable NumPy file"),
        ("e.npy", b"", "not a readable NumPy file"),
        ("e.npz", b"PK\x03\x04 broken", "not a readable NumPy file"),
        ("e.json", "", "line 1, column 1"),
        ("e.json", '{"X": [[1]], "y": [1]', "line 1, column 22"),
        ("e.json", '{"X": [[1]], "y": [NaN]}', "NaN is not a number"),
        ("e.json", '{"X": [[1]], "y": [true]}', "boolean"),
        ("e.json", '{"X": [[1]], "X": [[2]], "y": [1]}', "'X' appears twice"),
        ("e.json", "[" * 200_000, "nested too deeply"),
        ("e.json", "[1]", "not a problem"),
        ("e.json", '{"format": "exactsaddle certificate"}', "a certificate, not a problem"),
        ("e.json", '{"X": [[1e999999999]], "y": [1]}', "digits"),
        ("e.json", '{"X": [[' + "7" * 1_000_000 + ']], "y": [1]}', "digits"),
        ("e.dat", "1,2", "unknown ending '.dat'"),
    ],
)
def test_bad_files_name_file_place_and_value(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(UnreadableFile, match=message) as error:
        read_problem(path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < 400


def test_missing_directory_and_target(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        read_problem(tmp_path / "none.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(UnreadableFile, match="directory"):
        read_problem(tmp_path / "d.csv")
    path = write(tmp_path, "t.csv", "a,y\n1,2\n")
    with pytest.raises(UnreadableFile, match="no column 'price'; columns: a, y"):
        read_problem(path, target="price")
    with pytest.raises(UnreadableFile, match="no column 7; there are 2"):
        read_problem(path, target=7)
    document = write(tmp_path, "t.json", '{"X": [[1]], "y": [1]}')
    with pytest.raises(UnreadableFile, match="target does not apply"):
        read_problem(document, target="y")


def test_bad_arrays(tmp_path: Path) -> None:
    cases: dict[str, tuple[object, str]] = {
        "complex": (np.ones((2, 2)) * 1j, "complex128"),
        "object": (np.array([[1, None]], dtype=object), "not a readable NumPy file"),
        "flat": (np.ones(3), r"shape \(3,\)"),
        "empty": (np.ones((0, 3)), "shape"),
        "nan": (np.array([[1, np.nan]]), "row 0, column 'x1': 'nan' is no value"),
        "inf": (np.array([[1, np.inf]]), "not finite"),
        "bool": (np.array([[True, False]]), "dtype bool"),
    }
    for name, (array, message) in cases.items():
        np.save(tmp_path / f"{name}.npy", array)
        with pytest.raises(UnreadableFile, match=message):
            read_problem(tmp_path / f"{name}.npy")
    np.savez(tmp_path / "z.npz", X=np.ones((1, 1)), extra=1)
    with pytest.raises(UnreadableFile, match=r"unknown arrays \['extra'\], missing arrays \['y'\]"):
        read_problem(tmp_path / "z.npz")


def test_bombs_are_refused_quickly_and_small(tmp_path: Path) -> None:
    write(tmp_path, "commas.csv", "1," * 5_000_000)
    bomb = tmp_path / "bomb.npz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", b"\0" * (80 * 2**20))
    lie = (
        np.lib.format.magic(1, 0)
        + b"\x76\x00"
        + (b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000, 2), }".ljust(117) + b"\n")
    )
    write(tmp_path, "lie.npy", lie)
    write(tmp_path, "digits.csv", "1," + "7" * (MAX_DIGITS + 1))
    for name, message in [
        ("commas.csv", "entries, the budget"),
        ("bomb.npz", "over the budget"),
        ("lie.npy", "not a readable NumPy file"),
        ("digits.csv", "digits"),
    ]:
        with pytest.raises(UnreadableFile, match=message):
            read_problem(tmp_path / name)


def test_packaged_data() -> None:
    diabetes = load_dataset("diabetes")
    assert diabetes.shape == (442, 10)
    assert diabetes.names == ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
    assert diabetes.X[0] == (59, 2, F("32.1"), 101, 157, F("93.2"), 38, 4, F("4.8598"), 87)
    assert diabetes.y[:3] == (151, 75, 141)
    assert load_dataset("planted").shape == (8, 20)
    assert all(entry.source and entry.licence for entry in DATASETS.values())
    with pytest.raises(InvalidInput, match="diabetes, planted"):
        load_dataset("iris")


def test_packaged_diabetes_is_what_scikit_learn_ships() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    ours = load_dataset("diabetes")
    np.testing.assert_array_equal(np.array(ours.X, dtype=float), X)
    np.testing.assert_array_equal(np.array(ours.y, dtype=float), y)
