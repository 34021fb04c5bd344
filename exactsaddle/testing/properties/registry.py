"""What a property is: a named, exact test of a path, and the hypothesis it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exactsaddle.base import InvalidInput, Status, Verdict
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem

Violation = Callable[[Problem, SaddlePath], str | None]


EXACTLY = "exactly, over Q"
"""The evidence of a property that was judged in Fractions and holds."""


@dataclass(frozen=True)
class Hypothesis:
    """When a statement applies: a name for tables, and the exact test of it.

    open says why the test decides nothing of a problem, where that is what keeps a statement from applying.
    """

    name: str
    holds: Callable[[Problem, SaddlePath], bool]
    open: Callable[[Problem], str | None] = lambda problem: None

    def absence(self, problem: Problem) -> str:
        """Why a statement is not judged of a path for which this does not hold."""
        why = self.open(problem)
        return f"applies to {self.name} only" + (f"; not decided: {why}" if why else "")


@dataclass(frozen=True)
class Property:
    """A statement about every exact path, with the exact test of it.

    ``violation`` returns None when the statement holds and the numbers that refute it when not.
    """

    name: str
    statement: str
    hypothesis: Hypothesis | None
    violation: Violation

    def applies(self, problem: Problem, path: SaddlePath) -> bool:
        """Whether the hypotheses of the statement hold; when not, there is no verdict."""
        return self.hypothesis is None or self.hypothesis.holds(problem, path)

    def __call__(self, problem: Problem, path: SaddlePath) -> Verdict:
        """The verdict on this path. Raises InvalidInput when the property does not apply."""
        if self.hypothesis is not None and not self.applies(problem, path):
            raise InvalidInput(f"{self.name} applies to {self.hypothesis.name} only")
        witness = self.violation(problem, path)
        if witness is None:
            return Verdict(self.name, Status.VERIFIED, EXACTLY)
        return Verdict(self.name, Status.REJECTED, witness)


class Registry(dict[str, Property]):
    """Properties by name, in the order they were stated."""

    def state(
        self, name: str, statement: str, hypothesis: Hypothesis | None = None
    ) -> Callable[[Violation], Violation]:
        """Register the decorated function as the test of this statement."""

        def register(violation: Violation) -> Violation:
            self[name] = Property(name, statement, hypothesis, violation)
            return violation

        return register
