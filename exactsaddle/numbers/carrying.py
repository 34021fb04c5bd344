"""How results are carried: pickled, copied and compared by value, though balls and arrays know neither.

FLINT's balls do not pickle, and a ball of positive radius is not even equal to itself: == says what is proved
of the numbers inside. Here a ball is its midpoint and its radius, which are dyadic numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from exactsaddle.base import ProofFailed

Dyadic = tuple[int, int] | str
"""(m, e) for m·2^e; text for what is not finite."""


class Carried:
    """An immutable object that is what it was made of: that pickles, is copied, and decides equality.

    Balls are the same when midpoint and radius are, arrays when type, shape and every bit are. What was
    computed later and kept (``cached_property``) stays behind: it is computed again when asked for.
    """

    def __getstate__(self) -> dict[str, Any]:
        kind = type(self)
        return {
            name: _packed(value)
            for name, value in self.__dict__.items()
            if not isinstance(getattr(kind, name, None), cached_property)
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: _unpacked(value) for name, value in state.items()})

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Carried):
            return NotImplemented
        return self is other or self.__getstate__() == other.__getstate__()

    def __hash__(self) -> int:
        scalars = (value for value in self.__dict__.values() if isinstance(value, (int, str, Fraction)))
        return hash((type(self), *scalars))


class _Ball(NamedTuple):
    mid: Dyadic
    rad: Dyadic

    def unpacked(self) -> arb:
        """The ball with exactly this midpoint and radius."""
        mid = arb(self.mid)
        return mid if self.rad == (0, 0) else _with_radius(mid, self.rad)


class _Array(NamedTuple):
    kind: str
    shape: tuple[int, ...]
    content: bytes

    def unpacked(self) -> np.ndarray[Any, Any]:
        """An array of its own."""
        return np.frombuffer(self.content, self.kind).reshape(self.shape).copy()


def _packed(value: Any) -> Any:
    """The value with what pickles and has an equality in place of balls and arrays."""
    if isinstance(value, arb):
        return _Ball(_dyadic(value.mid()), _dyadic(value.rad()))
    if isinstance(value, np.ndarray):
        return _Array(value.dtype.str, value.shape, value.tobytes())
    return _inside(value, _packed)


def _unpacked(value: Any) -> Any:
    if isinstance(value, (_Ball, _Array)):
        return value.unpacked()
    return _inside(value, _unpacked)


def _inside(value: Any, change: Any) -> Any:
    """The same collection of changed items; anything else as it is."""
    if isinstance(value, tuple):
        items = map(change, value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list):
        return list(map(change, value))
    if isinstance(value, Mapping):
        return {key: change(item) for key, item in value.items()}
    return value


def _dyadic(value: arb) -> Dyadic:
    if value.is_nan():
        return "nan"
    if not value.is_finite():
        return "inf" if value > 0 else "-inf"
    mantissa, exponent = value.man_exp()
    return int(mantissa), int(exponent)


def _with_radius(mid: arb, rad: Dyadic) -> arb:
    """The ball mid ± rad: FLINT rounds what it takes for a radius up, by a unit even where it need not."""
    if isinstance(rad, str):
        return arb(mid, arb(rad))
    mantissa, exponent = rad
    ball = arb(mid, arb(((mantissa << 64) - 1, exponent - 64)))
    if _dyadic(ball.rad()) != rad:
        raise ProofFailed(f"no ball of FLINT has the radius {mantissa}·2^{exponent}")
    return ball
