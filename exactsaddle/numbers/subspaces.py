"""Spans, relations and projections of columns over Q, and rank proved modulo a prime.

Columns are ``Vector``s of one length n; like ``linalg`` this file knows FLINT matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat

from exactsaddle.numbers.vectors import Vector

FIRST_PRIME = 2_147_483_647


@dataclass(frozen=True)
class Relations:
    """Every linear relation Σ v_j column_j = 0 among m columns, by a fundamental system.

    basis: indices of the first maximal independent subset; dependent: the other indices.
    vectors: one per dependent index, (m,) over Q, with 1 there and 0 at the other dependent indices;
    they are a basis of the kernel, and the part on ``basis`` is determined by the part on ``dependent``.
    """

    basis: tuple[int, ...]
    dependent: tuple[int, ...]
    vectors: tuple[Vector, ...]


@dataclass(frozen=True)
class Minor:
    """Rows on which some independent columns have a minor that is nonzero modulo prime."""

    rows: tuple[int, ...]
    prime: int

    def is_nonzero(self, columns: Sequence[Vector]) -> bool:
        """True when these columns, made primitive integer vectors, have such a minor on these rows."""
        if len(self.rows) != len(columns) or not fmpz(self.prime).is_prime():
            return False
        if not all(
            column.support and 0 <= min(self.rows) <= max(self.rows) < len(column) for column in columns
        ):
            return False
        integers = [column.primitive().numerators for column in columns]
        minor = fmpz_mat([[entries[row] for row in self.rows] for entries in integers])
        return bool(minor.det() % self.prime != 0)


def relations(columns: Sequence[Vector]) -> Relations:
    """The kernel of the matrix with these columns, by exact elimination."""
    if not columns:
        return Relations((), (), ())
    common = fmpz(1)
    for column in columns:
        common = common.lcm(column.denominator)
    scaled = [[p * (common // c.denominator) for p in c.numerators] for c in columns]
    echelon, pivot_value, rank = fmpz_mat(scaled).transpose().rref()
    basis = _pivots(echelon, int(rank))
    dependent = tuple(j for j in range(len(columns)) if j not in set(basis))
    vectors = []
    for j in dependent:
        entries = {i: fmpq(-echelon[row, j], pivot_value) for row, i in enumerate(basis)}
        vectors.append(Vector.sparse({**entries, j: fmpq(1)}, len(columns)))
    return Relations(basis, dependent, tuple(vectors))


def residuals(columns: Sequence[Vector], basis: Sequence[Vector]) -> list[Vector]:
    """Each column minus its orthogonal projection on the span of basis, which is independent."""
    if not basis or not columns:
        return list(columns)
    spanning, given = (fmpq_mat([list(c) for c in family]).transpose() for family in (basis, columns))
    coefficients = (spanning.transpose() * spanning).solve(spanning.transpose() * given)
    return [Vector.of(row) for row in (given - spanning * coefficients).transpose().tolist()]


def nonzero_minor(columns: Sequence[Vector]) -> Minor | None:
    """Rows and a prime that prove these columns linearly independent; None when they are not.

    Each column is first made a primitive integer vector. Ends, since only the finitely many prime
    divisors of the minors of independent columns fail.
    """
    if not columns:
        return Minor((), FIRST_PRIME)
    if not all(column.support for column in columns):
        return None
    prime = FIRST_PRIME
    while True:
        residues = [int(p % prime) for column in columns for p in column.primitive().numerators]
        echelon, rank = nmod_mat(len(columns), len(columns[0]), residues, prime).rref()
        if rank == len(columns):
            return Minor(_pivots(echelon, int(rank)), prime)
        if relations(columns).dependent:
            return None
        prime = _next_prime(prime)


def independent_columns(columns: Sequence[Vector]) -> list[int]:
    """Indices of columns, the first such, that are independent modulo a prime: so they are over Q.

    That the others depend on them is likely, and not proved.
    """
    if not columns:
        return []
    residues = [int(p % FIRST_PRIME) for column in columns for p in column.numerators]
    echelon, rank = nmod_mat(len(columns), len(columns[0]), residues, FIRST_PRIME).transpose().rref()
    return list(_pivots(echelon, int(rank)))


def _pivots(echelon: fmpz_mat | nmod_mat, rank: int) -> tuple[int, ...]:
    found: list[int] = []
    for row in range(rank):
        column = found[-1] + 1 if found else 0
        while echelon[row, column] == 0:
            column += 1
        found.append(column)
    return tuple(found)


def _next_prime(prime: int) -> int:
    candidate = prime + 2
    while not fmpz(candidate).is_prime():
        candidate += 2
    return candidate
