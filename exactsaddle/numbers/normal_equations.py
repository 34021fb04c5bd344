"""G and r of a least squares problem as integers, and exact least squares on columns of X."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import cast

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from exactsaddle.base import ProofFailed
from exactsaddle.numbers.vectors import Matrix, Vector


class DependentColumns(ProofFailed):
    """Columns of X that were to be independent are not."""


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

        The columns of X must be linearly independent; raises DependentColumns when they are not.
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
            raise DependentColumns(f"columns {list(columns)} of X are linearly dependent") from None
        for i, value in zip(columns, solution.entries(), strict=True):
            numerators[i] = value
        return Vector.over(numerators, denominator * self._scale_y)

    def regression(self, columns: Sequence[int], j: int) -> Vector:
        """The w with G_AA w = G_Aj for A = columns, shape (len(columns),): X_j projected on X_A.

        The columns of X must be linearly independent; raises ProofFailed when they are not.
        """
        (found,) = self.regressions(columns, [j])
        return found

    def regressions(self, columns: Sequence[int], others: Sequence[int]) -> list[Vector]:
        """``regression`` for each j of others."""
        size = len(columns)
        if size == 0:
            return [Vector.zero(0)] * len(others)
        gram = fmpz_mat(size, size, [self._column(k)[i] for i in columns for k in columns])
        rhs = fmpz_mat(size, len(others), [self._column(j)[i] for i in columns for j in others])
        try:
            solution, denominator = cast(fmpq_mat, gram.solve(rhs)).numer_denom()
        except ZeroDivisionError:
            raise ProofFailed(f"columns {list(columns)} of X are linearly dependent") from None
        return [Vector.over(column, denominator) for column in solution.transpose().tolist()]

    def rank(self, columns: Sequence[int]) -> int:
        """The rank of these columns of X."""
        size = len(columns)
        return int(fmpz_mat(size, size, [self._column(k)[i] for i in columns for k in columns]).rank())

    def _column(self, j: int) -> list[fmpz]:
        if j not in self._columns:
            row = fmpz_mat(self._n, 1, [self._transposed[j, i] for i in range(self._n)])
            self._columns[j] = (self._transposed * row).entries()
        return self._columns[j]
