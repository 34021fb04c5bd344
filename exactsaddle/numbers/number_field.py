"""Equality of real numbers decided by algebra: a field in which the expressions of a problem are exact.

Algebraic parts live in a number field Q(θ), where an element is zero exactly when the real number is.
Another atom (π, e, log 2, …) is an indeterminate over it; with several of them, or beyond MAX_DEGREE, every
atom is an indeterminate over Q. An identity among indeterminates holds for the numbers they stand for, so
*zero* is always proved. Where indeterminates stand for numbers that satisfy relations, an element that is not
zero may still be the number zero; then balls do not separate it either, and nothing is decided. SymPy
computes in these fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import lcm, prod
from typing import Any

import sympy
from sympy.polys.polyerrors import BasePolynomialError

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers.expressions import enclose_expression

MAX_DEGREE = 16
"""The largest product of degrees of algebraic atoms for which θ is computed."""
MAX_RADICALS = 256
"""The largest product of root and denominator orders within one atom whose minimal polynomial is sought."""
MAX_FORMAL_DEGREE = 128
"""The highest degree in indeterminates of an expression; beyond it the whole is one indeterminate."""

_FACTORABLE = 1 << 64
_PLACE, _STRIDE = 1_000_003, 7_919


class ExactField:
    """A SymPy field that contains the given expressions; ``element`` maps them into it.

    With ``specialised`` integers take the place of indeterminates: cheaper, and then only *not zero* means
    anything, namely that the identity does not hold among indeterminates.
    """

    def __init__(self, expressions: Iterable[sympy.Expr], *, specialised: bool = False) -> None:
        powers: dict[sympy.Expr, int] = {}
        given = list(expressions)
        for expression in given:
            for base, exponent in _powers_within(expression):
                powers[base] = lcm(powers.get(base, 1), int(exponent.q))
        self._powers = powers
        roots = {base: base ** sympy.Rational(1, q) for base, q in powers.items()}
        algebraic = {
            base: root
            for base, root in roots.items()
            if _radicals(root) <= MAX_RADICALS and root.is_algebraic
        }
        field: Any = sympy.QQ
        images: dict[sympy.Expr, Any] = {}
        if len(roots) - len(algebraic) <= 1:  # over Q(θ) SymPy is too slow for several indeterminates
            field, images = _number_field(algebraic)
        formal = [base for base in roots if base not in images]
        cores = (expression.primitive()[1] for expression in given if formal)
        large = list(dict.fromkeys(core for core in cores if self._degree(core) > MAX_FORMAL_DEGREE))
        symbols = [sympy.Dummy(f"x{k}") for k in range(len(formal) + len(large))]
        if symbols and not specialised:
            self.domain: Any = field.frac_field(*symbols)
            values = list(self.domain.gens)
        else:
            self.domain = field
            values = [field.convert(_PLACE + _STRIDE * k) for k in range(len(symbols))]
        self._roots: dict[sympy.Expr, Any] = dict(zip(formal, values[: len(formal)], strict=True))
        self._large: dict[sympy.Expr, Any] = dict(zip(large, values[len(formal) :], strict=True))
        for base, image in images.items():
            self._roots[base] = self.domain.convert_from(image, field)
        self.formal = tuple(map(str, [*formal, *large]))
        """The atoms that are treated as indeterminates."""

    def element(self, expression: sympy.Expr) -> Any:
        """The exact element of an expression of those the field was made for."""
        weight, core = expression.primitive()
        if core in self._large:
            return self.element(weight) * self._large[core]
        if expression.is_Rational:
            return self.domain.convert_from(sympy.QQ(int(expression.p), int(expression.q)), sympy.QQ)
        if expression.is_Add:
            return sum(map(self.element, expression.args), self.domain.zero)
        if expression.is_Mul:
            return prod(map(self.element, expression.args), start=self.domain.one)
        if _is_whole_power(expression):
            base, exponent = expression.args
            return _raised(self.element(base), int(exponent), self.domain.one)
        found = self.domain.zero
        for weight, factors in _expanded(expression):
            term = self.domain.convert_from(sympy.QQ(weight), sympy.QQ)
            for base, exponent in factors:
                whole = int(exponent * self._powers[base])
                term *= _raised(self._roots[base], whole, self.domain.one)
            found += term
        return found

    def _degree(self, expression: sympy.Expr) -> int:
        """About the degree of the polynomial that it becomes when atoms are indeterminates."""
        if expression.is_Rational:
            return 0
        if expression.is_Add:
            return max(map(self._degree, expression.args))
        if expression.is_Mul:
            return sum(map(self._degree, expression.args))
        if _is_whole_power(expression):
            return abs(int(expression.args[1])) * self._degree(expression.args[0])
        terms = (factors for _, factors in _expanded(expression))
        return max(sum(abs(int(e * self._powers[base])) for base, e in factors) for factors in terms)

    def rational(self, element: Any) -> sympy.Rational | None:
        """The rational number that an element is, or None where it is not one."""
        value = self.domain.to_sympy(element)
        return value if value.is_Rational else None


def _number_field(roots: dict[sympy.Expr, sympy.Expr]) -> tuple[Any, dict[sympy.Expr, Any]]:
    """Q(θ) that contains these numbers, and each as its element; Q and no elements beyond the budget."""
    if not roots:
        return sympy.QQ, {}
    try:
        if prod(map(_degree, roots.values())) > MAX_DEGREE:
            return sympy.QQ, {}
        field = sympy.QQ.algebraic_field(*roots.values())
        images = {base: field.from_sympy(root) for base, root in roots.items()}
    except (BasePolynomialError, NotImplementedError):  # no minimal polynomial that SymPy can find
        return sympy.QQ, {}
    for base, image in images.items():
        with workprec(256):
            if not enclose_expression(field.to_sympy(image)).overlaps(enclose_expression(roots[base])):
                raise ProofFailed(f"{roots[base]} is not {field.to_sympy(image)}")
    return field, images


def _radicals(root: sympy.Expr) -> int:
    """A bound of the degree where powers and trigonometry of πp/q make it up, without algebra."""
    orders: dict[sympy.Expr, int] = {}
    for part in sympy.preorder_traversal(root):
        if part.is_Pow and part.args[1].is_Rational:
            orders[part.args[0]] = lcm(orders.get(part.args[0], 1), int(part.args[1].q))
        elif part.is_Function:
            orders[part] = lcm(*(int(number.q) for number in part.atoms(sympy.Rational)))
    return prod(orders.values())


def is_zero(element: Any) -> bool:
    """Whether an element of a field is zero: then the number is."""
    return not element


def _degree(root: sympy.Expr) -> int:
    return int(sympy.degree(sympy.minimal_polynomial(root, sympy.Dummy())))


def _raised(element: Any, exponent: int, one: Any) -> Any:
    power = element ** abs(exponent)
    return power if exponent >= 0 else one / power


def _is_whole_power(expression: sympy.Expr) -> bool:
    return bool(expression.is_Pow and expression.args[1].is_Integer)


def _powers_within(expression: sympy.Expr) -> Iterator[tuple[sympy.Expr, sympy.Rational]]:
    """The powers of atoms that an expression is a rational function of."""
    if expression.is_Rational:
        return
    if expression.is_Add or expression.is_Mul:
        for argument in expression.args:
            yield from _powers_within(argument)
    elif _is_whole_power(expression):
        yield from _powers_within(expression.args[0])
    else:
        for _, factors in _expanded(expression):
            yield from factors


Factors = list[tuple[sympy.Expr, sympy.Rational]]


def _expanded(expression: sympy.Expr) -> list[tuple[int, Factors]]:
    """Σ weight·Π base^exponent that equals a power, exponential, logarithm or atom."""
    one = sympy.Integer(1)
    if expression.func == sympy.log and _has_small_parts(expression.args[0]):
        primes = sympy.factorrat(expression.args[0])
        return [(e, [(sympy.log(p), one)]) for p, e in primes.items()]
    if expression.func == sympy.exp:
        return [(1, list(map(_exponential, sympy.Add.make_args(expression.args[0]))))]
    if expression.is_Pow:
        base, exponent = expression.args
        weight, core = (exponent, one) if exponent.is_Rational else exponent.as_coeff_Mul(rational=True)
        primes = sympy.factorrat(base) if _has_small_parts(base) else {base: 1}
        return [(1, [(sympy.sympify(p) ** core, e * weight) for p, e in primes.items()])]
    return [(1, [(expression, one)])]


def _exponential(exponent: sympy.Expr) -> tuple[sympy.Expr, sympy.Rational]:
    weight, core = exponent.as_coeff_Mul(rational=True)
    return sympy.exp(core), weight


def _has_small_parts(value: sympy.Expr) -> bool:
    return bool(value.is_Rational and value.is_positive and max(value.p, value.q) < _FACTORABLE)
