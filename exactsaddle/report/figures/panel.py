"""Pieces of a picture on matplotlib's objects: margins, ticks, polylines, labels beside a panel, keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactsaddle.report import palette
from exactsaddle.report.figures.canvas import WIDTH, coordinate_id
from exactsaddle.report.figures.layout import Floats, simplified, spread
from exactsaddle.report.figures.text import number_text, power_text, superscript

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

LABEL_GAP = 10.0
"""Points between two labels in a margin."""
SIZE = 8.0
"""Points of a label."""
_ON_GROUND = 0.3
"""Points of height below which a curve is on the line y = 0."""
LIMIT_STYLE: dict[str, Any] = {"linewidth": 2.2, "alpha": 0.5}
"""How the limit is drawn: broad, so that a thin curve on it is seen."""


class Label(NamedTuple):
    """A label beside a panel, at a height in data units; coordinate None when it belongs to none."""

    height: float
    text: str
    colour: str
    coordinate: int | None


def new_figure(height: float) -> Figure:
    """An empty figure, WIDTH × height points, without pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH / 72, height / 72))


def box(
    height: float, left: float, right: float, top: float, bottom: float
) -> tuple[float, float, float, float]:
    """Margins in points as a rectangle in shares of the figure."""
    return left / WIDTH, bottom / height, 1 - (left + right) / WIDTH, 1 - (top + bottom) / height


def logarithmic_ticks(axis: Axis, span: float = math.inf) -> None:
    """Tick labels as 10⁻³, in characters and not in mathtext; 200 where the axis spans few powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if span < 30:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, position: number_text(value)))
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, position: power_text(value)))
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(which="minor", length=1.5, width=0.4)


def part_ticks(axes: Axes) -> None:
    """Leave ticks of a vertical axis out where labels would meet: from 0 outwards, 0 stays."""
    low, high = sorted(axes.get_ylim())
    ticks = np.array([value for value in axes.yaxis.get_majorticklocs() if low <= value <= high])
    places = axes.transData.transform([(axes.get_xlim()[1], tick) for tick in ticks])[:, 1]
    places *= 72 / root_of(axes).dpi
    if not (np.diff(np.sort(places)) < SIZE).any():
        return
    kept: list[float] = []
    taken: list[float] = []
    for i in np.argsort(np.abs(ticks), kind="stable"):
        if not taken or np.abs(places[i] - np.array(taken)).min() >= LABEL_GAP:
            kept.append(float(ticks[i]))
            taken.append(float(places[i]))
    axes.set_yticks(sorted(kept))


def exponent_ticks(axis: Axis) -> None:
    """Tick labels 10⁻³ on a linear axis of exponents."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, position: f"10{superscript(round(value))}"))


def make_room(axes: Axes) -> None:
    """Move the left edge of a panel to where its tick labels and its label fit; before anything is drawn."""
    axis, figure = axes.yaxis, root_of(axes)
    low, high = sorted(axes.get_ylim())
    ticks = [value for value in axis.get_majorticklocs() if low <= value <= high]
    widest = max((text_width(text) for text in axis.get_major_formatter().format_ticks(ticks)), default=0.0)
    place = axes.get_position()
    left = (widest + 27) / (figure.get_size_inches()[0] * 72)
    axes.set_position((left, place.y0, place.x1 - left, place.height))


def line(
    axes: Axes,
    x: Floats,
    y: Floats,
    i: int | None = None,
    *,
    keep: bool = False,
    lift: bool = False,
    **style: Any,
) -> None:
    """A polyline in data coordinates, as coordinate i's if given.

    Unless keep, without the points that nobody could see: those of thin lines are given less care. With
    lift, without what lies on the line y = 0, where many coordinates rest and the last would hide the others.
    """
    points = axes.transData.transform(np.column_stack([x, y])) * (72 / root_of(axes).dpi)
    finite = np.isfinite(points).all(axis=1)
    x, y, points = x[finite], y[finite], points[finite]
    ground = axes.transData.transform((axes.get_xlim()[1], 0.0))[1] * (72 / root_of(axes).dpi)
    pieces = _lifted(np.abs(points[:, 1] - ground) < _ON_GROUND) if lift else [slice(0, len(x))]
    tolerance = 0.1 if style.get("linewidth", 1.0) > 0.6 else 0.3
    found: list[Floats] = []
    for piece in pieces:
        if piece.stop - piece.start >= 2:
            part = np.column_stack([x[piece], y[piece]])
            found += [part if keep else part[simplified(points[piece], tolerance)], np.full((1, 2), np.nan)]
    if found:
        (artist,) = axes.plot(*np.concatenate(found[:-1]).T, **style)
        if i is not None:
            artist.set_gid(coordinate_id(i))


def _lifted(grounded: NDArray[np.bool_]) -> list[slice]:
    """The pieces of a polyline made of segments with an end that is not grounded."""
    seen = ~(grounded[:-1] & grounded[1:])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
    return [slice(int(first), int(last) + 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def ground(axes: Axes) -> None:
    """The line y = 0."""
    axes.axhline(0, color=palette.MUTED, linewidth=0.8, zorder=1.5)


def faint(number: int) -> float:
    """The opacity of that many thin lines, so that together they do not drown the others."""
    return 0.7 if number <= 12 else 0.45 if number <= 40 else 0.28


def margin_labels(axes: Axes, labels: Sequence[Label]) -> None:
    """Labels right of a panel, led to by lines in their colour, spread so that none meets another."""
    from matplotlib.lines import Line2D

    if not labels:
        return
    width, height = panel_size(axes)
    ends = np.array([[axes.get_xlim()[1], label.height] for label in labels])
    wanted = axes.transAxes.inverted().transform(axes.transData.transform(ends))[:, 1] * height
    wanted = np.clip(wanted, 0, height)
    placed = spread(list(wanted), LABEL_GAP, 2, height - 2)
    across = 1 + np.array([1.0, 4.0, 10.0, 14.0]) / width
    for label, start, y in zip(labels, wanted, placed, strict=True):
        gid = None if label.coordinate is None else coordinate_id(label.coordinate)
        leader = Line2D(
            across,
            np.array([start, start, y, y]) / height,
            color=label.colour,
            linewidth=1.2,
            transform=axes.transAxes,
            clip_on=False,
        )
        leader.set_gid(gid)
        leader.set_in_layout(False)
        axes.add_artist(leader)
        axes.text(
            1 + 17 / width,
            y / height,
            label.text,
            transform=axes.transAxes,
            fontsize=SIZE,
            va="center_baseline",
            color=palette.INK,
            gid=gid,
        )


def row_labels(axes: Axes, rows: Sequence[tuple[float, int, str]], *, led: bool = False) -> None:
    """Names left of a panel at heights in data units: (height, coordinate, name).

    Spread so that none meets another; led: a line leads from each to its height, in LEADER more points.
    """
    from matplotlib.lines import Line2D

    width, height = panel_size(axes)
    ends = np.array([[axes.get_xlim()[1], row[0]] for row in rows]).reshape(-1, 2)
    wanted = axes.transAxes.inverted().transform(axes.transData.transform(ends))[:, 1] * height
    placed = spread(list(wanted), 9.0, 0, height)
    for (_, i, name), at, y in zip(rows, wanted, placed, strict=True):
        if led:
            leader = Line2D(
                np.array([-LEADER, 3 - LEADER, -3, 0]) / width,
                np.array([y, y, at, at]) / height,
                color=palette.MUTED,
                linewidth=0.5,
                transform=axes.transAxes,
                clip_on=False,
            )
            leader.set_gid(coordinate_id(i))
            leader.set_in_layout(False)
            axes.add_artist(leader)
        axes.text(
            -(5 + LEADER * led) / width,
            y / height,
            name,
            transform=axes.transAxes,
            fontsize=SIZE,
            ha="right",
            va="center_baseline",
            color=palette.INK,
            gid=coordinate_id(i),
        )


LEADER = 14.0
"""Points from a name to the panel that its line takes."""


def panel_size(axes: Axes) -> tuple[float, float]:
    """Width and height of a panel in points."""
    place, size = axes.get_position(), root_of(axes).get_size_inches() * 72
    return place.width * size[0], place.height * size[1]


def label_margin(texts: Sequence[str]) -> float:
    """Points that labels in the right margin need, their leaders included; at least 14."""
    return max((text_width(text) for text in texts), default=-8.0) + 22


@lru_cache(maxsize=1024)
def text_width(text: str, size: float = SIZE) -> float:
    """Points that a text takes in DejaVu Sans, wider than most fonts; what is not Latin counts as one em."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    extent = TextPath((0, 0), text, size=size, prop=FontProperties(family="DejaVu Sans")).get_extents()
    return max(float(extent.x1), 0.0) + 0.45 * size * sum(not _is_narrow(character) for character in text)


def _is_narrow(character: str) -> bool:
    return ord(character) < 0x1100


def key(axes: Axes, handles: Sequence[Artist]) -> None:
    """One line of handles at the lower edge of the figure."""
    figure = root_of(axes)
    legend = figure.legend(
        handles=list(handles),
        loc="lower center",
        bbox_to_anchor=(0.5, 2 / (figure.get_size_inches()[1] * 72)),
        ncols=len(handles),
        frameon=False,
        fontsize=7.5,
        handlelength=2.6,
        columnspacing=1.1,
        handletextpad=0.4,
        borderpad=0.1,
    )
    legend.set_in_layout(False)


def root_of(axes: Axes) -> Figure:
    """The figure that axes belong to, at the top."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    return figure
