"""Expressions: what is read, what is refused, and that enclosures contain the number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.numbers import above, agreed, ball_to_decimal, decimal_of
from exactsaddle.numbers.expressions import (
    enclose_expression,
    is_finite_real,
    parse_expression,
    to_expression,
)

VALUES = [
    "sqrt(2)/3",
    "pi**2",
    "exp(-1/2)",
    "2^(1/3)*cos(pi/7)",
    "1e-5*E",
    "sqrt(3 + 2*sqrt(2))",
    "log(4/9)",
    "(1+sqrt(5))/2",
    "GoldenRatio - EulerGamma*Catalan",
    "asin(1/3) + acos(1/5) - atan(7)",
    "tan(1)*sinh(1)/cosh(2) - tanh(1/2)",
    "asinh(3) + acosh(3) + atanh(1/3)",
    "2**pi",
    "cbrt(2)**-5",
    "Abs(1-pi)",
    "sin(sqrt(2))",
    "-(-3)**2",
    ".5 + 1.25e1",
]


@pytest.mark.parametrize("text", VALUES)
def test_enclosures_contain_the_number_and_shrink(text: str) -> None:
    expression = parse_expression(text)
    with mpmath.workdps(60):
        names = {"E": mpmath.e, "GoldenRatio": mpmath.phi, "EulerGamma": mpmath.euler, "Abs": abs}
        names |= {"Catalan": mpmath.catalan}
        truth = str(sympy.lambdify([], expression, ["mpmath", names])() + mpmath.mpf(0))
    for bits in (20, 53, 200):
        with flint.ctx.workprec(bits):
            ball = enclose_expression(expression)
        with flint.ctx.workprec(400):
            assert ball.overlaps(arb(truth, 1e-50))
            assert ball.rad() <= abs(ball.mid()) * arb(2) ** (20 - bits)
    assert parse_expression(str(expression)) == expression


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("__import__('os').system('true')", "is not understood"),
        ("eval(1)", "'eval' is not known"),
        ("x", "'x' is not known"),
        ("sqrt.__class__", "is not understood"),
        ("lambda: 0", "is not understood"),
        ("sqrt", "its end is not expected"),
        ("(1", "its end is not expected"),
        ("1)", "'\\)' is not expected"),
        ("2 3", "'3' is not expected"),
        ("2e", "'e' is not expected"),
        ("sqrt(2, 3)", "',' is not expected"),
        ("*2", "'\\*' is not expected"),
        ("", "its end is not expected"),
        ("1/0", "division by zero"),
        ("1/(sqrt(8) - 2*sqrt(2))", "division by zero"),
        ("0**-1", "division by zero"),
        ("sqrt(-1)", "not a finite real number"),
        ("log(0)", "not a finite real number"),
        ("10**100000", "beyond the budget"),
        ("((10**999)**999)", "beyond the budget"),
        ("2**(2**(2**100))", "beyond the budget"),
        ("sqrt(" + "7" * 301 + ")", "a root of more than 300 digits"),
        ("(" * 100 + "1" + ")" * 100, "nested more than 60 deep"),
        ("2**" * 100 + "2", "nested more than 60 deep"),
        ("1" * 5000, "at most 4,000 characters"),
        ("pi+" + "*".join(["10**900"] * 5), "more than 4,000 digits"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse_expression(text)


@settings(max_examples=200)
@given(st.text(alphabet="0123456789.eE+-*/^()pisqrtxlogABs, _'\"", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expression = parse_expression(text)
    except InvalidInput:
        return
    assert isinstance(expression, sympy.Expr)
    assert expression.is_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, sympy.Integer(2)),
        ("1/3", sympy.Rational(1, 3)),
        ("0.1", sympy.Rational(1, 10)),
        (Fraction(2, 7), sympy.Rational(2, 7)),
        (Decimal("1e-3"), sympy.Rational(1, 1000)),
        (0.5, sympy.Rational(1, 2)),
        (np.float64(0.25), sympy.Rational(1, 4)),
        (fmpq(3, 4), sympy.Rational(3, 4)),
        (sympy.sqrt(2), sympy.sqrt(2)),
        (sympy.pi / 4, sympy.pi / 4),
        ("sqrt(8)", 2 * sympy.sqrt(2)),
    ],
)
def test_numbers_of_all_types(value: object, expected: sympy.Expr) -> None:
    assert to_expression(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (sympy.Symbol("x"), "'x' is not known"),
        (sympy.pi * 0.1, "holds a float"),
        (sympy.zeta(3), "'zeta' is not known"),
        (sympy.I, "'I' is not known"),
        (sympy.oo, "'oo' is not known"),
        (sympy.Matrix([1]), "is not a rational"),
        (True, "is a boolean"),
        (float("nan"), "is not finite"),
        ("apple", "not a rational number .* nor an expression: 'apple' is not known"),
    ],
)
def test_what_is_no_number_is_refused(value: object, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        to_expression(value)


def test_finite_and_real_must_be_proved() -> None:
    assert is_finite_real(parse_expression("log(pi - 3)"))
    with pytest.raises(InvalidInput, match="not a finite real"):
        parse_expression("log(3 - pi)")
    assert not is_finite_real(parse_expression("acos(3)"))
    with pytest.raises(InvalidInput, match="the budget"):
        parse_expression("exp(exp(exp(100)))")
    assert not is_finite_real(parse_expression("log(sin(pi/7)**2 + cos(pi/7)**2 - 1)"))


@pytest.mark.parametrize("number", ["3", "pi"])
def test_a_root_of_an_order_beyond_a_machine_word_is_enclosed(number: str) -> None:
    with flint.ctx.workprec(256):
        ball = enclose_expression(parse_expression("cbrt(" * 43 + number + ")" * 43))
        assert ball > 1  # exp(x) − 1 is x + x²/2 + …, x = ln(number)/3^43 ≈ 1e-20
        logarithm = (arb(3) if number == "3" else arb.pi()).log()
        assert abs((ball - 1) * arb(3) ** 43 - logarithm) < 1e-18


def test_an_unknown_node_is_never_evaluated() -> None:
    with pytest.raises(InvalidInput, match="'zeta' is not known"):
        enclose_expression(sympy.zeta(3))


@pytest.mark.parametrize("expression", [sympy.exp(10**10), sympy.pi ** (sympy.pi**30), sympy.exp(-(10**9))])
def test_expressions_that_no_memory_could_hold_are_refused(expression: sympy.Expr) -> None:
    with pytest.raises(InvalidInput, match="the budget"):
        to_expression(expression)


def test_balls_beyond_all_memory_are_printed_as_what_contains_them_or_refused() -> None:
    small, large = arb(-(10**12)).exp(), arb(10**12).exp()
    mid, rad = ball_to_decimal(small)
    assert (mid, rad) == ("0", "1e-1000000")
    assert small < arb("1e-1000000")
    assert (above(small), above(large)) == ("1e-1000000", "inf")
    assert agreed(small) == "|·| ≤ 1e-1000000"
    with pytest.raises(Inconclusive, match="not printed"):
        ball_to_decimal(large)
    with pytest.raises(Inconclusive, match="not printed"):
        decimal_of(lambda digits: large)
