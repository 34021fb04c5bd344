"""What an audit is not told, it infers or says that it cannot: α, the step, the start, the precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem
from exactsaddle.audit import MAX_FLOW_WORK, Audit, audit
from exactsaddle.flow import flow_work
from exactsaddle.path import saddle_path
from exactsaddle.report.as_json import audit_to_json
from tests.support.training import X, Y, train

PROBLEM = Problem(X, Y)


def audited(log: Any, alpha: Any = "1e-4", step: Any = "1/100", **options: Any) -> Audit:
    return audit(PROBLEM, log, alpha=alpha, step=step, flow=False, **options)


def only(log: dict[str, Any], *names: str, since: int = 0) -> dict[str, Any]:
    return {name: log[name][since:] for name in ("step", *names)}


LOG = train(1e-4, 0.01, 2000, log=("beta", "u", "v"))


def test_an_inferred_alpha_comes_with_its_spread() -> None:
    found = audited(only(LOG, "beta"), alpha=None)
    assert found.account is not None
    assert found.alpha_spread is not None
    assert abs(found.account.alpha / 1e-4 - 1) <= 2 * found.alpha_spread < 1e-3
    assert any("is inferred from the growth along" in reason for reason in found.reasons)
    assert audit_to_json(found)["alpha"]["spread"] == found.alpha_spread
    assert audited(only(LOG, "beta")).alpha_spread is None  # it was stated


def test_a_log_that_starts_after_the_first_jump_is_judged_from_there() -> None:
    found = audited(only(LOG, "beta", since=60))
    assert found.verdict == "agrees"
    assert found.reasons == (
        "the log starts at step 600, after the first jump: it is judged from there, against descent from "
        "the start",
    )
    assert found.itinerary is not None
    assert [plateau.saddle for plateau in found.itinerary.plateaus] == [2]
    assert (found.itinerary.missed, found.hidden) == ((), ())
    broken = only(LOG, "beta", since=60)
    broken["beta"] = np.where(broken["step"][:, None] > 900, 0.1, broken["beta"])
    wrong = audited(broken)
    assert wrong.first_unexplained is not None
    assert broken["step"][wrong.first_unexplained.row] == 910


def test_there_alpha_is_that_of_the_conserved_weights_or_unknown() -> None:
    kept = audited(only(LOG, "u", "v", since=60), alpha=None)
    assert kept.verdict == "agrees"
    assert kept.account is not None
    assert kept.account.alpha == pytest.approx(1e-4, rel=0.02)  # a finite step moves what the flow conserves
    assert any("what the weights of each coordinate conserve" in reason for reason in kept.reasons)
    lost = audited(only(LOG, "beta", since=60), alpha=None)
    assert lost.verdict == "undecidable"
    assert "alpha was not stated" in lost.reasons[-1]
    powers = train(0.05, 0.01, 6000, network="powers", depth=3, every=20, log=("u", "v"))
    deep = audited(only(powers, "u", "v", since=100), alpha=None, depth=3)
    assert deep.verdict == "agrees"


@pytest.mark.parametrize(
    ("network", "names", "scale"), [("squares", ("u", "v"), 2**0.5), ("weights", ("w_plus", "w_minus"), 1)]
)
def test_conserved_weights_of_other_networks(network: str, names: tuple[str, str], scale: float) -> None:
    log = train(1e-4, 0.005, 2000 if network == "squares" else 4000, network=network, log=("u", "v", "beta"))
    late = len(log["step"]) // 3
    told = {"step": log["step"], names[0]: log["u"], names[1]: log["v"], "beta": log["beta"]}
    found = audited({name: values[late:] for name, values in told.items()}, alpha=None, step="0.005")
    assert found.verdict == "agrees", found.words
    assert found.account is not None
    assert found.account.alpha == pytest.approx(scale * 1e-4, rel=0.15)  # late rows leave it free


def test_a_log_of_steps_without_their_length_is_descent_all_the_same() -> None:
    # held against the flow, a step of 1/100 is off by more than the tolerance
    for alpha in ("1e-4", None):
        found = audited(only(LOG, "beta"), alpha=alpha, step=None)
        assert found.verdict == "agrees", found.words
        assert found.account is not None
        assert found.account.factor == pytest.approx(0.01, rel=1e-4)
        assert any("the step was not stated" in reason for reason in found.reasons)


def test_the_rounding_of_binary32_enters_the_tolerance() -> None:
    log = train(1e-3, 0.01, 2000, dtype=np.float32)
    found = audited(log, alpha="1e-3", tolerance="1e-9")
    assert log["beta"].dtype == np.float32
    assert found.verdict == "agrees"
    assert 1e-6 < found.tolerance < 1e-4
    double = audited({**log, "beta": log["beta"].astype(float)}, alpha="1e-3", tolerance="1e-9")
    assert double.verdict == "deviates"  # the same numbers, said to be exact to 1e-9
    assert double.tolerance == 1e-9


def test_weights_lost_in_binary32_are_said_first() -> None:
    found = audited(train(1e-5, 0.01, 2000, dtype=np.float32, log=("u", "v")), alpha="1e-5")
    assert found.unsound is not None
    assert "binary32 lost its smaller weight" in found.reasons[0]


def test_an_arrival_has_the_jump_of_the_limit_of_the_descent() -> None:
    # MATHEMATICS.md §9: jumps at 0.25987, 0.58227 with η = 0.02, and with momentum those of its own rule
    found = audited(train(1e-4, 0.02, 1500), step="0.02")
    assert [(a.coordinate, a.saddle) for a in found.arrivals] == [(0, 1), (1, 2)]
    assert [a.descent for a in found.arrivals] == pytest.approx([0.25987, 0.58227], abs=1e-5)
    doubled = audited(train(1e-4, 0.01, 1500, loss="1/n"))
    assert [a.descent for a in doubled.arrivals] == pytest.approx([0.25987, 0.58227], abs=1e-5)
    heavy = audited(train(1e-4, 0.01, 1500, momentum=0.9, every=1))
    assert heavy.arrivals[0].descent is not None
    assert heavy.arrivals[0].descent < 0.1  # ten times as fast, nearly
    coarse = audited(train(1e-4, 0.3, 200, every=1), step="0.3")
    assert any("limit path of the descent is not known" in reason for reason in coarse.reasons)
    deep = audited(train(0.05, 0.01, 6000, network="powers", depth=3, every=20), alpha="1/20", depth=3)
    assert all(a.descent is None for a in deep.arrivals)


def test_small_coordinates_have_plateaus_too() -> None:
    # column 1 ends at 1/20 of column 0, long after it
    problem = Problem([[2, 0], [0, 1]], [4, "1/10"])
    log = train(1e-4, 0.05, 8_000, X=np.array([[2.0, 0], [0, 1]]), y=np.array([4, 0.1]))
    found = audit(problem, log, alpha="1e-4", step="1/20", flow=False)
    assert found.itinerary is not None
    assert [plateau.saddle for plateau in found.itinerary.plateaus] == [0, 1, 2]


def test_the_flow_of_ordinary_data_is_within_the_budget() -> None:
    random = np.random.default_rng(0)
    wide = saddle_path(Problem(random.integers(-3, 4, (20, 50)), random.integers(-3, 4, 20)))
    assert flow_work(wide) < MAX_FLOW_WORK
    rounded = Problem(X, [0.1 + 0.2, 0.3])  # its path goes on to fit the rounding of y
    path = saddle_path(rounded)
    early = float(path[1].jump_time) * 1.5
    assert flow_work(path, early) == 2 * (8 + 2)
    assert flow_work(path, early) < flow_work(path)
