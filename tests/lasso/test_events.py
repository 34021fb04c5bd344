"""Certificates of Lasso paths by their events: what the interval checker proves, rejects and leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, Status, lasso_path
from exactsaddle.base import InvalidInput
from exactsaddle.certificates import LassoOutline, StoredCertificate, checker_of
from exactsaddle.testing import strategies
from proofs_checks.check_lasso_interval import check
from proofs_checks.check_path import Malformed
from tests.support.command import run
from tests.support.problems import general_problems, standard_problems

MATH_EXAMPLE = Problem([[0, -1], [1, 2]], [-1, -2])
"""Knots at 3/2, 2/3, 1/2, 1/6 and 0: b_1 joins, b_0 joins, b_1 leaves, and joins with the other sign."""
TWINS = Problem([[2, 0, 2, 1], [0, 1, 0, 1], [1, 1, 1, 0]], [3, 1, 2])
TIE = Problem([[1, 0], [0, 1]], [1, 1])
weighted = general_problems().map(
    lambda problem: problem.replace(dual=0, X=[[x / 3 for x in row] for row in problem.X])
)


def outline(problem: Problem, digits: int = 0) -> LassoOutline:
    return LassoOutline.of(lasso_path(problem, arithmetic="ball"), digits)


def document(problem: Problem, digits: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outline(problem, digits).to_text())
    return found


@given(st.one_of(standard_problems(), weighted), st.sampled_from([0, 3, 17]))
def test_every_path_is_verified(problem: Problem, digits: int) -> None:
    report = check(outline(problem, digits).to_text())
    assert (report.verdict, report.digest) == ("verified", problem.digest), report.message


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_every_family_is_verified(name: str) -> None:
    @settings(max_examples=4)
    @given(strategies.FAMILIES[name].problems(5, 6))
    def verified(problem: Problem) -> None:
        report = check(outline(problem.replace(dual=0), 6).to_text())
        assert report.verdict == "verified", report.message

    verified()


def test_floats_are_verified_without_a_stated_number() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((8, 14))
    found = outline(Problem(X, X[:, 0] * 3 + rng.standard_normal(8)))
    assert all(list(knot) == ["event"] for knot in found.knots)
    report = check(found.to_text())
    assert report.verdict == "verified"
    assert report.bits == found.bits
    assert "proved by intervals: problem, order, bounds, segment, end" in report.message


@pytest.mark.parametrize("gap", ["1e-300", "0"])
def test_a_near_tie_takes_bits_and_a_tie_exact_numbers(gap: str) -> None:
    problem = Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [5, 1, 1 + Fraction(gap)])
    found = outline(problem)
    report = check(found.to_text())
    assert report.verdict == "verified"
    assert ("penalty" in found.knots[1]) == (gap == "0")
    assert (report.bits > 1000) == (gap != "0")
    closer = outline(problem.replace(y=[5, 1, 1 + Fraction("1e-2000")]))
    left = check(closer.to_text())
    assert left.verdict == "unchecked"
    assert "knot 1: bounds: whether coordinate x1 is within its bound, at 4096 bits" in left.message


@pytest.mark.parametrize("bits", [1, 3, 9, 20])
def test_precision_that_decides_nothing_is_raised(bits: int) -> None:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((6, 9))
    for problem in (MATH_EXAMPLE, TWINS, TIE, Problem(X, X[:, 0] * 3 + rng.standard_normal(6))):
        report = check(json.dumps(document(problem, 3) | {"bits": bits}))
        assert report.verdict == "verified", report.message
        assert report.bits > 6


# --- mutants ---------------------------------------------------------------------------------------------


def knots(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["knots"]
    return found


def at(k: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda found: knots(found)[k].update(fields)


MUTANTS: dict[str, tuple[Problem, Callable[[dict[str, Any]], Any], str]] = {
    "another digest": (MATH_EXAMPLE, lambda d: d.update(digest="0" * 64), "knot 0: problem"),
    "another target": (MATH_EXAMPLE, lambda d: d["problem"]["y"].__setitem__(0, "5"), "knot 0: problem"),
    "the other joins": (MATH_EXAMPLE, at(0, event={"0": -1}), "knot 0: bounds: it is false"),
    "on the other side": (MATH_EXAMPLE, at(0, event={"1": 1}), "knot 0: order: coordinate x1 does not reach"),
    "who is there joins": (MATH_EXAMPLE, at(1, event={"1": -1}), "knot 1: order: coordinate x1 cannot join"),
    "who is not leaves": (MATH_EXAMPLE, at(1, event={"0": 0}), "knot 1: order: coordinate x0 cannot leave"),
    "one event is left out": (MATH_EXAMPLE, lambda d: knots(d).pop(2), "knot 2: order: coordinate x1 cannot"),
    "leaves too early": (MATH_EXAMPLE, at(1, event={"1": 0}), "knot 1: order: coordinate x1 does not reach"),
    "the last event too": (MATH_EXAMPLE, lambda d: knots(d).pop(3), "knot 3: bounds: "),
    "the end is at no end": (MATH_EXAMPLE, lambda d: knots(d).pop(), "knot 3: end: the last lambda is not 0"),
    "after the end": (
        MATH_EXAMPLE,
        lambda d: knots(d).append({"event": {}}),
        "knot 4: order: lambda = 0 before",
    ),
    "a later penalty": (TIE, at(0, penalty="2/5"), "knot 0: bounds: c[x0] = 1/2 is beyond its bound"),
    "an earlier penalty": (
        TIE,
        at(0, penalty="3/5"),
        "knot 0: segment: c[x0] = 1/2 is not on its bound, below",
    ),
    "a negative penalty": (TIE, at(0, penalty="-1"), "knot 0: order: lambda is negative"),
    "b too early": (TIE, at(0, beta={"0": "1/9"}), "knot 0: segment: b[x0] = 1/9, which the support above"),
    "one of two below": (TIE, at(0, below={"0": 1}), "knot 1: bounds: "),
    "the other sign below": (
        TIE,
        at(0, below={"0": 1, "1": -1}),
        "knot 0: segment: c[x1] = 1/2 is not on its",
    ),
    "numbers": (TIE, lambda d: None, ""),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_false_claim_is_rejected_and_named(name: str) -> None:
    problem, change, message = MUTANTS[name]
    found = document(problem)
    change(found)
    report = check(json.dumps(found))
    assert report.verdict == ("rejected" if message else "verified"), report.message
    assert report.message.startswith(message)


def test_a_dependence_is_checked_exactly() -> None:
    found = document(TWINS)
    (place,) = [k for k, knot in enumerate(knots(found)) if "dependence" in knot]
    assert knots(found)[place]["dependence"] == {"2": {"0": "1"}}
    assert check(json.dumps(found)).verdict == "verified"
    for weights, message in (
        ({"0": "2"}, "is not the combination"),
        ({"1": "1"}, "not on the support below"),
    ):
        wrong = document(TWINS)
        knots(wrong)[place]["dependence"] = {"2": weights}
        report = check(json.dumps(wrong))
        assert report.verdict == "rejected"
        assert message in report.message
    without = document(TWINS)
    del knots(without)[place]["dependence"]
    assert check(json.dumps(without)).verdict == "unchecked"
    # the same column with another threshold does not rest: its bound is not the same combination
    other = document(TWINS.replace(upper=[1, 1, 2, 1]))
    for knot in knots(other):
        if "0" in knot.get("event", {}):
            knot.update(penalty="1", beta={}, below={"0": 1}, dependence={"2": {"0": "1"}})
            del knot["event"]
    assert check(json.dumps(other)).verdict == "rejected"


def test_a_dependence_of_another_bound_is_rejected() -> None:
    problem = Problem([[1, 0, 1], [0, 1, 0]], [1, 1], upper=[1, 1, 2])
    found = document(problem)
    assert check(json.dumps(found)).verdict == "verified"
    knots(found)[0]["dependence"] = {"2": {"0": "1"}}
    assert "knot 0: segment: the bound of column x2 is not the same" in check(json.dumps(found)).message


@pytest.mark.parametrize("threshold", [1, 3])
def test_a_penalty_that_does_not_fall_is_rejected(threshold: int) -> None:
    found = document(TIE.replace(upper=threshold))
    knots(found).insert(1, knots(found)[0])
    assert "knot 1: order: lambda is not below" in check(json.dumps(found)).message


def test_supports_that_are_dependent_are_left_open() -> None:
    found = document(Problem([[1, 1], [0, 0]], [1, 0]))
    assert check(json.dumps(found)).verdict == "verified"
    del knots(found)[0]["dependence"]
    knots(found)[0]["below"] = {"0": 1, "1": 1}
    report = check(json.dumps(found))
    assert report.verdict == "unchecked"
    assert "knot 1: segment: that columns x0, x1 are independent" in report.message


def test_a_zero_gradient_at_the_end_must_be_stated() -> None:
    found = document(Problem([[1, 1], [1, -1], [0, 1]], [1, 1, 0]))
    assert check(json.dumps(found)).verdict == "verified"
    assert "beta" in knots(found)[-1]
    knots(found)[-1] = {"event": {}}
    report = check(json.dumps(found))
    assert report.verdict == "unchecked"
    assert "the gradient of coordinate x1 at lambda = 0 is not proved exactly" in report.message


@pytest.mark.parametrize("what", ["penalty", "loss", "norm", "beta"])
@pytest.mark.parametrize("problem", [MATH_EXAMPLE, TWINS, TIE], ids=["events", "twins", "stated"])
def test_intervals_that_miss_a_number_are_rejected(problem: Problem, what: str) -> None:
    for k in range(len(outline(problem).knots)):
        found = document(problem, 8)
        stated = knots(found)[k]["numbers"]
        place, key = (stated["beta"], next(iter(stated["beta"]), None)) if what == "beta" else (stated, what)
        if key is None:
            continue
        low, high = place[key]
        place[key] = [str(Fraction(high) + 1), str(Fraction(high) + 2)]
        assert check(json.dumps(found)).message.startswith(f"knot {k}: numbers: {what}")
        place[key] = [low, low]  # one unit below: the number itself is out
        assert check(json.dumps(found)).verdict == (
            "verified" if Fraction(low) == Fraction(high) else "rejected"
        )
        if what == "beta":
            del place[key]
            assert "beta must list the support" in check(json.dumps(found)).message


def test_numbers_are_those_of_the_exact_path() -> None:
    exact = lasso_path(MATH_EXAMPLE, arithmetic="rational")
    for knot, record in zip(exact, outline(MATH_EXAMPLE, 12).knots, strict=True):
        low, high = map(Fraction, record["numbers"]["loss"])
        assert low <= knot.loss <= high
        assert high - low <= knot.loss / 10**10


# --- forms -----------------------------------------------------------------------------------------------


def test_a_prefix_is_unchecked_and_a_detached_certificate_needs_its_problem(tmp_path: Path) -> None:
    prefix = lasso_path(MATH_EXAMPLE, arithmetic="ball", max_knots=3).certificate()
    report = check(prefix.to_text())
    assert report.verdict == "unchecked"
    assert "a prefix" in report.message
    whole = lasso_path(MATH_EXAMPLE, arithmetic="ball").certificate()
    assert isinstance(whole, LassoOutline)
    assert whole.detached().check(MATH_EXAMPLE).status is Status.VERIFIED
    assert whole.detached().check(MATH_EXAMPLE.replace(y=[1, 1])).status is Status.REJECTED
    with pytest.raises(Malformed, match="detached"):
        check(whole.detached().to_text())
    place = tmp_path / "lasso.json"
    whole.save(place)
    assert checker_of(place) == "check_lasso_interval.py"
    with pytest.raises(InvalidInput, match="of a Lasso path"):
        StoredCertificate.load(place)
    with pytest.raises(InvalidInput, match="found over Q"):
        LassoOutline.of(lasso_path(MATH_EXAMPLE))


def test_an_initial_dual_is_rejected() -> None:
    moved = MATH_EXAMPLE.replace(dual="1/2")
    found = document(MATH_EXAMPLE) | {"problem": moved.to_json(), "digest": moved.digest}
    assert "initial dual" in check(json.dumps(found)).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format="exactsaddle certificate"), "lasso certificate"),
        (lambda d: d.update(version=1), "version: must be 2"),
        (lambda d: d.update(complete=1), "complete"),
        (lambda d: d.update(claims=["order"]), "claims"),
        (lambda d: d.update(complete=False), "claims"),
        (lambda d: d.update(bits=0), "bits"),
        (lambda d: d.update(digest="abc"), "digest"),
        (lambda d: d.update(knots=[]), "non-empty"),
        (at(0, event={"1": 2}), "must be one of"),
        (at(0, event={"0": 1, "1": 1}), "must name one"),
        (at(0, event={"7": 1}), "integer from 0 to 1"),
        (at(0, loss="1"), "unknown field"),
        (at(4, penalty="0"), "unknown field|lacks"),
        (lambda d: knots(d).__setitem__(4, {"penalty": "0", "beta": {}, "below": {"0": 1}}), "must be empty"),
    ],
)
def test_a_malformed_certificate_decides_nothing(
    change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    found = document(MATH_EXAMPLE)
    change(found)
    with pytest.raises(Malformed, match=message):
        check(json.dumps(found))


def test_the_command_gives_decimals_and_verifies_them(tmp_path: Path) -> None:
    data, place = tmp_path / "data.json", tmp_path / "lasso.json"
    MATH_EXAMPLE.save(data)
    done = run("lasso", data, "--arithmetic", "ball", "--at", "1/3", "-o", place)
    assert done.returncode == 0, done.stderr
    assert "≈ 0.66666667" in done.stdout
    assert "≈ 0 " not in done.stdout
    assert "λ = 1/3: x0 -4/3 ≈ -1.3333333 (the only solution)" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("verified: 5 knots")
    assert "numbers" in json.loads(place.read_text())["claims"]
    assert run("check", place).returncode == 0
    told = json.loads(run("lasso", data, "--arithmetic", "ball", "--json").stdout)
    assert told["knots"][1]["event"] == {"0": -1}
    assert told["knots"][1]["penalty_decimal"] == "0.66666666666666667"
    assert told["verdict"] == "verified"
