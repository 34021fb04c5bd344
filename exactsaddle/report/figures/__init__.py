"""The pictures of a report, each an SVG for the screen and a PDF for paper, from results computed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import arb

from exactsaddle.averages import Stretch
from exactsaddle.convergence import Convergence
from exactsaddle.drawing import Drawing
from exactsaddle.lasso import LassoPath
from exactsaddle.path import SaddlePath
from exactsaddle.report.document import Picture
from exactsaddle.report.figures import convergence as convergence_picture
from exactsaddle.report.figures import coordinates, dual, loss, support, trajectory
from exactsaddle.report.figures import lasso as lasso_picture
from exactsaddle.report.figures.canvas import drawing_style
from exactsaddle.report.figures.scene import Scene

__all__ = ["pictures"]


def pictures(
    path: SaddlePath,
    *,
    drawing: Drawing | None = None,
    convergence: Convergence | None = None,
    lasso: LassoPath | None = None,
    agreement: Sequence[Stretch] | None = None,
    selected: Mapping[int, Sequence[arb]] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> tuple[Picture, ...]:
    """The pictures of a path, anchors in order: coordinates, loss, dual, support, convergence, trajectory, lasso.

    drawing lays the flow over the first two and makes the curves of the trajectory; without it they show the
    limit alone, and the caption says why: reasons["drawing"]. convergence and lasso are absent without their
    results, trajectory where two or three coordinates do not suffice. agreement is that of ``lasso_agreement``
    (reasons["agreement"] otherwise). selected maps each saddle whose minimiser is not unique to the one the flow
    selects, d balls; None says that uniqueness was not decided.
    Nothing is computed here, and nothing global changes. Raises MissingExtra without matplotlib.
    """
    with drawing_style():
        scene = Scene(path, drawing, selected, reasons or {})
        found = [coordinates.draw(scene), loss.draw(scene), dual.draw(scene), support.draw(scene)]
        if convergence is not None:
            found.append(convergence_picture.draw(convergence))
        found.append(trajectory.draw(scene))
        if lasso is not None:
            found.append(lasso_picture.draw(scene, lasso, agreement))
        return tuple(picture for picture in found if picture is not None)
