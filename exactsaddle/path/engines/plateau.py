"""What an engine that decides by bounds remembers: the combinatorics, and how each decision was made."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Decisions:
    """How the decisions of a path were made: counts by kind, and the highest precision used."""

    supports_by_floats: int = 0
    """A support proposed in floats, proved by rigorous binary64 bounds."""
    supports_by_balls: int = 0
    """The same, proved at a higher precision."""
    supports_exact: int = 0
    """A support found by exact least squares: the proposal was wrong, or a gradient is exactly zero."""
    hits_by_floats: int = 0
    """Only one coordinate was left by rigorous binary64 bounds."""
    hits_by_balls: int = 0
    """The same at a higher precision, for this plateau alone."""
    ties_by_dependence: int = 0
    """Coordinates told apart, or known to be tied, because one column depends on known ones."""
    hits_exact: int = 0
    """Decided by recomputing the dual exactly."""
    precision_raised: int = 0
    bits: int = 0
    """The highest precision used, in bits."""

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Plateau:
    """The combinatorics of one plateau: all that is needed to compute its numbers again.

    active maps coordinates on a threshold to its side; ``still`` are those of them off the support whose
    gradient is exactly zero; hits maps who lands next to its side, and is empty at the end.
    """

    support: tuple[int, ...]
    active: dict[int, int]
    still: frozenset[int]
    hits: dict[int, int]

    @property
    def released(self) -> dict[int, int]:
        """The coordinates that leave their threshold here, with its side."""
        held = self.still.union(self.support)
        return {i: s for i, s in self.active.items() if i not in held}

    @property
    def next_active(self) -> dict[int, int]:
        """Who is on a threshold at the end of the plateau."""
        released = self.released
        kept = {i: s for i, s in self.active.items() if i not in released}
        return {**kept, **self.hits}
