"""Properties judged by balls: against exact judgement, on wrong paths, and in the words of a report."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings

from exactsaddle import Problem, Status, Verdict, saddle_path
from exactsaddle.base import workprec
from exactsaddle.path import SaddlePath
from exactsaddle.report.contents.evidence import evidence_section
from exactsaddle.report.findings import Budgets, Examined, find
from exactsaddle.report.findings.judgement import examine
from exactsaddle.testing import strategies
from exactsaddle.testing.properties import CHANGES, ENCLOSURES, EXACTLY, PROPERTIES, Enclosures
from exactsaddle.testing.properties.balls import Balls
from tests.support.noisy import NOISY, with_wrong

ENCLOSED_ONLY = {
    "gradient",
    "kkt",
    "first-hit",
    "row-space",
    "minimum-norm",
    "average-identity",
    "average-lasso",
    "lookup",
    *CHANGES,
}


def checker(status: Status) -> Callable[[], Verdict]:
    return lambda: Verdict("path", status, "so it says")


def judged(path: SaddlePath) -> dict[str, Verdict]:
    by_balls = Enclosures(path, checker(Status.VERIFIED))
    return {name: by_balls(name) for name in ENCLOSURES if PROPERTIES[name].applies(path.problem, path)}


@settings(max_examples=60)
@given(strategies.problems())
def test_balls_reject_nothing_and_verify_nothing_that_is_false(problem: Problem) -> None:
    path = saddle_path(problem, arithmetic="ball")
    for name, verdict in judged(path).items():
        assert verdict.status is not Status.REJECTED, verdict
        if verdict.status is Status.VERIFIED:
            assert PROPERTIES[name](problem, path).status is Status.VERIFIED


def test_noisy_floats_leave_nothing_open() -> None:
    found = judged(saddle_path(NOISY, arithmetic="ball"))
    for verdict in found.values():
        if verdict.status is Status.UNCHECKED:
            events = "the same supports, signs and hits; " * (verdict.claim in CHANGES)
            assert verdict.evidence.startswith(f"{events}rigorous enclosure, |difference| ≤ ")
            assert verdict.evidence.endswith("every inequality in it proved")
            bound = verdict.evidence.split("≤ ")[1].split(";")[0]
            assert 0 < Fraction(bound) < Fraction(1, 10**30)
        else:
            besides = "the path by its independent checker, uniqueness " * (verdict.claim == "certificate")
            assert verdict.evidence == f"{besides}by balls of 40 digits"
    unchecked = {name for name, verdict in found.items() if verdict.status is Status.UNCHECKED}
    assert unchecked == ENCLOSED_ONLY


def moved(k: int, i: int, by: float) -> Callable[[Any, int], Any]:
    """Balls with entry i of saddle k moved."""

    def wrong(saddle: Any, digits: int = 30) -> tuple[arb, ...]:
        values = list(saddle.right(digits))
        if saddle.index == k:
            values[i] += by
        return tuple(values)

    return wrong


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        ("beta_ball", "kkt"),
        ("beta_ball", "first-hit"),
        ("beta_ball", "row-space"),
        ("beta_ball", "average-identity"),
        ("beta_ball", "average-lasso"),
        ("beta_ball", "minimum-norm"),
        ("dual_ball", "first-hit"),
        ("dual_ball", "row-space"),
        ("dual_ball", "average-identity"),
        ("dual_ball", "gradient"),
        ("dual_ball", "lookup"),
        ("beta_ball", "lookup"),
    ],
)
def test_numbers_that_are_wrong_are_rejected(monkeypatch: pytest.MonkeyPatch, reader: str, name: str) -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    kind = type(path[0])
    i = path[2].support[0] if reader == "beta_ball" else next(i for i, s in enumerate(path[2].signs) if not s)
    monkeypatch.setattr(kind, "right", getattr(kind, reader), raising=False)
    monkeypatch.setattr(kind, reader, moved(2, i, 1e-20))
    verdict = Enclosures(path)(name)
    assert verdict.status is Status.REJECTED
    assert "a difference of at least" in verdict.evidence


def test_events_that_are_wrong_are_rejected() -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    (i, side), *_ = path[1].hits.items()
    other = {i: -side}
    assert Enclosures(with_wrong(path, 1, hits=other))("first-hit").status is Status.REJECTED
    flipped = tuple(-s for s in path[2].signs)
    for name in ("sign-cone", "distinct-supports", "independent-support"):
        verdict = Enclosures(with_wrong(path, 2, signs=flipped))(name)
        assert verdict.status is Status.REJECTED, name
        assert "is not positive" in verdict.evidence
    zero = lambda digits=30: (arb(0),) * 9  # noqa: E731
    assert (
        Enclosures(with_wrong(path, 2, beta_ball=staticmethod(zero)))("loss-decreases").status
        is Status.REJECTED
    )
    twice = SaddlePath(NOISY, [*path[:2], path[1], *path[2:]], None, path.decisions)
    assert Enclosures(twice)("distinct-supports").status is Status.REJECTED


def test_a_loss_and_a_saddle_that_are_wrong_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    loss = path[2].loss_ball(60) + 1e-9
    verdict = Enclosures(with_wrong(path, 2, loss_ball=lambda self, digits=30: loss))("gradient")
    assert verdict.status is Status.REJECTED
    assert verdict.evidence.startswith("saddle 2: the loss: ")
    monkeypatch.setattr(SaddlePath, "saddle_at", lambda self, t: self[-1])
    verdict = Enclosures(path)("lookup")
    assert verdict.status is Status.REJECTED
    assert verdict.evidence.endswith(f"is on its plateau, and saddle {len(path) - 1} is given")


def test_both_ends_and_the_middle_of_a_plateau_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    path, asked = saddle_path(NOISY, arithmetic="ball"), []
    right = SaddlePath.saddle_at
    monkeypatch.setattr(SaddlePath, "saddle_at", lambda self, t: asked.append(t) or right(self, t))
    assert Enclosures(path)("lookup").status is Status.UNCHECKED
    assert asked == sorted(asked)
    assert len(asked) == 3 * len(path)


def test_a_near_tie_is_looked_up_in_more_digits_or_left_open() -> None:
    def near(exponent: int) -> Verdict:
        small = Fraction(1, 10**exponent)
        return Enclosures(saddle_path(Problem([[1, 0], [0, 1 + small]], [1, 1]), arithmetic="ball"))("lookup")

    assert near(60).evidence.startswith("rigorous enclosure")
    assert "whether it is on its plateau" in near(400).evidence


def test_what_the_checker_says_of_events_is_what_balls_say_of_the_certificate() -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    real = Enclosures(path)("certificate")
    assert real.status is Status.VERIFIED
    assert real.evidence == "the path by its independent checker, uniqueness by balls of 40 digits"
    rejected = Enclosures(path, checker(Status.REJECTED))("certificate")
    assert rejected.status is Status.REJECTED
    assert rejected.evidence == "the checker says rejected: so it says"
    unsure = Enclosures(path, checker(Status.UNCHECKED))("certificate")
    assert unsure.status is Status.UNCHECKED
    assert unsure.evidence.endswith("the checker says unchecked: so it says")


def test_several_minimisers_leave_the_certificate_and_uniqueness_open() -> None:
    path = saddle_path(Problem([[1, 1]], [1]), arithmetic="ball")
    by_balls = Enclosures(path, checker(Status.VERIFIED))
    for name in ("certificate", "uniqueness", "general-position"):
        verdict = by_balls(name)
        assert verdict.status is Status.UNCHECKED, name
        assert "is the only minimiser" in verdict.evidence


def test_balls_that_are_wide_or_no_numbers_leave_comparisons_open() -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    for value in (arb(0, 9), arb("nan")):
        wide = lambda digits=30, value=value: (value,) * 9  # noqa: E731
        vague = Enclosures(with_wrong(path, 2, beta_ball=staticmethod(wide)))
        for name in ("sign-cone", "loss-decreases", "kkt"):
            verdict = vague(name)
            assert verdict.status is Status.UNCHECKED, name
            told = verdict.evidence.startswith("rigorous enclosure, |difference| ≤ ")
            assert told == (name == "kkt" and bool(value.is_finite()))
            assert told or verdict.evidence.startswith("not told by balls of 120 digits: ")


def test_dependent_columns_are_not_proved_independent() -> None:
    path = saddle_path(Problem([[1, 2, 0], [1, 2, 1]], [3, 1]), arithmetic="ball")
    balls = Balls(path, 40)
    for support, proved in (((0, 1), False), ((0, 2), True), ((1,), True), ((), True)):
        with workprec(balls.bits):
            saddle = with_wrong(path, 1, support=support)[1]
            assert balls.independent(saddle) is proved
            assert balls.fits(saddle) is (proved and len(support) == 2)


def test_an_average_that_is_no_lasso_solution_is_found() -> None:
    leaves = saddle_path(Problem([[0, -1], [1, 2]], [-1, -2]), arithmetic="ball")
    verdict = Enclosures(leaves)("average-lasso-throughout")
    assert verdict.status is Status.REJECTED  # the property does not apply: a coordinate leaves
    assert "(1.500000000, 6.000000000)" in verdict.evidence


def test_a_report_says_how_each_property_is_known() -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    found = find(path, flow=False, everything=True, budgets=Budgets(exact_work=0))
    assert isinstance(found.examined, Examined)
    names = {entry.name: entry.verdict for entry in found.examined.judged}
    assert {"start", "first-jump", "kkt", "loss-decreases", "uniqueness"} <= names.keys()
    assert names["start"].evidence == names["first-jump"].evidence == EXACTLY
    assert names["loss-decreases"].status is Status.VERIFIED
    assert names["kkt"].status is Status.UNCHECKED
    assert found.verdict.status is Status.VERIFIED
    said = str(evidence_section(found))
    exact = sum(verdict.evidence == EXACTLY for verdict in names.values())
    assert f"{exact} hold exactly, in plain Fraction arithmetic" in said
    assert "none is false" in said
    assert "all hold, exactly" not in said
    reasons = dict(found.examined.left_out)
    assert set(PROPERTIES) == names.keys() | reasons.keys()
    assert {why.partition(" ")[0] for why in reasons.values()} == {"applies"}


def test_balls_judge_what_the_budget_has_no_room_for() -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    few = find(path, flow=False, everything=True, budgets=Budgets(multiplications=300))
    assert isinstance(few.examined, Examined)
    evidence = {entry.name: entry.verdict.evidence for entry in few.examined.judged}
    assert evidence["start"] == EXACTLY
    assert evidence["loss-decreases"] == "by balls of 40 digits"
    none = find(
        saddle_path(NOISY, arithmetic="rational"),
        flow=False,
        everything=True,
        budgets=Budgets(multiplications=0),
    )
    assert isinstance(none.examined, Examined)
    assert "by balls" not in str(none.examined.judged)


def test_general_position_that_is_not_decided_says_why() -> None:
    wide = np.random.default_rng(0).standard_normal((3, 11)).tolist()
    cases = (
        (
            Problem(wide, [1, 2, 3]),
            "; not decided: 330 sets of 4 of the 11 columns are more than the budget of 200",
        ),
        (Problem([[1, 1]], [1]), " only"),
        (Problem(wide, [1, 2, 3], dual="1/2"), " only"),
    )
    for problem, why in cases:
        found = examine(saddle_path(problem), Budgets(multiplications=10_000))
        assert isinstance(found, Examined)
        reason = dict(found.left_out)["general-position"]
        assert reason.startswith(
            "applies to initial duals 0 and columns proved to be in general position only"
        )
        assert why in reason
        assert ("not decided" in reason) == (why != " only")
