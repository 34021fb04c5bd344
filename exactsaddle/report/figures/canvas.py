"""From a matplotlib figure to a Picture: SVG that inherits the page's colours, its texts texts.

Nothing global is touched: figures are objects without pyplot, and every setting lives in a context.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from exactsaddle.base import require
from exactsaddle.report import palette
from exactsaddle.report.document import Picture, TimeAxis, Words
from exactsaddle.report.figures.text import superscript

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 360.0
"""Width of every picture in points, the unit of its SVG's viewBox: text of 9 is legible at 8.5 cm."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif"
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": palette.MUTED,
    "axes.facecolor": "none",
    "axes.formatter.use_mathtext": False,
    "axes.grid": True,
    "axes.labelcolor": palette.INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "grid.color": palette.LINE,
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.8,
    "lines.solid_capstyle": "butt",
    "lines.solid_joinstyle": "round",
    "svg.fonttype": "none",
    "text.color": palette.INK,
    "text.parse_math": False,
    "xtick.color": palette.MUTED,
    "xtick.labelcolor": palette.INK,
    "xtick.labelsize": 8,
    "xtick.major.width": 0.6,
    "ytick.color": palette.MUTED,
    "ytick.labelcolor": palette.INK,
    "ytick.labelsize": 8,
    "ytick.major.width": 0.6,
}


@contextmanager
def drawing_style() -> Iterator[None]:
    """matplotlib's defaults with the style of reports; the caller's settings come back afterwards.

    Raises MissingExtra where matplotlib is absent.
    """
    matplotlib = require("matplotlib")
    with matplotlib.rc_context(), warnings.catch_warnings():
        # a glyph that DejaVu lacks: the browser has it, and print shows its code point instead
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def finish(
    figure: Figure,
    *,
    anchor: str,
    title: str,
    alt: str,
    caption: Words,
    axes: tuple[TimeAxis, ...] = (),
) -> Picture:
    """The picture of a finished figure."""
    return Picture(anchor, title, to_svg(figure, anchor), alt, caption, axes)


def to_svg(figure: Figure, anchor: str) -> str:
    """The figure as one <svg> element with ids under ``anchor`` and colours as CSS variables."""
    import matplotlib

    buffer = io.StringIO()
    name_units(figure)
    with matplotlib.rc_context({"svg.hashsalt": anchor}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return _finished(buffer.getvalue(), anchor)


def name_units(drawn: Figure | Axes) -> None:
    """Say in the label of an axis by which power of ten its ticks are multiplied: coordinate β (in 10⁹).

    matplotlib would print 1e9 in a corner. Done last, when limits and labels are what they will be.
    """
    from matplotlib.axes import Axes
    from matplotlib.ticker import ScalarFormatter

    panels = [drawn] if isinstance(drawn, Axes) else drawn.axes
    each = [axes for panel in panels for axes in (panel, *panel.child_axes)]
    for axis in [axis for axes in each for axis in (axes.xaxis, axes.yaxis, *_depth(axes))]:
        formatter = axis.get_major_formatter()
        if not isinstance(formatter, ScalarFormatter):
            continue
        formatter.set_useOffset(False)
        formatter.set_useMathText(False)
        formatter.format_ticks(list(axis.get_majorticklocs()))
        found = _ORDER.fullmatch(formatter.get_offset())
        if found:
            order = int(found[1].replace("\N{MINUS SIGN}", "-"))
            formatter.set_powerlimits((order, order))  # whatever is zoomed in later
            axis.offsetText.set_visible(False)
            if axis.get_label_text():  # else the ticks of another axis are labelled, not these
                axis.set_label_text(f"{axis.get_label_text()} (in 10{superscript(order)})")


def _depth(axes: Any) -> tuple[Any, ...]:
    """The third axis of a picture in space."""
    return (axes.zaxis,) if hasattr(axes, "zaxis") else ()


_ORDER = re.compile("1e([-\N{MINUS SIGN}]?[0-9]+)")


def coordinate_id(i: int) -> str:
    """The gid of an artist that belongs to coordinate i: becomes its class in the SVG."""
    return f"coordinate-{i}"


_COORDINATE = re.compile(r"coordinate-(\d+)")
_COLOUR = re.compile("|".join(palette.LIGHT.values()))
_VARIABLES = {colour: f"var(--{name}, {colour})" for name, colour in palette.LIGHT.items()}
_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_DECIMALS = re.compile(r"-?\d+\.\d+")


def _finished(svg: str, anchor: str) -> str:
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    _drop(root, "metadata")
    for definitions in root.findall(f"{{{SVG}}}defs"):
        _drop(definitions, "style")  # its rules would hold for the whole page
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("font-family", FONT)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    used = {match for element in root.iter() for match in _references(element)}
    for element in root.iter():
        _finish_element(element, anchor, used)
    _gather_definitions(root)
    _unwrap(root)
    _indent_lines(root)
    return ElementTree.tostring(root, encoding="unicode")


def _drop(parent: ElementTree.Element, name: str) -> None:
    for child in parent.findall(f"{{{SVG}}}{name}"):
        parent.remove(child)


def _references(element: ElementTree.Element) -> Iterator[str]:
    for value in element.attrib.values():
        yield from re.findall(r"url\(#([^)]+)\)", value)
    target = element.get(f"{{{XLINK}}}href", "")
    if target.startswith("#"):
        yield target[1:]


def _finish_element(element: ElementTree.Element, anchor: str, used: set[str]) -> None:
    name = element.attrib.pop("id", None)
    if name is not None and _COORDINATE.fullmatch(name):
        element.set("class", name)
    elif name in used:
        element.set("id", f"{anchor}-{name}")
    target = element.attrib.pop(f"{{{XLINK}}}href", None)
    if target is not None:
        element.set("href", f"#{anchor}-{target[1:]}")
    for key in ("d", "x", "y", "width", "height", "transform", "points"):
        if key in element.attrib:
            element.set(key, _DECIMALS.sub(_rounded, " ".join(element.attrib[key].split())))
    for key, value in element.attrib.items():
        if "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{anchor}-"))
    for key in ("style", "fill", "stroke"):
        if key in element.attrib:
            element.set(key, _COLOUR.sub(lambda match: _VARIABLES[match[0]], element.attrib[key]))
    if element.tag == f"{{{SVG}}}text" and "style" in element.attrib:
        # the page's font, not matplotlib's: what is left is size, anchor and colour
        element.set("style", _FAMILY.sub("", element.attrib["style"]))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _gather_definitions(root: ElementTree.Element) -> None:
    """Put all definitions first: one inside a coordinate's group could vanish when that is hidden."""
    gathered = ElementTree.Element(f"{{{SVG}}}defs")
    for parent in list(root.iter()):
        for child in parent.findall(f"{{{SVG}}}defs"):
            parent.remove(child)
            gathered.extend(child)
    root.insert(0, gathered)


def _unwrap(parent: ElementTree.Element) -> None:
    """Replace groups that say nothing by their children."""
    children: list[ElementTree.Element] = []
    for child in list(parent):
        _unwrap(child)
        if child.tag == f"{{{SVG}}}g" and not child.attrib:
            children.extend(child)
        else:
            children.append(child)
    parent[:] = children


def _indent_lines(root: ElementTree.Element) -> None:
    for element in root.iter():
        if element.tag != f"{{{SVG}}}text":
            element.text = None
        element.tail = "\n"
    root.text, root.tail = "\n", None
