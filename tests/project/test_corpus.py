from __future__ import annotations

import json
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.campaign.search import lasso_worst_case
from exactsaddle.lasso import lasso_path
from exactsaddle.path.descent import descent_path, step_limits
from exactsaddle.testing.conformance import to_binary64
from exactsaddle.testing.properties import check_all
from exactsaddle.testing.strategies import events
from tests.corpus import search
from tests.support.places import CORPUS as CORPUS_FOLDER

CORPUS = {place.stem: place for place in sorted(CORPUS_FOLDER.glob("*.json"))}
EVERY = pytest.mark.parametrize("name", CORPUS)


def load(name: str) -> tuple[dict[str, Any], Problem]:
    document = json.loads(CORPUS[name].read_text(encoding="utf-8"))
    return document, Problem.from_json(document["problem"])


def having(key: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name in CORPUS if key in load(name)[0]["expects"]])


def test_the_corpus_is_all_there() -> None:
    shapes = {f"long-path-{n}x{d}" for n in (2, 3, 4) for d in range(2, 7)}
    assert shapes <= set(CORPUS)
    assert len(set(CORPUS) - shapes) >= 10


@EVERY
def test_every_property_holds(name: str) -> None:
    document, problem = load(name)
    assert set(document) == {"story", "proved", "found", "expects", "problem"}
    path = saddle_path(problem)
    assert len(path) == document["expects"]["saddles"]
    assert [str(b) for b in path[-1].beta] == document["expects"]["end"]
    check_all(problem)


@having("event")
def test_the_event_of_the_story_happens(name: str) -> None:
    document, problem = load(name)
    expects = document["expects"]
    path = saddle_path(problem)
    assert getattr(events, expects["event"])(path) == Fraction(expects["time"])
    assert all(saddle.unique for saddle in path)


def check_smallest(name: str, grid: search.Grid) -> None:
    """Nothing in the grid is lighter than the stored problem, which has the event by the tests above."""
    document, problem = load(name)
    full, wanted = search.SEARCHES[document["expects"]["search"]]
    found = search.smallest(grid, wanted)
    assert found is not None
    columns = tuple(tuple(int(value) for value in column) for column in zip(*problem.X, strict=True))
    stored = search.Data(columns, tuple(int(value) for value in problem.y))
    assert found.data.weight == stored.weight
    assert grid.canonical(stored).weight == stored.weight
    assert grid != full or f"{found.searched:,} classes" in document["found"]


def grid_of(name: str) -> search.Grid:
    return search.SEARCHES[str(load(name)[0]["expects"]["search"])][0]


@pytest.mark.parametrize(
    "name", ["smallest-deactivation", "smallest-sign-flip", "smallest-irrational-selection"]
)
def test_nothing_lighter_in_the_grid(name: str) -> None:
    check_smallest(name, grid_of(name))


@pytest.mark.slow
@having("search")
def test_nothing_lighter_in_the_whole_grid(name: str) -> None:
    check_smallest(name, grid_of(name))


@pytest.mark.parametrize(
    ("name", "bound"),
    [("smallest-strict-drop", 1), ("smallest-reactivation", 1), ("smallest-simultaneous-swap", 2)],
)
def test_no_instance_with_smaller_entries(name: str, bound: int) -> None:
    full, wanted = search.SEARCHES[str(load(name)[0]["expects"]["search"])]
    assert bound < full.bound
    assert search.smallest(search.Grid(full.n, full.d, bound), wanted) is None


@pytest.mark.slow
@pytest.mark.parametrize("d", [3, 4])
def test_two_rows_have_no_reactivation(d: int) -> None:
    assert search.smallest(search.Grid(2, d, 3), search.SEARCHES["reactivation"][1]) is None


@having("step")
def test_the_step_changes_the_events(name: str) -> None:
    document, problem = load(name)
    flow, path = saddle_path(problem), descent_path(problem, document["expects"]["step"])
    assert path.complete
    assert [str(b) for b in path[-1].beta] == document["expects"]["descent_end"]
    assert path.events != tuple(saddle.hits for saddle in flow[:-1])
    assert str(path.certificate().check().status) == "verified"
    order = step_limits(problem, digits=4).order
    assert order.high is not None
    assert order.high < Fraction(document["expects"]["step"])
    assert sum(map(abs, path[-1].beta)) > sum(map(abs, flow.minimum_l1_solution))


@having("lasso_segments")
def test_the_worst_case_of_the_lasso(name: str) -> None:
    document, problem = load(name)
    assert problem == lasso_worst_case(problem.d)
    assert len(lasso_path(problem)) == document["expects"]["lasso_segments"] == (3**problem.d + 1) // 2


@having("quadratic")
def test_the_selection_is_the_irrational_root(name: str) -> None:
    document, problem = load(name)
    c0, c1, c2 = document["expects"]["quadratic"]
    discriminant = c1 * c1 - 4 * c0 * c2
    assert isqrt(discriminant) ** 2 != discriminant
    selected = saddle_path(problem)[-1].selected
    assert selected.exact is None
    i = document["expects"]["coordinate"]
    ends = [selected.centre[i] + side * selected.radius[i] for side in (-1, 1)]
    below, above = (c0 + c1 * x + c2 * x * x for x in ends)
    assert below * above < 0
    assert max(selected.radius) < Fraction(1, 10**18)


def test_the_near_tie_is_a_tie_in_binary64() -> None:
    _, problem = load("near-tie-beyond-binary64")
    assert len(saddle_path(problem)) == 3
    assert len(saddle_path(to_binary64(problem))) == 2


def test_the_determinant_is_lost_in_binary64() -> None:
    _, problem = load("determinant-beyond-binary64")
    (a, b), (c, d) = problem.X
    assert a * d - b * c == -1
    assert float(a) * float(d) - float(b) * float(c) == 0.0
    assert to_binary64(problem) == problem


def test_the_answer_of_the_peer_is_wrong_and_ours_is_right() -> None:
    document, problem = load("lars-path-on-degenerate-wide-data")
    answered = [Fraction(b) for b in document["expects"]["answered"]]
    assert any(problem.gradient(answered))
    assert not any(problem.gradient(saddle_path(problem).minimum_l1_solution))
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = (np.array([[float(v) for v in row] for row in rows]) for rows in (problem.X, [problem.y]))
    alphas, _, coefs = linear_model.lars_path(X, y[0], method="lasso")
    if not np.allclose(coefs[:, -1], [float(b) for b in answered]):
        pytest.skip("this version of scikit-learn answers differently")
    assert alphas[-1] == pytest.approx(0.0, abs=1e-12)
