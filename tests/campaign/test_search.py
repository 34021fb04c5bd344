from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from math import gcd
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.campaign.search import (
    OBJECTIVES,
    Data,
    Grid,
    SearchResult,
    lasso_worst_case,
    most_lasso_segments,
    objective_named,
    search,
)
from exactsaddle.campaign.search.engine import Progress
from exactsaddle.campaign.search.tasks import CHUNK
from exactsaddle.campaign.search.workers import Stopped, run_tasks
from exactsaddle.cli import app
from exactsaddle.lasso import lasso_path
from exactsaddle.path import most_saddles, most_supports
from exactsaddle.path.counts import deactivations, dual_bits, reactivations, sign_flips, support_drops
from tests.support.places import CORPUS

SADDLES, DEACTIVATIONS = OBJECTIVES["saddles"], OBJECTIVES["deactivations"]
EVERY_OBJECTIVE = pytest.mark.parametrize("name", OBJECTIVES)


def every_problem(grid: Grid) -> Iterator[Data]:
    vectors = list(product(range(-grid.bound, grid.bound + 1), repeat=grid.n))
    for *columns, y in product(vectors, repeat=grid.d + 1):
        if any(y) and any(map(any, columns)):
            yield Data(tuple(columns), y)


def moved(data: Data, generator: random.Random, factor: int = 1) -> Data:
    """The image under a random signed permutation of rows and columns, y times a factor."""
    n, d = len(data.y), len(data.columns)
    rows, columns = generator.sample(range(n), n), generator.sample(range(d), d)
    row_signs, column_signs = ([generator.choice((1, -1)) for _ in range(size)] for size in (n, d))

    def along_rows(vector: tuple[int, ...], scale: int) -> tuple[int, ...]:
        return tuple(scale * sign * vector[i] for sign, i in zip(row_signs, rows, strict=True))

    images = (along_rows(data.columns[j], sign) for sign, j in zip(column_signs, columns, strict=True))
    return Data(tuple(images), along_rows(data.y, factor))


def primitive(data: Data) -> Data:
    scales = gcd(*data.y), gcd(*(value for column in data.columns for value in column))
    columns = tuple(tuple(value // scales[1] for value in column) for column in data.columns)
    return Data(columns, tuple(value // scales[0] for value in data.y))


def draw(grid: Grid) -> st.SearchStrategy[Data]:
    vector = st.tuples(*[st.integers(-grid.bound, grid.bound)] * grid.n)
    return st.builds(Data, st.tuples(*[vector] * grid.d), vector).filter(
        lambda data: any(data.y) and any(map(any, data.columns))
    )


# --- classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "grid",
    [Grid(1, 2, 2), Grid(2, 1, 2), Grid(2, 2, 1), Grid(3, 1, 1), Grid(2, 3, 1)],
    ids=str,
)
def test_orbits_by_brute_force_are_the_classes(grid: Grid) -> None:
    # Orbits under generators of the group, among primitive problems, found without canonical forms.
    problems = {primitive(data) for data in every_problem(grid)}
    assert len(list(every_problem(grid))) == grid.problems
    representatives = set()
    while problems:
        orbit, fresh = set(), {problems.pop()}
        while fresh:
            orbit |= fresh
            fresh = {image for data in fresh for image in neighbours(data)} - orbit
        problems -= orbit
        canonical = {grid.canonical(data) for data in orbit}
        assert len(canonical) == 1
        assert canonical <= orbit
        representatives |= canonical
    classes = list(grid.classes())
    assert len(classes) == len(representatives) == grid.count()
    assert set(classes) == representatives


def neighbours(data: Data) -> Iterator[Data]:
    """The images under generators: swap rows or columns 0 and i, negate row or column 0."""

    def swap(values: tuple[tuple[int, ...], ...], i: int) -> tuple[tuple[int, ...], ...]:
        found = list(values)
        found[0], found[i] = found[i], found[0]
        return tuple(found)

    def negate(vector: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(-value for value in vector)

    rows = tuple(zip(*data.columns, data.y, strict=True))
    for image in (*(swap(rows, i) for i in range(len(rows))), (negate(rows[0]), *rows[1:])):
        *columns, y = zip(*image, strict=True)
        yield Data(tuple(columns), y)
    for i in range(len(data.columns)):
        yield Data(swap(data.columns, i), data.y)
    yield Data((negate(data.columns[0]), *data.columns[1:]), data.y)


@pytest.mark.parametrize(
    ("grid", "classes"),
    [
        (Grid(3, 3, 2), 91_289),
        (Grid(3, 3, 3), 5_244_493),
        (Grid(2, 5, 3), 475_482),
        (Grid(3, 4, 2), 1_486_966),
        (Grid(4, 4, 1), 35_105),
    ],
    ids=str,
)
def test_counting_needs_no_enumeration(grid: Grid, classes: int) -> None:
    assert grid.count() == classes


def test_the_classes_counted_are_formed() -> None:
    for grid in (Grid(3, 3, 1), Grid(3, 2, 2), Grid(2, 3, 3), Grid(4, 2, 1)):
        found = list(grid.classes())
        assert len(set(found)) == len(found) == grid.count()
        assert all(max(data.weight[:1]) <= grid.bound for data in found)


@given(draw(Grid(3, 3, 2)), st.randoms(use_true_random=False), st.integers(1, 5))
def test_a_class_has_one_canonical_member(data: Data, generator: random.Random, factor: int) -> None:
    grid = Grid(3, 3, 2)
    image = moved(data, generator, factor)
    assert grid.canonical(image) == grid.canonical(data) == grid.canonical(grid.canonical(data))
    if factor == 1:
        assert image.weight == data.weight


def test_grids_that_are_no_grids() -> None:
    with pytest.raises(InvalidInput, match="at least 1"):
        Grid(2, 0, 1)
    huge = Grid(50, 900, 9)
    assert not huge.is_countable
    for refuse in (huge.count, lambda: next(huge.classes())):
        with pytest.raises(InvalidInput, match="the budget for an exhaustive search"):
            refuse()


# --- objectives -------------------------------------------------------------------------------


@EVERY_OBJECTIVE
@given(draw(Grid(3, 3, 2)), st.randoms(use_true_random=False), st.integers(1, 5))
def test_objectives_do_not_depend_on_the_member(
    name: str, data: Data, generator: random.Random, factor: int
) -> None:
    assert OBJECTIVES[name].value(moved(data, generator, factor)) == OBJECTIVES[name].value(data)


def test_a_choice_of_minimiser_would_show_in_deactivations() -> None:
    # After a tie of columns (0, 1) and (2, −1) the canonical minimiser depends on their order.
    columns, y = ((0, 1), (1, 0), (2, -1)), (1, 0)
    orders = (columns, (columns[1], columns[0], columns[2]))
    found = [saddle_path(Problem(Data(order, y).rows, y)) for order in orders]
    assert [deactivations(path) for path in found] == [0, 1]
    assert [len(path) for path in found] == [3, 3]
    assert all(DEACTIVATIONS.value(Data(order, y)) is None for order in orders)


@pytest.mark.parametrize("name", ["smallest-sign-flip", "smallest-strict-drop", "smallest-reactivation"])
def test_counts_of_known_problems(name: str) -> None:
    path = saddle_path(stored(name))
    turns = (sign_flips, support_drops, reactivations)
    expected = {
        "smallest-sign-flip": (1, 0, 0),
        "smallest-strict-drop": (0, 1, 0),
        "smallest-reactivation": (0, 0, 1),
    }[name]
    assert tuple(count(path) for count in turns) == expected
    assert deactivations(path) >= 1
    assert dual_bits(path) == max(saddle.dual_vector.bits for saddle in path)


def stored(name: str) -> Problem:
    place = CORPUS / f"{name}.json"
    return Problem.from_json(json.loads(place.read_text(encoding="utf-8"))["problem"])


def test_unknown_objectives_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'sadles' is none of: saddles, deactivations"):
        objective_named("sadles")


@pytest.mark.parametrize(("d", "limit"), [(2, 4), (3, 5), (4, 6), (5, 7), (6, 8)])
def test_the_bound_is_attained_by_two_rows(d: int, limit: int) -> None:
    assert most_saddles(2, d) == limit == len(saddle_path(stored(f"long-path-2x{d}")))
    assert most_supports(2, d) == 1 + d + d * (d - 1) // 2 >= limit


# --- the search -------------------------------------------------------------------------------


@EVERY_OBJECTIVE
def test_exhaustive_is_the_maximum_over_the_whole_grid(name: str) -> None:
    objective, grid = replace(OBJECTIVES[name], limit=lambda n, d: None), Grid(2, 2, 2)
    result = search(objective, grid, method="exhaustive", workers=1)
    values = [objective.value(data) for data in islice(every_problem(grid), 0, None, 17)]
    assert result.exhausted
    assert result.tried == result.classes == grid.count()
    assert result.record is not None
    assert result.record.value >= max(value for value in values if value is not None)
    per_class = [objective.value(data) for data in grid.classes()]
    assert result.record.value == max(value for value in per_class if value is not None)
    assert result.holders == per_class.count(result.record.value)
    assert result.record.data.weight == min(
        data.weight
        for data, value in zip(grid.classes(), per_class, strict=True)
        if value == result.record.value
    )
    assert result.record.verdict.status is Status.VERIFIED


@pytest.mark.parametrize("method", [pytest.param("exhaustive", marks=pytest.mark.slow), "local"])
def test_the_number_of_workers_changes_nothing(method: Any) -> None:
    restarts: dict[str, Any] = {} if method == "exhaustive" else {"restarts": 2, "seed": 3, "climb": 200}
    one, two = (
        search(DEACTIVATIONS, Grid(2, 2, 3), method=method, workers=workers, seconds=None, **restarts)
        for workers in (1, 2)
    )
    assert replace(one, seconds=0.0) == replace(two, seconds=0.0)
    assert one.record is not None


@pytest.mark.slow
def test_climbing_finds_the_longest_two_by_three() -> None:
    result = search(SADDLES, Grid(2, 3, 5), method="local", seed=1, workers=1)
    assert result.record is not None
    assert result.record.value == 5 == result.limit
    assert result.is_at_limit
    assert not result.exhausted
    assert len(saddle_path(result.record.problem)) == 5


def test_no_time_at_all_still_keeps_what_was_found() -> None:
    for method in ("exhaustive", "local"):
        result = search(SADDLES, Grid(3, 3, 2), method=method, seconds=0, workers=1)  # type: ignore[arg-type]
        assert result.record is not None
        assert result.tried == 1
        assert not result.exhausted


def test_stopping_keeps_the_best_so_far() -> None:
    seen: list[int] = []
    result = search(
        SADDLES,
        Grid(3, 3, 2),
        method="exhaustive",
        workers=1,
        stopped=lambda: len(seen) >= 2,
        progress=lambda so_far: seen.append(so_far.tried),
    )
    assert result.record is not None
    assert 0 < result.tried < (result.classes or 0)
    assert not result.exhausted


def test_auto_is_exhaustive_where_time_allows() -> None:
    def method(grid: Grid, seconds: float | None) -> str:
        return search(SADDLES, grid, seconds=seconds, workers=1, stopped=lambda: True).method

    assert method(Grid(2, 2, 2), 10) == "exhaustive"
    assert method(Grid(3, 3, 2), 60) == "local"
    assert method(Grid(3, 3, 2), 120) == "exhaustive"
    assert method(Grid(3, 3, 2), None) == "exhaustive"
    assert method(Grid(6, 6, 9), 1e9) == "local"


@dataclass(frozen=True)
class Sleep:
    number: int

    def run(self, stopped: Stopped) -> int:
        time.sleep(0.05 if self.number == 0 else 0)
        return self.number


@dataclass(frozen=True)
class PressCtrlC:
    def run(self, stopped: Stopped) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "survived"


def test_answers_come_in_the_order_of_tasks_and_ctrl_c_is_not_for_the_workers() -> None:
    tasks = [*map(Sleep, range(8)), PressCtrlC()]
    assert list(run_tasks(tasks, 2, lambda: False)) == [*range(8), "survived"]


@pytest.mark.slow
def test_endless_tasks_end_when_stopped() -> None:
    answers: list[int] = []
    for answer in run_tasks((Sleep(k) for k in iter(int, 1)), 2, lambda: len(answers) >= 5):
        answers.append(answer)
    assert len(answers) >= 5


# --- the worst case of the Lasso --------------------------------------------------------------


@pytest.mark.parametrize("d", range(1, 6))
def test_the_lasso_is_exponential_where_the_saddle_path_is_quadratic(d: int) -> None:
    problem = lasso_worst_case(d)
    path = saddle_path(problem)
    assert len(lasso_path(problem)) == most_lasso_segments(d)
    assert most_lasso_segments(3) == 14
    assert len(path) == 1 + d * (d + 1) // 2
    assert deactivations(path) == sign_flips(path) == d * (d - 1) // 2
    assert path.certificate().check().status is Status.VERIFIED


def test_no_worst_case_without_columns() -> None:
    with pytest.raises(InvalidInput, match="at least one column"):
        lasso_worst_case(0)


# --- the command ------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["campaign", "search", *arguments])
    return result.exit_code, result.output


def test_the_command_writes_the_record_holder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "records"
    code, printed = run(
        "--maximise", "deactivations", "--size", "2x2", "--workers", "1", "-o", str(folder), "--json"
    )
    found = json.loads(printed)
    assert code == 0
    assert found["exhausted"]
    assert found["record"]["verdict"]["status"] == "verified"
    problem, certificate = (Path(place) for place in found["saved"])
    assert Problem.from_json(json.loads(problem.read_text())).digest == found["record"]["digest"]
    assert CliRunner().invoke(app, ["check", str(certificate)]).exit_code == 0


def test_the_command_says_what_it_proves() -> None:
    _, exhausted = run("--maximise", "sign-flips", "--size", "2x2", "--workers", "1")
    assert "every class decided" in exhausted
    assert "the maximum over the grid, attained by" in exhausted
    _, bound = run("--size", "2x2", "--grid", "2", "--workers", "1")
    assert (
        "at most 4 for 2 × 2 (distinct supports alone: 4; a Lasso path has up to 5 segments at 2 columns)"
        in bound
    )
    assert "; the maximum over all real data" in bound
    _, local = run("--size", "4x6", "--time", "0", "--workers", "1")
    assert "the largest found, maybe not the largest" in local


def test_a_function_of_ones_own_is_maximised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(
        "def leaves(path):\n    return any(jump.left for jump in path.events)\n"
        "def negative(path):\n    return -1\n"
        "def broken(path):\n    return path.nothing\n"
        "number = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    code, printed = run("--maximise", "mine:leaves", "--size", "2x3", "--workers", "2", "-o", ".", "--json")
    found = json.loads(printed)
    assert (code, found["maximise"], found["record"]["value"]) == (0, "mine:leaves", 1)
    assert Path("mine-leaves-2x3-grid2.problem.json").is_file()
    record = saddle_path(Problem.from_json(found["record"]["problem"]))
    assert any(jump.left for jump in record.events)
    assert all(saddle.unique for saddle in record)
    for name, message in {
        "mine:negative": "must return an integer from 0 or True or False, not -1",
        "mine:broken": "mine:broken raised AttributeError",
        "mine:absent": "no attribute 'absent'",
        "nowhere:f": "No module named 'nowhere'",
        "mine:number": "it is int, not a function",
        ":f": "is module:function",
    }.items():
        result = CliRunner().invoke(
            app, ["campaign", "search", "--maximise", name, "--size", "1x2", "--workers", "1"]
        )
        assert isinstance(result.exception, InvalidInput), name
        assert message in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--size", "4by6"), "--size '4by6' is not rows and columns"),
        (("--time", "soon"), "--time 'soon' is not a duration"),
        (("--maximise", "length"), "'length' is none of: saddles"),
        (("--method", "exhaustive", "--restarts", "3"), "an exhaustive one has none"),
        (("--size", "9x9", "--method", "exhaustive"), "the budget for an exhaustive search"),
        (
            (
                "--size",
                "0x9",
            ),
            "at least 1",
        ),
    ],
)
def test_bad_options(arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(app, ["campaign", "search", *arguments])
    assert isinstance(result.exception, InvalidInput)
    assert message in str(result.exception)


def test_an_output_that_cannot_be_made_is_refused_before_the_search(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    result = CliRunner().invoke(
        app, ["campaign", "search", "--size", "4x6", "--time", "1h", "-o", str(taken / "x")]
    )
    assert isinstance(result.exception, InvalidInput)


def test_ctrl_c_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, progress: Progress, **options: Any) -> SearchResult:
        def press(so_far: SearchResult) -> None:
            progress(so_far)
            os.kill(os.getpid(), signal.SIGINT)

        return search(*arguments, progress=press, **options)

    monkeypatch.setattr("exactsaddle.cli.campaign_search.search", interrupted)
    code, printed = run("--size", "3x4", "--method", "exhaustive", "--time", "1h", "--workers", "1", "--json")
    found = json.loads(printed)
    assert code == 0
    assert found["tried"] == CHUNK < int(found["classes"])
    assert not found["exhausted"]
    assert found["record"]["verdict"]["status"] == "verified"
