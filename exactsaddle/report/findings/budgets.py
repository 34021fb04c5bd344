"""What each part of a report may cost, and a part that is not there: Absent, with its reason.

No budget is a time: the same input gives the same findings on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.path import SaddlePath

T = TypeVar("T")
_SMALLEST, _LARGEST = arb("1e-150"), arb("1e150")
"""Within these bounds products of two numbers are floats as well."""


@dataclass(frozen=True)
class Absent:
    """A part of the findings that is not there, and why."""

    reason: str


NEEDS_EXACT = Absent(
    "it needs the exact numbers of the path, which are long here: the path was found by rigorous bounds "
    "(--arithmetic rational finds it in rationals)"
)
"""Why there is nothing that takes the exact numbers of a path found by balls."""


@dataclass(frozen=True)
class Budgets:
    """What each part may cost, in units that do not depend on the machine."""

    flow_work: int = 40_000
    """Σ over α of (saddles)·min(n, d)²·d, to which the work of enclosing the flow is proportional."""
    flow_digits: int = 5
    """Digits the balls around the flow are good for."""
    orbit_integrals: int = 3
    """Jumps without a closed-form correction that are followed numerically."""
    rays: int = 100
    """Vertices and extreme rays of one set of minimisers."""
    described: int = 40
    """Saddles with several minimisers that are described."""
    selected_width: int = 40
    """Coordinates of a set of minimisers in which the flow's choice is enclosed."""
    subsets: int = 2_000
    """Subsets of columns that are tried for general position."""
    knots: int = 1_000
    """Knots of the Lasso path."""
    multiplications: int = 200_000
    """Estimated rational multiplications of all properties together, in numbers of 1,000 bits."""
    eigenvalue_work: int = 500_000
    """(saddles)·min(n, d)³, to which the work of the relaxation rates is proportional."""
    ledger_work: int = 200_000
    """(saddles)·d², to which the work of the dearest statement of the ledger is proportional."""


def attempt(compute: Callable[[], T]) -> T | Absent:
    """What is computed, or the budget or hypothesis that is in the way."""
    try:
        return compute()
    except (Inconclusive, InvalidInput) as error:
        return Absent(str(error))


def exactly(path: SaddlePath, compute: Callable[[], T]) -> T | Absent:
    """The same, for what needs the exact numbers of a path."""
    return attempt(compute) if path.decisions is None else NEEDS_EXACT


def beyond(work: int, budget: int, units: str) -> Absent:
    """A part that would cost more than its budget; units says what is counted."""
    return Absent(f"beyond the budget: {work:,} units of work, of {budget:,} ({units})")


def beyond_floats(path: SaddlePath) -> Absent | None:
    """Why jump times, coefficients or losses cannot be floats, in which pictures and steps are planned."""
    sizes = [saddle.jump_time_ball(17) for saddle in path[1:]]
    sizes += [saddle.loss_ball(17) for saddle in path[:1]]
    sizes += [value for saddle in path for value in saddle.beta_ball(17) if value != 0]
    if all(_SMALLEST < abs(value) < _LARGEST for value in sizes if value != 0):
        return None
    return Absent("jump times or coefficients are beyond the range of binary64")
