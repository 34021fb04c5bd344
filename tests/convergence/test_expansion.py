from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.convergence import (
    Convergence,
    ConvergenceProgress,
    converge,
    corrections,
    jump_corrections,
    middle,
)
from exactsaddle.convergence.expansion import offset
from exactsaddle.convergence.hypotheses import Hypothesis, closed_form_failures, plateau_failures
from exactsaddle.convergence.measurement import arrival, arrival_by_flow
from exactsaddle.convergence.orbits import transition
from exactsaddle.convergence.rates import predicted_rate, relaxation_rate, remainder_exponent
from exactsaddle.flow import enclose
from exactsaddle.numbers import LogSum, above, agreed, ball_to_json, digits_below, recognise, to_rational
from tests.support.command import run
from tests.support.gram import problem_from_gram
from tests.support.problems import standard_problems

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
DYING_HITTER = problem_from_gram(
    [["1", "3/2", "1/4"], ["3/2", "4", "1/4"], ["1/4", "1/4", "1"]], ["1", "1", "1/2"]
)
LEAVING = Problem([[1, 0], [-2, -1]], [-1, -2])
ZERO_SLACK = problem_from_gram([["1", "1", "0"], ["1", "2", "1/2"], ["0", "1/2", "1"]], ["1", "1", "1/2"])


@cache
def two_by_three_at_1e_12_and_1e_24() -> Convergence:
    return converge(saddle_path(TWO_BY_THREE), ["1e-12", "1e-24"], digits=20)


# --- sums of logarithms -----------------------------------------------------------------------


def test_a_log_sum_merges_inverts_and_drops() -> None:
    total = LogSum([(fmpq(1), fmpq(2)), (fmpq(2), fmpq(1, 2)), (fmpq(5), fmpq(1)), (fmpq(1, 3), fmpq(7))])
    assert total.terms == ((Fraction(-1), Fraction(2)), (Fraction(1, 3), Fraction(7)))
    assert sympy.simplify(total.expression - (sympy.log(7) / 3 - sympy.log(2))) == 0
    assert (total * fmpq(-3)).terms == ((Fraction(3), Fraction(2)), (Fraction(-1), Fraction(7)))
    assert total.ball(200).overlaps(arb(7).log() / 3 - arb(2).log())
    assert LogSum([(fmpq(1), fmpq(3)), (fmpq(1), fmpq(1, 3))]).terms == ()


def test_a_log_sum_prints_as_sympy_does_at_any_length() -> None:
    for total in (
        LogSum([]),
        LogSum([(fmpq(-2, 3), fmpq(5, 7)), (fmpq(2, 3), fmpq(3))]),
        LogSum([(fmpq(1), fmpq(2))]),
    ):
        assert str(total) == str(total.expression)
    assert len(str(LogSum([(fmpq(1), fmpq(10) ** 5000 + 1)]))) > 5000


# --- the closed form, by hand -------------------------------------------------------------------


def test_second_jump_of_the_two_by_three_problem() -> None:
    # G = [[5,-4,5],[-4,16,-12],[5,-12,10]], r = (-4,0,-2): t_1 = 1/4, beta_1 = (-4/5,0,0), and at t_2 = 9/16
    # coordinate 1 hits with g_1 = 16/5. c = G_10 (sigma ln 2|beta|)/(2 G_00 g_1) = -4(-ln(8/5))/(2·5·16/5).
    first, second = jump_corrections(saddle_path(TWO_BY_THREE))
    assert (first.time, first.coordinate, first.closed_form and first.closed_form.terms) == (
        Fraction(1, 4),
        0,
        (),
    )
    assert (second.time, second.coordinate) == (Fraction(9, 16), 1)
    assert second.closed_form is not None
    assert second.closed_form.expression == sympy.log(sympy.Rational(8, 5)) / 8
    assert second.closed_form.ball(100).overlaps(arb("0.0587504536557169442"))


def test_the_offset_on_the_support_is_half_the_logarithm() -> None:
    path = saddle_path(Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1]))
    for saddle in path:
        known = offset(path, saddle.index).closed_form
        assert known is not None
        for i in saddle.support:
            expected = LogSum([(fmpq(saddle.signs[i], 2), to_rational(2 * abs(saddle.beta[i])))])
            assert known[i].terms == expected.terms


@pytest.mark.slow
def test_general_thresholds_and_duals_shift_nothing_but_the_times() -> None:
    # The same data with c = (3, 2, 5) and s_0 = (-2, 1/2, -1): D on a plateau depends on beta and G alone.
    general = TWO_BY_THREE.replace(lower=[3, 2, 5], upper=[3, 2, 5], dual=[-2, Fraction(1, 2), -1])
    path = saddle_path(general)
    for saddle in path:
        if closed_form_failures(path, saddle.index):
            continue
        found = converge(path, ["1e-30", "1e-60"], digits=25)
        for jump in found.jumps:
            assert jump.digits is not None
            assert jump.digits >= 15
            assert jump.correction_digits is not None
            assert jump.correction_digits >= 15
        break
    else:
        pytest.fail("no plateau with a closed form")


# --- hypotheses, each failing once ---------------------------------------------------------------


def names(path: SaddlePath, k: int) -> list[tuple[Hypothesis, int, tuple[int, ...]]]:
    return [(f.hypothesis, f.plateau, f.coordinates) for f in closed_form_failures(path, k)]


def test_a_tied_hitter_that_dies_is_named() -> None:
    path = saddle_path(DYING_HITTER)
    assert names(path, 0) == []
    assert names(path, 1) == [(Hypothesis.HITTERS_ENTER, 1, (1,))]
    assert names(path, 2) == [(Hypothesis.HITTERS_ENTER, 1, (1,))]
    assert names(path, 3) == []  # it has entered by then: the closed form is back


def test_zero_slack_is_named_on_its_plateau_and_afterwards() -> None:
    path = saddle_path(ZERO_SLACK)
    assert names(path, 1) == [(Hypothesis.NO_ZERO_SLACK, 1, (1,))]
    assert names(path, 2) == [(Hypothesis.NO_ZERO_SLACK, 1, (1,))]
    assert names(path, 3) == []
    assert [f.hypothesis for f in plateau_failures(path[1])] == [Hypothesis.NO_ZERO_SLACK]
    assert predicted_rate(path[1]).at(Fraction(3, 2)) is None
    assert plateau_failures(path[2]) == ()
    assert offset(path, 1).closed_form is None
    assert str(closed_form_failures(path, 1)[0]) == '"no zero slack" fails on plateau 1 (x1)'


def test_a_coordinate_that_left_is_named() -> None:
    # G = [[5/2, 1], [1, 1/2]], r = (3/2, 1): beta_1 = (3/5, 0) from t = 2/3, where g_1 = −2/5 brings s_1 from
    # 2/3 to 1 at t = 3/2. There beta_2 = (0, 2), g_0 = 1/2: coordinate 0 left, until s_0 = −1 at t = 11/2.
    path = saddle_path(LEAVING)
    assert path.jump_times == (0, Fraction(2, 3), Fraction(3, 2), Fraction(11, 2))
    assert [saddle.support for saddle in path] == [(), (0,), (1,), (0, 1)]
    assert names(path, 1) == []
    assert names(path, 2) == [(Hypothesis.NOBODY_LEFT, 2, (0,))]
    assert names(path, 3) == []


def test_a_coordinate_that_leaves_onto_a_zero_gradient_has_zero_slack() -> None:
    # y = −X_0 is fitted exactly by (−1, 0): coordinate 1 reaches 0 with s_1 = 1 and g_1 = 0, and rests there.
    path = saddle_path(Problem([[1, -2], [0, -1]], [-1, 0]))
    assert path[2].beta == (-1, 0)
    assert names(path, 2) == [(Hypothesis.NO_ZERO_SLACK, 2, (1,))]


def test_a_selected_minimiser_that_is_not_rational_is_named() -> None:
    path = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
    assert names(path, 1) == []
    assert names(path, 2) == [(Hypothesis.RATIONAL_LIMIT, 2, (0, 1, 2))]
    assert plateau_failures(path[2]) == ()


@pytest.mark.slow
@given(standard_problems(max_n=3, max_d=4))
@settings(max_examples=10)
def test_offsets_by_closed_form_agree_with_orbit_integrals(problem: Problem) -> None:
    """Two routes: the closed form on plateau k, and one orbit from the offset on plateau k − 1."""
    path = saddle_path(problem)
    for before, after in pairwise(path):
        start, end = offset(path, before.index), offset(path, after.index)
        if start.closed_form is None or end.closed_form is None:
            continue
        jump = transition(before, after, [value.ball(120) for value in start.closed_form])
        assert not jump.failed
        assert jump.offset is not None
        for integral, closed in zip(jump.offset, end.closed_form, strict=True):
            assert abs(float(integral - closed.ball(120))) < 1e-11


# --- rates --------------------------------------------------------------------------------------


def test_relaxation_rates_by_hand() -> None:
    # plateau 1: |beta| G = 4/5 · 5 = 4, twice that 8. Plateau 2: |beta| = (1, 1/4), G = [[5,-4],[-4,16]]:
    # D G = [[5,-4],[-1,4]], characteristic polynomial x² − 9x + 16, least root (9 − √17)/2.
    path = saddle_path(TWO_BY_THREE)
    assert relaxation_rate(path[1]).overlaps(arb(8))
    with ctx.workprec(128):
        assert relaxation_rate(path[2]).overlaps(9 - arb(17).sqrt())
    assert relaxation_rate(path[2]).rad() < arb(2) ** -30


def test_equal_eigenvalues_are_separated_from_zero_only() -> None:
    path = saddle_path(Problem([[2, 0], [0, 2]], [2, 2]))
    assert relaxation_rate(path[1]).overlaps(arb(4))


def test_the_predicted_exponent_is_the_least_of_slack_and_relaxation() -> None:
    # plateau 1: s_1(t) = (0 at t=0; r_1 = 0) … |s_1(1/4)| = 0, |s_2(1/4)| = 1/2, slopes −16/5 and 2.
    path = saddle_path(TWO_BY_THREE)
    rate = predicted_rate(path[1])
    for t in (Fraction(9, 32), Fraction(3, 8), Fraction(1, 2)):
        duals = path.dual_at(t)
        expected = min(*(2 * (1 - abs(duals[i])) for i in (1, 2)), 8 * (t - Fraction(1, 4)))
        found = rate.at(t)
        assert found is not None
        assert found.overlaps(arb(to_rational(expected)))


def test_the_side_that_faces_the_support_bounds_the_rate_where_columns_are_dependent() -> None:
    """The problem of corpus irrational-selection-of-math: the flow stays α⁴ from its point for good."""
    path = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
    rate = predicted_rate(path[-1])
    assert rate.relaxation is not None
    assert float(rate.relaxation) * (2 - 1 / 6) > 15  # by relaxation alone
    assert rate.at(2) == 4
    with ctx.workprec(160):
        apart = [
            max(
                float(abs(b - chosen))
                for b, chosen in zip(
                    enclose(path.problem, alpha, [2], radius="1e-24").points[0].beta,
                    path[-1].selected.balls,
                    strict=True,
                )
            )
            for alpha in ("1e-2", "1e-3")
        ]
    assert math.log10(apart[0] / apart[1]) == pytest.approx(4, abs=1e-3)
    assert predicted_rate(saddle_path(TWO_BY_THREE)[-1]).widths == ()


@pytest.mark.slow
def test_a_near_miss_is_remembered() -> None:
    # r = (−7, −6, 7/2): t_1 = 1/7, where s_1 = −6/7 misses its threshold by 1/7 and turns back. At t_2 the
    # remainder of c is of order alpha^(2/7), although the distance to beta_1 has exponent 3/2 by then.
    path = saddle_path(Problem([[1, 3, -3], [3, 3, -2]], [1, -5]))
    rate = predicted_rate(path[1])
    found = converge(path, ["1e-40"], digits=30)
    time = found.jumps[1].observed_at
    assert float(rate.at(time) or 0) == pytest.approx(1.5)
    exponent = remainder_exponent(path, rate, time, 2)
    assert exponent is not None
    assert exponent.overlaps(arb(2) / 7)
    assert found.jumps[1].correction_digits in (11, 12, 13)  # 40 · 2/7 = 11.4
    slack = saddle_path(ZERO_SLACK)
    assert remainder_exponent(slack, predicted_rate(slack[1]), 2, 2) is None


def test_zero_columns_do_not_count_unless_their_thresholds_differ() -> None:
    assert set(predicted_rate(saddle_path(Problem([[1, 0]], [2]))[1]).slacks.keys()) == set()
    shifted = Problem([[1, 0]], [2], dual=[0, Fraction(1, 2)])
    assert set(predicted_rate(saddle_path(shifted)[1]).slacks.keys()) == {1}


@pytest.mark.slow
def test_measured_rates_meet_the_prediction() -> None:
    found = converge(saddle_path(TWO_BY_THREE), ["1e-20", "1e-30"], digits=36)
    for plateau in found.plateaus:
        assert plateau.measured is not None
        assert plateau.predicted is not None
        assert abs(float(plateau.measured - plateau.predicted)) < 1e-5


# --- the flow against the path --------------------------------------------------------------------


def _assert_jump_times_are_reconstructed(found: Convergence, digits: int) -> None:
    assert [jump.correction.exact.time for jump in found.jumps] == [Fraction(1, 4), Fraction(9, 16)]
    for jump in found.jumps:
        assert jump.digits is not None
        assert jump.digits >= digits
        assert jump.extrapolated is not None
        assert jump.recognised is not None
        assert jump.recognised.value == jump.correction.exact.time
        assert jump.recognised.digits >= digits
    assert found.jumps[1].correction_digits is not None
    assert found.jumps[1].correction_digits >= digits


def test_jump_times_are_reconstructed_to_10_digits() -> None:
    _assert_jump_times_are_reconstructed(two_by_three_at_1e_12_and_1e_24(), 10)


def test_chosen_plateaus_are_as_in_the_whole() -> None:
    whole = two_by_three_at_1e_12_and_1e_24()
    found = converge(whole.path, whole.alphas, digits=20, plateaus=[1, 1])
    (plateau,), (jump,) = found.plateaus, found.jumps
    assert plateau.plateau == 1
    assert (plateau.start, plateau.end) == middle(whole.path, 1)
    assert all(a.overlaps(b) for a, b in zip(plateau.probed, whole.plateaus[1].probed, strict=True))
    assert jump.correction.exact == whole.jumps[1].correction.exact
    assert jump.scaled[-1].overlaps(whole.jumps[1].scaled[-1])
    assert found.verdict.status is Status.VERIFIED
    assert found.verdict.claim.endswith("in the middle of plateau 1")


@pytest.mark.parametrize("bad", [[], [3], [-1], [True]])
def test_plateaus_that_there_are_not(bad: list[int]) -> None:
    with pytest.raises(InvalidInput, match="plateau"):
        converge(saddle_path(TWO_BY_THREE), ["1e-3"], plateaus=bad)


@pytest.mark.slow
def test_jump_times_are_reconstructed_to_45_digits() -> None:
    _assert_jump_times_are_reconstructed(converge(saddle_path(TWO_BY_THREE), ["1e-50", "1e-100"]), 45)


def test_distances_fall_and_contain_the_flow() -> None:
    found = two_by_three_at_1e_12_and_1e_24()
    assert found.verdict.status is Status.VERIFIED
    for plateau in found.plateaus:
        assert plateau.supremum[1] < plateau.supremum[0]
        assert (plateau.start, plateau.end) == middle(found.path, plateau.plateau)
    # plateau 0: beta = alpha² sinh(2 l s), s = t r, so at t = 3/16 |beta_0| = (alpha^½ − …)/2 to 9 digits
    with ctx.workprec(400):
        alpha = arb(10) ** -12
        exact = (alpha ** (2 - fmpq(3, 2)) - alpha ** (2 + fmpq(3, 2))) / 2
        assert found.plateaus[0].supremum[0].overlaps(exact)
        assert found.plateaus[0].supremum[0].upper() < exact * fmpq(65, 64)  # the rung above it


def test_zero_slack_shifts_the_jump_by_log_log() -> None:
    # MATHEMATICS.md §5: l(t_2(alpha) − 2), extrapolated from t = 8/5 with the exact slope.
    path = saddle_path(ZERO_SLACK)
    found = []
    for alpha in ("1e-5", "1e-10", "1e-20", "1e-40"):
        pipe = enclose(ZERO_SLACK, alpha, [Fraction(8, 5)], radius="1e-8", keep=True)
        found.append(float(pipe.log_scale * (arrival(path[1], pipe, Fraction(8, 5), 2) - 2)))
    assert [round(value, 3) for value in found] == [1.235, 1.605, 1.972, 2.333]
    [second] = [c for c in corrections(path) if c.exact.jump == 2]
    assert second.value(64) is None
    assert second.failed[0].hypothesis is Hypothesis.NO_ZERO_SLACK


def test_a_dead_tied_hitter_shifts_the_next_jump() -> None:
    path = saddle_path(DYING_HITTER)
    found = converge(path, ["1e-30"], digits=16)
    jump = next(j for j in found.jumps if j.correction.exact.jump == 2)
    assert jump.correction.exact.closed_form is None
    assert jump.correction.numerical is not None
    assert round(float(jump.correction.numerical), 5) == -0.52575
    assert jump.correction_digits is not None
    assert jump.correction_digits >= 12  # the flow has the orbit integral, not −ln(2)/2
    # what the formula says when its hypothesis is ignored: G_20/G_00 · ln(2)/2 / g_2 = (1/4)(ln 2/2)/(−1/4)
    assert abs(float(jump.scaled[-1]) - (-math.log(2) / 2)) > 0.17


@pytest.mark.slow
def test_after_a_deactivation_the_flow_has_the_orbit_integral() -> None:
    found = converge(saddle_path(LEAVING), ["1e-30"], digits=16)
    assert [jump.correction.exact.closed_form is None for jump in found.jumps] == [False, False, True]
    for jump in found.jumps:
        assert jump.correction_digits is not None
        assert jump.correction_digits >= 12


def test_equal_columns_share_and_keep_a_closed_form() -> None:
    # Columns 0 and 1 are equal and share b = r_0/G_00 equally (MATHEMATICS.md §4), so by G_AA⁺ the coordinate
    # that hits next has D_2 = G_20/G_00 · ln(2·b/2)/2: here G_00 = 2, r_0 = 3, G_20 = 1, b = 3/2, g_2 = −1/2.
    path = saddle_path(Problem([[2, 2, 1], [0, 0, 1]], [3, 1]))
    assert path[1].beta == (Fraction(3, 2), 0, 0)
    second = next(c for c in corrections(path) if c.exact.jump == 2)
    assert str(second.exact.closed_form) == "log(2/3)/2"
    jump = transition(path[0], path[1], [arb(0)] * 3)
    assert jump.offset is not None
    assert float(jump.offset[2]) == pytest.approx(math.log(3 / 2) / 4, abs=1e-14)
    # diag(3/4, 3/4)·[[2, 2], [2, 2]] has eigenvalues 0 and 3
    assert relaxation_rate(path[1]).overlaps(arb(6))
    found = converge(path, ["1e-20", "1e-40"], digits=25)
    assert found.jumps[-1].correction_digits is not None
    assert found.jumps[-1].correction_digits >= 12  # 40 · 2 · slack 1/6 = 13.3
    for plateau in found.plateaus:
        if plateau.measured is not None and plateau.predicted is not None:
            assert abs(float(plateau.measured - plateau.predicted)) < 1e-3


def test_distances_are_to_the_minimiser_that_the_flow_selects() -> None:
    path = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
    found = converge(path, ["1e-20", "1e-40"], digits=20)
    assert [plateau.limit.selection is None for plateau in found.plateaus] == [True, True, False]
    assert found.plateaus[2].supremum[1] < arb("1e-5")  # the canonical (1, 3/4, 0) is 0.57 away
    assert found.verdict.status is Status.VERIFIED


def test_arrival_by_flow_differs_from_the_exact_slope_only_in_the_far_digits() -> None:
    path = saddle_path(TWO_BY_THREE)
    time = Fraction(99, 256)
    pipe = enclose(TWO_BY_THREE, "1e-30", [time], radius="1e-40", keep=True)
    with ctx.workprec(200):
        apart = abs(arrival(path[1], pipe, time, 1) - arrival_by_flow(path[1], pipe, time, 1))
        assert 0 < apart < arb(10) ** -30  # the predicted exponent there is 1.09


def test_an_interrupted_run_keeps_what_it_has() -> None:
    def stop(state: ConvergenceProgress) -> bool:
        return state.index == 0

    found = converge(saddle_path(TWO_BY_THREE), ["1e-5", "1e-8"], digits=8, progress=stop)
    assert found.alphas == (Fraction(1, 10**5),)
    assert found.missing == ((Fraction(1, 10**8), "interrupted"),)
    assert found.verdict.status is Status.UNCHECKED


def test_of_the_first_alpha_stopped_the_plateaus_before_are_kept() -> None:
    path = saddle_path(TWO_BY_THREE)
    first_end = middle(path, 0)[1]
    whole = converge(path, ["1e-8"], digits=8)
    found = converge(path, ["1e-8", "1e-9"], digits=8, progress=lambda state: state.time <= first_end)
    assert found.missing == ((Fraction(1, 10**8), "interrupted"), (Fraction(1, 10**9), "interrupted"))
    assert (found.alphas, found.chosen) == ((Fraction(1, 10**8),), (0,))
    for kept, known in zip(
        (*found.plateaus[0].probed, *found.jumps[0].arrivals),
        (*whole.plateaus[0].probed, *whole.jumps[0].arrivals),
        strict=True,
    ):
        assert (kept.mid(), kept.rad()) == (known.mid(), known.rad())
    assert found.verdict.status is Status.UNCHECKED
    assert "interrupted" in found.verdict.evidence
    nothing = converge(path, ["1e-8"], digits=8, progress=lambda state: False)
    assert (nothing.alphas, nothing.plateaus, nothing.jumps) == ((), (), ())


def test_the_verdict_needs_two_alphas_and_separate_balls() -> None:
    found = converge(saddle_path(TWO_BY_THREE), ["1e-5"], digits=8)
    assert found.verdict.status is Status.UNCHECKED

    def with_suprema(*balls: arb) -> Status:
        plateau = dataclasses.replace(found.plateaus[0], supremum=balls)
        return dataclasses.replace(
            found, alphas=(Fraction(1, 10), Fraction(1, 100)), plateaus=(plateau,)
        ).verdict.status

    wide = arb(1, 0.5)
    assert with_suprema(wide, arb(0.25)) is Status.VERIFIED
    assert with_suprema(wide, arb(0.75)) is Status.UNCHECKED
    assert with_suprema(wide, wide) is Status.UNCHECKED
    assert with_suprema(wide, arb(2)) is Status.REJECTED
    assert with_suprema(arb(0), arb(0)) is Status.VERIFIED
    short = saddle_path(TWO_BY_THREE, max_saddles=2)
    prefix = dataclasses.replace(found, path=short, plateaus=(), chosen=(0, 1))
    assert (
        dataclasses.replace(prefix, alphas=(Fraction(1, 2), Fraction(1, 3))).verdict.status
        is Status.UNCHECKED
    )


@pytest.mark.parametrize(
    ("alphas", "digits", "message"),
    [
        ([], 20, "at least one alpha"),
        (["0"], 20, "strictly between 0 and 1"),
        (["2"], 20, "strictly between 0 and 1"),
        (["1e-5", "1/100000"], 20, "given twice"),
        (["x"], 20, "not a rational number"),
        (["1e-5"], 0, "digits must be"),
        (["1e-5"], 10**6, "digits must be"),
    ],
)
def test_bad_input(alphas: list[str], digits: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        converge(saddle_path(TWO_BY_THREE), alphas, digits=digits)


@pytest.mark.slow
def test_c_to_100_digits_at_1e_100() -> None:
    found = converge(saddle_path(TWO_BY_THREE), ["1e-100"], digits=105)
    assert found.jumps[1].correction_digits is not None
    assert found.jumps[1].correction_digits >= 100


# --- continued fractions and printing -----------------------------------------------------------


def test_recognise_finds_simple_fractions_and_refuses_irrationals() -> None:
    with ctx.workprec(200):
        third = arb(fmpq(355, 1131)) + arb(0, arb(10) ** -20)
        found = recognise(third)
        assert found is not None
        assert (found.value, found.digits, found.margin) == (Fraction(355, 1131), 19, 13)
        assert recognise(arb(2).sqrt()) is None
        assert recognise(arb(fmpq(1, 3)) + arb(0, arb(10) ** -3)) is None
        whole = recognise(arb(5) + arb(10) ** -30)
        assert whole is not None
        assert whole.value == 5
        assert recognise(arb("nan")) is None


def test_digits_below_is_certain() -> None:
    assert [digits_below(arb(x)) for x in ("0.5", "0.09", "0.001")] == [0, 1, 2]
    assert digits_below(arb(0.0009)) == 3
    assert digits_below(arb(0, 1)) == 0


def test_printed_balls_contain_the_ball() -> None:
    with ctx.workprec(100):
        ball = arb(2).sqrt() * arb(10) ** -30
        document = ball_to_json(ball)
        shown = arb(document["mid"]) + arb(0, arb(document["rad"]))
        assert shown.contains(ball)
        assert arb(above(ball)) >= ball.upper()
        assert agreed(arb(2).sqrt(), 8) == "1.4142136"
    assert ball_to_json(arb(0)) == {"mid": "0", "rad": "0"}
    assert ball_to_json(arb("nan")) == {"mid": "nan", "rad": "inf"}
    assert float(above(arb("0.99999"))) >= 0.99999
    assert agreed(arb(0, 1)).startswith("|·| ≤ 1")


# --- the command ----------------------------------------------------------------------------------


def test_converge_prints_tables_and_json(tmp_path: Any) -> None:
    place = tmp_path / "problem.json"
    TWO_BY_THREE.save(place)
    done = run("converge", place, "--alphas", "1e-6,1e-12", "--digits", "12", "--curves")
    assert done.returncode == 0, done.stderr
    assert "log(8/5)/8" in done.stdout
    assert "9/16" in done.stdout
    assert "numerical evidence" in done.stdout
    done = run("converge", place, "--alphas", "1e-10,1e-20", "--digits", "20", "--json")
    document = json.loads(done.stdout)
    assert document["verdict"]["status"] == "verified"
    assert document["jumps"][1]["recognised"]["value"] == "9/16"
    assert document["jumps"][1]["correction"]["expression"] == "log(8/5)/8"
    assert [p["distance_to"] for p in document["plateaus"]] == ["beta"] * 3


def test_converge_exit_codes(tmp_path: Any) -> None:
    place = tmp_path / "problem.json"
    TWO_BY_THREE.save(place)
    assert run("converge", place, "--alphas", "1e-5", "--digits", "8").returncode == 3
    some = run("converge", place, "--alphas", "1e-5,1e-10", "--digits", "8", "--plateaus", "0-1", "--json")
    assert [plateau["plateau"] for plateau in json.loads(some.stdout)["plateaus"]] == [0, 1]
    assert run("converge", place, "--alphas", "1e-5", "--plateaus", "2-1").returncode == 2
    for bad in ("1.5", "abc", ""):
        done = run("converge", place, f"--alphas={bad}")
        assert done.returncode == 2, bad
        assert "error:" in done.stderr
