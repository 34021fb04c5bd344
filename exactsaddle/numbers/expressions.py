"""Real numbers given by expressions, √2 or π/4: read safely, and enclosed at any precision.

SymPy holds the expression; its numerics are not used. ``enclose_expression`` walks the tree in ball
arithmetic, so what it returns is a proof. SymPy's own rewriting (√8 = 2√2) is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sympy
from flint import arb, fmpq, fmpz

from exactsaddle.base import InvalidInput, workprec
from exactsaddle.numbers.rational import parse_rational, shorten, to_rational

MAX_TEXT = 4_000
"""The longest expression that is read, in characters."""
MAX_DEPTH = 60
MAX_EXPONENT = 10_000
MAX_DIGITS = 4_000
"""The most digits of a rational inside an expression, and of a power of one."""
MAX_ROOT_DIGITS = 300
"""The most digits of a rational under a root: SymPy looks for its factors."""
MAX_BITS = 1 << 14
"""The precision at which an entry must have shown itself finite and real."""
MAX_MAGNITUDE = 1 << 16
"""Every number in an expression is 0 or between 2^−this and 2^this: no larger one can be printed or used."""
_MAX_ROOT = 1 << 32
"""Roots of nested roots have orders beyond this, and then beyond a machine word."""

CONSTANTS: dict[str, Any] = {
    "pi": sympy.pi,
    "E": sympy.E,
    "GoldenRatio": sympy.GoldenRatio,
    "EulerGamma": sympy.EulerGamma,
    "Catalan": sympy.Catalan,
}

_BALLS: dict[str, Callable[[], arb]] = {
    "pi": arb.pi,
    "E": arb.const_e,
    "GoldenRatio": lambda: (1 + arb(5).sqrt()) / 2,
    "EulerGamma": arb.const_euler,
    "Catalan": arb.const_catalan,
}

FUNCTIONS: dict[str, Any] = {
    name: getattr(sympy, name)
    for name in (
        *("sqrt", "cbrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "Abs"),
    )
}

_ROOTS = {"sqrt": sympy.Rational(1, 2), "cbrt": sympy.Rational(1, 3)}

_EXPONENTIAL = ("exp", "sinh", "cosh")

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|[-+*/^(),]))"
)


def parse_expression(text: str) -> sympy.Expr:
    """The real number that a text such as "sqrt(2)/3", "pi**2" or "exp(-1/2)" denotes.

    Arithmetic, powers, parentheses, the names of CONSTANTS and FUNCTIONS; decimals are exact. Nothing is
    evaluated as code. Raises InvalidInput for anything else, and beyond the budgets of this module.
    """
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"{shorten(text)!r}: an expression has at most {MAX_TEXT:,} characters")
    found = _Parser(text).parse()
    if found.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, sympy.S.NegativeInfinity):
        raise InvalidInput(f"{shorten(text)!r} is not a finite real number")
    if not found.is_Rational and max(map(_digits, found.atoms(sympy.Rational)), default=0) > MAX_DIGITS:
        raise InvalidInput(f"{shorten(text)!r}: a number in it has more than {MAX_DIGITS:,} digits")
    return found


def to_expression(value: Any) -> sympy.Expr:
    """A number of any accepted type as a SymPy expression.

    What ``to_rational`` takes, exactly; texts that ``parse_expression`` takes; SymPy expressions in numbers.
    """
    if isinstance(value, sympy.Basic) and not getattr(value, "is_Rational", False):
        return _checked(value)
    if isinstance(value, str):
        try:
            rational = parse_rational(value)
        except InvalidInput as error:
            if not any(c.isalpha() or c in "+-*/^()" for c in value):
                raise
            try:
                return parse_expression(value)
            except InvalidInput as reason:
                raise InvalidInput(f"{error}, nor an expression: {reason}") from None
    else:
        rational = to_rational(value)
    return sympy.Rational(int(rational.p), int(rational.q))


def rational_value(expression: sympy.Expr) -> fmpq | None:
    """The value of an expression that is a rational number as it stands, else None."""
    return fmpq(int(expression.p), int(expression.q)) if expression.is_Rational else None


def enclose_expression(expression: sympy.Expr) -> arb:
    """A ball that contains the number, at the working precision; not finite where it proves nothing."""
    if expression.is_Rational:
        return arb(fmpq(int(expression.p), int(expression.q)))
    if expression.is_Add:
        return sum(map(enclose_expression, expression.args), arb(0))
    if expression.is_Mul:
        product = arb(1)
        for argument in expression.args:
            product *= enclose_expression(argument)
        return product
    if expression.is_Pow:
        return _power(*expression.args)
    name = str(expression) if expression.is_Atom else type(expression).__name__
    if name in _BALLS:
        return _BALLS[name]()
    if name == "Abs":
        return abs(enclose_expression(expression.args[0]))
    if name not in FUNCTIONS or len(expression.args) != 1:
        raise InvalidInput(_refusal(name))
    ball: arb = getattr(enclose_expression(expression.args[0]), name)()
    return ball


def is_finite_real(expression: sympy.Expr) -> bool:
    """Whether a ball of at most MAX_BITS bits proves that the number is real and finite."""
    bits = 64
    while bits <= MAX_BITS:
        with workprec(bits):
            if enclose_expression(expression).is_finite():
                return True
        bits *= 4
    return False


def _bounded(expression: sympy.Expr) -> arb:
    """A ball within MAX_MAGNITUDE, finite if one of at most MAX_BITS bits is; raises InvalidInput."""
    if expression.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, sympy.S.NegativeInfinity):
        raise InvalidInput("it is not a finite real number")
    bits = 64
    while bits <= MAX_BITS:
        with workprec(bits):
            ball = enclose_expression(expression)
        if ball.is_finite():
            return _within(ball)
        bits *= 4
    return ball


def _finite(expression: sympy.Expr) -> arb:
    ball = _bounded(expression)
    if not ball.is_finite():
        raise InvalidInput("a part of it is not proved to be a finite real number")
    return ball


def _within(ball: arb) -> arb:
    with workprec(64):
        low, high = ball.abs_lower(), ball.abs_upper()
        small = high > 0 and high < arb((1, -MAX_MAGNITUDE))
        if small or low > arb((1, MAX_MAGNITUDE)):
            raise InvalidInput(f"a number in it is beyond 2^±{MAX_MAGNITUDE:,}, the budget")
    return ball


def _apply(name: str, argument: sympy.Expr) -> sympy.Expr:
    """The function at the argument, once balls show that SymPy will not be asked for the impossible."""
    ball = _finite(argument)
    if name in _EXPONENTIAL and abs(ball) > MAX_MAGNITUDE:
        raise InvalidInput(f"a number in it is beyond 2^±{MAX_MAGNITUDE:,}, the budget")
    if name in ("log", "sqrt") and ball < 0:
        raise InvalidInput(f"{name} of a negative number: not a finite real number")
    value = FUNCTIONS[name](argument)
    _bounded(value)
    return value


def _raise_to(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """The power, under the same condition."""
    _refuse_large_power(base, exponent)
    value = base**exponent
    _bounded(value)
    return value


def _refuse_large_power(base: sympy.Expr, exponent: sympy.Expr) -> None:
    with workprec(64):
        size, times = abs(_finite(base)), abs(_finite(exponent))
        if size > 0 and (abs(size.log()) * times).lower() > MAX_MAGNITUDE:
            raise InvalidInput(f"a power in it is beyond 2^±{MAX_MAGNITUDE:,}, the budget")


def _power(base: sympy.Expr, exponent: sympy.Expr) -> arb:
    ball = enclose_expression(base)
    if exponent.is_Integer:
        return ball ** fmpz(int(exponent))
    if exponent.is_Rational and exponent.q < _MAX_ROOT:
        return ball.root(int(exponent.q)) ** fmpz(int(exponent.p))
    return (enclose_expression(exponent) * ball.log()).exp()


def _checked(expression: sympy.Expr) -> sympy.Expr:
    """The expression, when every part of it is one that ``enclose_expression`` knows."""
    if not isinstance(expression, sympy.Expr):
        raise InvalidInput(f"{shorten(repr(expression))} ({type(expression).__name__}) is not a number")
    if expression.has(sympy.Float):
        raise InvalidInput(f"{shorten(str(expression))} holds a float; write its fraction, Rational(1, 10)")
    for part in sympy.preorder_traversal(expression):
        known = part.is_Rational or part.is_Add or part.is_Mul or part.is_Pow
        name = str(part) if part.is_Atom else type(part).__name__
        if not known and name not in _BALLS and (part.is_Atom or name not in FUNCTIONS):
            raise InvalidInput(_refusal(name))
    try:
        for part in sympy.postorder_traversal(expression):
            if part.is_Pow:
                _refuse_large_power(*part.args)
            elif not part.is_Atom:
                _bounded(part)
    except InvalidInput as error:
        raise InvalidInput(f"{shorten(str(expression))}: {error}") from None
    return expression


def _digits(number: sympy.Rational) -> int:
    """About how many decimal digits it has."""
    return int(0.302 * (int(number.p).bit_length() + int(number.q).bit_length() - 1)) + 1


def _refusal(name: str) -> str:
    known = ", ".join([*CONSTANTS, *FUNCTIONS])
    return f"{shorten(name)!r} is not known; expressions may use + - * / ** and {known}"


class _Parser:
    """Recursive descent over one expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._next = 0
        self._depth = 0

    def parse(self) -> sympy.Expr:
        found = self._sum()
        if self._next < len(self._tokens):
            self._refuse()
        return found

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens, place, end = [], 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise InvalidInput(f"{shorten(text)!r}: {text[place:].lstrip()[:1]!r} is not understood")
            tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _take(self, *signs: str) -> str | None:
        if self._next < len(self._tokens) and self._tokens[self._next] in [("sign", s) for s in signs]:
            self._next += 1
            return self._tokens[self._next - 1][1]
        return None

    def _refuse(self) -> None:
        what = repr(shorten(self._peek())) if self._peek() else "its end"
        raise InvalidInput(f"{shorten(self._text)!r}: {what} is not expected there")

    def _sum(self) -> sympy.Expr:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidInput(f"{shorten(self._text)!r}: nested more than {MAX_DEPTH} deep")
        found = self._product()
        while sign := self._take("+", "-"):
            term = self._product()
            found = found + term if sign == "+" else found - term
        self._depth -= 1
        return found

    def _product(self) -> sympy.Expr:
        found = self._signed()
        while sign := self._take("*", "/"):
            factor = self._signed()
            if sign == "/" and factor.is_zero:
                raise InvalidInput(f"{shorten(self._text)!r}: division by zero")
            found = found * factor if sign == "*" else found / factor
        return found

    def _signed(self) -> sympy.Expr:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        found = self._power()
        return -found if negative else found

    def _power(self) -> sympy.Expr:
        base = self._atom()
        if not self._take("**", "^"):
            return base
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidInput(f"{shorten(self._text)!r}: nested more than {MAX_DEPTH} deep")
        exponent = self._signed()
        self._depth -= 1
        return self._raised(base, exponent)

    def _raised(self, base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
        digits = _digits(base) if base.is_Rational else 0
        if exponent.is_Rational:
            size = max(abs(int(exponent.p)), int(exponent.q))
            if size > MAX_EXPONENT or digits * size > MAX_DIGITS:
                raise InvalidInput(f"{shorten(self._text)!r}: the exponent {exponent} is beyond the budget")
        if not exponent.is_Integer and digits > MAX_ROOT_DIGITS:
            raise InvalidInput(f"{shorten(self._text)!r}: a root of more than {MAX_ROOT_DIGITS} digits")
        if base.is_zero and not exponent.is_positive:
            raise InvalidInput(f"{shorten(self._text)!r}: division by zero")
        return self._told(_raise_to, base, exponent)

    def _told(self, make: Callable[..., sympy.Expr], *parts: Any) -> sympy.Expr:
        try:
            return make(*parts)
        except InvalidInput as error:
            raise InvalidInput(f"{shorten(self._text)!r}: {error}") from None

    def _atom(self) -> sympy.Expr:
        if self._take("("):
            return self._close(self._sum())
        if self._next >= len(self._tokens):
            self._refuse()
        kind, text = self._tokens[self._next]
        if kind == "sign":
            self._refuse()
        self._next += 1
        if kind == "number":
            value = parse_rational(text)
            return sympy.Rational(int(value.p), int(value.q))
        if text in FUNCTIONS:
            if not self._take("("):
                self._refuse()
            argument = self._close(self._sum())
            root = _ROOTS.get(text)
            return self._told(_apply, text, argument) if root is None else self._raised(argument, root)
        if text not in CONSTANTS:
            raise InvalidInput(_refusal(text))
        return CONSTANTS[text]

    def _close(self, inner: sympy.Expr) -> sympy.Expr:
        if not self._take(")"):
            self._refuse()
        return inner
