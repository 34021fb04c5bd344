"""Independent columns in binary64: a float inverse of their Gram matrix, and a proved bound of the true one.

The inverse is updated from one set of columns to the next and nothing relies on it. What is proved is
``trace`` ≥ tr G⁻¹ ≥ 1/λ_min(G): with w the regression of a column x on the others and ρ its distance from
their span,

    tr G'⁻¹ = tr G⁻¹ + (1 + ‖w‖²)/ρ²

when x joins them (Schur complement; Golub & Van Loan 2013, §6.5), and the same is subtracted when it leaves.
Both w and ρ come with what they are off by.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import frexp, fsum, ldexp, sqrt

import numpy as np

from exactsaddle.base import Inconclusive
from exactsaddle.path.engines.binary import UNIT, UP, Floats, inverse, product, total
from exactsaddle.path.engines.floats import RELATIVE, FloatProblem, norm, norm_below

SEPARATION = 4.0
"""A column joins when its distance from the others is this many times what that is off by."""
REFINEMENTS = 4
WORN = 2.0
"""The bound of tr G⁻¹ is proved anew when it is this many times what the float inverse has."""
FINE = 256
"""From so many rows on the leading bits of inner products are multiplied apart, without error."""
ENOUGH = 1.0
"""Refined until Xᵀr̂ is below the bound of its own rounding."""
HIDDEN = 2.0**-6
"""Or so far below that of the residual's that the bound of the coefficients would not change."""


class Unsettled(Inconclusive):
    """Binary64 bounds do not settle this."""


@dataclass(frozen=True)
class Regression:
    """Least squares of a vector v on the columns: coefficients b̂, and v − X b̂, both near the true ones.

    ``coefficient_error`` bounds ‖b̂ − b‖₂ and ``residual_error`` the Euclidean distance of residual, as it is
    stored, from that of the true b.
    """

    coefficients: Floats
    residual: Floats
    slope: Floats
    """Xᵀ times the residual, computed."""
    excess: float
    """What is left of it, over what its own rounding may leave."""
    hidden: bool
    """Whether it is far below what the rounding of the residual may hide."""
    coefficient_error: float
    residual_error: float


class WorkingSet:
    """A changing set of independent columns, at first empty."""

    def __init__(self, problem: FloatProblem) -> None:
        self.problem = problem
        self.columns: list[int] = []
        self.trace = 0.0
        """At least tr G⁻¹, so at least 1/σ_min²."""
        self._matrix: Floats = np.zeros((16, problem.n))
        self._coarse: Floats = np.zeros((16, problem.n))
        """The same to ``places`` binary places: entries are below 1."""
        self.places = (52 - problem.n.bit_length()) // 2
        self.fine = problem.n >= FINE and not problem.is_wide
        """Whether leading bits are multiplied apart."""
        self._inverse: Floats = np.zeros((16, 16))

    @property
    def matrix(self) -> Floats:
        """The columns as rows, (m, n)."""
        return self._matrix[: len(self.columns)]

    def products(self, vector: Floats) -> tuple[Floats, float]:
        """The inner products of the columns with a vector, each off by at most ‖x̃_j‖ times the number.

        The leading ``places`` bits of both are multiplied without error, in whatever order: n products need
        2·places + log₂ n bits (Ozaki et al. 2012). What is left is smaller by 2^−places, the data are within
        RELATIVE. Where rows are few that is not worth its time; of all data in a box no bits are known.
        """
        problem, n = self.problem, self.problem.n
        if not self.fine:
            return product(self.matrix, vector), problem.rounding * norm(vector)
        largest = float(np.abs(vector).max(initial=0.0))
        head, coarse = _leading(vector, largest, self.places), self._coarse[: len(self.columns)]
        rest = product(self.matrix, vector - head) + product(self.matrix - coarse, head)
        left = 8 * n * largest * 2.0**-self.places  # √n·2·largest and, as ‖x̃_j‖ ≥ ½, 4n·largest
        return product(coarse, head) + rest, (
            problem.rounding * left + (problem.entry_error + 3 * UNIT) * norm(vector)
        ) * UP

    @property
    def inverse(self) -> Floats:
        """About G⁻¹, (m, m)."""
        size = len(self.columns)
        return self._inverse[:size, :size]

    def norm(self) -> float:
        """At least ‖X‖_F."""
        return norm(self.problem.norms[self.columns])

    def regression(self, vector: Floats, norm_of: float, radius: float = 0.0) -> Regression:
        """Least squares of a vector, which may be off by RELATIVE in each entry and has at most this norm.

        With a radius it may be off by that much more, in norm, whatever the columns are within their radii.
        Refined until what is left is rounding, with the inverse computed anew where it does not help.
        """
        if not self.columns:
            nothing = np.zeros(0)
            error = (norm_of * self.problem.rounding + radius) * UP
            return Regression(nothing, vector, nothing, 0.0, True, 0.0, error)
        coefficients = product(self.inverse, product(self.matrix, vector))
        for attempt in range(REFINEMENTS + 1):
            found = self._judged(coefficients, vector, norm_of, radius)
            if found.excess <= ENOUGH or attempt == REFINEMENTS:
                break
            if attempt and found.hidden:
                break
            if attempt == REFINEMENTS // 2:
                self.renew()
            coefficients = coefficients + product(self.inverse, found.slope)
        return found

    def _judged(self, coefficients: Floats, vector: Floats, norm_of: float, radius: float) -> Regression:
        """The bounds for coefficients from anywhere.

        With r = v − X b̂ exactly, b − b̂ = G⁻¹Xᵀr and X(b − b̂) is the projection of r, of norm at most
        ‖Xᵀr‖·√(tr G⁻¹).
        """
        problem = self.problem
        fitted, forming = self._fitted(coefficients, norm_of)
        residual = vector - fitted
        slope, off = self.products(residual)
        length, width = norm(residual), self.norm()
        wide = spread = 0.0
        if problem.is_wide:
            radii = problem.radii[self.columns]
            wide, spread = total(np.abs(coefficients), radii) + radius, sqrt(total(radii, radii)) * UP
        forming = (forming + wide) * UP
        left, floor = norm(slope), width * off + spread * length
        return Regression(
            coefficients,
            residual,
            slope,
            left / floor if floor else np.inf,
            left < HIDDEN * width * forming,
            self.trace * (left + floor + width * forming) * UP,
            (2 * forming + sqrt(self.trace) * (left + floor)) * UP,
        )

    def _fitted(self, coefficients: Floats, norm_of: float) -> tuple[Floats, float]:
        """Σ b̂_k x̃_k, and what it and the difference of a vector of this norm from it are off by, in norm."""
        problem, m = self.problem, len(coefficients)
        sizes = np.abs(coefficients)
        weights = norm_of + total(sizes, problem.norms[self.columns])
        if not self.fine:
            return product(coefficients, self.matrix), problem.rounding_of(m) * weights
        largest = float(sizes.max(initial=0.0))
        head, coarse = _leading(coefficients, largest, self.places), self._coarse[:m]
        rest = product(coefficients - head, self.matrix) + product(head, self.matrix - coarse)
        left = 4 * m * problem.n**0.5 * largest * 2.0**-self.places
        return product(head, coarse) + rest, problem.rounding_of(m) * left + 4 * RELATIVE * weights

    def append(self, j: int) -> None:
        """Let column j join; raises Unsettled unless it is proved independent of the others, and well."""
        problem, size = self.problem, len(self.columns)
        x, norm_of = problem.rows[j], float(problem.norms[j])
        found = self.regression(x, norm_of, float(problem.radii[j]))
        distance = norm_below(found.residual) - found.residual_error
        if not distance > SEPARATION * found.residual_error:
            raise Unsettled(f"column {j} was not proved independent of {self.columns} in binary64")
        weight = norm(found.coefficients) + found.coefficient_error
        self.trace = (self.trace + (1 + weight * weight) / (distance * distance)) * UP
        self._reserve(size + 1)
        w, share = found.coefficients, 1 / total(found.residual, found.residual)
        scaled = share * w
        self._inverse[:size, :size] += np.outer(scaled, w)
        self._inverse[size, :size] = self._inverse[:size, size] = -scaled
        self._inverse[size, size] = share
        self._matrix[size], self._coarse[size] = x, _leading(x, 0.75, self.places)
        self.columns.append(j)

    def remove(self, j: int) -> None:
        """Let column j leave; the last column takes its place."""
        place, last = self.columns.index(j), len(self.columns) - 1
        inverse = self.inverse
        inverse[[place, last]] = inverse[[last, place]]
        inverse[:, [place, last]] = inverse[:, [last, place]]
        pivot, row = float(inverse[last, last]), inverse[last, :last].copy()
        inverse[:last, :last] -= np.outer(row, row / pivot)
        self._matrix[place], self._coarse[place] = self._matrix[last], self._coarse[last]
        self.columns[place] = self.columns[last]
        self.columns.pop()
        problem = self.problem
        found = self._judged(-row / pivot, problem.rows[j], float(problem.norms[j]), float(problem.radii[j]))
        weight = max(norm_below(found.coefficients) - found.coefficient_error, 0.0)
        distance = norm(found.residual) + found.residual_error
        less = (1 + weight * weight) / (distance * distance) / UP**2
        if less < self.trace:
            self.trace = (self.trace - less) * UP
        if self.trace > WORN * fsum(self.inverse.diagonal().tolist()):
            self._prove_anew()

    def select(self, columns: Sequence[int]) -> None:
        """Exactly these columns; raises Unsettled when they are not proved independent."""
        wanted = set(columns)
        for j in [j for j in self.columns if j not in wanted]:
            self.remove(j)
        for j in wanted.difference(self.columns):
            self.append(j)

    def _prove_anew(self) -> None:
        """The bound from nothing, where differences of large numbers have worn it out."""
        fresh = WorkingSet(self.problem)
        with suppress(Unsettled):
            for j in self.columns:
                fresh.append(j)
            if fresh.trace < self.trace:
                self.__dict__.update(vars(fresh))

    def renew(self) -> None:
        """Compute the float inverse anew from the columns."""
        matrix = self.matrix
        try:
            self._inverse[: len(matrix), : len(matrix)] = inverse(product(matrix, matrix.T))
        except np.linalg.LinAlgError:
            raise Unsettled(f"columns {self.columns} have no float inverse") from None

    def _reserve(self, size: int) -> None:
        capacity = len(self._inverse)
        if size > capacity:
            matrix, inverse, coarse = self._matrix, self._inverse, self._coarse
            self._matrix = np.zeros((2 * capacity, self.problem.n))
            self._coarse = np.zeros((2 * capacity, self.problem.n))
            self._coarse[:capacity] = coarse
            self._inverse = np.zeros((2 * capacity, 2 * capacity))
            self._matrix[:capacity] = matrix
            self._inverse[:capacity, :capacity] = inverse


def _leading(values: Floats, largest: float, places: int) -> Floats:
    """The values to multiples of 2^(e − places), none above 2^e, for largest < 2^e ≤ 2·largest."""
    shift = ldexp(1.0, frexp(largest)[1] + 53 - places)
    return (values + shift) - shift
