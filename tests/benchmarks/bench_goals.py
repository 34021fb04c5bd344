"""What paths proved in binary64 cost beside float peers, one table: medians of ratios measured in turn.

Run: OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bench_goals [NAME ...]

CPU seconds; building Problem is part of a path. For the checker and the report the seconds themselves: their
goals are given so.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from exactsaddle import Problem, SaddlePath, saddle_path
from proofs_checks import check_path_interval
from tests.benchmarks.peers import by_r, by_scikit_learn, end_error

SHAPES = {
    "40x80": (40, 80, 15),
    "100x200": (100, 200, 9),
    "200x400": (200, 400, 5),
    "200x2000": (200, 2000, 5),
    "1000x50": (1000, 50, 9),
    "100x10000": (100, 10_000, 5),
    "500x5000": (500, 5000, 1),
}
"""Rows, columns and how often; normal deviates of seed 0."""
GOALS = {
    "40x80": 4,
    "100x200": 4,
    "200x400": 5,
    "200x2000": 6,
    "1000x50": 15,
    "100x10000": 3,
    "500x5000": 8,
    "checker": 8,
    "report": 60,
}


def data(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """X (n, d) of independent normal deviates, and y (n,)."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), rng.normal(size=n)


def cpu(job: Callable[[], SaddlePath]) -> tuple[float, SaddlePath]:
    """CPU seconds of a job, and its path."""
    start = time.process_time()
    path = job()
    return time.process_time() - start, path


def compare(name: str) -> str:
    """One row of the table: a path beside ``lars_path`` over as many steps."""
    n, d, runs = SHAPES[name]
    X, y = data(n, d)
    ratios, ours = [], []
    for _ in range(runs):
        spent, path = cpu(lambda: saddle_path(Problem(X, y)))
        theirs, _ = by_scikit_learn(X, y, len(path))
        ratios.append(spent / theirs)
        ours.append(spent)
    assert path.decisions is not None
    told = errors(X, y) if n * d <= 100_000 else ""
    return (
        f"{name}: {len(path)} saddles, {statistics.median(ours):.4f} s, {statistics.median(ratios):.2f} × "
        f"lars_path (goal {GOALS[name]}), {path.decisions.bits} bits{told}"
    )


def errors(X: np.ndarray, y: np.ndarray) -> str:
    """How far the ends of float peers are from the exact one, for columns of norm 1."""
    unit = X / np.linalg.norm(X, axis=0)
    found = saddle_path(Problem(unit, y))
    _, lasso = by_scikit_learn(unit, y, 20 * len(found))
    r = by_r(found, lasso.shape[1] - 1)
    told = "" if r is None else f", R's lars, {r.seconds:.3f} s, within {r.error:.0e}"
    return f"; on unit columns lars_path ends within {end_error(found, lasso[:, -1]):.0e}{told}"


def checker() -> str:
    """The interval checker at 200 × 400, standard library alone."""
    text = saddle_path(Problem(*data(200, 400))).outline().to_text()
    start = time.process_time()
    verdict = check_path_interval.check(text).verdict
    spent = time.process_time() - start
    return f"checker at 200 × 400: {verdict} in {spent:.2f} s (goal {GOALS['checker']})"


def orthogonal(kind: str) -> str:
    """``report --no-flow`` of a 500 × 500 design, diagonal or of orthonormal columns up to rounding."""
    X, y = data(500, 500)
    design = np.linalg.qr(X)[0] if kind == "orthonormal" else np.diag(X[0])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "problem.json")
        Problem(design, y).save(file)
        command = [sys.executable, "-m", "exactsaddle", "report", str(file), "--no-flow", "-o", folder]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"report --no-flow of a {kind} 500 × 500: {spent:.0f} s (goal {GOALS['report']})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    rows = [*SHAPES, "checker", "diagonal", "orthonormal"]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(rows)}; all by default")
    names = parser.parse_args().names or rows
    unknown = [name for name in names if name not in rows]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(rows)}")
    for name in names:
        found = compare(name) if name in SHAPES else checker() if name == "checker" else orthogonal(name)
        print(found, flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
