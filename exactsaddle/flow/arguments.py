"""What a run of the flow accepts: alpha, times, radius."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten, to_rational, to_text


def check_alpha(alpha: Any) -> fmpq:
    """alpha as an exact rational in (0, 1); InvalidInput otherwise."""
    value = to_rational(alpha)
    if not 0 < value < 1:
        raise InvalidInput(f"alpha must lie strictly between 0 and 1, not {shorten(to_text(value))}")
    return value


def check_times(times: Iterable[Any]) -> tuple[fmpq, ...]:
    """Times as exact rationals; InvalidInput unless there are some, all ≥ 0, strictly increasing."""
    if isinstance(times, str) or not isinstance(times, Iterable):
        raise InvalidInput(f"times must be a sequence of numbers, not {times!r}")
    values = tuple(to_rational(time) for time in times)
    if not values:
        raise InvalidInput("no times were given")
    if values[0] < 0:
        raise InvalidInput(f"time {shorten(to_text(values[0]))} is negative")
    for before, after in pairwise(values):
        if not before < after:
            raise InvalidInput(
                f"times must increase, but {shorten(to_text(after))} follows {shorten(to_text(before))}"
            )
    return values


def check_radius(radius: Any) -> fmpq:
    """radius as an exact positive rational."""
    value = to_rational(radius)
    if value <= 0:
        raise InvalidInput(f"radius must be positive, not {shorten(to_text(value))}")
    return value
