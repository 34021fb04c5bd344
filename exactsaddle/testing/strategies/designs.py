"""Families of data that are plain to see: shapes, ranks, scales, orthogonality, thresholds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from exactsaddle.path import saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.arithmetic import rank
from exactsaddle.testing.strategies.building import (
    Data,
    Drawer,
    columns_of,
    disguise,
    inner,
    nonzero,
    positive,
)
from exactsaddle.testing.strategies.family import Families

DESIGNS = Families()

VAST = 10**12
HUGE = 10**30


def _entries(problem: Problem) -> list[Fraction]:
    return [value for row in (*problem.X, problem.y) for value in row if value]


def _is_orthogonal(problem: Problem) -> bool:
    return not any(value for i, row in enumerate(problem.gram) for j, value in enumerate(row) if i != j)


@DESIGNS.declare(
    "integers",
    "integer grids: ties and coincidences of every kind by accident",
    lambda problem: problem.is_standard and all(value.denominator == 1 for value in _entries(problem)),
)
@st.composite
def _integers(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    entries = st.integers(-5, 5) if draw(st.booleans()) else st.integers(-1, 1)
    return Problem(drawer.grid(n, d, entries), drawer.vector(n, entries))


@DESIGNS.declare("single-row", "n = 1: every column is a multiple of every other", lambda p: p.n == 1)
@st.composite
def _single_row(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, 1, max_d)
    return Problem(drawer.grid(*drawer.shape()), drawer.vector(1))


@DESIGNS.declare("single-column", "d = 1: one jump at most, in closed form", lambda p: p.d == 1)
@st.composite
def _single_column(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, 1)
    n, _ = drawer.shape()
    return Problem(drawer.grid(n, 1), drawer.vector(n))


@DESIGNS.declare(
    "underdetermined", "n < d: interpolation, many minimisers of L", lambda p: p.n < p.d, least=(1, 2)
)
@st.composite
def _underdetermined(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n = draw(positive(min(max_n, max_d - 1)))
    d = draw(st.integers(n + 1, max_d))
    return Problem(drawer.grid(n, d), drawer.vector(n))


@DESIGNS.declare("overdetermined", "n > d: a residual remains at the end", lambda p: p.n > p.d, least=(2, 1))
@st.composite
def _overdetermined(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    d = draw(positive(min(max_d, max_n - 1)))
    n = draw(st.integers(d + 1, max_n))
    return Problem(drawer.grid(n, d), drawer.vector(n))


@DESIGNS.declare(
    "rank-deficient",
    "X = AB with an inner dimension below min(n, d)",
    lambda problem: rank(problem.X) < min(problem.shape),
    least=(2, 2),
)
@st.composite
def _rank_deficient(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(2, 2)
    r = draw(positive(min(n, d) - 1))
    A = drawer.grid(n, r)
    B = [drawer.vector(min(r, max_n)) for _ in range(max_d)][:d]  # its columns
    return Problem([[inner(row, column) for column in B] for row in A], drawer.vector(n))


@DESIGNS.declare("zero-target", "y = 0: nothing ever moves", lambda problem: not any(problem.y))
@st.composite
def _zero_target(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    return Problem(drawer.grid(n, d), [0] * n)


@DESIGNS.declare(
    "orthogonal-target",
    "y ≠ 0 but Xᵀy = 0: the data say nothing, and the path is one saddle",
    lambda problem: any(problem.y) and not any(problem.correlation),
)
@st.composite
def _orthogonal_target(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    y = drawer.vector(n)
    pivot = draw(st.integers(0, n - 1))
    y[pivot] = draw(nonzero())
    columns = []
    for column in drawer.columns(n, d):
        column[pivot] = 0
        along = inner(column, y)
        columns.append([-along if i == pivot else y[pivot] * value for i, value in enumerate(column)])
    return Problem(columns_of(columns), y)


@DESIGNS.declare(
    "planted",
    "y = Xβ* without noise, β* sparse: the path ends by interpolating",
    lambda problem: saddle_path(problem)[-1].loss == 0,
)
@st.composite
def _planted(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    X = drawer.grid(n, d)
    most = min(max_n, max_d)
    size = draw(positive(most))
    entries = [(draw(st.integers(0, max_d - 1)) % d, draw(nonzero(3))) for _ in range(most)]
    beta = [0] * d
    for i, value in entries[: min(size, n, d)]:
        beta[i] = value
    return Problem(X, [inner(row, beta) for row in X])


@DESIGNS.declare(
    "extreme-scales",
    "columns and target of sizes from 10⁻⁶⁰ to 10⁶⁰, at least one beyond 10^±12",
    lambda problem: any(not Fraction(1, VAST) < abs(value) < VAST for value in _entries(problem)),
)
@st.composite
def _extreme_scales(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    columns = [*drawer.columns(n, d), drawer.vector(n)]
    scales = [Fraction(10) ** draw(st.integers(-60, 60)) for _ in range(max_d + 1)]
    j = draw(st.integers(0, d))
    columns[j] = drawer.nonzero_vector(n)
    away = Fraction(10) ** draw(st.integers(13, 60))
    scales[j] = 1 / away if draw(st.booleans()) else away
    scaled = [[scale * value for value in column] for scale, column in zip(scales, columns, strict=False)]
    return Problem(list(zip(*scaled[:d], strict=True)), scaled[d])


@DESIGNS.declare(
    "huge-denominators",
    "rationals whose denominators pass 10³⁰: nothing fits a machine word",
    lambda problem: any(value.denominator >= HUGE for value in _entries(problem)),
)
@st.composite
def _huge_denominators(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()

    tail = st.integers(0, 10**6)

    def fractions(wholes: list[int]) -> list[Fraction]:  # m + 1/q is in lowest terms over q
        return [m + Fraction(1, HUGE + k) for m, k in zip(wholes, drawer.vector(n, tail), strict=True)]

    columns = [fractions(column) for column in drawer.columns(n, d)]
    return Problem(list(zip(*columns, strict=True)), fractions(drawer.vector(n)))


@DESIGNS.declare(
    "orthogonal-design",
    "XᵀX diagonal: solved in closed form (properties.orthogonal_path)",
    _is_orthogonal,
)
@st.composite
def _orthogonal_design(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    columns = [[0] * n for _ in range(d)]
    for j, value in zip(range(d), drawer.vector(n), strict=False):  # scaled unit vectors, then zeros
        columns[j][j] = value
    data = disguise(drawer, Data(columns_of(columns), drawer.vector(n)))
    return Problem(data.X, data.y)


THRESHOLDS = st.builds(Fraction, positive(5), positive(3))


@DESIGNS.declare(
    "thresholds",
    "thresholds that differ by coordinate and side, one of a pair at times infinite",
    lambda problem: set(problem.lower) | set(problem.upper) != {Fraction(1)},
    standard=False,
)
@st.composite
def _thresholds(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    lower, upper = _draw_box(drawer, d)
    above = 1 + draw(THRESHOLDS)
    upper[0], lower[0] = (1, "inf") if draw(st.booleans()) else (above, lower[0])
    return Problem(drawer.grid(n, d), drawer.vector(n), lower=lower, upper=upper)


@DESIGNS.declare(
    "initial-duals",
    "an initial dual strictly inside the box, not zero",
    lambda problem: any(problem.dual) and not any(_touching(problem)),
    standard=False,
)
@st.composite
def _initial_duals(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    lower, upper = _draw_box(drawer, d)
    inside = _draw_positions(drawer, d, 4)
    dual = [_at(position / 5, *box) for position, *box in zip(inside, lower, upper, strict=True)]
    dual[0] = _at(Fraction(draw(nonzero(4)), 5), lower[0], upper[0])
    return Problem(drawer.grid(n, d), drawer.vector(n), lower=lower, upper=upper, dual=dual)


@DESIGNS.declare(
    "boundary-duals",
    "an initial dual that touches its threshold, as in fine-tuning: β_0 may be nonzero",
    lambda problem: any(_touching(problem)),
    standard=False,
)
@st.composite
def _boundary_duals(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    lower, upper = _draw_box(drawer, d)
    ends = _draw_positions(drawer, d, 1)
    dual = [_at(position, *box) for position, *box in zip(ends, lower, upper, strict=True)]
    dual[0] = -lower[0] if upper[0] == "inf" else upper[0]
    return Problem(drawer.grid(n, d), drawer.vector(n), lower=lower, upper=upper, dual=dual)


def _draw_box(drawer: Drawer, d: int) -> tuple[list[Any], list[Any]]:
    lower: list[Any] = []
    upper: list[Any] = []
    for _ in range(drawer.max_d):
        kind = drawer.draw(st.integers(0, 4))
        below, above = drawer.draw(THRESHOLDS), drawer.draw(THRESHOLDS)
        lower.append("inf" if kind == 3 else below if kind else Fraction(1))
        upper.append("inf" if kind == 4 else above if kind else Fraction(1))
    return lower[:d], upper[:d]


def _draw_positions(drawer: Drawer, d: int, most: int) -> list[Fraction]:
    return [Fraction(drawer.draw(st.integers(-most, most))) for _ in range(drawer.max_d)][:d]


def _at(position: Fraction, lower: Any, upper: Any) -> Fraction:
    """The point that far, from −1 to 1, between 0 and the threshold on its side; 1 away if infinite."""
    threshold = upper if position > 0 else lower
    if threshold == "inf":
        return position if abs(position) < 1 else Fraction(0)
    return Fraction(position * threshold)


def _touching(problem: Problem) -> list[bool]:
    return [
        s == upper or (lower != "inf" and s == -lower)
        for s, lower, upper in zip(problem.dual, problem.lower, problem.upper, strict=True)
    ]
