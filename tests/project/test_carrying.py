"""Every public object can be pickled, copied and compared by value; the objects are found, not listed."""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import pickle
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import joblib
import pytest
from flint import arb, ctx
from hypothesis import Phase, example, find, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

import exactsaddle
from exactsaddle import LassoPath, Problem, RealProblem, Saddle, SaddlePath, saddle_path
from exactsaddle.flow import Flowpipe, enclose
from exactsaddle.lasso import LassoKnot
from exactsaddle.minimisers import MinimiserSet
from exactsaddle.numbers import Matrix, Vector
from exactsaddle.numbers.carrying import _packed, _unpacked
from exactsaddle.path.engines.trajectory import Trajectory
from tests.support.carried import (
    MAKERS,
    NOT_CARRIED,
    SEVERAL,
    TURNS,
    WEIGHTED,
    ball_path,
    real_path,
    times_to_digits,
)
from tests.support.problems import general_problems

PATHS = {"rational": lambda: saddle_path(TURNS), "ball": ball_path, "real": real_path}
HASHED = (
    Problem,
    RealProblem,
    SaddlePath,
    Saddle,
    LassoPath,
    LassoKnot,
    MinimiserSet,
    Flowpipe,
    Vector,
    Matrix,
)
PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def public_classes() -> set[type]:
    """Every class that a face names."""
    faces = [exactsaddle]
    for found in pkgutil.walk_packages(exactsaddle.__path__, "exactsaddle."):
        if found.ispkg:
            faces.append(importlib.import_module(found.name))
    named = (getattr(face, name) for face in faces for name in getattr(face, "__all__", ()))
    return {thing for thing in named if isinstance(thing, type)}


def again(thing: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(thing, protocol))


def same(one: Any, other: Any) -> bool:
    """Equal; exceptions, which Python compares by identity, when all they say is."""
    if isinstance(one, BaseException):
        return type(one) is type(other) and (str(one), vars(one)) == (str(other), vars(other))
    return (one == other, one != other) == (True, False)


def test_every_public_class_has_a_maker_or_a_reason() -> None:
    assert public_classes() == MAKERS.keys() | NOT_CARRIED.keys()


@pytest.mark.parametrize("kind", sorted(MAKERS, key=lambda kind: kind.__qualname__))
def test_every_public_object_is_carried(kind: type, tmp_path: Any) -> None:
    thing = MAKERS[kind](tmp_path)
    assert isinstance(thing, kind)
    carried = [again(thing, protocol) for protocol in PROTOCOLS]
    carried += [copy.copy(thing), copy.deepcopy(thing), again(copy.deepcopy(thing))]
    for other in carried:
        assert type(other) is type(thing)
        assert same(thing, other)
    if kind in HASHED:
        assert {hash(other) for other in carried} == {hash(thing)}


@pytest.mark.parametrize("make", PATHS.values(), ids=PATHS)
def test_a_carried_path_answers_for_any_digits(make: Any) -> None:
    path = make()
    other = again(path)
    assert other == path
    assert hash(other) == hash(path)
    assert [s.hits for s in other] == [s.hits for s in path]
    assert times_to_digits(other) == times_to_digits(path)
    assert again(other[-1]) == path[-1]
    for mine, its in zip(path[-1].dual_ball(200), other[-1].dual_ball(200), strict=True):
        assert mine.overlaps(its)
        assert its.is_exact() or its.rel_accuracy_bits() > 600


def test_a_path_of_balls_is_carried_as_its_combinatorics() -> None:
    problem = exactsaddle.load_dataset("diabetes").standardized()
    path = saddle_path(problem, max_saddles=8)
    before = len(pickle.dumps(path))
    path[-1].dual_ball(3000)  # fits and trajectories of 10,000 bits stay behind
    assert len(pickle.dumps(path)) == before
    assert before < len(pickle.dumps(problem)) + 8 * 500
    assert Trajectory.__name__.encode() not in pickle.dumps(path)


@pytest.mark.parametrize("make", PATHS.values(), ids=PATHS)
def test_another_saddle_another_end_and_another_problem_are_not_equal(make: Any) -> None:
    path = make()
    assert path[0] != path[1]
    assert saddle_path(path.problem, max_saddles=1) != path
    changed = saddle_path(path.problem.replace(y=[7] * path.problem.n))
    assert changed != path
    assert changed[-1] != path[-1]
    asked = saddle_path(path.problem, progress=lambda saddle: saddle.index < 1)
    assert asked != saddle_path(path.problem, max_saddles=2)


@settings(max_examples=40)
@given(general_problems(), general_problems())
@example(Problem([[1]], [1], lower="sqrt(8)"), Problem([["1/1"]], [1.0], lower="sqrt(16/2)"))
def test_equal_problems_hash_equal_and_make_equal_paths(one: Problem, other: Problem) -> None:
    for problem in (one, other):
        twin = again(problem)
        assert (twin.names, twin.source) == (problem.names, problem.source)
        assert hash(twin) == hash(problem)
        assert saddle_path(twin) == saddle_path(problem)
    assert (one == other) == (one.content() == other.content())
    assert one != other or hash(one) == hash(other)


def test_the_source_of_a_real_problem_is_carried() -> None:
    assert WEIGHTED.source == again(WEIGHTED).source == "binary64"
    assert hash(RealProblem.from_json(WEIGHTED.to_json())) == hash(WEIGHTED)


def test_numbers_of_more_digits_than_are_read_are_carried() -> None:
    problem = Problem([[10**200_001]], [1])
    assert again(problem) == problem


@given(st.integers(), st.integers(-3000, 3000), st.integers(0, 2**30), st.integers(-3000, 3000))
@example(1, 0, 1, -999)
@example(0, 0, 2**30 - 1, 5)
def test_a_ball_is_carried_to_the_last_bit_at_any_precision(m: int, e: int, r: int, f: int) -> None:
    with ctx.workprec(64):
        ball = arb((m, e), arb((r, f)))
    with ctx.workprec(2):
        other = _unpacked(_packed(ball))
    assert other.mid().man_exp() == ball.mid().man_exp()
    assert other.rad().man_exp() == ball.rad().man_exp()


@pytest.mark.parametrize("ball", [arb.pos_inf(), arb.neg_inf(), arb.nan(), arb(0, arb.pos_inf())], ids=str)
def test_balls_that_are_not_finite_are_carried(ball: arb) -> None:
    other = _unpacked(_packed(ball))
    assert (str(other.mid()), str(other.rad())) == (str(ball.mid()), str(ball.rad()))
    assert (other > 0) == (ball > 0)


def test_balls_of_other_radii_are_other_values() -> None:
    wide, narrow = (enclose(TURNS, "1e-3", [1], radius=r).points[0] for r in ("1e-5", "1e-40"))
    assert wide == again(wide)
    assert wide != narrow
    assert all(a.overlaps(b) for a, b in zip(wide.dual, narrow.dual, strict=True))


def test_a_carried_flowpipe_is_read_between_its_points() -> None:
    pipe = enclose(TURNS, "1e-3", [1, 2], keep=True)
    assert again(pipe).over(0, "3/2") == pipe.over(0, "3/2")


def paths() -> list[SaddlePath]:
    return [make() for make in PATHS.values()]


def test_spawned_processes_take_and_give_paths() -> None:
    mine = paths()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(times_to_digits, mine)) == [times_to_digits(path) for path in mine]
        assert list(pool.map(saddle_path, [path.problem for path in mine])) == mine


def test_joblib_takes_and_gives_paths() -> None:
    mine = paths()
    run = joblib.Parallel(n_jobs=2, backend="loky")
    assert run(joblib.delayed(saddle_path)(path.problem) for path in mine) == mine
    assert run(joblib.delayed(times_to_digits)(path) for path in mine) == list(map(times_to_digits, mine))


def test_joblib_recalls_what_it_computed_for_an_equal_problem(tmp_path: Any) -> None:
    memory = joblib.Memory(tmp_path, verbose=0)
    solve = memory.cache(saddle_path)
    path = solve(SEVERAL)
    assert solve.check_call_in_cache(again(SEVERAL))
    assert solve(again(SEVERAL)) == path


def test_dask_takes_and_gives_paths() -> None:
    dask = pytest.importorskip("dask")
    mine = paths()
    work = [dask.delayed(saddle_path)(path.problem) for path in mine]
    assert list(dask.compute(*work, scheduler="processes", num_workers=1)) == mine


def test_the_example_database_brings_a_problem_back(tmp_path: Any) -> None:
    """What Hypothesis found is found again from its files alone, equal and with an equal hash."""
    database = DirectoryBasedExampleDatabase(tmp_path)
    kept = settings(database=database, phases=[Phase.generate], max_examples=30)
    first = find(general_problems(), lambda p: len(saddle_path(p)) >= 2, settings=kept, database_key=b"two")
    tried = set()

    def known(problem: Problem) -> bool:
        tried.add(problem)
        return problem == first

    replayed = settings(database=database, phases=[Phase.reuse])
    assert find(general_problems(), known, settings=replayed, database_key=b"two") == first
    assert first in tried
