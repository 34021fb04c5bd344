"""The first saddle that fits no more than the rounding of its data: the inequality in plain Fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.numbers import to_fraction, to_rational
from tests.support.problems import general_problems


def explained(problem: Problem, beta: Any) -> bool:
    """|r_i| ≤ δy_i + Σ m_j δX_ij |β_j| for every i, as it is written."""
    sharp, floats = problem.resolution, ("binary64", "binary32", "binary16")
    often = [1] * problem.d
    if sharp.target in floats:
        kinds = [sharp.design] * problem.d if isinstance(sharp.design, str) else sharp.design
        often = [1 + 2 * sum(b != 0 for b in beta) if kind in floats else 1 for kind in kinds]
    for row, y in zip(problem.X, problem.y, strict=True):
        residual = y - sum(x * b for x, b in zip(row, beta, strict=True))
        allowed = to_fraction(sharp.of_target(to_rational(y))) + sum(
            often[j] * to_fraction(sharp.of_entry(to_rational(x), j)) * abs(b)
            for j, (x, b) in enumerate(zip(row, beta, strict=True))
        )
        if abs(residual) > allowed:
            return False
    return True


def first(problem: Problem, path: Any) -> int | None:
    return next((s.index for s in path if explained(problem, s.beta)), None)


@settings(max_examples=30)
@given(general_problems())
def test_it_is_the_first_at_which_the_inequality_holds(problem: Problem) -> None:
    for resolution in ("1/1000", "1/3", 1, {"X": 0, "y": 2}):
        rough = problem.replace(resolution=resolution)
        path = saddle_path(rough, arithmetic="rational")
        assert path.explained_at == first(rough, path)


def noiseless(kind: str = "binary64") -> Problem:
    rng = np.random.default_rng(0)
    X, beta = rng.normal(size=(20, 40)), np.zeros(40)
    beta[[3, 17, 31]] = [2, -1, 0.5]
    y = X @ beta
    if kind == "decimals":
        return Problem([[f"{x:.3f}" for x in row] for row in X], [f"{v:.3f}" for v in y])
    return Problem(X, y)


@pytest.mark.parametrize("kind", ["binary64", "decimals"])
def test_the_rest_of_a_noiseless_path_fits_the_rounding(kind: str) -> None:
    path = saddle_path(noiseless(kind))
    found = path.explained_at
    assert found == first(path.problem, path)
    assert found is not None
    assert {3, 17, 31} <= set(path[found].support)
    assert found + 10 < len(path)
    shown = path.above_rounding
    assert (len(shown), shown.stopped_by) == (found + 1, "the resolution of the data")
    assert shown.above_rounding is shown


def test_bounds_that_are_met_exactly_count() -> None:
    # β_0 = 0 leaves the residual y = 1; β_1 = 1 leaves none
    for resolution, expected in [({"y": 1}, 0), ({"y": Fraction(10**40 - 1, 10**40)}, 1), ({"X": 1}, 1)]:
        assert saddle_path(Problem([[1]], [1], resolution=resolution)).explained_at == expected


@pytest.mark.parametrize("arithmetic", ["rational", "ball"])
@pytest.mark.parametrize(("half", "expected"), [(20, 1), (100, 1), (149, 1), (151, None), (200, None)])
def test_balls_too_wide_to_tell_leave_it_to_rationals(
    arithmetic: Any, half: int, expected: int | None
) -> None:
    problem = Problem([[1], [1]], [1, 1 + Fraction(1, 10**150)], resolution={"y": Fraction(1, 10**half)})
    assert saddle_path(problem, arithmetic=arithmetic).explained_at == expected  # it leaves ±10^−150 / 2


def test_exact_data_explain_nothing() -> None:
    assert saddle_path(Problem.planted([[1, 2], [3, 4]], [1, 0])).explained_at is None
    path = saddle_path(Problem([[1, 2], [3, 4]], [0, 0]))
    assert path.explained_at is None
    assert path.above_rounding is path
