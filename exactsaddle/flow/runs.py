"""Runs of the flow that are kept, and answer whoever asks for other times or fewer digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from flint import fmpq

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.flow.arguments import check_radius, check_times
from exactsaddle.flow.enclosure import MAX_STEPS, enclose
from exactsaddle.flow.flowpipe import Enclosure, Flowpipe, Progress
from exactsaddle.flow.hull import dual_at
from exactsaddle.flow.view import View
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.problem import Problem


class Runs:
    """Encloses the flow of one problem, once at each α where that does for all who ask.

    until is how far somebody will ask: a run that is asked for less goes on to there. What is given is in
    every digit what ``enclose`` gives, with the steps of the run, as with keep=True.
    """

    def __init__(self, problem: Problem, until: Any = 0) -> None:
        self.problem, self._until = problem, to_rational(until)
        self._kept: dict[Fraction, Flowpipe] = {}

    def enclose(
        self,
        alpha: Any,
        times: Iterable[Any],
        *,
        radius: Any,
        max_steps: int = MAX_STEPS,
        progress: Callable[[Progress], bool | None] | None = None,
    ) -> Flowpipe:
        """``enclose`` with these arguments: the first who asks at an α had better ask for most digits."""
        scale, wanted, tolerance = to_fraction(to_rational(alpha)), check_times(times), check_radius(radius)

        def run(asked: Sequence[fmpq]) -> Flowpipe:
            return enclose(
                self.problem,
                scale,
                asked,
                radius=tolerance,
                keep=True,
                max_steps=max_steps,
                progress=progress,
            )

        kept = self._kept.get(scale)
        found = None if kept is None else coarser(kept, wanted, tolerance)
        if found is not None:
            return found
        if wanted[-1] < self._until:
            try:
                further = run([*wanted, self._until])
            except Inconclusive:
                # nobody asked for an end that is out of reach
                return run(wanted)
            if not further.complete:
                return further
            self._kept[scale] = further
            return coarser(further, wanted, tolerance) or run(wanted)
        found = run(wanted)
        if found.complete:
            self._kept[scale] = found
        return found


def coarser(pipe: Flowpipe, times: Sequence[fmpq], radius: fmpq) -> Flowpipe | None:
    """What ``enclose`` gives at those times for that radius, from the steps of a run that was to give more.

    None where they do not reach as far, or are not accurate enough for its balls.
    """
    if times[-1] > pipe.steps[-1].end:
        return None
    view = View.first(pipe.reduced, to_rational(pipe.alpha), radius)
    attempts: list[int] = []
    while True:
        attempts.append(view.precision)
        found = _points(pipe, view, times)
        if isinstance(found, list):
            return replace(pipe, points=tuple(found), complete=True, attempts=tuple(attempts), grid=view.grid)
        if found is None:
            return None
        view = view.finer(found)


def _points(pipe: Flowpipe, view: View, times: Sequence[fmpq]) -> list[Enclosure] | int | None:
    """What the view says at those times, or why it says nothing (``View.point``)."""
    points: list[Enclosure] = []
    with workprec(pipe.step_precision):
        for time in times:
            step = pipe.steps_over(time, time)[0]
            found = view.point(time, dual_at(pipe.ball_field, step, time))
            if not isinstance(found, Enclosure):
                return found
            points.append(found)
    return points
