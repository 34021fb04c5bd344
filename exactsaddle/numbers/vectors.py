"""Vectors and matrices over Q.

With ``dyadic``, ``normal_equations`` and ``gram`` the only code that knows how FLINT stores them. A vector is
an integer vector over one common denominator, kept in lowest terms by FLINT (``fmpq_poly`` does exactly that,
in C); a matrix is an integer matrix over one denominator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_poly, fmpz, fmpz_mat, nmod_mat

from exactsaddle.base import ProofFailed
from exactsaddle.numbers.rational import shorten, to_float, to_fraction, to_text

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

PRIME = 2**61 - 1
"""Columns independent modulo a prime are independent; the converse is then decided over Q."""


class Vector:
    """An immutable vector over Q, shape (length,), in lowest terms over its common denominator."""

    __slots__ = ("_poly", "length")

    def __init__(self, poly: fmpq_poly, length: int) -> None:
        self._poly = poly
        self.length = length

    @classmethod
    def of(cls, values: Sequence[fmpq]) -> Vector:
        """The vector with these entries."""
        return cls(fmpq_poly(list(values)), len(values))

    @classmethod
    def zero(cls, length: int) -> Vector:
        """The zero vector."""
        return cls(fmpq_poly(), length)

    @classmethod
    def over(cls, numerators: list[fmpz], denominator: fmpz) -> Vector:
        """numerators / denominator, denominator ≠ 0, reduced."""
        return cls(fmpq_poly(numerators, denominator), len(numerators))

    @classmethod
    def sparse(cls, entries: Mapping[int, fmpq], length: int) -> Vector:
        """The vector that is zero except for these entries."""
        return cls.of([entries.get(i, fmpq(0)) for i in range(length)])

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> fmpq:
        return self._poly[index]

    def __iter__(self) -> Iterator[fmpq]:
        return (self._poly[i] for i in range(self.length))

    def __repr__(self) -> str:
        shown = [shorten(to_text(self[i])) for i in range(min(self.length, 8))]
        return f"Vector([{', '.join(shown)}{', ...' * (self.length > 8)}])"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self.length == other.length and self._poly == other._poly

    def __hash__(self) -> int:
        return hash((self.length, str(self._poly)))

    def __reduce__(self) -> tuple[Any, ...]:
        numerators = [int(p) for p in self._poly.numer().coeffs()]
        return _carried_vector, (numerators, int(self.denominator), self.length)

    def __add__(self, other: Vector) -> Vector:
        return Vector(self._poly + other._poly, self.length)

    def __sub__(self, other: Vector) -> Vector:
        return Vector(self._poly - other._poly, self.length)

    def __mul__(self, factor: fmpq) -> Vector:
        return Vector(self._poly * factor, self.length)

    @property
    def denominator(self) -> fmpz:
        """The least common denominator, positive."""
        return self._poly.denom()

    @property
    def numerators(self) -> list[fmpz]:
        """The entries times ``denominator``."""
        found: list[fmpz] = self._poly.numer().coeffs()
        found.extend([fmpz(0)] * (self.length - len(found)))
        return found

    @property
    def support(self) -> tuple[int, ...]:
        """Indices of the nonzero entries, ascending."""
        return tuple([i for i, p in enumerate(self._poly.numer().coeffs()) if p])

    @property
    def bits(self) -> int:
        """The most bits in the denominator or a numerator."""
        return max(int(self._poly.numer().height_bits()), int(self.denominator.bit_length()))

    def primitive(self) -> Vector:
        """The positive multiple with integer entries of greatest common divisor 1; not zero."""
        return self * fmpq(self.denominator, self._poly.numer().content())

    @property
    def floats(self) -> Floats:
        """The nearest binary64 number to each entry, (length,); infinite beyond the range."""
        return np.array([to_float(value) for value in self], dtype=np.float64)

    def texts(self) -> list[str]:
        """The entries as ``to_text`` writes them."""
        return list(map(to_text, self))

    def dot(self, other: Vector) -> fmpq:
        """Σ self_i other_i."""
        total = sum((a * b for a, b in zip(self.numerators, other.numerators, strict=True)), fmpz(0))
        return fmpq(total, self.denominator * other.denominator)

    def fractions(self) -> tuple[Fraction, ...]:
        """The entries as ``fractions.Fraction``."""
        return tuple(to_fraction(value) for value in self)


class ScaledColumns(NamedTuple):
    """A matrix in binary64: column j is 2^exponents[j] times rows[j], whose entries are below 1."""

    rows: Floats
    """(columns, rows of the matrix); each entry within one half unit in its last place of the truth."""
    exponents: list[int]


class Matrix:
    """An immutable matrix over Q, shape (rows, columns)."""

    __slots__ = ("_denominator", "_numerators")

    def __init__(self, rows: Sequence[Sequence[fmpq]]) -> None:
        flat = Vector.of([value for row in rows for value in row])
        self._denominator = flat.denominator
        self._numerators = fmpz_mat(len(rows), len(rows[0]), flat.numerators)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self._numerators.nrows(), self._numerators.ncols()

    def __getitem__(self, index: tuple[int, int]) -> fmpq:
        return fmpq(self._numerators[index], self._denominator)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Matrix)
            and self._denominator == other._denominator
            and bool(self._numerators == other._numerators)
        )

    def __hash__(self) -> int:
        return hash((str(self._denominator), self._numerators.str()))

    def __reduce__(self) -> tuple[Any, ...]:
        numerators = [int(p) for p in self._numerators.entries()]
        return _carried_matrix, (self.shape, numerators, int(self._denominator))

    def rows(self) -> Iterator[list[fmpq]]:
        """The rows, one list each."""
        for row in self._numerators.tolist():
            yield [fmpq(value, self._denominator) for value in row]

    @property
    def bits(self) -> int:
        """The most bits in a numerator over the common denominator."""
        return max(int(value.bit_length()) for value in self._numerators.entries())

    def bits_up_to(self, enough: int) -> int:
        """``bits`` where that is at most ``enough``, and else some number above it, found at less cost."""
        return self.bits

    @property
    def floats(self) -> Floats:
        """The nearest binary64 number to each entry, (rows, columns); infinite beyond the range."""
        return np.array([[to_float(value) for value in row] for row in self.rows()], dtype=np.float64)

    def texts(self) -> Iterator[list[str]]:
        """The rows as ``to_text`` writes their entries, one list each."""
        return (list(map(to_text, row)) for row in self.rows())

    def integer_column(self, j: int) -> list[fmpz]:
        """Column j times the common denominator."""
        return [self._numerators[i, j] for i in range(self.shape[0])]

    def integer_columns(self) -> tuple[list[list[fmpz]], fmpz]:
        """The columns times the common denominator, and that denominator."""
        return [self.integer_column(j) for j in range(self.shape[1])], self._denominator

    def scaled_columns(self) -> ScaledColumns:
        """The columns over powers of two, each entry rounded to the nearest binary64 number."""
        columns, denominator = self.integer_columns()
        rows, exponents = [], []
        for column in columns:
            top = max(int(v.bit_length()) for v in column)
            exponent = top + 1 - int(denominator.bit_length()) if top else 0
            divisor = int(denominator << max(exponent, 0))
            rows.append([int(v << max(-exponent, 0)) / divisor for v in column])
            exponents.append(exponent)
        return ScaledColumns(np.array(rows), exponents)

    def primitive_column(self, j: int) -> tuple[list[fmpz], fmpq]:
        """Column j as integers of greatest common divisor 1, and its positive factor; 1 for zeros."""
        column = self.integer_column(j)
        content = _content(column)
        if not content:
            return column, fmpq(1)
        return [v // content for v in column], fmpq(content, self._denominator)

    def primitive_columns(self) -> tuple[list[list[fmpz]], list[fmpq]]:
        """All of them, and the factors."""
        found = [self.primitive_column(j) for j in range(self.shape[1])]
        return [column for column, _ in found], [factor for _, factor in found]

    def column(self, j: int) -> Vector:
        """Column j, of length rows."""
        return Vector.over(self.integer_column(j), self._denominator)

    def times(self, vector: Vector) -> Vector:
        """The product with a vector of length columns."""
        return _product(self._numerators, self._denominator, vector)

    def transpose_times(self, vector: Vector) -> Vector:
        """The product of the transpose with a vector of length rows."""
        return _product(self._numerators.transpose(), self._denominator, vector)

    def combination(self, columns: Sequence[int], target: int) -> list[fmpq] | None:
        """c with Σ c_k X_columns[k] = X_target for independent columns, or None when there is none."""
        wide = _columns(self._numerators, [*columns, target])
        if nmod_mat(wide, PRIME).rank() > len(columns):
            return None
        basis = _columns(self._numerators, columns)
        wanted = _columns(self._numerators, [target])
        weights = cast(fmpq_mat, (basis.transpose() * basis).solve(basis.transpose() * wanted))
        return list(weights.entries()) if fmpq_mat(basis) * weights == fmpq_mat(wanted) else None

    def rank(self, columns: Sequence[int] | None = None) -> int:
        """The rank, of the whole or of the named columns."""
        if columns is None:
            return int(self._numerators.rank())
        return int(_columns(self._numerators, columns).rank())

    def row_echelon(self) -> list[Vector]:
        """The nonzero rows of the reduced row echelon form; the first nonzero entry of each is 1."""
        reduced, denominator, rank = self._numerators.rref()
        return [Vector.over(row, denominator) for row in reduced.tolist()[: int(rank)]]

    def inverse(self) -> Matrix:
        """The inverse of a square matrix; raises ProofFailed when it is singular."""
        try:
            inverse = self._numerators.inv()
        except ZeroDivisionError:
            raise ProofFailed("the matrix is singular") from None
        return Matrix([[value * self._denominator for value in row] for row in inverse.tolist()])


def _carried_vector(numerators: list[int], denominator: int, length: int) -> Vector:
    return Vector(fmpq_poly(numerators, denominator), length)


def _carried_matrix(shape: tuple[int, int], numerators: list[int], denominator: int) -> Matrix:
    matrix = object.__new__(Matrix)
    matrix._numerators, matrix._denominator = fmpz_mat(*shape, numerators), fmpz(denominator)
    return matrix


def _content(column: list[fmpz]) -> fmpz:
    """The greatest common divisor, 0 of zeros."""
    content = fmpz(0)
    for value in column:
        content = content.gcd(value)
        if content == 1:
            break
    return content


def _columns(matrix: fmpz_mat, columns: Iterable[int]) -> fmpz_mat:
    transposed = matrix.transpose().tolist()
    return fmpz_mat([transposed[j] for j in columns]).transpose()


def _product(matrix: fmpz_mat, denominator: fmpz, vector: Vector) -> Vector:
    column = fmpz_mat(matrix.ncols(), 1, vector.numerators)
    return Vector.over((matrix * column).entries(), denominator * vector.denominator)
