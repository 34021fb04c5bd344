"""The flow of deeper networks: against closed forms, and against gradient flow on the weights themselves."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb, ctx, fmpq

from exactsaddle import Problem, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.flow import Enclosure, enclose, enclose_decay, integrate
from exactsaddle.flow.active_field import ActiveField, Sets
from exactsaddle.flow.collocation import Collocator
from exactsaddle.flow.events import arc_length, crossing
from exactsaddle.flow.outlook import Outlook
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.flow.step import Place, Proved
from exactsaddle.flow.vector_field import BallField
from exactsaddle.path.rules import WeightDecay
from exactsaddle.problem import Network
from tests.support.defects import norm_of
from tests.support.noise import noisy_proposals

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
ONE = Problem([[1]], [1])
TIE = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])


def weights_at(problem: Problem, network: Network, alpha: str, time: str) -> list[mpmath.mpf]:
    """β by mpmath's own Taylor solver on u and v, in real time: nothing of this package but the loss."""
    d, depth, scale = problem.d, network.depth, mpmath.mpf(alpha)
    gram = [[mpmath.mpf(g.numerator) / g.denominator for g in row] for row in problem.gram]
    r = [mpmath.mpf(c.numerator) / c.denominator for c in problem.correlation]
    kappa = [mpmath.mpf(int(network.scale(i).p)) / int(network.scale(i).q) for i in range(d)]

    def slope(_: mpmath.mpf, z: list[mpmath.mpf]) -> list[mpmath.mpf]:
        beta = [u**depth - v**depth for u, v in zip(z[:d], z[d:], strict=True)]
        g = [mpmath.fdot(row, beta) - c for row, c in zip(gram, r, strict=True)]
        return [-depth * gi * u ** (depth - 1) for gi, u in zip(g, z[:d], strict=True)] + [
            depth * gi * v ** (depth - 1) for gi, v in zip(g, z[d:], strict=True)
        ]

    t = mpmath.mpf(Fraction(time).numerator) / Fraction(time).denominator
    clock = (
        t / (depth * (depth - 2) * scale ** (depth - 2)) if depth > 2 else -mpmath.log(scale) * t / 2
    )  # L = 2 in powers is u ⊙ v at twice the speed
    z = mpmath.odefun(slope, 0, [scale * k for k in kappa] * 2)(clock)
    return [u**depth - v**depth for u, v in zip(z[:d], z[d:], strict=True)]


@pytest.mark.parametrize(
    ("network", "alpha"),
    [
        (Network(3), "0.1"),
        (Network(4, [1, "3/4", "1/2"]), "0.1"),
        (Network(2, [1, 2, "1/3"], "powers"), "0.1"),
    ],
)
def test_enclosures_contain_gradient_flow_on_the_weights(network: Network, alpha: str) -> None:
    time = "3/10"
    (point,) = enclose(TWO_BY_THREE, alpha, [time], radius="1e-12", network=network).points
    (number,) = integrate(TWO_BY_THREE, alpha, [time], digits=15, network=network).points
    with mpmath.workdps(18), ctx.workprec(100):
        for ball, b, own in zip(
            point.beta, weights_at(TWO_BY_THREE, network, alpha, time), number.beta, strict=True
        ):
            assert (ball + arb(0, 1e-15)).contains(arb(mpmath.nstr(b, 20)))
            assert abs(own - b) < mpmath.mpf("1e-14")


@pytest.mark.parametrize("depth", [3, 4])
@pytest.mark.parametrize("alpha", ["1/10", "1/1000"])
def test_an_orthogonal_design_solves_a_scalar_equation_for_each_coordinate(depth: int, alpha: str) -> None:
    """s' = r − Gβ(s) separates: t = ∫ ds/(r − Gβ(s)) from 0 to the enclosed s."""
    problem = Problem([[2, 0], [0, -1]], [3, 1])
    time = Fraction(1)
    (point,) = enclose(problem, alpha, [time], radius="1e-16", network=Network(depth)).points
    with mpmath.workdps(24):
        scale = mpmath.mpf(1) / int(Fraction(alpha).denominator)
        q = mpmath.mpf(depth) / (depth - 2)
        for i in range(2):
            g, r = (
                mpmath.mpf(int(v.numerator)) / v.denominator
                for v in (problem.gram[i][i], problem.correlation[i])
            )
            end = mpmath.mpf(point.dual[i].mid().str(35, radius=False))

            def pace(s: mpmath.mpf, g: mpmath.mpf = g, r: mpmath.mpf = r) -> mpmath.mpf:
                return 1 / (r - g * scale**depth * ((1 - s) ** -q - (1 + s) ** -q))

            cuts = [end * (1 - mpmath.mpf(2) ** -k) for k in range(0, 24, 2)]
            found = mpmath.quad(pace, [*cuts, end])
            # near the end of a jump t is steep in s: the error of s is 1e-16 beside 1/pace
            assert abs(found - 1) < mpmath.mpf("1e-14") * (1 + abs(pace(end)))


def _limit_apart(point: Enclosure, beta: tuple[Fraction, ...]) -> float:
    return max(abs(float(b) - float(e)) for b, e in zip(point.beta, beta, strict=True))


@pytest.mark.parametrize(
    ("depth", "alpha", "bound"),
    [(3, "1e-4", 1e-10), (5, "1e-1", 1e-4), pytest.param(8, "1e-1", 1e-6, marks=pytest.mark.slow)],
)
def test_the_path_is_that_of_two_layers_on_another_clock(depth: int, alpha: str, bound: float) -> None:
    path = saddle_path(TWO_BY_THREE)
    pipe = enclose(TWO_BY_THREE, alpha, ["1/8", "2/5", 1], radius="1e-12", network=Network(depth))
    for point, saddle in zip(pipe.points, path, strict=True):
        assert _limit_apart(point, saddle.beta) < bound


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "alpha"), [(3, "1e-30"), (5, "1e-10"), (8, "1e-10"), (8, "1e-30")])
def test_however_small_the_scale(depth: int, alpha: str) -> None:
    path = saddle_path(TWO_BY_THREE)
    pipe = enclose(TWO_BY_THREE, alpha, ["1/8", "2/5", 1], radius="1e-12", network=Network(depth))
    for point, saddle in zip(pipe.points, path, strict=True):
        assert _limit_apart(point, saddle.beta) < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "alpha"), [(3, "1e-30"), (5, "1e-30"), (7, "1e-30"), (8, "1e-30")])
def test_however_small_the_scale_through_five_jumps(depth: int, alpha: str) -> None:
    problem = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
    (point,) = enclose(problem, alpha, [1], radius="1e-12", network=Network(depth)).points
    assert _limit_apart(point, saddle_path(problem)[-1].beta) < 1e-12


def test_a_distance_that_few_bits_do_not_tell_from_zero_takes_more() -> None:
    with workprec(400):
        field = BallField.at(ReducedFlow.of(ONE.with_network(Network(3))), fmpq(1, 10**40))
        collocator = Collocator(ActiveField.of(field, Sets((0,), (), (0,))), Outlook(field), 120, 56)
        near = Place.of(field, fmpq(0), (arb(1 - fmpq(1, 2**110)),), arb(0))
        assert isinstance(collocator.step(near, fmpq(1, 2**113)), Proved)


def test_depth_three_takes_about_the_steps_of_depth_two_at_the_same_stiffness() -> None:
    # ε = 1/ln(1/α) = 1/46 and ε = α = 1/46: a threshold ahead is seen before steps run into it
    two = enclose(TWO_BY_THREE, "1e-20", [Fraction(3, 4)], radius="1e-20")
    three = enclose(TWO_BY_THREE, "1/46", [Fraction(3, 4)], radius="1e-20", network=Network(3))
    assert three.step_count < Fraction(3, 2) * two.step_count
    # 60 attempts; 89 where lengths are those of the last step, until a step is refused
    assert enclose(ONE, "1e-9", [2], radius="1e-10", network=Network(3)).step_count < 75


def test_dense_output_events_and_losses() -> None:
    network = Network(3)
    pipe = enclose(TWO_BY_THREE, "1/30", ["3/10", 1], radius="1e-12", network=network, keep=True)
    run = integrate(TWO_BY_THREE, "1/30", [1], digits=15, network=network, keep=True)
    with ctx.workprec(200):
        for time in ("1/7", "1/4", "5/9"):
            ball, number = pipe.at(time), run.at(time)
            for b, n in zip(
                (*ball.beta, *ball.dual, ball.loss), (*number.beta, *number.dual, number.loss), strict=True
            ):
                assert (b + arb(0, 1e-14)).contains(arb(mpmath.nstr(n, 40)))
    found = crossing(pipe, 0, "1/2", "1/8", "3/8", width="1e-6")
    assert found.rising
    assert Fraction(1, 5) < found.after < Fraction(3, 10)
    hull = pipe.over("1/4", "1/3")
    assert all(wide.contains(thin) for wide, thin in zip(hull.dual, pipe.at("3/10").dual, strict=True))
    length = arc_length(pipe, 0, 1)
    assert 0 < length.rad() < 1
    assert run.points[0].drift is not None
    assert run.points[0].drift < mpmath.mpf("1e-20")


def test_thresholds_and_duals_of_a_problem_are_other_weights() -> None:
    """An absent weight, unequal scales of u and v, a start that is not zero: mpmath on the weights."""
    problem = Problem([[2, 1], [1, 3]], [3, -1], lower=["inf", 2], upper=[1, "1/2"], dual=["1/4", 0])
    network = Network(3)
    (ball,) = enclose(problem, "1/20", [1], radius="1e-18", network=network).points
    (number,) = integrate(problem, "1/20", [1], digits=25, network=network).points
    assert number.beta[0] > 0
    with ctx.workprec(200):
        for b, n in zip((*ball.beta, *ball.dual), (*number.beta, *number.dual), strict=True):
            assert (b + arb(0, 1e-22)).contains(arb(mpmath.nstr(n, 40)))


def test_a_tie_leads_with_coordinates_that_are_no_pivots() -> None:
    """All three are on a threshold, rank 2; digits of the maximiser of Σ|b|^(2/3)."""
    (point,) = enclose(TIE, "1e-3", [1], radius="1e-12", network=Network(3)).points
    chosen = saddle_path(TIE)[-1].selected_by(Network(3))
    assert all(abs(b - c) < 1e-8 for b, c in zip(point.beta, chosen.balls, strict=True))


def test_disturbed_proposals_give_the_same_balls() -> None:
    def run() -> list[str]:
        (point,) = enclose(TIE, "1/20", ["2/3"], radius="1e-12", network=Network(4)).points
        return [ball.str(40) for ball in (*point.beta, *point.dual)]

    plain = run()
    with noisy_proposals(1e-10):
        assert run() == plain


def test_refuses_what_is_too_stiff_or_too_small() -> None:
    with pytest.raises(Inconclusive, match="units of work"):
        integrate(TWO_BY_THREE, "1e-10", [1], network=Network(3))
    with pytest.raises(Inconclusive, match="too small at depth 20"):
        enclose(TWO_BY_THREE, "1e-30", [1], network=Network(20))
    with pytest.raises(InvalidInput, match="scales has 2 entries"):
        enclose(TWO_BY_THREE, "1e-3", [1], network=Network(3, [1, 2]))


@pytest.mark.parametrize(
    "network", [Network(), Network(3), Network(5), Network(units=["sqrt(2)"]), Network(4, units=["1/3"])]
)
def test_the_magnitude_bounds_beta_around_a_disc(network: Network) -> None:
    """If β is within M of some constant, two of its values on the circle differ by at most 2M."""
    unit = (
        mpmath.sqrt(2)
        if network.depth == 2 and network.units
        else mpmath.mpf(1) / (3 if network.units else 1)
    )

    def side(x: mpmath.mpc) -> mpmath.mpc:
        if network.depth == 2:
            return mpmath.exp(-2 * x / unit) / (2 * unit)
        return (x / unit) ** (-mpmath.mpf(network.depth) / (network.depth - 2)) / unit

    with workprec(128):
        field = BallField.at(ReducedFlow.of(Problem([[1]], [1], network=network)), fmpq(1, 100))
        for plus, minus, radius in (
            ("1", "9", "0.9"),
            ("3", "2", "0.1"),
            ("1", "1", "0.99"),
            ("2", "8", "1.5"),
        ):
            bound = mpmath.mpf(field.magnitude(0, (arb(plus), arb(minus)), arb(radius)).str(30, radius=False))
            around = [mpmath.mpf(radius) * mpmath.expjpi(mpmath.mpf(j) / 8) for j in range(16)]
            values = [side(mpmath.mpf(plus) - z) - side(mpmath.mpf(minus) + z) for z in around]
            assert max(abs(p - q) for p in values for q in values) <= 2 * bound * (1 + mpmath.mpf("1e-12"))
        beyond = field.magnitude(0, (arb(1), arb(9)), arb(2))
        assert beyond.is_finite() == (network.depth == 2)
        assert not beyond < 1


@pytest.mark.parametrize("decays", [False, True])
def test_errors_hold_every_defect_and_every_jump_between_steps(decays: bool) -> None:
    """The norm of a jump of s is eᵀ G_PP⁻¹ e, whichever the pivots P; in a tie they change."""
    if decays:
        pipe = enclose_decay(TIE, WeightDecay("1/2"), "1e-4", [2], radius="1e-4", keep=True).pipe
    else:
        pipe = enclose(TIE, "1e-8", ["1/4"], radius="1e-3", network=Network(3), keep=True)
    jumps, leaders = 0, {step.sets.pivots for step in pipe.steps}
    with workprec(pipe.step_precision):
        field = pipe.ball_field
        for before, after in pairwise(pipe.steps):
            pairs = zip(before.duals(field, before.end), after.dual, strict=True)
            moves = [p - q for p, q in pairs]
            # the end is known better to the step that was proved than from its coefficients
            jump = norm_of(field, moves) - 4 * norm_of(field, [arb(move.rad()) for move in moves])
            known = before.error + jump * arb("0.999") + arb(after.length) * after.defect
            assert after.error >= known.mid()
            jumps += bool(jump * 2**40 > before.error)
    assert jumps > 0
    assert decays or len(leaders) > 1


def test_floats_that_underflow_do_not_look_like_a_tail() -> None:
    """Times 1/ε = 10^180 what underflow loses was all that bounds of steps saw, at the first jump."""
    problem = Problem([[4, 0, 2], [0, 4, 2]], [4, 3], network=Network(8))
    end = saddle_path(problem).jump_times[1] * Fraction(11, 10)
    assert enclose(problem, "1e-30", [end], radius="1e-12", max_steps=700).complete
