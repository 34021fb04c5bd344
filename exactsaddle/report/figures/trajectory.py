"""The way of β through space, when two or three coordinates suffice (Pesme & Flammarion 2023, Figure 1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from exactsaddle.base import counted
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.drawing import Drawing
from exactsaddle.report.figures.canvas import coordinate_id, finish
from exactsaddle.report.figures.layout import Floats, simplified
from exactsaddle.report.figures.panel import box, new_figure
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import alpha_text, sentences
from exactsaddle.report.text import listed

_HEIGHT = 300.0
_APART = 0.02
"""Of the span of an axis: saddles closer than that in every coordinate are one dot."""
_TOLD = 6
"""Saddles that one label names."""


def axes_of(scene: Scene) -> tuple[int, ...] | None:
    """The two or three coordinates that are nonzero at some saddle; None when they are fewer or more."""
    ever = tuple(sorted(scene.cast.ever))
    return ever if len(ever) in (2, 3) else None


def draw(scene: Scene) -> Picture | None:
    """Saddles as points and the flow as curves, in space or in the plane; None where they do not suffice."""
    chosen = axes_of(scene)
    if chosen is None:
        return None
    figure = new_figure(_HEIGHT)
    points = scene.limits[:, chosen]
    axes = _space(figure, scene, chosen, points) if len(chosen) == 3 else _plane(figure, scene, chosen)
    for curve in scene.curves:
        _curve(
            axes,
            curve.betas[:, chosen],
            color=palette.SERIES[0],
            linewidth=1.0,
            linestyle=scene.dashes(curve),
        )
    axes.plot(*points.T, linestyle="none", marker="o", markersize=4.5, color=palette.SERIES[1])
    _label_saddles(axes, points)
    scene.key(axes, "saddle", linestyle="none", marker="o", markersize=4.5, color=palette.SERIES[1])
    return finish(
        figure,
        anchor="trajectory",
        title="The trajectory from saddle to saddle",
        alt=_alt(scene, chosen),
        caption=words(_caption(scene, chosen)),
    )


def _space(figure: Any, scene: Scene, chosen: tuple[int, ...], points: Floats) -> Any:
    import mpl_toolkits.mplot3d  # noqa: F401, registers the projection "3d"

    axes = figure.add_axes(box(_HEIGHT, 20, 34, 0, 26), projection="3d", computed_zorder=False)
    axes.set_box_aspect((1, 1, 0.82), zoom=1.0)
    axes.view_init(elev=22, azim=_azimuth(points))
    for axis, i in zip((axes.xaxis, axes.yaxis, axes.zaxis), chosen, strict=True):
        axis.set_pane_color((1, 1, 1, 0))
        axis.pane.set_edgecolor(palette.LINE)
        axis.line.set_color(palette.MUTED)
        axis.set_label_text(f"β of {scene.names[i]}")
        axis.label.set_gid(coordinate_id(i))
        axis.set_tick_params(labelsize=7, pad=0)
        axis.labelpad = 1
        axis.set_major_locator(_few_ticks())
    return axes


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5)


def _azimuth(points: Floats) -> float:
    """The direction, of eight, from which the saddles stand farthest apart."""

    def separation(azimuth: float) -> float:
        angle = np.radians(azimuth)
        spans = np.ptp(points, axis=0)
        unit = (points - points[0]) / np.where(spans > 0, spans, 1)
        across = -np.sin(angle) * unit[:, 0] + np.cos(angle) * unit[:, 1]
        towards = np.cos(angle) * unit[:, 0] + np.sin(angle) * unit[:, 1]
        seen = np.column_stack(
            [across, unit[:, 2] * np.cos(np.radians(22)) - towards * np.sin(np.radians(22))]
        )
        gaps = np.linalg.norm(seen[:, None] - seen[None], axis=2) + 9 * np.eye(len(seen))
        return float(gaps.min())

    return max((-60.0, -35.0, 25.0, 50.0, 120.0, 145.0, 205.0, 230.0), key=separation)


def _plane(figure: Any, scene: Scene, chosen: tuple[int, ...]) -> Any:
    axes = figure.add_axes(box(_HEIGHT, 50, 20, 12, 52))
    for axis, i in zip((axes.xaxis, axes.yaxis), chosen, strict=True):
        axis.set_label_text(f"β of {scene.names[i]}")
        axis.label.set_gid(coordinate_id(i))
    axes.margins(0.09)
    return axes


def _curve(axes: Any, betas: Floats, **style: Any) -> None:
    """A curve without the points that add nothing: judged in coordinates scaled to 300 points."""
    spans = np.ptp(betas, axis=0)
    scaled = betas * (300 / np.where(spans > 0, spans, 1))
    axes.plot(*betas[simplified(scaled)].T, **style)


def _label_saddles(axes: Any, points: Floats) -> None:
    for point, together in _places(points):
        told = listed([str(k) for k in together], _TOLD, ", ", " ")
        axes.text(*point, f"\u00a0\u00a0{told}", fontsize=8, color=palette.INK, va="bottom")


def _places(points: Floats) -> list[tuple[Floats, list[int]]]:
    """Where saddles stand, and which: those that nobody could tell apart have one label."""
    spans = np.ptp(points, axis=0)
    scaled = points / np.where(spans > 0, spans, 1)
    found: list[tuple[Floats, list[int]]] = []
    for k, point in enumerate(scaled):
        near = next((group for group in found if np.abs(scaled[group[1][0]] - point).max() < _APART), None)
        if near is None:
            found.append((points[k], [k]))
        else:
            near[1].append(k)
    return found


def _alt(scene: Scene, chosen: tuple[int, ...]) -> str:
    stops = [
        f"{saddle.index} at ({', '.join(scene.limit_text(saddle.index, i) for i in chosen)})"
        for saddle in scene.path
    ]
    names = ", ".join(scene.names[i] for i in chosen)
    return f"The way through {counted(len(stops), 'saddle')} in the coordinates {names}: {listed(stops, 10)}."


def _caption(scene: Scene, chosen: tuple[int, ...]) -> str:
    first = sentences("Points: the saddles, numbered by k.", scene.limit_sentence())
    if not scene.curves:
        missing = scene.drawing.missing if scene.drawing is not None else ()
        reason = missing[0][1] if missing else scene.reason("drawing")
        return sentences(first, f"The orbits between them are not drawn: {reason}.")
    alphas = ", ".join(alpha_text(curve.alpha) for curve in scene.curves)
    smallest, others = scene.curves[-1], [i for i in range(scene.path.problem.d) if i not in chosen]
    largest = float(np.abs(smallest.betas[:, others]).max(initial=0.0))
    return sentences(
        first,
        f"Dashed: the flow at α = {alphas}, a {Drawing.evidence}; as α → 0 it follows the "
        "heteroclinic orbits between saddles, which are curved.",
        f"At α = {alpha_text(smallest.alpha)} {counted(len(others), 'other coordinate')} of the flow within "
        f"{largest:.2g} of 0."
        if others
        else "",
    )
