"""Families in which columns or hits coincide, exactly or nearly: general position broken."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

from hypothesis import strategies as st

from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.arithmetic import rank, transpose
from exactsaddle.testing.strategies import events
from exactsaddle.testing.strategies.building import (
    Data,
    Drawer,
    Grid,
    columns_of,
    disguise,
    inner,
    nonzero,
    positive,
)
from exactsaddle.testing.strategies.family import Families

COINCIDENCES = Families()


def _multiples(problem: Problem, factor: int) -> bool:
    columns = transpose(problem.X)
    return any(
        any(a) and all(x == factor * y for x, y in zip(a, b, strict=True))
        for a, b in combinations(columns, 2)
    )


def _on_a_line(problem: Problem) -> bool:
    """Some signed column lies on the line through two others: affine dependence with k = 2."""
    columns = [tuple(column) for column in transpose(problem.X)]
    for three in combinations(columns, 3):
        for signs in product((1, -1), repeat=2):
            lifted = [
                (Fraction(1), *(sign * value for value in column))
                for sign, column in zip((1, *signs), three, strict=True)
            ]
            if rank(lifted) < 3:
                return True
    return False


def _copied(draw: st.DrawFn, max_n: int, max_d: int, factor: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(1, 2)
    column = drawer.nonzero_vector(n)
    columns = [column, [factor * value for value in column], *drawer.columns(n, d - 2)]
    shuffled = [columns[j] for j in drawer.order(d)]
    return Problem(columns_of(shuffled), drawer.vector(n))


@COINCIDENCES.declare(
    "duplicate-columns",
    "one column twice: the two must share, equally in the flow's limit",
    lambda problem: _multiples(problem, 1),
    least=(1, 2),
)
@st.composite
def _duplicate_columns(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    return _copied(draw, max_n, max_d, 1)


@COINCIDENCES.declare(
    "negated-columns",
    "a column and its negative: they hit opposite thresholds together",
    lambda problem: _multiples(problem, -1),
    least=(1, 2),
)
@st.composite
def _negated_columns(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    return _copied(draw, max_n, max_d, -1)


@COINCIDENCES.declare(
    "zero-columns",
    "columns of zeros: their duals never move",
    lambda problem: any(not any(column) for column in transpose(problem.X)),
)
@st.composite
def _zero_columns(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    X = drawer.grid(n, d)
    j = draw(st.integers(0, d - 1))
    return Problem([[0 if k == j else value for k, value in enumerate(row)] for row in X], drawer.vector(n))


@COINCIDENCES.declare(
    "zero-rows",
    "rows of zeros, with any target: loss that nothing can remove",
    lambda problem: any(not any(row) for row in problem.X),
)
@st.composite
def _zero_rows(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape()
    X = drawer.grid(n, d)
    X[draw(st.integers(0, n - 1))] = [0] * d
    return Problem(X, drawer.vector(n))


@COINCIDENCES.declare(
    "affine-dependence",
    "a signed column on the line through two other signed columns",
    _on_a_line,
    least=(1, 3),
)
@st.composite
def _affine_dependence(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(1, 3)
    columns = drawer.columns(n, d - 1)
    share = draw(st.integers(-2, 2))
    columns.append([share * a + (1 - share) * b for a, b in zip(columns[0], columns[1], strict=True)])
    data = disguise(drawer, Data(columns_of(columns), drawer.vector(n)))
    return Problem(data.X, data.y)


def _draw_tied_pair(drawer: Drawer, n: int, d: int) -> tuple[Grid, list[int]]:
    """Columns and a target with a lone exact tie at t_1 between columns 0 and 1, both entering.

    The target has two equal entries p and column 1 is column 0 with those two entries exchanged: the
    reflection that exchanges the rows keeps y and swaps the columns, so they tie, and the minimiser on
    their cone, unique as they are independent, is symmetric: both enter. Both are multiplied by
    M so that every other |Xᵀy|_j is at most half of theirs.
    """
    p = drawer.draw(nonzero())
    rest = drawer.vector(n - 2)
    y = [p, p, *rest]
    low = drawer.draw(st.integers(-3, 3))
    first = [low + drawer.draw(positive(3)), low, *drawer.vector(n - 2)]
    if inner(first, y) == 0:
        first[0], first[1] = first[0] + 1, first[1] + 1
    others = drawer.columns(n, d - 2)
    M = 2 * max((abs(inner(column, y)) for column in others), default=0) // abs(inner(first, y)) + 1
    first = [M * value for value in first]
    second = [first[1], first[0], *first[2:]]
    return [first, second, *others], y


@COINCIDENCES.declare(
    "exact-tie",
    "two coordinates hit at the same rational time and both enter",
    lambda problem: events.simultaneous_activation(saddle_path(problem)) is not None,
    least=(2, 2),
)
@st.composite
def _exact_tie(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    columns, y = _draw_tied_pair(drawer, *drawer.shape(2, 2))
    data = disguise(drawer, Data(columns_of(columns), y))
    return Problem(data.X, data.y)


@COINCIDENCES.declare(
    "late-tie",
    "two coordinates with different histories hit together, where possible at a later jump: floats miss it",
    lambda problem: events.simultaneous_hits(saddle_path(problem)) is not None,
    least=(2, 2),
)
@st.composite
def _late_tie(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    """A column that has not hit yet moves nobody: stretch one so that it hits exactly at a later jump.

    Integer again by a common factor, which only rescales time. Without such a column, a tie at t_1.
    """
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(2, 2)
    base = Problem(drawer.grid(n, d), drawer.vector(n))
    columns, y = _draw_tied_pair(drawer, n, d)
    fallback = disguise(drawer, Data(columns_of(columns), y))
    if (found := _late_partner(saddle_path(base))) is None:
        return Problem(fallback.X, fallback.y)
    j, s = found
    X = [
        [value * (s.denominator if k == j else abs(s.numerator)) for k, value in enumerate(row)]
        for row in base.X
    ]
    return Problem(X, [value * abs(s.numerator) for value in base.y])


def _late_partner(path: SaddlePath) -> tuple[int, Fraction] | None:
    """A column j and its s_j at the end of a plateau after the first, which it passes nowhere before.

    s is linear between jumps, so its size at jumps settles that.
    """
    for k in range(2, len(path)):
        for j, s in enumerate(path[k].dual):
            if 0 < abs(s) < 1 and all(abs(saddle.dual[j]) < abs(s) for saddle in path[:k]):
                return j, s
    return None


def _draw_shortened(draw: st.DrawFn, max_n: int, max_d: int, short: Fraction) -> Problem:
    """A lone exact tie, the last of its two columns then multiplied by 1 − short, so that it is late.

    While the other is ahead by little, the gap in the late one's dual, short, closes at the speed
    1 − ρ, relative to what both had, ρ = ⟨a, b⟩/⟨a, a⟩ for the tied pair a, b: so the second jump
    comes later by a factor of about 1 + short/(1 − ρ), and 1 − ρ ≥ 1/⟨a, a⟩ before scaling by M.
    """
    drawer = Drawer(draw, max_n, max_d)
    columns, y = _draw_tied_pair(drawer, *drawer.shape(2, 2))
    data = disguise(drawer, Data(columns_of(columns), y))
    return Problem(_shorten_fastest(data, 1 - short), data.y)


@COINCIDENCES.declare(
    "near-tie",
    "two jumps within a relative 2⁻⁵³: one instant to binary64, two in truth",
    lambda problem: events.near_tie(saddle_path(problem)) is not None,
    least=(2, 2),
)
@st.composite
def _near_tie(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    # 1 − ρ > 10⁻⁴ for entries this small and up to 50 rows (⟨a, a⟩ ≤ 72 + 25·48), hence 10⁻²⁰ at most.
    short = Fraction(1, 10 ** draw(st.integers(21, 60)))
    return _draw_shortened(draw, max_n, max_d, short)


@COINCIDENCES.declare(
    "close-call",
    "two jumps within a relative 10⁻²: close, yet apart to binary64 or nearly so",
    lambda problem: events.close_call(saddle_path(problem)) is not None,
    least=(2, 2),
)
@st.composite
def _close_call(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    short = Fraction(1, 2 ** draw(st.integers(20, 50)))
    return _draw_shortened(draw, max_n, max_d, short)


def _shorten_fastest(data: Data, factor: Fraction) -> list[tuple[Fraction, ...]]:
    """The rows, with the last of the columns of greatest |⟨column, y⟩| multiplied by the factor."""
    columns = columns_of(data.X)
    speeds = [abs(inner(column, data.y)) for column in columns]
    last = max(range(len(columns)), key=lambda j: (speeds[j], j))
    return list(
        zip(
            *(
                [(factor if j == last else 1) * Fraction(v) for v in column]
                for j, column in enumerate(columns)
            ),
            strict=True,
        )
    )


@COINCIDENCES.declare(
    "non-unique",
    "a column halfway between two tied ones: a segment of minimisers, its selection irrational",
    lambda problem: not all(saddle.unique for saddle in saddle_path(problem)),
    least=(2, 3),
)
@st.composite
def _non_unique(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(2, 3)
    columns, y = _draw_tied_pair(drawer, n, d - 1)
    a, b = columns[0], columns[1]
    between = [x + z for x, z in zip(a, b, strict=True)]
    doubled = [[2 * value for value in column] for column in (a, b)]
    data = disguise(drawer, Data(columns_of([*doubled, between, *columns[2:]]), y))
    return Problem(data.X, data.y)


@COINCIDENCES.declare(
    "zero-slack",
    "weak complementarity: a coordinate on its threshold with β_i = 0 and g_i = 0",
    lambda problem: events.zero_slack(saddle_path(problem)) is not None,
    least=(2, 2),
)
@st.composite
def _zero_slack(draw: st.DrawFn, max_n: int, max_d: int) -> Problem:
    """Columns a and a + w, w orthogonal to a and y: they tie, and a alone leaves ⟨a + w, rest⟩ = 0.

    w lives on the last row, where a and y are zero; M keeps every other column slower.
    """
    drawer = Drawer(draw, max_n, max_d)
    n, d = drawer.shape(2, 2)
    y = [*drawer.nonzero_vector(n - 1), 0]
    first = [*drawer.vector(n - 1), 0]
    if inner(first, y) == 0:
        first = [a + b for a, b in zip(first, y, strict=True)]
    others = drawer.columns(n, d - 2)
    M = 2 * max((abs(inner(column, y)) for column in others), default=0) // abs(inner(first, y)) + 1
    first = [M * value for value in first]
    second = [*first[:-1], draw(nonzero())]
    data = disguise(drawer, Data(columns_of([first, second, *others]), y))
    return Problem(data.X, data.y)
