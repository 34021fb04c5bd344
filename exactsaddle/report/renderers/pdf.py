"""A Document typeset by Typst: the same words and tables on paper, with real mathematics."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exactsaddle.base import require
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
from exactsaddle.report.palette import LIGHT
from exactsaddle.report.text import (
    CELL,
    CONTROL_SIGNS,
    LONG,
    digest_in,
    in_line,
    paddings,
    plain,
    safe_target,
    shown_rows,
    template,
    visible,
)

_LONG_TOKEN, _LONG_CODE = re.compile(r"\S{25,}"), re.compile(r"\S{65,}")
"""What must be breakable: white space apart, a digest of 64 characters fits a line and can be copied."""
_TEXTS = re.compile(r">[^<]+<")


def render_pdf(document: Document) -> bytes:
    """The document as PDF: tagged, without a date, the same bytes for the same document and versions.

    Every text reaches Typst as a string of JSON, never as markup; only ``Math.typst``, which this package
    writes, is evaluated. The fonts are those of the Typst and matplotlib wheels, whatever the machine has.
    Raises MissingExtra without Typst or matplotlib.
    """
    return typeset(document)


def typeset(document: Document, standards: tuple[str, ...] = ()) -> bytes:
    """``render_pdf``, held by Typst to PDF standards, such as "ua-1"."""
    typst = require("typst")
    fonts = [str(_fonts())]
    page = _Page(document)
    data = page.data()
    with TemporaryDirectory() as folder:  # in memory Typst takes texts only, and figures are none
        root = Path(folder)
        (root / "report.typ").write_text(template("report.typ"), encoding="utf-8")
        (root / "document.json").write_text(json.dumps(data), encoding="utf-8")
        for name, content in page.files.items():
            (root / name).write_bytes(content)
        main = root / "report.typ"
        return bytes(
            typst.compile(
                main,
                root=root,
                format="pdf",
                ignore_system_fonts=True,
                font_paths=fonts,
                pdf_standards=list(standards),
            )
        )


class _Page:
    """The document as JSON, and the files that it names."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.files: dict[str, bytes] = {}
        self.lacking: set[str] = set()
        self.anchors = {section.anchor for section in document.sections}

    def data(self) -> dict[str, Any]:
        document = self.document
        content = {
            "title": self.text(document.title),
            "subtitle": self.text(document.subtitle),
            "language": document.language,
            "digest": digest_in(document.made_by),
            "palette": LIGHT,
            "banner": self.block(document.banner),
            "sections": [
                {"anchor": s.anchor, "title": self.text(s.title), "blocks": self.blocks(s.blocks)}
                for s in document.sections
            ],
            "made_by": self.words(document.made_by),
        }
        return {**content, "lacking": len(self.lacking)}

    def text(self, text: str, *, lines: bool = False, long: re.Pattern[str] = _LONG_TOKEN) -> str:
        """What can be drawn: characters that no font has as their code points, long tokens breakable."""
        drawn = "".join(map(self._drawable, visible(text, lines=lines)))
        return long.sub(lambda token: "\u200b".join(token[0]), drawn)

    def _drawable(self, character: str) -> str:
        if ord(character) in _drawn_characters() or character in "\n\t":
            return character
        if character not in CONTROL_SIGNS:
            self.lacking.add(character)
        return f"\u27e8U+{CONTROL_SIGNS.get(character, ord(character)):04X}\u27e9"

    def words(self, parts: Words, room: int = LONG) -> list[dict[str, str]]:
        return [self._word(part, room) for part in parts]

    def cell(self, parts: Words, pad: str) -> list[dict[str, str]]:
        """Words, and what stands unseen to their right."""
        return [*self.words(parts, CELL), *([{"kind": "pad", "text": pad}] if pad else [])]

    def _word(self, word: Word, room: int) -> dict[str, str]:
        match word:
            case str():
                return {"kind": "text", "text": self.text(word)}
            case Strong():
                return {"kind": "strong", "text": self.text(word.text)}
            case Code():
                return {"kind": "code", "text": self.text(word.text, long=_LONG_CODE)}
            case Math():
                return {"kind": "math", "typst": word.typst, "plain": word.plain}
            case Number():
                value, decimals = (part.replace("-", "\u2212") for part in in_line(word, room))
                return {"kind": "number", "text": self.text(value), "decimals": self.text(decimals)}
            case Link():
                target = safe_target(word) or ""
                if target.startswith("#"):
                    target = target if target[1:] in self.anchors else ""
                return {"kind": "link", "text": self.text(word.text), "target": target}

    def blocks(self, blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
        return [self.block(block) for block in blocks]

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph():
                return {"kind": "paragraph", "words": self.words(block.words)}
            case Points():
                return {"kind": "points", "items": [self.words(item) for item in block.items]}
            case Listing():
                listing = self.text(block.text, lines=True, long=_LONG_CODE)
                return {"kind": "listing", "text": listing, "label": self.text(block.label)}
            case Table():
                return self._table(block)
            case Picture():
                return self._picture(block)
            case Banner():
                stated = {"status": block.status.value, "shown": block.shown}
                return {"kind": "banner", **stated, "words": self.words(block.words)}
            case Details():
                inner = self.blocks(block.blocks)
                return {"kind": "details", "summary": self.words(block.summary), "blocks": inner}
            case Attachment():
                return self._attachment(block)

    def _table(self, table: Table) -> dict[str, Any]:
        rows = shown_rows(table)
        cells = [
            [self.cell(cell, pad) for cell, pad in zip(*both, strict=True)]
            for both in zip(rows, paddings(table), strict=False)
        ]
        return {
            "kind": "table",
            "caption": self.words(table.caption),
            "align": [column.align for column in table.columns],
            "header": [self.words(column.heading) for column in table.columns],
            "rows": cells,
            "more": len(table.rows) - len(rows),
        }

    def _picture(self, picture: Picture) -> dict[str, Any]:
        name = f"picture-{len(self.files)}.svg"
        svg = _TEXTS.sub(lambda match: "".join(map(self._drawable, match[0])), _with_colours(picture.svg))
        self.files[name] = svg.encode()
        title, caption = self.text(picture.title), self.words(picture.caption)
        alt = visible(picture.alt)
        return {"kind": "picture", "file": name, "title": title, "alt": alt, "caption": caption}

    def _attachment(self, attachment: Attachment) -> dict[str, Any]:
        name = f"attachment-{len(self.files)}"
        self.files[name] = attachment.content
        return {
            "kind": "attachment",
            "file": name,
            "filename": attachment.filename,
            "media_type": attachment.media_type,
            "words": self.words(attachment.words),
            "description": plain(attachment.words),
        }


def _with_colours(svg: str) -> str:
    """The SVG with the colours of paper in place of the variables of the page."""
    return re.sub(
        r"var\(--([a-z0-9-]+)(?:, *[^()]*)?\)", lambda match: LIGHT.get(match[1], LIGHT["ink"]), svg
    )


def _fonts() -> Path:
    """The folder of matplotlib's fonts: DejaVu draws what Typst's own fonts lack."""
    return Path(require("matplotlib").get_data_path()) / "fonts" / "ttf"


@cache
def _drawn_characters() -> frozenset[int]:
    """The code points that DejaVu Sans has, and the alphabets that Typst's mathematical font adds."""
    font = require("matplotlib.ft2font").FT2Font(str(_fonts() / "DejaVuSans.ttf"))
    mathematical = (c for c in range(0x1D400, 0x1D800) if unicodedata.category(chr(c)) != "Cn")
    return frozenset((*font.get_charmap(), *mathematical, 0x200B))
