"""What is said of the flow does not depend on how it was found."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from flint import arb, fmpq

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.convergence import converge
from exactsaddle.flow import Flowpipe, enclose
from exactsaddle.flow.grid import Grid
from exactsaddle.numbers.balls import ball_to_json
from exactsaddle.report.as_json import convergence_to_json
from tests.support.noise import noisy_proposals

GRID = Grid(10)
PROBLEMS = {
    "jumps": Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1]),
    "tie": Problem([[4, 0, 2], [0, 4, 2]], [4, 3]),
    "thresholds": Problem([[1, 2], [0, 1]], [-1, 3], lower=["inf", 1], upper=[1, "1/2"]),
    "start": Problem([[1, 2], [3, 1]], [1, 2], dual=[1, "-1/2"]),
    "still": Problem([[0, 0]], [1]),
}


@pytest.mark.parametrize("value", ["0", "1/3", "-7/10", "0.12345", "123456789/1000"])
def test_a_cell_contains_its_ball(value: str) -> None:
    ball = arb(fmpq(Fraction(value).numerator, Fraction(value).denominator)) + arb(0, "1e-12")
    cell = GRID.cell(ball)
    assert cell is not None
    assert cell.contains(ball)
    assert GRID.nearby(ball).contains(ball)
    assert cell.rad() == arb((1, -10))


def test_between_two_cells_none_holds_the_ball() -> None:
    edge = arb(fmpq(498, 997)) / 2**10 + arb(0, "1e-12")
    assert GRID.cell(edge) is None
    assert GRID.nearby(edge).contains(edge)
    wide = arb(0, "0.01")
    assert GRID.cell(wide) is None
    assert GRID.nearby(wide).contains(wide)


def _said(pipe: Flowpipe) -> str:
    points = [*pipe.points, pipe.at("1/7"), pipe.at("5/7")]
    balls = [[ball_to_json(ball) for ball in (*p.beta, *p.dual, p.loss)] for p in points]
    return json.dumps([balls, pipe.attempts, ball_to_json(pipe.log_scale)])


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("noise", [pytest.param(1e-13, marks=pytest.mark.slow), 1e-9])
def test_disturbed_proposals_give_the_same_balls(name: str, noise: float) -> None:
    def run() -> Flowpipe:
        return enclose(PROBLEMS[name], "1e-8", ["1/10", "2/5", 1], radius="1e-12", keep=True)

    plain = run()
    with noisy_proposals(noise):
        disturbed = run()
    assert _said(plain) == _said(disturbed)
    if name != "still":  # and something was disturbed
        slopes = [
            [b.mid().man_exp() for step in pipe.steps for row in step.slope for b in row]
            for pipe in (plain, disturbed)
        ]
        assert slopes[0] != slopes[1]


@pytest.mark.parametrize("name", ["jumps", "tie"])
def test_disturbed_proposals_give_the_same_measurements(name: str) -> None:
    def run() -> str:
        found = converge(saddle_path(PROBLEMS[name]), ["1e-3", "1e-6"], digits=6)
        return json.dumps(convergence_to_json(found))

    plain = run()
    for seed in range(2):
        with noisy_proposals(1e-9, seed):
            assert run() == plain


def test_a_value_at_the_end_of_a_cell_makes_the_proof_sharper(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = enclose(PROBLEMS["jumps"], "1e-5", ["2/5"], radius="1e-10")
    monkeypatch.setattr("exactsaddle.flow.enclosure._GUARD_BITS", 1)
    found = enclose(PROBLEMS["jumps"], "1e-5", ["2/5"], radius="1e-10")
    assert _points(found) == _points(wanted)
    monkeypatch.setattr("exactsaddle.flow.enclosure._MAX_GUARD_BITS", 4)
    monkeypatch.setattr(Grid, "cell", lambda *_: None)
    with pytest.raises(Inconclusive, match="do not tell a cell"):
        enclose(PROBLEMS["jumps"], "1e-5", ["2/5"], radius="1e-10")


def _points(pipe: Flowpipe) -> list[list[str]]:
    return [[ball.str(40) for ball in (*point.beta, *point.dual)] for point in pipe.points]
