"""Paths that are drawn, and pictures taken apart."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.report.document import Picture, TimeAxis
from exactsaddle.report.figures.canvas import SVG

README = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))


THREE = saddle_path(Problem([[-5, -4, -4], [5, -1, -1], [4, -5, 4]], [1, 5, 1]))


DIABETES = saddle_path(load_dataset("diabetes"))


TIE = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))


HOSTILE = (
    "<script>alert(1)</script>",
    "a&b \"q\" 'r' $x_1$ \\frac{1}{2} #let @ref *b* _i_ `c` [l]",
    "年龄\n特征",
    "שלום \u202egnp\u0000",
    "😀" * 300,
)


def by_anchor(found: tuple[Picture, ...]) -> dict[str, Picture]:
    return {picture.anchor: picture for picture in found}


def caption(picture: Picture) -> str:
    return " ".join(word for word in picture.caption if isinstance(word, str))


def elements(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def polylines(picture: Picture, i: int) -> list[np.ndarray]:
    """The unbroken lines of coordinate i that are clipped to a panel, in the order drawn."""
    groups = [g for g in elements(picture).iter(f"{{{SVG}}}g") if g.get("class") == f"coordinate-{i}"]
    paths = [path for group in groups for path in group.findall(f"{{{SVG}}}path") if path.get("clip-path")]
    found = []
    for path in paths:
        numbers = re.findall(r"-?[\d.]+", path.get("d", ""))
        found.append(np.array(numbers, dtype=float).reshape(-1, 2))
    return found


def unclassed_lines(picture: Picture, colour: str) -> list[np.ndarray]:
    """The lines of one colour that are clipped to a panel."""
    paths = [p for p in elements(picture).iter(f"{{{SVG}}}path") if p.get("clip-path")]
    mine = [p for p in paths if colour in p.get("style", "")]
    return [np.array(re.findall(r"-?[\d.]+", p.get("d", "")), dtype=float).reshape(-1, 2) for p in mine]


def at(axis: TimeAxis, time: float) -> float:
    """The x of a time, as a renderer computes it."""
    if axis.scale == "log":
        share = np.log(time / axis.start) / np.log(axis.end / axis.start)
    else:
        share = (time - axis.start) / (axis.end - axis.start)
    return float(axis.left + share * (axis.right - axis.left))
