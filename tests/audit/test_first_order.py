"""The step's first order against descent repeated, in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from exactsaddle import Problem
from exactsaddle.audit import Account, audit
from exactsaddle.audit.first_order import modified_flow
from exactsaddle.audit.setting import Setting
from exactsaddle.path.descent import expand_jump_times
from exactsaddle.path.rules import GradientDescent
from tests.support.training import X, Y, train

PROBLEM = Problem(X, Y)


@pytest.mark.parametrize(("depth", "alpha", "network"), [(2, 1e-2, "weights"), (3, 0.1, "powers")])
def test_what_is_left_falls_with_the_square_of_the_step(depth: int, alpha: float, network: str) -> None:
    left = []
    for step, count in ((4e-3, 700), (2e-3, 1400)):
        log = train(alpha, step, count, every=count // 10, network=network, depth=depth)
        setting = Setting.of(PROBLEM, alpha, step, depth, 1)
        predicted = modified_flow(setting, Account(1.0, alpha), list(log["step"][1:]))
        assert predicted is not None
        left.append(np.abs(log["beta"][1:] - predicted).max())
    assert left[1] < 1e-3
    assert 3.3 < left[0] / left[1] < 4.7


def test_times_move_as_the_expansion_over_the_rationals_says() -> None:
    step, alpha = 2e-2, 1e-8
    steps = np.arange(1.0, 700.0, 5)
    times = steps * step / -np.log(alpha)
    slopes = [float(s) for s in expand_jump_times(PROBLEM, GradientDescent(step)).slopes]

    def arrivals(step: float, steps: np.ndarray) -> list[float]:
        beta = modified_flow(Setting.of(PROBLEM, alpha, step, 2, 1), Account(1.0, alpha), list(steps))
        assert beta is not None
        return [float(np.interp(half, np.abs(beta[:, i]), times)) for i, half in ((0, 0.2), (1, 0.1))]

    for i in (0, 1):
        shift = arrivals(step, steps)[i] - arrivals(step / 2, 2 * steps)[i]
        assert shift == pytest.approx(slopes[i + 1] * step / 2, rel=0.1)


def test_an_audit_attributes_the_distance_to_the_step() -> None:
    found = audit(PROBLEM, train(1e-2, 0.01, 900), alpha="1e-2", step="1/100")
    for row in found.distances:
        assert row.run_flow is not None
        assert row.predicted is not None
        assert row.beyond is not None
        assert abs(row.run_flow - row.predicted) <= row.beyond + 1e-12
        assert row.beyond < 0.02
    predicted, beyond = (
        max(getattr(row, name) for row in found.distances) for name in ("predicted", "beyond")
    )
    assert predicted > 5 * beyond


def test_the_flow_is_enclosed_at_any_depth_and_its_budget_can_be_raised() -> None:
    log = train(0.1, 0.01, 300, network="powers", depth=3)
    found = audit(PROBLEM, log, alpha="1/10", step="1/100", depth=3)
    assert all(row.run_flow is not None for row in found.distances)
    assert max(row.run_flow or 1 for row in found.distances) > 10 * max(
        row.beyond or 1 for row in found.distances
    )
    spare = audit(PROBLEM, log, alpha="1/10", step="1/100", depth=3, max_flow_work=10)
    assert all(row.run_flow is None for row in spare.distances)
    assert any("of 10 in all; --max-flow-work raises it" in reason for reason in spare.reasons)
