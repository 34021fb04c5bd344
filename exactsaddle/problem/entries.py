"""Entries of a problem as people give them: numbers, thresholds, names; each read exactly or refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput, misfit
from exactsaddle.numbers import (
    Number,
    RootSum,
    brief,
    is_binary_float,
    parse_rational,
    parse_root,
    shorten,
    square_root,
    to_rational,
)


def number(value: Any, where: str, formats: set[str]) -> fmpq:
    """A rational number; raises InvalidInput, naming the entry."""
    if type(value) is Fraction or type(value) is int:
        return to_rational(value)
    try:
        exact = to_rational(value)
    except InvalidInput as error:
        hint = "; RealProblem takes real numbers such as sqrt(2) or pi/4" if is_expression(value) else ""
        raise InvalidInput(f"{where}: {error}{hint}") from None
    note_format(value, formats)
    return exact


def note_format(value: Any, formats: set[str]) -> None:
    """Record the binary format of a float that is taken at face value."""
    if is_binary_float(value):
        formats.add("binary64" if isinstance(value, float) else format_of(value))


def is_expression(value: Any, *, roots: bool = False) -> bool:
    """Whether it looks like a real number that is no rational: SymPy's, or text with a name or arithmetic.

    With roots, text "sqrt(p/q)" and SymPy's square roots do not count: a Problem takes them there.
    """
    if isinstance(value, str):
        text = value.strip()
        if text.lower().lstrip("+-") in ("inf", "infinity", "nan", "na", "null", ""):
            return False
        if roots and parse_root(text) is not None:
            return False
        try:
            parse_rational(text)
        except InvalidInput:
            return any(c.isalpha() or c in "*(^" for c in text)
        return False
    return hasattr(value, "free_symbols") and not getattr(value, "is_Rational", False)


def root_or_number(value: Any, where: str, formats: set[str]) -> Number:
    """A rational, or a square root of one: "sqrt(p/q)", or SymPy's."""
    if isinstance(value, RootSum):
        rational = value.rational()
        return value if rational is None else rational
    root = parse_root(value) if isinstance(value, str) else None
    if root is None and hasattr(value, "free_symbols") and getattr(value**2, "is_Rational", False):
        root = square_root(to_rational(value**2)) if value != 0 else fmpq(0)
        root = -root if value.is_negative else root
    return number(value, where, formats) if root is None else root


def format_of(value: Any) -> str:
    """The binary format of a float or an array of them: "binary64"."""
    bits = getattr(getattr(value, "dtype", None), "itemsize", 8) * 8
    return f"binary{bits}" if bits <= 64 else f"{type(value).__name__}"


def is_infinite(value: Any) -> bool:
    """Whether it says that there is no threshold."""
    if isinstance(value, str):
        return value.strip().lower() in ("inf", "+inf", "infinity")
    return is_binary_float(value) and bool(value == math.inf)


def threshold(value: Any, where: str, formats: set[str]) -> Number | None:
    """A magnitude above 0, None where it is infinite; raises InvalidInput."""
    if is_infinite(value):
        return None
    exact = root_or_number(value, where, formats)
    if exact <= 0:
        raise InvalidInput(f"{where}: a threshold must be positive, not {brief(exact)}")
    return exact


def check_box(name: str, lower: Number | None, upper: Number | None, dual: Number) -> None:
    """Raise InvalidInput unless a threshold of a column is finite and its dual is between them."""
    if lower is None and upper is None:
        raise InvalidInput(f"column {shorten(name)!r}: at most one of its two thresholds may be infinite")
    if (lower is not None and dual < -lower) or (upper is not None and dual > upper):
        low = "-inf" if lower is None else brief(-lower)
        high = "inf" if upper is None else brief(upper)
        raise InvalidInput(
            f"dual of column {shorten(name)!r}: {brief(dual)} is outside its box [{low}, {high}]"
        )


def read_names(names: Iterable[str] | None, d: int) -> tuple[str, ...]:
    """d distinct feature names; x0, x1, … by default. Raises InvalidInput."""
    if names is None:
        return tuple(f"x{i}" for i in range(d))
    if isinstance(names, str):
        raise InvalidInput("names must be a sequence of strings, not one string")
    if not isinstance(names, Iterable):
        raise InvalidInput(f"names must be a sequence of strings, not {shorten(repr(names))}")
    found = tuple(str(name) for name in names)
    broken = next((name for name in found if any("\ud800" <= c <= "\udfff" for c in name)), None)
    if broken is not None:
        raise InvalidInput(f"the name {shorten(ascii(broken))} is not text: it holds half of a character")
    if len(found) != d:
        raise misfit("names", len(found), d, "column")
    repeated = next((name for i, name in enumerate(found) if name in found[:i]), None)
    if repeated is not None:
        raise InvalidInput(f"the name {shorten(repeated)!r} is used for two columns")
    return found


def listing(values: Sequence[Number | None]) -> str:
    """One number for all, or the first of them, for a message."""
    texts = ["inf" if value is None else brief(value) for value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return "[" + ", ".join(texts if len(texts) <= 8 else [*texts[:7], "..."]) + "]"


def flat(value: Any) -> Iterator[Any]:
    """Every entry of lists and tuples in one another."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from flat(item)
    else:
        yield value
