"""What the pictures of one path have in common: its numbers in floats, the time axis, the flow over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from exactsaddle.base import InvalidInput
from exactsaddle.path import PathArrays, SaddlePath
from exactsaddle.report import palette
from exactsaddle.report.document import TimeAxis
from exactsaddle.report.drawing import Drawing, FlowCurve, drawing_end
from exactsaddle.report.figures.canvas import WIDTH
from exactsaddle.report.figures.layout import Cast, cast_of
from exactsaddle.report.figures.panel import (
    LIMIT_STYLE,
    box,
    key,
    logarithmic_ticks,
    new_figure,
    part_ticks,
    root_of,
)
from exactsaddle.report.figures.text import alpha_text, display_name, plain, sentences
from exactsaddle.report.scales import Floats, TimeScale, linear_threshold, time_scale

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES: tuple[Any, ...] = ((0, (1, 1.6)), (0, (3, 1.4, 1, 1.4)), (0, (4, 1.6)), (0, (9, 1.6)), (0, (14, 2)))
"""Dash patterns of the flow's curves, the largest α first, longer as α falls; the last for all others."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A path and what is drawn of it.

    selected maps a saddle to the minimiser the flow selects there, where there are several; None when that
    was not decided. reasons say why a layer is absent, by its name. chosen are the coordinates to stand out,
    by default the largest.
    """

    path: SaddlePath
    drawing: Drawing | None = None
    selected: Mapping[int, Sequence[arb]] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[int, ...] | None = None

    @cached_property
    def arrays(self) -> PathArrays:
        """The path in binary64. Raises InvalidInput where a number is beyond its range."""
        arrays = self.path.to_arrays()
        if not all(np.isfinite(values).all() for values in arrays):
            raise InvalidInput("numbers of the path are beyond the range of binary64: it cannot be drawn")
        return arrays

    @cached_property
    def limits(self) -> Floats:
        """The limit of the flow on each plateau, (p+1, d): β_k, or the minimiser that is selected."""
        betas = self.arrays.betas.copy()
        for k, balls in (self.selected or {}).items():
            betas[k] = [float(ball) for ball in balls]
        return betas

    @cached_property
    def end(self) -> float:
        """The right edge of every time axis."""
        return float(self.drawing.end if self.drawing is not None else drawing_end(self.path))

    @property
    def clock(self) -> str:
        """Real time as a formula."""
        return self.path.problem.network.clock

    @cached_property
    def scale(self) -> TimeScale:
        """The time axis of every picture."""
        return time_scale(self.arrays.times, self.end)

    @cached_property
    def cast(self) -> Cast:
        """The coordinates that stand out."""
        return cast_of(self.limits, self.chosen)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names fit for a picture."""
        return tuple(display_name(name) for name in self.path.problem.names)

    @cached_property
    def edges(self) -> Floats:
        """Where plateaus begin within the picture, and its end: (q+1,) for q plateaus."""
        times = self.arrays.times
        return np.array([*times[times < self.end], self.end])

    def reason(self, layer: str) -> str:
        """Why a layer is absent, in words."""
        return self.reasons.get(layer, "it was not asked for")

    def limit_text(self, k: int, i: int) -> str:
        """Coordinate i of the limit on plateau k to six digits."""
        if k in (self.selected or {}):
            return f"{self.limits[k, i]:.6g}"
        return self.path[k].beta_text(i, 6) if i in self.path[k].support else "0"

    def first_entry(self, i: int) -> int:
        """The first plateau whose limit has coordinate i."""
        return int(np.argmax(self.limits[:, i] != 0))

    # --- a panel along time -------------------------------------------------------------------

    def panel(
        self, height: float, *, left: float = 46, right: float = 14, top: float = 12, bottom: float = 36
    ) -> tuple[Figure, Axes]:
        """A figure of that height with one panel along time; margins in points."""
        figure = new_figure(height)
        axes = figure.add_axes(box(height, left, right, top, bottom))
        self.along_time(axes)
        return figure, axes

    def along_time(self, axes: Axes) -> None:
        """Give axes the time scale of this scene, with its label."""
        logarithmic = self.scale.scale == "log"
        axes.set_xscale(self.scale.scale)
        axes.set_xlim(self.scale.start, self.scale.end)
        if logarithmic:
            logarithmic_ticks(axes.xaxis, self.scale.end / self.scale.start)
        axes.set_xlabel("accelerated time t" + (" (logarithmic)" if logarithmic else ""))

    def time_axis(self, axes: Axes) -> TimeAxis:
        """Where time runs in the SVG."""
        left, low, right, high = (float(value) for value in axes.get_position().extents)
        height = float(root_of(axes).get_size_inches()[1]) * 72
        return TimeAxis(
            left=round(left * WIDTH, 3),
            right=round(right * WIDTH, 3),
            top=round((1 - high) * height, 3),
            bottom=round((1 - low) * height, 3),
            start=self.scale.start,
            end=self.scale.end,
            scale=self.scale.scale,
        )

    def real_time(self, axes: Axes) -> None:
        """A second axis above: real time at the smallest α that is drawn."""
        if not self.curves:
            return
        curve = self.curves[-1]
        factor = curve.real_time
        both: Any = (lambda t: t * factor, lambda t: t / factor)
        above = axes.secondary_xaxis("top", functions=both)
        above.set_xlabel(f"real time {self.clock} at α = {alpha_text(curve.alpha)}")
        above.grid(visible=False)
        if self.scale.scale == "log":
            logarithmic_ticks(above.xaxis, self.scale.end / self.scale.start)

    def steps(self, values: Floats) -> tuple[Floats, Floats]:
        """x and y of a staircase with values (p+1,) on the plateaus: the floats themselves at every step."""
        x = np.repeat(self.edges, 2)[1:-1].copy()
        x[0] = self.scale.start
        return x, np.repeat(values[: len(self.edges) - 1], 2)

    def set_heights(self, axes: Axes, values: Floats) -> None:
        """The vertical scale for values of very different sizes: linear, or linear near 0 only."""
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        threshold = linear_threshold(values)
        if threshold is not None:
            axes.set_yscale("symlog", linthresh=threshold, linscale=0.5)
            logarithmic_ticks(axes.yaxis)
        if low == high:
            low, high = -1.0, 1.0
        edges = axes.transScale.transform(np.array([[1.0, low], [1.0, high]]))[:, 1]
        margin = 0.06 * (edges[1] - edges[0])
        wanted = np.array([[1.0, edges[0] - margin], [1.0, edges[1] + margin]])
        axes.set_ylim(*axes.transScale.inverted().transform(wanted)[:, 1])
        if threshold is not None:
            part_ticks(axes)

    # --- the flow -----------------------------------------------------------------------------

    @property
    def curves(self) -> tuple[FlowCurve, ...]:
        """The curves of the flow, the largest α first."""
        return self.drawing.curves if self.drawing is not None else ()

    @property
    def top(self) -> float:
        """The margin above a panel that has a second axis for real time when the flow is there."""
        return 38 if self.curves else 12

    def dashes(self, curve: FlowCurve) -> Any:
        """The dash pattern of a curve."""
        return DASHES[min(self.curves.index(curve), len(DASHES) - 1)]

    def visible(self, times: Floats, values: Floats) -> tuple[Floats, Floats]:
        """The part of a curve that is on the time axis, from its very edge on."""
        first = max(0, int(np.searchsorted(times, self.scale.start, side="right")) - 1)
        return np.maximum(times[first:], self.scale.start), values[first:]

    def key(self, axes: Axes, limit: str = "limit", **style: Any) -> None:
        """The key of a panel: the limit, the dashes of each α."""
        from matplotlib.lines import Line2D

        handles: list[Artist] = [
            Line2D([], [], label=limit, **(style or {"color": palette.INK, **LIMIT_STYLE}))
        ]
        for number, curve in enumerate(self.curves):
            label = f"flow, α = {alpha_text(curve.alpha)}" if number == 0 else alpha_text(curve.alpha)
            handles.append(
                Line2D([], [], color=palette.INK, linewidth=0.9, linestyle=self.dashes(curve), label=label)
            )
        key(axes, handles)

    def limit_sentence(self) -> str:
        """What the steps of the limit are where the minimiser is not unique."""
        if self.selected is None:
            return (
                "Where the minimiser is not unique, the steps show one vertex; the flow may select another."
            )
        if not self.selected:
            return ""
        plateaus = ", ".join(map(str, sorted(self.selected)))
        return f"The minimiser is not unique at k = {plateaus}: the steps show the one that the flow selects."

    def flow_sentence(self) -> str:
        """What the curves of the flow are, which are missing, and why."""
        if self.drawing is None:
            return f"The flow is not drawn: {self.reason('drawing')}."
        parts = []
        if self.curves:
            factors = ", ".join(plain(curve.real_time) for curve in self.curves)
            alphas = ", ".join(alpha_text(curve.alpha) for curve in self.curves)
            parts.append(
                f"Dashed: the flow at α = {alphas}, a {self.drawing.evidence}; "
                f"real time is {self.clock}, t times {factors}."
            )
        for reason in dict.fromkeys(reason for _, reason in self.drawing.missing):
            alphas = ", ".join(alpha_text(alpha) for alpha, why in self.drawing.missing if why == reason)
            parts.append(f"No curve at α = {alphas}: {reason}.")
        return sentences(*parts)
