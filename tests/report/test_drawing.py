"""Curves of the flow in floats: close to what is proved, honest where there is none."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import InvalidInput, MissingExtra
from exactsaddle.report import drawing as module
from exactsaddle.report.drawing import DrawingProgress, draw, drawing_end
from tests.support.closed_forms import orthogonal_flow

README = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))


@pytest.mark.parametrize(
    "problem",
    [
        README.problem,
        load_dataset("planted"),
        Problem([[4, 0, 2], [0, 4, 2]], [4, 3]),  # not unique: the flow selects
        Problem([[1, 2], [0, 1]], [-1, 3], lower=["inf", 1], upper=[1, "1/2"]),
        Problem([[1, 2], [3, 1]], [1, 2], dual=[1, "-1/2"]),  # starts on a threshold
        Problem([[1, 0], [2, 0]], [1, 1]),  # rank 1, a zero column
    ],
    ids=["readme", "planted", "tie", "thresholds", "start", "rank"],
)
def test_curves_pass_through_certified_points(problem: Problem) -> None:
    drawing = draw(saddle_path(problem), ["1e-3", "1e-12"])
    assert [points.alpha for points in drawing.certified] == [Fraction(1, 10**3), Fraction(1, 10**12)]
    for curve, points in zip(drawing.curves, drawing.certified, strict=True):
        assert points.points
        for point in points.points:
            at = np.array([np.interp(float(point.time), curve.times, beta) for beta in curve.betas.T])
            proved = np.array([float(value) for value in point.beta])
            assert np.abs(at - proved).max() < 1e-4 * max(1.0, np.abs(proved).max())
            assert np.interp(float(point.time), curve.times, curve.losses) == pytest.approx(
                float(point.loss), rel=1e-3, abs=1e-4
            )


def test_orthogonal_columns_follow_their_closed_form() -> None:
    problem = Problem([[2, 0], [0, 1]], [3, -1], upper=[1, "inf"], lower=[1, "1/2"])
    alpha, times = Fraction(1, 10**4), [Fraction(k, 10) for k in range(1, 13)]
    (curve,) = draw(saddle_path(problem), [alpha], certify=False).curves
    exact = np.array([[float(b) for b in orthogonal_flow(problem, alpha, time).beta] for time in times])
    for i in range(2):
        drawn = np.interp([float(time) for time in times], curve.times, curve.betas[:, i])
        assert drawn == pytest.approx(exact[:, i], rel=1e-3, abs=1e-7)


def test_samples_are_dense_where_the_curve_jumps() -> None:
    for curve in draw(README, certify=False).curves:
        heights = np.ptp(curve.betas, axis=0)
        assert np.abs(np.diff(curve.betas, axis=0)).max() < 0.2 * heights.max()
        assert (np.diff(curve.times) > 0).all()
        assert curve.times[0] == 0
        assert curve.times[-1] == pytest.approx(float(drawing_end(README)))


def test_small_alpha_comes_to_the_path() -> None:
    (curve,) = draw(README, ["1e-100"], certify=False).curves
    for saddle, middle in zip(README, (0.15, 0.4, 0.66), strict=True):
        at = [np.interp(middle, curve.times, beta) for beta in curve.betas.T]
        assert at == pytest.approx([float(value) for value in saddle.beta], abs=1e-9)


def test_raw_diabetes_is_stiff_and_drawn() -> None:
    path = saddle_path(load_dataset("diabetes"))
    drawing = draw(path, ["1e-16"], certify=False)
    assert not drawing.missing
    (curve,) = drawing.curves
    assert curve.steps < 3_000
    assert curve.betas[-1] == pytest.approx([float(value) for value in path[-1].beta], rel=1e-3)


def test_no_partial_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STEPS", 20)
    drawing = draw(README, ["1e-2", "1e-4"], certify=False)
    assert drawing.curves == ()
    assert [alpha for alpha, _ in drawing.missing] == [Fraction(1, 100), Fraction(1, 10**4)]
    assert all("20 steps" in reason for _, reason in drawing.missing)


def test_beyond_a_budget_points_are_unchecked_with_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STIFFNESS", 30.0)
    drawing = draw(README, ["1e-2", "1e-16"])
    assert [points.alpha for points in drawing.certified] == [Fraction(1, 100)]
    ((alpha, reason),) = drawing.uncertified
    assert alpha == Fraction(1, 10**16)
    assert "ℓ·S = 146 is over the budget of 30" in reason
    monkeypatch.setattr(module, "MAX_SIZE", 17)
    assert "3 saddles × rank 2 × 3 coordinates = 18" in draw(README, ["1e-2"]).uncertified[0][1]


def test_data_beyond_floats_are_refused_by_name() -> None:
    path = saddle_path(Problem([["1e400"]], [1]))
    with pytest.raises(InvalidInput, match="beyond the range of binary64: the flow"):
        draw(path, ["1e-2"])
    with pytest.raises(InvalidInput, match=r"jump times from 1e-400"):
        drawing_end(path)


def test_progress_and_interruption() -> None:
    seen: list[DrawingProgress] = []

    def until_second(state: DrawingProgress) -> bool:
        seen.append(state)
        return state.index == 0

    drawing = draw(README, ["1e-2", "1e-4", "1e-8"], certify=False, progress=until_second)
    assert len(drawing.curves) == 1
    assert [reason for _, reason in drawing.missing] == ["interrupted", "interrupted"]
    shares = [state.share for state in seen if state.index == 0]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_bad_arguments() -> None:
    with pytest.raises(InvalidInput, match="alpha must lie strictly between 0 and 1"):
        draw(README, ["2"])
    with pytest.raises(InvalidInput, match="end > 0"):
        draw(README, ["1e-2"], end=0)


def test_the_end_of_a_drawing() -> None:
    assert drawing_end(README) == Fraction("0.675")  # a fifth beyond 9/16
    assert drawing_end(saddle_path(Problem([[1]], [0]))) == 1
    diabetes = saddle_path(load_dataset("diabetes"))
    assert drawing_end(diabetes) > 2 * diabetes.jump_times[-1]
    prefix = saddle_path(README.problem, max_saddles=2)
    assert drawing_end(prefix) == Fraction(9, 16) == prefix.horizon


def test_without_scipy_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.delitem(sys.modules, "scipy.integrate", raising=False)
    with pytest.raises(MissingExtra, match=r"scipy: pip install 'exactsaddle\[report\]'"):
        draw(README)
