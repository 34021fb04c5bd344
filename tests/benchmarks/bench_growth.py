"""How the cost of the flow grows in n, d, log(1/α) and digits, beside mpmath.odefun and SciPy's Radau.

Run: python -m tests.benchmarks.bench_growth [-o reports/scaling/flow.md] [--limit SECONDS] [--runs N]

Minutes at the usual limit, which is what one run of a peer may take; a peer that has passed it is not tried
on larger values of that series. Each run is a process of its own. Errors of the peers are against the balls
of ``enclose``, which prove them up to the radius.
"""

from __future__ import annotations

import argparse
import datetime
import math
import multiprocessing
import resource
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from flint import arb, ctx
from scipy.integrate import solve_ivp

from exactsaddle import Problem, __version__, saddle_path
from exactsaddle.flow import enclose
from tests.benchmarks.bench_flow import (
    THREE_BY_FIVE,
    TIME,
    TWO_BY_THREE,
    middle,
    odefun_beta,
    random_problem,
    timed,
)
from tests.benchmarks.scaling import exponent

RADAU_RTOL, RADAU_ATOL = 1e-10, 1e-12
"""What Radau is asked for in s; in binary64 it cannot be asked for much more."""
ODEFUN_DIGITS = 20
REACH = 40
"""Decimal digits of the balls that errors are measured against, or twenty more than are asked for."""


@dataclass(frozen=True)
class Case:
    """One flow: value is what the series varies; digits the radius 10^−digits of β, s and loss."""

    value: int
    problem: Problem
    alpha: str
    time: Fraction
    digits: int = ODEFUN_DIGITS


@dataclass(frozen=True)
class Peer:
    """One run of another integrator: CPU seconds and the largest error of β; both None where it fails."""

    seconds: float | None = None
    error: float | None = None
    reason: str = "not tried"

    def __str__(self) -> str:
        return self.reason if self.seconds is None else f"{self.seconds:.3g} ({self.error:.0e})"


@dataclass(frozen=True)
class Row:
    case: Case
    seconds: float
    odefun: Peer
    radau: Peer


def series() -> Iterator[tuple[str, str, list[Case]]]:
    """What is varied, what is kept, and the flows."""
    exponents = (5, 10, 20, 50, 100, 300, 1000)
    yield (
        "log₁₀(1/α)",
        "3 × 5 integers to t = 2/5, 20 digits",
        [Case(e, THREE_BY_FIVE, f"1e-{e}", TIME) for e in exponents],
    )
    yield (
        "digits",
        "2 × 3 integers at α = 1e-5 to t = 2/5",
        [Case(k, TWO_BY_THREE, "1e-5", TIME, k) for k in (10, 20, 40, 80, 160)],
    )
    counts = (4, 8, 16, 32)
    yield "d", "4 × d integers ±5 at α = 1e-10 to the second plateau", [_early(d, 4, d) for d in counts]
    yield "n", "n × 4 integers ±5 at α = 1e-10 to the second plateau", [_early(n, n, 4) for n in counts]
    yield (
        "n (d = 2n)",
        "n × 2n integers ±9 at α = 1e-20 to 5/4 of the last jump",
        [_whole(n) for n in (3, 5, 10, 20)],
    )


def _early(value: int, n: int, d: int) -> Case:
    problem = random_problem(n, d)
    return Case(value, problem, "1e-10", middle(problem))


def _whole(n: int) -> Case:
    problem = random_problem(n, 2 * n, 9)
    return Case(n, problem, "1e-20", saddle_path(problem).jump_times[-1] * Fraction(5, 4))


def enclosed(case: Case, digits: int) -> tuple[arb, ...]:
    (point,) = enclose(case.problem, case.alpha, [case.time], radius=f"1e-{digits}").points
    return point.beta


def error_of(beta: Sequence[Any], balls: Sequence[arb]) -> float:
    """The largest error of β against the balls, at most."""
    with ctx.workprec(2_000):
        each = (arb(mpmath.nstr(b, 400)) - ball for ball, b in zip(balls, beta, strict=True))
        return max(float(abs(value).upper()) for value in each)


def odefun(case: Case) -> list[Any]:
    return odefun_beta(case.problem, case.alpha, case.digits, case.time)


def radau_beta(case: Case) -> list[float]:
    """β from SciPy's Radau on (D) of MATHEMATICS.md §1, written so that a small α does not overflow."""
    gram = np.array([[float(g) for g in row] for row in case.problem.gram])
    correlation = np.array([float(c) for c in case.problem.correlation])
    rate = 2 * float(-mpmath.log(mpmath.mpf(case.alpha)))

    def beta(s: Any) -> Any:
        return (np.exp(rate * (s - 1)) - np.exp(-rate * (s + 1))) / 2

    def jacobian(_: float, s: Any) -> Any:
        return -gram * (rate * (np.exp(rate * (s - 1)) + np.exp(-rate * (s + 1))) / 2)

    with np.errstate(all="ignore"):  # a trial step that overflows is refused, and a shorter one tried
        found = solve_ivp(
            lambda _, s: correlation - gram @ beta(s),
            (0.0, float(case.time)),
            np.zeros(case.problem.d),
            method="Radau",
            jac=jacobian,
            rtol=RADAU_RTOL,
            atol=RADAU_ATOL,
        )
    if not found.success:
        raise ArithmeticError(found.message)
    return [float(b) for b in beta(found.y[:, -1])]


def within(limit: int, job: Callable[[], Any]) -> tuple[float, Any] | str:
    """CPU seconds and the result of a job in a process of its own, or why there is none."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_limited, args=(limit, job, theirs))
    process.start()
    theirs.close()
    try:
        found: tuple[float, Any] | str = ours.recv()
    except EOFError:
        found = ""
    process.join()
    if process.exitcode == -signal.SIGXCPU:
        return f"> {limit} s"
    return found or f"exit {process.exitcode}"


def _limited(limit: int, job: Callable[[], Any], report: Connection) -> None:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit += int(spent.ru_utime + spent.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    try:
        report.send(timed(job))
    except (ArithmeticError, ValueError) as error:
        report.send(type(error).__name__)


def _size(case: Case) -> int:
    """A job that sends nothing much home."""
    return len(enclosed(case, case.digits))


def measure(cases: Sequence[Case], runs: int, limit: int) -> Iterator[Row]:
    """Each flow enclosed, and the peers until one of theirs fails."""
    failed: set[Callable[[Case], Any]] = set()
    for case in cases:
        own = [within(100 * limit, partial(_size, case)) for _ in range(runs)]
        if isinstance(own[0], str):
            raise SystemExit(f"enclose at {case.value}: {own[0]}")
        balls: tuple[arb, ...] = ()
        peers = []
        for integrate in (odefun, radau_beta):
            found = "not tried" if integrate in failed else within(limit, partial(integrate, case))
            if isinstance(found, str):
                failed.add(integrate)
                peers.append(Peer(reason=found))
                continue
            balls = balls or enclosed(case, max(REACH, case.digits + 20))
            peers.append(Peer(found[0], error_of(found[1], balls), ""))
        seconds = statistics.median(spent[0] for spent in own if not isinstance(spent, str))
        yield Row(case, seconds, *peers)


def markdown(tables: Sequence[tuple[str, str, Sequence[Row]]], limit: int, runs: int, commit: str) -> str:
    """The measurements as a page."""
    made = ", ".join(f"{name} {version(name)}" for name in ("python-flint", "mpmath", "scipy", "numpy"))
    lines = [
        "# How the cost of the flow grows",
        "",
        f"CPU seconds of one process on one core, medians of {runs} for `enclose`; measured "
        f"{datetime.date.today().isoformat()} with exactsaddle {__version__} ({commit}), {made}, mpmath on "
        f"{mpmath.libmp.BACKEND}, Python {sys.version.split()[0]}. Times and fitted exponents are "
        "measurements, not theorems.",
        "",
        "`enclose` proves its balls. In brackets beside the others: the largest error of β, at most, against "
        f"balls of `enclose` of {REACH} digits or more. mpmath.odefun, an explicit Taylor method, is asked "
        "for as many digits as `enclose`; SciPy's Radau (binary64, exact Jacobian) for a relative "
        f"{RADAU_RTOL:.0e} in s, whatever the digits. A run of theirs may take {limit} s; one that has "
        "failed is not tried on the rest of its series. An error above 1 is that of a run which returned, "
        "without a complaint, what is no solution.",
    ]
    for name, what, rows in tables:
        lines += ["", f"## By {name}", "", f"{what}.", ""]
        lines += [f"| {name} | enclose, s | odefun, s (error) | Radau, s (error) |"]
        lines += ["| ---: | ---: | ---: | ---: |"]
        lines += [f"| {r.case.value} | {r.seconds:.3g} | {r.odefun} | {r.radau} |" for r in rows]
        power, error = exponent([(float(r.case.value), r.seconds) for r in rows])
        fit = f"{power:.2f}" if math.isnan(error) else f"{power:.2f} (standard error {error:.2f})"
        lines += ["", f"Fitted to the larger values: seconds grow as {name} to the power {fit}."]
    lines += ["", "Made by `python -m tests.benchmarks.bench_growth -o reports/scaling/flow.md`.", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--limit", type=int, default=20, help="CPU seconds that one run of a peer may take")
    parser.add_argument("--runs", type=int, default=3, help="runs of enclose, of which the median is told")
    options = parser.parse_args()
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True).strip()
    tables = []
    for name, what, cases in series():
        print(f"{name}: {what}", file=sys.stderr)
        tables.append((name, what, list(measure(cases, options.runs, options.limit))))
    page = markdown(tables, options.limit, options.runs, commit)
    if options.output is None:
        print(page)
    else:
        options.output.write_text(page, encoding="utf-8")
        print(options.output)


if __name__ == "__main__":
    main()
