"""The problem: data, thresholds and initial dual over Q, and the loss they define."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from flint import fmpq

from exactsaddle.errors import InvalidInput
from exactsaddle.files import write_atomically
from exactsaddle.linalg import Matrix, NormalEquations, Vector
from exactsaddle.rational import is_binary_float, shorten, to_decimal, to_fraction, to_rational, to_text

Threshold = Fraction | Literal["inf"]


class Problem:
    """Least squares data with the thresholds and initial dual of Algorithm 1, exact and immutable.

    Minimise L(β) = ‖y − Xβ‖²/(2n) by gradient flow on β = u ⊙ v from scale α → 0.

    Parameters
    ----------
    X : (n, d) array or n rows of d numbers
        Numbers are int, Fraction, Decimal, strings ("3/10", "0.1", "1e-5", all exact), NumPy
        numbers, SymPy rationals, or binary floats, taken at their exact dyadic value.
    y : (n,) array or sequence
    lower, upper : number, "inf", or d of them; default 1
        Magnitudes c⁻, c⁺ > 0 of the thresholds: s_i ∈ [−c⁻_i, c⁺_i]. At most one of a pair is infinite.
    dual : number or d of them; default 0
        The initial dual s_0, inside the box (on its boundary allowed).
    names : d strings, optional
        Feature names; default x0, x1, …

    Raises InvalidInput, naming the entry, when anything is not as above.
    Source: MATH.md §1–2 (Pesme & Flammarion 2023).
    """

    _X: Matrix
    _y: Vector
    _lower: tuple[fmpq | None, ...]
    _upper: tuple[fmpq | None, ...]
    dual_vector: Vector
    names: tuple[str, ...]
    source: str
    """``"exact"``, or the binary format (``"binary64"``) of floats that were taken at face value."""

    def __init__(
        self,
        X: Any,
        y: Any,
        lower: Any = 1,
        upper: Any = 1,
        dual: Any = 0,
        names: Iterable[str] | None = None,
    ) -> None:
        formats: set[str] = set()
        rows = _rows(X, formats)
        n, d = len(rows), len(rows[0])
        target = _vector(y, "y", formats)
        if len(target) != n:
            raise InvalidInput(f"y has {len(target)} entries but X has {n} rows")
        lowers = _thresholds(lower, "lower", d, formats)
        uppers = _thresholds(upper, "upper", d, formats)
        duals = _spread(dual, "dual", d, formats)
        for i, (below, above, value) in enumerate(zip(lowers, uppers, duals, strict=True)):
            _check_box(i, below, above, value)
        assign = object.__setattr__
        assign(self, "_X", Matrix(rows))
        assign(self, "_y", Vector.of(target))
        assign(self, "_lower", lowers)
        assign(self, "_upper", uppers)
        assign(self, "dual_vector", Vector.of(duals))
        assign(self, "names", _names(names, d))
        assign(self, "source", "+".join(sorted(formats)) or "exact")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Problem is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Problem is immutable: cannot delete {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.to_json(), self.source)

    # --- data -------------------------------------------------------------------------------

    @property
    def n(self) -> int:
        """Number of observations, the rows of X."""
        return self._X.shape[0]

    @property
    def d(self) -> int:
        """Number of features, the columns of X."""
        return self._X.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self._X.shape

    @property
    def design_matrix(self) -> Matrix:
        """X, for the engines."""
        return self._X

    @property
    def target_vector(self) -> Vector:
        """y, for the engines."""
        return self._y

    @cached_property
    def X(self) -> tuple[tuple[Fraction, ...], ...]:
        """The design, n rows of d Fractions."""
        return tuple(tuple(to_fraction(value) for value in row) for row in self._X.rows())

    @cached_property
    def y(self) -> tuple[Fraction, ...]:
        """The target, n Fractions."""
        return self._y.fractions()

    @cached_property
    def lower(self) -> tuple[Threshold, ...]:
        """c⁻, d Fractions or "inf": the dual stays at or above −c⁻."""
        return tuple("inf" if c is None else to_fraction(c) for c in self._lower)

    @cached_property
    def upper(self) -> tuple[Threshold, ...]:
        """c⁺, d Fractions or "inf": the dual stays at or below c⁺."""
        return tuple("inf" if c is None else to_fraction(c) for c in self._upper)

    @cached_property
    def dual(self) -> tuple[Fraction, ...]:
        """The initial dual s_0, d Fractions."""
        return self.dual_vector.fractions()

    @property
    def is_standard(self) -> bool:
        """True in the paper's case: all thresholds 1 and initial dual 0."""
        return set(self._lower) | set(self._upper) == {fmpq(1)} and not self.dual_vector.support

    def threshold(self, i: int, side: int) -> fmpq | None:
        """c⁺_i for side = 1, c⁻_i for side = −1; None when infinite."""
        return self._upper[i] if side > 0 else self._lower[i]

    def replace(self, **fields: Any) -> Problem:
        """The same problem with some of X, y, lower, upper, dual, names given anew."""
        changed = Problem(**{**self.to_json(), **fields})
        return _with_source(changed, "+".join(sorted({self.source, changed.source} - {"exact"})) or "exact")

    def centered(self) -> Problem:
        """The same problem with the exact mean subtracted from y and from every column of X."""
        ones = Vector.of([fmpq(1, self.n)] * self.n)
        means = self._X.transpose_times(ones)
        mean = self._y.dot(ones)
        rows = [[x - m for x, m in zip(row, means, strict=True)] for row in self._X.rows()]
        return self.replace(X=rows, y=[value - mean for value in self._y])

    # --- the loss ---------------------------------------------------------------------------

    @cached_property
    def normal_equations(self) -> NormalEquations:
        """G and r as integers: the engine's view of the data."""
        return NormalEquations(self._X, self._y)

    @cached_property
    def gram(self) -> tuple[tuple[Fraction, ...], ...]:
        """G = XᵀX/n, d rows of d Fractions."""
        return tuple(self.normal_equations.gram_column(j).fractions() for j in range(self.d))

    @cached_property
    def correlation(self) -> tuple[Fraction, ...]:
        """r = Xᵀy/n, d Fractions."""
        return self.normal_equations.correlation.fractions()

    def loss(self, beta: Iterable[Any]) -> Fraction:
        """L(β) = ‖y − Xβ‖²/(2n) at β, d numbers."""
        return to_fraction(self.loss_at(self._point(beta)))

    def gradient(self, beta: Iterable[Any]) -> tuple[Fraction, ...]:
        """∇L(β) = Gβ − r at β, d numbers; d Fractions."""
        return self.normal_equations.gradient(self._point(beta)).fractions()

    def fitted(self, beta: Iterable[Any]) -> tuple[Fraction, ...]:
        """Xβ at β, d numbers; n Fractions."""
        return self._X.times(self._point(beta)).fractions()

    def loss_at(self, beta: Vector) -> fmpq:
        """L(β) for a vector of the engine."""
        residual = self._y - self._X.times(beta)
        return residual.dot(residual) / (2 * self.n)

    def column(self, j: int) -> Vector:
        """Column j of X, (n,), for the engine."""
        return self._X.column(j)

    def fitted_at(self, beta: Vector) -> Vector:
        """Xβ, (n,), for a vector of the engine."""
        return self._X.times(beta)

    def _point(self, beta: Iterable[Any]) -> Vector:
        return Vector.of(_spread(list(beta), "beta", self.d, set()))

    # --- identity ---------------------------------------------------------------------------

    def content(self) -> dict[str, Any]:
        """The canonical content as JSON types: rationals as "p/q", infinite thresholds as "inf"."""
        return {
            "X": [[to_text(value) for value in row] for row in self._X.rows()],
            "y": [to_text(value) for value in self._y],
            "lower": ["inf" if c is None else to_text(c) for c in self._lower],
            "upper": ["inf" if c is None else to_text(c) for c in self._upper],
            "dual": [to_text(value) for value in self.dual_vector],
        }

    def to_json(self) -> dict[str, Any]:
        """``content`` with the feature names: what ``save`` writes and ``from_json`` reads."""
        return {**self.content(), "names": list(self.names)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Problem:
        """The problem of a document with "X" and "y", and maybe "lower", "upper", "dual", "names"."""
        known = {"X", "y", "lower", "upper", "dual", "names"}
        missing = [key for key in ("X", "y") if key not in document]
        unknown = sorted(set(document) - known)
        if missing:
            raise InvalidInput(f"a problem needs {missing[0]!r}; found {sorted(document)}")
        if unknown:
            raise InvalidInput(f"{shorten(unknown[0])!r} is not a field of a problem: {sorted(known)}")
        return cls(**document)

    def save(self, path: str | Path) -> None:
        """Write the problem as JSON; an existing file is replaced once the new one is complete."""
        write_atomically(path, dump_problem(self.to_json()) + "\n")

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the canonical content: compact JSON with sorted keys."""
        canonical = json.dumps(self.content(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def __eq__(self, other: object) -> bool:
        """Equal data, thresholds and initial dual; names and source do not matter."""
        return (
            isinstance(other, Problem)
            and self._X == other._X
            and self._y == other._y
            and (self._lower, self._upper) == (other._lower, other._upper)
            and self.dual_vector == other.dual_vector
        )

    def __hash__(self) -> int:
        return hash(self.digest)

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import problem_html

        return problem_html(self)

    def __repr__(self) -> str:
        n, d = self.shape
        parts = [f"{n} × {d}"]
        if n * d <= 24:
            rows = ", ".join("[" + ", ".join(map(_short, row)) + "]" for row in self._X.rows())
            parts.append(f"X=[{rows}], y=[{', '.join(map(_short, self._y))}]")
        for label, values in (("lower", self._lower), ("upper", self._upper)):
            if set(values) != {fmpq(1)}:
                parts.append(f"{label}={_listing(values)}")
        if self.dual_vector.support:
            parts.append(f"dual={_listing(list(self.dual_vector))}")
        if self.source != "exact":
            parts.append(f"source={self.source!r}")
        return f"Problem({', '.join(parts)}, digest {self.digest[:12]})"


def dump_problem(document: dict[str, Any], indent: str = "") -> str:
    """A problem's JSON with one row of X to a line: compact, and readable in a diff."""
    lines = []
    for key, value in document.items():
        if key == "X":
            rows = f",\n{indent}  ".join(json.dumps(row) for row in value)
            text = f"[\n{indent}  {rows}\n{indent} ]"
        else:
            text = json.dumps(value)
        lines.append(f'{indent} "{key}": {text}')
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _rebuild(document: dict[str, Any], source: str) -> Problem:
    return _with_source(Problem.from_json(document), source)


def _with_source(problem: Problem, source: str) -> Problem:
    object.__setattr__(problem, "source", source)
    return problem


def _sequence(value: Any, what: str) -> list[Any]:
    """A list of the items of an array, a data frame column or any iterable that is not text."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        raise InvalidInput(f"{what} must be a sequence of numbers, not {shorten(repr(value))}")
    if hasattr(value, "ndim") and value.ndim == 0:
        raise InvalidInput(f"{what} must be a sequence of numbers, not a scalar array")
    return list(value)


def _number(value: Any, where: str, formats: set[str]) -> fmpq:
    try:
        exact = to_rational(value)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None
    if is_binary_float(value):
        formats.add("binary64" if isinstance(value, float) else _format_of(value))
    return exact


def _format_of(value: Any) -> str:
    bits = getattr(getattr(value, "dtype", None), "itemsize", 8) * 8
    return f"binary{bits}" if bits <= 64 else f"{type(value).__name__}"


def _rows(X: Any, formats: set[str]) -> list[list[fmpq]]:
    if hasattr(X, "to_numpy"):  # a data frame iterates over its column names
        X = X.to_numpy()
    if getattr(X, "ndim", 2) != 2:
        raise InvalidInput(f"X must have two dimensions, not {X.ndim}")
    rows = [_sequence(row, f"X[{i}]") for i, row in enumerate(_sequence(X, "X"))]
    if not rows:
        raise InvalidInput("X has no rows")
    width = len(rows[0])
    if width == 0:
        raise InvalidInput("X has no columns")
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InvalidInput(f"X[{i}] has {len(row)} entries but X[0] has {width}")
    return [
        [_number(value, f"X[{i}][{j}]", formats) for j, value in enumerate(row)] for i, row in enumerate(rows)
    ]


def _vector(values: Any, what: str, formats: set[str]) -> list[fmpq]:
    if getattr(values, "ndim", 1) != 1:
        raise InvalidInput(f"{what} must have one dimension, not {values.ndim}")
    return [_number(v, f"{what}[{i}]", formats) for i, v in enumerate(_sequence(values, what))]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or not isinstance(value, Iterable)


def _spread(value: Any, what: str, d: int, formats: set[str]) -> list[fmpq]:
    if _is_scalar(value):
        return [_number(value, what, formats)] * d
    values = _vector(value, what, formats)
    if len(values) != d:
        raise InvalidInput(f"{what} has {len(values)} entries but X has {d} columns")
    return values


def _thresholds(value: Any, what: str, d: int, formats: set[str]) -> tuple[fmpq | None, ...]:
    values: Iterator[tuple[str, Any]]
    if _is_scalar(value):
        values = iter([(what, value)] * d)
    else:
        items = _sequence(value, what)
        if len(items) != d:
            raise InvalidInput(f"{what} has {len(items)} entries but X has {d} columns")
        values = ((f"{what}[{i}]", item) for i, item in enumerate(items))
    return tuple(_threshold(item, where, formats) for where, item in values)


def _threshold(value: Any, where: str, formats: set[str]) -> fmpq | None:
    if isinstance(value, str) and value.strip().lower() in ("inf", "+inf", "infinity"):
        return None
    if is_binary_float(value) and value == math.inf:
        return None
    exact = _number(value, where, formats)
    if exact <= 0:
        raise InvalidInput(f"{where}: a threshold must be positive, not {_short(exact)}")
    return exact


def _check_box(i: int, lower: fmpq | None, upper: fmpq | None, dual: fmpq) -> None:
    if lower is None and upper is None:
        raise InvalidInput(f"coordinate {i}: at most one of its two thresholds may be infinite")
    if (lower is not None and dual < -lower) or (upper is not None and dual > upper):
        low = "-inf" if lower is None else _short(-lower)
        high = "inf" if upper is None else _short(upper)
        raise InvalidInput(f"dual[{i}] = {_short(dual)} is outside its box [{low}, {high}]")


def _names(names: Iterable[str] | None, d: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"x{i}" for i in range(d))
    if isinstance(names, str):
        raise InvalidInput("names must be a sequence of strings, not one string")
    found = tuple(str(name) for name in names)
    if len(found) != d:
        raise InvalidInput(f"names has {len(found)} entries but X has {d} columns")
    repeated = next((name for i, name in enumerate(found) if name in found[:i]), None)
    if repeated is not None:
        raise InvalidInput(f"the name {shorten(repeated)!r} is used for two columns")
    return found


def _short(value: fmpq) -> str:
    text = to_text(value)
    return text if len(text) <= 12 else to_decimal(value, 6)


def _listing(values: Sequence[fmpq | None]) -> str:
    texts = ["inf" if value is None else _short(value) for value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return "[" + ", ".join(texts if len(texts) <= 8 else [*texts[:7], "..."]) + "]"
