"""Algorithm 1: the limiting path of the flow, from saddle to saddle, over Q."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from flint import arb, fmpq, fmpz

from exactsaddle.cone import least_squares_on_cone
from exactsaddle.errors import Inconclusive, InvalidInput, ProofFailed
from exactsaddle.linalg import Vector
from exactsaddle.problem import Problem
from exactsaddle.rational import to_decimal, to_float, to_fraction, to_rational

if TYPE_CHECKING:
    from exactsaddle.certificate import Certificate
    from exactsaddle.lasso import LassoPath
    from exactsaddle.minimisers import MinimiserSet, SeveralMinimisers, UniqueMinimiser
    from exactsaddle.selection import Selection

MAX_SADDLES = 10_000
MAX_BITS = 500_000


class FirstHit(NamedTuple):
    """The end of a plateau: its length Δ > 0 and the coordinates that land on a threshold."""

    delta: fmpq
    coordinates: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Saddle:
    """A saddle β_k, where the limit rests for t in [t_k, t_{k+1}), as exact vectors of the engine.

    Rationals leave as ``fractions.Fraction``, converted when first asked for.
    """

    problem: Problem
    index: int
    time: fmpq
    beta_vector: Vector
    gradient_vector: Vector
    dual_vector: Vector
    next_hit: FirstHit | None
    """How the plateau ends; None at the last saddle, where nothing can hit any more."""

    @cached_property
    def jump_time(self) -> Fraction:
        """t_k, accelerated time; real time is t·ln(1/α)."""
        return to_fraction(self.time)

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """β_k, d Fractions."""
        return self.beta_vector.fractions()

    @cached_property
    def dual(self) -> tuple[Fraction, ...]:
        """s_k, d Fractions: the dual variable at t_k."""
        return self.dual_vector.fractions()

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(β_k) = Gβ_k − r, d Fractions."""
        return self.gradient_vector.fractions()

    @cached_property
    def loss(self) -> Fraction:
        """L(β_k)."""
        return to_fraction(self.loss_value)

    @cached_property
    def loss_value(self) -> fmpq:
        """L(β_k), for the engine."""
        return self.problem.loss_at(self.beta_vector)

    @cached_property
    def support(self) -> tuple[int, ...]:
        """Indices with β_k ≠ 0, ascending."""
        return self.beta_vector.support

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """σ, d of them: 1 where s_k is on its upper threshold, −1 on its lower, 0 between."""
        return signs_of(self.problem, self.dual_vector)

    @cached_property
    def active_set(self) -> tuple[int, ...]:
        """Indices with s_k on a threshold, ascending; contains the support."""
        return tuple(i for i, sign in enumerate(self.signs) if sign)

    @cached_property
    def l1_norm(self) -> Fraction:
        """‖β_k‖₁."""
        return sum(map(abs, self.beta), Fraction(0))

    @cached_property
    def minimisers(self) -> MinimiserSet:
        """The set M_k of all minimisers here, β_k among them."""
        from exactsaddle.minimisers import minimisers

        return minimisers(self)

    @property
    def uniqueness(self) -> UniqueMinimiser | SeveralMinimisers:
        """Whether β_k is the only minimiser, with the proof."""
        return self.minimisers.uniqueness

    @property
    def unique(self) -> bool:
        """True when β_k is the only minimiser, proved exactly."""
        return self.uniqueness.unique

    @cached_property
    def selected(self) -> Selection:
        """The minimiser that the flow selects as α → 0 (MATH.md §4), enclosed to 30 digits."""
        from exactsaddle.selection import entropic_selection

        return entropic_selection(self.minimisers)

    def __repr__(self) -> str:
        beta = ", ".join(f"{i}: {to_decimal(self.beta_vector[i], 6)}" for i in self.support[:8])
        more = ", ..." if len(self.support) > 8 else ""
        return f"Saddle({self.index}, t = {to_decimal(self.time, 10)}, beta = {{{beta}{more}}})"


@dataclass(frozen=True)
class Jump:
    """What happened at jump k: t_k, who hit which threshold, who entered and left the support.

    hits maps each coordinate that arrived at a threshold to its side, 1 (upper) or −1 (lower).
    A coordinate may hit without entering (a tie whose least squares leaves it at zero).
    """

    index: int
    time: Fraction
    hits: dict[int, int]
    entered: tuple[int, ...]
    left: tuple[int, ...]


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

    def __init__(self, problem: Problem, saddles: Sequence[Saddle], stopped_by: str | None) -> None:
        self.problem = problem
        self._saddles = tuple(saddles)
        self.stopped_by = stopped_by

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
        last = to_decimal(self[-1].time, 10)
        return f"SaddlePath({len(self)} saddles of {self.problem!r}, last jump at t = {last}, {state})"

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
        if self.horizon is not None and time >= to_rational(self.horizon):
            raise Inconclusive(
                f"t = {to_decimal(time)} is at or beyond {to_decimal(to_rational(self.horizon))}, "
                f"where this prefix ends ({self.stopped_by})"
            )
        low, high = 0, len(self)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self[middle].time <= time else (low, middle)
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

        def table(vectors: Iterator[Vector]) -> np.ndarray[Any, np.dtype[np.float64]]:
            return np.array([[to_float(value) for value in vector] for vector in vectors])

        return PathArrays(
            np.array([to_float(saddle.time) for saddle in self]),
            table(saddle.beta_vector for saddle in self),
            table(saddle.dual_vector for saddle in self),
            np.array([to_float(saddle.loss_value) for saddle in self]),
        )

    def certificate(self, *, uniqueness: bool = False) -> Certificate:
        """The certificate of this path: what anyone needs to check it, as one document.

        With uniqueness it also says of each saddle, with proof, whether β_k is the only minimiser.
        """
        from exactsaddle.certificate import Certificate

        return Certificate.of(self, uniqueness=uniqueness)


def saddle_path(
    problem: Problem,
    *,
    max_saddles: int = MAX_SADDLES,
    max_bits: int = MAX_BITS,
    progress: Callable[[Saddle], bool | None] | None = None,
) -> SaddlePath:
    """The path of Algorithm 1, exact over Q, for any thresholds and initial dual.

    Every saddle is proved to minimise the loss on its sign cone and every jump to be the first hit
    of a threshold. The recursion ends with an exact prefix (``complete`` False) when the next saddle
    would be number max_saddles + 1, when a dual or jump time exceeds max_bits bits, or when
    ``progress``, called with each saddle found, returns False.

    Where a minimiser is not unique, beta is the canonical vertex of MATH.md §2; (t, s, Xβ, loss) do
    not depend on that choice (MATH.md §4).
    Source: Pesme & Flammarion 2023, Algorithm 1; departures: (1) thresholds and the initial dual are
    general, (2) the loop ends when no coordinate can hit rather than when the gradient is zero.
    """
    if max_saddles < 1:
        raise InvalidInput(f"max_saddles must be at least 1, not {max_saddles}")
    saddles: list[Saddle] = []
    for saddle in iterate_saddles(problem):
        saddles.append(saddle)
        wanted = progress is None or progress(saddle) is not False
        if saddle.next_hit is None:
            break
        stopped_by = None if wanted else "request"
        if saddle.dual_vector.bits > max_bits:
            stopped_by = f"max_bits = {max_bits}"
        elif len(saddles) >= max_saddles:
            stopped_by = f"max_saddles = {max_saddles}"
        if stopped_by:
            return SaddlePath(problem, saddles, stopped_by)
    return SaddlePath(problem, saddles, None)


def iterate_saddles(problem: Problem) -> Iterator[Saddle]:
    """The saddles of Algorithm 1 in order, each proved before it is yielded; no budget."""
    time, dual, beta = fmpq(0), problem.dual_vector, Vector.zero(problem.d)
    index = 0
    while True:
        point = least_squares_on_cone(problem, signs_of(problem, dual), beta)
        beta = point.beta
        hit = first_hit(problem, dual, point.gradient)
        yield Saddle(problem, index, time, beta, point.gradient, dual, hit)
        if hit is None:
            return
        time += hit.delta
        dual = dual - point.gradient * hit.delta
        index += 1


def signs_of(problem: Problem, dual: Vector) -> tuple[int, ...]:
    """For each coordinate 1 if its dual is on the upper threshold, −1 on the lower, 0 between."""
    found = [0] * problem.d
    denominator = dual.denominator
    for i, numerator in enumerate(dual.numerators):
        if numerator != 0:
            side = 1 if numerator > 0 else -1
            threshold = problem.threshold(i, side)
            if threshold is not None and abs(numerator) * threshold.q == threshold.p * denominator:
                found[i] = side
    return tuple(found)


def first_hit(problem: Problem, dual: Vector, gradient: Vector) -> FirstHit | None:
    """The smallest Δ > 0 at which some s_i − Δ g_i with g_i ≠ 0 is on a threshold; all who land there.

    dual and gradient are (d,) over Q with dual in the box. None when no coordinate can hit. Returning
    proves that s − δg stays strictly inside every threshold it moves towards for δ < Δ.
    """
    denominator = dual.denominator
    distances: list[tuple[int, fmpz, fmpz]] = []
    for i, (s, g) in enumerate(zip(dual.numerators, gradient.numerators, strict=True)):
        if g == 0:
            continue
        side = -1 if g > 0 else 1
        threshold = problem.threshold(i, side)
        if threshold is not None:
            room = threshold.p * denominator - side * threshold.q * s
            distances.append((i, room, abs(g) * threshold.q))
    if not distances:
        return None
    nearest = _smallest_ratios(distances)
    _, room, speed = nearest[0]
    delta = fmpq(room * gradient.denominator, speed * denominator)
    if delta <= 0:
        raise ProofFailed(f"coordinate {nearest[0][0]} is on a threshold and moves out of the box")
    return FirstHit(delta, tuple(i for i, _, _ in nearest))


def _smallest_ratios(items: list[tuple[int, fmpz, fmpz]]) -> list[tuple[int, fmpz, fmpz]]:
    """The items (i, p, q), q > 0, whose p/q is least: all of them in a tie.

    Balls discard what is certainly larger; what they cannot separate is compared exactly.
    """
    balls = [arb(p) / arb(q) for _, p, q in items]
    bound = min((ball.upper() for ball in balls), key=float)
    candidates = [item for item, ball in zip(items, balls, strict=True) if not ball > bound]
    best = [candidates[0]]
    for item in candidates[1:]:
        left, right = item[1] * best[0][2], best[0][1] * item[2]
        if left < right:
            best = [item]
        elif left == right:
            best.append(item)
    return best


def _jump(before: Saddle, after: Saddle) -> Jump:
    if before.next_hit is None:
        raise ProofFailed(f"saddle {before.index} is followed by another but has no next hit")
    hits = {i: after.signs[i] for i in before.next_hit.coordinates}
    old, new = set(before.support), set(after.support)
    return Jump(after.index, after.jump_time, hits, tuple(sorted(new - old)), tuple(sorted(old - new)))
