"""``exactsaddle path`` and ``resolve`` for optimisers that are not the flow."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from exactsaddle import load_dataset
from exactsaddle.path.descent import descend, descent_path
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
        (["--step", "1"], "a step of 1 reverses the weight of x2 (−) on plateau 0: take one below "),
        (["--step", "x"], "'x' is not a rational number"),
        (["--momentum", "1/2"], "--momentum needs --step"),
        (["--step", "1/1000", "--momentum", "1"], "momentum must be at least 0 and below 1"),
        (["--decay=-1"], "--decay -1: must be at least 0"),
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


@pytest.fixture(scope="module")
def reversing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Steps below 1 keep signs at the first saddle, steps below 5/6 at the second."""
    place = tmp_path_factory.mktemp("data") / "r.csv"
    place.write_text("a,b,c,y\n-1,-1,-2,-2\n1,2,2,-2\n")
    return place


@pytest.mark.parametrize(
    "command",
    [
        ("path",),
        ("minimisers",),
        ("report", "--no-flow", "--format", "md"),
        ("flow", "--alpha", "1e-3", "--times", "1/10,5"),
        ("converge", "--alphas", "1e-3"),
    ],
    ids=lambda command: command[0],
)
def test_a_step_that_reverses_a_weight_names_column_and_plateau(
    command: tuple[str, ...], reversing: Path, tmp_path: Path
) -> None:
    """At the first plateau it is bad input; at a later one what came before stands, and the exit is 3."""
    name, *rest = command
    arguments = [name, reversing, *rest, *(["-o", tmp_path] if name == "report" else [])]
    done = run(*arguments, "--step", "3")
    assert done.returncode == 2
    assert "a step of 3 reverses the weight of b (+) on plateau 0: take one below 1" in done.stderr
    done = run(*arguments, "--step", "9/10")
    assert done.returncode == 3
    said = done.stdout
    if name == "report":
        said = (tmp_path / "report.md").read_text().replace("\\", "")
    reason = "stopped by a step of 9/10, which reverses the weight of c (−) on plateau 1: take one below 5/6"
    if name == "flow":
        reason = "a step of 9/10 reverses the weight of c (−) at step 12, on plateau 1"
    assert reason in " ".join(said.split())


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
        (("flow", "planted", "--alpha", "1e-3", "--times", "1"), "--sharpness", "the ascent moves the large"),
        (("converge", "planted", "--curves"), "--step", "--curves, --plateaus and --digits are of the flow"),
        (("minimisers", "planted", "--depth", "3"), "--sharpness", "the path is that of gradient flow"),
        (("report", "planted"), "--momentum", "--momentum needs --step"),
        (("resolve", "planted"), "--momentum", "--momentum needs --step"),
        (("resolve", "planted"), "--sharpness", "how small α must be is not known for it"),
        (
            ("converge", "planted", "--curves"),
            "--decay",
            "follows orbits of the flow without decay",
        ),
        (("path", "planted", "--decay", "1"), "--sharpness", "no rule has both"),
        (
            ("path", "planted", "--depth", "3"),
            "--step",
            "nothing is left of a fixed step, nor of momentum but a speed",
        ),
    ],
)
def test_an_option_of_an_optimiser_without_mathematics_is_refused_with_the_reason(
    command: tuple[str, ...], option: str, reason: str
) -> None:
    done = run(*command, option, "1/10")
    assert done.returncode == 2
    assert reason in " ".join(done.stderr.split())
    assert option in done.stderr


def test_flow_iterates_a_rule_with_steps_beside_its_limit() -> None:
    arguments = ["flow", "planted", "--alpha", "1e-4", "--times", "1/200,1/100", "--digits", "8"]
    steps = ["--step", "1/1000", "--momentum", "1/10", "--decay", "1/3"]
    document = json.loads(run(*arguments, *steps, "--json").stdout)
    rule = HeavyBall("1/1000", "1/10", WeightDecay("1/3"))
    assert (document["verdict"], document["rule"]) == ("verified", rule.to_json())
    (found,) = descend(load_dataset("planted"), "1e-4", steps=92, rule=rule)
    assert [point["steps"] for point in document["points"]] == [46, 92]
    for number, ball in zip(document["points"][1]["beta"], found.beta, strict=True):
        assert abs(float(number["mid"]) - float(ball)) < 1e-8
    assert document["points"][0]["limit"] == ["0"] * 20
    done = run(*arguments, *steps, "--mpmath")
    assert done.returncode == 3
    assert "t = 1/100: 92 steps" in done.stdout
    done = run("flow", "planted", "--alpha", "1e-300", "--times", "1", "--step", "1/1000")
    assert done.returncode == 3
    assert "690,775 steps, more than the 20,000 that are enclosed" in done.stderr


def test_converge_compares_the_iteration_with_its_own_path() -> None:
    arguments = ["converge", "planted", "--step", "1/1000", "--alphas", "1e-5,1e-40", "--max-saddles", "2"]
    done = run(*arguments, "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    far, near = (entry for entry in document["distances"] if entry["plateau"] == 1)
    assert (far["evidence"], near["evidence"]) == ("rigorous", "rigorous")
    assert float(near["distance"]["mid"]) < float(far["distance"]["mid"]) / 100
    assert "numerical evidence" in run(*arguments).stdout


def test_minimisers_of_decay_are_all_lasso_solutions(tmp_path: Path) -> None:
    place = tmp_path / "tie.csv"
    place.write_text("a,b,c,y\n4,0,2,4\n0,4,2,3\n")
    document = json.loads(run("minimisers", place, "--decay", "1/10", "--json").stdout)
    last = document["saddles"][-1]
    assert last["vertices"] == [["1/4", "0", "59/40"], ["79/80", "59/80", "0"]]
    for vertex in last["vertices"]:
        b = [Fraction(v) for v in vertex]
        residual = [Fraction(4) - 4 * b[0] - 2 * b[2], Fraction(3) - 4 * b[1] - 2 * b[2]]
        assert all(v >= 0 for v in b)
        assert [2 * residual[0], 2 * residual[1], residual[0] + residual[1]] == [Fraction(1, 10)] * 3
    done = run("minimisers", place, "--decay", "1/10")
    assert "WeightDecay('1/10') selects a ≈ 0.704546963662505635" in done.stdout


def test_a_report_states_the_path_of_an_optimiser_with_rule_clock_and_verdict(tmp_path: Path) -> None:
    place = tmp_path / "p.csv"
    place.write_text("a,b,c,y\n-3,4,-4,2\n-1,-4,2,2\n")
    arguments = ["report", place, "--no-flow", "--format", "md,json", "-o", tmp_path, "--step", "1/20"]
    assert run(*arguments, "--decay", "1/2").returncode == 0
    text = (tmp_path / "report.md").read_text()
    assert "The path of the optimiser" in text
    assert "GradientDescent('1/20', WeightDecay('1/2'))" in text.replace("\\", "")
    assert "step · (number of steps)" in text
    assert "--step 1/20 --decay 1/2" in text
    document = json.loads((tmp_path / "report.json").read_text())["optimiser"]
    assert (document["rule"], document["verdict"]) == ({"penalty": "1/2", "step": "1/20"}, "verified")
    assert run(*arguments, "--max-saddles", "1").returncode == 3
