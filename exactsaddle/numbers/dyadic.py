"""Arrays of binary64 as matrices and vectors over Q, which stay arrays until somebody asks for integers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from flint import fmpq, fmpq_poly, fmpz, fmpz_mat

from exactsaddle.numbers.rational import power_of_two
from exactsaddle.numbers.vectors import Floats, Matrix, ScaledColumns, Vector

Integers = np.ndarray[Any, np.dtype[np.int64]]

BLOCK = 1 << 16
"""Entries are written so many at a time: enough for NumPy, little to hold."""


class FloatMatrix(Matrix):
    """The matrix over Q whose entries are these finite binary64 numbers, shape (rows, columns).

    Equal to, and hashed as, the ``Matrix`` of the same numbers. Integers over one power of two, which is
    what a Matrix is, are made when they are asked for, and kept.
    """

    def __init__(self, floats: Any) -> None:
        self._floats = _own(floats)

    @property
    def floats(self) -> Floats:
        """The entries, (rows, columns); the array cannot be written to."""
        return self._floats

    @cached_property
    def _denominator(self) -> fmpz:  # type: ignore[override]
        return fmpz(1) << -_lowest(_odd(self._floats).exponents)

    @cached_property
    def _numerators(self) -> fmpz_mat:  # type: ignore[override]
        return fmpz_mat(*self.shape, _integers(_odd(self._floats.ravel())))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        rows, columns = self._floats.shape
        return rows, columns

    def __getitem__(self, index: tuple[int, int]) -> fmpq:
        return fmpq(*self._floats.item(index).as_integer_ratio())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FloatMatrix):
            return np.array_equal(self._floats, other._floats)
        return super().__eq__(other)

    __hash__ = Matrix.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return _carried_floats, (FloatMatrix, self.shape, self._floats.astype("<f8").tobytes())

    def texts(self) -> Iterator[list[str]]:
        """The rows as ``to_text`` writes their entries, one list each."""
        for block in self._blocks():
            yield from _texts(block)

    @property
    def bits(self) -> int:
        """The most bits in a numerator over the common denominator."""
        return self.bits_up_to(sys.maxsize)

    def bits_up_to(self, enough: int) -> int:
        """``bits`` where that is at most ``enough``, and else some number above it, found at less cost."""
        top, lowest, found = -sys.maxsize, 0, 0
        for block in self._blocks():
            odd = _odd(block)
            if odd.mantissas.any():
                top = max(top, int(np.frexp(block[odd.mantissas != 0])[1].max()))
                lowest = min(lowest, _lowest(odd.exponents))
                found = top - lowest
                if found > enough:
                    break
        return found

    def _blocks(self) -> Iterator[Floats]:
        """The rows, some at a time."""
        height = max(1, BLOCK // self.shape[1])
        return (self._floats[start : start + height] for start in range(0, self.shape[0], height))

    def integer_column(self, j: int) -> list[fmpz]:
        """Column j times the common denominator."""
        odd = _odd(self._floats[:, j])
        denominator = int(self._denominator.bit_length()) - 1
        return _integers(odd, lowest=-denominator)

    def primitive_column(self, j: int) -> tuple[list[fmpz], fmpq]:
        """Column j as integers of greatest common divisor 1, and its positive factor; 1 for zeros."""
        columns, factors = _primitive(self._floats[:, j : j + 1])
        return columns[0], factors[0]

    def primitive_columns(self) -> tuple[list[list[fmpz]], list[fmpq]]:
        """All of them, and the factors."""
        return _primitive(self._floats)

    def scaled_columns(self) -> ScaledColumns:
        """The columns over powers of two: exact but for what underflows."""
        largest = np.maximum(self._floats.max(axis=0), -self._floats.min(axis=0))
        exponents = np.frexp(largest)[1].astype(np.int64)
        rows = self._floats.T.copy()
        if -1000 < exponents.min() and exponents.max() < 1000:
            rows *= np.ldexp(1.0, -exponents)[:, None]
        else:
            rows = np.ldexp(rows, -exponents[:, None])
        return ScaledColumns(rows, exponents.tolist())

    def combination(self, columns: Sequence[int], target: int) -> list[fmpq] | None:
        """c with Σ c_k X_columns[k] = X_target for independent columns, or None when there is none."""
        involved = FloatMatrix(self._floats[:, [*columns, target]])  # no integers of the others are made
        return Matrix.combination(involved, range(len(columns)), len(columns))

    def column(self, j: int) -> Vector:
        """Column j, of length rows."""
        return FloatVector(self._floats[:, j])


class FloatVector(Vector):
    """The vector over Q whose entries are these finite binary64 numbers, shape (length,)."""

    def __init__(self, floats: Any) -> None:
        self._floats = _own(floats)
        self.length = len(self._floats)

    @property
    def floats(self) -> Floats:
        """The entries, (length,); the array cannot be written to."""
        return self._floats

    @cached_property
    def _poly(self) -> fmpq_poly:  # type: ignore[override]
        odd = _odd(self._floats)
        return fmpq_poly(_integers(odd), fmpz(1) << -_lowest(odd.exponents))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FloatVector):
            return np.array_equal(self._floats, other._floats)
        return super().__eq__(other)

    __hash__ = Vector.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return _carried_floats, (FloatVector, self._floats.shape, self._floats.astype("<f8").tobytes())

    def texts(self) -> list[str]:
        """The entries as ``to_text`` writes them."""
        return _texts(self._floats[None])[0]


class _Odd(NamedTuple):
    """Floats as mantissas·2^exponents: each mantissa odd, or 0 with exponent 0."""

    mantissas: Integers
    exponents: Integers


def _own(floats: Any) -> Floats:
    """A copy that nobody can write to; −0.0 is 0."""
    copied = np.array(floats, dtype=np.float64, order="C")
    copied += 0.0
    copied.setflags(write=False)
    return copied


def _odd(floats: Floats) -> _Odd:
    fractions, exponents = np.frexp(floats)
    mantissas = (fractions * 2.0**53).astype(np.int64)
    zeros = np.frexp((mantissas & -mantissas).astype(np.float64))[1] - 1
    moving = mantissas != 0
    zeros = np.where(moving, zeros, 0).astype(np.int64)
    return _Odd(mantissas >> zeros, np.where(moving, exponents - 53 + zeros, 0).astype(np.int64))


def _lowest(exponents: Integers) -> int:
    """The exponent of the common denominator's inverse: at most 0."""
    return min(int(exponents.min()), 0)


def _integers(odd: _Odd, lowest: int | None = None) -> list[fmpz]:
    """The numbers times 2^−lowest, which makes them integers; by default over their common denominator."""
    places = odd.exponents - (_lowest(odd.exponents) if lowest is None else lowest)
    pairs = zip(odd.mantissas.tolist(), places.tolist(), strict=True)
    return [fmpz(mantissa) << place if mantissa else fmpz(0) for mantissa, place in pairs]


def _primitive(floats: Floats) -> tuple[list[list[fmpz]], list[fmpq]]:
    """Each column as integers of greatest common divisor 1, and the positive factor that this takes."""
    mantissas, exponents = _odd(floats)
    contents = np.gcd.reduce(mantissas, axis=0)
    contents[contents == 0] = 1
    unbounded = np.where(mantissas != 0, exponents, np.iinfo(np.int64).max)
    lowest = np.where(mantissas.any(axis=0), unbounded.min(axis=0), 0)
    mantissas //= contents
    columns = [
        _integers(_Odd(mantissas[:, j], exponents[:, j]), lowest=int(lowest[j]))
        for j in range(floats.shape[1])
    ]
    scales = zip(contents.tolist(), lowest.tolist(), strict=True)
    return columns, [fmpq(content) * power_of_two(exponent) for content, exponent in scales]


def _texts(rows: Floats) -> list[list[str]]:
    odd = _odd(rows)
    powers = {e: str(fmpz(1) << -e) for e in set(odd.exponents.ravel().tolist()) if e < 0}
    return [
        [f"{m}/{powers[e]}" if e < 0 else str(fmpz(m) << e) for m, e in zip(*pair, strict=True)]
        for pair in zip(odd.mantissas.tolist(), odd.exponents.tolist(), strict=True)
    ]


def _carried_floats(kind: type[Any], shape: tuple[int, ...], content: bytes) -> Any:
    return kind(np.frombuffer(content, "<f8").reshape(shape))
