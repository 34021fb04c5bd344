"""Links: the laws that make β of the dual."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq

from exactsaddle.problem import Exponential, Link, Power

LINKS: list[Link] = [Exponential((fmpq(1, 2), fmpq(9, 8))), *map(Power, (3, 4, 5, 8))]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("i", [0, 1])
def test_balls_floats_and_logarithms_are_of_one_law(link: Link, i: int) -> None:
    for x in ("0.25", "1", "7.5"):
        row = np.full(2, float(x))
        value, steepness = link.floats(row)
        assert float(link.value(i, arb(x))) == pytest.approx(value[i], rel=1e-12)
        assert float(link.steepness(i, arb(x))) == pytest.approx(steepness[i], rel=1e-12)
        assert float(link.log2(row)[i]) == pytest.approx(float(np.log2(value[i])), rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_the_steepness_is_the_derivative(link: Link) -> None:
    x, h = arb("1.5"), arb("1e-6")
    for i in (0, 1):
        slope = (link.value(i, x - h) - link.value(i, x + h)) / (2 * h)
        assert float(slope) == pytest.approx(float(link.steepness(i, x)), rel=1e-8)


@pytest.mark.parametrize("link", LINKS)
def test_many_values_are_the_same_values_or_all_small(link: Link) -> None:
    points = [arb(x) for x in ("3", "1.5", "9")]
    for i in (0, 1):
        for x, value in zip(points, link.values(i, points, 40) or [], strict=True):
            assert value.overlaps(link.value(i, x))
        far = [arb(10) ** 15, arb(10) ** 16]
        assert link.values(i, far, 40) is None
        assert all(link.value(i, x) < arb(2) ** -40 for x in far)
        assert link.values(i, [*far, points[0]], 40) is not None


def test_no_threshold_is_infinitely_far() -> None:
    for link in LINKS:
        value, steepness = link.floats(np.full(2, np.inf))
        assert not value.any()
        assert not steepness.any()


def test_two_layers_at_scale_one_are_half_an_exponential() -> None:
    link = LINKS[0]
    assert link.value(0, arb(1)).overlaps(arb(-2).exp() / 2)
    assert link.unit(fmpq(1, 10)).overlaps(1 / arb(10).log())


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("i", [0, 1])
def test_the_inverse_the_response_and_the_weights_are_of_the_same_law(link: Link, i: int) -> None:
    x = arb("1.5")
    size = link.value(i, x)
    assert link.distance(i, size).overlaps(x)
    assert link.response(i, size).overlaps(link.steepness(i, x))
    assert (link.reach(np.full(2, 1.5))[i]) == pytest.approx(float(size / link.steepness(i, x)))
    with mpmath.workdps(40):
        alpha = mpmath.mpf(1) / 1000
        distance = mpmath.mpf(1) / 3
        weight = link.weight(i, distance, alpha)
        assert mpmath.almosteq(link.distance_of(i, weight, alpha), distance)
        beta = mpmath.ldexp(weight**link.degree, -link.halves)
    ball = link.value(i, arb(1) / 3 / link.unit(fmpq(1, 1000)))
    assert abs(ball / arb(mpmath.nstr(beta, 30)) - 1) < arb("1e-12")


def test_closed_forms_are_the_inverse_in_symbols() -> None:
    terms = [(fmpq(3), 0, fmpq(4, 5)), (fmpq(-1, 7), 1, fmpq(2))]
    for link in LINKS:
        total = sum((-arb(q) * link.distance(i, arb(a)) for q, i, a in terms), arb(0))
        assert link.offset(terms).ball(200).overlaps(total)
        assert not link.balances(terms)
    assert Power(4).balances([(fmpq(3), 0, fmpq(9)), (fmpq(-2), 1, fmpq(4))])  # 3/√9 = 2/√4
    assert not Power(4).balances([(fmpq(3), 0, fmpq(9)), (fmpq(-2), 1, fmpq(5))])


def test_beyond_its_threshold_a_power_has_no_value() -> None:
    link = Power(3)
    assert not link.value(0, arb(0, 1)).is_finite()
    assert np.isinf(link.log2(np.array([0.0, -1.0]))).all()
    assert np.isnan(link.floats(np.array([-1.0]))[0]).all()
