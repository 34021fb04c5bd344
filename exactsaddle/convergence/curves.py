"""The limit curve in joint arc length (t, β), the flow's curve beside it (MATHEMATICS.md §6). Numerical."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from exactsaddle.base import InvalidInput
from exactsaddle.convergence.chords import Point, refine
from exactsaddle.convergence.orbits import Transition
from exactsaddle.flow import Advance, integrate
from exactsaddle.minimisers import has_independent_columns
from exactsaddle.numbers import RootSum, to_float, to_fraction, to_rational
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem

_PIECES = 400
"""Chords a curve is resolved into, at least."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A polygon through (t, β): arc_length (m,) from 0, points (m, 1 + d) with t first; binary64.

    Arc length is t + ∫‖dβ‖: in the limit t advances on plateaus and β on orbits.
    """

    arc_length: NDArray[np.float64]
    points: NDArray[np.float64]

    def at(self, arc_length: NDArray[np.float64]) -> NDArray[np.float64]:
        """The points at these arc lengths, (m, 1 + d), by linear interpolation."""
        return np.column_stack([np.interp(arc_length, self.arc_length, column) for column in self.points.T])


def limit_curve(path: SaddlePath, jumps: Sequence[Transition], end: Any) -> Curve:
    """Plateaus and orbits joined up to accelerated time ``end``, which must be past the last jump.

    jumps are those of ``connections.transitions``. Raises InvalidInput when one was refused.
    """
    last = float(to_fraction(to_rational(end)))
    if path[-1].comes_after(to_rational(end)):
        raise InvalidInput(f"the curve ends at t = {end}, before the last jump")
    refused = next((jump for jump in jumps if not jump.orbits), None)
    if refused is not None:
        raise InvalidInput(f"jump {refused.jump} has no orbit: {refused.failed[0]}")
    known = [saddle.exact_time for saddle in path]
    times = [float(time) if isinstance(time, RootSum) else to_float(time) for time in known]
    by_jump = {jump.jump: jump for jump in jumps}
    arcs: list[NDArray[np.float64]] = [np.zeros(0)]
    points: list[NDArray[np.float64]] = []
    travelled = 0.0
    for saddle in path:
        time = times[saddle.index]
        for orbit in by_jump[saddle.index].orbits if saddle.index in by_jump else ():
            arcs.append(travelled + orbit.arc_length)
            points.append(np.column_stack([np.full(len(orbit.points), time), orbit.points]))
            travelled += orbit.length
        until = min(last, times[saddle.index + 1]) if saddle.index + 1 < len(path) else last
        here = np.array([float(value) for value in saddle.beta])
        if not has_independent_columns(saddle):
            here = points[-1][-1, 1:]  # the orbit finds the minimiser that the flow selects
        arcs.append(np.array([travelled, travelled + until - time]))
        points.append(np.array([[time, *here], [until, *here]]))
        travelled += until - time
    return Curve(np.concatenate(arcs), np.vstack(points))


def flow_curve(
    problem: Problem,
    alpha: Any,
    end: Any,
    *,
    digits: int = 15,
    progress: Callable[[Advance], None] | None = None,
) -> Curve:
    """The flow at one α up to accelerated time ``end``, halved until every chord is short."""
    last = to_fraction(to_rational(end))
    run = integrate(problem, alpha, [last], digits=digits, keep=True, progress=progress)

    def point(time: fmpq) -> Point:
        return np.array([to_float(time), *map(float, run.at(to_fraction(time)).beta)])

    coarse = [to_rational(last) * i / 64 for i in range(65)]
    places = [point(time) for time in coarse]
    spread = np.ptp(np.array(places), axis=0)
    chord = (float(last) + math.hypot(*spread[1:].tolist())) / _PIECES
    found = [places[0]]
    for left, right, start, stop in zip(coarse, coarse[1:], places, places[1:], strict=False):
        found.extend(refine(point, left, right, start, stop, chord))
    points = np.array(found)
    steps = np.diff(points, axis=0)
    lengths = steps[:, 0] + np.linalg.norm(steps[:, 1:], axis=1)
    return Curve(np.concatenate([[0.0], np.cumsum(lengths)]), points)


def curve_distance(left: Curve, right: Curve) -> float:
    """sup over equal arc length of the distance between two curves, up to the end of the shorter."""
    end = min(left.arc_length[-1], right.arc_length[-1])
    grid = np.union1d(left.arc_length, right.arc_length)
    grid = grid[grid <= end]
    return float(np.linalg.norm(left.at(grid) - right.at(grid), axis=1).max())
