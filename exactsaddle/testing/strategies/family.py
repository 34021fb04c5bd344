"""What a family is: problems with one kind of degeneracy, and the predicate they all satisfy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from exactsaddle.base import InvalidInput
from exactsaddle.problem import Problem

MAX_N, MAX_D = 4, 6
"""Default sizes: paths of about four jumps, milliseconds each."""

Builder = Callable[[int, int], st.SearchStrategy[Problem]]
Predicate = Callable[[Problem], bool]


@dataclass(frozen=True)
class Family:
    """Problems with one kind of degeneracy, correct by construction.

    ``predicate`` is an exact test of what every problem of the family is guaranteed to be;
    ``least`` is the smallest (max_n, max_d) at which the family has members; ``standard`` says that
    thresholds are 1 and initial duals 0.
    """

    name: str
    story: str
    least: tuple[int, int]
    standard: bool
    predicate: Predicate
    build: Builder

    def fits(self, max_n: int, max_d: int) -> bool:
        """Whether the family has problems of at most this size."""
        return max_n >= self.least[0] and max_d >= self.least[1]

    def problems(self, max_n: int = MAX_N, max_d: int = MAX_D) -> st.SearchStrategy[Problem]:
        """The strategy: problems of at most max_n rows and max_d columns.

        Raises InvalidInput when the family has none so small.
        """
        if not self.fits(max_n, max_d):
            raise InvalidInput(
                f"family {self.name} needs at least {self.least[0]} rows and {self.least[1]} columns, "
                f"not {max_n} × {max_d}"
            )
        return self.build(max_n, max_d)


class Families(dict[str, Family]):
    """Families by name, in the order they were declared."""

    def declare(
        self,
        name: str,
        story: str,
        predicate: Predicate,
        *,
        least: tuple[int, int] = (1, 1),
        standard: bool = True,
    ) -> Callable[[Builder], Builder]:
        """Register the decorated builder (max_n, max_d) -> strategy as a family."""

        def register(build: Builder) -> Builder:
            self[name] = Family(name, story, least, standard, predicate, build)
            return build

        return register
