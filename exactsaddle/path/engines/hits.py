"""The next event, decided by bounds: who can land first, in binary64 for all, in balls for a few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from flint import arb

from exactsaddle.base import workprec
from exactsaddle.numbers import enclose
from exactsaddle.path.engines.binary import CONVERSION, Floats
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.floats import Mask
from exactsaddle.path.engines.interval import Interval
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.engines.trajectory import GUARD, Trajectory, gradient_interval


def possible_hitters(
    data: ScaledProblem, dual: Interval, gradient: Interval, moving: Mask
) -> list[int] | None:
    """The coordinates that binary64 bounds cannot exclude from landing first; None when none surely lands.

    moving marks coordinates whose gradient is not known to be zero. What is left out certainly lands
    after somebody else, or never.
    """
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


def starts_inside(trajectory: Trajectory, active: Mapping[int, int]) -> bool:
    """Whether z̃, with what is on a threshold put there, is proved to be in the box."""
    data, radius = trajectory.data, trajectory.ledger.anchor
    dual, slack = trajectory.dual_interval(radius), 1 - 2 * CONVERSION
    with np.errstate(all="ignore"):
        inside = (dual.high < data.threshold_floats[1] * slack) & (
            dual.low > -data.threshold_floats[-1] * slack
        )
    unsure = np.flatnonzero(data.moving & ~inside)
    return all(_is_inside(trajectory, int(i), radius) for i in unsure if int(i) not in active)


def _is_inside(trajectory: Trajectory, i: int, radius: float) -> bool:
    with workprec(trajectory.bits + 2 * GUARD):
        place = trajectory.dual_ball(i, radius)
        bounds = {side: trajectory.data.thresholds[side][i] for side in (1, -1)}
        return all(c is None or place * side < enclose(c) for side, c in bounds.items())


def separate(trajectory: Trajectory, fit: Fit, radius: float, candidates: Sequence[int]) -> dict[int, arb]:
    """Those of the candidates that balls at the trajectory's precision cannot exclude, with their waits."""
    waits = {i: trajectory.wait_ball(i, fit, radius) for i in candidates}
    with workprec(trajectory.bits + 2 * GUARD):
        finite = [wait.upper() for wait in waits.values() if wait.is_finite()]
        if not finite:
            return waits
        first = finite[0]
        for bound in finite[1:]:
            first = first if first < bound else bound
        return {i: wait for i, wait in waits.items() if not wait > first}


def replay(trajectory: Trajectory, plateaus: Sequence[Plateau], fitter: Fitter) -> None:
    """Move the trajectory over those of these plateaus that it does not hold yet."""
    for k in range(trajectory.plateaus, len(plateaus)):
        plateau = plateaus[k]
        fit = fitter.fit(plateau.support, trajectory.bits)
        gradient = gradient_interval(trajectory.data, fit)
        moving = may_move(trajectory.data, plateau.support, plateau.still)
        candidates = possible_landings(trajectory, gradient, moving)
        if candidates is None:
            candidates = [int(i) for i in moving.nonzero()[0]]
        stay = trajectory.stay(fit, candidates, starts_inside(trajectory, plateau.active))
        trajectory.advance(k, plateau, fit, stay, fitter)


def may_move(data: ScaledProblem, support: Sequence[int], still: Iterable[int]) -> Mask:
    """The coordinates whose gradient is not known to be zero."""
    moving = data.moving.copy()
    moving[[*support, *still]] = False
    return moving


def possible_landings(trajectory: Trajectory, gradient: Interval, moving: Mask) -> list[int] | None:
    """``possible_hitters`` of this plateau, for z and for z̃: both are within the ledger's bound of ẑ."""
    dual = trajectory.dual_interval(trajectory.ledger.at_jump)
    return possible_hitters(trajectory.data, dual, gradient, moving)


def _down(values: Floats) -> Floats:
    return values * np.where(values > 0, 1 - 1e-14, 1 + 1e-14)


def _up(values: Floats) -> Floats:
    return np.abs(values) * (1 + 1e-14) + 1e-300
