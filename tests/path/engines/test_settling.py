"""What binary64 leaves open is settled for that plateau, and what it settles no processor decides."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.path import MAX_BITS
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.hits import replay
from exactsaddle.path.engines.inverse import GramInverse, GramInverter
from exactsaddle.path.engines.trajectory import Trajectory
from exactsaddle.testing import strategies
from tests.path.test_ball_engine import agree, combinatorics, contains
from tests.support.floats import floats_refusing


def gaussian(n: int, d: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    return Problem(rng.normal(size=(n, d)), rng.normal(size=n))


@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_refusals_at_random_change_nothing_but_the_time(name: str) -> None:
    @settings(max_examples=5)
    @given(strategies.FAMILIES[name].problems(5, 6), st.sampled_from([0.3, 1.0]), st.integers(0, 2**16))
    def unchanged(problem: Problem, share: float, seed: int) -> None:
        with floats_refusing(share, seed):
            found = list(BallRun(problem, MAX_BITS))
        agree(problem, found)

    unchanged()


def test_after_a_refusal_the_next_plateau_is_in_floats() -> None:
    problem = gaussian(10, 20, 0)
    with floats_refusing(0.3, 1):
        path = saddle_path(problem, arithmetic="ball")
    agree(problem, path)
    assert path.decisions is not None
    assert path.decisions.hits_by_floats > len(path) / 4
    assert path.decisions.hits_by_balls > 0


def test_a_near_tie_takes_its_bits_and_the_rest_none() -> None:
    # Column 20 is column 3 but for 1e-300 in one entry: a gap between two events that only ~1000 bits show.
    rng = np.random.default_rng(1)
    X = [[Fraction(float(x)) for x in row] for row in rng.normal(size=(12, 20))]
    X = [[*row, row[3]] for row in X]
    X[0][20] += Fraction(1, 10**300)
    problem = Problem(X, [float(v) for v in rng.normal(size=12)])
    path = saddle_path(problem, arithmetic="ball")
    agree(problem, path)
    assert path.decisions is not None
    assert path.decisions.hits_by_floats > 3


@pytest.mark.parametrize("size", [1e-300, 1e300, 5e-324, 1e-320])
def test_numbers_at_the_ends_of_binary64(size: float) -> None:
    rng = np.random.default_rng(7)
    X = rng.integers(-9, 10, size=(4, 6)).astype(float)
    X[:, ::2] *= size
    problem = Problem(X, rng.integers(-9, 10, size=4) * size)
    agree(problem, saddle_path(problem, arithmetic="ball"))


def test_thresholds_and_duals_beyond_binary64() -> None:
    rng = np.random.default_rng(8)
    X = rng.integers(-9, 10, size=(4, 5))
    upper = [1, "1e400", "1e-400", 2, "inf"]
    problem = Problem(X, rng.integers(-9, 10, size=4), upper=upper, lower=1, dual=[0, "1e399", 0, 1, 0])
    agree(problem, saddle_path(problem, arithmetic="ball"))


def test_square_root_thresholds_by_floats() -> None:
    problem = gaussian(6, 12, 2).standardized()
    path = saddle_path(problem)
    assert path.decisions is not None
    assert path.decisions.hits_by_floats == len(path) - 1
    with floats_refusing():
        assert combinatorics(path) == combinatorics(saddle_path(problem))


def test_digits_on_demand_cost_no_bits_for_the_way() -> None:
    # Carried from jump to jump the error would be above 2^60 units after 60 saddles.
    problem = gaussian(30, 60, 5)
    run = BallRun(problem, MAX_BITS)
    path = list(run)
    trajectory = Trajectory(ScaledProblem(problem), 128)
    replay(trajectory, run.history.plateaus[:-1], Fitter(trajectory.data))
    assert len(path) > 40
    assert trajectory.ledger.epsilon < 2.0**40
    twice = Trajectory(trajectory.data, 400)
    replay(twice, run.history.plateaus[:-1], Fitter(trajectory.data))
    for k in (1, len(path) // 2, len(path) - 1):
        assert trajectory.time_ball(k).contains(twice.time_ball(k))


def test_times_and_duals_on_demand_contain_the_exact_ones() -> None:
    problem = gaussian(8, 16, 3)
    path, exact = saddle_path(problem, arithmetic="ball"), saddle_path(problem, arithmetic="rational")
    for saddle, true in zip(path, exact, strict=True):
        assert contains(saddle.jump_time_ball(40), true.time)
        assert all(contains(ball, s) for ball, s in zip(saddle.dual_ball(40), true.dual_vector, strict=True))


KERNELS = [
    {"OPENBLAS_CORETYPE": "Haswell"},
    {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
]


def told(path: SaddlePath) -> str:
    """All that a path says of itself in text."""
    saddles = [[s.support, s.signs, s.hits, s.jump_time_text(25), s.loss_text(25)] for s in path]
    return json.dumps([saddles, path.outline().to_text()])


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names kernels of x86-64")
def test_every_kernel_finds_the_same_path() -> None:
    program = (
        "from tests.path.engines.test_settling import MAX_BITS, BallRun, gaussian, told\n"
        "from exactsaddle import load_dataset, saddle_path\n"
        "for p in (gaussian(20, 40, 0), gaussian(60, 10, 1), load_dataset('diabetes')):\n"
        "    print(told(saddle_path(p, arithmetic='ball')))\n"
        "run = BallRun(gaussian(20, 40, 0), MAX_BITS)\n"
        "list(run)\n"
        "print(run.curve.z.tobytes().hex())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            env={**os.environ, **kernel},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for kernel in KERNELS
    ]
    assert len({tuple(lines[:-1]) for lines in outputs}) == 1
    assert len({lines[-1] for lines in outputs}) == len(KERNELS)  # the floats behind it are not the same


def test_a_residual_that_is_exactly_zero_needs_no_solve_in_balls(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem([[3 * 2**60 * (i == j) for j in range(6)] for i in range(6)], [9, -7, 5, 4, -3, 1])
    monkeypatch.setattr(Fitter, "_solve_in_balls", None)
    path, exact = saddle_path(problem, arithmetic="ball"), saddle_path(problem, arithmetic="rational")
    for saddle, other in zip(path, exact, strict=True):
        assert saddle.jump_time_ball(30).overlaps(other.jump_time_ball(60))


@pytest.mark.parametrize("shape", [(12, 20), (30, 8)])
def test_all_that_is_printed_of_a_saddle_takes_one_fit(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saddle_path(gaussian(*shape, 3), arithmetic="ball")
    fitted: list[tuple[int, ...]] = []
    inverted: list[tuple[int, ...]] = []
    fit, inverse = Fitter._fit, GramInverter._inverted_gram

    def counted(self: Fitter, chosen: tuple[int, ...], bits: int, scale: int) -> Fit:
        fitted.append(chosen)
        return fit(self, chosen, bits, scale)

    def counted_inverse(self: GramInverter, chosen: tuple[int, ...]) -> GramInverse | None:
        inverted.append(chosen)
        return inverse(self, chosen)

    monkeypatch.setattr(Fitter, "_fit", counted)
    monkeypatch.setattr(GramInverter, "_inverted_gram", counted_inverse)
    path.outline(17)
    for saddle in path:
        saddle.dual_ball(17)
    assert sorted(fitted) == sorted(saddle.support for saddle in path)
    assert len(inverted) <= len(path) + sum(len(saddle.active) > len(saddle.support) for saddle in path)
