"""Numbers that are printed for a ball path are stated as intervals, and the interval checker proves them."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from exactsaddle import Problem, SaddlePath, Status, load_dataset, saddle_path
from exactsaddle.certificates import DIGITS
from exactsaddle.testing import strategies
from proofs_checks.check_path import Malformed
from proofs_checks.check_path_interval import check
from tests.support.command import run
from tests.support.problems import general_problems

TWO_JUMPS = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
Document = dict[str, Any]


def ball_path(problem: Problem) -> SaddlePath:
    return saddle_path(problem, arithmetic="ball")


def document(problem: Problem, digits: int = DIGITS) -> Document:
    found: Document = json.loads(ball_path(problem).outline(digits).to_text())
    return found


def inside(value: Fraction, interval: list[str]) -> bool:
    return Fraction(interval[0]) <= value <= Fraction(interval[1])


@settings(max_examples=20)
@given(general_problems())
def test_the_exact_numbers_lie_in_what_is_stated_and_proved(problem: Problem) -> None:
    stated = document(problem)
    exact = saddle_path(problem, arithmetic="rational")
    for saddle, entry in zip(exact, stated["saddles"], strict=True):
        numbers = entry["numbers"]
        assert inside(saddle.jump_time, numbers["time"])
        assert inside(saddle.loss, numbers["loss"])
        assert inside(saddle.l1_norm, numbers["norm"])
        assert all(inside(saddle.beta[int(i)], interval) for i, interval in numbers["beta"].items())
    plain = check(ball_path(problem).outline().to_text()).verdict
    assert check(json.dumps(stated)).verdict == plain


@pytest.mark.parametrize("digits", [1, 5, 40])
def test_any_number_of_digits(digits: int) -> None:
    report = check(json.dumps(document(TWO_JUMPS, digits)))
    assert (report.verdict, report.message[-9:]) == ("verified", ", numbers")


def test_square_root_thresholds() -> None:
    path = saddle_path(load_dataset("planted").centered().standardized())
    assert path.outline(DIGITS).check().status is Status.VERIFIED


def test_a_loss_that_is_exactly_zero_is_proved() -> None:
    tall = Problem([[1, 0], [0, 1], [1, 1]], [1, 2, 3])  # y in the span of two columns
    stated = document(tall)
    assert stated["saddles"][-1]["numbers"]["loss"] == ["0", "0"]
    assert check(json.dumps(stated)).verdict == "verified"
    stated["saddles"][-1]["numbers"]["loss"] = ["1/1000", "1/999"]
    assert check(json.dumps(stated)).verdict == "rejected"


def moved(interval: list[str], by: Fraction) -> list[str]:
    return [str(Fraction(end) + by) for end in interval]


@pytest.mark.parametrize("what", ["time", "loss", "norm", "beta"])
@pytest.mark.parametrize("by", [Fraction(1, 10**15), -Fraction(1, 10**15)])
def test_an_interval_beside_the_truth_is_rejected(what: str, by: Fraction) -> None:
    stated = document(TWO_JUMPS)
    numbers = stated["saddles"][1]["numbers"]
    if what == "beta":
        numbers[what]["0"] = moved(numbers[what]["0"], by)
    else:
        numbers[what] = moved(numbers[what], by)
    report = check(json.dumps(stated))
    assert report.verdict == "rejected"
    assert f"saddle 1: numbers: {what}" in report.message


def test_a_point_that_is_no_ball_is_left_unchecked() -> None:
    stated = document(TWO_JUMPS)
    stated["saddles"][1]["numbers"]["time"] = ["1/4", "1/4"]
    report = check(json.dumps(stated))
    assert (report.verdict, "whether time is in" in report.message) == ("unchecked", True)


def swap(numbers: Document) -> None:
    numbers["time"] = numbers["time"][::-1]


MISWRITTEN: list[tuple[Callable[[Document], object], str]] = [
    (swap, "the lower first"),
    (lambda numbers: numbers.pop("norm"), "norm"),
    (lambda numbers: numbers["beta"].pop("0"), "must list the support"),
    (lambda numbers: numbers["time"].append("1"), "must be two numbers"),
]


@pytest.mark.parametrize(("change", "message"), MISWRITTEN, ids=["order", "absent", "support", "three"])
def test_what_is_not_an_interval_is_malformed(change: Callable[[Document], object], message: str) -> None:
    stated = document(TWO_JUMPS)
    change(stated["saddles"][1]["numbers"])
    with pytest.raises(Malformed, match=message):
        check(json.dumps(stated))


def test_numbers_that_are_not_claimed_are_malformed() -> None:
    stated = document(TWO_JUMPS)
    stated["claims"].remove("numbers")
    with pytest.raises(Malformed, match="numbers"):
        check(json.dumps(stated))


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_what_the_command_prints_of_a_ball_path_is_covered(arguments: tuple[str, ...]) -> None:
    done = run("path", "planted", "--arithmetic", "ball", *arguments)
    assert done.returncode == 0
    if not arguments:
        assert ", end, numbers" in " ".join(done.stdout.split())
        return
    for saddle in json.loads(done.stdout)["saddles"]:
        assert inside(Fraction(saddle["jump_time_decimal"]), saddle["numbers"]["time"])
        assert inside(Fraction(saddle["loss_decimal"]), saddle["numbers"]["loss"])


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_no_family_loses_its_verdict_by_stating_numbers(name: str) -> None:
    @settings(max_examples=3)
    @given(strategies.FAMILIES[name].problems())
    def same(problem: Problem) -> None:
        path = ball_path(problem)
        assert check(path.outline(DIGITS).to_text()).verdict == check(path.outline().to_text()).verdict

    same()
