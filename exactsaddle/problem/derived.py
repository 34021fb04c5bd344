"""Problems made from others: centred, with columns of unit norm, or with a planted β."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Vector, shorten, square_root
from exactsaddle.problem.arrays import column_names
from exactsaddle.problem.entries import number, read_names
from exactsaddle.problem.least_squares import LeastSquares
from exactsaddle.problem.network import Network
from exactsaddle.problem.resolution import EXACT, Resolution
from exactsaddle.problem.rows import read_matrix, read_scalars
from exactsaddle.problem.sources import Source
from exactsaddle.problem.weights import WEIGHTED, mean_shares


class Derived(LeastSquares):
    """What a problem makes of itself, exactly."""

    source: Source
    resolution: Resolution
    network: Network

    @property
    def dual_vector(self) -> Vector:
        """s_0 over Q."""
        raise NotImplementedError

    def threshold(self, i: int, side: int) -> fmpq | None:
        """c⁺_i for side = 1, c⁻_i for side = −1, over Q; None when infinite."""
        raise NotImplementedError

    def replace(self, **fields: Any) -> Self:
        """The same problem with some arguments given anew."""
        raise NotImplementedError

    @classmethod
    def planted(cls, X: Any, beta: Iterable[Any], **fields: Any) -> Self:
        """The problem whose target is Xβ exactly: X (n, d), beta d numbers, other arguments as in Problem.

        For simulations. y = X @ beta in floats is rounded, and the path then goes on to fit the rounding, as
        it should; here β fits without any rest. X counts as exact, and so does y.
        """
        formats: set[str] = set()
        design, _ = read_matrix(X, formats, fields.get("names"))
        names = read_names(fields.get("names") or column_names(X), design.shape[1])
        if isinstance(beta, str) or not isinstance(beta, Iterable):
            raise InvalidInput(f"beta must be a sequence of numbers, not {shorten(repr(beta))}")
        known = Vector.of(read_scalars(beta, "beta", names, set(), number))
        fields = {"resolution": EXACT, **fields}
        return cls(design, design.times(known), **fields)  # type: ignore[call-arg]

    def centered(self, weights: Any = None) -> Self:
        """The same problem with the exact (weighted) mean subtracted from y and from every column of X.

        Weights are used for the means alone: ``problem.centered(w).replace(weights=w)`` applies them.
        """
        if WEIGHTED in self.source:
            raise InvalidInput("the rows are weighted already: centre before the weights are given")
        shares = Vector.of(mean_shares(weights, self.n))
        means = self._X.transpose_times(shares)
        mean = self._y.dot(shares)
        rows = [[x - m for x, m in zip(row, means, strict=True)] for row in self._X.rows()]
        doubled = self.resolution.by_column(self._X, self._y, fmpq(2))  # an entry's own, and the mean's
        return self.replace(X=rows, y=[value - mean for value in self._y], resolution=doubled)

    def standardized(self) -> Self:
        """The problem whose columns are X_j/‖X_j‖₂, by an equivalent one on X itself.

        Thresholds and s_0 as given are those of the unit-norm columns. Dividing column j by ‖X_j‖ while
        multiplying its thresholds and s_0,j by ‖X_j‖ leaves every jump time and Xβ as they are
        (MATHEMATICS.md §3), so the result keeps X and y and takes the norms into thresholds and dual, as
        square roots of rationals, and into its network as ``units``, of which the flow depends too. Its β is
        in the units of X; the coefficients of the unit-norm columns are β_j·‖X_j‖, and their duals s_j/‖X_j‖.
        Zero columns, which never move, stay as they are. Means are not subtracted: see ``centered``. Columns
        with ‖X_j‖₂² = n instead (unit variance) give the same saddles, at t/√n.

        Raises InvalidInput when thresholds or s_0 are irrational already, rows are weighted, or the columns
        are divided already.
        """
        if self.network.units is not None:
            raise InvalidInput("the columns are divided by their norms already")
        if WEIGHTED in self.source:
            raise InvalidInput(
                "the rows are weighted already: their norms are not those of the columns given"
            )
        squares = (self.column(j).dot(self.column(j)) for j in range(self.d))
        norms = [fmpq(1) if square == 0 else square_root(square) for square in squares]
        scaled = {
            field: [
                "inf" if value is None else norm * value for norm, value in zip(norms, values, strict=True)
            ]
            for field, values in (
                ("lower", [self.threshold(i, -1) for i in range(self.d)]),
                ("upper", [self.threshold(i, 1) for i in range(self.d)]),
                ("dual", list(self.dual_vector)),
            )
        }
        network = self.network.with_units(norms)
        return self.replace(**scaled, network=network)
