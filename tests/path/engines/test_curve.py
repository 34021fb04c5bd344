"""The curve in binary64 against exact paths: its bounds hold where floats are far worse than they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

from exactsaddle import Problem, Saddle, saddle_path
from exactsaddle.numbers import power_of_two
from exactsaddle.path import MAX_BITS
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.path.engines.binary import gamma, product
from exactsaddle.path.engines.curve import FloatCurve, Waits
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.path.engines.ledger import Ledger
from exactsaddle.path.engines.working import Regression, WorkingSet

SLACK = 1e-12
"""What the comparison itself may be off by: exact numbers are rounded once."""


@dataclass
class Place:
    """What a run said after a jump: t̂_k exactly, ẑ_k and bounds."""

    time: Fraction
    z: np.ndarray
    ledger: Ledger
    dual_error: np.ndarray


def gaussian(n: int, d: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    return Problem(rng.normal(size=(n, d)).round(3), rng.normal(size=n).round(3))


def small(seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 6)), int(rng.integers(2, 9))
    X, y = rng.integers(-5, 6, size=(n, d)), rng.integers(-5, 6, size=n)
    return Problem(X, y, upper=rng.integers(1, 4, size=d), lower=rng.integers(1, 4, size=d))


@contextmanager
def sloppy(size: float, seed: int) -> Iterator[None]:
    """Least squares in binary64 comes out wrong by about this; its bounds are left to find out."""
    rng, judged = np.random.default_rng(seed), WorkingSet._judged

    def wrong(
        working: WorkingSet, coefficients: np.ndarray, vector: np.ndarray, norm_of: float, radius: float
    ) -> Regression:
        off = size * rng.normal(size=len(coefficients)) * (vector is working.problem.target)
        return judged(working, coefficients + off, vector, norm_of, radius)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkingSet, "_judged", wrong)
        yield


def places(problem: Problem) -> tuple[FloatCurve, list[Place], list[Saddle]]:
    """What a run says until binary64 leaves something open, and the saddles until then."""
    run = BallRun(problem, MAX_BITS)
    lengths: list[Fraction] = []
    advance = FloatCurve.advance

    def measured(curve: FloatCurve, waits: Waits, hits: dict[int, int], active: dict[int, int]) -> None:
        advance(curve, waits, hits, active)
        lengths.append(Fraction(waits.length))

    found: list[Place] = []
    saddles = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FloatCurve, "advance", measured)
        for saddle in run:
            saddles.append(saddle)
            if len(lengths) <= saddle.index:
                break
            curve = run.curve
            error = curve.problem.norms * curve.ledger.in_step + curve.ledger.time_error * curve.drift
            found.append(Place(sum(lengths, Fraction(0)), curve.z, Ledger(**vars(curve.ledger)), error))
    return run.curve, found, saddles


def violations(problem: Problem) -> tuple[int, int]:
    """How many bounds were compared with the exact path, and how many do not hold."""
    curve, found, _ = places(problem)
    exact = saddle_path(problem, arithmetic="rational")
    unit = Fraction(2) ** curve.problem.time_exponent
    clock = Fraction(int(curve.problem.time_unit.p), int(curve.problem.time_unit.q))
    slopes = [[y - v for y, v in zip(problem.y, problem.fitted(s.beta), strict=True)] for s in exact]

    def z_at(time: Fraction) -> np.ndarray:
        """z̃ of the exact path."""
        total = [Fraction(0)] * problem.n
        for k, saddle in enumerate(exact):
            end = exact[k + 1].jump_time if k + 1 < len(exact) else time
            stay = min(end, time) - saddle.jump_time
            if stay > 0:
                total = [z + stay * u for z, u in zip(total, slopes[k], strict=True)]
        return np.array([float(z / (problem.n * unit)) for z in total])

    checked = wrong = 0
    for k, place in enumerate(found, 1):
        jump = exact[k].jump_time / clock
        rows = curve.problem.rows
        held = [
            abs(float(jump - place.time)) <= place.ledger.time_error + SLACK,
            np.linalg.norm(z_at(place.time * clock) - place.z) <= place.ledger.in_step + SLACK,
            np.linalg.norm(z_at(exact[k].jump_time) - place.z) <= place.ledger.at_jump + SLACK,
            (np.abs(rows @ (z_at(exact[k].jump_time) - place.z)) <= place.dual_error + SLACK).all(),
        ]
        checked, wrong = checked + len(held), wrong + held.count(False)
    return checked, wrong


@pytest.mark.parametrize("size", [0.0, 1e-9, 1e-5])
def test_bounds_contain_the_exact_path(size: float) -> None:
    checked = 0
    for seed in range(30):
        with sloppy(size, seed):
            compared, wrong = violations(small(seed))
        assert wrong == 0
        checked += compared
    assert checked > 100


@pytest.mark.slow
def test_bounds_contain_the_exact_path_on_thousands_of_problems() -> None:
    for seed in range(3000):
        with sloppy(10.0 ** -(4 + seed % 8), seed):
            assert violations(small(seed))[1] == 0


@pytest.mark.parametrize("size", [0.0, 1e-8])
def test_bounds_contain_a_long_path(size: float) -> None:
    with sloppy(size, 1):
        compared, wrong = violations(gaussian(12, 24, 3))
    assert wrong == 0
    assert compared > 60


def no_history(ledger: Ledger, length: float, slope_error: float, rounding: float) -> None:
    ledger.epsilon = ledger.anchor + length * slope_error + rounding


def no_correction(ledger: Ledger, correction: float, anchor: float, time_error: float) -> None:
    ledger.epsilon, ledger.anchor, ledger.time_error = ledger.epsilon + anchor, anchor, time_error


def no_clock(ledger: Ledger, correction: float, anchor: float, time_error: float) -> None:
    ledger.epsilon, ledger.anchor, ledger.time_error = ledger.epsilon + correction + anchor, anchor, 0.0


@pytest.mark.parametrize(
    ("name", "mutant"),
    [("move", no_history), ("jump", no_correction), ("jump", no_clock)],
)
def test_a_ledger_that_forgets_a_term_is_found_out(
    name: str, mutant: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ledger, name, mutant)
    wrong = 0
    for seed in range(20):
        with sloppy(1e-5, seed):
            wrong += violations(gaussian(6, 12, seed))[1]
    assert wrong > 0


def test_a_slope_taken_for_exact_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # z̃ itself is put right when it is re-anchored: what a wrong slope spoils is when it gets there.
    judged = WorkingSet._judged
    monkeypatch.setattr(
        WorkingSet,
        "_judged",
        lambda *given: replace(judged(*given), residual_error=0.0, coefficient_error=0.0),
    )
    wrong = 0
    for seed in range(20):
        with sloppy(1e-5, seed):
            wrong += violations(gaussian(6, 12, seed))[1]
    assert wrong > 0


def test_without_re_anchoring_nothing_is_decided_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = gaussian(30, 60, 0)
    _, found, saddles = places(problem)
    assert len(found) == len(saddles) - 1  # every plateau
    assert found[-1].ledger.epsilon < 1e-8
    anchor = FloatCurve.anchor

    def dropped(curve: FloatCurve, active: dict, time_error: float) -> None:
        places = curve.problem.thresholds
        for j, side in active.items():  # as if it were there already
            curve.dual[j] = side * places[side][j]
        anchor(curve, active, time_error)

    monkeypatch.setattr(FloatCurve, "anchor", dropped)
    _, worse, _ = places(problem)
    assert worse[-1].ledger.epsilon > 100 * found[len(worse) - 1].ledger.epsilon


def carried_duals(monkeypatch: pytest.MonkeyPatch, keep: float) -> tuple[int, int]:
    """How many duals carried over plateaus were compared, and how many are off by more than is said.

    Sums come out as wrong as they may; of what a dual has lost on the way only this share is kept.
    """
    found, advance, rng = [], FloatCurve.advance, np.random.default_rng(0)

    def rounded(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        sums = product(rows, vector)
        if rows.ndim == 2 and rows.shape[0] == 24:
            lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
            sums = sums + 0.9 * gamma(12) * lengths * rng.choice([-1, 1], 24)
        return sums

    def measured(curve: FloatCurve, *given: Any) -> None:
        advance(curve, *given)
        curve._lost *= keep
        rows, problem = [list(map(Fraction, row)) for row in curve.problem.rows], curve.problem
        z = list(map(Fraction, curve.z))
        exact = [float(sum(map(mul, row, z)) - Fraction(s)) for row, s in zip(rows, curve.dual, strict=True)]
        bound = curve.noise + problem.norms * curve._lost + problem.dual_error * curve._late
        assert bound.max() < 1e-9
        found.extend((np.abs(exact) > bound).tolist())

    monkeypatch.setattr("exactsaddle.path.engines.curve.product", rounded)
    monkeypatch.setattr(FloatCurve, "advance", measured)
    list(BallRun(gaussian(12, 24, 3), MAX_BITS))
    return len(found), sum(found)


def test_a_dual_carried_over_plateaus_is_within_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, wrong = carried_duals(monkeypatch, 1.0)
    assert compared > 300
    assert wrong == 0


def test_what_a_carried_dual_has_lost_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert carried_duals(monkeypatch, 0.0)[1] > 0


@pytest.mark.parametrize("fine", [True, False])
def test_inner_products_and_combinations_are_as_near_as_they_say(fine: bool) -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(300, 6)) * 2.0 ** rng.integers(-30, 1, size=(300, 6))
    working = WorkingSet(FloatProblem(Problem(X, rng.normal(size=300))))
    assert working.fine  # from 256 rows on
    working.fine = fine
    for j in range(6):
        working.append(j)
    rows, norms = [list(map(Fraction, row)) for row in working.matrix], working.problem.norms
    worst = 0.0
    for scale in (1.0, 2.0**-70, 3e100):
        vector = scale * rng.normal(size=300) * 2.0 ** rng.integers(-40, 1, size=300)
        found, off = working.products(vector)
        exact = [sum(map(mul, row, map(Fraction, vector))) for row in rows]
        wrong = [float(abs(Fraction(a) - b)) for a, b in zip(found, exact, strict=True)]
        assert (np.array(wrong) <= norms * off).all()
        worst = max(worst, off / float(np.linalg.norm(vector)))
        weights = scale * rng.normal(size=6)
        combined, error = working._fitted(weights, 0.0)
        columns = zip(*rows, strict=True)
        sums = [sum(map(mul, column, map(Fraction, weights))) for column in columns]
        missed = [float(Fraction(a) - b) / scale for a, b in zip(combined, sums, strict=True)]
        assert np.linalg.norm(missed) <= error / scale
    assert (worst < 2e-15) == fine  # of 300 products in any order 3e-14


def test_the_trace_bounds_the_inverse_gram_matrix_through_exchanges() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(9, 14)).round(2)
    X[:, 13] = X[:, 2] + 1e-3 * rng.normal(size=9).round(2)  # nearly a copy
    problem = Problem(X, [1] * 9)
    floats = FloatProblem(problem)
    working = WorkingSet(floats)
    for step in range(120):
        inside = list(working.columns)
        if len(inside) == 7 or (inside and rng.random() < 0.4):
            working.remove(int(rng.choice(inside)))
        else:
            working.append(int(rng.choice([j for j in range(14) if j not in inside])))
        if step % 4 == 0 and working.columns:
            columns = [problem.design_matrix.column(j) for j in working.columns]
            units = [power_of_two(floats.exponents[j]) for j in working.columns]
            scaled = [column * (1 / unit) for column, unit in zip(columns, units, strict=True)]
            inverse = fmpq_mat([[a.dot(b) for b in scaled] for a in scaled]).inv()
            exact = float(Fraction(str(sum((inverse[i, i] for i in range(len(scaled))), fmpq(0)))))
            assert exact <= working.trace <= 2.01 * exact
