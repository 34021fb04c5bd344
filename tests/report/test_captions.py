"""What pictures say of themselves: numbers of the path, what is certified, what is absent; odd problems."""

from __future__ import annotations

import math
import re
import warnings
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.lines import Line2D

from exactsaddle import Problem, SaddlePath, lasso_path, load_dataset, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report import palette
from exactsaddle.report.document import Picture
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
from exactsaddle.report.figures.canvas import SVG
from exactsaddle.report.figures.panel import row_labels
from tests.support.figures import README, by_anchor, caption, elements


def test_alt_texts_state_the_numbers_of_the_path(readme: dict[str, Picture]) -> None:
    assert "x0 enters at t = 0.25 and ends at -1; x1 enters at t = 0.5625 and ends at -0.25" in (
        readme["coordinates"].alt
    )
    assert "2 at t = 0, then 0.4 from t = 0.25, down to 0 from t = 0.5625" in readme["loss"].alt
    assert [str(saddle.loss) for saddle in README] == ["2", "2/5", "0"]
    assert "x0 the lower at t = 0.25; x1 the lower at t = 0.5625" in readme["dual"].alt
    assert "from 0 to 2 coordinates, 2 at the end" in readme["support"].alt
    assert "1 at (-0.8, 0); 2 at (-1, -0.25)" in readme["trajectory"].alt
    assert f"from λ = {lasso_path(README.problem)[0].penalty} down to 0" in readme["lasso"].alt


def test_where_the_average_is_no_lasso_solution_is_said_in_numbers() -> None:
    path = saddle_path(Problem([[0, -1], [1, 2]], [-1, -2]))  # MATHEMATICS.md §3: it fails just before t = 6
    agreement = lasso_agreement(path)
    picture = by_anchor(pictures(path, lasso=lasso_path(path.problem), agreement=agreement, only=["lasso"]))[
        "lasso"
    ]
    assert any(stretch.end == 6 and not stretch.holds for stretch in agreement)
    assert re.search(r"except for t in .*, 6[)\]]", picture.alt)
    assert len(picture.axes) == 2
    without = by_anchor(
        pictures(path, lasso=lasso_path(path.problem), reasons={"agreement": "asked not to"}, only=["lasso"])
    )
    assert "No strip: asked not to." in caption(without["lasso"])


def test_the_key_and_caption_of_the_strip_are_of_what_it_shows() -> None:
    def shown(path: SaddlePath) -> tuple[str, bool]:
        agreement = lasso_agreement(path)
        picture = by_anchor(
            pictures(path, lasso=lasso_path(path.problem), agreement=agreement, only=["lasso"])
        )["lasso"]
        return caption(picture), "average ≠ Lasso" in picture.svg

    said, hatched = shown(saddle_path(Problem([[2, 1], [0, 1]], [5, 1])))
    assert "Strip: filled throughout: the time average" in said
    assert "hatched" not in said
    assert not hatched
    said, hatched = shown(saddle_path(Problem([[0, -1], [1, 2]], [-1, -2])))
    assert "hatched where it is not" in said
    assert hatched


def test_times_that_are_sums_of_roots_are_said_in_decimals() -> None:
    roots = ["sqrt(3)", "sqrt(3)", "sqrt(5)"]
    path = saddle_path(Problem([[3, 0, 3], [0, -3, -1], [1, 0, 0]], [3, 3, -1], upper=roots, lower=roots))
    (failing,) = (stretch for stretch in lasso_agreement(path) if not stretch.holds)
    assert str(failing.start).startswith("-17/18·√3 + 5/3·√5")
    shown = pictures(path, lasso=lasso_path(path.problem), agreement=(failing,), only=["lasso"])
    assert "except for t in (2.09095, 13.6364)." in by_anchor(shown)["lasso"].alt


def test_absent_layers_are_named() -> None:
    found = by_anchor(pictures(README, reasons={"drawing": "not now"}))
    assert list(found) == ["coordinates", "loss", "dual", "support", "trajectory"]
    assert "The flow is not drawn: not now." in caption(found["coordinates"])
    assert "not now" in caption(found["trajectory"])


def test_a_picture_without_the_flow_does_not_speak_of_it(readme: dict[str, Picture]) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((9, 18))
    path = saddle_path(Problem(X, X[:, 0] + rng.standard_normal(9)))
    found = by_anchor(pictures(path, reasons={"drawing": "not now"}, only=["coordinates"]))["coordinates"]
    assert found.title == "Coordinates of the limit"
    assert "become largest have colour and name. Thin and grey: " in caption(found)
    assert readme["coordinates"].title == "Coordinates of the limit and of the flow"


def test_names_that_are_farther_apart_than_rows_are_led_to_them() -> None:
    from matplotlib.figure import Figure

    axes = Figure(figsize=(4, 1)).add_axes((0.3, 0.1, 0.6, 0.8))
    axes.set_ylim(39.5, -0.5)
    row_labels(axes, [(row, row, f"x{row}") for row in (0, 1, 2, 30)], led=True)
    leaders = [artist.get_ydata() for artist in axes.get_children() if isinstance(artist, Line2D)]
    assert [round(40 * (1 - ends[-1]) - 0.5) for ends in leaders] == [0, 1, 2, 30]
    names = sorted(text.get_position()[1] for text in axes.texts)
    assert sorted(ends[0] for ends in leaders) == pytest.approx(names)
    assert min(after - before for before, after in pairwise(names)) * 0.8 * 72 >= 8.9


def test_what_is_drawn_and_what_is_not(readme: dict[str, Picture]) -> None:
    said = caption(readme["coordinates"])
    assert "a rigorous enclosure, drawn within half a unit" in said
    assert "certified" not in said
    few = draw(README, max_work=40)
    said = caption(by_anchor(pictures(README, drawing=few, only=["coordinates"]))["coordinates"])
    assert "beyond the budget: 30 units of flow-work" in said
    assert said.count("No curve") == 1  # the reason once, for all α that have it
    missing = ", ".join(f"1e-{round(-math.log10(alpha))}" for alpha, _ in few.missing)
    assert f"No curve at α = {missing}: " in said
    assert missing.count(",") >= 1


def test_real_time_is_there_beside_accelerated_time(readme: dict[str, Picture]) -> None:
    assert "real time t·ln(1/α) at α = 1e-16" in readme["coordinates"].svg
    assert "t times 4.61, 9.21, 18.4, 36.8" in caption(readme["coordinates"])


@pytest.mark.parametrize(
    "problem",
    [
        Problem([[2], [1]], [3, 1]),
        Problem([[1, 2], [0, 1]], [0, 0]),
        Problem([[1]], [-1], lower="inf"),
        Problem([[1, 2], [0, 1]], [-1, 3], lower=["inf", 1]),
        Problem([[1, -1]], [3], dual=[1, 1]),
        Problem([[0]], [1]),
    ],
    ids=["one", "still", "never", "one-sided", "start", "zero column"],
)
def test_small_and_odd_problems_have_pictures(problem: Problem) -> None:
    path = saddle_path(problem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = by_anchor(pictures(path, drawing=draw(path, ["1e-2"])))
    assert {"coordinates", "loss", "dual", "support"} <= set(found)
    assert all("nan" not in picture.svg for picture in found.values())


def test_a_prefix_is_drawn_a_fifth_beyond_its_last_jump_and_never_beyond_its_horizon() -> None:
    path = saddle_path(load_dataset("planted"), max_saddles=3)
    (axis,) = by_anchor(pictures(path, only=["loss"]))["loss"].axes
    assert path.horizon is not None
    assert axis.end == float(min(path.horizon, Fraction("0.0132")))


def test_many_coordinates_fold_and_stay_small() -> None:
    d = 80
    problem = Problem(
        [[int(i == j) for j in range(d)] for i in range(d)], [(-1) ** i * (i + 5) for i in range(d)]
    )
    found = by_anchor(pictures(saddle_path(problem)))
    for picture in found.values():
        assert len(picture.svg) < 200_000, picture.anchor
    texts = [text.text for text in elements(found["coordinates"]).iter(f"{{{SVG}}}text")]
    assert sum(bool(re.fullmatch(r"x\d+", text or "")) for text in texts) == len(palette.HUES)
    assert f"{d - len(palette.HUES)} others" in caption(found["coordinates"])
    assert f"the {len(palette.HUES)} largest are named" in caption(found["support"])
    classes = {g.get("class") for g in elements(found["support"]).iter(f"{{{SVG}}}g")}
    assert {f"coordinate-{i}" for i in range(d)} <= classes


def test_unknown_pictures_and_numbers_beyond_floats_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"no picture is called 'lasagne'; there are: coordinates, loss"):
        pictures(README, only=["lasagne"])
    with pytest.raises(InvalidInput, match="beyond the range of binary64"):
        pictures(saddle_path(Problem([[1]], ["1e400"])))


def test_a_loss_that_is_rounding_is_below_the_axis() -> None:
    """Its 30 decades would flatten the staircase."""
    draws = np.random.default_rng(0)
    X = draws.normal(size=(6, 8))
    path = saddle_path(Problem(X, X @ np.array([2.0, 0, 0, -1, 0, 0, 0, 0])), stop="rounding")
    assert path[-1].loss < 1e-20
    loss = by_anchor(pictures(path, only=["loss"]))["loss"]
    told = f"The loss {path[-1].loss_text(3)} of the last plateau, the rounding of the data, is below"
    assert told in caption(loss)
    assert "10⁻²⁸" not in loss.svg
    assert "10⁻¹⁶" not in loss.svg
