"""How the distance to the path falls with α, against the predicted rates: log error over log α."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flint import arb

from exactsaddle.base import counted
from exactsaddle.convergence import Convergence, PlateauDistances
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import (
    Label,
    box,
    exponent_ticks,
    label_margin,
    line,
    make_room,
    margin_labels,
    new_figure,
)
from exactsaddle.report.figures.text import alpha_text, log10_of, sentences
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "osD^vP*X"
_ACCURATE = 16
"""A distance is drawn when its ball has this many bits relative to its middle: an error bar below a pixel."""


@dataclass(frozen=True)
class Row:
    """The distances on one plateau that can be drawn: log10 α, log10 of the distance, predicted slope."""

    plateau: PlateauDistances
    alphas: Floats
    errors: Floats
    slope: float | None


def rows(convergence: Convergence) -> tuple[Row, ...]:
    """One row for each plateau with a resolved distance that is not zero."""
    found = []
    for plateau in convergence.plateaus:
        kept = [
            (log10_of(alpha), log10_of(distance))
            for alpha, distance in zip(convergence.alphas, plateau.probed, strict=True)
            if _is_resolved(distance)
        ]
        if kept:
            alphas, errors = np.array(kept).T
            predicted = plateau.predicted
            slope = float(predicted) if predicted is not None and predicted.is_finite() else None
            found.append(Row(plateau, alphas, errors, slope))
    return tuple(found)


def draw(convergence: Convergence) -> Picture | None:
    """One line per plateau with the slope predicted for it, dashed; None when a single α shows no slope."""
    found = rows(convergence)
    if not any(len(row.errors) > 1 for row in found):
        return None
    styles = _styles(found)
    labels = [f"k = {k}" for k in styles]
    height = 250.0
    figure = new_figure(height)
    axes = figure.add_axes(box(height, 46, label_margin(labels), 12, 36))
    _set_axes(axes, convergence, found)
    edges = np.array(axes.get_xlim())
    ends = []
    for row in found:
        k = row.plateau.plateau
        colour, marker = styles.get(k, (palette.MUTED, ""))
        width = 1.3 if marker else 0.6
        line(
            axes,
            row.alphas,
            row.errors,
            keep=True,
            color=colour,
            linewidth=width,
            marker=marker,
            markersize=4,
        )
        at_edge = float(row.errors[-1])
        if row.slope is not None and marker:
            predicted = row.errors[-1] + row.slope * (edges - row.alphas[-1])
            line(axes, edges, predicted, keep=True, color=colour, linewidth=0.8, linestyle=(0, (4, 2)))
            at_edge = float(predicted[1])
        if marker:
            ends.append(Label(at_edge, f"k = {k}", colour, None))
    margin_labels(axes, ends)
    return finish(
        figure,
        anchor="convergence",
        title="Convergence as α → 0",
        alt=_alt(convergence, found),
        caption=words(_caption(convergence, found, len(styles))),
    )


def _styles(found: tuple[Row, ...]) -> dict[int, tuple[str, str]]:
    """Colour and marker of the plateaus that are farthest from their limit at the smallest α."""
    slowest = sorted(found, key=lambda row: (-row.errors[-1], row.plateau.plateau))[: len(palette.HUES)]
    plateaus = sorted(row.plateau.plateau for row in slowest)
    return dict(zip(plateaus, zip(palette.HUES, _MARKERS, strict=True), strict=False))


def _set_axes(axes: Axes, convergence: Convergence, found: tuple[Row, ...]) -> None:
    places = {log10_of(alpha): alpha_text(alpha) for alpha in convergence.alphas}
    ticks = np.array(list(places))
    pad = 0.04 * max(float(np.ptp(ticks)), 1.0)
    axes.set_xlim(float(ticks.max()) + pad, float(ticks.min()) - pad)
    shown = _thinned(ticks)
    axes.set_xticks(shown, [places[tick] for tick in shown])
    axes.set_xlabel("initialisation scale α (logarithmic, falling)")
    axes.set_ylabel("distance to the limit (logarithmic)")
    low, high = min(row.errors.min() for row in found), max(row.errors.max() for row in found)
    margin = max(0.07 * (high - low), 0.3)
    axes.set_ylim(low - margin, high + margin)
    exponent_ticks(axes.yaxis)
    make_room(axes)


def _is_resolved(distance: arb) -> bool:
    return bool(distance > 0) and distance.rel_accuracy_bits() >= _ACCURATE


def _thinned(ticks: Floats) -> list[float]:
    """The ticks but those whose labels would meet."""
    span = float(np.ptp(ticks)) or 1.0
    kept: list[float] = []
    for tick in sorted(ticks.tolist()):
        if not kept or tick - kept[-1] >= 0.15 * span:
            kept.append(tick)
    return kept


def _alt(convergence: Convergence, found: tuple[Row, ...]) -> str:
    first, last = (alpha_text(alpha) for alpha in (convergence.alphas[0], convergence.alphas[-1]))
    return (
        f"Distance of the flow to its limit on {counted(len(found), 'plateau')}, from α = {first} to {last}: "
        f"{listed([_row_text(row) for row in found], 12)}."
    )


def _row_text(row: Row) -> str:
    probed = [ball for ball in row.plateau.probed if _is_resolved(ball)]
    text = f"k = {row.plateau.plateau}: {_short(probed[0])}"
    if len(probed) > 1:
        text += f" {'falls ' if row.errors[-1] < row.errors[0] else ''}to {_short(probed[-1])}"
    if row.plateau.measured is not None:
        text += f", measured rate {float(row.plateau.measured):.4g}"
    return text + (", no rate predicted" if row.slope is None else f", predicted {row.slope:.4g}")


def _short(ball: arb) -> str:
    text: str = ball.str(3, radius=False)
    return text


def _caption(convergence: Convergence, found: tuple[Row, ...], named: int) -> str:
    unpredicted = [str(row.plateau.plateau) for row in found if row.slope is None]
    absent = len(convergence.plateaus) - len(found)
    return sentences(
        "Marks: the distance of the flow from its limit, in the largest coordinate, at the centre of plateau "
        "k, a rigorous enclosure whose radius is invisible.",
        "Dashed: the predicted slope through the last mark, a lower bound on the rate as α → 0; "
        "that the two agree is numerical evidence.",
        f"No rate is predicted where a hypothesis fails: k = {', '.join(unpredicted)}."
        if unpredicted
        else "",
        f"The {named} plateaus with the largest distance have names." if len(found) > named else "",
        f"Without a line: {counted(absent, 'plateau')} where the distance is 0 or was not resolved."
        if absent
        else "",
        *(f"At α = {alpha_text(alpha)}: unchecked, {reason}." for alpha, reason in convergence.missing),
    )
