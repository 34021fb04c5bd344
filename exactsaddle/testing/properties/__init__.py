"""Named properties of exact paths, one ordered list for tests, ``fuzz``, claims and users.

Each restates a line of MATHEMATICS.md §3 and is judged in plain Fraction arithmetic on the public interface,
so that a defect of the engine cannot excuse itself::

    @given(exactsaddle.testing.strategies.problems())
    def test(problem):
        exactsaddle.testing.properties.check_all(problem)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exactsaddle.base import ExactSaddleError, Status, Verdict
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.claims import CLAIMS
from exactsaddle.testing.properties.consequences import CONSEQUENCES, orthogonal_path
from exactsaddle.testing.properties.enclosures import ENCLOSURES, RATIONAL_ONLY, Enclosures
from exactsaddle.testing.properties.invariants import INVARIANTS
from exactsaddle.testing.properties.registry import EXACTLY, Hypothesis, Property
from exactsaddle.testing.properties.relations import CHANGES, RELATIONS

__all__ = [
    "CHANGES",
    "ENCLOSURES",
    "EXACTLY",
    "PROPERTIES",
    "RATIONAL_ONLY",
    "Enclosures",
    "Examination",
    "Hypothesis",
    "Property",
    "PropertyViolated",
    "check_all",
    "examine",
    "orthogonal_path",
]

PROPERTIES: dict[str, Property] = {**INVARIANTS, **CONSEQUENCES, **RELATIONS, **CLAIMS}


class PropertyViolated(ExactSaddleError):
    """A named property is false of a path; the message gives the problem and the witness."""

    def __init__(self, problem: Problem, verdict: Verdict) -> None:
        super().__init__(f"{verdict} on {problem!r}")
        self.problem = problem
        self.verdict = verdict

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.verdict)


@dataclass(frozen=True)
class Examination:
    """What the properties say of one path: a verdict for each that applies, the names of the others."""

    verdicts: tuple[Verdict, ...]
    not_applicable: tuple[str, ...]


def examine(path: SaddlePath, properties: dict[str, Property] | None = None) -> Examination:
    """Judge a path by every property (or by those given), in order."""
    chosen = (PROPERTIES if properties is None else properties).values()
    problem = path.problem
    verdicts: list[Verdict] = []
    absent: list[str] = []
    for claim in chosen:
        if claim.applies(problem, path):
            verdicts.append(claim(problem, path))
        else:
            absent.append(claim.name)
    return Examination(tuple(verdicts), tuple(absent))


def check_all(problem: Problem) -> Examination:
    """Solve the problem and judge its path by every property; returning proves that all hold.

    Raises PropertyViolated, with the witness, for the first that does not.
    """
    found = examine(saddle_path(problem))
    for verdict in found.verdicts:
        if verdict.status is Status.REJECTED:
            raise PropertyViolated(problem, verdict)
    return found
