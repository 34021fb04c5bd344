"""How sharply data were given: known from floats, decimals and options, kept, and no part of identity."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem, RealProblem, load_dataset, read_problem
from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.problem import Resolution


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_half_a_unit_of_a_float_is_half_the_step_to_its_neighbour(value: float) -> None:
    half = Resolution("binary64").of_entry(to_rational(value), 0)
    below, above = (
        abs(Fraction(float(np.nextafter(abs(value), end))) - Fraction(abs(value))) for end in (0.0, 1e308)
    )
    step = max(below, above) if value and abs(value) < 1e308 else to_fraction(half) * 2
    assert to_fraction(half) * 2 == step


def test_half_units_of_the_smallest_and_of_shorter_floats() -> None:
    assert Resolution("binary64").of_target(fmpq(0)) == 0
    assert Resolution("binary64", "binary64").of_target(fmpq(0)) == fmpq(1, 2**1075)
    assert Resolution("binary32").of_entry(fmpq(1), 0) == fmpq(1, 2**24)
    assert Resolution("binary32").of_entry(fmpq(3, 2), 0) == fmpq(1, 2**24)
    assert Resolution("binary16").of_entry(fmpq(2), 0) == fmpq(1, 2**10)


@pytest.mark.parametrize(
    ("X", "y", "design", "target"),
    [
        ([[1, "1/3"], [2, 5]], [1, 2], "exact", "exact"),
        ([["0.1", 2], ["3", Fraction(1, 7)]], [1, "2.25"], (Fraction(1, 20), 0), (Fraction(1, 200),)),
        ([["0.1", "-1.5e-3"], ["0.123", "7"]], [1, 2], (Fraction(1, 2000), Fraction(1, 20000)), "exact"),
        ([[Decimal("0.50")], [Decimal(3)]], [1, 2], (Fraction(1, 200),), "exact"),
        ([["0.1234567890123456"], ["-.5"]], [1, "1.2345678901234567e3"], "binary64", "binary64"),
        (
            [["0.1234567890123456", "0.5", 1]],
            ["0.12345678901234567890"],
            ("binary64", Fraction(1, 20), 0),
            (Fraction(1, 2 * 10**20),),
        ),
        ([["+2.e3"], [".5"]], [1, "1E2"], (Fraction(1, 20),), (Fraction(50),)),
        ([[0.5], ["0.1"]], [1, 2], "binary64", "exact"),
        (np.array([[0.5]], dtype=np.float32), [0.5], "binary32", "binary64"),
        ([[np.float16(0.5)], [0.1]], [1, 2], "binary16", "exact"),
    ],
)
def test_data_know_how_sharply_they_were_given(X: Any, y: Any, design: Any, target: Any) -> None:
    assert Problem(X, y).resolution == Resolution(design, target)


def test_it_is_no_part_of_the_problem_but_of_its_file(tmp_path: Path) -> None:
    problem = Problem([["0.1", 2]], [1])
    exact = Problem([["1/10", 2]], [1])
    assert (problem, problem.digest, problem.to_json()) == (exact, exact.digest, exact.to_json())
    problem.save(tmp_path / "p.json", resolution=True)
    assert read_problem(tmp_path / "p.json").resolution == problem.resolution
    problem.save(tmp_path / "p.json")
    exact.save(tmp_path / "e.json")
    assert (tmp_path / "p.json").read_bytes() == (tmp_path / "e.json").read_bytes()


def test_columns_of_a_table_keep_the_last_decimal_written_in_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("w,a,b,y\n1,0.5,3,7\n4,0.25,4,8.5\n")
    found = read_problem(tmp_path / "t.csv", weights="w")
    assert read_problem(tmp_path / "t.csv").resolution == Resolution(
        (0, Fraction(1, 200), 0), (Fraction(1, 20),)
    )
    assert found.resolution.design == (Fraction(1, 100), 0)  # the row of weight 4 is doubled
    (tmp_path / "r.csv").write_text("a,y\nsqrt(2),0.5\n")
    assert read_problem(tmp_path / "r.csv").resolution.is_exact


def test_what_is_made_of_a_problem_keeps_it() -> None:
    problem = Problem(
        [["0.5", 1], ["0.25", 2]], [0.5, 0.75], resolution={"X": [Fraction(1, 8), 0], "y": "binary32"}
    )
    assert problem.resolution == Resolution((Fraction(1, 8), 0), "binary32")
    assert problem.replace(upper=2).standardized().resolution == problem.resolution
    assert problem.replace(y=iter([1, "0.1"])).resolution == Resolution(
        (Fraction(1, 8), 0), (Fraction(1, 20),)
    )
    assert problem.replace(resolution="exact").resolution.is_exact
    assert problem.centered().resolution == Resolution((Fraction(1, 4), 0), (Fraction(1, 2**24),))
    assert Problem([[1]], [1], resolution=0).resolution.is_exact
    assert load_dataset("planted").resolution.is_exact
    assert "±0.125" in str(problem.resolution)
    assert str(Resolution("binary64")) == "half a unit in the last place of binary64"


def test_a_planted_target_is_exact() -> None:
    X = np.random.default_rng(0).normal(size=(4, 3))
    problem = Problem.planted(X, [1, 0, "-1/3"], names=["a", "b", "c"], upper=2)
    assert problem.loss([1, 0, "-1/3"]) == 0
    assert (problem.resolution.is_exact, problem.names, problem.upper) == (True, ("a", "b", "c"), (2, 2, 2))
    with pytest.raises(InvalidInput, match="beta has 2 entries"):
        Problem.planted(X, [1, 2])
    with pytest.raises(InvalidInput, match="beta is a dict"):
        Problem.planted(X, {"a": 1, "b": 0, "c": 2})
    with pytest.raises(InvalidInput, match="beta must be a sequence of numbers, not 3"):
        Problem.planted(X, 3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("coarse", r"resolution of X: 'coarse' .* one of exact, binary64"),
        (-1, "resolution of X: -1 is negative"),
        ({"X": [1]}, "resolution of X: 1 numbers for 2 columns"),
        ({"Z": 1}, "'Z' is neither 'X' nor 'y'"),
        ({"y": "inf"}, "resolution of y: 'inf'"),
    ],
)
def test_bad_resolutions_are_refused(value: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Problem([[1, 2]], [1], resolution=value)


def test_expressions_are_exact() -> None:
    assert RealProblem([["sqrt(2)"]], [0.1]).resolution.is_exact


def test_one_column_of_floats_among_others_is_read_back_and_widens_the_box_by_itself() -> None:
    problem = Problem([["0.1234567890123456", "0.5", 1], ["2.5", "0.25", 0]], [1, "0.5"])
    mixed = problem.resolution
    assert mixed.of_entry(fmpq(5, 2), 0) == fmpq(1, 2**52)
    assert (mixed.of_entry(fmpq(1, 2), 1), mixed.of_entry(fmpq(1), 2)) == (fmpq(1, 200), 0)
    assert Resolution.read(mixed.to_json(), 3) == mixed
    assert str(mixed) == "±0.005 to 0.05 and binary64"
    assert str(Resolution.read("5e-7", 1)) == "±5e-7"
    radii = FloatProblem(problem, mixed).radii
    scale = 2.0 ** np.array(FloatProblem(problem, mixed).exponents)
    assert radii[2] == 0
    assert (radii * scale)[:2] == pytest.approx([2.0**-53 * np.hypot(0.1235, 2.5), 0.005 * 2**0.5], rel=1e-2)


def test_numpy_savetxt_is_binary64(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savetxt(tmp_path / "t.csv", rng.standard_normal((5, 3)), delimiter=",", header="a,b,y", comments="")
    assert read_problem(tmp_path / "t.csv").resolution == Resolution("binary64", "binary64")
