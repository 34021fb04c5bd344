"""Rational combinations of square roots, Σ q_m √m: what a jump time is when thresholds are column norms.

Equality needs no factoring: √a and √b are rational multiples of each other exactly when ab is a perfect
square, and roots of which no two are so related are linearly independent over Q (Besicovitch 1940).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import total_ordering
from typing import TypeAlias

from flint import arb, fmpq, fmpz

from exactsaddle.base import InvalidInput, workprec
from exactsaddle.numbers.rational import (
    decimal_of,
    parse_rational,
    shorten,
    to_decimal,
    to_fraction,
    to_rational,
    to_text,
)

_ROOT = re.compile(r"\s*(?P<sign>-?)\s*sqrt\((?P<square>[0-9]+(?:/[0-9]+)?)\)\s*")


@total_ordering
class RootSum:
    """Σ q_m √m, immutable: positive integers m, rational q_m; m = 1 is the rational part.

    Sums, products, and exact comparisons; no quotients of two.
    """

    __slots__ = ("_terms",)

    def __init__(self, terms: Mapping[int, fmpq]) -> None:
        self._terms = {m: q for m, q in terms.items() if q != 0}

    def __add__(self, other: Number | int) -> RootSum:
        terms = dict(self._terms)
        for m, q in _terms_of(other).items():
            terms[m] = terms.get(m, fmpq(0)) + q
        return RootSum(terms)

    __radd__ = __add__

    def __neg__(self) -> RootSum:
        return self * -1

    def __sub__(self, other: Number | int) -> RootSum:
        return self + (-other)

    def __rsub__(self, other: fmpq | int) -> RootSum:
        return -self + other

    def __mul__(self, factor: Number | int) -> RootSum:
        if not isinstance(factor, RootSum):
            return RootSum({m: q * factor for m, q in self._terms.items()})
        terms: dict[int, fmpq] = {}
        for m, q in self._terms.items():
            for other, p in factor._terms.items():
                terms[m * other] = terms.get(m * other, fmpq(0)) + q * p
        return RootSum(terms)

    __rmul__ = __mul__

    def __truediv__(self, divisor: fmpq | int) -> RootSum:
        return self * (1 / fmpq(divisor))

    def __abs__(self) -> RootSum:
        return -self if self.sign() < 0 else self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (RootSum, fmpq, int)) and (self - other).sign() == 0

    def __lt__(self, other: Number | int) -> bool:
        return (self - other).sign() < 0

    def __hash__(self) -> int:
        merged = self._merged()
        return hash(frozenset((str(q * q * m), q > 0) for m, q in merged.items()))

    def __repr__(self) -> str:
        return " + ".join(f"{to_text(q)}·√{m}" for m, q in sorted(self._terms.items())) or "0"

    @property
    def bits(self) -> int:
        """The most bits in a numerator or denominator of a coefficient."""
        return max((int(max(q.p.bit_length(), q.q.bit_length())) for q in self._terms.values()), default=0)

    def _merged(self) -> dict[int, fmpq]:
        """The same number with no two radicands whose product is a square: zero exactly when empty."""
        merged: dict[int, fmpq] = {}
        for m, q in sorted(self._terms.items()):
            for kept in merged:
                root = fmpz(m * kept).isqrt()
                if root * root == m * kept:  # √m = (root/kept)·√kept
                    merged[kept] += q * fmpq(root, kept)
                    break
            else:
                merged[m] = q
        return {m: q for m, q in merged.items() if q != 0}

    def sign(self) -> int:
        """−1, 0 or 1, exactly: zero by linear independence, else by balls of rising precision."""
        merged = self._merged()
        if not merged:
            return 0
        bits = 64
        while True:
            with workprec(bits):
                value = _enclose(merged)
            if value > 0 or value < 0:
                return 1 if value > 0 else -1
            bits *= 2

    def rational(self) -> fmpq | None:
        """The value when it is rational, else None."""
        merged = self._merged()
        return merged.get(1, fmpq(0)) if merged.keys() <= {1} else None

    def __float__(self) -> float:
        with workprec(128):
            return float(self.enclose())

    def enclose(self) -> arb:
        """A ball at the working precision."""
        return _enclose(self._terms)

    def terms(self) -> tuple[tuple[fmpq, int], ...]:
        """The (q, m) of Σ q√m, no two of them of rational ratio."""
        return tuple((q, m) for m, q in self._merged().items())


Number: TypeAlias = fmpq | RootSum
"""An exact real number of the engines."""
Exact: TypeAlias = Fraction | RootSum
"""The same as it leaves the package."""


def square_root(square: fmpq) -> Number:
    """√square for square > 0: a rational where it is one."""
    radicand = square.p * square.q
    root = radicand.isqrt()
    if root * root == radicand:
        return fmpq(root, square.q)
    return RootSum({int(radicand): fmpq(1, square.q)})


def simplest(value: Number) -> Number:
    """The same number, a rational where it is one."""
    rational = value.rational() if isinstance(value, RootSum) else None
    return value if rational is None else rational


def squared(root: Number) -> fmpq:
    """The square of a rational or of a single root; InvalidInput for a longer sum."""
    return sum((q * q * m for q, m in _single(root)), fmpq(0))


def rational_ratio(root: Number, other: Number) -> fmpq | None:
    """root/other of two single roots or rationals above 0, where that is rational."""
    quotient = square_root(squared(root) / squared(other))
    return None if isinstance(quotient, RootSum) else quotient


def parse_root(text: str) -> Number | None:
    """The number written "sqrt(p/q)" or "-sqrt(p/q)"; None when the text is not of that form."""
    match = _ROOT.fullmatch(text)
    if match is None:
        return None
    square = parse_rational(match["square"])
    root = fmpq(0) if square == 0 else square_root(square)
    return -root if match["sign"] else root


def number_text(value: Number) -> str:
    """Canonical text: "p/q" for a rational, "sqrt(p/q)" or "-sqrt(p/q)" for a single root."""
    if not isinstance(value, RootSum):
        return to_text(value)
    rational = value.rational()
    if rational is not None:
        return to_text(rational)
    ((q, _),) = _single(value)
    return f"{'-' if q < 0 else ''}sqrt({to_text(squared(value))})"


def brief(value: Number) -> str:
    """The number for a message."""
    text = number_text(value)
    return text if len(text) <= 12 else to_decimal(value, 6) if isinstance(value, fmpq) else shorten(text)


def to_exact(value: Number) -> Exact:
    """As it leaves the package: a Fraction where it is rational."""
    found = simplest(value)
    return found if isinstance(found, RootSum) else to_fraction(found)


def to_number(value: Exact) -> Number:
    """Back again."""
    return value if isinstance(value, RootSum) else to_rational(value)


def sum_text(value: Number) -> str:
    """Canonical text of any of them, as SymPy reads it: "3/2", "sqrt(5/4)", "sqrt(2)-sqrt(12)+1/3"."""
    terms = value.terms() if isinstance(value, RootSum) else ((value, 1),)
    signed = [number_text(RootSum({m: q})) for q, m in sorted(terms, key=lambda term: -term[1])]
    return "+".join(signed).replace("+-", "-") or "0"


def decimals(value: Number, digits: int = 10) -> str:
    """The number rounded to that many significant digits, as ``to_decimal`` and ``decimal_of`` do it."""
    known = simplest(value)
    if isinstance(known, fmpq):
        return to_decimal(known, digits)
    lost = max(magnitude(RootSum({m: q})) for q, m in known.terms()) - magnitude(known)

    def ball(more: int) -> arb:
        with workprec(4 * more + max(0, lost) + 64):
            return known.enclose()

    return decimal_of(ball, digits)


def enclose(value: Number | Fraction) -> arb:
    """A ball of the number at the working precision."""
    return value.enclose() if isinstance(value, RootSum) else arb(to_rational(value))


def magnitude(value: Number) -> int:
    """e with 2^(e − 1) ≤ |value| < 2^(e + 1), for a value other than 0."""
    bits = 64
    while True:
        with workprec(bits):
            ball = abs(enclose(value))
            if ball.rel_accuracy_bits() > 2:
                mantissa, exponent = ball.lower().man_exp()
                return int(mantissa.bit_length()) + int(exponent)
        bits *= 2


def round_to_units(value: Number, places: int) -> fmpz:
    """An integer within 1 of value·2^places."""
    if isinstance(value, fmpq):
        p, q = (value.p << places, value.q) if places >= 0 else (value.p, value.q << -places)
        return p // q
    with workprec(64):
        size = value.enclose().abs_upper()
        top = 0 if size == 0 else int(size.man_exp()[1]) + int(size.man_exp()[0].bit_length())
    radicand = max(value._terms).bit_length() if value._terms else 0
    with workprec(max(top + places, 0) + value.bits + radicand + 64):  # terms may cancel
        middle = (value.enclose() * arb((1, places)) + arb((1, -1))).mid()
        mantissa, exponent = middle.man_exp()
    return mantissa << int(exponent) if exponent >= 0 else mantissa >> -int(exponent)


def _single(value: Number) -> tuple[tuple[fmpq, int], ...]:
    terms = value.terms() if isinstance(value, RootSum) else ((value, 1),)
    if len(terms) > 1:
        raise InvalidInput(f"{value!r} is not the square root of a rational number")
    return terms


def _terms_of(value: Number | int) -> Mapping[int, fmpq]:
    return value._terms if isinstance(value, RootSum) else {1: fmpq(value)}


def _enclose(terms: Mapping[int, fmpq]) -> arb:
    return sum((arb(q) * arb(m).sqrt() for m, q in terms.items()), arb(0))
