"""The checker of optimisers' paths: it agrees with the engine, and every clause of it refuses a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import mpmath_workprec
from exactsaddle.certificates import DescentCertificate
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import GradientDescent, GradientFlow, HeavyBall, Rule, SharpnessAware, WeightDecay
from exactsaddle.testing import strategies
from proofs_checks.check_descent import Rule as CheckedRule
from proofs_checks.check_descent import check, is_definite, logarithm, rate
from proofs_checks.check_path import Malformed
from tests.support.command import run
from tests.support.problems import general_problems

F = Fraction
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
RULES: dict[str, Callable[[Fraction], Rule]] = {
    "flow": lambda top: GradientFlow(),
    "decay": lambda top: WeightDecay(top / 5),
    "sharpness": lambda top: SharpnessAware(1 / (5 * top)),
    "descent": lambda top: GradientDescent(1 / (7 * top)),
    "descent with decay": lambda top: GradientDescent(1 / (7 * top), WeightDecay(top / 5)),
    "sharpness-aware descent": lambda top: GradientDescent(1 / (7 * top), SharpnessAware(1 / (9 * top))),
    "heavy ball": lambda top: HeavyBall(1 / (20 * top), "1/4"),
}


standard = st.one_of(f.problems(3, 4) for f in strategies.FAMILIES.values() if f.standard and f.fits(3, 4))


@pytest.mark.parametrize("kind", RULES)
def test_paths_of_every_rule_are_verified(kind: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.one_of(standard, general_problems(max_n=3, max_d=3).map(lambda found: found.replace(dual=0))))
    def agree(problem: Problem) -> None:
        top = max([F(1), *(abs(g) for saddle in saddle_path(problem) for g in saddle.gradient)])
        path = descent_path(problem, rule=RULES[kind](top))
        report = check(DescentCertificate.of(path).to_text())
        assert report.failure is None, report.message
        expected = "verified" if path.complete else "unchecked"
        open_by_momentum = kind == "heavy ball" and "several minimisers" in report.message
        assert report.verdict == expected or open_by_momentum, report.message

    agree()


def document(rule: Rule | None = None, problem: Problem = EXAMPLE) -> dict[str, Any]:
    path = descent_path(problem, rule=rule or GradientDescent("1/20"))
    return dict(json.loads(DescentCertificate.of(path).to_text()))


def decide(found: dict[str, Any]) -> tuple[str, str]:
    report = check(json.dumps(found))
    return report.verdict, report.failure.claim if report.failure else report.message


def at(*places: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for place in places[:-1]:
            found = found[place]
        found[places[-1]] = value

    return change


MUTATIONS: list[tuple[str, Rule | None, Callable[[dict[str, Any]], None]]] = [
    ("problem", None, at("digest", value="0" * 64)),
    ("cone", None, at("saddles", 0, "beta", value={"0": "1"})),
    ("cone", None, at("saddles", 1, "beta", value={"0": "4/5"})),
    ("stationary", None, at("saddles", 1, "beta", value={"0": "-3/5"})),
    ("stationary", WeightDecay("1/2"), at("rule", "penalty", value="1/3")),
    ("dual sign", None, at("saddles", 1, "beta", value={})),
    ("weights keep their sign", None, at("rule", "step", value="1/4")),
    ("weights keep their sign", SharpnessAware("1/20"), at("rule", "radius", value="1/4")),
    ("attracts", GradientDescent("3/20"), at("rule", "step", value="4/25")),
    ("loss", None, at("saddles", 1, "loss", value="1/3")),
    ("first hit", None, at("saddles", 0, "hits", value={"0": "-1", "2": "1"})),
    ("jump time", None, at("saddles", 1, "jump_time", value=["1/4", "1/4"])),
    ("jump time", None, at("saddles", 0, "jump_time", value=["1", "2"])),
    ("jump time", WeightDecay("1/2"), at("saddles", 2, "jump_time", value=["19/23", "20/23"])),
    ("jump time", HeavyBall("1/10", "3/10"), at("rule", "momentum", value="31/100")),
]


@pytest.mark.parametrize(("claim", "rule", "change"), MUTATIONS)
def test_every_mutation_is_refused(claim: str, rule: Rule | None, change: Any) -> None:
    found = document(rule)
    assert decide(found)[0] == "verified"
    change(found)
    if claim == "attracts":  # the times are those of another step too
        for saddle in found["saddles"]:
            saddle["jump_time"] = ["0", "10"]
    assert decide(found) == ("rejected", claim)


@pytest.mark.parametrize("rule", [GradientDescent("1/20"), WeightDecay("1/2")])
def test_who_lands_later_does_not_land_first(rule: Rule) -> None:
    path = descent_path(EXAMPLE, rule=rule, max_saddles=1)
    found = json.loads(DescentCertificate.of(path).to_text())
    assert found["saddles"][0]["hits"] == {"0": "-1"}
    assert decide(found)[0] == "unchecked"
    found["saddles"][0]["hits"] = {"2": "-1"}
    report = check(json.dumps(found))
    assert report.failure is not None
    assert report.failure.witness == "side - of x0 lands before side - of x2"


def test_a_tie_must_be_named_whole() -> None:
    twins = Problem([[2, 2, 0], [0, 0, 1]], [3, 1])
    found = document(GradientDescent("1/100"), twins)
    assert found["saddles"][0]["hits"] == {"0": "1", "1": "1"}
    assert decide(found)[0] == "verified"
    found["saddles"][0]["hits"] = {"0": "1"}
    assert decide(found) == ("rejected", "first hit")


def test_a_truncated_path_is_no_complete_one() -> None:
    found = document()
    found["saddles"] = found["saddles"][:2]
    found["saddles"][1]["hits"] = {}
    assert decide(found) == ("rejected", "end")
    found["complete"], found["claims"] = False, found["claims"][:-1]
    verdict, message = decide(found)
    assert verdict == "unchecked"
    assert "a prefix" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (at("format", value="other"), "format: must be"),
        (at("version", value=2), "version: must be 1"),
        (at("claims", value=[]), "claims: must be"),
        (at("rule", "step", value="0"), "rule.step: must be positive"),
        (at("rule", "momentum", value="1"), "rule.momentum: must be at least 0 and below 1"),
        (at("rule", value={"momentum": "1/2"}), "rule.momentum: needs a step"),
        (at("rule", "penalty", value="-1"), "must be at least 0"),
        (at("rule", "penalty", value=["1"]), "has 1 entries, not 3"),
        (at("rule", "speed", value="1"), "unknown field"),
        (at("saddles", 0, "hits", value={}), r"saddles\[0\].hits: must name who lands"),
        (at("saddles", 0, "hits", value={"0": "2"}), "sides are 1 and -1"),
        (at("saddles", 2, "hits", value={"2": "1"}), "must be empty at the end"),
        (at("saddles", 1, "jump_time", value=["1", "0"]), "a lower and an upper bound"),
        (at("saddles", 1, "loss", value=1), "must be a string"),
    ],
)
def test_malformed_is_not_false(change: Any, message: str) -> None:
    found = document()
    change(found)
    with pytest.raises(Malformed, match=message):
        check(json.dumps(found))


def test_a_detached_certificate_needs_its_problem() -> None:
    certificate = descent_path(EXAMPLE, "1/20").certificate().detached()
    with pytest.raises(Malformed, match="detached"):
        check(certificate.to_text())
    assert str(certificate.check(EXAMPLE).status) == "verified"
    assert str(certificate.check(Problem([[1, 0, 0]], [1])).status) == "rejected"


@given(st.fractions(F(1, 10**9), 10**9).filter(bool), st.sampled_from([64, 128, 700]))
def test_the_logarithm_of_integers(x: Fraction, bits: int) -> None:
    low, high = logarithm(x, bits)
    assert high - low < F(1, 1 << (bits - 8))
    with mpmath_workprec(900):
        exact = mpmath.log(mpmath.mpf(x.numerator) / x.denominator)
        assert mpmath.mpf(low.numerator) / low.denominator <= exact
        assert exact <= mpmath.mpf(high.numerator) / high.denominator


@given(st.fractions(F(-9, 10), 2).filter(bool), st.fractions(0, F(99, 100)))
def test_the_rate_is_that_of_the_dominant_root(drive: Fraction, momentum: Fraction) -> None:
    low, high = rate(CheckedRule([F(0)], F(0), F(1, 3), momentum), drive, 200)
    with mpmath_workprec(300):
        trace = (
            1
            + mpmath.mpf(momentum.numerator) / momentum.denominator
            + mpmath.mpf(drive.numerator) / drive.denominator / 3
        )
        product = mpmath.mpf(momentum.numerator) / momentum.denominator
        roots = mpmath.polyroots([1, -trace, product], maxsteps=500, extraprec=600)
        exact = 3 * mpmath.log(max(abs(root) for root in roots))
        slack = mpmath.mpf(2) ** -60
        assert (
            float(low) - slack <= exact <= float(high) + slack
            or abs(exact - float(low)) < mpmath.mpf(2) ** -40
        )
    assert high - low < F(1, 2**90)


def test_pivots_decide_definiteness() -> None:
    assert is_definite([[F(2), F(1)], [F(1), F(1)]])
    assert not is_definite([[F(1), F(1)], [F(1), F(1)]])
    assert not is_definite([[F(-1)]])


def test_the_command_checks_it(tmp_path: Path) -> None:
    place = tmp_path / "descent.json"
    DescentCertificate.of(descent_path(EXAMPLE, rule=WeightDecay("1/2"))).save(place)
    done = run("check", str(place))
    assert done.returncode == 0
    assert "3 saddles" in done.stdout
