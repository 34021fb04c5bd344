"""Decisions all pictures share: who has a colour, where labels stand, what to omit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactsaddle.report import palette

Floats = NDArray[np.float64]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, in their order, at least ``gap`` apart, in [low, high].

    Least squares under an order (pool adjacent violators); the gap shrinks when there is no room.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    blocks: list[list[float]] = []  # [mean, size] of positions less their rank times the gap
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            mean, size = blocks.pop()
            total = blocks[-1][1] + size
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * size) / total, total]
    flat = [mean for mean, size in blocks for _ in range(int(size))]
    top = high - (len(wanted) - 1) * gap
    placed = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        placed[index] = min(max(flat[rank], low), top) + rank * gap
    return placed


def simplified(points: Floats, tolerance: float = 0.12) -> NDArray[np.intp]:
    """Indices of the points, (m, k), of a polyline that keep it within ``tolerance`` of what it was.

    Source: Douglas & Peucker 1973, in any dimension.
    """
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        away = points[first + 1 : last] - points[first]
        square = float(chord @ chord)
        along = np.clip(away @ chord / square, 0, 1) if square > 0 else np.zeros(len(away))
        distance = np.linalg.norm(away - along[:, None] * chord, axis=1)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)


@dataclass(frozen=True)
class Cast:
    """Which coordinates stand out, in the order in which they first enter, and in which colour.

    ever are all coordinates that are nonzero at some saddle, in the same order.
    """

    highlighted: tuple[int, ...]
    ever: tuple[int, ...]

    def colour(self, i: int) -> str:
        """The colour of coordinate i: a series, or muted when it does not stand out."""
        if i in self.highlighted:
            return palette.HUES[self.highlighted.index(i) % len(palette.HUES)]
        return palette.MUTED

    @property
    def folded(self) -> tuple[int, ...]:
        """Those of ``ever`` that do not stand out."""
        return tuple(i for i in self.ever if i not in self.highlighted)


def cast_of(betas: Floats, chosen: Sequence[int] | None = None, limit: int = len(palette.HUES)) -> Cast:
    """The coordinates with the largest |β_k,i| over all plateaus, betas (p+1, d), ties by index.

    Or those chosen; the first few where none ever moves.
    """
    entries = [(int(np.argmax(column != 0)), i) for i, column in enumerate(betas.T) if column.any()]
    ever = tuple(i for _, i in sorted(entries))
    if chosen is not None:
        return Cast(tuple(chosen), ever)
    largest = np.abs(betas).max(axis=0)
    shown = sorted(ever, key=lambda i: (-largest[i], i))[:limit]
    return Cast(tuple(i for i in ever if i in shown) or tuple(range(min(betas.shape[1], limit))), ever)
