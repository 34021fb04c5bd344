"""Algorithm 1 in plain floats, as it is usually written: a peer that shows where floats go wrong.

Lists and loops instead of a BLAS: a float that is wrong is to be wrong by the same bits on every processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

Column = list[float]

ON_THRESHOLD = 1e-9
"""|s_i| within this of 1 counts as on the threshold, and a gradient below it as zero."""


@dataclass(frozen=True)
class FloatSaddle:
    """A saddle as floats see it: accelerated time, β (d,), and where |β| > 1e-12."""

    time: float
    beta: tuple[float, ...]
    support: tuple[int, ...]


def float_saddles(X: Sequence[Sequence[float]], y: Sequence[float]) -> tuple[FloatSaddle, ...]:
    """Algorithm 1 for thresholds 1 and s_0 = 0 in binary64, with ``nnls`` and fixed tolerances.

    X is (n, d), y (n,). It gives up after 20·min(n, d) jumps, which a run that has lost its way reaches.
    """
    columns, target = [list(column) for column in zip(*X, strict=True)], list(y)
    n, d = len(target), len(columns)
    s, time, found = [0.0] * d, 0.0, []
    for _ in range(20 * min(n, d)):
        active = [i for i in range(d) if abs(s[i]) > 1 - ON_THRESHOLD]
        signs = [1.0 if s[i] > 0 else -1.0 for i in active]
        fitted = nnls([[sign * x for x in columns[i]] for i, sign in zip(active, signs, strict=True)], target)
        beta = [0.0] * d
        for i, sign, value in zip(active, signs, fitted, strict=True):
            beta[i] = sign * value
        rest = _residual(columns, beta, target)
        gradient = [-_dot(column, rest) / n for column in columns]
        support = tuple(i for i in range(d) if abs(beta[i]) > 1e-12)
        found.append(FloatSaddle(time, tuple(beta), support))
        gradient = [0.0 if abs(g) < ON_THRESHOLD else g for g in gradient]
        if not any(gradient):
            break
        waits = [(1 + s[i] if g > 0 else 1 - s[i]) / abs(g) if g else inf for i, g in enumerate(gradient)]
        wait = min(waits)
        time += wait
        s = [min(1.0, max(-1.0, value - wait * g)) for value, g in zip(s, gradient, strict=True)]
    return tuple(found)


def nnls(columns: Sequence[Column], target: Column) -> list[float]:
    """min ‖Σ x_j columns_j − target‖ over x ≥ 0. Source: Lawson & Hanson 1974, ch. 23."""
    x = [0.0] * len(columns)
    free: list[int] = []
    scale = max((abs(_dot(column, target)) for column in columns), default=0.0)
    for _ in range(3 * len(columns)):
        rest = _residual(columns, x, target)
        pull = {j: _dot(columns[j], rest) for j in range(len(columns)) if j not in free}
        enters = max(pull, key=lambda j: pull[j], default=None)
        if enters is None or pull[enters] <= 1e-14 * scale:
            break
        free.append(enters)
        trial = _least_squares([columns[j] for j in free], target)
        while min(trial) <= 0:
            share = min(x[j] / (x[j] - t) for j, t in zip(free, trial, strict=True) if t <= 0 and x[j] != t)
            moved = [x[j] + share * (t - x[j]) for j, t in zip(free, trial, strict=True)]
            leaves = min(range(len(free)), key=lambda k: moved[k])
            for j, value in zip(free, moved, strict=True):
                x[j] = value
            x[free[leaves]] = 0.0
            del free[leaves]
            if not free:
                return x
            trial = _least_squares([columns[j] for j in free], target)
        for j, t in zip(free, trial, strict=True):
            x[j] = t
    return x


def _least_squares(columns: Sequence[Column], target: Column) -> list[float]:
    """By modified Gram–Schmidt, a residual of the target beside the columns."""
    basis: list[Column] = []
    upper: list[list[float]] = []
    for column in columns:
        rest, row = list(column), []
        for unit in basis:
            along = _dot(unit, rest)
            rest = [r - along * u for r, u in zip(rest, unit, strict=True)]
            row.append(along)
        norm = sqrt(_dot(rest, rest)) or 1e-300
        upper.append([*row, norm])
        basis.append([r / norm for r in rest])
    rest, right = list(target), []
    for unit in basis:
        along = _dot(unit, rest)
        rest = [r - along * u for r, u in zip(rest, unit, strict=True)]
        right.append(along)
    x = [0.0] * len(columns)
    for k in reversed(range(len(columns))):
        total = right[k]
        for j in range(k + 1, len(columns)):
            total -= upper[j][k] * x[j]
        x[k] = total / upper[k][k]
    return x


def _residual(columns: Sequence[Column], x: Sequence[float], target: Column) -> Column:
    rest = list(target)
    for column, value in zip(columns, x, strict=True):
        rest = [r - value * c for r, c in zip(rest, column, strict=True)]
    return rest


def _dot(left: Column, right: Column) -> float:
    total = 0.0
    for a, b in zip(left, right, strict=True):
        total += a * b
    return total
