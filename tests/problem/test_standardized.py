"""Unit-norm columns as thresholds that are square roots: against rationals, floats and equivariance."""

from __future__ import annotations

import json
from fractions import Fraction
from math import isqrt

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings

from exactsaddle import Problem, RealProblem, SaddlePath, Status, lasso_path, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.path.engines.lazy import LazySaddle
from proofs_checks.check_path_interval import check
from tests.path.test_ball_engine import combinatorics
from tests.support import solvers
from tests.support.problems import general_problems, standard_problems


def rational_norms(problem: Problem, digits: int) -> list[Fraction]:
    """‖X_j‖ to that many decimals; 1 for zero columns."""
    squares = [sum(x * x for x in column) for column in zip(*problem.X, strict=True)]
    scale = 10**digits
    return [Fraction(isqrt(int(s * scale * scale)), scale) if s else Fraction(1) for s in squares]


def stretched(problem: Problem, factors: list[Fraction]) -> Problem:
    """Thresholds and dual multiplied by these factors."""
    return problem.replace(
        lower=["inf" if c == "inf" else c * f for c, f in zip(problem.lower, factors, strict=True)],
        upper=["inf" if c == "inf" else c * f for c, f in zip(problem.upper, factors, strict=True)],
        dual=[s * f for s, f in zip(problem.dual, factors, strict=True)],
    )


@pytest.fixture(scope="module")
def diabetes() -> Problem:
    return load_dataset("diabetes").centered()


@pytest.fixture(scope="module")
def path(diabetes: Problem) -> SaddlePath:
    return saddle_path(diabetes.standardized())


def test_diabetes_agrees_with_rational_norms_of_200_digits(diabetes: Problem, path: SaddlePath) -> None:
    near = saddle_path(stretched(diabetes, rational_norms(diabetes, 200)), arithmetic="rational")
    assert combinatorics(path) == combinatorics(near)
    for here, there in zip(path, near, strict=True):
        assert here.beta == there.beta
        with ctx.workprec(1000):
            assert abs(here.jump_time_ball(180) - arb(there.time)) <= arb(10) ** -170 * (arb(there.time) + 1)


def test_diabetes_agrees_with_a_plain_float_solver(diabetes: Problem, path: SaddlePath) -> None:
    X, y = np.array(diabetes.X, dtype=float), np.array(diabetes.y, dtype=float)
    norms = np.linalg.norm(X, axis=0)
    times, betas = solvers.correct(X / norms, y)
    arrays = path.to_arrays()
    assert np.allclose(times, arrays.times, rtol=1e-8)
    assert np.allclose(betas, arrays.betas * norms, rtol=1e-8, atol=1e-8 * np.abs(betas).max())


def test_diabetes_is_verified_by_the_interval_checker(diabetes: Problem, path: SaddlePath) -> None:
    outline = path.outline()
    assert outline.check().status is Status.VERIFIED
    assert outline.detached().check(diabetes.standardized()).status is Status.VERIFIED


def test_duals_and_times_are_those_of_the_unit_norm_problem(diabetes: Problem, path: SaddlePath) -> None:
    # s_j of X_j/‖X_j‖ is s_j/‖X_j‖: on a threshold it is ±1, and |t_1 r'_j| ≤ 1 with equality at the hitter.
    norms = rational_norms(diabetes, 60)
    for i, (s, norm) in enumerate(zip(path[1].dual_ball(40), norms, strict=True)):
        with ctx.workprec(300):
            scaled = abs(s) / arb(fmpq(norm.numerator, norm.denominator))
            expected = path[1].jump_time_ball(40) * abs(arb(path[0].gradient_vector[i]))
            expected /= arb(fmpq(norm.numerator, norm.denominator))
            assert abs(scaled - expected) <= arb(10) ** -35
            assert abs(scaled - 1) <= arb(10) ** -35 if i in path[0].hits else scaled < 1


@settings(max_examples=40)
@given(standard_problems() | general_problems())
def test_scaling_columns_changes_nothing(problem: Problem) -> None:
    # X_j and its positive multiples have the same unit-norm column: same events, times and losses.
    factors = [Fraction(j + 2, 3) for j in range(problem.d)]
    rows = [[x * f for x, f in zip(row, factors, strict=True)] for row in problem.X]
    here = saddle_path(problem.standardized(), arithmetic="ball")
    there = saddle_path(problem.replace(X=rows).standardized(), arithmetic="ball")
    assert [(s.signs, s.hits) for s in here] == [(s.signs, s.hits) for s in there]
    for a, b in zip(here, there, strict=True):
        assert a.loss == b.loss
        assert a.jump_time_text(20) == b.jump_time_text(20)
        assert isinstance(a, LazySaddle)
        assert isinstance(b, LazySaddle)
        assert a.place(10**6).time == b.place(10**6).time


@settings(max_examples=60)
@given(standard_problems() | general_problems())
def test_the_interval_checker_never_rejects_and_standardised_twins_tie(problem: Problem) -> None:
    doubled = problem.replace(
        X=[[*row, *(-2 * x for x in row)] for row in problem.X],
        lower=[*problem.lower, *problem.upper],
        upper=[*problem.upper, *problem.lower],
        dual=[*problem.dual, *(-s for s in problem.dual)],
        names=None,
    )
    path = saddle_path(doubled.standardized())
    d = problem.d
    for saddle in path:
        moving = [i for i in range(d) if any(problem.X[k][i] for k in range(problem.n))]
        assert all(saddle.signs[i] == -saddle.signs[d + i] for i in moving)
        assert all((i in saddle.hits) == (d + i in saddle.hits) for i in moving)
    report = check(path.outline().to_text())
    assert report.verdict == "verified", report.message


def test_ties_of_roots_that_floats_get_wrong() -> None:
    # r = (1, 1, 1)/... : columns of norm √2, √8 and 2√2: t = ‖X_j‖/r_j with r_j in the same proportion.
    problem = Problem([[1, 2, 0], [1, -2, 0], [0, 0, 3]], [1, 0, Fraction(1, 2)])
    path = saddle_path(problem.standardized())
    assert path[0].hits == {0: 1, 1: 1}
    assert path.decisions is not None
    assert path.decisions.hits_exact == 1


def test_a_near_tie_of_roots_is_decided_right() -> None:
    # Column norms √2 and 1, residual correlations 1 and (1/√2)(1 ± 1e-300).
    digits = isqrt(2 * 10**600)
    for shift, first in ((0, {1: 1}), (1, {0: 1})):
        # t_0 = 2√2 and t_1 = 2/y_1 with 1/y_1 just below or above √2
        problem = Problem([[1, 0], [1, 0], [0, 1]], [1, 0, Fraction(10**300, digits + shift)])
        path = saddle_path(problem.standardized())
        assert path[0].hits == first
        assert path.outline().check().status is Status.VERIFIED


def test_zero_columns_stay_as_they_are() -> None:
    problem = Problem([[0, 3], [0, 4]], [1, 1]).standardized()
    assert problem.content()["upper"] == ["1", "5"]
    assert saddle_path(problem)[-1].support == (1,)


def test_thresholds_and_duals_given_are_those_of_the_unit_norm_columns() -> None:
    problem = Problem([[1, 3], [1, 4]], [1, 1], lower="inf", upper=[2, "1/2"], dual=["1/2", 0]).standardized()
    assert problem.content()["upper"] == ["sqrt(8)", "5/2"]
    assert problem.content()["lower"] == ["inf", "inf"]
    assert problem.content()["dual"] == ["sqrt(1/2)", "0"]
    assert not problem.is_rational
    assert not problem.is_standard


def test_standardising_unit_columns_changes_nothing() -> None:
    problem = Problem([[1, 0], [0, 1]], [1, 2])
    assert problem.standardized() == problem
    assert saddle_path(problem.standardized())[1].jump_time == 1


def test_a_standardised_problem_survives_its_json() -> None:
    problem = Problem([[1, 0.5], [1, 2]], [1, 2], dual=[0, "1/3"]).standardized()
    again = Problem.from_json(json.loads(json.dumps(problem.to_json())))
    assert again == problem
    assert again.digest == problem.digest
    assert hash(again) == hash(problem)
    assert problem.source == "binary64"


def test_exact_fractions_where_there_are_none_say_what_to_call() -> None:
    path = saddle_path(Problem([[1, 0], [1, 1]], [1, 2]).standardized())
    with pytest.raises(InvalidInput, match="t_1 is not rational: jump_time_ball"):
        _ = path[1].jump_time
    with pytest.raises(InvalidInput, match=r"s_1,\d is not rational: dual_ball"):
        _ = path[1].dual
    with pytest.raises(InvalidInput, match="is not rational"):
        _ = path.jump_times
    assert path[1].beta == path.at(Fraction(float(path[1].jump_time_ball())) + Fraction(1, 10**6))
    assert path[1].loss >= 0
    assert path[-1].unique


def test_times_are_located_exactly() -> None:
    # One column of norm √2, r = 1: t_1 = √2.
    path = saddle_path(Problem([[1], [1]], [1, 1]).standardized())
    digits = isqrt(2 * 10**120)
    assert path.at(Fraction(digits, 10**60)) == (0,)
    assert path.at(Fraction(digits + 1, 10**60)) == (1,)
    prefix = saddle_path(Problem([[1], [1]], [1, 1]).standardized(), max_saddles=1)
    assert prefix.at(Fraction(digits, 10**60)) == (0,)
    with pytest.raises(Inconclusive):
        prefix.at(Fraction(digits + 1, 10**60))


def test_what_needs_rationals_refuses_by_name() -> None:
    problem = Problem([[1, 0], [1, 1]], [1, 2]).standardized()
    with pytest.raises(InvalidInput, match=r"lower of column 'x0': sqrt\(2\) is not rational"):
        _ = problem.lower
    with pytest.raises(InvalidInput, match="square roots as thresholds"):
        lasso_path(problem, arithmetic="rational")
    with pytest.raises(InvalidInput, match="arithmetic"):
        saddle_path(problem, arithmetic="rational")
    with pytest.raises(InvalidInput, match="divided by their norms already"):
        problem.standardized()
    with pytest.raises(InvalidInput, match="not rational"):
        Problem([[1, 0], [1, 1]], [1, 2], upper="sqrt(2)").standardized()
    with pytest.raises(InvalidInput, match="not rational"):
        saddle_path(problem).certificate()
    with pytest.raises(InvalidInput, match=r"upper of column 'x0'.*RealProblem"):
        Problem([[1]], [1], upper=["pi"])


def test_a_real_problem_standardises_to_the_same_path() -> None:
    rows = [[1, -2, 0], [3, 1, 1], [0, 2, -1]]
    exact = saddle_path(Problem(rows, [3, 1, 2]).standardized())
    real = saddle_path(RealProblem(rows, [3, 1, 2]).standardized())
    assert combinatorics(exact) == combinatorics(real)
    assert [s.jump_time_text(30) for s in exact] == [s.jump_time_text(30) for s in real]
