"""The history of a path as one vector z with its error, and the two decisions that depend on it.

Between jumps ds̃/dt̃ = −g̃ with g̃ a function of the support alone; so all that a path remembers is
z = Σ Δ_k u_k. An error of z is bounded by what it does to each s̃_i (``errors``): at a jump whose length
is off by e every s̃_i is off by another e·|g̃_i|.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpz

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers import Number, enclose, round_to_units
from exactsaddle.path.engines.binary import CONVERSION, ROUGH, Floats, ball, gamma, scale_up, to_float
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit

GUARD = 32


@dataclass(frozen=True)
class Interval:
    """Componentwise bounds low ≤ truth ≤ high, in binary64."""

    low: Floats
    high: Floats

    @property
    def magnitude(self) -> Floats:
        """At least |truth|."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def zero_on(self, indices: Iterable[int]) -> Interval:
        """The same bounds, but exactly zero at these indices."""
        zero = np.isin(np.arange(len(self.low)), list(indices))
        return Interval(np.where(zero, 0.0, self.low), np.where(zero, 0.0, self.high))


def about(middle: Floats, radius: Floats) -> Interval:
    """The interval middle ± radius, its own rounding included."""
    with np.errstate(all="ignore"):  # what is not a number decides nothing
        wide = radius * (1 + 1e-12) + (np.abs(middle) + radius) * 1e-15 + 1e-300
        return Interval(middle - wide, middle + wide)


class Trajectory:
    """s̃(t) at the start of the current plateau, to ``bits`` bits at best; advanced one jump at a time."""

    def __init__(self, data: ScaledProblem, bits: int) -> None:
        self.data = data
        self.bits = bits
        self.scale = bits + data.floor
        self.time = fmpz(0)
        """t̃ at 2^−(bits + GUARD), off by at most time_error·2^−bits."""
        self.time_error = 0.0
        self.times: list[tuple[fmpz, float]] = [(self.time, 0.0)]
        self._z = [fmpz(0)] * data.width
        self._anchors = [self._fixed(i, value) for i, value in enumerate(data.dual)]
        self.errors: Floats = np.full(data.d, 2.0)

    @property
    def plateaus(self) -> int:
        """How many plateaus it has moved over; s̃ is that at the end of them."""
        return len(self.times) - 1

    def _fixed(self, i: int, value: Number) -> fmpz:
        return round_to_units(value, self.scale + self.data.row_exponents[i])

    # --- bounds for all coordinates at once, in binary64 --------------------------------------------

    def gradient_interval(self, fit: Fit) -> Interval:
        """g̃ at a fit."""
        data = self.data
        slope = data.slope_floats(fit.slope, fit.scale)
        middle = -(data.floats @ slope.values)
        rounding = (gamma(data.width) + 4 * CONVERSION) * (data.magnitudes @ np.abs(slope.values))
        unit = _power(slope.exponent)
        with np.errstate(all="ignore"):  # as in ``about``
            radius = (rounding + data.loss * ROUGH) * unit + data.norms * scale_up(fit.spread, -fit.bits)
            found = about(middle * unit, radius)
        return Interval(np.where(data.moving, found.low, 0.0), np.where(data.moving, found.high, 0.0))

    def dual_interval(self) -> Interval:
        """s̃ now, of coordinates whose place is not known exactly."""
        data = self.data
        z = data.slope_floats(self._z, self.scale)
        unit = _power(z.exponent)
        anchors = np.array(
            [to_float(a, -self.scale - e) for a, e in zip(self._anchors, data.row_exponents, strict=True)]
        )
        moved = data.magnitudes @ np.abs(z.values)
        rounding = (gamma(data.width) + 4 * CONVERSION) * moved
        with np.errstate(all="ignore"):  # as in ``about``
            middle = anchors + (data.floats @ z.values) * unit
            radius = (rounding + data.loss * ROUGH) * unit + 4 * CONVERSION * (np.abs(anchors) + moved * unit)
            return about(middle, radius + self.errors * scale_up(1.0, -self.bits))

    # --- balls for one coordinate -------------------------------------------------------------------

    def gradient_ball(self, i: int, fit: Fit) -> arb:
        """g̃_i at a fit."""
        product = _dot(self.data.rows[i], fit.slope)
        exponent = -fit.scale - self.data.row_exponents[i]
        return ball(-product, exponent, float(self.data.norms[i]) * fit.spread, -fit.bits)

    def dual_ball(self, i: int) -> arb:
        """s̃_i now, from the history."""
        value = self._anchors[i] + _dot(self.data.rows[i], self._z)
        return ball(value, -self.scale - self.data.row_exponents[i], float(self.errors[i]), -self.bits)

    def wait_ball(self, i: int, fit: Fit, on_threshold: int) -> arb:
        """Δ̃ until coordinate i reaches the threshold it moves towards; not finite while its sign is unknown.

        on_threshold is the side of the threshold where s_i is known to be, 0 when it is inside.
        """
        with workprec(self.bits + 2 * GUARD):
            slope = self.gradient_ball(i, fit)
            if not (slope > 0 or slope < 0):
                return arb(0, arb.pos_inf())
            side = -1 if slope > 0 else 1
            threshold = self.data.thresholds[side][i]
            if threshold is None:
                return arb.pos_inf()
            start = enclose(self.data.place(i, on_threshold)) if on_threshold else self.dual_ball(i)
            return (enclose(threshold) - start * side) / abs(slope)

    def time_ball(self, k: int) -> arb:
        """t̃_k."""
        middle, error = self.times[k]
        return ball(middle, -self.bits - GUARD, error, -self.bits)

    # --- steps --------------------------------------------------------------------------------------

    def advance(
        self, plateau: int, fit: Fit, gradient: Interval, wait: arb, released: dict[int, int]
    ) -> None:
        """Move along plateau number ``plateau``, that of a fit, for a time in the ball ``wait``.

        released maps the coordinates that leave a threshold, where s is known exactly, to its side.
        Raises ProofFailed unless it is the plateau after those moved over: no plateau counts twice.
        """
        if plateau != self.plateaus:
            raise ProofFailed(f"plateau {plateau} cannot follow the {self.plateaus} already moved over")
        data = self.data
        for i, side in released.items():
            self._anchors[i] = self._fixed(i, data.place(i, side)) - _dot(data.rows[i], self._z)
            self.errors[i] = 2.0
        duration, error = _fixed_point(wait, self.bits) if wait.is_finite() else (fmpz(0), math.inf)
        places = self.bits + GUARD
        self._z = [z + ((duration * u) >> places) for z, u in zip(self._z, fit.slope, strict=True)]
        length = (to_float(duration, -places) + error * scale_up(1.0, -self.bits)) * (1 + 1e-12)
        with np.errstate(invalid="ignore"):
            growth = error * gradient.magnitude + length * fit.spread * data.norms + data.loss
        growth[np.isnan(growth)] = np.inf  # ∞ · 0, after a wait that is not known at all
        self.errors = (self.errors + growth) * (1 + 1e-12)
        self.time += duration
        self.time_error = (self.time_error + error) * (1 + 1e-12)
        self.times.append((self.time, self.time_error))


def _fixed_point(wait: arb, bits: int) -> tuple[fmpz, float]:
    """A number of 2^−(bits + GUARD) inside or beside the ball, and how far the truth may be, in 2^−bits."""
    mantissa, exponent = wait.mid().man_exp()
    shift = int(exponent) + bits + GUARD
    fixed = mantissa << shift if shift >= 0 else mantissa >> -shift
    radius, power = wait.rad().man_exp()
    return fixed, scale_up(to_float(radius, int(power) + bits) * (1 + 1e-12), 0) + 2.0 ** (1 - GUARD)


def _dot(left: list[fmpz], right: list[fmpz]) -> fmpz:
    return sum((a * b for a, b in zip(left, right, strict=True)), fmpz(0))


def _power(exponent: int) -> float:
    return to_float(fmpz(1), exponent)
