"""``exactsaddle flow``, ``converge`` and ``resolve`` for optimisers that are not the flow."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from tests.support.command import run


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


def test_resolve_takes_momentum_and_decay(tmp_path: Path) -> None:
    place = tmp_path / "p.csv"
    place.write_text("a,b,c,y\n-3,4,-4,2\n-1,-4,2,2\n")
    arguments = ["resolve", place, "--decay", "1/2"]
    done = run(*arguments, "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["rule"] == {"penalty": "1/2"}
    assert document["problem"]["names"] == ["a", "b", "c"]
    assert [plateau["length"] for plateau in document["plateaus"]] == ["2/7", "80/161"]
    done = run(*arguments, "--step", "--momentum", "1/4")
    assert done.returncode == 0
    assert "with WeightDecay('1/2')" in done.stdout
    assert "no step from rest reverses a weight at any saddle for η < 2/9" in done.stdout
    assert "no shrinking weight oscillates at any saddle for every η up to" in done.stdout
    assert "every saddle attracts the heavy ball for every η up to" in done.stdout
    limits = json.loads(run(*arguments, "--step", "--momentum", "1/4", "--json").stdout)["step"]
    assert limits["rule"] == {"penalty": "1/2", "momentum": "1/4"}
    low, high = (Fraction(limits["oscillation"][end]) for end in ("low", "high"))
    assert low <= Fraction(1, 18) <= high


def test_converge_encloses_the_flow_with_decay(tmp_path: Path) -> None:
    place = tmp_path / "p.csv"
    place.write_text("a,b,c,y\n-3,4,-4,2\n-1,-4,2,2\n")
    arguments = ["converge", place, "--decay", "1/2", "--alphas", "1e-5,1e-10", "--digits", "15"]
    document = json.loads(run(*arguments, "--json").stdout)
    assert (document["rule"], document["verdict"]["status"]) == ({"penalty": "1/2"}, "verified")
    assert [(jump["coordinate"], jump["side"], jump["t"]) for jump in document["jumps"]] == [
        (0, -1, "2/7"),
        (1, -1, "18/23"),
    ]
    done = run(*arguments)
    assert done.returncode == 0
    assert "b (−)" in done.stdout
    assert "4*log(7/5)/23" in done.stdout


def test_flow_encloses_weight_decay() -> None:
    arguments = ["flow", "planted", "--alpha", "1e-1", "--times", "1/50", "--digits", "8"]
    arguments += ["--decay", "1/2", "--decay", "x2=9"]
    document = json.loads(run(*arguments, "--json").stdout)
    assert (document["rigorous"], document["verdict"]) == (True, "verified")
    assert document["rule"]["penalty"][1:3] == ["1/2", "9"]
    (point,) = document["points"]
    done = run(*arguments, "--mpmath", "--json")
    assert done.returncode == 3
    (other,) = json.loads(done.stdout)["points"]
    for field in ("beta", "dual"):
        for ball, value in zip(point[field], other[field], strict=True):
            apart = abs(Fraction(ball["mid"]) - Fraction(value["mid"]))
            assert apart <= Fraction(ball["rad"]) + Fraction(1, 10**7)
    done = run(*arguments)
    assert "with WeightDecay([" in done.stdout
    assert "a weight of a column is on its threshold c where ±s = c + λt" in " ".join(done.stdout.split())
    assert "every ball contains the true flow" in done.stdout


def test_ascents_are_iterated_with_a_step(tmp_path: Path) -> None:
    place = tmp_path / "p.csv"
    place.write_text("a,b,c,y\n-3,4,-4,2\n-1,-4,2,2\n")
    arguments = ["flow", place, "--alpha", "1e-2", "--times", "1/2", "--step", "1/20", "--sharpness", "1/50"]
    document = json.loads(run(*arguments, "--json").stdout)
    assert (document["verdict"], document["rule"]) == ("verified", {"radius": "1/50", "step": "1/20"})
    done = run(*arguments[:2], "--alpha", "1e-2", "--times", "1/2", "--step", "p", "--sharpness", "1/50")
    assert done.returncode == 2
    assert "--step p: 'p' is not a rational number" in done.stderr


def test_scales_have_an_exponent_as_in_reports(tmp_path: Path) -> None:
    place = tmp_path / "p.csv"
    place.write_text("a,b,y\n1,0,2\n0,1,1\n")
    arguments = ["converge", place, "--alphas", "1e-3,1e-4"]
    flow = run(*arguments, "--digits", "12", "--curves").stdout
    assert ("sup at 1e-3" in flow, "sup at 1e-4" in flow, "alpha = 1e-4: sup distance" in flow) == (True,) * 3
    steps = run(*arguments, "--step", "1/1000", "--max-saddles", "1").stdout
    rows = [line.split()[:2] for line in steps.splitlines() if line.startswith("0")]
    assert rows == [["0", "1e-3"], ["0", "1e-4"]]
    assert "0.0001" not in flow + steps
