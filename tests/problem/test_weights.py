"""Weighted rows: the same Gram matrix, correlation and loss as the formula, over Q, from unweighted rows."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from exactsaddle import Problem, RealProblem, Status, read_problem, saddle_path
from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.problem import weights as module
from tests.support.command import run
from tests.support.problems import rationals, standard_problems

masses = st.fractions(min_value=0, max_value=50, max_denominator=12) | st.integers(0, 10**40)


@st.composite
def weighted(draw: st.DrawFn) -> tuple[Problem, list[Fraction]]:
    base = draw(standard_problems())
    found = [Fraction(draw(masses)) for _ in range(base.n)]
    assume(any(found))
    return base, found


@given(weighted(), st.lists(rationals, min_size=5, max_size=5))
def test_gram_correlation_and_loss_are_those_of_the_formula(
    case: tuple[Problem, list[Fraction]], values: list[Fraction]
) -> None:
    base, masses = case
    made = base.replace(weights=masses)
    n, d = base.shape
    X, y, beta = base.X, base.y, values[:d]
    for i in range(d):
        assert made.correlation[i] == sum(w * row[i] * v for w, row, v in zip(masses, X, y, strict=True)) / n
        for j in range(d):
            assert made.gram[i][j] == sum(w * row[i] * row[j] for w, row in zip(masses, X, strict=True)) / n
    residuals = [v - sum(a * b for a, b in zip(row, beta, strict=True)) for row, v in zip(X, y, strict=True)]
    assert made.loss(beta) == sum(w * r * r for w, r in zip(masses, residuals, strict=True)) / (2 * n)
    assert made.n <= 4 * n
    assert made.source == "weighted"


@given(standard_problems())
def test_weights_of_one_change_nothing(base: Problem) -> None:
    assert base.replace(weights=[1] * base.n) == base


def test_a_row_given_twice_has_weight_two() -> None:
    twice = Problem([[1, 2], [1, 2], [3, -1]], [1, 1, 2])
    heavy = Problem([[1, 2], [3, -1]], [1, 2], weights=["4/3", "2/3"])  # the loss is over n = 2, not 3
    assert (heavy.gram, heavy.correlation) == (twice.gram, twice.correlation)
    assert saddle_path(heavy).jump_times == saddle_path(twice).jump_times
    assert saddle_path(heavy).certificate().check().status is Status.VERIFIED


def test_squares_that_do_not_add_up_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_integer_squares", lambda whole: (1,))
    with pytest.raises(Exception, match="is not the sum of the squares"):
        Problem([[1]], [1], weights=[3])


ROOTED = [["sqrt(2)", "2*sqrt(2)"], [3, -1], [0, sympy.sqrt(sympy.Rational(7, 10))]]
ROOTED_Y = ["sqrt(2)", 2, "3*sqrt(7/10)"]


def test_rows_times_square_roots_are_solved_over_q_and_verified() -> None:
    plain = Problem([[1, 2], [3, -1], [0, 1]], [1, 2, 3], weights=[2, 1, "7/10"])
    path = saddle_path(RealProblem(ROOTED, ROOTED_Y))
    assert path.problem.gram == plain.gram
    assert path.jump_times == saddle_path(plain).jump_times
    assert [s.beta for s in path] == [s.beta for s in saddle_path(plain)]
    assert path.certificate().check().status is Status.VERIFIED


@pytest.mark.parametrize(
    "rows",
    [[["sqrt(2)", "sqrt(3)"], [1, 1]], [["pi", 0], [0, 1]], [["sqrt(2) + 1", 1], [1, 1]]],
    ids=["two roots in a row", "transcendental", "a root and a rational"],
)
def test_other_rows_stay_real(rows: list[list[object]]) -> None:
    assert RealProblem(rows, [1, 1]).with_rational_gram() is None


def test_weights_of_real_rows_are_their_roots() -> None:
    found = RealProblem([["pi", 1]], [1], weights=[2])
    assert found.entries[0] == (sympy.sqrt(2) * sympy.pi, sympy.sqrt(2))
    assert found.source == "weighted"


@pytest.mark.parametrize(
    ("given_weights", "message"),
    [
        ([1], "weights has 1 entry but X has 2 rows"),
        ([1, "-1/2"], r"weights, row 1: -1/2 is negative"),
        ([0, 0], "all weights are zero"),
        ([1, "a"], r"weights, row 1: 'a' is not"),
    ],
)
def test_bad_weights_are_named(given_weights: list[object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Problem([[1], [2]], [1, 2], weights=given_weights)


def test_a_column_of_a_table_holds_the_weights(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,mass,b,y\n1,2,2,1\n3,1,-1,2\n0,0.7,1,3\n")
    plain = Problem([[1, 2], [3, -1], [0, 1]], [1, 2, 3], names=["a", "b"])
    assert read_problem(file, weights="mass") == plain.replace(weights=[2, 1, "7/10"])
    centred = read_problem(file, weights="mass", center=True)
    assert centred == plain.centered([2, 1, "7/10"]).replace(weights=[2, 1, "7/10"])
    assert (
        sum(
            w * row[0]
            for w, row in zip((2, 1, Fraction(7, 10)), plain.centered([2, 1, "7/10"]).X, strict=True)
        )
        == 0
    )
    with pytest.raises(InvalidInput, match="weighted already"):
        centred.centered()
    with pytest.raises(InvalidInput, match="norms are not those"):
        centred.standardized()
    with pytest.raises(UnreadableFile, match="'y': cannot be both"):
        read_problem(file, weights="y", target="y")
    with pytest.raises(UnreadableFile, match="no column 'm'"):
        read_problem(file, weights="m")


def test_a_json_problem_may_hold_weights(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"X": [[1], [2]], "y": ["1", "1/2"], "weights": ["1/3", 4]}')
    assert read_problem(file) == Problem([[1], [2]], [1, "1/2"], weights=["1/3", 4])
    with pytest.raises(UnreadableFile, match="names its own weights"):
        read_problem(file, weights="a")


def test_the_command_takes_a_column_of_weights(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,mass,b,y\n1,2,2,1\n3,1,-1,2\n0,0.7,1,3\n")
    done = run("path", file, "--weights", "mass", "--json")
    assert done.returncode == 0
    path = saddle_path(Problem([[1, 2], [3, -1], [0, 1]], [1, 2, 3], weights=[2, 1, "7/10"]))
    assert [saddle["jump_time"] for saddle in json.loads(done.stdout)["saddles"]] == [
        str(t) for t in path.jump_times
    ]
    assert "rows made from weighted ones" in run("resolve", file, "--weights", "mass").stdout
    bad = run("path", file, "--weights", "m")
    assert (bad.returncode, "no column 'm'; columns: a, mass, b, y" in bad.stderr) == (2, True)
