"""Collocation at Chebyshev nodes in binary64, for proposals (chebyshev.py has the balls)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from exactsaddle.problem import FloatArray

BLOCK = 3
"""Nodes of a block: from 4 on the short one beside −1, whose distances grow, is unstable for stiff rates."""

Sweep = tuple[tuple[int, int, FloatArray, FloatArray], ...]


@dataclass(frozen=True, eq=False)
class FloatBasis:
    """Degree N on [−1, 1], its N + 1 nodes descending as in chebyshev.py.

    values: (N+1, N+1), T_k at node q. coefficients: node values to coefficients. integrals: node values to
    the integrals from −1 to each node; derivatives is its inverse. sweeps: the nodes from −1 on in blocks,
    (first, last, D, e) with nodes first … last − 1. Through values u there and u_0 at the node before, −1 at
    first, goes a polynomial whose derivatives at the nodes of the block are Du + e u_0.
    """

    degree: int
    values: FloatArray
    coefficients: FloatArray
    integrals: FloatArray
    derivatives: FloatArray
    sweeps: Sweep


@lru_cache(maxsize=16)
def float_basis(degree: int) -> FloatBasis:
    """The FloatBasis of that degree ≥ 2."""
    size = degree + 1
    angles = (2 * np.arange(size) + 1) * np.pi / (2 * size)
    orders = np.arange(size + 1)
    table = np.cos(np.outer(angles, orders))
    values = table[:, :size]
    coefficients = values.T * (2 / size)
    coefficients[0] /= 2
    nodes = table[:, 1]
    moved = np.empty((size, size))
    moved[:, 0], moved[:, 1] = nodes + 1, (nodes**2 - 1) / 2
    k = orders[2:size]
    moved[:, 2:] = table[:, 3:] / (2 * (k + 1)) - table[:, 1 : size - 1] / (2 * (k - 1))
    moved[:, 2:] -= np.where(k % 2, -1.0, 1.0) / (k * k - 1.0)
    integrals = moved @ coefficients
    sweeps = tuple(_blocks(np.append(nodes, -1.0)))
    return FloatBasis(degree, values, coefficients, integrals, np.linalg.inv(integrals), sweeps)


def _blocks(points: FloatArray) -> Iterator[tuple[int, int, FloatArray, FloatArray]]:
    """The blocks of a sweep over descending points that end with −1."""
    for last in range(len(points) - 1, 0, -BLOCK):
        first = max(0, last - BLOCK)
        table = _derivatives(points[first : last + 1])
        yield first, last, table[:-1, :-1], table[:-1, -1]


def _derivatives(points: FloatArray) -> FloatArray:
    """Values at a few points to derivatives there, by Lagrange's formula."""
    distances = points[:, None] - points
    np.fill_diagonal(distances, 1.0)
    weights = distances.prod(axis=1)
    found: FloatArray = weights[:, None] / weights / distances
    np.fill_diagonal(found, 0.0)
    np.fill_diagonal(found, -found.sum(axis=1))
    return found
