from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.base import ProofFailed
from exactsaddle.numbers import IntegerVectors, Matrix, NormalEquations, Vector, to_fraction, to_rational

entries = st.fractions(min_value=-9, max_value=9, max_denominator=9)


def vector(values: list[Fraction]) -> Vector:
    return Vector.of([to_rational(value) for value in values])


def matrix(rows: list[list[Fraction]]) -> Matrix:
    return Matrix([[to_rational(value) for value in row] for row in rows])


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[Fraction], list[Fraction]]:
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = [[draw(entries) for _ in range(d)] for _ in range(n)]
    return rows, [draw(entries) for _ in range(n)], [draw(entries) for _ in range(d)]


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_vectors_follow_fraction_arithmetic(values: list[Fraction], data: st.DataObject) -> None:
    others = [data.draw(entries) for _ in values]
    factor = data.draw(entries)
    a, b = vector(values), vector(others)
    assert a.fractions() == tuple(values)
    assert (a + b).fractions() == tuple(x + y for x, y in zip(values, others, strict=True))
    assert (a - b * to_rational(factor)).fractions() == tuple(
        x - factor * y for x, y in zip(values, others, strict=True)
    )
    assert to_fraction(a.dot(b)) == sum((x * y for x, y in zip(values, others, strict=True)), Fraction(0))
    assert a.support == tuple(i for i, x in enumerate(values) if x)
    assert [fmpq(p, a.denominator) for p in a.numerators] == list(a)
    assert (a == b) == (values == others)


@given(systems())
def test_products_gradient_and_columns_follow_their_definitions(
    system: tuple[list[list[Fraction]], list[Fraction], list[Fraction]],
) -> None:
    rows, y, beta = system
    n, d = len(rows), len(beta)
    X = matrix(rows)
    equations = NormalEquations(X, vector(y))
    fitted = [sum((row[j] * beta[j] for j in range(d)), Fraction(0)) for row in rows]
    assert X.times(vector(beta)).fractions() == tuple(fitted)
    assert X.transpose_times(vector(y)).fractions() == tuple(
        sum((rows[i][j] * y[i] for i in range(n)), Fraction(0)) for j in range(d)
    )
    gradient = [sum((rows[i][j] * (fitted[i] - y[i]) for i in range(n)), Fraction(0)) / n for j in range(d)]
    assert equations.gradient(vector(beta)).fractions() == tuple(gradient)
    assert equations.gradient(Vector.zero(d)) == equations.correlation * fmpq(-1)
    for j in range(d):
        column = [sum((rows[i][k] * rows[i][j] for i in range(n)), Fraction(0)) / n for k in range(d)]
        assert equations.gram_column(j).fractions() == tuple(column)


@given(systems(), st.data())
def test_least_squares_makes_the_gradient_vanish_on_independent_columns(
    system: tuple[list[list[Fraction]], list[Fraction], list[Fraction]], data: st.DataObject
) -> None:
    rows, y, beta = system
    columns = sorted(data.draw(st.sets(st.sampled_from(range(len(beta))))))
    X = matrix(rows)
    equations = NormalEquations(X, vector(y))
    if columns and X.rank(columns) < len(columns):
        with pytest.raises(ProofFailed, match="dependent"):
            equations.least_squares(columns)
        return
    solution = equations.least_squares(columns)
    gradient = equations.gradient(solution)
    assert set(solution.support) <= set(columns)
    assert all(gradient[i] == 0 for i in columns)


@given(st.lists(st.lists(st.integers(0, 11), unique=True, min_size=1), min_size=1, max_size=6), st.data())
def test_kept_inner_products_follow_the_selection(selections: list[list[int]], data: st.DataObject) -> None:
    vectors = [[fmpz((7 * i + 5 * j * j) % 23 - 11) for j in range(4)] for i in range(12)]
    kept = IntegerVectors(vectors)
    for keys in selections:
        weights = [fmpz(data.draw(st.integers(-9, 9))) for _ in keys]
        kept.select(keys)
        if data.draw(st.booleans()):  # what was selected in between need not have been multiplied
            continue
        combined = [sum(w * vectors[k][j] for k, w in zip(keys, weights, strict=True)) for j in range(4)]
        assert kept.combine(weights) == combined
        assert kept.inner_combined(weights) == kept.inner(combined)
        assert kept.inner(combined) == [
            sum(a * b for a, b in zip(vectors[k], combined, strict=True)) for k in keys
        ]
