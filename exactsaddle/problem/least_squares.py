"""Least squares data X, y over Q and the loss that they define."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from exactsaddle.numbers import (
    Floats,
    Matrix,
    NormalEquations,
    Vector,
    to_fraction,
)
from exactsaddle.problem.entries import number, read_names
from exactsaddle.problem.rows import read_scalars


class LeastSquares:
    """X of shape (n, d), y of length n, and L(β) = ‖y − Xβ‖²/(2n) with G = XᵀX/n, r = Xᵀy/n: all exact."""

    _X: Matrix
    _y: Vector

    @property
    def n(self) -> int:
        """Number of observations, the rows of X."""
        return self._X.shape[0]

    @property
    def d(self) -> int:
        """Number of features, the columns of X."""
        return self._X.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self._X.shape

    @property
    def design_matrix(self) -> Matrix:
        """X, for the engines."""
        return self._X

    @property
    def target_vector(self) -> Vector:
        """y, for the engines."""
        return self._y

    @cached_property
    def float_design(self) -> Floats:
        """The nearest binary64 number to each entry of X, (n, d); infinite beyond the range."""
        return self._X.floats

    @cached_property
    def X(self) -> tuple[tuple[Fraction, ...], ...]:
        """The design, n rows of d Fractions."""
        return tuple(tuple(to_fraction(value) for value in row) for row in self._X.rows())

    @cached_property
    def y(self) -> tuple[Fraction, ...]:
        """The target, n Fractions."""
        return self._y.fractions()

    @cached_property
    def normal_equations(self) -> NormalEquations:
        """G and r as integers: the engine's view of the data."""
        return NormalEquations(self._X, self._y)

    @cached_property
    def gram(self) -> tuple[tuple[Fraction, ...], ...]:
        """G = XᵀX/n, d rows of d Fractions."""
        return tuple(self.normal_equations.gram_column(j).fractions() for j in range(self.d))

    @cached_property
    def correlation(self) -> tuple[Fraction, ...]:
        """r = Xᵀy/n, d Fractions."""
        return self.normal_equations.correlation.fractions()

    def loss(self, beta: Iterable[Any]) -> Fraction:
        """L(β) = ‖y − Xβ‖²/(2n) at β, d numbers."""
        return to_fraction(self.loss_at(self._point(beta)))

    def gradient(self, beta: Iterable[Any]) -> tuple[Fraction, ...]:
        """∇L(β) = Gβ − r at β, d numbers; d Fractions."""
        return self.normal_equations.gradient(self._point(beta)).fractions()

    def fitted(self, beta: Iterable[Any]) -> tuple[Fraction, ...]:
        """Xβ at β, d numbers; n Fractions."""
        return self._X.times(self._point(beta)).fractions()

    def loss_at(self, beta: Vector) -> fmpq:
        """L(β) for a vector of the engine."""
        residual = self._y - self._X.times(beta)
        return residual.dot(residual) / (2 * self.n)

    def column(self, j: int) -> Vector:
        """Column j of X, (n,), for the engine."""
        return self._X.column(j)

    def fitted_at(self, beta: Vector) -> Vector:
        """Xβ, (n,), for a vector of the engine."""
        return self._X.times(beta)

    def _point(self, beta: Iterable[Any]) -> Vector:
        return Vector.of(read_scalars(list(beta), "beta", read_names(None, self.d), set(), number))
