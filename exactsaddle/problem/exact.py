"""The problem: data over Q, thresholds and initial dual over Q or square roots, and the loss they define."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from flint import fmpq

from exactsaddle.base import InvalidInput, write_atomically
from exactsaddle.doors import ProblemDoors
from exactsaddle.numbers import (
    Matrix,
    NormalEquations,
    Number,
    RootSum,
    Vector,
    brief,
    is_binary_float,
    number_text,
    parse_rational,
    parse_root,
    shorten,
    square_root,
    to_fraction,
    to_rational,
    to_text,
)

Threshold = Fraction | Literal["inf"]

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any, str, set[str]], T]

ROOTS_TAKEN_BY = (
    "irrational thresholds are taken by saddle_path (with arithmetic auto or ball) and its outline alone"
)


class Problem(ProblemDoors):
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
        Thresholds and dual may also be square roots of rationals, "sqrt(2)" or SymPy's; any other real
        number, and irrational entries of X and y, need ``RealProblem``.
    names : d strings, optional
        Feature names; default x0, x1, …

    Raises InvalidInput, naming the entry, when anything is not as above.
    Source: MATH.md §1–2 (Pesme & Flammarion 2023).
    """

    _X: Matrix
    _y: Vector
    _lower: tuple[Number | None, ...]
    _upper: tuple[Number | None, ...]
    _dual: Vector | tuple[Number, ...]
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
        rows = read_rows(X, formats, _number)
        n, d = len(rows), len(rows[0])
        target = read_vector(y, "y", formats, _number)
        if len(target) != n:
            raise InvalidInput(f"y has {len(target)} entries but X has {n} rows")
        lowers = tuple(read_scalars(lower, "lower", d, formats, _threshold))
        uppers = tuple(read_scalars(upper, "upper", d, formats, _threshold))
        duals = read_scalars(dual, "dual", d, formats, _root_or_number)
        for i, (below, above, value) in enumerate(zip(lowers, uppers, duals, strict=True)):
            _check_box(i, below, above, value)
        assign = object.__setattr__
        assign(self, "_X", Matrix(rows))
        assign(self, "_y", Vector.of(target))
        assign(self, "_lower", lowers)
        assign(self, "_upper", uppers)
        rational = [value for value in duals if isinstance(value, fmpq)]
        assign(self, "_dual", Vector.of(rational) if len(rational) == d else tuple(duals))
        assign(self, "names", read_names(names, d))
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
        raise InvalidInput(f"dual[{i}] = {brief(self._dual[i])} is not rational; {ROOTS_TAKEN_BY}")

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

    @property
    def is_rational(self) -> bool:
        """False when a threshold or the initial dual is irrational."""
        return not any(isinstance(c, RootSum) for c in (*self._lower, *self._upper, *self._dual))

    def bound(self, i: int, side: int) -> Number | None:
        """c⁺_i for side = 1, c⁻_i for side = −1; None when infinite."""
        return self._upper[i] if side > 0 else self._lower[i]

    def threshold(self, i: int, side: int) -> fmpq | None:
        """``bound``, over Q; raises InvalidInput where it is not rational."""
        found = self.bound(i, side)
        if isinstance(found, RootSum):
            field = "upper" if side > 0 else "lower"
            raise InvalidInput(f"{field}[{i}] = {brief(found)} is not rational; {ROOTS_TAKEN_BY}")
        return found

    def _threshold_fraction(self, i: int, side: int) -> Threshold:
        found = self.threshold(i, side)
        return "inf" if found is None else to_fraction(found)

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

    def standardized(self) -> Problem:
        """The problem whose columns are X_j/‖X_j‖₂, by an equivalent one on X itself.

        Thresholds and s_0 as given are those of the unit-norm columns. Dividing column j by ‖X_j‖ while
        multiplying its thresholds and s_0,j by ‖X_j‖ leaves every jump time and Xβ as they are (MATH.md §3),
        so the result keeps X and y and takes the norms into thresholds and dual, as square roots of
        rationals. Its β is in the units of X; the coefficients of the unit-norm columns are β_j·‖X_j‖, and
        their duals s_j/‖X_j‖. Zero columns, which never move, stay as they are. Means are not subtracted:
        see ``centered``. Columns with ‖X_j‖₂² = n instead (unit variance) give the same saddles, at t/√n.

        Raises InvalidInput when thresholds or s_0 are irrational already.
        """
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
        return self.replace(**scaled)

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
        return Vector.of(read_scalars(list(beta), "beta", self.d, set(), _number))

    # --- identity ---------------------------------------------------------------------------

    def content(self) -> dict[str, Any]:
        """The canonical content as JSON types: "p/q", "sqrt(p/q)" for roots, infinite thresholds as "inf"."""
        return {
            "X": [[to_text(value) for value in row] for row in self._X.rows()],
            "y": [to_text(value) for value in self._y],
            "lower": ["inf" if c is None else number_text(c) for c in self._lower],
            "upper": ["inf" if c is None else number_text(c) for c in self._upper],
            "dual": [number_text(value) for value in self._dual],
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
            and tuple(self._dual) == tuple(other._dual)
        )

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        n, d = self.shape
        parts = [f"{n} × {d}"]
        if n * d <= 24:
            rows = ", ".join("[" + ", ".join(map(brief, row)) + "]" for row in self._X.rows())
            parts.append(f"X=[{rows}], y=[{', '.join(map(brief, self._y))}]")
        for label, values in (("lower", self._lower), ("upper", self._upper)):
            if set(values) != {fmpq(1)}:
                parts.append(f"{label}={_listing(values)}")
        if any(value != 0 for value in self._dual):
            parts.append(f"dual={_listing(list(self._dual))}")
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
        hint = "; RealProblem takes real numbers such as sqrt(2) or pi/4" if is_expression(value) else ""
        raise InvalidInput(f"{where}: {error}{hint}") from None
    note_format(value, formats)
    return exact


def note_format(value: Any, formats: set[str]) -> None:
    """Record the binary format of a float that is taken at face value."""
    if is_binary_float(value):
        formats.add("binary64" if isinstance(value, float) else _format_of(value))


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


def _root_or_number(value: Any, where: str, formats: set[str]) -> Number:
    """A rational, or a square root of one: "sqrt(p/q)", or SymPy's."""
    if isinstance(value, RootSum):
        rational = value.rational()
        return value if rational is None else rational
    root = parse_root(value) if isinstance(value, str) else None
    if root is None and hasattr(value, "free_symbols") and getattr(value**2, "is_Rational", False):
        root = square_root(to_rational(value**2)) if value != 0 else fmpq(0)
        root = -root if value.is_negative else root
    return _number(value, where, formats) if root is None else root


def _format_of(value: Any) -> str:
    bits = getattr(getattr(value, "dtype", None), "itemsize", 8) * 8
    return f"binary{bits}" if bits <= 64 else f"{type(value).__name__}"


def read_rows(X: Any, formats: set[str], read: Reader[T]) -> list[list[T]]:
    """The rows of a matrix of any kind, each entry as ``read`` makes it; raises InvalidInput."""
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
        [read(value, f"X[{i}][{j}]", formats) for j, value in enumerate(row)] for i, row in enumerate(rows)
    ]


def read_vector(values: Any, what: str, formats: set[str], read: Reader[T]) -> list[T]:
    """The entries of a vector of any kind, each as ``read`` makes it; raises InvalidInput."""
    if getattr(values, "ndim", 1) != 1:
        raise InvalidInput(f"{what} must have one dimension, not {values.ndim}")
    return [read(v, f"{what}[{i}]", formats) for i, v in enumerate(_sequence(values, what))]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or not isinstance(value, Iterable)


def read_scalars(value: Any, what: str, d: int, formats: set[str], read: Reader[T]) -> list[T]:
    """d numbers, from one for all or d of them, each as ``read`` makes it; raises InvalidInput."""
    if _is_scalar(value):
        return [read(value, what, formats)] * d
    values = read_vector(value, what, formats, read)
    if len(values) != d:
        raise InvalidInput(f"{what} has {len(values)} entries but X has {d} columns")
    return values


def is_infinite(value: Any) -> bool:
    """Whether it says that there is no threshold."""
    if isinstance(value, str):
        return value.strip().lower() in ("inf", "+inf", "infinity")
    return is_binary_float(value) and bool(value == math.inf)


def _threshold(value: Any, where: str, formats: set[str]) -> Number | None:
    if is_infinite(value):
        return None
    exact = _root_or_number(value, where, formats)
    if exact <= 0:
        raise InvalidInput(f"{where}: a threshold must be positive, not {brief(exact)}")
    return exact


def _check_box(i: int, lower: Number | None, upper: Number | None, dual: Number) -> None:
    if lower is None and upper is None:
        raise InvalidInput(f"coordinate {i}: at most one of its two thresholds may be infinite")
    if (lower is not None and dual < -lower) or (upper is not None and dual > upper):
        low = "-inf" if lower is None else brief(-lower)
        high = "inf" if upper is None else brief(upper)
        raise InvalidInput(f"dual[{i}] = {brief(dual)} is outside its box [{low}, {high}]")


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
        raise InvalidInput(f"names has {len(found)} entries but X has {d} columns")
    repeated = next((name for i, name in enumerate(found) if name in found[:i]), None)
    if repeated is not None:
        raise InvalidInput(f"the name {shorten(repeated)!r} is used for two columns")
    return found


def _listing(values: Sequence[Number | None]) -> str:
    texts = ["inf" if value is None else brief(value) for value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return "[" + ", ".join(texts if len(texts) <= 8 else [*texts[:7], "..."]) + "]"
