"""The Lasso path beside the saddle path, λ = 1/t, and where the time average is a Lasso solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from exactsaddle.base import counted
from exactsaddle.lasso import LassoPath, Stretch
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.layout import Floats
from exactsaddle.report.figures.panel import (
    LIMIT_STYLE,
    Label,
    faint,
    ground,
    key,
    label_margin,
    line,
    make_room,
    margin_labels,
    root_of,
    text_width,
)
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.figures.text import number_text, power_text, sentences
from exactsaddle.report.text import listed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_HATCH = "//////"
_STRIP = 9.0


def draw(scene: Scene, lasso: LassoPath, agreement: Sequence[Stretch] | None) -> Picture:
    """Steps of the saddle path, curves of the Lasso, and a strip below that says where the average agrees."""
    cast = scene.cast
    labels = [scene.names[i] for i in cast.highlighted]
    figure, axes = scene.panel(280, right=label_margin(labels), top=38, bottom=66)
    axes.set_ylabel("coefficient")
    times, curves = _curves(scene, lasso)
    scene.set_heights(axes, np.vstack([scene.limits, np.nan_to_num(curves)]))
    make_room(axes)
    ground(axes)
    moving = np.flatnonzero(np.nan_to_num(curves).any(axis=0)).tolist()
    others = sorted(set(moving) - set(cast.highlighted))
    for i in others:
        line(axes, times, curves[:, i], i, color=palette.MUTED, linewidth=0.5, alpha=faint(len(others)))
    for i in cast.highlighted:
        x, y = scene.steps(scene.limits[:, i])
        line(axes, x, y, i, keep=True, lift=True, color=cast.colour(i), **LIMIT_STYLE)
        line(axes, times, curves[:, i], i, lift=True, color=cast.colour(i), linewidth=1.1)
    last = scene.limits[len(scene.edges) - 2]
    margin_labels(axes, [Label(last[i], scene.names[i], cast.colour(i), i) for i in cast.highlighted])
    _penalty_axis(scene, axes)
    panels = [axes]
    if agreement is not None:
        panels.append(_strip(scene, axes, agreement))
    _key(axes, _drawn(scene, agreement or ()))
    return finish(
        figure,
        anchor="lasso",
        title="The Lasso path beside the saddle path",
        alt=_alt(scene, lasso, agreement),
        caption=words(_caption(scene, lasso, agreement)),
        axes=tuple(scene.time_axis(panel) for panel in panels),
    )


def _curves(scene: Scene, lasso: LassoPath) -> tuple[Floats, Floats]:
    """Times (m,) and Lasso coefficients (m, d) at λ = 1/t: linear in λ between knots; NaN below a prefix."""
    rows = np.array([knot.floats for knot in lasso])
    penalties, betas = rows[:, 0], rows[:, 1:-1]
    bends = np.array([1 / penalty for penalty in penalties if penalty > 0])
    inside = bends[(bends > scene.scale.start) & (bends < scene.end)]
    times = np.union1d(scene.scale.grid(scene.scale.start, scene.end, 400), inside)
    positive = np.maximum(times, scene.end * 1e-12)
    order = np.argsort(penalties)
    curves = np.column_stack([np.interp(1 / positive, penalties[order], column[order]) for column in betas.T])
    curves[1 / positive < penalties.min() * (1 - 1e-12)] = np.nan
    return times, curves


def _penalty_axis(scene: Scene, axes: Axes) -> None:
    """λ = 1/t above, at the ticks of t."""
    above = axes.secondary_xaxis("top")
    ticks = [t for t in axes.get_xticks() if scene.scale.start <= t <= scene.end and t > 0]
    texts = [(power_text(1 / t) if scene.scale.scale == "log" else number_text(1 / t, 3)) for t in ticks]
    while _meet(axes, ticks, texts):
        ticks, texts = ticks[::2], texts[::2]
    above.set_xticks(ticks, texts)
    above.set_xlabel("Lasso penalty λ = 1/t")
    above.grid(visible=False)
    above.tick_params(which="minor", length=0)


def _meet(axes: Axes, ticks: Sequence[float], texts: Sequence[str]) -> bool:
    """Whether two labels in the middle of their ticks would meet."""
    places = axes.transData.transform([(t, 0.0) for t in ticks])[:, 0] * (72 / root_of(axes).dpi)
    halves = np.array([text_width(text) / 2 for text in texts])
    return bool((np.diff(places) < halves[1:] + halves[:-1] + 2).any())


_AVERAGE = "the time average (1/t)∫β̃ is a Lasso solution at λ = 1/t"
_STRIPS = {
    (True, False): f"filled where {_AVERAGE}, hatched where it is not",
    (True,): f"filled throughout: {_AVERAGE} at every time shown",
    (False,): f"hatched throughout: it is false that {_AVERAGE} at any time shown",
    (): "empty: nothing is known of the times shown",
}
"""What is said of a strip on which the average is, and is not, a Lasso solution."""


def _drawn(scene: Scene, agreement: Sequence[Stretch]) -> tuple[bool, ...]:
    """Which kinds of stretch the band shows: where the average is a Lasso solution, and where it is not."""
    spans = [(stretch.holds, *_clipped(scene, stretch)) for stretch in agreement]
    return tuple(sorted({holds for holds, start, end in spans if start < end}, reverse=True))


def _clipped(scene: Scene, stretch: Stretch) -> tuple[float, float]:
    """A stretch within the times shown."""
    start, end = stretch.floats
    return max(start, scene.scale.start), min(end, scene.end)


def _strip(scene: Scene, axes: Axes, agreement: Sequence[Stretch]) -> Any:
    """A band below the panel: filled where the average is a Lasso solution, hatched where it is not."""
    figure = root_of(axes)
    place, height = axes.get_position(), figure.get_size_inches()[1] * 72
    band = figure.add_axes((place.x0, place.y0 - (_STRIP + 4) / height, place.width, _STRIP / height))
    scene.along_time(band)
    band.set_ylim(0, 1)
    band.set_yticks([])
    band.grid(visible=False)
    band.spines[["left", "bottom"]].set_visible(False)
    for stretch in agreement:
        start, end = _clipped(scene, stretch)
        if start < end:
            colour = palette.GOOD if stretch.holds else palette.WARN
            band.axvspan(
                start,
                end,
                facecolor=colour if stretch.holds else "none",
                edgecolor=colour,
                linewidth=0.5,
                hatch=None if stretch.holds else _HATCH,
            )
    axes.tick_params(axis="x", which="both", labelbottom=False, length=0)
    band.set_xlabel(axes.get_xlabel())
    axes.set_xlabel("")
    return band


def _key(axes: Axes, drawn: tuple[bool, ...]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [
        Line2D([], [], color=palette.INK, label="saddle path", **LIMIT_STYLE),
        Line2D([], [], color=palette.INK, linewidth=1.1, label="Lasso"),
    ]
    patches = {
        True: Patch(facecolor=palette.GOOD, edgecolor=palette.GOOD, label="average = Lasso"),
        False: Patch(facecolor="none", edgecolor=palette.WARN, hatch=_HATCH, label="average ≠ Lasso"),
    }
    handles += [patches[holds] for holds in drawn]
    key(axes, handles)


def _alt(scene: Scene, lasso: LassoPath, agreement: Sequence[Stretch] | None) -> str:
    first, last = (knot.penalty_text(6) for knot in (lasso[0], lasso[-1]))
    return sentences(
        f"The Lasso path with {counted(len(lasso), 'knot')} from λ = {first} down to {last}, beside the "
        f"{counted(len(scene.path), 'step')} of the saddle path.",
        _agreement_text(agreement),
    )


def _agreement_text(agreement: Sequence[Stretch] | None) -> str:
    if agreement is None:
        return "Where the time average of the path is a Lasso solution was not decided."
    failing = [_span(stretch) for stretch in agreement if not stretch.holds]
    if not failing:
        return "The time average of the path is a Lasso solution at every time."
    return f"The time average of the path is a Lasso solution except for t in {listed(failing, 6)}."


def _how(agreement: Sequence[Stretch]) -> str:
    return "decided exactly" if all(stretch.is_exact for stretch in agreement) else "proved by bounds"


def _span(stretch: Stretch) -> str:
    start, end = stretch.start_text(6), stretch.end_text(6)
    return f"{'[' if stretch.closed_start else '('}{start}, {end}{']' if stretch.closed_end else ')'}"


def _caption(scene: Scene, lasso: LassoPath, agreement: Sequence[Stretch] | None) -> str:
    return sentences(
        "Broad steps: the limit β̃(t). Lines: the Lasso solution at λ = 1/t. Both are exact up to rounding.",
        scene.limit_sentence(),
        f"No strip: {scene.reason('agreement')}."
        if agreement is None
        else f"Strip: {_STRIPS[_drawn(scene, agreement)]}, {_how(agreement)}.",
        "" if lasso.complete else f"The Lasso path is a prefix, stopped by {lasso.stopped_by}.",
    )
