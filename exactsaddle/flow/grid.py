"""The dual rounded to a grid, so that what is said of the flow does not depend on how it was found.

Steps, polynomials and their errors come from proposals in floats, which differ from one processor to another.
A proved ball much narrower than the grid tells which cell holds the true value; the ball handed on is that
cell, with a radius of one spacing. Two proofs of the same value cannot give different cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flint import arb, fmpq, fmpz

_OFFSET = fmpq(499, 997)
"""Cells are [n − offset, n + 1 − offset): no short decimal or fraction, 0 above all, is the end of one."""


@dataclass(frozen=True)
class Grid:
    """Cells of width 2^−bits."""

    bits: int

    def cell(self, ball: arb) -> arb | None:
        """The ball, of radius 2^−bits, of the cell that holds every point of this one; None if none does."""
        number = (ball * _power(self.bits) + arb(_OFFSET)).floor().unique_fmpz()
        return None if number is None else self._around(number)

    def nearby(self, ball: arb) -> arb:
        """The same, but one of the cells where the ball meets two; the ball itself where it is not narrow."""
        if not ball.rad() <= _power(-self.bits - 2):
            return ball
        # a cell reaches about half a spacing from its number: with a quarter more it stays within one
        number = (ball.mid() * _power(self.bits) + arb(_OFFSET)).mid().floor().mid()
        return self._around(number.unique_fmpz() or fmpz(0))

    def _around(self, number: fmpz) -> arb:
        return arb((number, -self.bits), (1, -self.bits))


@lru_cache(maxsize=64)
def _power(exponent: int) -> arb:
    """2^exponent."""
    return arb((1, exponent))
