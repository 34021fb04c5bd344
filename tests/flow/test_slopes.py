"""Slopes over an interval: they contain the flow's own, however far off the polynomial of a step is."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.flow import Flowpipe, enclose
from exactsaddle.flow.active_field import ActiveField
from exactsaddle.flow.hull import rates_over
from exactsaddle.flow.slopes import Slopes
from exactsaddle.flow.step import Step
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.problem import Network
from tests.support.defects import norm_of

README = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
ALPHA = Fraction(1, 10**4)
TIME = fmpq(1, 5)


def _true_slopes(pipe: Flowpipe, time: Fraction) -> list[arb]:
    """β' and L' from the equations at a point."""
    field, dual = pipe.ball_field, pipe.at(time).dual
    velocities = _velocities(pipe, time)
    slopes = [field.rate(i, s) * v for i, (s, v) in enumerate(zip(dual, velocities, strict=True))]
    return [*slopes, -sum((v * b for v, b in zip(velocities, slopes, strict=True)), arb(0))]


def _velocities(pipe: Flowpipe, time: Fraction) -> list[arb]:
    return pipe.ball_field.velocities(pipe.at(time).beta)


@pytest.mark.parametrize("problem", [README, Problem(README.X, README.y, network=Network(3))], ids=["2", "3"])
def test_slopes_over_an_interval_are_a_hull_and_no_wide_one(problem: Problem) -> None:
    end = Fraction(2, 3) if problem.network.depth == 2 else Fraction(3, 5)
    pipe = enclose(problem, ALPHA, [end], radius="1e-12", keep=True)
    parts, wide = 200, 0
    with workprec(pipe.precision):
        for k in range(parts):
            left, right = end * k / parts, end * (k + 1) / parts
            found = pipe.slopes_over(left, right)
            inside = [_true_slopes(pipe, left + (right - left) * j / 4) for j in range(5)]
            for i, ball in enumerate(found):
                assert all(ball.overlaps(point[i]) for point in inside)
                seen = max(abs(float(point[i])) for point in inside)
                wide += not float(abs(ball).upper()) < 2 * seen + 1e-3
    assert wide < parts / 5


def _step(problem: Problem) -> tuple[BallField, Step]:
    """One with the time 1/5 inside."""
    pipe = enclose(problem, ALPHA, [Fraction(1, 4)], radius="1e-12", keep=True)
    return pipe.ball_field, pipe.steps_over(TIME, TIME)[0]


def _holds(field: BallField, step: Step, time: fmpq, true: list[arb]) -> bool:
    """Whether the slopes of the duals at that time are those."""
    _, found = rates_over(field, step, time, time)
    return all(ball.overlaps(value) for ball, value in zip(found, true, strict=True))


def test_what_a_polynomial_has_of_a_defect_is_in_its_slopes() -> None:
    field, step = _step(README)
    pipe = enclose(README, ALPHA, [Fraction(1, 4)], radius="1e-20", keep=True)
    time = step.start + step.length / 1024
    with workprec(pipe.precision):
        push = arb("1e-3")
        bent = [[row[0] + push, *row[1:]] for row in step.slope]
        off = ActiveField.of(field, step.sets).moves([push] * len(bent), arb(0))
        defect = (2 * norm_of(field, off)).upper()
        pushed = replace(step, slope=bent, defect=defect, error=arb(0))
        true = _velocities(pipe, to_fraction(time))
        assert _holds(field, pushed, time, true)
        assert not _holds(field, replace(pushed, defect=arb(0)), time, true)


def test_what_an_error_moves_is_in_the_slopes() -> None:
    """A step of the flow from another dual has next to no defect, and the distance for an error."""
    shift = [value / 1000 for value in README.gram[2]]
    _, step = _step(Problem(README.X, README.y, dual=shift))
    pipe = enclose(README, ALPHA, [Fraction(1, 4)], radius="1e-20", keep=True)
    field = pipe.ball_field
    with workprec(pipe.precision):
        error = norm_of(field, [arb(to_rational(value)) for value in shift]).upper()
        true = _velocities(pipe, to_fraction(TIME))
        assert _holds(field, replace(step, error=error), TIME, true)
        assert not _holds(field, step, TIME, true)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-60, 0)), min_size=2, max_size=12),
    st.lists(st.fractions(-1, 1, max_denominator=2**30), min_size=2, max_size=2),
    st.fractions(0, 1),
    st.sampled_from([0, 700, -700, 20_000]),
)
def test_slopes_contain_every_value_of_their_polynomial(
    terms: list[tuple[int, int]], ends: list[Fraction], part: Fraction, shift: int
) -> None:
    with workprec(400):
        row = [arb((m, e + shift)) for m, e in terms]
        slopes = Slopes.of(arb_mat([row, [arb(0)] * len(row), [c / 3 for c in row]]))
        first, last = sorted(map(to_rational, ends))
        x = arb(first + (last - first) * to_rational(part))
        true = sum((c * arb.chebyshev_t(x, k) for k, c in enumerate(row)), arb(0))
        found = slopes.over(first, last)
        assert all(ball.contains(value) for ball, value in zip(found, (true, arb(0), true / 3), strict=True))
        most = sum(map(abs, row), arb(0))
        assert all(abs(ball) <= 2 * most + arb((1, -900)) for ball in found)


def test_slopes_of_balls_contain_all_of_them() -> None:
    slopes = Slopes.of(arb_mat([[arb(1, 0.25), arb(0.5, 0.125)]]))
    (ball,) = slopes.over(fmpq(0), fmpq(1))
    assert ball.contains(arb("0.75"))
    assert ball.contains(arb("1.875"))
    (ball,) = slopes.over(fmpq(1), fmpq(1))
    assert ball.contains(arb("1.875"))
    assert ball.contains(arb("1.125"))


@pytest.mark.parametrize("order", range(1, 12))
def test_slopes_reach_beyond_a_grid_by_what_a_cosine_bends(order: int) -> None:
    """cos kθ is furthest from its lines where it is ±1; mostly that is at no node."""
    slopes = Slopes.of(arb_mat([[arb(k == order) for k in range(12)]]))
    bend = (order * math.pi / (8 * 12)) ** 2 / 8
    for extreme in range(1, order):
        x = to_rational(math.cos(extreme * math.pi / order))
        with workprec(100):
            true = arb.chebyshev_t(arb(x), order)
        (near,) = slopes.over(x, x)
        assert near.contains(true)
        assert float(near.rad()) < order * 2e-7
        # a part too wide for a Taylor polynomial
        left, right = (to_rational(math.cos(extreme * math.pi / order + s * 0.1)) for s in (1, -1))
        (ball,) = slopes.over(left, right)
        assert ball.contains(true)
        beyond = float(ball.upper()) - 1 if true > 0 else -1 - float(ball.lower())
        assert 0 <= beyond <= bend + order * 2e-7


@pytest.mark.parametrize("width", [0.0, 1e-9, 1e-3, 1e-2])
def test_a_slope_that_is_small_is_seen_beside_steep_ones(width: float) -> None:
    """e^(−20(x + 1)) falls to 4e-18: its bounds fall with it, to what floats resolve of the largest, 1."""
    size = 61
    # I_k(20)e^(−20), the modified Bessel functions
    with workprec(300):
        row = [(2 - (k == 0)) * (-1) ** k * arb(20).bessel_i(k) * arb(-20).exp() for k in range(size)]
        slopes = Slopes.of(arb_mat([row]))
        for place in (-0.9, -0.2, 0.3, 0.9):
            left, right = to_rational(place - width / 2), to_rational(place + width / 2)
            (ball,) = slopes.over(left, right)
            values = [(-20 * (arb(x) + 1)).exp() for x in (left, (left + right) / 2, right)]
            assert all(ball.overlaps(value) for value in values)
            assert float(abs(ball).upper()) < float(values[0]) * (1 + 1e-4) + 40 * width**2 + 1e-9


@pytest.mark.parametrize("degree", [3, 20, 60])
def test_taylor_polynomials_of_slopes_are_bounds_up_to_their_width(degree: int) -> None:
    """(x − x_0)^11 and T_N around the places where most of their derivatives are 0."""
    for x, middle in ((math.cos(1.0), 1.0), (math.cos(2.5), 2.5)):
        power = np.polynomial.chebyshev.Chebyshev.fromroots([x] * min(degree, 11)).coef
        for row in (power, np.eye(degree + 1)[degree]):
            exact = [arb(float(c)) for c in row]
            slopes = Slopes.of(arb_mat([exact]))
            half = 0.9 / len(row)
            low, high = slopes._near(middle - half, middle + half)
            for part in range(9):
                theta = arb(middle) + arb(half) * (part - 4) / 4
                value = sum((c * (k * theta).cos() for k, c in enumerate(exact)), arb(0))
                assert float(low[0]) <= float(value.lower())
                assert float(value.upper()) <= float(high[0])
