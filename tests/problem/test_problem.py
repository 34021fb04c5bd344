from __future__ import annotations

import hashlib
import json
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from exactsaddle import Problem, RealProblem, read_problem, saddle_path
from exactsaddle.base import InvalidInput
from tests.support.problems import general_problems

F = Fraction


def test_every_container_and_number_type_gives_the_same_problem() -> None:
    expected = Problem([[1, "1/2"], [0, 3]], [1, 2])
    for X, y in [
        (np.array([[1, 0.5], [0, 3]]), np.array([1, 2])),
        (((F(1), Decimal("0.5")), ("0", "3e0")), iter([1, 2])),
        (np.array([[1, F(1, 2)], [0, 3]], dtype=object), [1.0, 2.0]),
        ([np.array([1, 0.5]), (0, 3)], (np.int8(1), np.float16(2))),
    ]:
        assert Problem(X, y) == expected
        assert Problem(X, [1, 2]).digest == expected.digest


def test_floats_are_dyadic_and_said_to_be() -> None:
    assert Problem([[0.1]], [1]).X == ((F(3602879701896397, 36028797018963968),),)
    assert Problem([[0.1]], [1]) != Problem([["0.1"]], [1])
    assert Problem([[0.1]], [1]).source == "binary64"
    assert Problem(np.array([[1]], dtype=np.float32), [1]).source == "binary32"
    assert Problem(np.array([[1.0]], dtype=np.float32), [1.0]).source == "binary32+binary64"
    assert Problem([["0.1"]], [1]).source == "exact"
    assert "binary64" in repr(Problem([[0.1]], [1]))
    assert Problem([[0.1]], [1]).replace(upper=2).source == "binary64"
    assert pickle.loads(pickle.dumps(Problem([[0.1]], [1]))).source == "binary64"


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, ">f8"])
def test_an_array_of_floats_stays_one_until_rationals_are_asked_for(kind: Any) -> None:
    X, y = np.array([[0.1, -3.0], [1e-5, 0.0]], dtype=kind), np.array([0.7, 2.0], dtype=kind)
    problem, slow = Problem(X, y), Problem([list(row) for row in X.astype(object)], list(y.astype(object)))
    assert problem.source == f"binary{8 * X.itemsize}"
    given = X.astype(np.float64).tolist()
    X[:] = 5
    y[:] = 5
    assert problem.design_matrix.floats.tolist() == given
    assert "_numerators" not in vars(problem.design_matrix)
    assert problem.content() == slow.content()
    assert (problem, slow, hash(problem)) == (slow, problem, hash(slow))
    assert problem.X == slow.X
    assert saddle_path(problem) == saddle_path(slow)
    again = pickle.loads(pickle.dumps(problem))
    assert (again, again.source, again.digest) == (problem, problem.source, slow.digest)


def test_solving_and_replacing_build_no_common_denominator() -> None:
    X = np.random.default_rng(1).normal(size=(40, 80))
    problem = Problem(X[:, :-1], X[:, -1])
    changed = problem.standardized().replace(upper=2, names=[f"a{j}" for j in range(79)])
    assert changed.design_matrix is problem.design_matrix
    saddle_path(problem, max_saddles=2)
    assert "_numerators" not in vars(problem.design_matrix)


def test_masked_arrays_long_doubles_and_rows_of_mixed_numbers_are_read_one_by_one() -> None:
    assert Problem([[0.5, 1]], [1]).X == Problem([[0.5, 1.0]], [1.0]).X
    assert Problem(np.array([[0.5]], dtype=np.longdouble), [1]).X == ((F(1, 2),),)
    with pytest.raises(InvalidInput, match=r"X, row 0, column 1: masked"):
        Problem(np.ma.masked_array([[1.0, 2.0]], mask=[[False, True]]), [1])
    with pytest.raises(InvalidInput, match=r"X, row 1, column 0: .*nan.* is not finite"):
        Problem(np.array([[1.0], [math.nan]]), [1.0, 2.0])
    with pytest.raises(InvalidInput, match=r"y, row 1: .*inf.* is not finite"):
        Problem(np.ones((2, 1)), np.array([1.0, -math.inf]))
    with pytest.raises(InvalidInput, match=r"X, row 1: 1 entry, but row 0 has 2"):
        Problem([[1.0, 2.0], [3.0]], [1, 2])


def test_the_loss_and_its_derivatives() -> None:
    # Xβ − y = (1·2 + 2·1 − 1, 0·2 + 1·1 − 3) = (3, −2); L = 13/4; gradient = Xᵀ(3, −2)/2 = (3/2, 2).
    problem = Problem([[1, 2], [0, 1]], [1, 3])
    assert problem.loss([2, 1]) == F(13, 4)
    assert problem.gradient([2, 1]) == (F(3, 2), 2)
    assert problem.fitted(["2", 1.0]) == (4, 1)
    assert problem.gram == ((F(1, 2), 1), (1, F(5, 2)))
    assert problem.correlation == (F(1, 2), F(5, 2))
    assert problem.shape == (problem.n, problem.d) == (2, 2)


def test_the_digest_is_the_sha256_of_the_canonical_json_without_names() -> None:
    problem = Problem([["1/3", -2]], [5], lower="inf", upper=[1, "3/2"], dual=["1/7", 0], names=["a", "ö"])
    canonical = '{"X":[["1/3","-2"]],"dual":["1/7","0"],"lower":["inf","inf"],"upper":["1","3/2"],"y":["5"]}'
    assert problem.digest == hashlib.sha256(canonical.encode()).hexdigest()
    assert problem.replace(names=["p", "q"]).digest == problem.digest
    assert problem.replace(names=["p", "q"]) == problem
    assert problem.replace(y=[6]).digest != problem.digest


@given(general_problems())
def test_json_and_pickle_bring_back_the_same_problem(problem: Problem) -> None:
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    again = pickle.loads(pickle.dumps(problem))
    assert (again, again.names, again.digest) == (problem, problem.names, problem.digest)
    assert hash(again) == hash(problem)


def test_save_and_read(tmp_path: Path) -> None:
    problem = Problem([["1/3", -2]], [5], lower="inf", names=["a", "b"])
    problem.save(tmp_path / "p.json")
    again = read_problem(tmp_path / "p.json")
    assert (again, again.names) == (problem, problem.names)
    with pytest.raises(InvalidInput, match="cannot write"):
        problem.save(tmp_path / "missing" / "p.json")


def test_centering_subtracts_exact_means() -> None:
    problem = Problem([[1, 0], [2, 0], [4, 1]], [1, 2, 3]).centered()
    assert problem.X == ((F(-4, 3), F(-1, 3)), (F(-1, 3), F(-1, 3)), (F(5, 3), F(2, 3)))
    assert problem.y == (-1, 0, 1)


def test_it_is_immutable() -> None:
    problem = Problem([[1]], [1])
    with pytest.raises(AttributeError, match="immutable"):
        problem.names = ("z",)
    with pytest.raises(AttributeError, match="immutable"):
        del problem.source


def test_repr_is_for_people() -> None:
    assert repr(Problem([[1, "1/2"]], [2], upper=[2, "inf"], dual=1)).startswith(
        "Problem(1 × 2, X=[[1, 1/2]], y=[2], upper=[2, inf], dual=1, digest "
    )
    assert repr(Problem([[10**50]], [1])).startswith("Problem(1 × 1, X=[[1e+50]]")
    assert len(repr(Problem(np.zeros((30, 40)), np.zeros(30), upper=list(range(1, 41))))) < 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "no rows"),
        (([[]], [1]), "no columns"),
        (([[1, 2], [3]], [1, 2]), r"X, row 1: 1 entry, but row 0 has 2"),
        (([[1]], [1, 2]), "y has 2 entries but X has 1 row"),
        ((np.zeros((2, 2, 2)), [1, 2]), "two dimensions"),
        ((np.zeros(2), [1, 2]), "two dimensions"),
        (([[1]], np.zeros((1, 2))), "one dimension"),
        (([1, 2], [1, 2]), r"X, row 0, must be a sequence"),
        ((5, [1]), "X must be a sequence"),
        (("12", [1]), "X must be a sequence"),
        ((np.array(3), [1]), "two dimensions"),
        (([[1, math.nan]], [1]), r"X, row 0, column 1: nan is not finite"),
        (([[1]], [math.inf]), r"y, row 0: inf is not finite"),
        ((np.array([[1, math.nan]]), [1]), r"X, row 0, column 1: nan is not finite"),
        ((np.array([["1", "a"]]), [1]), r"X, row 0, column 1: 'a' is not a rational number"),
        ((np.array([[True]]), [1]), r"X, row 0, column 0: True is a boolean"),
        (([[1], [2]], np.array([[1, 2]])), r"y must have one dimension, not 2 .*shape \(1, 2\)\): give \.T"),
        (("data.csv", [1]), r"not 'data.csv' \(str\); read_problem reads files"),
        (([["apple"]], [1]), r"X, row 0, column 0: 'apple' is not a rational number"),
        (([[1 + 0j]], [1]), "complex"),
        (([[True]], [1]), "boolean"),
    ],
)
def test_bad_data_is_refused_by_name(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Problem(*arguments)


def test_an_entry_of_an_array_is_named_by_the_name_of_its_column() -> None:
    rows = [[1, 2], [3, "x"]]
    for kind in (Problem, RealProblem):
        with pytest.raises(InvalidInput, match=r"^X, row 1, column 'bmi': 'x' is not"):
            kind(rows, [1, 2], names=["age", "bmi"])
    with pytest.raises(InvalidInput, match=r"^X, row 1, column 'bmi': 'x' is not"):
        Problem([[1, 2]], [1], names=["age", "bmi"]).replace(X=rows)
    with pytest.raises(InvalidInput, match=r"^X, row 1, column 1: 'x' is not"):  # names that do not fit
        Problem(rows, [1, 2], names=["age"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lower": 0}, "lower: a threshold must be positive, not 0"),
        ({"upper": [1, "-1/2"]}, "upper of column 'x1': a threshold must be positive, not -1/2"),
        ({"upper": {"x0": 1, "x1": 2}}, "upper is a dict: give its numbers as a list, in the order of names"),
        ({"upper": [1]}, "upper has 1 entry but X has 2 columns"),
        ({"lower": ["abc", 1], "names": ["age", "bmi"]}, "lower of column 'age': 'abc' is not a rational"),
        ({"dual": [0, None], "names": ["age", "bmi"]}, "dual of column 'bmi': "),
        ({"lower": "inf", "upper": ["inf", 1]}, "column 'x0': at most one"),
        ({"lower": math.inf, "upper": math.inf}, "at most one"),
        ({"dual": [0, "3/2"]}, r"dual of column 'x1': 3/2 is outside its box \[-1, 1\]"),
        ({"dual": -2, "lower": 1, "upper": "inf"}, r"outside its box \[-1, inf\]"),
        ({"dual": "inf"}, "not a rational"),
        ({"dual": [0]}, "dual has 1 entry"),
        ({"lower": math.nan}, "not finite"),
        ({"names": ["a"]}, "names has 1 entry"),
        ({"names": ["a", "a"]}, "'a' is used for two columns"),
        ({"names": "ab"}, "not one string"),
    ],
)
def test_bad_thresholds_duals_and_names_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Problem([[1, 2]], [1], **fields)


def test_bad_documents_are_refused() -> None:
    with pytest.raises(InvalidInput, match="needs 'y'"):
        Problem.from_json({"X": [[1]]})
    with pytest.raises(InvalidInput, match="'colour' is not a field"):
        Problem.from_json({"X": [[1]], "y": [1], "colour": "red"})
    with pytest.raises(InvalidInput, match=r"X is a dict: Problem\.from_frame"):
        Problem.from_json({"X": {"0": 1}, "y": [1]})
    with pytest.raises(InvalidInput, match="has 1 entry"):
        Problem([[1, 2]], [1]).loss([1])
