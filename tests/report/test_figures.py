"""The pictures: what is drawn equals the path, names cannot become markup, nothing global changes."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem, SaddlePath, lasso_path, load_dataset, saddle_path
from exactsaddle.base import InvalidInput, MissingExtra
from exactsaddle.convergence import converge
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, TimeAxis
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
from exactsaddle.report.figures.canvas import SVG
from exactsaddle.report.figures.convergence import rows
from exactsaddle.report.figures.layout import cast_of, simplified, spread
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.support import Stay, stays
from exactsaddle.report.figures.text import alpha_text, display_name, power_text
from exactsaddle.report.scales import linear_threshold, time_scale

README = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))
THREE = saddle_path(Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1]))
DIABETES = saddle_path(load_dataset("diabetes"))
TIE = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))
HOSTILE = (
    "<script>alert(1)</script>",
    "a&b \"q\" 'r' $x_1$ \\frac{1}{2} #let @ref *b* _i_ `c` [l]",
    "年龄\n特征",
    "שלום \u202egnp\u0000\ud800",
    "😀" * 300,
)


def by_anchor(found: tuple[Picture, ...]) -> dict[str, Picture]:
    return {picture.anchor: picture for picture in found}


def caption(picture: Picture) -> str:
    return " ".join(word for word in picture.caption if isinstance(word, str))


@pytest.fixture(scope="module")
def readme() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            README,
            drawing=draw(README),
            convergence=converge(README, ["1e-5", "1e-10"], digits=5),
            lasso=lasso_path(README.problem),
            agreement=lasso_agreement(README),
            selected={},
        )
    )


@pytest.fixture(scope="module")
def diabetes() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            DIABETES,
            lasso=lasso_path(DIABETES.problem),
            agreement=lasso_agreement(DIABETES),
            only=["coordinates", "dual", "support", "lasso"],
        )
    )


def elements(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def polylines(picture: Picture, i: int) -> list[np.ndarray]:
    """The unbroken lines of coordinate i that are clipped to a panel, in the order drawn."""
    groups = [g for g in elements(picture).iter(f"{{{SVG}}}g") if g.get("class") == f"coordinate-{i}"]
    paths = [path for group in groups for path in group.findall(f"{{{SVG}}}path") if path.get("clip-path")]
    found = []
    for path in paths:
        numbers = re.findall(r"-?[\d.]+", path.get("d", ""))
        found.append(np.array(numbers, dtype=float).reshape(-1, 2))
    return found


def unclassed_lines(picture: Picture, colour: str) -> list[np.ndarray]:
    """The lines of one colour that are clipped to a panel."""
    paths = [p for p in elements(picture).iter(f"{{{SVG}}}path") if p.get("clip-path")]
    mine = [p for p in paths if colour in p.get("style", "")]
    return [np.array(re.findall(r"-?[\d.]+", p.get("d", "")), dtype=float).reshape(-1, 2) for p in mine]


def at(axis: TimeAxis, time: float) -> float:
    """The x of a time, as a renderer computes it."""
    if axis.scale == "log":
        share = np.log(time / axis.start) / np.log(axis.end / axis.start)
    else:
        share = (time - axis.start) / (axis.end - axis.start)
    return float(axis.left + share * (axis.right - axis.left))


# --- what is drawn ------------------------------------------------------------------------------


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


# --- words --------------------------------------------------------------------------------------


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
    path = saddle_path(Problem([[0, -1], [1, 2]], [-1, -2]))  # MATH.md §3: it fails just before t = 6
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


def test_absent_layers_are_named() -> None:
    found = by_anchor(pictures(README, reasons={"drawing": "not now"}))
    assert list(found) == ["coordinates", "loss", "dual", "support", "trajectory"]
    assert "The flow is not drawn: not now." in caption(found["coordinates"])
    assert "not now" in caption(found["trajectory"])


def test_what_is_drawn_and_what_is_not(readme: dict[str, Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    said = caption(readme["coordinates"])
    assert "a rigorous enclosure, drawn within half a unit" in said
    assert "certified" not in said
    monkeypatch.setattr("exactsaddle.report.drawing.MAX_WORK", 40)
    said = caption(by_anchor(pictures(README, drawing=draw(README), only=["coordinates"]))["coordinates"])
    assert "No curve at α = 1e-16: beyond the budget: 36 units of work" in said


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
        found = by_anchor(pictures(path, drawing=draw(path, ["1e-4"])))
    assert {"coordinates", "loss", "dual", "support"} <= set(found)
    assert all("nan" not in picture.svg for picture in found.values())


def test_a_prefix_is_drawn_to_its_horizon() -> None:
    path = saddle_path(load_dataset("planted"), max_saddles=3)
    (axis,) = by_anchor(pictures(path, only=["loss"]))["loss"].axes
    assert path.horizon is not None
    assert axis.end == float(path.horizon)


# --- many coordinates ---------------------------------------------------------------------------


def test_many_coordinates_fold_and_stay_small() -> None:
    d = 120
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


# --- markup -------------------------------------------------------------------------------------


def test_every_coordinate_has_its_class(diabetes: dict[str, Picture]) -> None:
    for anchor in ("coordinates", "dual", "support", "lasso"):
        classes = {element.get("class") for element in elements(diabetes[anchor]).iter()}
        assert {f"coordinate-{i}" for i in range(10)} <= classes, anchor


def test_ids_are_unique_in_a_page_and_references_resolve(readme: dict[str, Picture]) -> None:
    seen: set[str] = set()
    for anchor, picture in readme.items():
        ids = [e.get("id") for e in elements(picture).iter() if e.get("id")]
        assert all(name is not None and name.startswith(f"{anchor}-") for name in ids)
        assert not seen & set(ids)
        assert len(ids) == len(set(ids))
        seen |= {name for name in ids if name}
        wanted = set(re.findall(r'href="#([^"]+)"', picture.svg)) | set(
            re.findall(r"url\(#([^)]+)\)", picture.svg)
        )
        assert wanted <= set(ids)


def test_hiding_a_coordinate_hides_no_definition(diabetes: dict[str, Picture]) -> None:
    for picture in diabetes.values():
        root = elements(picture)
        first, *others = root.iter(f"{{{SVG}}}defs")
        assert root[0] is first
        assert not others


def test_colours_are_variables_and_nothing_is_fixed(readme: dict[str, Picture]) -> None:
    for picture in readme.values():
        bare = re.sub(r"var\(--[a-z0-9-]+, #[0-9a-f]{6}\)", "", picture.svg)
        assert not re.search(r"(?:fill|stroke|color): *#", bare), picture.anchor
        root = elements(picture)
        assert root.get("viewBox")
        assert root.get("width") is None
        assert "<style" not in picture.svg
        assert "<metadata" not in picture.svg
        assert len(picture.svg) < 60_000


def test_the_palette_has_no_colour_twice() -> None:
    assert len(set(palette.LIGHT.values())) == len(palette.LIGHT)


def test_hostile_names_stay_text() -> None:
    problem = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1], names=HOSTILE)
    path = saddle_path(problem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = by_anchor(pictures(path, drawing=draw(path, ["1e-4"]), only=["coordinates", "support"]))
    for picture in found.values():
        root = elements(picture)
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
            "svg", "g", "path", "use", "defs", "clipPath", "rect", "text", "pattern",
        }  # fmt: skip
        picture.svg.encode()
        assert "\u202e" not in picture.svg
        assert picture.pdf.startswith(b"%PDF")
    texts = {text.text for text in elements(found["coordinates"]).iter(f"{{{SVG}}}text")}
    assert "<script>alert(1…" in texts
    assert "年龄 特征" in texts
    assert "On paper #2 by index" in caption(found["coordinates"])


def test_names_fit_a_picture() -> None:
    assert display_name("  a\t\nb  ") == "a b"
    assert display_name("\u202e\u0000") == "?"
    assert display_name("x" * 40) == "x" * 15 + "…"
    assert display_name("$x_1$") == "$x_1$"


def test_numbers_as_written() -> None:
    assert [power_text(v) for v in (1e-3, -1e4, 0, 1, 10, 0.1, 2.5)] == [
        "10⁻³",
        "−10⁴",
        "0",
        "1",
        "10",
        "0.1",
        "2.5",
    ]
    assert [alpha_text(Fraction(a)) for a in ("1e-2", "1e-16", "1e-400", "1/3", "1e-5")] == [
        "1e-2", "1e-16", "1e-400", "3.33e-1", "1e-5",
    ]  # fmt: skip


# --- paper and reproducibility ------------------------------------------------------------------


def test_pdf_is_vector_with_embedded_fonts_and_no_date(readme: dict[str, Picture]) -> None:
    for picture in readme.values():
        assert b"/FontFile2" in picture.pdf
        assert b"/Type3" not in picture.pdf
        assert b"CreationDate" not in picture.pdf
        assert b"/Subtype /Image" not in picture.pdf


_SCRIPT = """
import hashlib, sys
from exactsaddle import Problem, saddle_path, lasso_path
from exactsaddle.averages import lasso_agreement
from exactsaddle.drawing import draw
from exactsaddle.report.figures import pictures
path = saddle_path(Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1]))
lasso, agreement = lasso_path(path.problem), lasso_agreement(path)
found = pictures(path, drawing=draw(path, ["1e-4"]), lasso=lasso, agreement=agreement)
for p in found:
    print(p.anchor, hashlib.sha256(p.svg.encode()).hexdigest(), hashlib.sha256(p.pdf).hexdigest())
print("matplotlib.pyplot" in sys.modules)
"""


def test_other_runs_give_the_same_bytes_and_need_no_pyplot() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "HOME": "/tmp", "MPLBACKEND": backend},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, backend in (("1", "agg"), ("2", "svg"))
    ]
    assert runs[0] == runs[1]
    assert runs[0].endswith("False\n")
    assert len(runs[0].splitlines()) == 7


def test_settings_of_the_caller_neither_change_nor_matter() -> None:
    plain = by_anchor(pictures(README, only=["dual"]))
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)
        styled = by_anchor(pictures(README, only=["dual"]))
        assert dict(matplotlib.rcParams) == before
    assert {a: p.svg for a, p in styled.items()} == {a: p.svg for a, p in plain.items()}
    assert {a: p.pdf for a, p in styled.items()} == {a: p.pdf for a, p in plain.items()}


def test_without_matplotlib_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"matplotlib: pip install 'exactsaddle\[report\]'"):
        pictures(README)


def test_unknown_pictures_and_numbers_beyond_floats_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"no picture is called 'lasagne'; there are: coordinates, loss"):
        pictures(README, only=["lasagne"])
    with pytest.raises(InvalidInput, match="beyond the range of binary64"):
        pictures(saddle_path(Problem([[1]], ["1e400"])))


# --- layout -------------------------------------------------------------------------------------


def test_time_is_logarithmic_where_that_shows_more_plateaus() -> None:
    assert time_scale(np.array([0.0, 0.25, 0.5625]), 0.7).scale == "linear"
    scale = time_scale(np.array([0.0, 1e-5, 1e-4, 1e-2, 1.0]), 2.0)
    assert scale.scale == "log"
    assert 0 < scale.start < 1e-5
    assert time_scale(np.array([0.0]), 1.0).scale == "linear"


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(0.1, 12))
def test_labels_keep_their_order_and_distance(wanted: list[float], gap: float) -> None:
    placed = spread(wanted, gap, 0, 100)
    assert len(placed) == len(wanted)
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    room = min(gap, 100 / max(1, len(wanted) - 1))
    for before, after in pairwise(placed[index] for index in order):
        assert after - before >= room - 1e-9
    assert all(-1e-9 <= value <= 100 + 1e-9 for value in placed)
    if all(abs(a - b) >= gap for n, a in enumerate(wanted) for b in wanted[:n]):
        assert placed == pytest.approx(wanted)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), min_size=2, max_size=60))
def test_a_simplified_line_is_near_every_point_it_leaves_out(points: list[tuple[float, float]]) -> None:
    line = np.array(points)
    kept = simplified(line, 0.5)
    assert kept[0] == 0
    assert kept[-1] == len(line) - 1
    for first, last in pairwise(kept):
        chord = line[last] - line[first]
        for point in line[first:last]:
            square = chord @ chord
            along = min(1.0, max(0.0, (point - line[first]) @ chord / square)) if square else 0.0
            assert np.linalg.norm(point - line[first] - along * chord) <= 0.5 + 1e-9


def test_the_largest_stand_out_in_the_order_they_enter() -> None:
    betas = np.array([[0.0, 0, 0, 0], [0, 5, 0, 0], [1, 5, 0, -9], [1, 0, 0, -9]])
    assert cast_of(betas).highlighted == (1, 0, 3)
    assert cast_of(betas, limit=2).highlighted == (1, 3)
    assert cast_of(betas, limit=2).folded == (0,)
    assert cast_of(betas, limit=2).colour(0) == palette.MUTED
    assert cast_of(np.zeros((1, 2))).highlighted == (0, 1)


def test_heights_of_very_different_sizes_bend_the_axis() -> None:
    assert linear_threshold(np.array([[0.0, 1, 2], [3, 4, 5]])) is None
    assert linear_threshold(np.array([[1000.0, 0.2, 0.3, 0.1]])) == pytest.approx(0.1)
    assert linear_threshold(np.zeros((1, 3))) is None


# --- SaddlePath.plot ----------------------------------------------------------------------------


def test_plot_for_notebooks() -> None:
    figure = README.plot(alphas=["1e-2"])
    (axes,) = figure.axes
    steps = axes.lines[1]  # after the line y = 0, from which the steps rise
    assert list(steps.get_ydata()) == [0, -0.8, -0.8, -1, -1]
    assert list(steps.get_xdata())[:2] == [0.25, 0.25]
    assert [text.get_text() for text in axes.texts] == ["x0", "x1"]


def test_plot_on_given_axes_with_chosen_coordinates() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    assert DIABETES.plot(axes, coordinates=["bmi", 1]) is figure
    assert [text.get_text() for text in axes.texts] == ["bmi", "sex"]
    for wrong in ("nobody", 10, -1, True):
        with pytest.raises(InvalidInput, match="coordinate"):
            DIABETES.plot(coordinates=[wrong])
