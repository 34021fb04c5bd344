"""A hostile problem, a small one, and their reports taken apart."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pypdf

from exactsaddle import Problem, SaddlePath
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.contents.whole import report_document
from exactsaddle.report.document import (
    Block,
    Details,
    Document,
    Table,
)
from exactsaddle.report.findings import Budgets, find

LEAVES = Problem([[0, -1], [1, 2]], [-1, -2])


HOSTILE = (
    "<script>alert(1)</script>",
    "a\"b'c &amp; <b>",
    "$#@*_`[]\\ \\input{x} $\\alpha$",
    "=cmd|' /C calc'!A0",
    "שלום ‮gnp 漢字 🦔",
    "x" * 300,
    "two\nlines\tand\0nul",
    '#eval("1") //',
)


ORIGIN = Origin("name", "description", "exactsaddle report name", "0")


def hostile_problem() -> Problem:
    d = len(HOSTILE)
    rows = [[Fraction((3 * i + 2 * j * j + i * j) % 11 - 5) for j in range(d)] for i in range(4)]
    return Problem(rows, [1, -2, 3, 5], names=HOSTILE)


def document_of(path: SaddlePath) -> Document:
    return report_document(find(path, flow=False, budgets=Budgets.read(["small"])), (), ORIGIN)


def tables(blocks: Iterable[Block]) -> Iterable[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Details):
            yield from tables(block.blocks)


def table_of(document: Document, anchor: str) -> Table:
    found = [t for section in document.sections for t in tables(section.blocks) if t.anchor == anchor]
    assert len(found) == 1, anchor
    return found[0]


def text_of_pdf(place: Path) -> str:
    """The text of all pages, in the order in which it is drawn."""
    pages = pypdf.PdfReader(place).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")


class Page(HTMLParser):
    """The elements of a page, and all the text it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.shown: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.shown.append(data)
