"""Corrections after a coordinate has left: closed forms for those not coupled to it, at any depth."""

from __future__ import annotations

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive
from exactsaddle.convergence import converge, corrections, jump_corrections, memory, orbits
from exactsaddle.convergence.hypotheses import Hypothesis, closed_form_failures, coupling
from exactsaddle.problem import Network

BLOCKS = Problem(
    [[1, 2, 0, 0, 0], [0, -1, 0, 0, 0], [0, 0, -3, 4, -4], [0, 0, -1, -4, 2]], [2, 1, "1/2", "1/2"]
)
"""In the first block x1 enters at 4/3, leaves at 3 and returns at 11; the second jumps at 2 and at 9/2."""


def test_only_who_is_coupled_to_the_one_that_left_has_no_closed_form() -> None:
    path = saddle_path(BLOCKS)
    assert [saddle.support for saddle in path[3:]] == [(0, 2), (0, 2, 3), (0, 1, 2, 3)]
    found = {(c.jump, c.coordinate): c for c in jump_corrections(path)}
    assert str(found[4, 3].closed_form) == "log(2/5)"
    assert found[4, 3].failed == ()
    assert found[5, 1].closed_form is None
    assert [failure.hypothesis for failure in found[5, 1].failed] == [Hypothesis.NOBODY_LEFT]
    assert [f.coordinates for f in closed_form_failures(path, 3)] == [(1,)]
    assert closed_form_failures(path, 3, 3) == ()


def test_coupling_is_what_is_left_off_the_support() -> None:
    """On plateau 3 A = {0, 2}: G = XᵀX/4, G_11 − G_10²/G_00 = (5 − 4)/4, and x3, x4 of the other block."""
    saddle = saddle_path(BLOCKS)[3]
    assert coupling(saddle, 1).support == (1,)
    assert str(coupling(saddle, 1)[1]) == "1/4"
    assert coupling(saddle, 3).support == (3, 4)
    assert coupling(saddle, 0).support == ()


@pytest.mark.parametrize(
    ("network", "alphas", "agreed"),
    [
        (Network(), ["1e-12"], 4),
        pytest.param(Network(3), ["1e-2", "1e-4"], 6, marks=pytest.mark.slow),
        pytest.param(Network(4), ["1e-1", "1e-3"], 4, marks=pytest.mark.slow),
    ],
    ids=["2", "3", "4"],
)
def test_enclosed_flows_have_it(network: Network, alphas: list[str], agreed: int) -> None:
    path = saddle_path(BLOCKS.with_network(network))
    (found,) = converge(path, alphas, digits=12, plateaus=[3]).jumps
    assert found.correction.exact.coordinate == 3
    assert found.correction.exact.closed_form is not None
    assert found.correction_digits is not None
    assert found.correction_digits >= agreed
    assert found.remainder is not None


def test_no_orbit_is_followed_for_plateaus_that_were_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third block jumps last, at 20, in closed form; the jump before it, x1 returning, has none."""
    rows = [[*row, 0] for row in BLOCKS.X] + [[0, 0, 0, 0, 0, 1]]
    path = saddle_path(Problem(rows, [*BLOCKS.y, "1/4"]))
    followed: list[int] = []

    def refuse(*arguments: object) -> None:
        followed.append(1)
        raise Inconclusive("no orbit today")

    for module in (memory, orbits):
        monkeypatch.setattr(module, "travel", refuse)
    (last,) = corrections(path, plateaus=[5])
    assert (last.exact.jump, last.exact.coordinate, last.exact.time) == (6, 5, 20)
    assert last.exact.closed_form is not None
    assert not followed
    assert [c.exact.jump for c in corrections(path, plateaus=[5, 4, 5])] == [5, 6]
    assert followed
