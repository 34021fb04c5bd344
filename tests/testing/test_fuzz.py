from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, Status, Verdict
from exactsaddle.certificates import Certificate
from exactsaddle.cli import app
from exactsaddle.testing.fuzz import FuzzReport, Tally, choose, run
from exactsaddle.testing.hunt import hunt
from exactsaddle.testing.properties import PROPERTIES, Property
from exactsaddle.testing.shrink import measure, shrink
from exactsaddle.testing.strategies import FAMILIES


@pytest.fixture
def at_most_two_saddles(monkeypatch: pytest.MonkeyPatch) -> str:
    """A false property among the true ones."""

    def violation(problem: Problem, path: Any) -> str | None:
        return f"{len(path)} saddles" if len(path) > 2 else None

    name = "at-most-two-saddles"
    monkeypatch.setitem(PROPERTIES, name, Property(name, "p ≤ 1", None, violation))
    return name


def test_every_property_is_tried_on_every_family() -> None:
    report = run(examples=2, seed=1)
    assert report.status is Status.VERIFIED
    assert [result.family for result in report.families] == list(FAMILIES)
    for result in report.families:
        assert result.examples == 2
        assert result.total.rejected == 0
        assert set(result.tallies) == set(PROPERTIES)
        for tally in result.tallies.values():
            assert tally.tried + tally.not_applicable == 2
    assert report.examples == 2 * len(FAMILIES)
    assert not report.untried


def test_a_false_property_is_falsified_and_shrunk(at_most_two_saddles: str) -> None:
    report = run(examples=30, families=["integers", "zero-target", "strict-drop"])
    assert report.status is Status.REJECTED
    assert set(report.counterexamples) == {"integers", "strict-drop"}
    case = report.counterexamples["integers"]
    assert case.verdict == Verdict(at_most_two_saddles, Status.REJECTED, "3 saddles")
    # Two coordinates must enter apart: nothing smaller than 2 × 2, and zeros and ones but for one entry.
    assert case.problem.shape == (2, 2)
    entries = sorted(abs(value) for row in (*case.problem.X, case.problem.y) for value in row)
    assert sum(entries) <= 5
    drop = report.counterexamples["strict-drop"].problem
    assert drop.shape == (3, 3)
    assert FAMILIES["strict-drop"].predicate(drop)
    assert report.by_property[at_most_two_saddles].rejected == 2


def test_a_defect_of_the_solver_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(problem: Problem, **options: Any) -> Any:
        if problem.d > 1:
            raise ZeroDivisionError("division by zero")
        return saddle_path(problem, **options)

    monkeypatch.setattr("exactsaddle.testing.fuzz.saddle_path", broken)
    report = run(examples=20, families=["integers"])
    case = report.counterexamples["integers"]
    assert case.verdict.claim == "solve"
    assert "ZeroDivisionError" in case.verdict.evidence
    assert case.problem == Problem([[0, 0]], [0])


def test_a_family_that_breaks_its_promise_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    family = dataclasses.replace(FAMILIES["integers"], predicate=lambda problem: problem.n < 3)
    monkeypatch.setitem(FAMILIES, "integers", family)
    case = run(examples=20, families=["integers"]).counterexamples["integers"]
    assert case.verdict.claim == "predicate"
    assert case.problem == Problem([[0], [0], [0]], [0, 0, 0])


def test_the_seed_decides() -> None:
    drawn: dict[int, list[str]] = {}
    for seed in (3, 3, 4):
        digests: list[str] = []

        def judge(problem: Problem, only: str | None, digests: list[str] = digests) -> None:
            digests.append(problem.digest)

        hunt(FAMILIES["integers"].problems(), judge, examples=10, seed=seed)
        assert drawn.setdefault(seed, digests) == digests
    assert drawn[3] != drawn[4]


def test_a_run_that_tries_nothing_is_no_success() -> None:
    report = run(examples=5, seconds=0.0, families=["integers"])
    assert report.examples == 0
    assert report.status is Status.UNCHECKED
    assert report.untried[0] == "integers"
    assert FuzzReport((), (), 0, 0.0).status is Status.UNCHECKED
    # A property that never applied is not verified either: thresholds are never standard here.
    idle = run(examples=5, families=["thresholds"], properties=["average-lasso"])
    assert idle.status is Status.UNCHECKED
    assert idle.untried == ("average-lasso",)


def test_time_ends_a_run_early() -> None:
    report = run(examples=100_000, seconds=1.0, families=["integers", "planted"])
    assert report.seconds < 30
    assert all(0 < result.examples < 100_000 for result in report.families)


def test_names_that_do_not_exist() -> None:
    with pytest.raises(InvalidInput, match="no family 'strikt-drop'; did you mean 'strict-drop'"):
        run(families=["strikt-drop"])
    with pytest.raises(InvalidInput, match="no property 'looss-decreases'; did you mean 'loss-decreases'"):
        run(properties=["looss-decreases"])
    with pytest.raises(InvalidInput, match="no family was named"):
        choose(FAMILIES, [], "family")
    with pytest.raises(InvalidInput, match="strict-drop needs at least 3 rows"):
        run(families=["strict-drop"], max_n=2)
    with pytest.raises(InvalidInput, match="examples"):
        run(examples=0)
    assert [f.name for f in choose(FAMILIES, ["planted", "integers"], "family")] == ["integers", "planted"]


def test_families_too_large_are_left_out_unless_named() -> None:
    names = {result.family for result in run(examples=2, max_n=2, max_d=2).families}
    assert names == {name for name, family in FAMILIES.items() if family.fits(2, 2)}
    assert "strict-drop" not in names


def test_tallies_add() -> None:
    assert Tally(1, 2, 3) + Tally(4, 5, 6) == Tally(5, 7, 9)
    assert Tally(1, 2, 3).tried == 3


# --- shrinking ---------------------------------------------------------------------------------


def test_shrinking_reaches_the_least() -> None:
    big = Problem(
        [["7/3", -9, 4], [8, 1000, "-1/7"], [0, 3, 5]],
        [12, "5/2", -1],
        lower=[2, "inf", 3],
        upper=5,
        dual=[1, 0, "-1/2"],
    )
    assert shrink(big, lambda problem: True, 60) == Problem([[0]], [0])
    # Needs an entry of at least 8.
    found = shrink(big, lambda problem: max(map(max, problem.X)) >= 8, 60)
    assert found == Problem([[8]], [0])
    # Needs its second threshold to be infinite.
    found = shrink(big, lambda problem: "inf" in problem.lower, 60)
    assert found == Problem([[0]], [0], lower="inf")
    # Needs a denominator of 7.
    found = shrink(big, lambda p: any(v.denominator == 7 for row in p.X for v in row), 60)
    assert found == Problem([[Fraction(1, 7)]], [0])


def test_shrinking_only_ever_makes_smaller_and_stops_in_time() -> None:
    start = Problem([[3, -2], [5, 9]], [4, 4])
    tried: list[Problem] = []

    def fails(problem: Problem) -> bool:
        tried.append(problem)
        return False

    assert shrink(start, fails, 60) == start
    assert tried
    assert all(measure(problem) < measure(start) for problem in tried)
    assert shrink(start, lambda problem: True, -1.0) == start


# --- the command ---------------------------------------------------------------------------------


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["fuzz", *arguments])


def test_the_command_prints_the_tables() -> None:
    done = invoke("--examples", "3", "--families", "integers,strict-drop", "--max-size", "3x4")
    assert done.exit_code == 0, done.output
    assert "strict-drop" in done.output
    assert "certificate" in done.output
    assert "of other problems this says nothing" in done.output


def test_the_command_saves_what_it_falsifies(at_most_two_saddles: str, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    done = invoke("--families", "integers", "--examples", "30", "--json", "-o", str(folder))
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    assert document["verdict"] == "rejected"
    (family,) = document["families"]
    assert family["counterexample"]["claim"] == at_most_two_saddles
    problem = Problem.from_json(json.loads((folder / "integers.problem.json").read_text()))
    assert problem == Problem.from_json(family["counterexample"]["problem"])
    certificate = Certificate.load(folder / "integers.certificate.json")
    assert certificate.digest == problem.digest
    assert document["saved"] == [str(folder / f"integers.{kind}.json") for kind in ("problem", "certificate")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--families", "strikt-drop"], "did you mean 'strict-drop'"),
        (["--properties", "kk"], "did you mean 'kkt'"),
        (["--max-size", "4by6"], "--max-size '4by6'"),
        (["--max-size", "0x6"], "at least one row"),
        (["--emit", "test.py"], "--emit needs --target"),
        (["--target", "tests.support.solvers:correct", "--properties", "kkt"], "leave out --target"),
        (["--target", "tests.support.solvers:correct", "--families", "thresholds"], "thresholds"),
        (["--target", "nonsense"], "package.module:function"),
        (["--target", "tests.support.solvers:nothing"], "cannot be loaded: AttributeError"),
        (["--target", "no.such.module:f"], "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_bad_usage_is_named(arguments: list[str], message: str) -> None:
    done = invoke(*arguments)
    assert isinstance(done.exception, InvalidInput)
    assert message in str(done.exception)


def test_the_command_says_when_nothing_was_tried() -> None:
    done = invoke("--families", "integers", "--time", "0")
    assert done.exit_code == 3
    assert "never tried: integers" in done.output
