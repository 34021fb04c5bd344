"""The loss: a staircase in the limit, with the loss of the flow over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import LIMIT_STYLE, line, logarithmic_ticks, make_room
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import sentences
from exactsaddle.report.text import counted, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE = 8.0
"""A ratio of losses above which the staircase needs a logarithmic axis."""


def draw(scene: Scene) -> Picture:
    """One staircase, and one dashed curve for each α."""
    losses = scene.arrays.losses
    figure, axes = scene.panel(230, right=14, top=scene.top, bottom=52)
    axes.set_ylabel("loss L(β)" + (" (logarithmic)" if _logarithmic(losses) else ""))
    floor = _set_heights(axes, losses)
    make_room(axes)
    x, y = scene.steps(np.maximum(losses, floor))
    line(axes, x, y, keep=True, color=palette.SERIES[0], **LIMIT_STYLE)
    for curve in scene.curves:
        x, y = scene.visible(curve.times, np.maximum(curve.losses, floor))
        line(axes, x, y, color=palette.INK, linewidth=0.9, linestyle=scene.dashes(curve))
    scene.real_time(axes)
    scene.key(axes)
    return finish(
        figure,
        anchor="loss",
        title="The loss, a staircase",
        alt=_alt(scene),
        caption=words(_caption(scene, floor)),
        axes=(scene.time_axis(axes),),
    )


def _logarithmic(losses: Floats) -> bool:
    positive = losses[losses > 0]
    return len(positive) > 0 and float(positive.max() / positive.min()) > _WIDE


def _set_heights(axes: Axes, losses: Floats) -> float:
    """Set the vertical axis; the lowest value it shows where it is logarithmic, else −∞."""
    if not _logarithmic(losses):
        low, high = float(losses.min()), float(losses.max())
        margin = 0.08 * (high - low) or 0.5 * high or 1.0
        axes.set_ylim(0 if low < high / 3 else low - margin, high + margin)
        return -np.inf
    positive = losses[losses > 0]
    low = float(positive.min()) / (30.0 if (losses <= 0).any() else 1.6)
    axes.set_yscale("log")
    high = float(positive.max()) * 1.6
    axes.set_ylim(low, high)
    logarithmic_ticks(axes.yaxis, high / low)
    return low


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


def _caption(scene: Scene, floor: float) -> str:
    return sentences(
        "Broad steps: the loss L(β̃(t)) of the limit, which falls at every jump.",
        scene.flow_sentence(),
        "The loss 0 of the last plateau is below the logarithmic axis: its steps end on the lower edge."
        if floor > 0 and scene.arrays.losses[-1] < floor
        else "",
    )
