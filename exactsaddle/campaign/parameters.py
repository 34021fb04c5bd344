"""What a value in a SPEC may be: parsers that return the exact value or say what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten, to_fraction, to_rational

Parse = Callable[[Any], Any]
"""A TOML value, floats as their text, -> the value; raises InvalidInput without the name of the field."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an ensemble: its name, its parser, its default and what it is."""

    name: str
    parse: Parse
    default: Any
    story: str


def integer(least: int, most: int) -> Parse:
    """An integer from least to most."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidInput(f"must be an integer from {least:,} to {most:,}, not {show(value)}")
        return value

    return parse


def choice(*names: str) -> Parse:
    """One of the names."""

    def parse(value: Any) -> str:
        if value not in names:
            raise InvalidInput(f"must be one of {', '.join(names)}, not {show(value)}")
        return str(value)

    return parse


def named(known: Iterable[str], kind: str) -> Parse:
    """One of the names of a kind of thing; the nearest is proposed for any other."""
    names = list(known)

    def parse(value: Any) -> str:
        if value not in names:
            near = nearest(str(value), names)
            raise InvalidInput(f"is {show(value)}: there is no such {kind}; did you mean {near!r}?")
        return str(value)

    return parse


def nearest(name: str, known: list[str]) -> str:
    """Which of the known names was perhaps meant."""
    return get_close_matches(name, known, n=1, cutoff=0.0)[0]


def rational(least: Fraction, most: Fraction | None, *, strict: bool, infinite: bool = False) -> Parse:
    """A rational between two bounds, exclusive if strict; None stands for "inf" where that is allowed."""
    ends = f"above {least}" if most is None else f"between {least} and {most}"
    expected = f"must be a rational {ends}" + (' or "inf"' if infinite else "")

    def parse(value: Any) -> Fraction | None:
        if infinite and value == "inf":
            return None
        try:
            found = to_fraction(to_rational(value))
        except InvalidInput:
            raise InvalidInput(f"{expected}, not {show(value)}") from None
        inside = least < found and (most is None or found < most)
        if not (inside or (not strict and found in (least, most))):
            raise InvalidInput(f"{expected}, not {show(value)}")
        return found

    return parse


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidInput(f"must be true or false, not {show(value)}")
    return value


def function(value: Any) -> str:
    """Where a function is, as package.module:function."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w.]+:\w+", value):
        raise InvalidInput(f"must be package.module:function, not {show(value)}")
    return value


def text(value: Any) -> str:
    """A line of text that is not empty."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 200:
        raise InvalidInput(f"must be a line of text, not {show(value)}")
    return value


def listed(parse: Parse, *, empty: bool = True) -> Parse:
    """A list of values without repetition."""

    def parse_all(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list) or (not values and not empty):
            raise InvalidInput(f"must be a {'' if empty else 'non-empty '}list, not {show(values)}")
        found: list[Any] = []
        for i, value in enumerate(values):
            try:
                item = parse(value)
            except InvalidInput as error:
                raise InvalidInput(f"entry {i} {error}") from None
            if item in found:
                raise InvalidInput(f"has {show(value)} twice")
            found.append(item)
        return tuple(found)

    return parse_all


def show(value: Any) -> str:
    """A TOML value for a message."""
    return shorten(repr(value))
