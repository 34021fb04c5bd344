"""A path in numbers: how often coordinates leave, return or change sign, and how long its numbers are."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import NamedTuple

from exactsaddle.path.sequence import SaddlePath


class Return(NamedTuple):
    """A coordinate that enters the support, having been in it before."""

    time: Fraction
    coordinate: int
    flipped: bool
    """Whether it has the opposite sign of the one it left with."""


def returns(path: SaddlePath) -> Iterator[Return]:
    """Every return, in order of time."""
    last: dict[int, int] = {}
    for before, after in pairwise(path):
        for i in before.support:
            last[i] = before.signs[i]
        for i in after.support:
            if i in last and i not in before.support:
                yield Return(after.jump_time, i, last[i] != after.signs[i])


def deactivations(path: SaddlePath) -> int:
    """How many times a coordinate leaves the support."""
    return sum(len(set(a.support) - set(b.support)) for a, b in pairwise(path))


def support_drops(path: SaddlePath) -> int:
    """How many jumps make the support smaller."""
    return sum(len(b.support) < len(a.support) for a, b in pairwise(path))


def sign_flips(path: SaddlePath) -> int:
    """How many times a coordinate returns with the opposite sign."""
    return sum(found.flipped for found in returns(path))


def reactivations(path: SaddlePath) -> int:
    """How many times a coordinate returns with the sign it left with."""
    return sum(not found.flipped for found in returns(path))


def dual_bits(path: SaddlePath) -> int:
    """The most bits in the common denominator or a numerator of any dual s_k: what ``max_bits`` bounds."""
    return max(saddle.dual_vector.bits for saddle in path)


def most_saddles(n: int, d: int) -> int:
    """An upper bound on the saddles of n × d problems: 1 + Σ_{k < m} C(d, k), m = min(n, d).

    The saddles minimise the loss over their own supports, which are distinct sets of independent columns;
    m independent columns span all columns, so that only the end can have m (with m the rank of X).
    Source: MATHEMATICS.md §3.
    """
    return 1 + sum(comb(d, k) for k in range(min(n, d)))


def most_supports(n: int, d: int) -> int:
    """The weaker bound Σ_{k ≤ m} C(d, k), m = min(n, d): all supports of independent columns.

    Source: Pesme & Flammarion 2023 (supports are distinct; at most min(n, d) entries in general position).
    """
    return sum(comb(d, k) for k in range(min(n, d) + 1))
