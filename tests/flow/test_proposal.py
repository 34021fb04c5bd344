"""Proposals in floats: the linear systems of Newton's method, and that no proof leans on them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from exactsaddle import Problem
from exactsaddle.flow import enclose, jacobian
from exactsaddle.flow.active_field import ActiveField, Sets, basis_of
from exactsaddle.flow.float_basis import float_basis
from exactsaddle.flow.float_field import FloatField
from exactsaddle.flow.jacobian import Jacobian
from exactsaddle.flow.proposal import Proposer
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.vector_field import BallField
from exactsaddle.problem import FloatArray

WIDE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
TALL = Problem([[1, 2], [3, -1], [2, 2], [0, 1]], [1, 2, -1, 3])


def field_of(problem: Problem) -> BallField:
    with ctx.workprec(100):
        return BallField.at(ReducedFlow.of(problem), fmpq(1, 10**10))


def seen(field: BallField) -> ActiveField:
    """The field of a step that every coordinate moves."""
    strong = tuple(range(field.dimension))
    return ActiveField.of(field, Sets(strong, (), basis_of(field, strong, ())))


def left_over(
    found: FloatArray, field: FloatField, length: float, rate: FloatArray, wanted: FloatArray
) -> float:
    """‖v + (Qv R ⊙ rate) G_P − wanted‖ / ‖wanted‖ for the slopes v found."""
    moved = (length / 2) * float_basis(len(rate) - 1).integrals @ found @ field.reduction
    return float(np.linalg.norm(found + (moved * rate) @ field.gram_rows.T - wanted) / np.linalg.norm(wanted))


@pytest.mark.parametrize("stiffness", [1e-3, 1.0, 10.0])
@pytest.mark.parametrize("problem", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("few", [0, 10_000], ids=["steps", "inverse"])
def test_the_linear_systems_are_solved(
    problem: Problem, stiffness: float, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jacobian, "_FEW", few)
    field, basis, length = FloatField(seen(field_of(problem))), float_basis(30), 0.5
    nodes = basis.values[:, 1:2]
    rate = stiffness * np.exp(np.arange(problem.d) * nodes / 4)
    wanted = np.cos(1 + np.arange(len(field.reduction)) + 2 * nodes)
    found = Jacobian(field, basis, length, rate).solve(wanted, 1e-11)
    assert found is not None
    assert left_over(found, field, length, rate, wanted) < 1e-8


@pytest.mark.parametrize("problem", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize(("steps", "most"), [(16, 0.05), (2**26, 1e-6)])
def test_rates_that_do_not_change_take_one_step(
    problem: Problem, steps: int, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jacobian, "_FEW", 0)
    monkeypatch.setattr("exactsaddle.flow.float_basis._STEPS", steps)
    field, basis = FloatField(seen(field_of(problem))), float_basis(30)
    change = Jacobian(field, basis, 0.5, np.exp(np.arange(problem.d)) * np.ones((31, 1)) * 1e4)
    wanted = basis.integrals @ np.cos(np.arange(len(field.reduction)) + basis.values[:, 1:2])
    left = wanted - change._apply(change._nearly(wanted))
    assert np.linalg.norm(left) < most * np.linalg.norm(wanted)


def test_only_coordinates_that_move_enter() -> None:
    field, basis = FloatField(seen(field_of(WIDE))), float_basis(30)
    rate = np.full((31, 5), 1e-30)
    rate[:, 2] = 1
    assert Jacobian(field, basis, 0.5, rate)._out.shape == (1, 1)
    assert Jacobian(field, basis, 0.5, rate + 1)._out.shape == (3, 5)


def test_what_is_not_finite_is_no_proposal() -> None:
    field, basis = FloatField(seen(field_of(WIDE))), float_basis(30)
    assert Jacobian(field, basis, 0.5, np.ones((31, 5))).solve(np.full((31, 3), np.nan), 1e-6) is None
    balls = field_of(WIDE)
    active = seen(balls)
    proposer, start = Proposer(FloatField(active), 30), balls.distances([arb(0)] * 5)
    force = list(active.correlation)
    assert proposer.propose(start, [], force, 1e6) is None
    assert proposer.propose(start, [], force, 1e-3) is not None


def test_steps_and_inverse_give_the_same_balls(monkeypatch: pytest.MonkeyPatch) -> None:
    balls = []
    for few in (0, 10_000):
        monkeypatch.setattr(jacobian, "_FEW", few)
        (point,) = enclose(TALL, "1e-20", [Fraction(2, 5)]).points
        balls.append([str(ball) for ball in (*point.beta, *point.dual, point.loss)])
    assert balls[0] == balls[1]
