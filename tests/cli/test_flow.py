"""``exactsaddle flow`` as a shell sees it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactsaddle import Problem
from exactsaddle.cli import flow
from tests.support.command import run

PROBLEM = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    PROBLEM.save(path)
    return path


def test_the_default_is_proved_and_its_json_is_the_documented_shape(data: Path) -> None:
    done = run("flow", data, "--alpha", "1e-50", "--times", "0,3/10,1", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["alpha"], document["rigorous"], document["verdict"]) == ("1e-50", True, "verified")
    assert [point["t"] for point in document["points"]] == ["0", "3/10", "1"]
    for point in document["points"]:
        assert len(point["beta"]) == len(point["dual"]) == 3
        for number in (*point["beta"], *point["dual"], point["loss"]):
            assert 0 <= Fraction(number["rad"]) <= Fraction(1, 10**30)
    start, plateau, end = document["points"]
    assert start["dual"] == [{"mid": "0", "rad": "0"}] * 3
    assert abs(Fraction(plateau["beta"][0]["mid"]) + Fraction(4, 5)) < Fraction(1, 10**19)
    assert abs(Fraction(end["beta"][1]["mid"]) + Fraction(1, 4)) < Fraction(1, 10**30)


def test_numerical_evidence_has_no_radius_and_no_verdict(data: Path) -> None:
    options = ("--alpha", "1e-50", "--times", "3/10", "--digits", "40", "--json")
    done, proved = run("flow", data, *options, "--mpmath"), run("flow", data, *options)
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert (document["rigorous"], document["verdict"]) == (False, "unchecked")
    (point,), (balls,) = document["points"], json.loads(proved.stdout)["points"]
    for number, ball in zip((*point["beta"], *point["dual"]), (*balls["beta"], *balls["dual"]), strict=True):
        assert number["rad"] is None
        slack = Fraction(ball["rad"]) + abs(Fraction(number["mid"])) / 10**39
        assert abs(Fraction(number["mid"]) - Fraction(ball["mid"])) <= slack


def test_tables_say_what_they_are(data: Path) -> None:
    done = run("flow", data, "--alpha", "1e-20", "--times", "3/10", "--digits", "12")
    assert "t = 3/10" in done.stdout
    assert "verified: every ball contains the true flow" in done.stdout
    assert "±" in done.stdout
    done = run("flow", data, "--alpha", "1e-20", "--times", "3/10", "--digits", "12", "--mpmath")
    assert "unchecked: numerical evidence" in done.stdout
    assert "±" not in done.stdout


def test_thresholds_are_taken(data: Path) -> None:
    done = run("flow", data, "--alpha", "1e-20", "--times", "3/10", "--lower", "inf", "--json")
    (point,) = json.loads(done.stdout)["points"]
    # no β can be negative: the descent along x0 is shut
    assert all(Fraction(b["mid"]) + Fraction(b["rad"]) >= 0 for b in point["beta"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--alpha", "0", "--times", "1"), "alpha must lie strictly between 0 and 1, not 0"),
        (("--alpha", "1", "--times", "1", "--mpmath"), "alpha must lie strictly between 0 and 1, not 1"),
        (("--alpha", "tiny", "--times", "1"), "'tiny' is not a rational number"),
        (("--alpha", "1e-5", "--times", "1,1/2"), "times must increase, but 1/2 follows 1"),
        (("--alpha", "1e-5", "--times", "-1"), "time -1 is negative"),
        (("--alpha", "1e-5", "--times", "1", "--digits", "99999"), "not 99999"),
        (("--times", "1"), "Missing option '--alpha'"),
    ],
)
def test_bad_input(data: Path, options: tuple[str, ...], message: str) -> None:
    done = run("flow", data, *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_stiffness_is_refused_with_its_estimate_or_proved() -> None:
    done = run("flow", "diabetes", "--alpha", "1e-16", "--times", "3", "--mpmath")
    assert done.returncode == 3
    assert "unchecked: an explicit integrator needs about 2" in done.stderr


@pytest.mark.parametrize("options", [(), ("--mpmath",)])
def test_ctrl_c_prints_what_was_found(
    data: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    name = "integrate" if options else "enclose"
    method = getattr(flow, name)

    def pressed_on_the_way(*arguments: Any, progress: Callable[[Any], bool | None], **rest: Any) -> Any:
        def report(state: Any) -> bool | None:
            if state.time > Fraction(1, 50):
                signal.raise_signal(signal.SIGINT)
            return progress(state)

        return method(*arguments, progress=report, **rest)

    monkeypatch.setattr(flow, name, pressed_on_the_way)
    done = run("flow", data, "--alpha", "1e-20", "--times", "1/100,3", "--json", *options)
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["complete"] is False
    assert [point["t"] for point in document["points"]] == ["1/100"]


def test_columns_of_unit_norm_are_said_and_proved(data: Path, tmp_path: Path) -> None:
    options = ("--standardize", "--alpha", "1e-6", "--times", "1/2", "--digits", "12")
    done = run("flow", data, *options)
    assert done.returncode == 0, done.stderr
    assert "columns of unit norm, β in the units of X" in done.stdout
    assert "dual s·‖X_i‖" in done.stdout
    proved, numerical = (
        json.loads(run("flow", data, *options, "--json", *more).stdout) for more in ((), ("--mpmath",))
    )
    assert proved["problem"]["network"]["units"] == ["sqrt(10)", "sqrt(32)", "sqrt(20)"]
    assert (proved["verdict"], numerical["verdict"]) == ("verified", "unchecked")
    for ball, number in zip(proved["points"][0]["beta"], numerical["points"][0]["beta"], strict=True):
        slack = Fraction(ball["rad"]) + abs(Fraction(number["mid"])) / 10**11
        assert abs(Fraction(ball["mid"]) - Fraction(number["mid"])) <= slack
    # the saved problem is the same one
    PROBLEM.standardized().save(tmp_path / "unit.json")
    again = json.loads(run("flow", tmp_path / "unit.json", *options[1:], "--json").stdout)
    assert again["points"] == proved["points"]
    assert "columns divided by their units" in run("flow", tmp_path / "unit.json", *options[1:]).stdout


def test_what_unit_norm_does_not_allow_is_refused_in_words(data: Path, tmp_path: Path) -> None:
    for arguments, reason in (
        (("flow", data, "--alpha", "1e-3", "--times", "1", "--step", "1/100"), "columns as they are"),
        (("path", data, "--step", "1/100"), "is known for columns as they are"),
        (("path", data, "--decay", "1/100"), "is known for columns as they are"),
        (("audit", data, tmp_path / "run.npz"), "held against the numbers that it was trained on"),
    ):
        done = run(*arguments, "--standardize")
        assert done.returncode == 2
        assert reason in " ".join(done.stderr.split())
