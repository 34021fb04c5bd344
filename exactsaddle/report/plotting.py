"""``SaddlePath.plot()``: the picture of a path's coordinates on matplotlib axes, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from exactsaddle.base import InvalidInput
from exactsaddle.path import SaddlePath
from exactsaddle.report import palette
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import coordinates as picture
from exactsaddle.report.figures.canvas import drawing_style, name_units
from exactsaddle.report.figures.panel import label_margin, make_room, root_of
from exactsaddle.report.figures.scene import Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot(
    path: SaddlePath,
    ax: Axes | None = None,
    *,
    coordinates: Iterable[int | str] | int | str | None = None,
    alphas: Any = (),
    everything: bool = False,
) -> Figure:
    """Draw β̃(t) as steps on ``ax``, or on a new figure; the flow over it at each of ``alphas``.

    It ends where the residual lies within the resolution of the data, and says so, unless everything is asked
    for. coordinates, indices or names, are those with colour and name; by default the largest, at most
    eight. One alpha, or one coordinate, may be given as it is. The flow is enclosed and drawn within half a
    unit. A new figure does not belong to pyplot: a notebook shows it when it is the value of a cell,
    ``savefig`` writes it. Raises InvalidInput for a coordinate that the problem has not.
    """
    whole = path
    path = whole if everything else whole.above_rounding
    chosen = (
        None if coordinates is None else tuple(dict.fromkeys(_index(path, c) for c in _each(coordinates)))
    )
    wanted = _each(alphas)
    with drawing_style():
        drawing = draw(path, wanted) if wanted else None
        scene = Scene(path, drawing, chosen=chosen)
        if ax is None:
            labels = [scene.names[i] for i in scene.cast.highlighted]
            bottom = 52 if wanted else 36
            figure, axes = scene.panel(270, right=label_margin(labels), top=scene.top, bottom=bottom)
            figure.set_facecolor(palette.PAPER)
            figure.set_dpi(144)
        else:
            figure, axes = root_of(ax), ax
            scene.along_time(axes)
        axes.set_ylabel("coordinate β")
        if len(path) < len(whole):
            axes.set_xlabel(f"{axes.get_xlabel()}; {len(whole) - len(path)} more saddles below the rounding")
        scene.set_heights(axes, scene.limits)
        if ax is None:
            make_room(axes)
        picture.paint(scene, axes)
        if ax is None and wanted:
            scene.key(axes)
        name_units(figure if ax is None else axes)
        figure.draw_without_rendering()  # ticks are made here, in the style of this picture
    return figure


def _each(given: Any) -> tuple[Any, ...]:
    """Several things, or one: a text counts as one."""
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)


def _index(path: SaddlePath, coordinate: int | str) -> int:
    problem = path.problem
    if isinstance(coordinate, str):
        if coordinate not in problem.names:
            raise InvalidInput(
                f"no coordinate is named {coordinate!r}; there are: {', '.join(problem.names[:20])}"
            )
        return problem.names.index(coordinate)
    if isinstance(coordinate, bool) or not isinstance(coordinate, int) or not 0 <= coordinate < problem.d:
        raise InvalidInput(
            f"coordinate must be a name or an index from 0 to {problem.d - 1}, not {coordinate!r}"
        )
    return coordinate
