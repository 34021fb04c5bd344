"""The three words a check may end with, and what they mean to a shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exactsaddle.doors import VerdictDoors


class Status(StrEnum):
    """Verified, rejected, or unchecked; nothing in between."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNCHECKED = "unchecked"
    """A budget ran out, only a prefix is known, or the evidence is merely numerical."""

    @property
    def exit_code(self) -> int:
        """0 verified, 1 rejected, 3 unchecked (2 is bad input, which is not a verdict)."""
        return {"verified": 0, "rejected": 1, "unchecked": 3}[self.value]

    @classmethod
    def weakest(cls, statuses: Iterable[Status]) -> Status:
        """Rejected if one is, else unchecked if one is, else verified."""
        found = set(statuses)
        return next((s for s in (cls.REJECTED, cls.UNCHECKED) if s in found), cls.VERIFIED)


@dataclass(frozen=True)
class Verdict(VerdictDoors):
    """What a check of one named claim came to, and on what grounds.

    evidence says what was verified and how, or gives the witness that refutes the claim, or names the
    budget or hypothesis that left it unchecked.
    """

    claim: str
    status: Status
    evidence: str

    def __str__(self) -> str:
        return (
            f"{self.claim}: {self.status.value} ({self.evidence})"
            if self.claim
            else (f"{self.status.value}: {self.evidence}")
        )
