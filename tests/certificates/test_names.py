"""Every checker calls columns by their names: in witnesses, and in what it leaves open."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.certificates import DescentCertificate, LassoOutline
from exactsaddle.lasso import lasso_path
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import GradientDescent, WeightDecay
from proofs_checks import check_descent, check_lasso, check_lasso_interval, check_path, check_path_interval
from tests.proved.programs import SCRIPT, needs_node

X, Y = [[-3, 4, -4], [-1, -4, 2]], [2, 2]
NAMED = Problem(X, Y, names=["bmi", "body mass", "1990"])


def exact() -> dict[str, Any]:
    return document(saddle_path(NAMED).certificate())


def document(certificate: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(certificate.to_text())
    return found


def message(check: Callable[[str], Any], found: dict[str, Any]) -> str:
    report = check(json.dumps(found))
    assert report.verdict == "rejected"
    return str(report.message)


def test_the_exact_checker() -> None:
    found = exact()
    found["saddles"][1]["beta"] = {"0": "-3/5"}
    assert message(check_path.check, found) == "saddle 1: stationary: beta[bmi] = -3/5 but g[bmi] = 1"
    found = exact()
    found["saddles"][2]["jump_time"] = "1"
    said = message(check_path.check, found)
    assert (
        said == 'saddle 1: first hit: at the next jump time 1, s["body mass"] = -12/5 is beyond its threshold'
    )


def test_the_exact_checker_of_a_penalty() -> None:
    found = document(descent_path(NAMED, rule=WeightDecay([0, 0, 1])).certificate())
    found["saddles"][0]["beta"] = {"2": "1"}
    said = message(check_path.check, found)
    assert (
        said
        == 'saddle 0: cone: beta["1990" (side +)] = 1 but s["1990" (side +)] = 0 is inside its thresholds'
    )


def test_the_interval_checker() -> None:
    found = document(saddle_path(NAMED).outline())
    found["saddles"][0]["hits"] = {"2": 1}
    said = message(check_path_interval.check, found)
    assert said == 'saddle 0: first hit: s["1990"] does not move towards its upper threshold'
    near = Problem([[1, 0], [0, 1]], [1, 1 + 2**-50], names=["age", "sex"])
    outline = saddle_path(near).outline().to_text()
    report = check_path_interval.check(outline, max_bits=32)
    assert report.verdict == "unchecked"
    assert report.message == "saddle 0: first hit: whether age or sex lands first, at 32 bits"


def test_the_checkers_of_the_lasso() -> None:
    found = document(lasso_path(NAMED).certificate())
    found["knots"][0]["beta"] = {"1": "1/2"}
    assert message(check_lasso.check, found) == 'knot 0: start: b["body mass"] = 1/2'
    by_events = document(LassoOutline.of(lasso_path(NAMED, arithmetic="ball")))
    by_events["knots"][0]["event"] = {"2": 1}
    said = message(check_lasso_interval.check, by_events)
    assert said == 'knot 0: order: coordinate "1990" does not reach its bound as lambda falls'


def test_the_checker_of_descent() -> None:
    found = document(DescentCertificate.of(descent_path(NAMED, rule=GradientDescent("1/100"))))
    found["saddles"][0]["hits"] = {"1": "1"}
    said = message(check_descent.check, found)
    assert said == 'saddle 0: first hit: not all of side + of "body mass" move to their thresholds'


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (["bmi", "s.1", "x-2"], ["bmi", "s.1", "x-2"]),
        (["0", "2", "1"], ['"0"', '"2"', '"1"']),  # no index
        (["a", "a", ""], ["0", "1", "2"]),
        (["a\x1b[31m", "b\nverified: x", "é"], ['"a\\u001b[31m"', '"b\\nverified: x"', '"\\u00e9"']),
        (["a" * 40, "b" * 41, "c"], ["a" * 40, '"bbbbbbbbbbb...bbbbb" (43 characters)', "c"]),
        (["a" * 50 + "1" * 9, "a" * 50 + "2" + "1" * 8, "c"], ["0", "1", "c"]),  # alike where they are cut
    ],
)
def test_what_columns_are_called(names: list[str], called: list[str]) -> None:
    assert check_path.called_by(names) == called


@needs_node
@pytest.mark.parametrize(
    "names", [["bmi", "s.1", "x-2"], ["1", "", "é\x1b\n😀"], ["a", "a", "b" * 41], ["_", 'q"\\', "-"]]
)
def test_the_proved_checker_calls_them_the_same(names: list[str], tmp_path: Path) -> None:
    for k, beta in ((1, {"0": "-3/5"}), (0, {"1": "1"}), (0, {"2": "-1"})):
        found = exact()
        found["problem"]["names"] = names
        found["saddles"][k]["beta"] = beta
        file = tmp_path / "certificate.json"
        file.write_text(json.dumps(found))
        done = subprocess.run(["node", SCRIPT, file], capture_output=True, text=True, check=False)
        assert done.stdout == f"rejected: {message(check_path.check, found)}\n"
