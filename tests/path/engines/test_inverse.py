"""Float inverses of Gram matrices along a path: each from the one before, whoever asks in whatever order."""

from __future__ import annotations

import numpy as np
import pytest

from exactsaddle import Problem
from exactsaddle.path.engines import inverse
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.inverse import GramInverse, GramInverter

SETS = [(1,), (1, 4), (0, 1, 4), (0, 4), (0, 4, 5), (0, 2, 4, 5), (2, 3, 4, 5), (0, 1, 2, 3, 4, 5)]


def problem() -> ScaledProblem:
    rng = np.random.default_rng(0)
    return ScaledProblem(Problem(rng.normal(size=(9, 7)), rng.normal(size=9)))


def found_in(order: list[int], data: ScaledProblem) -> dict[tuple[int, ...], GramInverse]:
    inverter = GramInverter(data)
    inverter.expect(SETS)
    found = {SETS[k]: inverter.in_floats(SETS[k]) for k in order}
    return {columns: known for columns, known in found.items() if known is not None}


def test_inverses_along_a_path_do_not_depend_on_who_asks_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverse, "LINKS", 3)
    data = problem()
    first = found_in(list(range(len(SETS))), data)
    assert set(first) == set(SETS)
    for order in ([7, 0, 5, 2, 6, 1, 4, 3], [3, 3, 4, 0, 7, 6, 5, 1, 2]):
        again = found_in(order, data)
        for columns, known in first.items():
            assert np.array_equal(known.approximate, again[columns].approximate)
            assert (known.contraction, known.bound) == (again[columns].contraction, again[columns].bound)


def test_inverses_along_a_path_are_those_of_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    data, afresh = problem(), []
    made = inverse.approximate_inverse
    monkeypatch.setattr(inverse, "approximate_inverse", lambda gram: afresh.append(len(gram)) or made(gram))
    for columns, known in found_in(list(range(len(SETS))), data).items():
        assert np.allclose(known.approximate @ data.gram(columns), np.eye(len(columns)), atol=1e-9)
    assert afresh == [1]  # the others follow


def _forgets(self: inverse._Chain, columns: tuple[int, ...]) -> None:
    self._columns, self._inverse = list(columns), np.ones((len(columns), len(columns)))


def test_an_inverse_that_does_not_follow_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    data = problem()
    monkeypatch.setattr(inverse._Chain, "_follow", _forgets)
    for columns, known in found_in([0, 1], data).items():
        assert known.contraction < 1e-9
        assert np.allclose(known.approximate @ data.gram(columns), np.eye(len(columns)))
