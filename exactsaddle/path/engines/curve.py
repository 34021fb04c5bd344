"""The curve z̃ in binary64: where it is, what is proved of the plateau it is on, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

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
from exactsaddle.path.engines.floats import RELATIVE, FloatProblem, Mask, norm
from exactsaddle.path.engines.ledger import Ledger
from exactsaddle.path.engines.trajectory import Trajectory
from exactsaddle.path.engines.working import Regression, Unsettled, WorkingSet


@dataclass(frozen=True)
class Waits:
    """When each coordinate may land, from t̂_k if ``in_step`` and else from t_k: bounds in binary64."""

    early: Floats
    late: Floats
    in_step: bool
    length: float
    """How long z̃ certainly stays in the box on this plateau; 0 when that is not proved of its start."""

    def first(self, moving: Mask) -> list[int]:
        """Those that may land first; none when nobody is sure to land."""
        bound = float(self.late[moving].min(initial=np.inf))
        return [] if bound == np.inf else np.flatnonzero(moving & ~(self.early > bound)).tolist()


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

    # --- the plateau -----------------------------------------------------------------------------

    def settle(self, support: Iterable[int]) -> None:
        """Take this for the support of β_k; raises Unsettled when its columns are not proved independent."""
        self.working.select(list(support))
        problem = self.problem
        self.fit: Regression = self.working.regression(
            problem.target, problem.target_norm, problem.target_radius
        )
        self.slope_norm = norm(self.fit.residual)
        products = product(problem.rows, np.stack((self.fit.residual, self.z), axis=1))
        self.gradient: Floats = -products[:, 0]
        """g̃, each entry off by at most ``gradient_error``."""
        self.gradient_error: Floats = (
            problem.norms * ((self.fit.residual_error + problem.rounding * self.slope_norm) * UP)
            + problem.radii * (self.slope_norm * UP)
            + TINY
        )
        self.dual: Floats = problem.dual + products[:, 1]
        """s̃ at ẑ_k, each entry off by at most ``noise``."""
        length = norm(self.z)
        self.noise: Floats = (
            problem.norms * (problem.rounding * length)
            + problem.radii * (length * UP)
            + (np.abs(self.dual) * (8 * UNIT) + problem.dual_error)
            + TINY
        )
        self._weights = dict(zip(self.working.columns, self.fit.coefficients.tolist(), strict=True))

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
        """Bounds for the coordinates that move; for others what is said means nothing."""
        problem, ledger = self.problem, self.ledger
        falls = self.gradient > 0
        up, down = problem.lowest[1] - self.dual, problem.lowest[-1] + self.dual
        ahead, behind = np.where(falls, down, up), np.where(falls, up, down)
        fast = (np.abs(self.gradient) + self.gradient_error) * UP
        slow = np.abs(self.gradient) - self.gradient_error * UP
        known = slow > 0
        nearest = np.where(known, ahead, np.minimum(ahead, behind)) - self.noise
        own = problem.norms * ledger.anchor
        inside = behind - self.noise > own
        inside[list(active)] = True
        length = max(_least(nearest - own, fast, moving), 0.0) if inside[moving].all() else 0.0
        radius = problem.norms * ledger.in_step
        at_jump = radius + ledger.time_error * self.drift
        in_step = ledger.is_in_step(_least(nearest - at_jump, fast, moving), length)
        radius = radius if in_step else at_jump
        early = _down((nearest - radius) / fast)
        farthest = np.where(falls, problem.highest[-1] + self.dual, problem.highest[1] - self.dual)
        late = np.where(known, (farthest + self.noise + radius) / slow * (1 + 1e-14) + TINY, np.inf)
        return Waits(early, late, in_step, length)

    # --- the step --------------------------------------------------------------------------------

    def advance(self, waits: Waits, hits: Iterable[int], active: Mapping[int, int]) -> None:
        """Move along the plateau, which these hits end, and re-anchor: active are then on thresholds.

        Raises Unsettled where that cannot be bounded.
        """
        ledger, length = self.ledger, waits.length
        off = min(max(abs(float(waits.early[i]) - length), abs(float(waits.late[i]) - length)) for i in hits)
        time_error = (off if waits.in_step else ledger.time_error + off) * UP
        if waits.in_step:
            ledger.speed = (self.slope_norm + self.fit.residual_error) * UP
            self.drift = (np.abs(self.gradient) + self.gradient_error) * UP
        else:
            self.drift = self.problem.norms * ledger.speed
        self.z = self.z + length * self.fit.residual
        rounding = 2 * UNIT * (norm(self.z) + length * self.slope_norm)
        ledger.move(length, self.fit.residual_error, rounding)
        self.anchor(active, time_error, self.dual - length * self.gradient)

    def anchor(self, active: Mapping[int, int], time_error: float, dual: Floats) -> None:
        """Put what is on a threshold there, s̃ being about ``dual``; raises Unsettled where it cannot."""
        problem, working = self.problem, self.working
        self._join(active)
        columns = working.columns
        places = np.array([active[j] * float(problem.thresholds[active[j]][j]) for j in columns])
        correction = product(product(working.inverse, dual[columns] - places), working.matrix)
        self.z = self.z - correction
        start, length = problem.dual[columns], norm(self.z)
        left = product(working.matrix, self.z) + start - places
        size = np.abs(start) + np.abs(places)
        off = problem.norms[columns] * problem.rounding + problem.radii[columns] * UP
        noise = off * length + size * (8 * RELATIVE) + TINY
        anchor = sqrt(working.trace) * (norm(left) * (1 + 8 * UNIT) + norm(noise)) * UP
        moved = norm(correction)
        self.ledger.jump((moved + 2 * UNIT * (length + moved)) * UP, anchor, time_error)
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
        self.anchor(active, time_error, problem.dual + product(problem.rows, self.z))

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

    # --- guesses -----------------------------------------------------------------------------------

    def guess(self, active: Mapping[int, int]) -> list[int]:
        """A guess at the support of the minimiser on a sign cone, from the last one; nothing relies on it.

        The active set method of ``cone.least_squares_on_cone``, begun with all that is on a threshold.
        """
        problem, working = self.problem, self.working
        weights = self._weights
        for _ in range(3 * len(active) + 3):
            columns = list(working.columns)
            goal = working.inverse @ problem.correlation[columns]
            signs = np.array([active[j] for j in columns])
            wrong = np.flatnonzero(goal * signs <= 0)
            if len(wrong):
                old = np.array([weights.get(j, 0.0) for j in columns])
                left = (old - goal)[wrong]
                steps = np.where(left == 0, 0.0, old[wrong] / left)
                first = int(np.argmin(steps))
                weights = dict(zip(columns, (old + steps[first] * (goal - old)).tolist(), strict=True))
                working.remove(columns[wrong[first]])
                continue
            others = [j for j in active.keys() - set(columns) if problem.moving[j]]
            if not others:
                break
            weights = dict(zip(columns, goal.tolist(), strict=True))
            residual = problem.target - goal @ working.matrix
            pulls = np.array([active[j] for j in others]) * (problem.rows[others] @ residual)
            best = int(np.argmax(pulls))
            if not pulls[best] > problem.rounding * float(problem.norms[others[best]]) * norm(residual):
                break
            working.append(others[best])
        return list(working.columns)


def _least(rooms: Floats, speeds: Floats, moving: Mask) -> float:
    """At most the least of rooms/speeds over what moves; −∞ where a bound is not a number."""
    found = float(_down(rooms[moving] / speeds[moving]).min(initial=np.inf))
    return found if found == found else -np.inf


def _down(values: Floats) -> Floats:
    return values * np.where(values > 0, 1 - 1e-14, 1 + 1e-14) - TINY
