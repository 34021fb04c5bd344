"""Runs of PyTorch's own optimiser, where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from exactsaddle import Problem
from exactsaddle.audit import RunLogger, audit, read_run
from tests.support.training import X, Y

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"weight_decay": 0.3}], ids=str)
def test_a_run_of_sgd_is_explained_by_its_rule(options: dict[str, float], tmp_path: Path) -> None:
    design, target = torch.tensor(X), torch.tensor(Y)
    u = torch.full((3,), 2**0.5 * 1e-4, dtype=torch.float64, requires_grad=True)
    v = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([u, v], lr=0.01, **options)
    with RunLogger(tmp_path / "run.npz") as log:
        for step in range(1500):
            if step % 5 == 0:
                log(step=step, u=u, v=v)
            optimiser.zero_grad()
            loss = ((design @ (u * v) - target) ** 2).sum() / (2 * len(target))
            loss.backward()
            optimiser.step()
    found = audit(Problem(X, Y), read_run(tmp_path / "run.npz"), alpha="1e-4", step="1/100", flow=False)
    assert (found.verdict == "agrees") == (not options)
    assert (found.rule is None) == (not options)
    if found.rule is not None:
        assert found.rule.momentum == options.get("momentum", 0)
        assert found.rule.decay == pytest.approx(options.get("weight_decay", 0))
