"""The data on which exact claims are checked: named problems, and draws of an integer generator."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem, load_dataset
from proofs_checks.check_path import check as check_certificate
from proofs_checks.claims.claim import Budget, rejected, unchecked, verified

Violation = Callable[[SaddlePath], str | None]
"""None when the statement holds of a path, the numbers that refute it when not."""

IDENTITY = Problem([[1, 0], [0, 1]], [1, 1])
LEAVES = Problem([[0, -1], [1, 2]], [-1, -2])
"""Coordinate 1 enters first, leaves when coordinate 0 enters, and comes back (MATHEMATICS.md §3)."""
SHRINKS = Problem([[1, 2, 2], [1, 2, -1], [-1, 0, -2]], [1, 1, -1])
"""A support of two is followed by a support of one."""
TIED = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])
"""A set of minimisers with more than one point (MATHEMATICS.md §4)."""


def splitmix(seed: int) -> Iterator[int]:
    """64-bit integers, the same on every machine. Source: Steele, Lea & Flood 2014 (SplitMix64)."""
    state, mask = seed, 2**64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def drawn(budget: Budget, count: int, most: int, size: int = 5) -> Iterator[Problem]:
    """count problems of n, d ≤ size with integer entries in [−most, most]; small most makes ties."""
    bits = splitmix(budget.seed * 1000 + most)
    for _ in range(count):
        n, d = 1 + next(bits) % size, 1 + next(bits) % size
        entries = [[next(bits) % (2 * most + 1) - most for _ in range(d + 1)] for _ in range(n)]
        yield Problem([row[:d] for row in entries], [row[d] for row in entries])


def exhausted(n: int, d: int, most: int) -> Iterator[Problem]:
    """Every problem of this shape with integer entries in [−most, most]."""
    for entries in product(range(-most, most + 1), repeat=n * d + n):
        yield Problem([entries[i * d : i * d + d] for i in range(n)], entries[n * d :])


@cache
def paths(budget: Budget) -> tuple[SaddlePath, ...]:
    """The paths of the packaged, the named and the drawn problems: ties and rank loss included."""
    named = [load_dataset("diabetes"), load_dataset("planted"), IDENTITY, LEAVES, SHRINKS, TIED]
    generic = drawn(budget, budget.of(150, 3000), 5)
    degenerate = drawn(budget, budget.of(150, 3000), 1)
    return tuple(saddle_path(problem) for problem in (*named, *generic, *degenerate))


def jumps(path: SaddlePath) -> bool:
    """Whether a path has a jump at all."""
    return len(path) > 1


def digest(solved: Iterable[SaddlePath]) -> str:
    """The first 12 digits of SHA-256 over the problems' digests: what the evidence was computed on."""
    return hashlib.sha256("".join(path.problem.digest for path in solved).encode()).hexdigest()[:12]


def for_all(solved: Iterable[SaddlePath], violation: Violation) -> Verdict:
    """The verdict on "every path satisfies this", over these paths: no more than that."""
    chosen = tuple(solved)
    if not chosen:
        return unchecked("no data to which the claim applies")
    for path in chosen:
        witness = violation(path)
        if witness is not None:
            return rejected(f"{witness}; on {path.problem!r}")
    saddles = sum(map(len, chosen))
    return verified(f"{len(chosen)} problems, {saddles} saddles, all exact; data {digest(chosen)}")


def refute(problem: Problem, violation: Violation) -> Verdict:
    """The verdict on a false neighbour: rejected by one path that the independent checker verifies."""
    path = saddle_path(problem)
    if not path.complete or check_certificate(path.certificate().to_text()).verdict != "verified":
        return unchecked(f"the counterexample {problem!r} is not certified")
    witness = violation(path)
    if witness is None:
        return verified(f"{problem!r} is no counterexample")
    return rejected(f"{witness}; on {problem!r}, whose path the independent checker verifies")


def listing(values: Iterable[object]) -> str:
    """Numbers of a witness."""
    return "(" + ", ".join(map(str, values)) + ")"
