"""Which minimiser deeper networks select: the maximiser of Σ|b|^(2/L), its equations, its digits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings

from exactsaddle import Problem, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.numbers import relations
from exactsaddle.problem import Network
from tests.minimisers.test_minimiser_set import degenerate_problems

TIE = saddle_path(Problem([[4, 0, 2], [0, 4, 2]], [4, 3]))[-1]


@pytest.mark.parametrize(
    ("depth", "digits"),
    [
        (3, ("0.714280721650421", "0.464280721650421", "0.571438556699158")),
        (4, ("0.715004428644110", "0.465004428644110", "0.569991142711781")),
    ],
)
def test_the_tie_of_three_columns(depth: int, digits: tuple[str, ...]) -> None:
    found = TIE.selected_by(Network(depth))
    with ctx.workprec(200):
        b = found.balls
        assert all(abs(x - arb(text)) < arb("1e-14") for x, text in zip(b, digits, strict=True))
        assert all(r < Fraction(1, 10**29) for r in found.radius)
        # v = (1, 1, −2) spans ker X
        powers = [1 / x.root(depth) ** (depth - 2) for x in b]
        assert (powers[0] + powers[1] - 2 * powers[2]).contains(0)
    assert found.exact is None


def test_exact_where_it_is_rational() -> None:
    saddle = saddle_path(Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]))[-1]
    assert saddle.selected_by(Network(3)).exact == (Fraction(12, 5), Fraction(3, 10))
    assert saddle.selected_by(Network(4)).exact == (2, Fraction(1, 2))
    assert saddle.selected_by(Network(5)).exact is None
    assert saddle.selected.exact == (Fraction(3, 4), Fraction(9, 8))
    deep = Problem([[1, 2]], [3], network=Network(3, [1, "1/2"]))
    assert saddle_path(deep)[-1].selected.exact == (Fraction(12, 5), Fraction(3, 10))


def test_two_layers_in_powers_weigh_by_the_square_of_the_scale() -> None:
    saddle = saddle_path(Problem([[1, 1]], [3]))[-1]
    assert saddle.selected_by(Network(2, [1, 2])).exact == (Fraction(3, 5), Fraction(12, 5))
    assert saddle.selected_by(Network(2, [1, 2], "powers")).exact == (Fraction(3, 5), Fraction(12, 5))
    unequal = saddle_path(Problem([[1, 2]], [3], lower=[1, 2], upper=[1, 2]))[-1]
    doubled = unequal.selected_by(Network(2, 1, "powers"))  # b₂/K = (b₁/K)², K = 1 in place of ½
    assert doubled.exact == (1, 1)


@settings(max_examples=12)
@given(degenerate_problems())
def test_satisfies_its_equations_at_every_depth(problem: Problem) -> None:
    for saddle in saddle_path(problem, max_saddles=6):
        touched = any(
            s in (c, -b) for s, c, b in zip(problem.dual, problem.upper, problem.lower, strict=True)
        )
        if saddle.unique or touched:
            continue
        for depth in (3, 4, 7):
            found = saddle.selected_by(Network(depth))
            columns = [problem.column(i) * fmpq(saddle.signs[i]) for i in found.support]
            with ctx.workprec(300):
                slopes = [1 / abs(found.balls[i]).root(depth) ** (depth - 2) for i in found.support]
                for vector in relations(columns).vectors:
                    total = sum((arb(v) * s for v, s in zip(vector, slopes, strict=True)), arb(0))
                    assert total.contains(0)
                    assert total.rad() < arb("1e-25") * max(float(s) for s in slopes) * 1e3
            loss = sum((e * e for e in _residual(problem, found.centre)), Fraction(0)) / (2 * problem.n)
            assert loss == saddle.loss


def _residual(problem: Problem, b: tuple[Fraction, ...]) -> list[Fraction]:
    return [
        y - sum((x * v for x, v in zip(row, b, strict=True)), Fraction(0))
        for row, y in zip(problem.X, problem.y, strict=True)
    ]


def test_a_network_of_other_thresholds_has_another_path() -> None:
    with pytest.raises(InvalidInput, match="its scales are other thresholds"):
        TIE.selected_by(Network(3, [1, 2, 1]))
