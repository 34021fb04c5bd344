"""How sharply the numbers of X and y were given: to half a unit in the last place or decimal, or exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import (
    Matrix,
    Vector,
    parse_rational,
    power_of_two,
    short_decimal,
    shorten,
    to_fraction,
    to_rational,
    to_text,
)

EXACT = "exact"
FORMATS = {"binary64": (53, -1075), "binary32": (24, -150), "binary16": (11, -25)}
"""Bits of a mantissa, and the power of two that is half a unit of the smallest numbers, by binary format."""

BINARY64_DIGITS = range(16, 20)
"""Significant digits that programs print of binary64 and people do not: repr, %.17g, numpy.savetxt."""

_NOTHING = Fraction(0)

Unit: TypeAlias = Fraction | str
"""Of one column: half a unit, 0 for one that is exact, or a binary format."""
Part: TypeAlias = str | tuple[Unit, ...]
"""``"exact"``, a binary format, or the unit of each column."""


@dataclass(frozen=True)
class Resolution:
    """|x' − x| ≤ δ and |y' − y| ≤ δ: the data (X', y') that would have been written as these.

    It says where the numbers came from, and is no part of the problem: equality and the digest leave it out.
    A path may be read in its light (``SaddlePath.explained_at``); every number stays what it is exactly.
    """

    design: Part = EXACT
    """Of X, by column."""
    target: Part = EXACT
    """Of y, which has one column."""

    @property
    def is_exact(self) -> bool:
        """Whether nothing is in doubt."""
        return self.design == self.target == EXACT

    def of_entry(self, value: fmpq, j: int) -> fmpq:
        """δ of an entry of column j of X with this value."""
        return _half_unit(self.design, value, j)

    def of_target(self, value: fmpq) -> fmpq:
        """δ of an entry of y with this value."""
        return _half_unit(self.target, value, 0)

    def counts(self, j: int, size: int) -> int:
        """How often δ of column j of X counts in the fit of ``size`` nonzero coefficients: 1, or 1 + 2·size.

        The latter where column and y are binary floats: y = Xβ in floats loses up to ``size`` units, half a
        unit of |x| being at least a half of what one product or sum of that size loses (Higham 2002, §3.1).
        """
        floats = _unit_of(self.design, j) in FORMATS and _unit_of(self.target, 0) in FORMATS
        return 1 + 2 * size * floats

    def by_column(self, X: Matrix, y: Vector, factor: fmpq) -> Resolution:
        """The largest δ in each column times ``factor``: what holds of rows made from those of X and y."""
        if self.is_exact:
            return self
        columns = (
            [self.of_entry(x, j) for x in column] for j, column in enumerate(zip(*X.rows(), strict=True))
        )
        return Resolution(_largest(columns, factor), _largest([map(self.of_target, y)], factor))

    def to_json(self) -> dict[str, Any]:
        """{"X", "y"}, each "exact", a binary format or a list of numbers: what ``Resolution.read`` takes."""
        return {
            name: part if isinstance(part, str) else list(map(str, part))
            for name, part in (("X", self.design), ("y", self.target))
        }

    def __str__(self) -> str:
        units = {
            unit
            for part in (self.design, self.target)
            for unit in ((part,) if isinstance(part, str) else part)
            if unit != EXACT
        }
        halves = sorted(unit for unit in units if not isinstance(unit, str) and unit)
        formats = sorted(unit for unit in units if isinstance(unit, str))
        if not halves:
            return " and ".join(f"half a unit in the last place of {known}" for known in formats) or EXACT
        ends = dict.fromkeys(short_decimal(to_rational(half), 3) for half in (halves[0], halves[-1]))
        return f"±{' to '.join(ends)}" + "".join(f" and {known}" for known in formats)

    @classmethod
    def read(cls, value: Any, d: int) -> Resolution:
        """A resolution as people give it, for d columns; raises InvalidInput.

        "exact", "binary64", "binary32", "binary16", one δ ≥ 0 for all numbers, or {"X": ..., "y": ...} with
        any of these, or d of δ for X and one for y.
        """
        if isinstance(value, cls):
            return cls(_read_part(value.design, "X", d), _read_part(value.target, "y", 1))
        if isinstance(value, Mapping):
            unknown = sorted(set(map(str, value)) - {"X", "y"})
            if unknown:
                raise InvalidInput(f"resolution: {shorten(unknown[0])!r} is neither 'X' nor 'y'")
            return cls(_read_part(value.get("X", EXACT), "X", d), _read_part(value.get("y", EXACT), "y", 1))
        return cls(_read_part(value, "X", d), _read_part(value, "y", 1))


def of_written(columns: Iterable[Iterable[Any]], formats: Iterable[str]) -> Part:
    """How sharply numbers were given, by column, from the values themselves and the formats of their floats.

    Floats are good to half a unit of the coarsest format there is; else a column of decimals (text or
    Decimal) to half a unit of the last decimal that is written anywhere in it, or as binary64 where it has as
    many digits as programs print of that; integers and fractions exact.
    """
    binary = [known for known in FORMATS if known in formats]
    if binary:
        return binary[-1]
    return as_part(map(written_unit, columns))


def as_part(units: Iterable[Unit]) -> Part:
    """One word for all columns, where one is enough."""
    found = tuple(units)
    if not any(found):
        return EXACT
    alike = len(set(found)) == 1 and isinstance(found[0], str)
    return str(found[0]) if alike else found


def written_unit(column: Iterable[Any]) -> Unit:
    """Half a unit of the last decimal written anywhere in a column, 0 where none is; or ``"binary64"``."""
    unusual = [value for value in column if type(value) is not int]
    if not unusual:
        return _NOTHING
    written = [found for found in map(_written, unusual) if found is not None]
    if max((digits for _, digits in written), default=0) in BINARY64_DIGITS:
        return "binary64"
    return min((half for half, _ in written), default=_NOTHING)


def _written(value: Any) -> tuple[Fraction, int] | None:
    """Half a unit of the last decimal of a number with decimals or an exponent, and its digits; or None."""
    if isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int) or exponent >= 0:
            return None
        return Fraction(10) ** exponent / 2, len(digits)
    if not isinstance(value, str) or "/" in value or not any(c in value for c in ".eE"):
        return None
    mantissa, _, exponent_text = value.strip().lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    half = to_fraction(parse_rational(f"1e{int(exponent_text or 0) - decimals}")) / 2
    return half, len(mantissa.replace(".", "").lstrip("+-0"))


def _unit_of(part: Part, j: int) -> Unit:
    return part if isinstance(part, str) else part[j]


_power = lru_cache(maxsize=256)(power_of_two)
"""Few are asked for, each of them often."""


def _half_unit(part: Part, value: fmpq, j: int) -> fmpq:
    unit = _unit_of(part, j)
    if unit == EXACT:
        return fmpq(0)
    if not isinstance(unit, str):
        return to_rational(unit)
    bits, least = FORMATS[unit]
    if value == 0:
        return _power(least)
    exponent = int(value.p.bit_length()) - int(value.q.bit_length())
    if abs(value) < _power(exponent):
        exponent -= 1
    return _power(max(exponent - bits, least))


def _largest(columns: Iterable[Iterable[fmpq]], factor: fmpq) -> Part:
    return as_part(to_fraction(max(column) * factor) for column in columns)


def _read_part(value: Any, what: str, d: int) -> Part:
    if isinstance(value, str) and value.strip() in (EXACT, *FORMATS):
        return value.strip()
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    try:
        units = [
            unit if unit in FORMATS else to_fraction(to_rational(unit))
            for unit in (value if listed else [value] * d)
        ]
    except InvalidInput as error:
        known = ", ".join((EXACT, *FORMATS))
        raise InvalidInput(f"resolution of {what}: {error}; it is a number, or one of {known}") from None
    if len(units) != d:
        raise InvalidInput(f"resolution of {what}: {len(units)} numbers for {d} columns")
    negative = next((unit for unit in units if not isinstance(unit, str) and unit < 0), None)
    if negative is not None:
        raise InvalidInput(f"resolution of {what}: {to_text(to_rational(negative))} is negative")
    return as_part(units)
