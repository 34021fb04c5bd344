"""Exact linear algebra over Q: vectors, matrices and normal equations.

The only module that knows how FLINT stores them. A vector is an integer vector over one common
denominator, kept in lowest terms by FLINT (``fmpq_poly`` does exactly that, in C); a matrix is an
integer matrix over one denominator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from fractions import Fraction
from typing import cast

from flint import arb, arb_mat, fmpq, fmpq_mat, fmpq_poly, fmpz, fmpz_mat, nmod_mat

from exactsaddle.base import ProofFailed
from exactsaddle.numbers.rational import to_fraction

_PRIME = 2**61 - 1
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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self.length == other.length and self._poly == other._poly

    def __hash__(self) -> int:
        return hash((self.length, str(self._poly)))

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
        return tuple(i for i, p in enumerate(self._poly.numer().coeffs()) if p != 0)

    @property
    def bits(self) -> int:
        """The most bits in the denominator or a numerator."""
        return max(int(self._poly.numer().height_bits()), int(self.denominator.bit_length()))

    def primitive(self) -> Vector:
        """The positive multiple with integer entries of greatest common divisor 1; not zero."""
        return self * fmpq(self.denominator, self._poly.numer().content())

    def dot(self, other: Vector) -> fmpq:
        """Σ self_i other_i."""
        total = sum((a * b for a, b in zip(self.numerators, other.numerators, strict=True)), fmpz(0))
        return fmpq(total, self.denominator * other.denominator)

    def fractions(self) -> tuple[Fraction, ...]:
        """The entries as ``fractions.Fraction``."""
        return tuple(to_fraction(value) for value in self)


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

    def rows(self) -> Iterator[list[fmpq]]:
        """The rows, one list each."""
        for row in self._numerators.tolist():
            yield [fmpq(value, self._denominator) for value in row]

    @property
    def bits(self) -> int:
        """The most bits in a numerator over the common denominator."""
        return max(int(value.bit_length()) for value in self._numerators.entries())

    def integer_columns(self) -> tuple[list[list[fmpz]], fmpz]:
        """The columns times the common denominator, and that denominator."""
        return self._numerators.transpose().tolist(), self._denominator

    def column(self, j: int) -> Vector:
        """Column j, of length rows."""
        entries = [self._numerators[i, j] for i in range(self._numerators.nrows())]
        return Vector.over(entries, self._denominator)

    def times(self, vector: Vector) -> Vector:
        """The product with a vector of length columns."""
        return _product(self._numerators, self._denominator, vector)

    def transpose_times(self, vector: Vector) -> Vector:
        """The product of the transpose with a vector of length rows."""
        return _product(self._numerators.transpose(), self._denominator, vector)

    def combination(self, columns: Sequence[int], target: int) -> list[fmpq] | None:
        """c with Σ c_k X_columns[k] = X_target for independent columns, or None when there is none."""
        wide = _columns(self._numerators, [*columns, target])
        if nmod_mat(wide, _PRIME).rank() > len(columns):
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


class NormalEquations:
    """G = XᵀX/n and r = Xᵀy/n for X of shape (n, d), held as integers.

    Columns of G are formed when first asked for, so that a wide problem never pays for the d × d
    matrix: the path needs only the columns that enter a support.
    """

    def __init__(self, X: Matrix, y: Vector) -> None:
        self._transposed = X._numerators.transpose()
        self._n, self.d = X.shape
        self._scale_x, self._scale_y = X._denominator, y.denominator
        target = fmpz_mat(self._n, 1, y.numerators)
        # g = (scale_y · XᵀX b − q · scale_x · Xᵀy) / (n · scale_x² · scale_y · q) for β = b/q
        self._rhs: list[fmpz] = (self._transposed * target).entries()
        self._columns: dict[int, list[fmpz]] = {}

    def with_correlation(self, r: Vector) -> NormalEquations:
        """The same G, its columns formed once for both, with another r, shape (d,)."""
        other = copy(self)
        scaled = r * fmpq(self._n * self._scale_x)
        other._rhs, other._scale_y = scaled.numerators, scaled.denominator
        return other

    @property
    def correlation(self) -> Vector:
        """r = Xᵀy/n, shape (d,)."""
        return Vector.over(self._rhs, self._n * self._scale_x * self._scale_y)

    def gram_column(self, j: int) -> Vector:
        """Column j of G, shape (d,)."""
        return Vector.over(self._column(j), self._n * self._scale_x**2)

    def gradient(self, beta: Vector) -> Vector:
        """Gβ − r, shape (d,), for β of shape (d,)."""
        support = beta.support
        if not support:
            return Vector.over([-value for value in self._rhs], self._n * self._scale_x * self._scale_y)
        b, q = beta.numerators, beta.denominator
        gram = fmpz_mat([self._column(j) for j in support]).transpose()
        weights = fmpz_mat(len(support), 1, [self._scale_y * b[j] for j in support])
        shift = self._scale_x * q
        numerators = [p - shift * r for p, r in zip((gram * weights).entries(), self._rhs, strict=True)]
        return Vector.over(numerators, self._n * self._scale_x**2 * self._scale_y * q)

    def least_squares(self, columns: Sequence[int]) -> Vector:
        """The β supported in these columns with (Gβ − r)_i = 0 on them, shape (d,).

        The columns of X must be linearly independent; raises ProofFailed when they are not.
        """
        size = len(columns)
        numerators = [fmpz(0)] * self.d
        if size == 0:
            return Vector.zero(self.d)
        gram = [self._column(j) for j in columns]
        system = fmpz_mat(size, size, [column[i] for column in gram for i in columns])
        rhs = fmpz_mat(size, 1, [self._scale_x * self._rhs[i] for i in columns])
        try:
            solution, denominator = cast(fmpq_mat, system.solve(rhs)).numer_denom()
        except ZeroDivisionError:
            raise ProofFailed(f"columns {list(columns)} of X are linearly dependent") from None
        for i, value in zip(columns, solution.entries(), strict=True):
            numerators[i] = value
        return Vector.over(numerators, denominator * self._scale_y)

    def regression(self, columns: Sequence[int], j: int) -> Vector:
        """The w with G_AA w = G_Aj for A = columns, shape (len(columns),): X_j projected on X_A.

        The columns of X must be linearly independent; raises ProofFailed when they are not.
        """
        size = len(columns)
        if size == 0:
            return Vector.zero(0)
        gram = fmpz_mat(size, size, [self._column(k)[i] for i in columns for k in columns])
        rhs = fmpz_mat(size, 1, [self._column(j)[i] for i in columns])
        try:
            solution, denominator = cast(fmpq_mat, gram.solve(rhs)).numer_denom()
        except ZeroDivisionError:
            raise ProofFailed(f"columns {list(columns)} of X are linearly dependent") from None
        return Vector.over(solution.entries(), denominator)

    def rank(self, columns: Sequence[int]) -> int:
        """The rank of these columns of X."""
        size = len(columns)
        return int(fmpz_mat(size, size, [self._column(k)[i] for i in columns for k in columns]).rank())

    def _column(self, j: int) -> list[fmpz]:
        if j not in self._columns:
            row = fmpz_mat(self._n, 1, [self._transposed[j, i] for i in range(self._n)])
            self._columns[j] = (self._transposed * row).entries()
        return self._columns[j]


class IntegerVectors:
    """A changing selection of integer vectors of one length: their combinations and inner products.

    Exchanging one vector costs its length, not that of the whole selection.
    """

    def __init__(self, vectors: Sequence[list[fmpz]]) -> None:
        self._vectors = vectors
        self._length = len(vectors[0])
        self._matrix = fmpz_mat(0, self._length)
        self._holders: list[int | None] = []
        self._places: list[int] = []

    def select(self, keys: Sequence[int]) -> None:
        """Select these vectors, in this order."""
        wanted = set(keys)
        holders = [key if key in wanted else None for key in self._holders]
        missing = [key for key in keys if key not in holders]
        free = [place for place, key in enumerate(holders) if key is None]
        if len(missing) > len(free):
            capacity = len(keys) + len(keys) // 2 + 8
            self._matrix = fmpz_mat(capacity, self._length)
            holders, missing, free = [None] * capacity, list(keys), list(range(capacity))
        for place, key in zip(free, missing, strict=False):
            holders[place] = key
            for i, value in enumerate(self._vectors[key]):
                self._matrix[place, i] = value
        self._holders = holders
        where = {key: place for place, key in enumerate(holders)}
        self._places = [where[key] for key in keys]

    def combine(self, weights: Sequence[fmpz]) -> list[fmpz]:
        """Σ weights_k v_k over the selection."""
        spread = [fmpz(0)] * len(self._holders)
        for place, weight in zip(self._places, weights, strict=True):
            spread[place] = weight
        return (fmpz_mat(1, len(spread), spread) * self._matrix).entries()

    def inner(self, vector: list[fmpz]) -> list[fmpz]:
        """v_k · vector for each of the selection."""
        products = (self._matrix * fmpz_mat(self._length, 1, vector)).entries()
        return [products[place] for place in self._places]


def solve_gram_in_balls(columns: list[list[fmpz]], target: list[fmpz]) -> list[arb]:
    """The solution of CCᵀx = C·target at the working precision, for the rows C_j of ``columns``.

    Raises ZeroDivisionError when CCᵀ is not proved invertible.
    """
    gram, rhs = integer_gram(columns, target)
    return list(arb_mat(gram).solve(arb_mat([[value] for value in rhs])).entries())


def integer_gram(columns: list[list[fmpz]], target: list[fmpz]) -> tuple[list[list[fmpz]], list[fmpz]]:
    """CCᵀ as d rows and C·target, for the d rows C_j of ``columns``, of length n."""
    transposed = fmpz_mat(columns)
    gram = (transposed * transposed.transpose()).tolist()
    return gram, (transposed * fmpz_mat(len(target), 1, target)).entries()


def _columns(matrix: fmpz_mat, columns: Iterable[int]) -> fmpz_mat:
    transposed = matrix.transpose().tolist()
    return fmpz_mat([transposed[j] for j in columns]).transpose()


def _product(matrix: fmpz_mat, denominator: fmpz, vector: Vector) -> Vector:
    column = fmpz_mat(matrix.ncols(), 1, vector.numerators)
    return Vector.over((matrix * column).entries(), denominator * vector.denominator)
