"""What is bounded between the nodes of a step, and the tables and floats it is bounded with."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.flow.active_field import ActiveField, Sets
from exactsaddle.flow.between import Between, Missed
from exactsaddle.flow.chebyshev import tables
from exactsaddle.flow.float_balls import row_peaks
from exactsaddle.flow.outlook import Outlook, _ellipses
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.vector_field import BallField, Rounded
from exactsaddle.flow.weak import Outside, Weak

DEGREE = 12
WIDE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])


@lru_cache
def _between(bits: int) -> Between:
    with workprec(bits + 80):
        base = BallField.at(ReducedFlow.of(WIDE), fmpq(1, 10**20))
        field = ActiveField.of(base, Sets((0, 1, 2), (3, 4), (0, 1, 2)))
        return Between(field, Outlook(base), bits, DEGREE)


def _exact(value: arb) -> Fraction:
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("rows", [1, 9])
@pytest.mark.parametrize("degree", [2, 5, 30])
def test_tables_hold_the_integrals_of_polynomials(rows: int, degree: int) -> None:
    """A few rows and many take different ways: both hold those of T_k, from ten times the bits."""
    tools, fine = tables(degree, 120), tables(degree, 1200)
    for k in range(degree + 1):
        unit = [arb(k == j) for j in range(degree + 1)]
        with workprec(1200):
            angles = [arb(fmpq(2 * q + 1, 2 * degree + 2)) for q in range(degree + 1)]
            nodes = [arb.cos_pi(a) for a in angles]
            values = [arb.cos_pi(k * a) for a in angles]
            above, below = ([arb.cos_pi((k + s) * a) for a in angles] for s in (1, -1))
            if k == 0:
                truth = [x + 1 for x in nodes]
            elif k == 1:
                truth = [(x * x - 1) / 2 for x in nodes]
            else:
                start = arb((-1) ** (k + 1)) / (2 * (k + 1)) - arb((-1) ** (k - 1)) / (2 * (k - 1))
                truth = [
                    p / (2 * (k + 1)) - q / (2 * (k - 1)) - start for p, q in zip(above, below, strict=True)
                ]
        with workprec(120):
            given_values = arb_mat([values] * rows)
            found = tools.integrals(given_values).tolist()[-1]
            assert all(a.overlaps(b) and float(a.rad()) < 1e-30 for a, b in zip(found, truth, strict=True))
            coefficients = (given_values * tools.coefficients).tolist()[-1]
            assert all(a.overlaps(b) for a, b in zip(coefficients, unit, strict=True))
            exact = fine.coefficients.entries()
            assert all(a.overlaps(b) for a, b in zip(tools.coefficients.entries(), exact, strict=True))
            assert all(a.overlaps(x + 1) for a, x in zip(tools.elapsed.entries(), nodes, strict=True))


@pytest.mark.parametrize("bits", [60, 900])
@given(st.lists(st.tuples(st.fractions(-1, 1), st.integers(-1100, 40), st.integers(-1100, 0)), min_size=13))
def test_scaled_coefficients_hold_what_balls_hold(bits: int, drawn: list[tuple[Fraction, int, int]]) -> None:
    """Also those that floats do not tell from 0, to within what is said of underflow."""
    between = _between(bits)
    with workprec(100):
        row = [arb(fmpq(m.numerator, m.denominator)) * arb((1, e)) for m, e, _ in drawn[: DEGREE + 1]]
        row = [value.mid() + arb(0, arb((1, e))) for value, (_, _, e) in zip(row, drawn, strict=False)]
        middles, wide = between._scaled(arb_mat([row]))
    # scaled first, a value that underflows is lost by no more than 2^-1070 whatever the shift
    lost = Fraction(2) ** -1070
    for j, ball in enumerate(row):
        shift = Fraction(2) ** between._shifts[j]
        middle, radius = Fraction(float(middles[0, j])), Fraction(float(wide[0, j]))
        # floats themselves round, by 2^-52 of a middle: what ``missed`` adds
        slack = radius + abs(middle) * Fraction(2) ** -52 + lost
        assert abs(middle - _exact(ball) * shift) <= slack
        assert _exact(ball.rad()) * shift <= radius * (1 + Fraction(2) ** -40) + lost


def test_what_underflow_loses_is_multiplied_by_what_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is 2^200 times another moves so much farther: its tail is linear in tiny coefficients."""
    monkeypatch.setattr(Outlook, "best_ellipse", lambda *_: (16.0, 0.0))
    with workprec(1000):
        base = BallField.at(ReducedFlow.of(Problem([[1, 2**200]], [1])), fmpq(1, 10**20))
        field = ActiveField.of(base, Sets((0, 1), (), (0,)))
        between = Between(field, Outlook(base), 900, DEGREE)
        start, half = base.distances(base.dual_start), 1 / base.per_unit
        tails = []
        for more in (0, 150):
            tiny = arb((1, more - 1076 - between._shifts[0]))
            slope = arb_mat([[tiny, *[arb(0)] * DEGREE]])
            tails.append(between.missed(slope, half, start, 0).tail)
    assert tails[0] * arb((1, 150)) * (1 + arb((1, -30))) > tails[1] > 0


@given(
    st.lists(st.floats(-140, 20), min_size=DEGREE + 1, max_size=DEGREE + 1), st.sampled_from([60, 110, 900])
)
def test_the_best_ellipse_is_that_of_its_definition(drawn: list[float], bits: int) -> None:
    with workprec(100):
        base = BallField.at(ReducedFlow.of(WIDE), fmpq(1, 10**20))
        outlook = Outlook(base)
        start = base.distances(base.dual_start)
    logs = np.array([drawn] * WIDE.d)
    rho, tail = outlook.best_ellipse(start, logs, bits, range(WIDE.d))
    exponents = _ellipses(bits, DEGREE)
    orders = np.arange(1, DEGREE + 2)
    with np.errstate(over="ignore"):
        powers = np.exp2(logs[:, None, :] + orders * exponents[:, None] - 1)
        powers += np.exp2(logs[:, None, :] - orders * exponents[:, None] - 1)
        spread = powers.sum(axis=2).T
        distances = np.array([[float(x) for x in pair if x is not None] for pair in start]).T
        change = (
            np.maximum(*(outlook._link.log2_change(side, spread) for side in distances)) + outlook._weights
        )
    tails = change.max(axis=1) - DEGREE * exponents - np.log2(np.expm1(exponents * np.log(2)))
    assert np.isclose(tail, tails.min() + 2)
    assert np.isclose(np.log2(rho), exponents[np.argmin(tails)]) or np.isclose(tails, tails.min()).sum() > 1


@given(
    st.lists(st.lists(st.fractions(-(10**6), 10**6), min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from([0, 900, 5000]),
)
def test_peaks_of_rows_are_upper_bounds_of_any_size(rows: list[list[Fraction]], small: int) -> None:
    with workprec(90):
        scale = arb((1, small))
        table = [[arb(fmpq(v.numerator, v.denominator)) / scale for v in row] for row in rows]
        peaks = row_peaks(arb_mat(table), scale)
    for row, peak in zip(rows, peaks, strict=True):
        largest = max(map(abs, row)) / Fraction(2) ** small
        assert _exact(peak) >= largest
        assert _exact(peak) <= largest * Fraction(1 + 2**-20) + Fraction(2) ** -(small + 900)


@pytest.mark.parametrize("bits", [200, 2401])
def test_weak_coordinates_are_weak_however_accurate_a_step_is(bits: int) -> None:
    """A change of v that is half as accurate as the step is no larger than floats hold."""
    with workprec(80):
        field, tiny = _between(60).field, arb((1, -bits // 2 - 20))
        nodes, none = arb_mat([[tiny] * (DEGREE + 1)] * 3), arb_mat(3, DEGREE + 1)
        weak = Weak(arb_mat(2, DEGREE + 1), none, [arb(0)] * 2, nodes)
        missed = Missed(arb(0), arb(0), dict.fromkeys((3, 4), (tiny, tiny)), 1.0, False)
        found, large = Outside(field, DEGREE, 8).bound(missed, weak, none, arb(1) / 1024, arb((1, -bits)))
    assert not large
    assert 0 < found < arb((1, -bits))


def test_rounded_matrices_hold_what_they_were_made_from() -> None:
    with workprec(300):
        exact = arb_mat([[arb(fmpq(1, 3)), arb(2).sqrt()]])
        rounded = Rounded(exact)
    for precision, words in ((40, 64), (65, 128), (128, 128), (500, 300)):
        with workprec(precision):
            (found,) = rounded()
            assert rounded()[0] is found
        for value, truth in zip(found.entries(), exact.entries(), strict=True):
            assert value.contains(truth.mid())
            assert 2.0**-words / 4 < float(value.rad()) < 2.0 ** (4 - words)
