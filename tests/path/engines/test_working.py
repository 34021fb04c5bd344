"""The float inverse of a working set is computed anew where it is bad, not where rounding is what is left."""

from __future__ import annotations

import numpy as np
import pytest

from exactsaddle import Problem
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.path.engines.working import WorkingSet


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many columns there were whenever an inverse was computed anew."""
    sizes, renew = [], WorkingSet.renew

    def counted(working: WorkingSet) -> None:
        sizes.append(len(working.columns))
        renew(working)

    monkeypatch.setattr(WorkingSet, "renew", counted)
    return sizes


def near_dependent(spread: float) -> WorkingSet:
    """20 columns within about this of one line."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 20))
    X[:, 1:] = X[:, :1] + spread * X[:, 1:]
    working = WorkingSet(FloatProblem(Problem(X, rng.normal(size=40))))
    working.select(range(20))
    return working


@pytest.mark.parametrize("spread", [1.0, 1e-2])
def test_a_residual_that_is_rounding_asks_for_no_new_inverse(spread: float, renewals: list[int]) -> None:
    working = near_dependent(spread)
    problem = working.problem
    found = working.regression(problem.target, problem.target_norm)
    assert renewals == []
    exact = np.linalg.lstsq(working.matrix.T, problem.target, rcond=None)[0]
    assert np.linalg.norm(found.coefficients - exact) <= found.coefficient_error


def test_an_inverse_that_does_not_contract_is_computed_anew(renewals: list[int]) -> None:
    working = near_dependent(1e-2)
    problem = working.problem
    good = working.regression(problem.target, problem.target_norm)
    working._inverse *= 3
    found = working.regression(problem.target, problem.target_norm)
    assert renewals == [20]
    assert np.linalg.norm(found.coefficients - good.coefficients) <= 2 * found.coefficient_error
    assert found.coefficient_error < 2 * good.coefficient_error
