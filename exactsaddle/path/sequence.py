"""A path: the saddles in order, with what is asked of them at a time t."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, overload

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, by_name, named_only
from exactsaddle.doors import JumpDoors, PathDoors
from exactsaddle.numbers import Carried, Number, to_decimal, to_fraction, to_rational, to_text
from exactsaddle.path.certain import CertainEvents, certain_events
from exactsaddle.path.engines.ball_saddle import BallSaddle
from exactsaddle.path.engines.plateau import Decisions
from exactsaddle.path.rounding import first_explained
from exactsaddle.path.saddle import Saddle
from exactsaddle.path.stop import Stop
from exactsaddle.problem import FrameLibrary, Problem, Resolution, made_frame


@dataclass(frozen=True)
class Jump(JumpDoors):
    """What happened at jump k: t_k, who hit which threshold, who entered and left the support.

    hits maps each coordinate that arrived at a threshold to its side, 1 (upper) or −1 (lower).
    A coordinate may hit without entering (a tie whose least squares leaves it at zero).
    """

    saddle: Saddle
    """The saddle that the jump leads to."""
    hits: dict[int, int]
    entered: tuple[int, ...]
    left: tuple[int, ...]

    def __repr__(self) -> str:
        names = self.saddle.problem.names
        hits = by_name(names, ((i, f"{side:+d}") for i, side in self.hits.items()))
        entered, left = (named_only(names, who) for who in (self.entered, self.left))
        time = self.saddle.jump_time_text(10)
        return f"Jump({self.index}, t = {time}, hits = {hits}, entered = {entered}, left = {left})"

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathArrays) and all(map(np.array_equal, self, other))

    def __ne__(self, other: object) -> bool:
        return not self == other


class SaddlePath(Carried, PathDoors, Sequence[Saddle]):
    """The saddles β_0, …, β_p with their jump times 0 = t_0 < … < t_p; made by ``saddle_path``.

    ``complete`` is False when a budget or a rule ended the recursion: what is there is then an exact prefix,
    valid up to ``horizon``, and ``stopped_by`` names what ended it; ``stop`` is the rule, if it was one.
    """

    def __init__(
        self,
        problem: Problem,
        saddles: Sequence[Saddle],
        stopped_by: str | None,
        decisions: Decisions | None = None,
        stop: Stop | None = None,
    ) -> None:
        self.problem = problem
        self._saddles = tuple(saddles)
        self.stopped_by = stopped_by
        self.stop = stop
        """The rule that holds at the last saddle and at none before, if one ended the path there."""
        self.decisions = decisions
        """How each decision of a ball run was made; None for a path found in rationals throughout."""

    def __eq__(self, other: object) -> bool:
        """The same saddles of equal problems, stopped alike; how decisions were made does not matter."""
        if not isinstance(other, SaddlePath):
            return NotImplemented
        ends = [(len(path), path.stopped_by, path.stop) for path in (self, other)]
        if ends[0] != ends[1] or self[-1] != other[-1]:
            return False
        return isinstance(self[-1], BallSaddle) or self._saddles == other._saddles  # balls: the last has all

    def __hash__(self) -> int:
        return hash((self.problem, len(self)))

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

    @property
    def complete(self) -> bool:
        """True when no coordinate can hit a threshold after the last saddle."""
        return self.stopped_by is None

    @cached_property
    def horizon(self) -> Fraction | None:
        """The time before which the path is known; None (forever) for a complete path."""
        hit = self[-1].next_hit
        return None if hit is None else to_fraction(self[-1].time + hit.delta)

    def length_after(self, k: int) -> Number | None:
        """t_{k+1} − t_k; None where plateau k never ends, or where a rule ended the path before."""
        at_stop = self.stop is not None and k == len(self) - 1
        return None if at_stop else self[k].exact_length

    @cached_property
    def explained_at(self) -> int | None:
        """The first saddle whose residual lies within the resolution of the data; None where none does.

        There |y − Xβ|_i ≤ δy_i + Σ_j m_j δX_ij |β_j| for every row i, δ being ``problem.resolution``, m_j of
        its ``counts``: proved, as is that it fails at every saddle before. What comes later fits rounding.
        """
        return first_explained(self.problem, self)

    @property
    def above_rounding(self) -> SaddlePath:
        """The prefix that ends with saddle ``explained_at``; the path itself if that is its end, or None."""
        last = self.explained_at
        return self if last in (None, len(self) - 1) else self._up_to(last, Stop("rounding"))

    def until(self, stop: Stop | str) -> SaddlePath:
        """The prefix that ends with the first saddle where a rule holds: ``saddle_path`` with that stop.

        The path itself where that is its end, or where the rule holds nowhere. Raises InvalidInput for what
        is no rule.
        """
        rule = Stop.read(stop).on(self.problem)
        last = next((saddle.index for saddle in self if rule.holds_at(saddle)), None)
        ends = last == len(self) - 1 and (self.complete or self.stop == rule)
        return self if last is None or ends else self._up_to(last, rule)

    def _up_to(self, last: int, rule: Stop) -> SaddlePath:
        kept, stop = self._saddles[: last + 1], rule.on(self.problem)
        return SaddlePath(self.problem, kept, stop.reason, self.decisions, stop)

    def certain(self, resolution: Any = None) -> CertainEvents:
        """Which events are the same for every data set within a resolution, that of the problem by default.

        resolution is what ``Resolution.read`` takes: 1e-6, "binary64", {"X": ..., "y": ...}. Proved over the
        whole box of data, thresholds and s_0 being what they are: see CertainEvents. Raises InvalidInput
        where the data are exact.
        """
        problem = self.problem
        sharp = problem.resolution if resolution is None else Resolution.read(resolution, problem.d)
        return certain_events(problem, self, sharp)

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

    @property
    def minimum_l1_solution(self) -> tuple[Fraction, ...]:
        """β_p, which minimises ‖b‖₁ over argmin L; the dual s_p proves it (MATHEMATICS.md §3).

        Raises InvalidInput unless thresholds are 1 and s_0 = 0, Inconclusive for a prefix.
        """
        if not self.problem.is_standard:
            raise InvalidInput("the end minimises the ℓ₁ norm only for thresholds 1 and initial dual 0")
        if not self.complete:
            raise Inconclusive(f"the path is a prefix ({self.stopped_by}): its end is not known")
        return self[-1].beta

    def to_arrays(self) -> PathArrays:
        """times (p+1,), betas (p+1, d), duals (p+1, d), losses (p+1,) rounded to binary64.

        What bounds of 17 digits do not tell from 0 is 0.
        """
        return PathArrays(
            np.array([_rounded(saddle.jump_time_ball(17)) for saddle in self]),
            np.array([[_rounded(value) for value in saddle.beta_ball(17)] for saddle in self]),
            np.array([[_rounded(value) for value in saddle.dual_ball(17)] for saddle in self]),
            np.array([_rounded(saddle.loss_ball(17)) for saddle in self]),
        )

    def to_frame(self, *, exact: bool = False, library: FrameLibrary | None = None) -> Any:
        """A data frame, a saddle a row: jump_time, β by name, loss, in binary64, rounded.

        Of pandas where it is installed, else of polars; library names one. With exact, columns
        ``name (exact)`` hold the same numbers as text, "p/q". Raises MissingExtra without either library,
        and InvalidInput where exact numbers are irrational.
        """
        found = self.to_arrays()
        rows = zip(found.times, *found.betas.T, found.losses, strict=True)
        floats = (list(map(float, row)) for row in rows)
        exacts = ((saddle.jump_time, *saddle.beta, saddle.loss) for saddle in self)
        texts = ([to_text(to_rational(value)) for value in row] for row in exacts) if exact else None
        return made_frame(["jump_time", *self.problem.names, "loss"], floats, texts, library)


def _rounded(ball: arb) -> float:
    return 0.0 if 0 in ball else float(ball)


def _jump(before: Saddle, after: Saddle) -> Jump:
    old, new = set(before.support), set(after.support)
    return Jump(after, before.hits, tuple(sorted(new - old)), tuple(sorted(old - new)))
