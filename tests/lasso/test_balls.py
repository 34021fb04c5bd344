"""The Lasso path by bounds is the exact one: events, supports, signs; its balls contain the exact numbers."""

from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import LassoPath, Problem, lasso_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.lasso import balls
from exactsaddle.lasso.algorithm import prefers_balls_for_lasso
from exactsaddle.lasso.ball_knot import BallKnot
from exactsaddle.lasso.balls import BallLasso
from exactsaddle.lasso.line import ExactLine, Line, Lines, _float_root, possible_events
from exactsaddle.numbers import to_rational
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.testing import strategies
from tests.support.problems import general_problems, standard_problems

weighted = general_problems().map(
    lambda problem: problem.replace(dual=0, X=[[x / 3 for x in row] for row in problem.X])
)


def floats(n: int, d: int, seed: int = 0, near: float = 1.0) -> Problem:
    """Five columns and noise in binary64; the others are within ``near`` of the first, relatively."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    X[:, 1:] = X[:, :1] * (near < 1) + near * X[:, 1:]
    return Problem(X, X[:, :5] @ np.array([3, -2, 1.5, 1, -1])[: min(d, 5)] + rng.standard_normal(n) / 2)


def assert_same(found: LassoPath, known: LassoPath) -> None:
    assert len(found) == len(known)
    for knot, exact in zip(found, known, strict=True):
        assert isinstance(knot, BallKnot)
        assert not isinstance(exact, BallKnot)
        assert (knot.support, knot.support_below) == (exact.support, exact.support_below)
        if not knot.is_last:
            assert knot.stage.active == signs_below(exact)
        assert knot.penalty_value == exact.penalty_value
        assert (knot.beta_vector, knot.gradient_vector) == (exact.beta_vector, exact.gradient_vector)
        assert (knot.direction, knot.gradient_direction) == (exact.direction, exact.gradient_direction)
        assert_contained(knot, exact)


def signs_below(knot: object) -> dict[int, int]:
    below = knot.beta_vector + knot.direction * fmpq(1, 10**400)  # type: ignore[attr-defined]
    return {i: 1 if below[i] > 0 else -1 for i in below.support}


def assert_contained(knot: BallKnot, exact: object) -> None:
    pairs = [
        (knot.penalty_ball(9), exact.penalty_value),  # type: ignore[attr-defined]
        (knot.loss_ball(9), to_rational(exact.loss)),  # type: ignore[attr-defined]
        (knot.l1_norm_ball(9), to_rational(exact.l1_norm)),  # type: ignore[attr-defined]
        *zip(knot.beta_ball(9), exact.beta_vector, strict=True),  # type: ignore[attr-defined]
    ]
    for ball, value in pairs:
        assert contains(ball, value)
        assert ball.rad().fmpq() <= abs(value) * fmpq(1, 10**9)


def contains(ball: arb, value: fmpq) -> bool:
    return bool(abs(ball.mid().fmpq() - value) <= ball.rad().fmpq())


def both(problem: Problem) -> None:
    found = lasso_path(problem, arithmetic="ball")
    assert_same(found, lasso_path(problem, arithmetic="rational"))


@given(st.one_of(standard_problems(), weighted))
def test_it_is_the_exact_path(problem: Problem) -> None:
    both(problem)


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_it_is_the_exact_path_on_every_family(name: str) -> None:
    @settings(max_examples=6)
    @given(strategies.FAMILIES[name].problems(5, 6))
    def agree(problem: Problem) -> None:
        both(problem.replace(dual=0))

    agree()


@pytest.mark.parametrize("shape", [(6, 12), (30, 5), (5, 5), (1, 4), (4, 1)])
@pytest.mark.parametrize("near", [1.0, 1e-4, 1e-9])
def test_it_is_the_exact_path_of_floats_also_of_nearly_dependent_columns(
    shape: tuple[int, int], near: float
) -> None:
    both(floats(*shape, near=near))


def test_floats_are_decided_by_bounds_alone() -> None:
    run = BallLasso(floats(12, 24))
    knots = list(run)
    assert run.exactly == 0
    assert len(knots) > 10
    assert all(a.is_at_least(b.penalty_value) for a, b in pairwise(knots))


NEAR_TIES = {  # gap: who joins second, and whether that took exact numbers
    "1e-300": (((2, 1),), False),
    "-1e-300": (((1, 1),), False),
    "1e-2000": (((2, 1),), True),
    "0": (((1, 1), (2, 1)), True),
}


@pytest.mark.parametrize("gap", NEAR_TIES)
def test_near_ties_are_told_apart_and_ties_are_settled_by_themselves(gap: str) -> None:
    # columns of an orthogonal design enter at λ = |r_i|: 5, then two within the gap, then 1/3
    y = [5, 1, 1 + Fraction(gap), Fraction(1, 3)]
    problem = Problem([[int(i == j) for j in range(4)] for i in range(4)], y)
    run = BallLasso(problem)
    assert_same(LassoPath(problem, list(run), None), lasso_path(problem, arithmetic="rational"))
    assert (run.stages.found[1].events, run.exactly > 0) == NEAR_TIES[gap]


def test_twins_rest_on_their_bound_and_cost_exact_numbers_only_where_somebody_leaves() -> None:
    base = floats(8, 6)
    X = [[*row, row[0], -row[1]] for row in base.X]
    problem = Problem(X, base.y)
    run = BallLasso(problem)
    assert_same(LassoPath(problem, list(run), None), lasso_path(problem, arithmetic="rational"))
    assert 0 < run.exactly < len(run.stages.found)
    assert any(stage.still for stage in run.stages.found)


def test_low_precision_is_raised_and_at_last_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = floats(6, 9)
    known = lasso_path(problem, arithmetic="rational")
    for ladder in ((4, 7, 96), (4,), ()):
        monkeypatch.setattr(balls, "LADDER", ladder)
        run = BallLasso(problem)
        assert_same(LassoPath(problem, list(run), None), known)
        assert (run.exactly == 0) == (96 in ladder)


# --- each enclosure, against exact numbers ----------------------------------------------------------------


def all_events(problem: Problem, line: Line) -> list[tuple[int, int]]:
    joins = [
        (i, side)
        for i in range(problem.d)
        for side in (1, -1)
        if i not in line.active and problem.threshold(i, side) is not None
    ]
    return [*((i, 0) for i in line.active), *joins]


@pytest.mark.parametrize("bits", [6, 40, 96])
@pytest.mark.parametrize(("shape", "near"), [((8, 14), 1.0), ((25, 6), 1.0), ((8, 6), 1e-6)])
def test_every_form_contains_the_exact_one(shape: tuple[int, int], near: float, bits: int) -> None:
    problem = floats(*shape, near=near).replace(upper="3/7", lower="5/3")
    data = ScaledProblem(problem)
    lines = Lines(data)
    for knot in BallLasso(problem):
        if knot.is_last:
            break
        active = knot.stage.active
        line, exact = lines.at(active, bits), ExactLine.of(data, active)
        for i, side in all_events(problem, line):
            unit = data.dual_unit(i) if side else data.beta_unit(i) * data.time_unit
            a, h = exact.form((i, side))
            for ball, value in zip(line.form((i, side)), (a / unit, h * data.time_unit / unit), strict=True):
                assert contains(ball, value)
        lean = sum((exact.tilt[i] * problem.threshold(i, s) * s for i, s in active.items()), fmpq(0))
        scaled = lean / data.time_unit**2 / data.loss_unit / 2
        assert contains(line.lean(), scaled)


@pytest.mark.parametrize("bits", [4, 30, 96])
def test_binary64_never_excludes_the_first_event(bits: int) -> None:
    for problem in (floats(7, 12), floats(30, 6), floats(6, 6, near=1e-5)):
        lines = Lines(ScaledProblem(problem))
        known = list(BallLasso(problem))
        for above, knot in pairwise(known):
            found, surely = possible_events(lines.at(above.stage.active, bits), ())
            assert set(knot.stage.events) <= set(found)
            if surely and len(found) == 1:
                assert tuple(found) == knot.stage.events


# --- what it is as an object -------------------------------------------------------------------------------


def test_solutions_between_knots_are_exact_on_demand() -> None:
    problem = floats(7, 10)
    found, known = (lasso_path(problem, arithmetic=how) for how in ("ball", "rational"))
    assert (found.is_exact, known.is_exact) == (False, True)
    for penalty in (*(p * k / 7 for p in known.penalties[:4] for k in (3, 7, 8)), 0, *known.penalties[-3:]):
        assert found.at(penalty) == known.at(penalty)
    assert found.solutions(known.penalties[2]).unique
    for knot, exact in zip(found, known, strict=True):
        assert knot.is_at_least(exact.penalty_value)  # which no ball tells
        assert not knot.is_at_least(exact.penalty_value + fmpq(1, 10**60))
    prefix = lasso_path(problem, arithmetic="ball", max_knots=3)
    assert prefix.stopped_by == "max_knots = 3"
    assert prefix.at(known.penalties[2]) == known.at(known.penalties[2])
    with pytest.raises(Inconclusive, match="where this prefix ends"):
        prefix.at(known.penalties[3])


def test_texts_and_floats_are_those_of_the_exact_path() -> None:
    problem = floats(5, 8)
    for knot, exact in zip(
        *(lasso_path(problem, arithmetic=how) for how in ("ball", "rational")), strict=True
    ):
        assert knot.penalty_text(20) == exact.penalty_text(20)
        assert knot.loss_text(20) == exact.loss_text(20)
        assert knot.l1_norm_text(20) == exact.l1_norm_text(20)
        assert [knot.beta_text(i, 20) for i in range(8)] == [exact.beta_text(i, 20) for i in range(8)]
        assert knot.floats == pytest.approx(exact.floats, rel=1e-15)
        assert repr(knot) == repr(exact)


def test_it_is_carried_by_its_combinatorics() -> None:
    path = lasso_path(floats(5, 8), arithmetic="ball")
    before = len(pickle.dumps(path))
    path[2].penalty_ball(300)
    assert len(pickle.dumps(path)) == before
    again = pickle.loads(pickle.dumps(path))
    assert again == path
    assert hash(again) == hash(path)
    assert again[2].penalty_text(40) == path[2].penalty_text(40)
    assert path[1] != path[2]
    assert path[1] != lasso_path(floats(5, 8), arithmetic="rational")[1]


def test_which_arithmetic_is_decided_by_whole_numbers() -> None:
    assert not prefers_balls_for_lasso(floats(20, 40))
    assert prefers_balls_for_lasso(floats(50, 100))
    rng = np.random.default_rng(0)
    assert not prefers_balls_for_lasso(Problem(rng.integers(-5, 6, (60, 200)), rng.integers(-5, 6, 60)))
    with pytest.raises(InvalidInput, match="arithmetic"):
        lasso_path(floats(2, 2), arithmetic="float")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="initial dual 0"):
        lasso_path(floats(2, 2).replace(dual="1/2"), arithmetic="ball")


@pytest.mark.parametrize("middle", ["1", "1e-200", "-1", "0", "1e400"])
def test_the_root_of_a_form_is_within_its_bounds_in_binary64(middle: str) -> None:
    a, h = arb(1, "1/8"), arb(middle, 0) * arb(1, "1/8")
    low, high = _float_root(a, h)
    least, most = sorted(float(x / y) for x in (h.lower(), h.upper()) for y in (a.lower(), a.upper()))[::3]
    assert low <= max(least, 0.0)
    assert high >= most or most <= 0
    assert _float_root(a - 1, h)[1] == (np.inf if h > 0 else -1.0)
    assert _float_root(-a, h)[1] < 0
