"""What is counted of a path, under the names a SPEC, the result tables and the search use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flint import fmpq

from exactsaddle.numbers import to_float, to_text
from exactsaddle.path import SaddlePath, counts

Column = tuple[str, str]
"""A column of the result table: its name and its type, "int64", "double", "string" or "bool"."""


@dataclass(frozen=True)
class Statistic:
    """A number, or a few, of a path: its columns in order, what it is, how it is computed."""

    name: str
    story: str
    columns: tuple[Column, ...]
    compute: Callable[[SaddlePath], tuple[Any, ...]]


STATISTICS: dict[str, Statistic] = {}


def _declare(name: str, story: str, *columns: Column) -> Callable[[Callable[[SaddlePath], Any]], Any]:
    stated = columns or ((name.replace("-", "_"), "int64"),)

    def register(compute: Callable[[SaddlePath], Any]) -> Callable[[SaddlePath], Any]:
        def values(path: SaddlePath) -> tuple[Any, ...]:
            found = compute(path)
            return found if isinstance(found, tuple) else (found,)

        STATISTICS[name] = Statistic(name, story, stated, values)
        return compute

    return register


@_declare("saddles", "p + 1, the saddles β_0, …, β_p")
def saddles(path: SaddlePath) -> int:
    """p + 1."""
    return len(path)


_declare("deactivations", "how often a coordinate leaves the support, over all jumps")(counts.deactivations)
_declare("reactivations", "how often a coordinate returns to the support with the sign it left with")(
    counts.reactivations
)
_declare("sign-flips", "how often a coordinate returns to the support with the other sign")(counts.sign_flips)
_declare("support-drops", "jumps at which the support has fewer elements than before")(counts.support_drops)


@_declare(
    "support",
    "the largest support on the path and that of its end",
    ("max_support", "int64"),
    ("end_support", "int64"),
)
def support(path: SaddlePath) -> tuple[int, int]:
    """The largest support, and that of β_p."""
    return max(len(saddle.support) for saddle in path), len(path[-1].support)


@_declare(
    "longest-plateau",
    "the longest plateau that ends: the first such k, and t_{k+1} − t_k; null if p = 0",
    ("longest_plateau_index", "int64"),
    ("longest_plateau", "double"),
)
def longest_plateau(path: SaddlePath) -> tuple[int | None, float | None]:
    """Index and length, correctly rounded, of the longest plateau that ends."""
    k, length = _longest(path)
    return k, None if length is None else to_float(length)


@_declare(
    "longest-plateau-exact",
    'the same length exactly, as "p/q"',
    ("longest_plateau_exact", "string"),
)
def longest_plateau_exact(path: SaddlePath) -> tuple[str | None]:
    """The length of the longest plateau that ends, as text."""
    length = _longest(path)[1]
    return (None if length is None else to_text(length),)


@_declare(
    "jump-times",
    "t_1 and t_p, accelerated time; null if p = 0",
    ("first_jump", "double"),
    ("last_jump", "double"),
)
def jump_times(path: SaddlePath) -> tuple[float | None, float | None]:
    """The first and the last jump time, correctly rounded."""
    if len(path) == 1:
        return None, None
    return to_float(path[1].time), to_float(path[-1].time)


_declare("bits", "the most bits in a numerator or the denominator of a dual s_k")(counts.dual_bits)

EXTREMAL = tuple(
    name
    for name, statistic in STATISTICS.items()
    if statistic.columns[-1][1] in ("int64", "double") and name not in ("support", "jump-times")
)
"""Statistics whose highest values are worth keeping: compared by their last column."""


def _longest(path: SaddlePath) -> tuple[int | None, fmpq | None]:
    best: tuple[int | None, fmpq | None] = (None, None)
    for before, after in pairwise(path):
        length = after.time - before.time
        if best[1] is None or length > best[1]:
            best = before.index, length
    return best
