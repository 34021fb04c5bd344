"""Where the flow comes to rest on a plateau: β_k, or the minimiser it selects when there are several."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flint import arb

from exactsaddle.base import by_name
from exactsaddle.minimisers.minimiser_set import minimisers
from exactsaddle.minimisers.selection import DIGITS, Selection, network_selection
from exactsaddle.numbers import Carried, Vector, brief, to_rational
from exactsaddle.path import Saddle


@dataclass(frozen=True, eq=False, repr=False)
class PlateauLimit(Carried):
    """The limit of the flow on a plateau; its support is the largest of any minimiser (MATHEMATICS.md §4).

    exact is (d,) over Q, None where the selected minimiser was not found to be rational; selection is
    None where β_k is the only minimiser.
    """

    support: tuple[int, ...]
    exact: Vector | None
    selection: Selection | None
    names: tuple[str, ...]
    """Those of the columns."""

    def __repr__(self) -> str:
        if self.exact is None:
            return f"PlateauLimit({self.selection!r})"
        return f"PlateauLimit({by_name(self.names, ((i, brief(self.exact[i])) for i in self.support))})"

    def balls(self) -> list[arb]:
        """d balls that contain the limit, at the working precision."""
        if self.exact is not None:
            return [arb(value) for value in self.exact]
        return list(self.selection.balls) if self.selection is not None else []


def resting(saddle: Saddle) -> tuple[int, ...]:
    """E = {i on a threshold : g_i = 0}, ascending: who may be nonzero on this plateau."""
    return tuple(i for i in saddle.active_set if saddle.gradient_vector[i] == 0)


def has_independent_columns(saddle: Saddle) -> bool:
    """Whether the columns of E are independent, exactly; then β_k is the only minimiser."""
    candidates = resting(saddle)
    return saddle.problem.normal_equations.rank(candidates) == len(candidates)


@lru_cache(maxsize=1024)
def limit_support(saddle: Saddle) -> tuple[int, ...]:
    """The support of the flow's limit on this plateau, exact."""
    if has_independent_columns(saddle):
        return saddle.support
    return minimisers(saddle).relative_interior.support


def plateau_limit(saddle: Saddle, digits: int = DIGITS) -> PlateauLimit:
    """The flow's limit on this plateau, to that many digits where it is not rational.

    Raises Inconclusive when the selection cannot be enclosed.
    """
    return _plateau_limit(saddle, digits, saddle.problem.names)


@lru_cache(maxsize=1024)
def _plateau_limit(saddle: Saddle, digits: int, names: tuple[str, ...]) -> PlateauLimit:
    """Kept by names too, which do not tell saddles apart."""
    if has_independent_columns(saddle):
        return PlateauLimit(saddle.support, saddle.beta_vector, None, names)
    chosen = network_selection(minimisers(saddle), digits=digits)
    exact = None if chosen.exact is None else Vector.of([to_rational(value) for value in chosen.exact])
    return PlateauLimit(chosen.support, exact, chosen, names)
