from __future__ import annotations

import json
import threading
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from exactsaddle import Problem, Status, Verdict, load_dataset, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.certificates import decided, exact_work
from exactsaddle.convergence import Convergence, Resolution
from exactsaddle.flow import Flowpipe, flow_work
from exactsaddle.flow.enclosure import enclose_reduced
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.lasso import LassoPath
from exactsaddle.minimisers import Extremes, Selection
from exactsaddle.path import SaddlePath
from exactsaddle.path.engines.lazy import LazySaddle
from exactsaddle.report.contents.lasso import lasso_section
from exactsaddle.report.drawing import Drawing
from exactsaddle.report.findings import Absent, Budgets, Certified, Examined, Judged, find
from proofs_checks.claims.path_statements import on_path

LEAVES = Problem([[0, -1], [1, 2]], [-1, -2])
TIED = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])


def test_a_small_path_has_every_part() -> None:
    found = find(saddle_path(LEAVES), alphas=["1e-8", "1e-16"])
    assert found.verdict.status is Status.VERIFIED
    assert found.certified.claims[-1] == "uniqueness"
    assert [here.unique for here in found.minimisers] == [True] * 4
    assert found.minimum_l1 is found.path[-1]
    assert isinstance(found.convergence, Convergence)
    assert found.convergence.verdict.status is Status.VERIFIED
    assert isinstance(found.resolution, Resolution)
    assert isinstance(found.lasso, LassoPath)
    assert isinstance(found.agreement, tuple)
    assert isinstance(found.examined, Examined)
    assert not any(isinstance(part, Absent) for part in (found.position, found.claims))
    assert all(entry.verdict.status is Status.VERIFIED for entry in found.examined.judged)
    reasons = dict(found.examined.left_out)
    assert "no coordinate that ever leaves" in reasons["average-lasso-throughout"]


def test_the_polytope_and_the_selection_where_the_minimiser_is_not_unique() -> None:
    found = find(saddle_path(TIED), flow=False)
    several = [here for here in found.minimisers if here.unique is False]
    assert several
    for here in several:
        assert here.dimension == 1
        assert here.bounded
        assert isinstance(here.extremes, Extremes)
        assert len(here.extremes.vertices) == 2
        assert isinstance(here.selection, Selection)
        a, b, c = here.selection.centre
        assert abs(float(c) - float(a * b) ** 0.5) < 1e-15  # MATHEMATICS.md §4


def test_without_the_flow_what_needs_it_is_absent_by_name() -> None:
    found = find(saddle_path(LEAVES), flow=False)
    for part in (found.convergence, found.resolution, found.drawing):
        assert isinstance(part, Absent)
        assert "flow" in part.reason
    assert found.alphas == ()


def test_budgets_leave_parts_out_by_name() -> None:
    path = saddle_path(TIED)
    work = flow_work(path)
    assert work == len(path) * (8 + 2)
    none = Budgets(
        flow_work=work - 1,
        rays=1,
        selected_width=2,
        subsets=0,
        multiplications=0,
        eigenvalue_work=0,
        ledger_work=0,
    )
    found = find(path, alphas=["1e-4", "1e-8"], budgets=none, judge=lambda path: ())
    for part in (found.convergence, found.resolution, found.claims):
        assert isinstance(part, Absent)
        assert "beyond the budget" in part.reason
    assert [alpha for alpha, _ in found.not_enclosed] == [Fraction(1, 10**4), Fraction(1, 10**8)]
    here = next(here for here in found.minimisers if here.unique is False)
    assert isinstance(here.extremes, Absent)
    assert "max_rays" in here.extremes.reason
    assert isinstance(here.selection, Absent)
    assert isinstance(found.position, Absent)
    assert isinstance(found.examined, Examined)
    assert found.examined.judged == tuple(
        entry for entry in found.examined.judged if entry.name in ("certificate", "uniqueness")
    )
    described = find(path, flow=False, budgets=Budgets(described=0)).minimisers
    assert all(isinstance(h.extremes, Absent) for h in described)


def test_the_smallest_alphas_are_enclosed_first() -> None:
    path = saddle_path(LEAVES)
    found = find(path, alphas=["1e-2", "1e-6", "1e-8"], budgets=Budgets(flow_work=2 * flow_work(path)))
    assert isinstance(found.convergence, Convergence)
    assert found.convergence.alphas == (Fraction(1, 10**6), Fraction(1, 10**8))
    assert [alpha for alpha, _ in found.not_enclosed] == [Fraction(1, 100)]


def test_the_flow_is_enclosed_once_for_what_is_measured_and_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[fmpq] = []

    def counted(reduced: ReducedFlow, alpha: fmpq, *rest: Any, **options: Any) -> Flowpipe:
        asked.append(alpha)
        return enclose_reduced(reduced, alpha, *rest, **options)

    monkeypatch.setattr("exactsaddle.flow.enclosure.enclose_reduced", counted)
    findings = find(saddle_path(Problem([[1, 2], [0, -1]], [2, 1])), alphas=["1e-2", "1e-4"], curves=True)
    assert isinstance(findings.convergence, Convergence)
    assert isinstance(findings.drawing, Drawing)
    assert len(findings.drawing.curves) == len(findings.convergence.alphas) == 2
    # a correction follows an orbit at an α of its own
    assert [asked.count(fmpq(1, scale)) for scale in (100, 10**4)] == [1, 1]


def test_the_end_is_not_that_of_a_path_whose_rounding_is_left_out() -> None:
    X = np.random.default_rng(1).normal(size=(8, 8))
    path = saddle_path(Problem(X, X @ np.array([2.0, 0, 0, -1, 0, 0, 0, 0])))
    beyond = len(path) - len(path.above_rounding)
    assert beyond > 1
    end = find(path, flow=False).minimum_l1
    assert isinstance(end, Absent)
    assert end.reason.startswith(f"{beyond} saddles that fit the rounding of the data come before the end")
    assert find(path, flow=False, everything=True).minimum_l1 == path[-1]


def test_orbits_beyond_the_budget_are_left_out() -> None:
    path = saddle_path(load_dataset("diabetes"), max_saddles=6)
    found = find(path, alphas=["1e-8"], budgets=Budgets.read(["small", "orbit-work=0", "flow-work=0"]))
    assert found.orbits_left_out is not None
    assert isinstance(found.resolution, Resolution)
    assert found.resolution.verdict.status is Status.UNCHECKED


def test_a_path_by_balls_forces_no_exact_number(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    problem = Problem(rng.standard_normal((6, 12)), rng.standard_normal(6))
    path = saddle_path(problem, arithmetic="ball")
    for name in ("time", "dual_vector"):  # those of the first plateau are short
        first = getattr(LazySaddle, name).fget
        only_first = property(
            lambda saddle, first=first: first(saddle) if saddle.index < 2 else pytest.fail("an exact number")
        )
        monkeypatch.setattr(LazySaddle, name, only_first)
    judge = lambda path: pytest.fail("judged")  # noqa: E731
    found = find(path, alphas=["1e-8"], budgets=Budgets.read(["exact-work=0"]), judge=judge)
    assert found.verdict.status is Status.VERIFIED
    assert found.certified.checker == "check_path_interval.py"
    assert all(here.unique for here in found.minimisers)
    assert found.minimum_l1 is path[-1]
    assert isinstance(found.lasso, LassoPath)
    assert isinstance(found.agreement, tuple)
    assert isinstance(found.examined, Examined)
    assert {entry.verdict.status for entry in found.examined.judged} == {Status.VERIFIED, Status.UNCHECKED}
    for part in (found.convergence, found.claims):
        assert isinstance(part, Absent)
        assert "rigorous bounds" in part.reason


def test_a_prefix_is_unchecked_and_its_end_minimises_nothing() -> None:
    found = find(saddle_path(LEAVES, max_saddles=2), flow=False)
    assert found.verdict.status is Status.UNCHECKED
    assert isinstance(found.minimum_l1, Absent)
    assert "prefix" in found.minimum_l1.reason


def test_a_false_statement_makes_the_verdict_rejected() -> None:
    def lie(path: SaddlePath) -> tuple[Judged, ...]:
        return (Judged("lie", "1 = 2", "nobody", Verdict("lie", Status.REJECTED, "1 is not 2")),)

    found = find(saddle_path(LEAVES), flow=False, judge=lie)
    assert found.certified.verdict.status is Status.VERIFIED
    assert found.verdict == Verdict("report", Status.REJECTED, "lie is false: 1 is not 2")


def test_the_checker_works_while_the_rest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    started, may_end = threading.Event(), threading.Event()
    run = decided.run_checker

    def slow(*arguments: Any, **options: Any) -> Verdict:
        started.set()
        assert may_end.wait(60)
        return run(*arguments, **options)

    monkeypatch.setattr(decided, "run_checker", slow)
    waiting = Certified.beginning(saddle_path(LEAVES))
    assert started.wait(60)  # and nobody waits for it yet
    may_end.set()
    found = waiting()
    assert found.verdict.status is Status.VERIFIED
    assert json.loads(found.text)["complete"]


def test_the_ledger_judges_a_path() -> None:
    judged = {claim.name: verdict for claim, verdict in on_path(saddle_path(LEAVES))}
    assert {"first-jump", "minimum-l1-norm", "lasso-relation", "strict-saddles"} <= set(judged)
    assert {verdict.status for verdict in judged.values()} == {Status.VERIFIED}
    assert on_path(saddle_path(LEAVES, max_saddles=2)) == []
    assert on_path(saddle_path(LEAVES.replace(upper=2))) == []
    still = saddle_path(Problem([[1]], [0]))
    assert "first-jump" not in {claim.name for claim, _ in on_path(still)}


def test_the_ledger_judges_a_path_whose_lasso_is_found_by_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    # noisy floats of 50 × 100: the certificate is one of events, which has a checker of its own
    monkeypatch.setattr("exactsaddle.lasso.algorithm.prefers_balls_for_lasso", lambda problem: True)
    for problem in (LEAVES, TIED):
        judged = {claim.name: verdict for claim, verdict in on_path(saddle_path(problem, arithmetic="ball"))}
        assert judged["lasso-relation"].status is Status.VERIFIED


def test_the_ledger_finds_what_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs_checks.claims.first_jump.jump_time", lambda r: 1 / sum(map(abs, r)))
    judged = {claim.name: verdict for claim, verdict in on_path(saddle_path(LEAVES))}
    assert judged["first-jump"].status is Status.REJECTED
    assert "t_1" in judged["first-jump"].evidence


def test_a_given_certificate_is_kept() -> None:
    path = saddle_path(LEAVES)
    given = replace(Certified.of(path), verdict=Verdict("path", Status.UNCHECKED, "a budget"))
    assert find(path, certified=given, flow=False).verdict.status is Status.UNCHECKED


def test_budgets_are_read_by_level_and_by_name() -> None:
    assert Budgets.read([]) == Budgets.read(["standard"]) == Budgets()
    small, everything = Budgets.read(["small"]), Budgets.read(["all"])
    for field in fields(Budgets):
        of = [getattr(budgets, field.name) for budgets in (small, Budgets(), everything)]
        assert of == sorted(of)
    assert small.orbit_work == 0
    assert Budgets.read(["small", "flow-work=1e6", "rays=7"]) == replace(small, flow_work=10**6, rays=7)
    for wrong in ("large", "flow-work", "flow-work=x", "flow-work=1/2", "rays=-1", "small=3", ""):
        with pytest.raises(InvalidInput, match="--budget"):
            Budgets.read([wrong])


def test_a_saddle_of_several_minimisers_is_found_on_a_path_by_balls_too() -> None:
    balls, exact = (find(saddle_path(TIED, arithmetic=how), flow=False) for how in ("ball", "rational"))
    assert [here.unique for here in balls.minimisers] == [here.unique for here in exact.minimisers]
    assert [here.dimension for here in balls.minimisers] == [here.dimension for here in exact.minimisers]
    long = find(saddle_path(TIED, arithmetic="ball"), flow=False, budgets=Budgets(exact_work=0))
    assert [here.unique for here in long.minimisers] == [True, True, None]


def test_a_path_by_balls_has_every_part_where_its_numbers_are_not_too_long() -> None:
    rng = np.random.default_rng(0)
    problem = Problem(rng.standard_normal((2, 4)), rng.standard_normal(2))
    balls, exact = (saddle_path(problem, arithmetic=how) for how in ("ball", "rational"))
    found, known = (find(path, alphas=["1e-8", "1e-9"]) for path in (balls, exact))
    assert isinstance(found.lasso, LassoPath)
    assert found.lasso == known.lasso
    assert found.agreement == known.agreement
    assert found.examined == known.examined
    assert isinstance(found.convergence, Convergence)
    assert isinstance(known.convergence, Convergence)
    assert found.convergence.jumps == known.convergence.jumps
    assert isinstance(found.resolution, Resolution)
    work = exact_work(balls)
    assert isinstance(find(balls, flow=False, budgets=Budgets(exact_work=work)).lasso, LassoPath)


def test_where_averages_are_lasso_solutions_is_said_of_long_paths_too() -> None:
    path = saddle_path(LEAVES, arithmetic="ball")
    found = find(path, flow=False, budgets=Budgets(exact_work=0))
    assert isinstance(found.agreement, tuple)
    assert not any(stretch.is_exact for stretch in found.agreement)
    said = str(lasso_section(found))
    assert "signs proved by rigorous bounds, ends rounded" in said
    assert "6.0000000" in said
