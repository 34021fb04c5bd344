"""Where a problem's numbers come from: what they are made of, and how they were read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

EXACT = "exact"


class Source(str):
    """What the numbers are made of, as text: "exact", or "binary64", "weighted" and such with + between.

    ``reading`` says what was guessed, left out or made when a file or a frame was read, a sentence each.
    """

    reading: tuple[str, ...]

    def __new__(cls, text: str = EXACT, reading: Iterable[str] = ()) -> Source:
        """The source of that text."""
        made = super().__new__(cls, text)
        made.reading = tuple(reading)
        return made

    @classmethod
    def of(cls, kinds: Iterable[str], reading: Iterable[str] = ()) -> Source:
        """The source of numbers of these kinds."""
        return cls("+".join(sorted({*kinds} - {EXACT})) or EXACT, reading)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of numbers that are not exact text or fractions: none for "exact"."""
        return frozenset(self.split("+")) - {EXACT}

    def with_(self, other: Source) -> Source:
        """Both together, as a problem that is made of another one has."""
        return Source.of(self.kinds | other.kinds, dict.fromkeys((*self.reading, *other.reading)))

    def read(self, notes: Iterable[str]) -> Source:
        """The same, read as these sentences say."""
        return Source(self, (*self.reading, *notes))

    def __reduce__(self) -> tuple[Any, ...]:
        return Source, (str(self), self.reading)
