"""The gradient flow in balls: every ball returned contains the true value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, one_at_a_time, single_threaded_blas, workprec
from exactsaddle.flow.accuracy import log2_gain, slack, spread, steepness, step_bits
from exactsaddle.flow.arguments import check_alpha, check_radius, check_times
from exactsaddle.flow.flowpipe import Enclosure, Flowpipe, Progress
from exactsaddle.flow.hull import dual_at
from exactsaddle.flow.leaders import Leaders
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.step import Place, Proved, Step
from exactsaddle.flow.vector_field import BallField
from exactsaddle.flow.view import View
from exactsaddle.numbers import scale_text, to_decimal, to_float, to_fraction
from exactsaddle.problem import Network, Problem

MAX_STEPS = 100_000
MAX_PRECISION = 50_000
_SMALLEST_STEP = 2.0**-200
_MAX_GAIN_BITS = 800
"""The largest 1/ε for which floats hold a distance in units of ε."""
_GUARD_BITS = 16
"""By how many bits a proof is sharper than the grid at first: a value in 2^15 is then between two cells."""
_MAX_GUARD_BITS = 512
_HASTY = 4
"""How often a step is tried whose proposal may be refused unrefined: rounding may look like a tail."""
_STEEP_BITS = 12
"""Bits by which a component of a slope may be more accurate than its norm."""


@one_at_a_time
def enclose(
    problem: Problem,
    alpha: Any,
    times: Iterable[Any],
    *,
    network: Network | None = None,
    radius: Any = "1e-20",
    keep: bool = False,
    max_steps: int = MAX_STEPS,
    max_precision: int = MAX_PRECISION,
    progress: Callable[[Progress], bool | None] | None = None,
) -> Flowpipe:
    """Enclose the flow at accelerated times: s, β and loss, each in a ball of at most that radius.

    alpha is a rational in (0, 1), exact ("1e-1000"); times are rationals ≥ 0, increasing; real time is
    that of ``Network.real_time``. Thresholds and initial dual are the problem's, and the network unless one
    is given. keep=True keeps every step, for ``Flowpipe.over`` and events; otherwise memory does not grow
    with time. ``progress`` is called after each step; returning False ends the run with the points found.

    Returning proves that every ball contains the true value: inequality (B) of vector_field.py, with
    defects proved in collocation.py. The balls are those of the cells of a grid (grid.py): another proof of
    the same values, on another processor, gives the same balls. A radius that is missed makes the grid finer,
    a value at the end of a cell the proof sharper, and the run starts again.
    The steps are implicit, so stiffness (S of MATHEMATICS.md §5) is no obstacle.
    Raises InvalidInput for bad arguments, and Inconclusive, naming precision and reason, when
    max_steps, max_precision or the smallest step is reached.
    """
    reduced = ReducedFlow.of(problem.with_network(network))
    return enclose_reduced(
        reduced,
        check_alpha(alpha),
        check_times(times),
        radius=check_radius(radius),
        keep=keep,
        max_steps=max_steps,
        max_precision=max_precision,
        progress=progress,
    )


def enclose_reduced(
    reduced: ReducedFlow,
    scale: fmpq,
    wanted: Sequence[fmpq],
    *,
    radius: fmpq,
    keep: bool,
    max_steps: int,
    max_precision: int,
    progress: Callable[[Progress], bool | None] | None,
) -> Flowpipe:
    """``enclose`` for arguments that are checked, and a dual that may drift; for one thread at a time."""
    problem, tolerance = reduced.problem, radius
    if log2_gain(reduced.link, scale) > _MAX_GAIN_BITS:
        raise Inconclusive(
            f"alpha = {scale_text(scale, 3)} is too small at depth {problem.network.depth}: distances in "
            "units of alpha^(L-2) leave the range of floats, which propose the steps"
        )
    view, guard = View.first(reduced, scale, tolerance), _GUARD_BITS
    attempts: list[int] = []
    while True:
        if view.precision > max_precision:
            raise Inconclusive(
                f"radius {to_decimal(tolerance, 3)} needs {view.precision} bits, over the budget of "
                f"{max_precision}; tried {attempts}"
            )
        if view.precision not in attempts:
            attempts.append(view.precision)
        run = _Run(view, wanted, guard, keep, max_steps, progress)
        # matrices of a few hundred rows: threads of the BLAS only wait for one another
        with single_threaded_blas():
            missed = run.run()
        if missed is None:
            guard *= 2
            if guard > _MAX_GUARD_BITS:
                raise Inconclusive(
                    f"radius {to_decimal(tolerance, 3)}: {run.precision} bits do not tell a cell of the grid"
                )
        elif missed:
            view = view.finer(missed)
        else:
            return Flowpipe(
                problem,
                to_fraction(scale),
                tuple(run.points),
                len(run.points) == len(wanted),
                tuple(attempts),
                run.count,
                view.grid,
                run.precision,
                tuple(run.steps),
                reduced,
            )


class _Run:
    """One attempt at one precision."""

    def __init__(
        self,
        view: View,
        times: Sequence[fmpq],
        guard: int,
        keep: bool,
        max_steps: int,
        progress: Callable[[Progress], bool | None] | None,
    ) -> None:
        reduced = self.reduced = view.reduced
        self.view, self.times, self.keep = view, times, keep
        self.max_steps, self.progress = max_steps, progress
        self.gain = log2_gain(reduced.link, view.alpha)
        self.bits = view.grid.bits + guard + slack(reduced.link) + spread(reduced, times[-1])
        self.shown = view.precision
        self.precision = self.bits + self.shown - view.grid.bits + max(steepness(reduced), _STEEP_BITS)
        self.smallest = _SMALLEST_STEP / 2.0**self.gain
        self.points: list[Enclosure] = []
        self.steps: list[Step] = []
        self.count = 0

    def run(self) -> int | None:
        """Integrate to the last time; 0, or by how many bits a radius was missed, None for a cell undecided.

        Only the number of bits missed may have a say in the next grid: it is a function of the cells.
        """
        with workprec(self.precision):
            ball_field = BallField.at(self.reduced, self.view.alpha)
            for step in self._steps(ball_field):
                while len(self.points) < len(self.times) and self.times[len(self.points)] <= step.end:
                    time = self.times[len(self.points)]
                    found = self.view.point(time, dual_at(ball_field, step, time))
                    if not isinstance(found, Enclosure):
                        return found
                    self.points.append(found)
                if self.keep:
                    self.steps.append(step)
                if len(self.points) == len(self.times) or not self._reported(step.end):
                    break
        return 0

    def _steps(self, ball_field: BallField) -> Iterator[Step]:
        """Proved steps one after another, without end."""
        leaders = Leaders(ball_field)
        place = Place.of(ball_field, fmpq(0), (arb(0),) * self.reduced.rank, arb(0))
        arrival = leaders.outlook.arrival(place.distances, place.velocity)
        length, force = _dyadic(min(to_float(self.times[-1]) or 1.0, arrival)), 0.0
        while True:
            proved = self._advance(leaders, place, length, force)
            step = proved.step
            yield step
            moved = ball_field.coordinates(proved.end, step.end)
            w = tuple(value.mid() for value in moved)
            error = (
                step.error + proved.jump + ball_field.norm([value.rad().upper() for value in moved])
            ).upper()
            place = Place.of(ball_field, step.end, w, error)
            # refused at first: a jump is near, and the next step will have to shrink half as much again
            shrunk = to_float(step.length) / to_float(length)
            factor = math.sqrt(shrunk) if shrunk < 1 else max(0.5, proved.growth)
            if proved.ahead:
                factor = proved.growth
            force = proved.force
            remaining = to_float(self.times[-1] - step.end)
            length = _dyadic(min(to_float(step.length) * factor, max(remaining * 1.01, self.smallest)))

    def _advance(self, leaders: Leaders, place: Place, length: fmpq, force: float) -> Proved:
        """A proved step from there, of that length or of the first shorter one that is proved."""
        known: dict[int, float] = {}
        before = self.count
        while True:
            self.count += 1
            if self.count > self.max_steps:
                raise Inconclusive(
                    f"the budget of {self.max_steps} steps ran out before t = "
                    f"{to_decimal(self.times[-1], 12)} at {self.shown} bits"
                )
            bits = step_bits(self.bits, self.gain, self.times[-1], length)
            collocator = leaders.choose(place, length, bits, force, known)
            found = collocator.step(place, length, hasty=self.count - before <= _HASTY)
            if isinstance(found, Proved):
                return found
            known = {**known, **found.sizes} if found.sizes else {}
            length = _dyadic(to_float(length) * found.factor)
            if to_float(length) < self.smallest:
                raise Inconclusive(
                    f"no step proved before t = {to_decimal(self.times[-1], 12)} at {self.shown} bits: "
                    f"{found.reason}"
                )

    def _reported(self, time: fmpq) -> bool:
        """Report; whether to go on."""
        if self.progress is None:
            return True
        report = Progress(to_fraction(time), self.shown, self.count, tuple(self.points))
        return self.progress(report) is not False


def _dyadic(value: float) -> fmpq:
    """A rational of 10 bits near a positive float: step lengths, so that times stay short."""
    mantissa, exponent = math.frexp(value)
    return fmpq(round(mantissa * 1024)) * fmpq(2) ** (exponent - 10)
