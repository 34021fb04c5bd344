"""The solver against the recursion in plain Fractions, and the checker against the solver.

Run: python -m tests.benchmarks.bench_path. Ratios are of medians, measured in turn in one run.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import numpy as np

from exactsaddle import Problem, load_dataset, saddle_path
from proofs_checks import check_path
from tests.benchmarks import plain_fractions


def integers(n: int, d: int, largest: int) -> Problem:
    rng = random.Random(0)
    rows = [[rng.randint(-largest, largest) for _ in range(d)] for _ in range(n)]
    return Problem(rows, [rng.randint(-largest, largest) for _ in range(n)])


def decimals(n: int, d: int) -> Problem:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    return Problem([[f"{x:.3f}" for x in row] for row in X], [f"{x:.3f}" for x in y])


def binary64(n: int, d: int) -> Problem:
    rng = np.random.default_rng(0)
    return Problem(rng.normal(size=(n, d)), rng.normal(size=n))


def fresh(problem: Problem) -> Problem:
    """A copy without the cached normal equations, so that every run pays for them."""
    return problem.replace()


def medians(runs: int, *jobs: Callable[[], object]) -> list[float]:
    """Median seconds of each job, run in turn."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(runs):
        for spent, job in zip(seconds, jobs, strict=True):
            start = time.perf_counter()
            job()
            spent.append(time.perf_counter() - start)
    return [statistics.median(spent) for spent in seconds]


def main() -> None:
    print("solver against fractions.Fraction")
    problem = integers(20, 40, 9)
    copies = iter([fresh(problem) for _ in range(5)])
    ours, plain = medians(
        5, lambda: saddle_path(next(copies)), lambda: plain_fractions.saddle_path(problem.X, problem.y)
    )
    print(f"  20 × 40 integers in ±9: {ours:.4f} s, plain {plain:.3f} s: {plain / ours:.0f} times faster")
    print("checker against solver")
    for name, problem, runs in [
        ("diabetes", load_dataset("diabetes"), 5),
        ("20 × 40 integers in ±9", integers(20, 40, 9), 5),
        ("50 × 100, 3 decimals", decimals(50, 100), 3),
        ("40 × 80 binary64", binary64(40, 80), 3),
    ]:
        text = saddle_path(problem).certificate().to_text()
        copies = iter([fresh(problem) for _ in range(runs)])
        solve, check = medians(
            runs, lambda c=copies: saddle_path(next(c)), lambda t=text: check_path.check(t)
        )
        print(f"  {name}: solver {solve:.4f} s, checker {check:.4f} s: ratio {check / solve:.2f}")


if __name__ == "__main__":
    main()
