"""Inverse Gram matrices: an untrusted one in floats that a bound makes a proof, or one in balls.

With R anything at all, ‖I − RG‖_∞ ≤ a < 1 proves that G is invertible (Rump 2010, §10).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from flint import arb

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.numbers import gram_inverse_norm
from exactsaddle.path.engines.binary import CONVERSION, TINY, UP, Floats, gamma
from exactsaddle.path.engines.data import ScaledProblem

T = TypeVar("T")

MAX_CONTRACTION = 0.5
GOOD_CONTRACTION = 2.0**-20
"""What an inverse that was updated has to reach: a refinement gains as many bits a step."""
LINKS, MAX_CHANGES = 32, 4
"""Sets of a path whose inverses follow from one, and columns that may come or go from one to the next."""


@dataclass(frozen=True)
class GramInverse:
    """R near G⁻¹, ‖I − RG‖_∞ ≤ contraction, infinite where binary64 has no such R, and ‖G⁻¹‖₂ ≤ bound."""

    approximate: Floats
    contraction: float
    bound: float


class GramInverter:
    """G⁻¹ for one set of columns after another; the last is kept, and of all what was proved."""

    def __init__(self, data: ScaledProblem) -> None:
        self.data = data
        self._chain = _Chain(data)
        self._last: dict[tuple[tuple[int, ...], bool], GramInverse | None] = {}
        self._proved: dict[tuple[tuple[int, ...], bool], tuple[float, float] | None] = {}
        """By columns, and whether R comes from the chain: its contraction and bound, None where it is bad."""

    @property
    def expected(self) -> int:
        """How many sets of a path are known."""
        return len(self._chain.path)

    def expect(self, sets: Iterable[Sequence[int]]) -> None:
        """The sets of columns that a path meets next: neighbours share their work.

        What is found for a set depends on those before it on the path, not on who asks when.
        """
        for columns in sets:
            self._chain.expect(tuple(sorted(columns)))

    def inverse(self, columns: Sequence[int], bits: int) -> GramInverse:
        """What is known of G⁻¹, whether the path is known to meet them or not.

        Raises Inconclusive when the columns cannot be proved independent.
        """
        chosen = tuple(sorted(columns))
        if not chosen:
            return GramInverse(np.zeros((0, 0)), 0.0, 0.0)
        found = self._known(chosen, met=False)
        if found is None:
            return GramInverse(np.zeros((0, 0)), math.inf, self._bound_in_balls(chosen, bits))
        order = [chosen.index(j) for j in columns]
        return replace(found, approximate=found.approximate[np.ix_(order, order)])

    def in_floats(self, chosen: tuple[int, ...]) -> GramInverse | None:
        """The inverse in binary64, where it is proved to be one, of ascending columns that a path met."""
        return self._known(chosen, met=True)

    def _known(self, chosen: tuple[int, ...], *, met: bool) -> GramInverse | None:
        if (chosen, met) not in self._last:
            self._last = {(chosen, met): self._inverted_gram(chosen, met)}
        return self._last[chosen, met]

    def _inverted_gram(self, chosen: tuple[int, ...], met: bool) -> GramInverse | None:
        """G⁻¹ = (RG)⁻¹R and G⁻¹ is symmetric: ‖G⁻¹‖₂ ≤ ‖G⁻¹‖_∞ ≤ ‖R‖_∞/(1 − a)."""
        for follows, most in ((True, GOOD_CONTRACTION), (False, MAX_CONTRACTION)):
            if follows and (not met or self._proved.get((chosen, True), ()) is None):
                continue
            inverse = self._chain.inverse(chosen) if follows else approximate_inverse(self.data.gram(chosen))
            if inverse is None:
                continue
            if (chosen, follows) not in self._proved:
                contraction = self._contraction(inverse, chosen)
                width = float(np.abs(inverse).sum(axis=1).max()) * (1 + gamma(len(chosen)))
                good = contraction <= most
                self._proved[chosen, follows] = (
                    (contraction, width / (1 - contraction) * UP) if good else None
                )
            proved = self._proved[chosen, follows]
            if proved is not None:
                return GramInverse(inverse, *proved)
        return None

    def _bound_in_balls(self, chosen: tuple[int, ...], bits: int) -> float:
        vectors = [self.data.columns[j] for j in chosen]

        def bound() -> float:
            scales = [arb((1, self.data.row_exponents[j])) for j in chosen]
            return upper_bound(gram_inverse_norm(vectors, scales))

        return self.at_rising_precision(chosen, bits, bound)

    def _contraction(self, inverse: Floats, columns: tuple[int, ...]) -> float:
        """An upper bound of ‖I − RG‖_∞, G exact: rounding of G, of RG and of the data included."""
        design = self.data.design[:, columns]
        size, n = len(columns), self.data.n
        gram = self.data.gram(columns)
        with np.errstate(all="ignore"):  # what is not a number proves nothing
            defect = np.abs(np.eye(size) - inverse @ gram).sum(axis=1)
            weights, magnitudes = np.abs(inverse), np.abs(design)
            rounding = weights @ (np.abs(gram).sum(axis=1))
            forming = weights @ (magnitudes.T @ magnitudes.sum(axis=1))
            bound = defect + gamma(size) * rounding + (gamma(n) + 4 * CONVERSION) * forming
            total = float(bound.max()) * (1 + gamma(n + 2 * size)) + size * n * TINY * float(weights.max())
        return total if math.isfinite(total) else math.inf

    def at_rising_precision(self, columns: tuple[int, ...], bits: int, attempt: Callable[[], T | None]) -> T:
        """What an attempt returns once it does; raises Inconclusive when the columns seem to be dependent."""
        precision = 2 * bits
        limit = 4 * (bits + 2 * len(columns) * (self.data.floor + 8))  # Hadamard: det ≥ 1
        while precision <= limit:
            with workprec(precision), suppress(ZeroDivisionError):
                found = attempt()
                if found is not None:
                    return found
            precision *= 2
        raise Inconclusive(
            f"columns {list(columns)} of X were not proved independent at {precision // 2} bits"
        )


class _Chain:
    """Float inverses along a path, each from the one before it; nothing is claimed of them."""

    def __init__(self, data: ScaledProblem) -> None:
        self.data = data
        self.path: list[tuple[int, ...]] = []
        self._places: dict[tuple[int, ...], int] = {}
        self._at = -1
        self._columns: list[int] = []
        self._inverse: Floats = np.zeros((0, 0))

    def expect(self, columns: tuple[int, ...]) -> None:
        """The path goes on to this set, ascending."""
        self._places.setdefault(columns, len(self.path))
        self.path.append(columns)

    def inverse(self, chosen: tuple[int, ...]) -> Floats | None:
        """That of a set of the path, ascending; None of any other."""
        place = self._places.get(chosen)
        if place is None:
            return None
        first = place
        while not self._is_start(first):
            first -= 1
        if not first <= self._at <= place:
            self._at, self._columns = first, list(self.path[first])
            found = approximate_inverse(self.data.gram(self._columns))
            self._inverse = np.full((len(self._columns),) * 2, np.nan) if found is None else found
        with np.errstate(all="ignore"):  # what is not a number proves nothing
            for k in range(self._at + 1, place + 1):
                self._follow(self.path[k])
        self._at = place
        order = np.argsort(self._columns)
        return np.asarray(self._inverse[np.ix_(order, order)])

    def _is_start(self, k: int) -> bool:
        """Whether the inverse of set k is found from nothing."""
        return k % LINKS == 0 or len({*self.path[k]} ^ {*self.path[k - 1]}) > MAX_CHANGES

    def _follow(self, columns: tuple[int, ...]) -> None:
        """The inverse of these columns from that of a few others (Schur complements)."""
        for j in sorted({*self._columns} - {*columns}):
            place = self._columns.index(j)
            del self._columns[place]
            row = np.delete(self._inverse[place], place)
            pivot = self._inverse[place, place]
            rest = np.delete(np.delete(self._inverse, place, axis=0), place, axis=1)
            self._inverse = rest - np.outer(row / pivot, row)
        for j in sorted({*columns} - {*self._columns}):
            column, square = self.data.gram_column(self._columns, j)
            weights = self._inverse @ column
            share, size = 1 / (square - column @ weights), len(weights)
            grown = np.empty((size + 1, size + 1))
            np.outer(share * weights, weights, out=grown[:size, :size])
            grown[:size, :size] += self._inverse
            grown[size, :size] = grown[:size, size] = -share * weights
            grown[size, size] = share
            self._columns, self._inverse = [*self._columns, j], grown


def approximate_inverse(gram: Floats) -> Floats | None:
    """A float inverse, or None; nothing is claimed of it."""
    try:
        return np.asarray(np.linalg.inv(gram), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None


def upper_bound(value: arb) -> float:
    """A float that is at least value."""
    return float(value.upper()) * (1 + 1e-12) + 1e-300
