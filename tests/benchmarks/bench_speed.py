"""Certified paths against floats and against rationals: medians of one run, and the error of each peer.

Run: OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bench_speed [--large] [--runs N]
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import lars_path

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.report.gallery.float_recursion import FloatSaddle, float_saddles
from tests.benchmarks import plain_fractions
from tests.benchmarks.bench_path import binary64, decimals, fresh, integers


@dataclass(frozen=True)
class Case:
    name: str
    problem: Callable[[], Problem]
    rational: bool = False
    """Whether plain rationals are quick enough to be run beside."""
    fractions: bool = False
    large: bool = False


CASES = [
    Case("20 x 40 integers", lambda: integers(20, 40, 9), rational=True, fractions=True),
    Case("50 x 100, 3 decimals", lambda: decimals(50, 100), rational=True),
    Case("40 x 80 binary64", lambda: binary64(40, 80), rational=True),
    Case("1,000 x 50 binary64", lambda: binary64(1000, 50), rational=True),
    Case("100 x 200, 3 decimals", lambda: decimals(100, 200)),
    Case("100 x 200 binary64", lambda: binary64(100, 200)),
    Case("200 x 400 binary64", lambda: binary64(200, 400), large=True),
    Case("200 x 2,000 binary64", lambda: binary64(200, 2000), large=True),
    Case("100 x 10,000 binary64", lambda: binary64(100, 10_000), large=True),
    Case("500 x 5,000 binary64", lambda: binary64(500, 5000), large=True),
]


def median(runs: int, job: Callable[[], object]) -> tuple[float, object]:
    seconds, result = [], None
    for _ in range(runs):
        start = time.perf_counter()
        result = job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def float_error(path: SaddlePath, steps: tuple[FloatSaddle, ...]) -> str:
    """How far the float recursion went right, and its worst relative error in a jump time until then."""
    same = 0
    for saddle, step in zip(path, steps, strict=False):
        if saddle.support != step.support:
            break
        same += 1
    pairs = zip(path[1:same], steps[1:same], strict=False)
    times = [(float(saddle.jump_time_ball()), step.time) for saddle, step in pairs]
    worst = max((abs(a - b) / a for a, b in times), default=0.0)
    return f"supports right for {same} of {len(path)} saddles ({len(steps)} found), times within {worst:.0e}"


def end_error(path: SaddlePath, beta: np.ndarray) -> str:
    exact = np.array([float(b) for b in path[-1].beta_ball()])
    return f"end (min l1) within {np.max(np.abs(exact - beta)) / np.max(np.abs(exact)):.0e}"


def report(case: Case, runs: int) -> None:
    problem = case.problem()
    X, y = problem.design_matrix.floats, problem.target_vector.floats
    repeats = 1 if case.large else runs
    if problem.source == "binary64":  # building the Problem is part of it
        ours, path = median(repeats, lambda: saddle_path(Problem(X, y)))
        copies = iter([problem])
    else:
        copies = iter([fresh(problem) for _ in range(2 * runs)])
        ours, path = median(repeats, lambda: saddle_path(next(copies)))
    assert isinstance(path, SaddlePath)
    print(f"{case.name}: {len(path)} saddles")
    kind = "rationals" if path.decisions is None else f"bounds, at most {path.decisions.bits} bits"
    print(f"  auto, every decision proved ({kind}): {ours:.4f} s")
    if path.decisions is None:
        balls, _ = median(runs, lambda: saddle_path(next(copies), arithmetic="ball"))
        print(f"  balls: {balls:.4f} s: {balls / ours:.2f} times")
    elif case.rational:
        rational, _ = median(1, lambda: saddle_path(next(copies), arithmetic="rational"))
        print(f"  rationals (FLINT): {rational:.3f} s: {rational / ours:.2f} times")
    if case.fractions:
        plain, _ = median(1, lambda: plain_fractions.saddle_path(problem.X, problem.y))
        print(f"  fractions.Fraction: {plain:.3f} s: {plain / ours:.1f} times; exact")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lars, found = median(repeats, lambda: lars_path(X, y, method="lasso", max_iter=len(path))[2][:, -1])
    print(
        f"  scikit-learn lars_path (Lasso): {lars:.4f} s: {ours / lars:.1f} times; {end_error(path, found)}"
    )
    plain_float, steps = median(1, lambda: float_saddles(X, y))
    print(
        f"  float Algorithm 1 (nnls): {plain_float:.3f} s: {ours / plain_float:.1f} times; "
        f"{float_error(path, steps)}"
    )


def small_problems(count: int) -> None:
    rng = random.Random(0)
    problems = [
        Problem(
            [[rng.randint(-9, 9) for _ in range(6)] for _ in range(4)], [rng.randint(-9, 9) for _ in range(4)]
        )
        for _ in range(2 * count)
    ]
    for arithmetic in ("auto", "rational"):
        copies = [fresh(p) for p in problems[:count]]
        spent, _ = median(1, lambda a=arithmetic, c=copies: [saddle_path(p, arithmetic=a) for p in c])
        print(f"{count:,} problems of 4 x 6 integers, {arithmetic}: {spent:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 200 x 400 to 500 x 5,000 (a minute)")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    small_problems(1000)
    for case in CASES:
        if options.large or not case.large:
            report(case, options.runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    main()
