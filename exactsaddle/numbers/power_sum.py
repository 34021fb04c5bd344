"""Sums Σ q·a^e of one rational power of positive rationals, exact: equality with zero is decided."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, fmpq, fmpz

from exactsaddle.base import workprec
from exactsaddle.numbers.carrying import Carried
from exactsaddle.numbers.rational import to_fraction, to_text

if TYPE_CHECKING:
    import sympy


class PowerSum(Carried):
    """Σ q·a^(p/n) over Q, a > 0, immutable: terms of rational ratio are merged, so it is zero iff it has
    none.

    Positive real n-th roots of rationals, no two of rational ratio, are linearly independent over Q.
    Source: Besicovitch 1940; Mordell 1953.
    """

    def __init__(self, terms: Iterable[tuple[fmpq, fmpq]], exponent: fmpq) -> None:
        self.exponent = to_fraction(exponent)
        found: list[list[fmpq]] = []
        for coefficient, base in terms:
            for known in found:
                ratio = _power(base / known[1], self.exponent)
                if ratio is not None:
                    known[0] += coefficient * ratio
                    break
            else:
                rational = _power(base, self.exponent)
                found.append([coefficient, base] if rational is None else [coefficient * rational, fmpq(1)])
        self._terms = tuple((q, a) for q, a in found if q != 0)

    @property
    def terms(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The pairs (q, a)."""
        return tuple((to_fraction(q), to_fraction(a)) for q, a in self._terms)

    def __mul__(self, factor: fmpq) -> PowerSum:
        return PowerSum(
            ((q * factor, a) for q, a in self._terms),
            fmpq(self.exponent.numerator, self.exponent.denominator),
        )

    def ball(self, bits: int) -> arb:
        """A rigorous enclosure, computed with that many bits."""
        power, order = self.exponent.numerator, self.exponent.denominator
        with workprec(bits):
            return sum((arb(q) * arb(a).root(order) ** power for q, a in self._terms), arb(0))

    @cached_property
    def expression(self) -> sympy.Expr:
        """The sum as a SymPy expression."""
        import sympy

        exponent = sympy.Rational(self.exponent.numerator, self.exponent.denominator)
        return sympy.Add(*(_rational(q) * _rational(a) ** exponent for q, a in self._terms))

    def __str__(self) -> str:
        # in SymPy's syntax, but SymPy cannot print integers of more than 4,300 digits
        return " + ".join(self._text(q, a) for q, a in self._terms) or "0"

    def _text(self, coefficient: fmpq, base: fmpq) -> str:
        if base == 1:
            return to_text(coefficient)
        factor = "" if coefficient == 1 else f"{coefficient.p}*"
        divisor = "" if coefficient.q == 1 else f"/{coefficient.q}"
        return f"{factor}({to_text(base)})**({self.exponent}){divisor}"

    def __repr__(self) -> str:
        return f"PowerSum({self})"


def _power(base: fmpq, exponent: Fraction) -> fmpq | None:
    """base^exponent for base > 0 where it is rational."""
    roots = [_root(part, exponent.denominator) for part in (base.p, base.q)]
    if roots[0] is None or roots[1] is None:
        return None
    return fmpq(roots[0], roots[1]) ** exponent.numerator


def _root(value: fmpz, order: int) -> fmpz | None:
    root = value.root(order)
    return root if root**order == value else None


def _rational(value: fmpq) -> sympy.Rational:
    import sympy

    return sympy.Rational(int(value.p), int(value.q))
