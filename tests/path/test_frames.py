"""Paths as data frames: floats beside exact text, by whichever library is there."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactsaddle import Problem, lasso_path, load_dataset, saddle_path
from exactsaddle.base import InvalidInput, MissingExtra
from exactsaddle.problem.tables import made

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

PROBLEM = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2], names=["a", "loss", "b"])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_path_is_a_frame_with_a_saddle_a_row(library: str) -> None:
    path = saddle_path(load_dataset("planted"))
    frame = path.to_frame(library=library)
    assert type(frame).__module__.startswith(library)
    assert list(frame.columns) == ["jump_time", *path.problem.names, "loss"]
    assert frame["jump_time"].to_list() == [float(t) for t in path.jump_times]
    assert frame["x2"].to_list() == [float(saddle.beta[2]) for saddle in path]


def test_exact_text_stands_beside_floats_on_request() -> None:
    frame = saddle_path(PROBLEM).to_frame(exact=True)
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns)[:5] == ["jump_time", "a", "loss", "b", "loss.1"]
    assert frame["jump_time (exact)"].tolist() == ["0", "1/4", "9/16"]
    assert [Fraction(t) for t in frame["loss.1 (exact)"]] == [s.loss for s in saddle_path(PROBLEM)]


def test_the_paths_of_balls_and_roots_too() -> None:
    exact = saddle_path(PROBLEM, arithmetic="rational").to_frame(exact=True, library="polars")
    balls = saddle_path(PROBLEM, arithmetic="ball").to_frame(exact=True, library="polars")
    assert exact.equals(balls)
    roots = saddle_path(PROBLEM.standardized())
    assert roots.to_frame().shape == (len(roots), 5)
    with pytest.raises(InvalidInput):
        roots.to_frame(exact=True)


def test_a_lasso_path_is_a_frame_with_a_knot_a_row() -> None:
    path = lasso_path(PROBLEM)
    frame = path.to_frame(exact=True)
    assert frame["penalty"].tolist() == [float(knot.penalty) for knot in path]
    assert frame["b (exact)"].tolist() == [str(knot.beta[2]) for knot in path]


def test_a_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    path = saddle_path(PROBLEM)
    with pytest.raises(InvalidInput, match="'dask' is neither pandas nor polars"):
        path.to_frame(library="dask")  # type: ignore[arg-type]
    monkeypatch.setattr(made, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"needs pandas or polars: .*install.* pandas"):
        path.to_frame()
    with pytest.raises(MissingExtra, match=r"needs polars: .*install.* polars"):
        path.to_frame(library="polars")
