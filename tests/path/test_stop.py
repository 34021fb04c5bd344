"""Rules by which a path stops: each as it is written, in plain Fractions, whatever found the path."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from exactsaddle import Problem, RealProblem, SaddlePath, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.path import Stop
from exactsaddle.problem import Resolution
from tests.path.test_rounding import explained
from tests.support.problems import general_problems

BENT = Problem([[2, 1, -1], [1, 2, 2], [0, 1, 3]], ["3.25", "1.5", "-0.75"], resolution={"y": "0.5"})


def first(path: SaddlePath, stop: Stop) -> int | None:
    """The first saddle where the rule holds, from the numbers of a complete path."""
    for k, saddle in enumerate(path):
        holds = {
            "time": k + 1 == len(path) or path[k + 1].jump_time > stop.limit,
            "loss": saddle.loss <= stop.limit,
            "saddles": k + 1 == stop.limit,
            "rounding": explained(path.problem, saddle.beta),
        }
        if holds[stop.rule]:
            return k
    return None


def rules(path: SaddlePath) -> list[Stop]:
    """Limits that are met exactly, and between any two of those."""
    times = {t for saddle in path for t in (saddle.jump_time, saddle.jump_time + Fraction(1, 100))}
    losses = {v for saddle in path for v in (saddle.loss, saddle.loss * Fraction(9, 10))}
    counts = range(1, len(path) + 2)
    return [
        *(Stop("time", t) for t in sorted(times)),
        *(Stop("loss", v) for v in sorted(losses)),
        *(Stop("saddles", Fraction(count)) for count in counts),
        *([Stop("rounding")] if not path.problem.resolution.is_exact else []),
    ]


def check_stops(problem: Problem, arithmetic: Any) -> None:
    path = saddle_path(problem, arithmetic="rational")
    found = saddle_path(problem, arithmetic=arithmetic)
    for stop in rules(path):
        expected = first(path, stop)
        stopped = saddle_path(problem, arithmetic=arithmetic, stop=stop)
        assert stopped == found.until(stop)
        if expected in (None, len(path) - 1):
            assert (len(stopped), stopped.complete, stopped.stop) == (len(path), True, None)
        else:
            assert (len(stopped), stopped.complete) == (expected + 1, False)
            assert stopped.stop == stop.on(problem)


@pytest.mark.parametrize("arithmetic", ["rational", "ball"])
def test_it_ends_where_the_rule_first_holds(arithmetic: Any) -> None:
    check_stops(BENT, arithmetic)


@settings(max_examples=8)
@given(general_problems())
def test_whatever_the_thresholds(problem: Problem) -> None:
    for arithmetic in ("rational", "ball"):
        check_stops(problem.replace(resolution="1/2"), arithmetic)


def test_nothing_beyond_is_computed() -> None:
    seen: list[int] = []
    path = saddle_path(BENT, stop="saddles<=2", progress=lambda saddle: seen.append(saddle.index))
    assert seen == [0, 1]
    assert (len(path), path.stopped_by) == (2, "the rule saddles <= 2")
    assert pickle.loads(pickle.dumps(path)) == path
    assert path != saddle_path(BENT, max_saddles=2)


def test_real_numbers_stop_too() -> None:
    problem = RealProblem([["sqrt(2)", "pi/4"], [0.5, 2]], [1, "exp(1)"])
    path = saddle_path(problem)
    assert len(path) == 3
    times = [Fraction(float(saddle.jump_time_ball(17))) for saddle in path]
    losses = [Fraction(float(saddle.loss_ball(17))) for saddle in path]
    for k in (0, 1):
        assert len(path.until(Stop("time", (times[k] + times[k + 1]) / 2))) == k + 1
        assert len(path.until(Stop("loss", losses[k] + Fraction(1, 10**6)))) == k + 1
    assert path.until("loss<=0") is path


def test_above_the_rounding_is_a_stop() -> None:
    path = saddle_path(BENT.replace(resolution={"y": 1}))
    shown = path.above_rounding
    assert len(shown) < len(path)
    assert shown == path.until("rounding")
    assert shown.stop == Stop("rounding", resolution=Resolution(target=(Fraction(1),)))
    assert path.until("rounding").until("rounding") == shown


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("rounding", Stop("rounding")),
        ("t<=10", Stop("time", Fraction(10))),
        (" loss <= 1e-6 ", Stop("loss", Fraction(1, 10**6))),
        ("loss ≤ 1/3", Stop("loss", Fraction(1, 3))),
        ("saddles<=6", Stop("saddles", Fraction(6))),
    ],
)
def test_rules_as_they_are_written(text: str, stop: Stop) -> None:
    assert Stop.read(text) == stop
    assert Stop.read(str(stop)) == stop
    bound = stop.on(Problem([["0.5", 1]], [0.25]))
    assert Stop.from_json(bound.to_json()) == bound


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "none of rounding"),
        ("t<10", "none of rounding"),
        ("time<=10", "none of rounding"),
        (7, "none of rounding"),
        ("t<=-1", "time: the limit must be at least 0"),
        ("loss<=x", "loss: 'x' is not a rational"),
        ("saddles<=1/2", "a positive integer"),
        ("saddles<=0", "a positive integer"),
    ],
)
def test_what_is_no_rule_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        saddle_path(BENT, stop=value)


def test_exact_data_have_no_rounding_to_stop_at() -> None:
    with pytest.raises(InvalidInput, match="the data are exact"):
        saddle_path(Problem([[1]], [1]), stop="rounding")
    for value in ({}, {"loss": 1}, {"rounding": {"X": "exact"}}, {"end": "1"}, "rounding"):
        with pytest.raises(InvalidInput):
            Stop.from_json(value)
