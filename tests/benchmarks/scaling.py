"""How time, precision, bits and certificates grow with n, d, kind and size of entries and digits asked for.

Run: python -m tests.benchmarks.scaling measurements.json

Times are CPU seconds of one process with one BLAS thread, medians of a few runs; each problem is solved in
a process of its own, whose peak memory is that problem's. ``scaling_report`` writes the report.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from exactsaddle import Problem, SaddlePath, saddle_path
from proofs_checks import check_path, check_path_interval
from tests.benchmarks.bench_path import fresh
from tests.benchmarks.kinds import KINDS, Given, integers, normal
from tests.benchmarks.peers import by_loops, by_r, by_scikit_learn, end_error

Result = TypeVar("Result")
COMPARED = ("n", "d", "tall", "kind")
"""Series with others beside."""
PROFILED = ((100, 200), (200, 2000), (2000, 50))
BY_LOOPS, BY_R = 2_000, 50_000
"""Up to this many entries plain loops, and R's lars, are run beside."""
STAGES = {
    "reading the problem": ("engines/ball.py", "__init__"),
    "the minimiser: guessed, factored, anchored, bounded": ("engines/ball.py", "_minimise"),
    "bounds of every wait": ("engines/curve.py", "waits"),
    "who lands first": ("engines/ball.py", "_hits_by_floats"),
    "advancing the curve": ("engines/ball.py", "_go_on"),
}
"""Stages of a ball run by file and function; none is called by another."""


@dataclass(frozen=True)
class Case:
    """One point of a series: a problem, and what is varied in it."""

    series: str
    value: int
    n: int
    d: int
    entry_bits: int | None = None
    """Integers of so many bits; None: normal deviates in binary64."""
    arithmetic: str = "ball"
    digits: int = 0
    """Digits of the last jump time that are asked for afterwards; 0: none."""
    kind: str = ""
    """Of ``KINDS``; empty: normal deviates, or integers of ``entry_bits``."""

    def given(self) -> Given:
        if self.kind:
            return KINDS[self.kind](self.n, self.d)
        return (
            normal(self.n, self.d)
            if self.entry_bits is None
            else integers(self.n, self.d, 2**self.entry_bits - 1)
        )


@dataclass(frozen=True)
class Measurement:
    """What one case cost."""

    series: str
    value: int
    n: int
    d: int
    saddles: int
    solve_seconds: float
    precision: int
    """Bits of the working precision; 0 in rationals."""
    dual_bits: int
    """Bits of the exact dual at the end; 0 where it was not computed."""
    certificate_bytes: int
    """Without the problem."""
    check_seconds: float
    digits_seconds: float
    peak_mib: float
    undecided_by_floats: int
    """Decisions that binary64 bounds left to balls or to exact arithmetic."""
    lars_ratio: float = 0.0
    """Our time over that of ``lars_path``, building Problem included, median of ratios; 0: not compared."""
    lars_error: float = 0.0
    """How far the end of ``lars_path`` is off, relatively to its largest entry; so below."""
    loops_seconds: float = 0.0
    loops_right: int = 0
    """For how many saddles the supports of Algorithm 1 in plain floats are right."""
    r_seconds: float = 0.0
    """Of R's lars on the same data with columns of norm 1; 0: not there, or not run."""
    r_error: float = 0.0
    kind: str = ""


SERIES = {
    "n": "n × 2n binary64 data, by n",
    "d": "50 × d binary64 data, by d",
    "tall": "n × 30 binary64 data, by n",
    "entries": "40 × 80 integers of b bits, by b",
    "rational": "n × 2n binary64 data in plain rationals, by n",
    "digits": "digits of the last jump time of 40 × 80 binary64 data",
    "kind": "100 × 200 data, by the kind of their entries",
}


def cases() -> Iterator[Case]:
    for n in (10, 20, 40, 80, 160, 200):
        yield Case("n", n, n, 2 * n)
    for d in (100, 200, 400, 800, 1600, 3200):
        yield Case("d", d, 50, d)
    for n in (60, 120, 240, 480, 960, 1920, 3840, 7680):
        yield Case("tall", n, n, 30)
    for bits in (8, 32, 64, 128, 256, 512):
        yield Case("entries", bits, 40, 80, entry_bits=bits)
    for n in (5, 10, 20, 30):
        yield Case("rational", n, n, 2 * n, arithmetic="rational")
    for digits in (100, 300, 1000, 3000):
        yield Case("digits", digits, 40, 80, digits=digits)
    for place, kind in enumerate(KINDS):
        square = kind.startswith("orthonormal")
        yield Case("kind", place, 100, 100 if square else 200, arithmetic="auto", kind=kind)


def measure(case: Case, runs: int) -> Measurement:
    given = case.given()
    problem = Problem(*given)
    spent, path = [], saddle_path(fresh(problem), arithmetic=case.arithmetic)  # type: ignore[arg-type]
    for _ in range(runs):
        copy = fresh(problem)
        start = time.process_time()
        path = saddle_path(copy, arithmetic=case.arithmetic)  # type: ignore[arg-type]
        spent.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    decisions = path.decisions
    document = path.certificate() if decisions is None else path.outline()
    text = document.to_text()
    start = time.process_time()
    verdict = (check_path if decisions is None else check_path_interval).check(text).verdict
    checked = time.process_time() - start
    if verdict != "verified":
        raise SystemExit(f"{case}: the checker says {verdict}")
    start = time.process_time()
    if case.digits:
        path[-1].jump_time_ball(case.digits)
    digits = time.process_time() - start if case.digits else 0.0
    return Measurement(
        case.series,
        case.value,
        case.n,
        case.d,
        len(path),
        statistics.median(spent),
        0 if decisions is None else decisions.bits,
        path[-1].dual_vector.bits if decisions is None else 0,
        len(document.detached().to_text().encode()),
        checked,
        digits,
        peak,
        0 if decisions is None else len(path) - 1 - decisions.hits_by_floats + decisions.supports_exact,
        **(peers(case, given, path, runs) if case.series in COMPARED else {}),
        kind=case.kind,
    )


def peers(case: Case, given: Given, path: SaddlePath, runs: int) -> dict[str, Any]:
    """The fields of a measurement that are about others, who get the floats nearest to the data."""
    X, y = path.problem.design_matrix.floats, path.problem.target_vector.floats
    ratios = []
    for _ in range(runs):
        start = time.process_time()
        saddle_path(Problem(*given), arithmetic=case.arithmetic)  # type: ignore[arg-type]
        ours = time.process_time() - start
        ratios.append(ours / by_scikit_learn(X, y, len(path))[0])
    _, lasso = by_scikit_learn(X, y, 20 * len(path))
    found = {"lars_ratio": statistics.median(ratios), "lars_error": end_error(path, lasso[:, -1])}
    if X.size <= BY_LOOPS:
        found["loops_seconds"], found["loops_right"] = by_loops(path, X, y)
    if X.size <= BY_R:
        norms = np.linalg.norm(X, axis=0)
        unit = Problem(X / np.where(norms > 0, norms, 1), y)
        exact = saddle_path(unit)
        _, lasso = by_scikit_learn(unit.design_matrix.floats, y, 20 * len(exact))
        r = by_r(exact, lasso.shape[1] - 1)
        if r is not None:
            found["r_seconds"], found["r_error"] = r.seconds, r.error
    return found


def profile(shape: tuple[int, int]) -> dict[str, float]:
    """The share of each stage in the time of one ball run, under Python's profiler."""
    problem = Problem(*normal(*shape))
    profiler = cProfile.Profile()
    profiler.runcall(saddle_path, problem, arithmetic="ball")
    stats = pstats.Stats(profiler)
    total = stats.total_tt  # type: ignore[attr-defined]
    found = {name: _cumulative(stats, *place) for name, place in STAGES.items()}
    shares = {name: seconds / total for name, seconds in found.items()}
    return {**shares, "the rest": 1 - sum(shares.values())}


def _cumulative(stats: pstats.Stats, file: str, function: str) -> float:
    rows = stats.stats  # type: ignore[attr-defined]
    found = [row[3] for (path, _, name), row in rows.items() if path.endswith(file) and name == function]
    if not found:
        raise LookupError(f"no stage {function} of {file} was called: STAGES names another engine")
    return float(sum(found))


def exponent(points: list[tuple[float, float]]) -> tuple[float, float]:
    """The slope of log y against log x by least squares over the larger half of x, and its standard error."""
    upper = sorted(points)[len(points) // 2 :] if len(points) > 5 else sorted(points)[1:]
    x, y = np.log([p[0] for p in upper]), np.log([p[1] for p in upper])
    slope, intercept = np.polyfit(x, y, 1)
    if len(upper) < 3:
        return float(slope), float("nan")
    spread = float(np.sum((y - slope * x - intercept) ** 2) / (len(upper) - 2))
    return float(slope), float(np.sqrt(spread / np.sum((x - x.mean()) ** 2)))


def in_own_process(job: Callable[..., Result], *arguments: object) -> Result:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(job, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before the measuring processes load NumPy
    found = []
    for case in cases():
        found.append(in_own_process(measure, case, options.runs))
        print(f"{case.series} {case.value}: {found[-1].solve_seconds:.4f} s", file=sys.stderr)
    profiles = [{"n": n, "d": d, "shares": in_own_process(profile, (n, d))} for n, d in PROFILED]
    document = {"measurements": [asdict(m) for m in found], "profiles": profiles}
    options.output.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
