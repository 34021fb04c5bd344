"""The curve z̃ in binary64: where it is, what is proved of the plateau it is on, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum, sqrt

import numpy as np

from exactsaddle.numbers import Matrix
from exactsaddle.path.engines.binary import (
    CONVERSION,
    ROUGH,
    TINY,
    UNIT,
    UP,
    Floats,
    product,
    scale_up,
    to_scaled,
)
from exactsaddle.path.engines.data import number_to_float
from exactsaddle.path.engines.floats import FloatProblem, Mask, norm
from exactsaddle.path.engines.guess import guess_support
from exactsaddle.path.engines.ledger import Ledger
from exactsaddle.path.engines.trajectory import Trajectory
from exactsaddle.path.engines.working import Regression, Unsettled, WorkingSet

CARRIED = 8
"""On so many plateaus s̃ is carried from the one before; then it is computed from ẑ again."""


@dataclass(frozen=True)
class Waits:
    """When a coordinate may land, from t̂_k if ``in_step`` and else from t_k."""

    bounds: dict[int, tuple[float, float]]
    """At least and at most how long each waits; who moves and is not here is not the first to land."""
    in_step: bool
    length: float
    """How long z̃ certainly stays in the box on this plateau; 0 when that is not proved of its start."""

    @property
    def latest(self) -> float:
        """By when somebody has landed; infinite where nobody is sure to."""
        return min((late for _, late in self.bounds.values()), default=np.inf)

    def first(self) -> list[int]:
        """Those that may land first; none when nobody is sure to land."""
        bound = self.latest
        return [] if bound == np.inf else [i for i, (early, _) in self.bounds.items() if not early > bound]


class FloatCurve:
    """ẑ_k with its ledger, and, once a support is chosen, the numbers of plateau k."""

    def __init__(self, problem: FloatProblem, design: Matrix) -> None:
        self.problem = problem
        self.z: Floats = np.zeros(problem.n)
        self.working = WorkingSet(problem)
        self.ledger = Ledger(speed=problem.target_norm)
        self.drift: Floats = problem.norms * problem.target_norm
        """At least what s̃ changes by in a unit of time between t_k and t̂_k, (d,).

        After a plateau in step that is |g̃_{k−1}|: if t̂_k < t_k, z is still on it until t_k; if t_k < t̂_k, z̃
        is on it at t_k, where z is within ε of it.
        """
        self.design = design
        self._weights: dict[int, float] = {}
        self._carried = CARRIED
        """On how many plateaus s̃ has been carried."""
        self._lost = self._late = 0.0
        """s̃_i has lost at most ‖x̃_i‖·lost + dual_error_i·late meanwhile, beside ``noise``."""

    # --- the plateau -----------------------------------------------------------------------------

    def settle(self, support: Iterable[int]) -> None:
        """Take this for the support of β_k; raises Unsettled when its columns are not proved independent."""
        self.working.select(list(support))
        problem = self.problem
        self.fit: Regression = self.working.regression(
            problem.target, problem.target_norm, problem.target_radius
        )
        self.slope_norm = norm(self.fit.residual)
        self.gradient: Floats = -product(problem.rows, self.fit.residual)
        """g̃, each entry off by at most ``gradient_error``."""
        off = problem.norms * ((self.fit.residual_error + problem.rounding * self.slope_norm) * UP) + TINY
        self.gradient_error: Floats = off + problem.radii * (self.slope_norm * UP) if problem.is_wide else off
        if self._carried >= CARRIED or problem.is_wide:
            self._locate()
        self._weights = dict(zip(self.working.columns, self.fit.coefficients.tolist(), strict=True))

    def _locate(self) -> None:
        """Compute s̃ from ẑ."""
        problem, length = self.problem, norm(self.z)
        self.dual: Floats = problem.dual + product(problem.rows, self.z)
        """s̃ at ẑ_k, each entry off by at most ``noise`` and what was lost since."""
        self.noise: Floats = (
            problem.norms * (problem.rounding * length)
            + problem.radii * (length * UP)
            + (np.abs(self.dual) * (8 * UNIT) + problem.dual_error)
            + TINY
        )
        self._carried, self._lost, self._late = 0, 0.0, 0.0

    def _sharpen(self, i: int) -> None:
        """Compute s̃_i from ẑ, rounding once: what its noise costs in time is corrected when it lands."""
        problem = self.problem
        if not problem.is_wide:
            place = float(problem.dual[i]) + fsum((problem.rows[i] * self.z).tolist())
            own = float(problem.norms[i]) * ((problem.entry_error + 3 * UNIT) * norm(self.z))
            self.dual[i] = place
            self.noise[i] = own + (abs(place) * (2 * UNIT) + float(problem.dual_error[i])) + TINY

    def is_minimiser(self, active: Mapping[int, int]) -> bool:
        """Whether the support is proved to be that of the unique minimiser on this sign cone."""
        columns, error = self.working.columns, self.fit.coefficient_error
        signs = np.array([active.get(j, 0) for j in columns])
        return bool((signs * self.fit.coefficients > error).all()) and all(
            self.side(i) == -active[i] for i in active.keys() - set(columns)
        )

    def side(self, i: int) -> int:
        """Where coordinate i is proved to move to, 0 where its gradient may be zero."""
        g, error = float(self.gradient[i]), float(self.gradient_error[i])
        return -1 if g > error else 1 if g < -error else 0

    def waits(self, active: Mapping[int, int], moving: Mask) -> Waits:
        """Bounds for the coordinates that move."""
        problem, ledger = self.problem, self.ledger
        speed = np.abs(self.gradient)
        self.fast: Floats = (speed + self.gradient_error) * UP
        """At least |g̃_i|, (d,)."""
        ahead, behind = self._rooms()
        unknown = moving & ~(speed > self.gradient_error * UP)
        for i in unknown.nonzero()[0].tolist():
            ahead[i] = min(ahead[i], behind[i])
        at_rest = (~moving).nonzero()[0]
        ahead[at_rest] = np.inf
        at_jump = problem.norms * ledger.in_step + ledger.time_error * self.drift
        reach = at_jump + self.noise
        if self._carried:
            reach += problem.norms * self._lost + problem.dual_error * self._late
        # Dividing by a little more than the speed pays for rounding where the room is positive.
        soonest = (ahead - reach) / self.fast
        first = int(soonest.argmin())
        behind[at_rest] = behind[list(active)] = np.inf
        self._sharpen(first)
        length = (
            self._stay(first)
            if (behind > reach).all() or self._starts_inside(behind, reach - at_jump)
            else 0.0
        )
        in_step = ledger.is_in_step(float(soonest[first]), length)
        late = 0.0 if in_step else ledger.time_error
        bounds = {first: self._wait(first, late)} if moving[first] else {}
        latest = bounds[first][1] if bounds else np.inf
        others = moving & ~(soonest > latest) & (soonest != np.inf)  # what is not a number stays
        others[first] = False
        for i in others.nonzero()[0].tolist():
            self._sharpen(i)
            bounds[i] = self._wait(i, late)
            length = min(length, self._stay(i))
        return Waits(dict(sorted(bounds.items())), in_step, min(length, latest))

    def _rooms(self) -> tuple[Floats, Floats]:
        """How far each s̃_i is from the threshold that it moves to, and from the other."""
        lowest = self.problem.lowest
        if self.problem.is_even:
            turned = np.copysign(1.0, self.gradient) * self.dual
            return lowest[1] + turned, lowest[1] - turned
        falls, up, down = self.gradient > 0, lowest[1] - self.dual, lowest[-1] + self.dual
        return np.where(falls, down, up), np.where(falls, up, down)

    def _starts_inside(self, behind: Floats, noise: Floats) -> bool:
        """Whether z̃ is proved to start in the box, on the side that it moves away from."""
        return bool((behind - noise > self.problem.norms * self.ledger.anchor).all())

    def _wait(self, i: int, late: float) -> tuple[float, float]:
        """At least and at most how long coordinate i takes to a threshold, z being where s̃ was so late."""
        radius = float(self.problem.norms[i]) * self.ledger.in_step + late * float(self.drift[i])
        g, error, room = float(self.gradient[i]), float(self.gradient_error[i]), self._room(i)
        slow, side = abs(g) - error * UP, -1 if g > 0 else 1
        early = _down((room - radius) / float(self.fast[i]))
        if not slow > 0:
            return early, np.inf
        farthest = float(self.problem.highest[side][i]) - side * float(self.dual[i])
        found = (farthest + float(self.noise[i]) + radius) / slow * (1 + 1e-14) + TINY
        return early, found if found == found else np.inf

    def _room(self, i: int) -> float:
        """At most how far ẑ is from where coordinate i may land, s̃ being off by its noise."""
        g, place = float(self.gradient[i]), float(self.dual[i])
        up, down = float(self.problem.lowest[1][i]) - place, float(self.problem.lowest[-1][i]) + place
        known = abs(g) > float(self.gradient_error[i]) * UP
        return ((down if g > 0 else up) if known else min(up, down)) - float(self.noise[i])

    def _stay(self, i: int) -> float:
        """How long coordinate i certainly stays in its box from where z̃ starts; 0 where that is open."""
        own = float(self.problem.norms[i]) * self.ledger.anchor
        found = _down((self._room(i) - own) / float(self.fast[i]))
        return found if found > 0 else 0.0

    # --- the step --------------------------------------------------------------------------------

    def advance(self, waits: Waits, hits: Iterable[int], active: Mapping[int, int]) -> None:
        """Move along the plateau, which these hits end, and re-anchor: active are then on thresholds.

        Raises Unsettled where that cannot be bounded.
        """
        ledger, length = self.ledger, waits.length
        off = min(max(abs(bound - length) for bound in waits.bounds[i]) for i in hits)
        time_error = (off if waits.in_step else ledger.time_error + off) * UP
        if waits.in_step:
            ledger.speed = (self.slope_norm + self.fit.residual_error) * UP
            self.drift = self.fast
        else:
            self.drift = self.problem.norms * ledger.speed
        self.z = self.z + length * self.fit.residual
        far = norm(self.z) + length * self.slope_norm
        ledger.move(length, self.fit.residual_error, 2 * UNIT * far)
        # |s̃_i| ≤ |s̃_0,i| + ‖x̃_i‖‖ẑ‖ + noise bounds the rounding of the sum, gradient_error that of the slope.
        self._lost += (length * self.slope_norm * self.problem.rounding + 8 * UNIT * far) * UP
        self._late += 1 + length
        self.dual = self.dual - length * self.gradient
        self._carried += 1
        self.anchor(active, time_error)

    def anchor(self, active: Mapping[int, int], time_error: float) -> None:
        """Put what is on a threshold there; raises Unsettled where it cannot."""
        problem, working = self.problem, self.working
        self._join(active)
        columns = working.columns
        sides = np.array([active[j] for j in columns])
        places = np.where(sides > 0, problem.thresholds[1][columns], -problem.thresholds[-1][columns])
        correction = product(product(working.inverse, self.dual[columns] - places), working.matrix)
        self.z = self.z - correction
        start, length = problem.dual[columns], norm(self.z)
        moves, share = working.products(self.z)
        left = moves + start - places
        size = np.abs(start) + np.abs(places)
        off = problem.norms[columns] * share + problem.radii[columns] * (length * UP)
        noise = off + size * problem.place_error + TINY
        anchor = sqrt(working.trace) * (norm(left) * (1 + 8 * UNIT) + norm(noise)) * UP
        moved = norm(correction)
        shift = (moved + 2 * UNIT * (length + moved)) * UP
        self._lost += shift
        self.dual[columns], self.noise[columns] = left + places, noise
        self.ledger.jump(shift, anchor, time_error)
        if not np.isfinite(self.ledger.epsilon + time_error):
            raise Unsettled("the bounds overflow in binary64")

    def renew(self, trajectory: Trajectory, active: Mapping[int, int]) -> None:
        """Start from a trajectory of higher precision, at its t̂_k; raises Inconclusive where it cannot."""
        problem, data = self.problem, trajectory.data
        integers, scale = trajectory.position()
        shift = data.time_exponent - problem.time_exponent
        z = to_scaled(integers, [shift - scale] * problem.n)
        unit = scale_up(1.0, z.exponent)
        self.z = z.values * unit
        rounding = norm(z.values) * CONVERSION + problem.n**0.5 * (ROUGH + TINY)
        near = scale_up(trajectory.ledger.in_step, shift - trajectory.bits) + rounding * unit * UP
        clock = abs(number_to_float(data.time_unit / problem.time_unit)) * (1 + 2 * CONVERSION)
        time_error = scale_up(trajectory.ledger.time_error * clock, -trajectory.bits)
        self.ledger = Ledger(speed=problem.target_norm, epsilon=near)
        self.drift = problem.norms * problem.target_norm
        self.working = WorkingSet(problem)
        self._weights = {}
        self._locate()
        self.anchor(active, time_error)

    def _join(self, active: Mapping[int, int]) -> None:
        """Let a basis of the columns on thresholds be the working set.

        What depends on it exactly is where it should be when the basis is: s − s_0 is in the row space.
        """
        for j in active.keys() - set(self.working.columns):
            if self.problem.moving[j]:
                try:
                    self.working.append(j)
                except Unsettled:
                    if not self.depends(j):
                        raise

    def depends(self, j: int) -> bool:
        """Whether column j is proved to be a combination of the working set, for all data that are meant."""
        certain = not self.problem.radii[[j, *self.working.columns]].any()
        return certain and self.design.combination(self.working.columns, j) is not None

    def guess(self, active: Mapping[int, int]) -> list[int]:
        """A guess at the support of the minimiser on a sign cone, from the last one; nothing relies on it."""
        return guess_support(self.working, self._weights, active)


def _down(value: float) -> float:
    return value * (1 - 1e-14 if value > 0 else 1 + 1e-14) - TINY
