"""Data of several kinds for benchmarks, as somebody has them; the same at every run."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

Given = tuple[Any, Any]
"""X and y as somebody has them: what a path is timed from."""


def normal(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Independent normal deviates."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), rng.normal(size=n)


def integers(n: int, d: int, largest: int) -> Given:
    """Uniform in ±largest."""
    rng = random.Random(0)
    rows = [[rng.randint(-largest, largest) for _ in range(d)] for _ in range(n)]
    return rows, [rng.randint(-largest, largest) for _ in range(n)]


def decimals(n: int, d: int) -> Given:
    """Normal deviates of three decimals, as text."""
    X, y = normal(n, d)
    return [[f"{x:.3f}" for x in row] for row in X], [f"{x:.3f}" for x in y]


def correlated(n: int, d: int) -> Given:
    """Normal deviates of which neighbouring columns have correlation 0.9."""
    X, y = normal(n, d)
    for j in range(1, d):
        X[:, j] = 0.9 * X[:, j - 1] + 0.19**0.5 * X[:, j]
    return X, y


def orthonormal(n: int, d: int) -> Given:
    """Orthonormal columns up to rounding, as many as there are rows."""
    X, y = normal(n, n)
    return np.linalg.qr(X)[0], y


def few(n: int, d: int) -> Given:
    """Normal deviates, nine in ten of X zero."""
    X, y = normal(n, d)
    return X * (np.random.default_rng(1).random(size=(n, d)) < 0.1), y


KINDS: dict[str, Callable[[int, int], Given]] = {
    "normal deviates, binary64": normal,
    "normal deviates, binary32": lambda n, d: (normal(n, d)[0].astype(np.float32), normal(n, d)[1]),
    "uniform on [0, 1), binary64": lambda n, d: (np.random.default_rng(1).random((n, d)), normal(n, d)[1]),
    "correlated columns, binary64": correlated,
    "orthonormal columns, binary64": orthonormal,
    "nine in ten entries zero, binary64": few,
    "three decimals": decimals,
    "integers in ±1000": lambda n, d: integers(n, d, 1000),
    "integers in ±9": lambda n, d: integers(n, d, 9),
}
