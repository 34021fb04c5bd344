"""Matrices and vectors made of floats are those of the same rational numbers, whatever is asked of them."""

from __future__ import annotations

import pickle
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exactsaddle.numbers import FloatMatrix, FloatVector, Matrix, Vector, to_fraction, to_rational

finite = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 5e-324, -1.0, 3.0])
shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
tables = shapes.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=finite))
EXTREME = np.array([[5e-324, -1.7e308, 0.0], [-0.0, 2.0**-1022, 0.0], [3.0, 6.0, -0.0]])


def rational(table: np.ndarray) -> Matrix:
    return Matrix([[to_rational(value) for value in row] for row in table])


@given(tables)
@example(EXTREME)
@example(np.zeros((2, 3)))
def test_a_matrix_of_floats_is_that_of_their_rationals(table: np.ndarray) -> None:
    made, expected = FloatMatrix(table), rational(table)
    assert made.shape == expected.shape
    assert made.bits == expected.bits
    assert list(made.rows()) == list(expected.rows())
    assert list(made.texts()) == list(expected.texts()) == [[str(Fraction(x)) for x in r] for r in table]
    assert made.integer_columns() == expected.integer_columns()
    assert made.primitive_columns() == expected.primitive_columns()
    for j in range(made.shape[1]):
        assert made.column(j) == expected.column(j)
        assert expected.column(j) == made.column(j)
    assert (made == expected, expected == made, hash(made)) == (True, True, hash(expected))
    assert np.array_equal(made.floats, expected.floats)
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), again, hash(again)) == (FloatMatrix, made, hash(made))


def test_a_column_of_floats_by_others_is_found_whatever_stands_beside() -> None:
    table = np.array([[1.0, 5e-324, 2.0, 0.0], [0.5, 3.0, 1.0, 1.0], [0.0, 1.7e308, 0.25, 4.0]])
    table[:, 3] = 3 * table[:, 2] - table[:, 0] / 4
    made, expected = FloatMatrix(table), rational(table)
    for columns in ([2, 0], [0, 2], [1, 0]):
        assert made.combination(columns, 3) == expected.combination(columns, 3)
    assert made.combination([2, 0], 3) == [fmpq(3), fmpq(-1, 4)]


@given(tables)
@example(EXTREME)
def test_a_vector_of_floats_is_that_of_their_rationals(table: np.ndarray) -> None:
    made, expected = FloatVector(table[0]), Vector.of([to_rational(value) for value in table[0]])
    assert (list(made), made.texts(), len(made)) == (list(expected), expected.texts(), len(expected))
    assert (made == expected, expected == made, hash(made)) == (True, True, hash(expected))
    assert np.array_equal(made.floats, expected.floats)
    assert (made + made, made.dot(expected)) == (expected + expected, expected.dot(expected))
    assert pickle.loads(pickle.dumps(made)) == made


@given(tables)
@example(EXTREME)
def test_scaled_columns_are_the_numbers_but_for_what_underflows(table: np.ndarray) -> None:
    for matrix in (FloatMatrix(table), rational(table)):
        rows, exponents = matrix.scaled_columns()
        assert (np.abs(rows) < 1).all()
        for column, row, exponent in zip(table.T, rows, exponents, strict=True):
            unit = Fraction(2) ** exponent
            pairs = zip(map(Fraction, column), map(Fraction, row), strict=True)
            assert all(abs(a - b * unit) <= max(abs(a) / 2**53, unit / 2**1075) for a, b in pairs)


def test_thirds_are_rounded() -> None:
    matrix = Matrix([[fmpq(1, 3), fmpq(5, 1)], [fmpq(2, 3), fmpq(0)]])
    scaled = matrix.scaled_columns()
    assert scaled.rows[0] * 2.0 ** scaled.exponents[0] == pytest.approx([1 / 3, 2 / 3], rel=0, abs=0)
    assert matrix.floats.tolist() == [[1 / 3, 5.0], [2 / 3, 0.0]]
    assert to_fraction(matrix[0, 0]) == Fraction(1, 3)


def test_equal_numbers_are_carried_as_the_same_bytes() -> None:
    assert pickle.dumps(FloatMatrix([[-0.0, 1.0]])) == pickle.dumps(FloatMatrix([[0.0, 1.0]]))


def test_an_array_of_floats_is_copied_and_cannot_be_written_to() -> None:
    table = np.array([[1.0, 2.0], [3.0, 4.0]])
    matrix, vector = FloatMatrix(table), FloatVector(table[0])
    table[:] = 9.0
    assert matrix.floats.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert vector.floats.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        matrix.floats[0, 0] = 5.0
    with pytest.raises(ValueError, match="read-only"):
        vector.floats[0] = 5.0
