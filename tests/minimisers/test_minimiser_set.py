"""Uniqueness, the polyhedron of minimisers and its extremes, against enumeration by brute force."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
from flint import fmpq, fmpq_mat, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, Saddle, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.minimisers import SeveralMinimisers, UniqueMinimiser
from exactsaddle.numbers import Minor, Vector, nonzero_minor, relations, to_rational
from tests.support.problems import general_problems, standard_problems

Point = tuple[Fraction, ...]


@st.composite
def degenerate_problems(draw: st.DrawFn) -> Problem:
    """Columns that copy, negate or average signed columns of a small problem: many saddles not unique."""
    base = draw(standard_problems(max_n=3, max_d=3))
    columns = [list(column) for column in zip(*base.X, strict=True)]
    for _ in range(draw(st.integers(1, 2))):
        first, second = draw(st.sampled_from(columns)), draw(st.sampled_from(columns))
        side, share = draw(st.sampled_from([1, -1])), draw(st.sampled_from([Fraction(1), Fraction(1, 3)]))
        columns.append([share * a + side * (1 - share) * b for a, b in zip(first, second, strict=True)])
    order = draw(st.permutations(range(len(columns))))
    return Problem(list(zip(*(columns[i] for i in order), strict=True)), base.y)


def brute_force(saddle: Saddle) -> tuple[set[Point], set[Point]]:
    """Vertices by every basis, rays by every circuit of one sign: the definitions."""
    problem, d = saddle.problem, saddle.problem.d
    E = [i for i in saddle.active_set if saddle.gradient[i] == 0]
    signed = {i: [saddle.signs[i] * row[i] for row in problem.X] for i in E}
    target = problem.fitted(saddle.beta)
    vertices, rays = set(), set()
    for size in range(len(E) + 1):
        for S in combinations(E, size):
            columns = [signed[i] for i in S]
            system = matrix([*columns, list(target)])
            rank = matrix(columns).rank() if S else 0
            if rank == size and system.rank() == rank:
                echelon = system.rref()[0]
                c = [Fraction(str(echelon[row, size])) for row in range(size)]
                if all(value > 0 for value in c):
                    vertices.add(spread(saddle, S, c, d))
            circuit = rank == size - 1 and all(
                size == 1 or matrix([x for j, x in enumerate(columns) if j != k]).rank() == rank
                for k in range(size)
            )
            if circuit:
                echelon = matrix(columns).rref()[0]
                v = [-Fraction(str(echelon[row, size - 1])) for row in range(rank)] + [Fraction(1)]
                if all(value > 0 for value in v):
                    rays.add(direction(spread(saddle, S, v, d)))
    return vertices, rays


def matrix(columns: list[list[Fraction]]) -> fmpq_mat:
    return fmpq_mat([[to_rational(value) for value in column] for column in columns]).transpose()


def spread(saddle: Saddle, S: tuple[int, ...], c: list[Fraction], d: int) -> Point:
    entries = {i: saddle.signs[i] * value for i, value in zip(S, c, strict=True)}
    return tuple(entries.get(i, Fraction(0)) for i in range(d))


def direction(v: Point) -> Point:
    size = sum(map(abs, v))
    return tuple(value / size for value in v)


def check_against_brute_force(problem: Problem) -> None:
    for saddle in saddle_path(problem, max_saddles=20):
        vertices, rays = brute_force(saddle)
        found = saddle.minimisers
        assert set(found.vertices) == vertices
        assert len(found.vertices) == len(vertices)
        assert {direction(v) for v in found.rays} == rays
        assert saddle.unique == (len(vertices) == 1 and not rays)
        assert found.bounded == (not rays)
        assert saddle.beta in vertices
        assert saddle.uniqueness.refutation(found) is None
        inner = found.relative_interior
        assert found.contains(inner.point.fractions())
        assert set(inner.support) == {i for v in vertices | rays for i in range(problem.d) if v[i] != 0}
        spanned = [[a - b for a, b in zip(v, saddle.beta, strict=True)] for v in vertices]
        assert found.dimension == matrix([*spanned, *map(list, rays)]).rank()
        if not found.bounded:
            v = found.recession_direction
            assert v is not None
            assert any(v)
            assert found.contains(b + 1000 * w for b, w in zip(saddle.beta, v, strict=True))


def test_a_set_names_its_columns() -> None:
    found = saddle_path(Problem([[1, 1, 0], [0, 0, 1]], [1, 0], names=["age", "bmi", "sex"]))[-1].minimisers
    assert repr(found) == "MinimiserSet(free = {age: 1, bmi: 0})"
    assert repr(found.point) == "Vector([1, 0, 0])"
    assert found.contains(["1/2", "1/2", 0])
    assert not found.contains([2, -1, 0])  # another sign
    assert not found.contains([1, 0, "1/9"])  # not free
    assert not found.contains([1, 1, 0])  # another fit
    assert not found.contains([1, 0])


@settings(max_examples=50)
@given(degenerate_problems())
def test_agrees_with_brute_force_on_degenerate_columns(problem: Problem) -> None:
    check_against_brute_force(problem)


@settings(max_examples=50)
@given(general_problems())
def test_agrees_with_brute_force_for_any_thresholds_and_dual(problem: Problem) -> None:
    check_against_brute_force(problem)


@settings(max_examples=30)
@given(standard_problems())
def test_bounded_when_the_initial_dual_is_strictly_inside(problem: Problem) -> None:
    assert all(saddle.minimisers.bounded for saddle in saddle_path(problem))


def test_three_columns_of_which_one_is_the_mean_of_the_others() -> None:
    """M_2 = {4b_0 + 2b_2 = 4, 4b_1 + 2b_2 = 3, b ≥ 0}: b_2 runs from 0 to 3/2, where b_1 meets 0."""
    path = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
    assert [saddle.unique for saddle in path] == [True, True, False]
    assert set(path[2].minimisers.vertices) == {
        (Fraction(1), Fraction(3, 4), Fraction(0)),
        (Fraction(1, 4), Fraction(0), Fraction(3, 2)),
    }
    assert path[2].minimisers.rays == ()
    assert path[2].minimisers.design == ((4, 0, 2), (0, 4, 2))
    assert path[2].minimisers.fitted == (4, 3)
    assert path[2].uniqueness.to_json() == {"unique": False, "second": {"0": "1/4", "2": "3/2"}}


def test_unbounded_when_the_initial_dual_touches_its_thresholds() -> None:
    """b_0 − b_1 = 3, b ≥ 0: one vertex (3, 0), one ray (1, 1)."""
    saddle = saddle_path(Problem([[1, -1]], [3], dual=[1, 1]))[0]
    assert saddle.minimisers.vertices == ((3, 0),)
    assert saddle.minimisers.rays == ((1, 1),)
    assert not saddle.minimisers.bounded
    assert not saddle.unique


def test_zero_slack_needs_a_separating_vector() -> None:
    """X = [[2, 1], [0, 1]], y = (2, 0): r = (2, 1), t_1 = 1/2, β_1 = (1, 0) fits y, s_1 = (1, 1/2).

    With upper_1 = 1/2 column 1 lands too and stays at 0: w ⊥ (2, 0), w·(1, 1) > 0, so w = (0, 1).
    """
    saddle = saddle_path(Problem([[2, 1], [0, 1]], [2, 0], upper=[1, "1/2"]))[1]
    assert saddle.active_set == (0, 1)
    assert saddle.beta == (1, 0)
    assert saddle.uniqueness.to_json() == {
        "unique": True,
        "w": ["0", "1"],
        "prime": "2147483647",
        "rows": [0],
    }


def test_refuses_an_enumeration_beyond_its_budget() -> None:
    """ker of [1 … 1 | −1 … −1] under dual on all thresholds: 6 · 6 extreme rays."""
    saddle = saddle_path(Problem([[1] * 6 + [-1] * 6], [1], dual=[1] * 12))[0]
    assert len(saddle.minimisers.rays) == 36
    assert len(saddle.minimisers.vertices) == 6
    with pytest.raises(Inconclusive, match="max_rays = 10 rays"):
        saddle.minimisers.extremes(max_rays=10)


def test_contains_is_exact() -> None:
    found = saddle_path(Problem([[1, 1]], [1]))[1].minimisers
    assert found.contains(["1/2", "1/2"])
    assert not found.contains(["1/2", "1/3"])
    assert not found.contains(["3/2", "-1/2"])
    assert not found.contains([1])
    idle = saddle_path(Problem([[2, 1, 1]], [2]))[1].minimisers
    assert idle.contains([1, 0, 0])
    assert not idle.contains([1, 1, -1])


def test_mutated_proofs_are_refuted() -> None:
    saddle = saddle_path(Problem([[2, 1], [0, 1]], [2, 0], upper=[1, "1/2"]))[1]
    proof, found = saddle.uniqueness, saddle.minimisers
    assert isinstance(proof, UniqueMinimiser)
    for w in ([0, 0], [0, -1], [1, 1]):
        bad = UniqueMinimiser.from_json({**proof.to_json(), "w": [str(value) for value in w]})
        assert "·w" in str(bad.refutation(found))
    for change in ({"rows": [1]}, {"prime": "1"}, {"rows": []}, {"rows": [0, 1]}, {"rows": [7]}):
        assert UniqueMinimiser.from_json({**proof.to_json(), **change}).refutation(found)
    for second in ({"0": "1"}, {"0": "1/2", "1": "1"}, {}):
        several = SeveralMinimisers.from_json({"unique": False, "second": second}, 2)
        assert several.refutation(found)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=5))
def test_relations_span_the_kernel(rows: list[list[int]]) -> None:
    problem = Problem(rows, [0] * len(rows))
    columns = [problem.column(j) for j in range(3)]
    found = relations(columns)
    assert len(found.basis) == fmpz_mat(rows).rank()
    for j, vector in zip(found.dependent, found.vectors, strict=True):
        assert not problem.fitted_at(vector).support
        assert [vector[i] for i in found.dependent] == [int(i == j) for i in found.dependent]


def test_a_minor_moves_to_the_next_prime_when_the_first_divides_it() -> None:
    problem = Problem([[1, 1], [1, 2147483648]], [0, 0])
    minor = nonzero_minor([problem.column(0), problem.column(1)])
    assert minor == Minor((0, 1), 2147483659)
    assert nonzero_minor([problem.column(1), problem.column(1)]) is None
    assert not Minor((0, 1), 2147483647).is_nonzero([problem.column(0), problem.column(1)])
    assert minor.is_nonzero([problem.column(0), problem.column(1)])


def test_a_minimiser_with_dependent_columns_is_not_unique() -> None:
    """A certificate may state any minimiser: here the middle of the edge from (1, 0) to (0, 1)."""
    canonical = saddle_path(Problem([[1, 1]], [1]))[1].minimisers
    middle = replace(canonical, point=Vector.of([fmpq(1, 2), fmpq(1, 2)]))
    proof = middle.uniqueness
    assert isinstance(proof, SeveralMinimisers)
    assert list(proof.second) in ([1, 0], [0, 1])
    assert proof.refutation(middle) is None
    assert middle.dimension == 1
    assert set(middle.vertices) == set(canonical.vertices)


def test_a_cube_has_its_corners_and_no_more() -> None:
    """Four pairs of equal columns: b_{2i} + b_{2i+1} = i + 1 ≥ b ≥ 0, opposite corners not adjacent."""
    rows = [[int(j // 2 == i) for j in range(8)] for i in range(4)]
    cube = saddle_path(Problem(rows, [1, 2, 3, 4]))[-1].minimisers
    corners = set(product(*[((i, 0), (0, i)) for i in range(1, 5)]))
    assert {tuple(zip(v[::2], v[1::2], strict=True)) for v in cube.vertices} == corners
    assert len(cube.extremes(max_rays=16).vertices) == 16
    with pytest.raises(Inconclusive, match=r"max_rays = 15 rays under 9 of 9 inequalities"):
        cube.extremes(max_rays=15)


@pytest.mark.parametrize("x", [(-3, -2, -1, 1, 2, 3), (-1, 1, -2, 2, 0, -3, 3), (3, -1, 2, -2, 1)])
def test_weights_of_mean_zero_have_two_points_at_a_corner(x: tuple[int, ...]) -> None:
    """b ≥ 0, Σ b = 1, Σ b_j x_j = 0: one point at 0, or one on each side of it."""
    saddle = saddle_path(Problem([[1] * len(x), x], [1, 0], dual=1))[0]
    corners = [{j} for j, value in enumerate(x) if value == 0]
    corners += [{i, j} for i, a in enumerate(x) for j, b in enumerate(x) if a < 0 < b]
    found = [{j for j, value in enumerate(v) if value} for v in saddle.minimisers.vertices]
    assert sorted(map(sorted, found)) == sorted(map(sorted, corners))
    assert saddle.minimisers.dimension == len(x) - 2
