"""The gradient flow in balls: every ball returned contains the true value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, reduce
from typing import Any

from flint import arb, ctx, fmpq
from threadpoolctl import ThreadpoolController

from exactsaddle.base import Inconclusive
from exactsaddle.flow.arguments import check_alpha, check_radius, check_times
from exactsaddle.flow.chebyshev import basis
from exactsaddle.flow.collocation import Collocator, Proved, Step
from exactsaddle.flow.flowpipe import Enclosure, Flowpipe, Progress
from exactsaddle.flow.hull import Hull, hull_at
from exactsaddle.flow.vector_field import BallField, ReducedFlow
from exactsaddle.numbers import to_decimal, to_float, to_fraction
from exactsaddle.problem import Problem

MAX_STEPS = 100_000
MAX_PRECISION = 50_000
_SMALLEST_STEP = 2.0**-200
_MAX_GROWTH = 4.0
"""The most a step may be longer than the one before."""


def enclose(
    problem: Problem,
    alpha: Any,
    times: Iterable[Any],
    *,
    radius: Any = "1e-20",
    keep: bool = False,
    max_steps: int = MAX_STEPS,
    max_precision: int = MAX_PRECISION,
    progress: Callable[[Progress], bool | None] | None = None,
) -> Flowpipe:
    """Enclose the flow at accelerated times: s, β and loss, each in a ball of at most that radius.

    alpha is a rational in (0, 1), exact ("1e-1000"); times are rationals ≥ 0, increasing; real time is
    t·ln(1/α). Thresholds and initial dual are the problem's. keep=True keeps every step, for
    ``Flowpipe.over`` and events; otherwise memory does not grow with time. ``progress`` is called after
    each step; returning False ends the run with the points found so far.

    Returning proves that every ball contains the true value: inequality (B) of vector_field.py, with
    defects proved in collocation.py. A radius that is missed raises the precision and starts again.
    The steps are implicit, so stiffness (S of MATHEMATICS.md §5) is no obstacle.
    Raises InvalidInput for bad arguments, and Inconclusive, naming time, precision and reason, when
    max_steps, max_precision or the smallest step is reached.
    """
    scale, wanted, tolerance = check_alpha(alpha), check_times(times), check_radius(radius)
    reduced = ReducedFlow.of(problem)
    bits = _bits_needed(reduced, scale, wanted[-1], tolerance)
    attempts: list[int] = []
    while True:
        run = _Run(reduced, scale, wanted, tolerance, bits, keep, max_steps, progress)
        if run.precision > max_precision:
            raise Inconclusive(
                f"radius {to_decimal(tolerance, 3)} needs {run.precision} bits, over the budget of "
                f"{max_precision}; tried {attempts}"
            )
        attempts.append(run.precision)
        # matrices of a few hundred rows: threads of the BLAS only wait for one another
        with _blas().limit(limits=1):
            missed = run.run()
        if missed == 0:
            return Flowpipe(
                problem,
                to_fraction(scale),
                tuple(run.points),
                len(run.points) == len(wanted),
                tuple(attempts),
                run.count,
                tuple(run.steps),
                reduced,
            )
        bits += missed + 8


class _Run:
    """One attempt at one precision."""

    def __init__(
        self,
        reduced: ReducedFlow,
        alpha: fmpq,
        times: Sequence[fmpq],
        tolerance: fmpq,
        bits: int,
        keep: bool,
        max_steps: int,
        progress: Callable[[Progress], bool | None] | None,
    ) -> None:
        self.reduced, self.alpha, self.times, self.tolerance = reduced, alpha, times, tolerance
        self.bits, self.keep, self.max_steps, self.progress = bits, keep, max_steps, progress
        self.precision = bits + 2 * math.ceil(_log2_gain(alpha)) + 40
        self.points: list[Enclosure] = []
        self.steps: list[Step] = []
        self.count = 0

    def run(self) -> int:
        """Integrate to the last time; 0, or by how many bits a requested radius was missed."""
        with ctx.workprec(self.precision):
            ball_field = BallField.at(self.reduced, self.alpha)
            for step in self._steps(ball_field):
                while len(self.points) < len(self.times) and self.times[len(self.points)] <= step.end:
                    time = self.times[len(self.points)]
                    hull = hull_at(ball_field, step, time)
                    missed = _bits_missed(hull, self.tolerance)
                    if missed:
                        return missed
                    exact = to_fraction(time)
                    self.points.append(
                        Enclosure(exact, hull.dual, hull.beta, hull.loss, self.precision, exact)
                    )
                if self.keep:
                    self.steps.append(step)
                if len(self.points) == len(self.times) or not self._reported(step.end):
                    break
        return 0

    def _steps(self, ball_field: BallField) -> Iterator[Step]:
        """Proved steps one after another, without end."""
        collocator = Collocator(ball_field, basis(_degree(self.bits), self.precision), self.bits)
        time, length = fmpq(0), _dyadic(to_float(self.times[-1]) or 1.0)
        w: tuple[arb, ...] = (arb(0),) * self.reduced.rank
        error = arb(0)
        while True:
            proved = self._advance(collocator, time, length, w, error)
            step = proved.step
            yield step
            end = step.point(step.end)
            w = tuple(value.mid() for value in end)
            error = (step.error + ball_field.norm([value.rad().upper() for value in end])).upper()
            time = step.end
            # refused at first: a jump is near, and the next step will have to shrink as much again
            shrunk = to_float(step.length) / to_float(length)
            factor = shrunk if shrunk < 1 else min(_MAX_GROWTH, max(0.5, proved.growth))
            remaining = to_float(self.times[-1] - time)
            length = _dyadic(min(to_float(step.length) * factor, max(remaining * 1.01, _SMALLEST_STEP)))

    def _advance(
        self, collocator: Collocator, time: fmpq, length: fmpq, w: tuple[arb, ...], error: arb
    ) -> Proved:
        """A proved step from w, of that length or of the first shorter one that is proved."""
        while True:
            self.count += 1
            if self.count > self.max_steps:
                raise Inconclusive(
                    f"t = {to_decimal(time, 12)}: the budget of {self.max_steps} steps ran out at "
                    f"{self.precision} bits"
                )
            found = collocator.step(time, length, w, error)
            if isinstance(found, Proved):
                return found
            length = _dyadic(to_float(length) * found.factor)
            if to_float(length) < _SMALLEST_STEP:
                raise Inconclusive(f"t = {to_decimal(time, 12)}, {self.precision} bits: {found.reason}")

    def _reported(self, time: fmpq) -> bool:
        """Report; whether to go on."""
        if self.progress is None:
            return True
        report = Progress(to_fraction(time), self.precision, self.count, tuple(self.points))
        return self.progress(report) is not False


def _bits_missed(hull: Hull, tolerance: fmpq) -> int:
    """By how many bits the widest ball exceeds the tolerance; 0 when none does."""
    balls = (*hull.dual, *hull.beta, hull.loss)
    if not all(ball.is_finite() for ball in balls):
        return 64
    limit = arb(tolerance)
    if all(ball.rad() <= limit for ball in balls):
        return 0
    widest = reduce(arb.max, (ball.rad() for ball in balls))
    return max(1, math.ceil(float((widest / limit).log() / math.log(2))))


def _bits_needed(reduced: ReducedFlow, alpha: fmpq, last: fmpq, tolerance: fmpq) -> int:
    """−log2 of the defect that should give the radius: an estimate, which a missed radius corrects.

    A defect e over time t moves w by |e| t √‖G_PP⁻¹‖, s_i by √G_ii and β_i by 2ℓ|β_i| times that.
    """
    with ctx.workprec(64):
        entries = (abs(value) for row in reduced.metric for value in row)
        norm = arb(max(entries, default=fmpq(1))) * max(reduced.rank, 1)
        scale = norm * arb(max(reduced.diagonal)) * arb(last + 1) ** 2
        spread = max(0.0, float(scale.log() / math.log(2)) / 2) if scale > 0 else 0.0
        wanted = -float(arb(tolerance).log() / math.log(2))
    return max(24, math.ceil(wanted + spread + _log2_gain(alpha)) + 8)


def _log2_gain(alpha: fmpq) -> float:
    """log2(2ℓ), at least 0."""
    with ctx.workprec(64):
        return max(0.0, math.log2(2 * float(-arb(alpha).log())))


def _degree(bits: int) -> int:
    """The degree that costs least at that precision, by measurement."""
    return 16 + bits // 3


def _dyadic(value: float) -> fmpq:
    """A rational of 10 bits near a positive float: step lengths, so that times stay short."""
    mantissa, exponent = math.frexp(value)
    return fmpq(round(mantissa * 1024)) * fmpq(2) ** (exponent - 10)


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries of this process, looked up once."""
    return ThreadpoolController()
