"""Where averages are Lasso solutions, by balls: against exact numbers, and where balls do not tell."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.lasso import BallStretch, Stretch, lasso_agreement
from exactsaddle.lasso.integral import BallIntegral, ExactIntegral, Moment
from exactsaddle.numbers import enclose, to_number
from exactsaddle.path import SaddlePath
from exactsaddle.testing import strategies
from tests.support.command import run
from tests.support.problems import general_problems, standard_problems

LEAVES = Problem([[0, -1], [1, 2]], [-1, -2])
ZERO_DUAL = general_problems().map(lambda problem: problem.replace(dual=0))


def outline(stretches: tuple[Stretch, ...]) -> list[tuple[bool, bool, bool, bool, bool]]:
    return [(s.closed_start, s.closed_end, s.holds, s.is_point, s.is_unbounded) for s in stretches]


def assert_same(path: SaddlePath, found: tuple[Stretch, ...], known: tuple[Stretch, ...]) -> None:
    assert outline(found) == outline(known)
    for stretch, exact in zip(found, known, strict=True):
        assert isinstance(stretch, BallStretch)
        assert (stretch.start, stretch.end) == (exact.start, exact.end)
        for digits in (5, 40):
            ends = [(stretch.start_ball(digits), exact.start)]
            if exact.end is not None:
                ball = stretch.end_ball(digits)
                assert ball is not None
                ends.append((ball, exact.end))
            for ball, time in ends:
                with workprec(2000):
                    assert ball.overlaps(enclose(to_number(time)))
                    assert ball.rad() <= abs(ball) * Fraction(1, 10**digits).numerator / 10**digits
        assert stretch.start_text(6) == exact.start_text(6) or exact.start_text(6) in stretch.start_text(6)
        assert stretch.floats == pytest.approx(exact.floats)


def cancels(path: SaddlePath) -> bool:
    """Whether an integral of two signs is exactly 0 at a jump, or two vanish at once: balls never tell."""
    exact, balls = ExactIntegral(path), BallIntegral(path)
    ends = range(len(path) + bool(path[-1].hits))
    zeros = [[exact.time(Moment(k, i)) for i in saddle.support] for k, saddle in enumerate(path)]
    return any(len(set(times)) < len(times) for times in zeros) or any(
        len(sides) > 1 and exact.sign(k, i) == 0 for k in ends for i, sides in balls._sides[k].items()
    )


def assert_found(path: SaddlePath, known: tuple[Stretch, ...]) -> None:
    """Balls find those stretches, or cannot."""
    try:
        found = lasso_agreement(path, arithmetic="ball")
    except Inconclusive:
        assert cancels(path)
        return
    assert_same(path, found, known)


@given(st.one_of(standard_problems(), ZERO_DUAL, strategies.problems().map(lambda p: p.replace(dual=0))))
def test_balls_find_the_stretches_that_exact_numbers_find(problem: Problem) -> None:
    path = saddle_path(problem, arithmetic="ball")
    assert_found(path, lasso_agreement(path, arithmetic="rational"))


def test_a_stretch_ends_inside_a_plateau() -> None:
    found = lasso_agreement(saddle_path(LEAVES, arithmetic="ball"), arithmetic="ball")
    assert [(str(s), s.holds) for s in found] == [
        ("(0, 1.500000000]", True),
        ("(1.500000000, 6.000000000)", False),
        ("[6.000000000, ∞)", True),
    ]
    assert [s.start for s in found] == [0, Fraction(3, 2), 6]
    assert not found[0].is_exact
    assert repr(found[1]) == "BallStretch((1.500000000, 6.000000000), holds = False)"


@given(standard_problems(), st.integers(1, 4))
def test_a_prefix_is_judged_up_to_its_horizon(problem: Problem, saddles: int) -> None:
    path = saddle_path(problem, arithmetic="ball", max_saddles=saddles)
    exact = saddle_path(problem, arithmetic="rational", max_saddles=saddles)
    assert_found(path, lasso_agreement(exact))


TURNING = [  # a coordinate comes back with the other sign: its integral has the one, or the other, at a jump
    Problem([[-2, 3, -2], [3, -2, 1], [-2, -1, 1]], [-1, -3, 1]),
    Problem([[-2, -2, -3], [0, -1, -3], [-3, -1, 1]], [-2, 1, 0]),
    Problem([[-2, -1, -2], [-1, -1, 3], [3, 2, -2]], [2, 2, -3]),
    Problem([[2, -2, 3, -3], [-2, 0, 2, -1], [2, 0, -3, 1]], [-4, -3, 0]),
    Problem([[2, 1, -2, 1], [-3, -2, 0, -2], [3, 2, 1, 3]], [1, 0, 4]),
]


@pytest.mark.parametrize("problem", TURNING)
def test_signs_of_integrals_of_both_signs_are_proved(problem: Problem) -> None:
    path = saddle_path(problem, arithmetic="ball")
    exact, balls = ExactIntegral(path), BallIntegral(path)
    mixed = [(k, i) for k, sides in enumerate(balls._sides) for i, found in sides.items() if len(found) > 1]
    told = [(k, i) for k, i in mixed if k <= len(path) - (not path[-1].hits)]
    assert told
    assert [balls.sign(k, i) for k, i in told] == [exact.sign(k, i) for k, i in told]
    assert_same(path, lasso_agreement(path, arithmetic="ball"), lasso_agreement(path, arithmetic="rational"))


def test_an_integral_that_cancels_is_not_told_from_zero() -> None:
    path = saddle_path(
        Problem([[3, -2, -3, -2], [-1, -2, 2, 2], [-2, -2, 3, 3]], [-2, -1, 3]), arithmetic="ball"
    )
    assert ExactIntegral(path).sign(4, 2) == 0
    with pytest.raises(Inconclusive, match=r"integral of x2 over \[0, t_4\] is 0 is not told by 480 digits"):
        lasso_agreement(path, arithmetic="ball")
    assert lasso_agreement(path)[-1].is_exact


def test_auto_takes_balls_where_exact_numbers_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    short = saddle_path(LEAVES, arithmetic="ball")
    assert all(stretch.is_exact for stretch in lasso_agreement(short))
    monkeypatch.setattr("exactsaddle.lasso.averages.EXACT_WORK", 0)
    assert not any(stretch.is_exact for stretch in lasso_agreement(short))
    assert all(stretch.is_exact for stretch in lasso_agreement(saddle_path(LEAVES, arithmetic="rational")))
    with pytest.raises(InvalidInput, match="arithmetic must be"):
        lasso_agreement(short, arithmetic="float")  # type: ignore[arg-type]


def test_the_command_prints_ends_that_are_balls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("exactsaddle.cli.lasso.lasso_agreement", partial(lasso_agreement, arithmetic="ball"))
    data = tmp_path / "data.csv"
    data.write_text("a,b,y\n0,-1,-1\n1,2,-2\n")
    shown = run("lasso", str(data), "--relation").stdout
    assert "(≈ 1.5000000, ≈ 6.0000000)" in shown
    assert "[≈ 6.0000000, ∞)" in shown
    relation = json.loads(run("lasso", str(data), "--relation", "--json").stdout)["relation"]
    assert [stretch["holds"] for stretch in relation] == [True, False, True]
    mid, rad = (Fraction(relation[1]["end"][part]) for part in ("mid", "rad"))
    assert abs(mid - 6) <= rad < Fraction(1, 10**25)
    assert relation[2]["end"] is None
