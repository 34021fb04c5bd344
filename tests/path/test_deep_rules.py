"""What the messages of ``require_two_layers`` say of depth L ≥ 3: evidence, by iterations in floats."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.path.descent import descend, descent_path, step_limits
from exactsaddle.path.rules import GradientDescent, GradientFlow, HeavyBall, Rule, SharpnessAware, WeightDecay
from exactsaddle.problem import Network

F = Fraction
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
GRAM = [list(map(float, row)) for row in EXAMPLE.gram]
RIGHT = list(map(float, EXAMPLE.correlation))
ALPHA = 1e-2
Weights = tuple[list[float], list[float]]


def gradients(weights: Weights) -> Weights:
    """Of L(u³ − v³) in u and v."""
    u, v = weights
    beta = [a**3 - b**3 for a, b in zip(u, v, strict=True)]
    g = [sum(x * b for x, b in zip(row, beta, strict=True)) - r for row, r in zip(GRAM, RIGHT, strict=True)]
    first = [3 * a * a * s for a, s in zip(u, g, strict=True)]
    return first, [-3 * b * b * s for b, s in zip(v, g, strict=True)]


def ascended(weights: Weights, radius: float) -> Weights:
    pairs = zip(weights, gradients(weights), strict=True)
    first, second = ([a + radius * s for a, s in zip(w, slope, strict=True)] for w, slope in pairs)
    return first, second


def trained(
    real_time: float, step: float, *, momentum: float = 0, radius: float = 0, decay: float = 0
) -> list[float]:
    """β after that time of descent from u = v = α."""
    weights: Weights = ([ALPHA] * 3, [ALPHA] * 3)
    last: Weights = ([0.0] * 3, [0.0] * 3)
    for _ in range(round(real_time / step)):
        slopes = gradients(ascended(weights, radius) if radius else weights)
        for w, m, slope in zip(weights, last, slopes, strict=True):
            for i in range(3):
                m[i] = momentum * m[i] - step * (slope[i] + decay * w[i])
                w[i] += m[i]
    return [a**3 - b**3 for a, b in zip(*weights, strict=True)]


def real_time(accelerated: Fraction) -> float:
    return float(accelerated) / (3 * ALPHA)


def apart(beta: list[float], time: Fraction) -> float:
    limit = saddle_path(EXAMPLE.with_network(Network(3))).at(time)
    return max(abs(b - float(v)) for b, v in zip(beta, limit, strict=True))


@pytest.mark.parametrize("time", [F(2, 5), F(4, 5)])
def test_a_fixed_step_momentum_and_ascent_leave_the_path_of_the_flow(time: Fraction) -> None:
    """Momentum 3/10 is a speed of 10/7. At a step of 1/20 the second saddle does not attract at depth 3."""
    assert apart(trained(real_time(time), 0.02), time) < 2e-5
    assert apart(trained(real_time(time) * 0.7, 0.02, momentum=0.3), time) < 2e-5
    assert apart(trained(real_time(time), 0.02, radius=0.01), time) < 2e-5


def test_decay_of_the_order_of_the_growth_ends_the_path_of_the_flow() -> None:
    """λ = 3α/T: nothing happens after T on the flow's clock, though all the time there is were spent."""
    for end in (F(2, 5), F(4, 5)):
        assert apart(trained(8 * real_time(end), 0.02, decay=3 * ALPHA / float(end)), end) < 2e-2
    assert max(map(abs, trained(real_time(F(10)), 0.05, decay=15 * ALPHA))) < 1e-7  # T = 1/5


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (GradientFlow(), "has the same path at every depth, which saddle_path gives"),
        (GradientDescent("1/10"), r"a factor 1 \+ O\(α\^\(L−2\)\), so that nothing is left of a fixed step"),
        (HeavyBall("1/10", "1/2"), "nor of momentum but a speed"),
        (SharpnessAware("1/10"), "the ascent changes a small weight by a factor 1"),
        (WeightDecay("1/10"), "under a fixed decay none grows"),
        (GradientDescent("1/10", WeightDecay("1/10")), "nothing is left of a fixed step.*none grows"),
    ],
)
def test_the_reason_is_given(rule: Rule, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        descent_path(EXAMPLE.with_network(Network(3)), rule=rule)


@pytest.mark.parametrize(
    "use", [lambda p: descent_path(p, "1/10"), lambda p: descend(p, "1e-3", "1/10", 1), step_limits]
)
@pytest.mark.parametrize("network", [Network(4), Network(2, 2), Network(2, 1, "powers")])
def test_other_networks_are_refused(use: Callable[[Problem], Any], network: Network) -> None:
    with pytest.raises(InvalidInput, match=r"from scale 1, not for β = u"):
        use(EXAMPLE.with_network(network))
