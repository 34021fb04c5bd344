"""Algorithm 1: the limiting path of the flow, from saddle to saddle, over Q."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, overload

import numpy as np
from flint import fmpq
from threadpoolctl import threadpool_limits

from exactsaddle.engines.ball import BallRun, starting_bits
from exactsaddle.engines.plateau import Decisions
from exactsaddle.engines.rational import iterate_saddles
from exactsaddle.errors import Inconclusive, InvalidInput
from exactsaddle.problem import Problem
from exactsaddle.rational import to_decimal, to_fraction, to_rational
from exactsaddle.real_problem import RealProblem
from exactsaddle.saddle import FirstHit, Saddle, first_hit, signs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from exactsaddle.certificate import Certificate
    from exactsaddle.engines.real import RealRun
    from exactsaddle.lasso import LassoPath
    from exactsaddle.outline import Outline

__all__ = [
    "MAX_BITS",
    "MAX_SADDLES",
    "Arithmetic",
    "FirstHit",
    "Jump",
    "PathArrays",
    "Saddle",
    "SaddlePath",
    "first_hit",
    "saddle_path",
    "signs_of",
]

Arithmetic = Literal["auto", "rational", "ball"]

MAX_SADDLES = 10_000
MAX_BITS = 500_000
CROSSOVER = 20_000
"""``auto`` takes balls when min(n, d)²·(bits of X) exceeds this."""


@dataclass(frozen=True)
class Jump:
    """What happened at jump k: t_k, who hit which threshold, who entered and left the support.

    hits maps each coordinate that arrived at a threshold to its side, 1 (upper) or −1 (lower).
    A coordinate may hit without entering (a tie whose least squares leaves it at zero).
    """

    saddle: Saddle
    """The saddle that the jump leads to."""
    hits: dict[int, int]
    entered: tuple[int, ...]
    left: tuple[int, ...]

    @property
    def index(self) -> int:
        """k."""
        return self.saddle.index

    @property
    def time(self) -> Fraction:
        """t_k."""
        return self.saddle.jump_time


class PathArrays(NamedTuple):
    """A path in binary64, for plotting only: rounded, not exact."""

    times: np.ndarray[Any, np.dtype[np.float64]]
    betas: np.ndarray[Any, np.dtype[np.float64]]
    duals: np.ndarray[Any, np.dtype[np.float64]]
    losses: np.ndarray[Any, np.dtype[np.float64]]


class SaddlePath(Sequence[Saddle]):
    """The saddles β_0, …, β_p with their jump times 0 = t_0 < … < t_p; made by ``saddle_path``.

    ``complete`` is False when a budget ended the recursion: what is there is then an exact prefix,
    valid up to ``horizon``, and ``stopped_by`` names the budget.
    """

    def __init__(
        self,
        problem: Problem,
        saddles: Sequence[Saddle],
        stopped_by: str | None,
        decisions: Decisions | None = None,
    ) -> None:
        self.problem = problem
        self._saddles = tuple(saddles)
        self.stopped_by = stopped_by
        self.decisions = decisions
        """How each decision of a ball run was made; None for a path found in rationals throughout."""

    @overload
    def __getitem__(self, index: int) -> Saddle: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Saddle, ...]: ...
    def __getitem__(self, index: int | slice) -> Saddle | tuple[Saddle, ...]:
        return self._saddles[index]

    def __len__(self) -> int:
        return len(self._saddles)

    def __repr__(self) -> str:
        state = "complete" if self.complete else f"prefix, stopped by {self.stopped_by}"
        last = self[-1].jump_time_text(10)
        return f"SaddlePath({len(self)} saddles of {self.problem!r}, last jump at t = {last}, {state})"

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import path_html

        return path_html(self)

    @property
    def complete(self) -> bool:
        """True when no coordinate can hit a threshold after the last saddle."""
        return self.stopped_by is None

    @cached_property
    def horizon(self) -> Fraction | None:
        """The time before which the path is known; None (forever) for a complete path."""
        hit = self[-1].next_hit
        return None if hit is None else to_fraction(self[-1].time + hit.delta)

    @cached_property
    def jump_times(self) -> tuple[Fraction, ...]:
        """t_0 = 0, t_1, …, t_p."""
        return tuple(saddle.jump_time for saddle in self)

    @cached_property
    def events(self) -> tuple[Jump, ...]:
        """One Jump for each saddle after the first."""
        return tuple(_jump(before, after) for before, after in pairwise(self))

    def saddle_at(self, t: Any) -> Saddle:
        """The saddle where the limit rests at accelerated time t ≥ 0 (right-continuous).

        Raises InvalidInput for t < 0 and Inconclusive at or beyond the horizon of a prefix.
        """
        return self._locate(t)[0]

    def at(self, t: Any) -> tuple[Fraction, ...]:
        """The limit β̃_t, d Fractions, right-continuous at jumps."""
        return self.saddle_at(t).beta

    def dual_at(self, t: Any) -> tuple[Fraction, ...]:
        """s(t) = s_k − (t − t_k)·∇L(β_k), d Fractions; continuous in t."""
        saddle, time = self._locate(t)
        return (saddle.dual_vector - saddle.gradient_vector * (time - saddle.time)).fractions()

    def _locate(self, t: Any) -> tuple[Saddle, fmpq]:
        time = to_rational(t)
        if time < 0:
            raise InvalidInput(f"time {to_decimal(time)} is negative")
        if self[-1].is_over_by(time):
            raise Inconclusive(
                f"t = {to_decimal(time)} is at or beyond the next jump, "
                f"where this prefix ends ({self.stopped_by})"
            )
        low, high = 0, len(self)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self[middle].comes_after(time) else (middle, high)
        return self[low], time

    def lasso(self, t: Any) -> tuple[Fraction, ...]:
        """A Lasso solution at λ = 1/t, t ≥ 0 accelerated time, d Fractions: see LassoPath.at.

        It is the time average of the path wherever s(t) is a subgradient of ‖·‖₁ at that average
        (MATH.md §3; ``lasso_agreement`` says where). Raises InvalidInput unless s_0 = 0.
        """
        time = to_rational(t)
        if time < 0:
            raise InvalidInput(f"time {to_decimal(time)} is negative")
        path = self._lasso_path
        return (path[0].beta_vector if time == 0 else path.solution_at(1 / time)).fractions()

    @cached_property
    def _lasso_path(self) -> LassoPath:
        from exactsaddle.lasso import lasso_path

        return lasso_path(self.problem)

    @property
    def minimum_l1_solution(self) -> tuple[Fraction, ...]:
        """β_p, which minimises ‖b‖₁ over argmin L; the dual s_p proves it (MATH.md §3).

        Raises InvalidInput unless thresholds are 1 and s_0 = 0, Inconclusive for a prefix.
        """
        if not self.problem.is_standard:
            raise InvalidInput("the end minimises the l1 norm only for thresholds 1 and initial dual 0")
        if not self.complete:
            raise Inconclusive(f"the path is a prefix ({self.stopped_by}): its end is not known")
        return self[-1].beta

    def to_arrays(self) -> PathArrays:
        """times (p+1,), betas (p+1, d), duals (p+1, d), losses (p+1,) rounded to binary64."""

        return PathArrays(
            np.array([float(saddle.jump_time_ball(17)) for saddle in self]),
            np.array([[float(value) for value in saddle.beta_ball(17)] for saddle in self]),
            np.array([[float(value) for value in saddle.dual_ball(17)] for saddle in self]),
            np.array([float(saddle.loss_ball(17)) for saddle in self]),
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        coordinates: Iterable[int | str] | None = None,
        alphas: Iterable[Any] = (),
    ) -> Figure:
        """The coordinates of the limit as steps over accelerated time, with the flow at ``alphas`` over them.

        A matplotlib Figure, new unless ``ax`` is given; coordinates are those that stand out. See
        ``exactsaddle.report.plot``. Raises MissingExtra without matplotlib (SciPy, where alphas are given).
        """
        from exactsaddle.report.plot import plot

        return plot(self, ax, coordinates=coordinates, alphas=alphas)

    def certificate(self, *, uniqueness: bool = False) -> Certificate:
        """The certificate of this path: what anyone needs to check it, as one document.

        With uniqueness it also says of each saddle, with proof, whether β_k is the only minimiser.
        """
        from exactsaddle.certificate import Certificate

        return Certificate.of(self, uniqueness=uniqueness)

    def outline(self) -> Outline:
        """The certificate of the events of this path, without numbers: for paths whose numbers are long."""
        from exactsaddle.outline import Outline

        return Outline.of(self)


def saddle_path(
    problem: Problem,
    *,
    arithmetic: Arithmetic = "auto",
    max_saddles: int = MAX_SADDLES,
    max_bits: int = MAX_BITS,
    progress: Callable[[Saddle], bool | None] | None = None,
) -> SaddlePath:
    """The path of Algorithm 1, for any thresholds and initial dual; every decision is proved.

    Every saddle is proved to minimise the loss on its sign cone and every jump to be the first hit
    of a threshold. The recursion ends with a proved prefix (``complete`` False) when the next saddle
    would be number max_saddles + 1, when max_bits is reached, or when ``progress``, called with each
    saddle found, returns False.

    arithmetic is "rational": numbers over Q throughout, max_bits bounds those of a dual; "ball": decisions
    by rigorous bounds at the lowest precision that decides, exactly in ties, numbers over Q only on demand,
    max_bits bounds what an exact decision may cost; or "auto": whichever is faster. Supports, signs and
    hits are the same.

    Where a minimiser is not unique, beta is the canonical vertex of MATH.md §2; (t, s, Xβ, loss) do
    not depend on that choice (MATH.md §4).
    Source: Pesme & Flammarion 2023, Algorithm 1; departures: (1) thresholds and the initial dual are
    general, (2) the loop ends when no coordinate can hit rather than when the gradient is zero.
    """
    if max_saddles < 1:
        raise InvalidInput(f"max_saddles must be at least 1, not {max_saddles}")
    if arithmetic not in get_args(Arithmetic):
        raise InvalidInput(f"arithmetic must be one of {get_args(Arithmetic)}, not {arithmetic!r}")
    if isinstance(problem, RealProblem):
        if arithmetic == "rational":
            raise InvalidInput("the entries are real numbers: arithmetic must be auto or ball")
        real = real_run(problem, max_bits)
        return _collect(problem, real, real.decisions, max_saddles, progress)
    if arithmetic == "rational" and not problem.is_rational:
        raise InvalidInput("thresholds or the initial dual are irrational: arithmetic must be auto or ball")
    if arithmetic == "ball" or (arithmetic == "auto" and _numbers_grow_long(problem)):
        run = BallRun(problem, starting_bits(problem), max_bits)
        with threadpool_limits(1, user_api="blas"):  # the matrices are small: threads only get in the way
            return _collect(problem, run, run.decisions, max_saddles, progress)

    def too_long(saddle: Saddle) -> str | None:
        return f"max_bits = {max_bits}" if saddle.dual_vector.bits > max_bits else None

    return _collect(problem, iterate_saddles(problem), None, max_saddles, progress, too_long)


def _collect(
    problem: Problem,
    saddles: Iterable[Saddle],
    decisions: Decisions | None,
    max_saddles: int,
    progress: Callable[[Saddle], bool | None] | None,
    too_long: Callable[[Saddle], str | None] = lambda saddle: None,
) -> SaddlePath:
    found: list[Saddle] = []
    try:
        for saddle in saddles:
            found.append(saddle)
            wanted = progress is None or progress(saddle) is not False
            if not saddle.hits:
                break
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
    from exactsaddle.engines.real import RealRun

    return RealRun(problem, max_bits=max_bits)


def _numbers_grow_long(problem: Problem) -> bool:
    """Whether balls are faster than rationals (measured, see tests/benchmarks/bench_speed.py), or needed."""
    if not problem.is_rational:
        return True
    steps = min(problem.shape)
    return steps * steps * problem.design_matrix.bits > CROSSOVER


def _jump(before: Saddle, after: Saddle) -> Jump:
    old, new = set(before.support), set(after.support)
    return Jump(after, before.hits, tuple(sorted(new - old)), tuple(sorted(old - new)))
