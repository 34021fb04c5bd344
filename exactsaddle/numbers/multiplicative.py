"""Products of rational powers, decided exactly without computing the powers."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpz


def product_is_one(factors: Sequence[fmpq], exponents: Sequence[fmpz]) -> bool:
    """True when Π factors_i^exponents_i = 1, for positive rationals and integers of any size.

    Numerators and denominators are split by greatest common divisors until pairwise coprime; such
    numbers above 1 multiply to 1 only when every exponent is 0.
    Source: factor refinement, Bach, Driscoll & Shallit 1993.
    """
    coprime: list[tuple[fmpz, fmpz]] = []
    pending: list[tuple[fmpz, fmpz]] = []
    for factor, exponent in zip(factors, exponents, strict=True):
        pending += [(factor.p, exponent), (factor.q, -exponent)]
    while pending:
        number, exponent = pending.pop()
        if number == 1 or exponent == 0:
            continue
        for k, (other, power) in enumerate(coprime):
            common = number.gcd(other)
            if common != 1:
                del coprime[k]
                pending += [
                    (number // common, exponent),
                    (other // common, power),
                    (common, exponent + power),
                ]
                break
        else:
            coprime.append((number, exponent))
    return not coprime
