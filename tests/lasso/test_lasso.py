from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, Status, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.lasso import LassoPath, average_at, lasso_agreement, lasso_path
from exactsaddle.numbers import Vector
from exactsaddle.path import minimise_on_cone
from proofs_checks.check_lasso import check
from proofs_checks.check_path import Malformed
from tests.support.command import run
from tests.support.problems import general_problems, standard_problems

F = Fraction
MATH_EXAMPLE = Problem([[0, -1], [1, 2]], [-1, -2])


def penalty_term(problem: Problem, b: tuple[Fraction, ...]) -> Fraction:
    total = F(0)
    for value, lower, upper in zip(b, problem.lower, problem.upper, strict=True):
        threshold = upper if value > 0 else lower
        if value != 0:
            assert threshold != "inf", "a forbidden sign"
            total += abs(value) * threshold
    return total


def assert_solves(problem: Problem, penalty: Fraction, b: tuple[Fraction, ...]) -> None:
    """The KKT conditions, from their definition."""
    for i, g in enumerate(problem.gradient(b)):
        for side, threshold in ((1, problem.upper[i]), (-1, problem.lower[i])):
            if threshold != "inf":
                assert -side * g <= penalty * threshold
                assert side * b[i] <= 0 or -side * g == penalty * threshold
            else:
                assert side * b[i] <= 0


def midpoints(path: LassoPath) -> list[Fraction]:
    return [(before + after) / 2 for before, after in pairwise(path.penalties)]


weighted_problems = general_problems().map(
    lambda problem: problem.replace(dual=0, X=[[x / 3 for x in row] for row in problem.X])
)


@given(st.one_of(standard_problems(), weighted_problems))
def test_every_knot_and_every_point_between_satisfies_the_kkt_conditions(problem: Problem) -> None:
    path = lasso_path(problem)
    assert path.penalties[-1] == 0
    assert all(before > after for before, after in pairwise(path.penalties))
    for penalty in (*path.penalties, *midpoints(path), path.penalties[0] + 1):
        assert_solves(problem, penalty, path.at(penalty))
    assert not any(path.at(path.penalties[0]))


@given(st.one_of(standard_problems(), weighted_problems))
def test_the_path_bends_at_every_knot_and_its_columns_are_independent(problem: Problem) -> None:
    path = lasso_path(problem)
    for before, after in pairwise(path):
        step = before.penalty - after.penalty
        assert after.beta_vector == before.beta_vector + before.direction * (
            before.penalty_value - after.penalty_value
        )
        assert before.direction != after.direction
        moved = problem.gradient(after.beta)
        assert (
            tuple(
                g + step * h
                for g, h in zip(before.gradient, before.gradient_direction.fractions(), strict=True)
            )
            == moved
        )
    for knot in path:
        below = knot.support_below
        assert problem._X.rank(below) == len(below)


@given(standard_problems())
def test_the_path_ends_at_a_minimum_l1_norm_solution(problem: Problem) -> None:
    end, limit = lasso_path(problem).at(0), saddle_path(problem)[-1]
    assert problem.fitted(end) == problem.fitted(limit.beta)
    assert sum(map(abs, end)) == limit.l1_norm


def test_the_tie_of_scikit_learn_issue_2746() -> None:
    # G = diag(0, 1/2, 0, 1/2, 0) and r = (0, 5/4, 0, 5/4, 0): both coordinates enter at λ = 5/4 and
    # b = (5/4 − λ)/(1/2); at λ = 1/1000 that is 1249/500 = 2.498. LassoLars prints 4.998 for one.
    problem = Problem([[0, 0, 0, -1, 0], [0, -1, 0, 0, 0]], ["-2.5", "-2.5"])
    path = lasso_path(problem)
    assert path.penalties == (F(5, 4), 0)
    assert path.at("1/1000") == (0, F(1249, 500), 0, F(1249, 500), 0)
    assert path.solutions("1/1000").unique


def test_a_coefficient_leaves_and_changes_sign() -> None:
    # G = [[1/2, 1], [1, 5/2]], r = (−1, −3/2). From λ = 3/2: b₂ = (λ − 3/2)/(5/2), g₁ = 1 − (3/2 − λ)·2/5 = λ
    # at λ = 2/3. With both signs −1: Gb = r + λ(1, 1), det G = 1/4: b₁ = 4(5/2·(λ − 1) − (λ − 3/2)) = 6λ − 4,
    # b₂ = 4(½(λ − 3/2) − (λ − 1)) = 1 − 2λ: b₂ is negative until λ = 1/2, leaves, and then
    # b₁ = 2(λ − 1), g₂ = 2(λ − 1) + 3/2 = 2λ − ½ = −λ at λ = 1/6: b₂ comes back positive:
    # b₁ = 4(5/2(λ − 1) − (−λ − 3/2)) = 14λ − 4, b₂ = 4(½(−λ − 3/2) − (λ − 1)) = 1 − 6λ.
    path = lasso_path(MATH_EXAMPLE)
    assert path.penalties == (F(3, 2), F(2, 3), F(1, 2), F(1, 6), 0)
    assert path.at(F(7, 12)) == (F(-1, 2), F(-1, 6))
    assert path.at(F(1, 3)) == (F(-4, 3), 0)
    assert path.at(F(1, 12)) == (F(-17, 6), F(1, 2))
    assert path.at(0) == (-4, 1)
    assert [knot.support_below for knot in path] == [(1,), (0, 1), (0,), (0, 1), (0, 1)]


def test_duplicate_columns_are_not_unique_and_the_lowest_index_enters() -> None:
    path = lasso_path(Problem([[1, -1, 2], [1, -1, 0]], [3, 1]))
    # r = (2, −2, 3), G₃₃ = 2: x₂ enters at λ = 3; G₁₃ = 1, so g₁ = −2 + (3 − λ)/2 = −λ at λ = 1.
    assert path.penalties == (3, 1, 0)
    solutions = path.solutions("1/2")
    assert path.at("1/2") == (F(1, 2), 0, F(1))
    assert not solutions.unique
    assert set(solutions.vertices) == {(F(1, 2), 0, 1), (0, F(-1, 2), 1)}
    assert path.solutions(2).unique
    with pytest.raises(InvalidInput, match="above 0"):
        path.solutions(0)


def test_a_free_coordinate_may_stop_while_others_go_on() -> None:
    # ½vᵀGv − ⟨r, v⟩ with G = [[1, 1], [1, 2]], r = (1, 1), v₁ free: v = (1, 0) after v₁ alone; then
    # nothing pulls v₂. With r = (1, 2): v = (0, 1), where the free coordinate is zero without leaving.
    equations = Problem([[1, 1], [0, 1]], [0, 0]).normal_equations
    for correlation, expected in (((1, 1), (1, 0)), ((1, 2), (0, 1))):
        half = [F(value, 2) for value in correlation]
        changed = equations.with_correlation(Vector.of([Problem([[1]], [v])._y[0] for v in half]))
        assert changed.correlation.fractions() == tuple(half)
        assert changed.gradient(Vector.zero(2)) == Vector.zero(2) - changed.correlation
        point = minimise_on_cone(changed, [0, 1], changed.least_squares([0]), [0])
        assert point.beta.fractions() == expected
        assert not any(point.gradient)


def test_a_free_coordinate_that_passes_zero_stays_free() -> None:
    # found by search: a step that is blocked at zero by coordinate 1 has coordinate 0 at exactly zero
    problem = Problem([[-2, -1, 2], [1, 0, -1], [1, -2, 2]], [-2, 3, -3])
    equations = problem.normal_equations
    point = minimise_on_cone(equations, [0, 1, -1], equations.least_squares([0]), [0])
    assert point.beta.fractions() == (F(-1, 15), 0, F(-22, 15))
    assert point.gradient.fractions() == (0, F(4, 15), 0)


@settings(max_examples=30)
@given(standard_problems(max_n=6, max_d=4), st.integers(1, 9))
def test_agrees_with_coordinate_descent(problem: Problem, ninths: int) -> None:
    path = lasso_path(problem)
    penalty = path.penalties[0] * ninths / 10
    if penalty == 0:
        return
    X = np.array([[float(v) for v in row] for row in problem.X])
    y = np.array([float(v) for v in problem.y])
    from sklearn.linear_model import Lasso  # a second

    found = Lasso(alpha=float(penalty), fit_intercept=False, tol=1e-14, max_iter=200_000).fit(X, y).coef_
    assert X @ found == pytest.approx([float(v) for v in problem.fitted(path.at(penalty))], abs=1e-5)


def test_diabetes_has_the_knots_of_the_well_known_path() -> None:
    path = lasso_path(load_dataset("diabetes"))
    assert path.complete
    assert len(path) == 17
    assert path.penalties[0] == F(6483913, 221)
    assert path.certificate().check().status is Status.VERIFIED


def test_a_budget_leaves_an_exact_prefix() -> None:
    path = lasso_path(MATH_EXAMPLE, max_knots=2)
    assert (path.complete, path.stopped_by, len(path)) == (False, "max_knots = 2", 2)
    assert path.at("2/3") == lasso_path(MATH_EXAMPLE).at("2/3")
    with pytest.raises(Inconclusive, match=r"below 0\.666.*max_knots = 2"):
        path.at("1/2")
    report = check(path.certificate().to_text())
    assert report.verdict == "unchecked"
    stopped = lasso_path(MATH_EXAMPLE, progress=lambda knot: knot.index < 1)
    assert (len(stopped), stopped.stopped_by) == (2, "request")


def test_refusals_name_what_is_wrong() -> None:
    with pytest.raises(InvalidInput, match=r"of column 'x1' is 0\.5"):
        lasso_path(Problem([[1, 2]], [1], dual=[0, "1/2"]))
    with pytest.raises(InvalidInput, match="max_knots"):
        lasso_path(MATH_EXAMPLE, max_knots=0)
    with pytest.raises(InvalidInput, match="-1 is negative"):
        lasso_path(MATH_EXAMPLE).at(-1)


def test_the_saddle_path_gives_the_lasso_at_one_over_t() -> None:
    path = saddle_path(MATH_EXAMPLE)
    assert path.lasso(3) == (F(-4, 3), 0)
    assert path.lasso(0) == (0, 0)
    with pytest.raises(InvalidInput, match="negative"):
        path.lasso(-1)


# --- the relation to the saddle path ---------------------------------------------------------------------


def test_the_relation_fails_and_holds_again_inside_one_plateau() -> None:
    # MATHEMATICS.md §3: jumps at 2/3, 3/2 and 11/2; on the last plateau t·β̄ = (−8, −½) + (t − 11/2)(−4, 1),
    # so t·β̄₂ = t − 6: negative with s₂ = 1 before t = 6, right from there on.
    stretches = lasso_agreement(saddle_path(MATH_EXAMPLE))
    assert [(str(s), s.holds) for s in stretches] == [
        ("(0, 3/2]", True),
        ("(3/2, 6)", False),
        ("[6, ∞)", True),
    ]


def test_the_relation_can_hold_at_a_single_time() -> None:
    found = {}
    for problem in (MATH_EXAMPLE, MATH_EXAMPLE.replace(y=[-1, 2]), Problem([[1]], [0])):
        for stretch in lasso_agreement(saddle_path(problem)):
            found[stretch.holds] = stretch
    assert set(found) == {True, False}


@given(standard_problems())
def test_the_relation_is_equality_of_the_lasso_objective(problem: Problem) -> None:
    path = saddle_path(problem)
    stretches = lasso_agreement(path)
    assert stretches[0].start == 0
    assert stretches[-1].end is None
    for before, after in pairwise(stretches):
        assert before.end == after.start
        assert before.closed_end != after.closed_start
        assert before.holds != after.holds
    for stretch in stretches:
        end = stretch.start + 3 if stretch.end is None else stretch.end
        times = {(stretch.start + end) / 2, (stretch.start + 2 * end) / 3}
        times |= {stretch.start} if stretch.closed_start else set()
        times |= {end} if stretch.closed_end else set()
        for t in times:
            average, lasso = average_at(path, t), path.lasso(t)
            values = [problem.loss(b) + sum(map(abs, b)) / t for b in (average, lasso)]
            assert (values[0] == values[1]) == stretch.holds
            if stretch.holds:
                assert problem.fitted(average) == problem.fitted(lasso)


@given(st.one_of(standard_problems(), general_problems()), st.fractions(F(1, 4), 9))
def test_the_dual_is_minus_t_times_the_gradient_at_the_average(problem: Problem, t: Fraction) -> None:
    path = saddle_path(problem)
    expected = tuple(
        s - t * g for s, g in zip(problem.dual, problem.gradient(average_at(path, t)), strict=True)
    )
    assert path.dual_at(t) == expected


def test_the_relation_on_a_prefix_stops_at_its_horizon() -> None:
    path = saddle_path(MATH_EXAMPLE, max_saddles=3)
    stretches = lasso_agreement(path)
    assert [(str(s), s.holds) for s in stretches] == [("(0, 3/2]", True), ("(3/2, 11/2)", False)]
    with pytest.raises(InvalidInput, match="t > 0"):
        average_at(path, 0)
    with pytest.raises(InvalidInput, match="initial dual 0"):
        lasso_agreement(saddle_path(MATH_EXAMPLE.replace(dual="1/2")))


# --- certificates ------------------------------------------------------------------------------------------


def certificate(problem: Problem = MATH_EXAMPLE) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(lasso_path(problem).certificate().to_text())
    return document


def put(*keys: Any) -> Callable[[dict[str, Any]], None]:
    *where, last, value = keys

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for key in where:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


@given(weighted_problems)
def test_the_independent_checker_verifies_every_path(problem: Problem) -> None:
    path = lasso_path(problem)
    report = check(path.certificate().to_text())
    assert (report.verdict, report.knots, report.digest) == ("verified", len(path), problem.digest)


@pytest.mark.parametrize(
    ("change", "knot", "claim"),
    [
        (put("digest", "0" * 64), 0, "problem"),
        (put("problem", "y", 0, "5"), 0, "problem"),
        (put("knots", 0, "beta", {"1": "-1/100"}), 0, "start"),
        (put("knots", 0, "penalty", "7/5"), 0, "bounds"),
        (
            put("knots", [{"penalty": "3/2", "beta": {}}, {"penalty": "0", "beta": {"1": "-3/5"}}]),
            1,
            "bounds",
        ),
        (put("knots", 0, "penalty", "2"), 0, "segment"),  # b₂ moves before |c₂| = λ
        (put("knots", 2, None), 1, "segment"),  # skipping the knot where b₂ leaves
        (lambda document: document["knots"].insert(2, document["knots"][1]), 1, "segment"),  # λ does not fall
        (put("knots", 4, None), 3, "end"),
        (put("knots", 4, "beta", {"0": "-4"}), 3, "segment"),  # c₁ is not 0 at λ = 0
    ],
)
def test_a_false_claim_is_rejected_and_named(
    change: Callable[[dict[str, Any]], None], knot: int, claim: str
) -> None:
    document = certificate()
    change(document)
    report = check(json.dumps(document))
    assert report.verdict == "rejected"
    assert report.failure is not None
    assert (report.failure.saddle, report.failure.claim) == (knot, claim)
    assert report.message.startswith(f"knot {knot}: {claim}: ")


def test_a_sign_change_inside_a_segment_is_rejected() -> None:
    # X = (1, −1), y = 2: (1, 0) at λ = 1 and (2, 0) at λ = 0 is fine; so is (−1, −3) at λ = 0 by itself,
    # but between (1, 0) and (−1, −3) b₁ = −½ where c₁ = λ.
    document = certificate(Problem([[1, -1]], [2]))
    assert [k["penalty"] for k in document["knots"]] == ["2", "0"]
    document["knots"].insert(1, {"penalty": "1", "beta": {"0": "1"}})
    assert check(json.dumps(document)).verdict == "verified"
    document["knots"][2] = {"penalty": "0", "beta": {"0": "-1", "1": "-3"}}  # fits y = 2 as well
    report = check(json.dumps(document))
    assert report.failure is not None
    assert (report.failure.claim, report.failure.saddle) == ("segment", 1)
    assert report.failure.witness == "b[x0] = 1 and then b[x0] = -1"


def test_a_forbidden_sign_is_rejected_even_at_penalty_zero() -> None:
    # y = −1 on the column 1, b ≥ 0: the solution is 0 at every λ; b = −1 has the smaller loss.
    document = certificate(Problem([[1]], [-1], lower="inf"))
    assert [k["penalty"] for k in document["knots"]] == ["0"]
    document["knots"] = [{"penalty": "1", "beta": {}}, {"penalty": "0", "beta": {"0": "-1"}}]
    report = check(json.dumps(document))
    assert report.failure is not None
    assert report.failure.claim == "segment"


def test_an_initial_dual_is_rejected() -> None:
    problem = MATH_EXAMPLE.replace(dual="1/2")
    document = certificate()
    document["problem"], document["digest"] = problem.to_json(), problem.digest
    report = check(json.dumps(document))
    assert report.failure is not None
    assert "initial dual" in report.message


def test_a_negative_penalty_is_rejected() -> None:
    document = certificate(Problem([[1]], [0]))
    document["knots"].append({"penalty": "-1", "beta": {}})
    assert "negative" in check(json.dumps(document)).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("format", "exactsaddle certificate"), "lasso certificate"),
        (put("version", 2), "version: must be 1"),
        (put("complete", "true"), "complete"),
        (put("claims", 0, "start"), "claims"),
        (put("complete", False), "claims"),
        (put("digest", "abc"), "digest"),
        (put("problem", None), "detached"),
        (put("knots", []), "non-empty"),
        (put("knots", 0, "loss", "1"), "unknown field"),
        (put("knots", 0, "penalty", None), "lacks penalty"),
        (put("knots", 0, "penalty", "1.5"), "must be written"),
        (put("knots", 1, "beta", {"2": "1"}), "not a column"),
        (put("note", "x"), "unknown field"),
    ],
)
def test_a_malformed_certificate_decides_nothing(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    document = certificate()
    change(document)
    with pytest.raises(Malformed, match=message):
        check(json.dumps(document))


def test_a_detached_certificate_needs_its_own_problem(tmp_path: Path) -> None:
    detached = lasso_path(MATH_EXAMPLE).certificate().detached()
    assert detached.check(MATH_EXAMPLE).status is Status.VERIFIED
    assert detached.check(MATH_EXAMPLE.replace(y=[1, 1])).status is Status.REJECTED
    assert detached.check(Problem([[1], [1]], [1, 1])).status is Status.REJECTED
    whole = lasso_path(MATH_EXAMPLE).certificate()
    assert whole.check(MATH_EXAMPLE).status is Status.VERIFIED
    assert whole.check(MATH_EXAMPLE.replace(y=[1, 1])).status is Status.REJECTED


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_prints_certifies_and_compares(tmp_path: Path) -> None:
    data, cert = tmp_path / "data.json", tmp_path / "lasso.json"
    MATH_EXAMPLE.save(data)
    done = run("lasso", data, "--at", "1/3", "--relation", "-o", cert)
    assert done.returncode == 0, done.stderr
    assert "λ = 1/3: x0 -4/3 ≈ -1.3333333 (the only solution)" in done.stdout
    assert [line.split()[-1] for line in done.stdout.splitlines() if line[:1] in "(["] == ["yes", "no", "yes"]
    assert done.stdout.splitlines()[-1].startswith("verified: 5 knots")
    checked = run("check", cert)
    assert (checked.returncode, checked.stdout.split(":")[0]) == (0, "verified")


def test_the_command_prints_json_and_a_prefix_is_unchecked(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    MATH_EXAMPLE.save(data)
    done = run("lasso", data, "--json", "--relation", "--at", "2/3", "--max-knots", "2")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["verdict"] == "unchecked"
    assert [knot["penalty"] for knot in document["knots"]] == ["3/2", "2/3"]
    assert document["at"] == {"2/3": {"beta": {"1": "-1/3"}, "unique": True}}
    assert document["relation"][1] == {
        "start": "3/2",
        "end": "6",
        "closed_start": False,
        "closed_end": False,
        "holds": False,
    }
    refused = run("lasso", data, "--at", "two")
    assert refused.returncode == 2
    assert "'two'" in refused.stderr
