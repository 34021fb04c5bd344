"""Problems whose entries are real numbers given by expressions, √2 or π/4."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput, misfit, workprec
from exactsaddle.numbers import RootSum, shorten, to_text
from exactsaddle.problem.arrays import column_names, refuse_other_rows
from exactsaddle.problem.entries import (
    flat,
    is_expression,
    is_infinite,
    note_format,
    read_names,
)
from exactsaddle.problem.exact import Problem
from exactsaddle.problem.network import Network, two_layers
from exactsaddle.problem.resolution import Resolution
from exactsaddle.problem.rows import read_rows, read_scalars, read_vector
from exactsaddle.problem.sources import Source
from exactsaddle.problem.weights import (
    WEIGHTED,
    mean_shares,
    read_weights,
    root_times_rational,
    weighted_expressions,
)

if TYPE_CHECKING:
    import sympy

DECISION_BITS = 1 << 16
"""The precision at which a sign that is not proved zero is given up as undecided."""

_RATIONAL_VIEW = {"_X", "_y", "_lower", "_upper", "_dual"}


class RealProblem(Problem):
    """A problem whose X, y, thresholds and initial dual are real numbers known to any precision.

    Parameters are those of ``Problem``; a number may also be a SymPy expression or its text: "sqrt(2)/3",
    "pi/4", "exp(-1)" (see ``exactsaddle.numbers.expressions``). Each is enclosed rigorously at any precision.
    Rational data belong in ``Problem``, which is faster, and whose paths an independent program checks.

    Only ``saddle_path`` takes such a problem: what needs rational data raises InvalidInput.
    Raises InvalidInput, naming the entry, for what is not a finite real number.
    """

    entries: tuple[tuple[sympy.Expr, ...], ...]
    """X, n rows of d expressions."""
    targets: tuple[sympy.Expr, ...]
    """y."""
    bounds: dict[int, tuple[sympy.Expr | None, ...]]
    """c⁺ under 1 and c⁻ under −1, d expressions each; None where infinite."""
    resolution, network = Resolution(), Network()
    """Expressions are exact."""
    starts: tuple[sympy.Expr, ...]
    """s_0."""

    def __init__(
        self,
        X: Any,
        y: Any,
        lower: Any = 1,
        upper: Any = 1,
        dual: Any = 0,
        names: Iterable[str] | None = None,
        weights: Any = None,
    ) -> None:
        refuse_other_rows(X, y, "y")
        refuse_other_rows(X, weights, "weights")
        formats: set[str] = set()
        rows = read_rows(X, formats, _expression, names)
        n, d = len(rows), len(rows[0])
        target = read_vector(y, "y", formats, _expression)
        if len(target) != n:
            raise misfit("y", len(target), n, "row")
        if weights is not None:
            rows, target = weighted_expressions(rows, target, read_weights(weights, n, formats))
            formats.add(WEIGHTED)
        labels = read_names(column_names(X) if names is None else names, d)
        bounds = {
            side: tuple(read_scalars(value, what, labels, formats, _bound))
            for side, what, value in ((1, "upper", upper), (-1, "lower", lower))
        }
        starts = tuple(read_scalars(dual, "dual", labels, formats, _expression))
        for name, low, high, start in zip(labels, bounds[-1], bounds[1], starts, strict=True):
            _check_box(name, low, high, start)
        fields = {"entries": tuple(map(tuple, rows)), "targets": tuple(target), "bounds": bounds}
        fields |= {"starts": starts, "names": labels, "source": Source.of(formats)}
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    def __getattr__(self, name: str) -> Any:
        if name in _RATIONAL_VIEW:
            self._refuse()
        raise AttributeError(name)

    def _refuse(self) -> NoReturn:
        where, value = next(self._irrational(), ("a RealProblem", ""))
        what = f"{where}: {shorten(str(value))} is not rational" if value else where
        raise InvalidInput(f"{what}: real numbers are taken by saddle_path alone, rational ones by Problem")

    def _irrational(self) -> Iterator[tuple[str, sympy.Expr]]:
        names = [f"column {shorten(name)!r}" for name in self.names]
        tables = {f"X, row {i},": row for i, row in enumerate(self.entries)}
        tables |= {"lower of": self.bounds[-1], "upper of": self.bounds[1], "dual of": self.starts}
        places = [(f"{w} {c}", v) for w, values in tables.items() for c, v in zip(names, values, strict=True)]
        places += [(f"y, row {i}", v) for i, v in enumerate(self.targets)]
        return ((where, v) for where, v in places if v is not None and not v.is_Rational)

    @property
    def n(self) -> int:
        """Number of observations, the rows of X."""
        return len(self.entries)

    @property
    def d(self) -> int:
        """Number of features, the columns of X."""
        return len(self.entries[0])

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self.n, self.d

    @property
    def is_rational(self) -> bool:
        """False: nothing here relies on entries being rational, even where they are."""
        return False

    @property
    def is_standard(self) -> bool:
        """True in the paper's case: all thresholds 1 and initial dual 0."""
        return {*self.bounds[1], *self.bounds[-1]} == {1} and not any(self.starts)

    def expressions(self) -> Iterator[sympy.Expr]:
        """Every number of the problem."""
        for row in self.entries:
            yield from row
        yield from self.targets
        yield from (c for side in (1, -1) for c in self.bounds[side] if c is not None)
        yield from self.starts

    def with_rational_gram(self) -> Problem | None:
        """The same problem over Q where every row is √w times a rational one, w rational; else None.

        Its Gram matrix, correlation and loss are rational then, those of rational rows with weights w.
        """
        rows, weights = [], []
        for row in ([*x, y] for x, y in zip(self.entries, self.targets, strict=True)):
            found = root_times_rational(row)
            if found is None:
                return None
            weights.append(found[0])
            rows.append(found[1])
        fields = {**self.to_json(), "X": [row[:-1] for row in rows], "y": [row[-1] for row in rows]}
        thresholds = (fields[key] for key in ("lower", "upper", "dual"))
        if any(is_expression(value, roots=True) for values in thresholds for value in values):
            return None
        return Problem(**fields, weights=weights if any(w != 1 for w in weights) else None)

    def centered(self, weights: Any = None) -> RealProblem:
        """The same problem with the (weighted) mean subtracted, symbolically: see ``Problem.centered``."""
        if WEIGHTED in self.source:
            raise InvalidInput("the rows are weighted already: centre before the weights are given")
        from sympy import Rational

        shares = [Rational(to_text(share)) for share in mean_shares(weights, self.n)]
        columns = (*zip(*self.entries, strict=True), self.targets)
        *means, mean = (sum(p * x for p, x in zip(shares, column, strict=True)) for column in columns)
        rows = [[x - m for x, m in zip(row, means, strict=True)] for row in self.entries]
        return self.replace(X=rows, y=[value - mean for value in self.targets])

    def standardized(self) -> RealProblem:
        """The problem with unit-norm columns, as thresholds on X itself: see ``Problem.standardized``."""
        if WEIGHTED in self.source:
            raise InvalidInput(
                "the rows are weighted already: their norms are not those of the columns given"
            )
        import sympy

        squares = [sympy.Add(*(x**2 for x in column)) for column in zip(*self.entries, strict=True)]
        norms = [sympy.sqrt(s) if sign_of(s, f"‖X_{j}‖") else sympy.Integer(1) for j, s in enumerate(squares)]
        return self.replace(
            lower=["inf" if c is None else c * norm for c, norm in zip(self.bounds[-1], norms, strict=True)],
            upper=["inf" if c is None else c * norm for c, norm in zip(self.bounds[1], norms, strict=True)],
            dual=[s * norm for s, norm in zip(self.starts, norms, strict=True)],
        )

    def replace(self, **fields: Any) -> RealProblem:
        """The same problem with some of X, y, lower, upper, dual, names given anew."""
        old = {
            "X": self.entries,
            "y": self.targets,
            "lower": ["inf" if c is None else c for c in self.bounds[-1]],
            "upper": ["inf" if c is None else c for c in self.bounds[1]],
            "dual": self.starts,
            "names": self.names,
        }
        changed = RealProblem(**{**old, **fields})
        object.__setattr__(changed, "source", self.source.with_(changed.source))
        return changed

    def _row_texts(self) -> Iterator[list[str]]:
        return (list(map(_text, row)) for row in self.entries)

    def _other_texts(self) -> dict[str, list[str]]:
        return {
            "y": list(map(_text, self.targets)),
            "lower": ["inf" if c is None else _text(c) for c in self.bounds[-1]],
            "upper": ["inf" if c is None else _text(c) for c in self.bounds[1]],
            "dual": list(map(_text, self.starts)),
        }

    def __eq__(self, other: object) -> bool:
        """Equal expressions, as SymPy writes them; names do not matter."""
        return isinstance(other, RealProblem) and self.content() == other.content()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        fields = {key: json.dumps(value) for key, value in self.content().items()}
        shown = ", ".join(f"{key}={shorten(text, 200)}" for key, text in fields.items())
        return f"RealProblem({self.n} × {self.d}, {shown}, digest {self.digest[:12]})"


def problem_of(fields: dict[str, Any]) -> Problem:
    """The Problem with these fields where every number is one it takes, else the RealProblem."""
    values = [v for key in ("X", "y") for v in flat(fields.get(key))]
    roots = [v for key in ("lower", "upper", "dual") for v in flat(fields.get(key))]
    if any(map(is_expression, values)) or any(is_expression(v, roots=True) for v in roots):
        real = RealProblem.from_json({k: v for k, v in two_layers(fields).items() if k != "resolution"})
        return real.with_rational_gram() or real
    return Problem.from_json(fields)


def sign_of(expression: sympy.Expr, about: str) -> int:
    """−1, 0 or 1: by balls of rising precision, or zero by algebra; raises Inconclusive at DECISION_BITS."""
    from exactsaddle.numbers.expressions import enclose_expression
    from exactsaddle.numbers.number_field import ExactField, is_zero

    bits, tried = 64, False
    while bits <= DECISION_BITS:
        with workprec(bits):
            value: arb = enclose_expression(expression)
        if value > 0 or value < 0:
            return 1 if value > 0 else -1
        if value.is_zero():
            return 0
        if not tried and is_zero(ExactField([expression]).element(expression)):
            return 0
        bits, tried = 2 * bits, True
    raise Inconclusive(f"{about}: the sign of {shorten(str(expression))} is not decided at {bits // 2} bits")


def _expression(value: Any, where: str, formats: set[str]) -> sympy.Expr:
    from exactsaddle.numbers.expressions import is_finite_real, to_expression

    if isinstance(value, RootSum):
        raise InvalidInput(f"{where}: a number of the engines; give its expression")
    try:
        found = to_expression(value)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None
    note_format(value, formats)
    if not is_finite_real(found):
        raise InvalidInput(f"{where}: {shorten(str(found))} is not proved to be a finite real number")
    return found


def _bound(value: Any, where: str, formats: set[str]) -> sympy.Expr | None:
    if is_infinite(value):
        return None
    found = _expression(value, where, formats)
    if sign_of(found, where) <= 0:
        raise InvalidInput(f"{where}: a threshold must be positive, not {shorten(str(found))}")
    return found


def _check_box(name: str, lower: sympy.Expr | None, upper: sympy.Expr | None, dual: sympy.Expr) -> None:
    what = f"column {shorten(name)!r}"
    if lower is None and upper is None:
        raise InvalidInput(f"{what}: at most one of its two thresholds may be infinite")
    for bound, side in ((lower, -1), (upper, 1)):
        if bound is not None and sign_of(bound - side * dual, f"dual of {what}") < 0:
            raise InvalidInput(f"dual of {what}: {shorten(str(dual))} is outside its box")


def _text(value: sympy.Expr) -> str:
    from exactsaddle.numbers.expressions import rational_value

    rational = rational_value(value)
    return str(value) if rational is None else to_text(rational)
