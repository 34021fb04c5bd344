"""What a search maximises: a number of a path that no symmetry of the data changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exactsaddle.base import InvalidInput
from exactsaddle.campaign.search.symmetry import Data
from exactsaddle.path import SaddlePath, counts, saddle_path
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Objective:
    """A number to maximise over problems of one shape.

    Where ``follows_choice``, the number depends on which minimiser is taken, so that only paths on which
    every minimiser is unique count; the others are invariant as they are (MATHEMATICS.md §4: t, s, loss).
    ``limit`` is a proved upper bound for n × d problems; None where none is known.
    """

    name: str
    meaning: str
    measure: Callable[[SaddlePath], int]
    follows_choice: bool
    limit: Callable[[int, int], int | None]

    def value(self, data: Data, floor: int = 0) -> int | None:
        """The number for a problem; None when it does not count, or is surely below ``floor``."""
        distinct = len({column for column in data.columns if any(column)})
        limit = self.limit(len(data.y), distinct)
        if limit is not None and limit < floor:
            return None
        path = saddle_path(Problem(data.rows, data.y), arithmetic="rational")
        found = self.measure(path)
        if found < floor or (self.follows_choice and not all(saddle.unique for saddle in path)):
            return None
        return found


def _no_limit(n: int, d: int) -> None:
    return None


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective("saddles", "saddles of the path, β_0 = 0 included", len, False, counts.most_saddles),
        Objective(
            "deactivations",
            "times a coordinate leaves the support, every minimiser unique",
            counts.deactivations,
            True,
            _no_limit,
        ),
        Objective(
            "sign-flips",
            "times a coordinate returns with the opposite sign, every minimiser unique",
            counts.sign_flips,
            True,
            _no_limit,
        ),
        Objective("bits", "bits of the longest dual s_k", counts.dual_bits, False, _no_limit),
    )
}


def objective_named(name: str) -> Objective:
    """The objective of that name; raises InvalidInput."""
    if name not in OBJECTIVES:
        raise InvalidInput(f"--maximise {name!r} is none of: {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]
