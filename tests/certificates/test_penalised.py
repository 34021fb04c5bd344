"""Certificates of weight decay, versions 5 and 6: both checkers verify them, and refuse every mutation."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from operator import mul
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import InvalidInput, Status
from exactsaddle.certificates import PenalisedCertificate, StoredCertificate
from exactsaddle.lasso import lasso_path
from exactsaddle.path.descent import DescentPath, descent_path
from exactsaddle.path.rules import GradientDescent, WeightDecay
from proofs_checks import check_path, check_path_interval
from tests.support.command import run
from tests.support.problems import general_problems

EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
CHECKS: dict[bool, Callable[[str], Any]] = {
    False: check_path.check,
    True: lambda text: check_path_interval.check(text, max_bits=512),
}
both_forms = pytest.mark.parametrize("by_events", [False, True], ids=["numbers", "events"])


def decayed(problem: Problem = EXAMPLE, penalty: Any = ("1/2", "1/3", "1/4"), **options: Any) -> DescentPath:
    return descent_path(problem, rule=WeightDecay(penalty), **options)


def document(path: DescentPath, by_events: bool) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PenalisedCertificate.of(path, by_events=by_events).to_text())
    return found


def decide(found: dict[str, Any]) -> tuple[str, str]:
    report = CHECKS[found["version"] == 6](json.dumps(found))
    return report.verdict, report.message


@settings(max_examples=15)
@given(
    general_problems(max_n=3, max_d=4),
    st.lists(st.fractions(0, 3, max_denominator=6), min_size=4, max_size=4),
    st.integers(1, 5),
)
def test_both_checkers_decide_what_the_engine_finds(
    problem: Problem, penalty: list[Fraction], max_saddles: int
) -> None:
    path = decayed(problem, penalty[: problem.d], max_saddles=max_saddles)
    for by_events in (False, True):
        verdict, message = decide(document(path, by_events))
        assert verdict == ("verified" if path.complete else "unchecked"), message


@settings(max_examples=15)
@given(
    general_problems(max_n=3, max_d=3),
    st.lists(st.fractions(0, 2, max_denominator=4), min_size=3, max_size=3),
    st.integers(0, 2),
    st.fractions(0, 2, max_denominator=4),
)
def test_a_path_of_another_penalty_is_rejected(
    problem: Problem, penalty: list[Fraction], place: int, value: Fraction
) -> None:
    place %= problem.d
    stated = penalty[: problem.d]
    changed = [*stated[:place], value, *stated[place + 1 :]]
    here, there = decayed(problem, stated), decayed(problem, changed)
    exact = document(here, False)
    exact["penalty"] = list(map(str, changed))
    same = [(s.jump_time, s.beta) for s in here] == [(s.jump_time, s.beta) for s in there]
    fits = [
        [(s.jump_time, [sum(map(mul, row, s.beta)) for row in problem.X]) for s in path]
        for path in (here, there)
    ]
    other = fits[0] == fits[1] and not same  # perhaps minimisers of both penalties, where there are several
    assert decide(exact)[0] in ({"verified"} if same else {"verified", "rejected"} if other else {"rejected"})
    events = document(here, True)
    events["penalty"] = list(map(str, changed))
    if [(s.support, s.hits) for s in here] != [(s.support, s.hits) for s in there] and not other:
        assert decide(events)[0] != "verified"


@both_forms
def test_more_land_than_there_are_rows(by_events: bool) -> None:
    # with a penalty residuals are left: n columns on thresholds, another lands and one of them leaves
    problem = Problem([[4, -3, 1]], [5])
    path = decayed(problem, [1, 0, "1/5"])
    assert decide(document(path, by_events))[0] == "verified"
    assert max(len(saddle.active) for saddle in path) > problem.n


def at(*places: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for place in places[:-1]:
            found = found[place]
        found[places[-1]] = value

    return change


MUTATIONS = [
    (False, at("penalty", 1, value="1/2"), "saddle 1: "),
    (
        False,
        at("penalty", 0, value="0"),
        "saddle 0: first hit: at the next jump time 2/7, s[x0 (side -)] = 8/7",
    ),
    (False, at("digest", value="0" * 64), "problem"),
    (False, at("saddles", 0, "beta", value={"1": "1"}), "cone"),
    (False, at("saddles", -1, "beta", "0", value="-1"), "stationary"),
    (False, at("saddles", 1, "beta", value={}), "dual sign"),
    (False, at("saddles", 1, "jump_time", value="1/4"), "first hit"),
    (False, at("saddles", 1, "loss", value="1"), "loss"),
    (True, at("penalty", 0, value="7/4"), "end: g[x2 (side -)] still moves s[x2 (side -)]"),
    (True, at("digest", value="0" * 64), "problem"),
    (True, at("saddles", 0, "hits", value={"0": 1}), "first hit"),
    (True, at("saddles", 0, "hits", value={"2": -1}), "first hit: x0 (side -) lands before x2 (side -)"),
    (True, at("saddles", -1, "support", value=[0]), "dual sign"),
    (True, at("saddles", 1, "beta", value={"0": "-1"}), "stationary"),
]


@pytest.mark.parametrize(("by_events", "change", "message"), MUTATIONS)
def test_every_mutation_is_refused(by_events: bool, change: Any, message: str) -> None:
    found = document(decayed(), by_events)
    assert decide(found)[0] == "verified"
    change(found)
    verdict, said = decide(found)
    assert verdict == "rejected"
    assert message in said


@both_forms
def test_a_truncated_path_is_no_complete_one(by_events: bool) -> None:
    found = document(decayed(), by_events)
    found["saddles"] = found["saddles"][:-1]
    if by_events:
        found["saddles"][-1]["hits"] = {}
    verdict, message = decide(found)
    assert verdict == "rejected"
    assert "end" in message


@pytest.mark.parametrize(
    ("by_events", "change", "message"),
    [
        (False, at("version", value=1), "unknown field .*penalty"),
        (False, at("version", value=3), "lacks stop|unknown field .*penalty"),
        (False, at("penalty", value=["1"]), "penalty: has 1 entries, not 3"),
        (False, at("penalty", 2, value="-1"), r"penalty\[2\]: must not be negative"),
        (False, at("penalty", value="1/2"), "penalty: must be a non-empty array"),
        (False, at("claims", value=[]), "claims: must be"),
        (True, at("version", value=2), "unknown field .*penalty"),
        (True, at("penalty", 2, value="-1"), r"penalty\[2\]: must not be negative"),
        (True, at("problem", "upper", 0, value="sqrt(2)"), "sqrt"),
    ],
)
def test_malformed_is_not_false(by_events: bool, change: Any, message: str) -> None:
    found = document(decayed(), by_events)
    change(found)
    with pytest.raises(check_path.Malformed, match=message):
        decide(found)


@both_forms
def test_detached_and_twins(by_events: bool) -> None:
    twins = Problem([[2, 2, 0], [0, 0, 1]], [3, 1])
    certificate = PenalisedCertificate.of(decayed(twins, "1/3"), by_events=by_events)
    assert certificate.check().status is Status.VERIFIED
    assert certificate.detached().check(twins).status is Status.VERIFIED
    assert certificate.detached().check(EXAMPLE).status is Status.REJECTED


@settings(max_examples=20)
@given(
    general_problems(max_n=3, max_d=3),
    st.lists(st.fractions("1/4", 2, max_denominator=4), min_size=3, max_size=3),
)
def test_the_end_is_the_lasso_of_the_exact_lasso_path(problem: Problem, penalty: list[Fraction]) -> None:
    d = problem.d
    problem = Problem(problem.X, problem.y)
    end = decayed(problem, penalty[:d])[-1].beta
    lasso = lasso_path(problem.replace(lower=penalty[:d], upper=penalty[:d]))
    other = lasso.at(1)
    assert _value(problem, penalty, end) == _value(problem, penalty, other)
    assert _fit(problem, end) == _fit(problem, other)


def _fit(problem: Problem, beta: Any) -> list[Fraction]:
    return [sum((x * b for x, b in zip(row, beta, strict=True)), Fraction(0)) for row in problem.X]


def _value(problem: Problem, penalty: list[Fraction], beta: Any) -> Fraction:
    return problem.loss(beta) + sum(p * abs(b) for p, b in zip(penalty, beta, strict=False))


def test_the_end_of_the_example_is_on_a_verified_lasso_path() -> None:
    path, lasso = decayed(penalty="1/2"), lasso_path(EXAMPLE)
    assert lasso.certificate().check().status is Status.VERIFIED
    assert path.certificate().check().status is Status.VERIFIED
    assert path[-1].beta == lasso.at(Fraction(1, 2)) != lasso.at(Fraction(1, 3))


def test_only_weight_decay_has_a_penalty() -> None:
    with pytest.raises(InvalidInput, match="is of WeightDecay, not of GradientDescent"):
        descent_path(EXAMPLE, rule=GradientDescent("1/20", WeightDecay("1/2"))).outline()


@both_forms
def test_commands_verify_and_the_proved_checker_says_unchecked(tmp_path: Path, by_events: bool) -> None:
    place = tmp_path / "cert.json"
    form = "events" if by_events else "exact"
    done = run("path", "planted", "--decay", "1/2", "-o", place, "--certificate", form)
    assert done.returncode == 0
    assert "verified: 6 saddles of the path with the penalty stated" in done.stdout
    assert json.loads(place.read_text())["version"] == (6 if by_events else 5)
    assert run("check", place).returncode == 0
    done = run("check", place, "--proved", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["verdict"] == "unchecked"
    assert "are not decided by the proved checker" in run("check", place, "--proved").stdout
    with pytest.raises(InvalidInput, match="the path of an optimiser"):
        StoredCertificate.load(place)
