"""A problem in binary64: columns of powers of two, and a bound of what each number is off by.

X_j = 2^a_j x̃_j and y = 2^b ỹ with entries below 2; with s_j = 2^a_j τ s̃_j and z = n τ z̃, s − s_0 = Xᵀz/n
becomes s̃ = s̃_0 + x̃ᵀz̃, and dz̃/dt̃ = ỹ − x̃β̃ (MATHEMATICS.md §3, equivariances). τ is a power of two too.
"""

from __future__ import annotations

from functools import cached_property
from math import frexp, sqrt
from typing import Any, NamedTuple

import numpy as np
from flint import fmpq

from exactsaddle.numbers import (
    FloatMatrix,
    FloatVector,
    Matrix,
    Number,
    RootSum,
    Vector,
    power_of_two,
    to_rational,
)
from exactsaddle.path.engines.binary import TINY, UNIT, UP, Floats, gamma, product, squares, total
from exactsaddle.path.engines.data import nearby_rational
from exactsaddle.problem import FORMATS, Part, Problem, Resolution

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

LARGEST = 1.7e308
NEVER = 1 << 40
"""The exponent of an infinite threshold."""
RELATIVE = 4 * UNIT
"""More than the relative error of any number of a problem, rounded."""


class FloatProblem:
    """x̃ᵀ as ``rows`` (d, n), ỹ as ``target`` (n,), thresholds and s̃_0.

    Each number is within RELATIVE of the truth, relatively, or within TINY. With a resolution the truth is
    any data (X', y') within it, and bounds hold for all of them.
    """

    def __init__(self, problem: Problem, resolution: Resolution | None = None) -> None:
        self.n, self.d = problem.shape
        scaled = problem.design_matrix.scaled_columns()
        self.rows: Floats = scaled.rows
        self.exponents = scaled.exponents
        """a_j, for each column."""
        target = _as_column(problem.target_vector).scaled_columns()
        self.target: Floats = target.rows[0]
        self._target_exponent = target.exponents[0]
        norms, self.target_norm = row_norms(self.rows), norm(self.target)
        self.radii: Floats = np.zeros(self.d)
        """At least ‖x̃'_j − x̃_j‖₂ for all data that are meant, beside rounding, (d,)."""
        self.is_wide = resolution is not None
        self.entry_error = 0.0 if isinstance(problem.design_matrix, FloatMatrix) else RELATIVE
        """At least what an entry of x̃ is off by, relatively, beside TINY: 0 where they are those of X."""
        self.target_radius = 0.0
        """At least ‖ỹ' − ỹ‖₂ for all data that are meant."""
        if resolution is not None:
            self._widen(resolution, norms)
        self.moving: Mask = np.asarray(self.rows.any(axis=1) | (self.radii > 0))
        """False for zero columns, whose gradient is always 0; (d,)."""
        self.norms: Floats = np.where(self.moving, norms + self.radii * UP, 0.0)
        """Upper bounds of ‖x̃_j‖₂, (d,)."""
        self.target_norm = (self.target_norm + self.target_radius) * UP if resolution else self.target_norm
        self.correlation: Floats = product(self.rows, self.target)
        """x̃ᵀỹ, for guesses, (d,)."""
        with np.errstate(all="ignore"):  # what overflows is infinite, and decides nothing
            self._places(problem)

    def _widen(self, resolution: Resolution, norms: Floats) -> None:
        """Take all data within the resolution, a little more where it is that of a format."""
        self.radii = _radii(resolution.design, norms, np.array(self.exponents), self.n)
        length, exponent = np.array([self.target_norm]), np.array([self._target_exponent])
        self.target_radius = float(_radii(resolution.target, length, exponent, self.n)[0])

    @cached_property
    def rounding(self) -> float:
        """|fl(x̃_i·v) − x̃_i·v| ≤ rounding·‖x̃_i‖‖v‖ + TINY in whatever order, with whatever fused."""
        return gamma(self.n + 8)

    @property
    def time_unit(self) -> fmpq:
        """t/t̃."""
        return power_of_two(self.time_exponent - self._target_exponent) * self.n

    def rounding_of(self, terms: int) -> float:
        """|fl(v − Σ b_k x̃_k) − (v − Σ b_k x̃_k)| is at most this times |v| + Σ|b_k x̃_k|, + TINY."""
        return gamma(terms + 9)

    def _places(self, problem: Problem) -> None:
        bounds = {side: [problem.bound(i, side) for i in range(self.d)] for side in (1, -1)}
        sides = {side: _split_all(found) for side, found in bounds.items()}
        different = {id(c): c for found in bounds.values() for c in found}
        start = problem.initial_dual
        at_rest = isinstance(start, Vector) and not start.support
        known = at_rest and not self.is_wide and all(map(_is_binary64, different.values()))
        time = self._time_exponent(sides)
        shift = -np.array(self.exponents) - time
        self.time_exponent = time
        """log2 τ."""
        self.thresholds: dict[int, Floats] = {}
        """c̃ by side, each within 4·RELATIVE of the truth; infinite too where it overflows."""
        self.lowest: dict[int, Floats] = {}
        self.highest: dict[int, Floats] = {}
        self.place_error = 0.0 if known else 8 * RELATIVE
        """At least what thresholds and s̃_0 may be off by, relatively: 0 where they are these numbers."""
        for side, found in sides.items():
            about, finite = _joined(found, shift), found.exponents != NEVER
            self.thresholds[side] = np.where(finite, about, np.inf)
            slack = np.where(np.isinf(about), np.inf, about * (self.place_error / 2)) + TINY
            below = np.where(np.isinf(about), LARGEST, about - slack)
            self.lowest[side] = np.where(finite, below, np.inf)
            self.highest[side] = np.where(finite, about + slack, np.inf)
        self.is_even = np.array_equal(self.lowest[1], self.lowest[-1])
        """Whether the two thresholds of each coordinate are the same."""
        self.dual: Floats = np.zeros(self.d) if at_rest else _joined(_split_all(list(start)), shift)
        self.dual_error: Floats = np.abs(self.dual) * (4 * RELATIVE) + TINY

    def _time_exponent(self, sides: dict[int, _Split]) -> int:
        """That of a τ for which the first jump is at t̃ of about 1: any choice is right."""
        tops = [found.exponents for found in sides.values()]
        seen = self.correlation != 0
        waits = np.minimum(*tops) - np.array(self.exponents) - np.log2(np.abs(self.correlation))
        return round(float(waits[seen].min())) if seen.any() else 0


def _is_binary64(value: Number | None) -> bool:
    """Whether the number, or that there is none, stays exact in binary64 when powers of two are split off."""
    if value is None:
        return True
    return not isinstance(value, RootSum) and value.q & (value.q - 1) == 0 and value.p.bit_length() <= 53


def norm(vector: Floats) -> float:
    """At least ‖v‖₂; infinite or not a number where that overflows."""
    square = total(vector, vector)
    return (sqrt(square) if square >= 0 else square) * (1 + gamma(len(vector))) + 2.0**-500


def norm_below(vector: Floats) -> float:
    """At most ‖v‖₂."""
    square = total(vector, vector)
    return (sqrt(square) if square >= 0 else square) * (1 - gamma(len(vector))) - 2.0**-500


def row_norms(rows: Floats) -> Floats:
    """At least the norm of each row of numbers known within RELATIVE."""
    return np.asarray(np.sqrt(squares(rows)) * (1 + gamma(rows.shape[1] + 8)) + 2.0**-500)


def _radii(part: Part, norms: Floats, exponents: np.ndarray[Any, Any], n: int) -> Floats:
    """At least ‖x̃' − x̃‖ of each column: √n half units of it, or of a format at most 2^−bits of each entry."""
    root = sqrt(n) * UP
    units = [part] * len(norms) if isinstance(part, str) else part
    halves = [None if isinstance(unit, str) or unit == 0 else to_rational(unit) for unit in units]
    found = _joined(_split_all(list(halves)), -exponents) * (root * UP) + TINY
    found = np.where([half is not None for half in halves], found, 0.0)
    for name, (bits, least) in FORMATS.items():
        smallest = np.ldexp(root, np.maximum(least - exponents, -1000)) + TINY
        rounded = (norms * 2.0**-bits + smallest) * UP
        found = np.where([unit == name for unit in units], rounded, found)
    return np.asarray(found)


def _as_column(vector: Vector) -> Matrix:
    """The vector as a matrix of one column."""
    if isinstance(vector, FloatVector):
        return FloatMatrix(vector.floats[:, None])
    return Matrix([[value] for value in vector])


class _Split(NamedTuple):
    """Numbers as mantissas·2^exponents, ½ ≤ |mantissa| < 1, each within RELATIVE; None as 0·2^NEVER."""

    mantissas: Floats
    exponents: np.ndarray[Any, np.dtype[np.int64]]


def _split_all(values: list[Number | None]) -> _Split:
    """The numbers, of which one is often that of every column: it is split once."""
    places = list(map(id, values))
    objects = dict(zip(places, values, strict=True))
    found = {
        place: (0.0, NEVER) if value is None else _split(nearby_rational(value))
        for place, value in objects.items()
    }
    if len(found) == 1:
        ((mantissa, exponent),) = found.values()
        return _Split(np.full(len(values), mantissa), np.full(len(values), exponent))
    pairs = [found[place] for place in places]
    return _Split(np.array([m for m, _ in pairs]), np.array([e for _, e in pairs]))


def _split(value: fmpq) -> tuple[float, int]:
    exponent = int(value.p.bit_length()) - int(value.q.bit_length())
    p, q = int(value.p), int(value.q)
    mantissa, carry = frexp((p << max(-exponent, 0)) / (q << max(exponent, 0)))
    return mantissa, carry + exponent


def _joined(split: _Split, shift: np.ndarray[Any, Any]) -> Floats:
    """m·2^(e + shift), 0 for None; infinite where it overflows."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(split.mantissas, np.clip(split.exponents + shift, -3000, 3000)))
