"""The largest steps: against closed forms, and against the paths of steps on either side."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import DescentPath, descent_path, step_limits
from exactsaddle.path.descent.cells import same_events
from exactsaddle.path.descent.limits import _tied_for_every_step
from exactsaddle.path.rules import GradientFlow
from tests.support.problems import standard_problems

F = Fraction
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


@given(standard_problems(max_n=3, max_d=3), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_what_is_proved_on_a_cell_holds_at_its_steps(problem: Problem, part: int) -> None:
    path = flow_of(problem)
    ties = [k for k, plateau in enumerate(path.plateaus) if len(plateau.hits) > 1]
    assume(all(_tied_for_every_step(path, k) for k in ties))
    top = max([F(1), *(abs(g) for saddle in path for g in saddle.gradient)])
    high = F(part, 10) / top
    low = high / 2
    found = same_events(path, to_rational(low), to_rational(high))
    for step in (low, (2 * low + high) / 3, high):
        other = descent_path(problem, step)
        shared = other.shared_jumps(path)
        if found:
            assert shared == min(len(other.events), len(path.events))
        elif found is False and other.complete:
            assert shared < len(path.events)


def test_a_cell_is_narrow_in_mean_value_form() -> None:
    path = flow_of(CROSSING)
    edge = step_limits(CROSSING, digits=12).order.low
    width = edge / 100  # rates vary by as much on it, their difference by far less
    assert same_events(path, to_rational(edge - width), to_rational(edge - width / 20)) is True
    assert same_events(path, to_rational(edge - width), to_rational(edge + width)) is None
    assert same_events(path, to_rational(edge + width), to_rational(edge + 2 * width)) is False
