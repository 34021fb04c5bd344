from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.base import InvalidInput, workprec
from exactsaddle.numbers import (
    MAX_DIGITS,
    decimal_of,
    parse_rational,
    shorten,
    to_decimal,
    to_float,
    to_fraction,
    to_rational,
    to_text,
)

fractions = st.fractions() | st.builds(Fraction, st.integers(-(10**40), 10**40), st.integers(1, 10**30))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, Fraction(3)),
        (Fraction(-7, 3), Fraction(-7, 3)),
        (Decimal("1.10"), Fraction(11, 10)),
        (Decimal("-2E+3"), Fraction(-2000)),
        ("3/10", Fraction(3, 10)),
        ("0.1", Fraction(1, 10)),
        ("1e-5", Fraction(1, 100000)),
        (" -.5E1 ", Fraction(-5)),
        ("+7.", Fraction(7)),
        (0.1, Fraction(3602879701896397, 36028797018963968)),
        (np.float64(0.1), Fraction(0.1)),
        (np.float32(0.1), Fraction(float(np.float32(0.1)))),
        (np.int16(-4), Fraction(-4)),
        (np.uint8(200), Fraction(200)),
        (sympy.Rational(5, 8), Fraction(5, 8)),
        (sympy.Integer(5), Fraction(5)),
        (gmpy2.mpq(2, 3), Fraction(2, 3)),
        (fmpz(9), Fraction(9)),
        (5e-324, Fraction(1, 2**1074)),
    ],
)
def test_every_number_type_is_taken_exactly(value: object, expected: Fraction) -> None:
    assert to_fraction(to_rational(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        *["", " ", ".", "e5", "1/", "/2", "1/0", "1//2", "1e", "one", "0x10", "1_000", "nan", "inf", "1/2/3"],
        *["1.5/2", "١", True, np.True_, math.nan, math.inf, 1j, np.complex128(1), None, [], Decimal("NaN")],
        *[
            sympy.sqrt(2),
            sympy.oo,
            "1e999999999",
            "1e-9999999999999",
            "9" * (MAX_DIGITS + 1),
            Decimal("1e999999"),
        ],
    ],
)
def test_what_is_not_a_rational_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        to_rational(value)


def test_messages_do_not_repeat_a_megabyte() -> None:
    with pytest.raises(InvalidInput) as error:
        parse_rational("7" * 1_000_000)
    assert len(str(error.value)) < 200
    assert shorten("ab" * 100, 10) == "ababa...ababab (200 characters)"


@given(fractions)
def test_text_is_what_str_of_a_fraction_prints_and_reads_back(value: Fraction) -> None:
    assert to_text(to_rational(value)) == str(value)
    assert to_fraction(parse_rational(str(value))) == value


def test_text_has_no_digit_limit() -> None:
    huge = fmpq(fmpz(10) ** 5000 + 1, fmpz(7))
    assert parse_rational(to_text(huge)) == huge


@given(fractions, st.integers(1, 30))
def test_decimals_are_rounded_half_to_even_and_trailing_zeros_mean_inexact(
    value: Fraction, digits: int
) -> None:
    text = to_decimal(to_rational(value), digits)
    shown = Fraction(text)
    if value == 0:
        assert text == "0"
        return
    exponent = math.floor(math.log10(abs(value))) if abs(value) < 10**300 else len(str(int(abs(value)))) - 1
    while Fraction(10) ** exponent > abs(value):
        exponent -= 1
    while Fraction(10) ** (exponent + 1) <= abs(value):
        exponent += 1
    unit = Fraction(10) ** (exponent - digits + 1)
    assert shown == round(value / unit) * unit  # Python's round is half to even
    if shown != value:
        mantissa = text.lstrip("-").split("e")[0].replace(".", "").lstrip("0")
        assert len(mantissa) >= digits


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("1/3", 5, "0.33333"),
        ("-2/3", 3, "-0.667"),
        ("1/2", 5, "0.5"),
        ("999999/1000", 3, "1.00e+03"),
        ("99999/1000", 3, "100"),
        ("1234567", 3, "1.23e+06"),
        ("1e-9", 4, "1e-09"),
        ("1/30000", 4, "3.333e-05"),
        ("100", 3, "100"),
        ("5/2", 1, "2"),
        ("7/2", 1, "4"),
        ("1000001/1000000", 4, "1.000"),
    ],
)
def test_decimal_layout(value: str, digits: int, expected: str) -> None:
    assert to_decimal(parse_rational(value), digits) == expected


@given(fractions)
def test_float_is_the_nearest(value: Fraction) -> None:
    assert to_float(to_rational(value)) == float(value)


def test_float_overflows_to_infinity() -> None:
    assert to_float(fmpq(fmpz(10) ** 400)) == math.inf
    assert to_float(-fmpq(fmpz(10) ** 400)) == -math.inf


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("1/7", 17, "0.14285714285714286"),
        ("-2/3", 3, "-0.667"),
        ("1/2", 5, "0.50000"),  # a ball never proves it exact
        ("12345/100000", 4, "0.1234"),  # halfway: to even
        ("123450000000000000001/1000000000000000000000", 4, "0.1235"),
        ("99999999999999999999/100000000000000000000", 6, "1.00000"),
        ("100000000000000000001/100000000000000000000", 6, "1.00000"),
        ("1000000000000000000000000000001", 3, "1.00e+30"),
        ("3000000000000000000000000000007/10000000000000000000000000000000000000", 2, "3.0e-07"),
    ],
)
def test_a_ball_is_printed_as_the_number_in_it(value: str, digits: int, expected: str) -> None:
    number = to_rational(value)

    def enclose(more: int) -> arb:
        with workprec(4 * more + 8):
            width = fmpq(1, 10 ** (more + 2)) * abs(number)
            return arb(arb(number).mid(), arb(width).upper())

    assert decimal_of(enclose, digits) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1/4096", "0.00024414062"),
        ("3/4096", "0.00073242188"),
        ("-3/8192", "-0.00036621094"),
        ("5", "5.0000000"),
    ],
)
@pytest.mark.parametrize("off", [-1, 0, 1, None])
def test_digits_are_those_of_the_number_whatever_ball_is_found(
    value: str, expected: str, off: int | None
) -> None:
    """Middles of balls come from binary64: which side of the number they are on differs by processor."""
    number = to_rational(value)

    def enclose(more: int) -> arb:
        with workprec(8 * more + 8):
            width = fmpq(1, 10 ** (more + 2)) * abs(number)
            if off is None:
                return arb(number)
            return arb(arb(number + off * width / 2).mid(), arb(width).upper())

    assert decimal_of(enclose, 8) == expected
