"""Columns by their names, in every repr, and numbers with their nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exactsaddle.base.errors import InvalidInput

SHOWN = 8
"""How many columns a repr tells of."""


def by_name(names: Sequence[str], values: Iterable[tuple[int, object]]) -> str:
    """{height: 1.5, age: -2}: what is known of the columns of these indices; of many the first few."""
    return "{" + _listed(f"{names[i]}: {value}" for i, value in values) + "}"


def named_only(names: Sequence[str], who: Iterable[int]) -> str:
    """[height, age]: the columns of these indices; of many the first few."""
    return "[" + _listed(names[i] for i in who) + "]"


def counted(count: int, thing: str, things: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "saddle"), counted(1200, "saddle"), counted(2, "entry", "entries")
    ('1 saddle', '1,200 saddles', '2 entries')
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def misfit(what: str, found: int, wanted: int, thing: str) -> InvalidInput:
    """The error of a list that is not one for each row, or column, of X.

    >>> str(misfit("y", 1, 3, "row"))
    'y has 1 entry but X has 3 rows'
    """
    return InvalidInput(f"{what} has {counted(found, 'entry', 'entries')} but X has {counted(wanted, thing)}")


def _listed(parts: Iterable[str]) -> str:
    found: list[str] = []
    for part in parts:
        if len(found) == SHOWN:
            return ", ".join([*found, "..."])
        found.append(part)
    return ", ".join(found)
