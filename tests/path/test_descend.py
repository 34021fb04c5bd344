"""The iteration: against u and v themselves, balls against numbers, and the limit path with its O(1/ℓ)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb

from exactsaddle import Problem
from exactsaddle.base import Inconclusive, InvalidInput, mpmath_workprec, workprec
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import descend, descent_path, iteration
from exactsaddle.path.rules import GradientDescent, SharpnessAware

F = Fraction
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
ONE = Problem([[1]], [1])


def in_u_and_v(
    problem: Problem, alpha: str, step: Fraction, steps: int, radius: Fraction | None = None
) -> list[Any]:
    """β = u ⊙ v by the definition: both move by −η times their gradients, after an ascent by ρ times them."""
    d = problem.d
    gram = [[mpmath.mpf(v.numerator) / v.denominator for v in row] for row in problem.gram]
    right = [mpmath.mpf(v.numerator) / v.denominator for v in problem.correlation]
    eta, rho = (mpmath.mpf(value.numerator) / value.denominator for value in (step, radius or F(0)))

    def moved(u: list[Any], v: list[Any], by: Any, at: tuple[list[Any], list[Any]]) -> list[list[Any]]:
        """u and v less ``by`` times the gradients at another place."""
        beta = [a * b for a, b in zip(*at, strict=True)]
        g = [sum(gram[i][j] * beta[j] for j in range(d)) - right[i] for i in range(d)]
        sides = ((u, at[1]), (v, at[0]))
        return [[a - by * s * b for a, s, b in zip(w, g, other, strict=True)] for w, other in sides]

    u, v = [mpmath.sqrt(2) * mpmath.mpf(alpha)] * d, [mpmath.mpf(0)] * d
    for _ in range(steps):
        first, second = moved(u, v, -rho, (u, v))
        u, v = moved(u, v, eta, (first, second))
    return [a * b for a, b in zip(u, v, strict=True)]


def test_the_enclosure_holds_the_iteration_in_u_and_v() -> None:
    (found,) = descend(EXAMPLE, "1e-3", "1/10", 60)
    assert found.enclosed
    with mpmath_workprec(600):
        exact = in_u_and_v(EXAMPLE, "1e-3", F(1, 10), 60)
        texts = [mpmath.nstr(value, 60) for value in exact]
    with workprec(400):
        for ball, text in zip(found.beta, texts, strict=True):
            assert abs(ball - arb(text)) < arb("1e-14")
            assert arb(ball.rad()) < arb("1e-15")


def test_ascents_are_those_of_u_and_v() -> None:
    """w ← w − η∇F(w + ρ∇F(w)) in u and v themselves, which the definition in w± is a rotation of."""
    rule = GradientDescent("1/20", SharpnessAware("1/50"))
    (found,) = descend(EXAMPLE, "1e-2", steps=50, rule=rule)
    assert found.enclosed
    with mpmath_workprec(600):
        exact = in_u_and_v(EXAMPLE, "1e-2", F(1, 20), 50, F(1, 50))
        texts = [mpmath.nstr(value, 60) for value in exact]
        plain = in_u_and_v(EXAMPLE, "1e-2", F(1, 20), 50)
        assert max(abs(a - b) for a, b in zip(exact, plain, strict=True)) > mpmath.mpf("1e-3")
    with workprec(400):
        for ball, text in zip(found.beta, texts, strict=True):
            assert abs(ball - arb(text)) < arb("1e-14")
            assert arb(ball.rad()) < arb("1e-15")


def test_ascents_approach_their_limit_path() -> None:
    rule = GradientDescent("1/20", SharpnessAware("1/50"))
    path = descent_path(EXAMPLE, rule=rule)
    for time, k in ((F(9, 20), 1), (F(9, 10), 2)):
        count = int(time * 20 * 6931)  # ℓ = 10^4·ln 2
        (found,) = descend(EXAMPLE, F(1, 2**10_000), steps=count, rule=rule, enclosed=False)
        assert [round(float(b), 6) for b in found.beta] == [float(b) for b in path[k].beta]
    with pytest.raises(
        InvalidInput, match=r"a radius of 1 reverses the weight of x0 \(.\) at step 1, on plateau 0"
    ):
        descend(EXAMPLE, "1e-3", steps=3, rule=GradientDescent("1/50", SharpnessAware(1)))


def test_balls_hold_the_numbers() -> None:
    counts = [0, 40, 200]
    balls = descend(EXAMPLE, "1e-20", "1/10", counts)
    numbers = descend(EXAMPLE, "1e-20", "1/10", counts, enclosed=False)
    with workprec(200):
        for ball, number in zip(balls, numbers, strict=True):
            assert (ball.steps, number.enclosed) == (number.steps, False)
            for side, log in ball.log_weights.items():
                assert abs(log - number.log_weights[side]) < arb("1e-14")


@pytest.mark.parametrize("time", ["9/20", "4/5"])
def test_the_limit_path_is_approached_like_one_over_the_log_scale(time: str) -> None:
    step = F(1, 10)
    path = descent_path(EXAMPLE, step)
    saddle = path[1] if F(time) < F(6, 10) else path[2]
    here = saddle.dual_balls(-1, 40)
    scaled = []
    for k in (14_427, 144_270, 1_442_695):  # ℓ = k·ln 2: 1e4, 1e5, 1e6
        with workprec(200):
            ell = k * arb(2).log()
            count = int(float(to_rational(time) * ell / to_rational(step)))
        (found,) = descend(EXAMPLE, F(1, 2**k), step, count, enclosed=False)
        with workprec(200):
            spent = to_rational(step) * count / ell - saddle.jump_time_ball(40)
            i = 2 if saddle.index == 1 else 0
            rate = arb(1 + to_rational(step * saddle.gradient[i])).log() / to_rational(step)
            limit = here[i] + spent * rate
            scaled.append(float((1 + found.log_weights[i, -1] / ell - limit) * ell))
        assert [round(float(b), 6) for b in found.beta] == [float(b) for b in saddle.beta]
    assert abs(scaled[0]) > 0.01
    assert max(scaled) - min(scaled) < 1e-6


def test_the_iteration_follows_the_step_that_reorders_events() -> None:
    """The corpus's smallest such problem: 9/10 leads to (1, 0, 0), 3/10 with the flow to (0, 3/5, −1/5)."""
    problem = Problem([[1, 2, 1], [0, -1, -3]], [1, 0])
    for step, after, middle in ((F(9, 10), F(12), F(5)), (F(3, 10), F(12), F(2))):
        path = descent_path(problem, step)
        counts = [int(t * 1000 * F(69315, 100000) / step) for t in (middle, after)]  # ℓ = 1000·ln 2
        for found in descend(problem, F(1, 2**1000), step, counts, enclosed=False):
            time = middle if found.steps == counts[0] else after
            for mine, limit in zip(found.beta, path.at(time), strict=True):
                assert abs(mine - to_rational(limit)) < arb("0.005")


def test_infinite_thresholds_have_no_weight() -> None:
    problem = ONE.replace(lower="inf")
    (found,) = descend(problem, "1e-6", "1/10", 300, enclosed=False)
    assert found.log_weights.keys() == {(0, 1)}
    assert abs(float(found.beta[0]) - 1) < 1e-9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: descend(ONE, 0, "1/10", 1), "alpha must be above 0"),
        (lambda: descend(ONE, 1, "1/10", 1), "below 1"),
        (lambda: descend(ONE, "1e-3", 0, 1), "step must be positive"),
        (lambda: descend(ONE, "1e-3", "1/10", -1), "steps must be at least 0"),
        (lambda: descend(ONE, "1e-3", "1/10", []), "steps must be at least 0"),
        (
            lambda: descend(ONE, "1e-3", 2, 1),
            r"a step of 2 reverses the weight of x0 \(−\) at step 1, on plateau 0",
        ),
        (lambda: descend(ONE.standardized().replace(lower="sqrt(2)"), "1e-3", 1, 1), "rational"),
    ],
)
def test_bad_input(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iteration, "MAX_STEPS", 50)
    with pytest.raises(Inconclusive, match="more than 50 steps"):
        descend(EXAMPLE, "1e-3", "1/10", 60)
    monkeypatch.setattr(iteration, "MAX_BITS", 128)
    with pytest.raises(Inconclusive, match="128 bits do not enclose"):
        descend(EXAMPLE, "1e-3", "1/10", 45, digits=60)
