"""Who is nonzero when: one row per coordinate, one bar per stay in the support."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from exactsaddle.base import counted
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import coordinate_id, finish
from exactsaddle.report.figures.panel import LEADER, key, line, row_labels, text_width
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import sentences
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HATCH = "//////"
_NAMED_ROWS = 26
"""More rows than this are too thin to be named, except those that stand out."""


@dataclass(frozen=True)
class Stay:
    """Coordinate i is nonzero with one sign from saddle ``first`` until saddle ``last``, which it is not at.

    last is len(path) where it stays to the end.
    """

    i: int
    sign: int
    first: int
    last: int


def stays(scene: Scene) -> tuple[Stay, ...]:
    """The maximal stays in the support, by time; a change of sign ends one and begins another."""
    path = scene.path
    running: dict[int, Stay] = {}
    found: list[Stay] = []
    for saddle in path:
        now = _signs(scene, saddle.index)
        for i, stay in list(running.items()):
            if now.get(i) != stay.sign:
                found.append(Stay(i, stay.sign, stay.first, saddle.index))
                del running[i]
        for i, sign in now.items():
            running.setdefault(i, Stay(i, sign, saddle.index, saddle.index))
    found.extend(Stay(stay.i, stay.sign, stay.first, len(path)) for stay in running.values())
    return tuple(sorted(found, key=lambda stay: (stay.first, stay.i)))


def _signs(scene: Scene, k: int) -> dict[int, int]:
    """The signs of the limit's nonzero coordinates: exact, or from the balls of the selected minimiser."""
    if k in (scene.selected or {}):
        return {int(i): int(np.sign(scene.limits[k, i])) for i in np.flatnonzero(scene.limits[k])}
    saddle = scene.path[k]
    return {i: saddle.signs[i] for i in saddle.support}


def draw(scene: Scene) -> Picture:
    """Bars: solid where β > 0, hatched where β < 0."""
    from matplotlib.patches import Rectangle

    cast = scene.cast
    rows = {i: row for row, i in enumerate(cast.ever)}
    named = len(rows) <= _NAMED_ROWS
    row_height = 13.0 if named else max(2.5, 330.0 / len(rows))
    height = 46 + row_height * max(1, len(rows))
    labels = [scene.names[i] for i in cast.ever if named or i in cast.highlighted]
    left = max(map(text_width, labels), default=0.0) + (14 if named else 14 + LEADER)
    figure, axes = scene.panel(height + 14, left=left, bottom=50)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    shown = [i for i in cast.ever if named or i in cast.highlighted]
    axes.set_yticks([])
    times, found = [*scene.arrays.times, scene.end], stays(scene)
    for stay in found:
        start, end = max(times[stay.first], scene.scale.start), min(times[stay.last], scene.end)
        if start >= end:
            continue
        colour = palette.SERIES[0] if stay.sign > 0 else palette.SERIES[1]
        bar = Rectangle(
            (start, rows[stay.i] - 0.36),
            end - start,
            0.72,
            facecolor=colour if stay.sign > 0 else "none",
            edgecolor=colour,
            linewidth=0.7 if named else 0.3,
            hatch=None if stay.sign > 0 else _HATCH,
            gid=coordinate_id(stay.i),
        )
        axes.add_patch(bar)
    row_labels(axes, [(rows[i], i, scene.names[i]) for i in shown], led=not named)
    if not named:  # names are farther apart than rows: each is led to the first bar of its own
        first = {i: min(times[stay.first] for stay in found if stay.i == i) for i in shown}
        for i in shown:
            ends = np.array([scene.scale.start, first[i]])
            line(axes, ends, np.full(2, float(rows[i])), i, color=palette.MUTED, linewidth=0.5)
    _key(axes)
    return finish(
        figure,
        anchor="support",
        title="The support over time",
        alt=_alt(scene),
        caption=words(_caption(scene, named)),
        axes=(scene.time_axis(axes),),
    )


def _key(axes: Axes) -> None:
    from matplotlib.patches import Patch

    key(
        axes,
        [
            Patch(facecolor=palette.SERIES[0], edgecolor=palette.SERIES[0], label="β > 0"),
            Patch(facecolor="none", edgecolor=palette.SERIES[1], hatch=_HATCH, label="β < 0"),
        ],
    )


def _alt(scene: Scene) -> str:
    path, found = scene.path, stays(scene)
    if not found:
        return "No coordinate ever enters the support."
    left = [stay for stay in found if stay.last < len(path)]
    ever = len({stay.i for stay in found})
    sizes = np.count_nonzero(scene.limits, axis=1)
    departures = [f"{scene.names[stay.i]} at t = {path[stay.last].jump_time_text(6)}" for stay in left]
    again = len(found) - ever
    return sentences(
        f"{ever} of {counted(path.problem.d, 'coordinate')} are nonzero at some time, in "
        f"{counted(len(found), 'stay')}; the support has from {sizes.min()} to "
        f"{counted(int(sizes.max()), 'coordinate')}, {sizes[-1]} at the end.",
        f"{counted(len(left), 'stay')} over before that: {listed(departures, 8)}." if left else "",
        f"{again} of the stays begin when a coordinate comes back or changes sign." if again else "",
    )


def _caption(scene: Scene, named: bool) -> str:
    idle = scene.path.problem.d - len(scene.cast.ever)
    return sentences(
        "A bar while a coordinate is nonzero: solid where it is positive, hatched where it is negative.",
        ""
        if named
        else f"{len(scene.cast.ever)} rows, of which the {len(scene.cast.highlighted)} largest are named.",
        f"Never nonzero, without a row: {counted(idle, 'coordinate')}." if idle else "",
        scene.limit_sentence(),
    )
