"""Algorithm 1: which engine finds the path, and the budgets that end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, get_args

from exactsaddle.base import Inconclusive, InvalidInput, one_at_a_time, single_threaded_blas
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.path.engines.crossover import prefers_balls
from exactsaddle.path.engines.plateau import Decisions
from exactsaddle.path.engines.rational import iterate_saddles
from exactsaddle.path.saddle import Saddle
from exactsaddle.path.sequence import SaddlePath
from exactsaddle.path.stop import Stop
from exactsaddle.problem import Problem, RealProblem

if TYPE_CHECKING:
    from exactsaddle.path.engines.real import RealRun

Arithmetic = Literal["auto", "rational", "ball"]

MAX_SADDLES = 10_000
MAX_BITS = 500_000


@one_at_a_time
def saddle_path(
    problem: Problem,
    *,
    arithmetic: Arithmetic = "auto",
    max_saddles: int = MAX_SADDLES,
    max_bits: int = MAX_BITS,
    stop: Stop | str | None = None,
    progress: Callable[[Saddle], bool | None] | None = None,
) -> SaddlePath:
    """The path of Algorithm 1, for any thresholds and initial dual; every decision is proved.

    Every saddle is proved to minimise the loss on its sign cone and every jump to be the first hit
    of a threshold. The recursion ends with a proved prefix (``complete`` False) when the next saddle
    would be number max_saddles + 1, when max_bits is reached, or when ``progress``, called with each
    saddle found, returns False.

    stop is a rule, "rounding", "t<=10", "loss<=1e-6" or "saddles<=6" (``Stop``): the path ends at the first
    saddle where it holds, unless it is complete there, and nothing beyond is computed. Its certificate is
    then verified up to the stop.

    arithmetic is "rational": numbers over Q throughout, max_bits bounds those of a dual; "ball": decisions
    by rigorous bounds, in binary64 where that decides and at a higher precision or exactly where it does not,
    numbers over Q only on demand, max_bits bounds what an exact decision may cost; or "auto": whichever is
    faster. Supports, signs and hits are the same.

    Where a minimiser is not unique, beta is the canonical vertex of MATHEMATICS.md §2; (t, s, Xβ, loss) do
    not depend on that choice (MATHEMATICS.md §4). A RealProblem whose rows are √w times rational ones has
    a rational Gram matrix: the path is that of the rational problem with weights w, which is then
    ``path.problem``.
    Source: Pesme & Flammarion 2023, Algorithm 1; departures: (1) thresholds and the initial dual are
    general, (2) the loop ends when no coordinate can hit rather than when the gradient is zero.
    """
    if max_saddles < 1:
        raise InvalidInput(f"max_saddles must be at least 1, not {max_saddles}")
    if arithmetic not in get_args(Arithmetic):
        raise InvalidInput(f"arithmetic must be one of {get_args(Arithmetic)}, not {arithmetic!r}")
    if isinstance(problem, RealProblem):
        problem = problem.with_rational_gram() or problem
    rule = None if stop is None else Stop.read(stop).on(problem)
    if isinstance(problem, RealProblem):
        if arithmetic == "rational":
            raise InvalidInput("the entries are real numbers: arithmetic must be auto or ball")
        real = real_run(problem, max_bits)
        return _collect(problem, real, real.decisions, max_saddles, progress, rule)
    if arithmetic == "rational" and not problem.is_rational:
        raise InvalidInput("thresholds or the initial dual are irrational: arithmetic must be auto or ball")
    if arithmetic == "ball" or (arithmetic == "auto" and prefers_balls(problem)):
        run = BallRun(problem, max_bits)
        with single_threaded_blas():  # the matrices are small: threads only get in the way
            return _collect(problem, run, run.decisions, max_saddles, progress, rule)

    def too_long(saddle: Saddle) -> str | None:
        return f"max_bits = {max_bits}" if saddle.dual_vector.bits > max_bits else None

    return _collect(problem, iterate_saddles(problem), None, max_saddles, progress, rule, too_long)


def _collect(
    problem: Problem,
    saddles: Iterable[Saddle],
    decisions: Decisions | None,
    max_saddles: int,
    progress: Callable[[Saddle], bool | None] | None,
    stop: Stop | None,
    too_long: Callable[[Saddle], str | None] = lambda saddle: None,
) -> SaddlePath:
    found: list[Saddle] = []
    try:
        for saddle in saddles:
            found.append(saddle)
            wanted = progress is None or progress(saddle) is not False
            if not saddle.hits:
                break
            if stop is not None and stop.holds_at(saddle):
                return SaddlePath(problem, found, stop.reason, decisions, stop)
            stopped_by = (None if wanted else "request") or too_long(saddle)
            if not stopped_by and len(found) >= max_saddles:
                stopped_by = f"max_saddles = {max_saddles}"
            if stopped_by:
                return SaddlePath(problem, found, stopped_by, decisions)
    except Inconclusive as error:
        if not found:
            raise
        return SaddlePath(problem, found, str(error), decisions)
    return SaddlePath(problem, found, None, decisions)


def real_run(problem: RealProblem, max_bits: int) -> RealRun:
    """The run, SymPy loaded only now: half a second that rational problems need not pay."""
    from exactsaddle.path.engines.real import RealRun

    return RealRun(problem, max_bits=max_bits)
