"""One leg of an orbit: from a start on the unstable manifold of a saddle until its end is close."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flint import acb, acb_mat, arb

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.convergence.departure import Departure, depart
from exactsaddle.flow.one_sided import OneSidedFlow, OneSidedRun
from exactsaddle.numbers import Vector, enclose
from exactsaddle.problem import Problem

SLOW_TOLERANCE = 1e-3
"""How close an orbit must come to an end with zero slack, which it approaches like 1/τ only."""
_LENGTHENINGS = 16
"""How often a run that has not arrived is made half as long again."""


@dataclass(frozen=True)
class Leg:
    """One orbit to follow: from where, to where, who rests at the start and who rises from zero."""

    problem: Problem
    start: Vector
    end: Vector
    present: tuple[int, ...]
    hits: tuple[int, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Travelled:
    """A run along a leg, enclosed from its start at τ = −lead on; distance is max|β − end| where it stops.

    offset is S + τg there, (d,), g the gradient at the end: what D is if neither the start nor the stop were
    at a distance. slow: the end has zero slack.
    """

    leaving: Departure
    run: OneSidedRun
    distance: float
    slow: bool
    offset: tuple[arb, ...]

    @property
    def since(self) -> arb:
        """τ at the stop."""
        return self.run.elapsed - self.leaving.lead


def bits_for(digits: int) -> int:
    """Those in which an orbit of that many digits is run."""
    return int(3.33 * (digits + 10)) + 20


def travel(leg: Leg, offset: Sequence[arb] | None, digits: int, max_steps: int) -> Travelled:
    """Run along one leg; D at its start is offset, 0 when None. Raises Inconclusive."""
    equations = leg.problem.normal_equations
    after = equations.gradient(leg.end)
    active = sorted({*leg.present, *leg.hits})
    ending = [i for i in active if after[i] == 0]
    unique = equations.rank(ending) == len(ending)
    slow = unique and any(leg.end[i] == 0 for i in ending)
    with workprec(bits_for(digits) + 40):
        seed_exponent = -(digits // 2 + 2)
        leaving = depart(leg.problem, active, leg.signs, leg.start, leg.hits, offset, seed_exponent)
        run, distance = _arrive(
            leg, active, leaving, unique, digits, SLOW_TOLERANCE if slow else 10.0**-digits, max_steps
        )
        since = run.elapsed - leaving.lead
        left = tuple(
            s + change + since * arb(g)
            for s, change, g in zip(leaving.duals, run.dual_change, after, strict=True)
        )
    return Travelled(leaving, run, distance, slow, left)


def _arrive(
    leg: Leg,
    active: Sequence[int],
    leaving: Departure,
    unique: bool,
    digits: int,
    tolerance: float,
    max_steps: int,
) -> tuple[OneSidedRun, float]:
    """Run until the end of the leg is within the tolerance, or raise Inconclusive."""
    flow = OneSidedFlow.starting_at(leg.problem, active, leg.signs, leaving.sizes, bits_for(digits))
    duration = leaving.lead + _approach_guess(leg, active, tolerance)
    for _ in range(_LENGTHENINGS):
        run = flow.run(arb(duration), f"1e-{digits + 5}", max_steps)
        distance = _distance(leg, run.beta, unique)
        if distance <= tolerance:
            return run, distance
        duration *= 1.5
    raise Inconclusive(f"an orbit is still {distance:.1e} from its end after {_LENGTHENINGS} attempts")


def _approach_guess(leg: Leg, active: Sequence[int], tolerance: float) -> float:
    """About how long the end takes to be approached to a millionth of the tolerance: a guess, in floats.

    By the slowest of 2λ(diag|β_A| G_AA) > 0 at the end and of 2|g_i| of who dies, over units; else like 1/τ.
    """
    problem, gradient = leg.problem, leg.problem.normal_equations.gradient(leg.end)
    alive = leg.end.support
    columns = [problem.normal_equations.gram_column(j) for j in alive]
    units = [enclose(problem.network.unit(i)) for i in range(problem.d)]
    matrix = acb_mat([[acb(abs(leg.end[i]) * column[i]) / units[i] for column in columns] for i in alive])
    # FLINT's eigenvalues, unproved too, are the same on every processor
    rates = [2 * float(value.real.mid()) for value in matrix.eig(algorithm="approx")] if alive else []
    rates += [2 * float(abs(arb(gradient[i])) / units[i]) for i in active if leg.end[i] == 0]
    fastest = max(rates, default=1.0)
    slowest = min((rate for rate in rates if rate > 1e-12 * fastest), default=1.0)
    if tolerance == SLOW_TOLERANCE:
        return 10 / (tolerance * slowest)
    return (math.log(1 / tolerance) + math.log(1e6)) / slowest


def _distance(leg: Leg, beta: Sequence[arb], unique: bool) -> float:
    apart = [b - arb(end) for b, end in zip(beta, leg.end, strict=True)]
    if not unique:
        columns = [leg.problem.normal_equations.gram_column(j) for j in range(leg.problem.d)]
        apart = [
            sum((arb(column[i]) * value for column, value in zip(columns, apart, strict=True)), arb(0))
            for i in range(leg.problem.d)
        ]
    return max(float(abs(value).upper()) for value in apart)
