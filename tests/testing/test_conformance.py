from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.testing.comparison import SHOWN
from exactsaddle.testing.conformance import (
    Answer,
    Comparison,
    Misbehaviour,
    Target,
    answer_lines,
    arrays,
    assess,
    compare,
    exact_lines,
    pytest_file,
    to_binary64,
)
from exactsaddle.testing.strategies import FAMILIES, problems
from tests.support import solvers
from tests.support.command import run
from tests.support.places import ROOT

# X = I, y = (1, ½): x0 enters at t = 2 with 1, x1 at t = 4 with ½.
STAIRS = Problem([[1, 0], [0, 1]], [1, "1/2"])
STAIRS_TIMES, STAIRS_BETAS = [0, 2, 4], [[0, 0], [1, 0], [1, 0.5]]
# Both columns the same: every b ≥ 0 with b_0 + b_1 = 2 is right from t = ½ on.
TWINS = Problem([[1, 1]], [2])


def wrong(problem: Problem, times: Any, betas: Any) -> str:
    found = compare(saddle_path(problem), times, betas)
    assert found.wrong is not None
    return found.wrong


def right(problem: Problem, times: Any, betas: Any) -> Comparison:
    found = compare(saddle_path(problem), times, betas)
    assert found.wrong is None, found.wrong
    return found


# --- comparing one answer ------------------------------------------------------------------------


def test_the_exact_path_in_floats_is_right() -> None:
    found = right(STAIRS, STAIRS_TIMES, STAIRS_BETAS)
    assert found == Comparison(None, None, judged=3, unresolved=0, extra_steps=0)
    assert right(STAIRS, [0, 2 * (1 + 1e-12), 4], STAIRS_BETAS).judged == 3


@pytest.mark.parametrize(
    ("times", "betas", "message"),
    [
        ([0, 2, 4], [[0, 0], [1, 0], [1, 0.501]], "fit is off"),
        ([0, 2, 4], [[0, 0], [1, 0], [1, -0.5]], "beta of x1 should be of the other sign"),
        ([0, 2, 4], [[0, 0], [1, 0.1], [1, 0.5]], "beta of x1 should be zero"),
        ([0, 2.001, 4], STAIRS_BETAS, "t = 2"),
        ([0, 1.999, 4], STAIRS_BETAS, "t = 1.999"),
        ([0, 2], [[0, 0], [1, 0]], "exactly (1, 1/2) from t = 4"),
        ([0, 2, 3, 4], [[0, 0], [1, 0], [1, 0], [1, 0.5]], "a jump at t = 3, where nothing happens"),
        ([0, 2, 4, 1e14], [[0, 0], [1, 0], [1, 0.5], [1, 0.5]], "a jump at t = 1e+14"),
        ([0, 2, 4], [[0, 0], [1, 0]], "wrong shapes"),
        ([[0, 2, 4]], STAIRS_BETAS, "wrong shapes"),
        ([], np.zeros((0, 2)), "wrong shapes"),
        ([0, 2, 4], [[0], [1], [1]], "wrong shapes"),
        ([0, 2, np.inf], STAIRS_BETAS, "not a finite number"),
        ([0, 2, 4], [[0, 0], [1, np.nan], [1, 0.5]], "not a finite number"),
        ([0, 4, 2], STAIRS_BETAS, "decreasing times"),
        ([1, 2, 4], STAIRS_BETAS, "the first row"),
        ([0, 2, 4], [[1, 0], [1, 0], [1, 0.5]], "the first row"),
    ],
)
def test_a_wrong_answer_is_wrong(times: Any, betas: Any, message: str) -> None:
    assert message in wrong(STAIRS, times, betas)


def test_steps_of_no_length_at_a_tie_are_set_apart() -> None:
    tie = Problem([[1, 0], [0, 1]], [1, 1])
    assert right(tie, [0, 2], [[0, 0], [1, 1]]).extra_steps == 0
    assert right(tie, [0, 2, 2], [[0, 0], [1, 0], [1, 1]]).extra_steps == 1
    assert right(tie, [0, 2, 2 + 1e-12], [[0, 0], [0, 1], [1, 1]]).extra_steps == 1


def test_a_near_tie_is_unresolved_either_way() -> None:
    near = Problem([[1, 0], [0, 1]], [1, 1 - Fraction(1, 2**50)])
    for betas in ([[0, 0], [1, 0], [1, 1]], [[0, 0], [0, 1], [1, 1]]):
        found = right(near, [0, 2, 2], betas)
        assert (found.judged, found.unresolved) == (2, 1)


def test_every_minimiser_is_right_and_nothing_else() -> None:
    for share in (0.0, 0.25, 1.0, 2.0):
        right(TWINS, [0, 0.5], [[0, 0], [share, 2 - share]])
    assert "other sign" in wrong(TWINS, [0, 0.5], [[0, 0], [2.5, -0.5]])
    assert "fit is off" in wrong(TWINS, [0, 0.5], [[0, 0], [1, 0.5]])


def test_zero_columns_stay_zero() -> None:
    problem = Problem([[1, 0]], [1])
    right(problem, [0, 1], [[0, 0], [1, 0]])
    assert "beta of x1 should be zero" in wrong(problem, [0, 1], [[0, 0], [1, 1]])


def test_the_tolerance_knows_conditioning() -> None:
    # Columns (1, 0) and (1, ε): the squared condition number is about 4/ε². At ε = 10⁻⁴ an error in the
    # fit of 10⁻⁶ is forgiven, between well-conditioned columns it is not; at ε = 10⁻⁸ nothing is judged.
    def end(epsilon: Any, error: float) -> Comparison:
        path = saddle_path(Problem([[1, 1], [0, epsilon]], [1, -1]))
        exact = path.to_arrays()
        betas = exact.betas.copy()
        betas[-1] += error * np.array([1.0, 0.0])
        return compare(path, exact.times, betas)

    assert end(1, 1e-5).wrong is not None
    assert end("1/10000", 1e-5).wrong is None
    assert end("1/10000", 1e-2).wrong is not None
    assert end("1/100000000", 1e3).unresolved > 0


@settings(max_examples=50, deadline=None)
@given(problems())
def test_the_rounded_exact_path_is_never_accused(problem: Problem) -> None:
    if problem.is_standard:
        path = saddle_path(to_binary64(problem))
        exact = path.to_arrays()
        if np.isfinite(exact.times).all():
            assert compare(path, exact.times, exact.betas).wrong is None


def test_only_standard_problems_go_to_binary64() -> None:
    with pytest.raises(InvalidInput, match="thresholds 1"):
        to_binary64(Problem([[1]], [1], upper=2))
    third = to_binary64(Problem([["1/3"]], [1]))
    assert third.X == ((Fraction(1 / 3),),)
    assert third.source == "binary64"


# --- the process of its own ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        ("raises", "raised", "ZeroDivisionError: no path today"),
        ("exits", "raised", "SystemExit"),
        ("dies", "crashed", "exit code 3"),
        ("not_a_pair", "unusable answer", "not a pair"),
        ("mutates", "mutated its input", "changed"),
    ],
)
def test_a_target_that_misbehaves_is_described(name: str, kind: str, detail: str) -> None:
    X, y = arrays(STAIRS)
    with Target(f"tests.support.solvers:{name}") as target:
        for _ in range(2):  # it is there again after a crash
            answer = target.solve(X, y)
            assert isinstance(answer, Misbehaviour)
            assert answer.kind == kind
            assert detail in answer.detail


def test_what_a_target_says_is_kept_within_bounds() -> None:
    report = assess("tests.support.solvers:raises_at_length", examples=2, families=["planted"], seconds=8)
    (finding,) = report.findings
    assert finding.detail.startswith("ValueError: no no")
    assert len(finding.detail) < 1000
    assert len(pytest_file(report)) < 10_000


def test_a_target_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.testing.conformance.target.FIRST_CALL_SECONDS", 0.5)
    X, y = arrays(STAIRS)
    with Target("tests.support.solvers:hangs", call_seconds=0.5) as target:
        assert target.solve(X, y) == Misbehaviour("hung", "no answer within 0.5 s")


def test_a_target_may_write_to_standard_output() -> None:
    with Target("tests.support.solvers:chatters") as target:
        answer = target.solve(*arrays(STAIRS))
        assert isinstance(answer, Answer)
        right(STAIRS, answer.times, answer.betas)


@pytest.mark.parametrize("name", ["gives_nan", "goes_back", "wrong_shapes", "hangs", "dies"])
def test_misbehaviour_never_takes_the_run_down(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.testing.conformance.target.FIRST_CALL_SECONDS", 0.3)
    report = assess(
        f"tests.support.solvers:{name}",
        examples=3,
        families=["integers", "planted"],
        seconds=8,
        call_seconds=0.3,
    )
    assert report.status is Status.REJECTED
    assert {finding.family for finding in report.findings} == {"integers", "planted"}
    assert report.to_json()["falsified"] is True


# --- the bench -----------------------------------------------------------------------------------

MISTAKES = {
    "exact_float_ties": "late-tie",
    "one_at_a_time": "exact-tie",
    "never_deactivates": "deactivation",
    "drops_for_good": "reactivation",
    "unconstrained_refit": "deactivation",
    "missing_n": "overdetermined",
    "stops_early": "sign-flip",
    "wrong_dual_sign": "single-column",
    "runs_on": "integers",
    "raises": "integers",
    "mutates": "planted",
    "gives_nan": "planted",
}


def test_the_correct_solver_is_not_accused() -> None:
    report = assess("tests.support.solvers:correct", examples=3, seed=2)
    assert report.nothing_falsified, [(f.family, f.detail, f.problem) for f in report.findings]
    assert report.examples == 3 * sum(family.standard for family in FAMILIES.values())
    assert report.status is Status.UNCHECKED


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_correct_solver_is_never_accused(seed: int) -> None:
    report = assess("tests.support.solvers:correct", examples=300, seed=seed, seconds=1200)
    assert report.examples >= 2000
    assert report.nothing_falsified, [(f.family, f.detail, f.problem) for f in report.findings]


@pytest.mark.parametrize(
    ("mistake", "family"),
    [
        pytest.param(mistake, family, marks=pytest.mark.slow if number % 2 else ())
        for number, (mistake, family) in enumerate(MISTAKES.items())
    ],
)
def test_a_classic_mistake_is_caught(mistake: str, family: str) -> None:
    examples = 100 if mistake == "exact_float_ties" else 40
    report = assess(f"tests.support.solvers:{mistake}", examples=examples, families=[family], seconds=8)
    (finding,) = report.findings
    # A missed tie needs numbers that round: it shrinks less.
    assert finding.problem.n * finding.problem.d <= (24 if mistake == "exact_float_ties" else 12)
    assert FAMILIES[family].predicate(finding.problem)
    score = report.families[0].score
    assert score.right + score.wrong + score.misbehaved == score.examples
    assert score.wrong + score.misbehaved > 0


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_caught_within_the_default_budget(mistake: str) -> None:
    report = assess(f"tests.support.solvers:{mistake}")
    assert report.findings
    assert report.seconds < 180


@pytest.mark.slow
def test_the_lasso_parts_from_the_path_where_someone_leaves() -> None:
    pytest.importorskip("sklearn")
    # MATHEMATICS.md §3: x1 leaves at 3/2, but the average keeps it until t = 6, where the two meet again.
    problem = Problem([[0, -1], [1, 2]], [-1, -2])
    assert "t = 1.5" in wrong(problem, *solvers.lars_lasso(*arrays(problem)))
    report = assess("tests.support.solvers:lars_lasso", examples=20, families=["single-column", "sign-flip"])
    assert [finding.family for finding in report.findings] == ["sign-flip"]


def test_findings_become_a_test_file(tmp_path: Path) -> None:
    report = assess("tests.support.solvers:stops_early", examples=60, families=["sign-flip"], seconds=6)
    text = pytest_file(report)
    (finding,) = report.findings
    for line in exact_lines(finding.path):
        assert f"# {'  '}{line}" in text
    # The test of every family takes a minute: it is deselected here.
    place = tmp_path / "test_mysolver.py"
    place.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--isolated", str(place)], check=True)
    repaired = tmp_path / "test_repaired.py"
    repaired.write_text(text.replace("solvers:stops_early", "solvers:correct"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "counterexample"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert "1 failed, 1 passed, 2 deselected" in done.stdout
    assert "FAILED test_mysolver.py::" in done.stdout


def test_a_long_answer_is_shown_from_its_beginning() -> None:
    long = Answer(np.arange(5000.0), np.ones((5000, 40)))
    lines = answer_lines(long)
    assert len(lines) == SHOWN + 1
    assert lines[-1] == f"… {5000 - SHOWN} more rows"
    assert lines[0].endswith(f"1, … {40 - SHOWN} more)")
    wide = Problem([[1] * 40], [1])
    assert len(wrong(wide, [0, 1], np.vstack([np.zeros(40), np.full(40, 7.123456789)]))) < 500
    assert len(exact_lines(saddle_path(wide))) == 2


def test_a_file_without_findings_still_tests() -> None:
    report = assess("tests.support.solvers:correct", examples=2, families=["integers"])
    text = pytest_file(report)
    assert "CASES = {}" in text
    compile(text, "test_mysolver.py", "exec")


def test_the_command_scores_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    emitted = tmp_path / "test_mysolver.py"
    arguments = ["--target", "mine:solve", "--families", "planted", "--examples", "20"]
    (tmp_path / "mine.py").write_text("from tests.support.solvers import missing_n as solve\n")
    done = run("fuzz", *arguments, "--emit", emitted, "-o", "found", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "falsified in 1 of 1 families" in done.stdout
    assert "exactly:" in done.stdout
    assert "answered:" in done.stdout
    assert (tmp_path / "found" / "planted.problem.json").exists()
    assert '"planted": (' in emitted.read_text(encoding="utf-8")
