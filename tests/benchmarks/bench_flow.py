"""The two integrators against mpmath.odefun and heyoka, and what they cost as the problem grows.

Run: python -m tests.benchmarks.bench_flow [--depths] [--odefun] [--heyoka]. Jobs of a comparison run in
turn in one process; figures are medians of seconds of processor time, since wall time on a shared machine
says more about the neighbours. --odefun adds a run of about a minute; --heyoka needs heyoka installed.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
from flint import arb, ctx

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.flow import enclose, integrate
from exactsaddle.problem import Network

TWO_BY_THREE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
THREE_BY_FIVE = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
TIME = Fraction(2, 5)


def odefun_beta(problem: Problem, alpha: str, digits: int, time: Fraction = TIME) -> list[Any]:
    """β at that time from mpmath.odefun on (D) of MATHEMATICS.md §1."""
    with mpmath.workdps(digits):
        scale = -mpmath.log(mpmath.mpf(alpha))
        gram = [[mpmath.mpf(g.numerator) / g.denominator for g in row] for row in problem.gram]
        r = [mpmath.mpf(c.numerator) / c.denominator for c in problem.correlation]

        def beta(s: Sequence[Any]) -> list[Any]:
            return [mpmath.exp(-2 * scale) * mpmath.sinh(2 * scale * x) for x in s]

        def field(_: Any, s: Sequence[Any]) -> list[Any]:
            b = beta(s)
            return [r[i] - mpmath.fdot(gram[i], b) for i in range(problem.d)]

        solution = mpmath.odefun(field, 0, [mpmath.mpf(0)] * problem.d)
        return beta(solution(mpmath.mpf(time.numerator) / time.denominator))


def heyoka_beta(problem: Problem, alpha: str, digits: int) -> list[Any]:
    """β at TIME from heyoka's adaptive Taylor integrator in multiprecision, on the same equations."""
    import heyoka as hy  # type: ignore[import-not-found]
    import numpy as np

    bits = math.ceil(digits * math.log2(10)) + 20
    with mpmath.workprec(bits):
        scale = -mpmath.log(mpmath.mpf(alpha))

        def real(value: Any) -> Any:
            return hy.real(mpmath.nstr(mpmath.mpf(value), digits + 8), bits)

        names = hy.make_vars(*[f"s{i}" for i in range(problem.d)])
        names = names if isinstance(names, (list, tuple)) else [names]
        two_l, small = real(2 * scale), real(mpmath.exp(-2 * scale))
        beta = [small * hy.sinh(two_l * s) for s in names]
        equations = []
        for i, s in enumerate(names):
            r = problem.correlation[i]
            total = hy.expression(real(mpmath.mpf(r.numerator) / r.denominator))
            for j in range(problem.d):
                g = problem.gram[i][j]
                total = total - real(mpmath.mpf(g.numerator) / g.denominator) * beta[j]
            equations.append((s, total))
        start = np.array([hy.real(0, bits) for _ in names])
        integrator = hy.taylor_adaptive(equations, start, fp_type=hy.real, prec=bits)
        integrator.propagate_until(real(mpmath.mpf(2) / 5))
        return [
            mpmath.exp(-2 * scale) * mpmath.sinh(2 * scale * mpmath.mpf(str(s))) for s in integrator.state
        ]


def error_of(beta: Sequence[Any], problem: Problem, alpha: str) -> float:
    """The largest error of β at TIME against balls of radius 1e-40."""
    (point,) = enclose(problem, alpha, [TIME], radius="1e-40").points
    with ctx.workprec(300):
        return max(
            abs(float(ball - arb(mpmath.nstr(b, 60)))) for ball, b in zip(point.beta, beta, strict=True)
        )


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def medians(runs: int, *jobs: Callable[[], object]) -> list[float]:
    """Median processor seconds of each job, run in turn."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(runs):
        for spent, job in zip(seconds, jobs, strict=True):
            spent.append(timed(job)[0])
    return [statistics.median(spent) for spent in seconds]


def peers(with_odefun: bool, with_heyoka: bool) -> None:
    print("2 × 3 at alpha = 1e-20 to t = 0.4, 24 digits")
    rigorous, numerical = medians(
        5,
        lambda: enclose(TWO_BY_THREE, "1e-20", [TIME], radius="1e-24"),
        lambda: integrate(TWO_BY_THREE, "1e-20", [TIME], digits=24),
    )
    ours = integrate(TWO_BY_THREE, "1e-20", [TIME], digits=24).points[0].beta
    error = error_of(ours, TWO_BY_THREE, "1e-20")
    print(f"  enclose {rigorous:.3f} s (proved), integrate {numerical:.3f} s (error {error:.0e})")
    if with_odefun:
        seconds, beta = timed(lambda: odefun_beta(TWO_BY_THREE, "1e-20", 30))
        error = error_of(beta, TWO_BY_THREE, "1e-20")
        print(
            f"  mpmath.odefun {seconds:.1f} s (error {error:.0e}): "
            f"enclose {seconds / rigorous:.0f} times faster,"
        )
        print(f"  integrate {seconds / numerical:.0f} times faster")
    if with_heyoka:
        for alpha in ("1e-20", "1e-100", "1e-1000"):
            seconds, beta = timed(lambda alpha=alpha: heyoka_beta(TWO_BY_THREE, alpha, 30))
            shown = ", ".join(mpmath.nstr(b, 6) for b in beta)
            error = error_of(beta, TWO_BY_THREE, alpha)
            print(
                f"  heyoka at {alpha}: {seconds:.2f} s with compilation, beta = ({shown}), error {error:.0e}"
            )


def growth(label: str, values: Sequence[float], jobs: Sequence[Callable[[], Any]], runs: int = 3) -> None:
    """Seconds for each value, and the exponent p of the fit seconds ~ value^p."""
    seconds = medians(runs, *jobs)
    x, y = [math.log(v) for v in values], [math.log(s) for s in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    table = "  ".join(f"{value:g}: {spent:.3f}" for value, spent in zip(values, seconds, strict=True))
    print(f"  {label:34s} {table}   ~ ^{slope:.2f}")


def random_decimals(n: int, d: int) -> Problem:
    rng = random.Random(7)
    rows = [[f"{rng.gauss(0, 1):.3f}" for _ in range(d)] for _ in range(n)]
    return Problem(rows, [f"{rng.gauss(0, 1):.3f}" for _ in range(n)])


def random_problem(n: int, d: int, largest: int = 5, seed: int = 7) -> Problem:
    rng = random.Random(seed)
    rows = [[rng.randint(-largest, largest) for _ in range(d)] for _ in range(n)]
    return Problem(rows, [rng.randint(-largest, largest) for _ in range(n)])


def middle(problem: Problem) -> Fraction:
    """The middle of the second plateau: two jumps, whatever the size."""
    path = saddle_path(problem, max_saddles=4)
    return (path[2].jump_time + path[3].jump_time) / 2


def tables() -> None:
    print("seconds, and the fitted power")
    exponents = (20, 100, 300, 1000)
    growth(
        "enclose, 3 × 5, l / ln 10",
        exponents,
        [lambda e=e: enclose(THREE_BY_FIVE, f"1e-{e}", [TIME]) for e in exponents],
    )
    growth(
        "integrate, 3 × 5, l / ln 10",
        exponents,
        [lambda e=e: integrate(THREE_BY_FIVE, f"1e-{e}", [TIME]) for e in exponents],
        1,
    )
    digits = (20, 40, 80, 160)
    growth(
        "enclose, 3 × 5 at 1e-100, digits",
        digits,
        [lambda k=k: enclose(THREE_BY_FIVE, "1e-100", [TIME], radius=f"1e-{k}") for k in digits],
        1,
    )
    growth(
        "integrate, 3 × 5 at 1e-100, digits",
        digits,
        [lambda k=k: integrate(THREE_BY_FIVE, "1e-100", [TIME], digits=k) for k in digits],
        1,
    )
    for label, shapes in (
        ("d, n = 4", [(4, d) for d in (4, 8, 16, 32)]),
        ("n, d = 4", [(n, 4) for n in (4, 8, 16, 32)]),
    ):
        problems = [random_problem(n, d) for n, d in shapes]
        times = [middle(p) for p in problems]
        sizes = [d if label.startswith("d") else n for n, d in shapes]
        pairs = list(zip(problems, times, strict=True))
        growth(
            f"enclose at 1e-50, {label}", sizes, [lambda p=p, t=t: enclose(p, "1e-50", [t]) for p, t in pairs]
        )
        growth(
            f"integrate at 1e-50, {label}",
            sizes,
            [lambda p=p, t=t: integrate(p, "1e-50", [t]) for p, t in pairs],
        )


def sizes() -> None:
    print("whole paths, n × 2n integers in ±9 at 1e-20 to 1.25 t_p: seconds, and the fitted power of n")
    counts = (5, 10, 20)
    problems = [random_problem(n, 2 * n, 9) for n in counts]
    ends = [saddle_path(problem).jump_times[-1] * Fraction(5, 4) for problem in problems]
    jobs = [lambda p=p, t=t: enclose(p, "1e-20", [t]) for p, t in zip(problems, ends, strict=True)]
    growth("enclose, n, d = 2n", counts, jobs, 1)


def memory() -> None:
    print("memory: peak resident size after runs of growing length (1e-100, enclose), MB")
    for end in (1, 100, 10_000):
        pipe = enclose(THREE_BY_FIVE, "1e-100", [end])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  t = {end}: {pipe.step_count} steps, {peak:.0f}")


def goals(large: bool) -> None:
    """Seconds of ``enclose`` beside what it was to take: whole paths, to 1.25 t_p, but for the 3 × 5."""
    print("enclose, seconds (goal), attempts")

    def row(
        name: str, goal: float, alpha: str, problems: Sequence[Problem], runs: int = 1, **given: Any
    ) -> None:
        ends = [saddle_path(problem).jump_times[-1] * Fraction(5, 4) for problem in problems]
        jobs = [lambda p=p, t=t: enclose(p, alpha, [t], **given) for p, t in zip(problems, ends, strict=True)]
        found = [timed(job) for job in jobs for _ in range(runs)]
        seconds, counts = [spent for spent, _ in found], [pipe.step_count for _, pipe in found]
        print(
            f"  {name}: {statistics.median(seconds):.2f} ({goal:g}), {statistics.median(counts):.0f}", end=""
        )
        print(f", from {min(seconds):.2f} to {max(seconds):.2f}" if len(problems) > 1 else "", flush=True)

    (spent,) = medians(3, lambda: enclose(THREE_BY_FIVE, "1e-1000", [TIME]))
    print(f"  3 × 5 to t = 0.4 at 1e-1000: {spent:.2f} (0.5)")
    row("raw diabetes, 1e-16, radius 1e-10", 1, "1e-16", [load_dataset("diabetes")], 5, radius="1e-10")
    row("20 × 40 in ±9, 1e-20, nine problems", 2, "1e-20", [random_problem(20, 40, 9, k) for k in range(9)])
    if large:
        row("40 × 80 in ±9, 1e-20", 12, "1e-20", [random_problem(40, 80, 9)])
        row("100 × 200 of three decimals, 1e-20", 180, "1e-20", [random_decimals(100, 200)])


def depths() -> None:
    """At the same ε, 1/ln(1/α) or α, the two are as near to the limit and as stiff; at the same α not.

    "Depth 3 costs no more than twice depth 2 for the same digits" holds in the first sense (MATHEMATICS.md
    §8).
    """
    print(
        "depth 3 beside depth 2, enclosed to 5t_p/4 with radius 1e-30: seconds and attempts, ratio of the two"
    )
    for name, problem in (("3 × 5", THREE_BY_FIVE), ("5 × 10", random_problem(5, 10))):
        end = [saddle_path(problem).jump_times[-1] * Fraction(5, 4)]
        for what, flat, deep in (
            ("same ε = 1/115", "1e-50", "1/115"),
            ("same ε = 1/461", "1e-200", "1/461"),
            ("same α, ε = 1/23 and 1e-10", "1e-10", "1e-10"),
        ):
            jobs = [
                lambda p=problem, a=flat, t=end: enclose(p, a, t, radius="1e-30"),
                lambda p=problem, a=deep, t=end: enclose(p, a, t, radius="1e-30", network=Network(3)),
            ]
            (two, three), (m, n) = medians(3, *jobs), (job().step_count for job in jobs)
            print(f"  {name}, {what}: {two:.2f} ({m}), {three:.2f} ({n}), {three / two:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--odefun", action="store_true")
    parser.add_argument("--heyoka", action="store_true")
    parser.add_argument("--depths", action="store_true", help="depth 3 beside depth 2, and nothing else")
    parser.add_argument("--goals", action="store_true", help="what was to be reached, and nothing else")
    options = parser.parse_args()
    if options.depths:
        depths()
        return
    if options.goals:
        goals(large=True)
        return
    peers(options.odefun, options.heyoka)
    tables()
    depths()
    sizes()
    memory()
    goals(large=False)


if __name__ == "__main__":
    main()
