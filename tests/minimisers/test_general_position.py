"""General position against the definition: ranks of every choice of signed columns."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.minimisers import general_position
from exactsaddle.minimisers import position as module
from exactsaddle.minimisers.position import AffineDependence
from exactsaddle.numbers import to_rational
from tests.support.problems import general_problems, standard_problems


def by_definition(problem: Problem) -> bool:
    """No signed column is in the affine span of k ≤ min(n, d) others of distinct indices."""
    points = [
        [
            [side * to_rational(row[i]) / to_rational(c) for row in problem.X] + [fmpq(1)]
            for side, c in ((1, problem.upper[i]), (-1, problem.lower[i]))
            if c != "inf"
        ]
        for i in range(problem.d)
    ]
    for k in range(1, min(problem.n, problem.d) + 1):
        for chosen in combinations(range(problem.d), k + 1):
            for lifted in product(*(points[i] for i in chosen)):
                rank = fmpq_mat(list(lifted)).rank()
                if any(fmpq_mat([*lifted[:j], *lifted[j + 1 :]]).rank() == rank for j in range(k + 1)):
                    return False
    return True


def check_witness(problem: Problem, found: AffineDependence) -> None:
    assert len(set(found.columns)) == len(found.columns) >= 2
    assert len(found.columns) <= min(problem.n, problem.d) + 1
    assert all(found.weights)
    assert sum(found.weights) == 0
    for row in problem.X:
        terms = zip(found.columns, found.sides, found.weights, strict=True)
        thresholds = [
            problem.upper[i] if s > 0 else problem.lower[i]
            for i, s in zip(found.columns, found.sides, strict=True)
        ]
        assert "inf" not in thresholds
        assert sum(w * s * row[i] / Fraction(c) for (i, s, w), c in zip(terms, thresholds, strict=True)) == 0


def check(problem: Problem) -> None:
    found = general_position(problem)
    assert found.holds == by_definition(problem)
    assert (found.dependence is None) == found.holds
    if found.dependence:
        check_witness(problem, found.dependence)


@settings(max_examples=50)
@given(standard_problems(max_d=4))
def test_agrees_with_the_definition(problem: Problem) -> None:
    check(problem)


@settings(max_examples=50)
@given(general_problems(max_n=3))
def test_agrees_with_the_definition_for_any_thresholds(problem: Problem) -> None:
    check(problem)


@settings(max_examples=40)
@given(standard_problems(max_d=4))
def test_implies_unique_minimisers(problem: Problem) -> None:
    if general_position(problem).holds:
        assert all(saddle.unique for saddle in saddle_path(problem))


@settings(max_examples=40)
@given(general_problems())
def test_implies_unique_minimisers_for_any_thresholds(problem: Problem) -> None:
    """The signed columns on a threshold lie on a hyperplane off the origin: affine independence is linear."""
    from_zero = problem.replace(dual=0)
    if general_position(from_zero).holds:
        assert all(saddle.unique for saddle in saddle_path(from_zero))


def test_thresholds_decide() -> None:
    """(1, 2) coincide once each is divided by its threshold."""
    assert general_position(Problem([[1, 2]], [3])).holds
    found = general_position(Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]))
    assert found.dependence == AffineDependence((0, 1), (1, 1), (Fraction(1), Fraction(-1)), ("x0", "x1"))
    assert general_position(Problem([[1, 2]], [3], lower=[1, "inf"], upper=[3, 2])).holds


def test_four_signed_columns_in_one_plane_of_space() -> None:
    """x_3 = x_0 + x_1 − x_2, an affine combination: three signs agree, one differs."""
    found = general_position(Problem([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, -1]], [1, 1, 1]))
    assert found.dependence is not None
    assert found.dependence.columns == (0, 1, 2, 3)


def test_zero_column() -> None:
    """0 is not in the affine span of one other point, but is on the line through x and −ρx."""
    assert general_position(Problem([[0, 2]], [1])).holds
    check(Problem([[0, 2, 4], [0, 1, 2]], [1, 1]))


def test_refuses_beyond_its_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Problem([[i**k for i in range(1, 13)] for k in range(1, 5)], [1] * 4)
    with pytest.raises(
        Inconclusive, match="792 sets of 5 of the 12 columns are more than the budget of 100;"
    ):
        general_position(wide, max_subsets=100)
    wider = Problem([[i**k for i in range(1, 101)] for k in range(1, 51)], [1] * 50)
    with pytest.raises(Inconclusive, match=r"^about 9\.89e28 sets of 51 of the 100 columns are more than"):
        general_position(wider)  # C(100, 51) = 98913082887808032681188722800
    duplicated = Problem([[*row, row[0]] for row in wide.X], [1] * 4)
    assert general_position(duplicated, max_subsets=100).dependence is not None
    monkeypatch.setattr(module, "MAX_SUMS", 4)
    with pytest.raises(Inconclusive, match="a relation of 5 columns has too many signs"):
        general_position(wide)
