"""The problem: data over Q, thresholds and initial dual over Q or square roots, and the loss they define."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from flint import fmpq

from exactsaddle.base import InvalidInput, misfit, named_only
from exactsaddle.doors import ProblemDoors
from exactsaddle.numbers import (
    Carried,
    Number,
    RootSum,
    Vector,
    brief,
    number_text,
    shorten,
    to_fraction,
)
from exactsaddle.problem.arrays import column_names, refuse_other_rows
from exactsaddle.problem.derived import Derived
from exactsaddle.problem.document import Document
from exactsaddle.problem.entries import (
    check_box,
    listing,
    read_names,
    root_or_number,
    threshold,
)
from exactsaddle.problem.network import Network, read_network
from exactsaddle.problem.resolution import Resolution
from exactsaddle.problem.rows import read_matrix, read_scalars, read_target
from exactsaddle.problem.sources import Source
from exactsaddle.problem.weights import WEIGHTED, read_weights, weighted_rows

Threshold = Fraction | Literal["inf"]

ROOTS_TAKEN_BY = (
    "irrational thresholds are taken by saddle_path (with arithmetic auto or ball) and its outline alone"
)


class Problem(Carried, ProblemDoors, Document, Derived):
    """Least squares data with the thresholds and initial dual of Algorithm 1, exact and immutable.

    Minimise L(β) = ‖y − Xβ‖²/(2n) by gradient flow on β = u ⊙ v from scale α → 0.

    Parameters
    ----------
    X : (n, d) array or data frame, or n rows of d numbers
        Of NumPy, pandas, polars, xarray, PyTorch, JAX, SciPy (sparse) or SymPy.
        Numbers are int, Fraction, Decimal, strings ("3/10", "0.1", "1e-5", all exact), NumPy
        numbers, SymPy rationals, or binary floats, taken at their exact dyadic value.
    y : (n,) or (n, 1) array, column or sequence
    lower, upper : number, "inf", or d of them; default 1
        Magnitudes c⁻, c⁺ > 0 of the thresholds: s_i ∈ [−c⁻_i, c⁺_i]. At most one of a pair is infinite.
    dual : number or d of them; default 0
        The initial dual s_0, inside the box (on its boundary allowed).
        Thresholds and dual may also be square roots of rationals, "sqrt(2)" or SymPy's; any other real
        number, and irrational entries of X and y, need ``RealProblem``.
    names : d strings, optional
        Feature names; default those of a data frame's columns, else x0, x1, …
    weights : n numbers ≥ 0, optional
        Minimise Σ w_i(y_i − x_iβ)²/(2n) instead, exactly: each row becomes up to four rational multiples of
        itself (see ``exactsaddle.problem.weights``), so X, y and n are then those of the rows made.
    resolution : how sharply X and y were given, optional: see ``Resolution.read``
        By default half a unit in the last place for floats, half a unit of the last decimal written in a
        column for decimals in text, exact for integers and fractions.
    network : Network or what its JSON holds, optional
        What is trained, u ⊙ v by default; at depth ≥ 3 its scales set the thresholds that are not given.

    Raises InvalidInput, naming the entry, when anything is not as above. Source: MATHEMATICS.md §1–2.
    """

    _lower: tuple[Number | None, ...]
    _upper: tuple[Number | None, ...]
    _dual: Vector | tuple[Number, ...]
    names: tuple[str, ...]
    resolution: Resolution
    """How sharply X and y were given; like names and source it is no part of the problem's identity."""
    source: Source
    """``"exact"``, or what it is made of: ``"binary64"`` floats at face value, ``"weighted"`` rows; its
    ``reading`` says what was guessed or left out when a table was read."""

    def __init__(
        self,
        X: Any,
        y: Any,
        lower: Any = 1,
        upper: Any = 1,
        dual: Any = 0,
        names: Iterable[str] | None = None,
        weights: Any = None,
        resolution: Any = None,
        network: Network | dict[str, Any] | None = None,
    ) -> None:
        refuse_other_rows(X, y, "y")
        refuse_other_rows(X, weights, "weights")
        formats: set[str] = set()
        target_formats: set[str] = set()
        design, design_part = read_matrix(X, formats, names)
        n, d = design.shape
        target, target_part = read_target(y, target_formats)
        formats |= target_formats
        if len(target) != n:
            raise misfit("y", len(target), n, "row")
        sharp = Resolution(design_part, target_part) if resolution is None else Resolution.read(resolution, d)
        if weights is not None:
            found = read_weights(weights, n, formats)
            *_, largest = made = weighted_rows(design, target, found)
            sharp = sharp.by_column(design, target, largest)
            design, target = made[:2]
            formats.add(WEIGHTED)
        labels = read_names(column_names(X) if names is None else names, d)
        lowers = tuple(read_scalars(lower, "lower", labels, formats, threshold))
        uppers = tuple(read_scalars(upper, "upper", labels, formats, threshold))
        duals = read_scalars(dual, "dual", labels, formats, root_or_number)
        trained = read_network(network)
        lowers, uppers = trained.thresholds(lowers, uppers, labels)
        same = zip(*(map(id, reversed(given)) for given in (lowers, uppers, duals)), strict=True)
        for i in sorted(
            dict(zip(same, reversed(range(d)), strict=True)).values()
        ):  # often one for all columns
            check_box(labels[i], lowers[i], uppers[i], duals[i])
            trained.check_start(labels[i], lowers[i], uppers[i], duals[i])
        assign = object.__setattr__
        assign(self, "_X", design)
        assign(self, "_y", target)
        assign(self, "_lower", lowers)
        assign(self, "_upper", uppers)
        rational = [value for value in duals if isinstance(value, fmpq)]
        assign(self, "_dual", Vector.of(rational) if len(rational) == d else tuple(duals))
        assign(self, "names", labels)
        assign(self, "network", trained)
        assign(self, "source", Source.of(formats))
        assign(self, "resolution", sharp)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Problem is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Problem is immutable: cannot delete {name}")

    @cached_property
    def lower(self) -> tuple[Threshold, ...]:
        """c⁻, d Fractions or "inf": the dual stays at or above −c⁻."""
        return tuple(self._threshold_fraction(i, -1) for i in range(self.d))

    @cached_property
    def upper(self) -> tuple[Threshold, ...]:
        """c⁺, d Fractions or "inf": the dual stays at or below c⁺."""
        return tuple(self._threshold_fraction(i, 1) for i in range(self.d))

    @cached_property
    def dual(self) -> tuple[Fraction, ...]:
        """The initial dual s_0, d Fractions."""
        return self.dual_vector.fractions()

    @property
    def dual_vector(self) -> Vector:
        """s_0 over Q, for the engines; raises InvalidInput where it is not rational."""
        if isinstance(self._dual, Vector):
            return self._dual
        i = next(i for i, value in enumerate(self._dual) if isinstance(value, RootSum))
        raise self._not_rational("dual", i, self._dual[i])

    @property
    def initial_dual(self) -> Vector | tuple[Number, ...]:
        """s_0, for the engines that take square roots: over Q where it is rational."""
        return self._dual

    @property
    def is_standard(self) -> bool:
        """True in the paper's case: all thresholds 1 and initial dual 0."""
        return set(self._lower) | set(self._upper) == {fmpq(1)} and not any(
            value != 0 for value in self._dual
        )

    @cached_property
    def is_rational(self) -> bool:
        """False when a threshold or the initial dual is irrational."""
        return isinstance(self._dual, Vector) and not any(
            isinstance(c, RootSum) for c in (*self._lower, *self._upper)
        )

    def bound(self, i: int, side: int) -> Number | None:
        """c⁺_i for side = 1, c⁻_i for side = −1; None when infinite."""
        return self._upper[i] if side > 0 else self._lower[i]

    def threshold(self, i: int, side: int) -> fmpq | None:
        """``bound``, over Q; raises InvalidInput where it is not rational."""
        found = self.bound(i, side)
        if isinstance(found, RootSum):
            raise self._not_rational("upper" if side > 0 else "lower", i, found)
        return found

    def _not_rational(self, what: str, i: int, value: Number) -> InvalidInput:
        where = f"{what} of column {shorten(self.names[i])!r}"
        return InvalidInput(f"{where}: {brief(value)} is not rational; {ROOTS_TAKEN_BY}")

    def _threshold_fraction(self, i: int, side: int) -> Threshold:
        found = self.threshold(i, side)
        return "inf" if found is None else to_fraction(found)

    def replace(self, **fields: Any) -> Problem:
        """The same problem with some of X, y, lower, upper, dual, names, network, resolution given anew.

        Thresholds that were set by the scales of a network go with it.
        """
        formats: tuple[set[str], set[str]] = set(), set()
        design, target = (self._X, self.resolution.design), (self._y, self.resolution.target)
        if "X" in fields:
            design = read_matrix(fields.pop("X"), formats[0], self.names)
        if "y" in fields:
            target = read_target(fields.pop("y"), formats[1])
        old = {
            "lower": self.network.listed(self._lower, bare="network" in fields),
            "upper": self.network.listed(self._upper, bare="network" in fields),
            "dual": self._dual,
            "names": self.names,
            "network": self.network,
            "resolution": Resolution(design[1], target[1]),
        }
        changed = Problem(design[0], target[0], **{**old, **fields})
        source = self.source.with_(changed.source).with_(Source.of({*formats[0], *formats[1]}))
        object.__setattr__(changed, "source", source)
        return changed

    def with_network(self, network: Network | None) -> Problem:
        """The same data for another network; for the same one, or None, this problem itself.

        Without units of its own it gets those of this problem: its columns are divided as before.
        """
        if network is None:
            return self
        if network.units is None:
            network = network.with_units(self.network.units)
        return self if network == self.network else self.replace(network=network)

    # --- identity ---------------------------------------------------------------------------

    def _row_texts(self) -> Iterator[list[str]]:
        """The rows of X in ``content``, one after another."""
        return self._X.texts()

    def _other_texts(self) -> dict[str, list[str]]:
        """``content`` without X."""
        return {
            "y": self._y.texts(),
            "lower": ["inf" if c is None else number_text(c) for c in self._lower],
            "upper": ["inf" if c is None else number_text(c) for c in self._upper],
            "dual": [number_text(value) for value in self._dual],
        }

    def __eq__(self, other: object) -> bool:
        """Equal data, thresholds, initial dual and network; names and source do not matter."""
        return (
            isinstance(other, Problem)
            and self._X == other._X
            and self._y == other._y
            and (self._lower, self._upper) == (other._lower, other._upper)
            and tuple(self._dual) == tuple(other._dual)
            and self.network == other.network
        )

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        n, d = self.shape
        parts = [f"{n} × {d}"]
        if n * d <= 24:
            rows = ", ".join("[" + ", ".join(map(brief, row)) + "]" for row in self._X.rows())
            parts.append(f"X=[{rows}], y=[{', '.join(map(brief, self._y))}]")
        if self.names != read_names(None, d):
            parts.append(f"names={named_only(self.names, range(d))}")
        for label, values in (("lower", self._lower), ("upper", self._upper)):
            if set(values) != {fmpq(1)}:
                parts.append(f"{label}={listing(values)}")
        if any(value != 0 for value in self._dual):
            parts.append(f"dual={listing(list(self._dual))}")
        if self.network != Network():
            parts.append(str(self.network))
        if self.source != "exact":
            parts.append(f"source={self.source!r}")
        return f"Problem({', '.join(parts)}, digest {self.digest[:12]})"
