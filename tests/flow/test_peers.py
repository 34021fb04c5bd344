"""The benchmark of growth: what it says of other integrators is measured against proved balls."""

from fractions import Fraction

import pytest
from flint import arb

from tests.benchmarks.bench_flow import TWO_BY_THREE
from tests.benchmarks.bench_growth import (
    Case,
    Peer,
    enclosed,
    error_of,
    markdown,
    measure,
    odefun,
    radau_beta,
    within,
)

CASE = Case(5, TWO_BY_THREE, "1e-5", Fraction(2, 5), 12)


def test_peers_solve_the_same_flow() -> None:
    balls = enclosed(CASE, 40)
    assert error_of(radau_beta(CASE), balls) < 1e-8
    assert error_of(odefun(CASE), balls) < 1e-11


def test_an_error_is_not_rounded_away() -> None:
    assert error_of([0.5, -0.25], [arb(0.5), arb(-0.25) + arb("1e-30")]) == pytest.approx(1e-30)
    assert error_of([0.5, -0.25], [arb(0.5), arb(-0.25)]) == 0


def test_a_run_beyond_its_limit_says_so() -> None:
    def forever() -> None:
        while True:
            pass

    assert within(1, forever) == "> 1 s"
    assert within(1, lambda: 1 // 0) == "ZeroDivisionError"
    assert within(1, lambda: 7)[1] == 7


def test_the_page_has_times_errors_and_the_power() -> None:
    larger = [Case(value, TWO_BY_THREE, f"1e-{value}", Fraction(2, 5), 12) for value in (5, 6, 8)]
    rows = list(measure(larger, 1, 20))
    assert all(row.radau.error is not None and row.radau.error < 1e-8 for row in rows)
    page = markdown([("log", "a series", rows)], 20, 1, "abcdef0")
    assert page.count("| 5 |") == page.count("| 8 |") == 1
    assert "seconds grow as log to the power" in page
    assert "(abcdef0)" in page
    assert str(Peer()) == "not tried"
