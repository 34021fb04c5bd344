"""What the renderers share: numbers in line, the templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from exactsaddle.base import CONTROL_SIGNS as CONTROL_SIGNS
from exactsaddle.base import visible as visible
from exactsaddle.report.document import Code, Link, Math, Number, Strong, Table, Words

LONG = 24
"""An exact value of more characters is not shown in the line."""
CELL = 4
"""Nor one of more characters in a cell of a table, whose column it would widen."""
_UNBROKEN = 24
"""A name may be broken at underscores and hyphens only, unless it has none for so long."""


def is_long(number: Number, room: int = LONG) -> bool:
    """Whether the exact value is known and too long for a line, or for that room."""
    return number.exact is not None and len(number.exact) > room


def in_line(number: Number, room: int = LONG) -> tuple[str, str]:
    """What stands in the line, in two parts: the value, and its decimals where they say more.

    room is how long an exact value may be.

    >>> in_line(Number("0.3", "3/10", "="))
    ('3/10', '= 0.3')
    >>> in_line(Number("0.3333", None, "≈"))
    ('≈ 0.3333', '')
    """
    if number.exact is None or is_long(number, room):
        return (f"≈ {number.decimal}" if number.relation == "≈" else number.decimal), ""
    if number.exact == number.decimal:
        return number.exact, ""
    return number.exact, f"{number.relation} {number.decimal}"


def plain(words: Words) -> str:
    """The words as plain text, for names, labels and metadata."""
    return "".join(map(_plain, words))


def _plain(word: object) -> str:
    match word:
        case str():
            return visible(word)
        case Math():
            return visible(word.plain)
        case Number():
            return " ".join(part for part in in_line(word) if part)
        case Strong() | Code() | Link():
            return visible(word.text)
    raise TypeError(f"{word!r} is not a word of a document")


def paddings(table: Table) -> tuple[tuple[str, ...], ...]:
    """For each cell what to put, unseen, to its right, so that the decimal points of a column are aligned.

    >>> from exactsaddle.report.document import Column
    >>> columns = (Column(("t",), "right"),)
    >>> paddings(Table("t", (), columns, (("1",), ("0.25",), ("≈ 31.5",))))
    (('.00',), ('',), ('0',))
    """
    tails = [[_tail(cell) for cell in row] for row in table.rows]
    longest = [
        re.sub(r"\d", "0", max((row[j] or "" for row in tails), key=len, default=""))
        for j in range(len(table.columns))
    ]
    return tuple(
        tuple(
            "" if tail is None or table.columns[j].align == "left" else longest[j][len(tail) :]
            for j, tail in enumerate(row)
        )
        for row in tails
    )


def _tail(cell: Words) -> str | None:
    """What follows the whole part of a cell's number; None where it ends with no number."""
    last = cell[-1] if cell else ""
    parts = in_line(last, CELL) if isinstance(last, Number) else (plain(cell),)
    text = " ".join(part for part in parts if part)
    found = re.fullmatch(r"(?:.* )?[-−+]?[\d,]+((?:\.\d+)?(?:e[-+]?\d+)?)", text)
    return None if found is None else found[1]


def breakable(text: str) -> list[tuple[str, bool]]:
    """The pieces between which a line may end, and which of them may be broken anywhere.

    >>> breakable("body_mass-index")
    [('body_', False), ('mass-index', False)]
    """
    pieces = re.findall(r"[^_]*_|[^_]+", text)
    return [(piece, any(len(run) > _UNBROKEN for run in re.split(r"[\s-]", piece))) for piece in pieces]


def safe_target(link: Link) -> str | None:
    """Where a link may lead: a section, http(s) or mail, a file beside the report; else nowhere."""
    target = visible(link.target)
    scheme = re.match(r"[^/?#]*:", target)
    return target if scheme is None or scheme[0].lower() in ("http:", "https:", "mailto:") else None


def shown_rows(table: Table) -> tuple[tuple[Words, ...], ...]:
    """The rows of a table that are shown at first."""
    return table.rows[: table.fold_after]


def listed(parts: Sequence[str], limit: int, separator: str = "; ", before_rest: str = "") -> str:
    """The first parts joined, and how many more there are.

    >>> listed(["a", "b", "c"], 2)
    'a; b; and 1 more'
    >>> listed(["a", "b", "c"], 2, ", ", " ")
    'a, b and 1 more'
    """
    more = f"{before_rest or separator}and {len(parts) - limit} more" if len(parts) > limit else ""
    return separator.join(parts[:limit]) + more


def digest_in(words: Words) -> str:
    """The first digest (64 hexadecimal digits) among the words, "" without one."""
    found: Iterable[str] = (word.text for word in words if isinstance(word, Code))
    return next((text for text in found if re.fullmatch("[0-9a-f]{64}", text)), "")


@cache
def template(name: str) -> str:
    """The text of a file in ``templates``."""
    return (files("exactsaddle.report") / "templates" / name).read_text(encoding="utf-8")
