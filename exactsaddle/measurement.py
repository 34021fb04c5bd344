"""One run of the flow, reduced to what a comparison with the exact path needs: all rigorous balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from exactsaddle.errors import InvalidInput
from exactsaddle.flow import Enclosure, Flowpipe, Progress, enclose
from exactsaddle.flow.events import extrapolated_arrival
from exactsaddle.hypotheses import Hypothesis
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.rates import PredictedRate
from exactsaddle.rational import to_fraction, to_rational

_PIECES = 32
"""Parts into which each proved step is cut when a supremum is bounded."""


@dataclass(frozen=True)
class Measurement:
    """The flow at one α: per plateau the supremum over its middle and the distance at its centre.

    arrivals, by (jump, coordinate), are t(α) with the plateau's exact slope; arrivals_by_flow with the
    velocity of the flow itself. precision is the working precision in bits.
    """

    alpha: Fraction
    log_scale: arb
    precision: int
    supremum: tuple[arb, ...]
    probed: tuple[arb, ...]
    arrivals: Mapping[tuple[int, int], arb]
    arrivals_by_flow: Mapping[tuple[int, int], arb]


class Schedule:
    """Where to look at the flow of a path: middles and their centres, and a lookout for each jump.

    The lookout is the time on the plateau before with the best predicted exponent.
    """

    def __init__(self, path: SaddlePath, rates: Sequence[PredictedRate]) -> None:
        self.path, self.rates = path, tuple(rates)
        self.middles = tuple(middle(path, k) for k in range(len(path)))
        self.centres = tuple((start + end) / 2 for start, end in self.middles)
        self.lookouts = tuple(
            rate.best_time(saddle.jump_time, saddle.jump_time + to_fraction(saddle.next_hit.delta))
            for saddle, rate in zip(path, rates, strict=True)
            if saddle.next_hit is not None
        )

    def in_gradient(self, k: int) -> bool:
        """Whether distances on plateau k are those of ∇L, because β_k is not the only minimiser."""
        return any(f.hypothesis is Hypothesis.UNIQUE_MINIMISER for f in self.rates[k].failed)

    def measure(
        self, alpha: Fraction, radius: Fraction, progress: Callable[[Progress], bool | None] | None
    ) -> Measurement | None:
        """Enclose the flow at one α with balls of at most that radius; None when progress said stop."""
        times = sorted({t for pair in self.middles for t in pair} | {*self.centres, *self.lookouts})
        pipe = enclose(self.path.problem, alpha, times, radius=radius, keep=True, progress=progress)
        if not pipe.complete:
            return None
        points = {point.time: point for point in pipe.points}
        with ctx.workprec(pipe.precision + 32):
            probed = [self._distance(k, points[t]) for k, t in enumerate(self.centres)]
            supremum = [self._supremum(k, pipe, points) for k in range(len(self.path))]
        observed = [
            (saddle, j, t)
            for saddle, t in zip(self.path, self.lookouts, strict=False)
            if saddle.next_hit is not None
            for j in saddle.next_hit.coordinates
        ]
        return Measurement(
            alpha,
            pipe.log_scale,
            pipe.precision,
            tuple(supremum),
            tuple(probed),
            {(saddle.index + 1, j): arrival(saddle, pipe, t, j) for saddle, j, t in observed},
            {(saddle.index + 1, j): arrival_by_flow(saddle, pipe, t, j) for saddle, j, t in observed},
        )

    def _distance(self, k: int, seen: Enclosure) -> arb:
        """‖β − β_k‖_∞, or ‖∇L(β) − g_k‖_∞, over the balls of the enclosure."""
        saddle = self.path[k]
        apart = [b - arb(limit) for b, limit in zip(seen.beta, saddle.beta_vector, strict=True)]
        if self.in_gradient(k):
            columns = [saddle.problem.normal_equations.gram_column(j) for j in range(len(apart))]
            apart = [
                sum((arb(column[i]) * value for column, value in zip(columns, apart, strict=True)), arb(0))
                for i in range(len(apart))
            ]
        largest = arb(0)
        for value in apart:
            largest = largest.max(abs(value))
        return largest

    def _supremum(self, k: int, pipe: Flowpipe, points: Mapping[Fraction, Enclosure]) -> arb:
        """A ball around the sup over the middle: above by the hull, below by three of its points."""
        start, end = self.middles[k]
        below = arb(0)
        for time in (start, self.centres[k], end):
            below = below.max(self._distance(k, points[time]).lower())
        return below.union(self._distance(k, pipe.over(start, end, _PIECES)).upper())


def middle(path: SaddlePath, k: int) -> tuple[Fraction, Fraction]:
    """The middle of plateau k: its central half; [5t_p/4, 3t_p/2] of the last (t_p = 0: as if 1)."""
    start, hit = path[k].jump_time, path[k].next_hit
    if hit is None:
        span = start or Fraction(1)
        return start + span / 4, start + span / 2
    length = to_fraction(hit.delta)
    return start + length / 4, start + 3 * length / 4


def arrival(saddle: Saddle, pipe: Flowpipe, time: Fraction, j: int) -> arb:
    """When hitting coordinate j reaches its threshold, extrapolated from one moment of the plateau.

    t_m + (σ_j c_j − s_j^α(t_m))/(−g_j) with the exact slope −g_j of the plateau (MATH.md §5), a ball.
    """
    return extrapolated_arrival(pipe, time, j, _target(saddle, j), -saddle.gradient_vector[j])


def arrival_by_flow(saddle: Saddle, pipe: Flowpipe, time: Fraction, j: int) -> arb:
    """The same with the velocity −∇L(β̃^α)_j that the flow has at that moment, nothing of the plateau."""
    equations = saddle.problem.normal_equations
    seen = pipe.at(time)
    with ctx.workprec(pipe.precision):
        velocity = arb(equations.correlation[j])
        for g, b in zip(equations.gram_column(j), seen.beta, strict=True):
            velocity -= arb(g) * b
        return arb(to_rational(time)) + (arb(_target(saddle, j)) - seen.dual[j]) / velocity


def _target(saddle: Saddle, j: int) -> fmpq:
    """The threshold, signed, that coordinate j moves to on this plateau."""
    side = -1 if saddle.gradient_vector[j] > 0 else 1
    threshold = saddle.problem.threshold(j, side)
    if threshold is None:
        raise InvalidInput(f"plateau {saddle.index}: coordinate {j} has no threshold on the side it moves to")
    return side * threshold
