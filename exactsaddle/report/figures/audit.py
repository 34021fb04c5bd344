"""A training run over the limit and the enclosed flow, and its distances to both on a logarithmic axis."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from exactsaddle.audit import Audit
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.drawing import Drawing, draw, drawing_end
from exactsaddle.report.figures import coordinates
from exactsaddle.report.figures.canvas import drawing_style, finish
from exactsaddle.report.figures.layout import Floats, cast_of
from exactsaddle.report.figures.panel import key, label_margin, line, logarithmic_ticks, make_room
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DISTANCES = (
    ("run_limit", "run to limit", palette.SERIES[1]),
    ("flow_limit", "flow to limit", palette.SERIES[0]),
    ("run_flow", "run to flow", palette.SERIES[2]),
    ("run_descent", "run to repeated descent", palette.MUTED),
)


def audit_drawing(found: Audit) -> tuple[Drawing | None, str]:
    """The flow at the α that explains the run, drawn to the run's last plateau; or None, and why."""
    if found.path.problem.network.depth > 2:
        return None, "pictures have the clock of depth 2"
    if found.account is None:
        return None, "alpha is not known"
    try:
        end = drawing_end(found.path)
        if found.itinerary is not None and found.itinerary.plateaus:
            end = max(end, Fraction(f"{1.2 * found.itinerary.plateaus[-1].start:.2e}"))
        return draw(found.path, [Fraction(found.account.alpha)], end=end), ""
    except (InvalidInput, Inconclusive) as error:
        return None, str(error)


def audit_pictures(found: Audit, drawing: Drawing | None, reason: str) -> tuple[Picture, ...]:
    """The run over limit and flow, and the distances; none for a log of losses alone."""
    if found.beta is None or found.times is None:
        return ()
    with drawing_style():
        scene = Scene(found.path, drawing, reasons={"drawing": reason})
        moved = cast_of(np.vstack([scene.limits, _seen(scene, found.beta)])).highlighted
        scene = replace(scene, chosen=moved)
        return _run(found, scene, found.times, found.beta), *_distances(found, scene)


def _run(found: Audit, scene: Scene, times: Floats, beta: Floats) -> Picture:
    labels = [scene.names[i] for i in scene.cast.highlighted]
    figure, axes = scene.panel(270, right=label_margin(labels), top=scene.top, bottom=52)
    axes.set_ylabel("coordinate β")
    scene.set_heights(axes, np.vstack([scene.limits, _seen(scene, beta[times <= scene.end])]))
    make_room(axes)
    coordinates.paint(scene, axes)
    _paint_run(scene, axes, times, beta)
    scene.key(axes)
    return finish(
        figure,
        anchor="run",
        title="The run over the limit and the flow",
        alt=f"{len(found.run)} rows of the run, to accelerated time {times[-1]:.4g}: {found.words}.",
        caption=words(
            sentences("Dots: the run as logged. Broad steps: the limit, exact.", scene.flow_sentence())
        ),
        axes=(scene.time_axis(axes),),
    )


def _seen(scene: Scene, beta: Floats) -> Floats:
    """What the run reached, (2, d): tiny values neither ask for a logarithm nor stand out."""
    reached = np.vstack([beta.min(axis=0), beta.max(axis=0)])
    return np.where(np.abs(reached) < 0.01 * np.abs(scene.limits).max(), 0, reached)


def _paint_run(scene: Scene, axes: Axes, times: Floats, beta: Floats) -> None:
    """Rows as dots, at most a few hundred of them: those spread evenly along the axis."""
    wanted = np.unique(np.searchsorted(times, np.linspace(0, min(times[-1], scene.end), 240)))
    rows = wanted[wanted < len(times)]
    for i in scene.cast.highlighted:
        x, y = scene.visible(times[rows], beta[rows, i])
        axes.plot(x, y, linestyle="none", marker="o", markersize=1.8, color=scene.cast.colour(i), zorder=4)


def _distances(found: Audit, scene: Scene) -> tuple[Picture, ...]:
    from matplotlib.lines import Line2D

    times = np.array([row.time for row in found.distances])
    table = {
        name: np.array([getattr(row, name) for row in found.distances], float) for name, _, _ in _DISTANCES
    }
    curves = [(label, colour, table[name]) for name, label, colour in _DISTANCES if (table[name] > 0).any()]
    if not curves:
        return ()
    positive = np.concatenate([values[values > 0] for _, _, values in curves])
    figure, axes = scene.panel(210, bottom=66)
    axes.set_yscale("log")
    low, high = max(float(positive.min()), 1e-16) / 3, float(positive.max()) * 3
    axes.set_ylim(low, high)
    logarithmic_ticks(axes.yaxis, high / low)
    axes.set_ylabel("largest difference")
    make_room(axes)
    handles = []
    for label, colour, values in curves:
        x, y = scene.visible(times, np.maximum(values, low))
        line(axes, x, y, keep=True, color=colour, linewidth=1.2)
        handles.append(Line2D([], [], color=colour, linewidth=1.2, label=label))
    key(axes, handles)
    return (
        finish(
            figure,
            anchor="distances",
            title="Distances, the largest over coordinates",
            alt="; ".join(f"{label} at most {np.nanmax(values):.2g}" for label, _, values in curves),
            caption=words("At rows spread over the run; equal numbers are drawn at the lower edge."),
            axes=(scene.time_axis(axes),),
        ),
    )
