"""What is drawn equals the path."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from exactsaddle import Problem, SaddlePath, lasso_path, read_problem, saddle_path
from exactsaddle.convergence import converge
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report import palette
from exactsaddle.report.document import Picture
from exactsaddle.report.drawing import draw as draw_flow
from exactsaddle.report.figures import pictures
from exactsaddle.report.figures.canvas import SVG
from exactsaddle.report.figures.convergence import draw as draw_convergence
from exactsaddle.report.figures.convergence import rows
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.support import Stay, stays
from exactsaddle.report.figures.text import number_text, superscript
from tests.support.figures import (
    DIABETES,
    README,
    THREE,
    TIE,
    at,
    by_anchor,
    caption,
    elements,
    polylines,
    unclassed_lines,
)
from tests.support.places import ROOT


@pytest.mark.parametrize("path", [README, THREE, DIABETES, TIE], ids=["readme", "three", "diabetes", "tie"])
def test_steps_are_the_exact_values_rounded_once(path: SaddlePath) -> None:
    scene = Scene(path)
    for i in range(path.problem.d):
        x, y = scene.steps(scene.limits[:, i])
        for k, saddle in enumerate(path):
            assert y[2 * k] == y[2 * k + 1] == float(saddle.beta[i])
            assert x[2 * k] == (float(saddle.jump_time) if k else scene.scale.start)


@pytest.mark.parametrize("name", ["readme", "diabetes"])
def test_risers_stand_where_the_time_axis_says(name: str, request: pytest.FixtureRequest) -> None:
    path = {"readme": README, "diabetes": DIABETES}[name]
    picture = request.getfixturevalue(name)["coordinates"]
    (axis,) = picture.axes
    assert axis.scale == {"readme": "linear", "diabetes": "log"}[name]
    for i in Scene(path).cast.highlighted:
        steps = polylines(picture, i)[0]
        assert steps[-1, 0] == pytest.approx(axis.right, abs=0.01)
        for before, after in pairwise(path):
            nearest = np.abs(steps[:, 0] - at(axis, float(after.jump_time))).min()
            if max(abs(before.beta[i]), abs(after.beta[i])) > 0.02 * np.abs(Scene(path).limits).max():
                assert nearest <= 0.011
        assert (steps[:, 1] >= axis.top).all()
        assert (steps[:, 1] <= axis.bottom).all()


def test_heights_in_the_picture_are_proportional_to_the_exact_values(readme: dict[str, Picture]) -> None:
    zero, plateau, last = polylines(readme["coordinates"], 0)[0][[0, 1, 3], 1]
    assert (plateau - zero) / (last - zero) == pytest.approx(0.8, abs=1e-3)  # β_0: 0, −4/5, −1


def test_the_dual_lands_on_its_thresholds() -> None:
    picture = by_anchor(pictures(README, only=["dual"]))["dual"]
    (axis,) = picture.axes
    x, y = polylines(picture, 0)[0].T
    assert x[0] == pytest.approx(axis.left, abs=0.011)
    assert x[1] == pytest.approx(at(axis, 0.25), abs=0.011)
    assert (y[1:] == y[1]).all()
    assert y[1] > y[0]  # s_0 falls from 0 to −1 at t = 1/4 and stays


def test_every_hit_is_marked() -> None:
    picture = by_anchor(pictures(DIABETES, only=["dual"]))["dual"]
    for i in range(10):
        groups = [g for g in elements(picture).iter(f"{{{SVG}}}g") if g.get("class") == f"coordinate-{i}"]
        marks = [use for group in groups for use in group.iter(f"{{{SVG}}}use")]
        assert len(marks) == sum(i in jump.hits for jump in DIABETES.events)


def test_marks_point_at_their_threshold() -> None:
    picture = by_anchor(pictures(README, only=["dual"]))["dual"]
    shapes = {p.get("id"): p.get("d", "") for p in elements(picture).iter(f"{{{SVG}}}path")}
    groups = [g for g in elements(picture).iter(f"{{{SVG}}}g") if g.get("class") == "coordinate-0"]
    (mark,) = [use.get("href", "")[1:] for group in groups for use in group.iter(f"{{{SVG}}}use")]
    tip = re.findall(r"-?[\d.]+", shapes[mark])[:2]
    assert float(tip[0]) == 0
    assert float(tip[1]) > 0  # β_0 < 0: its hit is below, and the triangle points down


def test_bars_are_solid_where_positive_and_hatched_where_negative() -> None:
    picture = by_anchor(pictures(DIABETES, only=["support"]))["support"]
    for stay in stays(Scene(DIABETES)):
        groups = [
            g for g in elements(picture).iter(f"{{{SVG}}}g") if g.get("class") == f"coordinate-{stay.i}"
        ]
        styles = [p.get("style", "") for g in groups for p in g.iter(f"{{{SVG}}}path")]
        assert any(("url(#" in style) == (stay.sign < 0) for style in styles)
        signs = {other.sign for other in stays(Scene(DIABETES)) if other.i == stay.i}
        assert {-1 if "url(#" in style else 1 for style in styles} == signs
        assert all("url(#" in style or "fill: var(--series-0" in style for style in styles)


def test_lasso_curves_are_the_exact_solutions(readme: dict[str, Picture]) -> None:
    axis = readme["lasso"].axes[0]
    steps, curve = polylines(readme["lasso"], 0)[:2]
    lasso = lasso_path(README.problem)
    scale = -(steps[:, 1].max() - steps[:, 1].min())  # points for β_0 from 0 to −1
    for time in (Fraction(3, 10), Fraction(1, 2), Fraction(13, 20)):
        height = np.interp(at(axis, float(time)), curve[:, 0], curve[:, 1]) - steps[:, 1].min()
        assert height / scale == pytest.approx(float(lasso.at(1 / time)[0]), abs=5e-3)


def test_the_strip_is_hatched_where_the_average_is_no_solution() -> None:
    path = saddle_path(Problem([[0, -1], [1, 2]], [-1, -2]))
    agreement = lasso_agreement(path)
    picture = by_anchor(pictures(path, lasso=lasso_path(path.problem), agreement=agreement, only=["lasso"]))[
        "lasso"
    ]
    strip = picture.axes[1]
    drawn = []
    for bar in elements(picture).iter(f"{{{SVG}}}path"):
        style = bar.get("style", "")
        if bar.get("clip-path") and ("--warn" in style or "--good" in style):
            x = [float(value) for value in re.findall(r"-?[\d.]+", bar.get("d", ""))][::2]
            drawn.append((min(x), max(x), "url(#" in style))
    assert len(drawn) == len(agreement) == 3
    for (left, right, hatched), stretch in zip(drawn, agreement, strict=True):
        assert left == pytest.approx(at(strip, float(stretch.start)), abs=0.011)
        assert right == pytest.approx(at(strip, float(stretch.end or strip.end)), abs=0.011)
        assert hatched != stretch.holds


def test_stays_follow_the_events() -> None:
    found = stays(Scene(DIABETES))
    names = DIABETES.problem.names
    s1 = [stay for stay in found if names[stay.i] == "s1"]
    assert s1 == [Stay(names.index("s1"), 1, 1, 3), Stay(names.index("s1"), 1, 5, 15)]
    for saddle in DIABETES:
        inside = {stay.i for stay in found if stay.first <= saddle.index < stay.last}
        assert inside == set(saddle.support)


def test_where_several_minimise_the_steps_show_what_the_flow_selects() -> None:
    selected = {saddle.index: saddle.selected.balls for saddle in TIE if not saddle.unique}
    scene = Scene(TIE, selected=selected)
    assert scene.limits[2] == pytest.approx(
        [0.712814833772924812, 0.462814833772924812, 0.574370332454150376]
    )
    assert scene.limits[1].tolist() == [1, 0, 0]
    found = by_anchor(pictures(TIE, selected=selected, only=["coordinates"]))
    assert "x2 enters at t = 0.166667 and ends at 0.57437" in found["coordinates"].alt
    assert "not unique at k = 2" in caption(found["coordinates"])
    assert "show one vertex" in caption(by_anchor(pictures(TIE, only=["coordinates"]))["coordinates"])


def test_slopes_and_errors_are_those_measured(readme: dict[str, Picture]) -> None:
    convergence = converge(README, ["1e-5", "1e-10"], digits=5)
    first = rows(convergence)[0]
    assert first.alphas == pytest.approx([-5, -10])
    assert 10**first.errors == pytest.approx([float(ball) for ball in convergence.plateaus[0].probed])
    assert first.slope == pytest.approx(1)
    marked, predicted = unclassed_lines(readme["convergence"], palette.HUES[0])
    slope = np.diff(marked[:, 1]) / np.diff(marked[:, 0])
    assert np.diff(predicted[:, 1]) / np.diff(predicted[:, 0]) == pytest.approx(
        slope, rel=0.02
    )  # rate 1, both
    alt = readme["convergence"].alt
    assert f"measured rate {float(convergence.plateaus[0].measured or 0):.4g}, predicted 1" in alt


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (1e9, "10⁹"), (-1e-7, "−10⁻⁷"), (2.5e-9, "2.5·10⁻⁹"), (-12.0, "−12")],
)
def test_numbers_in_pictures(value: float, text: str) -> None:
    assert number_text(value) == text


SIZES = {  # times, coordinates and penalties far from 1
    "large": Problem([["1e-9", 0, "1e-9"], [0, "1e-9", "2e-9"]], [3, 2]),
    "small": Problem([["1e8", "3e7"], [0, "1e9"]], [3, 2]),
    "three": Problem([["1e-7", 0, 0], [0, "1e-7", 0], [0, 0, "1e-7"]], [3, 2, 1]),
}


def texts_of(picture: Picture) -> list[str]:
    return [element.text or "" for element in elements(picture).iter(f"{{{SVG}}}text")]


@pytest.mark.parametrize(("name", "power"), [("large", 9), ("small", -8), ("three", 7)])
def test_ticks_far_from_one_are_mathematics(name: str, power: int) -> None:
    path = saddle_path(SIZES[name])
    drawn = pictures(path, lasso=lasso_path(SIZES[name]), agreement=lasso_agreement(path))
    for picture in drawn:
        assert not [text for text in texts_of(picture) if re.search(r"\de[+−-]?\d", text)], picture.anchor
    said = f"(in 10{superscript(power)})"
    assert f"coordinate β {said}" in texts_of(by_anchor(drawn)["coordinates"])
    assert f"coefficient {said}" in texts_of(by_anchor(drawn)["lasso"])
    axes = path.plot().axes[0]
    assert axes.get_ylabel() == f"coordinate β {said}"
    shown = [float(label.get_text().replace("−", "-")) for label in axes.get_yticklabels()]
    largest = max(float(abs(b)) for saddle in path for b in saddle.beta)
    assert largest / 2 < max(shown) * 10.0**power < 2 * largest


def test_penalties_above_do_not_meet() -> None:
    path = saddle_path(SIZES["small"])
    drawn = pictures(path, lasso=lasso_path(SIZES["small"]), agreement=lasso_agreement(path), only=["lasso"])
    shown = [text for text in texts_of(by_anchor(drawn)["lasso"]) if "10⁸" in text or "10⁹" in text]
    assert shown == ["10⁹", "3.33·10⁸", "2·10⁸", "1.43·10⁸"]


def test_saddles_on_one_dot_have_one_label_and_ticks_of_many_powers_do_not_meet() -> None:
    problem = read_problem(ROOT / "reports" / "near-tie" / "problem.json")
    path = saddle_path(problem)
    drawing = draw_flow(path, ["1e-2"], max_work=1)
    found = by_anchor(
        pictures(path, drawing=drawing, lasso=lasso_path(problem), only=["trajectory", "lasso"])
    )
    told = [text.strip() for text in texts_of(found["trajectory"])]
    assert "0, 1, 2" in told
    assert "3" in told
    assert "The orbits between them are not drawn: beyond the budget" in caption(found["trajectory"])
    ticks = [e for e in elements(found["lasso"]).iter(f"{{{SVG}}}text") if "end;" in e.get("style", "")]
    heights = np.array([float(e.get("y", "")) for e in ticks])
    assert {"−10⁹", "0", "10⁹"} <= {e.text for e in ticks}
    assert len(heights) >= 9
    assert np.diff(np.sort(heights)).min() >= 9  # points; the texts are 8 high


def test_one_alpha_has_no_slope_and_no_figure() -> None:
    assert draw_convergence(converge(README, ["1e-5"], digits=5)) is None
