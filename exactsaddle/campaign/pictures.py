"""Figures of a campaign: how paths turn, and how long they are, against n/d."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from exactsaddle.campaign.summary import LEVEL, Cell
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import drawing_style, finish
from exactsaddle.report.figures.panel import Label, box, label_margin, margin_labels, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = ("o", "s", "^", "D", "v", "P", "X", "p")
_HEIGHT = 210


class Estimate(NamedTuple):
    """A value with what is drawn around it."""

    value: float
    low: float
    high: float


class Series(NamedTuple):
    """Cells of one law and one d, in order of n/d."""

    label: str
    cells: tuple[Cell, ...]


def series_of(cells: tuple[Cell, ...]) -> tuple[Series, ...]:
    """The ensembles of a campaign as curves over n/d; families, whose sizes are upper bounds, are none."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for cell in cells:
        if cell.experiment.kind == "ensemble" and cell.saddles is not None:
            found.setdefault((json.dumps(cell.experiment.law()), cell.d), []).append(cell)
    laws = {law for law, _ in found}
    return tuple(
        Series(
            f"d = {d}" if len(laws) == 1 else f"{group[0].experiment.source}, d = {d}",
            tuple(sorted(group, key=lambda cell: cell.ratio)),
        )
        for (_, d), group in found.items()
    )


def turn_pictures(cells: tuple[Cell, ...]) -> tuple[Picture, ...]:
    """How often paths turn, and how much; none without an ensemble whose deactivations were counted."""
    every = _drawn(cells)
    if not any(cell.turns.get("deactivations") for one in every for cell in one.cells):
        return ()
    with drawing_style():
        return _share(every), _strength(every)


def saddle_pictures(cells: tuple[Cell, ...]) -> tuple[Picture, ...]:
    """How many saddles paths have; none without an ensemble."""
    every = _drawn(cells)
    with drawing_style():
        return (_saddles(every),) if every else ()


def _drawn(cells: tuple[Cell, ...]) -> tuple[Series, ...]:
    return series_of(cells)[: len(palette.SERIES)]


def _share(every: tuple[Series, ...]) -> Picture:
    def estimate(cell: Cell) -> Estimate | None:
        turns = cell.turns.get("deactivations")
        return None if turns is None else Estimate(turns.paths.value, *turns.paths.interval)

    return _curves(
        every,
        estimate,
        anchor="share-non-monotone",
        title="Paths on which a coordinate leaves",
        axis="share of paths",
        caption=f"Share of paths with a deactivation; bars are {LEVEL:.0%} Wilson intervals (statistical).",
        top=1.0,
    )


def _strength(every: tuple[Series, ...]) -> Picture:
    def estimate(cell: Cell) -> Estimate | None:
        turns = cell.turns.get("deactivations")
        return None if turns is None else Estimate(*[turns.mean / cell.d] * 3)

    return _curves(
        every,
        estimate,
        anchor="deactivations-per-coordinate",
        title="Deactivations for each coordinate",
        axis="mean deactivations / d",
        caption="Deactivations on a path, divided by d: the mean over the paths.",
    )


def _saddles(every: tuple[Series, ...]) -> Picture:
    def estimate(cell: Cell) -> Estimate | None:
        found = cell.saddles
        if found is None:
            return None
        return Estimate(*(value / cell.d for value in (found.mean, found.low, found.high)))

    return _curves(
        every,
        estimate,
        anchor="saddles-per-coordinate",
        title="Saddles for each coordinate",
        axis="saddles / d",
        caption="Saddles of a path, divided by d: the mean; bars reach from the 5 % to the 95 % quantile.",
    )


def _curves(
    every: tuple[Series, ...],
    estimate: Callable[[Cell], Estimate | None],
    *,
    anchor: str,
    title: str,
    axis: str,
    caption: str,
    top: float | None = None,
) -> Picture:
    figure = new_figure(_HEIGHT)
    margin = label_margin([one.label for one in every])
    axes = figure.add_axes(box(_HEIGHT, 46, margin, 12, 36))
    _ratio_axis(axes, every)
    axes.set_ylabel(axis)
    labels = []
    told = []
    for k, one in enumerate(every):
        points = [(cell.ratio, found) for cell in one.cells if (found := estimate(cell)) is not None]
        if not points:
            continue
        x = np.array([float(ratio) for ratio, _ in points]) * 2 ** (0.02 * (k - (len(every) - 1) / 2))
        y = np.array([found.value for _, found in points])
        reach = np.array([[f.value - f.low, f.high - f.value] for _, f in points]).T.clip(min=0)
        axes.errorbar(
            x,
            y,
            yerr=reach if reach.any() else None,
            color=palette.SERIES[k],
            marker=MARKS[k],
            markersize=3.5,
            linewidth=1.3,
            elinewidth=0.9,
        )
        labels.append(Label(float(y[-1]), one.label, palette.SERIES[k], None))
        ratio, highest = max(points, key=lambda point: point[1].value)
        told.append(f"{one.label}: at most {highest.value:.3f}, at n/d = {ratio}")
    axes.set_ylim(0, top)
    margin_labels(axes, labels)
    alt = f"{title} against n/d, one curve for each d. " + "; ".join(told) + "."
    return finish(figure, anchor=anchor, title=title, alt=alt, caption=words(caption))


def _ratio_axis(axes: Axes, every: tuple[Series, ...]) -> None:
    ratios = sorted({cell.ratio for one in every for cell in one.cells})
    axes.set_xscale("log", base=2)
    axes.set_xlabel("n/d (logarithmic)")
    low, high = float(ratios[0]), float(ratios[-1])
    axes.set_xlim(low / 1.15, high * 1.15)
    exponents = range(int(np.floor(np.log2(low))), int(np.ceil(np.log2(high))) + 1)
    ticks = [Fraction(2) ** exponent for exponent in exponents]
    shown = [tick for tick in ticks if low / 1.15 <= float(tick) <= high * 1.15] or ratios[:1]
    axes.set_xticks([float(tick) for tick in shown], [str(tick) for tick in shown])
    axes.set_xticks([], minor=True)
