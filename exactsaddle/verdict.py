"""The three answers to a claim, shared by properties, proofs, reports and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """What is known of a claim: proved, refuted with a witness, or neither."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNCHECKED = "unchecked"

    @property
    def exit_code(self) -> int:
        """The exit code of a command whose answer this is: 0, 1 or 3."""
        return _EXIT_CODES[self]


_EXIT_CODES = {Status.VERIFIED: 0, Status.REJECTED: 1, Status.UNCHECKED: 3}


@dataclass(frozen=True)
class Verdict:
    """A claim by name, its status, and the evidence: for a rejection, the exact numbers that refute it."""

    name: str
    status: Status
    evidence: str = ""

    @property
    def exit_code(self) -> int:
        """0 verified, 1 rejected, 3 unchecked."""
        return self.status.exit_code

    def __str__(self) -> str:
        return f"{self.name}: {self.status.value}" + (f" ({self.evidence})" if self.evidence else "")


def summarise(verdicts: list[Verdict]) -> Status:
    """Rejected if any is, else unchecked if any is or if there is none, else verified."""
    found = {verdict.status for verdict in verdicts}
    if Status.REJECTED in found:
        return Status.REJECTED
    return Status.VERIFIED if found == {Status.VERIFIED} else Status.UNCHECKED
