"""A curve as a polygon of short chords."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

Point = NDArray[np.float64]
_DEPTH = 60


def refine(
    point: Callable[[fmpq], Point], left: fmpq, right: fmpq, start: Point, stop: Point, chord: float
) -> list[Point]:
    """The points of the curve after ``left`` up to ``right``, none further from the one before than chord.

    start and stop are the points at the two ends; the interval is halved as often as it takes, up to
    2^−60 of it.
    """
    return _refined(point, left, right, start, stop, chord, _DEPTH)


def _refined(
    point: Callable[[fmpq], Point],
    left: fmpq,
    right: fmpq,
    start: Point,
    stop: Point,
    chord: float,
    depth: int,
) -> list[Point]:
    if depth == 0 or math.dist(start, stop) <= chord:  # no BLAS: the same on every processor
        return [stop]
    middle = (left + right) / 2
    between = point(middle)
    return [
        *_refined(point, left, middle, start, between, chord, depth - 1),
        *_refined(point, middle, right, between, stop, chord, depth - 1),
    ]
