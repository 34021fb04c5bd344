"""The rigorous integrator: balls contain closed forms, sharper runs and the exact limit."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.flow import Enclosure, Flowpipe, Progress, enclose, hull
from exactsaddle.flow.active_field import ActiveField, Sets
from exactsaddle.flow.between import Between, Missed
from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.jacobian import Jacobian
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.step import Place, Proved, Refused
from exactsaddle.flow.vector_field import BallField
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.problem import FloatArray
from tests.support.closed_forms import orthogonal_flow, precision_for
from tests.support.defects import defect_at, norm_of
from tests.support.problems import general_problems

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
THREE_BY_FIVE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
ALPHAS = [Fraction(1, 10**3), Fraction(1, 10**20), Fraction(1, 10**100), Fraction(1, 10**1000)]


def contains_exact(point: Enclosure, problem: Problem, alpha: Fraction) -> bool:
    bits = precision_for(alpha)
    exact = orthogonal_flow(problem, alpha, point.time)
    with ctx.workprec(bits), mpmath.workprec(bits):
        # the closed form is itself rounded: its last bits are not held against the ball
        slack = arb(0, arb(2) ** (-bits // 2))
        return all(
            ball.overlaps(arb(value) + slack)
            for ball, value in zip((*point.dual, *point.beta), (*exact.dual, *exact.beta), strict=True)
        )


# --- closed forms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alpha", [pytest.param(a, marks=pytest.mark.slow) if 1 / a > 10**100 else a for a in ALPHAS]
)
@pytest.mark.parametrize(
    "problem",
    [
        Problem([[1]], [1]),
        Problem([[2]], [-3]),
        Problem([[1, 1], [1, -1]], [3, 1]),
        Problem([[1, 0, 0], [0, 2, 0], [0, 0, Fraction(1, 3)]], [1, 1, 5]),
        Problem([[1]], [1], lower="inf", upper=2),
        Problem([[1]], [1], lower=1, upper="inf", dual=Fraction(1, 2)),
        Problem(
            [[1, 1], [1, -1]], [3, -1], lower=[1, 2], upper=[Fraction(1, 2), 3], dual=[Fraction(1, 2), -1]
        ),
    ],
    ids=str,
)
def test_balls_contain_the_closed_form(problem: Problem, alpha: Fraction) -> None:
    pipe = enclose(problem, alpha, [Fraction(1, 7), Fraction(1, 2), 1, Fraction(13, 5)], radius="1e-25")
    assert pipe.complete
    for point in pipe.points:
        assert contains_exact(point, problem, alpha)
        assert all(ball.rad() <= arb("1e-25") for ball in (*point.dual, *point.beta, point.loss))


@settings(max_examples=15)
@given(
    st.fractions(-3, 3, max_denominator=5),
    st.fractions(Fraction(1, 4), 3, max_denominator=4),
    st.fractions(Fraction(1, 4), 2, max_denominator=4),
    st.fractions(Fraction(1, 4), 2, max_denominator=4),
    st.fractions(Fraction(1, 20), 4, max_denominator=20),
    st.sampled_from([Fraction(1, 2), Fraction(9, 10), *ALPHAS[:3]]),
)
def test_balls_contain_random_closed_forms(
    y: Fraction, x: Fraction, lower: Fraction, upper: Fraction, time: Fraction, alpha: Fraction
) -> None:
    problem = Problem([[x]], [y], lower=lower, upper=upper, dual=(upper - lower) / 2)
    assert contains_exact(enclose(problem, alpha, [time]).points[0], problem, alpha)


@pytest.mark.parametrize("broken", ["magnitude", "lebesgue"])
def test_a_bound_between_the_nodes_that_is_broken_is_seen(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """One step through a jump whose tail is near the accuracy asked for, and its defect at many places."""
    with ctx.workprec(120):
        field = BallField.at(ReducedFlow.of(Problem([[1]], [1])), fmpq(1, 10**20))
        collocator = Collocator(ActiveField.of(field, Sets((0,), (), (0,))), Outlook(field), 30, 14)
        attempt = Place.of(field, fmpq(0), (arb(fmpq(63, 64)),), arb(0)), fmpq(1, 32)
        assert isinstance(collocator.step(*attempt, hasty=False), Refused)
        if broken == "magnitude":
            monkeypatch.setattr(BallField, "magnitude", lambda *_: arb(0))
        else:
            monkeypatch.setattr(Between, "missed", lambda *_: Missed(arb(0), arb(1), {}, 1.0, False))
            monkeypatch.setattr(collocator, "_lebesgue", arb(0))
        found = collocator.step(*attempt, hasty=False)
        assert isinstance(found, Proved)
        places = [found.step.length * fmpq(j, 64) for j in range(65)]
        assert not all(defect_at(field, found.step, place) <= found.step.defect for place in places)


def test_an_error_that_is_not_added_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, alpha = Problem([[1, 1], [1, -1]], [3, 1]), Fraction(1, 10**20)
    monkeypatch.setattr(hull, "_widened", lambda field, dual, error: list(dual))
    assert not contains_exact(
        enclose(problem, alpha, [1], radius="1e-10", keep=True).over(1, 1), problem, alpha
    )


def test_without_refinement_only_what_hardly_moves_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    solve = Jacobian.solve

    def coarse(self: Jacobian, left: FloatArray, tolerance: float) -> FloatArray | None:
        return solve(self, left, tolerance) if tolerance > 1e-9 else None

    monkeypatch.setattr(Jacobian, "solve", coarse)
    with pytest.raises(Inconclusive, match=r"budget of 300 steps ran out before t = 1 at \d+ bits"):
        enclose(Problem([[1]], [1]), "1e-20", [1], max_steps=300)


@settings(max_examples=10)
@given(general_problems(max_n=3, max_d=3), st.sampled_from(["1/2", "1e-5", "1e-40"]), st.fractions(0, 1))
def test_the_defect_is_bounded_between_the_nodes(problem: Problem, alpha: str, part: Fraction) -> None:
    pipe = enclose(problem, alpha, [2], keep=True)
    # where no β counts the defect is far below what the run tells apart
    with ctx.workprec(pipe.precision + 2000):
        field = BallField.at(pipe.reduced, to_rational(pipe.alpha))
        for step in pipe.steps:
            time = step.start + to_rational(part) * step.length
            assert defect_at(field, step, time) <= step.defect


# --- agreement ----------------------------------------------------------------------------------


@settings(max_examples=4)
@given(general_problems(max_n=3, max_d=3), st.sampled_from(["1/2", "1e-5", "1e-40"]))
def test_a_sharper_run_lies_in_the_balls(problem: Problem, alpha: str) -> None:
    times = [Fraction(1, 3), Fraction(2)]
    coarse = enclose(problem, alpha, times, radius="1e-8")
    sharp = enclose(problem, alpha, times, radius="1e-30")
    assert sharp.precision > coarse.precision
    for wide, narrow in zip(coarse.points, sharp.points, strict=True):
        for outer, inner in zip(
            (*wide.dual, *wide.beta, wide.loss), (*narrow.dual, *narrow.beta, narrow.loss), strict=True
        ):
            assert outer.overlaps(inner)
            assert inner.rad() <= arb("1e-30")


@pytest.mark.parametrize("radius", ["1e-25", "1e-30", "1e-35"])
def test_a_residual_that_is_rounding_is_looked_at_closer_not_corrected(radius: str) -> None:
    # found by Hypothesis: on a flat stretch the proposal is more accurate than the precision it is judged at
    problem = Problem([[2]], [1], lower="1/4", upper="1/4")
    (point,) = enclose(problem, "1e-40", [2], radius=radius).points
    assert point.beta[0].contains(arb("0.5"))
    assert point.beta[0].rad() <= arb(radius)


@pytest.mark.parametrize("alpha", ["1e-100", "1e-1000"])
@pytest.mark.parametrize("problem", [TWO_BY_THREE, THREE_BY_FIVE], ids=["2x3", "3x5"])
def test_no_plateau_is_slept_through(problem: Problem, alpha: str) -> None:
    # at 1e-1000 the Taylor coefficients at 0 are 1e-2000: a step that trusts them jumps to the end
    path = saddle_path(problem)
    times = [(a + b) / 2 for a, b in zip(path.jump_times, path.jump_times[1:], strict=False)]
    times.append(path.jump_times[-1] + 1)
    pipe = enclose(problem, alpha, times)
    for point, saddle in zip(pipe.points, path, strict=True):
        for ball, limit in zip(point.beta, saddle.beta, strict=True):
            assert abs(float(ball) - float(limit)) < 1e-6
    assert pipe.attempts == (pipe.precision,), "the first estimate of the precision is enough"


def test_general_thresholds_select_the_entropic_point() -> None:
    # MATHEMATICS.md §4: X = (1, 2), c = (1, 2), y = 3 ends at b₂ = 2b₁², b₁ + 2b₂ = 3
    problem = Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2])
    (point,) = enclose(problem, "1e-60", [2]).points
    assert point.beta[0].contains(arb("0.75")) or abs(float(point.beta[0]) - 0.75) < 1e-15
    assert abs(float(point.beta[1]) - 1.125) < 1e-15


def test_an_initial_dual_on_its_threshold_selects_the_entropic_point() -> None:
    # MATHEMATICS.md §4: X = (1, −1), s_0 = (1, 1), y = 3: b₁ − b₂ = 3 and b₁b₂ = ¼
    (point,) = enclose(Problem([[1, -1]], [3], dual=[1, 1]), "1e-60", [2]).points
    b1 = (3 + 10**0.5) / 2
    assert abs(float(point.beta[0]) - b1) < 1e-14
    assert abs(float(point.beta[0] * point.beta[1]) - 0.25) < 1e-14


def test_the_entropic_example_to_18_digits() -> None:
    problem = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])
    (point,) = enclose(problem, "1e-60", [1]).points
    with ctx.workprec(100):
        for ball, text in zip(
            point.beta, ("0.712814833772924812", "0.462814833772924812", "0.574370332454150376"), strict=True
        ):
            assert (arb(text) + arb(0, 1e-18)).contains(ball)
        product = (point.beta[0] * point.beta[1]).sqrt()
        assert abs(product - point.beta[2]) < arb("1e-18")


def test_raw_diabetes_is_stiff_and_still_enclosed() -> None:
    # S = 3,900 up to this time and 789,000 at the end: an explicit method has ℓ·S steps' worth of work
    problem = load_dataset("diabetes")
    (point,) = enclose(problem, "1e-16", [Fraction(1, 2000)], radius="1e-10").points
    limit = saddle_path(problem, max_saddles=3).at(Fraction(1, 2000))
    assert max(abs(float(b) - float(e)) for b, e in zip(point.beta, limit, strict=True)) < 1e-7


@pytest.mark.slow
def test_raw_diabetes_to_the_end() -> None:
    problem = load_dataset("diabetes")
    path = saddle_path(problem)
    end = path.jump_times[-1] * Fraction(3, 2)
    (point,) = enclose(problem, "1e-16", [end], radius="1e-10").points
    for ball, limit in zip(point.beta, path[-1].beta, strict=True):
        assert abs(float(ball) - float(limit)) < 1e-4


@settings(max_examples=20)
@given(general_problems(max_n=2, max_d=4), st.fractions(-2, 2))
def test_many_betas_are_the_same_betas(problem: Problem, shift: Fraction) -> None:
    with ctx.workprec(200):
        field = BallField.at(ReducedFlow.of(problem), fmpq(1, 1000))
        moves = [arb(to_rational(shift)), arb(0)]
        moved = arb_mat([[field.per_unit * move for move in moves]] * problem.d)
        distances = field.distances(field.dual_start)
        for i, row in enumerate(field.betas(range(problem.d), distances, moved, 180).tolist()):
            for beta, move in zip(row, moves, strict=True):
                again = field.beta(i, field.dual_start[i] + move)
                assert beta.overlaps(again)
                assert beta.rad() <= arb(2) ** -170 * (1 + abs(again).upper())


@pytest.mark.parametrize("lower", [1, "inf"])
def test_betas_too_small_to_be_computed_are_covered(lower: int | str) -> None:
    problem = Problem([[1]], [1], lower=lower, upper=1)
    with ctx.workprec(100):
        field = BallField.at(ReducedFlow.of(problem), fmpq(1, 10**9))
        duals = [arb("-0.1"), arb(0), arb("0.1")]
        moved = arb_mat([[field.per_unit * dual for dual in duals]])
        (row,) = field.betas([0], field.distances([arb(0)]), moved, 40).tolist()
        assert [ball.mid() for ball in row] == [0, 0, 0]
        for dual, ball in zip(duals, row, strict=True):
            assert ball.contains(field.beta(0, dual))


# --- intervals, budgets, input ------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept() -> Flowpipe:
    return enclose(TWO_BY_THREE, "1e-30", [Fraction(1, 10), Fraction(3, 4)], radius="1e-25", keep=True)


@settings(max_examples=20)
@given(st.fractions(0, Fraction(3, 4)), st.fractions(0, Fraction(3, 4)), st.fractions(0, 1))
def test_over_contains_every_time_between(kept: Flowpipe, a: Fraction, b: Fraction, part: Fraction) -> None:
    start, end = min(a, b), max(a, b)
    hull, point = kept.over(start, end), kept.at(start + part * (end - start))
    for outer, inner in zip(
        (*hull.dual, *hull.beta, hull.loss), (*point.dual, *point.beta, point.loss), strict=True
    ):
        assert outer.contains(inner) or outer.overlaps(inner)
        assert (outer + arb(0, inner.rad())).contains(inner.mid())
    for outer, inner in zip(kept.betas_over(start, end), point.beta, strict=True):
        assert (outer + arb(0, inner.rad())).contains(inner.mid())


def test_over_is_tight_on_a_plateau(kept: Flowpipe) -> None:
    # the middle of the first plateau, [1/4, 9/16]: β = (−4/5, 0, 0)
    hull = kept.over(Fraction(21, 64), Fraction(31, 64))
    assert abs(float(hull.beta[0]) + 0.8) < 1e-10
    assert float(abs(hull.beta[1]).upper()) < 1e-15
    assert float(hull.beta[0].rad()) < 1e-10


def test_kept_points_are_the_requested_points(kept: Flowpipe) -> None:
    for point in kept.points:
        again = kept.at(point.time)
        assert all(a.overlaps(b) for a, b in zip(again.beta, point.beta, strict=True))


def test_pieces_join(kept: Flowpipe) -> None:
    assert kept.steps[0].start == 0
    for before, after in zip(kept.steps, kept.steps[1:], strict=False):
        assert before.end == after.start
        with ctx.workprec(kept.precision):
            pairs = zip(before.duals(kept.ball_field, before.end), after.dual, strict=True)
            assert before.error + norm_of(kept.ball_field, [a - b for a, b in pairs]) <= after.error


def test_the_start_is_exact_and_times_may_be_zero() -> None:
    problem = Problem([[1, 2]], [3], dual=[Fraction(1, 3), Fraction(-1, 2)])
    (point,) = enclose(problem, "1e-10", [0]).points
    with ctx.workprec(point.precision):
        assert point.dual[1].is_exact()
        assert point.dual[1] == arb("-0.5")
        assert point.dual[0].contains(fmpq(1, 3))


@pytest.mark.parametrize("problem", [Problem([[0, 0]], [1]), Problem([[1]], [0])], ids=["X=0", "y=0"])
def test_what_cannot_move_stays(problem: Problem) -> None:
    (point,) = enclose(problem, "1e-30", [5]).points
    assert all(ball.contains(0) and float(ball.rad()) < 1e-20 for ball in (*point.dual, *point.beta))


def test_memory_does_not_grow_unless_asked() -> None:
    assert enclose(TWO_BY_THREE, "1e-10", [1]).steps == ()
    with pytest.raises(InvalidInput, match="keep=True"):
        enclose(TWO_BY_THREE, "1e-10", [1]).over(0, 1)


def test_over_refuses_what_is_outside(kept: Flowpipe) -> None:
    for start, end in ((-1, 0), (1, Fraction(1, 2)), (0, 100)):
        with pytest.raises(InvalidInput, match="is not an interval within"):
            kept.over(start, end)
    with pytest.raises(InvalidInput, match="at least one piece"):
        kept.over(0, Fraction(1, 2), pieces=0)


def test_progress_may_stop_the_run() -> None:
    seen: list[Progress] = []

    def stop_after_the_first_point(state: Progress) -> bool:
        seen.append(state)
        return not state.points

    pipe = enclose(TWO_BY_THREE, "1e-30", [Fraction(1, 10), 5], progress=stop_after_the_first_point)
    assert not pipe.complete
    assert [point.time for point in pipe.points] == [Fraction(1, 10)]
    assert seen[-1].steps == pipe.step_count
    assert [state.time for state in seen] == sorted(state.time for state in seen)


def test_budgets_are_inconclusive() -> None:
    with pytest.raises(Inconclusive, match=r"the budget of 12 steps ran out before t = 1 at \d+ bits"):
        enclose(TWO_BY_THREE, "1e-20", [1], radius="1e-24", max_steps=12)
    with pytest.raises(Inconclusive, match=r"needs \d+ bits, over the budget of 100"):
        enclose(TWO_BY_THREE, "1e-20", [1], radius="1e-24", max_precision=100)


def test_a_missed_radius_raises_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.flow.view.bits_needed", lambda *_: 30)
    pipe = enclose(TWO_BY_THREE, "1e-20", [Fraction(2, 5)], radius="1e-24")
    assert len(pipe.attempts) > 1
    assert list(pipe.attempts) == sorted(pipe.attempts)
    assert all(ball.rad() <= arb("1e-24") for ball in pipe.points[0].beta)


def test_working_precision_is_left_alone() -> None:
    before = ctx.prec
    enclose(TWO_BY_THREE, "1e-20", [Fraction(1, 10)], keep=True).over(0, Fraction(1, 10))
    assert ctx.prec == before


@pytest.mark.parametrize(
    ("alpha", "times", "radius", "message"),
    [
        (0, [1], "1e-20", "alpha must lie strictly between 0 and 1, not 0"),
        (1, [1], "1e-20", "alpha must lie strictly between 0 and 1, not 1"),
        ("-1e-5", [1], "1e-20", "alpha must lie strictly between 0 and 1, not -1/100000"),
        (Fraction(3, 2), [1], "1e-20", "not 3/2"),
        ("1e-5", [], "1e-20", "no times"),
        ("1e-5", "1", "1e-20", "times must be a sequence"),
        ("1e-5", [-1], "1e-20", "time -1 is negative"),
        ("1e-5", [1, "1/2"], "1e-20", "times must increase, but 1/2 follows 1"),
        ("1e-5", [1, 1], "1e-20", "times must increase"),
        ("1e-5", [1], 0, "radius must be positive"),
        ("1e-5", [1], "-1", "radius must be positive"),
        (float("nan"), [1], "1e-20", "not finite"),
    ],
)
def test_bad_input(alpha: object, times: object, radius: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        enclose(TWO_BY_THREE, alpha, times, radius=radius)  # type: ignore[arg-type]


@settings(max_examples=30)
@given(general_problems(max_n=4, max_d=4))
def test_the_reduction_factors_the_gram_matrix(problem: Problem) -> None:
    flow, d = ReducedFlow.of(problem), problem.d
    for i in range(d):
        for j in range(d):
            product = sum((flow.reduction[a][i] * flow.gram_rows[a][j] for a in range(flow.rank)), fmpq(0))
            assert to_fraction(product) == problem.gram[i][j]
        moved = sum((flow.reduction[a][i] * flow.correlation[a] for a in range(flow.rank)), fmpq(0))
        assert to_fraction(moved) == problem.correlation[i]
        assert to_fraction(flow.diagonal[i]) == problem.gram[i][i]
    for a, row in enumerate(flow.metric):
        for b in range(flow.rank):
            entry = sum((x * flow.gram_rows[c][flow.pivots[b]] for c, x in enumerate(row)), fmpq(0))
            assert entry == (a == b)
