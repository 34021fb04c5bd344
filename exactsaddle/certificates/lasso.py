"""Certificates of Lasso paths: one canonical JSON document that anyone can check (see CERTIFICATE.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exactsaddle.base import Verdict
from exactsaddle.certificates.checkers import run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.numbers import to_text
from exactsaddle.problem import Problem

if TYPE_CHECKING:
    from exactsaddle.lasso import LassoKnot, LassoPath

FORMAT = "exactsaddle lasso certificate"
VERSION = 1
CLAIMS = ("problem", "start", "bounds", "segment", "end")
CHECKER = "check_lasso.py"


@dataclass(frozen=True, repr=False)
class LassoCertificate(Document):
    """A stated Lasso path, exactly as ``to_text`` writes it; nothing in it is trusted until checked.

    knots are (λ, b) as JSON types; ``problem`` is None in a detached certificate.
    """

    digest: str
    complete: bool
    knots: tuple[dict[str, Any], ...]
    problem: Problem | None

    @classmethod
    def of(cls, path: LassoPath) -> LassoCertificate:
        """The certificate of a path, its problem inline."""
        return cls(path.problem.digest, path.complete, tuple(map(knot_to_json, path)), path.problem)

    def detached(self) -> LassoCertificate:
        """The same certificate without its problem: check it with the problem's own file."""
        return replace(self, problem=None)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many knots, whether that is all, and of which problem."""
        return facts(len(self.knots), "knots", self.complete, self.digest, inline=self.problem is not None)

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "complete": self.complete,
            "claims": CLAIMS if self.complete else CLAIMS[:-1],
            "digest": self.digest,
        }
        return canonical_text(head, self.problem, "knots", self.knots)

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent checker, run in a process of its own."""
        return run_checker(self.to_text(), problem, CHECKER, "lasso")


def knot_to_json(knot: LassoKnot) -> dict[str, Any]:
    """λ and the nonzero coefficients by column, in canonical text."""
    beta = {str(i): to_text(knot.beta_vector[i]) for i in knot.support}
    return {"penalty": to_text(knot.penalty_value), "beta": beta}
