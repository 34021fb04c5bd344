"""A Document as one HTML file that needs nothing else: no network, no second file, no script to be read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict
from functools import cache
from itertools import count
from typing import Any

from exactsaddle.base import require
from exactsaddle.certificates import MAX_WORK, proved_script
from exactsaddle.report.document import Attachment, Document, Picture, Timeline
from exactsaddle.report.palette import DARK, LIGHT, as_css
from exactsaddle.report.text import (
    CELL,
    LONG,
    breakable,
    in_line,
    is_long,
    paddings,
    plain,
    safe_target,
    shown_rows,
    template,
    visible,
)

_ENTITY = re.compile(r"(&[#a-z0-9]+;)")
_LETTER = re.compile(
    r"(?<![A-Za-z])([A-Za-z][\u0303\u0304]?)(?![A-Za-z\u0303\u0304])|([α-ωΑ-ΠΡ-Ω][\u0303\u0304]?)"
)
_INDEX = re.compile(r"_\{?k(?:,i)?\}?")
"""The index of a saddle in a label, which is text alone."""
_SHIFTED = re.compile(r"([_^])(?:\{([^{}]*)\}|(<var>.[\u0303\u0304]?</var>|[A-Za-z]{2,}|[−+-]?\d+|[^\s{}]))")


def render_html(document: Document) -> str:
    """The document as HTML. Raises MissingExtra without Jinja.

    Every text is escaped by Jinja; what is inserted as it is comes from this package alone: its
    templates, the proved checker as it ships, and the SVG of a Picture. The page's policy lets its own
    scripts run, by their hashes, and lets nothing be fetched; where there is a certificate that the proved
    checker reads, those scripts may make a worker.
    """
    numbers = count(1)
    checkable = any(
        isinstance(block, Attachment) and block.checked
        for section in document.sections
        for block in section.blocks
    )
    page = _template().render(
        document=document,
        style=as_css("light", LIGHT) + template("report.css"),
        dark=as_css("dark", DARK),
        scripts=[template("report.js"), *([template("check.js")] if checkable else [])],
        checker=proved_script() if checkable else None,
        work=MAX_WORK["JavaScript"],
        timeline=None if document.timeline is None else _as_data(_timeline(document.timeline)),
        next_number=lambda: next(numbers),
    )
    return str(page)


@cache
def _template() -> Any:
    jinja2 = require("jinja2")
    markup = require("markupsafe")
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        loader=jinja2.FunctionLoader(template),
    )
    environment.filters.update(
        kind=lambda thing: "text" if isinstance(thing, str) else type(thing).__name__,
        plain=plain,
        label=lambda heading: _INDEX.sub("\u2096", plain(heading)),
        in_line=in_line,
        in_cell=lambda text: _in_cell(markup, text),
        in_prose=lambda text: markup.Markup(_whole(str(markup.escape(visible(text))))),
        paddings=paddings,
        is_long=is_long,
        safe_target=safe_target,
        shown_rows=shown_rows,
        listing=lambda text: markup.escape(visible(text, lines=True)),
        formula=lambda text: _formula(markup.Markup, str(markup.escape(visible(text)))),
        svg=lambda picture: markup.Markup(_inline_svg(picture)),
        axes=lambda picture: json.dumps([asdict(axis) for axis in picture.axes]),
        data_url=_data_url,
        room=lambda in_cell: CELL if in_cell else LONG,
        size=lambda attachment: _size(len(attachment.content)),
        asis=markup.Markup,
        sha256=lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
    )
    return environment.get_template("report.html")


_UNBROKEN = re.compile(r"\b[0-9.]+e-[0-9]+\b|(?<![\w-])--[a-z]+")
"""1e-16 and --budget: browsers end lines after each of their hyphens."""


def _whole(escaped: str) -> str:
    """Escaped text in which no line ends within a power of ten, or the first word of an option."""
    return _UNBROKEN.sub(r'<span class="whole">\g<0></span>', escaped)


def _in_cell(markup: Any, text: str) -> Any:
    """Escaped text that a line of a cell may end in where ``breakable`` says, and in no power of ten."""
    pieces = [
        f'<span class="endless">{markup.escape(piece)}</span>'
        if endless
        else _whole(str(markup.escape(piece)))
        for piece, endless in breakable(visible(text))
    ]
    return markup.Markup("<wbr>".join(pieces))


def _formula(markup: Any, escaped: str) -> Any:
    """A formula in Unicode as mathematics: letters that stand alone slanted, ``_k`` and ``^{…}`` shifted."""

    def shift(match: re.Match[str]) -> str:
        tag = "sub" if match[1] == "_" else "sup"
        return f"<{tag}>{match[2] or match[3] or ''}</{tag}>"

    parts = _ENTITY.split(escaped)
    slanted = "".join(p if p.startswith("&") else _LETTER.sub(r"<var>\g<0></var>", p) for p in parts)
    return markup(_SHIFTED.sub(shift, slanted))


def _inline_svg(picture: Picture) -> str:
    """The SVG from its root element on: a prologue has no place within HTML."""
    start = picture.svg.find("<svg")
    return picture.svg[start:] if start >= 0 else ""


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {**asdict(timeline), "names": [visible(name) for name in timeline.names]}


def _as_data(value: Any) -> str:
    """JSON that cannot end the element it stands in, nor open a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _data_url(attachment: Attachment) -> str:
    return f"data:{attachment.media_type};base64,{base64.b64encode(attachment.content).decode()}"


def _size(length: int) -> str:
    """A number of bytes in words, rounded."""
    return f"{length} bytes" if length < 1000 else f"{length / 1000:,.0f} kB"
