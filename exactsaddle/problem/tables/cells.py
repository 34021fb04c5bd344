"""One cell: whether it is missing, what number it is, and which option would make it one."""

from __future__ import annotations

import numbers
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import parse_rational, shorten
from exactsaddle.problem.arrays import is_null
from exactsaddle.problem.entries import is_expression
from exactsaddle.problem.tables.reading import Reading

MISSING = frozenset(("", "na", "n/a", "nan", "-nan", "null", "none", "nil", "<na>", "#n/a", "nat", "?", "."))
"""What a cell says that holds no value, in small letters."""

_LIKE_A_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?:[.,'][0-9]+|[ \u00a0\u202f][0-9]{3})*\.?|[.,][0-9]+)"
    r"(?:[eE][+-]?[0-9]+)?(?:/[0-9]+)?\s*%?"
)
_POINT, _COMMA = r"(?:\.[0-9]*)?", r"(?:,[0-9]*)?"
_REMEDIES = (
    (re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?"), (("decimal", ","),)),
    (re.compile(rf"[+-]?[0-9]{{1,3}}(?:,[0-9]{{3}})+{_POINT}"), (("thousands", ","),)),
    (re.compile(rf"[+-]?[0-9]{{1,3}}(?:\.[0-9]{{3}})+{_COMMA}"), (("thousands", "."), ("decimal", ","))),
    *(
        (re.compile(rf"[+-]?[0-9]{{1,3}}(?:{sign}[0-9]{{3}})+{_POINT}"), (("thousands", sign),))
        for sign in ("'", "’", "_", " ", "\u00a0", "\u202f")
    ),
)


def is_missing(cell: Any) -> bool:
    """Whether the cell holds no value: empty, NA in one of its spellings, NaN, None."""
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    return is_null(cell)


def is_blank(cell: Any) -> bool:
    """Whether nothing at all stands there."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_number(cell: Any) -> bool:
    """Whether it is a number or a sum of one, as opposed to text, a truth value, a date."""
    if isinstance(cell, bool) or type(cell).__name__ in ("bool", "bool_"):
        return False
    return isinstance(cell, (numbers.Number, Decimal)) or hasattr(cell, "free_symbols")


def written_as_number(cell: Any) -> bool:
    """Whether it is a number in whatever manner of writing, or a missing one."""
    if not isinstance(cell, str):
        return cell is None or is_number(cell)
    text = cell.strip()
    return text.lower() in MISSING or _LIKE_A_NUMBER.fullmatch(text) is not None


def like_a_number(cell: Any) -> bool:
    """Whether someone may have meant a number: no name of a column begins with a digit."""
    return written_as_number(cell) or str(cell).strip()[:1].isdigit()


def read_cell(cell: Any, reading: Reading) -> Any:
    """A rational, or a SymPy expression, of text; a number stays as it is. Raises InvalidInput."""
    if not isinstance(cell, str):
        if not is_number(cell):
            raise InvalidInput(f"{shorten(str(cell))!r} ({type(cell).__name__}) is not a number")
        return cell
    text = plain_text(cell, reading)
    try:
        return parse_rational(text)
    except InvalidInput:
        if not is_expression(text):
            raise
        from exactsaddle.numbers.expressions import to_expression

        return to_expression(text)


def is_rational(cell: Any, reading: Reading) -> bool:
    """Whether it is a number without any algebra: a label may be called E."""
    if not isinstance(cell, str):
        return is_number(cell)
    try:
        parse_rational(plain_text(cell, reading))
    except InvalidInput:
        return False
    return True


def plain_text(cell: str, reading: Reading) -> str:
    """The number with a decimal point, nothing between thousands, and e-2 in place of %."""
    text = cell.strip()
    if reading.percent and text.endswith("%"):
        return plain_text(text[:-1], replace(reading, percent=False)) + "e-2"
    if reading.thousands and reading.thousands in text:
        groups = (
            rf"[+-]?[0-9]{{1,3}}(?:{re.escape(reading.thousands)}[0-9]{{3}})+"
            rf"(?:{re.escape(reading.decimal)}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
        )
        if re.fullmatch(groups, text) is None:
            raise InvalidInput(
                f"{shorten(text)!r} is not a number: {reading.thousands!r} parts no groups of three digits"
            )
        text = text.replace(reading.thousands, "")
    if reading.decimal == ".":
        return text
    if "." in text:
        raise InvalidInput(f"{shorten(text)!r} is not a number whose decimal sign is {reading.decimal!r}")
    return text.replace(reading.decimal, ".")


def remedies(cell: Any, reading: Reading) -> list[str]:
    """The options under which the text would be a number, one alternative an item."""
    if not isinstance(cell, str):
        return []
    text, percent = cell.strip(), ""
    if text.endswith("%") and not reading.percent:
        text, percent = text[:-1].rstrip(), reading.option("percent")
    found = []
    for pattern, options in _REMEDIES:
        wanted = [(name, sign) for name, sign in options if getattr(reading, name) != sign]
        if wanted and pattern.fullmatch(text):
            found.append(" ".join(reading.option(name, sign) for name, sign in wanted))
    if not percent:
        return found
    return [f"{option} {percent}" for option in found] or ([percent] if _parses(text) else [])


def _parses(text: str) -> bool:
    try:
        parse_rational(text)
    except InvalidInput:
        return False
    return True
