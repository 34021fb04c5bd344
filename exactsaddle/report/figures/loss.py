"""The loss: a staircase in the limit, with the loss of the flow over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from exactsaddle.base import counted
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import LIMIT_STYLE, line, logarithmic_ticks, make_room
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import sentences
from exactsaddle.report.scales import loss_floor
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROUNDING = 1e-6
"""Of the loss before: what is less, where the residual is within the resolution, has no place on the axis."""


def draw(scene: Scene) -> Picture:
    """One staircase, and one dashed curve for each α."""
    losses = _on_axis(scene)
    figure, axes = scene.panel(230, right=14, top=scene.top, bottom=52)
    floor = loss_floor(losses)
    axes.set_ylabel("loss L(β)" + ("" if floor is None else " (logarithmic)"))
    _set_heights(axes, losses, floor)
    make_room(axes)
    least = -np.inf if floor is None else floor
    x, y = scene.steps(np.maximum(losses, least))
    line(axes, x, y, keep=True, color=palette.SERIES[0], **LIMIT_STYLE)
    for curve in scene.curves:
        x, y = scene.visible(curve.times, np.maximum(curve.losses, least))
        line(axes, x, y, color=palette.INK, linewidth=0.9, linestyle=scene.dashes(curve))
    scene.real_time(axes)
    scene.key(axes)
    return finish(
        figure,
        anchor="loss",
        title="The loss, a staircase",
        alt=_alt(scene),
        caption=words(_caption(scene, floor, losses)),
        axes=(scene.time_axis(axes),),
    )


def _on_axis(scene: Scene) -> Floats:
    """The losses; 0 for one at the end that is the rounding of the data: it is no height of the staircase."""
    losses, stop = scene.arrays.losses, scene.path.stop
    rounding = stop is not None and stop.rule == "rounding" and len(losses) > 1
    if rounding and losses[-1] < losses[-2] * _ROUNDING:
        losses = np.array([*losses[:-1], 0.0])
    return losses


def _set_heights(axes: Axes, losses: Floats, floor: float | None) -> None:
    """Set the vertical axis, logarithmic from the floor on if there is one."""
    if floor is None:
        low, high = float(losses.min()), float(losses.max())
        margin = 0.08 * (high - low) or 0.5 * high or 1.0
        axes.set_ylim(0 if low < high / 3 else low - margin, high + margin)
        return
    axes.set_yscale("log")
    high = float(losses.max()) * 1.6
    axes.set_ylim(floor, high)
    logarithmic_ticks(axes.yaxis, high / floor)


def _alt(scene: Scene) -> str:
    path = scene.path
    if len(path) == 1:
        return f"The loss stays at {path[0].loss_text(6)}: the path never moves."
    steps = [f"{saddle.loss_text(6)} from t = {saddle.jump_time_text(6)}" for saddle in path[1:-1]]
    between = f", then {listed(steps, 6, ', ')}," if steps else ""
    return (
        f"A staircase of {counted(len(path), 'step')} that only falls: {path[0].loss_text(6)} at t = 0"
        f"{between} down to {path[-1].loss_text(6)} from t = {path[-1].jump_time_text(6)} on."
    )


def _caption(scene: Scene, floor: float | None, losses: Floats) -> str:
    last = scene.path[-1].loss_text(3) if scene.arrays.losses[-1] > 0 else "0"
    why = ", the rounding of the data," if last != "0" else ""
    return sentences(
        "Broad steps: the loss L(β̃(t)) of the limit, which falls at every jump.",
        scene.flow_sentence(),
        f"The loss {last} of the last plateau{why} is below the logarithmic axis: its steps end on the lower "
        "edge."
        if floor is not None and losses[-1] < floor
        else "",
    )
