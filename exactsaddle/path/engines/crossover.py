"""Which arithmetic is faster on a problem, decided by whole numbers alone: the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from flint import fmpq, fmpz

from exactsaddle.numbers import Matrix, gram_deficit
from exactsaddle.problem import Problem

CROSSOVER = 20_000
"""Balls may be faster when min(n, d)²·(bits of X) exceeds this: what numbers over Q grow to, if they grow."""
COUNTED = 10
"""Up to this many times CROSSOVER a determinant costs little beside the path."""
DEFICIT = 32
"""Bits for each step by which the Gram determinant of an ill-conditioned design is below Hadamard's bound."""
SHARE = 2.0**-20
"""Of 1: vectors of norm 1 whose Gram matrix stays positive definite without it have a least eigenvalue that
keeps the determinant within 21 bits a vector."""


def prefers_balls(problem: Problem) -> bool:
    """Whether balls are expected to be faster than rationals, or are needed.

    Rationals are where numbers stay short, by Hadamard's bound on the determinants that are their
    denominators (an identity), and where columns are so nearly dependent that balls would have to decide
    one support after another exactly (a Hilbert matrix). Measured: tests/benchmarks/bench_speed.py.
    """
    if not problem.is_rational:
        return True
    design = problem.design_matrix
    steps = min(problem.shape)
    few, many = (reach * CROSSOVER // (steps * steps) for reach in (1, COUNTED))
    bits = design.bits_up_to(many)
    if bits <= few:
        return False
    columns = (design.primitive_column(j) for j in range(problem.d))
    return _grow_long(columns, CROSSOVER // steps) and not (
        bits <= many and not _well_conditioned(design) and _nearly_dependent(design, steps)
    )


def _grow_long(columns: Iterable[tuple[list[fmpz], fmpq]], enough: int) -> bool:
    """Whether log2 of what denominators grow to exceeds ``enough``: dense columns show it at once.

    That is the product of the norms of primitive columns, or else the least common multiple of what they were
    divided by, over the greatest divisor that is common to all: the duals of a diagonal design have it.
    """
    total, common, multiple = 0, fmpq(0), fmpq(0)
    for column, content in columns:
        square = sum((value * value for value in column), fmpz(0))
        if square != 0:
            total += int(square.bit_length()) - 1
            common, multiple = _common(common, content), _multiple(multiple, content)
            if max(total, 2 * int((multiple / common).p.bit_length())) > 2 * enough:
                return True
    return False


def _common(a: fmpq, b: fmpq) -> fmpq:
    """The greatest rational of which a and b are multiples."""
    return fmpq((a.p * b.q).gcd(b.p * a.q), a.q * b.q)


def _multiple(a: fmpq, b: fmpq) -> fmpq:
    """The least positive multiple of both; b where a is 0."""
    return a * b / _common(a, b) if a != 0 else b


def _well_conditioned(design: Matrix) -> bool:
    """Whether floats prove that the columns, or rows if those are fewer, are far from dependent.

    If the Cholesky decomposition of G − cI runs to its end, then λ_min(G) ≥ c − 2mγ_{n+m}, for vectors of
    norm 1 (Rump 2006, Verification of positive definiteness). An answer that is not yes is left to integers,
    which would say the same, so that nothing depends on who adds up how.
    """
    rows, exponents = design.scaled_columns()
    vectors = rows
    with np.errstate(all="ignore"):  # what is not a number is no proof
        if len(rows) > rows.shape[1]:
            vectors = np.ldexp(rows.T, np.array(exponents) - max(exponents))
        norms = np.sqrt((vectors * vectors).sum(axis=1))
        if not (norms > 2.0**-500).all() or rows.size > 2**24:
            return False
        vectors = vectors / norms[:, None]
        try:
            np.linalg.cholesky(vectors @ vectors.T - SHARE * np.eye(len(vectors)))
        except np.linalg.LinAlgError:
            return False
    return True


def _nearly_dependent(design: Matrix, steps: int) -> bool:
    """Whether det of the smaller Gram matrix, not zero, is DEFICIT·steps bits below that of its diagonal."""
    columns, _ = design.integer_columns()
    vectors = columns if len(columns) == steps else [list(row) for row in zip(*columns, strict=True)]
    deficit = gram_deficit(vectors)
    return deficit is not None and deficit > DEFICIT * steps
