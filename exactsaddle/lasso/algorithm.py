"""Finding the Lasso path: in rationals, or by bounds where those are long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import get_args

from exactsaddle.base import Inconclusive, InvalidInput, one_at_a_time, single_threaded_blas
from exactsaddle.lasso.balls import BallLasso
from exactsaddle.lasso.knot import LassoKnot
from exactsaddle.lasso.path import LassoPath
from exactsaddle.lasso.rational import iterate_knots
from exactsaddle.numbers import to_decimal
from exactsaddle.path import Arithmetic, prefers_balls
from exactsaddle.problem import Problem

MAX_KNOTS = 10_000
EXACT_WORK = 10**8
"""What exact knots may cost, by ``knots_work``, where balls would do: about half a second."""


@one_at_a_time
def lasso_path(
    problem: Problem,
    *,
    arithmetic: Arithmetic = "auto",
    max_knots: int = MAX_KNOTS,
    progress: Callable[[LassoKnot], bool | None] | None = None,
) -> LassoPath:
    """The Lasso path of min ‖y − Xb‖²/(2n) + λ‖b‖₁ for λ from ∞ to 0; every event is proved.

    Thresholds other than 1 weigh the penalty (see LassoPath); the initial dual must be zero. Every
    knot and every segment is proved to satisfy the KKT conditions. The path ends as a proved prefix
    when it has max_knots knots (it may have (3^d + 1)/2) or when ``progress``, called with each
    knot found, returns False.

    arithmetic is "rational": numbers over Q throughout; "ball": events by rigorous bounds, segment by
    segment, ties exactly, numbers over Q only on demand; or "auto": rational where that takes about half a
    second at most. Supports, signs and events are the same.

    Thresholds may be square roots, as ``Problem.standardized`` makes them: then events are compared
    exactly, numbers are balls, and the path ends as a proved prefix where several events tie.

    Where solutions are not unique, b is a vertex of their set (its columns of X are independent): at
    each knot the direction is the canonical minimiser of MATHEMATICS.md §2, the lowest index first.
    Source: Osborne, Presnell & Turlach 2000; Efron, Hastie, Johnstone & Tibshirani 2004. Departure: any
    number of coordinates may enter and leave at one knot, decided by one least squares problem on a cone.
    """
    if arithmetic not in get_args(Arithmetic):
        raise InvalidInput(f"arithmetic must be one of {get_args(Arithmetic)}, not {arithmetic!r}")
    if problem.dual_vector.support:
        i = problem.dual_vector.support[0]
        raise InvalidInput(
            f"the Lasso path needs the initial dual 0, but that of column {problem.names[i]!r} is "
            f"{to_decimal(problem.dual_vector[i])}"
        )
    if max_knots < 1:
        raise InvalidInput(f"max_knots must be at least 1, not {max_knots}")
    if arithmetic == "rational" and not problem.is_rational:
        raise InvalidInput("square roots as thresholds: arithmetic must be auto or ball, not rational")
    if arithmetic == "rational" or (arithmetic == "auto" and not prefers_balls_for_lasso(problem)):
        return _collect(problem, iterate_knots(problem), max_knots, progress)
    with single_threaded_blas():  # the matrices are small: threads only get in the way
        return _collect(problem, BallLasso(problem), max_knots, progress)


def prefers_balls_for_lasso(problem: Problem) -> bool:
    """Whether knots over Q are long, and costly."""
    if not problem.is_rational:
        return True
    return prefers_balls(problem) and knots_work(problem) > EXACT_WORK


def knots_work(problem: Problem) -> int:
    """About what the knots of a rational problem cost over Q, in products of words.

    A knot takes a few passes of numbers of m(2b + log₂ n) bits over m columns of d rows, for X of b bits and
    m = min(n, d), by Cramer's rule; there are about 2m. Measured: tests/benchmarks/bench_lasso.py.
    """
    (n, d), b = problem.shape, problem.design_matrix.bits
    m = min(n, d)
    words = m * (2 * b + n.bit_length()) // 64 + 1
    return 2 * m * m * d * words * words


def _collect(
    problem: Problem,
    found: Iterable[LassoKnot],
    max_knots: int,
    progress: Callable[[LassoKnot], bool | None] | None,
) -> LassoPath:
    knots: list[LassoKnot] = []
    try:
        for knot in found:
            knots.append(knot)
            wanted = progress is None or progress(knot) is not False
            if knot.is_last:
                break
            if not wanted or len(knots) >= max_knots:
                return LassoPath(problem, knots, f"max_knots = {max_knots}" if wanted else "request")
    except Inconclusive as error:
        if not knots:
            raise
        return LassoPath(problem, knots, str(error))
    return LassoPath(problem, knots, None)
