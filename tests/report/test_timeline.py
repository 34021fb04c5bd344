"""What the slider of the HTML report is given: exact where it fits, right to the last digit where not."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import NoReturn

import pytest

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.numbers import NormalEquations, parse_rational, to_decimal, to_fraction, to_rational
from exactsaddle.report.contents import timeline as module
from exactsaddle.report.contents.timeline import DIGITS, timeline
from exactsaddle.report.document import Timeline
from tests.support.report_samples import diabetes_path, small_path


def made(path: SaddlePath) -> Timeline:
    found = timeline(path)
    assert found is not None
    return found


def texts_and_values(path: SaddlePath, line: Timeline) -> list[tuple[str, Fraction]]:
    pairs = []
    for plateau, saddle in zip(line.plateaus, path, strict=True):
        pairs += [(plateau.jump_time, saddle.jump_time), (plateau.loss, saddle.loss)]
        pairs += [(text, saddle.beta[i]) for i, text in plateau.beta.items()]
        pairs += list(zip(plateau.duals, saddle.dual, strict=True))
        pairs += [(text, -g) for text, g in zip(plateau.slopes, saddle.gradient, strict=True)]
    return pairs


@pytest.mark.parametrize("path", [small_path(), diabetes_path()], ids=["small", "diabetes"])
def test_exact_where_it_fits(path: SaddlePath) -> None:
    line = made(path)
    assert line.exact
    assert all(to_fraction(parse_rational(text)) == value for text, value in texts_and_values(path, line))


def test_rounded_where_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EXACT_DIGITS", 1000)
    line = made(diabetes_path())
    assert not line.exact
    pairs = texts_and_values(diabetes_path(), line)
    assert all(text in (str(value), to_decimal(to_rational(value), DIGITS)) for text, value in pairs)
    assert any("/" in text for text, _ in pairs)
    assert any(len(text.replace(".", "")) > DIGITS for text, _ in pairs)


def test_a_path_of_balls_gives_the_same_digits() -> None:
    balls = saddle_path(diabetes_path().problem, arithmetic="ball")
    line = made(balls)
    assert not line.exact
    for text, value in texts_and_values(diabetes_path(), line):
        assert text == to_decimal(to_rational(value), DIGITS)


def test_a_path_of_balls_knows_what_is_zero_and_on_a_threshold() -> None:
    """Column 0 is orthogonal to y: no ball tells that its dual is 0, and stays so."""
    problem = Problem([[3, 1, 0, 2], [1, 2, 0, 1], [0, 0, 5, 0]], [1, -3, 0], upper=[1, 1, 1, "1/3"])
    exact, balls = (saddle_path(problem, arithmetic=kind) for kind in ("rational", "ball"))  # type: ignore[arg-type]
    first = made(balls).plateaus[0]
    assert (first.duals[0], first.slopes[0]) == ("0", "0")
    for text, value in texts_and_values(exact, made(balls)):
        assert Fraction(text) == Fraction(to_decimal(to_rational(value), DIGITS))


def test_a_path_of_balls_is_sharpened_where_jumps_are_near() -> None:
    """The duals move by 1e-24 between the jumps: their difference keeps no digit of a careless ball."""
    near = f"1.{'0' * 24}1"
    problem = Problem([[3, 0, 1], [0, 3, 1]], [near, 1])
    exact, balls = (saddle_path(problem, arithmetic=kind) for kind in ("rational", "ball"))  # type: ignore[arg-type]
    assert min(b - a for a, b in pairwise(exact.jump_times)) < Fraction(1, 10**20)
    for text, value in texts_and_values(exact, made(balls)):
        rounded = to_decimal(to_rational(value), DIGITS)
        assert text == rounded or Fraction(text) == value  # 1.50000000000: no ball tells it is exactly 1.5


def test_a_path_of_balls_in_general_position_needs_no_exact_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slopes of a support are 0 by what is proved of it: exact solves took minutes at 200 x 200."""
    path = saddle_path(
        Problem([[0.9, 0.2, 0.1], [0.3, 0.7, 0.4], [0.1, 0.6, 0.8]], [1, 2, 4]), arithmetic="ball"
    )

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("an exact solve")

    monkeypatch.setattr(NormalEquations, "least_squares", refuse)
    plateaus = made(path).plateaus
    assert any(plateau.beta for plateau in plateaus[:-1])
    assert all(plateau.slopes[i] == "0" for plateau in plateaus for i in plateau.beta)


def test_none_beyond_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STATES", 5)
    assert timeline(small_path()) is None


@pytest.mark.parametrize("arithmetic", ["rational", "ball"])
@pytest.mark.parametrize("saddles", [1, 2, 5, 14, 15])
def test_it_ends_after_the_last_jump_and_before_the_horizon(arithmetic: str, saddles: int) -> None:
    path = saddle_path(diabetes_path().problem, arithmetic=arithmetic, max_saddles=saddles)  # type: ignore[arg-type]
    end = Fraction(made(path).end)
    assert path[-1].jump_time < end
    assert path.horizon is None or end < path.horizon


def test_a_path_that_never_moves_has_an_end() -> None:
    line = made(saddle_path(Problem([[1]], [0])))
    assert line.end == "1"
    assert [plateau.loss for plateau in line.plateaus] == ["0"]


def test_jumps_name_who_entered_and_left() -> None:
    line = made(diabetes_path())
    assert line.plateaus[3].entered == (9,)
    assert line.plateaus[3].left == (4,)
    for before, after in pairwise(line.plateaus):
        support = (set(before.beta) | set(after.entered)) - set(after.left)
        assert support == set(after.beta)
