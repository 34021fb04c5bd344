"""Certificates of paths with a penalty, weight decay: versions 5 and 6, exact or by events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flint import fmpq

from exactsaddle.base import InvalidInput, Verdict
from exactsaddle.certificates.checkers import EXACT_CHECKER, INTERVAL_CHECKER, run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.certificates.outline import CLAIMS as EVENT_CLAIMS
from exactsaddle.certificates.path import CLAIMS, FORMAT
from exactsaddle.numbers import to_rational, to_text
from exactsaddle.path.rules import WeightDecay
from exactsaddle.problem import Problem

if TYPE_CHECKING:
    from exactsaddle.path.descent import DescentPath, DescentSaddle

VERSION = 5
EVENTS_VERSION = 6
_BITS = 96
"""The precision that the interval checker may begin with."""


@dataclass(frozen=True, repr=False)
class PenalisedCertificate(Document):
    """The stated path of weight decay, exactly as ``to_text`` writes it; not trusted until it is checked.

    penalty is λ, d texts; saddles are JSON types. ``problem`` is None in a detached certificate. By events it
    states who carries each saddle and who lands next, and numbers only where an equality needs them.
    """

    digest: str
    complete: bool
    penalty: tuple[str, ...]
    saddles: tuple[dict[str, Any], ...]
    problem: Problem | None
    by_events: bool = False

    @classmethod
    def of(cls, path: DescentPath, *, by_events: bool = False) -> PenalisedCertificate:
        """The certificate of a path of weight decay, its problem inline.

        Raises InvalidInput for any other rule: no version has a field for it.
        """
        rule, problem = path.rule, path.problem
        if not isinstance(rule, WeightDecay):
            raise InvalidInput(f"a certificate with a penalty is of WeightDecay, not of {rule!r}")
        penalty = tuple(to_text(rule.penalty(i)) for i in range(problem.d))
        saddles = tuple(_events(path) if by_events else map(_numbers, path))
        return cls(problem.digest, path.complete, penalty, saddles, problem, by_events)

    def detached(self) -> PenalisedCertificate:
        """The same certificate without its problem: check it with the problem's own file."""
        return replace(self, problem=None)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many saddles, whether that is all, and of which problem."""
        things = "saddles by their events" if self.by_events else "saddles"
        return facts(len(self.saddles), things, self.complete, self.digest, inline=self.problem is not None)

    @property
    def checker(self) -> str:
        """The program that decides it."""
        return INTERVAL_CHECKER if self.by_events else EXACT_CHECKER

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        claims = EVENT_CLAIMS if self.by_events else CLAIMS
        head = {
            "format": FORMAT,
            "version": EVENTS_VERSION if self.by_events else VERSION,
            "complete": self.complete,
            "claims": claims if self.complete else claims[:-1],
            "penalty": self.penalty,
            "digest": self.digest,
            **({"bits": _BITS} if self.by_events else {}),
        }
        return canonical_text(head, self.problem, "saddles", self.saddles)

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent checker, run in a process of its own."""
        return run_checker(self.to_text(), problem, self.checker)


def _numbers(saddle: DescentSaddle) -> dict[str, Any]:
    return {
        "jump_time": to_text(to_rational(saddle.jump_time)),
        "beta": _beta(saddle),
        "loss": to_text(to_rational(saddle.loss)),
    }


def _beta(saddle: DescentSaddle) -> dict[str, str]:
    return {str(i): to_text(saddle.beta_vector[i]) for i in saddle.support}


def _events(path: DescentPath) -> Iterator[dict[str, Any]]:
    """Support and hits, and what proves equalities: see ``Outline``."""
    dependences = [_dependence(saddle) for saddle in path]
    pairs = list(zip(path, dependences, strict=True))
    told = max((s.index + 1 for s, found in pairs if len(s.hits) > 1 + len(found)), default=0)
    for saddle, dependence in pairs:
        stated = saddle.support and (saddle.index < told or _rests_off_support(saddle))
        yield {
            "support": list(saddle.support),
            "hits": {str(i): side for i, side in sorted(saddle.hits.items())},
            **({"beta": _beta(saddle)} if stated else {}),
            **({"dependence": dependence} if dependence else {}),
        }


def _rests_off_support(saddle: DescentSaddle) -> bool:
    """Whether a side off the support does not move, which no interval proves."""
    problem, rest = saddle.problem, set(range(saddle.problem.d)).difference(saddle.support)
    return any(
        problem.threshold(i, side) is not None
        and saddle.rule.flow.drive(i, -side * saddle.gradient_vector[i]) == 0
        for i in rest
        for side in (1, -1)
    )


def _dependence(saddle: DescentSaddle) -> dict[str, dict[str, str]]:
    """For each coordinate that lands with the first of the hits: its column by those whose duals are known.

    Only where its penalty is the same combination: else they part.
    """
    leader, *others = sorted(saddle.hits) or [0]
    found, problem = {}, saddle.problem
    basis = sorted([*saddle.support, leader])
    signs = {i: saddle.hits.get(i, saddle.active.get(i, 0)) for i in basis}
    if others and problem.design_matrix.rank(basis) < len(basis):
        return {}
    for j in others:
        weights = problem.design_matrix.combination(basis, j)
        if weights is None:
            continue
        pairs = [(i, c) for i, c in zip(basis, weights, strict=True) if c != 0]
        push = sum((c * signs[i] * saddle.rule.flow.penalty(i) for i, c in pairs), fmpq(0))
        if push == saddle.hits[j] * saddle.rule.flow.penalty(j):
            found[str(j)] = {str(i): to_text(c) for i, c in pairs}
    return found
