"""Which arithmetic ``auto`` takes: rationals where numbers stay short or columns are nearly dependent."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from exactsaddle import Problem, Status, saddle_path
from exactsaddle.path.engines.crossover import _well_conditioned, prefers_balls


def hilbert(size: int) -> Problem:
    return Problem([[Fraction(1, i + j + 1) for j in range(size)] for i in range(size)], [1] * size)


def identity(size: int, scale: int = 1) -> Problem:
    rows = [[scale * (i == j) for j in range(size)] for i in range(size)]
    return Problem(rows, [i % 7 - 3 for i in range(size)])


def diagonal(size: int) -> Problem:
    """A binary64 diagonal: its columns are multiples of unit vectors, each by a number of its own."""
    return Problem(np.diag(np.random.default_rng(0).normal(size=size)), list(range(size)))


def dense(n: int, d: int, bound: int) -> Problem:
    rng = random.Random(0)
    return Problem(
        [[rng.randint(-bound, bound) for _ in range(d)] for _ in range(n)],
        [rng.randint(-bound, bound) for _ in range(n)],
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: hilbert(20),
        lambda: identity(300),
        lambda: identity(100, 30**20),
        lambda: dense(20, 20, 99),
    ],
    ids=["hilbert", "identity", "long identity", "dense"],
)
def test_rationals_where_they_are_faster(make: Callable[[], Problem]) -> None:
    assert not prefers_balls(make())


@pytest.mark.parametrize(
    "make",
    [
        lambda: dense(40, 60, 10**9),
        lambda: dense(60, 40, 10**6),
        lambda: dense(150, 160, 1),
        lambda: diagonal(60),
    ],
    ids=["wide", "tall", "signs", "diagonal"],
)
def test_balls_where_numbers_grow_long(make: Callable[[], Problem]) -> None:
    assert prefers_balls(make())


def test_floats_say_nothing_that_integers_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    nearly = [1.0, 2.0**-12, 2.0**-17, 2.0**-24, 2.0**-40]
    told = []
    for size in nearly:
        for n, d in ((24, 30), (30, 24)):
            common = rng.normal(size=(n, 1)) if d < n else rng.normal(size=(1, d))
            problem = Problem(common + size * rng.normal(size=(n, d)), [1] * n)
            floats = _well_conditioned(problem.design_matrix)
            with monkeypatch.context() as patch:
                patch.setattr("exactsaddle.path.engines.crossover._well_conditioned", lambda design: False)
                exact = prefers_balls(problem)
            assert prefers_balls(problem) == exact
            told.append((floats, exact))
    assert {(True, True), (False, False)} <= set(told)
    assert not _well_conditioned(Problem([[1, 0], [0, 0]], [1, 1]).design_matrix)  # a column of zeros


@pytest.mark.slow
def test_hilbert_20_is_verified() -> None:
    path = saddle_path(hilbert(20))
    assert path.decisions is None
    assert path.complete
    assert path.certificate().check().status is Status.VERIFIED
