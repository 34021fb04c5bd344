"""``SaddlePath.plot()``, for notebooks."""

from __future__ import annotations

import pytest

from exactsaddle.base import InvalidInput
from tests.support.figures import DIABETES, README


def test_plot_for_notebooks() -> None:
    figure = README.plot(alphas=["1e-2"])
    (axes,) = figure.axes
    steps = axes.lines[1]  # after the line y = 0, from which the steps rise
    assert list(steps.get_ydata()) == [0, -0.8, -0.8, -1, -1]
    assert list(steps.get_xdata())[:2] == [0.25, 0.25]
    assert [text.get_text() for text in axes.texts] == ["x0", "x1"]


def test_one_alpha_and_one_coordinate_are_taken_as_they_are() -> None:
    (alone,), (listed,) = (
        README.plot(coordinates=c, alphas=a).axes for c, a in (("x1", "1e-2"), (["x1"], ["1e-2"]))
    )
    assert [text.get_text() for text in alone.texts] == ["x1"]
    assert len(alone.lines) == len(listed.lines)
    assert len(README.plot(coordinates=1).axes[0].lines) < len(alone.lines)


def test_plot_on_given_axes_with_chosen_coordinates() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    assert DIABETES.plot(axes, coordinates=["bmi", 1]) is figure
    assert [text.get_text() for text in axes.texts] == ["bmi", "sex"]
    for wrong in ("nobody", 10, -1, True):
        with pytest.raises(InvalidInput, match="coordinate"):
            DIABETES.plot(coordinates=[wrong])
