from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.testing.hunt import hunt
from exactsaddle.testing.hypothesis_plugin import register
from exactsaddle.testing.strategies import FAMILIES, MAX_D, MAX_N, Family, events, problems
from tests.support.places import ROOT

EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
SIZES = ("least", "default", "larger")


def size_of(family: Family, size: str) -> tuple[int, int]:
    return {"least": family.least, "default": (MAX_N, MAX_D), "larger": (7, 9)}[size]


def check_promise(family: Family, size: str, examples: int) -> None:
    """Every draw is what the family says: predicate, size, thresholds."""
    max_n, max_d = size_of(family, size)

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(family.problems(max_n, max_d))
    def promise(problem: Problem) -> None:
        assert family.predicate(problem)
        assert problem.n <= max_n
        assert problem.d <= max_d
        assert problem.is_standard or not family.standard

    promise()


@EVERY_FAMILY
@pytest.mark.parametrize("size", SIZES)
def test_every_draw_keeps_the_promise_of_its_family(family: Family, size: str) -> None:
    check_promise(family, size, 20)


@pytest.mark.slow
@EVERY_FAMILY
@pytest.mark.parametrize("size", SIZES)
def test_every_draw_of_a_large_run_keeps_the_promise(family: Family, size: str) -> None:
    check_promise(family, size, 2000)


def test_hardly_a_draw_is_discarded() -> None:
    # No strategy filters, and the choices behind an example have one shape at every size (Drawer).
    found = {
        name: hunt(family.problems(), lambda problem, only: None, examples=15, seed=5)
        for name, family in FAMILIES.items()
    }
    assert {result.examples for result in found.values()} == {15}
    assert sum(result.discarded for result in found.values()) <= 5  # 1 % of 465


def test_predicates_are_not_vacuous() -> None:
    # Generic: r = (13/12, 7/6) and c = (1, 1) give one hit at a time, and the end interpolates.
    generic = Problem([["1/2", 2], [3, 1]], [1, "1/3"])
    assert {name for name, family in FAMILIES.items() if family.predicate(generic)} == {"planted"}
    wide = Problem([[3, 1, 0], [-1, 2, 0], [1, 1, 0]], [1, 5, 2], upper=2, dual=[1, 0, 0])
    assert FAMILIES["boundary-duals"].predicate(wide) is False
    assert FAMILIES["initial-duals"].predicate(wide) is True
    assert FAMILIES["planted"].predicate(wide) is False
    assert FAMILIES["single-row"].predicate(wide) is False


def test_events_of_a_hand_solved_path() -> None:
    # X = [[1, 2], [0, -1]], y = (1, 0): G = [[1, 2], [2, 5]]/2, r = (1, 2)/2, so coordinate 1 hits first,
    # at t = 1, and β_1 = (0, 2/5). There g = (−1/10, 0), s_0 = ½ + (t − 1)/10 hits at t = 6. On the cone
    # b ≥ 0 the optimum of ‖(1 − b_0 − 2b_1, b_1)‖ is (1, 0): 1 leaves as 0 enters, and the loss is 0.
    path = saddle_path(Problem([[1, 2], [0, -1]], [1, 0]))
    assert path.jump_times == (0, 1, 6)
    assert [saddle.beta for saddle in path] == [(0, 0), (0, Fraction(2, 5)), (1, 0)]
    assert events.deactivation(path) == 6
    for absent in (events.strict_drop, events.sign_flip, events.reactivation, events.simultaneous_swap):
        assert absent(path) is None
    # y = (2, 1) instead: r = (2, 3)/2, t_1 = 2/3, β_1 = (0, 3/5), g = (−2/5, 0) until 0 enters, 1 leaves;
    # the end interpolates 2 = b_0 + 2b_1, 1 = −b_1: b_1 = −1, the opposite of what it was.
    flip = saddle_path(Problem([[1, 2], [0, -1]], [2, 1]))
    assert [saddle.support for saddle in flip] == [(), (1,), (0,), (0, 1)]
    assert flip[-1].beta == (4, -1)
    assert events.sign_flip(flip) == flip[-1].jump_time
    assert events.reactivation(flip) is None


def test_events_of_ties() -> None:
    # X = I: coordinate i enters at n/|y_i| with value y_i.
    together = saddle_path(Problem([[1, 0], [0, 1]], [1, -1]))
    assert events.simultaneous_activation(together) == 2
    assert events.near_tie(together) is None
    apart = saddle_path(Problem([[1, 0], [0, 1]], [1, 1 - Fraction(1, 2**60)]))
    assert events.simultaneous_activation(apart) is None
    assert events.near_tie(apart) == 2 / (1 - Fraction(1, 2**60))
    assert events.zero_slack(apart) is None
    # MATHEMATICS.md §6: G = [[1, 1, 0], [1, 2, −½], [0, −½, 1]] has zero slack; X = (1, 0) has not.
    assert events.zero_slack(saddle_path(Problem([[1, 0]], [1]))) is None
    assert events.zero_slack(saddle_path(Problem([[1, 1], [0, 1]], [1, 0]))) == 2


@EVERY_FAMILY
def test_too_small_a_size_is_refused(family: Family) -> None:
    n, d = family.least
    for size in ((n - 1, 9), (9, d - 1)):
        assert not family.fits(*size)
        with pytest.raises(InvalidInput, match=family.name):
            family.problems(*size)


def test_problems_draws_from_every_family_that_fits() -> None:
    seen: set[tuple[int, int]] = set()

    @settings(max_examples=300, derandomize=True, deadline=None, database=None)
    @given(problems(2, 3))
    def draw(problem: Problem) -> None:
        seen.add(problem.shape)

    draw()
    assert seen == {(n, d) for n in (1, 2) for d in (1, 2, 3)}
    with pytest.raises(InvalidInput, match="at least one row"):
        problems(0, 3)


@pytest.mark.parametrize(
    "name",
    ["deactivation", *(pytest.param(name, marks=pytest.mark.slow) for name in ("integers", "strict-drop"))],
)
def test_shrinking_ends_at_small_integers(name: str) -> None:
    smallest = hypothesis.find(
        FAMILIES[name].problems(),
        lambda problem: len(saddle_path(problem)) > 2,
        settings=settings(
            max_examples=120, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        ),
    )
    entries = [value for row in (*smallest.X, smallest.y) for value in row]
    assert all(value.denominator == 1 and abs(value) <= 6 for value in entries), smallest


def test_from_type_draws_problems() -> None:
    register()

    @settings(max_examples=20, derandomize=True, deadline=None, database=None)
    @given(st.from_type(Problem))
    def draw(problem: Problem) -> None:
        assert isinstance(problem, Problem)

    draw()


@pytest.mark.parametrize("first", ["hypothesis", "exactsaddle.testing.strategies"])
def test_hypothesis_finds_the_entry_point(tmp_path: Path, first: str) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["hypothesis"]
    module, _, function = declared["exactsaddle"].partition(":")
    assert getattr(importlib.import_module(module), function) is register
    info = tmp_path / "pretend-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: pretend\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[hypothesis]\nexactsaddle = {declared['exactsaddle']}\n")
    script = (
        f"import {first}, hypothesis.strategies as st, exactsaddle, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "assert '_integers' in repr(st.from_type(exactsaddle.Problem)), st.from_type(exactsaddle.Problem)\n"
        "print(type(st.from_type(exactsaddle.Problem).example()).__name__)"
    )
    done = run_python(script, tmp_path)
    assert done.stdout.strip() == "Problem", done.stderr


def test_without_hypothesis_only_strategies_are_missing(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import exactsaddle, exactsaddle.testing.properties, exactsaddle.cli\n"
        "try: import exactsaddle.testing.strategies\n"
        "except exactsaddle.base.errors.MissingExtra as error: print(error)"
    )
    assert re.search(r"pip install .*\[hypothesis\]", run_python(script, tmp_path).stdout)


def run_python(script: str, extra: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), str(extra)])
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
