"""``exactsaddle path`` and ``resolve`` for optimisers that are not the flow."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from exactsaddle import load_dataset
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import HeavyBall, WeightDecay
from tests.support.command import run


def test_a_step_prints_times_first_orders_and_the_verdict() -> None:
    done = run("path", "planted", "--step", "1/1000")
    assert done.returncode == 0
    assert "GradientDescent('1/1000'" in done.stdout
    assert "≈ 0.0088065477" in done.stdout
    assert "dt/dη at 0" in done.stdout
    assert "the events are the flow's, in its order" in done.stdout
    assert "verified: 6 saddles" in done.stdout


def test_json_holds_the_rule_the_bounds_and_the_first_order() -> None:
    arguments = ["path", "planted", "--step", "1/1000", "--momentum", "1/10", "--decay", "1/20"]
    document = json.loads(run(*arguments, "--json").stdout)
    assert document["rule"] == {"penalty": "1/20", "step": "1/1000", "momentum": "1/10"}
    path = descent_path(load_dataset("planted"), rule=HeavyBall("1/1000", "1/10", WeightDecay("1/20")))
    assert [saddle["support"] for saddle in document["saddles"]] == [list(s.support) for s in path]
    assert document["verdict"] == "verified"
    assert document["first_order"]["shared_jumps"] == len(path.events) > 0
    low, high = document["saddles"][1]["jump_time"]
    assert low != high


def test_decay_is_exact_and_its_certificate_can_be_checked(tmp_path: Path) -> None:
    place = tmp_path / "c.json"
    done = run("path", "planted", "--decay", "1/2", "--decay", "x2=1", "-o", place)
    assert done.returncode == 0
    assert json.loads(place.read_text())["penalty"][:3] == ["1/2", "1/2", "1"]
    assert run("check", place).returncode == 0
    detached = tmp_path / "d.json"
    assert run("path", "planted", "--decay", "1/2", "-o", detached, "--detached").returncode == 0
    assert "problem" not in json.loads(detached.read_text())


def test_a_prefix_exits_3_with_its_reason() -> None:
    done = run("path", "planted", "--step", "1/1000", "--max-saddles", "2")
    assert done.returncode == 3
    assert "stopped by max_saddles = 2" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--step", "0"], "step must be positive, not 0"),
        (["--step", "-1"], "step must be positive, not -1"),
        (["--step", "1"], "at saddle 0, for the weight of x2 (−), a step of 1 reverses its sign"),
        (["--step", "x"], "'x' is not a rational number"),
        (["--momentum", "1/2"], "--momentum needs --step"),
        (["--step", "1/1000", "--momentum", "1"], "momentum must be at least 0 and below 1"),
        (["--decay=-1"], "penalty must be at least 0"),
        (["--decay", "price=1"], "--decay price=1: no column 'price'"),
        (["--step", "1/1000", "--uniqueness"], "leave --uniqueness"),
        (["--step", "1/1000", "--compare", "answer.npz"], "--coefficients and --compare are about"),
        (["--decay", "1/2", "--coefficients"], "are about the flow's path"),
        (["--step", "1/1000", "--arithmetic", "ball"], "leave --uniqueness, --certificate"),
    ],
)
def test_bad_input_is_one_message_and_exit_2(arguments: list[str], message: str) -> None:
    done = run("path", "planted", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_resolve_encloses_the_largest_steps() -> None:
    arguments = ["resolve", "planted", "--max-saddles", "3", "--step"]
    document = json.loads(run(*arguments, "--json").stdout)
    limits = document["step"]
    stability = limits["stability"]
    assert (
        Fraction(stability["low"])
        < Fraction(stability["high"])
        < Fraction(stability["low"]) * (1 + Fraction(1, 10**5))
    )
    assert limits["signs_below"] == "4/481"
    done = run(*arguments)
    assert (
        "weights keep their signs at every saddle of the first 3 for η < 4/481 ≈ 0.008316008" in done.stdout
    )
    assert "the events are the flow's, in its order, for every η up to " in done.stdout


def test_sharpness_is_exact_while_no_time_is_long(tmp_path: Path) -> None:
    done = run("path", "planted", "--sharpness", "1/1000", "--max-saddles", "2", "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["rule"] == {"radius": "1/1000"}
    low, high = map(Fraction, document["saddles"][1]["jump_time"])
    assert low == high == Fraction(16000, 1692639)


@pytest.mark.parametrize(
    ("command", "option", "reason"),
    [
        (("flow", "planted", "--alpha", "1e-3", "--times", "1"), "--decay", "at finite α is not enclosed"),
        (("converge", "planted"), "--step", "is not known beyond the limit"),
        (("minimisers", "planted"), "--sharpness", "which of several minimisers an optimiser"),
        (("report", "planted"), "--momentum", "is about the path of gradient flow"),
        (("resolve", "planted"), "--momentum", "is known for gradient flow and for gradient descent alone"),
        (("path", "planted", "--decay", "1"), "--sharpness", "no rule has both"),
        (("path", "planted", "--depth", "3"), "--step", "a fixed step changes nothing on plateaus"),
    ],
)
def test_an_option_of_an_optimiser_without_mathematics_is_refused_with_the_reason(
    command: tuple[str, ...], option: str, reason: str
) -> None:
    done = run(*command, option, "1/10")
    assert done.returncode == 2
    assert reason in " ".join(done.stderr.split())
    assert option in done.stderr
