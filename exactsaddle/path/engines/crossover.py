"""Which arithmetic is faster on a problem, decided by whole numbers alone: the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from flint import fmpz

from exactsaddle.numbers import gram_deficit
from exactsaddle.problem import Problem

CROSSOVER = 20_000
"""Balls may be faster when min(n, d)²·(bits of X) exceeds this: what numbers over Q grow to, if they grow."""
COUNTED = 10
"""Up to this many times CROSSOVER a determinant costs little beside the path."""
DEFICIT = 32
"""Bits for each step by which the Gram determinant of an ill-conditioned design is below Hadamard's bound."""


def prefers_balls(problem: Problem) -> bool:
    """Whether balls are expected to be faster than rationals, or are needed.

    Rationals are where numbers stay short, by Hadamard's bound on the determinants that are their
    denominators (an identity), and where columns are so nearly dependent that balls would have to decide
    one support after another exactly (a Hilbert matrix). Measured: tests/benchmarks/bench_speed.py.
    """
    if not problem.is_rational:
        return True
    steps = min(problem.shape)
    size = steps * steps * problem.design_matrix.bits
    if size <= CROSSOVER:
        return False
    columns = (problem.design_matrix.integer_column(j) for j in range(problem.d))
    return _grow_long(columns, CROSSOVER // steps) and not (
        size <= COUNTED * CROSSOVER and _nearly_dependent(problem, steps)
    )


def _grow_long(columns: Iterable[list[fmpz]], enough: int) -> bool:
    """Whether log2 of what denominators grow to exceeds ``enough``: dense columns show it at once.

    That is the product of the norms of primitive columns, or else the least common multiple of what they were
    divided by, over the greatest divisor that is common to all: the duals of a diagonal design have it.
    """
    total, common, multiple = 0, fmpz(0), fmpz(1)
    for column in columns:
        content = reduce(fmpz.gcd, column, fmpz(0))
        if content != 0:
            square = sum((value * value for value in column), fmpz(0)) // content**2
            total += int(square.bit_length()) - 1
            common, multiple = common.gcd(content), multiple.lcm(content)
            if max(total, 2 * int((multiple // common).bit_length())) > 2 * enough:
                return True
    return False


def _nearly_dependent(problem: Problem, steps: int) -> bool:
    """Whether det of the smaller Gram matrix, not zero, is DEFICIT·steps bits below that of its diagonal."""
    columns, _ = problem.design_matrix.integer_columns()
    vectors = columns if len(columns) == steps else [list(row) for row in zip(*columns, strict=True)]
    deficit = gram_deficit(vectors)
    return deficit is not None and deficit > DEFICIT * steps
