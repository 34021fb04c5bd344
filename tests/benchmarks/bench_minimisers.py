"""What uniqueness, vertices and the selection cost beside the path itself: ratios in one run.

python -m tests.benchmarks.bench_minimisers
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from fractions import Fraction

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.minimisers import entropic_selection, minimisers
from exactsaddle.path import SaddlePath
from proofs_checks.check_path import check


def copies(n: int, d: int, seed: int) -> Problem:
    """Random columns, every third a copy or an average of earlier ones: many saddles not unique."""
    source = random.Random(seed)
    columns: list[list[Fraction]] = []
    for j in range(d):
        if j % 3 == 2:
            first, second = source.choice(columns), source.choice(columns)
            columns.append([(a + b) / 2 for a, b in zip(first, second, strict=True)])
        else:
            columns.append([Fraction(source.randint(-9, 9)) for _ in range(n)])
    return Problem(list(zip(*columns, strict=True)), [source.randint(-9, 9) for _ in range(n)])


def median(run: Callable[[], object], repeats: int = 5) -> float:
    """Median seconds of one call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def fresh(path: SaddlePath, use: Callable[..., object]) -> Callable[[], object]:
    """Apply use to the set of minimisers of every saddle, nothing cached."""
    return lambda: [use(minimisers(saddle)) for saddle in path]


def main() -> None:
    """Print one table."""
    cases = [("diabetes", load_dataset("diabetes")), ("planted", load_dataset("planted"))]
    cases += [(f"copies {n} × {d}", copies(n, d, n + d)) for n, d in ((4, 6), (8, 12), (15, 30), (30, 60))]
    print("ratios of medians to the time of the path")
    print(f"{'problem':<16}{'saddles':>8}{'not unique':>11}{'path':>9}", end="")
    print(f"{'unique':>8}{'selected':>9}{'check':>7}{'+ unique':>9}")
    for name, problem in cases:
        path = saddle_path(problem)
        several = sum(not saddle.unique for saddle in path)
        plain, proved = (path.certificate(uniqueness=proved).to_text() for proved in (False, True))
        base = median(lambda problem=problem: saddle_path(problem.replace()))
        ratios = [
            median(fresh(path, lambda found: found.uniqueness)),
            median(fresh(path, entropic_selection)),
            median(lambda text=plain: check(text)),
            median(lambda text=proved: check(text)),
        ]
        unique, selected, checked, proof = (value / base for value in ratios)
        print(
            f"{name:<16}{len(path):>8}{several:>11}{base * 1000:>7.1f}ms{unique:>8.2f}{selected:>9.2f}"
            f"{checked:>7.2f}{proof:>9.2f}"
        )


if __name__ == "__main__":
    main()
