"""What orbits leave in the dual for good, enclosed: D_k = Xᵀζ_k/n, ζ_k in a ball of Rⁿ (MATHEMATICS.md §6).

With S = Xᵀz/n an orbit is z' = y − Xβ, and no two of them part: ⟨z − z̃, X(β − β̃)⟩ = n⟨S − S̃, β − β̃⟩ ≥ 0. So
errors of ζ add up along a path and never grow, and a curve that solves z' = y − Xβ but for e is off by ∫‖e‖.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from flint import arb, arb_mat

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.convergence.hypotheses import Hypothesis, closed_form_failures
from exactsaddle.convergence.legs import Leg, Travelled, travel
from exactsaddle.minimisers import has_independent_columns, resting
from exactsaddle.numbers import Carried, Vector, enclose
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Network, Problem

BITS = 256
"""Precision of what is solved."""


@dataclass(frozen=True, eq=False)
class Memory(Carried):
    """ζ on one plateau: within radius of centre, n numbers, in the Euclidean norm."""

    centre: tuple[arb, ...]
    radius: arb

    @classmethod
    def around(cls, zeta: Sequence[arb], radius: arb) -> Memory:
        """The radii of n balls go into the one radius: each system that is solved would magnify them."""
        rest = _norm(value - value.mid() for value in zeta)
        return cls(tuple(value.mid() for value in zeta), (radius + rest).upper())


class Remembering:
    """ζ from plateau to plateau of one path, where columns on thresholds are independent."""

    def __init__(self, path: SaddlePath, digits: int, max_steps: int) -> None:
        self._path, self._problem = path, path.problem
        self._digits, self._max_steps = digits, max_steps
        self._link = path.problem.network.link(path.problem.d)
        with workprec(BITS):
            self._columns = [[arb(x) for x in path.problem.column(i)] for i in range(path.problem.d)]
            self._norms = [_norm(column) for column in self._columns]

    def beginning(self, k: int) -> Memory | None:
        """X_A G_AA⁻¹ D_A where D_k has a closed form, or would if norms were rational; None elsewhere."""
        failed = {failure.hypothesis for failure in closed_form_failures(self._path, k)}
        saddle = self._path[k]
        if failed - {Hypothesis.RATIONAL_NORMS} or not has_independent_columns(saddle):
            return None
        with workprec(BITS):
            nothing = [arb(0)] * self._problem.n
            return Memory.around(self._nearest(nothing, saddle.support, self._carried(saddle)), arb(0))

    def offset(self, memory: Memory) -> tuple[arb, ...]:
        """D, (d,)."""
        with workprec(BITS):
            widths = (arb(0, norm * memory.radius / self._problem.n) for norm in self._norms)
            every = self._duals(memory.centre, range(self._problem.d))
            return tuple(value + width for value, width in zip(every, widths, strict=True))

    def after(self, memory: Memory, k: int, *, orbits: bool) -> Memory | None:
        """ζ_k from ζ_{k−1}; None where columns are dependent, or it takes an orbit and orbits are not wanted.

        Where all that are on a threshold at t_k carry β_k, the integrals of β̃ − β over the jump are theirs
        alone: ζ moves in the span of their columns, until D on the support is what it is there. Raises
        Inconclusive where an orbit does not end, or BITS are too few.
        """
        before, after = self._path[k - 1], self._path[k]
        if set(resting(after)) != set(after.support) or not has_independent_columns(after):
            return None
        with workprec(BITS):
            known = self._carried(after)
            if after.active_set == after.support:
                return Memory.around(self._nearest(memory.centre, after.support, known), memory.radius)
            if not orbits or self._problem.normal_equations.rank(after.active_set) < len(after.active_set):
                return None
            start = self._nearest(memory.centre, before.support, self._carried(before))
            leg = _leg(self._problem, before, after)
            travelled = travel(leg, self._duals(start, after.active_set), self._digits, self._max_steps)
            arrived = self._nearest(start, after.active_set, travelled.offset)
            end = self._nearest(arrived, after.support, known)
            norms = [self._norms[i] for i in after.active_set]
            nothing = [arb(0)] * self._problem.n
            rounded = _norm(self._nearest(nothing, after.active_set, _rounding(leg, travelled)))
            apart = rounded + _norm(a - b for a, b in zip(end, arrived, strict=True))
            duals = self._duals(end, after.active_set)
            off = [*_departing(leg, travelled), *_dying(leg, travelled, duals, norms, apart)]
            # by 2·rounded: the run starts there, and its D is taken from where it should have started
            errors = (norm * error for norm, error in zip((*norms, *norms), off, strict=True))
            return Memory.around(end, sum(errors, memory.radius + 2 * rounded))

    def _carried(self, saddle: Saddle) -> list[arb]:
        """D on the support of a saddle: σ ⊙ φ'(|β|)."""
        sizes = ((i, abs(enclose(saddle.beta_vector[i]))) for i in saddle.support)
        return [-saddle.signs[i] * self._link.distance(i, size) for i, size in sizes]

    def _duals(self, zeta: Sequence[arb], columns: Iterable[int]) -> list[arb]:
        """Xᵀζ/n at these columns."""
        products = (
            sum((x * z for x, z in zip(self._columns[i], zeta, strict=True)), arb(0)) for i in columns
        )
        return [product / self._problem.n for product in products]

    def _nearest(self, zeta: Sequence[arb], columns: Sequence[int], duals: Sequence[arb]) -> list[arb]:
        """The point nearest to ζ, of those with these duals at independent columns.

        Raises Inconclusive where BITS do not tell the columns from dependent ones.
        """
        if not columns:
            return list(zeta)
        wide = arb_mat([self._columns[i] for i in columns])
        missing = [[d - own] for d, own in zip(duals, self._duals(zeta, columns), strict=True)]
        try:
            weights = (wide * wide.transpose()).solve(arb_mat(missing) * self._problem.n)
        except ZeroDivisionError:
            raise Inconclusive(f"columns are not told from dependent ones by {BITS} bits") from None
        move = wide.transpose() * weights
        return [value + step for value, step in zip(zeta, move.entries(), strict=True)]


def _leg(problem: Problem, before: Saddle, after: Saddle) -> Leg:
    """The orbit between two saddles on the columns that are on thresholds, which are all that move."""
    active, network = after.active_set, problem.network
    scales = network.scales
    own = Network(
        network.depth,
        tuple(scales[i] for i in active) if isinstance(scales, tuple) else scales,
        network.parametrisation,
        None if network.units is None else tuple(network.units[i] for i in active),
    )
    return Leg(
        Problem([[row[i] for i in active] for row in problem.X], problem.y, network=own),
        Vector.of([before.beta_vector[i] for i in active]),
        Vector.of([after.beta_vector[i] for i in active]),
        tuple(place for place, i in enumerate(active) if i in set(before.support)),
        tuple(place for place, i in enumerate(active) if i in before.hits),
        tuple(after.signs[i] for i in active),
    )


def _rounding(leg: Leg, travelled: Travelled) -> list[arb]:
    """S where the run starts, less where it was to start."""
    link = leg.problem.network.link(leg.problem.d)
    sizes = travelled.run.flow.sizes(leg.signs)
    return [
        -sign * link.distance(i, size) - dual
        for i, (sign, size, dual) in enumerate(zip(leg.signs, sizes, travelled.leaving.duals, strict=True))
    ]


def _departing(leg: Leg, travelled: Travelled) -> list[arb]:
    """∫|e_i| up to the start, for the curve S that solves the equation to first order in the seeds ξ.

    It is off its straight line by at most sway·e^(r(τ − τ_0)), r the least rate of a seed: |β_i| times e^x,
    |x| ≤ x̄e^(r(τ − τ_0)), x̄ = 2·sway_i/N_i. To first order that is |β_i|(1 + x), and ξ at a hit: e_i is at
    most |β_i|x²e^|x|/2, and ξ|x|e^|x|.
    """
    problem, leaving = leg.problem, travelled.leaving
    link = problem.network.link(problem.d)
    rates = _rates(leg, leg.start)
    rate = reduce(arb.min, (rates[j] for j in leg.hits))
    found = []
    for i, sway in enumerate(leaving.sway):
        most = 2 * sway / enclose(problem.network.unit(i))
        if i in leg.hits:
            straight = leaving.duals[i] + leg.signs[i] * sway * arb(0, 1)
            found.append(link.value(i, -leg.signs[i] * straight) * most * most.exp() / (2 * rate))
        else:
            found.append(abs(enclose(leg.start[i])) * most**2 * most.exp() / (4 * rate))
    return found


def _dying(
    leg: Leg, travelled: Travelled, offset: Sequence[arb], norms: Sequence[arb], apart: arb
) -> list[arb]:
    """∫|β_i| of those who do not carry the end, from the stop on: what ζ has outside the span of the others.

    On S = D − τg, D = offset, |β_i| falls like e^(−rate·τ). That curve, apart from the run at the stop by so
    much in z, is off by it alone: the run stays within apart + Σ‖X_i‖∫|β_i|, its S_i within ‖X_i‖/n of that.
    """
    problem = leg.problem
    link = problem.network.link(problem.d)
    gradient = problem.normal_equations.gradient(leg.end)
    rates = _rates(leg, leg.end)
    straight = [
        link.value(i, -sign * (offset[i] - travelled.since * arb(gradient[i]))) / rates[i]
        if leg.end[i] == 0
        else arb(0)
        for i, sign in enumerate(leg.signs)
    ]
    apart = apart + sum((norm * value for norm, value in zip(norms, straight, strict=True)), arb(0))
    units = (enclose(problem.network.unit(i)) for i in range(problem.d))
    return [
        value * (2 * norm * apart / (problem.n * unit)).exp()
        for value, norm, unit in zip(straight, norms, units, strict=True)
    ]


def _rates(leg: Leg, beta: Vector) -> list[arb]:
    """2|g_i|/N_i at a saddle."""
    gradient = leg.problem.normal_equations.gradient(beta)
    units = (enclose(leg.problem.network.unit(i)) for i in range(leg.problem.d))
    return [2 * abs(arb(g)) / unit for g, unit in zip(gradient, units, strict=True)]


def _norm(values: Iterable[arb]) -> arb:
    """At least the Euclidean norm."""
    return sum((abs(value).upper() ** 2 for value in values), arb(0)).sqrt().upper()
