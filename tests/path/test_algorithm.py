from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.numbers import Vector, to_rational
from exactsaddle.path import first_hit
from tests.benchmarks import plain_fractions
from tests.support.problems import general_problems, standard_problems

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])


def by_plain_fractions(problem: Problem) -> list[plain_fractions.Step]:
    def finite(values: tuple[object, ...]) -> list[Fraction | None]:
        return [None if value == "inf" else Fraction(str(value)) for value in values]

    return plain_fractions.saddle_path(
        problem.X, problem.y, finite(problem.lower), finite(problem.upper), problem.dual
    )


@given(standard_problems())
def test_agrees_with_plain_fractions(problem: Problem) -> None:
    path = saddle_path(problem)
    assert [(s.jump_time, s.beta, s.dual) for s in path] == by_plain_fractions(problem)


@given(general_problems())
def test_agrees_with_plain_fractions_for_any_thresholds_and_dual(problem: Problem) -> None:
    path = saddle_path(problem)
    assert [(s.jump_time, s.beta, s.dual) for s in path] == by_plain_fractions(problem)


@given(general_problems(), st.fractions(min_value=0, max_value=20, max_denominator=50))
def test_the_path_as_a_function_of_time(problem: Problem, t: Fraction) -> None:
    path = saddle_path(problem)
    k = max(i for i, time in enumerate(path.jump_times) if time <= t)
    assert path.at(t) == path[k].beta
    assert path.saddle_at(t) is path[k]
    expected = [s - (t - path[k].jump_time) * g for s, g in zip(path[k].dual, path[k].gradient, strict=True)]
    assert list(path.dual_at(t)) == expected
    for before, after in pairwise(path):  # right-continuous, and s is continuous
        assert path.at(after.jump_time) == after.beta
        assert path.dual_at(after.jump_time) == after.dual
        assert path.at((before.jump_time + after.jump_time) / 2) == before.beta


@given(general_problems())
def test_events_tell_what_changed(problem: Problem) -> None:
    path = saddle_path(problem)
    assert len(path.events) == len(path) - 1
    for event, before, after in zip(path.events, path[:-1], path[1:], strict=True):
        assert event.time == after.jump_time
        assert set(event.entered) == set(after.support) - set(before.support)
        assert set(event.left) == set(before.support) - set(after.support)
        landed = {
            i: 1 if before.gradient[i] < 0 else -1
            for i in range(problem.d)
            if before.gradient[i] and after.dual[i] in (problem.upper[i], -_number(problem.lower[i]))
        }
        assert event.hits == landed
        assert event.hits


def _number(threshold: object) -> Fraction:
    return Fraction(10**30) if threshold == "inf" else Fraction(str(threshold))


def test_diabetes_has_fourteen_jumps_and_coordinates_that_come_back() -> None:
    path = saddle_path(load_dataset("diabetes"))
    assert len(path) == 15
    assert float(path[1].jump_time) == 3.408435615962151e-05
    assert float(path[14].jump_time) == 2.9154126409054397
    returned = [
        i
        for i in range(10)
        if sum(i in event.entered for event in path.events) > 1 and any(i in e.left for e in path.events)
    ]
    assert [path.problem.names[i] for i in returned] == ["age", "s1", "s6"]


def test_planted_instance_is_non_monotone_and_ends_at_the_planted_solution() -> None:
    path = saddle_path(load_dataset("planted"))
    assert path.problem.n < path.problem.d
    assert any(event.left for event in path.events)
    assert {i: b for i, b in enumerate(path.minimum_l1_solution) if b} == {2: 3, 11: -2, 17: 1}


def test_sequence_protocol_and_equality_of_prefixes() -> None:
    path = saddle_path(TWO_BY_THREE)
    assert len(path) == 3
    assert path[-1] is path[2]
    assert path[:2] == (path[0], path[1])
    assert list(path)[1].support == (0,)
    assert path[2].active_set == (0, 1)
    assert path[2].signs == (-1, -1, 0)
    assert path[2].l1_norm == Fraction(5, 4)
    assert "3 saddles" in repr(path)
    assert repr(path).endswith("last jump at t = 0.5625, complete)")
    assert repr(path[1]) == "Saddle(1, t = 0.25, beta = {x0: -0.8})"


def test_zero_slack_coordinates_are_named() -> None:
    # Duplicate columns: both hit at 1/2, the first fits alone, the second rests on its threshold with g = 0.
    path = saddle_path(Problem([[1, 1]], [2]))
    assert [saddle.still for saddle in path] == [frozenset(), {1}]


def test_budget_of_saddles_keeps_an_exact_prefix() -> None:
    whole = saddle_path(load_dataset("diabetes"))
    prefix = saddle_path(load_dataset("diabetes"), max_saddles=5)
    assert not prefix.complete
    assert prefix.stopped_by == "max_saddles = 5"
    assert [s.beta for s in prefix] == [s.beta for s in whole[:5]]
    assert prefix.horizon == whole[5].jump_time
    before = (whole[4].jump_time + whole[5].jump_time) / 2
    assert prefix.at(before) == whole.at(before)
    with pytest.raises(Inconclusive, match="max_saddles = 5"):
        prefix.at(prefix.horizon)
    with pytest.raises(Inconclusive, match="prefix"):
        _ = prefix.minimum_l1_solution


def test_budget_of_bits_and_requests_keep_an_exact_prefix() -> None:
    whole = saddle_path(load_dataset("diabetes"))
    prefix = saddle_path(load_dataset("diabetes"), max_bits=60)
    assert prefix.stopped_by == "max_bits = 60"
    assert 1 <= len(prefix) < len(whole)
    asked = saddle_path(load_dataset("diabetes"), progress=lambda saddle: saddle.index < 3)
    assert asked.stopped_by == "request"
    assert len(asked) == 4
    seen: list[int] = []
    assert saddle_path(TWO_BY_THREE, progress=lambda saddle: seen.append(saddle.index)).complete
    assert seen == [0, 1, 2]
    with pytest.raises(InvalidInput):
        saddle_path(TWO_BY_THREE, max_saddles=0)


def test_a_budget_met_exactly_at_the_end_is_a_complete_path() -> None:
    assert saddle_path(TWO_BY_THREE, max_saddles=3).complete
    assert not saddle_path(TWO_BY_THREE, max_saddles=2).complete


def test_times_before_zero_are_refused() -> None:
    with pytest.raises(InvalidInput, match="negative"):
        saddle_path(TWO_BY_THREE).at("-1/10")


def test_minimum_l1_solution_needs_the_papers_case() -> None:
    with pytest.raises(InvalidInput, match="thresholds 1"):
        _ = saddle_path(TWO_BY_THREE.replace(upper=2)).minimum_l1_solution


@given(standard_problems())
@settings(max_examples=50)
def test_the_end_has_least_l1_norm_by_exact_duality(problem: Problem) -> None:
    # s_p = Xᵀz/n is in the row space with |s_p| ≤ 1 and ⟨s_p, β_p⟩ = ‖β_p‖₁, so ‖b‖₁ ≥ ⟨s_p, b⟩ = ⟨z, Xb⟩/n
    # = ‖β_p‖₁ for every b with Xb = Xβ_p. z is rebuilt from the path: z = Σ Δ_k (y − Xβ_k).
    path = saddle_path(problem)
    end = path[-1]
    z = [Fraction(0)] * problem.n
    for before, after in pairwise(path):
        delta = after.jump_time - before.jump_time
        z = [a + delta * (b - c) for a, b, c in zip(z, problem.y, problem.fitted(before.beta), strict=True)]
    for j in range(problem.d):
        assert sum((problem.X[i][j] * z[i] for i in range(problem.n)), Fraction(0)) / problem.n == end.dual[j]
    assert max(map(abs, end.dual), default=0) <= 1
    assert sum((s * b for s, b in zip(end.dual, end.beta, strict=True)), Fraction(0)) == end.l1_norm
    assert all(g == 0 for g in end.gradient)


def test_first_hit_separates_what_binary64_cannot() -> None:
    # 1/(1 + 10^-60) is reached before 1; doubles, and 53-bit balls, see a tie.
    gap = Fraction(1, 10**60)
    problem = Problem([[1, 0], [0, 1]], [2, 2 * (1 + gap)])
    hit = first_hit(problem, Vector.zero(2), Vector.of([to_rational(-1), to_rational(-1 - gap)]))
    assert hit is not None
    assert hit.coordinates == (1,)
    path = saddle_path(problem)
    assert path.jump_times == (0, 1 / (1 + gap), 1)
    assert path.at(1 / (1 + gap) - gap) == (0, 0)
    assert path.at(1 - gap**2) == path[1].beta
    tie = saddle_path(Problem([[1, 0], [0, 1]], [2, 2]))
    assert tie.jump_times == (0, 1)


def test_magnitudes_beyond_binary64_are_ordered() -> None:
    tiny = Fraction(1, 10**400)
    path = saddle_path(Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [tiny, 2 * tiny, 10**400]))
    assert [event.entered for event in path.events] == [(2,), (1,), (0,)]
    assert saddle_path(Problem([[tiny]], [tiny])).jump_times == (0, 10**800)


def test_to_arrays_rounds_for_plotting() -> None:
    path = saddle_path(TWO_BY_THREE)
    arrays = path.to_arrays()
    assert arrays.times.tolist() == [0, 0.25, 0.5625]
    np.testing.assert_array_equal(arrays.betas[2], [-1, -0.25, 0])
    assert arrays.duals.shape == (3, 3)
    assert arrays.losses[-1] == 0


def test_a_dual_that_bounds_do_not_tell_from_zero_is_zero() -> None:
    # the second column is orthogonal to y, and stays where it is until the first jump
    problem = Problem([[1, 1, 1], [-2, 2, 2], [3, 4, 2], [4, -3, 4]], [0, 2, -1, 0])
    for arithmetic in ("rational", "ball"):
        path = saddle_path(problem, arithmetic=arithmetic)
        assert path.to_arrays().duals[1, 1] == 0
    assert float(path[1].dual_ball(17)[1]) != 0  # the middle of a ball that is not exact


def test_problems_and_paths_survive_pickling() -> None:
    path = saddle_path(TWO_BY_THREE)
    assert pickle.loads(pickle.dumps(path.problem)) == path.problem
