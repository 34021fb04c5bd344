"""What orbits leave in the dual, enclosed: the bounds of coarse orbits, and which orbits are followed."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flint import arb

from exactsaddle import Problem, Status, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.convergence import Correction, converge, corrections, legs, memory, orbit_work, resolution
from exactsaddle.convergence.hypotheses import Hypothesis
from exactsaddle.convergence.legs import Leg, Travelled
from exactsaddle.convergence.memory import Memory, Remembering
from exactsaddle.convergence.orbits import DIGITS, MAX_STEPS
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Network
from tests.convergence.test_expansion import DYING_HITTER, LEAVING

EQUAL_COLUMNS = Problem([[-1, 0, -1], [-2, 1, -2]], [-1, 3])


@cache
def leaving(seed: int) -> SaddlePath:
    """Small floats whose path has departures, and plateaus after them."""
    rng = np.random.default_rng(seed)
    return saddle_path(Problem(rng.standard_normal((6, 9)), rng.standard_normal(6)))


def enclosed(path: SaddlePath, digits: int) -> list[Correction]:
    found = corrections(path, digits=digits)
    assert all(correction.proved for correction in found)
    return [correction for correction in found if correction.enclosed]


PATHS = {
    "leaving": lambda: saddle_path(LEAVING),
    "tie": lambda: saddle_path(DYING_HITTER),
    "scales": lambda: saddle_path(LEAVING.with_network(Network(scales=["1/2", 3]))),
    "powers": lambda: saddle_path(LEAVING.with_network(Network(parametrisation="powers"))),
    **{f"floats-{seed}": lambda seed=seed: leaving(seed) for seed in (1, 12)},
}


@pytest.mark.parametrize("name", PATHS)
def test_a_coarse_orbit_is_enclosed_in_what_it_may_be_off(name: str) -> None:
    path = PATHS[name]()
    fine = enclosed(path, 40)
    assert fine
    for digits in (1, 2, 4, 8, 15):
        for rough, sharp in zip(enclosed(path, digits), fine, strict=True):
            assert rough.exact.coordinate == sharp.exact.coordinate
            assert rough.numerical is not None
            assert sharp.numerical is not None
            assert sharp.numerical.rad() < 1e-35
            assert rough.numerical.overlaps(sharp.numerical)


def coarse_seeds(right: Any) -> Any:
    return lambda *arguments: right(*arguments[:-1], -2)


def coarse_stops(right: Any) -> Any:
    return lambda *arguments: right(*arguments[:5], 0.02, *arguments[6:])


def coarse_starts(right: Any) -> Any:
    return SimpleNamespace(starting_at=lambda *arguments: right.starting_at(*arguments[:-1], 12))


@pytest.mark.parametrize(
    ("part", "coarse"),
    [("depart", coarse_seeds), ("_arrive", coarse_stops), ("OneSidedFlow", coarse_starts)],
)
@pytest.mark.parametrize("name", PATHS)
def test_each_error_alone_is_bounded(
    monkeypatch: pytest.MonkeyPatch, name: str, part: str, coarse: Callable[[Any], Any]
) -> None:
    path = PATHS[name]()
    fine = enclosed(path, 30)
    monkeypatch.setattr(legs, part, coarse(getattr(legs, part)))
    for rough, sharp in zip(enclosed(path, 15), fine, strict=True):
        assert rough.numerical is not None
        assert sharp.numerical is not None
        assert rough.numerical.overlaps(sharp.numerical)
        off = abs(rough.numerical.mid() - sharp.numerical)
        assert 1e-11 < off < rough.numerical.rad() < 10


def test_errors_of_earlier_orbits_are_carried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    path, right, calls = leaving(12), memory.travel, []
    fine = enclosed(path, 30)

    def coarse_at_first(leg: Leg, offset: Any, digits: int, max_steps: int) -> Travelled:
        calls.append(digits)
        return right(leg, offset, 3 if len(calls) == 1 else digits, max_steps)

    monkeypatch.setattr(memory, "travel", coarse_at_first)
    rough = enclosed(path, 30)
    assert len(calls) == 2
    for coarse, sharp in zip(rough, fine, strict=True):
        assert coarse.numerical is not None
        assert sharp.numerical is not None
        assert 1e-9 < abs(coarse.numerical.mid() - sharp.numerical) < coarse.numerical.rad() < 0.1


def test_orbits_are_followed_where_somebody_does_not_carry_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, followed = leaving(1), []
    right = memory.travel
    monkeypatch.setattr(memory, "travel", lambda *given: followed.append(given[0]) or right(*given))
    assert all(correction.proved for correction in corrections(path))
    last = max(c.exact.jump for c in corrections(path) if c.enclosed) - 1
    departures = [k for k in range(1, last + 1) if path[k].active_set != path[k].support]
    assert 0 < len(departures) < last - departures[0] + 1
    assert len(followed) == 2 * len(departures)  # corrections twice
    assert orbit_work(path, last) == sum(path.problem.n * len(path[k].active_set) ** 2 for k in departures)
    assert orbit_work(path, 0) == 0
    assert {leg.problem.d for leg in followed} == {len(path[k].active_set) for k in departures}
    assert not any(c.proved for c in corrections(path, integrals=False) if c.exact.jump > departures[0])


def test_dependent_columns_are_not_remembered() -> None:
    path = saddle_path(EQUAL_COLUMNS)
    last = corrections(path)[-1]
    assert last.exact.failed[0].hypothesis is Hypothesis.NOBODY_LEFT
    assert not last.proved
    assert last.numerical is not None
    assert abs(float(last.numerical) - math.log(6)) < 1e-13
    assert Remembering(path, DIGITS, MAX_STEPS).beginning(1) is None
    n, sizes = path.problem.n, [len(saddle.active_set) for saddle in path[1:]]
    assert orbit_work(path, len(sizes)) == sum(n * size**2 for size in sizes)  # from the first one on


def test_an_orbit_beyond_its_steps_is_refused_by_name() -> None:
    last = corrections(saddle_path(LEAVING), max_steps=3)[-1]
    assert last.numerical is None
    assert [failure.hypothesis for failure in last.failed] == [Hypothesis.REACHED_END]


def test_where_systems_are_not_solved_evidence_is_numerical(monkeypatch: pytest.MonkeyPatch) -> None:
    equal = Remembering(saddle_path(EQUAL_COLUMNS), DIGITS, MAX_STEPS)
    with pytest.raises(Inconclusive, match="not told from dependent ones by 256 bits"):
        equal._nearest([arb(0), arb(0)], (0, 2), [arb(1), arb(1)])
    last = corrections(leaving(1))[-1]

    def refuse(*arguments: object) -> None:
        raise Inconclusive("no system today")

    monkeypatch.setattr(Remembering, "_nearest", refuse)
    vague = corrections(leaving(1))[-1]
    assert not vague.proved
    assert vague.numerical is not None
    assert last.numerical is not None
    assert abs(vague.numerical - last.numerical) < 1e-9


def test_the_radii_of_balls_go_into_one_radius() -> None:
    found = Memory.around([arb(1, 0.3), arb(2, 0.4)], arb("0.25"))
    assert [value.rad() for value in found.centre] == [0, 0]
    assert 0.75 <= float(found.radius) < 0.7500001


def test_the_answer_for_a_path_with_departures_is_proved() -> None:
    found = resolution(leaving(1))
    assert found.verdict.status is Status.VERIFIED
    assert found.verdict.evidence == "closed forms and enclosures in rigorous balls"
    assert found.decimal_exponent is not None
    assert [p.enclosed for p in found.plateaus] == sorted(p.enclosed for p in found.plateaus)


def test_the_enclosed_flow_has_the_corrections_along_orbits() -> None:
    (jump,) = converge(leaving(1), ["1e-120"], digits=8, plateaus=[5]).jumps
    assert jump.correction.enclosed
    assert jump.correction_digits is not None
    assert jump.correction_digits >= 8
