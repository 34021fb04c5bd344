from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import Matrix, Vector, to_rational
from exactsaddle.path import least_squares_on_cone
from exactsaddle.problem import Problem
from tests.support.problems import standard_problems


def smallest_loss_by_enumeration(problem: Problem, signs: list[int]) -> Fraction:
    """The minimum over the cone is attained at the least squares of some independent feasible support."""
    free = [i for i, sign in enumerate(signs) if sign]
    X = Matrix([[to_rational(value) for value in row] for row in problem.X])
    best = problem.loss([0] * problem.d)
    for size in range(1, len(free) + 1):
        for columns in combinations(free, size):
            if X.rank(columns) == size:
                beta = problem.normal_equations.least_squares(columns)
                if all(signs[i] * beta[i] >= 0 for i in columns):
                    best = min(best, problem.loss(beta))
    return best


@given(standard_problems(), st.data())
def test_the_loss_is_the_smallest_on_the_cone(problem: Problem, data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=problem.d, max_size=problem.d))
    point = least_squares_on_cone(problem, signs, Vector.zero(problem.d))
    assert all(b == 0 if sign == 0 else sign * b >= 0 for sign, b in zip(signs, point.beta, strict=True))
    assert all(sign * g >= 0 for sign, g in zip(signs, point.gradient, strict=True))
    assert all(point.gradient[i] == 0 for i in point.beta.support)
    assert problem.gradient(point.beta) == point.gradient.fractions()
    assert problem.loss(point.beta) == smallest_loss_by_enumeration(problem, signs)


@given(standard_problems(), st.data())
def test_a_warm_start_reaches_the_same_fit(problem: Problem, data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=problem.d, max_size=problem.d))
    fewer = [sign if data.draw(st.booleans()) else 0 for sign in signs]
    start = least_squares_on_cone(problem, fewer, Vector.zero(problem.d)).beta
    warm = least_squares_on_cone(problem, signs, start)
    cold = least_squares_on_cone(problem, signs, Vector.zero(problem.d))
    assert problem.fitted(warm.beta) == problem.fitted(cold.beta)
    assert warm.gradient == cold.gradient


def test_duplicates_enter_by_lowest_index() -> None:
    problem = Problem([[2, 2, -2]], [4])
    assert least_squares_on_cone(problem, [1, 1, -1], Vector.zero(3)).beta.fractions() == (2, 0, 0)
    assert least_squares_on_cone(problem, [0, 1, -1], Vector.zero(3)).beta.fractions() == (0, 2, 0)


def test_a_start_that_is_not_stationary_on_its_support_is_refused() -> None:
    problem = Problem([[1]], [1])
    with pytest.raises(ProofFailed, match="not zero on the support"):
        least_squares_on_cone(problem, [1], Vector.of([to_rational(3)]))
