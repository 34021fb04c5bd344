"""Small random problems for the tests of the core (the full families are exactsaddle.testing.strategies)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from exactsaddle import Problem

small = st.integers(-4, 4)
rationals = st.fractions(min_value=-3, max_value=3, max_denominator=4)
positive = st.fractions(min_value=Fraction(1, 4), max_value=3, max_denominator=4)


@st.composite
def standard_problems(draw: st.DrawFn, max_n: int = 4, max_d: int = 5) -> Problem:
    """Thresholds 1, initial dual 0; small integers, so ties and rank loss are common."""
    n, d = draw(st.integers(1, max_n)), draw(st.integers(1, max_d))
    X = draw(st.lists(st.lists(small, min_size=d, max_size=d), min_size=n, max_size=n))
    return Problem(X, draw(st.lists(small, min_size=n, max_size=n)))


@st.composite
def general_problems(draw: st.DrawFn, max_n: int = 4, max_d: int = 4) -> Problem:
    """Any thresholds, one side perhaps infinite, and any initial dual, perhaps on its threshold."""
    base = draw(standard_problems(max_n, max_d))
    lower: list[object] = []
    upper: list[object] = []
    dual = []
    for _ in range(base.d):
        low, high = draw(positive), draw(positive)
        dual.append(draw(st.sampled_from([Fraction(0), -low, high, (high - low) / 2])))
        infinite = draw(st.sampled_from(["", "", "", "lower", "upper"]))
        lower.append("inf" if infinite == "lower" else low)
        upper.append("inf" if infinite == "upper" else high)
    return base.replace(lower=lower, upper=upper, dual=dual)
