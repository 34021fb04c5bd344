"""Crossings, arrivals and arc length of a flowpipe; Chebyshev tools; balls as decimals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.flow import Flowpipe, enclose
from exactsaddle.flow.chebyshev import integrals_at, lebesgue, tables
from exactsaddle.flow.events import arc_length, crossing, extrapolated_arrival
from exactsaddle.flow.float_basis import float_basis
from exactsaddle.flow.hull import _between
from exactsaddle.numbers import ball_to_decimal, parse_rational

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])


@pytest.fixture(scope="module")
def pipe() -> Flowpipe:
    return enclose(TWO_BY_THREE, "1e-50", [Fraction(3, 4)], radius="1e-40", keep=True)


def test_a_crossing_is_where_the_closed_form_says() -> None:
    # d = 1, X = y = 1: v = α²e^{2ℓs} obeys v' = 2ℓ(v − ½(v² − α⁴)), a logistic up to α⁴: from α² to 1, half
    # its limit 2, at ℓt = ½ ln((2 − α²)/α²), so t = 1 + ln 2/(2ℓ) up to terms of size α²; β = ½ there
    single = enclose(Problem([[1]], [1]), "1e-50", [2], radius="1e-40", keep=True)
    found = crossing(single, 0, Fraction(1, 2), 0, 2, width="1e-30")
    assert found.rising
    assert found.before - found.after <= Fraction(1, 10**30)
    with ctx.workprec(300):
        exact = 1 + arb(2).log() / (2 * single.log_scale)
        assert arb(fmpq(found.after.numerator, found.after.denominator)) - arb("1e-80") < exact
        assert exact < arb(fmpq(found.before.numerator, found.before.denominator)) + arb("1e-80")


def test_a_crossing_needs_two_sides(pipe: Flowpipe) -> None:
    with pytest.raises(Inconclusive, match="is below 2 at both ends"):
        crossing(pipe, 0, 2, 0, Fraction(1, 2))
    with pytest.raises(InvalidInput, match="coordinate 3 is not in"):
        crossing(pipe, 3, 1, 0, Fraction(1, 2))
    with pytest.raises(InvalidInput, match="must be positive"):
        crossing(pipe, 0, 0, 0, Fraction(1, 2))


def test_a_crossing_finer_than_the_balls_is_not_decided(pipe: Flowpipe) -> None:
    with pytest.raises(Inconclusive, match="either side"):
        crossing(pipe, 0, Fraction(1, 10), 0, Fraction(1, 2), width="1e-90")


@pytest.mark.slow
def test_jump_times_and_their_correction_from_the_flow() -> None:
    # MATHEMATICS.md §5: the second jump, 9/16, has c = ln(8/5)/8; the first, 1/4, has c = 0
    path = saddle_path(TWO_BY_THREE)
    arrivals = []
    for alpha in ("1e-50", "1e-100"):
        run = enclose(TWO_BY_THREE, alpha, [Fraction(1, 2)], radius="1e-75", keep=True)
        second = extrapolated_arrival(run, Fraction(13, 32), 1, -1, -path[1].gradient[1])
        first = extrapolated_arrival(run, Fraction(1, 8), 0, -1, -path[0].gradient[0])
        arrivals.append((run.log_scale, first, second))
    (scale1, first1, second1), (scale2, first2, second2) = arrivals
    with ctx.workprec(300):
        time = (scale2 * second2 - scale1 * second1) / (scale2 - scale1)
        assert abs(time - arb(9) / 16) < arb("1e-45")
        start = (scale2 * first2 - scale1 * first1) / (scale2 - scale1)
        assert abs(start - arb(1) / 4) < arb("1e-45")
        assert abs(scale2 * (second2 - arb(9) / 16) - arb("1.6").log() / 8) < arb("1e-49")


def test_arrival_needs_a_speed(pipe: Flowpipe) -> None:
    with pytest.raises(InvalidInput, match="does not move"):
        extrapolated_arrival(pipe, Fraction(13, 32), 0, 1, 0)


def test_arc_length_of_a_monotone_coordinate_is_its_rise() -> None:
    single = enclose(Problem([[1]], [1]), "1e-8", [2], keep=True)
    length = arc_length(single, 0, 2, pieces=32)
    with ctx.workprec(single.precision):
        rise = single.at(2).beta[0] - single.at(0).beta[0]
    assert length.contains(rise.mid())
    assert float(length.rad()) < 0.1
    finer = arc_length(single, 0, 2, pieces=128)
    assert float(finer.rad()) < float(length.rad()) / 2


def test_arc_length_adds_up(pipe: Flowpipe) -> None:
    whole = arc_length(pipe, 0, Fraction(1, 2), pieces=4)
    parts = arc_length(pipe, 0, Fraction(1, 4), pieces=4) + arc_length(
        pipe, Fraction(1, 4), Fraction(1, 2), pieces=4
    )
    assert whole.overlaps(parts)
    # at least the distance between the saddles 0 and (−4/5, 0, 0)
    assert float(whole.upper()) > 0.8 - 1e-9


@pytest.mark.parametrize("degree", [2, 7, 30])
def test_chebyshev_basis(degree: int) -> None:
    tools = tables(degree, 120)
    size = degree + 1
    nodes = np.cos((2 * np.arange(size) + 1) * np.pi / (2 * size))
    values = np.cos(np.outer(np.arccos(nodes), np.arange(size)))
    coefficients, integrals = (
        np.array([[float(v) for v in row] for row in table.tolist()])
        for table in (
            tools.coefficients,
            tools.integrals(arb_mat([[i == j for j in range(size)] for i in range(size)])),
        )
    )
    assert np.allclose(values.T @ coefficients, np.eye(size))
    rough = float_basis(degree)
    assert np.allclose(rough.values, values)
    assert np.allclose(rough.coefficients @ values, np.eye(size))
    assert np.allclose(rough.integrals, integrals.T)
    # ∫_{−1}^{x} T_1 = (x² − 1)/2, ∫_{−1}^{x} T_2 = (2x³ + 2)/3 − (x + 1)
    moved = values.T @ integrals
    assert np.allclose(moved[0], nodes + 1)
    assert np.allclose(moved[1], (nodes**2 - 1) / 2)
    assert np.allclose(moved[2], (2 * nodes**3 + 2) / 3 - (nodes + 1))
    assert np.isclose(rough.weights.sum(), 1)
    # exact on the interpolant of cos, up to its error
    found = rough.integrals @ np.cos(nodes)
    tolerance = 1e-13 if degree > 7 else 0.2
    assert np.allclose(found, np.sin(nodes) + np.sin(1), atol=tolerance)
    assert np.allclose(rough.derivatives @ rough.integrals, np.eye(size))
    assert float(lebesgue(degree)) > 1


def test_integrals_keep_their_precision_at_high_degree() -> None:
    with ctx.workprec(100):
        found = integrals_at(fmpq(1, 3), 80)
        assert max(float(ball.rad()) for ball in found) < 1e-28
        assert found[1].overlaps(arb(-4) / 9)


@settings(max_examples=80)
@given(st.fractions(), st.fractions(0, 1), st.integers(-400, 400), st.integers(20, 200))
def test_decimals_contain_the_ball(middle: Fraction, radius: Fraction, shift: int, bits: int) -> None:
    with ctx.workprec(bits):
        scale = arb(2) ** shift
        ball = arb(fmpq(middle.numerator, middle.denominator)) * scale
        ball += arb(0, arb(fmpq(radius.numerator, radius.denominator)) * scale)
        mid, rad = (parse_rational(text) for text in ball_to_decimal(ball))
    with ctx.workprec(4000):
        assert arb(mid - rad) <= ball.lower()
        assert ball.upper() <= arb(mid + rad)
        # and not much wider
        assert arb(rad) <= ball.rad() * 2 + abs(ball).upper() * arb(2) ** (5 - bits)


def test_decimals_as_text() -> None:
    assert ball_to_decimal(arb(0)) == ("0", "0")
    assert ball_to_decimal(arb("0.5")) == ("0.5", "0")
    assert ball_to_decimal(arb(-120)) == ("-120", "0")
    assert ball_to_decimal(arb(3) + arb(0, 1e-5)) == ("3", "0.000012")
    mid, rad = ball_to_decimal(arb("1e-400"))
    assert (len(mid) > 10, rad != "0") == (True, True)
    with ctx.workprec(20_000):
        assert len(ball_to_decimal(arb(1) / 3)[0]) > 6000


def test_an_extremum_between_the_ends_is_enclosed() -> None:
    # ±t up to ½ and back again: ends 0, slopes in [−1, 1], extreme values ±½
    hull = _between(arb(0), arb(0), arb(0, 1), arb(1))
    assert hull.contains(arb("0.5"))
    assert hull.contains(arb("-0.5"))
    assert _between(arb(0), arb(1), arb(2, 1), arb(1)).rad() <= arb("0.500001")


def test_a_tent_of_two_slopes_reaches_the_bound_and_no_more() -> None:
    # slopes in [−1, 3]: from 0 to ¾ at ¼ and back to 0 at 1, or to −¾ at ¾
    hull = _between(arb(0), arb(0), arb(1, 2), arb(1))
    assert hull.contains(arb("0.75"))
    assert hull.contains(arb("-0.75"))
    assert hull.rad() <= arb("0.750001")
    assert _between(arb(1), arb(1), arb(0), arb(1)) == 1
