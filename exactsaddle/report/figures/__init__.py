"""The pictures of a report, as SVG for the screen and PDF for paper, from results computed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from flint import arb

from exactsaddle.base import InvalidInput
from exactsaddle.convergence import Convergence
from exactsaddle.lasso import LassoPath, Stretch
from exactsaddle.path import SaddlePath
from exactsaddle.report.document import Picture
from exactsaddle.report.drawing import Drawing
from exactsaddle.report.figures import convergence as convergence_picture
from exactsaddle.report.figures import coordinates, dual, loss, support, trajectory
from exactsaddle.report.figures import lasso as lasso_picture
from exactsaddle.report.figures.canvas import drawing_style
from exactsaddle.report.figures.scene import Scene

__all__ = ["ANCHORS", "pictures"]

ANCHORS = ("coordinates", "loss", "dual", "support", "convergence", "trajectory", "lasso")
"""The pictures, in order."""


def pictures(
    path: SaddlePath,
    *,
    drawing: Drawing | None = None,
    convergence: Convergence | None = None,
    lasso: LassoPath | None = None,
    agreement: Sequence[Stretch] | None = None,
    selected: Mapping[int, Sequence[arb]] | None = None,
    reasons: Mapping[str, str] | None = None,
    only: Collection[str] = ANCHORS,
) -> tuple[Picture, ...]:
    """The pictures of a path: coordinates, loss, dual, support, convergence, trajectory, lasso, by anchor.

    drawing lays the flow over the first two and makes the curves of the trajectory; without it they show
    the limit alone, and the caption says why: reasons["drawing"]. convergence and lasso are absent without
    their results, trajectory where two or three coordinates do not suffice. agreement is that of
    ``lasso_agreement`` (else reasons["agreement"]). selected maps each saddle whose minimiser is not unique
    to the one that the flow selects, d balls; None says that uniqueness was not decided. only names the
    anchors that are wanted.

    Nothing is computed here, and nothing global changes. Raises MissingExtra without matplotlib, and
    InvalidInput for an unknown anchor or for numbers beyond the range of binary64.
    """
    unknown = [anchor for anchor in only if anchor not in ANCHORS]
    if unknown:
        raise InvalidInput(f"no picture is called {unknown[0]!r}; there are: {', '.join(ANCHORS)}")
    with drawing_style():
        scene = Scene(path, drawing, selected, reasons or {})
        draws: dict[str, Callable[[], Picture | None]] = {
            "coordinates": lambda: coordinates.draw(scene),
            "loss": lambda: loss.draw(scene),
            "dual": lambda: dual.draw(scene),
            "support": lambda: support.draw(scene),
            "convergence": lambda: None if convergence is None else convergence_picture.draw(convergence),
            "trajectory": lambda: trajectory.draw(scene),
            "lasso": lambda: None if lasso is None else lasso_picture.draw(scene, lasso, agreement),
        }
        found = [draws[anchor]() for anchor in ANCHORS if anchor in only]
        return tuple(picture for picture in found if picture is not None)
