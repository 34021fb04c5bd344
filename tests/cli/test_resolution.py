"""Tables and reports end where the residual lies within the resolution of the data, and say so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.contents.whole import report_document
from exactsaddle.report.drawing import drawing_end
from exactsaddle.report.findings import find
from exactsaddle.report.renderers.machine import findings_to_json
from exactsaddle.report.renderers.markdown import render_markdown
from tests.support.command import run


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X, beta = rng.normal(size=(10, 16)), np.zeros(16)
    beta[[3, 11]] = [2, -1]
    return X, X @ beta


@pytest.fixture
def place(data: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> Path:
    np.savez(tmp_path / "d.npz", X=data[0], y=data[1])
    return tmp_path / "d.npz"


@pytest.fixture(scope="module")
def path(data: tuple[np.ndarray, np.ndarray]) -> SaddlePath:
    return saddle_path(Problem(*data))


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.split()[:1] and line.split()[0].isdigit()]


def test_the_table_folds_what_is_below_the_rounding(place: Path, path: SaddlePath) -> None:
    last = path.explained_at
    assert last is not None
    rest = len(path) - last - 1
    assert rest > 3
    done = run("path", place)
    assert (done.returncode, len(rows(done.stdout)) - 1) == (0, last + 1)  # the line about rest begins so too
    assert f"\n{rest} more saddles below the rounding of the data: --all\n" in done.stdout
    assert f"verified: {len(path)} saddles" in done.stdout
    for option in (("--all",), ("--resolution", "exact")):
        assert len(rows(run("path", place, *option).stdout)) == len(path)
    rough = run("path", place, "--resolution", "10")
    assert f"{len(path) - 1} more saddles" in rough.stdout
    assert json.loads(run("path", place, "--json").stdout)["explained_at"] == last
    assert run("path", place, "--resolution", "-1").returncode == 2


def test_pictures_and_notebooks_end_there_and_say_so(path: SaddlePath) -> None:
    below = len(path) - len(path.above_rounding)
    axes = path.plot().axes[0]
    assert f"{below} more saddles below the rounding" in axes.get_xlabel()
    assert axes.get_xlim()[1] < 100
    whole = path.plot(everything=True).axes[0]
    assert "below the rounding" not in whole.get_xlabel()
    assert whole.get_xlim()[1] > 1e10
    told = path._repr_html_()
    assert f"{len(path)} saddles, complete; {below} of them are below the rounding of the data" in told
    assert told.count("<tr>") == 1 + len(path.above_rounding)


def test_a_report_ends_there_and_says_so(path: SaddlePath) -> None:
    last = path.explained_at
    assert last is not None
    found = find(path, flow=False)
    assert (len(found.path), found.beyond) == (last + 1, len(path) - last - 1)
    assert json.loads(found.certified.text)["complete"]
    assert drawing_end(found.path) < 100 < path[last + 1].jump_time
    origin = Origin("name", "description", "exactsaddle report name", "0")
    told = render_markdown(report_document(found, (), origin))
    assert f"{found.beyond} more saddles of the certificate fit the rounding of the data" in told
    assert "half a unit in the last place of binary64" in told
    document = findings_to_json(found, origin)
    assert (document["saddles_below_the_resolution"], len(document["saddles"])) == (found.beyond, last + 1)
    assert "unchecked" in document["minimum_l1"]
    everything = find(path, flow=False, everything=True)
    assert (everything.path, everything.beyond) == (path, 0)
