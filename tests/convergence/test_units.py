"""Columns of unit norm: rates, corrections and how small α must be, with norms that are square roots."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb

from exactsaddle import Problem, SaddlePath, Status, saddle_path
from exactsaddle.base import workprec
from exactsaddle.convergence import (
    Convergence,
    converge,
    corrections,
    measurement,
    middle,
    resolution,
    transitions,
)
from exactsaddle.convergence.hypotheses import Hypothesis
from exactsaddle.convergence.orbits import transition
from exactsaddle.numbers import RootSum, to_number
from exactsaddle.numbers import enclose as to_ball
from exactsaddle.problem import Network
from tests.support.command import run

ROOTS = Problem([[1, 2, 0], [1, -2, 1], [3, 0, 3]], [1, 5, 2])
"""Norms √11, √8, √10."""
WHOLE = Problem([[3, 0, 2], [4, 5, 6], [0, 12, 3]], [1, 2, 1])
DIVIDED = WHOLE.replace(X=[[Fraction(x, n) for x, n in zip(row, (5, 13, 7), strict=True)] for row in WHOLE.X])
"""Norms 5, 13 and 7, and the same columns divided by them."""


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_it_is_all_as_for_columns_divided_by_hand(depth: int) -> None:
    here = resolution(saddle_path(WHOLE.replace(network=Network(depth)).standardized()))
    there = resolution(saddle_path(DIVIDED.replace(network=Network(depth))))
    assert here.verdict == there.verdict
    assert here.verdict.status is Status.VERIFIED
    assert here.decimal_exponent == there.decimal_exponent
    for ours, theirs in zip(here.plateaus, there.plateaus, strict=True):
        assert ours.length == theirs.length
        assert not ours.numerical
        with workprec(100):
            for a, b in ((ours.shift, theirs.shift), (ours.relaxation_time, theirs.relaxation_time)):
                assert a is not None
                assert b is not None
                assert a.overlaps(b)
                assert (a - b).abs_upper() < 1e-20


@pytest.mark.parametrize(("depth", "alphas"), [(2, ["1e-5", "1e-9"]), (3, ["1e-1", "1e-2"])])
def test_rates_and_arrivals_are_those_of_columns_divided_by_hand(depth: int, alphas: list[str]) -> None:
    wholes = WHOLE.replace(network=Network(depth)).standardized(), DIVIDED.replace(network=Network(depth))
    here, there = (converge(saddle_path(p), alphas, digits=12, plateaus=[1]) for p in wholes)
    ours, theirs = here.plateaus[0], there.plateaus[0]
    assert (ours.start, ours.end, ours.probe) == (theirs.start, theirs.end, theirs.probe)
    assert ours.predicted is not None
    assert theirs.predicted is not None
    assert ours.predicted.overlaps(theirs.predicted)
    assert (ours.constant.closed_form is None) == (depth == 2)
    for a, b in zip(here.jumps, there.jumps, strict=True):
        assert a.correction.exact.time == b.correction.exact.time
        assert a.correction.exact.closed_form is not None
        assert b.correction.exact.closed_form is not None
        exact = a.correction.exact.closed_form.ball(200), b.correction.exact.closed_form.ball(200)
        with workprec(300):
            assert exact[0].overlaps(exact[1])
            assert all(x.overlaps(y) for x, y in zip(a.scaled, b.scaled, strict=True))


def measured(network: Network, alphas: list[str], plateau: int, digits: int = 12) -> Convergence:
    path = saddle_path(ROOTS.replace(network=network).standardized())
    return converge(path, alphas, digits=digits, plateaus=[plateau])


@pytest.mark.parametrize(
    ("network", "alphas", "within"),
    [(Network(), ["1e-40", "1e-80"], "1e-4"), (Network(3), ["1e-2", "1e-4"], "1e-4")],
    ids=str,
)
def test_corrections_of_irrational_norms_are_enclosed_and_right(
    network: Network, alphas: list[str], within: str
) -> None:
    found = measured(network, alphas, 2)
    (jump,) = found.jumps
    correction = jump.correction
    assert isinstance(correction.exact.time, RootSum)
    assert correction.exact.closed_form is None
    assert [f.hypothesis for f in correction.exact.failed] == [Hypothesis.RATIONAL_NORMS]
    assert str(correction.exact.failed[0]) == '"rational norms" fails on plateau 2 (x0, x1)'
    assert correction.enclosed
    assert correction.numerical is not None
    assert correction.numerical.rad() < 1e-20
    assert abs(jump.scaled[-1] - correction.numerical) < arb(within)


def test_the_rate_is_that_of_the_distances_in_units_of_the_norms() -> None:
    # on plateau 0 all of β is K/N·α^(2(1 − |s_i|/N_i)): the exponent to the last digit
    found = measured(Network(), ["1e-50", "1e-100"], 0, 30).plateaus[0]
    assert found.predicted is not None
    assert found.measured is not None
    assert abs(found.measured - found.predicted) < 1e-12
    path = saddle_path(ROOTS.standardized())
    norms = [arb(square).sqrt() for square in (11, 8, 10)]
    slopes = [
        abs(arb(g)) * arb(found.probe.numerator) / found.probe.denominator for g in path[0].gradient_vector
    ]
    nearest = min(float(2 - 2 * s / n) for s, n in zip(slopes, norms, strict=True))
    assert float(found.predicted) == pytest.approx(nearest, rel=1e-12)


def test_the_middle_of_a_plateau_with_irrational_ends_is_rational() -> None:
    path = saddle_path(ROOTS.standardized())
    for k, saddle in enumerate(path):
        start, end = middle(path, k)
        inside = measurement._inside(saddle.exact_time, saddle.exact_length or saddle.exact_time)
        with workprec(100):
            time = to_ball(saddle.exact_time)
            length = to_ball(saddle.exact_length or saddle.exact_time)
            for gap in (to_ball(inside[0]) - time, time + length - to_ball(inside[1])):
                assert 0 <= gap.lower() + arb("1e-25")
                assert gap < length / 2**20
            if saddle.exact_length is None:
                wanted = time + length / 4, time + length / 2
            else:
                wanted = time + length / 4, time + 3 * length / 4
            for found, exact in zip((start, end), wanted, strict=True):
                assert abs(to_ball(to_number(found)) - exact) < length / 100_000
        assert max(start.denominator, end.denominator) < 2**40


def test_the_commands_speak_of_unit_norm(tmp_path: Path) -> None:
    ROOTS.replace(names=["a", "b", "c"]).save(tmp_path / "p.json")
    done = run("resolve", "p.json", "--standardize", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "columns of unit norm, β in the units of X" in done.stdout
    assert "sqrt(11/16) ≈ 0.82915620" in done.stdout
    assert "every plateau shows for alpha ≤ 1e-2" in done.stdout
    document = json.loads(run("resolve", "p.json", "--standardize", "--json", cwd=tmp_path).stdout)
    assert document["problem"]["network"]["units"] == ["sqrt(11)", "sqrt(8)", "sqrt(10)"]
    assert [p["evidence"] for p in document["plateaus"]] == ["rigorous"] * 3
    assert document["plateaus"][0]["length"] == "sqrt(11/16)"
    assert document["plateaus"][1]["length"] == "-sqrt(11/16)+sqrt(9/8)"
    options = ("--standardize", "--alphas", "1e-4,1e-8", "--digits", "12", "--plateaus", "0")
    found = json.loads(run("converge", "p.json", *options, "--json", cwd=tmp_path).stdout)
    assert found["verdict"]["status"] == "verified"
    assert found["jumps"][0]["t"] == "sqrt(11/16)"
    (tmp_path / "two.csv").write_text("a,b,y\n1,1,2\n0,2,1\n")
    curves = ("--standardize", "--alphas", "1e-3,1e-6", "--digits", "8", "--curves")
    done = run("converge", "two.csv", *curves, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Orbits (numerical evidence)" in done.stdout
    for option, reason in (
        (("resolve", "--step"), "is known for columns as they are"),
        (("converge", "--step", "1/100"), "is known for columns as they are"),
    ):
        done = run(option[0], "p.json", "--standardize", *option[1:], cwd=tmp_path)
        assert done.returncode == 2
        assert reason in " ".join(done.stderr.split())


def by_hand(rows: list[list[int]], y: list[int], norms: tuple[int, ...]) -> tuple[SaddlePath, SaddlePath]:
    """The path of unit norm, and that of the columns divided."""
    hand = [[Fraction(x, norm) for x, norm in zip(row, norms, strict=True)] for row in rows]
    return saddle_path(Problem(rows, y).standardized()), saddle_path(Problem(hand, y))


def test_orbits_are_those_of_columns_divided_by_hand() -> None:
    # coordinate x2 leaves at the last jump but one; the norms are 5, 5 and 3
    here, there = by_hand([[3, 0, 1], [4, 3, 2], [0, 4, 2]], [0, 4, -3], (5, 5, 3))
    ours, theirs = (corrections(path)[-1] for path in (here, there))
    assert Hypothesis.NOBODY_LEFT in [failed.hypothesis for failed in ours.exact.failed]
    assert ours.numerical is not None
    assert theirs.numerical is not None
    assert abs(ours.numerical - theirs.numerical) < 1e-12
    (orbit,), (divided,) = (transition(path[1], path[2], None, digits=8).orbits for path in (here, there))
    gamma = orbit.points * np.array([5.0, 5.0, 3.0])
    assert np.abs(gamma[0] - divided.points[0]).max() < 1e-4
    assert np.abs(gamma[-1] - divided.points[-1]).max() < 1e-6
    halfway = divided.points[len(divided.points) // 2]
    assert np.linalg.norm(gamma - halfway, axis=1).min() < 0.05


def test_an_orbit_between_irrational_norms_leaves_what_the_flow_shows() -> None:
    problem = Problem([[-2, 1, -2], [-1, 3, 2], [-3, 0, -3]], [1, 4, -2]).standardized()
    path = saddle_path(problem)
    assert set(path[2].support) - set(path[3].support) == {2}
    correction = corrections(path)[-1]
    assert correction.numerical is not None
    assert correction.enclosed
    assert correction.numerical.rad() < 1e-9
    (jump,) = converge(path, ["1e-15"], digits=6, plateaus=[3]).jumps
    assert abs(jump.scaled[-1] - correction.numerical) < 1e-6


@pytest.mark.slow
def test_a_chain_of_orbits_through_zero_slack() -> None:
    # unit-norm columns (1, 0, 0), (1, 2, 2)/3 …: after a plateau with a coordinate at rest on its threshold
    here, there = by_hand([[4, 2, 3], [3, 1, 4], [0, 2, 0]], [-5, -5, 5], (5, 3, 5))
    for a, b in zip(transitions(here, digits=8), transitions(there, digits=8), strict=True):
        assert len(a.orbits) == len(b.orbits)
        assert a.failed == b.failed
        assert all(orbit.end_distance < 2e-3 for orbit in a.orbits)


def test_a_start_on_an_irrational_threshold_is_named() -> None:
    problem = Problem([[1, 0], [1, 1]], [1, 2], dual=[1, 0]).standardized()
    first = transitions(saddle_path(problem))[0]
    assert [failed.hypothesis for failed in first.failed] == [Hypothesis.RATIONAL_NORMS]
