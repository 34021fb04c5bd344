"""A Document as GitHub-flavoured Markdown: words and tables; pictures are named by what they show."""

from __future__ import annotations

import re
from collections.abc import Mapping

from exactsaddle.base import Status
from exactsaddle.report.document import (
    Attachment,
    Banner,
    Block,
    Code,
    Details,
    Document,
    Link,
    Listing,
    Math,
    Number,
    Paragraph,
    Picture,
    Points,
    Strong,
    Table,
    Word,
    Words,
)
from exactsaddle.report.text import in_line, safe_target, shown_rows, visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!^])")
_OPENS_BLOCK = re.compile(r"^(\s*)([-+=]+|\d+[.)])(?=\s|$)")


def render_markdown(document: Document, images: Mapping[str, str] | None = None) -> str:
    """The document as Markdown; every text is escaped, so that it reads as it is.

    images maps anchors of pictures to the files beside it that show them; others are named in words.
    """
    shown = images or {}
    parts = [f"# {_escape(document.title)}", _escape(document.subtitle), _block(document.banner, 2, shown)]
    for section in document.sections:
        parts.append(f'## <a id="{section.anchor}"></a>{_escape(section.title)}')
        parts += [_block(block, 3, shown) for block in section.blocks]
    parts += ["---", _words(document.made_by)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _escape(text: str) -> str:
    shown = _SPECIAL.sub(r"\\\1", visible(text))
    return _OPENS_BLOCK.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", shown)


def _words(parts: Words) -> str:
    return "".join(map(_word, parts)).strip()


def _word(word: Word) -> str:
    match word:
        case str():
            return _escape(word)
        case Strong():
            return f"**{_escape(word.text)}**" if word.text.strip() == word.text != "" else _escape(word.text)
        case Code():
            return _code(word.text)
        case Math():
            return _escape(word.plain)
        case Number():
            return _escape(" ".join(part for part in in_line(word) if part))
        case Link():
            target = safe_target(word)
            if target is None:
                return _escape(word.text)
            escaped = re.sub(r"([<>\\])", r"\\\1", target)
            return f"[{_escape(word.text)}](<{escaped}>)"


def _code(text: str) -> str:
    """A code span, its fence longer than any run of back-ticks in it; pipes escaped, for tables."""
    shown = visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _block(block: Block, level: int, images: Mapping[str, str]) -> str:
    match block:
        case Paragraph():
            return _words(block.words)
        case Points():
            return "\n".join(f"- {_words(item)}" for item in block.items)
        case Listing():
            label = f"{_escape(block.label)}:\n\n" if block.label else ""
            return f"{label}{_fenced(visible(block.text, lines=True))}"
        case Table():
            return _table(block)
        case Picture() if block.anchor in images:
            return f"![{_escape(block.alt)}](<{images[block.anchor]}>)\n\n{_words(block.caption)}"
        case Picture():
            return f"**{_escape(block.title)}** (figure): {_escape(block.alt)}\n\n{_words(block.caption)}"
        case Banner():
            shown = block.shown.upper() if block.status is Status.REJECTED else block.shown
            return f"> **{shown}**: {_words(block.words)}"
        case Details():
            inner = [_block(inside, level + 1, images) for inside in block.blocks]
            return "\n\n".join([f"{'#' * level} {_words(block.summary)}", *inner])
        case Attachment():
            size = f"{len(block.content):,} bytes"
            return f"{_words(block.words)}\n\n(The HTML report carries {_code(block.filename)}, {size}.)"


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _table(table: Table) -> str:
    rows = shown_rows(table)
    lines = [
        _row(tuple(column.heading for column in table.columns)),
        "|" + "|".join(" ---: " if column.align == "right" else " --- " for column in table.columns) + "|",
        *map(_row, rows),
    ]
    more = len(table.rows) - len(rows)
    if more:
        lines += ["", f"… and {more} more {'row' if more == 1 else 'rows'}."]
    return "\n".join([_words(table.caption), "", *lines])


def _row(cells: tuple[Words, ...]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(cell: Words) -> str:
    """A cell: whatever pipes its code spans hold are escaped too, as tables want it."""
    return re.sub(r"(?<!\\)\|", r"\\|", _words(cell))
