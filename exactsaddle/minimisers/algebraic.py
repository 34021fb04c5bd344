"""The selection as an algebraic number, where the minimisers form a line segment or a ray."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_poly, fmpz_poly

from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.minimisers.minimiser_set import MinimiserSet
from exactsaddle.minimisers.selection import DIGITS, entropic_selection, initial_scales
from exactsaddle.numbers import relations

MAX_DEGREE = 400
MAX_DIGITS = 1_000


@dataclass(frozen=True)
class MinimalPolynomial:
    """Integer coefficients, constant term first, irreducible over Q, of which a number is a root."""

    coefficients: tuple[int, ...]

    @property
    def degree(self) -> int:
        """1 exactly when the number is rational."""
        return len(self.coefficients) - 1


def minimal_polynomial(
    minimisers: MinimiserSet, i: int, kappa: Any = Fraction(1, 2), max_degree: int = MAX_DEGREE
) -> MinimalPolynomial:
    """The minimal polynomial over Q of coordinate i of the entropic selection; kappa as there.

    With the primitive integer v that spans ker X on the support and b = β + uv, the optimality condition
    of MATHEMATICS.md §4 reads Π_{σv > 0} (|b_j|/κ_j)^|v_j| = Π_{σv < 0} (|b_j|/κ_j)^|v_j|, a polynomial
    in u. Its irreducible factors share no root, so the enclosure of the selection, refined, meets the
    root of one of them only: that is the one. Degree above 1 proves that the coordinate is irrational.

    Raises Inconclusive when M_k has dimension above 1, the degree is above max_degree, or MAX_DIGITS
    digits do not single out one factor.
    """
    if not 0 <= i < minimisers.problem.d:
        raise InvalidInput(f"coordinate {i} is not one of 0 to {minimisers.problem.d - 1}")
    if minimisers.problem.network.units is not None:
        raise InvalidInput("columns divided by units: the selection need not be an algebraic number")
    if minimisers.dimension > 1:
        raise Inconclusive(f"the minimisers form a set of dimension {minimisers.dimension}, not a line")
    support = minimisers.relative_interior.support
    vectors = relations([minimisers.problem.column(j) for j in support]).vectors
    slope = {j: v for vector in vectors for j, v in zip(support, vector.primitive(), strict=True)}
    if slope.get(i, fmpq(0)) == 0:
        return _linear(minimisers.relative_interior.point[i])
    factors = _factors(_condition(minimisers, i, slope, kappa, max_degree))
    digits = DIGITS
    while digits <= MAX_DIGITS:
        selection = entropic_selection(minimisers, kappa, digits)
        with workprec(8 * digits):
            ball = selection.balls[i]
            candidates = [factor for factor in factors if factor(ball).contains(0)]
        if len(candidates) == 1:
            return MinimalPolynomial(tuple(int(c) for c in candidates[0].coeffs()))
        digits *= 2
    raise Inconclusive(f"{MAX_DIGITS} digits do not tell the {len(factors)} factors apart")


def _condition(
    minimisers: MinimiserSet, i: int, slope: dict[int, fmpq], kappa: Any, max_degree: int
) -> fmpq_poly:
    """The optimality condition as a polynomial in x = b_i that vanishes at the selection."""
    degree = sum(abs(int(v.p)) for v in slope.values())
    if degree > max_degree:
        raise Inconclusive(f"the exponents sum to {degree}, above max_degree = {max_degree}")
    scales = initial_scales(kappa, minimisers.problem.names)
    point = minimisers.relative_interior.point
    products = {1: fmpq_poly([1]), -1: fmpq_poly([1])}
    for j, v in slope.items():
        if v != 0:
            sign = minimisers.signs[j]
            ratio = v / slope[i]  # b_j = point_j + ratio (x − point_i)
            magnitude = fmpq_poly([point[j] - ratio * point[i], ratio]) * (sign / scales[j])
            products[1 if sign * v > 0 else -1] *= magnitude ** abs(int(v.p))
    return products[1] - products[-1]


def _factors(polynomial: fmpq_poly) -> list[fmpz_poly]:
    _, factors = polynomial.numer().factor()
    return [factor for factor, _ in factors]


def _linear(value: fmpq) -> MinimalPolynomial:
    return MinimalPolynomial((-int(value.p), int(value.q)))
