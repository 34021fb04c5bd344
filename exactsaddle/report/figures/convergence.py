"""How the distance to the path falls with α, against the predicted rates: log error over log α."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import arb

from exactsaddle.convergence import Convergence, PlateauDistances
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import (
    Label,
    box,
    label_margin,
    line,
    margin_labels,
    new_figure,
    plain_ticks,
)
from exactsaddle.report.figures.text import alpha_text, log10_of

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
            known = predicted is not None and predicted.is_finite()
            found.append(Row(plateau, alphas, errors, float(predicted) if known else None))
    return tuple(found)


def draw(convergence: Convergence) -> Picture | None:
    """One line per plateau with the slope predicted for it, dashed; None when nothing was resolved."""
    found = rows(convergence)
    if not found:
        return None
    slowest = sorted(found, key=lambda row: (-row.errors[-1], row.plateau.plateau))[: len(palette.SERIES)]
    styles = {
        row.plateau.plateau: (colour, marker)
        for row, colour, marker in zip(
            sorted(slowest, key=lambda row: row.plateau.plateau), palette.SERIES, _MARKERS, strict=False
        )
    }
    labels = [f"k = {k}" for k in styles]
    height = 250.0
    figure = new_figure(height)
    axes = figure.add_axes(box(height, 46, label_margin(labels), 12, 36))
    ticks = np.array([log10_of(alpha) for alpha in convergence.alphas])
    pad = 0.04 * max(float(np.ptp(ticks)), 1.0)
    axes.set_xlim(float(ticks.max()) + pad, float(ticks.min()) - pad)
    axes.set_xticks(
        _thinned(ticks), [alpha_text(convergence.alphas[list(ticks).index(t)]) for t in _thinned(ticks)]
    )
    axes.set_xlabel("initialisation scale α (logarithmic, falling)")
    axes.set_ylabel("distance to β (logarithmic)")
    low, high = min(row.errors.min() for row in found), max(row.errors.max() for row in found)
    margin = 0.07 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)
    plain_ticks(axes.yaxis, exponents=True)
    for row in found:
        colour, marker = styles.get(row.plateau.plateau, (palette.MUTED, ""))
        line(
            axes,
            row.alphas,
            row.errors,
            keep=True,
            color=colour,
            linewidth=1.3 if marker else 0.6,
            marker=marker,
            markersize=4,
        )
        if row.slope is not None and marker:
            ends = np.array([ticks.max() + pad, ticks.min() - pad])
            predicted = row.errors[-1] + row.slope * (ends - row.alphas[-1])
            line(axes, ends, predicted, keep=True, color=colour, linewidth=0.8, linestyle=(0, (4, 2)))
    margin_labels(
        axes,
        [
            Label(float(row.errors[-1]), f"k = {row.plateau.plateau}", styles[row.plateau.plateau][0], None)
            for row in found
            if row.plateau.plateau in styles
        ],
    )
    return finish(
        figure,
        anchor="convergence",
        title="Convergence as α → 0",
        alt=_alt(convergence, found),
        caption=words(_caption(convergence, found, len(styles))),
    )


def _is_resolved(distance: arb) -> bool:
    return bool(distance > 0) and distance.rel_accuracy_bits() >= _ACCURATE


def _thinned(ticks: Floats) -> Floats:
    """At most six of the ticks, so that their labels do not meet, and none closer than a tenth of the axis."""
    span = float(np.ptp(ticks)) or 1.0
    kept: list[float] = []
    for tick in sorted(ticks):
        if not kept or tick - kept[-1] >= 0.15 * span:
            kept.append(float(tick))
    return np.array(kept)


def _alt(convergence: Convergence, found: tuple[Row, ...]) -> str:
    first, last = (alpha_text(alpha) for alpha in (convergence.alphas[0], convergence.alphas[-1]))
    lines = "; ".join(_row_text(row) for row in found[:12])
    more = f"; and {len(found) - 12} more" if len(found) > 12 else ""
    return f"Distance of the flow to its limit on {len(found)} plateaus, from α = {first} to {last}: {lines}{more}."


def _row_text(row: Row) -> str:
    k, probed = row.plateau.plateau, [ball for ball in row.plateau.probed if _is_resolved(ball)]
    text = f"k = {k}: {_short(probed[0])}"
    if len(probed) > 1:
        text += (
            f" falls to {_short(probed[-1])}"
            if row.errors[-1] < row.errors[0]
            else f" to {_short(probed[-1])}"
        )
    if row.plateau.measured is not None:
        text += f", measured rate {float(row.plateau.measured):.4g}"
    text += ", no rate predicted" if row.slope is None else f", predicted {row.slope:.4g}"
    return text


def _short(ball: arb) -> str:
    text: str = ball.str(3, radius=False)
    return text


def _caption(convergence: Convergence, found: tuple[Row, ...], named: int) -> str:
    parts = [
        "Marks: the distance, in the largest coordinate, of the flow from its limit at the centre of plateau k, "
        "a rigorous enclosure whose radius is invisible.",
        "Dashed: the predicted slope through the last mark, a lower bound on the rate as α → 0; "
        "that the two agree is numerical evidence.",
    ]
    unpredicted = [str(row.plateau.plateau) for row in found if row.slope is None]
    if unpredicted:
        parts.append(f"No rate is predicted where a hypothesis fails: k = {', '.join(unpredicted)}.")
    if len(found) > named:
        parts.append(f"The {named} plateaus with the largest distance are named.")
    absent = len(convergence.plateaus) - len(found)
    if absent:
        parts.append(f"On {absent} of the plateaus the distance is zero or was not resolved.")
    for alpha, reason in convergence.missing:
        parts.append(f"At α = {alpha_text(alpha)}: unchecked, {reason}.")
    return " ".join(parts)
