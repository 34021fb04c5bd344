"""Sums Σ q·ln(a) of logarithms of positive rationals, exact but for their value."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.numbers.carrying import Carried
from exactsaddle.numbers.rational import to_fraction, to_text

if TYPE_CHECKING:
    import sympy


class LogSum(Carried):
    """Σ q·ln(a) over Q, a > 0, immutable: equal arguments are merged, ln 1 dropped, each a > 1."""

    def __init__(self, terms: Iterable[tuple[fmpq, fmpq]]) -> None:
        merged: dict[fmpq, fmpq] = {}
        for coefficient, argument in terms:
            if argument < 1:
                coefficient, argument = -coefficient, 1 / argument
            merged[argument] = merged.get(argument, fmpq(0)) + coefficient
        self._terms = tuple((q, a) for a, q in merged.items() if q != 0 and a != 1)

    @property
    def terms(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The pairs (q, a)."""
        return tuple((to_fraction(q), to_fraction(a)) for q, a in self._terms)

    def __mul__(self, factor: fmpq) -> LogSum:
        return LogSum((q * factor, a) for q, a in self._terms)

    def ball(self, bits: int) -> arb:
        """A rigorous enclosure, computed with that many bits."""
        with workprec(bits):
            return sum((arb(q) * arb(a).log() for q, a in self._terms), arb(0))

    @cached_property
    def expression(self) -> sympy.Expr:
        """The sum as a SymPy expression, terms with equal |q| under one logarithm."""
        import sympy

        return sympy.Add(
            *(
                sympy.Rational(int(q.p), int(q.q)) * sympy.log(sympy.Rational(int(a.p), int(a.q)))
                for q, a in self._grouped
            )
        )

    @cached_property
    def _grouped(self) -> tuple[tuple[fmpq, fmpq], ...]:
        """The terms with equal |q| under one logarithm, q > 0."""
        products: dict[fmpq, fmpq] = {}
        for q, a in self._terms:
            size, argument = (q, a) if q > 0 else (-q, 1 / a)
            products[size] = products.get(size, fmpq(1)) * argument
        return tuple(products.items())

    def __str__(self) -> str:
        # as SymPy prints it, but SymPy cannot print integers of more than 4,300 digits
        return " + ".join(_term_text(q, a) for q, a in self._grouped) or "0"

    def __repr__(self) -> str:
        return f"LogSum({self})"


def _term_text(coefficient: fmpq, argument: fmpq) -> str:
    factor = "" if coefficient.p == 1 else f"{coefficient.p}*"
    divisor = "" if coefficient.q == 1 else f"/{coefficient.q}"
    return f"{factor}log({to_text(argument)}){divisor}"
