"""The next event, decided by bounds: who can land first, in binary64 for all, in balls for a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from flint import arb

from exactsaddle.base import workprec
from exactsaddle.path.engines.binary import CONVERSION, Floats
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit
from exactsaddle.path.engines.trajectory import GUARD, Interval, Trajectory

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def possible_hitters(
    data: ScaledProblem, active: Mapping[int, int], dual: Interval, gradient: Interval, moving: Mask
) -> list[int] | None:
    """The coordinates that binary64 bounds cannot exclude from landing first; None when none surely lands.

    moving marks coordinates whose gradient is not known to be zero. What is left out certainly lands
    after somebody else, or never.
    """
    dual = _with_known(data, active, dual)
    lower, upper = data.threshold_floats[-1], data.threshold_floats[1]
    slack = 2 * CONVERSION
    with np.errstate(all="ignore"):
        room_up = upper * (1 - slack) - dual.high, upper * (1 + slack) - dual.low
        room_down = lower * (1 - slack) + dual.low, lower * (1 + slack) + dual.high
        falls, rises = gradient.low > 0, gradient.high < 0
        known = falls | rises
        ahead = np.where(falls, lower, upper)
        nearest = np.where(
            falls, room_down[0], np.where(rises, room_up[0], np.fmin(room_up[0], room_down[0]))
        )
        farthest = np.where(falls, room_down[1], room_up[1])
        slowest = np.minimum(np.abs(gradient.low), np.abs(gradient.high))
        earliest = _down(_down(nearest) / gradient.magnitude)
        latest = np.where(known & moving, _up(_up(farthest) / slowest), np.inf)
        latest[np.isnan(latest)] = np.inf
        first = float(latest.min(initial=np.inf))
        if first == np.inf and not (known & moving & (ahead < np.inf)).any():
            return None
        return [int(i) for i in np.flatnonzero(moving & ~(earliest > first))]


def separate(
    trajectory: Trajectory, fit: Fit, active: Mapping[int, int], candidates: Sequence[int]
) -> dict[int, arb]:
    """Those of the candidates that balls at the trajectory's precision cannot exclude, with their waits."""
    waits = {i: trajectory.wait_ball(i, fit, active.get(i, 0)) for i in candidates}
    with workprec(trajectory.bits + 2 * GUARD):
        finite = [wait.upper() for wait in waits.values() if wait.is_finite()]
        if not finite:
            return waits
        first = finite[0]
        for bound in finite[1:]:
            first = first if first < bound else bound
        return {i: wait for i, wait in waits.items() if not wait > first}


def _with_known(data: ScaledProblem, active: Mapping[int, int], dual: Interval) -> Interval:
    """The same bounds, with s̃_i on its threshold where it is known to be."""
    low, high = dual.low.copy(), dual.high.copy()
    for i, side in active.items():
        value = side * float(data.threshold_floats[side][i])
        width = abs(value) * 2 * CONVERSION
        low[i], high[i] = value - width, value + width
    return Interval(low, high)


def _down(values: Floats) -> Floats:
    return values * np.where(values > 0, 1 - 1e-14, 1 + 1e-14)


def _up(values: Floats) -> Floats:
    return np.abs(values) * (1 + 1e-14) + 1e-300
