"""Minimal polynomials of the selection: by hand, against the rationals found, and refusals."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.minimisers import algebraic as module
from exactsaddle.minimisers import entropic_selection
from exactsaddle.minimisers.algebraic import minimal_polynomial
from tests.minimisers.test_minimiser_set import degenerate_problems
from tests.support.problems import general_problems, positive


def test_by_hand() -> None:
    """b_2² = b_0 b_1 on 4b_0 + 2b_2 = 4, 4b_1 + 2b_2 = 3: 6b² + 7b − 6, of discriminant 193, no square."""
    found = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))[-1].minimisers
    assert minimal_polynomial(found, 2).coefficients == (-6, 7, 6)
    assert minimal_polynomial(found, 0).degree == 2
    # κ_2 = 3/2 makes it b_2² = 9 b_0 b_1 = 9 (1 − b/2)(3/4 − b/2): 5b² − 63b/2 + 27 = 0 over 4.
    weighted = minimal_polynomial(found, 2, kappa=["1/2", "1/2", "3/2"])
    assert weighted.coefficients == (54, -63, 10)


def test_unbounded_set() -> None:
    """b_0 − |b_1| = 3, b_0|b_1| = 1/4: b_0 = (3 + √10)/2, a root of 4b² − 12b − 1."""
    found = saddle_path(Problem([[1, -1]], [3], dual=[1, 1]))[0].minimisers
    assert minimal_polynomial(found, 0).coefficients == (-1, -12, 4)
    assert minimal_polynomial(found, 1).coefficients == (-1, 12, 4)


def test_rational_coordinates_have_degree_one() -> None:
    found = saddle_path(Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]))[-1].minimisers
    assert minimal_polynomial(found, 1).coefficients == (-9, 8)
    unique = saddle_path(Problem([[2]], [3]))[-1].minimisers
    assert minimal_polynomial(unique, 0).coefficients == (-3, 2)


@settings(max_examples=60)
@given(st.one_of(degenerate_problems(), general_problems()), st.data())
def test_degree_one_exactly_where_a_rational_was_found(problem: Problem, data: st.DataObject) -> None:
    """Two routes: continued fractions with a multiplicative proof, and factoring over Q."""
    kappa = data.draw(st.one_of(positive, st.lists(positive, min_size=problem.d, max_size=problem.d)))
    for saddle in saddle_path(problem, max_saddles=10):
        found = saddle.minimisers
        if found.dimension != 1:
            continue
        selection = entropic_selection(found, kappa)
        polynomials = [minimal_polynomial(found, i, kappa) for i in range(problem.d)]
        assert (selection.exact is not None) == all(p.degree == 1 for p in polynomials)
        for polynomial, centre, radius in zip(polynomials, selection.centre, selection.radius, strict=True):
            low, high = (evaluate(polynomial.coefficients, centre + s * radius) for s in (-1, 1))
            assert low * high <= 0


def evaluate(coefficients: tuple[int, ...], x: Fraction) -> Fraction:
    return sum((c * x**k for k, c in enumerate(coefficients)), Fraction(0))


def test_refuses_what_it_cannot_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    triple = saddle_path(Problem([[1, 1, 1]], [3]))[-1].minimisers
    with pytest.raises(Inconclusive, match="a set of dimension 2, not a line"):
        minimal_polynomial(triple, 0)
    steep = saddle_path(Problem([[1, 50]], [3], lower=[1, 50], upper=[1, 50]))[-1].minimisers
    with pytest.raises(Inconclusive, match="the exponents sum to 51, above max_degree = 20"):
        minimal_polynomial(steep, 0, max_degree=20)
    with pytest.raises(InvalidInput, match="coordinate 2 is not one of 0 to 1"):
        minimal_polynomial(steep, 2)
    monkeypatch.setattr(module, "MAX_DIGITS", 10)
    with pytest.raises(Inconclusive, match="10 digits do not tell"):
        minimal_polynomial(steep, 0)
