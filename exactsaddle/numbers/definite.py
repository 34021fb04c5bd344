"""Positive definiteness of a symmetric matrix over Q, decided exactly."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpz


def is_positive_definite(rows: Sequence[Sequence[fmpq]]) -> bool:
    """Whether every leading principal minor of the symmetric matrix is positive; True for 0 × 0.

    Integer elimination without exchanges: the k-th pivot is the k-th minor of the matrix over one common
    denominator. Source: Sylvester's criterion; Bareiss 1968.
    """
    common = fmpz(1)
    for row in rows:
        for value in row:
            common = common.lcm(value.q)
    left = [[value.p * (common // value.q) for value in row] for row in rows]
    before = fmpz(1)
    for k in range(len(left)):
        pivot = left[k][k]
        if pivot <= 0:
            return False
        for i in range(k + 1, len(left)):
            left[i] = [(pivot * a - left[i][k] * b) // before for a, b in zip(left[i], left[k], strict=True)]
        before = pivot
    return True
