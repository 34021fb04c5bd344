"""The curve z̃ at any precision: the same theorem as in ``curve``, in integers, replayed from the start.

Between jumps ds̃/dt̃ = −g̃ with g̃ a function of the support alone; so all that a path remembers is
z = Σ Δ_k u_k. Each plateau takes one fit to ``bits`` bits; what ``ledger`` adds up is multiplied by nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpz

from exactsaddle.base import Inconclusive, ProofFailed, workprec
from exactsaddle.numbers import IntegerVectors, Number, enclose, round_to_units
from exactsaddle.path.engines.binary import (
    CONVERSION,
    ROUGH,
    TINY,
    UP,
    Scaled,
    ball,
    gamma,
    scale_up,
    to_float,
    to_integer,
    to_scaled,
)
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.dependence import independent
from exactsaddle.path.engines.fit import Fit, Fitter, dot
from exactsaddle.path.engines.interval import Interval, about
from exactsaddle.path.engines.inverse import GramInverse
from exactsaddle.path.engines.ledger import Ledger
from exactsaddle.path.engines.plateau import Plateau

GUARD = 32
MAX_KEPT = 1 << 21
"""The most integers in the ẑ that are kept."""


@dataclass(frozen=True)
class Stay:
    """What is proved of a plateau: how long z̃ stays in the box, and where z is.

    ``in_step``: waits count from t̂_k and z is within ``radius``·2^−bits of ẑ; otherwise from t_k.
    """

    length: arb
    in_step: bool
    radius: float


class Trajectory:
    """ẑ_k at the start of the current plateau, to ``bits`` bits at best; advanced one plateau at a time."""

    def __init__(self, data: ScaledProblem, bits: int) -> None:
        self.data = data
        self.bits = bits
        self.scale = bits + data.floor
        self.ledger = Ledger(speed=data.target_norm)
        """z and times in units of 2^−bits; its speed is in those of the data."""
        self._times = [arb(0)]
        """t̂_k."""
        self._errors = [0.0]
        self._z = [fmpz(0)] * data.width
        self._kept = {0: (self._z, self.ledger.at_jump)}
        """ẑ_k and its bound by k, for as many k as there is room for."""
        self._rows = IntegerVectors(data.rows)
        self._starts = [self._fixed(i, value) for i, value in enumerate(data.dual)]

    @property
    def plateaus(self) -> int:
        """How many plateaus it has moved over; ẑ is that at the end of them."""
        return len(self._times) - 1

    def _fixed(self, i: int, value: Number) -> fmpz:
        return round_to_units(value, self.scale + self.data.row_exponents[i])

    # --- bounds for all coordinates at once, in binary64 --------------------------------------------

    def dual_interval(self, radius: float) -> Interval:
        """s̃ for any z within radius·2^−bits of ẑ_k."""
        data = self.data
        z = data.slope_floats(self._z, self.scale)
        unit = _power(z.exponent)
        starts = np.array(
            [to_float(a, -self.scale - e) for a, e in zip(self._starts, data.row_exponents, strict=True)]
        )
        moved = data.magnitudes @ np.abs(z.values)
        rounding = (gamma(data.width) + 4 * CONVERSION) * moved
        with np.errstate(all="ignore"):  # as in ``about``
            middle = starts + (data.floats @ z.values) * unit
            off = (rounding + data.loss * ROUGH) * unit + 4 * CONVERSION * (np.abs(starts) + moved * unit)
            return about(middle, off + (data.norms * radius + 2.0) * scale_up(1.0, -self.bits))

    # --- balls for one coordinate -------------------------------------------------------------------

    def dual_ball(self, i: int, radius: float) -> arb:
        """s̃_i for any z within radius·2^−bits of ẑ_k."""
        return self._dual_ball(i, dot(self.data.rows[i], self._z), radius)

    def _dual_ball(self, i: int, moved: fmpz, radius: float) -> arb:
        place, exponent = self._starts[i] + moved, -self.scale - self.data.row_exponents[i]
        return ball(place, exponent, (float(self.data.norms[i]) * radius + 2.0) * UP, -self.bits)

    def wait_ball(self, i: int, fit: Fit, radius: float) -> arb:
        """Δ̃ from such a z until coordinate i lands; not finite while the sign of its gradient is unknown."""
        with workprec(self.bits + 2 * GUARD):
            slope = gradient_ball(self.data, i, fit)
            if not (slope > 0 or slope < 0):
                return arb(0, arb.pos_inf())
            side = -1 if slope > 0 else 1
            threshold = self.data.thresholds[side][i]
            if threshold is None:
                return arb.pos_inf()
            return (enclose(threshold) - self.dual_ball(i, radius) * side) / abs(slope)

    def time_ball(self, k: int) -> arb:
        """t̃_k."""
        with workprec(self.bits + 2 * GUARD):
            return self._times[k] + ball(fmpz(0), 0, self._errors[k], -self.bits)

    def holds(self, k: int) -> bool:
        """Whether s̃ at t̃_k is known here."""
        return k == self.plateaus or k in self._kept

    def duals_at_jump(self, k: int) -> list[arb]:
        """s̃ at t̃_k, (d,), for a k that it ``holds``."""
        z, radius = (self._z, self.ledger.at_jump) if k == self.plateaus else self._kept[k]
        return [self._dual_ball(i, moved, radius) for i, moved in enumerate(self.data.products(z))]

    def stay(self, fit: Fit, candidates: Iterable[int], is_inside: bool) -> Stay:
        """What is proved of the plateau of a fit: candidates are all that may land first, of z or of z̃.

        is_inside: whether z̃ is proved to be in the box when it starts.
        """
        ledger, moving = self.ledger, list(candidates)
        length = self._first(fit, moving, ledger.anchor) if is_inside else arb(0)
        true_length = self._first(fit, moving, ledger.at_jump)
        with workprec(self.bits + 2 * GUARD):
            lasts = [_below(x) for x in (true_length, length)]
        unit = scale_up(1.0, -self.bits)
        in_step = 2 * ledger.time_error * unit < min(lasts)
        return Stay(length, in_step, ledger.in_step if in_step else ledger.at_jump)

    def _first(self, fit: Fit, moving: Iterable[int], radius: float) -> arb:
        """A lower bound of all their waits, an exact number; 0 where there is no better."""
        waits = [self.wait_ball(i, fit, radius) for i in moving]
        with workprec(self.bits + 2 * GUARD):
            if not all(wait > 0 for wait in waits):
                return arb(0)
            found = arb.pos_inf()
            for wait in waits:
                low = wait.lower()
                found = low if low < found else found
        return found

    def advance(self, k: int, plateau: Plateau, fit: Fit, stay: Stay, fitter: Fitter) -> None:
        """Move along plateau number k, that of a fit, and re-anchor where the next begins.

        Raises ProofFailed unless it is the plateau after those moved over: no plateau counts twice.
        """
        if k != self.plateaus:
            raise ProofFailed(f"plateau {k} cannot follow the {self.plateaus} already moved over")
        ledger, places = self.ledger, self.bits + GUARD
        waits = [self.wait_ball(i, fit, stay.radius) for i in plateau.hits]
        with workprec(places + GUARD):
            duration = _floor(stay.length, places)
            length = arb((duration, -places))
            off = min(_above(abs(wait - length) * arb((1, self.bits))) for wait in waits)
            time = self._times[-1] + length
        error = (off if stay.in_step else ledger.time_error + off) * UP
        self._z = [z + ((duration * u) >> places) for z, u in zip(self._z, fit.slope, strict=True)]
        ledger.move(_above(length), fit.spread, self.data.loss)
        self._anchor(plateau.next_active, error, fitter)
        self._times.append(time)
        self._errors.append(error)
        if len(self._kept) * self.data.width < MAX_KEPT:
            self._kept[self.plateaus] = self._z, self.ledger.at_jump

    def _anchor(self, active: Mapping[int, int], time_error: float, fitter: Fitter) -> None:
        """Put what is on a threshold there."""
        columns, gram = self._basis(active, fitter)
        correction, misses = 0.0, self._misses(columns, active)
        enough = 8 * math.sqrt(len(columns) + 1)
        while gram.contraction < 1 and self._size(misses) > enough:
            step = gram.approximate @ misses.values
            units = [
                to_integer(float(x), misses.exponent + self.scale - self.data.row_exponents[j])
                for x, j in zip(step, columns, strict=True)
            ]
            corrected = self._corrected(columns, units)
            left = self._misses(columns, active, corrected)
            if not self._size(left) < self._size(misses) / 4:
                break
            self._z, misses = corrected, left
            correction += self._length(columns, units)
        anchor = gram.bound**0.5 * self._size(misses) * UP
        self.ledger.jump(correction * UP, anchor, time_error)

    def _basis(self, active: Mapping[int, int], fitter: Fitter) -> tuple[list[int], GramInverse]:
        """Independent columns that span those on thresholds: what depends on them follows."""
        columns = [i for i in active if self.data.moving[i]]
        try:
            return columns, fitter.inverter.inverse(columns, self.bits)
        except Inconclusive:
            found = independent(self.data.problem, columns)
            if len(found) == len(columns):
                raise
            return found, fitter.inverter.inverse(found, self.bits)

    def _misses(self, columns: list[int], active: Mapping[int, int], z: list[fmpz] | None = None) -> Scaled:
        """By how much s̃ at ẑ misses the thresholds of these columns."""
        data = self.data
        places = [self._fixed(j, data.place(j, active[j])) for j in columns]
        self._rows.select(columns)
        moved = self._rows.inner(self._z if z is None else z)
        missed = [self._starts[j] + v - p for j, v, p in zip(columns, moved, places, strict=True)]
        return to_scaled(missed, [-self.scale - data.row_exponents[j] for j in columns])

    def _size(self, misses: Scaled) -> float:
        """At least the Euclidean norm, in units of 2^−bits; starts and places were rounded."""
        bound = float(math.sqrt(misses.values @ misses.values)) * (1 + gamma(len(misses.values)) + CONVERSION)
        rounded = math.sqrt(len(misses.values))
        return scale_up((bound + ROUGH * rounded) * UP, misses.exponent + self.bits) + 2 * rounded

    def _corrected(self, columns: list[int], units: list[fmpz]) -> list[fmpz]:
        """ẑ − Σ b̃_j x̃_j for b̃_j = units·2^(A_j − scale), on the columns whose misses were last asked for."""
        if self.data.is_tall:
            z = list(self._z)
            for j, b in zip(columns, units, strict=True):
                z[1 + j] += b
            return z
        return [v - w for v, w in zip(self._z, self._rows.combine(units), strict=True)]

    def _length(self, columns: list[int], units: list[fmpz]) -> float:
        """At least the norm of Σ b̃_j x̃_j, in units of 2^−bits."""
        data = self.data
        return sum(
            float(data.norms[j]) * abs(to_float(b, data.row_exponents[j] - data.floor)) * UP
            for j, b in zip(columns, units, strict=True)
        )

    def position(self) -> tuple[list[fmpz], int]:
        """ẑ_k as n integers at 2^−scale, and scale."""
        data = self.data
        if not data.is_tall:
            return self._z, self.scale
        z = [self._z[0] * v for v in data.target]
        for j, b in enumerate(self._z[1:]):
            if b != 0:
                z = [v - b * x for v, x in zip(z, data.columns[j], strict=True)]
        return z, self.scale


def gradient_interval(data: ScaledProblem, fit: Fit) -> Interval:
    """g̃ at a fit."""
    slope = data.slope_floats(fit.slope, fit.scale)
    middle = -(data.floats @ slope.values)
    rounding = (gamma(data.width) + 4 * CONVERSION) * (data.magnitudes @ np.abs(slope.values))
    unit = _power(slope.exponent)
    with np.errstate(all="ignore"):  # as in ``about``
        radius = (rounding + data.loss * ROUGH) * unit + data.norms * scale_up(fit.spread, -fit.bits)
        found = about(middle * unit, radius)
    return Interval(np.where(data.moving, found.low, 0.0), np.where(data.moving, found.high, 0.0))


def gradient_ball(data: ScaledProblem, i: int, fit: Fit) -> arb:
    """g̃_i at a fit."""
    product = dot(data.rows[i], fit.slope)
    exponent = -fit.scale - data.row_exponents[i]
    return ball(-product, exponent, float(data.norms[i]) * fit.spread * UP, -fit.bits)


def _below(value: arb) -> float:
    """A float that is at most an exact number ≥ 0."""
    return float(value) * (1 - 1e-12) - TINY


def _above(value: arb) -> float:
    """A float that is at least value."""
    return float(value.upper()) * (1 + 1e-12) + TINY


def _floor(value: arb, places: int) -> fmpz:
    mantissa, exponent = value.mid().man_exp()
    shift = int(exponent) + places
    return mantissa << shift if shift >= 0 else mantissa >> -shift


def _power(exponent: int) -> float:
    return to_float(fmpz(1), exponent)
