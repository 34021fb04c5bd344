"""What a report costs: the diabetes report with and without the flow, and long paths; CPU and wall seconds.

Run: python -m tests.benchmarks.bench_report
Goals, CPU: diabetes under 10 s with the flow at four α, under 5 s without.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from exactsaddle import Problem

COMMAND = [sys.executable, "-c", "from exactsaddle.cli import main; main()", "report"]


def measure(*arguments: str) -> tuple[float, float, dict[str, int]]:
    """CPU seconds of the command and its children, wall seconds, and the size of each file in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        start, before = time.perf_counter(), os.times()
        subprocess.run([*COMMAND, *arguments, "-o", folder], check=True, capture_output=True)
        wall, after = time.perf_counter() - start, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return cpu, wall, {place.name: place.stat().st_size for place in Path(folder).iterdir()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(0)
        wide, long = Path(folder) / "wide.json", Path(folder) / "long.json"
        Problem(rng.integers(-5, 6, (40, 200)), rng.integers(-5, 6, 40)).save(wide)
        Problem(rng.standard_normal((100, 200)), rng.standard_normal(100)).save(long)
        cases = {
            "diabetes, without the flow": ("diabetes", "--no-flow"),
            "diabetes": ("diabetes",),
            "planted": ("planted",),
            "integers 40 × 200": (str(wide),),
            "binary64 100 × 200": (str(long),),
        }
        print(f"{'report':28}{'CPU (s)':>9}{'wall (s)':>10}  files (kB)")
        for name, arguments in cases.items():
            cpu, wall, sizes = measure(*arguments)
            files = ", ".join(f"{place} {size // 1000:,}" for place, size in sorted(sizes.items()))
            print(f"{name:28}{cpu:9.1f}{wall:10.1f}  {files}", flush=True)


if __name__ == "__main__":
    main()
