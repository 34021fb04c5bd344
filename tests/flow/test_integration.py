"""The mpmath integrator: closed forms, conservation, reversal, and agreement with the balls."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.flow import Advance, Trajectory, enclose, integrate
from exactsaddle.flow.cost import stiffness
from exactsaddle.flow.taylor import expand
from tests.support.closed_forms import orthogonal_flow
from tests.support.problems import general_problems

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
THREE_BY_FIVE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])


@pytest.mark.parametrize("alpha", ["1e-3", "1e-20", pytest.param("1e-200", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "problem",
    [
        Problem([[1, 1], [1, -1]], [3, 1]),
        Problem([[1]], [1], lower="inf", upper=2),
        Problem([[1]], [-1], lower=1, upper="inf", dual=Fraction(1, 2)),
        Problem(
            [[1, 1], [1, -1]], [3, -1], lower=[1, 2], upper=[Fraction(1, 2), 3], dual=[Fraction(1, 2), -1]
        ),
    ],
    ids=["two", "upper", "lower", "thresholds"],
)
def test_closed_forms_to_the_digits_asked_for(problem: Problem, alpha: str) -> None:
    for point in integrate(problem, alpha, [Fraction(1, 7), 1, Fraction(13, 5)], digits=25).points:
        exact = orthogonal_flow(problem, Fraction(alpha), point.time)
        for found, value in zip((*point.dual, *point.beta), (*exact.dual, *exact.beta), strict=True):
            assert abs(found - value) < mpmath.mpf("1e-25")


@settings(max_examples=8)
@given(general_problems(max_n=3, max_d=3), st.sampled_from(["1/2", "1e-5", "1e-40"]))
def test_both_integrators_agree(problem: Problem, alpha: str) -> None:
    times = [Fraction(1, 3), Fraction(2)]
    pipe = enclose(problem, alpha, times, radius="1e-15")
    run = integrate(problem, alpha, times, digits=32)
    with ctx.workprec(300):
        for balls, point in zip(pipe.points, run.points, strict=True):
            for ball, value in zip(
                (*balls.dual, *balls.beta, balls.loss), (*point.dual, *point.beta, point.loss), strict=True
            ):
                assert (ball + arb(0, 1e-32)).contains(arb(value))


@pytest.mark.parametrize("alpha", ["1e-60", pytest.param("1e-1000", marks=pytest.mark.slow)])
def test_no_plateau_is_slept_through(alpha: str) -> None:
    path = saddle_path(TWO_BY_THREE)
    times = [Fraction(1, 8), Fraction(13, 32), Fraction(1)]
    for point, saddle in zip(integrate(TWO_BY_THREE, alpha, times, digits=12).points, path, strict=True):
        assert all(abs(b - float(e)) < 1e-12 for b, e in zip(point.beta, saddle.beta, strict=True))


def test_the_products_of_w_are_conserved() -> None:
    (point,) = integrate(THREE_BY_FIVE, "1e-20", ["2/5"], digits=30).points
    assert point.drift is not None
    assert 0 < point.drift < mpmath.mpf("1e-35")
    (single,) = integrate(Problem([[1]], [1], lower="inf"), "1e-20", [1]).points
    assert single.drift is None


def test_a_step_taken_back_returns() -> None:
    run = integrate(TWO_BY_THREE, "1e-20", [Fraction(1, 2)], digits=30, keep=True)
    equations = run._solver.equations
    with mpmath.workprec(equations.precision):
        for segment in run._segments[::7]:
            start, end = segment.state(segment.start), segment.state(segment.end)
            back = expand(equations, end, run.order, segment.series.rate)
            length = segment.end - segment.start
            sigma = length.numerator * segment.series.rate / length.denominator
            for before, after in zip(start, back.at(-sigma), strict=True):
                assert abs(after / before - 1) < mpmath.mpf("1e-33")


def test_dense_output_is_the_flow() -> None:
    times = [Fraction(k, 40) for k in range(1, 24)]
    run = integrate(TWO_BY_THREE, "1e-20", [Fraction(3, 5)], digits=30, keep=True)
    pipe = enclose(TWO_BY_THREE, "1e-20", times, radius="1e-25")
    with ctx.workprec(300):
        for balls in pipe.points:
            point = run.at(balls.time)
            assert all(
                (ball + arb(0, 1e-30)).contains(arb(b))
                for ball, b in zip(balls.beta, point.beta, strict=True)
            )
    assert run.at(0).beta == (0, 0, 0)
    with pytest.raises(InvalidInput, match="outside"):
        run.at(2)
    with pytest.raises(InvalidInput, match="keep=True"):
        integrate(TWO_BY_THREE, "1e-20", [1]).at(1)


def test_order_and_digits_are_choices() -> None:
    low = integrate(TWO_BY_THREE, "1e-20", [Fraction(2, 5)], digits=20, order=20)
    high = integrate(TWO_BY_THREE, "1e-20", [Fraction(2, 5)], digits=40)
    assert low.order == 20
    assert low.step_count > high.step_count
    for a, b in zip(low.points[0].beta, high.points[0].beta, strict=True):
        assert abs(a - b) < mpmath.mpf("1e-20")


def test_precision_of_mpmath_is_left_alone() -> None:
    before = mpmath.mp.prec
    integrate(TWO_BY_THREE, "1e-20", [Fraction(1, 10)])
    assert mpmath.mp.prec == before


def test_progress_may_stop_the_run() -> None:
    seen: list[Advance] = []

    def stop(state: Advance) -> bool:
        seen.append(state)
        return len(seen) < 3

    run = integrate(TWO_BY_THREE, "1e-30", [Fraction(1, 1000), 5], progress=stop)
    assert not run.complete
    assert (run.step_count, [point.time for point in run.points]) == (3, [Fraction(1, 1000)])


def test_stiffness_is_the_sum_over_plateaus() -> None:
    # X = (2): G = 4, r = 2·3 = 6, β_1 = 3/2 from t = 1/6 on: S = 2·(3/2)·4·(t − 1/6)
    path = saddle_path(Problem([[2]], [3]))
    assert stiffness(path, 1) == pytest.approx(12 * (1 - 1 / 6))
    assert stiffness(path, Fraction(1, 6)) == 0
    assert stiffness(path, 0) == 0
    # MATHEMATICS.md §5, to the middle of the last plateau
    diabetes = saddle_path(load_dataset("diabetes"))
    assert stiffness(diabetes, diabetes.jump_times[-1] * Fraction(5, 4)) == pytest.approx(688_000, rel=0.05)


def test_a_stiff_problem_is_refused_with_the_estimate() -> None:
    with pytest.raises(Inconclusive, match=r"about 2\.\d+e\+07 units of work to t = 3"):
        integrate(load_dataset("diabetes"), "1e-16", [3])


@pytest.mark.parametrize(
    ("alpha", "times", "options", "message"),
    [
        (0, [1], {}, "alpha must lie strictly between 0 and 1"),
        ("1e-5", [2, 1], {}, "times must increase"),
        ("1e-5", [1], {"digits": 0}, "digits must be an integer from 1 to 10000, not 0"),
        ("1e-5", [1], {"digits": 10_001}, "not 10001"),
        ("1e-5", [1], {"digits": 2.5}, "not 2.5"),
        ("1e-5", [1], {"order": 3}, "order must be an integer of at least 4"),
    ],
)
def test_bad_input(alpha: object, times: list[int], options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        integrate(TWO_BY_THREE, alpha, times, **options)  # type: ignore[arg-type]


def test_the_type_says_it_is_not_a_proof() -> None:
    assert "none of its digits is proved" in (Trajectory.__doc__ or "")
