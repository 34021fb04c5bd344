"""One run of the flow, reduced to what a comparison with the exact path needs: all rigorous balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from exactsaddle.base import InvalidInput, workprec
from exactsaddle.convergence.rates import predicted_rate
from exactsaddle.flow import Enclosure, Flowpipe, Progress, Runs, enclose, enclose_decay
from exactsaddle.flow.events import extrapolated_arrival
from exactsaddle.minimisers import plateau_limit
from exactsaddle.numbers import (
    Number,
    RootSum,
    magnitude,
    round_to_units,
    simplest,
    to_fraction,
    to_rational,
)
from exactsaddle.numbers import enclose as to_ball
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.path.descent import WeightPath

_SPLITS = 400
"""Bisections at most, of the interval with the largest bound each time: all only for a sup at a rung."""
_SHARP = 22
"""Bits of a plateau's length by which rational ends are told from irrational ones."""
_LONG = 4096
"""Bits of a denominator from which on a rational is long."""
_RUNG = 1 + fmpq(1, 128)
"""The ratio of the ladder of bounds of a supremum."""


@dataclass(frozen=True)
class Measurement:
    """The flow at one α: by plateau the supremum over its middle and the distance at its centre.

    chosen are those plateaus: of a run that was stopped, the first of those that were wanted.
    log_scale is ln(1/α), per_unit 1/ε of the network's link (the same at depth 2).
    arrivals, by (jump, coordinate), are t(α) with the plateau's exact slope; arrivals_by_flow with the
    velocity of the flow itself. precision is the working precision in bits.
    """

    chosen: tuple[int, ...]
    alpha: Fraction
    log_scale: arb
    per_unit: arb
    precision: int
    supremum: Mapping[int, arb]
    probed: Mapping[int, arb]
    arrivals: Mapping[tuple[int, int], arb]
    arrivals_by_flow: Mapping[tuple[int, int], arb]


class Schedule:
    """Where to look at the flow of a path: middles and their centres, and a lookout for each jump.

    All by plateau, for those that are chosen. The lookout is the time on the plateau before with the best
    predicted exponent. limits are where the flow tends on each plateau, to ``digits`` digits where it is not
    rational. runs are asked for the flow where there are some.
    """

    def __init__(
        self, path: SaddlePath, chosen: Sequence[int], digits: int, runs: Runs | None = None
    ) -> None:
        self.path, self.chosen, self.runs = path, tuple(chosen), runs
        self.rates = {k: predicted_rate(path[k]) for k in chosen}
        self.limits = {k: plateau_limit(path[k], digits=digits) for k in chosen}
        self.middles = {k: middle(path, k) for k in chosen}
        self.centres = {k: (start + end) / 2 for k, (start, end) in self.middles.items()}
        self.lookouts = {
            k: self.rates[k].best_time(*_inside(path[k].exact_time, length))
            for k in chosen
            if (length := path.length_after(k)) is not None
        }

    def measure(
        self, alpha: Fraction, radius: Fraction, progress: Callable[[Progress], bool | None] | None
    ) -> Measurement:
        """Enclose the flow at one α with balls of at most that radius, up to where progress says stop."""
        times = sorted(
            {t for pair in self.middles.values() for t in pair}.union(
                self.centres.values(), self.lookouts.values()
            )
        )
        pipe = self._enclosed(alpha, times, radius, progress)
        points = {point.time: point for point in pipe.points}
        chosen = tuple(k for k in self.chosen if points.keys() >= {*self.middles[k], *self._lookout(k)})
        with workprec(pipe.precision + 32):
            probed = {k: self._distance(k, points[t].beta) for k, t in self.centres.items() if k in chosen}
            supremum = {k: self._supremum(k, pipe, points) for k in chosen}
        observed = [
            (self.path[k], j, t) for k, t in self.lookouts.items() if k in chosen for j in self.path[k].hits
        ]
        return Measurement(
            chosen,
            alpha,
            pipe.log_scale,
            pipe.per_unit,
            pipe.precision,
            supremum,
            probed,
            {(saddle.index + 1, j): arrival(saddle, pipe, t, j) for saddle, j, t in observed},
            {(saddle.index + 1, j): arrival_by_flow(saddle, pipe, t, j) for saddle, j, t in observed},
        )

    def _enclosed(
        self,
        alpha: Fraction,
        times: Sequence[Fraction],
        radius: Fraction,
        progress: Callable[[Progress], bool | None] | None,
    ) -> Flowpipe:
        """The flow whose limit the path is, in its coordinates, with balls of at most that radius."""
        path = self.path
        if isinstance(path, WeightPath):
            problem, rule = path.source.problem, path.rule
            return enclose_decay(
                problem, rule, alpha, times, radius=2 * radius, keep=True, progress=progress
            ).pipe
        if self.runs is not None:
            return self.runs.enclose(alpha, times, radius=radius, progress=progress)
        return enclose(path.problem, alpha, times, radius=radius, keep=True, progress=progress)

    def _lookout(self, k: int) -> tuple[Fraction, ...]:
        return (self.lookouts[k],) if k in self.lookouts else ()

    def _distance(self, k: int, betas: Sequence[arb]) -> arb:
        """The distance in the maximum norm from the flow's limit on plateau k, over the balls given."""
        apart = [b - limit for b, limit in zip(betas, self.limits[k].balls(), strict=True)]
        largest = arb(0)
        for value in apart:
            largest = largest.max(abs(value))
        return largest

    def _supremum(self, k: int, pipe: Flowpipe, points: Mapping[Fraction, Enclosure]) -> arb:
        """A ball around the sup over the middle: above by hulls, below by three of its points.

        Its upper end is the first of a ladder, which starts at the points, that is no less than the sup: that
        depends on the flow alone, however the steps cut the middle.
        """
        start, end = self.middles[k]
        seen = arb(0)
        for time in (start, self.centres[k], end):
            seen = seen.max(self._distance(k, points[time].beta))
        below = seen.lower()
        level = seen.upper().max(arb((1, -pipe.grid.bits))) * _RUNG

        def bound(left: Fraction, right: Fraction) -> tuple[arb, Fraction, Fraction]:
            return self._distance(k, pipe.betas_over(left, right)).upper(), left, right

        intervals = [bound(start, end)]
        for _ in range(_SPLITS):
            worst = 0
            for index, (above, _, _) in enumerate(intervals):
                worst = index if above > intervals[worst][0] else worst
            above, left, right = intervals[worst]
            if above <= level:
                return below.union(level)
            half = (left + right) / 2
            intervals[worst : worst + 1] = [bound(left, half), bound(half, right)]
            found = self._distance(k, pipe.at(half).beta).lower()
            while found > level:
                level *= _RUNG
        for above, _, _ in intervals:
            while not above <= level:
                level *= _RUNG
        return below.union(level)


def middle(path: SaddlePath, k: int) -> tuple[Fraction, Fraction]:
    """The middle of plateau k: its central half; [5t_p/4, 3t_p/2] of the last (t_p = 0: as if 1).

    A path that a rule ended may have less of its last plateau, and then half as much of it is looked at.
    """
    time, length, known = path[k].exact_time, path.length_after(k), path[k].exact_length
    if length is None:
        span = fmpq(1) if time == 0 else time
        start, end = _inside(time, span if known is None else min(span, known))
        return start + (end - start) / 4, start + (end - start) / 2
    start, end = _inside(time, length)
    return start + (end - start) / 4, start + 3 * (end - start) / 4


def _inside(time: Number, length: Number) -> tuple[Fraction, Fraction]:
    """The ends of a plateau; for one irrational or long, a short rational up to 2^−20 of its length inside.

    Times between them are made by exact arithmetic thousands of times.
    """
    ends = simplest(time), simplest(time + length)
    places = _SHARP - magnitude(length)
    unit = fmpq(1, 2) ** places if places > 0 else fmpq(2) ** -places
    start, end = (
        (round_to_units(value, places) + inwards) * unit
        if isinstance(value, RootSum) or value.q.bit_length() > _LONG
        else value
        for value, inwards in zip(ends, (1, -1), strict=True)
    )
    return to_fraction(start), to_fraction(end)


def arrival(saddle: Saddle, pipe: Flowpipe, time: Fraction, j: int) -> arb:
    """When hitting coordinate j reaches its threshold, extrapolated from one moment of the plateau.

    t_m + (σ_j c_j − s_j^α(t_m))/(−g_j) with the exact slope −g_j of the plateau (MATHEMATICS.md §5), a ball.
    """
    return extrapolated_arrival(pipe, time, j, _target(saddle, j), -saddle.gradient_vector[j])


def arrival_by_flow(saddle: Saddle, pipe: Flowpipe, time: Fraction, j: int) -> arb:
    """The same with the velocity that the flow has at that moment, nothing of the plateau."""
    equations = saddle.problem.normal_equations
    seen = pipe.at(time)
    with workprec(pipe.precision):
        velocity = arb(equations.correlation[j] + (pipe.reduced.drift or [0] * (j + 1))[j])
        for g, b in zip(equations.gram_column(j), seen.beta, strict=True):
            velocity -= arb(g) * b
        return arb(to_rational(time)) + (to_ball(_target(saddle, j)) - seen.dual[j]) / velocity


def _target(saddle: Saddle, j: int) -> Number:
    """The threshold, signed, that coordinate j moves to on this plateau."""
    side = -1 if saddle.gradient_vector[j] > 0 else 1
    threshold = saddle.problem.bound(j, side)
    if threshold is None:
        raise InvalidInput(
            f"plateau {saddle.index}: column {saddle.problem.names[j]!r} has no threshold where it moves to"
        )
    return threshold * side
