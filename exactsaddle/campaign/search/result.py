"""What a search finds: the record, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from exactsaddle.base import Verdict
from exactsaddle.campaign.search.objectives import Objective
from exactsaddle.campaign.search.symmetry import Data, Grid
from exactsaddle.certificates import Certificate
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem

Method = Literal["auto", "exhaustive", "local"]


@dataclass(frozen=True)
class Record:
    """A problem with the largest value found; of several the lightest, then the one found first."""

    value: int
    data: Data
    origin: int
    """The class or restart that it came from, 0-based."""

    def rank(self) -> tuple[int, int, int, int]:
        """What makes one record better than another."""
        largest, total = self.data.weight
        return self.value, -largest, -total, -self.origin

    @cached_property
    def problem(self) -> Problem:
        """The record holder."""
        return Problem(self.data.rows, self.data.y)

    @cached_property
    def path(self) -> SaddlePath:
        """Its path."""
        return saddle_path(self.problem)

    @cached_property
    def certificate(self) -> Certificate:
        """Its certificate, with the uniqueness of every minimiser."""
        return self.path.certificate(uniqueness=True)

    @cached_property
    def verdict(self) -> Verdict:
        """What the independent checker says of the certificate."""
        return self.certificate.check()


@dataclass(frozen=True)
class SearchResult:
    """What came of a search, and what it proves.

    ``exhausted``: every class of the grid was decided, exactly, by the solver; then ``record`` is the
    maximum over the grid and ``holders`` the number of classes that attain it. Otherwise the record is
    the largest value found, and nothing says that there is no larger.
    """

    objective: Objective
    grid: Grid
    method: Method
    seed: int
    classes: int | None
    tried: int
    restarts: int
    """Restarts that ran to their end; 0 for an exhaustive search."""
    exhausted: bool
    holders: int
    record: Record | None
    seconds: float

    @property
    def is_at_limit(self) -> bool:
        """Whether the record attains the proved upper bound: no real problem of the shape has more."""
        return self.record is not None and self.record.value == self.limit

    @property
    def limit(self) -> int | None:
        """A proved upper bound for all real problems of the shape, where one is known."""
        return self.objective.limit(self.grid.n, self.grid.d)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON types."""
        record = self.record
        return {
            "maximise": self.objective.name,
            "size": [self.grid.n, self.grid.d],
            "grid": self.grid.bound,
            "method": self.method,
            "seed": self.seed,
            "problems": str(self.grid.problems),
            "classes": None if self.classes is None else str(self.classes),
            "tried": self.tried,
            "restarts": self.restarts,
            "exhausted": self.exhausted,
            "limit": self.limit,
            "seconds": round(self.seconds, 3),
            "record": record
            and {
                "value": record.value,
                "holders": self.holders if self.exhausted else None,
                "origin": record.origin,
                "problem": record.problem.to_json(),
                "digest": record.problem.digest,
                "saddles": len(record.path),
                "verdict": {"status": record.verdict.status.value, "evidence": record.verdict.evidence},
            },
        }
