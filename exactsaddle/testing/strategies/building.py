"""The parts strategies are built from: integer grids, growth around a seed, symmetries of the path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from exactsaddle.problem import Problem

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


class Drawer:
    """Draws the parts of a problem at full size and cuts them to the size that was drawn.

    So the choices behind an example have one shape whatever n and d are: what Hypothesis makes of them,
    by mutation or shrinking, is again an example, and hardly a draw is discarded.
    """

    def __init__(self, draw: st.DrawFn, max_n: int, max_d: int) -> None:
        self.draw, self.max_n, self.max_d = draw, max_n, max_d

    def shape(self, least_n: int = 1, least_d: int = 1) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.draw(st.integers(least_n, self.max_n)), self.draw(st.integers(least_d, self.max_d))

    def vector(self, n: int, entries: st.SearchStrategy[int] = ENTRIES) -> list[int]:
        """n ≤ max_n integers."""
        return [self.draw(entries) for _ in range(self.max_n)][:n]

    def nonzero_vector(self, n: int) -> list[int]:
        """n ≤ max_n integers, not all of them 0: one of them is drawn apart."""
        vector = self.vector(n)
        vector[self.draw(st.integers(0, self.max_n - 1)) % n] = self.draw(nonzero())
        return vector

    def columns(self, n: int, d: int, entries: st.SearchStrategy[int] = ENTRIES) -> Grid:
        """d ≤ max_d columns of n integers."""
        return [self.vector(n, entries) for _ in range(self.max_d)][:d]

    def grid(self, n: int, d: int, entries: st.SearchStrategy[int] = ENTRIES) -> Grid:
        """n rows of d ≤ max_d integers."""
        columns = self.columns(n, d, entries)
        return [[column[i] for column in columns] for i in range(n)]

    def order(self, d: int) -> list[int]:
        """A permutation of d ≤ max_d indices; shrinks to the identity."""
        keys = [self.draw(st.integers(0, self.max_d - 1)) for _ in range(self.max_d)]
        return sorted(range(d), key=keys.__getitem__)

    def flips(self, length: int, most: int) -> list[bool]:
        """length ≤ most truth values; shrinks to False."""
        return [self.draw(st.booleans()) for _ in range(most)][:length]


def columns_of(X: Grid) -> Grid:
    """The columns of a grid of rows, or the rows of a grid of columns."""
    return [list(column) for column in zip(*X, strict=True)]


def inner(a: Sequence[int], b: Sequence[int]) -> int:
    """Σ a_i b_i."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def disguise(drawer: Drawer, data: Data) -> Data:
    """The data after symmetries that keep every event of the path (MATHEMATICS.md §3), drawn at random.

    A column permutation, column signs, signs of rows, and at times a reflection of the rows, which is
    orthogonal up to an integer factor that only rescales time. Shrinks to the data as they are.
    """
    n, d = len(data.X), len(data.X[0])
    order, flips = drawer.order(d), drawer.flips(d, drawer.max_d)
    rows = drawer.flips(n, drawer.max_n)
    X = [[-row[j] if flip else row[j] for j, flip in zip(order, flips, strict=True)] for row in data.X]
    X = [[-value for value in row] if flip else row for row, flip in zip(X, rows, strict=True)]
    y = [-value if flip else value for value, flip in zip(data.y, rows, strict=True)]
    w = drawer.vector(n, SMALL)
    if n > 1 and any(w):
        X = columns_of([_reflect(column, w) for column in columns_of(X)])
        y = _reflect(y, w)
    return Data(X, y)


def grow(drawer: Drawer, seed: Problem, event: Fraction) -> Data:
    """Integer data whose path is, up to and beyond its event at that time, the path of the seed.

    [M·X₀; 0 | C] and [M·y₀; w] with any C and w: seed columns do not see the new rows, and a column
    C_j has travelled at most T‖C_j‖‖(y₀, w)‖/(n₀M) < 1 when the event happens at the seed's time T,
    since residuals only shrink. M is the least integer for which this bound shows it for every j.
    The seed is an integer problem with thresholds 1 and initial dual 0.
    """
    n, d = drawer.shape(seed.n, seed.d)
    C = drawer.columns(n, d - seed.d)
    w = drawer.vector(n - seed.n)
    target = [int(value) for value in seed.y]
    longest = max((inner(column, column) for column in C), default=0)
    reach = math.isqrt(longest * (inner(target, target) + inner(w, w))) + 1
    M = math.floor(event * reach / seed.n) + 1 if longest else 1
    scaled = [[M * int(value) for value in row] for row in seed.X]
    scaled += [[0] * seed.d for _ in range(n - seed.n)]
    X = [left + [column[i] for column in C] for i, left in enumerate(scaled)]
    return Data(X, [M * value for value in target] + w)


def _reflect(vector: Sequence[int], w: Sequence[int]) -> list[int]:
    """(w'w)·(I − 2ww'/w'w) times a vector: an orthogonal matrix times the integer w'w."""
    norm, along = inner(w, w), inner(w, vector)
    return [norm * a - 2 * along * b for a, b in zip(vector, w, strict=True)]
