"""The loss in balls: the exact one, from few squares."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.flow import enclose
from exactsaddle.flow.energy import Energy
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.numbers import to_rational
from tests.support.problems import general_problems


@settings(max_examples=40)
@given(general_problems(max_n=6, max_d=4), st.lists(st.fractions(-3, 3), min_size=4, max_size=4))
def test_few_squares_make_the_loss(problem: Problem, beta: list[Fraction]) -> None:
    beta = beta[: problem.d]
    with workprec(150):
        energy = Energy.of(ReducedFlow.of(problem))
        found = energy.loss([arb(to_rational(value)) for value in beta])
    with workprec(500):  # a rational is as wide as the precision of the question
        assert found.contains(to_rational(problem.loss(beta)))
        assert found.rad() < arb("1e-35")
    assert len(energy.weights) <= max(problem.n, 1)


def test_a_fit_without_a_residual_has_no_loss() -> None:
    problem = Problem([[1, 2], [3, 1], [2, -1]], [3, 4, 1])
    with workprec(100):
        energy = Energy.of(ReducedFlow.of(problem))
        assert energy.least == 0
        assert len(energy.weights) == 2
        assert energy.loss([arb(1), arb(1)]).rad() < arb("1e-28")


@pytest.mark.parametrize(("bits", "squares"), [(30, 3), (300, 2)])
def test_columns_that_balls_do_not_tell_apart_keep_every_row(bits: int, squares: int) -> None:
    problem = Problem([[1, 1], [1, 1 + Fraction(1, 10**20)], [1, 1]], [1, 2, 3])
    with workprec(bits):
        energy = Energy.of(ReducedFlow.of(problem))
        assert len(energy.weights) == squares
        assert energy.loss([arb(1), arb(1)]).contains(fmpq(to_rational(problem.loss([1, 1]))))


def test_a_tall_problem_says_its_loss() -> None:
    problem = Problem([[1], [2], [-1]], [1, 1, 1])
    (point,) = enclose(problem, "1e-20", [5]).points
    assert abs(point.loss - arb(to_rational(problem.loss([Fraction(1, 3)])))) < arb("1e-15")
