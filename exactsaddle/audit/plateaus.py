"""The plateaus that a run visited, found from its log alone, beside the exact saddles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exactsaddle.audit.log import Floats
from exactsaddle.path import PathArrays

_STILL = 0.8
"""Speed of a coordinate, in its largest |β_i| per unit of ln(time), below which it rests."""
_SMALL = 0.02
"""Of the largest |β|: what a coordinate's own largest counts as at least."""
_LASTS = 0.05
"""A rest is a plateau when it lasts this part of the time at which it ends."""
MATCH = 0.1
"""A plateau is at a saddle when it is within this part of the largest |β|."""


@dataclass(frozen=True)
class Plateau:
    """A rest of the run, rows first to last, accelerated times; the saddle it is at or None, how far off."""

    first: int
    last: int
    start: float
    end: float
    saddle: int | None
    distance: float


@dataclass(frozen=True)
class Itinerary:
    """The plateaus in order; saddles missed before the end, rests at no saddle, saddles out of order."""

    plateaus: tuple[Plateau, ...]
    missed: tuple[int, ...]
    extra: tuple[int, ...]
    swapped: tuple[int, ...]


def itinerary(times: Floats, beta: Floats, limit: PathArrays, shown: Sequence[bool]) -> Itinerary:
    """times (T,) accelerated, beta (T, d) of the run; shown[k] says whether plateau k can show at this α."""
    scale = max(float(np.abs(limit.betas).max()), float(np.abs(beta).max()), 1e-300)
    found = [_match(first, last, times, beta, limit, scale) for first, last in _rests(times, beta, scale)]
    visited = [p.saddle for p in found if p.saddle is not None]
    ends = [*limit.times[1:], np.inf]
    missed = tuple(
        k
        for k, (begin, end) in enumerate(zip(limit.times, ends, strict=True))
        if shown[k]
        and k not in visited
        and begin > times[0]
        and min(end, times[-1]) - begin > _LASTS * min(end, times[-1])
    )
    extra = tuple(j for j, p in enumerate(found) if p.saddle is None)
    swapped = tuple(k for j, k in enumerate(visited) if any(other > k for other in visited[:j]))
    return Itinerary(tuple(found), missed, extra, swapped)


def _rests(times: Floats, beta: Floats, scale: float) -> list[tuple[int, int]]:
    """Maximal stretches of rows along which every coordinate moves slowly, and for long enough."""
    own = np.maximum(np.abs(beta).max(axis=0), _SMALL * scale)
    moved = (np.abs(np.diff(beta, axis=0)) / own).max(axis=1)
    still = moved <= _STILL * np.diff(times) / np.maximum(times[1:], 1e-300)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(np.int8), [0]])))
    return [
        (int(first), int(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if times[last] - times[first] >= _LASTS * times[last]
    ]


def _match(first: int, last: int, times: Floats, beta: Floats, limit: PathArrays, scale: float) -> Plateau:
    """Where the run was at the later end of its rest, when it had relaxed, against the nearest saddle."""
    place = beta[first + 3 * (last - first) // 4]
    apart = np.abs(limit.betas - place).max(axis=1)
    nearest = int(np.argmin(apart))
    near = float(apart[nearest]) <= MATCH * scale
    return Plateau(
        first, last, float(times[first]), float(times[last]), nearest if near else None, float(apart[nearest])
    )
