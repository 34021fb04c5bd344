"""The gradient flow in mpmath, in the network's own coordinates w±: numerical evidence, not a proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import mpf

from exactsaddle.base import Inconclusive, InvalidInput, mpmath_workprec, one_at_a_time, workprec
from exactsaddle.flow.arguments import check_alpha, check_times
from exactsaddle.flow.cost import stiffness
from exactsaddle.flow.flow_point import Advance, FlowPoint
from exactsaddle.flow.taylor import Equations, Series, expand
from exactsaddle.numbers import Carried, to_fraction, to_rational
from exactsaddle.path import saddle_path
from exactsaddle.path.rules import WeightDecay, require_two_layers
from exactsaddle.problem import Link, Network, Problem
from exactsaddle.problem.links.link import to_mpf

MAX_DIGITS = 10_000
MAX_WORK = 1_000_000.0
_MAX_GROWTH = 8.0
"""The most ln(w±) may change in one step: what no small coefficient can argue away."""


@dataclass(frozen=True, eq=False)
class _Segment(Carried):
    start: Fraction
    end: Fraction
    series: Series

    def state(self, time: Fraction) -> list[mpf]:
        return self.series.at(_mpf(time - self.start) * self.series.rate)


@dataclass(frozen=True, eq=False)
class Trajectory(Carried):
    """A numerical solution of the flow, made by ``integrate``: none of its digits is proved.

    points are at the requested times, fewer when ``progress`` asked to stop (complete is False then);
    ``at`` gives any other time of a run with keep=True.
    """

    problem: Problem
    alpha: Fraction
    digits: int
    order: int
    step_count: int
    points: tuple[FlowPoint, ...]
    complete: bool
    _solver: _Solver = field(repr=False)
    _segments: tuple[_Segment, ...] = field(repr=False)

    def at(self, time: Any) -> FlowPoint:
        """The solution at an accelerated time in [0, last time], from the step's own polynomial."""
        wanted = to_fraction(to_rational(time))
        if not self._segments:
            raise InvalidInput("this trajectory kept no steps: call integrate with keep=True")
        for segment in (known for known in self._segments if known.start <= wanted <= known.end):
            with mpmath_workprec(self._solver.equations.precision):
                return self._solver.point(wanted, segment.state(wanted))
        raise InvalidInput(f"time {wanted} is outside [0, {self._segments[-1].end}]")


@one_at_a_time
def integrate(
    problem: Problem,
    alpha: Any,
    times: Iterable[Any],
    *,
    network: Network | None = None,
    rule: WeightDecay | None = None,
    digits: int = 30,
    order: int | None = None,
    keep: bool = False,
    max_work: float = MAX_WORK,
    progress: Callable[[Advance], bool | None] | None = None,
) -> Trajectory:
    """Integrate the flow of the weights by Taylor series in mpmath, aiming at that many digits of β.

    alpha is a rational in (0, 1), exact ("1e-1000"); times are accelerated, ≥ 0 and increasing.
    The network is the problem's unless one is given; rule adds weight decay, on u ⊙ v alone. The order
    defaults to what costs least at that precision. Steps are bounded by the last coefficients relative to
    each w± and by the growth of each w±, so that neither a tiny α nor a plateau lets one be skipped; still
    the result is numerical evidence (``enclose`` proves). ``progress`` is called after each step; returning
    False ends the run. Raises InvalidInput for bad arguments and Inconclusive, with the estimate, when S/ε
    (cost.py) exceeds max_work.
    """
    scale, wanted = check_alpha(alpha), [to_fraction(time) for time in check_times(times)]
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InvalidInput(f"digits must be an integer from 1 to {MAX_DIGITS}, not {digits!r}")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int) or order < 4):
        raise InvalidInput(f"order must be an integer of at least 4, not {order!r}")
    problem = problem.with_network(network)
    if rule is not None:
        require_two_layers(problem, rule)
        rule.fits(problem.d)
    with workprec(64):
        per_unit = float(1 / problem.network.link(problem.d).unit(scale))
    work = per_unit * stiffness(saddle_path(problem), wanted[-1])
    if work > max_work:
        raise Inconclusive(
            f"an explicit integrator needs about {work:.3g} units of work to t = {wanted[-1]}, "
            f"over the budget of {max_work:.3g}; the rigorous integrator is implicit and does not"
        )
    solver = _Solver.of(problem, to_fraction(scale), digits, rule)
    used = order or max(12, round(0.4 * solver.equations.precision))
    points: list[FlowPoint] = []
    segments: list[_Segment] = []
    count = 0
    with mpmath_workprec(solver.equations.precision):
        for segment in solver.segments(used):
            count += 1
            while len(points) < len(wanted) and wanted[len(points)] <= segment.end:
                time = wanted[len(points)]
                points.append(solver.point(time, segment.state(time)))
            if keep:
                segments.append(segment)
            done = len(points) == len(wanted)
            if done or (progress and progress(Advance(segment.end, count, tuple(points))) is False):
                break
    return Trajectory(
        problem,
        to_fraction(scale),
        digits,
        used,
        count,
        tuple(points),
        len(points) == len(wanted),
        solver,
        tuple(segments),
    )


@dataclass(frozen=True, eq=False)
class _Solver(Carried):
    """The network's equations with its start and what it conserves, at one working precision.

    They are those of the columns divided by ``units``, (d,): its coefficients are γ_i = units_i·β_i.
    """

    problem: Problem
    equations: Equations
    link: Link
    scale: mpf
    units: tuple[mpf, ...]
    start: tuple[mpf, ...]
    penalties: tuple[mpf, ...]

    @classmethod
    def of(cls, problem: Problem, alpha: Fraction, digits: int, rule: WeightDecay | None) -> _Solver:
        magnitude = math.log10(alpha.denominator) - math.log10(alpha.numerator)
        precision = math.ceil((digits + 10) * math.log2(10) + 2 * math.log2(1 + magnitude)) + 16
        with mpmath_workprec(precision):
            link, scale = problem.network.link(problem.d), _mpf(alpha)
            penalties = tuple(
                mpf(0) if rule is None else _mpf(to_fraction(rule.penalty(i))) for i in range(problem.d)
            )
            units = [to_mpf(problem.network.unit(i)) for i in range(problem.d)]
            terms = [
                (i, side, link.weight(i, to_mpf(bound - problem.initial_dual[i] * side) / units[i], scale))
                for side in (1, -1)
                for i in range(problem.d)
                if (bound := problem.bound(i, side)) is not None
            ]
            equations = Equations(
                tuple(
                    tuple(_mpf(g) / (unit * other) for g, other in zip(row, units, strict=True))
                    for row, unit in zip(problem.gram, units, strict=True)
                ),
                tuple(_mpf(r) / unit for r, unit in zip(problem.correlation, units, strict=True)),
                link.degree,
                link.halves,
                link.speed(scale),
                tuple(i for i, _, _ in terms),
                tuple(side for _, side, _ in terms),
                tuple(link.speed(scale) * penalties[i] for i, _, _ in terms),
                precision,
            )
        starts = tuple(w for _, _, w in terms)
        return cls(problem, equations, link, scale, tuple(units), starts, penalties)

    def segments(self, order: int) -> Iterable[_Segment]:
        """Steps one after another, without end."""
        equations = self.equations
        tolerance = equations.precision - 8
        state: Sequence[mpf] = self.start
        time = Fraction(0)
        rate = self._first_rate(state)
        while True:
            series = expand(equations, state, order, rate)
            sigma = min(0.9 * series.reach(tolerance), 1.0)
            segment = self._accepted(series, time, sigma)
            yield segment
            sigma = float(_mpf(segment.end - time) * series.rate)
            state, time = segment.state(segment.end), segment.end
            rate = series.rate * min(4.0, max(0.25, 0.7 / series.reach(tolerance)))

    def _first_rate(self, state: Sequence[mpf]) -> mpf:
        equations = self.equations
        velocity = equations.velocity(equations.beta(state))
        growth = [
            abs(velocity[i]) * w ** (equations.degree - 2)
            for i, w in zip(equations.owner, state, strict=True)
        ]
        fastest = max(growth, default=mpf(0)) + max(self.penalties, default=mpf(0))
        return equations.speed * (fastest or mpf(1))

    def _accepted(self, series: Series, start: Fraction, sigma: float) -> _Segment:
        """The step of that σ, shortened until no w± grows or falls by more than e^_MAX_GROWTH."""
        before = series.at(mpf(0))
        while True:
            segment = _Segment(start, start + _dyadic(mpf(sigma) / series.rate), series)
            after = segment.state(segment.end)
            if all(
                w > 0 and abs(mpmath.log(w / w0)) <= _MAX_GROWTH for w, w0 in zip(after, before, strict=True)
            ):
                return segment
            sigma /= 2
            if sigma < 1e-12:
                raise Inconclusive(f"t = {float(start):.12g}: no step keeps the growth of w± in bounds")

    def point(self, time: Fraction, state: Sequence[mpf]) -> FlowPoint:
        """What is observed at a state."""
        equations, problem = self.equations, self.problem
        beta = [b / unit for b, unit in zip(equations.beta(state), self.units, strict=True)]
        # what decay alone leaves of a weight taken out
        found = {(i, side): w / self._left(i, time) for (i, side), w in self._sides(state).items()}
        began = self._sides(self.start)
        drifts = [
            abs(self.link.conserved(w, found[i, -1]) / self.link.conserved(began[i, 1], began[i, -1]) - 1)
            for (i, side), w in found.items()
            if side > 0 and (i, -1) in found
        ]
        residual = [
            _mpf(y) - mpmath.fdot([_mpf(x) for x in row], beta)
            for y, row in zip(problem.y, problem.X, strict=True)
        ]
        loss = mpmath.fdot(residual, residual) / (2 * problem.n)
        dual = tuple(self._dual(i, found.get((i, 1)), found.get((i, -1))) for i in range(problem.d))
        return FlowPoint(time, tuple(beta), dual, loss, max(drifts) if drifts else None, problem.names)

    def _left(self, i: int, time: Fraction) -> mpf:
        """The factor by which decay alone shrinks a weight."""
        return mpmath.exp(-self.equations.speed * self.penalties[i] * _mpf(time))

    def _sides(self, state: Sequence[mpf]) -> dict[tuple[int, int], mpf]:
        """The weights by coordinate and side."""
        keys = zip(self.equations.owner, self.equations.side, strict=True)
        return dict(zip(keys, state, strict=True))

    def _dual(self, i: int, plus: mpf | None, minus: mpf | None) -> mpf:
        """s_i from its distances to the two thresholds: from both where both exist."""
        from_sides = [
            side * (to_mpf(bound) - self.units[i] * self.link.distance_of(i, w, self.scale))
            for side, w in ((1, plus), (-1, minus))
            if w is not None and (bound := self.problem.bound(i, side)) is not None
        ]
        return mpmath.fsum(from_sides) / len(from_sides)


def _mpf(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


def _dyadic(value: mpf) -> Fraction:
    """A dyadic rational of 20 bits just below a positive number: step lengths, so that times stay short."""
    mantissa, exponent = mpmath.frexp(value)
    return Fraction(int(mantissa * 2**20)) * Fraction(2) ** (int(exponent) - 20)
