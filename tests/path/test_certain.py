"""Certain events: no data set within the resolution differs, and a near tie is named."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem, RealProblem, SaddlePath, saddle_path
from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.path import CertainEvents, OpenEvent
from exactsaddle.path.engines import binary
from exactsaddle.path.engines.curve import FloatCurve
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.problem import Resolution

Draw = np.random.Generator


def random_problem(rng: Draw, n: int, d: int) -> Problem:
    """Integers within a resolution of X, of y, or of both; sometimes thresholds and duals of any kind."""
    X, y = rng.integers(-50, 51, size=(n, d)).tolist(), rng.integers(-50, 51, size=n).tolist()
    half, kind = Fraction(1, 10 ** int(rng.integers(0, 5))), rng.integers(0, 4)
    sharp = {"X": half * int(kind != 1), "y": half * int(kind != 2)}
    if kind < 3:
        return Problem(X, y, resolution=sharp)
    lower = [Fraction(int(c), 2) for c in rng.integers(1, 4, size=d)]
    dual = [Fraction(int(s), 4) for s in rng.integers(-1, 2, size=d)]
    return Problem(X, y, lower=lower, upper=["inf", *[1] * (d - 1)], dual=dual, resolution=sharp)


def within(problem: Problem, rng: Draw) -> Problem:
    """Data within the resolution: half of the time at a corner of the box."""

    def part(shape: Any) -> list[Any]:
        corner = rng.random() < 0.5
        found = rng.choice([-8, 8], size=shape) if corner else rng.integers(-8, 9, size=shape)
        return list(found.tolist())

    sharp, (n, d) = problem.resolution, problem.shape
    shares, own = part((n, d)), part(n)
    X = [
        [
            x + to_fraction(sharp.of_entry(to_rational(x), j)) * Fraction(shares[i][j], 8)
            for j, x in enumerate(r)
        ]
        for i, r in enumerate(problem.X)
    ]
    y = [
        v + to_fraction(sharp.of_target(to_rational(v))) * Fraction(own[i], 8)
        for i, v in enumerate(problem.y)
    ]
    return problem.replace(X=X, y=y)


def events(path: SaddlePath, last: int) -> Any:
    """Supports, signs of coefficients and hits, up to a saddle."""
    signs = [[(i, saddle.beta[i] > 0) for i in saddle.support] for saddle in path[: last + 1]]
    return signs, [saddle.hits for saddle in path[:last]]


def agrees(path: SaddlePath, certain: CertainEvents, other: SaddlePath) -> bool:
    """Whether another path has what is certain, its jump times within their bounds."""
    if certain.last is None:
        return True
    return (
        len(other) > certain.last
        and events(other, certain.last) == events(path, certain.last)
        and all(low <= s.jump_time <= high for s, (low, high) in zip(other, certain.times, strict=False))
        and (not certain.everything or (len(other), other.complete) == (len(path), path.complete))
    )


def search(seed: int, problems: int, each: int) -> tuple[int, int]:
    """Try data within the resolution of random problems; how many saddles were certain, and how many not."""
    rng, known, unknown = np.random.default_rng(seed), 0, 0
    for _ in range(problems):
        problem = random_problem(rng, *map(int, rng.integers(2, 7, size=2)))
        path = saddle_path(problem)
        certain = path.certain()
        assert certain.everything == (certain.open is None)
        known += 0 if certain.last is None else certain.last + 1
        unknown += not certain.everything
        for _ in range(each):
            other = within(problem, rng)
            assert agrees(path, certain, saddle_path(other)), (problem.to_json(), other.to_json())
    return known, unknown


def test_no_data_within_the_resolution_differ() -> None:
    known, unknown = search(seed=7, problems=25, each=5)
    assert known > 60
    assert unknown > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_none_of_thousands_differs(seed: int) -> None:
    known, _ = search(seed, problems=100, each=10)
    assert known > 200


def floats(n: int, d: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    return Problem(rng.normal(size=(n, d)), rng.normal(size=n))


def test_binary64_data_and_their_decimals() -> None:
    problem, rng = floats(8, 12, 3), np.random.default_rng(0)
    path = saddle_path(problem)
    assert path.certain().everything
    for half in ("1e-6", "1e-3"):
        rough = problem.replace(resolution=half)
        certain = path.certain(half)
        assert certain == saddle_path(rough).certain() == saddle_path(rough, arithmetic="rational").certain()
        assert all(agrees(path, certain, saddle_path(within(rough, rng))) for _ in range(6))
    assert not path.certain("1e-3").everything
    widths = [[float(b - a) for a, b in path.certain(half).times[1:3]] for half in ("1e-9", "1e-6")]
    assert all(0 < 100 * fine < coarse for fine, coarse in zip(*widths, strict=True))


def test_a_prefix_is_certain_as_far_as_it_goes() -> None:
    path = saddle_path(floats(8, 12, 3), stop="saddles<=4")
    certain = path.certain()
    assert (certain.last, certain.open) == (3, None)


def test_thresholds_may_be_roots() -> None:
    path = saddle_path(floats(6, 5, 1).standardized())
    assert path.certain("1e-7").last == len(path) - 1


NAMES = ["height", "weight", "age"]


def test_the_other_threshold_is_a_competitor_in_words() -> None:
    # y may have either sign: height lands at 1 or at −1, and weight, or age, may be before it.
    problem = Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, "0.9", "0.8"], names=NAMES)
    found = saddle_path(problem).certain({"y": 2})
    assert found.open == OpenEvent("hit", 0, ("height",), ("height", "weight", "age"))
    who = "who lands first after saddle 0, or on which threshold"
    assert str(found.open) == f"{who}: height, or weight, age, or height on the other"
    assert str(OpenEvent("hit", 3, ("age",), ("age",))) == (
        "who lands first after saddle 3, or on which threshold: age, or age on the other"
    )
    assert str(OpenEvent("hit", 3, ("age",), ("weight",))) == "who lands first after saddle 3: age, or weight"


@pytest.mark.parametrize(
    ("problem", "half", "last", "opened"),
    [
        (  # two first hits, 1e-4 apart
            Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, "0.9999", "0.1"], names=NAMES),
            {"y": "1e-3"},
            0,
            OpenEvent("hit", 0, ("height",), ("weight",)),
        ),
        (  # the same later on, by X alone
            Problem([[1, 0, 0], [0, 1, 0], [0, 0, "0.9999"]], [10, 1, 1], names=NAMES),
            {"X": "1e-4"},
            1,
            OpenEvent("hit", 1, ("weight",), ("age",)),
        ),
        (  # an exact tie, which rough data break
            Problem([[1, 0], [0, 1]], [1, 1], names=NAMES[:2]),
            {"y": "1e-9"},
            0,
            OpenEvent("hit", 0, ("height", "weight"), ("height", "weight")),
        ),
        (  # on its threshold from the start, with no gradient
            Problem([[1, 0], [0, 1]], [1, 0], dual=[0, 1], names=NAMES[:2]),
            {"y": "1e-9"},
            None,
            OpenEvent("support", 0, (), ("weight",)),
        ),
        (  # y = Xβ exactly: some data go on
            Problem([[1, 0], [0, 1], [1, 1]], [1, 0, 1], names=NAMES[:2]),
            {"y": "1e-9"},
            1,
            OpenEvent("end", 1, (), ("weight",)),
        ),
    ],
)
def test_near_ties_are_named(problem: Problem, half: Any, last: int | None, opened: OpenEvent) -> None:
    certain = saddle_path(problem).certain(half)
    assert (certain.last, certain.open) == (last, opened)
    assert all(name in str(certain) for name in opened.competitors)


def test_a_gap_above_the_resolution_is_certain() -> None:
    problem = Problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, "0.9999", "0.1"])
    assert saddle_path(problem).certain({"y": "1e-5"}).everything
    assert not saddle_path(problem).certain({"y": "6e-5"}).everything  # half of the gap is enough to cross


def test_columns_of_zeros_stay_so_only_if_they_are_exact() -> None:
    path = saddle_path(Problem([[1, 0], [2, 0]], [3, 1]))
    assert path.certain({"y": "1e-3"}).everything
    found = path.certain({"X": [0, "1e-9"]})
    assert (found.last, found.open) == (1, OpenEvent("end", 1, (), ("x1",)))


def test_what_there_is_nothing_to_ask_of() -> None:
    path = saddle_path(Problem([[1]], [1]))
    with pytest.raises(InvalidInput, match="the data are exact"):
        path.certain()
    with pytest.raises(InvalidInput, match="negative"):
        path.certain(-1)
    with pytest.raises(InvalidInput, match="expressions"):
        CertainEvents.refuse(RealProblem([["sqrt(2)"]], [1]), Resolution())


def test_radii_hold_every_column_of_the_box() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        problem = random_problem(rng, 3, 4)
        box, other = FloatProblem(problem, problem.resolution), within(problem, rng)
        for j, exponent in enumerate(box.exponents):
            off = sum((a[j] - b[j]) ** 2 for a, b in zip(problem.X, other.X, strict=True))
            assert off <= Fraction(float(box.radii[j])) ** 2 * Fraction(4) ** exponent
    binary64 = FloatProblem(floats(4, 3, 0), floats(4, 3, 0).resolution)
    assert (binary64.radii >= 2.0**-54 * np.linalg.norm(binary64.rows, axis=1)).all()
    assert (FloatProblem(problem).radii == 0).all()


@pytest.mark.parametrize("part", ["X", "y"])
def test_the_bounds_of_the_curve_hold_at_the_worst_data(part: str) -> None:
    """Each column moved by its whole radius, towards ẑ or the residual, in floats: far above rounding."""
    problem = floats(6, 9, 2).replace(resolution={part: "1e-6"})
    box = FloatProblem(problem, problem.resolution)
    curve, root = FloatCurve(box, problem.design_matrix), problem.n**0.5
    path = saddle_path(problem)
    for saddle, later in pairwise(path[: path.certain().last]):
        active = {i: sign for i, sign in enumerate(saddle.signs) if sign}
        curve.settle(saddle.support)
        residual, A = curve.fit.residual, list(curve.working.columns)
        for direction in (np.sign(curve.z), np.sign(residual), -np.sign(residual)):
            rows = box.rows + box.radii[:, None] / root * direction
            target = box.target + box.target_radius / root * direction
            assert (np.abs(rows @ curve.z + box.dual - curve.dual) <= curve.noise).all()
            beta = np.linalg.lstsq(rows[A].T, target, rcond=None)[0] if A else np.zeros(0)
            true = target - beta @ rows[A]
            assert np.linalg.norm(true - residual) <= curve.fit.residual_error
            assert np.linalg.norm(beta - curve.fit.coefficients) <= curve.fit.coefficient_error
            assert (np.abs(rows @ true + curve.gradient) <= curve.gradient_error).all()
        moving = box.moving.copy()
        moving[A] = False
        then = {i: sign for i, sign in enumerate(later.signs) if sign}
        curve.advance(curve.waits(active, moving), saddle.hits, then)
        E = list(curve.working.columns)
        places = np.array([later.signs[j] * box.thresholds[later.signs[j]][j] for j in E])
        rows = box.rows + box.radii[:, None] / root * np.sign(curve.z)
        off = np.linalg.lstsq(rows[E], rows[E] @ curve.z + box.dual[E] - places, rcond=None)[0]
        assert np.linalg.norm(off) <= curve.ledger.anchor
        assert np.linalg.norm(off) > 1e-9 or part == "y"


# --- the same on every machine ------------------------------------------------------------------------------


def test_sums_in_order_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    A, B, v = rng.normal(size=(7, 5)), rng.normal(size=(5, 3)), rng.normal(size=5)

    def summed(values: list[float]) -> float:
        total = 0.0
        for value in values:
            total = total + value
        return total

    with binary.in_order():
        product = binary.product(A, v)
        assert product.tolist() == [
            summed([a * x for a, x in zip(row, v.tolist(), strict=True)]) for row in A.tolist()
        ]
        assert binary.product(v, A.T).tolist() == product.tolist()
        both = binary.product(A, B)
        assert both[:, 1].tolist() == binary.product(A, B[:, 1].copy()).tolist()
        for rows, columns in ((1, 300), (300, 1), (2, 300), (300, 300)):
            tall, w = rng.normal(size=(rows, columns)), rng.normal(size=columns)
            each = [summed([a * x for a, x in zip(row, w.tolist(), strict=True)]) for row in tall.tolist()]
            assert binary.product(tall, w).tolist() == binary.product(w, tall.T).tolist() == each
        square = A.T @ A
        assert np.allclose(binary.inverse(square) @ square, np.eye(5))
        with pytest.raises(np.linalg.LinAlgError):
            binary.inverse(np.zeros((2, 2)))
    assert np.allclose(product, A @ v)


SCRIPT = """
from tests.path.test_certain import floats, saddle_path
print(saddle_path(floats(9, 14, 4)).certain("1e-8"), saddle_path(floats(9, 14, 4)).certain("1e-8").times)
"""


@pytest.mark.slow
def test_nothing_depends_on_blas() -> None:
    """OpenBLAS takes its kernels by the processor: the plainest of them give the same bits."""
    told = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, **kernels},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for kernels in ({}, {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"})
    }
    assert len(told) == 1


def test_what_is_certain_shows_itself_in_words() -> None:
    found = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])).certain("1e-3")
    assert repr(found) == f"CertainEvents({found})"
    assert "is the same for all data within the resolution (±0.001)" in repr(found)
