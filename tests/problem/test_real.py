"""Problems of real numbers: against rationals, symmetries, ties, near-ties, and what cannot be decided."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb, ctx
from hypothesis import given, settings
from sympy import E, Rational, cbrt, cos, log, pi, sin, sqrt

from exactsaddle import Problem, RealProblem, lasso_path, load_dataset, read_problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, UnreadableFile
from exactsaddle.flow import enclose
from exactsaddle.numbers import to_rational
from exactsaddle.path.engines.real import RealRun
from exactsaddle.path.engines.real_numbers import BITS_BEFORE_ALGEBRA
from exactsaddle.problem.real import sign_of
from exactsaddle.testing import strategies
from tests.path.test_ball_engine import combinatorics, contains
from tests.support import solvers
from tests.support.problems import general_problems, standard_problems


def real(problem: Problem) -> RealProblem:
    return RealProblem(**problem.to_json())


def numbers(saddle: Any) -> tuple[object, ...]:
    return saddle.jump_time, saddle.beta, saddle.dual, saddle.gradient, saddle.loss


def times_root(problem: Problem, factor: Any) -> RealProblem:
    """X and y times a real number c: t → t/c², β as it was."""
    rows = [[Rational(str(x)) * factor for x in row] for row in problem.X]
    y = [Rational(str(v)) * factor for v in problem.y]
    return RealProblem(rows, y, problem.lower, problem.upper, problem.dual)


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_rational_data_give_the_same_path_on_every_family(name: str) -> None:
    @settings(max_examples=4)
    @given(strategies.FAMILIES[name].problems(4, 5))
    def agree(problem: Problem) -> None:
        expected = saddle_path(problem, arithmetic="rational")
        path = saddle_path(real(problem))
        assert path.complete
        assert combinatorics(path) == combinatorics(expected)
        for found, exact in zip(path, expected, strict=True):
            assert contains(found.jump_time_ball(), exact.time)
            assert all(map(contains, found.dual_ball(), exact.dual_vector))

    agree()


@settings(max_examples=40)
@given(standard_problems() | general_problems())
def test_exact_numbers_where_they_are_rational(problem: Problem) -> None:
    path, expected = saddle_path(real(problem)), saddle_path(problem, arithmetic="rational")
    assert list(map(numbers, path)) == list(map(numbers, expected))
    for found, exact in zip(path, expected, strict=True):
        for values, truths in (
            (found.beta_ball(), exact.beta_vector),
            (found.dual_ball(), exact.dual_vector),
            ((found.loss_ball(),), (exact.loss_value,)),
        ):
            assert all(map(contains, values, truths))
            assert all(v.rad() <= abs(v.mid()) * arb(10) ** -30 for v in values)
    assert path.at(Fraction(1, 3)) == expected.at(Fraction(1, 3))


@settings(max_examples=30)
@given(standard_problems() | general_problems())
def test_all_data_times_a_root_or_pi_changes_times_alone(problem: Problem) -> None:
    expected = saddle_path(problem, arithmetic="rational")
    for factor, square in ((sqrt(2), arb(2)), (pi, None)):
        path = saddle_path(times_root(problem, factor))
        assert combinatorics(path) == combinatorics(expected)
        for found, exact in zip(path, expected, strict=True):
            assert found.beta == exact.beta
            with ctx.workprec(200):
                scale = square or arb.pi() ** 2
                assert (found.jump_time_ball() * scale).overlaps(arb(exact.time))


@settings(max_examples=30)
@given(standard_problems() | general_problems())
def test_precision_may_start_absurdly_low(problem: Problem) -> None:
    run = RealRun(real(problem), bits=2)
    assert combinatorics(list(run)) == combinatorics(saddle_path(problem, arithmetic="rational"))


def test_precision_climbs() -> None:
    rng = np.random.default_rng(0)
    rows = [[sqrt(int(a)) - sqrt(int(b)) for a, b in row] for row in rng.integers(2, 40, size=(5, 7, 2))]
    problem = RealProblem(rows, [1, 2, 3, 4, 5])
    low, high = RealRun(problem, bits=4), RealRun(problem, bits=200)
    assert combinatorics(list(low)) == combinatorics(list(high))
    assert low.decisions.precision_raised > 0
    assert low.decisions.bits > 4
    assert high.decisions.bits == 200


def test_a_plain_float_solver_agrees() -> None:
    rng = np.random.default_rng(1)
    rows = [[sqrt(int(a)) - log(int(b)) for a, b in row] for row in rng.integers(2, 40, size=(6, 9, 2))]
    path = saddle_path(RealProblem(rows, [pi, 1, E, -2, sqrt(7), 3]))
    X = np.array([[float(x) for x in row] for row in rows])
    times, betas = solvers.correct(X, np.array([float(v) for v in (pi, 1, E, -2, sqrt(7), 3)]))
    arrays = path.to_arrays()
    assert np.allclose(times, arrays.times, rtol=1e-8)
    assert np.allclose(betas, arrays.betas, rtol=1e-8, atol=1e-8)


# --- ties -----------------------------------------------------------------------------------------


def first_hits(X: Any, y: Any, **more: Any) -> dict[int, int]:
    return saddle_path(RealProblem(X, y, **more))[0].hits


@pytest.mark.parametrize(
    ("X", "y", "hits"),
    [
        # t = n/(x_i y_i) on the diagonal: all of these products are equal.
        ([[sqrt(2), 0], [0, 2]], [1, 1 / sqrt(2)], {0: 1, 1: 1}),
        ([[sqrt(2) + sqrt(3), 0], [0, sqrt(5 + 2 * sqrt(6))]], [1, 1], {0: 1, 1: 1}),
        ([[cbrt(2), 0], [0, 1]], [cbrt(4), 2], {0: 1, 1: 1}),
        ([[pi, 0], [0, sqrt(2) * pi]], [1, -1 / sqrt(2)], {0: 1, 1: -1}),
        ([["exp(2)", 0], [0, "E"]], [1, "E"], {0: 1, 1: 1}),
        ([["log(6)", 0], [0, "log(2)+log(3)"]], [1, 1], {0: 1, 1: 1}),
        ([["2*cos(pi/5)", 0], [0, "(1+sqrt(5))/2"]], [1, 1], {0: 1, 1: 1}),
    ],
)
def test_ties_are_known_to_be_ties(X: Any, y: Any, hits: dict[int, int]) -> None:
    path = saddle_path(RealProblem(X, y))
    assert path[0].hits == hits
    assert path.complete
    assert path.decisions is not None
    assert path.decisions.bits == BITS_BEFORE_ALGEBRA  # a tie costs algebra, not precision


def test_near_ties_are_no_ties() -> None:
    digits = isqrt(2 * 10**600)
    below, above = Rational(digits, 10**300), Rational(digits + 1, 10**300)
    assert first_hits([[sqrt(2), 0], [0, below]], [1, 1]) == {0: 1}
    assert first_hits([[sqrt(2), 0], [0, above]], [1, 1]) == {1: 1}
    close = Rational(str(sympy.N(pi, 320)))
    assert first_hits([[pi, 0], [0, close * (1 - Rational(1, 10**300))]], [1, 1]) == {0: 1}
    assert first_hits([[pi, 0], [0, close * (1 + Rational(1, 10**300))]], [1, 1]) == {1: 1}


def test_a_tie_late_in_a_history_of_pi() -> None:
    # Swapping rows 0 and 1 swaps columns 0 and 1: an exact tie at the second jump.
    rows = [[0, 1, 2], [1, 0, 2], [0, 0, 1]]
    path = saddle_path(RealProblem([[pi * x for x in row] for row in rows], [-pi, -pi, 2 * pi]))
    exact = saddle_path(Problem(rows, [-1, -1, 2]))
    assert combinatorics(path) == combinatorics(exact)
    assert any(len(saddle.hits) == 2 for saddle in path[1:])


def test_proportional_columns_tie_without_a_field_of_several_indeterminates() -> None:
    columns = [[pi, E, log(2), sin(1)], [1, sqrt(2), pi, E], [E, 1, cos(1), sqrt(3)]]
    columns.append([-sqrt(5) * x for x in columns[1]])
    rows = list(zip(*columns, strict=True))
    thresholds = [1, 1, 1, sqrt(5)]
    path = saddle_path(RealProblem(rows, [3, -1, 2, 5], lower=thresholds, upper=thresholds))
    assert path.complete
    assert all((1 in saddle.hits) == (3 in saddle.hits) for saddle in path)
    assert any(1 in saddle.hits for saddle in path)


def test_proportional_columns_that_nearly_tie_do_not() -> None:
    # X_1 = πX_0: together for thresholds 1 and π, apart by 1e-300 else.
    tiny = Rational(1, 10**300)
    for shift, hits in ((0, {0: 1, 1: 1}), (tiny, {0: 1}), (-tiny, {1: 1})):
        bounds = [1, pi * (1 + shift)]
        assert first_hits([[1, pi], [2, 2 * pi]], [1, 1], lower=bounds, upper=bounds) == hits


def test_what_cannot_be_decided_names_the_candidates() -> None:
    # sin² + cos² = 1 is no identity of the two atoms, and no precision tells the tie.
    hidden = sin(1) ** 2 + cos(1) ** 2
    with pytest.raises(Inconclusive, match=r"after saddle 0, columns x0, x1 were not told apart"):
        saddle_path(RealProblem([[1, 0], [0, hidden]], [1, 1]), max_bits=2000)
    rows = [[3, 0, 0], [0, 1, 0], [0, 0, hidden]]
    path = saddle_path(RealProblem(rows, [1, 1, 1]), max_bits=2000)
    assert not path.complete
    assert len(path) == 1
    assert "columns x1, x2" in str(path.stopped_by)
    assert "1024 bits" in str(path.stopped_by)


MANY = ["exp(1/2)", "log(2)", "log(3)", "sin(1)", "pi"]
"""More indeterminates than algebra divides by."""


def test_a_target_that_one_column_fits_leaves_no_gradient() -> None:
    X = [["exp(1/2)", "log(2)", "sin(1)"], ["exp(1/2)", "pi", "log(3)"]]
    path = saddle_path(RealProblem(X, ["sqrt(3)", "sqrt(3)"], upper=[1, 9, 9], lower=[1, 9, 9]))
    assert path.complete
    assert [saddle.support for saddle in path] == [(), (0,)]
    assert path[1].gradient_ball() == (0, 0, 0)
    almost = saddle_path(
        RealProblem(X, ["sqrt(3)", "sqrt(3)+1e-900"], upper=[1, 9, 9], lower=[1, 9, 9]), max_saddles=2
    )
    assert almost[1].support == (0,)
    assert almost[1].hits


def test_as_many_columns_as_rows_leave_no_gradient() -> None:
    X = [[*MANY[:2], 1], [*MANY[2:4], 3]]
    last = saddle_path(RealProblem(X, [1, MANY[4]]))[-1]
    assert len(last.support) == 2
    assert last.gradient_ball() == (0, 0, 0)


def test_a_hidden_zero_that_does_not_matter_is_no_obstacle() -> None:
    # g_1 = −x_1 y_1/n is zero, which nothing here shows; but it cannot land before coordinate 0.
    hidden = sin(1) ** 2 + cos(1) ** 2 - 1
    path = saddle_path(RealProblem([[1, 0], [0, 1]], [1, hidden]), max_bits=2000)
    assert path[0].hits == {0: 1}
    assert not path.complete
    assert "gradient 1" in str(path.stopped_by)


# --- entries and refusals -------------------------------------------------------------------------


def test_thresholds_and_initial_duals() -> None:
    problem = RealProblem([[1, 2]], [1], lower="inf", upper=["pi", sqrt(3)], dual=[pi, "1/2"])
    path = saddle_path(problem)
    assert path[0].active_set == (0,)
    assert path[0].support == (0,)
    with pytest.raises(InvalidInput, match=r"dual of column 'x0': pi is outside its box"):
        RealProblem([[1]], [1], upper=[3], dual=[pi])
    with pytest.raises(InvalidInput, match="at most one of its two thresholds"):
        RealProblem([[1]], [1], lower="inf", upper="inf")
    with pytest.raises(InvalidInput, match=r"upper.*positive, not 3 - pi"):
        RealProblem([[1]], [1], upper="3-pi")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"X": [["x"]], "y": [1]}, r"X, row 0, column 0: 'x' is not a rational"),
        ({"X": [[1]], "y": ["acos(3)"]}, r"y, row 0: acos\(3\) is not proved to be a finite real"),
        ({"X": [[1, 2], [1]], "y": [1, 2]}, r"X, row 1: 1 entry, but row 0"),
        ({"X": [[1]], "y": [1, 2]}, "y has 2 entries"),
        ({"X": [[1]], "y": [1], "upper": [1, 2]}, "upper has 2 entries"),
    ],
)
def test_bad_fields_are_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        RealProblem(**fields)


def test_problem_points_to_real_problem() -> None:
    for entry in (sqrt(2), "sqrt(2)", "pi/4"):
        with pytest.raises(InvalidInput, match=r"X, row 0, column 0.*RealProblem takes real numbers"):
            Problem([[entry]], [1])
    with pytest.raises(InvalidInput, match="not a rational number"):
        to_rational(sqrt(2))


def test_what_needs_rational_data_refuses_by_name() -> None:
    problem = RealProblem([[1, sqrt(2)]], [1])
    for call in (
        lambda: problem.X,
        lambda: problem.gram,
        lambda: problem.loss([1, 1]),
        lambda: lasso_path(problem),
        lambda: enclose(problem, "1e-10", [1]),
    ):
        with pytest.raises(InvalidInput, match=r"X, row 0, column 'x1': sqrt\(2\) is not rational"):
            call()
    path = saddle_path(problem)
    with pytest.raises(InvalidInput, match="the jump time of saddle 1 is not known to be rational"):
        _ = path.jump_times
    for attribute in ("beta_vector", "gradient_vector", "dual_vector"):
        with pytest.raises(InvalidInput, match="gives balls to any digits"):
            getattr(path[0], attribute)
    with pytest.raises(InvalidInput, match="arithmetic must be"):
        saddle_path(problem, arithmetic="rational")
    with pytest.raises(AttributeError):
        _ = problem.nothing


def test_digits_on_demand() -> None:
    # One column √2, y = 1: r = √2, β_1 = 1/√2, t_1 = 1/√2, loss 0.
    path = saddle_path(RealProblem([[sqrt(2)]], [1]))
    assert path[1].jump_time_text(30) == "0.707106781186547524400844362105"
    assert path[1].beta_text(0, 30) == "0.707106781186547524400844362105"
    assert path[1].loss == 0
    assert path[1].loss_ball(10).is_zero()
    assert path[1].gradient == (0,)
    assert path[0].gradient_ball(20)[0].overlaps(-path[1].beta_ball(25)[0] * 2)
    assert [float(t) for t in path.to_arrays().times] == [0.0, 0.5**0.5]
    assert path.saddle_at("0.7071").index == 0
    assert path.saddle_at("0.7072").index == 1


def test_copies_and_equality() -> None:
    problem = RealProblem([[sqrt(2), "pi"]], ["log(2)"], names=["a", "b"])
    again = pickle.loads(pickle.dumps(problem))
    assert again == problem
    assert hash(again) == hash(problem)
    assert again.names == ("a", "b")
    assert problem.replace(y=[1]) != problem
    assert "sqrt(2)" in repr(problem)
    assert problem.is_standard
    assert RealProblem([[0.5]], [1]).source == "binary64"
    assert RealProblem([[0.5]], [1]).replace(y=[pi]).source == "binary64"


def test_centering_and_standardising() -> None:
    problem = RealProblem([[sqrt(2), 0], [0, 0], [sqrt(8), 0]], [1, 2, 6]).centered()
    assert problem.content()["X"] == [["0", "0"], ["-sqrt(2)", "0"], ["sqrt(2)", "0"]]
    assert problem.content()["y"] == ["-2", "-1", "3"]
    assert problem.standardized().content()["upper"] == ["2", "1"]


def test_signs_of_entries_use_algebra() -> None:
    assert sign_of(sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2), "it") == 0
    assert sign_of(pi - 3, "it") == 1
    with pytest.raises(Inconclusive, match="it: the sign"):
        sign_of(sin(1) ** 2 + cos(1) ** 2 - 1, "it")


# --- files ----------------------------------------------------------------------------------------


def test_files_may_hold_expressions(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"X": [["sqrt(2)", 1], [1, "pi/4"]], "y": [1, "sqrt(3)"]}')
    (tmp_path / "p.csv").write_text("a,b,y\nsqrt(2),1,1\n1,pi/4,sqrt(3)\n")
    expected = RealProblem([[sqrt(2), 1], [1, pi / 4]], [1, sqrt(3)])
    for name in ("p.json", "p.csv"):
        assert read_problem(tmp_path / name) == expected
    expected.save(tmp_path / "again.json")
    assert read_problem(tmp_path / "again.json") == expected
    (tmp_path / "roots.json").write_text('{"X": [[2]], "y": [1], "upper": ["sqrt(2)"]}')
    assert type(read_problem(tmp_path / "roots.json")) is Problem
    assert read_problem(tmp_path / "p.csv", center=True).shape == (2, 2)


def test_hostile_files_are_refused_with_their_place(tmp_path: Path) -> None:
    hostile = "__import__(chr(111)).system(1)"
    (tmp_path / "p.json").write_text(f'{{"X": [[1, "{hostile}"]], "y": [1]}}')
    with pytest.raises(UnreadableFile, match=r"p\.json: X, row 0, column 1: '__import__"):
        read_problem(tmp_path / "p.json")
    (tmp_path / "p.csv").write_text(f"a,b,y\n1,2,3\n1,{hostile},3\n")
    with pytest.raises(UnreadableFile, match="line 3, column 'b': '__import__"):
        read_problem(tmp_path / "p.csv")


def test_packaged_data_through_the_real_engine() -> None:
    problem = load_dataset("planted")
    assert combinatorics(saddle_path(real(problem))) == combinatorics(saddle_path(problem))
