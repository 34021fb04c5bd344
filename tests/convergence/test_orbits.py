from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.convergence import compare_curves, flow_curve, limit_curve, transitions
from exactsaddle.convergence.connections import numerical_offsets
from exactsaddle.convergence.curves import curve_distance
from exactsaddle.convergence.hypotheses import Hypothesis, plateau_failures
from exactsaddle.convergence.orbits import transition
from exactsaddle.minimisers import has_independent_columns
from exactsaddle.path import Saddle
from tests.convergence.test_expansion import DYING_HITTER, TWO_BY_THREE, ZERO_SLACK
from tests.support.gram import problem_from_gram
from tests.support.problems import general_problems, standard_problems

CHAIN = problem_from_gram([["1", "1", "0"], ["1", "2", "-1/2"], ["0", "-1/2", "1"]], ["1", "1", "1/2"])


def as_floats(saddle: Saddle) -> np.ndarray:
    return np.array([float(value) for value in saddle.beta])


def test_the_orbit_of_one_coordinate_is_a_segment() -> None:
    # b' = 2b(r − Gb) is logistic: straight from 0 to r/G, of that length. D = ln(2r/G)/2.
    path = saddle_path(Problem([[3]], [2]))
    jump = transition(path[0], path[1], [arb(0)])
    assert len(jump.orbits) == 1
    assert jump.orbits[0].length == pytest.approx(2 / 3, abs=1e-8)
    assert jump.offset is not None
    assert float(jump.offset[0]) == pytest.approx(np.log(4 / 3) / 2, abs=1e-13)


def test_the_unstable_direction_leaves_the_saddle() -> None:
    # MATHEMATICS.md §6 at the second jump: j = 1, |g_1| = 16/5, sigma = −1, D G_AA = 4, D G_A1 = −16/5:
    # v_0 = −(16/5 + 4)^{-1}(−16/5)(−1) = −4/9, v_1 = −1.
    path = saddle_path(TWO_BY_THREE)
    jump = transition(path[1], path[2], None)
    points = jump.orbits[0].points
    step = points[1] - points[0]
    assert step[0] / step[1] == pytest.approx(4 / 9, rel=1e-4)


@given(standard_problems(max_n=3, max_d=4))
@settings(max_examples=3)
def test_orbits_end_at_the_next_saddle_and_descend(problem: Problem) -> None:
    path = saddle_path(problem)
    for jump in transitions(path):
        if not jump.orbits:
            assert jump.failed
            continue
        before, after = path[jump.jump - 1], path[jump.jump]
        tolerance = 1e-3 if plateau_failures(after) else 1e-13
        if not (has_independent_columns(before) and has_independent_columns(after)):
            continue
        assert np.allclose(jump.orbits[0].points[0], as_floats(before), atol=1e-8)
        assert all(orbit.loss_decreases for orbit in jump.orbits)
        if not plateau_failures(after):
            assert np.allclose(jump.orbits[-1].points[-1], as_floats(after), atol=10 * tolerance)
        for orbit in jump.orbits:
            assert (np.diff(orbit.arc_length) >= 0).all()
            assert np.linalg.norm(np.diff(orbit.points, axis=0), axis=1).max() <= orbit.length / 200


@pytest.mark.slow
def test_a_tie_needs_the_right_seeds() -> None:
    # At t = 1/6 coordinates 1 and 2 hit together; the end that the flow selects (MATHEMATICS.md §4) is
    # irrational, and moving one seed moves it.
    path = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
    known = numerical_offsets(path)[1].values
    assert known is not None
    right = transition(path[1], path[2], known)
    expected = [0.712814833772924812, 0.462814833772924812, 0.574370332454150376]
    assert np.allclose(right.orbits[0].points[-1], expected, atol=1e-12)
    wrong = transition(path[1], path[2], [known[0], known[1], known[2] + arb("0.25")])
    assert not np.allclose(wrong.orbits[0].points[-1], expected, atol=1e-3)
    refused = transition(path[1], path[2], None)
    assert refused.orbits == ()
    assert refused.failed[-1].hypothesis is Hypothesis.KNOWN_OFFSET
    assert refused.failed[-1].coordinates == (1, 2)


def test_thresholds_enter_the_selection() -> None:
    # MATHEMATICS.md §4: X = (1, 2), c = (1, 2), y = 3 gives (0.75, 1.125), where b_2 = 2 b_1².
    path = saddle_path(Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]))
    [jump] = transitions(path)
    assert np.allclose(jump.orbits[0].points[-1], [0.75, 1.125], atol=1e-12)


def test_a_dual_on_its_threshold_starts_with_an_orbit_at_time_zero() -> None:
    # MATHEMATICS.md §4: X = (1, −1), s_0 = (1, 1), y = 3: from (½, ½) b_1 b_2 = ¼ stays and b_1 − b_2 = 3.
    path = saddle_path(Problem([[1, -1]], [3], dual=[1, 1]))
    first = transitions(path)[0]
    assert first.jump == 0
    end = first.orbits[0].points[-1]
    assert np.allclose(first.orbits[0].points[0], [0.5, 0.5])
    assert end[0] * end[1] == pytest.approx(0.25, abs=1e-12)
    assert end[0] - end[1] == pytest.approx(3, abs=1e-12)


def test_zero_slack_gives_a_chain_through_a_point_algorithm_1_never_outputs() -> None:
    path = saddle_path(CHAIN)
    jump = transitions(path)[1]
    assert (jump.jump, jump.time, len(jump.orbits)) == (2, Fraction(2), 2)
    assert np.allclose(jump.orbits[0].points[0], [1, 0, 0], atol=1e-8)
    assert np.allclose(jump.orbits[0].points[-1], [1, 0, 0.5], atol=1e-12)
    assert np.allclose(jump.orbits[1].points[-1], [2 / 3, 1 / 3, 2 / 3], atol=1e-12)
    assert not any(np.allclose(as_floats(saddle), [1, 0, 0.5]) for saddle in path)


def test_zero_slack_without_instability_is_one_orbit() -> None:
    jump = transitions(saddle_path(ZERO_SLACK))[1]
    assert len(jump.orbits) == 1
    assert np.allclose(jump.orbits[0].points[-1], [1, 0, 0.5], atol=1e-12)


def test_two_zero_slack_coordinates_are_refused_by_name() -> None:
    # Coordinates 0, 1, 2 tie at t = 1; beta_1 = (1, 0, 0) leaves 1 and 2 with zero slack; 3 hits later.
    G = [["1", "1", "1", "0"], ["1", "3", "1", "0"], ["1", "1", "3", "0"], ["0", "0", "0", "1"]]
    path = saddle_path(problem_from_gram(G, ["1", "1", "1", "1/2"]))
    jump = transitions(path)[1]
    assert jump.orbits == ()
    assert [(f.hypothesis, f.coordinates) for f in jump.failed] == [(Hypothesis.NO_ZERO_SLACK, (1, 2))]


def test_a_budget_is_refused_by_name() -> None:
    path = saddle_path(TWO_BY_THREE)
    jump = transition(path[0], path[1], None, max_steps=5)
    assert jump.failed[0].hypothesis is Hypothesis.REACHED_END


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(TWO_BY_THREE, id="simple"),
        pytest.param(CHAIN, id="chain", marks=pytest.mark.slow),
        pytest.param(DYING_HITTER, id="tie", marks=pytest.mark.slow),
    ],
)
def test_the_flows_curve_approaches_the_limit_curve(problem: Problem) -> None:
    found = compare_curves(saddle_path(problem), ["1e-5", "1e-15", "1e-30"])
    distances = [distance for _, distance in found.distances]
    assert len(distances) == 3
    assert distances[0] > 1.4 * distances[1] > 1.8 * distances[2]


@pytest.mark.slow
def test_another_problems_curve_stays_away() -> None:
    path = saddle_path(CHAIN)
    limit = limit_curve(path, transitions(path), 3)
    assert curve_distance(limit, flow_curve(CHAIN, "1e-60", 3)) < 0.12
    assert curve_distance(limit, flow_curve(ZERO_SLACK, "1e-60", 3)) > 0.2


@pytest.mark.slow
def test_the_length_of_the_flows_curve_stays_bounded() -> None:
    limit = limit_curve(saddle_path(TWO_BY_THREE), transitions(saddle_path(TWO_BY_THREE)), 1)
    for alpha in ("1e-10", "1e-60"):
        flow = flow_curve(TWO_BY_THREE, alpha, 1)
        assert flow.arc_length[-1] == pytest.approx(limit.arc_length[-1], rel=1e-3)


def test_a_refused_jump_has_no_limit_curve() -> None:
    path = saddle_path(TWO_BY_THREE)
    refused = transition(path[0], path[1], None, max_steps=5)
    with pytest.raises(InvalidInput, match="integration to the end"):
        limit_curve(path, [refused], 1)
    with pytest.raises(InvalidInput, match="before the last jump"):
        limit_curve(path, [], "1/2")


@given(general_problems(max_n=2, max_d=3))
@settings(max_examples=6)
def test_general_thresholds_and_duals_are_followed_or_refused(problem: Problem) -> None:
    path = saddle_path(problem, max_saddles=8)
    for jump in transitions(path):
        assert bool(jump.orbits) != bool(jump.failed)
        assert all(orbit.loss_decreases for orbit in jump.orbits)
