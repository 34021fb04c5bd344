"""Algorithm 1 written plainly with fractions.Fraction: the yardstick for speed, and an oracle.

Gram matrix once, warm start, Gauss-Jordan: what a careful person writes in an afternoon. It shares
nothing with exactsaddle and makes the same canonical choice (MATHEMATICS.md §2), so results are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

Threshold = Fraction | None


class Step(NamedTuple):
    time: Fraction
    beta: tuple[Fraction, ...]
    dual: tuple[Fraction, ...]


def solve(G: list[list[Fraction]], r: list[Fraction], active: Sequence[int]) -> list[Fraction]:
    """β with G_AA β_A = r_A and zero elsewhere, by Gauss-Jordan."""
    rows = [[G[i][j] for j in active] + [r[i]] for i in active]
    for column in range(len(active)):
        pivot = next(k for k in range(column, len(active)) if rows[k][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [value / head for value in rows[column]]
        for k, row in enumerate(rows):
            if k != column and row[column]:
                factor = row[column]
                rows[k] = [a - factor * b for a, b in zip(row, rows[column], strict=True)]
    beta = [Fraction(0)] * len(r)
    for row, i in zip(rows, active, strict=True):
        beta[i] = row[-1]
    return beta


def gradient(G: list[list[Fraction]], r: list[Fraction], beta: Sequence[Fraction]) -> list[Fraction]:
    support = [j for j, b in enumerate(beta) if b]
    return [sum((G[i][j] * beta[j] for j in support), Fraction(0)) - r[i] for i in range(len(r))]


def cone_least_squares(
    G: list[list[Fraction]], r: list[Fraction], signs: Sequence[int], beta: list[Fraction]
) -> tuple[list[Fraction], list[Fraction]]:
    while True:
        g = gradient(G, r, beta)
        entering = next((i for i in range(len(r)) if signs[i] * g[i] < 0 and beta[i] == 0), None)
        if entering is None:
            return beta, g
        working = [i for i in range(len(r)) if beta[i] or i == entering]
        while True:
            candidate = solve(G, r, working)
            blocking = [i for i in working if signs[i] * candidate[i] < 0]
            if not blocking:
                beta = candidate
                break
            step = min(beta[i] / (beta[i] - candidate[i]) for i in blocking)
            beta = [b + step * (c - b) for b, c in zip(beta, candidate, strict=True)]
            working = [i for i in working if beta[i]]


def saddle_path(
    X: Sequence[Sequence[Fraction]],
    y: Sequence[Fraction],
    lower: Sequence[Threshold] | None = None,
    upper: Sequence[Threshold] | None = None,
    dual: Sequence[Fraction] | None = None,
) -> list[Step]:
    """The path; a threshold of None is infinite."""
    n, d = len(X), len(X[0])
    below = lower if lower is not None else [Fraction(1)] * d
    above = upper if upper is not None else [Fraction(1)] * d
    columns = [[row[j] for row in X] for j in range(d)]
    G = [[sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) / n for v in columns] for u in columns]
    r = [sum((a * b for a, b in zip(u, y, strict=True)), Fraction(0)) / n for u in columns]
    time, beta = Fraction(0), [Fraction(0)] * d
    s = list(dual) if dual is not None else [Fraction(0)] * d
    steps = []
    while True:
        signs = [
            1 if s[i] == above[i] else -1 if below[i] is not None and s[i] == -below[i] else 0
            for i in range(d)
        ]
        beta, g = cone_least_squares(G, r, signs, beta)
        steps.append(Step(time, tuple(beta), tuple(s)))
        waits = []
        for i in range(d):
            bound = above[i] if g[i] < 0 else below[i]
            if g[i] and bound is not None:
                waits.append((bound - s[i] if g[i] < 0 else bound + s[i]) / abs(g[i]))
        if not waits:
            return steps
        delta = min(waits)
        time += delta
        s = [value - delta * slope for value, slope in zip(s, g, strict=True)]
