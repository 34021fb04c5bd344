"""Links: the laws that make β of the dual."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers import enclose, square_root
from exactsaddle.problem import Exponential, Link, Power, Scaled

LAWS: list[Link] = [Exponential((fmpq(1, 2), fmpq(9, 8))), *map(Power, (3, 4, 5, 8))]
UNITS = square_root(fmpq(8)), fmpq(1, 3)
LINKS = [*LAWS, *(Scaled(law, UNITS) for law in LAWS[:3])]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("i", [0, 1])
def test_balls_floats_and_logarithms_are_of_one_law(link: Link, i: int) -> None:
    for x in ("0.25", "1", "7.5"):
        row = np.full(2, float(x))
        for nearer in (0.2, 1e-20, -3.0):
            value, steepness = link.floats(row, np.full(2, nearer))
            with workprec(200):
                there = arb(x) - arb(nearer)
                change = link.value(i, there) - link.value(i, arb(x))
            assert float(change) == pytest.approx(value[i], rel=1e-12)
            assert float(link.steepness(i, there)) == pytest.approx(steepness[i], rel=1e-12)
            if nearer > 0:
                logarithm = float(link.log2_change(row, np.full(2, nearer))[i])
                assert logarithm == pytest.approx(float(np.log2(value[i])), rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_the_steepness_is_the_derivative(link: Link) -> None:
    x, h = arb("1.5"), arb("1e-6")
    for i in (0, 1):
        slope = (link.value(i, x - h) - link.value(i, x + h)) / (2 * h)
        assert float(slope) == pytest.approx(float(link.steepness(i, x)), rel=1e-8)


@pytest.mark.parametrize("link", LINKS)
def test_many_values_are_the_same_values_or_all_small(link: Link) -> None:
    start, nearer = arb(5), [arb(x) for x in ("2", "3.5", "-4")]
    for i in (0, 1):
        for move, value in zip(nearer, link.values(i, start, nearer, 40) or [], strict=True):
            assert value.overlaps(link.value(i, start - move))
        far, little = arb(10) ** 16, [arb(0), arb(10) ** 15]
        assert link.values(i, far, little, 40) is None
        assert all(link.value(i, far - move) < arb(2) ** -40 for move in little)
        assert link.values(i, far, [*little, far - 3], 40) is not None


@pytest.mark.parametrize("link", LINKS)
def test_floats_of_a_law_are_its_values(link: Link) -> None:
    x = np.array([[3.0, 1.5], [9.0, 4.0]])
    found = link.log2_value(x)
    for i, column in enumerate(x.T):
        for value, point in zip(found[:, i], column.tolist(), strict=True):
            assert 2.0**value == pytest.approx(float(link.value(i, arb(point))), rel=1e-12)
    assert list(link.log2_value(np.full(2, np.inf))) == [-np.inf, -np.inf]
    one = link.only([1])
    assert one.value(0, arb(2)).overlaps(link.value(1, arb(2)))
    assert one.log2_value(x[:, 1:]) == pytest.approx(found[:, 1:])


def test_no_threshold_is_infinitely_far() -> None:
    for link in LINKS:
        value, steepness = link.floats(np.full(2, np.inf), np.ones(2))
        assert not value.any()
        assert not steepness.any()


def test_a_column_divided_by_its_unit_has_the_law_of_the_quotient() -> None:
    for law in LAWS:
        link = Scaled(law, UNITS)
        for i, unit in enumerate(map(enclose, UNITS)):
            x = arb("1.75")
            assert (unit * link.value(i, unit * x)).overlaps(law.value(i, x))
            assert link.exponent(i, unit * x).overlaps(law.exponent(i, x))
        assert 3 * law.gain <= link.gain < fmpq(301, 100) * law.gain
        assert link.irrational == {0}
        with pytest.raises(ProofFailed, match=r"divided by sqrt\(8\)"):
            link.offset([(fmpq(1), 0, fmpq(1))])


def test_a_value_is_left_out_only_below_its_bound() -> None:
    # β = γ/N is 2^20 times γ: what is left out of β is so much smaller in γ.
    link = Scaled(LAWS[0], (fmpq(1, 1 << 20), fmpq(1)))
    for bits in range(8, 60):
        x = arb(17) / (1 << 20)
        assert link.values(0, x, [arb(0)], bits) is not None or link.value(0, x) < arb(2) ** -bits


def test_a_balance_of_irrational_units_is_found() -> None:
    root, other, scaled = square_root(fmpq(2)), square_root(fmpq(8)), square_root(fmpq(3))
    halves = Exponential((fmpq(1, 2),) * 3)
    # √2·ln(√2·a) + √8·ln(√8·b) − … with N_i a_i = ½·√2: every logarithm is that of √2, weights sum to 0
    terms = [(fmpq(2), 0, fmpq(1, 2)), (fmpq(-1), 1, fmpq(1, 4))]
    assert Scaled(halves, (root, other, scaled)).balances(terms)
    assert not Scaled(halves, (root, scaled, other)).balances(terms)
    assert not Scaled(halves, (root, other, scaled)).balances([*terms, (fmpq(1), 2, fmpq(1))])
    assert Scaled(Power(4), (root, other, scaled)).balances(terms)
    # √2·ln(2·√2·½) + √2·ln(2·√2·¼) = √2·ln 1: what √2 adds to each logarithm counts
    assert Scaled(halves, (root, root, scaled)).balances([(fmpq(1), i, fmpq(1, 2 << i)) for i in (0, 1)])
    # √3·½ ln(2·√3·a), at no rational a zero, two of them are
    twice = [(fmpq(1), 2, fmpq(5)), (fmpq(-1), 2, fmpq(5))]
    assert Scaled(halves, (root, other, scaled)).balances([*terms, *twice])


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
    unit = enclose(link.units[i]) if isinstance(link, Scaled) else arb(1)  # weights are of the column divided
    ball = unit * link.value(i, unit * (arb(1) / 3) / link.unit(fmpq(1, 1000)))
    assert abs(ball / arb(mpmath.nstr(beta, 30)) - 1) < arb("1e-12")


def test_closed_forms_are_the_inverse_in_symbols() -> None:
    terms = [(fmpq(3), 0, fmpq(4, 5)), (fmpq(-1, 7), 1, fmpq(2))]
    for link in (*LAWS, *(Scaled(law, (fmpq(5, 2), fmpq(1, 3))) for law in LAWS)):
        total = sum((-arb(q) * link.distance(i, arb(a)) for q, i, a in terms), arb(0))
        assert link.offset(terms).ball(200).overlaps(total)
        assert not link.balances(terms)
    assert Power(4).balances([(fmpq(3), 0, fmpq(9)), (fmpq(-2), 1, fmpq(4))])  # 3/√9 = 2/√4
    assert not Power(4).balances([(fmpq(3), 0, fmpq(9)), (fmpq(-2), 1, fmpq(5))])


def test_beyond_its_threshold_a_power_has_no_value() -> None:
    link = Power(3)
    assert not link.value(0, arb(0, 1)).is_finite()
    for x in (arb(-1), arb(0), arb(0, 1), arb(-2, 1)):
        assert link.value(0, x) == link.steepness(0, x) == arb.pos_inf()
    assert np.isinf(link.log2_change(np.ones(2), np.array([1.0, 2.0]))).all()
    assert np.isnan(link.floats(np.ones(1), np.full(1, 2.0))[0]).all()
