"""The flow with weight decay: closed forms, u and v themselves, the other integrator, and its limit path."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import InvalidInput, mpmath_workprec
from exactsaddle.flow import enclose, enclose_decay, integrate
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import WeightDecay
from exactsaddle.problem import Network
from tests.support.defects import defect_at
from tests.support.problems import general_problems

F = Fraction
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
ONE = Problem([[1]], [1])
HALF = WeightDecay("1/2")


def contains(ball: arb, value: Any, slack: str = "0") -> bool:
    """Whether the ball holds an mpmath number, which is taken to 60 digits."""
    return bool((ball + arb(0, slack)).contains(arb(mpmath.nstr(value, 60))))


def number(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


def in_bessel_functions(alpha: Fraction, penalty: Fraction, time: Fraction) -> Any:
    """β of X = y = 1. A = w₊² solves A' = 2aA − A² + α⁴e^(−4λt), a = 1 − λ, in real time.

    A = y'/y with y = e^(at)(I_ν(z) + C K_ν(z)), z = α²e^(−2λt)/(2λ), ν = a/(2λ).
    """
    scale, decay = number(alpha), number(penalty)
    a, real = 1 - decay, -mpmath.log(scale) * number(time)
    order = a / (2 * decay)

    def logarithmic(kind: Any, z: Any) -> Any:
        return a * kind(order, z) - 2 * decay * z * kind(order, z, derivative=1)

    def value(kind: Any, z: Any) -> Any:
        return kind(order, z)

    def bessel_k(nu: Any, z: Any, derivative: int = 0) -> Any:
        if derivative:
            return -(mpmath.besselk(nu - 1, z) + mpmath.besselk(nu + 1, z)) / 2
        return mpmath.besselk(nu, z)

    start, here = (scale**2 * mpmath.exp(-2 * decay * t) / (2 * decay) for t in (0, real))
    first = scale**2  # A(0)
    share = -(logarithmic(mpmath.besseli, start) - first * value(mpmath.besseli, start)) / (
        logarithmic(bessel_k, start) - first * value(bessel_k, start)
    )
    top = logarithmic(mpmath.besseli, here) + share * logarithmic(bessel_k, here)
    plus = top / (value(mpmath.besseli, here) + share * value(bessel_k, here))
    return (plus - scale**4 * mpmath.exp(-4 * decay * real) / plus) / 2


@pytest.mark.parametrize("alpha", [F(1, 2), F(1, 10**3), F(1, 10**12)])
@pytest.mark.parametrize("penalty", [F(1, 3), F(5, 7), F(3, 2)])
def test_one_coordinate_has_a_closed_form(alpha: Fraction, penalty: Fraction) -> None:
    times = [F(1, 4), F(3, 2), F(4)]
    found = enclose_decay(ONE, WeightDecay(penalty), alpha, times, radius="1e-25")
    with mpmath_workprec(700), ctx.workprec(400):
        for point in found.points:
            assert contains(point.beta[0], in_bessel_functions(alpha, penalty, point.time))
            assert point.beta[0].rad() < arb("1e-25")


@pytest.mark.parametrize("alpha", [F(1, 10), F(1, 10**40)])
def test_one_weight_grows_like_a_logistic_curve(alpha: Fraction) -> None:
    """Without the other weight β' = 2(r − λ)β − 2Gβ² in real time."""
    problem = Problem([[2]], [3], lower="inf")
    found = enclose_decay(problem, WeightDecay("5/4"), alpha, ["1/10", "1/5", 1])
    with mpmath_workprec(900), ctx.workprec(400):
        net = number(F(6) - F(5, 4))
        for point in found.points:
            fall = mpmath.exp(2 * net * mpmath.log(number(alpha)) * number(point.time))
            assert contains(point.beta[0], net / (4 + (2 * net / number(alpha) ** 2 - 4) * fall))


def test_the_balls_hold_u_and_v_themselves() -> None:
    """(u, v)' = −(v ⊙ g + λu, u ⊙ g + λv) by mpmath's own integrator, from u = √2·α, v = 0."""
    problem, alpha = Problem([[-3, 4], [-1, -4]], [2, 2]), F(1, 10)
    found = enclose_decay(problem, WeightDecay(["1/2", "1/3"]), alpha, ["1/5", "3/5"])
    with mpmath.workdps(25):
        gram = [[number(g) for g in row] for row in problem.gram]
        right, decay = [number(r) for r in problem.correlation], [number(F(1, 2)), number(F(1, 3))]

        def force(_: Any, state: list[Any]) -> list[Any]:
            u, v = state[:2], state[2:]
            g = [sum(gram[i][j] * u[j] * v[j] for j in range(2)) - right[i] for i in range(2)]
            return [
                *(-v[i] * g[i] - decay[i] * u[i] for i in range(2)),
                *(-u[i] * g[i] - decay[i] * v[i] for i in range(2)),
            ]

        solution = mpmath.odefun(force, 0, [mpmath.sqrt(2) * number(alpha)] * 2 + [mpmath.mpf(0)] * 2)
        for point in found.points:
            state = solution(-mpmath.log(number(alpha)) * number(point.time))
            with ctx.workprec(200):
                for i in range(2):
                    assert contains(point.beta[i], state[i] * state[2 + i], "1e-18")


@settings(max_examples=6)
@given(
    general_problems(max_n=3, max_d=3),
    st.sampled_from(["1/2", "1e-4", "1e-12"]),
    st.lists(st.fractions(0, 3, max_denominator=6), min_size=3, max_size=3),
)
def test_both_integrators_agree(problem: Problem, alpha: str, penalties: list[Fraction]) -> None:
    rule = WeightDecay(penalties[: problem.d])
    times = [F(1, 3), F(2)]
    pipe = enclose_decay(problem, rule, alpha, times, radius="1e-15")
    run = integrate(problem, alpha, times, rule=rule, digits=32)
    with ctx.workprec(300):
        for balls, point in zip(pipe.points, run.points, strict=True):
            for ball, value in zip(
                (*balls.dual, *balls.beta, balls.loss), (*point.dual, *point.beta, point.loss), strict=True
            ):
                assert (ball + arb(0, 1e-32)).contains(arb(value))
                assert ball.rad() < arb("1e-14")
            assert point.drift is None or point.drift < mpmath.mpf("1e-30")


def test_a_weight_that_moves_nothing_and_recedes_for_long() -> None:
    """β' = −2β − 2β² from ½ in real time: each step seemed to lose fewer bits, till fewer than 0."""
    found = enclose_decay(Problem([[1]], [0], lower="inf", dual=[1]), WeightDecay(1), "1e-8", [10])
    assert found.points[0].beta[0].overlaps(arb(1) / (3 * arb(10) ** 160 - 1))
    assert found.points[0].beta[0].rad() < arb("1e-170")


def test_no_decay_is_the_flow() -> None:
    times = [F(1, 5), F(1, 2), F(1)]
    plain = enclose(EXAMPLE, "1e-20", times)
    found = enclose_decay(EXAMPLE, WeightDecay(0), "1e-20", times)
    for one, other in zip(plain.points, found.points, strict=True):
        for a, b in zip(
            (*one.dual, *one.beta, one.loss), (*other.dual, *other.beta, other.loss), strict=True
        ):
            assert a.overlaps(b)


def test_the_flow_tends_to_the_path_of_decay() -> None:
    """In the middle of each plateau of ``path --decay``, λ of each column its own: the last is the Lasso."""
    rule = WeightDecay(["1/2", "1/4", 1])
    path = descent_path(EXAMPLE, rule=rule)
    jumps = [*path.jump_times, path.jump_times[-1] * 2]
    middles = [(a + b) / 2 for a, b in pairwise(jumps)]
    assert len(path) == 3
    worst = []
    for alpha in ("1e-2", "1e-4", "1e-8"):
        found = enclose_decay(EXAMPLE, rule, alpha, middles)
        apart = [
            max(float(abs(b - arb(v.numerator) / v.denominator)) for b, v in zip(p.beta, s.beta, strict=True))
            for p, s in zip(found.points, path, strict=True)
        ]
        worst.append(max(apart))
    assert worst[1] < worst[0] ** 1.5
    assert worst[2] < worst[1] ** 1.5 < 1e-3


def test_what_is_kept_contains_what_is_asked_for() -> None:
    found = enclose_decay(EXAMPLE, HALF, "1e-8", ["1/2", 1], keep=True)
    wide = found.over("1/2", 1)
    assert (found.complete, found.precision) == (True, found.pipe.precision)
    assert (wide.time, wide.end) == (F(1, 2), 1)
    for point in (*found.points, found.at("3/4")):
        for ball, part in zip((*wide.dual, *wide.beta), (*point.dual, *point.beta), strict=True):
            assert ball.overlaps(part)
    single = enclose_decay(EXAMPLE.replace(lower="inf"), HALF, "1e-8", ["1/2", 1], keep=True)
    for ball, part in zip(single.over("1/2", 1).dual, single.at("3/4").dual, strict=True):
        assert ball.overlaps(part)


def test_the_defect_is_bounded_between_the_nodes() -> None:
    """Where the drift, not the flow, moves the duals most."""
    pipe = enclose_decay(EXAMPLE.replace(dual="9/10"), WeightDecay(60), "1e-30", ["1/100"], keep=True).pipe
    with ctx.workprec(pipe.step_precision + 100):
        field = BallField.at(pipe.reduced, to_rational(pipe.alpha))
        for step in pipe.steps:
            for part in (F(1, 9), F(3, 7), F(90, 91)):
                time = step.start + to_rational(part) * step.length
                assert defect_at(field, step, time) <= step.defect


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: enclose_decay(EXAMPLE, WeightDecay([1, 2]), "1e-3", [1]),
            "penalty has 2 entries but X has 3",
        ),
        (
            lambda: integrate(EXAMPLE, "1e-3", [1], rule=WeightDecay([1])),
            "penalty has 1 entry but X has 3",
        ),
        (lambda: enclose_decay(EXAMPLE, HALF, 2, [1]), "alpha must lie strictly between"),
        (lambda: enclose_decay(EXAMPLE, HALF, "1e-3", [1], radius=0), "radius must be positive"),
        (
            lambda: enclose_decay(EXAMPLE.with_network(Network(3)), HALF, "1e-3", [1]),
            r"under a fixed decay none grows; a common decay of Lα\^\(L−2\)/T follows",
        ),
        (
            lambda: integrate(EXAMPLE, "1e-3", [1], network=Network(2, 2), rule=HALF),
            "scales do not move the limit",
        ),
    ],
)
def test_bad_input(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()
