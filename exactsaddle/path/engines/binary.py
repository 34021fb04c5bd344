"""Integers with an exponent on one side, binary64 with a proved error on the other.

The bounds hold for any order of summation, with or without fused multiply-add, for products formed the
conventional way (Higham 2002, §3.1 and §3.5; Rump 2010, Acta Numerica 19, §5): |fl(Σ a_i b_i) − Σ a_i b_i|
≤ γ_k Σ |a_i b_i| with γ_k = k·u/(1 − k·u), u = 2⁻⁵³, barring underflow, which ``TINY`` pays for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from flint import arb, fmpz

Floats = np.ndarray[Any, np.dtype[np.float64]]

BITS = 53
UNIT = 2.0**-BITS
CONVERSION = 2.0**-51
"""The relative error of ``to_float``, generously."""
ROUGH = 2.0**-60
"""The absolute error of a Scaled entry."""
UP = 1 + 1e-13
"""More than a few operations on numbers that are not negative lose."""
TINY = 2.0**-960
"""More than what underflow can add to a sum of numbers of at most 1 (2⁻¹⁰⁷⁴ a term)."""


class Scaled(NamedTuple):
    """A vector in binary64 with a common exponent: entry i stands for values[i]·2^exponent.

    Every |values[i]| is at most 1, and within CONVERSION, relatively, plus ROUGH, absolutely, of the truth.
    """

    values: Floats
    exponent: int


_in_order = False


@contextmanager
def in_order() -> Iterator[None]:
    """While open, ``product`` and ``total`` add in one order, nothing fused: the same bits on every machine.

    For bounds that are shown, or decide what is shown. Held by one thread at a time (``one_at_a_time``).
    """
    global _in_order
    before, _in_order = _in_order, True
    try:
        yield
    finally:
        _in_order = before


def product(left: Floats, right: Floats) -> Floats:
    """left @ right for vectors and matrices, of which one is a matrix."""
    if not _in_order:
        return np.asarray(left @ right)
    if right.ndim == 2 and left.ndim == 2:
        return np.stack([product(left, column) for column in right.T], axis=1)
    factors = (left.T, right[:, None]) if right.ndim == 1 else (left[:, None], right)
    terms = np.multiply(*factors, order="C")  # rows are added one by one, neighbours in memory in pairs
    if terms.shape[1] == 1:
        return np.cumsum(terms, axis=0)[-1] if len(terms) else np.zeros(1)
    return np.asarray(np.add.reduce(terms, axis=0))


def total(left: Floats, right: Floats) -> float:
    """The inner product of two vectors."""
    return math.fsum((left * right).tolist()) if _in_order else float(left @ right)


def squares(rows: Floats) -> Floats:
    """The inner product of each row with itself."""
    return product(rows * rows, np.ones(rows.shape[1])) if _in_order else np.einsum("ij,ij->i", rows, rows)


def inverse(matrix: Floats) -> Floats:
    """A guess at the inverse of a positive definite matrix; raises LinAlgError where there is none."""
    if not _in_order:
        return np.asarray(np.linalg.inv(matrix))
    rows, change = np.array(matrix), np.empty_like(matrix)
    for k in range(len(rows)):
        pivot = rows[k, k]
        if not pivot > 0:
            raise np.linalg.LinAlgError
        factors = rows[:, k].copy()
        # column k, of no more use, becomes that of the inverse
        factors[k] = rows[:, k] = 0.0
        rows[k, k] = 1.0
        rows[k] /= pivot
        np.multiply(factors[:, None], rows[k], out=change)
        rows -= change
    return rows


def gamma(k: int) -> float:
    """An upper bound of γ_k with room for the few operations that turn it into a bound."""
    return 1.01 * (k + 16) * UNIT


def to_float(value: fmpz, exponent: int) -> float:
    """value·2^exponent within CONVERSION; zero when it underflows, infinite when it overflows."""
    surplus = int(value.bit_length()) - 62
    if surplus > 0:
        value, exponent = value >> surplus, exponent + surplus
    try:
        return math.ldexp(float(int(value)), exponent)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_scaled(values: Sequence[fmpz], exponents: Sequence[int]) -> Scaled:
    """The vector with entries values[i]·2^exponents[i]."""
    tops = [v.bit_length() + e for v, e in zip(values, exponents, strict=True) if v]
    top = int(max(tops, default=0))
    places = [top - 61 - e for e in exponents]
    kept = [int(v >> p) if p > 0 else int(v << -p) for v, p in zip(values, places, strict=True)]
    return Scaled(np.array(kept, dtype=np.float64) * 2.0**-61, top)


def to_integer(value: float, exponent: int) -> fmpz:
    """An integer within 1 of value·2^exponent."""
    mantissa, power = math.frexp(value)
    return _shift(fmpz(int(mantissa * 2.0**53)), power - 53 + exponent)


def to_integers(values: Floats, exponents: Sequence[int]) -> tuple[list[fmpz], int]:
    """Integers and a shift: integers[i]·2^shift is near values[i]·2^exponents[i].

    That is 53 bits of the largest value: what is smaller has fewer.
    """
    top = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    whole = np.rint(np.ldexp(values, BITS - top)).astype(np.int64).tolist()
    places = [exponent + top - BITS for exponent in exponents]
    shift = max(0, min(places, default=0))
    return [_shift(fmpz(v), p - shift) for v, p in zip(whole, places, strict=True)], shift


def scale_up(bound: float, exponent: int) -> float:
    """At least bound·2^exponent, for bound ≥ 0; infinite when it overflows."""
    try:
        return math.ldexp(bound, exponent) * (1 + 4 * UNIT) + TINY
    except OverflowError:
        return math.inf


def ball(middle: fmpz, exponent: int, bound: float, bound_exponent: int) -> arb:
    """The ball about middle·2^exponent of radius bound·2^bound_exponent; bound ≥ 0."""
    if bound == 0:
        return arb((middle, exponent))
    if not math.isfinite(bound):
        return arb(0, arb.pos_inf())
    mantissa, power = math.frexp(bound)
    radius = (int(mantissa * 2**30) + 1, power - 30 + bound_exponent)
    return arb((middle, exponent), arb(radius))


def _shift(value: fmpz, places: int) -> fmpz:
    return value << places if places >= 0 else value >> -places
