from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.numbers import to_rational
from exactsaddle.report.contents import numbers
from exactsaddle.report.document import Number

F = Fraction


def unit_of(decimal: str) -> Fraction:
    """One unit in the last place shown."""
    return Fraction(10) ** int(Decimal(decimal).as_tuple().exponent)


def is_rounded(decimal: str, exact: Fraction) -> bool:
    """Whether the decimal is nearest to the exact value among those with as many places."""
    return abs(Fraction(decimal) - exact) <= unit_of(decimal) / 2


@pytest.mark.parametrize(
    ("value", "digits", "decimal", "relation"),
    [
        (F(1, 8), 2, "0.12", "≈"),
        (F(3, 8), 2, "0.38", "≈"),
        (F(-1, 8), 2, "-0.12", "≈"),
        (F(5, 2), 1, "2", "≈"),
        (F(7, 2), 1, "4", "≈"),
        (1 - F(1, 10**12), 8, "1.0000000", "≈"),
        (1 - F(1, 10**8), 8, "0.99999999", "="),
        (1 - F(5, 10**9), 8, "1.0000000", "≈"),
        (F(1, 10**400), 8, "1e-400", "="),
        (F(-1, 3 * 10**400), 8, "-3.3333333e-401", "≈"),
        (F(10**400), 8, "1e+400", "="),
        (F(10**400 + 1), 8, "1.0000000e+400", "≈"),
        (F(0), 8, "0", "="),
        (F(-1, 4), 8, "-0.25", "="),
    ],
)
def test_hard_roundings(value: Fraction, digits: int, decimal: str, relation: str) -> None:
    assert numbers.number(value, digits) == Number(decimal, str(value), relation)  # type: ignore[arg-type]


@given(st.fractions(), st.integers(1, 30))
def test_a_decimal_is_nearest_and_its_relation_true(value: Fraction, digits: int) -> None:
    shown = numbers.number(value, digits)
    assert shown.exact == str(value)
    assert is_rounded(shown.decimal, value)
    assert (shown.relation == "=") == (Fraction(shown.decimal) == value)


def test_a_long_fraction_is_named_by_its_size() -> None:
    shown = numbers.number(to_rational(F(10**9999 + 1, 8)))
    assert shown == Number("1.2500000e+9998", None, "≈", shown.note)
    assert "10,002 digits" in shown.note
    assert "certificate" in shown.note
    assert numbers.number(F(10**1005 + 1, 8)).exact is None
    kept = numbers.number(F(10**990 + 1, 8))
    assert kept.exact == str(F(10**990 + 1, 8))


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_digits_are_counted_without_writing_them(p: int, q: int) -> None:
    value = fmpq(p, q + 1)
    written = len(str(value.p)) + (len(str(value.q)) if value.q != 1 else 0)
    assert written - (value.p == 1) <= numbers.exact_digits(value) <= written + 2


@given(st.fractions(), st.integers(-12, 2), st.integers(1, 12))
def test_what_a_ball_shows_rounds_every_point_of_it(centre: Fraction, exponent: int, digits: int) -> None:
    radius = Fraction(10) ** exponent
    ball = arb(to_rational(centre)) + arb(0, arb(to_rational(radius)).upper())
    shown = numbers.enclosed(ball, digits)
    if isinstance(shown, str):
        bound = Fraction(shown.removeprefix("|·| ≤ "))
        assert bound >= abs(centre) + radius
        return
    assert shown.exact is None
    for point in (centre - radius, centre, centre + radius):
        assert is_rounded(shown.decimal, point)


def test_a_ball_across_a_rounding_boundary_shows_fewer_digits() -> None:
    assert numbers.enclosed(arb(fmpq(1, 8), 1e-10), 2) == Number("0.1", None, "≈")
    assert numbers.enclosed(arb(1, 1e-10), 8) == Number("1.0000000", None, "≈")
    assert numbers.enclosed(arb(0, 1e-10), 8) == "|·| ≤ 1.01e-10"
    assert numbers.enclosed(arb("nan"), 8) == "not known"
    assert numbers.enclosed(arb(fmpq(1, 4)), 8) == Number("0.25", None, "=")


def test_a_path_by_balls_shows_the_digits_of_the_exact_one() -> None:
    problem = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
    exact, balls = saddle_path(problem, arithmetic="rational"), saddle_path(problem, arithmetic="ball")
    for one, other in zip(exact, balls, strict=True):
        pairs = [
            (numbers.jump_time(exact, one), numbers.jump_time(balls, other)),
            (numbers.loss(exact, one), numbers.loss(balls, other)),
            (numbers.l1_norm(exact, one), numbers.l1_norm(balls, other)),
            *((numbers.beta(exact, one, i), numbers.beta(balls, other, i)) for i in one.support),
        ]
        for known, rounded in pairs:
            assert Fraction(known.decimal) == Fraction(rounded.decimal)
            assert rounded.exact is None or rounded.exact == "0"
