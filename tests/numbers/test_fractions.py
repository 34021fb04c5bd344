"""Rationals of FLINT as Fractions: the same numbers, in lowest terms."""

from __future__ import annotations

import pickle
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.numbers import Vector, to_fraction, to_rational
from proofs_checks.claims.average_identity import inside


@given(st.fractions())
def test_a_rational_leaves_as_the_fraction_it_came_from(value: Fraction) -> None:
    found = to_fraction(to_rational(value))
    assert (found, type(found)) == (value, Fraction)
    assert (found.numerator, found.denominator) == (value.numerator, value.denominator)
    assert type(found.numerator) is type(found.denominator) is int
    assert hash(found) == hash(value)
    assert repr(found) == repr(value)
    assert pickle.loads(pickle.dumps(found)) == value
    assert found + value == 2 * value


@given(st.lists(st.fractions(), min_size=1))
def test_entries_of_a_vector_leave_in_lowest_terms(values: list[Fraction]) -> None:
    found = Vector.of([to_rational(value) for value in values]).fractions()
    assert [str(value) for value in found] == [str(value) for value in values]


@given(st.fractions(0), st.fractions(0))
def test_two_short_times_are_inside_a_plateau(start: Fraction, length: Fraction) -> None:
    end = start + length + Fraction(1, 10**9)
    first, second = inside(start, end)
    assert start < first < second < end
    assert first.denominator <= 16 * max(1, 1 / (end - start))
