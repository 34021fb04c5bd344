"""Columns of unit norm: what the flow selects, and general position, with norms that are square roots."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, workprec
from exactsaddle.flow import enclose
from exactsaddle.minimisers import entropic_selection, general_position, network_selection
from exactsaddle.minimisers.algebraic import minimal_polynomial
from exactsaddle.numbers import enclose as to_ball
from exactsaddle.numbers import to_number
from exactsaddle.problem import Network
from tests.support.command import run

TIED: dict[str, Any] = {"X": [[4, 0, 2], [0, 4, 2]], "y": [4, 3]}
"""Column 2 is half of the sum of the others: at thresholds 1 all minimisers have ‖b‖₁ = 7/4."""
WHOLE = Problem([[3, 6, 0], [4, 8, 0], [0, 0, 1]], [5, 10, 1])
"""Columns 0 and 1 of norms 5 and 10 are one column, divided by them."""


@pytest.mark.parametrize(("depth", "alpha"), [(2, "1e-40"), (3, "1e-5"), (4, "1e-3")])
def test_the_flow_tends_to_what_is_selected(depth: int, alpha: str) -> None:
    network = Network(depth, units=["sqrt(2)", "sqrt(3)", "1/2"])
    path = saddle_path(Problem(**TIED, network=network))
    plain = network_selection(saddle_path(Problem(**TIED, network=network.bare))[-1].minimisers)
    selection = network_selection(path[-1].minimisers)
    assert selection.exact is None
    flow = enclose(path.problem, alpha, [2], radius="1e-12").points[0].beta
    with workprec(128):
        for b, chosen, other in zip(flow, selection.balls, plain.balls, strict=True):
            assert abs(b - chosen) < 1e-3
            assert abs(b - other) > 1e-2


def test_it_is_that_of_columns_divided_by_hand() -> None:
    rows = [[Fraction(x, norm) for x, norm in zip(row, (5, 10, 1), strict=True)] for row in WHOLE.X]
    for network in (Network(), Network(2, [1, "3/2", 2]), Network(3), Network(4, [1, "1/2", 2])):
        here = saddle_path(WHOLE.replace(network=network).standardized())
        there = saddle_path(WHOLE.replace(X=rows, network=network))
        for ours, theirs in zip(here, there, strict=True):
            assert ours.minimisers.dimension == theirs.minimisers.dimension
            a, b = network_selection(ours.minimisers), network_selection(theirs.minimisers)
            assert (a.exact is None) == (b.exact is None)
            with workprec(128):
                for beta, gamma, norm in zip(a.balls, b.balls, (5, 10, 1), strict=True):
                    assert (beta * norm).overlaps(gamma)
    kappa = entropic_selection(saddle_path(WHOLE.standardized())[-1].minimisers, [1, 2, 1])
    divided = entropic_selection(saddle_path(WHOLE.replace(X=rows))[-1].minimisers, [1, 2, 1])
    assert kappa.exact is not None
    assert divided.exact is not None
    assert kappa.exact == tuple(g / n for g, n in zip(divided.exact, (5, 10, 1), strict=True))


def test_twins_of_an_irrational_norm_share_exactly() -> None:
    # x and 2x of norms √5 and 2√5 are one unit-norm column: half of it each, so 2 : 1 in units of X.
    path = saddle_path(Problem([[1, 2], [2, 4]], [5, 10]).standardized())
    assert path[-1].minimisers.dimension == 1
    assert network_selection(path[-1].minimisers).exact == (Fraction(5, 2), Fraction(5, 4))
    deep = saddle_path(Problem([[1, 2], [2, 4]], [5, 10], network=Network(4)).standardized())
    assert network_selection(deep[-1].minimisers).exact == (Fraction(5, 2), Fraction(5, 4))
    with pytest.raises(InvalidInput, match="need not be an algebraic number"):
        minimal_polynomial(path[-1].minimisers, 0)


def points_are_affinely_dependent(problem: Problem) -> None:
    witness = general_position(problem).dependence
    assert witness is not None
    weights = [to_number(w) for w in witness.weights]
    with workprec(256):
        assert sum(map(to_ball, weights), arb(0)).contains(0)
        for row in problem.X:
            total = arb(0)
            for i, side, weight in zip(witness.columns, witness.sides, weights, strict=True):
                bound = problem.bound(i, side)
                assert bound is not None
                total += to_ball(weight) * arb(int(row[i] * side)) / to_ball(bound)
            assert total.contains(0)
            assert total.rad() < 1e-60


def test_general_position_of_unit_norm_columns() -> None:
    assert general_position(Problem([[1, 2, 0], [1, -2, 1], [3, 0, 3]], [1, 5, 2]).standardized()).holds
    for rows in (
        [[1, 2, 0], [2, 4, 1], [1, 2, 7]],  # x and 2x are one column of unit norm
        [[1, -3, 0, 1], [0, 0, 2, 1], [0, 0, 0, 0]],
        # two relations among four columns in a plane of space, the norms √2, √5, √10, √13
        [[1, 1, 3, 2], [1, 2, 1, 3], [0, 0, 0, 0]],
    ):
        problem = Problem(rows, [1] * len(rows)).standardized()
        assert not general_position(problem).holds
        points_are_affinely_dependent(problem)
    # in the plane, three points of the unit circle are on no line: two columns and their negatives are not
    assert general_position(Problem([[1, 1], [1, 2]], [1, 1]).standardized()).holds


def test_the_command_speaks_of_unit_norm(tmp_path: Path) -> None:
    (tmp_path / "twins.csv").write_text("a,b,c,y\n1,2,0,5\n2,4,1,10\n")
    done = run("minimisers", "twins.csv", "--standardize", "--general-position", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "columns of unit norm, β in the units of X" in done.stdout
    assert "selects a = 5/2, b = 5/4" in done.stdout
    assert "affinely dependent are +a (weight 1), +b (weight -1)" in done.stdout
    document = json.loads(run("minimisers", "twins.csv", "--standardize", "--json", cwd=tmp_path).stdout)
    assert document["problem"]["network"]["units"] == ["sqrt(5)", "sqrt(20)", "1"]
    assert document["saddles"][1]["jump_time"].startswith("sqrt(")
    assert document["unchecked"] == []
    done = run("minimisers", "twins.csv", "--standardize", "--step", "1/100", cwd=tmp_path)
    assert (done.returncode, "columns of unit norm" in done.stderr) == (2, True)
