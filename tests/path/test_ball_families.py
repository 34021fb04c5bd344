"""The three arithmetics and the interval checker on every family of degenerate problems."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.path import MAX_BITS
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.testing import strategies
from proofs_checks.check_path_interval import check
from tests.path.test_ball_engine import combinatorics


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_every_arithmetic_finds_the_same_events(name: str) -> None:
    @settings(max_examples=10)
    @given(strategies.FAMILIES[name].problems(5, 6))
    def agree(problem: Problem) -> None:
        expected = combinatorics(saddle_path(problem, arithmetic="rational"))
        balls = saddle_path(problem, arithmetic="ball")
        assert combinatorics(balls) == expected
        assert combinatorics(saddle_path(problem)) == expected
        assert combinatorics(list(BallRun(problem, MAX_BITS, 7))) == expected
        report = check(balls.outline().to_text())
        assert report.verdict == "verified", report.message

    agree()
