"""Runs that plain NumPy made: conventions are recognised, planted faults found, faithful runs not accused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem, load_dataset
from exactsaddle.audit import Audit, RunLogger, audit, read_run, run_of
from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.report.contents.audit import audit_document
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.figures.audit import audit_pictures
from exactsaddle.report.renderers.markdown import render_markdown
from tests.support.command import run as command
from tests.support.training import X, Y, train

PROBLEM = Problem(X, Y)


def audited(log: Any, alpha: Any = "1e-4", step: Any = "1/100", **options: Any) -> Audit:
    return audit(PROBLEM, log, alpha=alpha, step=step, flow=options.pop("flow", False), **options)


# --- faithful runs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "factor", "scale"),
    [
        ({}, 1, 1),
        ({"network": "half"}, 1, 0.5**0.5),
        ({"network": "squares"}, 2, 2**0.5),
        ({"loss": "1/n"}, 2, 1),
        ({"loss": "1"}, 4, 1),
        ({"loss": "1/n", "network": "squares"}, 4, 2**0.5),
    ],
    ids=str,
)
def test_conventions_are_recognised(made: dict[str, Any], factor: float, scale: float) -> None:
    found = audited(train(1e-4, 0.01, 2000, every=5, **made))
    assert found.verdict == "agrees", found.words
    assert found.account is not None
    assert found.account.factor == factor
    assert found.account.alpha == pytest.approx(scale * 1e-4)
    assert found.itinerary is not None
    assert [plateau.saddle for plateau in found.itinerary.plateaus] == [0, 1, 2]
    assert (found.itinerary.missed, found.itinerary.extra, found.itinerary.swapped) == ((), (), ())
    words = str(found.account)
    assert ("u² − v²" in words) == (made.get("network") == "squares")
    assert (f"·{made.get('loss', '1/(2n)')}," in words) or factor == 4


def test_the_first_loss_decides_what_stands_before_the_square() -> None:
    log = train(1e-4, 0.01, 2000, loss="1/n", every=5, log=("beta", "loss"))
    told = audited(log, alpha=None)
    guessed = audited({name: log[name] for name in ("step", "beta")}, alpha=None)
    assert told.account is not None
    assert guessed.account is not None
    assert told.account.conventions == ("loss ‖y − Xβ‖²·1/n, β = u ⊙ v", "loss ‖y − Xβ‖²·1/2, β = u ⊙ v")
    assert "loss ‖y − Xβ‖²·1/(2n), β = u² − v²" in guessed.account.conventions  # ambiguity is said
    assert any("runs 2 times as fast" in reason for reason in told.reasons)


def test_alpha_is_inferred_from_the_growth_before_the_first_escape() -> None:
    found = audited(train(3e-5, 0.01, 2500, every=2), alpha=None)
    assert found.verdict == "agrees"
    assert found.account is not None
    assert found.account.alpha == pytest.approx(3e-5, rel=1e-3)
    assert found.stated_alpha is None


def test_losses_alone_are_judged() -> None:
    log = train(1e-4, 0.01, 2000, log=("loss",))
    right = audited(log)
    assert right.verdict == "agrees"
    assert right.itinerary is not None  # L(β_0), L(β_1), L(β_2)
    assert [plateau.saddle for plateau in right.itinerary.plateaus] == [0, 1, 2]
    assert max(plateau.distance for plateau in right.itinerary.plateaus) < 0.01
    wrong = audited({**log, "loss": np.where(log["step"] > 900, 0.3, log["loss"])})
    assert wrong.verdict == "deviates"
    assert wrong.first_unexplained is not None
    assert wrong.first_unexplained.coordinate is None
    assert log["step"][wrong.first_unexplained.row] == 910


@pytest.mark.parametrize("depth", [3, 4])
def test_deeper_networks(depth: int) -> None:
    log = train(0.05, 0.01, 6000, network="powers", depth=depth, every=20)
    found = audited(log, alpha="1/20", depth=depth)
    assert found.verdict == "agrees", found.words
    assert audited(log, alpha="1/20", depth=7 - depth).verdict == "deviates"


def test_arrivals_and_distances_are_those_of_theory() -> None:
    found = audited(train(1e-4, 0.001, 20_000, every=10), step="1/1000", flow=True)
    assert [(a.coordinate, a.saddle, a.limit) for a in found.arrivals] == [(0, 1, 0.25), (1, 2, 0.5625)]
    for arrival in found.arrivals:
        assert arrival.run == pytest.approx(arrival.repeated, abs=1e-9)
        assert arrival.run == pytest.approx(arrival.at_alpha, abs=0.02)
    assert all(d.run_flow is not None and d.run_flow < 0.02 for d in found.distances)
    assert found.distances[-1].run_limit < 1e-6
    assert max(d.run_descent or 0 for d in found.distances) < 1e-9


def test_a_log_in_real_time_without_a_step_is_held_against_the_flow() -> None:
    log = train(1e-2, 2e-4, 20_000, every=200)
    time = {"time": log["step"] * 2e-4, "beta": log["beta"]}
    assert audited(time, alpha="1e-2", step=None, tolerance="1/100").verdict == "agrees"


# --- logs -----------------------------------------------------------------------------------------


def test_every_format_is_the_same_run(tmp_path: Path) -> None:
    log = train(1e-2, 0.01, 300, every=50)
    np.savez(tmp_path / "run.npz", **log)
    np.save(tmp_path / "run.npy", np.column_stack([log["step"], log["beta"]]))
    rows = [
        {"step": int(k), "beta": list(map(float, b))} for k, b in zip(log["step"], log["beta"], strict=True)
    ]
    (tmp_path / "run.jsonl").write_text("\n".join(map(json.dumps, rows)))
    lines = ["step,beta_0,beta_1,beta_2"]
    lines += [",".join(map(repr, [row["step"], *row["beta"]])) for row in rows]
    (tmp_path / "run.csv").write_text("\n".join(lines))
    with RunLogger(tmp_path / "logged.npz") as logger:
        for row in rows:
            logger(**row)
    for name in ("run.npz", "run.npy", "run.jsonl", "run.csv", "logged.npz"):
        found = read_run(tmp_path / name)
        assert np.array_equal(found.clock, log["step"]), name
        assert found.beta is not None
        assert np.array_equal(found.beta, log["beta"]), name


def test_long_logs_are_thinned_around_events() -> None:
    def rows() -> Any:
        for k in range(45_000):
            yield {"step": k, "beta": [1.0 if k > 21_234 else 0.0, 0.0]}

    found = run_of(rows())
    assert len(found) <= 40_000
    assert 21_235 in found.clock
    assert "of 45,000 rows kept" in found.notes[0]


def test_a_log_is_read_to_its_first_nan() -> None:
    log = train(1e-2, 0.01, 300)
    log["beta"][20:, 1] = np.nan
    found = run_of(log)
    assert len(found) == 20
    assert found.notes == ("row 21 is not finite: it and the 10 after it are left out",)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ({"step": [0], "beta": [[0.0]]}, "at least two rows"),
        ({"beta": [[0.0], [1.0]]}, "no column step or time"),
        ({"step": [0, 2, 1], "beta": [[0.0]] * 3}, "row 3 of the run is at 1, not after 2"),
        ({"step": [0, 1], "beta": [[0.0]] * 3}, "2 times but 3 rows of beta"),
        ({"step": [0, 1], "beta": [["a"], ["b"]]}, "holds .*not numbers"),
        ({"step": [0, 1], "weights": [[0.0]] * 2}, "none of beta, u and v.*its fields: weights"),
        ({"step": [0, 1, 2], "beta": [[0.0] * 2] * 3}, "2 coordinates, the problem 3"),
        ({"step": [0, 1, 2], "beta": np.zeros((2, 3))}, "transposed"),
        ({"step": [-1, 1], "beta": [[0.0]] * 2}, "begins at -1"),
    ],
)
def test_bad_logs_are_refused_by_name(log: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        audited(log)


def test_bad_files_name_their_place(tmp_path: Path) -> None:
    place = tmp_path / "run.csv"
    place.write_text("step,beta_0\n0,1\n1,x\n")
    with pytest.raises(UnreadableFile, match=r"run\.csv, line 3, column 'beta_0': 'x' is not a number"):
        read_run(place)
    (tmp_path / "run.jsonl").write_text('{"step": 0}\n[1]\n')
    with pytest.raises(UnreadableFile, match=r"line 2: not an object"):
        read_run(tmp_path / "run.jsonl")
    with pytest.raises(UnreadableFile, match=r"unknown ending '\.doc'"):
        read_run(tmp_path / "run.doc")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "alpha must be positive"),
        ({"alpha": 2}, "below 1"),
        ({"step": "-1"}, "step must be positive"),
        ({"depth": 1}, "depth must be an integer from 2 to 64, not 1"),
        ({"scales": 0}, "scales: 0 is not positive"),
    ],
)
def test_bad_options_are_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        audited(train(1e-2, 0.01, 100), **options)


def test_scales_are_those_of_the_network() -> None:
    log = train(1e-4, 0.01, 2000, seed_scale=(1, 10.0))
    found = audited(log, scales=[1, 10, 1], flow=True)
    assert found.verdict == "agrees"
    assert all(arrival.at_alpha is None for arrival in found.arrivals)  # their law is for scale 1
    assert all(row.run_flow is not None and row.run_flow < 0.1 for row in found.distances)


def test_a_step_or_a_scale_that_was_not_used_is_named() -> None:
    log = train(1e-4, 0.01, 2000, every=5)
    coarse = audited(log, step="1/50")
    assert "a clock 0.5 times the paper's" in coarse.words
    elsewhere = audited(log, alpha="3e-4")
    assert elsewhere.verdict == "deviates"
    assert "α = 0.0001, which no convention gives" in elsewhere.words


def test_a_flow_beyond_the_budget_is_undecidable() -> None:
    found = audit(load_dataset("planted"), {"time": [0, 1, 2], "beta": np.zeros((3, 20))}, alpha="1e-4")
    assert found.verdict == "undecidable"
    assert "was it gradient descent? state its step" in found.reasons[-1]
    counted = audit(load_dataset("planted"), {"step": [0, 1, 2], "beta": np.zeros((3, 20))}, alpha="1e-4")
    assert counted.verdict == "undecidable"
    assert "the step was not stated" in counted.reasons[-1]


def test_without_alpha_and_early_rows_nothing_is_claimed() -> None:
    log = train(1e-4, 0.01, 2000, every=500)
    found = audited(log, alpha=None)
    assert found.verdict == "undecidable"
    assert "alpha was not stated" in found.reasons[-1]


# --- the command ------------------------------------------------------------------------------------


def test_the_command_ends_with_the_verdict(tmp_path: Path) -> None:
    PROBLEM.save(tmp_path / "data.json")
    np.savez(tmp_path / "run.npz", **train(1e-4, 0.01, 2000))
    call = ["audit", tmp_path / "data.json", tmp_path / "run.npz", "--alpha", "1e-4", "--no-flow", "--step"]
    done = command(*call, "0.01")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nagrees: descent repeated" in done.stdout
    assert "verified" not in done.stdout  # numerical evidence never is
    command(*call, "0.01", "--scales", "x1=1", "-o", tmp_path / "out", "--format", "md")
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "--alpha 1e-4 --step 0.01 --scales x1=1 --no-flow" in page
    wrong = command(*call, "0.02", "--json")
    assert wrong.returncode == 1
    found = json.loads(wrong.stdout)
    assert (found["verdict"], found["first_unexplained"]) == ("deviates", None)
    assert found["clock"]["factor"] == pytest.approx(0.5)
    assert found["plateaus"][0].keys() == {"saddle", "from", "to", "distance"}
    assert [arrival["at_alpha"] for arrival in found["arrivals"]] == pytest.approx([0.25, 0.56888], abs=1e-4)
    assert found["arrivals"][0].keys() == {
        "coordinate", "saddle", "run", "limit", "at_alpha", "descent", "repeated", "name"
    }  # fmt: skip


def test_the_report_says_what_the_audit_found(tmp_path: Path) -> None:
    found = audited(train(1e-4, 0.01, 800, seed_scale=(1, 10.0)))
    pictures = audit_pictures(found, None, "not now")
    assert [picture.anchor for picture in pictures] == ["run", "distances"]
    assert "<svg" in pictures[0].svg
    page = render_markdown(
        audit_document(found, pictures, Origin("data", "a run", "exactsaddle audit", "0")), {}
    )
    assert "> **DEVIATES**: From t = 0.40172 (row 38) x1" in page
    assert "nothing known here explains the remainder" in page
    assert "Audited with exactsaddle" in page
    alone = audited(train(1e-4, 0.01, 800, log=("loss",)))
    assert audit_pictures(alone, None, "not now") == ()
    assert "The log has losses alone" in render_markdown(
        audit_document(alone, (), Origin("d", "r", "c", "0")), {}
    )
