"""The coordinates β̃_i(t) of the limit as steps, with the flow over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exactsaddle.base import counted
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.panel import (
    LIMIT_STYLE,
    Label,
    faint,
    ground,
    label_margin,
    line,
    make_room,
    margin_labels,
)
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import number_text, sentences
from exactsaddle.report.scales import linear_threshold
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(scene: Scene) -> Picture:
    """One line per coordinate: those that stand out with their flow and name, the others thin and muted."""
    labels = [scene.names[i] for i in scene.cast.highlighted]
    figure, axes = scene.panel(270, right=label_margin(labels), top=scene.top, bottom=52)
    axes.set_ylabel("coordinate β")
    scene.set_heights(axes, scene.limits)
    make_room(axes)
    paint(scene, axes)
    scene.key(axes)
    return finish(
        figure,
        anchor="coordinates",
        title=f"Coordinates of the limit{' and of the flow' if scene.curves else ''}",
        alt=_alt(scene),
        caption=words(_caption(scene)),
        axes=(scene.time_axis(axes),),
    )


def paint(scene: Scene, axes: Axes) -> None:
    """The picture on axes that have their scales already, without its key."""
    cast, betas = scene.cast, scene.limits
    ground(axes)
    for i in cast.folded:
        x, y = scene.steps(betas[:, i])
        line(axes, x, y, i, color=palette.MUTED, linewidth=0.5, alpha=faint(len(cast.folded)))
    for i in cast.highlighted:
        x, y = scene.steps(betas[:, i])
        line(axes, x, y, i, keep=True, lift=True, color=cast.colour(i), **LIMIT_STYLE)
    for curve in scene.curves:
        for i in cast.highlighted:
            x, y = scene.visible(curve.times, curve.betas[:, i])
            line(axes, x, y, i, lift=True, color=cast.colour(i), linewidth=0.9, linestyle=scene.dashes(curve))
    last = betas[len(scene.edges) - 2]
    margin_labels(axes, [Label(last[i], scene.names[i], cast.colour(i), i) for i in cast.highlighted])
    scene.real_time(axes)


def _alt(scene: Scene) -> str:
    path, cast = scene.path, scene.cast
    if not cast.ever:
        return f"All {counted(path.problem.d, 'coordinate')} of the limit are 0 at all times: it never moves."
    ways = []
    for i in cast.highlighted:
        entry = path[scene.first_entry(i)].jump_time_text(6)
        ways.append(
            f"{scene.names[i]} enters at t = {entry} and ends at {scene.limit_text(len(path) - 1, i)}"
        )
    folded = len(cast.folded)
    return sentences(
        f"Steps of {len(cast.ever)} of {counted(path.problem.d, 'coordinate')} over "
        f"{counted(len(path), 'plateau')}; the last jump is at t = {path[-1].jump_time_text(6)}.",
        f"{listed(ways, len(ways))}.",
        f"Drawn without names: {counted(folded, 'smaller coordinate')}." if folded else "",
    )


def _caption(scene: Scene) -> str:
    cast, threshold = scene.cast, linear_threshold(scene.limits)
    idle = scene.path.problem.d - len(cast.ever)
    return sentences(
        "Broad steps: the limit β̃(t), exact.",
        scene.limit_sentence(),
        scene.flow_sentence(),
        f"The {len(cast.highlighted)} coordinates that become largest have "
        f"{'colour, name and flow' if scene.curves else 'colour and name'}. "
        f"Thin and grey{', without the flow' if scene.curves else ''}: {counted(len(cast.folded), 'other')}."
        if cast.folded
        else "",
        f"At 0 throughout: {counted(idle, 'coordinate')}." if idle else "",
        ""
        if threshold is None
        else f"The vertical axis is linear up to ±{number_text(threshold)}, logarithmic beyond.",
    )
