"""The pictures of a report, each an SVG for the screen and a PDF for paper, from results computed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from exactsaddle.drawing import Drawing
from exactsaddle.path import SaddlePath
from exactsaddle.report.document import Picture
from exactsaddle.report.figures import coordinates, dual, loss, support
from exactsaddle.report.figures.canvas import drawing_style
from exactsaddle.report.figures.scene import Scene

__all__ = ["pictures"]


def pictures(
    path: SaddlePath, *, drawing: Drawing | None = None, reasons: Mapping[str, str] | None = None
) -> tuple[Picture, ...]:
    scene = Scene(path, drawing, reasons or {})
    with drawing_style():
        return tuple(module.draw(scene) for module in (coordinates, loss, dual, support))
