"""The dual s_i(t) between its thresholds, with every hit marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq

from exactsaddle.base import ProofFailed, counted
from exactsaddle.numbers import Number, agreed, enclose, to_decimal, to_float
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import coordinate_id, finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import Label, faint, label_margin, line, make_room, margin_labels
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import sentences
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRIFT = 1.6
"""A dual without a threshold is followed to this multiple of the largest finite one."""


def draw(scene: Scene) -> Picture:
    """One continuous curve per coordinate, thresholds as lines, a triangle where a threshold is hit."""
    cast, problem = scene.cast, scene.path.problem
    shown = cast.highlighted
    labels = [scene.names[i] for i in shown]
    figure, axes = scene.panel(250, right=label_margin(labels))
    axes.set_ylabel("dual s")
    times, duals = _curves(scene)
    thresholds = _thresholds(scene, shown)
    low, high = _range(scene, duals)
    axes.set_ylim(low, high)
    make_room(axes)
    for value, i in thresholds:
        axes.axhline(
            value,
            color=palette.MUTED if i is None else cast.colour(i),
            linewidth=0.9,
            linestyle="-" if i is None else (0, (1, 2)),
            gid=None if i is None else coordinate_id(i),
        )
    others = [i for i in range(problem.d) if i not in shown]
    for i in others:
        line(axes, times, duals[:, i], i, color=palette.MUTED, linewidth=0.5, alpha=faint(len(others)))
    for i in shown:
        line(axes, times, duals[:, i], i, color=cast.colour(i), linewidth=1.4)
    _mark_hits(scene, axes, shown)
    margin_labels(axes, [Label(float(duals[-1, i]), scene.names[i], cast.colour(i), i) for i in shown])
    return finish(
        figure,
        anchor="dual",
        title="The dual between its thresholds",
        alt=_alt(scene),
        caption=words(_caption(scene, shown)),
        axes=(scene.time_axis(axes),),
    )


def _curves(scene: Scene) -> tuple[Floats, Floats]:
    """Times, and s at these times: the exact s_k rounded at every jump, linear in t between."""
    jumps, duals = scene.arrays.times, scene.arrays.duals
    points = 2 if scene.scale.scale == "linear" else 24
    times = [scene.scale.grid(start, end, points) for start, end in pairwise(scene.edges)]
    grid = np.unique(np.concatenate(times))
    stop = max(scene.end, float(jumps[-1])) * 1.5
    knots = np.array([*jumps, stop])
    values = np.vstack([duals, duals[-1] + _last_slope(scene) * (stop - jumps[-1])])
    return grid, np.column_stack([np.interp(grid, knots, column) for column in values.T])


def _last_slope(scene: Scene) -> Floats:
    """−∇L at the last saddle: zero at the end of a path whose thresholds are all finite."""
    problem = scene.path.problem
    finite = all(problem.bound(i, side) is not None for i in range(problem.d) for side in (1, -1))
    if scene.path.complete and finite:
        return np.zeros(problem.d)
    return np.array([-to_float(value) for value in scene.path[-1].gradient_vector])


def _height(value: Number) -> float:
    """As a float; thresholds of unit-norm columns are square roots."""
    return to_float(value) if isinstance(value, fmpq) else float(enclose(value).mid())


def _short(value: Number) -> str:
    return to_decimal(value, 6) if isinstance(value, fmpq) else agreed(enclose(value), 6)


def _common(scene: Scene) -> tuple[Number, Number] | None:
    """(c⁻, c⁺) when every coordinate has the same finite thresholds."""
    problem = scene.path.problem
    pairs = {(problem.bound(i, -1), problem.bound(i, 1)) for i in range(problem.d)}
    lower, upper = next(iter(pairs))
    return (lower, upper) if len(pairs) == 1 and lower is not None and upper is not None else None


def _thresholds(scene: Scene, shown: Sequence[int]) -> list[tuple[float, int | None]]:
    """Heights of the lines to draw, each with its coordinate, or None for a line that all share."""
    common, problem = _common(scene), scene.path.problem
    if common is not None:
        return [(-_height(common[0]), None), (_height(common[1]), None)]
    found = [(side, problem.bound(i, side), i) for i in shown for side in (1, -1)]
    return [(side * _height(threshold), i) for side, threshold, i in found if threshold is not None]


def _range(scene: Scene, duals: Floats) -> tuple[float, float]:
    """What the vertical axis shows: all finite thresholds, and drifting duals for a while."""
    problem = scene.path.problem
    largest = max(
        _height(threshold)
        for i in range(problem.d)
        for threshold in (problem.bound(i, 1), problem.bound(i, -1))
        if threshold is not None
    )
    low, high = max(float(duals.min()), -_DRIFT * largest), min(float(duals.max()), _DRIFT * largest)
    for value, _ in _thresholds(scene, range(problem.d)):
        low, high = min(low, value), max(high, value)
    margin = 0.07 * (high - low)
    return low - margin, high + margin


def _mark_hits(scene: Scene, axes: Axes, shown: Sequence[int]) -> None:
    """A triangle, pointing at the threshold, for every coordinate that lands on one."""
    problem = scene.path.problem
    for jump in scene.path.events:
        time = float(scene.arrays.times[jump.index])
        if time > scene.end:
            break
        for i, side in jump.hits.items():
            threshold = problem.bound(i, side)
            if threshold is None:
                raise ProofFailed(f"coordinate {i} hit a threshold on a side where it has none")
            axes.plot(
                [time],
                [side * _height(threshold)],
                linestyle="none",
                marker="^" if side > 0 else "v",
                markersize=5 if i in shown else 3,
                color=scene.cast.colour(i),
                markeredgewidth=0,
                clip_on=False,
                gid=coordinate_id(i),
            )


def _alt(scene: Scene) -> str:
    d = scene.path.problem.d
    hits = [(jump.index, i, side) for jump in scene.path.events for i, side in jump.hits.items()]
    if not hits:
        return f"The dual of {counted(d, 'coordinate')}; no threshold is ever hit."
    landings = [
        f"{scene.names[i]} the {'upper' if side > 0 else 'lower'} at t = {scene.path[k].jump_time_text(6)}"
        for k, i, side in hits
    ]
    return (
        f"{len({i for _, i, _ in hits})} of {counted(d, 'coordinate')} hit a threshold, "
        f"{counted(len(hits), 'hit')} in all: {listed(landings, 12)}."
    )


def _caption(scene: Scene, shown: Sequence[int]) -> str:
    common, others = _common(scene), scene.path.problem.d - len(shown)
    if common is not None:
        lower, upper = map(_short, common)
        box = f"±{upper}" if lower == upper else f"−{lower} and {upper}"
        first = f"The dual s(t) moves with velocity −∇L(β̃) between the thresholds {box}."
    else:
        first = (
            "The dual s(t) moves with velocity −∇L(β̃); dotted lines are the thresholds of each coordinate."
        )
    return sentences(
        first,
        "Triangles mark every hit: a coordinate can be nonzero only while it is on a threshold.",
        "It is linear in t between jumps, which a logarithmic axis bends."
        if scene.scale.scale == "log"
        else "",
        f"Thin and grey: {counted(others, 'other coordinate')}." if others else "",
    )
