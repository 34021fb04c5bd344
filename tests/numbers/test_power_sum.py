"""Sums of one power: merged where the ratio of two terms is rational, so that zero is decided."""

from __future__ import annotations

from fractions import Fraction

import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle.numbers import PowerSum, to_rational

positive = st.fractions(min_value=Fraction(1, 20), max_value=50, max_denominator=20)


def test_terms_of_rational_ratio_are_merged() -> None:
    total = PowerSum([(fmpq(1), fmpq(2)), (fmpq(1), fmpq(16)), (fmpq(5), fmpq(27))], fmpq(-1, 3))
    assert total.terms == ((Fraction(3, 2), 2), (Fraction(5, 3), 1))
    assert not PowerSum([(fmpq(2), fmpq(2)), (fmpq(-4), fmpq(16))], fmpq(-1, 3)).terms
    assert str(total) == "3*(2)**(-1/3)/2 + 5/3"
    assert str(PowerSum([], fmpq(-1, 2))) == "0"


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(-5, 5), positive), max_size=3), positive, st.sampled_from([2, 3, 5]))
def test_text_expression_and_ball_are_of_one_number(
    pairs: list[tuple[int, Fraction]], ratio: Fraction, order: int
) -> None:
    terms = [(fmpq(q), to_rational(a)) for q, a in pairs]
    total = PowerSum(terms, fmpq(-(order - 1), order))
    value = float(sum(q * float(a) ** (-(order - 1) / order) for q, a in pairs))
    assert abs(float(total.ball(100).mid()) - value) < 1e-9
    assert abs(float(total.expression) - value) < 1e-9
    assert abs(float(sympy.sympify(str(total), rational=True)) - value) < 1e-9
    # what is scaled by an n-th power and taken away again leaves nothing
    scaled = [(-q * to_rational(ratio) ** (order - 1), a * to_rational(ratio) ** order) for q, a in terms]
    assert not PowerSum([*terms, *scaled], fmpq(-(order - 1), order)).terms
