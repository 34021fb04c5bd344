"""The Lasso path, exact or by bounds, beside scikit-learn: time, distance, how often ties make LARS wrong.

Run: python -m tests.benchmarks.bench_lasso
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LassoLars, lars_path

from exactsaddle import Problem, lasso_path, load_dataset
from exactsaddle.lasso import LassoPath

RUNS = 5
TIES = 300


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def arrays(problem: Problem) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array(problem.X, dtype=float), np.array(problem.y, dtype=float)


def wrong(problem: Problem, path: LassoPath) -> bool:
    """Whether LassoLars has a worse objective than the exact solution, by 1 in 1e6, half way down."""
    penalty = path.penalties[0] / 2
    if penalty == 0:
        return False
    X, y = arrays(problem)
    found = LassoLars(alpha=float(penalty), fit_intercept=False).fit(X, y).coef_
    exact = path.at(penalty)
    best = float(problem.loss(exact) + penalty * sum(map(abs, exact)))
    objective = ((y - X @ found) ** 2).sum() / (2 * problem.n) + float(penalty) * np.abs(found).sum()
    return bool(objective > best * (1 + 1e-6))


def simulated(n: int, d: int) -> Problem:
    """Five columns and noise, in binary64: by bounds."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d))
    return Problem(X, X[:, :5] @ [3, -2, 1.5, 1, -1] + rng.standard_normal(n) / 2)


def main() -> None:
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    cases = {
        "diabetes 442 × 10": load_dataset("diabetes"),
        "integers 20 × 50": Problem(rng.integers(-5, 6, (20, 50)), rng.integers(-5, 6, 20)),
        "integers 60 × 200": Problem(rng.integers(-5, 6, (60, 200)), rng.integers(-5, 6, 60)),
        "binary64 50 × 100": simulated(50, 100),
        "binary64 100 × 500": simulated(100, 500),
    }
    print(f"{'problem':22}{'knots':>7}{'exact (s)':>12}{'lars_path (s)':>15}{'ratio':>8}")
    for name, problem in cases.items():
        X, y = arrays(problem)
        pairs = [
            (
                seconds(lambda p=problem: lasso_path(p)),
                seconds(lambda X=X, y=y: lars_path(X, y, method="lasso")),
            )
            for _ in range(RUNS)
        ]
        exact, floats = (median(column) for column in zip(*pairs, strict=True))
        knots, ratio = len(lasso_path(problem)), median(a / b for a, b in pairs)
        print(f"{name:22}{knots:7}{exact:12.4f}{floats:15.4f}{ratio:8.1f}")
    for most in (5, 1):
        drawn = [
            Problem(rng.integers(-most, most + 1, (4, 5)), rng.integers(-most, most + 1, 4))
            for _ in range(TIES)
        ]
        count = sum(wrong(problem, lasso_path(problem)) for problem in drawn)
        print(f"4 × 5 integers in [−{most}, {most}]: LassoLars is wrong on {count} of {TIES}")


if __name__ == "__main__":
    main()
