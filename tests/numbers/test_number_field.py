"""Equalities proved by algebra, and what stays open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import E, Rational, cos, exp, log, pi, sin, sqrt

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import number_field
from exactsaddle.numbers.expressions import parse_expression
from exactsaddle.numbers.number_field import ExactField, is_zero

IDENTITIES: dict[str, tuple[list[Any], Callable[..., Any]]] = {
    "product of roots": ([sqrt(2), sqrt(3), sqrt(6)], lambda a, b, c: a * b - c),
    "denested root": ([sqrt(3 + 2 * sqrt(2)), sqrt(2)], lambda a, b: a - 1 - b),
    "double angle": ([cos(pi / 7), cos(2 * pi / 7)], lambda a, b: 2 * a * a - 1 - b),
    "golden ratio": ([sympy.GoldenRatio, sqrt(5)], lambda a, b: 2 * a - 1 - b),
    "root of pi": ([sqrt(pi), pi], lambda a, b: a * a - b),
    "powers of e": ([exp(2), E, exp(Rational(1, 2))], lambda a, b, c: a - b * b + c**4 - a),
    "sum of exponents": ([exp(1 + sqrt(2)), E, exp(sqrt(2))], lambda a, b, c: a - b * c),
    "powers of two": ([2**pi, 4**pi], lambda a, b: a * a - b),
    "logarithms": (
        [log(6), log(2), log(3), log(Rational(4, 9))],
        lambda a, b, c, d: a - b - c + d - 2 * b + 2 * c,
    ),
    "pi over a root": ([1 / (sqrt(2) + pi), sqrt(2), pi], lambda a, b, c: 1 - a * b - a * c),
    "beyond the degree": ([sqrt(p) for p in (2, 3, 5, 7, 11, 22)], lambda *a: a[0] * a[4] - a[5]),
    "same atom": ([sin(1), 3 * sin(1)], lambda a, b: 3 * a - b),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities_are_proved(name: str) -> None:
    parts, difference = IDENTITIES[name]
    field = ExactField(parts)
    elements = list(map(field.element, parts))
    assert is_zero(difference(*elements))
    assert not is_zero(difference(*elements) + elements[0])


def test_algebraic_numbers_leave_nothing_open() -> None:
    field = ExactField([sqrt(2), sqrt(3), sqrt(5 + 2 * sqrt(6))])
    assert field.formal == ()
    assert is_zero(field.element(sqrt(5 + 2 * sqrt(6))) - field.element(sqrt(2)) - field.element(sqrt(3)))
    assert field.rational(field.element(sqrt(2)) ** 2) == 2
    assert field.rational(field.element(sqrt(2))) is None


def test_a_relation_among_indeterminates_is_not_seen() -> None:
    # sin² + cos² = 1: true, and not an identity of the two atoms.
    field = ExactField([sin(1), cos(1)])
    assert field.formal
    assert not is_zero(field.element(sin(1)) ** 2 + field.element(cos(1)) ** 2 - 1)


def test_an_image_that_is_another_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sympy.polys.domains.AlgebraicField, "from_sympy", lambda self, a: self.zero)
    with pytest.raises(ProofFailed):
        ExactField([sqrt(2)])


def test_no_minimal_polynomial_leaves_an_indeterminate(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(root: sympy.Expr) -> int:
        raise NotImplementedError

    monkeypatch.setattr(number_field, "_degree", refuse)
    assert ExactField([sqrt(2)]).formal == ("2",)


@pytest.mark.parametrize(
    "atom",
    [
        "cos(pi/9973)",
        "cbrt(" * 43 + "pi" + ")" * 43 + "+pi",
        "sqrt(" + "+".join(f"sqrt({p})" for p in range(2, 40)) + ")",
        "(1+pi)**10000",
    ],
)
def test_an_expression_too_large_for_algebra_is_one_indeterminate(atom: str) -> None:
    large = parse_expression(atom)
    field = ExactField([large, 3 * large, pi])
    assert is_zero(3 * field.element(large) - field.element(3 * large))
    assert not is_zero(field.element(large) - field.element(pi))


def test_a_large_expression_and_its_root_are_kept_apart() -> None:
    root = pi ** Rational(1, 200)
    field = ExactField([pi, root])
    assert not is_zero(field.element(pi) - field.element(root))
    assert not is_zero(ExactField([pi, root], specialised=True).element(pi - root))
