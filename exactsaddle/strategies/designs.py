"""Families of data that are plain to see: shapes, ranks, scales, orthogonality, thresholds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from exactsaddle.path import saddle_path
from exactsaddle.problem import Problem
from exactsaddle.properties.arithmetic import rank
from exactsaddle.strategies.building import (
    Data,
    columns_of,
    disguise,
    draw_grid,
    draw_nonzero_vector,
    draw_vector,
    inner,
    nonzero,
    positive,
)
from exactsaddle.strategies.family import Families

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
    n, d = draw(positive(max_n)), draw(positive(max_d))
    entries = st.integers(-5, 5) if draw(st.booleans()) else st.integers(-1, 1)
    return Problem(draw_grid(draw, n, d, entries), draw_vector(draw, n, entries))


@DESIGNS.declare("single-row", "n = 1: every column is a multiple of every other", lambda p: p.n == 1)
@st.composite
def _single_row(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    return Problem(draw_grid(draw, 1, draw(positive(max_d))), draw_vector(draw, 1))


@DESIGNS.declare("single-column", "d = 1: one jump at most, in closed form", lambda p: p.d == 1)
@st.composite
def _single_column(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n = draw(positive(max_n))
    return Problem(draw_grid(draw, n, 1), draw_vector(draw, n))


@DESIGNS.declare(
    "underdetermined", "n < d: interpolation, many minimisers of L", lambda p: p.n < p.d, least=(1, 2)
)
@st.composite
def _underdetermined(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n = draw(positive(min(max_n, max_d - 1)))
    d = draw(st.integers(n + 1, max_d))
    return Problem(draw_grid(draw, n, d), draw_vector(draw, n))


@DESIGNS.declare("overdetermined", "n > d: a residual remains at the end", lambda p: p.n > p.d, least=(2, 1))
@st.composite
def _overdetermined(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    d = draw(positive(min(max_d, max_n - 1)))
    n = draw(st.integers(d + 1, max_n))
    return Problem(draw_grid(draw, n, d), draw_vector(draw, n))


@DESIGNS.declare(
    "rank-deficient",
    "X = AB with an inner dimension below min(n, d)",
    lambda problem: rank(problem.X) < min(problem.shape),
    least=(2, 2),
)
@st.composite
def _rank_deficient(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(st.integers(2, max_n)), draw(st.integers(2, max_d))
    r = draw(positive(min(n, d) - 1))
    A, B = draw_grid(draw, n, r), draw_grid(draw, r, d)
    columns = columns_of(B)
    return Problem([[inner(row, column) for column in columns] for row in A], draw_vector(draw, n))


@DESIGNS.declare("zero-target", "y = 0: nothing ever moves", lambda problem: not any(problem.y))
@st.composite
def _zero_target(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))
    return Problem(draw_grid(draw, n, d), [0] * n)


@DESIGNS.declare(
    "orthogonal-target",
    "y ≠ 0 but Xᵀy = 0: the data say nothing, and the path is one saddle",
    lambda problem: any(problem.y) and not any(problem.correlation),
)
@st.composite
def _orthogonal_target(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))
    y = draw_vector(draw, n)
    pivot = draw(st.integers(0, n - 1))
    y[pivot] = draw(nonzero())
    columns = []
    for _ in range(d):
        column = draw_vector(draw, n)
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
    n, d = draw(positive(max_n)), draw(positive(max_d))
    X = draw_grid(draw, n, d)
    beta = [0] * d
    for _ in range(draw(positive(min(n, d)))):
        beta[draw(st.integers(0, d - 1))] = draw(nonzero(3))
    return Problem(X, [inner(row, beta) for row in X])


@DESIGNS.declare(
    "extreme-scales",
    "columns and target of sizes from 10⁻⁶⁰ to 10⁶⁰, at least one beyond 10^±12",
    lambda problem: any(not Fraction(1, VAST) < abs(value) < VAST for value in _entries(problem)),
)
@st.composite
def _extreme_scales(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))
    columns = [draw_vector(draw, n) for _ in range(d + 1)]
    scales = [Fraction(10) ** draw(st.integers(-60, 60)) for _ in columns]
    j = draw(st.integers(0, d))
    columns[j] = draw_nonzero_vector(draw, n)
    away = Fraction(10) ** draw(st.integers(13, 60))
    scales[j] = 1 / away if draw(st.booleans()) else away
    scaled = [[scale * value for value in column] for scale, column in zip(scales, columns, strict=True)]
    return Problem(list(zip(*scaled[:d], strict=True)), scaled[d])


@DESIGNS.declare(
    "huge-denominators",
    "rationals whose denominators pass 10³⁰: nothing fits a machine word",
    lambda problem: any(value.denominator >= HUGE for value in _entries(problem)),
)
@st.composite
def _huge_denominators(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))

    def entry() -> Fraction:  # m + 1/q is in lowest terms over q
        return draw(st.integers(-5, 5)) + Fraction(1, HUGE + draw(st.integers(0, 10**6)))

    return Problem([[entry() for _ in range(d)] for _ in range(n)], [entry() for _ in range(n)])


@DESIGNS.declare(
    "orthogonal-design",
    "XᵀX diagonal: solved in closed form (properties.orthogonal_path)",
    _is_orthogonal,
)
@st.composite
def _orthogonal_design(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n = draw(positive(max_n))
    d = draw(positive(max_d))
    columns = [[0] * n for _ in range(d)]
    for j in range(min(n, d)):  # scaled unit vectors, then zero columns
        columns[j][j] = draw(st.integers(-5, 5))
    data = disguise(draw, Data(columns_of(columns), draw_vector(draw, n)))
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
    n, d = draw(positive(max_n)), draw(positive(max_d))
    lower, upper = _draw_box(draw, d)
    if draw(st.booleans()):
        upper[0] = 1 + draw(THRESHOLDS)
    else:
        upper[0], lower[0] = 1, "inf"
    return Problem(draw_grid(draw, n, d), draw_vector(draw, n), lower=lower, upper=upper)


@DESIGNS.declare(
    "initial-duals",
    "an initial dual strictly inside the box, not zero",
    lambda problem: any(problem.dual) and not any(_touching(problem)),
    standard=False,
)
@st.composite
def _initial_duals(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))
    lower, upper = _draw_box(draw, d)
    inside = st.integers(-4, 4).map(lambda k: Fraction(k, 5))
    dual = [_at(draw(inside), lower[j], upper[j]) for j in range(d)]
    dual[0] = _at(Fraction(draw(nonzero(4)), 5), lower[0], upper[0])
    return Problem(draw_grid(draw, n, d), draw_vector(draw, n), lower=lower, upper=upper, dual=dual)


@DESIGNS.declare(
    "boundary-duals",
    "an initial dual that touches its threshold, as in fine-tuning: β_0 may be nonzero",
    lambda problem: any(_touching(problem)),
    standard=False,
)
@st.composite
def _boundary_duals(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    n, d = draw(positive(max_n)), draw(positive(max_d))
    lower, upper = _draw_box(draw, d)
    dual = [_at(Fraction(draw(st.integers(-1, 1))), lower[j], upper[j]) for j in range(d)]
    dual[0] = -lower[0] if upper[0] == "inf" else upper[0]
    return Problem(draw_grid(draw, n, d), draw_vector(draw, n), lower=lower, upper=upper, dual=dual)


def _draw_box(draw: st.DrawFn, d: int) -> tuple[list[Any], list[Any]]:
    lower: list[Any] = []
    upper: list[Any] = []
    for _ in range(d):
        kind = draw(st.integers(0, 4))
        lower.append("inf" if kind == 3 else draw(THRESHOLDS) if kind else Fraction(1))
        upper.append("inf" if kind == 4 else draw(THRESHOLDS) if kind else Fraction(1))
    return lower, upper


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
