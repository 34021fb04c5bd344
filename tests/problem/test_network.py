"""The network: what it accepts, its thresholds, its clock, its place in a problem's JSON."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb, fmpq

from exactsaddle import Problem, read_problem, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.problem import Exponential, Network, Power, problem_of

DATA: dict[str, Any] = {"X": [[-3, 4, -4], [-1, -4, 2]], "y": [2, 2]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 1}, "depth must be an integer from 2 to 64, not 1"),
        ({"depth": "3"}, "not '3'"),
        ({"depth": True}, "not True"),
        ({"depth": 2.0}, "not 2.0"),
        ({"depth": 3, "scales": [1, 0, 2]}, r"scale of column 1: 0 is not positive"),
        ({"scales": "-1/2"}, "scales: -1/2 is not positive"),
        ({"depth": 3, "parametrisation": "hadamard"}, "has depth 2, not 3"),
        ({"parametrisation": "sums"}, "parametrisation must be hadamard or powers"),
    ],
)
def test_refuses_what_is_no_network(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Network(**arguments)


def test_scales_are_thresholds_from_depth_three_on() -> None:
    assert Problem(**DATA, network=Network(4, [1, "1/2", 3])).upper == (1, 4, Fraction(1, 9))
    assert Problem(**DATA, network=Network(2, [1, "1/2", 3])).upper == (1, 1, 1)
    one_sided = Problem(**DATA, lower="inf", network=Network(3, "1/2"))
    assert (one_sided.lower, one_sided.upper) == (("inf",) * 3, (2,) * 3)


def test_scales_and_thresholds_must_agree() -> None:
    problem = Problem(**DATA, network=Network(3, [1, "1/2", 3]))
    assert problem.replace(y=[1, 1]).upper == problem.upper
    assert problem.with_network(Network(3, 2)).upper == (Fraction(1, 2),) * 3
    assert problem.with_network(Network()).upper == (1, 1, 1)
    with pytest.raises(InvalidInput, match="column 'x1': lower = 5 and scales = 1/2 differ"):
        Problem(**DATA, lower=[1, 5, 1], network=Network(3, [1, "1/2", 3]))
    with pytest.raises(InvalidInput, match="scales has 2 entries but X has 3 columns"):
        Problem(**DATA, network=Network(3, [1, 2]))


def test_a_dual_on_its_threshold_is_an_infinite_weight_at_depth_three() -> None:
    with pytest.raises(InvalidInput, match="dual of column 'x2': -1 is on its threshold: at depth 3"):
        Problem(**DATA, dual=[0, 0, -1], network=Network(3))
    assert Problem(**DATA, dual=[0, 0, -1], network=Network(2, 3)).dual[2] == -1


def test_the_clock() -> None:
    assert Network(3).real_time("1/2", "1/1000") == Fraction(1000, 6)
    assert Network(4).real_time(1, "1/10") == Fraction(100, 8)
    hadamard, powers = (Network(2, parametrisation=p).real_time(3, "1/10") for p in ("hadamard", "powers"))
    assert isinstance(hadamard, arb)
    assert hadamard.overlaps(3 * arb(10).log())
    assert (hadamard / powers).contains(2)
    clocks = [Network().clock, Network(2, 1, "powers").clock, Network(3).clock, Network(5).clock]
    assert clocks == ["t·ln(1/α)", "t·ln(1/α)/2", "t/(3·α)", "t/(15·α^3)"]


def test_the_link_of_each_network() -> None:
    assert Network(2, 2).link(1) == Exponential((fmpq(2),))
    assert Network(2, 2, "powers").link(2) == Exponential((fmpq(4), fmpq(4)))
    assert Network(5).link(3) == Power(5)


def test_a_problem_in_json_holds_its_network(tmp_path: Path) -> None:
    problem = Problem(**DATA, network={"depth": 3, "scales": [1, "1/2", 1]})
    problem.save(tmp_path / "deep.json")
    again = read_problem(tmp_path / "deep.json")
    assert again == problem
    assert again.network == Network(3, [1, "1/2", 1])
    plain = Problem(**DATA, lower=[1, 2, 1], upper=[1, 2, 1])
    assert plain != problem
    assert plain.digest == problem.digest
    assert [s.beta for s in saddle_path(plain)] == [s.beta for s in saddle_path(problem)]
    assert "network" not in plain.to_json()
    with pytest.raises(InvalidInput, match="'width' is not a field of a network"):
        Problem(**DATA, network={"width": 3})


def test_units_are_those_of_the_columns(tmp_path: Path) -> None:
    problem = Problem(**DATA).standardized()
    assert problem.network.to_json()["units"] == ["sqrt(10)", "sqrt(32)", "sqrt(20)"]
    assert str(problem.network).endswith("X_i divided by sqrt(10), sqrt(32), sqrt(20)")
    problem.save(tmp_path / "unit.json")
    assert read_problem(tmp_path / "unit.json") == problem
    deep = problem.with_network(Network(3))
    assert deep.network == Network(3, units=problem.network.units)
    assert deep.network.bare == Network(3)
    scaled = Problem(**DATA, network=Network(3, [1, "1/2", 1])).standardized()
    assert scaled.content()["upper"] == ["sqrt(10)", "sqrt(128)", "sqrt(20)"]
    assert scaled.with_network(Network()).content() == problem.content()
    assert Network(units=[1, 1, 1]) == Network()
    for units, message in (
        ("2", "must be a list"),
        ([1, 0, 1], "unit of column 1: 0 is not positive"),
        ([2], "has 1 entry"),
    ):
        with pytest.raises(InvalidInput, match=message):
            Problem(**DATA, network={"units": units})


def test_depth_does_not_change_the_certificate() -> None:
    deep, plain = (saddle_path(Problem(**DATA, network=Network(depth))) for depth in (3, 2))
    assert deep.certificate().to_text() == plain.certificate().to_text()
    assert deep.outline().to_text() == plain.outline().to_text()


def test_expressions_are_of_two_layers() -> None:
    fields: dict[str, Any] = {"X": [["sqrt(2)/3", 1]], "y": [1]}
    assert problem_of({**fields, "network": {"depth": 2}}).network == Network()
    with pytest.raises(InvalidInput, match="needs rational data"):
        problem_of({**fields, "network": {"depth": 3}})
