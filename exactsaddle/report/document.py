"""What a report says, apart from how it looks: sections of words, numbers, tables and pictures.

``html``, ``pdf`` and ``markdown`` render the same Document. Every string is plain text, never markup:
a renderer escapes it for its own language, so that no name of a feature can become code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from exactsaddle.base import Status

Align = Literal["left", "right"]


# --- words: what stands within a line ---------------------------------------------------------


@dataclass(frozen=True)
class Strong:
    """Emphasised words."""

    text: str


@dataclass(frozen=True)
class Code:
    """A command, a file name, a digest."""

    text: str


@dataclass(frozen=True)
class Math:
    """A formula: ``plain`` in Unicode, as it is read aloud and in Markdown; ``typst`` in Typst's mathematics.

    Both are written by this package, never taken from data.
    """

    plain: str
    typst: str


@dataclass(frozen=True)
class Link:
    """Words that lead to a URL, to a file beside the report, or (``#id``) to a section."""

    text: str
    target: str


@dataclass(frozen=True)
class Number:
    """A number: decimals correctly rounded to the digits shown, and the exact value where it is known.

    relation is "=" when the decimal is the exact value, else "≈". exact is None for a number known as a
    ball only; a long exact value is shown a click away (HTML) or not at all (PDF), never in the line.
    note says why exact is None although the number is rational: how long it is, and where to find it.
    """

    decimal: str
    exact: str | None
    relation: Literal["=", "≈"]
    note: str = ""


Word = str | Strong | Code | Math | Link | Number
Words = tuple[Word, ...]


def words(*parts: Word) -> Words:
    """The parts as the content of a paragraph, a table cell or a caption."""
    return parts


# --- blocks: what stands below one another ----------------------------------------------------


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    words: Words


@dataclass(frozen=True)
class Points:
    """A list of points, without order."""

    items: tuple[Words, ...]


@dataclass(frozen=True)
class Listing:
    """Lines to be typed or read as they are: a command, a float's wrong answer."""

    text: str
    label: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand to the right."""

    heading: Words
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table with a caption. Beyond ``fold_after`` rows the rest is folded away (HTML) or counted (PDF).

    anchor names it in the page, unique in its document.
    """

    anchor: str
    caption: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]
    fold_after: int = 40


@dataclass(frozen=True)
class TimeAxis:
    """Where accelerated time runs in a panel of a picture, for the cursor that the slider moves.

    left, right, top and bottom are the panel's edges in units of the SVG's viewBox; start < end the times
    at left and right; on a logarithmic axis start > 0.
    """

    left: float
    right: float
    top: float
    bottom: float
    start: float
    end: float
    scale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, and what it shows in words with numbers.

    In the SVG, elements that belong to coordinate i carry the class ``coordinate-i`` (so that they can be
    toggled), texts are texts, ids begin with ``anchor``, and colours are CSS variables of ``report.css``,
    so that one file serves light, dark and paper. axes are its panels along time, if it has time as an axis.
    """

    anchor: str
    title: str
    svg: str
    alt: str
    caption: Words
    axes: tuple[TimeAxis, ...] = ()


@dataclass(frozen=True)
class Banner:
    """The verdict, large: the first thing a reader sees; ``verdict`` where it is in words of its own."""

    status: Status
    words: Words
    verdict: str = ""

    @property
    def shown(self) -> str:
        """The word that stands large."""
        return self.verdict or self.status.value


@dataclass(frozen=True)
class Details:
    """Blocks behind one line, closed at first (HTML); on paper they follow it."""

    summary: Words
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Attachment:
    """A file inside the report: one click saves it (HTML); PDF attaches it where the renderer can.

    checked is what ``check_path.py`` said of it, if it is a certificate that the proved checker reads: a page
    with such a file holds that checker and runs it there (HTML).
    """

    filename: str
    media_type: str
    content: bytes
    words: Words
    checked: Status | None = None


Block = Paragraph | Points | Listing | Table | Picture | Banner | Details | Attachment


@dataclass(frozen=True)
class Section:
    """A section; anchor names it in the page, unique in its document."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


# --- the interactive state --------------------------------------------------------------------


@dataclass(frozen=True)
class Plateau:
    """The state on [t_k, t_{k+1}) as text: "p/q" where exact and short, else correctly rounded decimals.

    beta maps the coordinates of the support to their value; duals and slopes give
    s(t) = s_k + (t − t_k)·slope_k for every coordinate, slope = −∇L(β_k). entered and left are coordinates.
    """

    jump_time: str
    beta: dict[int, str]
    duals: tuple[str, ...]
    slopes: tuple[str, ...]
    loss: str
    entered: tuple[int, ...]
    left: tuple[int, ...]


@dataclass(frozen=True)
class Timeline:
    """What the time slider needs: the names of the coordinates, the plateaus, and where to stop.

    exact says whether every text of the plateaus is an exact rational; end is a decimal a little beyond the
    last jump. ``lower`` and ``upper`` are the thresholds as texts, "inf" where there is none.
    """

    names: tuple[str, ...]
    lower: tuple[str, ...]
    upper: tuple[str, ...]
    plateaus: tuple[Plateau, ...]
    exact: bool
    end: str


# --- the whole --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """A report. The banner stands above all sections.

    ``made_by`` says command, version and digest; no clock, no machine.
    """

    title: str
    subtitle: str
    banner: Banner
    sections: tuple[Section, ...]
    made_by: Words
    timeline: Timeline | None = None
    language: str = "en"

    def pictures(self) -> Iterable[Picture]:
        """Every picture, in order, those within details included."""
        for section in self.sections:
            yield from _pictures(section.blocks)


def _pictures(blocks: tuple[Any, ...]) -> Iterable[Picture]:
    for block in blocks:
        if isinstance(block, Picture):
            yield block
        elif isinstance(block, Details):
            yield from _pictures(block.blocks)
