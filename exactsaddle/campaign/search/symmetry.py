"""Integer problems up to symmetry: how many classes a grid has, and one member of each.

The group of signed permutations of the rows of (X, y) and of the columns of X acts on n × d problems with
entries in [−b, b], and keeps jump times, losses and the number of saddles; β and s only follow their
columns (MATHEMATICS.md §3; where a minimiser is not unique, the canonical β may change to another vertex).
It contains y → −y: negate every row, then every column. Scaling y, or X as a whole, by c > 0 keeps the
path but for units: (t, β) → (t/c, cβ) resp. (t/c, β/c), and s is kept. So a class has one member for each

* y with coprime entries, descending and ≥ 0 (rows sorted and negated), and
* orbit, under the signed row permutations that keep that y, of multisets of d columns, each taken up to
  sign, whose entries together are coprime.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, permutations, product
from math import gcd

import numpy as np
from numpy.typing import NDArray

from exactsaddle.base import InvalidInput

Vector = tuple[int, ...]
Columns = tuple[Vector, ...]
MAX_COLUMNS = 20_000
"""The most columns, up to sign, of a grid that is enumerated or counted exactly."""


@dataclass(frozen=True)
class Data:
    """An integer problem: d columns of X, each of n entries, and y of n entries."""

    columns: Columns
    y: Vector

    @property
    def rows(self) -> Columns:
        """X as n rows of d entries."""
        return tuple(zip(*self.columns, strict=True))

    @property
    def weight(self) -> tuple[int, int]:
        """Size within one shape: the largest entry, then the sum of all, in magnitude."""
        entries = [abs(value) for vector in (*self.columns, self.y) for value in vector]
        return max(entries), sum(entries)


@dataclass(frozen=True)
class Grid:
    """All n × d problems with integer entries in [−bound, bound], X ≠ 0 and y ≠ 0."""

    n: int
    d: int
    bound: int

    def __post_init__(self) -> None:
        if min(self.n, self.d, self.bound) < 1:
            raise InvalidInput(
                f"a grid needs a row, a column and a bound of at least 1, not "
                f"{self.n} × {self.d} with bound {self.bound}"
            )

    @property
    def problems(self) -> int:
        """How many problems there are, not up to symmetry."""
        values = 2 * self.bound + 1
        problems: int = (values ** (self.n * self.d) - 1) * (values**self.n - 1)
        return problems

    @property
    def is_countable(self) -> bool:
        """Whether classes are few enough to be counted exactly: MAX_COLUMNS columns up to sign."""
        return self.n * math.log(2 * self.bound + 1) <= math.log(2 * MAX_COLUMNS)

    @cached_property
    def targets(self) -> tuple[Vector, ...]:
        """Every y with coprime entries, descending and ≥ 0; the lightest first."""
        found = combinations_with_replacement(range(self.bound, -1, -1), self.n)
        return tuple(sorted((y for y in found if gcd(*y) == 1), key=_size))

    @cached_property
    def columns(self) -> Columns:
        """Every column whose first nonzero entry is positive, and the zero column; the lightest first."""
        return self._columns(self.bound)

    def _columns(self, bound: int) -> Columns:
        values = range(-bound, bound + 1)
        found = product(values, repeat=self.n)
        return tuple(sorted((c for c in found if c == _up_to_sign(c)), key=_size))

    def count(self) -> int:
        """How many classes there are, before any is formed: Burnside's lemma, and Möbius for coprimality.

        With bound ⌊b/c⌋ a multiset is c times smaller, so Σ_c μ(c)·(orbits with bound ⌊b/c⌋) counts
        those with coprime entries. Raises InvalidInput unless ``is_countable``.
        """
        self._check_countable()
        total = 0
        for scale in range(1, self.bound + 1):
            mobius = _mobius(scale)
            if mobius:
                columns = self._columns(self.bound // scale)
                total += mobius * sum(self._orbits(y, columns) for y in self.targets)
        return total

    def _orbits(self, y: Vector, columns: Columns) -> int:
        """Orbits of multisets of d columns, not all zero, under the stabiliser of y."""
        actions = _actions(y, columns)
        fixed = sum(_multisets_fixed(action, self.d) for action in actions)
        return fixed // len(actions) - 1

    def classes(self) -> Iterator[Data]:
        """One member of each class, the lightest targets first: ``count`` of them.

        Orderly generation: a multiset of column indices is formed only if it is least, lexicographically,
        in its orbit; then so are its prefixes (an image that makes a prefix less makes the whole less).
        Source: Read 1978; Faradžev 1978.
        """
        self._check_countable()
        for y in self.targets:
            actions = _actions(y, self.columns)
            for chosen in _least(actions, self.d, ()):
                columns = tuple(self.columns[c] for c in chosen)
                if gcd(*(value for column in columns for value in column)) == 1:
                    yield Data(columns, y)

    def canonical(self, data: Data) -> Data:
        """The member of ``classes`` that stands for data, any problem of the grid."""
        return canonical(data, self.columns)

    def _check_countable(self) -> None:
        if not self.is_countable:
            raise InvalidInput(
                f"{self.n} × {self.d} with entries up to {self.bound}: more than {MAX_COLUMNS:,} columns, "
                "the budget for an exhaustive search"
            )


def canonical(data: Data, columns: Columns) -> Data:
    """The member of data's class that orderly generation over these columns forms."""
    scale = gcd(*data.y) or 1
    signs = [-1 if value < 0 else 1 for value in data.y]
    order = sorted(range(len(signs)), key=lambda i: -abs(data.y[i]))
    y = tuple(abs(data.y[i]) // scale for i in order)
    scale = gcd(*(value for column in data.columns for value in column)) or 1
    moved = [_up_to_sign(tuple(signs[i] * column[i] // scale for i in order)) for column in data.columns]
    index = {column: c for c, column in enumerate(columns)}
    images = np.sort(_actions(y, columns)[:, [index[column] for column in moved]], axis=1)
    return Data(tuple(columns[c] for c in min(map(tuple, images.tolist()))), y)


def _up_to_sign(column: Vector) -> Vector:
    first = next((value for value in column if value), 0)
    return tuple(-value for value in column) if first < 0 else column


def _size(vector: Vector) -> tuple[int, int, Vector]:
    return max(map(abs, vector)), sum(map(abs, vector)), vector


def _actions(y: Vector, columns: Columns) -> NDArray[np.int64]:
    """How the signed row permutations that keep y permute the columns up to sign: (group, columns)."""
    index = {column: c for c, column in enumerate(columns)}

    def image(column: Vector, order: Vector, signs: Vector) -> int:
        return index[_up_to_sign(tuple(s * column[i] for s, i in zip(signs, order, strict=True)))]

    found = {tuple(image(column, *element) for column in columns) for element in _stabiliser(y)}
    return np.array(sorted(found), dtype=np.int64)


def _stabiliser(y: Vector) -> Iterator[tuple[Vector, Vector]]:
    """Every signed permutation (order, signs) with signs_i y_order_i = y_i."""
    for order in permutations(range(len(y))):
        if all(y[i] == value for i, value in zip(order, y, strict=True)):
            yield from ((order, signs) for signs in product(*((1,) if value else (1, -1) for value in y)))


def _multisets_fixed(action: NDArray[np.int64], size: int) -> int:
    """How many multisets of that size it keeps: the coefficient of x^size in Π 1/(1 − x^length)."""
    series = [1] + [0] * size
    for length, cycles in _cycle_lengths(action).items():
        for _ in range(cycles if length <= size else 0):
            for k in range(length, size + 1):
                series[k] += series[k - length]
    return series[size]


def _cycle_lengths(action: NDArray[np.int64]) -> Counter[int]:
    seen = np.zeros(len(action), dtype=bool)
    lengths: Counter[int] = Counter()
    for start in range(len(action)):
        length, at = 0, start
        while not seen[at]:
            seen[at] = True
            length, at = length + 1, int(action[at])
        if length:
            lengths[length] += 1
    return lengths


def _mobius(number: int) -> int:
    sign = 1
    for factor in range(2, number + 1):
        if number % factor == 0:
            number //= factor
            sign = -sign
            if number % factor == 0:
                return 0
    return sign


def _least(actions: NDArray[np.int64], size: int, prefix: Vector) -> Iterator[Vector]:
    """The ascending index tuples that are least in their orbit and begin with prefix, in order."""
    if len(prefix) == size:
        yield prefix
        return
    for last in _extensions(actions, prefix).tolist():
        yield from _least(actions, size, (*prefix, last))


def _extensions(actions: NDArray[np.int64], prefix: Vector) -> NDArray[np.int64]:
    """The indices that, put after prefix, make a tuple that is least in its orbit."""
    total = actions.shape[1]
    candidates = np.arange(prefix[-1] if prefix else 0, total)
    if len(actions) == 1:
        return candidates
    least = np.ones(len(candidates), dtype=bool)
    tuples = np.column_stack([np.tile(prefix, (len(candidates), 1)).astype(np.int64), candidates])
    for action in actions:
        images = np.sort(action[tuples[least]], axis=1)
        different = images != tuples[least]
        first = different.argmax(axis=1)
        rows = np.arange(len(images))
        less = different[rows, first] & (images[rows, first] < tuples[least][rows, first])
        least[np.flatnonzero(least)[less]] = False
    return candidates[least]
