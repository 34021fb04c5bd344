"""The parts strategies are built from: integer grids, growth around a seed, symmetries of the path."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from exactsaddle.problem import Problem

Draw = Callable[[st.SearchStrategy[int]], int]
Grid = list[list[int]]

ENTRIES = st.integers(-5, 5)
SMALL = st.integers(-2, 2)


@dataclass(frozen=True)
class Data:
    """Rows of an integer design and a target, on their way to a Problem."""

    X: Grid
    y: list[int]


def positive(most: int) -> st.SearchStrategy[int]:
    """An integer from 1 to most."""
    return st.integers(1, most)


def nonzero(most: int = 5) -> st.SearchStrategy[int]:
    """An integer in [−most, most] other than 0; shrinks to 1."""
    return st.one_of(positive(most), positive(most).map(lambda value: -value))


def draw_vector(draw: st.DrawFn, length: int, entries: st.SearchStrategy[int] = ENTRIES) -> list[int]:
    """length integers."""
    return draw(st.lists(entries, min_size=length, max_size=length))


def draw_grid(draw: st.DrawFn, n: int, d: int, entries: st.SearchStrategy[int] = ENTRIES) -> Grid:
    """n rows of d integers, drawn column by column so that shrinking can take columns away."""
    columns = [draw_vector(draw, n, entries) for _ in range(d)]
    return [[column[i] for column in columns] for i in range(n)]


def draw_nonzero_vector(draw: st.DrawFn, length: int) -> list[int]:
    """length integers, not all of them 0: one of them is drawn apart."""
    vector = draw_vector(draw, length)
    vector[draw(st.integers(0, length - 1))] = draw(nonzero())
    return vector


def columns_of(X: Grid) -> Grid:
    """The columns of a grid of rows, or the rows of a grid of columns."""
    return [list(column) for column in zip(*X, strict=True)]


def inner(a: Sequence[int], b: Sequence[int]) -> int:
    """Σ a_i b_i."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def disguise(draw: st.DrawFn, data: Data) -> Data:
    """The data after symmetries that keep every event of the path (MATH.md §3), drawn at random.

    A column permutation, column signs, signs of rows, and at times a reflection of the rows, which is
    orthogonal up to an integer factor that only rescales time. Shrinks to the data as they are.
    """
    n, d = len(data.X), len(data.X[0])
    order = draw(st.permutations(range(d)))
    flips = [draw(st.booleans()) for _ in range(d)]
    X = [[-row[j] if flip else row[j] for j, flip in zip(order, flips, strict=True)] for row in data.X]
    y = list(data.y)
    for i in range(n):
        if draw(st.booleans()):
            X[i], y[i] = [-value for value in X[i]], -y[i]
    if n > 1 and draw(st.booleans()):
        w = [draw(positive(3)), *draw_vector(draw, n - 1, SMALL)]
        X = columns_of([_reflect(column, w) for column in columns_of(X)])
        y = _reflect(y, w)
    return Data(X, y)


def grow(draw: st.DrawFn, seed: Problem, event: Fraction, max_n: int, max_d: int) -> Data:
    """Integer data whose path is, up to and beyond its event at that time, the path of the seed.

    [M·X₀; 0 | C] and [M·y₀; w] with any C and w: seed columns do not see the new rows, and a column
    C_j has travelled at most T‖C_j‖‖(y₀, w)‖/(n₀M) < 1 when the event happens at the seed's time T,
    since residuals only shrink. M is the least integer for which this holds for every j.
    The seed is an integer problem with thresholds 1 and initial dual 0.
    """
    extra_rows = draw(st.integers(0, max_n - seed.n))
    extra_columns = draw(st.integers(0, max_d - seed.d))
    n = seed.n + extra_rows
    C = draw_grid(draw, n, extra_columns)
    w = draw_vector(draw, extra_rows)
    target = [int(value) for value in seed.y]
    longest = max((inner(column, column) for column in columns_of(C)), default=0)
    reach = math.isqrt(longest * (inner(target, target) + inner(w, w))) + 1
    M = math.floor(event * reach / seed.n) + 1 if longest else 1
    scaled = [[M * int(value) for value in row] for row in seed.X]
    scaled += [[0] * seed.d for _ in range(extra_rows)]
    X = [left + right for left, right in zip(scaled, C, strict=True)]
    return Data(X, [M * value for value in target] + w)


def _reflect(vector: Sequence[int], w: Sequence[int]) -> list[int]:
    """(w'w)·(I − 2ww'/w'w) times a vector: an orthogonal matrix times the integer w'w."""
    norm, along = inner(w, w), inner(w, vector)
    return [norm * a - 2 * along * b for a, b in zip(vector, w, strict=True)]
