"""A step sees few coordinates: what it sees, what it leaves out, and that both are bounded."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.flow import Flowpipe, enclose
from exactsaddle.flow.active_field import ActiveField, Sets, basis_of
from exactsaddle.flow.between import Between, Missed
from exactsaddle.flow.chebyshev import tables
from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.step import Place, Proved, Refused
from exactsaddle.flow.vector_field import BallField
from exactsaddle.flow.weak import Outside
from tests.support.defects import defect_at
from tests.support.problems import general_problems

WIDE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
TWINS = Problem([[1, 1, 2, 1], [2, 2, -1, 0], [0, 0, 1, 3]], [3, 1, 2])


def _field(problem: Problem, alpha: str = "1e-10") -> BallField:
    return BallField.at(ReducedFlow.of(problem), fmpq(1, 10 ** int(alpha[3:])))


@pytest.mark.parametrize("strong", [(), (1,), (0, 3), (0, 1), (0, 2, 3)])
def test_coordinates_move_as_their_equations_say(strong: tuple[int, ...]) -> None:
    """s' = Rᵀv + μ − Kb is r − Gβ for v = s_P' of β on S and W."""
    with workprec(200):
        field = _field(TWINS)
        weak = tuple(i for i in range(4) if i not in strong)
        active = ActiveField.of(field, Sets(strong, weak, tuple(sorted(basis_of(field, strong, ())))))
        beta = [arb(fmpq(i + 1, 3)) for i in range(4)]
        wanted = field.descent(beta)
        slope = [wanted[i] for i in active.sets.pivots]
        moves = active.moves(slope, arb(1), [beta[i] for i in weak])
        for found, true in zip(moves, wanted, strict=True):
            assert abs(found - true) < arb("1e-40")


def test_columns_that_depend_are_spanned_by_their_pivots() -> None:
    flow = ReducedFlow.of(TWINS)
    assert flow.basis_of([0, 1]) == (0,)
    assert flow.basis_of([1, 0, 2]) == (1, 2)
    assert flow.basis_of([3, 2, 1, 0]) == (3, 2, 1)


@settings(max_examples=20)
@given(general_problems(max_n=3, max_d=5))
def test_a_basis_spans_what_it_was_asked_for(problem: Problem) -> None:
    flow = ReducedFlow.of(problem)
    columns = list(range(0, problem.d, 2))
    found = flow.basis_of(columns)
    design = problem.design_matrix
    assert set(found) <= set(columns)
    assert len(found) == (design.rank(columns) if columns else 0)


def test_columns_too_near_dependence_are_no_basis() -> None:
    near = Problem([[1, 1, 0], [0, Fraction(1, 10**30), 0], [0, 0, 1]], [1, 1, 1])
    with workprec(100):
        field = _field(near)
        assert set(basis_of(field, (0, 1), ())) == {0, 1, 2}  # all there is, exactly
        assert basis_of(field, (0, 2), ()) == (0, 2)
        active = ActiveField.of(field, Sets((0, 1, 2), (), (0, 1, 2)))
        assert all(row.rad() < arb("1e-20") for row in active.reduction.entries())
        (point,) = enclose(near, "1e-6", [3]).points
        # the third column is fitted, the twins half of what they share
        assert arb(fmpq(1, 6)) < point.loss < arb(fmpq(1, 3))


ORTHOGONAL = Problem([[1, Fraction(1, 2)], [0, 1]], [1, 1])


@pytest.mark.parametrize("group", ["weak", "none"])
def test_a_coordinate_that_is_not_small_is_noticed(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is left out though its β is too large for that; without the bound the defect is wrong."""
    with ctx.workprec(150):
        field = _field(ORTHOGONAL)
        sets = Sets((0,), (1,) if group == "weak" else (), (0,))
        collocator = Collocator(ActiveField.of(field, sets), Outlook(field), 50, 47)
        start = (arb(fmpq(1, 2)), arb(fmpq(3, 4) if group == "weak" else fmpq(1, 4)))
        place, length = Place.of(field, fmpq(0), start, arb(0)), fmpq(1, 64)
        refused = collocator.step(place, length)
        assert isinstance(refused, Refused)
        assert set(refused.sizes) == {1}
        assert refused.factor == 1
        monkeypatch.setattr(Outside, "bound", lambda *_: (arb(0), {}))
        found = collocator.step(place, length)
        assert isinstance(found, Proved)
        times = [length * fmpq(j, 16) for j in range(17)]
        assert not all(defect_at(field, found.step, time) <= found.step.defect for time in times)


@pytest.mark.parametrize("alpha", ["1e-20", "1e-30"])
def test_whatever_a_step_sees_the_balls_are_the_same(alpha: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(pipe: Flowpipe) -> list[str]:
        return [str(ball) for point in pipe.points for ball in (*point.dual, *point.beta, point.loss)]

    times = ["1/10", "2/5", 1]
    few = enclose(WIDE, alpha, times, keep=True)
    assert any(step.sets.weak for step in few.steps)
    assert any(len(step.sets.strong) < WIDE.d for step in few.steps)
    monkeypatch.setattr(Outlook, "sizes", lambda self, start, *_: np.full(len(start), np.inf))
    every = enclose(WIDE, alpha, times, keep=True)
    assert all(len(step.sets.strong) == WIDE.d for step in every.steps)
    assert said(few) == said(every)


def test_what_was_thought_small_is_seen_when_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = enclose(WIDE, "1e-10", [1])
    monkeypatch.setattr(Outlook, "sizes", lambda self, start, *_: np.full(len(start), -np.inf))
    found = enclose(WIDE, "1e-10", [1])
    assert str(found.points[0].beta) == str(plain.points[0].beta)
    assert found.step_count > plain.step_count


def test_what_is_known_of_the_field_bounds_where_the_dual_goes() -> None:
    """Balls as wide as numbers: a bound of how far a dual goes holds the farthest."""
    with workprec(100):
        field = _field(WIDE)
        active = ActiveField.of(field, Sets((0, 1, 2), (3, 4), (0, 1, 2)))
        wide = replace(active, reduction=active.reduction + arb_mat(3, 5, [arb(0, 1)] * 15))
        half, slope = arb(fmpq(1, 1000)), arb_mat(3, 31, [arb(1)] + [arb(0)] * 30 + [arb(0)] * 62)
        start = field.distances(field.dual_start)
        sizes = {
            name: Between(seen, Outlook(field), 40, 30).missed(slope, half, start, -math.inf).sizes
            for name, seen in (("exact", active), ("wide", wide))
        }
        for i in (3, 4):
            # in units of ε a dual whose R may be one more goes half/ε farther than its mean, and the mean too
            more = (2 * 2 * half * field.per_unit).exp()
            assert sizes["wide"][i][0] > sizes["exact"][i][0] * more * arb("0.99")


def _between() -> tuple[ActiveField, Between, arb_mat, arb]:
    active = ActiveField.of(_field(WIDE), Sets((0, 1), (2, 3), (0, 1)))
    slope = arb_mat(2, 31, [arb(1)] + [arb(0)] * 30 + [arb(2)] + [arb(0)] * 30)
    return active, Between(active, Outlook(active.base), 40, 30), slope, arb(fmpq(1, 1000))


def test_every_coordinate_seen_has_its_part_of_the_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    with workprec(100):
        active, between, slope, half = _between()
        monkeypatch.setattr(BallField, "magnitude", lambda _, i, *__: arb(i + 1))
        found = between.missed(slope, half, active.base.distances(active.base.dual_start), -math.inf)
        parts = sum((root * (i + 1) for i, root in enumerate(active.base.diagonal_root[:4])), arb(0))
        assert found.force >= parts.mid()
        assert found.tail > 0


def test_a_defect_holds_its_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    tail = arb((1, -60))
    with workprec(150):
        field = _field(ORTHOGONAL)
        collocator = Collocator(ActiveField.of(field, Sets((0, 1), (), (0, 1))), Outlook(field), 50, 47)
        place = Place.of(field, fmpq(0), (arb(fmpq(1, 2)), arb(fmpq(1, 4))), arb(0))
        monkeypatch.setattr(Between, "missed", lambda *_: Missed(tail, tail, {}, 1.0, False))
        found = collocator.step(place, fmpq(1, 256), hasty=False)
        assert isinstance(found, Proved)
        assert found.step.defect >= tail


def test_what_a_correction_moves_is_counted() -> None:
    """b was found for other values of v: β_W has moved by its rate times what they move s."""
    with workprec(100):
        active, between, slope, half = _between()
        start = active.base.distances(active.base.dual_start)
        missed = between.missed(slope, half, start, -math.inf)
        nodes, change = arb_mat(2, 31, [arb(1)] * 31 + [arb(2)] * 31), arb((1, -40))
        outside = Outside(active, 30, 16)
        weak = outside.known(nodes, tables(30, 100).integrals(nodes) * half, half, start, 60)
        bounds = [
            outside.bound(missed, weak, now, 2 * half, arb(1))[0]
            for now in (nodes, nodes + arb_mat(2, 31, [change] * 62))
        ]
        moved = 2 * half * active.norm([change, change])
        root = active.base.diagonal_root
        assert (
            bounds[1] - bounds[0] > sum((root[i] ** 2 * missed.sizes[i][1] for i in (2, 3)), arb(0)) * moved
        )
