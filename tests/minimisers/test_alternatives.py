"""Motzkin's alternative: each answer proves itself, and the two exclude each other."""

from __future__ import annotations

from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle.minimisers.alternatives import Separation, separate
from exactsaddle.numbers import Vector

vectors = st.lists(st.fractions(-3, 3, max_denominator=2).map(str), min_size=3, max_size=3)


@settings(max_examples=60)
@given(st.lists(vectors, max_size=3), st.lists(vectors, min_size=1, max_size=4))
def test_the_answer_proves_itself(free_text: list[list[str]], one_sided_text: list[list[str]]) -> None:
    free, one_sided = (
        [Vector.of([fmpq(*map(int, ([*x.split("/"), "1"])[:2])) for x in v]) for v in family]
        for family in (free_text, one_sided_text)
    )
    found = separate(free, one_sided)
    if isinstance(found, Separation):
        assert all(found.w.dot(x) == 0 for x in free)
        assert all(found.w.dot(x) > 0 for x in one_sided)
        assert found.w.denominator == 1
    else:
        assert all(weight >= 0 for weight in found.weights)
        assert sum(found.weights, fmpq(0)) == 1
        combined = sum(
            (x * weight for x, weight in zip(one_sided, found.weights, strict=True)), Vector.zero(3)
        )
        rows = [list(x) for x in free]
        assert fmpq_mat([*rows, list(combined)]).rank() == (fmpq_mat(rows).rank() if rows else 0)


def test_on_the_line() -> None:
    """1 and 2 are separated from 0; 1 and −1 combine to it with equal weights."""
    one, two, minus = (Vector.of([fmpq(value)]) for value in (1, 2, -1))
    assert separate([], [one, two]) == Separation(one)
    found = separate([], [one, minus])
    assert not isinstance(found, Separation)
    assert list(found.weights) == [fmpq(1, 2), fmpq(1, 2)]
