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


def is_long(number: Number) -> bool:
    """Whether the exact value is known and too long for a line."""
    return number.exact is not None and len(number.exact) > LONG


def in_line(number: Number) -> tuple[str, str]:
    """What stands in the line, in two parts: the value, and its decimals where they say more.

    >>> in_line(Number("0.3", "3/10", "="))
    ('3/10', '= 0.3')
    >>> in_line(Number("0.3333", None, "≈"))
    ('≈ 0.3333', '')
    """
    if number.exact is None or is_long(number):
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


def safe_target(link: Link) -> str | None:
    """Where a link may lead: a section, http(s) or mail, a file beside the report; else nowhere."""
    target = visible(link.target)
    scheme = re.match(r"[^/?#]*:", target)
    return target if scheme is None or scheme[0].lower() in ("http:", "https:", "mailto:") else None


def shown_rows(table: Table) -> tuple[tuple[Words, ...], ...]:
    """The rows of a table that are shown at first."""
    return table.rows[: table.fold_after]


def counted(count: int, thing: str, things: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "saddle"), counted(1200, "saddle"), counted(2, "vertex", "vertices")
    ('1 saddle', '1,200 saddles', '2 vertices')
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


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
