"""The largest steps: against closed forms, and against the paths of steps on either side."""

from __future__ import annotations

from fractions import Fraction

from flint import arb
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import DescentPath, descent_path, step_limits
from exactsaddle.path.descent.cells import same_events
from exactsaddle.path.descent.limits import _tied_for_every_step
from exactsaddle.path.rules import (
    GradientDescent,
    GradientFlow,
    HeavyBall,
    SharpnessAware,
    SteppedRule,
    WeightDecay,
)
from tests.support.problems import standard_problems

F = Fraction
DESCENT = GradientDescent(1)
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
CROSSING = Problem([[1, 0], [0, 1]], [8, 2], lower=[4, 1], upper=["7/2", 1])
"""r = (4, 1), thresholds 7/2 and 1: at η the first waits 7/2·η/ln(1 + 4η), the second η/ln(1 + η)."""


def test_the_example() -> None:
    limits = step_limits(EXAMPLE, digits=10)
    assert limits.signs == F(1, 4)
    assert limits.stability is not None
    assert limits.stability.high is not None
    for step, stable in ((limits.stability.low, True), (limits.stability.high, False)):
        assert descent_path(EXAMPLE, step).complete == stable
    assert limits.stability.high - limits.stability.low < F(1, 10**9)
    assert limits.order.high is None
    assert limits.order.reason == "up to the step that reverses a weight"


def test_a_crossing_of_two_logarithms() -> None:
    """The order holds while (1 + 4η)² > (1 + η)⁷, in whole powers: decided over Q at both ends."""
    order = step_limits(CROSSING, digits=8).order
    assert order.high is not None

    def first_wins(step: Fraction) -> bool:
        return (1 + 4 * step) ** 2 > (1 + step) ** 7

    assert first_wins(order.low)
    assert not first_wins(order.high)
    assert order.high - order.low <= order.high / 10**8
    assert descent_path(CROSSING, order.low)[0].hits == {0: 1}
    assert descent_path(CROSSING, order.high)[0].hits == {1: 1}


def test_a_tie_of_the_flow_alone_leaves_no_step() -> None:
    tied = Problem([[1, 0], [0, 2]], [2, 2], upper=[1, 2], lower=[1, 2])
    order = step_limits(tied).order
    assert (order.low, order.high) == (0, None)
    assert "tie at the end of plateau 0" in order.reason


def test_nothing_moves() -> None:
    limits = step_limits(Problem([[1]], [0]))
    assert (limits.signs, limits.stability) == (None, None)
    assert limits.order.reason == "no weight moves"


def flow_of(problem: Problem) -> DescentPath:
    return descent_path(problem, rule=GradientFlow())


RULES = [
    DESCENT,
    GradientDescent(1, WeightDecay("1/4")),
    HeavyBall(1, "3/10"),
    HeavyBall(1, "9/10"),
    HeavyBall(1, "1/2", WeightDecay("1/4")),
]


@given(standard_problems(max_n=3, max_d=3), st.sampled_from(RULES), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_what_is_proved_on_a_cell_holds_at_its_steps(problem: Problem, rule: SteppedRule, part: int) -> None:
    path = descent_path(problem, rule=rule.flow)
    ties = [k for k, plateau in enumerate(path.plateaus) if len(plateau.hits) > 1]
    assume(all(_tied_for_every_step(path, k) for k in ties))
    top = max([F(1), *(abs(g) + 1 for saddle in path for g in saddle.gradient)])
    high = F(part, 10) / top
    low = high / 2
    found = same_events(path, rule, to_rational(low), to_rational(high))
    for step in (low, (2 * low + high) / 3, high):
        other = descent_path(problem, rule=rule.at(step))
        shared = other.shared_jumps(path)
        if found:
            assert shared == min(len(other.events), len(path.events))
        elif found is False and other.complete:
            assert shared < len(path.events)


def test_a_cell_is_narrow_in_mean_value_form() -> None:
    path = flow_of(CROSSING)
    edge = step_limits(CROSSING, digits=12).order.low
    width = edge / 100  # rates vary by as much on it, their difference by far less
    assert same_events(path, DESCENT, to_rational(edge - width), to_rational(edge - width / 20)) is True
    assert same_events(path, DESCENT, to_rational(edge - width), to_rational(edge + width)) is None
    assert same_events(path, DESCENT, to_rational(edge + width), to_rational(edge + 2 * width)) is False


@given(
    st.sampled_from(RULES),
    st.fractions(F(-3, 4), 3, max_denominator=40),
    st.fractions(0, 1, max_denominator=60),
    st.fractions(0, 1, max_denominator=60),
)
@example(HeavyBall(1, "3/10"), F(-1), F(1, 10), F(1, 2))
def test_rates_on_a_cell_hold_those_of_its_steps(
    rule: SteppedRule, push: Fraction, one: Fraction, two: Fraction
) -> None:
    """Also where the roots of the heavy ball turn complex inside the cell, and from η = 0 on."""
    drive = to_rational(push)
    low, high = sorted((one, two))
    assume(high > 0)
    with workprec(128):
        values, slopes = rule.between(drive, to_rational(low), to_rational(high))
        before: arb | None = None
        for k in range(21):
            step = to_rational(low + (high - low) * F(k, 20))
            if step == 0:
                continue
            here = rule.at(step).rate(drive)
            assert values.overlaps(here)
            assert not values.is_finite() or values.contains(here.mid())
            if before is not None and slopes.is_finite() and high > low:
                change = (here - before) / arb(to_rational((high - low) * F(1, 20)))
                assert slopes.overlaps(change)
            before = here


def test_where_the_heavy_ball_turns_to_oscillate() -> None:
    """f = −4 is the fastest: (1 − √μ)²/4 = 1/16 for μ = 1/4; a saddle attracts up to 1 + μ times as far."""
    found, plain = step_limits(EXAMPLE, HeavyBall(1, "1/4")), step_limits(EXAMPLE)
    assert plain.oscillation is None
    assert found.oscillation is not None
    assert found.oscillation.low <= F(1, 16) <= (found.oscillation.high or 0)
    assert plain.stability is not None
    assert found.stability is not None
    assert plain.stability.high is not None
    assert found.stability.high is not None
    assert found.stability.low < F(5, 4) * plain.stability.high
    assert found.stability.high > F(5, 4) * plain.stability.low
    assert step_limits(EXAMPLE, HeavyBall(1, 0)).oscillation is None
    assert found.order.reason == plain.order.reason == "up to the step that reverses a weight"
    for step, stable in ((found.stability.low, True), (found.stability.high, False)):
        assert descent_path(EXAMPLE, rule=HeavyBall(step, "1/4")).complete == stable


def test_momentum_and_decay_move_the_step_that_reorders_events() -> None:
    """CROSSING again: with λ the rates are 4 − λ and 1 − λ; a small step of the heavy ball is faster."""
    orders = {}
    for rule in (DESCENT, HeavyBall(1, "1/5"), GradientDescent(1, WeightDecay("1/100"))):
        order = step_limits(CROSSING, rule, digits=6).order
        assert order.high is not None
        assert descent_path(CROSSING, rule=rule.at(order.low))[0].hits == {0: 1}
        assert descent_path(CROSSING, rule=rule.at(order.high))[0].hits == {1: 1}
        orders[repr(rule)] = order.low
    assert len(set(orders.values())) == 3


def test_ascents_and_decay_have_limits_of_their_own() -> None:
    for rule in (GradientDescent(1, SharpnessAware("1/50")), GradientDescent(1, WeightDecay("1/2"))):
        found = step_limits(EXAMPLE, rule, digits=6)
        assert found.stability is not None
        assert found.stability.high is not None
        assert found.path.rule == rule.flow
        for step, stable in ((found.stability.low, True), (found.stability.high, False)):
            assert descent_path(EXAMPLE, rule=rule.at(step)).complete == stable
