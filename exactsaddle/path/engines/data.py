"""A problem in the units its balls are computed in: integer rows, powers of two, binary64 copies.

Column j of X is κ_j x̃_j and y = λ ỹ with entries of x̃_j and ỹ dyadic and below 1; then
s_j = κ_j τ' s̃_j, t = τ t̃ with τ = τ' n/λ, and β_j = β̃_j λ/κ_j (MATHEMATICS.md §3, equivariances), so that

    s̃_i = s̃_0,i + M_i · z,   g̃_i = −M_i · u,   dz/dt̃ = u,   z(0) = 0

with M = x̃ᵀ (d × n) and u = ỹ − x̃β̃ the residual when X is wide; when it is tall, with the rows
M_i = (x̃_iᵀỹ, −x̃_iᵀx̃_1, …, −x̃_iᵀx̃_d) and u = (1, β̃). The history of a path is then the one vector z.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from flint import fmpq, fmpz

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers import IntegerRows, Number, RootSum, integer_gram, power_of_two
from exactsaddle.path.engines.binary import (
    CONVERSION,
    Floats,
    Scaled,
    gamma,
    to_float,
    to_scaled,
)
from exactsaddle.problem import Problem

TALL = 2
"""X counts as tall when it has more than this many rows for each column."""


class ScaledProblem:
    """M as integers and as floats, thresholds and initial dual in the same units.

    ``rows[i][j]``·2^−(row_exponents[i] + column_exponents[j]) is M_ij; in these units |x̃| < 1.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n, self.d = problem.shape
        self.columns, factors = problem.design_matrix.primitive_columns()
        self.row_exponents = [_bits(column) for column in self.columns]
        self.target = problem.target_vector.numerators
        self.target_exponent = _bits(self.target)
        self.is_tall = self.n > TALL * self.d
        self._kappa = [
            power_of_two(e) * factor for e, factor in zip(self.row_exponents, factors, strict=True)
        ]
        self._lambda = power_of_two(self.target_exponent) / problem.target_vector.denominator
        if self.is_tall:
            self.rows = _gram_rows(self.columns, self.target)
            self.column_exponents = [self.target_exponent, *self.row_exponents]
        else:
            self.rows = self.columns
            self.column_exponents = [0] * self.n
        self.width = len(self.column_exponents)
        self.floor = max(*self.row_exponents, self.target_exponent)
        """Guard bits: one unit of u or z at 2^−(bits + floor) moves no s̃ by more than loss·2^−bits."""
        self.target_norm = 1.001 * self.n**0.5
        """At least ‖ỹ‖₂."""
        self._met: dict[int, int] = {}
        self._gram: Floats = np.zeros((0, 0))
        self.loss = float(self.width * self.n + 1)

    # --- floats --------------------------------------------------------------------------------

    @cached_property
    def floats(self) -> Floats:
        """M, (d, width), each entry within CONVERSION of the truth."""
        return np.array(
            [
                [to_float(v, -a - c) for v, c in zip(row, self.column_exponents, strict=True)]
                for row, a in zip(self.rows, self.row_exponents, strict=True)
            ]
        )

    @cached_property
    def magnitudes(self) -> Floats:
        """|M|."""
        return np.abs(self.floats)

    @cached_property
    def _matrix(self) -> IntegerRows:
        return IntegerRows(self.rows)

    def products(self, vector: list[fmpz]) -> list[fmpz]:
        """Σ_j rows[i][j]·vector[j] for each i, of vector of length width."""
        return self._matrix.times(vector)

    @cached_property
    def target_floats(self) -> Floats:
        """ỹ, (n,)."""
        return to_scaled(self.target, [-self.target_exponent] * self.n).values

    @cached_property
    def correlation(self) -> Floats:
        """x̃ᵀỹ, (d,): for proposals."""
        return self.design.T @ self.target_floats

    @cached_property
    def design(self) -> Floats:
        """x̃, (n, d), each entry within CONVERSION of the truth."""
        if not self.is_tall:
            return self.floats.T
        return np.array(
            [[to_float(v, -e) for v in c] for c, e in zip(self.columns, self.row_exponents, strict=True)]
        ).T

    def gram(self, columns: Sequence[int]) -> Floats:
        """x̃ᵀx̃ on these columns, each entry a float inner product of columns of ``design``.

        Inner products are kept; a column costs one product with those met before.
        """
        for j in columns:
            if j not in self._met:
                column = self.design[:, [*self._met, j]].T @ self.design[:, j]
                size = len(self._met)
                if size == len(self._gram):
                    grown = np.zeros((2 * size + 16, 2 * size + 16))
                    grown[:size, :size] = self._gram
                    self._gram = grown
                self._gram[size, : size + 1] = self._gram[: size + 1, size] = column
                self._met[j] = size
        places = [self._met[j] for j in columns]
        return np.asarray(self._gram[np.ix_(places, places)], dtype=np.float64)

    @cached_property
    def norms(self) -> Floats:
        """Upper bounds of ‖x̃_j‖₂, zero exactly for zero columns, (d,)."""
        squares = (self.design**2).sum(axis=0)
        roots = np.sqrt(squares) * (1 + gamma(self.n) + 4 * CONVERSION)
        return np.where(self.moving, roots + 1e-140, 0.0)

    @cached_property
    def moving(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """False for zero columns, whose gradient is always 0; (d,)."""
        return np.array([any(column) for column in self.columns])

    # --- units ---------------------------------------------------------------------------------

    @cached_property
    def time_scale(self) -> fmpq:
        """τ'."""
        return power_of_two(self.time_exponent)

    @cached_property
    def time_exponent(self) -> int:
        """log2 τ', chosen so that the first jump is at t̃ of about 1 (any choice is right)."""
        correlation = np.abs(self.correlation)
        waits = [
            _log2(min(c for c in (problem_lower, problem_upper) if c is not None)) - _log2(kappa) - np.log2(r)
            for problem_lower, problem_upper, kappa, r in zip(
                self._problem_lower, self._problem_upper, self._kappa, correlation, strict=True
            )
            if r > 0
        ]
        return round(min(waits)) if waits else 0

    @property
    def _problem_lower(self) -> list[Number | None]:
        return [self.problem.bound(i, -1) for i in range(self.d)]

    @property
    def _problem_upper(self) -> list[Number | None]:
        return [self.problem.bound(i, 1) for i in range(self.d)]

    @cached_property
    def thresholds(self) -> dict[int, list[Number | None]]:
        """c̃ by side: thresholds[1] the upper, thresholds[−1] the lower magnitudes; None when infinite."""
        return {
            side: [
                None if c is None else c / (kappa * self.time_scale)
                for c, kappa in zip(found, self._kappa, strict=True)
            ]
            for side, found in ((1, self._problem_upper), (-1, self._problem_lower))
        }

    def place(self, i: int, side: int) -> Number:
        """s̃_i on its finite threshold of this side."""
        threshold = self.thresholds[side][i]
        if threshold is None:
            raise ProofFailed(f"coordinate {i} cannot be on an infinite threshold")
        return threshold * side

    @cached_property
    def threshold_floats(self) -> dict[int, Floats]:
        """The same in binary64, each within CONVERSION."""
        return {
            side: np.array([np.inf if c is None else number_to_float(c) for c in found])
            for side, found in self.thresholds.items()
        }

    @cached_property
    def dual(self) -> list[Number]:
        """s̃_0."""
        return [
            s / (kappa * self.time_scale)
            for s, kappa in zip(self.problem.initial_dual, self._kappa, strict=True)
        ]

    @property
    def time_unit(self) -> fmpq:
        """τ: t = τ t̃."""
        return self.time_scale * self.n / self._lambda

    def beta_unit(self, j: int) -> fmpq:
        """β_j / β̃_j."""
        return self._lambda / self._kappa[j]

    def dual_unit(self, j: int) -> fmpq:
        """s_j / s̃_j."""
        return self._kappa[j] * self.time_scale

    @property
    def loss_unit(self) -> fmpq:
        """L / ‖ỹ − x̃β̃‖²."""
        return self._lambda**2 / (2 * self.n)

    def slope_floats(self, integers: list[fmpz], exponent: int) -> Scaled:
        """integers·2^−exponent (of u or z) as floats that go with ``floats``."""
        return to_scaled(integers, [c - exponent for c in self.column_exponents])


def number_to_float(value: Number) -> float:
    """Within CONVERSION of the value, relatively; infinite or zero out of range."""
    if isinstance(value, RootSum):
        value = nearby_rational(value)
    shift = int(value.p.bit_length()) - int(value.q.bit_length()) - 64
    quotient = (value.p << -shift) // value.q if shift < 0 else value.p // (value.q << shift)
    return to_float(quotient, shift)


def _gram_rows(columns: list[list[fmpz]], target: list[fmpz]) -> list[list[fmpz]]:
    gram, rhs = integer_gram(columns, target)
    return [[r, *(-v for v in row)] for r, row in zip(rhs, gram, strict=True)]


def _bits(values: list[fmpz]) -> int:
    return max(int(v.bit_length()) for v in values)


def nearby_rational(value: Number) -> fmpq:
    """A rational within 2⁻⁶³ of the value, relatively."""
    if not isinstance(value, RootSum):
        return value
    bits = 96
    while True:
        with workprec(bits):
            found = value.enclose()
        if found.rel_accuracy_bits() > 64 or value == 0:
            return found.mid().fmpq()
        bits *= 2


def _log2(number: Number) -> float:
    value = nearby_rational(number)
    return float(int(value.p.bit_length()) - int(value.q.bit_length()))
