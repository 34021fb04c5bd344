"""Sums of square roots: exact signs, equality without factoring, canonical text."""

from __future__ import annotations

import math
from fractions import Fraction
from math import isqrt

import flint
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Number, RootSum, enclose, number_text, parse_root, round_to_units, square_root
from proofs_checks.check_path_interval import Roots

fractions = st.fractions(min_value=-5, max_value=5, max_denominator=12)
terms = st.dictionaries(st.integers(1, 60), fractions, max_size=5)


def to_fmpq(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def root_sum(found: dict[int, Fraction]) -> RootSum:
    return RootSum({m: to_fmpq(q) for m, q in found.items()})


def rewritten(found: dict[int, Fraction], k: int) -> dict[int, Fraction]:
    """The same number: q√m = (q/k)·√(mk²)."""
    return {m * k * k: q / k for m, q in found.items()}


@given(terms, st.integers(2, 9))
def test_zero_is_seen_however_roots_are_written(found: dict[int, Fraction], k: int) -> None:
    here, there = root_sum(found), root_sum(rewritten(found, k))
    assert here == there
    assert (here - there).sign() == 0
    assert hash(here - there) == hash(RootSum({}))
    assert Roots(found) == Roots(rewritten(found, k))
    assert (Roots(found) - Roots(rewritten(found, k))).sign() == 0


@given(terms, terms)
def test_signs_agree_with_enclosures_and_with_the_checkers(
    left: dict[int, Fraction], right: dict[int, Fraction]
) -> None:
    sign = (root_sum(left) - root_sum(right)).sign()
    assert sign == (Roots(left) - Roots(right)).sign()
    with flint.ctx.workprec(400):
        ball = root_sum(left).enclose() - root_sum(right).enclose()
    assert (ball > 0, ball < 0) == (sign > 0, sign < 0) if sign else ball.contains(0)


@given(terms, st.integers(-20, 120))
def test_rounding_is_within_a_unit(found: dict[int, Fraction], places: int) -> None:
    with flint.ctx.workprec(400):
        exact = root_sum(found).enclose() * flint.arb((1, places))
        assert abs(exact - round_to_units(root_sum(found), places)) <= 1
        floor = Roots(found).floor(places)
        assert not exact < floor
        assert exact < floor + 1


@pytest.mark.parametrize("places", [-3, 0, 86])
@pytest.mark.parametrize("q", [Fraction(1), Fraction(-1), Fraction(-7, 8), Fraction(-1, 3)])
def test_the_root_of_a_square_has_a_floor(q: Fraction, places: int) -> None:
    # -sqrt(25) is an integer: bounds from below and above never agree on its floor
    assert Roots({25: q}).floor(places) == math.floor(5 * q * Fraction(2) ** places)


def test_a_root_against_a_rational_that_agrees_in_300_digits() -> None:
    digits = isqrt(2 * 10**600)
    root = square_root(fmpq(2))
    below, above = fmpq(digits, 10**300), fmpq(digits + 1, 10**300)
    assert below < root < above
    assert not root < below
    assert Roots({2: Fraction(1)}) > Fraction(digits, 10**300)
    assert Roots({2: Fraction(1)}) < Fraction(digits + 1, 10**300)
    assert (Roots({2: Fraction(1)}) - Fraction(digits, 10**300)).floor(1100) > 0


def test_rounding_survives_cancellation() -> None:
    digits = isqrt(2 * 10**600)
    for value, other in (
        (
            square_root(fmpq(2)) - fmpq(digits, 10**300),
            Roots({2: Fraction(1), 1: -Fraction(digits, 10**300)}),
        ),
        (-square_root(fmpq(2)) * 10**100, Roots({2: -Fraction(10**100)})),
    ):
        assert abs(round_to_units(value, 1100) - other.floor(1100)) <= 1
    assert Roots({2: Fraction(-1)}).bounds(0) == (-2, -1)
    assert Roots({2: Fraction(1)}).bounds(0) == (1, 2)


def test_nothing_is_factored() -> None:
    # The radicands share a prime of 300 digits; only whether products are squares is asked.
    p, k = 10**299 + 7, 12345678910111213
    assert square_root(fmpq(p)) * k == square_root(fmpq(p * k * k))
    assert square_root(fmpq(p)) * k != square_root(fmpq(p * k * (k + 2)))


@pytest.mark.parametrize("text", ["sqrt(2)", "-sqrt(2)", "sqrt(8/9)", "3/4", "0"])
def test_text_round_trips(text: str) -> None:
    value: Number | None = parse_root(text)
    if value is None:
        assert "sqrt" not in text
    else:
        assert number_text(value) == text


def test_roots_of_squares_are_rational() -> None:
    assert parse_root("sqrt(4/9)") == fmpq(2, 3)
    assert parse_root("-sqrt(1)") == fmpq(-1)
    assert parse_root("sqrt(0)") == fmpq(0)
    assert (square_root(fmpq(8)) - 2 * square_root(fmpq(2)) + fmpq(1, 3)).rational() == fmpq(1, 3)
    assert square_root(fmpq(2)).rational() is None
    with pytest.raises(InvalidInput):
        number_text(square_root(fmpq(2)) + 1)


def test_mixed_arithmetic() -> None:
    root = square_root(fmpq(2))
    assert fmpq(1) - root < 0 < fmpq(3, 2) - root
    assert abs(fmpq(1) - root) == root - 1
    assert min([fmpq(3, 2), root, fmpq(2)]) is root
    assert enclose(root / fmpq(2, 3)).contains(flint.arb(2).sqrt() * flint.arb(1.5))
