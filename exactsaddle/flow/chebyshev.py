"""Chebyshev polynomials on [−1, 1] in balls: nodes, transforms, and the interpolation theorem used.

For f analytic in the Bernstein ellipse E_ρ (foci ±1, semi-axes (ρ ± 1/ρ)/2) with |f| ≤ M there, the
coefficients satisfy |a_k| ≤ 2Mρ^{−k}. At the N + 1 first-kind nodes each T_m with m > N coincides with
0 or ±T_j for some j ≤ N, so the interpolant p of degree N has ‖f − p‖ ≤ 2 Σ_{m>N} |a_m|
≤ 4Mρ^{−N}/(ρ − 1). A polynomial of degree N bounded by ε at the nodes is bounded by Λε on [−1, 1],
Λ ≤ 1 + (2/π) ln(N + 1). Sources: Trefethen, Approximation Theory and Practice, thms 8.1–8.2 and 15.2
(second-kind nodes; the aliasing argument above is for the first kind); Rivlin 1974, thm 1.2, for Λ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import workprec

_PRECISIONS = 64
"""Tables of balls are made at multiples of this precision, of four times this from there on."""

_MANY = 6
"""Rows from which on the matrix of their integrals pays."""


@dataclass(frozen=True)
class Tables:
    """What collocation of degree N needs, in balls: rows on the left of these, (N+1, N+1).

    coefficients: values at the nodes to Chebyshev coefficients. elapsed: x + 1 at the nodes, (1, N+1).
    """

    precision: int
    coefficients: arb_mat
    elapsed: arb_mat

    def integrals(self, values: arb_mat) -> arb_mat:
        """The integrals from −1 to the nodes of polynomials with those values there, both (…, N+1)."""
        if values.nrows() < _MANY:
            return self._integrals(values * self.coefficients)
        return values * self.whole

    @cached_property
    def ends(self) -> arb_mat:
        """Values at the nodes to the integral over the whole step, and to the last coefficient, (N+1, 2)."""
        size = self.coefficients.nrows()
        last = [arb(k == size - 1) for k in range(size)]
        with workprec(self.precision):
            columns = arb_mat([list(pair) for pair in zip(integrals_at(fmpq(1), size), last, strict=True)])
            return self.coefficients * columns

    @cached_property
    def whole(self) -> arb_mat:
        """Values at the nodes to the integrals from −1 to the nodes."""
        with workprec(self.precision):
            return self._integrals(self.coefficients)

    def _integrals(self, coefficients: arb_mat) -> arb_mat:
        """The integrals from −1 to the nodes of polynomials with those coefficients, (…, N+1).

        T_{N+1} is 0 at the nodes; T_k there is column k of ``coefficients`` times (N+1)/2, T_0 twice that.
        """
        size = coefficients.ncols()
        shares = [arb(fmpq(size, 4 * k)) for k in range(1, size + 1)]
        entries: list[arb] = []
        for first, *rest in coefficients.tolist():
            lower, upper = [2 * first, *rest], [*rest[1:], arb(0), arb(0)]
            found = [(p - q) * share for p, q, share in zip(lower, upper, shares, strict=True)]
            constant = sum(found[::2], arb(0)) - sum(found[1::2], arb(0))
            entries += [2 * constant, *found[:-1]]
        columns = arb_mat(coefficients.nrows(), size, entries).transpose()
        integrals: arb_mat = self.coefficients * columns
        return integrals.transpose()


def tables(degree: int, precision: int) -> Tables:
    """The Tables of that degree ≥ 2, in balls of at least that many bits."""
    spacing = _PRECISIONS * (1 if precision <= 4 * _PRECISIONS else 4)
    return _tables(degree, -(-precision // spacing) * spacing)


@lru_cache(maxsize=64)
def _tables(degree: int, precision: int) -> Tables:
    size = degree + 1
    with workprec(precision + 8):
        # T_k at node q is cos(πk(2q + 1)/(2N + 2))
        cosines = [arb.cos_pi(arb(j) / (2 * size)) for j in range(4 * size)]
        scaled = [value * 2 / size for value in cosines]
    with workprec(precision):
        constant, scaled = arb(1) / size, [+value for value in scaled]
        orders = range(1, size)
        rows = [[constant, *(scaled[k * (2 * q + 1) % (4 * size)] for k in orders)] for q in range(size)]
        return Tables(precision, arb_mat(rows), arb_mat([[1 + cosines[2 * q + 1] for q in range(size)]]))


def lebesgue(degree: int) -> arb:
    """Λ of that degree, or more."""
    return 1 + 2 / arb.pi() * arb(degree + 1).log()


def integrals_at(x: fmpq, size: int) -> Sequence[arb]:
    """∫_{−1}^{x} T_k for k < size, at the working precision: the recurrence loses 1.3 bits an order."""
    if x == 1:
        return _integrals_at_the_end(size, ctx.prec)
    with workprec(ctx.prec + 2 * size):
        shares, start = _ends(size, ctx.prec)
        before, value, double = arb(1), arb(x), arb(2 * x)
        found, parts = [value - start[0]], [value * shares[1]]  # T_j/2j
        for share in shares[2:]:
            before, value = value, double * value - before
            parts.append(value * share)
        found.append(parts[1] - start[1])
        found.extend([q - p - s for q, p, s in zip(parts[2:], parts, start[2:], strict=False)])
        return found


@lru_cache(maxsize=32)
def _integrals_at_the_end(size: int, precision: int) -> tuple[arb, ...]:
    """∫_{−1}^{1} T_k = 2/(1 − k²) for even k, 0 for odd."""
    with workprec(precision):
        return tuple(arb(0) if k % 2 else arb(2) / (1 - k * k) for k in range(size))


@lru_cache(maxsize=8)
def _ends(size: int, precision: int) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    """1/(2j), by which T_j enters antiderivatives, and those at −1, in balls of that precision."""
    with workprec(precision):
        shares = tuple(arb(fmpq(1, 2 * max(j, 1))) for j in range(size + 1))
        later = (arb((-1) ** k) / (k * k - 1) for k in range(2, size))
        return shares, (arb(-1), arb(1) / 4, *later)
