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
"""Rows from which on a product of two tables pays."""


@dataclass(frozen=True)
class Tables:
    """What collocation of degree N needs, in balls: rows on the left of these, (N+1, N+1).

    coefficients: values at the nodes to Chebyshev coefficients. antiderivatives: those to the integrals from
    −1 to the nodes. elapsed: x + 1 at the nodes, (1, N+1).
    """

    precision: int
    coefficients: arb_mat
    antiderivatives: arb_mat
    elapsed: arb_mat

    def integrals(self, values: arb_mat) -> arb_mat:
        """The integrals from −1 to the nodes of polynomials with those values there, both (…, N+1)."""
        if values.nrows() < _MANY:
            return values * self.coefficients * self.antiderivatives
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
            return self.coefficients * self.antiderivatives


def tables(degree: int, precision: int) -> Tables:
    """The Tables of that degree ≥ 2, in balls of at least that many bits."""
    spacing = _PRECISIONS * (1 if precision <= 4 * _PRECISIONS else 4)
    return _tables(degree, -(-precision // spacing) * spacing)


@lru_cache(maxsize=32)
def _tables(degree: int, precision: int) -> Tables:
    size = degree + 1
    with workprec(precision + 2 * degree.bit_length()):
        table = [arb.cos_pi(arb(j) / (2 * size)) for j in range(4 * size)]
        cosine = [[table[k * (2 * q + 1) % (4 * size)] for k in range(size + 1)] for q in range(size)]
        start = _integrals([arb(-1) ** k for k in range(size + 1)])
        from_start = [[p - q for p, q in zip(_integrals(row), start, strict=True)] for row in cosine]
        scales = [arb(2 - (k == 0)) / size for k in range(size)]
        coefficients = arb_mat([[c * scale for c, scale in zip(row, scales, strict=False)] for row in cosine])
        elapsed = arb_mat([[1 + row[1] for row in cosine]])
        return Tables(precision, coefficients, arb_mat(from_start).transpose(), elapsed)


def lebesgue(degree: int) -> arb:
    """Λ of that degree, or more."""
    return 1 + 2 / arb.pi() * arb(degree + 1).log()


def _integrals(row: list[arb]) -> list[arb]:
    """An antiderivative of each T_k, k < len(row) − 1, at the point where T_k has the value row[k]."""
    found = [row[1], row[2] / 4]
    for k in range(2, len(row) - 1):
        found.append(row[k + 1] / (2 * (k + 1)) - row[k - 1] / (2 * (k - 1)))
    return found[: len(row) - 1]


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
        return shares, tuple(_integrals([arb(-1) ** k for k in range(size + 1)]))
