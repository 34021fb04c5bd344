"""The paths of rules: digits, Algorithm 1 as the step goes to 0, the Lasso after decay, reasons to stop."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.lasso import lasso_path
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import DescentPath, descent_path, expand_jump_times
from exactsaddle.path.rules import (
    GradientDescent,
    GradientFlow,
    HeavyBall,
    Rule,
    SharpnessAware,
    SteppedRule,
    WeightDecay,
)
from exactsaddle.testing import strategies
from tests.support.problems import general_problems, positive, standard_problems

F = Fraction
EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
"""The 2 × 3 example of MATHEMATICS.md §5: jumps of the flow at 1/4 and 9/16."""


def times(path: DescentPath, digits: int = 20) -> list[str]:
    return [saddle.jump_time_text(digits) for saddle in path]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (GradientDescent("0.02"), ("0.25987174425855407470", "0.58226835857131299215")),
        (GradientDescent("0.05"), ("0.27424074738735385692", "0.61112255762685549290")),
        (GradientDescent("0.1"), ("0.29720134119884614754", "0.65739071012785824507")),
        (GradientDescent("0.03", WeightDecay("1/2")), ("0.30046471384065396420", "0.81813909399842099919")),
        (HeavyBall("0.1", "0.3"), ("0.24663034623764316860", "0.53964849599002027456")),
        (HeavyBall("0.1", 0), ("0.29720134119884614754", "0.65739071012785824507")),
    ],
    ids=repr,
)
def test_twenty_digits_of_the_example(rule: Rule, expected: tuple[str, str]) -> None:
    path = descent_path(EXAMPLE, rule=rule)
    assert path.complete
    assert times(path) == ["0", *expected]


def test_the_first_jump_is_a_logarithm() -> None:
    path = descent_path(EXAMPLE, "1/10")
    with workprec(400):  # |r_0| = 4
        expected = arb("0.1") / arb("1.4").log()
        found = path[1].jump_time_ball(100)
        assert found.overlaps(expected)
        assert arb(found.rad()) < arb(10) ** -100


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_no_step_is_algorithm_1_and_the_first_order_is_that_of_a_tiny_step(name: str) -> None:
    @settings(max_examples=6, deadline=None)
    @given(strategies.FAMILIES[name].problems(4, 5))
    def agree(problem: Problem) -> None:
        flow = saddle_path(problem, arithmetic="rational")
        limit = descent_path(problem, rule=GradientFlow())
        assert (limit.complete, limit.jump_times) == (flow.complete, flow.jump_times)
        assert [s.beta for s in limit] == [s.beta for s in flow]
        assert [s.hits for s in limit] == [s.hits for s in flow]
        expansion = expand_jump_times(problem, GradientDescent(1))
        step = F(1, 10**60) / max([F(1), *(abs(g) for saddle in flow for g in saddle.gradient)])
        rays = flow[0].minimisers.rays  # none where the start is strictly inside
        if any(v and problem.column(i).support for ray in rays for i, v in enumerate(ray)):
            with pytest.raises(Inconclusive, match="unbounded"):
                descent_path(problem, step)
            return
        path = descent_path(problem, step, max_bits=8192)
        assert path.events[: len(expansion.times) - 1] == limit.events[: len(expansion.times) - 1]
        scale = max([F(1), *map(abs, (*expansion.slopes, *expansion.times))])
        with workprec(700):
            for saddle, time, slope in zip(path, expansion.times, expansion.slopes, strict=False):
                error = saddle.jump_time_ball(150) - to_rational(time + step * slope)
                assert abs(error) < arb(to_rational(scale / 10**100))

    if strategies.FAMILIES[name].fits(4, 5):
        agree()


def test_the_first_order_of_the_example() -> None:
    expansion = expand_jump_times(EXAMPLE, GradientDescent("1/7"))
    assert expansion.times == (0, F(1, 4), F(9, 16))
    assert expansion.slopes == (0, F(1, 2), 1)
    ball = expand_jump_times(EXAMPLE, HeavyBall(1, "3/10"))
    assert ball.times == (0, F(7, 40), F(63, 160))
    step = F(1, 10**12)
    path = descent_path(EXAMPLE, rule=HeavyBall(step, "3/10"))
    with workprec(200):
        for saddle, time, slope in zip(path, ball.times, ball.slopes, strict=True):
            assert abs(saddle.jump_time_ball(40) - to_rational(time + slope * step)) < arb("1e-21")


def test_a_tie_that_every_step_breaks_ends_the_expansion() -> None:
    tied = Problem([[1, 0], [0, 2]], [2, 2], upper=[1, 2], lower=[1, 2])  # r = (1, 2): both land at t = 1
    assert saddle_path(tied)[0].hits == {0: 1, 1: 1}
    expansion = expand_jump_times(tied, GradientDescent(1))
    assert expansion.times == (0,)
    assert "breaks" in str(expansion.stopped_by)
    assert descent_path(tied, "1/100")[0].hits == {0: 1}


def test_equal_histories_are_exact_ties() -> None:
    twins = Problem([[2, 2, 0], [0, 0, 1]], [3, 1])
    path = descent_path(twins, "1/100")
    assert path.complete
    assert path[0].hits == {0: 1, 1: 1}
    assert path[1].beta == (F(3, 2), 0, 0)


def test_powers_that_balls_cannot_tell_apart_are_named() -> None:
    # ln(1 + η·3) = 2·ln(1 + η·1) for η = 1, thresholds 2 and 1: a tie of logarithms, not of histories
    problem = Problem([[1, 0], [0, 1]], [6, 2], lower=[2, 1], upper=[2, 1])
    step = "1/4"  # drives 3 and 1; 1 + 3/4 ≠ (5/4)²: told apart
    assert descent_path(problem, step)[0].hits in ({0: 1}, {1: 1})
    tied = Problem([[1, 0], [0, 1]], [F(9, 2), 2], lower=[2, 1], upper=[2, 1])  # (1 + 9/16) = (5/4)²
    path = descent_path(tied, step)
    assert not path.complete
    assert len(path) == 1
    assert path[0].hits == {}
    assert "x0 (+), x1 (+)" in str(path.stopped_by)
    horizon = path[0].horizon_ball(30)
    assert horizon is not None
    with workprec(200):
        assert horizon.overlaps(arb("0.25") / arb("1.25").log())


@given(st.one_of(standard_problems(), general_problems()), st.data())
@settings(max_examples=50)
def test_decay_ends_at_the_lasso(problem: Problem, data: st.DataObject) -> None:
    penalty = data.draw(st.lists(positive, min_size=problem.d, max_size=problem.d))
    problem = problem.replace(dual=0)
    path = descent_path(problem, rule=WeightDecay(penalty))
    assert path.complete
    weights = {
        side: ["inf" if c == "inf" else p for c, p in zip(field, penalty, strict=True)]
        for side, field in (("lower", problem.lower), ("upper", problem.upper))
    }
    solution = lasso_path(problem.replace(**weights)).at(1)
    assert problem.fitted(path[-1].beta) == problem.fitted(solution)
    assert path[-1].gradient == problem.gradient(solution)
    total = [
        sum(p * abs(b) for p, b in zip(penalty, beta, strict=True)) for beta in (path[-1].beta, solution)
    ]
    assert total[0] == total[1]


def test_a_cheaper_duplicate_takes_over() -> None:
    """The entering column depends on the support: the loss is linear along their kernel."""
    problem = Problem([[1, 1]], [3], lower=["1/4", 1], upper=["1/4", 1])
    path = descent_path(problem, rule=WeightDecay([1, "1/2"]))
    assert [saddle.beta for saddle in path] == [(0, 0), (2, 0), (0, F(5, 2))]
    assert [saddle.gradient for saddle in path] == [(-3, -3), (-1, -1), (-F(1, 2), -F(1, 2))]
    assert path.jump_times == (0, F(1, 8), F(1, 8) + (1 - F(5, 2) / 8) / F(1, 2))


@given(standard_problems(), positive)
@settings(max_examples=40)
def test_the_penalised_loss_falls_along_decay(problem: Problem, penalty: Fraction) -> None:
    path = descent_path(problem, rule=WeightDecay(penalty))
    values = [saddle.loss + penalty * sum(map(abs, saddle.beta)) for saddle in path]
    assert all(before > after for before, after in pairwise(values))


@given(standard_problems(max_n=3, max_d=3), st.sampled_from(["decay", "sharpness", "descent", "ball"]))
@settings(max_examples=40, deadline=None)
def test_duals_stay_in_the_box_and_their_sum_falls(problem: Problem, kind: str) -> None:
    top = max([F(1), *map(abs, problem.correlation)])
    rule: Rule = {
        "decay": WeightDecay(top / 7),
        "sharpness": SharpnessAware(1 / (9 * top)),
        "descent": GradientDescent(1 / (9 * top)),
        "ball": HeavyBall(1 / (90 * top), "1/10"),
    }[kind]
    path = descent_path(problem, rule=rule)
    tiny = arb("1e-25")
    sums = [[-tiny] * problem.d]
    for saddle in path:
        plus, minus = saddle.dual_balls(1), saddle.dual_balls(-1)
        for i in range(problem.d):
            for side, dual in ((1, plus[i]), (-1, minus[i])):
                if saddle.active.get(i) == side:
                    assert dual == 1
                else:
                    assert dual < 1 + tiny
        sums.append([p + m for p, m in zip(plus, minus, strict=True)])
    if len(path) > 1:
        assert all(after <= before + 2 * tiny for before, after in zip(sums[1], sums[-1], strict=True))


def test_an_unstable_saddle_ends_a_prefix() -> None:
    # d = 1: the saddle y/x is stable for η·x²·|y/x| = η·|xy| < 1, and r = xy: so a weight reverses first
    problem = Problem([[3, 1], [1, 1]], [2, 1])
    path = descent_path(problem, "0.25")
    limit = max(
        F(1, 2) * abs(s.beta[0]) * problem.gram[0][0] for s in descent_path(problem, "1/1000") if s.beta[0]
    )
    assert limit > 0
    for step in ("24/100", "23/100"):
        stopped = descent_path(EXAMPLE, step)
        assert stopped.stopped_by == "saddle 2 does not attract: the step is too large for its curvature"
        assert len(stopped) == 2
        assert stopped.at("0.5") == stopped[1].beta
        with pytest.raises(Inconclusive, match="end of this prefix"):
            stopped.at(1)
    assert path.problem == problem


@pytest.mark.parametrize(("step", "stable"), [("3/20", True), ("4/25", False)])
def test_stability_is_the_eigenvalue_condition(step: str, stable: bool) -> None:
    """A 2 × 2 support: the eigenvalues of diag|β|G solve a quadratic."""
    end = descent_path(EXAMPLE, "1/100")[-1]
    (a, b), (c, d) = ([abs(end.beta[i]) * EXAMPLE.gram[i][j] for j in end.support] for i in end.support)
    trace, det, eta = a + d, a * d - b * c, F(step)
    below = 1 / eta > trace / 2 and (1 / eta) ** 2 - trace / eta + det > 0
    assert below == stable
    assert descent_path(EXAMPLE, step).complete == stable


def settles(step: float, momentum: float, radius: float) -> bool:
    """The iteration itself on X = 1, y = 1, w₋ = 0, from beside its saddle w₊ = √2: ∇F = gw, g = w²/2 − 1."""

    def slope(w: float) -> float:
        return (w * w / 2 - 1) * w

    before = w = 2**0.5 + 1e-6
    for _ in range(4000):
        before, w = w, w - step * slope(w + radius * slope(w)) + momentum * (w - before)
        if abs(w - 2**0.5) > 1e-2:
            return False
    return abs(w - 2**0.5) < 1e-8


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        (lambda step: GradientDescent(step), F(1)),
        (lambda step: HeavyBall(step, "1/2"), F(3, 2)),
        (lambda step: GradientDescent(step, SharpnessAware("1/4")), F(2, 3)),
        (lambda step: HeavyBall(step, "1/2", SharpnessAware("1/4")), F(1)),
    ],
)
def test_the_margin_is_where_the_iteration_stops_settling(rule: Any, limit: Fraction) -> None:
    one = [[to_rational(1)]]
    for step, stable in ((limit * F(98, 100), True), (limit * F(102, 100), False)):
        chosen = rule(step)
        ((margin,),) = chosen.margin(one, [to_rational(1)])
        assert (margin > 0) == stable
        parameters = chosen.to_json()
        momentum, radius = (float(F(parameters.get(key, "0"))) for key in ("momentum", "radius"))
        assert settles(float(step), momentum, radius) == stable


def test_dependent_minimisers_attract_or_the_path_says_so() -> None:
    twins = Problem([[2, 2]], [3])  # every split of 3/2: λ_max(diag|b| G) = 4·3/2 = 6 on all of them
    assert descent_path(twins, "1/7").complete
    with pytest.raises(InvalidInput, match="reverses"):
        descent_path(twins, "1/6")
    # b₁ + 2b₂ = y, b ≥ 0: λ_max = b₁ + 4b₂ is y at (y, 0) and 2y at (0, y/2); r = (y, 2y), thresholds (1, 2)
    split = Problem([[1, 2]], [1], lower=[1, 2], upper=[1, 2], dual=["1/2", 1])
    assert descent_path(split, "2/5")[0].hits.keys() <= {0, 1}
    start = Problem([[1, 2]], [1], lower=[1, 2], upper=[1, 2], dual=[1, 2])  # both weights are there at t = 0
    assert descent_path(start, "2/5").complete
    with pytest.raises(Inconclusive, match="only some of its minimisers do"):
        descent_path(start, "3/5")
    with pytest.raises(Inconclusive, match="no extreme minimiser does"):
        descent_path(start, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: descent_path(EXAMPLE, 0), "step must be positive"),
        (lambda: descent_path(EXAMPLE, "-1/2"), "step must be positive"),
        (lambda: descent_path(EXAMPLE), "give a step or a rule"),
        (lambda: descent_path(EXAMPLE, 1, rule=GradientFlow()), "give a step or a rule"),
        (
            lambda: descent_path(EXAMPLE, 1),
            r"reverses the weight of x0 \(\+\) on plateau 0: take one below 1/4",
        ),
        (
            lambda: descent_path(EXAMPLE, rule=WeightDecay([1, 2])),
            "penalty has 2 entries but X has 3",
        ),
        (lambda: WeightDecay(-1), "penalty must be at least 0"),
        (lambda: WeightDecay([0, "-1/2"]), r"penalty of column 1 must be at least 0"),
        (lambda: HeavyBall("1/10", 1), "momentum must be at least 0 and below 1"),
        (lambda: SharpnessAware(-1), "radius must be at least 0"),
        (lambda: descent_path(EXAMPLE, rule=SharpnessAware("1/4")), "radius of 1/4 .* below 1/4"),
        (lambda: expand_jump_times(EXAMPLE, GradientFlow()), "has no step"),  # type: ignore[arg-type]
        (lambda: descent_path(EXAMPLE, "1/10").jump_times, "not rational"),
        (lambda: descent_path(EXAMPLE, "1/10", max_saddles=0), "at least 1"),
        (lambda: descent_path(EXAMPLE, "1/10").at(-1), "negative"),
        (lambda: descent_path(EXAMPLE.standardized(), "1/10"), "not for columns of unit norm"),
        (lambda: descent_path(EXAMPLE.replace(upper="sqrt(2)"), "1/10"), "needs rational"),
    ],
)
def test_bad_input(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_budgets_and_requests_leave_prefixes() -> None:
    assert descent_path(EXAMPLE, "1/10", max_saddles=1).stopped_by == "max_saddles = 1"
    stopped = descent_path(EXAMPLE, "1/10", progress=lambda saddle: saddle.index < 1)
    assert (len(stopped), stopped.stopped_by) == (2, "request")


def test_the_limit_at_a_time() -> None:
    path = descent_path(EXAMPLE, "1/50")
    assert path.at(0) == (0, 0, 0)
    assert path.at("0.2598") == (0, 0, 0)
    assert path.at("0.2599") == path[1].beta
    assert path.at(100) == path[-1].beta
    assert descent_path(EXAMPLE, rule=GradientFlow()).at("1/4") == path[1].beta


def test_a_step_may_reorder_and_jump_earlier_than_the_flow() -> None:
    diabetes = load_dataset("diabetes")
    flow, path = saddle_path(diabetes), descent_path(diabetes, "1/100000")
    assert path.complete
    earlier = [
        k for k, (a, b) in enumerate(zip(path, flow, strict=True)) if a.jump_time_ball() < b.jump_time_ball()
    ]
    assert 2 in earlier


@given(standard_problems(), st.integers(1, 30))
@settings(max_examples=40)
def test_momentum_zero_and_decay_zero_are_plain_descent(problem: Problem, parts: int) -> None:
    top = max([F(1), *map(abs, problem.correlation)])
    step = 1 / (parts * top + 1)
    plain = descent_path(problem, step)
    others: list[SteppedRule] = [
        HeavyBall(step, 0),
        GradientDescent(step, WeightDecay(0)),
        GradientDescent(step, SharpnessAware(0)),
    ]
    for rule in others:
        other = descent_path(problem, rule=rule)
        assert (len(other), other.events, other.stopped_by) == (len(plain), plain.events, plain.stopped_by)
        for mine, its in zip(plain, other, strict=True):
            assert mine.beta == its.beta
            assert mine.jump_time_ball(40).overlaps(its.jump_time_ball(40))
