"""t·β̄_t = ∫₀ᵗ β̃ at the jumps of a path: its signs, and when it vanishes, exactly or by balls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from flint import arb

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.numbers import Number, RootSum, Vector, simplest
from exactsaddle.path import SaddlePath, bits_of, is_accurate
from exactsaddle.path.saddle import Dual

LADDER = (30, 120, 480)
"""The digits at which numbers of the path are read, one after another, until a sign is proved."""
SHARPER = 4
"""A time is read from numbers of so many times its digits at most: what cancels more is not known."""


class Moment(NamedTuple):
    """t_k; with a coordinate, the time on plateau k at which t·β̄_i is zero."""

    plateau: int
    coordinate: int | None = None


class Integral(Protocol):
    """What ``lasso_agreement`` asks."""

    def sign(self, k: int, i: int) -> int:
        """The sign of t·β̄_t,i at t_k, proved."""

    def last_zero(self, k: int, coordinates: Sequence[int]) -> Moment:
        """The last of the times on plateau k at which these t·β̄_i, which β_k pulls through 0, vanish."""


class ExactIntegral:
    """In the exact numbers of the path."""

    def __init__(self, path: SaddlePath) -> None:
        self.path = path
        self._found: list[Dual] = [Vector.zero(path.problem.d)]

    def value(self, k: int) -> Dual:
        """∫ up to t_k, (d,); k may be that of the horizon of a prefix. No later plateau is looked at."""
        while len(self._found) <= k:
            saddle = self.path[len(self._found) - 1]
            length = saddle.exact_length
            if length is None:
                raise IndexError(f"plateau {saddle.index} never ends")
            self._found.append(_moved(self._found[-1], saddle.beta_vector, length))
        return self._found[k]

    def sign(self, k: int, i: int) -> int:
        """The sign of t·β̄_t,i at t_k."""
        value = self.value(k)[i]
        return int(value > 0) - int(value < 0)

    def last_zero(self, k: int, coordinates: Sequence[int]) -> Moment:
        """The last of the times on plateau k at which these vanish."""
        return max((Moment(k, i) for i in coordinates), key=self.time)

    def time(self, moment: Moment) -> Number:
        """When that is, exactly."""
        k, i = moment
        if k == len(self.path):
            last = self.path[-1]
            length = last.exact_length
            if length is None:
                raise IndexError(f"plateau {k - 1} never ends")
            return simplest(last.exact_time + length)
        saddle = self.path[k]
        if i is None:
            return saddle.exact_time
        return simplest(saddle.exact_time - self.value(k)[i] / saddle.beta_vector[i])


def _moved(place: Dual, direction: Vector, by: Number) -> Dual:
    """place + direction·by."""
    if isinstance(place, Vector) and not isinstance(by, RootSum):
        return place + direction * by
    return tuple(value + by * step for value, step in zip(place, direction, strict=True))


class BallIntegral:
    """By balls of rising precision, where the signs of the β_j do not settle it."""

    def __init__(self, path: SaddlePath) -> None:
        self.path = path
        self._values: dict[int, list[list[arb]]] = {}

    @cached_property
    def _sides(self) -> list[dict[int, set[int]]]:
        """The signs that β_i had up to each t_k: an integral of one sign is not zero."""
        sides: list[dict[int, set[int]]] = [{}]
        for saddle in self.path:
            now = dict(sides[-1])
            for i in saddle.support:
                now[i] = now.get(i, set()) | {saddle.signs[i]}
            sides.append(now)
        return sides

    def sign(self, k: int, i: int) -> int:
        """The sign of t·β̄_t,i at t_k; raises Inconclusive where balls do not tell it from 0."""
        sides = self._sides[k].get(i, {0})
        if len(sides) == 1:
            return next(iter(sides))
        for digits in LADDER:
            value = self._at(digits)[k][i]
            if value != 0:
                return 1 if value > 0 else -1
        raise Inconclusive(
            f"whether the integral of {self.path.problem.names[i]} over [0, t_{k}] is 0 is not told by "
            f"{LADDER[-1]} digits (arithmetic rational tells)"
        )

    def last_zero(self, k: int, coordinates: Sequence[int]) -> Moment:
        """The last of the times on plateau k at which these vanish.

        Raises Inconclusive where balls do not tell which.
        """
        for digits in LADDER:
            times = {Moment(k, i): self._time(Moment(k, i), digits) for i in coordinates}
            for moment, time in times.items():
                if all(time > other for its, other in times.items() if its != moment):
                    return moment
        raise Inconclusive(f"which t·β̄_i vanishes last on plateau {k} is not told by {LADDER[-1]} digits")

    def time(self, moment: Moment, digits: int) -> arb:
        """When that is, within 10^−digits of itself; raises Inconclusive where too much cancels."""
        for more in (digits + 10, SHARPER * digits + 40):
            found = self._time(moment, more)
            if is_accurate(found, digits):
                return found
        raise Inconclusive(
            f"a zero of the average on plateau {moment.plateau} is not known to {digits} digits"
        )

    def _time(self, moment: Moment, digits: int) -> arb:
        k, i = moment
        if i is None:
            return self._jump(k, digits)
        with workprec(bits_of(digits) + 64):
            return self._jump(k, digits) - self._at(digits)[k][i] / self.path[k].beta_ball(digits)[i]

    def _jump(self, k: int, digits: int) -> arb:
        """t_k, the end of the last plateau included."""
        if k < len(self.path):
            return self.path[k].jump_time_ball(digits)
        end = self.path[-1].end_ball(digits)
        if end is None:
            raise IndexError(f"plateau {k - 1} never ends")
        return end

    def _at(self, digits: int) -> list[list[arb]]:
        """∫ up to each t_k, d balls, from numbers of that many digits."""
        if digits not in self._values:
            found = [[arb(0)] * self.path.problem.d]
            with workprec(bits_of(digits) + 64):
                for k, saddle in enumerate(self.path):
                    if not saddle.hits:
                        break
                    length = self._jump(k + 1, digits) - self._jump(k, digits)
                    values, beta = list(found[-1]), saddle.beta_ball(digits)
                    for i in saddle.support:
                        values[i] += beta[i] * length
                    found.append(values)
            self._values[digits] = found
        return self._values[digits]
