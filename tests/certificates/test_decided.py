"""Events that intervals leave open are decided by the exact certificate, within a budget, and said to be."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import Inconclusive, Status
from exactsaddle.certificates import EXACT_CHECKER, INTERVAL_CHECKER, Certificate, Outline
from exactsaddle.certificates import decided as checked
from exactsaddle.path import MAX_BITS
from exactsaddle.report.findings import Certified
from tests.support.command import run

TIE = Problem([[0, 2, -1, -2], [1, 1, 0, 0], [-1, 0, -1, 0]], [1, -2, -1])
"""Only the history explains its tie, at saddle 1."""

BELOW = Fraction(1, 10**3000)
CLOSE = Problem([[1, 0], [0, 1]], [3, 2], lower=[1, Fraction(2, 3)], upper=[1, Fraction(2, 3) + BELOW])
"""Its columns land one after the other, by less than any interval can tell."""


def powers() -> Problem:
    """A polynomial of degree 10 through 24 decimals, as in NIST's Filip."""
    rng = np.random.default_rng(0)
    points = [Fraction(int(v), 10**6) for v in rng.integers(-8_800_000, -3_100_000, size=24)]
    values = [Fraction(int(v), 10**4) for v in rng.integers(7600, 9300, size=24)]
    return Problem([[x**k for k in range(11)] for x in points], values)


def spectrum() -> Problem:
    """Smooth curves of four components, rounded to 4 decimals: columns close to dependent."""
    rng = np.random.default_rng(0)
    grid, amounts = np.linspace(0, 1, 24), rng.uniform(size=(16, 4))
    curves = [np.exp(-(((grid - centre) / 0.4) ** 2)) for centre in (0.2, 0.4, 0.6, 0.85)]
    X = [[Fraction(round(v * 10**4), 10**4) for v in row] for row in amounts @ curves + 2]
    y = [Fraction(round(v * 100), 100) for v in amounts @ [1, 2, 3, -1] + rng.normal(size=16) / 20]
    return Problem(X, y)


def by_balls(problem: Problem) -> SaddlePath:
    return saddle_path(problem, arithmetic="ball")


def test_exact_numbers_decide_what_events_leave_open() -> None:
    path = by_balls(CLOSE)
    events = path.outline()
    assert events.check().status is Status.UNCHECKED
    found = checked.checked(path, events)
    assert isinstance(found.certificate, Certificate)
    assert found.certificate == path.certificate()
    assert (found.verdict.status, found.checker) == (Status.VERIFIED, EXACT_CHECKER)
    assert "the exact certificate, as that of events is unchecked: saddle " in found.verdict.evidence


@pytest.mark.parametrize("problem", [TIE, powers(), spectrum()], ids=["tie", "powers", "spectrum"])
def test_events_decide_ties_and_columns_close_to_dependent(problem: Problem) -> None:
    path = by_balls(problem)
    found = checked.checked(path, path.outline())
    assert (found.verdict.status, found.checker) == (Status.VERIFIED, INTERVAL_CHECKER)


def test_events_that_are_verified_or_asked_for_stay() -> None:
    sound = by_balls(Problem([[2, 1], [1, 3]], [1, 1]))
    found = checked.checked(sound, sound.outline())
    assert (found.verdict.status, found.checker) == (Status.VERIFIED, INTERVAL_CHECKER)
    path = by_balls(TIE)
    asked = checked.checked(path, path.outline(), "events")
    assert isinstance(asked.certificate, Outline)
    assert asked.verdict == path.outline().check()


def test_beyond_the_budget_of_work_events_stay_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    path = by_balls(CLOSE)
    work = checked.exact_work(path)
    monkeypatch.setattr(checked, "EXACT_WORK", work)
    assert checked.checked(path, path.outline()).verdict.status is Status.VERIFIED
    monkeypatch.setattr(checked, "EXACT_WORK", work - 1)
    found = checked.checked(path, path.outline())
    assert (found.verdict.status, found.checker) == (Status.UNCHECKED, INTERVAL_CHECKER)
    assert f"no exact certificate was tried: about {work:,} word operations" in found.verdict.evidence


def test_beyond_the_budget_of_bits_events_stay_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: SaddlePath) -> Certificate:
        raise Inconclusive("more than max_bits = 2000")

    path = by_balls(CLOSE)
    monkeypatch.setattr(SaddlePath, "certificate", refuse)
    found = checked.checked(path, path.outline())
    assert (found.verdict.status, found.checker) == (Status.UNCHECKED, INTERVAL_CHECKER)
    assert "more than max_bits = 2000" in found.verdict.evidence


def test_the_estimate_is_above_what_the_dual_has() -> None:
    path = by_balls(powers())
    n, d = path.problem.shape
    words = path[-1].dual_vector.bits // 32
    assert checked.exact_work(path) > n * d * words
    assert words < MAX_BITS // 32


def test_prefixes_are_left_as_they_are() -> None:
    path = saddle_path(TIE, arithmetic="ball", max_saddles=3)
    found = checked.checked(path, path.outline())
    assert (found.verdict, found.checker) == (path.outline().check(), INTERVAL_CHECKER)


def test_a_report_is_about_the_certificate_that_was_verified() -> None:
    found = Certified.of(by_balls(CLOSE))
    assert (found.checker, found.verdict.status) == (EXACT_CHECKER, Status.VERIFIED)
    assert json.loads(found.text)["version"] == 1


def test_the_command_says_and_saves_what_was_verified(tmp_path: Path) -> None:
    CLOSE.save(tmp_path / "p.json")
    arguments = ["path", tmp_path / "p.json", "--arithmetic", "ball", "-o", tmp_path / "c.json"]
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert "the exact certificate, as that of events is unchecked: saddle 0" in done.stdout
    assert json.loads((tmp_path / "c.json").read_text())["version"] == 1
    document = json.loads(run(*arguments, "--json").stdout)
    assert (document["certificate"], document["verdict"]) == ("exact", "verified")
    assert document["saddles"][-1]["jump_time"] == str(by_balls(CLOSE)[-1].jump_time)
    events = run(*arguments, "--certificate", "events")
    assert events.returncode == 3
    assert json.loads((tmp_path / "c.json").read_text())["version"] == 2
