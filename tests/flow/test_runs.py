"""A run that is kept answers in every digit as one of its own would."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.convergence import converge
from exactsaddle.flow import Flowpipe, Progress, Runs, enclose
from exactsaddle.flow import runs as module
from exactsaddle.flow.accuracy import bits_needed
from exactsaddle.report.drawing import draw, drawing_end

README = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
WIDE = Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1])
ALPHA = "1e-8"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Flowpipe]:
    """Every run that is made from here on."""
    found: list[Flowpipe] = []

    def counted(*arguments: Any, **options: Any) -> Flowpipe:
        found.append(enclose(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(module, "enclose", counted)
    return found


def _said(pipe: Flowpipe) -> list[Any]:
    """All that does not depend on the steps."""
    points = [
        (
            point.time,
            point.precision,
            [(b.mid().str(), b.rad().str()) for b in (*point.dual, *point.beta, point.loss)],
        )
        for point in pipe.points
    ]
    return [pipe.alpha, pipe.complete, pipe.attempts, pipe.grid, points]


@pytest.mark.parametrize("problem", [README, WIDE])
@pytest.mark.parametrize("radius", ["1e-20", "1e-9", "1/3"])
def test_fewer_digits_at_other_times(problem: Problem, radius: str, made: list[Flowpipe]) -> None:
    runs = Runs(problem)
    first = runs.enclose(ALPHA, ["0", "1/2"], radius="1e-30")
    assert _said(first) == _said(enclose(problem, ALPHA, ["0", "1/2"], radius="1e-30"))
    times = [0, Fraction(1, 7), Fraction(1, 4), Fraction(2, 5)]
    second = runs.enclose(ALPHA, times, radius=radius)
    own = enclose(problem, ALPHA, times, radius=radius, keep=True)
    assert _said(second) == _said(own)
    assert len(made) == 1
    for time in (Fraction(1, 9), Fraction(3, 8)):
        assert [ball.str() for ball in second.at(time).beta] == [ball.str() for ball in own.at(time).beta]


def test_a_radius_that_is_missed_at_first(monkeypatch: pytest.MonkeyPatch, made: list[Flowpipe]) -> None:
    """The rule for the first grid knows no residual larger than y; here it is told to ask for less."""
    monkeypatch.setattr("exactsaddle.flow.view.bits_needed", lambda *asked: bits_needed(*asked) - 12)
    runs = Runs(README)
    runs.enclose(ALPHA, ["1/2"], radius="1e-30")
    found = runs.enclose(ALPHA, ["1/3"], radius="1e-10")
    assert len(found.attempts) > 1
    assert _said(found) == _said(enclose(README, ALPHA, ["1/3"], radius="1e-10"))
    assert len(made) == 1


@pytest.mark.parametrize(
    ("alpha", "times", "radius"),
    [("1e-9", ["1/4"], "1e-10"), (ALPHA, ["3/5"], "1e-10"), (ALPHA, ["1/4"], "1e-40")],
    ids=["alpha", "later", "digits"],
)
def test_what_a_run_does_not_reach_takes_another(
    alpha: str, times: list[str], radius: str, made: list[Flowpipe]
) -> None:
    runs = Runs(README)
    runs.enclose(ALPHA, ["1/2"], radius="1e-20")
    assert _said(runs.enclose(alpha, times, radius=radius)) == _said(
        enclose(README, alpha, times, radius=radius)
    )
    assert len(made) == 2


def test_runs_go_on_to_where_somebody_asks_later(made: list[Flowpipe]) -> None:
    runs = Runs(README, "3/5")
    assert [point.time for point in runs.enclose(ALPHA, ["1/2"], radius="1e-20").points] == [Fraction(1, 2)]
    runs.enclose(ALPHA, ["3/5"], radius="1e-9")
    assert len(made) == 1


def test_an_end_that_is_out_of_reach_is_nobody_s_loss() -> None:
    few = enclose(README, ALPHA, ["1/8"], radius="1e-9").step_count
    runs = Runs(README, 1000)
    found = runs.enclose(ALPHA, ["1/8"], radius="1e-9", max_steps=few)
    assert _said(found) == _said(enclose(README, ALPHA, ["1/8"], radius="1e-9"))
    with pytest.raises(Inconclusive, match="steps ran out"):
        runs.enclose("1e-7", ["1/2"], radius="1e-9", max_steps=2)


def test_a_run_that_was_stopped_is_not_kept(made: list[Flowpipe]) -> None:
    def until(time: Fraction) -> Callable[[Progress], bool]:
        return lambda state: state.time < time

    runs = Runs(README, "3/5")
    stopped = runs.enclose(ALPHA, ["1/8", "1/2"], radius="1e-9", progress=until(Fraction(1, 5)))
    assert (stopped.complete, [point.time for point in stopped.points]) == (False, [Fraction(1, 8)])
    assert runs.enclose(ALPHA, ["1/8", "1/2"], radius="1e-9").complete
    assert len(made) == 2


def test_what_is_measured_and_drawn_is_the_same_from_one_run(made: list[Flowpipe]) -> None:
    path = saddle_path(README)
    runs = Runs(README, drawing_end(path))
    measured, drawn = converge(path, ["1e-2", ALPHA], runs=runs), draw(path, ["1e-2", ALPHA], runs=runs)
    assert len(made) == 2
    own = converge(path, ["1e-2", ALPHA])
    assert measured.precisions == own.precisions
    for ours, theirs in zip(measured.plateaus, own.plateaus, strict=True):
        assert [b.str() for b in (*ours.supremum, *ours.probed)] == [
            b.str() for b in (*theirs.supremum, *theirs.probed)
        ]
    for one, other in zip(drawn.curves, draw(path, ["1e-2", ALPHA]).curves, strict=True):
        assert one.betas.tolist() == other.betas.tolist()
        assert one.losses.tolist() == other.losses.tolist()
