"""Small pieces that every section of a report is put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exactsaddle.numbers import shorten
from exactsaddle.report.document import (
    Block,
    Column,
    Details,
    Paragraph,
    Strong,
    Table,
    Word,
    Words,
    words,
)
from exactsaddle.report.findings import Absent
from exactsaddle.report.text import listed

SHOWN_NAMES = 12
"""The most names in one cell of a table."""

NAME_WIDTH = 32
"""The most characters of a name in a table: a longer one is shown by its two ends and its length."""


def paragraph(*parts: Word) -> Paragraph:
    """A paragraph of these words."""
    return Paragraph(parts)


def absent(what: str, part: Absent) -> Paragraph:
    """The place of a part that is not there: what it is, and why."""
    return paragraph(Strong("Unchecked: "), f"{what}: {part.reason}.")


_NOTHING = ((), ("",), ("—",))


def table(
    anchor: str,
    caption: Words,
    headings: Sequence[Word | Words],
    rows: Iterable[Sequence[Word | Words]],
    *,
    left: Iterable[int] = (),
    optional: Iterable[int] = (),
    fold_after: int = 40,
) -> Table:
    """A table whose columns stand to the right, but for those counted in left.

    An optional column in which no row has anything is left out.
    """
    to_the_left, cells = set(left), [tuple(map(_words, row)) for row in rows]
    empty = {i for i in optional if all(row[i] in _NOTHING for row in cells)}
    columns = tuple(
        Column(_words(heading), "left" if i in to_the_left else "right")
        for i, heading in enumerate(headings)
        if i not in empty
    )
    kept = tuple(tuple(cell for i, cell in enumerate(row) if i not in empty) for row in cells)
    return Table(anchor, caption, columns, kept, fold_after)


def facts(anchor: str, caption: Words, rows: Iterable[tuple[str, Word | Words]]) -> Table:
    """Pairs of a name and what it is."""
    return table(anchor, caption, ("what", "value"), rows, left=(0, 1))


def named(name: str) -> str:
    """A name as a cell of a table has room for it."""
    return shorten(name, NAME_WIDTH)


def coordinates(indices: Iterable[int], names: Sequence[str]) -> str:
    """The names of some coordinates, the first SHOWN_NAMES of them."""
    return listed([named(names[i]) for i in indices], SHOWN_NAMES, ", ", " ")


def details(summary: Word | Words, *blocks: Block) -> Details:
    """Blocks behind one line."""
    return Details(_words(summary), blocks)


def _words(content: Word | Words) -> Words:
    return content if isinstance(content, tuple) else words(content)
