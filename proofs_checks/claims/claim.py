"""What a claim is: a statement, its source, how it is checked, and two closed vocabularies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath

T = TypeVar("T")


class Kind(StrEnum):
    """In what sense a claim is checked; the verdict says how the check ended."""

    SYMBOLIC = "symbolic"
    """Identities between expressions, for all values of their symbols."""
    EXACT = "exact"
    """Rational arithmetic on named data, or on all data of a stated kind."""
    ENCLOSED = "enclosed"
    """Balls proved to contain the true values, on named data."""
    NUMERICAL = "numerical"
    """Digits that nothing proves: the verdict is never more than unchecked."""


class Level(StrEnum):
    """How much time a run of the ledger may take on two cores: a minute, or a quarter of an hour."""

    QUICK = "quick"
    FULL = "full"


@dataclass(frozen=True)
class Budget:
    """A level, and the seed of every pseudo-random draw: the same budget gives the same evidence."""

    level: Level = Level.QUICK
    seed: int = 0

    def of(self, quick: T, full: T) -> T:
        """What to do at this level."""
        return quick if self.level is Level.QUICK else full


@dataclass(frozen=True)
class Claim:
    """A statement with its check.

    ``expected`` is the verdict that the mathematics predicts: rejected for a false neighbour, unchecked
    for numerical evidence. ``method`` says how the check goes, ``gap`` what it leaves unproved.
    ``derivation`` lists the steps of a symbolic check as text. ``violation``, where the statement is about
    one path, refutes it on a path to which it ``applies``.
    """

    name: str
    statement: str
    source: str
    kind: Kind
    method: str
    gap: str
    check: Callable[[Budget], Verdict]
    expected: Status = Status.VERIFIED
    derivation: Callable[[], Sequence[str]] = tuple
    violation: Callable[[SaddlePath], str | None] | None = None
    applies: Callable[[SaddlePath], bool] = lambda path: True


def verified(evidence: str) -> Verdict:
    """The claim holds, in the sense of its kind."""
    return Verdict("", Status.VERIFIED, evidence)


def rejected(evidence: str) -> Verdict:
    """The claim is false; the evidence is a witness."""
    return Verdict("", Status.REJECTED, evidence)


def unchecked(evidence: str) -> Verdict:
    """Nothing was decided; the evidence says why, or what numbers agree."""
    return Verdict("", Status.UNCHECKED, evidence)
