"""u² − v² is u ⊙ v at twice the speed, over every family of problems."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, workprec
from exactsaddle.flow import enclose
from exactsaddle.problem import Network
from exactsaddle.testing import strategies

F = Fraction
SHAPE = 2, 2
POWERS = Network(2, 1, "powers")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_powers_at_depth_two_are_the_product_at_twice_the_speed(name: str) -> None:
    """From u = v = α: K = 1 where u ⊙ v has ½, so β is twice that of half the target, at half the time."""

    if not strategies.FAMILIES[name].fits(*SHAPE):
        pytest.skip("no problem of that shape")

    @settings(max_examples=4)
    @given(strategies.FAMILIES[name].problems(*SHAPE), st.sampled_from([F(1, 2), F(5, 4)]))
    def check(problem: Problem, part: Fraction) -> None:
        slow = problem.replace(y=[value / 2 for value in problem.y])
        first = saddle_path(problem, max_saddles=2)[-1].jump_time
        time = first * part if 0 < first <= 100 else part
        try:
            (fast,) = enclose(problem, "1/10", [time], network=POWERS, radius="1e-9", max_steps=200).points
            (point,) = enclose(slow, "1/10", [2 * time], radius="1e-9", max_steps=200).points
        except Inconclusive:  # numbers of 1e13
            reject()
        with workprec(100):
            assert all(s.overlaps(t) for s, t in zip(fast.dual, point.dual, strict=True))
            assert all(b.overlaps(2 * c) for b, c in zip(fast.beta, point.beta, strict=True))
            assert fast.loss.overlaps(4 * point.loss)
        assert POWERS.real_time(time, "1/10").overlaps(Network().real_time(time / 2, "1/10"))

    check()
