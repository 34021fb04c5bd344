"""What the pictures of one path have in common, and the drawing of a panel along time."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from exactsaddle.drawing import CertifiedPoints, Drawing, FlowCurve, drawing_end
from exactsaddle.path import PathArrays, SaddlePath
from exactsaddle.rational import to_decimal, to_rational
from exactsaddle.report import palette
from exactsaddle.report.document import TimeAxis
from exactsaddle.report.figures.canvas import WIDTH, coordinate_id
from exactsaddle.report.figures.layout import (
    Cast,
    Floats,
    TimeScale,
    cast_of,
    display_name,
    simplified,
    spread,
    time_scale,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

LABEL_GAP = 10.0
"""Points between the baselines of two labels in a margin."""
DASHES: tuple[Any, ...] = ((0, (1, 1.6)), (0, (3, 1.4, 1, 1.4)), (0, (4, 1.6)), (0, (9, 1.6)), (0, (14, 2)))
"""Dash patterns of the flow's curves, the largest α first: longer as α falls."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A path and what is drawn of it. reasons say why a layer is absent: "drawing", "convergence", "lasso"."""

    path: SaddlePath
    drawing: Drawing | None
    reasons: Mapping[str, str]

    @cached_property
    def arrays(self) -> PathArrays:
        """The path in binary64."""
        return self.path.to_arrays()

    @cached_property
    def end(self) -> float:
        """The right edge of every time axis."""
        return float(self.drawing.end if self.drawing is not None else drawing_end(self.path))

    @cached_property
    def scale(self) -> TimeScale:
        """The time axis of every picture."""
        return time_scale(self.arrays.times, self.end)

    @cached_property
    def cast(self) -> Cast:
        """The coordinates that stand out."""
        return cast_of(self.arrays.betas)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names fit for a picture."""
        return tuple(display_name(name) for name in self.path.problem.names)

    @cached_property
    def edges(self) -> Floats:
        """Where plateaus begin within the picture, and its end: (q+1,) for q plateaus."""
        times = self.arrays.times
        return np.array([*times[times < self.end], self.end])

    def listed(self, coordinates: Sequence[int], limit: int = 8) -> str:
        """Names in a sentence, the rest counted."""
        shown = [self.names[i] for i in coordinates[:limit]]
        rest = len(coordinates) - len(shown)
        if rest:
            shown.append(f"{rest} more")
        return ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + shown[-1] if shown else "none"

    def first_entry(self, i: int) -> int:
        """The first saddle whose support has coordinate i."""
        return next(saddle.index for saddle in self.path if i in saddle.support)

    # --- the flow -----------------------------------------------------------------------------

    @property
    def curves(self) -> tuple[FlowCurve, ...]:
        """The curves of the flow, the largest α first."""
        return self.drawing.curves if self.drawing is not None else ()

    @property
    def certified(self) -> tuple[CertifiedPoints, ...]:
        """The enclosed points of the flow."""
        return self.drawing.certified if self.drawing is not None else ()

    @property
    def top(self) -> float:
        """The margin above a panel that has a second axis for real time when the flow is there."""
        return 38 if self.curves else 12

    @property
    def bottom(self) -> float:
        """The margin below a panel with a key of the curves."""
        return 52

    def visible(self, times: Floats, values: Floats) -> tuple[Floats, Floats]:
        """The part of a curve that is on the time axis, one point before it included."""
        first = max(0, int(np.searchsorted(times, self.scale.start, side="right")) - 1)
        x, y = times[first:], values[first:]
        if first == 0 and x[0] < self.scale.start:
            x = np.maximum(x, self.scale.start)
        return np.maximum(x, self.scale.start), y

    def marks(
        self, axes: Axes, points: CertifiedPoints, values: Sequence[float], i: int | None = None
    ) -> None:
        """Marks at certified points: circles for the largest α, squares for the smallest."""
        colour = palette.INK if i is None else self.cast.colour(i)
        marker = "o" if points is self.certified[0] else "s"
        times = np.array([float(point.time) for point in points.points])
        keep = times >= self.scale.start
        (artist,) = axes.plot(
            times[keep],
            np.asarray(values)[keep],
            linestyle="none",
            marker=marker,
            markersize=3.2,
            markerfacecolor=palette.PAPER,
            markeredgecolor=colour,
            markeredgewidth=0.9,
        )
        if i is not None:
            artist.set_gid(coordinate_id(i))

    def key(self, axes: Axes) -> None:
        """One line below a panel: the limit, the dashes of each α, the marks of certified points."""
        from matplotlib.lines import Line2D

        handles = [Line2D([], [], color=palette.INK, linewidth=2, alpha=0.55, label="limit")]
        for curve, dashes in zip(self.curves, DASHES, strict=False):
            handles.append(
                Line2D(
                    [], [], color=palette.INK, linewidth=0.9, linestyle=dashes, label=alpha_text(curve.alpha)
                )
            )
        if self.certified:
            handles.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker="o",
                    markersize=3.2,
                    markerfacecolor=palette.PAPER,
                    markeredgecolor=palette.INK,
                    label="enclosed",
                )
            )
        height = axes.figure.get_size_inches()[1] * 72
        axes.figure.legend(
            handles=handles,
            loc="lower center",
            bbox_to_anchor=(0.5, 2 / height),
            ncols=len(handles),
            frameon=False,
            fontsize=7.5,
            handlelength=2.6,
            columnspacing=1.1,
            handletextpad=0.4,
            borderpad=0.1,
        )

    def flow_sentence(self) -> str:
        """What the curves of the flow are, which are missing, what is certified, and why the rest is not."""
        if self.drawing is None:
            return f"The flow is not drawn: {self.reasons.get('drawing', 'it was not asked for')}."
        parts = []
        if self.curves:
            factors = ", ".join(f"{curve.log_scale:.3g}" for curve in self.curves)
            alphas = ", ".join(alpha_text(curve.alpha) for curve in self.curves)
            parts.append(
                f"Dashed: the flow at α = {alphas}, a {self.drawing.evidence}; "
                f"real time is t·ln(1/α), t times {factors}."
            )
        parts.extend(
            f"No curve at α = {alpha_text(alpha)}: {reason}." for alpha, reason in self.drawing.missing
        )
        for points in self.certified:
            shape = "Circles" if points is self.certified[0] else "Squares"
            parts.append(
                f"{shape}: {self.drawing.certified_evidence} at α = {alpha_text(points.alpha)}, radius invisible."
            )
        reasons = dict.fromkeys(reason for _, reason in self.drawing.uncertified)
        for reason in reasons:
            alphas = ", ".join(alpha_text(alpha) for alpha, why in self.drawing.uncertified if why == reason)
            parts.append(f"At α = {alphas} the curve is unchecked: {reason}.")
        if not self.certified and not reasons and self.curves:
            parts.append("The curves are unchecked: no point was enclosed.")
        return " ".join(parts)

    # --- heights ------------------------------------------------------------------------------

    def set_heights(self, axes: Axes, values: Floats) -> None:
        """The vertical scale for values of very different sizes: linear, or linear near 0 only."""
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        threshold = linear_threshold(values)
        if threshold is not None:
            axes.set_yscale("symlog", linthresh=threshold, linscale=0.5)
            plain_ticks(axes.yaxis, True)
        if low == high:
            low, high = -1.0, 1.0
        forward = axes.transScale.transform
        edges = forward(np.array([[1.0, low], [1.0, high]]))[:, 1]
        margin = 0.06 * (edges[1] - edges[0])
        wanted = np.array([[1.0, edges[0] - margin], [1.0, edges[1] + margin]])
        bottom, top = axes.transScale.inverted().transform(wanted)[:, 1]
        axes.set_ylim(bottom, top)

    def symlog_sentence(self, values: Floats) -> str:
        """A sentence that says where the vertical axis is linear, if not everywhere."""
        threshold = linear_threshold(values)
        return (
            ""
            if threshold is None
            else f"The vertical axis is linear up to ±{threshold:g}, logarithmic beyond."
        )

    # --- a panel along time -------------------------------------------------------------------

    def panel(
        self, height: float, *, left: float = 46, right: float = 14, top: float = 12, bottom: float = 36
    ) -> tuple[Figure, Axes]:
        """A figure of that height with one panel along time; margins in points."""
        figure = new_figure(height)
        axes = figure.add_axes(box(height, left, right, top, bottom))
        self.along_time(axes)
        axes.set_xlabel("accelerated time t" + (" (logarithmic)" if self.scale.scale == "log" else ""))
        return figure, axes

    def along_time(self, axes: Axes) -> None:
        """Give axes the time scale of this scene."""
        axes.set_xscale(self.scale.scale)
        axes.set_xlim(self.scale.start, self.scale.end)
        plain_ticks(axes.xaxis, self.scale.scale == "log")

    def time_axis(self, figure: Figure, axes: Axes) -> TimeAxis:
        """Where time runs in the SVG."""
        place, height = axes.get_position(), figure.get_size_inches()[1] * 72
        return TimeAxis(
            left=round(place.x0 * WIDTH, 3),
            right=round(place.x1 * WIDTH, 3),
            top=round((1 - place.y1) * height, 3),
            bottom=round((1 - place.y0) * height, 3),
            start=self.scale.start,
            end=self.scale.end,
            scale=self.scale.scale,
        )

    def real_time(self, axes: Axes) -> None:
        """A second axis above: real time at the smallest α that is drawn."""
        if self.drawing is None or not self.drawing.curves:
            return
        curve = self.drawing.curves[-1]
        factor = curve.log_scale
        above = axes.secondary_xaxis("top", functions=(lambda t: t * factor, lambda t: t / factor))
        above.set_xlabel(f"real time t·ln(1/α) at α = {alpha_text(curve.alpha)}")
        above.grid(False)
        plain_ticks(above.xaxis, self.scale.scale == "log")

    def steps(self, values: Floats) -> tuple[Floats, Floats]:
        """x and y of a staircase with values (p+1,) on the plateaus; exact floats at every step."""
        shown = values[: len(self.edges) - 1]
        x = np.repeat(self.edges, 2)[1:-1].copy()
        x[0] = self.scale.start
        return x, np.repeat(shown, 2)


def linear_threshold(values: Floats) -> float | None:
    """Where a vertical axis stops being linear: None when half of the nonzero values can be seen on it.

    A value is seen above a fiftieth of the largest. Otherwise the power of ten at the lower decile.
    """
    sizes = np.abs(values[values != 0])
    if not len(sizes) or float(np.median(sizes)) >= float(sizes.max()) / 50:
        return None
    return float(10.0 ** np.floor(np.log10(np.quantile(sizes, 0.1))))


def new_figure(height: float) -> Figure:
    """An empty figure, WIDTH × height points, without pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH / 72, height / 72))


def box(height: float, left: float, right: float, top: float, bottom: float) -> tuple[float, ...]:
    """Margins in points as a rectangle in shares of the figure."""
    return (left / WIDTH, bottom / height, 1 - (left + right) / WIDTH, 1 - (top + bottom) / height)


def alpha_text(alpha: Fraction) -> str:
    """α to three digits, with an exponent: 1e-16."""
    digits = f"{float(alpha):.2e}" if alpha > Fraction(1, 10**5) else to_decimal(to_rational(alpha), 3)
    mantissa, exponent = digits.split("e")
    return f"{float(mantissa):.3g}e{int(exponent)}"


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain_ticks(axis: Axis, logarithmic: bool) -> None:
    """Tick labels in characters, not in mathtext: 0.5, or 10⁻³ on a logarithmic axis."""
    axis.set_tick_params(which="minor", length=1.5, width=0.4)
    if logarithmic:
        from matplotlib.ticker import FuncFormatter, NullFormatter

        axis.set_major_formatter(FuncFormatter(lambda value, position: power_text(value)))
        axis.set_minor_formatter(NullFormatter())


def power_text(value: float) -> str:
    """A power of ten as 10⁻³, with its sign; 0.1, 1 and 10 as they are; other numbers to two digits."""
    if value == 0:
        return "0"
    sign, size = "−" if value < 0 else "", abs(value)
    exponent = round(math.log10(size))
    if abs(size / 10.0**exponent - 1) > 1e-6 or abs(exponent) <= 1:
        return f"{sign}{size:.2g}"
    return f"{sign}10{str(exponent).translate(_SUPERSCRIPTS)}"


def line(axes: Axes, x: Floats, y: Floats, i: int | None = None, *, thin: bool = True, **style: Any) -> None:
    """A polyline in data coordinates, without the points that cannot be seen, as coordinate i's if given."""
    keep: Any = slice(None)
    if thin and len(x) > 2:
        points = axes.transData.transform(np.column_stack([x, y])) * (72 / axes.figure.dpi)
        finite = np.isfinite(points).all(axis=1)
        x, y, points = x[finite], y[finite], points[finite]
        keep = simplified(points[:, 0], points[:, 1])
    (artist,) = axes.plot(x[keep], y[keep], **style)
    if i is not None:
        artist.set_gid(coordinate_id(i))


def margin_labels(
    axes: Axes, entries: Sequence[tuple[float, str, str, int | None]], *, size: float = 8
) -> None:
    """Labels right of the axes at heights in data units: (y, text, colour, coordinate), led to by a line."""
    if not entries:
        return
    figure = axes.figure
    place, height = axes.get_position(), figure.get_size_inches()[1] * 72
    low, high = place.y0 * height, place.y1 * height
    to_points = axes.transData.transform(np.array([[axes.get_xlim()[1], entry[0]] for entry in entries]))
    wanted = np.clip(to_points[:, 1] * 72 / figure.dpi, low, high)
    placed = spread(list(wanted), LABEL_GAP, low + 2, high - 2)
    right = place.x1 * WIDTH
    for (_, text, colour, i), start, y in zip(entries, wanted, placed, strict=True):
        xs = np.array([right + 1, right + 4, right + 10, right + 14]) / WIDTH
        ys = np.array([start, start, y, y]) / height
        from matplotlib.lines import Line2D

        leader = Line2D(xs, ys, color=colour, linewidth=1.2, transform=figure.transFigure)
        leader.set_gid("" if i is None else coordinate_id(i))
        figure.add_artist(leader)
        label = figure.text(
            (right + 17) / WIDTH, y / height, text, fontsize=size, va="center_baseline", color=palette.INK
        )
        if i is not None:
            label.set_gid(coordinate_id(i))


def label_margin(texts: Sequence[str], size: float = 8) -> float:
    """Points that labels in the right margin need, their leaders included; at least 14."""
    return max((text_width(text, size) for text in texts), default=-8.0) + 22


def text_width(text: str, size: float = 8) -> float:
    """Points that a text takes in DejaVu Sans, wider than most; a glyph it lacks counts as one em."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    extent = TextPath((0, 0), text, size=size, prop=FontProperties(family="DejaVu Sans")).get_extents()
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return max(float(extent.x1), 0.0) + 0.45 * size * wide


def row_labels(axes: Axes, rows: Sequence[tuple[float, int]], scene: Scene) -> None:
    """Names left of the axes at heights in data units: (row, coordinate)."""
    figure = axes.figure
    place, height = axes.get_position(), figure.get_size_inches()[1] * 72
    scale = 72 / figure.dpi
    wanted = [float(axes.transData.transform((axes.get_xlim()[0], row))[1]) * scale for row, _ in rows]
    placed = spread(wanted, 9.0, place.y0 * height, place.y1 * height)
    for (_, i), y in zip(rows, placed, strict=True):
        figure.text(
            (place.x0 * WIDTH - 5) / WIDTH,
            y / height,
            scene.names[i],
            fontsize=8,
            ha="right",
            va="center_baseline",
            color=palette.INK,
            gid=coordinate_id(i),
        )
