"""How far the flow is from the lines that pictures draw of it: true values at times of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactsaddle.flow import Enclosure, enclose
from exactsaddle.numbers import to_fraction
from exactsaddle.report.figures import loss, trajectory
from exactsaddle.report.figures.canvas import coordinate_id, drawing_style
from exactsaddle.report.figures.coordinates import paint
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.scales import Floats


def truth(scene: Scene, alpha: str) -> list[Enclosure]:
    """The flow around jumps, all along the axis, and three times in each step of a run of its own.

    Steps are short where the flow is fast.
    """
    path = scene.path
    start, end = Fraction(scene.scale.start), Fraction(scene.scale.end)
    pipe = enclose(path.problem, alpha, [end], radius="1e-20", keep=True)
    jumps = [float(saddle.jump_time) for saddle in path[1:]]
    near = [Fraction(t * (1 + e)) for t in jumps for e in np.linspace(-0.1, 0.4, 60)]
    inside = [to_fraction(step.start + step.length * k / 7) for step in pipe.steps for k in (1, 3, 6)]
    even = map(Fraction, scene.scale.grid(0, scene.end, 60))
    return [pipe.at(t) for t in sorted({*near, *inside, *even}) if start < t < end]


def from_coordinates(scene: Scene, points: Sequence[Enclosure]) -> float:
    """In the picture of coordinates, in units of the picture."""
    with drawing_style():
        figure, axes = scene.panel(270)
        scene.set_heights(axes, scene.limits)
        paint(scene, axes)
    scale = 72 / figure.dpi
    ground = axes.transData.transform((float(points[-1].time), 0.0))[1] * scale
    worst = 0.0
    for i in scene.cast.highlighted:
        thin = [
            line for line in axes.lines if line.get_gid() == coordinate_id(i) and line.get_linewidth() == 0.9
        ]
        assert len(thin) == 1
        vertices = axes.transData.transform(thin[0].get_xydata()) * scale
        for point in points:
            at = axes.transData.transform((float(point.time), float(point.beta[i]))) * scale
            if abs(at[1] - ground) > 0.5:  # what lies on the line y = 0 is left out
                worst = max(worst, _from_polyline(at, vertices))
    return worst


def from_loss(scene: Scene, points: Sequence[Enclosure]) -> float:
    """In the picture of the loss; what is below its axis is on the edge."""
    with _kept(loss) as figures, drawing_style():
        loss.draw(scene)
        (figure,) = figures
    axes, scale = figure.axes[0], 72 / figure.dpi
    (line,) = (line for line in axes.lines if line.get_linewidth() == 0.9)
    vertices = axes.transData.transform(line.get_xydata()) * scale
    floor = axes.get_ylim()[0]
    seen = [(float(point.time), max(float(point.loss), floor)) for point in points]
    return max(_from_polyline(at, vertices) for at in axes.transData.transform(seen) * scale)


def from_trajectory(scene: Scene, points: Sequence[Enclosure]) -> float:
    """In the picture of the way through two or three coordinates."""
    chosen = trajectory.axes_of(scene)
    assert chosen is not None
    with _kept(trajectory) as figures, drawing_style():
        trajectory.draw(scene)
        (figure,) = figures
    axes, scale = figure.axes[0], 72 / figure.dpi
    (line,) = (line for line in axes.lines if line.get_linewidth() == 1.0)
    space = len(chosen) == 3
    betas = np.array([[float(point.beta[i]) for i in chosen] for point in points])

    def placed(values: Any) -> Floats:
        if space:
            from mpl_toolkits.mplot3d import proj3d

            x, y, _ = proj3d.proj_transform(*np.asarray(values).T, axes.get_proj())
            values = np.column_stack([x, y])
        found: Floats = axes.transData.transform(values) * scale
        return found

    vertices = placed(np.column_stack(line.get_data_3d()) if space else line.get_xydata())
    return max(_from_polyline(at, vertices) for at in placed(betas))


@contextmanager
def _kept(picture: Any) -> Iterator[list[Any]]:
    """The figures that a picture finishes."""
    figures: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "finish", lambda figure, **_: figures.append(figure))
        yield figures


def _from_polyline(point: Floats, vertices: Floats) -> float:
    start, along = vertices[:-1], np.diff(vertices, axis=0)
    square = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((point - start) * along).sum(axis=1) / square, 0, 1)
    return float(np.nanmin(np.hypot(*(start + share[:, None] * along - point).T)))
