"""Columns by their names, in every repr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHOWN = 8
"""How many columns a repr tells of."""


def by_name(names: Sequence[str], values: Iterable[tuple[int, object]]) -> str:
    """{height: 1.5, age: -2}: what is known of the columns of these indices; of many the first few."""
    return "{" + _listed(f"{names[i]}: {value}" for i, value in values) + "}"


def named_only(names: Sequence[str], who: Iterable[int]) -> str:
    """[height, age]: the columns of these indices; of many the first few."""
    return "[" + _listed(names[i] for i in who) + "]"


def _listed(parts: Iterable[str]) -> str:
    found: list[str] = []
    for part in parts:
        if len(found) == SHOWN:
            return ", ".join([*found, "..."])
        found.append(part)
    return ", ".join(found)
