"""The laws of convergence with weight decay: closed forms against enclosures of that flow."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput, Status
from exactsaddle.convergence import converge, corrections, jump_corrections, resolution
from exactsaddle.convergence.hypotheses import Hypothesis
from exactsaddle.path.descent import WeightPath, descent_path
from exactsaddle.path.rules import GradientFlow, Rule, WeightDecay
from tests.convergence.test_expansion import TWO_BY_THREE

F = Fraction
TIED = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])
LEAVES = Problem([[1, 2], [0, -1]], [2, 1])
"""Coordinate 1 enters, leaves, and returns with the other sign."""
SHAPED = Problem([[1, 1], [0, 1]], [2, 1], lower=["inf", 1], upper=["1/2", 2])


def decayed(problem: Problem, rule: Rule) -> WeightPath:
    return WeightPath(descent_path(problem, rule=rule))


def test_without_decay_the_laws_are_those_of_the_flow() -> None:
    path = decayed(TWO_BY_THREE, WeightDecay(0))
    plain = jump_corrections(saddle_path(TWO_BY_THREE))
    found = jump_corrections(path)
    assert [(c.time, str(c.closed_form)) for c in found] == [(c.time, str(c.closed_form)) for c in plain]
    assert [path.problem.names[c.coordinate] for c in found] == ["x0 (−)", "x1 (−)"]


def test_a_closed_form_by_hand() -> None:
    """λ = ½: β_1 = (−7/10, 0, 0), and x1 falls at the rate 23/10: c = −G_10 G_00⁻¹·½ ln(7/5)/(23/10)."""
    path = decayed(TWO_BY_THREE, WeightDecay("1/2"))
    gram = TWO_BY_THREE.gram
    ratio = gram[1][0] / gram[0][0]
    second = jump_corrections(path)[1]
    assert second.closed_form is not None
    with ctx.workprec(128):
        expected = -(arb(7) / 5).log() / 2 * arb(ratio.numerator) / ratio.denominator / (arb(23) / 10)
        assert second.closed_form.ball(128).overlaps(expected)
    shown = resolution(path)
    assert [p.length for p in shown.plateaus] == [F(2, 7), F(80, 161)]
    assert shown.verdict.status is Status.VERIFIED
    assert shown.plateaus[1].relaxation_time is not None
    with ctx.workprec(128):
        assert shown.plateaus[1].relaxation_time.overlaps(1 / (arb(7) / 10 * 5))


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (TWO_BY_THREE, WeightDecay(["1/2", "1/4", 1])),
        (SHAPED, WeightDecay("1/50")),
        pytest.param(TWO_BY_THREE, WeightDecay(2), marks=pytest.mark.slow),
    ],
    ids=["columns", "shaped", "strong"],
)
def test_enclosed_flows_have_these_rates_and_corrections(problem: Problem, rule: WeightDecay) -> None:
    found = converge(decayed(problem, rule), ["1e-7", "1e-14"], digits=25)
    assert found.verdict.status is Status.VERIFIED
    for plateau in found.plateaus:
        assert plateau.predicted is not None
        assert plateau.measured is not None
        assert abs(float(plateau.measured) - float(plateau.predicted)) < 1e-3
    for jump in found.jumps:
        assert jump.correction.exact.closed_form is not None
        assert jump.correction_digits is not None
        assert jump.remainder is not None
        assert jump.correction_digits >= int(14 * float(jump.remainder)) - 1
        assert jump.digits is not None
        assert jump.digits >= jump.correction_digits // 2


def test_where_columns_depend_the_selected_minimiser_is_the_limit() -> None:
    found = converge(decayed(TIED, WeightDecay("1/10")), ["1e-10", "1e-20"], digits=20, plateaus=[2])
    (last,) = found.plateaus
    assert last.limit.selection is not None
    assert last.measured is not None
    assert last.predicted is not None
    assert abs(float(last.measured) - float(last.predicted)) < 1e-3


def test_after_a_coordinate_left_there_is_no_correction_and_the_reason_is_named() -> None:
    """Orbits with decay are not followed, so that no integral stands in."""
    path = decayed(LEAVES, WeightDecay("1/50"))
    assert [saddle.support for saddle in path] == [(), (2,), (0,), (0, 3)]
    last = corrections(path)[-1]
    assert (last.exact.closed_form, last.numerical) == (None, None)
    assert {failure.hypothesis for failure in last.failed} == {Hypothesis.NOBODY_LEFT}
    assert "x1 (+)" in str(last.failed[0])
    assert resolution(path).verdict.status is Status.UNCHECKED


def test_only_decay_has_such_a_path() -> None:
    with pytest.raises(InvalidInput, match="not a flow with weight decay"):
        decayed(TWO_BY_THREE, GradientFlow())
