"""Every exception exactsaddle raises on purpose, as one tree.

``InvalidInput`` is about what was given, ``CertificateRejected`` about what a certificate claims,
``Inconclusive`` about what could not be decided; the CLI maps them to exit codes 2, 1 and 3.
"""

from __future__ import annotations

from typing import Any


class ExactSaddleError(Exception):
    """Root of the tree: catch this to catch everything the package raises on purpose."""


class InvalidInput(ExactSaddleError, ValueError):
    """The input is not a problem, an option or a number this package can take."""


class UnreadableFile(InvalidInput):
    """A file cannot be read as what it should be; the message names file, line, field and value."""


class MalformedCertificate(InvalidInput):
    """A document is not a certificate of a version this package knows (malformed is not false)."""


class MissingExtra(ExactSaddleError):
    """An optional dependency is absent; the message gives the pip command that installs it."""


class CertificateRejected(ExactSaddleError):
    """A well-formed certificate makes a claim that is false."""

    def __init__(self, saddle: int, claim: str, witness: str) -> None:
        super().__init__(f"saddle {saddle}: {claim} fails: {witness}")
        self.saddle = saddle
        self.claim = claim
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.saddle, self.claim, self.witness)


class Inconclusive(ExactSaddleError):
    """A budget or a precision ran out before the question was decided; the message says which."""


class ProofFailed(ExactSaddleError):
    """A fact the mathematics guarantees did not hold: a defect of exactsaddle, please report it."""


class EngineLost(Inconclusive):
    """Where a campaign's work is done has gone away; what is finished is stored, and it can be resumed."""
