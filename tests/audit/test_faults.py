"""Planted faults: each is found where it begins to show, and named where it is a rule that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem
from exactsaddle.audit import Audit, audit
from tests.support.training import X, Y, train

PROBLEM = Problem(X, Y)


def audited(log: Any, alpha: Any = "1e-4", step: Any = "1/100", **options: Any) -> Audit:
    return audit(PROBLEM, log, alpha=alpha, step=step, flow=False, **options)


@pytest.mark.parametrize(
    ("fault", "earliest", "latest"),
    [
        ({"flipped": 0}, 0, 260),
        ({"frozen": 1}, 0, 700),
        ({"noise": 0.3}, 0, 400),
        ({"seed_scale": (1, 10.0)}, 200, 700),
    ],
    ids=str,
)
def test_a_fault_is_found_where_it_begins_to_show(fault: dict[str, Any], earliest: int, latest: int) -> None:
    log = train(1e-4, 0.01, 2000, **fault)
    found = audited(log)
    assert found.verdict == "deviates"
    assert found.rule is None
    assert found.first_unexplained is not None
    assert any(
        "remainder, at most 0." in reason or "remainder, at most 1" in reason for reason in found.reasons
    )
    assert earliest <= log["step"][found.first_unexplained.row] <= latest


def test_momentum_and_decay_are_recognised_as_their_rules() -> None:
    heavy = audited(train(1e-4, 0.01, 1500, momentum=0.9, every=1))
    assert heavy.verdict == "deviates"
    assert heavy.rule is not None
    assert heavy.rule.momentum == 0.9
    shrunk = audited(train(1e-4, 0.01, 2000, decay=0.3))
    assert shrunk.rule is not None
    assert shrunk.rule.decay == pytest.approx(0.3)
    assert "decay 0.3" in shrunk.reasons[-1]


def test_a_weight_lost_in_binary64_is_said_first() -> None:
    # MATHEMATICS.md §10: the limit turns from (2, 0) to (4, −1); (u, v) in floats cannot follow at 1e-10
    flip = Problem([[1, 2], [0, -1]], [2, 1])
    data = {"X": np.array([[1.0, 2.0], [0.0, -1.0]]), "y": np.array([2.0, 1.0])}
    log = train(1e-10, 0.2, 3000, every=10, log=("u", "v"), **data)
    found = audit(flip, log, alpha="1e-10", step="1/5", flow=False)
    assert found.verdict == "deviates"
    assert found.unsound is not None
    assert "binary64 lost its smaller weight" in found.reasons[0]
    alone = train(1e-10, 0.2, 3000, every=10, **data)
    guessed = audit(flip, alone, alpha="1e-10", step="1/5", flow=False)
    assert guessed.rule is not None
    assert guessed.rule.stored
    sound = train(1e-4, 0.2, 3000, every=10, log=("u", "v"), **data)
    assert audit(flip, sound, alpha="1e-4", step="1/5", flow=False).unsound is None


# --- a learning rate lowered during the run -------------------------------------------------------


@pytest.mark.parametrize(("since", "every"), [(100, 10), (100, 40), (303, 1)])
def test_a_lower_learning_rate_is_named_with_its_step(since: int, every: int) -> None:
    log = train(1e-4, 0.01, 2500, slower_from=since, every=every)
    found = audited(log)
    assert found.verdict == "deviates"
    assert found.rule is not None
    assert found.rule.change == (since, 0.1)
    assert f"from step {since} on the clock runs at 1/10 of before" in found.reasons[-1]
    assert found.first_unexplained is not None
    assert since < log["step"][found.first_unexplained.row] <= since + 120
    assert found.times is not None  # the clock that it is drawn with is the changed one
    before = np.flatnonzero(log["step"] <= since)[-1]
    paces = np.diff(found.times) / np.diff(log["step"])
    assert paces[before + 1 :] == pytest.approx(paces[0] / 10)


def test_a_lower_learning_rate_at_depth_3_and_before_anything_moved() -> None:
    deep = train(0.05, 0.01, 6000, slower_from=120, every=20, network="powers", depth=3)
    found = audited(deep, alpha="1/20", depth=3)
    assert found.rule is not None
    assert found.rule.change == (120, 0.1)
    still = train(1e-4, 0.01, 500, slower_from=60, every=1)
    assert np.abs(still["beta"]).max() < 1e-3
    found = audited(still)
    assert found.rule is not None
    assert found.rule.change == (60, 0.1)


def test_what_a_rule_explains_is_shown_by_that_rule() -> None:
    heavy = audited(train(1e-4, 0.01, 1500, momentum=0.9, every=1))
    assert heavy.account is not None
    assert heavy.account.factor == 1  # not that of the plain descent that fits best
    assert "momentum" not in str(heavy.account)
    assert heavy.words.endswith("; every row is explained by: momentum 0.9")
    assert max(row.run_descent or 0 for row in heavy.distances) < 1e-6
    for arrival in heavy.arrivals:  # ten times as early as those of the limit, nearly
        assert arrival.run is not None
        assert arrival.run == pytest.approx(arrival.repeated, abs=1e-6)
        assert arrival.run == pytest.approx(arrival.descent, rel=0.1)


def test_a_frozen_coordinate_is_no_lower_learning_rate() -> None:
    assert audited(train(1e-4, 0.01, 2000, frozen=0)).rule is None
    assert audited(train(1e-4, 0.01, 2000, noise=0.3)).rule is None
