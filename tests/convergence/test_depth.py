"""The laws of convergence of deeper networks, and of two layers from other scales."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import sympy
from flint import arb, ctx, fmpq

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.convergence import Convergence, compare_curves, converge, corrections, resolution
from exactsaddle.convergence.constants import rate_constant
from exactsaddle.convergence.expansion import offset
from exactsaddle.convergence.hypotheses import Hypothesis
from exactsaddle.convergence.rates import predicted_rate, relaxation_rate
from exactsaddle.numbers import PowerSum, to_rational
from exactsaddle.problem import Network
from tests.convergence.test_expansion import DYING_HITTER, LEAVING, TWO_BY_THREE
from tests.support.command import run

TIE = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])


@cache
def two_by_three(depth: int, *alphas: str) -> Convergence:
    return converge(saddle_path(TWO_BY_THREE.with_network(Network(depth))), alphas, digits=20)


def by_hand(depth: int) -> sympy.Expr:
    """c of the second jump: G_10 φ'(4/5)·sign β_0/(G_00 g_1) = −4·(4/5)^(−(L−2)/L)/(5·16/5)."""
    return -sympy.Rational(1, 4) * sympy.Rational(4, 5) ** -sympy.Rational(depth - 2, depth)


@pytest.mark.parametrize(("depth", "seen"), [(3, "-0.269304"), (4, "-0.279508"), (8, None)])
def test_the_second_correction_is_algebraic(depth: int, seen: str | None) -> None:
    first, second = corrections(saddle_path(TWO_BY_THREE.with_network(Network(depth))))
    assert isinstance(first.exact.closed_form, PowerSum)
    assert str(first.exact.closed_form) == "0"
    closed = second.exact.closed_form
    assert isinstance(closed, PowerSum)
    assert sympy.simplify(closed.expression - by_hand(depth)) == 0
    assert sympy.sympify(str(closed)) == closed.expression
    if seen is not None:
        assert str(float(closed.ball(100))).startswith(seen)


@pytest.mark.parametrize(("depth", "measured"), [(3, -0.269306), (4, -0.2796)])
def test_jump_times_and_distances_obey_the_algebraic_laws(depth: int, measured: float) -> None:
    """Digits of c at α = 1e-3 (depth 3), 1e-2 (depth 4); s^α − s − εD is of order α^L."""
    found = two_by_three(depth, *(("1e-2", "1e-3") if depth == 3 else ("1e-1", "1e-2")))
    assert found.verdict.status is Status.VERIFIED
    assert round(float(found.jumps[1].scaled[-1]), 6 if depth == 3 else 4) == measured
    large, small = map(float, found.alphas)
    bound = 4 * small ** (depth - 2) * large**2  # the larger α leaves its remainder, times ε₂/ε₁
    for jump in found.jumps:
        assert jump.remainder == 2
        assert jump.recognised is None or jump.recognised.value == jump.correction.exact.time
        c = jump.correction.value(100)
        assert c is not None
        assert abs(float(jump.scaled[-1] - c)) < 2 * small**2
        assert jump.extrapolated is not None
        assert abs(float(jump.extrapolated - arb(to_rational(jump.correction.exact.time)))) < bound
    assert depth > 3 or found.jumps[0].recognised is not None
    for plateau in found.plateaus:
        assert plateau.predicted == depth
        assert plateau.measured is not None
        assert abs(float(plateau.measured) - depth) < 20 * large ** (depth - 2)
        constant = plateau.constant.closed_form
        assert constant is not None
        assert plateau.constant_measured is not None
        assert float(plateau.constant_measured / constant.ball(100)) == pytest.approx(
            1, rel=10 * small ** (depth - 2)
        )


def test_the_constant_by_hand() -> None:
    """Plateau 0 of depth 3 at t = 1/8: s = (1/2, 0, 1/4)·(sign r), q = 3: (1/2)^−3 − (3/2)^−3 = 208/27."""
    path = saddle_path(TWO_BY_THREE.with_network(Network(3)))
    found = rate_constant(predicted_rate(path[0]), Fraction(1, 8))
    assert found.closed_form is not None
    assert found.closed_form.terms == ((Fraction(208, 27), Fraction(1)),)
    # d = 1 of two equal columns is dependent: the exponent stays, the constant is refused by name
    tied = saddle_path(TIE.with_network(Network(3)))[-1]
    rate = predicted_rate(tied)
    assert rate.at(tied.jump_time + 1) == 3  # all three are on the support: the sides that face them
    assert [f.hypothesis for f in rate_constant(rate, tied.jump_time + 1).failed] == [
        Hypothesis.UNIQUE_MINIMISER
    ]
    # two layers have no constant, and nothing failed
    flat = saddle_path(TWO_BY_THREE)[0]
    assert rate_constant(predicted_rate(flat), Fraction(1, 8)).closed_form is None
    assert rate_constant(predicted_rate(flat), Fraction(1, 8)).failed == ()


def test_equal_distances_have_one_constant() -> None:
    """The largest of algebraic numbers that are equal is found, not waited for."""
    path = saddle_path(Problem([[1, 0], [0, 1]], [1, 1], network=Network(5)))
    found = rate_constant(predicted_rate(path[0]), 1)
    assert found.closed_form is not None
    assert found.closed_form.ball(60).overlaps(arb(2).root(3) ** 5 - (arb(2) / 3).root(3) ** 5)  # s = t/2


def test_scales_move_the_thresholds_and_nothing_of_the_law() -> None:
    """Unequal scales at depth 3: the flow against the path of the thresholds 1/κ."""
    problem = Problem([[2, 1], [1, 2]], [3, 1], network=Network(3, [1, "1/2"]))
    found = converge(saddle_path(problem), ["1e-3"], digits=12)
    for jump in found.jumps:
        c = jump.correction.value(100)
        assert c is not None
        assert abs(float(jump.scaled[-1] - c)) < 1e-4


def test_hypotheses_that_fail_are_named_and_no_orbit_is_followed() -> None:
    path = saddle_path(LEAVING.with_network(Network(3)))
    found = corrections(path)
    assert [c.exact.closed_form is None for c in found] == [False, False, True]
    assert found[2].value(64) is None
    assert [str(f) for f in found[2].failed] == ['"nobody left the support" fails on plateau 2 (x0)']
    verdict = resolution(path).verdict
    assert verdict.status is Status.UNCHECKED
    assert "nobody left the support" in verdict.evidence
    with pytest.raises(InvalidInput, match="followed for two layers, not for β = u\\^3"):
        compare_curves(path, ["1e-2"])


def test_resolution_by_hand() -> None:
    """Depth 4, plateau 1: ρ = q|β|^(3/2)G_00 = 2(4/5)^(3/2)·5 and 1/ε = α^−2 = (|c| + 2/ρ)/(5/16)."""
    path = saddle_path(TWO_BY_THREE.with_network(Network(4)))
    found = resolution(path)
    assert found.verdict.status is Status.VERIFIED
    assert found.plateaus[0].log_scale == 0
    with ctx.workprec(128):
        rate = 10 * (arb(4) / 5) ** fmpq(3, 2)
        assert relaxation_rate(path[1]).overlaps(rate)
        needed = ((arb(5) / 4).sqrt() / 4 + 2 / rate) * fmpq(16, 5)
        assert found.plateaus[1].log_scale is not None
        assert found.plateaus[1].log_scale.overlaps(needed.log() / 2)
    # X = I, y = (1, 101/100) at depth 3: 1/ε = 1/α, where depth 2 has ln(1/α), here ρ = 3|β|^(4/3)/2
    short = resolution(saddle_path(Problem([[1, 0], [0, 1]], [1, "101/100"], network=Network(3))))
    with ctx.workprec(128):
        needed = 4 / (3 * (arb(101) / 100).root(3) ** 4) * fmpq(101, 2)
        assert short.plateaus[1].log_scale is not None
        assert short.plateaus[1].log_scale.overlaps(needed.log())
    assert short.decimal_exponent == 2


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(Network(2, 3), marks=pytest.mark.slow),
        Network(2, [1, 2, "1/3"]),
        Network(2, 2, "powers"),
        pytest.param(Network(2, 1, "powers"), marks=pytest.mark.slow),
    ],
)
def test_two_layers_from_other_scales_shift_jumps_by_their_own_logarithms(network: Network) -> None:
    """Closed forms and orbit integrals against the enclosed flow: |β| = K exp(−2ℓ(c − s))."""
    for problem in (TWO_BY_THREE, DYING_HITTER):
        found = converge(saddle_path(problem.with_network(network)), ["1e-20"], digits=12)
        for jump in found.jumps:
            assert jump.correction.value(64) is not None
            assert jump.correction_digits is not None
            assert jump.correction_digits >= 7


def test_powers_at_depth_two_are_the_product_from_another_scale() -> None:
    """K = κ² against K = ½κ²: scale √2 of u ⊙ v, so D differs by ½ ln 2 on the support."""
    path = saddle_path(TWO_BY_THREE)
    powers = saddle_path(TWO_BY_THREE.with_network(Network(2, 1, "powers")))
    for saddle in path:
        one, other = (offset(p, saddle.index).closed_form for p in (path, powers))
        assert one is not None
        assert other is not None
        for i in saddle.support:
            assert (one[i].ball(80) - other[i].ball(80)).overlaps(saddle.signs[i] * arb(2).log() / 2)


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "alpha"), [(3, "1e-10"), (5, "1e-6"), (8, "1e-4")])
def test_laws_at_small_scales(depth: int, alpha: str) -> None:
    found = converge(saddle_path(TWO_BY_THREE.with_network(Network(depth))), [alpha], digits=50)
    decades = int(alpha.removeprefix("1e-"))
    for jump in found.jumps:
        assert jump.correction_digits is not None
        assert jump.correction_digits >= 2 * decades - 1
    for plateau in found.plateaus:
        assert plateau.constant_digits is not None
        assert plateau.constant_digits >= (depth - 2) * decades - 2


def test_the_commands_print_the_laws_and_refuse_what_has_none(tmp_path: Path) -> None:
    place = tmp_path / "problem.json"
    TWO_BY_THREE.save(place)
    done = run("converge", place, "--depth", "3", "--alphas", "1e-1,1e-2", "--digits", "12", "--json")
    document = json.loads(done.stdout)
    assert document["problem"]["network"]["depth"] == 3
    assert document["plateaus"][0]["constant"]["expression"] == "208/27"
    assert document["jumps"][1]["correction"]["expression"] == "-1*(4/5)**(-1/3)/4"
    done = run("resolve", place, "--depth", "4")
    assert done.returncode == 0, done.stderr
    assert "β = u^4 − v^4 (depth 4)" in done.stdout
    for command, message in (
        (
            ("converge", place, "--depth", "3", "--curves"),
            "orbits between saddles are followed for two layers",
        ),
        (("resolve", place, "--depth", "3", "--step"), "nothing is left of a fixed step"),
        (("resolve", place, "--scales", "x0=0"), "--scales x0=0: must be positive"),
    ):
        done = run(*command)
        assert done.returncode == 2
        assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("network", "alpha", "agreed"),
    [(Network(3), "1e-3", 5), (Network(4), "1e-2", 3), (Network(), "1e-30", 12)],
    ids=str,
)
def test_an_irrational_limit_gives_a_correction_in_a_ball(network: Network, alpha: str, agreed: int) -> None:
    problem = Problem([[4, 0, 2, -1], [0, 4, 2, -1], [0, 0, 0, 3]], [4, 3, 1], network=network)
    path = saddle_path(problem)
    last = corrections(path)[-1]
    assert last.exact.closed_form is None
    assert last.enclosed
    assert [f.hypothesis for f in last.exact.failed] == [Hypothesis.RATIONAL_LIMIT]
    assert last.numerical is not None
    assert 0 < last.numerical.rad() < 1e-15
    (jump,) = converge(path, [alpha], digits=agreed, plateaus=[2]).jumps
    assert jump.correction_digits is not None
    assert jump.correction_digits >= agreed
    assert jump.correction.enclosed
    assert not resolution(path).plateaus[2].numerical
