"""The Lasso of columns of unit norm: thresholds that are square roots, events exact, ties named."""

from __future__ import annotations

import json
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any

import pytest
from flint import arb

from exactsaddle import Problem, Status, lasso_path, load_dataset, saddle_path
from exactsaddle.base import InvalidInput, workprec
from exactsaddle.certificates import DIGITS
from exactsaddle.lasso import lasso_agreement
from exactsaddle.numbers import RootSum, to_number
from exactsaddle.numbers import enclose as to_ball
from proofs_checks.check_lasso_interval import check
from tests.support.command import run

ROOTS = Problem([[1, 2, 0, 1], [1, -2, 1, 2], [3, 0, 3, -1]], [1, 5, 2])
LEAVES = load_dataset("diabetes").centered()
"""s3 leaves the support, and comes back."""


def near(problem: Problem, digits: int = 80) -> Problem:
    """Norms as thresholds, rounded down to so many decimals."""
    squares = [sum(x * x for x in column) for column in zip(*problem.X, strict=True)]
    norms = [Fraction(isqrt(int(s * 100**digits)), 10**digits) for s in squares]
    return problem.replace(lower=norms, upper=norms)


def test_it_is_the_lasso_of_columns_divided_by_hand() -> None:
    rows, norms = [[3, 0, 2], [4, 5, 6], [0, 12, 3]], (5, 13, 7)
    here = lasso_path(Problem(rows, [1, 2, 1]).standardized())
    there = lasso_path(
        Problem([[Fraction(x, n) for x, n in zip(row, norms, strict=True)] for row in rows], [1, 2, 1])
    )
    assert here.penalties == there.penalties
    for ours, theirs in zip(here, there, strict=True):
        assert tuple(b * n for b, n in zip(ours.beta, norms, strict=True)) == theirs.beta
        assert ours.loss == theirs.loss


@pytest.mark.parametrize("problem", [ROOTS, LEAVES], ids=["small", "diabetes"])
def test_it_agrees_with_rational_norms_of_80_digits(problem: Problem) -> None:
    path, close = lasso_path(problem.standardized()), lasso_path(near(problem), arithmetic="rational")
    assert path.complete
    assert [k.support_below for k in path] == [k.support_below for k in close]
    with workprec(400):
        for knot, other in zip(path, close, strict=True):
            assert abs(knot.penalty_ball(40) - to_ball(other.penalty)) < arb("1e-38")
            for b, c in zip(knot.beta_ball(30), other.beta, strict=True):
                assert abs(b - to_ball(c)) < arb("1e-25")
        halfway = Fraction(float(path[1].penalty_ball()) + float(path[2].penalty_ball())) / 2
        for b, c in zip(path.numbers_at(halfway), close.at(halfway), strict=True):
            assert abs(to_ball(to_number(b)) - to_ball(c)) < arb("1e-60")
    assert path.unique_at(halfway)
    with pytest.raises(InvalidInput, match="a solution is not rational where thresholds are roots"):
        path.at(halfway)
    assert path.at(0) == close.at(0)


def test_it_is_verified_by_an_independent_checker_and_no_other_is() -> None:
    path = lasso_path(LEAVES.standardized())
    certificate = path.certificate(DIGITS)
    assert certificate.check().status is Status.VERIFIED
    assert certificate.detached().check(LEAVES.standardized()).status is Status.VERIFIED
    document = json.loads(certificate.to_text())

    def verdict(change: Any) -> str:
        mutant = json.loads(certificate.to_text())
        change(mutant)
        return check(json.dumps(mutant)).verdict

    assert check(json.dumps(document)).verdict == "verified"
    knots = document["knots"]
    other = {"event": {"3": 1}, "numbers": knots[0]["numbers"]}
    assert verdict(lambda found: found["knots"].__setitem__(0, other)) == "rejected"
    assert verdict(lambda found: found["knots"].pop(3)) == "rejected"

    def wider(found: dict[str, Any]) -> None:
        found["knots"][2]["numbers"]["penalty"] = ["1", "51/50"]

    assert verdict(wider) == "rejected"
    # the same events for thresholds that are not the norms
    plain = lasso_path(LEAVES.standardized().replace(lower="sqrt(2)", upper="sqrt(2)"))
    found = json.loads(plain.certificate(DIGITS).to_text())
    assert (
        verdict(lambda mutant: mutant.update(problem=found["problem"], digest=found["digest"])) == "rejected"
    )
    stated = {**knots[0], "penalty": "2", "beta": {}, "below": {"2": 1}}
    del stated["event"]
    report = check(json.dumps({**document, "knots": [stated, *knots[1:]]}))
    assert (report.verdict, "where thresholds are square roots" in report.message) == ("rejected", True)


def test_a_tie_where_thresholds_are_roots_ends_a_proved_prefix() -> None:
    # x and 2x are one column of unit norm √5; a third one comes first
    path = lasso_path(Problem([[1, 2, 0], [2, 4, 1], [0, 0, 9]], [1, 1, 9]).standardized())
    assert not path.complete
    assert path.stopped_by == "a tie where thresholds are square roots (x0, x1)"
    assert [knot.support_below for knot in path] == [(2,)]
    verdict = path.certificate(DIGITS).check()
    assert verdict.status is Status.UNCHECKED
    with pytest.raises(InvalidInput, match="arithmetic must be auto or ball"):
        lasso_path(ROOTS.standardized(), arithmetic="rational")


@pytest.mark.parametrize("problem", [ROOTS, LEAVES], ids=["small", "diabetes"])
def test_the_relation_to_averages_holds_where_it_does_for_norms_of_80_digits(problem: Problem) -> None:
    found = lasso_agreement(saddle_path(problem.standardized()))
    close = lasso_agreement(saddle_path(near(problem)))
    assert [s.holds for s in found] == [s.holds for s in close]
    assert any(isinstance(s.start, RootSum) for s in found) == (len(found) > 1)
    with workprec(400):
        for ours, theirs in zip(found, close, strict=True):
            assert abs(to_ball(to_number(ours.start)) - to_ball(to_number(theirs.start))) < arb("1e-60")


def test_the_command_speaks_of_unit_norm(tmp_path: Path) -> None:
    ROOTS.replace(names=["a", "b", "c", "e"]).save(tmp_path / "p.json")
    options = ("lasso", "p.json", "--standardize")
    done = run(*options, "--at", "1/2", "--relation", "-o", "l.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "columns of unit norm, β in the units of X" in done.stdout
    assert "(the only solution)" in done.stdout
    assert "proved by intervals: problem, order, bounds, segment, end, numbers" in done.stdout
    assert run("check", "l.json", cwd=tmp_path).returncode == 0
    document = json.loads(run(*options, "--at", "1/2", "--json", cwd=tmp_path).stdout)
    assert document["verdict"] == "verified"
    assert document["problem"]["network"]["units"][0] == "sqrt(11)"
    assert any("sqrt(" in value for value in document["at"]["1/2"]["beta"].values())
    assert document["knots"][0]["penalty_decimal"].startswith("1.")
    (tmp_path / "twins.csv").write_text("a,b,y\n1,2,5\n2,4,10\n")
    done = run("lasso", "twins.csv", "--standardize", cwd=tmp_path)
    assert done.returncode == 3
    assert "a tie where thresholds are square roots (a, b)" in done.stdout + done.stderr
