"""The ball engine against the rational one: same events whatever is proposed, numbers contained."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, Saddle, SaddlePath, load_dataset, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.numbers import Matrix
from exactsaddle.path import MAX_BITS
from exactsaddle.path.engines import fit as fit_module
from exactsaddle.path.engines import inverse as inverse_module
from exactsaddle.path.engines import local as local_module
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.path.engines.binary import Floats
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.dependence import first_by_dependence
from exactsaddle.path.engines.fit import squared_residual
from tests.support.floats import floats_refusing
from tests.support.problems import general_problems, standard_problems


def combinatorics(saddles: Sequence[Saddle]) -> list[tuple[object, ...]]:
    return [(s.support, s.signs, s.active_set, s.hits) for s in saddles]


def exact_numbers(saddles: Sequence[Saddle]) -> list[tuple[object, ...]]:
    return [(s.jump_time, s.beta, s.dual, s.gradient, s.loss, s.next_hit) for s in saddles]


def contains(ball: arb, value: fmpq) -> bool:
    with flint.ctx.workprec(10_000):
        return not (ball - arb(value) > 0 or ball - arb(value) < 0)


def agree(problem: Problem, found: Sequence[Saddle]) -> SaddlePath:
    expected = saddle_path(problem, arithmetic="rational")
    assert combinatorics(found) == combinatorics(expected)
    return expected


@settings(max_examples=40)
@given(standard_problems(4, 6) | general_problems())
def test_same_events_and_the_same_numbers_on_demand(problem: Problem) -> None:
    path = saddle_path(problem, arithmetic="ball")
    expected = agree(problem, path)
    assert path.complete
    assert exact_numbers(path) == exact_numbers(expected)
    for event, other in zip(path.events, expected.events, strict=True):
        assert (event.time, event.hits, event.entered, event.left) == (
            other.time,
            other.hits,
            other.entered,
            other.left,
        )


@settings(max_examples=20)
@given(standard_problems() | general_problems(), st.integers(5, 60))
def test_balls_contain_the_rationals_and_are_as_small_as_asked(problem: Problem, digits: int) -> None:
    for found, exact in zip(
        saddle_path(problem, arithmetic="ball"), saddle_path(problem, arithmetic="rational"), strict=True
    ):
        for ball, value in [
            (found.jump_time_ball(digits), exact.time),
            (found.loss_ball(digits), exact.loss_value),
            *zip(found.beta_ball(digits), exact.beta_vector, strict=True),
        ]:
            assert contains(ball, value)
            assert ball.rad() <= abs(ball.mid()) * arb(10) ** -digits
        for i, (ball, value) in enumerate(zip(found.dual_ball(digits), exact.dual_vector, strict=True)):
            assert contains(ball, value)
            bounds = [c for c in (problem.threshold(i, 1), problem.threshold(i, -1)) if c is not None]
            assert ball.rad() <= arb(min(bounds)) * arb(10) ** -digits


@settings(max_examples=25)
@given(standard_problems() | general_problems(), st.integers(1, 6))
def test_precision_may_start_absurdly_low(problem: Problem, bits: int) -> None:
    with floats_refusing():
        agree(problem, list(BallRun(problem, MAX_BITS, bits)))


def test_at_few_bits_nobody_lands_on_an_infinite_threshold() -> None:
    rows = [[0, 0, 0, 0], [0, -1, 2, 0], [1, 0, 0, -1], [0, 1, 2, 0]]
    quarter = "1/4"
    problem = Problem(
        rows, [0, 2, -3, 0], lower=["1/2", quarter, quarter, quarter], upper=[*[quarter] * 3, "inf"]
    )
    with floats_refusing():
        agree(problem, list(BallRun(problem, MAX_BITS, 1)))


def test_precision_climbs_until_it_decides() -> None:
    rng = np.random.default_rng(3)
    problem = Problem(rng.normal(size=(8, 12)), rng.normal(size=8))
    run = BallRun(problem, MAX_BITS, 2)
    with floats_refusing():
        expected = agree(problem, list(run))
    assert run.decisions.precision_raised + run.decisions.hits_exact > 0
    assert len(expected) > 8


class Noise:
    """Random columns for every proposal, whatever is asked."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(
        self, data: ScaledProblem, active: Mapping[int, int], support: Sequence[int]
    ) -> tuple[int, ...]:
        return tuple(self._random.sample(range(data.d), self._random.randint(0, data.d)))


@settings(max_examples=25)
@given(standard_problems() | general_problems(), st.integers(0, 2**16))
def test_noise_for_proposals_changes_nothing_but_the_time(problem: Problem, seed: int) -> None:
    agree(problem, list(BallRun(problem, MAX_BITS, 64, Noise(seed))))


@pytest.mark.parametrize("inverse", ["noise", "zero", "nan", "huge", "none"])
def test_a_wrong_float_inverse_changes_nothing_but_the_time(
    inverse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)

    def wrong(gram: Floats) -> Floats | None:
        shape = gram.shape
        return {
            "noise": rng.normal(size=shape),
            "zero": np.zeros(shape),
            "nan": np.full(shape, np.nan),
            "huge": np.full(shape, 1e308),
            "none": None,
        }[inverse]

    monkeypatch.setattr(inverse_module, "approximate_inverse", wrong)
    problem = Problem(rng.normal(size=(5, 8)), rng.normal(size=5))
    with floats_refusing():
        agree(problem, list(BallRun(problem, MAX_BITS, 64)))


def test_fits_refined_and_fits_from_the_exact_solution_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    problem = Problem(rng.normal(size=(6, 9)), rng.normal(size=6))
    exact = problem.normal_equations.least_squares((1, 4, 5))
    data = ScaledProblem(problem)
    for refined_bits in (2048, 10**6):
        monkeypatch.setattr(fit_module, "REFINED_BITS", refined_bits)
        fit = fit_module.Fitter(data).fit((1, 4, 5), 4000)
        for place, j in enumerate(fit.columns):
            with flint.ctx.workprec(8000):
                found = fit.coefficient(place, data.row_exponents[j]) * arb(data.beta_unit(j))
                assert found.contains(arb(exact[j]))
                assert found.rel_accuracy_bits() > 3900
        residual = [y - v for y, v in zip(problem.y, problem.fitted(exact.fractions()), strict=True)]
        with flint.ctx.workprec(8000):
            squared = sum((arb(fmpq(r.numerator, r.denominator)) ** 2 for r in residual), arb(0))
            assert (squared_residual(data, fit) * arb(data.loss_unit) * 12).overlaps(squared)


def test_exact_fits_on_dependent_columns_are_inconclusive() -> None:
    problem = Problem([[1, 2, 0], [2, 4, 1]], [1, 1])
    with pytest.raises(Inconclusive, match=r"\[0, 1\]"):
        fit_module.Fitter(ScaledProblem(problem)).fit((0, 1), 4000)


def test_a_near_tie_is_decided_right() -> None:
    # X = I: r = y/2, coordinate i hits at 2/y_i; the first two differ by about 2e-300.
    tiny = Fraction(1, 10**300)
    later = saddle_path(Problem([[1, 0], [0, 1]], [1, 1 - tiny]), arithmetic="ball")
    sooner = saddle_path(Problem([[1, 0], [0, 1]], [1, 1 + tiny]), arithmetic="ball")
    assert [s.support for s in later] == [(), (0,), (0, 1)]
    assert [s.support for s in sooner] == [(), (1,), (0, 1)]


def test_a_near_tie_in_a_long_history_is_decided_by_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    # Column 20 is column 3 but for 1e-100 in one entry: independent, and nobody else is so close.
    monkeypatch.setattr(local_module, "EXACT_BITS_PER_BIT", 0)
    rng = np.random.default_rng(1)
    X = [[Fraction(float(x)) for x in row] for row in rng.normal(size=(12, 20))]
    X = [[*row, row[3]] for row in X]
    X[0][20] += Fraction(1, 10**100)
    problem = Problem(X, [float(v) for v in rng.normal(size=12)])
    run = BallRun(problem, MAX_BITS, 64)
    agree(problem, list(run))
    assert run.decisions.bits > 332
    assert run.decisions.hits_exact == 0


def test_exact_ties_are_recognised_as_exact() -> None:
    # X = I, y = (1, 1): both hit at t = 2.
    tie = saddle_path(Problem([[1, 0], [0, 1]], [1, 1]), arithmetic="ball")
    assert tie[0].hits == {0: 1, 1: 1}
    assert tie.decisions is not None
    assert tie.decisions.hits_exact == 1


def test_a_tie_by_dependence_needs_no_history() -> None:
    # Column 20 is a copy of column 3, so they tie at whatever time column 3 lands.
    rng = np.random.default_rng(1)
    X = [[float(x) for x in row] for row in rng.normal(size=(12, 20))]
    problem = Problem([[*row, row[3]] for row in X], [float(v) for v in rng.normal(size=12)])
    run = BallRun(problem, 128, 128)
    saddles = list(run)
    assert run.decisions.ties_by_dependence >= 1
    assert run.decisions.hits_exact == 0
    agree(problem, saddles)


def test_dependence_orders_landings() -> None:
    # X_1 = X_0/2: s_1 is at 1/2 when s_0 lands on 1: later, together or earlier, as its threshold is.
    for threshold, first in [(1, (0,)), (Fraction(1, 2), (0, 1)), (Fraction(1, 4), (1,))]:
        problem = Problem([[2, 1]], [1], upper=[1, threshold])
        assert first_by_dependence(problem, {}, {0: 1, 1: 1}) == first
    assert first_by_dependence(Problem([[1, 0], [0, 1]], [1, 1]), {}, {0: 1, 1: 1}) is None


def test_the_first_independent_column_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem([[1, 0, 0, 0, 2], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0]], [1, 1, 1, 1])
    asked: list[int] = []
    combination = Matrix.combination

    def counting(self: Matrix, columns: Any, target: int) -> Any:
        asked.append(target)
        return combination(self, columns, target)

    monkeypatch.setattr(Matrix, "combination", counting)
    assert first_by_dependence(problem, {}, {0: 1, 4: 1, 1: 1, 2: 1, 3: 1}) is None
    assert asked == [4, 1]  # 4 depends on 0; 1 does not


def test_a_budget_that_does_not_decide_leaves_a_prefix_that_names_the_candidates() -> None:
    # Swapping rows 0 and 1 swaps columns 0 and 1 and changes nothing else: an exact tie.
    problem = Problem([[0, 1, 2], [1, 0, 2], [0, 0, 1]], [-1, -1, 2])
    exact = saddle_path(problem, arithmetic="rational")
    tied = next(s.index for s in exact if len(s.hits) == 2)
    assert tied > 0
    run = saddle_path(problem, arithmetic="ball", max_bits=1)
    assert not run.complete
    assert len(run) == tied
    assert "columns x0, x1 were not told apart" in str(run.stopped_by)
    assert combinatorics(run) == combinatorics(exact[:tied])


def test_badly_scaled_data() -> None:
    rng = np.random.default_rng(5)
    scales = [Fraction(10) ** e for e in (-400, -3, 0, 5, 320, 12, -20)]
    rows = [
        [Fraction(float(x)) * c for x, c in zip(row, scales, strict=True)] for row in rng.normal(size=(5, 7))
    ]
    problem = Problem(
        rows, [Fraction(float(v)) * 10**50 for v in rng.normal(size=5)], upper=[1, 2, 3, 4, 5, 6, 7]
    )
    agree(problem, saddle_path(problem, arithmetic="ball"))


def test_columns_close_to_dependent_are_proved_independent() -> None:
    # The float Gram matrix of columns 0 and 1 is singular; their exact one is not.
    tiny = Fraction(1, 10**40)
    problem = Problem([[1, 1, 1], [0, tiny, 1], [2, 2, 0]], [3, 1, 2])
    agree(problem, saddle_path(problem, arithmetic="ball"))


@pytest.mark.parametrize("name", ["diabetes", "planted"])
def test_packaged_data(name: str) -> None:
    problem = load_dataset(name)
    path = saddle_path(problem, arithmetic="ball")
    assert exact_numbers(path) == exact_numbers(agree(problem, path))


def test_auto_takes_rationals_for_small_problems_and_balls_for_large() -> None:
    assert saddle_path(Problem([[1, 2]], [1])).decisions is None
    rng = np.random.default_rng(0)
    path = saddle_path(Problem(rng.normal(size=(20, 40)), rng.normal(size=20)))
    assert path.decisions is not None
    counts = path.decisions.to_json()
    assert counts["supports_by_floats"] == len(path)
    assert counts["hits_by_floats"] == len(path) - 1
    assert counts["bits"] == 53


def test_prefixes_of_a_ball_run() -> None:
    rng = np.random.default_rng(0)
    problem = Problem(rng.normal(size=(6, 9)), rng.normal(size=6))
    whole = saddle_path(problem, arithmetic="ball")
    cut = saddle_path(problem, arithmetic="ball", max_saddles=3)
    assert cut.stopped_by == "max_saddles = 3"
    assert cut.horizon == whole[3].jump_time
    asked = saddle_path(problem, arithmetic="ball", progress=lambda saddle: saddle.index < 2)
    assert asked.stopped_by == "request"
    assert combinatorics(asked) == combinatorics(whole[:3])


def test_printing_does_not_compute_rationals() -> None:
    rng = np.random.default_rng(0)
    path = saddle_path(Problem(rng.normal(size=(6, 9)), rng.normal(size=6)), arithmetic="ball")
    for saddle in path:
        repr(saddle)
        saddle.loss_text(7)
        saddle.l1_norm_text(7)
        assert "beta_vector" not in saddle.__dict__
    exact = saddle_path(path.problem, arithmetic="rational")
    assert [s.jump_time_text(9) for s in path] == [s.jump_time_text(9) for s in exact]
    assert [s.loss_text(9) for s in path[:-1]] == [s.loss_text(9) for s in exact[:-1]]


def test_the_working_precision_of_flint_is_left_alone() -> None:
    before = flint.ctx.prec
    path = saddle_path(load_dataset("diabetes"), arithmetic="ball")
    path[3].dual_ball(50)
    repr(path)
    assert flint.ctx.prec == before


def test_duals_do_not_depend_on_the_order_in_which_they_are_read() -> None:
    problem = load_dataset("planted")
    exact = [list(saddle.dual_vector) for saddle in saddle_path(problem, arithmetic="rational")]
    path = saddle_path(problem, arithmetic="ball")
    for k in (2, 5, 1, 4, 0, 3, 3):
        for digits in (12, 40, 12):
            balls = path[k].dual_ball(digits)
            assert all(contains(ball, s) for ball, s in zip(balls, exact[k], strict=True))


def test_digits_of_a_dual_whose_error_bound_overflows_come_from_rationals() -> None:
    tiny = Fraction(1, 2**600)  # a near-copy: the condition of the columns is beyond binary64
    X = [[0, 0, -tiny], [-1, 1, -1 - tiny], [-1, -1, -1 - tiny / 2]]
    exact = saddle_path(Problem(X, [1, 1, 1]), arithmetic="rational")
    path = saddle_path(Problem(X, [1, 1, 1]), arithmetic="ball")
    assert [saddle.hits for saddle in path] == [saddle.hits for saddle in exact]
    for saddle, true in zip(path, exact, strict=True):
        pairs = [
            *zip(saddle.dual_ball(40), true.dual, strict=True),
            (saddle.jump_time_ball(40), true.jump_time),
        ]
        with flint.ctx.workprec(4096):
            for ball, value in pairs:
                assert ball.overlaps(arb(fmpq(value.numerator, value.denominator)))
                assert ball.rad() <= arb(10) ** -38 * (1 + abs(ball))
