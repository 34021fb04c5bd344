"""What certain events cost beside the path itself: ratios in one run.

python -m tests.benchmarks.bench_certain
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from exactsaddle import Problem, saddle_path

SIZES = ((20, 40), (50, 100), (100, 200), (178, 13), (442, 10))
REPEATS = 7


def seconds(run: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> None:
    """Print one table: the medians of path and certain events, by turns, and their ratio."""
    print(f"{'data':<12}{'saddles':>8}{'certain':>9}{'path':>10}{'events':>10}{'ratio':>7}")
    for n, d in SIZES:
        rng = np.random.default_rng(n + d)
        X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
        runs: list[tuple[float, float]] = []
        for _ in range(REPEATS):
            problem = Problem(X, y)
            solving = seconds(lambda problem=problem: saddle_path(problem))
            path = saddle_path(Problem(X, y))
            runs.append((solving, seconds(path.certain)))
        solved, judged = (statistics.median(column) for column in zip(*runs, strict=True))
        ratio = statistics.median(events / path for path, events in runs)
        last = path.certain().last
        size = f"{n} × {d}"
        print(f"{size:<12}{len(path):>8}{last:>9}{1000 * solved:>8.1f}ms{1000 * judged:>8.1f}ms{ratio:>7.2f}")


if __name__ == "__main__":
    main()
