"""The first order of jump times in the step, over Q."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Carried, to_fraction
from exactsaddle.path.descent.duals import Duals
from exactsaddle.path.descent.path import DescentPath, descent_path
from exactsaddle.path.rules import SteppedRule
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Jet:
    """value + slope·η, up to O(η²)."""

    value: fmpq
    slope: fmpq

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, self.slope + other.slope)

    def __radd__(self, other: fmpq) -> Jet:
        return Jet(other + self.value, self.slope)

    def __sub__(self, other: Jet) -> Jet:
        return Jet(self.value - other.value, self.slope - other.slope)

    def __rsub__(self, other: fmpq) -> Jet:
        return Jet(other - self.value, -self.slope)

    def __mul__(self, other: Jet) -> Jet:
        return Jet(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __truediv__(self, other: Jet) -> Jet:
        quotient = self.value / other.value
        return Jet(quotient, (self.slope - quotient * other.slope) / other.value)

    def __rtruediv__(self, other: fmpq) -> Jet:
        return Jet(other, fmpq(0)) / self


@dataclass(frozen=True)
class JumpExpansion(Carried):
    """t_k(η) = times[k] + slopes[k]·η + O(η²), k = 0, 1, …, for the events of ``path``, the flow's.

    All exact. ``stopped_by`` is None when every jump of the path is there; else it says why the rest is not.
    """

    path: DescentPath
    times: tuple[Fraction, ...]
    slopes: tuple[Fraction, ...]
    stopped_by: str | None


def expand_jump_times(problem: Problem, rule: SteppedRule) -> JumpExpansion:
    """dt_k/dη at η = 0 of every jump, from the events of the rule's flow; the rule's own step plays no part.

    The recursion for the duals, in numbers value + slope·η with rates a₀ + a₁η: for descent a₁ = −f²/2. While
    the events stay the flow's, which they do for small η when no two sides tie, these are the derivatives.
    A tie that the first order breaks ends the expansion there. Source: MATHEMATICS.md §9.
    """
    if not isinstance(rule, SteppedRule):
        raise InvalidInput(f"{rule!r} has no step to expand in")
    path = descent_path(problem, rule=rule.flow)
    duals = Duals(problem, rule.flow, lambda drive: Jet(*rule.expansion(drive)))
    times = [Jet(fmpq(0), fmpq(0))]
    stopped_by = path.stopped_by
    for k, plateau in enumerate(path.plateaus):
        if not plateau.hits:
            break
        waits = duals.waits(duals.drives(plateau.gradient))
        landings = {waits[side] for side in plateau.hits}
        if len(landings) > 1:
            stopped_by = f"the tie at the end of plateau {k}, which any small step breaks"
            break
        duals.advance(plateau)
        times.append(duals.time)
    values, slopes = (tuple(to_fraction(getattr(t, part)) for t in times) for part in ("value", "slope"))
    return JumpExpansion(path, values, slopes, stopped_by)
