"""The Markdown report, read back by a Markdown parser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from exactsaddle.base import Status
from exactsaddle.report.document import Code, Link, Listing, Number, Paragraph, Section, Strong, Table, words
from exactsaddle.report.renderers.markdown import render_markdown
from exactsaddle.report.text import visible
from tests.support.report_samples import HOSTILE, document, hostile_path, small_path, wide_document

MORE = (
    "- item",
    "1. item",
    "+",
    "===",
    "---",
    "# head",
    "> quote",
    "    indented",
    "a|b",
    "`a``b`",
    "x_y_z",
    "\\",
)


def parse(text: str) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)


def texts(tokens: list[Token]) -> list[str]:
    """The text of each inline token, as a reader sees it."""
    found = []
    for token in tokens:
        if token.type == "inline":
            found.append(
                "".join(child.content for child in token.children or () if child.type != "html_inline")
            )
    return found


def kinds(tokens: list[Token]) -> set[str]:
    return {child.type for token in tokens for child in (token, *(token.children or ()))}


@pytest.mark.parametrize("name", HOSTILE + MORE)
def test_words_read_as_they_are(name: str) -> None:
    block = Paragraph(words(name))
    shown = replace(document(small_path(), "t"), sections=(Section("s", name, (block,)),))
    tokens = parse(render_markdown(shown))
    assert [text.strip() for text in texts(tokens)].count(visible(name).strip()) == 2
    assert not kinds(tokens) & {"html_block", "image", "fence", "code_block", "s_open", "em_open"}


@pytest.mark.parametrize("name", HOSTILE + MORE)
@pytest.mark.parametrize("kind", [str, Strong, Code, lambda text: Link(text, "#s")])
def test_cells_read_as_they_are(name: str, kind: object) -> None:
    base = document(small_path(), "t")
    table = next(block for block in base.sections[1].blocks if isinstance(block, Table))
    row = (words("x", kind(name), "y"), *table.rows[0][1:])  # type: ignore[operator]
    section = Section("s", "S", (replace(table, rows=(row,)),))
    tokens = parse(render_markdown(replace(base, sections=(section,))))
    shown = texts(tokens)
    cells = [shown[i] for i, text in enumerate(shown) if text.startswith("x") and text.endswith("y")]
    assert [cell.replace("**", "") for cell in cells] == [f"x{visible(name)}y".replace("**", "")]


def test_jump_times_are_in_the_table() -> None:
    shown = texts(parse(render_markdown(document(small_path(), "t"))))
    assert {"0", "1/4 = 0.25", "9/16 = 0.5625"} <= set(shown)


def test_a_rejection_is_loud_and_first() -> None:
    text = render_markdown(document(small_path(), "t", Status.REJECTED))
    assert text.index("**REJECTED**") < text.index("##")


def test_rows_beyond_the_fold_are_counted() -> None:
    text = render_markdown(wide_document())
    assert "… and 460 more rows." in text
    rows = [token for token in parse(text) if token.type == "tr_open"]
    assert len(rows) == 1 + 40 + 1 + 3


def test_pictures_are_named_by_what_they_show() -> None:
    text = render_markdown(document(hostile_path(), "t"))
    assert "Steps of the limit: 9 plateaus" in text
    assert "<svg" not in text


def test_a_listing_holds_any_fence() -> None:
    shown = document(small_path(), "t")
    listing = Section("s", "S", (Listing("a\n```\nb"),))
    tokens = parse(render_markdown(replace(shown, sections=(listing,))))
    assert [token.content for token in tokens if token.type == "fence"] == ["a\n```\nb\n"]


def test_a_long_exact_value_is_left_to_the_other_formats() -> None:
    shown = document(small_path(), "t")
    block = Paragraph(words(Number("1.5", "1" * 50, "≈")))
    text = render_markdown(replace(shown, sections=(Section("s", "S", (block,)),)))
    assert "≈ 1.5" in text
    assert "1" * 50 not in text
