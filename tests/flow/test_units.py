"""The flow of columns of unit norm: against columns divided by hand, and the independent integrator."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import InvalidInput, workprec
from exactsaddle.flow import enclose, enclose_decay, integrate
from exactsaddle.path.descent import descend, descent_path
from exactsaddle.path.rules import WeightDecay
from exactsaddle.problem import Network

ROOTS = Problem([[1, 2, 0], [1, -2, 1], [3, 0, 3]], [1, 5, 2])
"""Norms √11, √8, √10."""
WHOLE: dict[str, Any] = {"X": [[3, 0, 2], [4, 5, 6], [0, 12, 3]], "y": [1, 2, 1]}
DIVIDED: dict[str, Any] = {
    "X": [[Fraction(x, norm) for x, norm in zip(row, (5, 13, 7), strict=True)] for row in WHOLE["X"]],
    "y": WHOLE["y"],
}
"""Norms 5, 13 and 7, and the same columns divided by them."""
BOX: dict[str, Any] = {"lower": [1, "inf", 2], "upper": ["1/2", 1, 3], "dual": [0, "1/3", -1]}
TIMES = ["1/5", 1]


@pytest.mark.parametrize(
    ("network", "box"),
    [(Network(2, [1, 2, "1/2"], "powers"), {}), (Network(), BOX), (Network(3), BOX), (Network(4), {})],
    ids=str,
)
def test_it_is_the_flow_of_columns_divided_by_hand(network: Network, box: dict[str, Any]) -> None:
    alpha = "1e-9" if network.depth == 2 else "1e-2"
    here = enclose(Problem(**WHOLE, **box, network=network).standardized(), alpha, TIMES, radius="1e-12")
    there = enclose(Problem(**DIVIDED, **box, network=network), alpha, TIMES, radius="1e-12")
    for ours, theirs in zip(here.points, there.points, strict=True):
        with workprec(300):
            for beta, gamma, norm in zip(ours.beta, theirs.beta, (5, 13, 7), strict=True):
                assert (norm * beta).overlaps(gamma)
            for dual, divided, norm in zip(ours.dual, theirs.dual, (5, 13, 7), strict=True):
                assert (dual / norm).overlaps(divided)
            assert ours.loss.overlaps(theirs.loss)
            assert all(ball.rad() <= arb("1e-12") for ball in ours.beta)


@pytest.mark.parametrize(
    ("network", "alpha"),
    [
        (Network(), "1e-2"),
        (Network(), "1e-20"),
        (Network(2, [1, 3, "1/2"]), "1e-5"),
        (Network(3), "1e-2"),
        (Network(4, [1, "1/2", 2]), "1e-1"),
    ],
    ids=str,
)
def test_the_independent_integrator_lies_in_the_balls(network: Network, alpha: str) -> None:
    problem = ROOTS.replace(network=network).standardized()
    proved = enclose(problem, alpha, TIMES, radius="1e-12")
    numerical = integrate(problem, alpha, TIMES, digits=18)
    for ball, point in zip(proved.points, numerical.points, strict=True):
        pairs = [*zip(ball.beta, point.beta, strict=True), *zip(ball.dual, point.dual, strict=True)]
        with workprec(300):
            for inside, number in (*pairs, (ball.loss, point.loss)):
                assert (inside + arb(0, "1e-16")).contains(arb(mpmath.nstr(number, 20)))
        assert point.drift is not None
        assert point.drift < mpmath.mpf(10) ** -15


def test_at_a_small_alpha_it_is_the_path_of_unit_norm() -> None:
    problem = ROOTS.standardized()
    path: SaddlePath = saddle_path(problem)
    times = [Fraction(1, 2), Fraction(19, 20), Fraction(5), Fraction(14)]
    points = enclose(problem, "1e-300", times, radius="1e-12").points
    for point, saddle in zip(points, path, strict=True):
        assert all(abs(b - arb(float(e))) < 1e-4 for b, e in zip(point.beta, saddle.beta, strict=True))
    # thresholds alone, without the units, are another network
    shape = enclose(problem.replace(network=Network()), "1e-2", [1], radius="1e-12").points[0].beta
    here = enclose(problem, "1e-2", [1], radius="1e-12").points[0].beta
    assert not any(a.overlaps(b) for a, b in zip(shape, here, strict=True))


def test_what_rests_on_columns_as_they_are_refuses_others() -> None:
    problem = Problem(**WHOLE).standardized()
    assert problem.is_rational
    with pytest.raises(InvalidInput, match="is known for columns as they are, not for columns of unit norm"):
        descent_path(problem, "1/100")
    with pytest.raises(InvalidInput, match="is known for columns as they are"):
        descend(problem, "1e-3", 1, "1/100")
    with pytest.raises(InvalidInput, match="is known for columns as they are"):
        enclose_decay(problem, WeightDecay(1), "1e-3", [1])
