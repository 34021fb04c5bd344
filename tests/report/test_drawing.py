"""Curves of the flow: within half a unit of what is proved, honest where there is none."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.flow import Enclosure
from exactsaddle.problem import Network
from exactsaddle.report import drawing as module
from exactsaddle.report import polyline
from exactsaddle.report.drawing import DrawingProgress, draw, drawing_end
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.trajectory import axes_of
from exactsaddle.report.polyline import Polyline
from tests.support.closed_forms import orthogonal_flow
from tests.support.drawn import from_coordinates, from_loss, from_trajectory, truth
from tests.support.noise import noisy_proposals

README = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))


CURVES = {
    "large": (README.problem, "1e-2"),
    "fast": (README.problem, "1e-100"),
    "space": (Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1]), "1e-8"),
    "fast in space": (Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1]), "1e-60"),
    "back again": (Problem([[1, 2], [0, -1]], [2, 1]), "1e-100"),
    "tie": (Problem([[4, 0, 2], [0, 4, 2]], [4, 3]), "1e-4"),  # not unique: the flow selects
    "thresholds": (Problem([[1, 2], [0, 1]], [-1, 3], lower=["inf", 1], upper=[1, "1/2"]), "1e-12"),
    "start": (Problem([[1, 2], [3, 1]], [1, 2], dual=[1, "-1/2"]), "1e-8"),  # on a threshold
    "rank": (Problem([[1, 0], [2, 0]], [1, 1]), "1e-8"),  # 1, a zero column
    "deep": (Problem(README.problem.X, README.problem.y, network=Network(3)), "1e-3"),
    "deeper": (Problem([[1, 2], [0, -1]], [2, 1], network=Network(5)), "1e-2"),
    "data": (load_dataset("diabetes"), "1e-16"),
}
PICTURES = (from_coordinates, from_loss, from_trajectory)
SLOW = {"tie", "deeper", "data"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in CURVES]
)
def test_the_curve_is_within_half_a_unit_of_the_line_drawn(name: str) -> None:
    """In every picture that has it: over time, of the loss, and in space."""
    problem, alpha = CURVES[name]
    path = saddle_path(problem)
    scene = Scene(path, draw(path, [alpha]))
    points = truth(scene, alpha)
    assert from_coordinates(scene, points) < 0.5
    assert from_loss(scene, points) < 0.5
    if axes_of(scene) is not None:
        assert from_trajectory(scene, points) < 0.5


def test_a_curve_that_leaves_its_box_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saddle_path(Problem([[1, 2], [0, -1]], [2, 1]))  # a coordinate comes, goes and comes back
    monkeypatch.setattr(polyline, "_HALVINGS", 0)
    monkeypatch.setattr(module, "_COARSE", 4)
    monkeypatch.setattr(Polyline, "_narrow", lambda *_: True)
    kept = draw(path, ["1e-8"])
    monkeypatch.setattr(Polyline, "_proved", lambda *_: True)
    broken = draw(path, ["1e-8"])
    assert len(kept.curves[0].times) > len(broken.curves[0].times)
    scene = Scene(path, broken)
    assert from_coordinates(scene, truth(scene, "1e-8")) > 0.5


def test_a_curve_that_leaves_its_chord_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polyline._Chord, "looks_straight", lambda *_: True)
    monkeypatch.setattr(module, "_COARSE", 8)
    scene = Scene(README, draw(README, ["1e-4"]))  # nothing but the proof refuses a chord
    points = truth(scene, "1e-4")
    assert all(distance(scene, points) < 0.5 for distance in PICTURES)
    monkeypatch.setattr(polyline._Chord, "misses", lambda *_: False)
    monkeypatch.setattr(polyline._Chord, "holds", lambda *_: True)
    broken = Scene(README, draw(README, ["1e-4"]))
    assert all(distance(broken, points) > 0.5 for distance in PICTURES)


def test_the_bound_of_a_chord_is_no_less_than_the_bend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chord that is proved is held against the flow at seven times between its ends."""
    proved: list[tuple[polyline._Chord, Enclosure, Enclosure]] = []
    holds = polyline._Chord.holds

    def seen(chord: polyline._Chord, start: Enclosure, end: Enclosure) -> bool:
        found = holds(chord, start, end)
        if found:
            proved.append((chord, start, end))
        return found

    monkeypatch.setattr(polyline._Chord, "holds", seen)
    monkeypatch.setattr(polyline._Chord, "looks_straight", lambda *_: True)
    draw(README, ["1e-4"])
    assert len(proved) > 20
    for chord, start, end in proved[::4]:
        for k in range(1, 8):
            assert not chord.misses(chord.pipe.at(start.time + (end.time - start.time) * Fraction(k, 8)))


def test_orthogonal_columns_follow_their_closed_form() -> None:
    problem = Problem([[2, 0], [0, 1]], [3, -1], upper=[1, "inf"], lower=[1, "1/2"])
    alpha, times = Fraction(1, 10**4), [Fraction(k, 10) for k in range(1, 13)]
    (curve,) = draw(saddle_path(problem), [alpha]).curves
    exact = np.array([[float(b) for b in orthogonal_flow(problem, alpha, time).beta] for time in times])
    for i in range(2):
        drawn = np.interp([float(time) for time in times], curve.times, curve.betas[:, i])
        # a chord is within 2^-10 of the largest: 0.2 units
        assert drawn == pytest.approx(exact[:, i], rel=1e-3, abs=float(np.abs(exact[:, i]).max()) / 2**10)


def test_small_alpha_comes_to_the_path() -> None:
    (curve,) = draw(README, ["1e-100"]).curves
    for saddle, middle in zip(README, (0.15, 0.4, 0.66), strict=True):
        at = [np.interp(middle, curve.times, beta) for beta in curve.betas.T]
        assert at == pytest.approx([float(value) for value in saddle.beta], abs=1e-6)


def test_no_partial_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STEPS", 2)
    drawing = draw(README, ["1e-2", "1e-4"])
    assert drawing.curves == ()
    assert [alpha for alpha, _ in drawing.missing] == [Fraction(1, 100), Fraction(1, 10**4)]
    assert all("2 steps" in reason for _, reason in drawing.missing)


def test_beyond_the_budget_a_curve_is_missing_with_the_reason() -> None:
    drawing = draw(README, ["1e-2", "1e-3"], max_work=40)
    assert [curve.alpha for curve in drawing.curves] == [Fraction(1, 100)]
    ((alpha, reason),) = drawing.missing
    assert alpha == Fraction(1, 1000)
    assert "30 units of flow-work at each α" in reason


def test_disturbed_proposals_give_the_same_curve() -> None:
    plain = draw(README, ["1e-8"]).curves[0]
    with noisy_proposals(1e-9):
        disturbed = draw(README, ["1e-8"]).curves[0]
    assert plain.times.tolist() == disturbed.times.tolist()
    assert plain.betas.tolist() == disturbed.betas.tolist()
    assert plain.losses.tolist() == disturbed.losses.tolist()


def test_data_beyond_floats_are_refused_by_name() -> None:
    path = saddle_path(Problem([["1e400"]], [1]))
    with pytest.raises(InvalidInput, match="beyond the range of binary64"):
        draw(path, ["1e-2"])
    with pytest.raises(InvalidInput, match=r"jump times from 1e-400"):
        drawing_end(path)


def test_progress_and_interruption() -> None:
    seen: list[DrawingProgress] = []

    def until_second(state: DrawingProgress) -> bool:
        seen.append(state)
        return state.index == 0

    drawing = draw(README, ["1e-2", "1e-4", "1e-8"], progress=until_second)
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
    assert prefix.horizon == Fraction(9, 16)
    assert drawing_end(prefix) == Fraction("0.3")  # a fifth beyond 1/4


def test_a_loss_at_the_rounding_of_the_data_does_not_narrow_the_boxes_of_beta() -> None:
    rng = np.random.default_rng(0)
    design = rng.standard_normal((4, 5))
    path = saddle_path(Problem(design, design[:, :1] @ [2.0])).above_rounding
    assert float(path[-1].loss) < 1e-30
    drawing = draw(path, ["1e-2"])
    assert (len(drawing.curves), drawing.missing) == (1, ())
