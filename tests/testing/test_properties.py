from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, Saddle, SaddlePath, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.numbers import Vector
from exactsaddle.path import FirstHit
from exactsaddle.problem import Network
from exactsaddle.testing.properties import PROPERTIES, PropertyViolated, check_all, examine, orthogonal_path
from exactsaddle.testing.properties.arithmetic import (
    Design,
    dot,
    fractions,
    gradient,
    loss,
    rank,
    side_of,
    transpose,
)
from exactsaddle.testing.properties.consequences import _averages, _is_subgradient
from exactsaddle.testing.properties.relations import RELATIONS, Change, _compare, reflected
from exactsaddle.testing.strategies import FAMILIES, problems

# Five saddles; coordinates enter, one leaves at the third jump and is back, negative, at the fourth.
BUSY = Problem([[-1, 1, 0], [0, -2, 1], [1, 0, 0]], [0, 1, 1])
# Interpolating, several minimisers of L: the end is one of many.
WIDE = Problem([[2, 1, 0], [1, 3, 1]], [3, 1])


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_the_integers_of_a_design_are_its_rationals(problem: Problem, data: st.DataObject) -> None:
    beta = data.draw(st.tuples(*[st.fractions(-3, 3, max_denominator=9)] * problem.d))
    known = Design(problem)
    assert fractions(known.fitted(beta)) == problem.fitted(beta)
    rest = tuple(y - f for y, f in zip(problem.y, problem.fitted(beta), strict=True))
    assert fractions(known.residual(beta)) == rest
    assert gradient(problem, beta) == problem.gradient(beta)
    assert loss(problem, beta) == problem.loss(beta)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_all_properties_hold(problem: Problem) -> None:
    found = check_all(problem)
    names = [verdict.claim for verdict in found.verdicts]
    assert sorted([*names, *found.not_applicable]) == sorted(PROPERTIES)
    assert {verdict.status for verdict in found.verdicts} == {Status.VERIFIED}


def vector(*values: Any) -> Vector:
    return Vector.of([fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in values])


def tampered(path: SaddlePath, k: int, **fields: Any) -> SaddlePath:
    """The path with one saddle changed."""
    saddles: list[Saddle] = list(path)
    saddles[k] = dataclasses.replace(saddles[k], **fields)
    return SaddlePath(path.problem, saddles, path.stopped_by)


def verdict(name: str, path: SaddlePath) -> Status:
    return PROPERTIES[name](path.problem, path).status


def busy() -> SaddlePath:
    return saddle_path(BUSY)


def wide() -> SaddlePath:
    return saddle_path(WIDE)


def test_the_examples_are_busy() -> None:
    path = busy()
    assert [saddle.support for saddle in path] == [(), (1,), (0, 1), (0, 2), (0, 1, 2)]
    assert [verdict.status for verdict in examine(path).verdicts] == [Status.VERIFIED] * len(
        examine(path).verdicts
    )
    assert len(wide()) == 3
    assert len(wide()[-1].support) == 2


def nudge(values: Vector, i: int, by: Any = Fraction(1, 7)) -> Vector:
    entries = list(values.fractions())
    entries[i] += by
    return vector(*entries)


def reorder(path: SaddlePath, *order: int) -> SaddlePath:
    return SaddlePath(path.problem, [path[k] for k in order], path.stopped_by)


def both_duplicates() -> SaddlePath:
    """One column twice, the weight split: a right minimiser, but a dependent support."""
    path = saddle_path(Problem([[1, 1]], [1]))
    return tampered(path, 1, beta_vector=vector("1/2", "1/2"))


def heavier_end() -> SaddlePath:
    """The end of the interpolating path moved along ker X, so that Xβ stays."""
    path = wide()
    # ker [[2, 1, 0], [1, 3, 1]] is spanned by (1, −2, 5).
    shifted = [b + Fraction(1, 9) * v for b, v in zip(path[-1].beta, (1, -2, 5), strict=True)]
    return tampered(path, 2, beta_vector=vector(*shifted))


def orthogonal() -> SaddlePath:
    return saddle_path(Problem([[1, 0], [0, 2]], [3, 1]))


WRONG: dict[str, list[Callable[[], SaddlePath]]] = {
    "start": [
        lambda: tampered(busy(), 0, time=fmpq(1)),
        lambda: tampered(busy(), 0, dual_vector=vector(0, "1/2", 0)),
    ],
    "gradient": [lambda: tampered(busy(), 2, gradient_vector=nudge(busy()[2].gradient_vector, 2))],
    "sign-cone": [
        lambda: tampered(busy(), 2, beta_vector=busy()[2].beta_vector * fmpq(-1)),
        lambda: tampered(busy(), 1, beta_vector=nudge(busy()[1].beta_vector, 0)),
    ],
    "kkt": [
        lambda: tampered(busy(), 2, gradient_vector=nudge(busy()[2].gradient_vector, 0)),
        lambda: tampered(busy(), 0, dual_vector=vector(0, -1, 0)),
    ],
    "first-hit": [
        lambda: tampered(busy(), 2, time=busy()[2].time + fmpq(1, 3)),
        lambda: tampered(busy(), 2, time=busy()[1].time),
        lambda: tampered(busy(), 2, dual_vector=nudge(busy()[2].dual_vector, 2)),
        lambda: tampered(busy(), 1, next_hit=FirstHit(fmpq(1), (0, 2))),
        lambda: tampered(busy(), 1, next_hit=None),
    ],
    "end": [lambda: reorder(busy(), 0, 1, 2, 3)],
    "row-space": [lambda: tampered(busy(), 3, dual_vector=nudge(busy()[3].dual_vector, 1))],
    "first-jump": [
        lambda: tampered(busy(), 1, time=fmpq(1, 2)),
        lambda: tampered(busy(), 0, beta_vector=vector(1, 0, 0)),
    ],
    "first-support": [lambda: tampered(busy(), 1, beta_vector=nudge(busy()[1].beta_vector, 0))],
    "loss-decreases": [lambda: reorder(busy(), 0, 2, 1, 3, 4)],
    "distinct-supports": [lambda: reorder(busy(), 0, 1, 2, 1, 4)],
    "independent-support": [both_duplicates],
    "support-bound": [lambda: reorder(busy(), 0, 1, 2, 3, 4, 0, 1, 2, 3)],
    "strict-saddle": [
        lambda: tampered(busy(), 1, gradient_vector=vector(0, 0, 0)),
        lambda: tampered(busy(), 1, gradient_vector=busy()[1].gradient_vector * fmpq(-1)),
    ],
    "minimum-norm": [
        heavier_end,
        lambda: tampered(busy(), 4, dual_vector=nudge(busy()[4].dual_vector, 0, Fraction(-1, 7))),
    ],
    "average-identity": [lambda: tampered(busy(), 2, beta_vector=nudge(busy()[2].beta_vector, 0))],
    "average-lasso": [lambda: tampered(busy(), 1, beta_vector=busy()[1].beta_vector * fmpq(2))],
    "average-lasso-throughout": [
        lambda: tampered(orthogonal(), 1, beta_vector=orthogonal()[1].beta_vector * fmpq(-1))
    ],
    "orthogonal-design": [
        lambda: tampered(orthogonal(), 1, time=fmpq(1)),
        lambda: tampered(orthogonal(), 2, beta_vector=orthogonal()[2].beta_vector * fmpq(2)),
    ],
    "lookup": [lambda: SwappedLookup(BUSY, list(busy()), None)],
    "certificate": [
        lambda: tampered(busy(), 2, beta_vector=nudge(busy()[2].beta_vector, 0)),
        lambda: reorder(busy(), 0, 1, 2, 3),
    ],
    **{
        name: [
            lambda: tampered(busy(), 2, time=busy()[2].time + fmpq(1, 3)),
            lambda: tampered(busy(), 2, dual_vector=nudge(busy()[2].dual_vector, 2)),
            lambda: tampered(busy(), 2, beta_vector=nudge(busy()[2].beta_vector, 0)),
            lambda: reorder(busy(), 0, 1, 2, 3),
            # The same Xβ, but not the canonical vertex; only a permutation may choose another.
            *([both_duplicates] if name != "column-permutation" else []),
        ]
        for name in RELATIONS
    },
}


class SwappedLookup(SaddlePath):
    """A path whose lookup forgets the last jump."""

    def saddle_at(self, t: Any) -> Saddle:
        return self[min(super().saddle_at(t).index, len(self) - 2)]


NEED_A_PATCH = {"uniqueness", "general-position"}


@pytest.mark.parametrize(
    ("name", "wrong"), [(name, wrong) for name, cases in WRONG.items() for wrong in cases]
)
def test_a_tampered_path_is_rejected(name: str, wrong: Callable[[], SaddlePath]) -> None:
    path = wrong()
    found = PROPERTIES[name](path.problem, path)
    assert found.status is Status.REJECTED
    assert found.evidence


def test_every_property_has_a_path_it_rejects() -> None:
    assert set(WRONG) | NEED_A_PATCH == set(PROPERTIES)


def test_a_false_proof_of_uniqueness_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    path = busy()
    proof = path[1].uniqueness
    assert verdict("uniqueness", path) is Status.VERIFIED
    monkeypatch.setattr(Saddle, "uniqueness", property(lambda saddle: proof))
    assert verdict("uniqueness", path) is Status.REJECTED


def test_several_minimisers_in_general_position_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saddle_path(Problem([["1/2", 2], [3, 1]], [1, "1/3"]))
    assert verdict("general-position", path) is Status.VERIFIED
    monkeypatch.setattr(Saddle, "unique", property(lambda saddle: saddle.index == 0))
    assert verdict("general-position", path) is Status.REJECTED


def test_a_wrong_fit_is_shown_in_lowest_terms() -> None:
    path = busy()
    wrong = Change(BUSY, fit=lambda values: tuple(2 * value for value in values))
    fit = BUSY.fitted(path[1].beta)
    shown = ["(" + ", ".join(map(str, values)) + ")" for values in ([2 * value for value in fit], fit)]
    assert _compare(path, wrong) == f"saddle 1: Xβ should become {shown[0]}, is {shown[1]}"


def test_check_all_raises_with_the_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tampered(busy(), 2, time=fmpq(100))
    monkeypatch.setattr("exactsaddle.testing.properties.saddle_path", lambda problem: wrong)
    with pytest.raises(PropertyViolated, match="first-hit: rejected") as caught:
        check_all(BUSY)
    assert caught.value.problem == BUSY
    assert caught.value.verdict.claim == "first-hit"


@pytest.mark.parametrize(
    ("name", "problem", "reason"),
    [
        ("average-lasso", Problem([[1]], [1], upper=2), "thresholds 1 and initial dual 0"),
        ("target-scaling", Problem([[1]], [1], dual="1/2"), "initial duals 0"),
        ("orthogonal-design", BUSY, "orthogonal designs"),
        ("average-lasso-throughout", BUSY, "no coordinate that ever leaves"),
        ("first-jump", Problem([[1]], [1], dual=1), "strictly inside the box"),
        ("first-support", Problem([[1, 0], [0, 1]], [1, 1]), "one coordinate"),
        ("general-position", Problem([[1, 1]], [1]), "general position"),
    ],
)
def test_what_does_not_apply_is_named(name: str, problem: Problem, reason: str) -> None:
    path = saddle_path(problem)
    assert name in examine(path).not_applicable
    with pytest.raises(InvalidInput, match=reason):
        PROPERTIES[name](problem, path)


def test_a_prefix_is_not_judged_by_its_end() -> None:
    prefix = saddle_path(BUSY, max_saddles=3)
    found = examine(prefix)
    assert {"end", "minimum-norm", "certificate"} <= set(found.not_applicable)
    assert {v.status for v in found.verdicts} == {Status.VERIFIED}


def test_averages_are_the_lasso_only_after_the_crossing() -> None:
    # MATHEMATICS.md §3: on the last plateau [11/2, ∞) the relation fails before t = 6 and holds after.
    path = saddle_path(Problem([[0, -1], [1, 2]], [-1, -2]))
    assert path[-1].jump_time == Fraction(11, 2)
    marks = {t: _is_subgradient(dual, average) for t, dual, average in _averages(path)}
    assert marks[Fraction(6)]
    assert not marks[Fraction(23, 4)]
    assert all(holds for t, holds in marks.items() if t >= 6)
    assert not any(holds for t, holds in marks.items() if Fraction(11, 2) < t < 6)


def test_the_closed_form_of_an_orthogonal_design() -> None:
    # γ = (1, 4)/2, r = (3, −2)/2: x0 enters at 2/3 with 3; x1 at (1/2)/1 with −1/2, its threshold ½.
    problem = Problem([[1, 0], [0, 2]], [3, -1], lower=[1, "1/2"])
    half, two_thirds = Fraction(1, 2), Fraction(2, 3)
    assert orthogonal_path(problem) == [(0, (0, 0)), (half, (0, -half)), (two_thirds, (3, -half))]
    # With no lower threshold x1 never enters.
    free = Problem([[1, 0], [0, 2]], [3, -1], lower=[1, "inf"])
    assert orthogonal_path(free) == [(0, (0, 0)), (two_thirds, (3, 0))]


@settings(max_examples=60, deadline=None)
@given(FAMILIES["underdetermined"].problems(3, 5))
def test_the_end_has_least_norm_among_all_vertices(problem: Problem) -> None:
    # Independently of any dual: the least l1 norm over {b : Xb = Xβ_p} is attained at a basic solution.
    path = saddle_path(problem)
    goal = problem.fitted(path[-1].beta)
    columns = transpose(problem.X)
    norms = []
    for size in range(rank(problem.X) + 1):
        for support in combinations(range(problem.d), size):
            chosen = [columns[j] for j in support]
            if rank(chosen) == size and rank([*chosen, goal]) == size:
                norms.append(sum(map(abs, solve(chosen, goal)), Fraction(0)))
    assert min(norms) == path[-1].l1_norm


def solve(columns: list[tuple[Fraction, ...]], goal: tuple[Fraction, ...]) -> list[Fraction]:
    """The b with Σ b_j columns_j = goal, by the normal equations and Cramer-free elimination."""
    size = len(columns)
    rows = [[*(dot(a, b) for b in columns), dot(a, goal)] for a in columns]
    for i in range(size):
        pivot = next(k for k in range(i, size) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for k in range(size):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_reflection_is_orthogonal(n: int) -> None:
    Q = [reflected(tuple(Fraction(i == j) for j in range(n))) for i in range(n)]
    assert [[dot(a, b) for b in Q] for a in Q] == [[int(i == j) for j in range(n)] for i in range(n)]
    assert n == 1 or all(all(row) for row in Q)


@settings(max_examples=60)
@given(st.lists(st.lists(st.fractions(-3, 3, max_denominator=4), min_size=4, max_size=4), max_size=5))
def test_the_rank(rows: list[list[Fraction]]) -> None:
    entries = [fmpq(value.numerator, value.denominator) for row in rows for value in row]
    assert rank(rows) == fmpq_mat(len(rows), 4, entries).rank()
    doubled = [*rows, *([2 * a - b for a, b in zip(*pair, strict=True)] for pair in pairwise(rows))]
    assert rank(doubled) == rank(rows) == rank(transpose(doubled))


def test_sides() -> None:
    problem = Problem([[1, 1]], [1], lower=["inf", 2], upper=[3, "inf"])
    assert [side_of(problem, 0, Fraction(s)) for s in (-3, 0, 3)] == [0, 0, 1]
    assert [side_of(problem, 1, Fraction(s)) for s in (-2, 0, 2)] == [-1, 0, 0]


def test_a_path_of_a_scaled_network_is_judged_by_its_thresholds() -> None:
    """Zero columns and scaled thresholds have no place in d scales of the network."""
    problem = Problem([[4, 0, 2], [0, 4, 2]], [4, 3], network=Network(4, ["1/2", 1, 2]))
    found = examine(saddle_path(problem))
    assert {verdict.status for verdict in found.verdicts} == {Status.VERIFIED}
    assert {"zero-column", "column-scaling", "column-permutation"} <= {v.claim for v in found.verdicts}
