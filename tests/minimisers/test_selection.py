"""The entropic selection: closed forms, soundness of the enclosure, exact rationals, refusals."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import mpmath
import pytest
from flint import arb, ctx, fmpq, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.minimisers import Selection, entropic_selection
from exactsaddle.minimisers import selection as module
from exactsaddle.numbers import product_is_one, relations, to_rational
from exactsaddle.path import Saddle
from exactsaddle.problem import Exponential
from tests.minimisers.test_minimiser_set import degenerate_problems
from tests.support.problems import general_problems, positive


def last(*arguments: object, **options: object) -> Saddle:
    return saddle_path(Problem(*arguments, **options))[-1]


def check_encloses(found: Selection, expected: list[str], tolerance: Fraction) -> None:
    """The decimals are within tolerance of the proved enclosure, which is itself within 1e-30."""
    for centre, radius, value in zip(found.centre, found.radius, map(Fraction, expected), strict=True):
        assert radius <= abs(centre) * Fraction(1, 10**30)
        assert abs(centre - value) <= radius + tolerance


def test_mean_of_two_columns() -> None:
    """MATHEMATICS.md §4: b_2² = b_0 b_1 with 4b_0 + 2b_2 = 4, 4b_1 + 2b_2 = 3 :

    (1 − b/2)(3/4 − b/2) = b², so 3b²/4 + 7b/8 − 3/4 = 0 and b = (−7 + √193)/12.
    """
    found = last([[4, 0, 2], [0, 4, 2]], [4, 3]).selected
    decimals = ["0.712814833772924812", "0.462814833772924812", "0.574370332454150376"]
    check_encloses(found, decimals, Fraction(1, 10**18))
    with mpmath.workdps(40):
        root = (mpmath.sqrt(193) - 7) / 12
        check_encloses(
            found, [str(1 - root / 2), str(mpmath.mpf("0.75") - root / 2), str(root)], Fraction(1, 10**35)
        )
    assert found.exact is None
    assert found.support == (0, 1, 2)


def test_unequal_thresholds() -> None:
    """MATHEMATICS.md §4: b_1 = 2b_0² and b_0 + 2b_1 = 3 at (3/4, 9/8)."""
    found = last([[1, 2]], [3], lower=[1, 2], upper=[1, 2]).selected
    assert found.exact == (Fraction(3, 4), Fraction(9, 8))
    assert found.centre == found.exact
    assert found.radius == (0, 0)


def test_unbounded_set() -> None:
    """MATHEMATICS.md §4: b_0 − |b_1| = 3 and b_0|b_1| = 1/4, so b_0 = (3 + √10)/2."""
    found = last([[1, -1]], [3], dual=[1, 1]).selected
    with mpmath.workdps(40):
        root = mpmath.sqrt(10)
        check_encloses(found, [str((root + 3) / 2), str((root - 3) / 2)], Fraction(1, 10**35))


def test_zero_column_on_its_threshold_stays_where_it_started() -> None:
    """v = e_2 is in ker X: ln(|b_2|/κ_2) = 0."""
    saddle = last([[1, 0]], [3], dual=[0, 1])
    assert saddle.selected.exact == (3, Fraction(1, 2))
    assert entropic_selection(saddle.minimisers, kappa=[1, 7]).exact == (3, 7)


def test_duplicates_share_equally_or_by_kappa() -> None:
    saddle = last([[1, -1, 1]], [3])
    assert saddle.selected.exact == (1, -1, 1)
    assert entropic_selection(saddle.minimisers, kappa=[1, 2, 3]).exact == (
        Fraction(1, 2),
        -1,
        Fraction(3, 2),
    )


def test_coordinates_off_the_largest_support_are_zero() -> None:
    """Column 1 = column 0; column 2 lands with them (upper = 1/2) but w = (0, 1) keeps it at 0."""
    saddle = last([[2, 2, 1], [0, 0, 1]], [2, 0], upper=[1, 1, "1/2"])
    assert saddle.active_set == (0, 1, 2)
    assert saddle.selected.exact == (Fraction(1, 2), Fraction(1, 2), 0)
    assert saddle.selected.support == (0, 1)


def test_unique_minimisers_are_their_own_selection() -> None:
    for saddle in saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])):
        assert saddle.selected.exact == saddle.beta
        assert saddle.selected.support == saddle.support


def test_a_thousand_digits_and_five_hundred_orders_of_magnitude() -> None:
    """b_0 + 1000 b_1 = 3 and b_1/κ = (b_0/κ)^1000: b_1 ≈ 10·(3/10)^1000."""
    saddle = last([[1, 1000]], [3], lower=[1, 1000], upper=[1, 1000])
    found = entropic_selection(saddle.minimisers, kappa=10, digits=1000)
    assert found.exact is None
    with ctx.workprec(4000):
        first, second = found.balls
        assert (second / 10).overlaps((first / 10) ** 1000)
        assert (first + 1000 * second).contains(3)
        assert second < arb("1e-500")


@pytest.mark.parametrize("exponent", range(70, 110, 5))
def test_every_coordinate_has_the_digits_asked_for(exponent: int) -> None:
    """b_0 ≈ 10·(3/10)^exponent is a difference of numbers near 3: few of the first bits are left for it."""
    thresholds = [exponent, 1]
    minimisers = last([thresholds], [3], lower=thresholds, upper=thresholds).minimisers
    found = entropic_selection(minimisers, kappa=10)
    for centre, radius in zip(found.centre, found.radius, strict=True):
        assert 0 < radius * 10**30 <= centre


@settings(max_examples=30)
@given(degenerate_problems(), st.data())
def test_satisfies_its_equations_whatever_kappa(problem: Problem, data: st.DataObject) -> None:
    check_equations(problem, data)


@settings(max_examples=25)
@given(general_problems(), st.data())
def test_satisfies_its_equations_for_any_thresholds_and_dual(problem: Problem, data: st.DataObject) -> None:
    check_equations(problem, data)


def check_equations(problem: Problem, data: st.DataObject) -> None:
    """The balls satisfy the log identities to 25 digits, and the centre is in M_k."""
    kappa = data.draw(st.lists(positive, min_size=problem.d, max_size=problem.d))
    for saddle in saddle_path(problem, max_saddles=10):
        if saddle.unique:
            continue
        found = entropic_selection(saddle.minimisers, kappa=kappa)
        assert saddle.minimisers.contains(found.centre)
        assert found.encloses(found.centre)
        with ctx.workprec(400):
            logarithms = {i: (abs(found.balls[i]) / arb(to_rational(kappa[i]))).log() for i in found.support}
            columns = [problem.column(i) for i in found.support]
            for vector in relations(columns).vectors:
                total = sum(
                    (saddle.signs[i] * v * logarithms[i] for i, v in zip(found.support, vector, strict=True)),
                    arb(0),
                )
                assert total.contains(0)
                assert total.rad() < arb("1e-25")


@settings(max_examples=25)
@given(degenerate_problems(), st.data())
def test_any_minimiser_of_full_support_proves_a_true_bound(problem: Problem, data: st.DataObject) -> None:
    """The theorem itself: far from the selection the radius is large, never too small."""
    for saddle in saddle_path(problem, max_saddles=10):
        if saddle.unique:
            continue
        precise = entropic_selection(saddle.minimisers, digits=40)
        inner = saddle.minimisers.relative_interior
        weights = data.draw(st.lists(st.integers(1, 50), min_size=len(saddle.minimisers.vertices) + 1))
        points = [inner.point.fractions(), *saddle.minimisers.vertices]
        total = sum(w for w, _ in zip(weights, points, strict=False))
        point = [sum(w * p[i] for w, p in zip(weights, points, strict=False)) / total for i in inner.support]
        columns = [problem.column(i) * fmpq(s) for i in inner.support for s in (saddle.minimisers.signs[i],)]
        centre = tuple(to_rational(abs(value)) for value in point)
        family = module._Family(centre, relations(columns), inner.support, problem.network.link(problem.d))
        radius = module._radius(family, centre)
        assert radius is not None
        for i, c, r in zip(inner.support, centre, radius, strict=True):
            assert abs(abs(to_rational(precise.centre[i])) - c) <= r + to_rational(precise.radius[i])


def test_a_centre_far_from_the_selection_says_nothing() -> None:
    """b_0 + 1000 b_1 = 3 at (2, 1/1000), κ = ½: v = (−1000, 1) has r = ln(1/500) − 1000 ln 4.

    Over the other basis v = (1, −1/1000) has r = ln 4 − ln(1/500)/1000: the same point, a bound.
    """
    minimisers = last([[1, 1000]], [3], lower=[1, 1000], upper=[1, 1000]).minimisers
    columns, link = [minimisers.problem.column(i) for i in (1, 0)], minimisers.problem.network.link(2)
    family = module._Family((fmpq(1, 1000), fmpq(2)), relations(columns), (1, 0), link)
    assert module._radius(family, family.start) is not None
    steep = module._Family((fmpq(2), fmpq(1, 1000)), relations(columns[::-1]), (0, 1), link)
    assert module._radius(steep, steep.start) is None


def test_more_digits_lie_within_fewer() -> None:
    minimisers = last([[4, 0, 2, 1], [0, 4, 2, 3]], [4, 3]).minimisers
    rough, fine = (entropic_selection(minimisers, digits=digits) for digits in (5, 80))
    assert rough.encloses(fine.centre)
    assert rough.radius != fine.radius
    assert not fine.encloses([value + Fraction(1, 10**70) for value in fine.centre])


def test_refuses_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    minimisers = last([[4, 0, 2], [0, 4, 2]], [4, 3]).minimisers
    with pytest.raises(InvalidInput, match="kappa of column 'x1': -1 is not positive"):
        entropic_selection(minimisers, kappa=[1, -1, 1])
    with pytest.raises(InvalidInput, match="kappa has 2 entries but X has 3 columns"):
        entropic_selection(minimisers, kappa=[1, 2])
    with pytest.raises(InvalidInput, match="digits must be at least 1"):
        entropic_selection(minimisers, digits=0)
    monkeypatch.setattr(module, "MAX_PRECISION", 100)
    with pytest.raises(Inconclusive, match="100 bits do not give 30 digits of all 3 coordinates"):
        entropic_selection(minimisers)


def test_leaves_the_global_precision_alone() -> None:
    before = ctx.prec
    last([[4, 0, 2], [0, 4, 2]], [4, 3]).selected.balls  # noqa: B018
    assert ctx.prec == before


def test_balls_contain_the_enclosure_at_any_precision() -> None:
    found = last([[4, 0, 2], [0, 4, 2]], [4, 3]).selected
    for bits in (10, 53, 300):
        with ctx.workprec(bits):
            for ball, c, r in zip(found.balls, found.centre, found.radius, strict=True):
                assert ball.lower().fmpq() <= to_rational(c - r)
                assert ball.upper().fmpq() >= to_rational(c + r)


fractions = st.fractions(min_value=Fraction(1, 40), max_value=40, max_denominator=40)


@given(st.lists(st.tuples(fractions, st.integers(-4, 4)), max_size=5))
def test_product_is_one_agrees_with_powers(terms: list[tuple[Fraction, int]]) -> None:
    product = prod((factor**exponent for factor, exponent in terms), start=Fraction(1))
    closed = [*terms, (product, -1)]
    for family, expected in ((terms, product == 1), (closed, True), ([*closed, (Fraction(3), 1)], False)):
        factors = [to_rational(factor) for factor, _ in family]
        assert product_is_one(factors, [fmpz(exponent) for _, exponent in family]) == expected


def test_product_is_one_with_exponents_no_power_could_have() -> None:
    huge = fmpz(10) ** 60
    assert product_is_one([fmpq(4), fmpq(1, 8)], [3 * huge, 2 * huge])
    assert not product_is_one([fmpq(4), fmpq(1, 8)], [3 * huge, 2 * huge + 1])


@given(fractions, fractions)
def test_simplest_rational_has_the_least_denominator(a: Fraction, b: Fraction) -> None:
    low, high = min(a, b), max(a, b)
    found = module._simplest(to_rational(low), to_rational(high))
    assert to_rational(low) <= found <= to_rational(high)
    for q in range(1, int(found.q)):
        assert low * q // 1 == high * q // 1 < low * q


def test_a_point_on_the_boundary_is_never_the_selection() -> None:
    """A zero coordinate off which the weights happen to balance: refused before any product."""
    family = module._Family((fmpq(1), fmpq(0)), relations([]), (0, 1), Exponential((fmpq(1), fmpq(1))))
    assert module._proved(family, family.start) is None
    assert module._proved(family, (fmpq(1), fmpq(1))) is not None
