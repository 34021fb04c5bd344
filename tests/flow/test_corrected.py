"""What a correction leaves of a residual: floats that prove it, against balls of far more bits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle import Problem
from exactsaddle.base import workprec
from exactsaddle.flow.active_field import ActiveField, Sets
from exactsaddle.flow.chebyshev import tables
from exactsaddle.flow.corrected import Corrector, Residual, Solved
from exactsaddle.flow.float_balls import FloatBalls, row_radii
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.vector_field import BallField
from exactsaddle.problem import FloatArray, Link, Network

DEGREE, BITS = 20, 60
WIDE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
PROBLEMS = {
    "two-layers": WIDE,
    "three-layers": WIDE.with_network(Network(3)),
    "five-layers": WIDE.with_network(Network(5)),
    "unit-columns": WIDE.standardized(),
}

numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
radii = st.floats(0, 1, allow_subnormal=False)


def _link(problem: Problem) -> Link:
    return problem.network.link(problem.d)


@st.composite
def balls(draw: st.DrawFn, rows: int, columns: int) -> FloatBalls:
    shape = rows, columns
    middles = draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
    wide = draw(st.lists(radii, min_size=rows * columns, max_size=rows * columns))
    return FloatBalls(np.array(middles).reshape(shape), np.array(wide).reshape(shape))


def _corner(value: FloatBalls, signs: FloatArray) -> list[list[Fraction]]:
    """The exact matrix at one end of every ball."""
    rows = zip(value.middles.tolist(), value.radii.tolist(), signs.tolist(), strict=True)
    return [[Fraction(m) + Fraction(r) * int(s) for m, r, s in zip(*row, strict=True)] for row in rows]


def _holds(found: FloatBalls, exact: list[list[Fraction]]) -> bool:
    rows = zip(found.middles.tolist(), found.radii.tolist(), exact, strict=True)
    return all(
        abs(Fraction(m) - value) <= Fraction(r) for row in rows for m, r, value in zip(*row, strict=True)
    )


@given(balls(2, 3), balls(3, 2), st.integers(0, 2**12 - 1))
def test_products_of_balls_in_floats_hold_the_exact_ones(
    left: FloatBalls, right: FloatBalls, signs: int
) -> None:
    ends = np.array([1 if signs >> k & 1 else -1 for k in range(12)])
    a, b = _corner(left, ends[:6].reshape(2, 3)), _corner(right, ends[6:].reshape(3, 2))
    product = [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(2)] for i in range(2)]
    assert _holds(left @ right, [[Fraction(x) for x in row] for row in product])
    turned = FloatBalls(right.middles.T, right.radii.T)
    rows = [(a[i], [b[k][i] for k in range(3)]) for i in range(2)]
    assert _holds(left * turned, [[x * y for x, y in zip(*row, strict=True)] for row in rows])
    assert _holds(left - turned, [[x - y for x, y in zip(*row, strict=True)] for row in rows])


def test_balls_in_floats_hold_those_they_are_made_of() -> None:
    with workprec(200):
        matrix = arb_mat([[arb(1) / 3, arb(2, 1e-10)], [arb("1e-300"), arb(-7, 1e-3)]])
        for found in (FloatBalls.of(matrix), FloatBalls.nearly(matrix)):
            for i in range(2):
                for j in range(2):
                    assert arb(found.middles[i, j], found.radii[i, j]).contains(matrix[i, j])
        assert row_radii(matrix)[0] >= 1e-10


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
@given(st.floats(0.01, 50), st.floats(0, 1 / 16))
def test_the_reach_bounds_how_fast_rates_change(problem: Problem, x: float, part: float) -> None:
    link = _link(problem)
    reach = float(link.reach(np.full(problem.d, x))[1])
    with workprec(100):
        rates = [link.steepness(1, arb(x) + sign * arb(part * reach)) for sign in (-1, 0, 1)]
        wide = (4 * arb(part)).exp() * (1 + arb("1e-12"))
        assert all(rates[1] / wide < rate < rates[1] * wide for rate in rates)


class _Case:
    """A step on which three coordinates move, and values of v that leave a residual of about 2^−BITS."""

    def __init__(self, problem: Problem) -> None:
        self.field = BallField.at(ReducedFlow.of(problem), fmpq(1, 1000))
        self.active = ActiveField.of(self.field, Sets((0, 1, 2), (), (0, 1, 2)))
        self.half = arb(fmpq(1, 500))
        self.start = self.field.distances(self.field.dual_start)[:3]
        rows = [[arb(a + 1) / 3 + arb(q) / 7 for q in range(DEGREE + 1)] for a in range(3)]
        self.nodes = arb_mat(rows).mid()
        moves, sides, force = self.force(self.nodes)
        ones = arb_mat(3, DEGREE + 1, [arb((1, -BITS))] * (3 * (DEGREE + 1)))
        self.correlation = (self.nodes + force - ones).mid()
        balls = FloatBalls.of((self.nodes + force - self.correlation) * arb((1, BITS)))
        corrector = Corrector(self.active, DEGREE)
        self.residual = Residual(corrector, balls, BITS, self.half, self.start, moves, sides)

    def force(self, nodes: arb_mat) -> tuple[arb_mat, tuple[arb_mat, arb_mat], arb_mat]:
        """How far the duals move at those values of v, B⁺ and B⁻, and G_PS β_S."""
        active = self.active
        rows = active.columns(active.reduction, (0, 1, 2)).transpose() * self.field.per_unit
        moves = rows * (tables(DEGREE, 300).integrals(nodes) * self.half)
        sides = self.field.sides((0, 1, 2), self.start, moves, 300)
        return moves, sides, active.columns(active.gram_rows, (0, 1, 2)) * (sides[0] - sides[1])

    def after(self, change: FloatArray) -> arb_mat:
        """The residual of v less a change, both 2^BITS times as large."""
        rows = [[arb(x) * arb((1, -BITS)) for x in row] for row in change.T.tolist()]
        nodes = self.nodes - arb_mat(rows)
        return (nodes + self.force(nodes)[2] - self.correlation) * arb((1, BITS))


def _change(seed: int, size: float) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(DEGREE + 1, 3)) * size


def _is_bounded(problem: Problem, size: float, lost: float = 0.0) -> bool:
    """Whether the residual of v less a change is in the balls that floats found for it."""
    with workprec(400):
        case = _Case(problem)
        solved = case.residual.solved(lambda _: None, _change(1, size), 0.0)
        found = solved.left(np.full(3, lost))
        assert np.isfinite(found.radii).all()
        exact = case.after(solved.change + lost * np.sign(_change(2, 1.0)))
        told = zip(found.middles.ravel(), found.radii.ravel(), exact.entries(), strict=True)
        return all(arb(m, r).overlaps(value) for m, r, value in told)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize("size", [1e-3, 1.0, 2.0**20, 2.0**40])
def test_what_a_correction_leaves_is_in_its_balls(problem: Problem, size: float) -> None:
    assert _is_bounded(problem, size)
    assert _is_bounded(problem, size, size / 1000)


@pytest.mark.parametrize(("name", "size"), [("two-layers", 2.0**46), ("three-layers", 2.0**53)])
def test_rates_that_are_taken_for_constant_are_seen(
    name: str, size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _is_bounded(PROBLEMS[name], size)
    rates = Residual._rates

    def exact(self: Residual, farthest: FloatArray) -> FloatBalls:
        return FloatBalls.exact(rates(self, farthest).middles)

    monkeypatch.setattr(Residual, "_rates", exact)
    assert not _is_bounded(PROBLEMS[name], size)


def test_a_rounding_that_is_not_added_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Solved.left
    monkeypatch.setattr(Solved, "left", lambda self, lost: left(self, 0 * lost))
    assert not _is_bounded(WIDE, 1.0, 1 / 8)


def test_duals_that_move_farther_than_was_thought_have_no_bound() -> None:
    with workprec(400):
        solved = _Case(WIDE).residual.solved(lambda left: 100 * left, _change(1, 1.0), 0.0)
        assert np.isinf(solved.left(np.zeros(3)).radii).all()


def test_what_is_left_is_solved_for_again() -> None:
    """A solver that takes nine tenths of a residual off each time."""
    with workprec(400):
        residual = _Case(Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 2, 3])).residual
        first = 0.5 * residual.balls.middles.T
        once = residual.solved(lambda _: None, first, 0.0).left(np.zeros(3)).magnitude.max()
        more = residual.solved(lambda left: 0.5 * left, first, 0.0).left(np.zeros(3)).magnitude.max()
        assert more < once / 4
