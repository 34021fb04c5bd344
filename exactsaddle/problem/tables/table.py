"""A table before anything is decided about its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from exactsaddle.base import UnreadableFile


@dataclass
class Table:
    """Columns of cells as they were found: text, numbers of any kind, None.

    Names are distinct: a name that appears again is ``name.1``, and counts as ambiguous until someone uses
    that name. ``index`` are columns that label rows, which are no features unless asked for.
    """

    place: str
    names: list[str]
    columns: list[Sequence[Any]]
    label: Callable[[int], str]
    """How a message calls row i: "line 7"."""
    named: bool = True
    index: frozenset[int] = frozenset()
    ambiguous: dict[str, str] = field(default_factory=dict)
    """``name.1`` to the name that is used twice."""
    notes: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def refuse(self, message: str, row: int | None = None, column: int | None = None) -> NoReturn:
        """Raise UnreadableFile, naming file, line and column."""
        where = [self.place]
        if row is not None:
            where.append(self.label(row))
        if column is not None:
            where.append(f"column {self.names[column]!r}")
        raise UnreadableFile(f"{', '.join(where)}: {message}")


def distinct(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The names with ``.1``, ``.2``, … at those that repeat, and what each of these was."""
    taken, found, repeated = set(names), [], {}
    seen: set[str] = set()
    for name in names:
        called, count = name, 0
        while called in seen or (count and called in taken):
            count += 1
            called = f"{name}.{count}"
        if count:
            repeated[called] = name
        seen.add(called)
        found.append(called)
    return found, repeated
