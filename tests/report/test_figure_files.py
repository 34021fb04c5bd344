"""The files of pictures: ids, classes, colours, fonts; names stay text; nothing global changes."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings

import matplotlib
import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.base import MissingExtra
from exactsaddle.report import palette
from exactsaddle.report.document import Picture
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
from exactsaddle.report.figures.canvas import SVG
from tests.support.figures import HOSTILE, README, by_anchor, elements


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
        found = by_anchor(pictures(path, drawing=draw(path, ["1e-1"]), only=["coordinates", "support"]))
    for picture in found.values():
        root = elements(picture)
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
            "svg", "g", "path", "use", "defs", "clipPath", "rect", "text", "pattern",
        }  # fmt: skip
        picture.svg.encode()
        assert "\u202e" not in picture.svg
    texts = {text.text for text in elements(found["coordinates"]).iter(f"{{{SVG}}}text")}
    assert "<script>alert(1…" in texts
    assert "年龄 特征" in texts


_SCRIPT = """
import hashlib, sys
from exactsaddle import Problem, saddle_path, lasso_path
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
path = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))
lasso, agreement = lasso_path(path.problem), lasso_agreement(path)
found = pictures(path, drawing=draw(path, ["1e-1"]), lasso=lasso, agreement=agreement)
for p in found:
    print(p.anchor, hashlib.sha256(p.svg.encode()).hexdigest())
print("matplotlib.pyplot" in sys.modules)
"""


@pytest.mark.slow
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


def test_without_matplotlib_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"matplotlib: .*install .*\[report\]"):
        pictures(README)
