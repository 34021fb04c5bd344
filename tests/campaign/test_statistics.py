"""Statistics against their definitions on betas, and the comparisons against the functions they report."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest

from exactsaddle import Problem, campaign, lasso_path, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed
from exactsaddle.campaign.families import draw_member
from exactsaddle.campaign.specfile import spec_from
from exactsaddle.campaign.statistics import EXTREMAL, STATISTICS
from exactsaddle.campaign.work import NOT_ASKED, compute
from exactsaddle.flow import enclose
from exactsaddle.lasso import lasso_agreement
from exactsaddle.testing.properties import PROPERTIES
from tests.support.campaign_workers import InProcess

FAMILIES = ["strict-drop", "sign-flip", "reactivation", "deactivation", "simultaneous-swap", "initial-duals"]


def values(path) -> dict[str, object]:
    return {
        column: value
        for statistic in STATISTICS.values()
        for (column, _), value in zip(statistic.columns, statistic.compute(path), strict=True)
    }


def by_definition(path) -> dict[str, object]:
    """The same from nothing but times, betas and duals."""
    betas = [saddle.beta for saddle in path]
    times = [saddle.jump_time for saddle in path]
    d = len(betas[0])
    supports = [{i for i in range(d) if beta[i]} for beta in betas]
    left = [before - after for before, after in pairwise(supports)]
    entered = [after - before for before, after in pairwise(supports)]
    flips = 0
    for i in range(d):
        signs = [beta[i] > 0 for beta in betas if beta[i]]
        flips += sum(a != b for a, b in pairwise(signs))
    back = sum(
        any(i in gone for gone in left[:k]) for k, coordinates in enumerate(entered) for i in coordinates
    )
    plateaus = [after - before for before, after in pairwise(times)]
    longest = max(plateaus, default=None)
    heights = []
    for saddle in path:
        denominator = math.lcm(*(value.denominator for value in saddle.dual))
        heights += [denominator, *(abs(int(value * denominator)) for value in saddle.dual)]
    return {
        "saddles": len(betas),
        "deactivations": sum(map(len, left)),
        "reactivations": back - flips,
        "sign_flips": flips,
        "support_drops": sum(len(b) < len(a) for a, b in pairwise(supports)),
        "max_support": max(map(len, supports)),
        "end_support": len(supports[-1]),
        "longest_plateau_index": None if longest is None else plateaus.index(longest),
        "longest_plateau": None if longest is None else float(longest),
        "longest_plateau_exact": None if longest is None else str(longest),
        "first_jump": float(times[1]) if plateaus else None,
        "last_jump": float(times[-1]) if plateaus else None,
        "bits": max(value.bit_length() for value in heights),
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_statistics_are_what_they_are_said_to_be(family) -> None:
    seen = 0
    for i in range(12):
        path = saddle_path(draw_member(family, ["statistics", i], 4, 6))
        assert values(path) == by_definition(path)
        seen += path.events != ()
    assert seen > 6


def test_statistics_of_an_example_counted_by_hand() -> None:
    """The example of the README."""
    path = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))
    found = values(path)
    assert [str(t) for t in path.jump_times] == ["0", "1/4", "9/16"]
    assert (found["saddles"], found["deactivations"], found["longest_plateau_exact"]) == (3, 0, "5/16")
    assert (found["longest_plateau_index"], found["first_jump"], found["last_jump"]) == (1, 0.25, 0.5625)
    assert found["max_support"] == found["end_support"] == 2


def test_a_path_that_never_moves_has_no_plateau_that_ends() -> None:
    found = values(saddle_path(Problem([[1]], [0])))
    assert found["saddles"] == 1
    assert found["longest_plateau"] is None
    assert found["longest_plateau_exact"] is None
    assert found["first_jump"] is None


def test_what_is_extremal_is_compared_by_a_number() -> None:
    assert "longest-plateau" in EXTREMAL
    assert all(STATISTICS[name].columns[-1][1] != "string" for name in EXTREMAL)


def _spec(do=None, budget=None, **experiment):
    given = {"ensemble": "gaussian", "sizes": ["3x5"], "count": 6, **experiment}
    if "family" in given:
        del given["ensemble"]
    return spec_from({"format": 1, "seed": 2, "do": do or {}, "budget": budget or {}, "experiment": [given]})


def rows(spec) -> list[dict]:
    return [outcome.row for outcome in compute(spec.canonical, range(spec.instances)).outcomes]


def test_the_lasso_is_compared() -> None:
    spec = _spec({"lasso": True}, ensemble="grid", count=25, sizes=["4x5"])
    found = rows(spec)
    for i, row in enumerate(found):
        problem = campaign.work.draw_instance(spec, i)
        holds = [stretch.holds for stretch in lasso_agreement(saddle_path(problem))]
        assert row["lasso_knots"] == len(lasso_path(problem))
        assert (row["lasso_agrees"], row["lasso_disagreements"]) == (all(holds), holds.count(False))
        assert (row["lasso_check"], row["status"]) == ("verified", "verified")
    assert {row["lasso_agrees"] for row in found} == {True, False}
    boundary = rows(_spec({"lasso": True}, family="boundary-duals", sizes=["4x6"], count=3))
    assert {row["lasso_check"] for row in boundary} == {"not applicable"}


def test_the_flow_is_enclosed_and_its_distance_bounded() -> None:
    spec = _spec({"flow": ["1e-8", "1e-16"]}, ensemble="grid", bound=3, sizes=["2x3"], count=3)
    for i, row in enumerate(rows(spec)):
        path = saddle_path(campaign.work.draw_instance(spec, i))
        assert row["flow_0_status"] == row["flow_1_status"] == "verified"
        assert 0 < row["flow_1_distance"] < row["flow_0_distance"] < 1
        for k, after in enumerate(path[1:]):
            centre = (path[k].jump_time + after.jump_time) / 2
            (point,) = enclose(path.problem, Fraction(1, 10**8), [centre]).points
            if path[k].unique:
                gaps = [abs(float(b.mid()) - float(e)) for b, e in zip(point.beta, path[k].beta, strict=True)]
                assert max(gaps) <= row["flow_0_distance"] + 1e-12


def test_a_flow_beyond_its_budget_is_unchecked() -> None:
    (row,) = rows(_spec({"flow": ["1e-30"]}, budget={"flow_steps": 3}, count=1))
    assert (row["status"], row["flow_0_status"], row.get("flow_0_distance")) == (
        "unchecked",
        "unchecked",
        None,
    )
    assert row["reason"].startswith("flow 0: ")
    assert "budget of 3 steps" in row["reason"]
    assert row["check"] == "verified"


def test_a_path_beyond_its_budget_is_unchecked_and_kept() -> None:
    spec = _spec(budget={"saddles": 2}, count=1)
    (outcome,) = compute(spec.canonical, range(1)).outcomes
    assert (outcome.row["status"], outcome.row["complete"], outcome.row["saddles"]) == ("unchecked", False, 2)
    assert outcome.row["reason"].startswith("check: 2 saddles (a prefix")
    assert outcome.kept is not None
    assert '"complete": false' in outcome.kept.certificate


def test_no_check_is_not_verified() -> None:
    spec = _spec({"check": "none"}, count=2)
    outcomes = compute(spec.canonical, range(2)).outcomes
    assert [(o.row["status"], o.row["reason"], o.row["check"]) for o in outcomes] == [
        ("unchecked", NOT_ASKED, None)
    ] * 2
    assert all(outcome.kept is None for outcome in outcomes)


@pytest.mark.parametrize("check", ["exact", "events"])
def test_both_checkers_can_be_asked(check) -> None:
    spec = _spec({"check": check}, count=1)
    (outcome,) = campaign.work.preserve(spec.canonical, [0]).outcomes
    assert outcome.row["check"] == "verified"
    assert ('"version": 2' in outcome.kept.certificate) == (check == "events")


def test_long_numbers_are_checked_by_events() -> None:
    spec = _spec(sizes=["60x60"], decimals=1, count=1)
    (outcome,) = campaign.work.preserve(spec.canonical, [0]).outcomes
    assert outcome.row["status"] == "verified"
    assert '"version": 2' in outcome.kept.certificate


def test_properties_are_judged(monkeypatch) -> None:
    spec = _spec({"properties": ["certificate", "uniqueness"]}, count=1)
    (row,) = rows(spec)
    assert (row["properties_verified"], row["properties_rejected"], row["properties_failed"]) == (2, 0, None)

    def broken(problem, path):
        raise ProofFailed("seeded")

    monkeypatch.setitem(
        PROPERTIES, "uniqueness", PROPERTIES["uniqueness"].__class__("uniqueness", "", None, broken)
    )
    (row,) = rows(spec)
    assert (row["status"], row["properties_failed"]) == ("rejected", "uniqueness")
    assert row["reason"] == "uniqueness: raised ProofFailed: seeded"


def test_a_solver_that_raises_is_rejected_and_kept(monkeypatch) -> None:
    def broken(problem, **budget):
        raise ProofFailed("seeded")

    monkeypatch.setattr("exactsaddle.campaign.work.saddle_path", broken)
    (outcome,) = compute(_spec(count=1).canonical, range(1)).outcomes
    assert (outcome.row["status"], outcome.row["reason"]) == (
        "rejected",
        "solve: raised ProofFailed: seeded",
    )
    assert outcome.kept.certificate is None


def test_a_checker_that_rejects_is_believed(monkeypatch) -> None:
    class Report:
        verdict, message = "rejected", "saddle 1: loss: seeded"

    monkeypatch.setattr("exactsaddle.campaign.work.check_path.check", lambda text: Report)
    (row,) = rows(_spec(count=1))
    assert (row["status"], row["check"]) == ("rejected", "rejected")
    assert row["reason"] == "check: saddle 1: loss: seeded"


def test_somebodys_solver_is_compared(tmp_path) -> None:
    do = {"conformance": "tests.support.solvers:never_deactivates"}
    spec = _spec(do, family="deactivation", sizes=["4x6"], count=12)
    results = campaign.run(spec, tmp_path / "c", engine=InProcess())
    found = results.table().to_pylist()
    wrong = [row for row in found if row["conformance"] == "wrong"]
    assert wrong
    assert all(row["status"] == "rejected" and row["check"] == "verified" for row in wrong)
    assert all(row["reason"] == f"conformance: {row['conformance_detail']}" for row in wrong)
    assert {kept.row["instance"] for kept in results.kept if "rejected" in kept.reasons} == {
        row["instance"] for row in wrong
    }
    right = rows(_spec({"conformance": "tests.support.solvers:correct"}, count=3))
    assert {(row["conformance"], row["status"]) for row in right} == {("right", "verified")}
    assert all(row["conformance_judged"] >= 2 for row in right)
    odd = rows(
        _spec({"conformance": "tests.support.solvers:correct"}, family="thresholds", sizes=["3x3"], count=2)
    )
    assert {row["conformance"] for row in odd} == {"not applicable"}
    crash = rows(_spec({"conformance": "tests.support.solvers:dies"}, count=1))
    assert (crash[0]["conformance"], crash[0]["status"]) == ("crashed", "rejected")


def test_a_target_that_cannot_be_loaded_stops_a_campaign_before_it_begins(tmp_path) -> None:
    engine = InProcess()
    with pytest.raises(InvalidInput, match=r"target tests\.support\.solvers:nobody"):
        campaign.run(_spec({"conformance": "tests.support.solvers:nobody"}), tmp_path / "c", engine=engine)
    assert engine.asked == []


def test_an_instance_that_cannot_be_drawn_is_unchecked(monkeypatch) -> None:
    def none(spec, instance):
        raise Inconclusive("family x gave no example in 1000 draws")

    monkeypatch.setattr("exactsaddle.campaign.work.draw_instance", none)
    (outcome,) = compute(_spec(count=1).canonical, range(1)).outcomes
    assert (outcome.row["status"], outcome.row.get("digest")) == ("unchecked", None)
    assert outcome.row["reason"] == "solve: family x gave no example in 1000 draws"
    assert outcome.kept is None
