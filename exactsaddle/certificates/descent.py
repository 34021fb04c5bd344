"""Certificates of the paths of optimisers: one canonical JSON document that anyone can check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq

from exactsaddle.base import Verdict, workprec
from exactsaddle.certificates.checkers import run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.numbers import to_rational, to_text
from exactsaddle.problem import Problem

if TYPE_CHECKING:
    from exactsaddle.path.descent import DescentPath, DescentSaddle

FORMAT = "exactsaddle descent certificate"
VERSION = 1
CLAIMS = (
    "problem",
    "start",
    "cone",
    "stationary",
    "dual sign",
    "weights keep their sign",
    "attracts",
    "loss",
    "first hit",
    "jump time",
    "end",
)
CHECKER = "check_descent.py"
TIME_DIGITS = 20
"""A time that is not rational is stated to so many significant digits, by two bounds."""


@dataclass(frozen=True, repr=False)
class DescentCertificate(Document):
    """A stated path of a rule, exactly as ``to_text`` writes it; nothing in it is trusted until checked.

    rule and saddles are JSON types; ``problem`` is None in a detached certificate.
    """

    digest: str
    complete: bool
    rule: dict[str, Any]
    saddles: tuple[dict[str, Any], ...]
    problem: Problem | None

    @classmethod
    def of(cls, path: DescentPath) -> DescentCertificate:
        """The certificate of a path, its problem inline."""
        saddles = tuple(map(descent_saddle_to_json, path))
        return cls(path.problem.digest, path.complete, path.rule.to_json(), saddles, path.problem)

    def detached(self) -> DescentCertificate:
        """The same certificate without its problem: check it with the problem's own file."""
        return replace(self, problem=None)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many saddles, whether that is all, and of which problem."""
        return facts(
            len(self.saddles), "saddles", self.complete, self.digest, inline=self.problem is not None
        )

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "complete": self.complete,
            "claims": CLAIMS if self.complete else CLAIMS[:-1],
            "digest": self.digest,
            "rule": self.rule,
        }
        return canonical_text(head, self.problem, "saddles", self.saddles)

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent checker, run in a process of its own."""
        return run_checker(self.to_text(), problem, CHECKER, "path")


def descent_saddle_to_json(saddle: DescentSaddle) -> dict[str, Any]:
    """Bounds of t_k, β_k by column, the loss, and who lands next on which side, in canonical text."""
    beta = {str(i): to_text(saddle.beta_vector[i]) for i in saddle.support}
    hits = {str(i): str(side) for i, side in sorted(saddle.hits.items())}
    return {
        "jump_time": [to_text(end) for end in time_bounds(saddle)],
        "beta": beta,
        "loss": to_text(to_rational(saddle.loss)),
        "hits": hits,
    }


def time_bounds(saddle: DescentSaddle) -> tuple[fmpq, fmpq]:
    """t_k twice where it is rational; else two neighbouring decimals of TIME_DIGITS digits around it."""
    if saddle.rule.exact or saddle.index == 0:
        time = to_rational(saddle.jump_time)
        return time, time
    digits = TIME_DIGITS
    while True:
        ball = saddle.jump_time_ball(digits)
        with workprec(8 * digits + 64):
            if ball > 0 and ball.rel_accuracy_bits() > 4 * TIME_DIGITS + 16:
                leading = int(float((ball.log() / arb(10).log()).mid().floor()))
                unit = fmpq(10) ** (leading + 1 - TIME_DIGITS)
                low, high = ((end / arb(unit)).floor() for end in (ball.lower(), ball.upper()))
                first, last = low.unique_fmpz(), high.unique_fmpz()
                if first is not None and last is not None:
                    return first * unit, (last + 1) * unit
        digits *= 2
