"""Exact problems of size up to 4 × 6 solved and checked per minute by ``fuzz``, and where the time goes.

Run: python -m tests.benchmarks.bench_fuzz [examples per family]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.testing.fuzz import run
from exactsaddle.testing.hunt import hunt
from exactsaddle.testing.properties import PROPERTIES
from exactsaddle.testing.strategies import FAMILIES


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main(examples: int = 40) -> None:
    report = run(examples=examples, seed=1)
    rate = 60 * report.examples / report.seconds
    print(f"{report.examples} problems: {report.seconds:.1f} s, {rate:,.0f} a minute on one core")

    drawn: list[Problem] = []

    def keep(problem: Problem, only: str | None) -> None:
        drawn.append(problem)

    drawing = seconds(
        lambda: [hunt(f.problems(), keep, examples=examples, seed=1) for f in FAMILIES.values()]
    )
    paths: list[SaddlePath] = []
    parts = {"drawing": drawing, "solving": seconds(lambda: paths.extend(map(saddle_path, drawn)))}
    for claim in PROPERTIES.values():

        def judge(claim=claim) -> None:
            for path in paths:
                if claim.applies(path.problem, path):
                    claim(path.problem, path)

        parts[claim.name] = seconds(judge)
    print(f"{len(drawn)} problems, {sum(map(len, paths))} saddles; milliseconds for each problem:")
    for name, taken in sorted(parts.items(), key=lambda item: -item[1])[:14]:
        print(f"  {name:24} {1000 * taken / len(drawn):6.2f}  {taken / sum(parts.values()):5.1%}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
