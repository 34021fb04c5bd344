"""Inverse Gram matrices: an untrusted one in floats that a bound makes a proof, or one in balls.

With R anything at all, ‖I − RG‖_∞ ≤ a < 1 proves that G is invertible (Rump 2010, §10).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class GramInverse:
    """R near G⁻¹, ‖I − RG‖_∞ ≤ contraction, infinite where binary64 has no such R, and ‖G⁻¹‖₂ ≤ bound."""

    approximate: Floats
    contraction: float
    bound: float


class GramInverter:
    """G⁻¹ for one set of columns after another; the last is kept."""

    def __init__(self, data: ScaledProblem) -> None:
        self.data = data
        self._inverted: tuple[tuple[int, ...], GramInverse | None] | None = None

    def inverse(self, columns: Sequence[int], bits: int) -> GramInverse:
        """What is known of G⁻¹; raises Inconclusive when the columns cannot be proved independent."""
        chosen = tuple(sorted(columns))
        if not chosen:
            return GramInverse(np.zeros((0, 0)), 0.0, 0.0)
        found = self.in_floats(chosen)
        if found is None:
            return GramInverse(np.zeros((0, 0)), math.inf, self._bound_in_balls(chosen, bits))
        order = [chosen.index(j) for j in columns]
        return replace(found, approximate=found.approximate[np.ix_(order, order)])

    def in_floats(self, chosen: tuple[int, ...]) -> GramInverse | None:
        """The inverse in binary64, where it is proved to be one.

        G⁻¹ = (RG)⁻¹R and G⁻¹ is symmetric: ‖G⁻¹‖₂ ≤ ‖G⁻¹‖_∞ ≤ ‖R‖_∞/(1 − a).
        """
        if self._inverted is None or self._inverted[0] != chosen:
            self._inverted = chosen, self._inverted_gram(chosen)
        return self._inverted[1]

    def _inverted_gram(self, chosen: tuple[int, ...]) -> GramInverse | None:
        inverse = approximate_inverse(self.data.gram(chosen))
        if inverse is None:
            return None
        contraction = self._contraction(inverse, chosen)
        if not contraction <= MAX_CONTRACTION:
            return None
        width = float(np.abs(inverse).sum(axis=1).max()) * (1 + gamma(len(chosen)))
        return GramInverse(inverse, contraction, width / (1 - contraction) * UP)

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


def approximate_inverse(gram: Floats) -> Floats | None:
    """A float inverse, or None; nothing is claimed of it."""
    try:
        return np.asarray(np.linalg.inv(gram), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None


def upper_bound(value: arb) -> float:
    """A float that is at least value."""
    return float(value.upper()) * (1 + 1e-12) + 1e-300
