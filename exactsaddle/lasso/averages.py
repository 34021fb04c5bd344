"""The time average of a saddle path, and where it is the Lasso solution at λ = 1/t."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Vector, to_decimal, to_fraction, to_rational
from exactsaddle.path import SaddlePath, signs_of


@dataclass(frozen=True)
class Stretch:
    """A maximal interval of times t > 0 on which the average is a Lasso solution, or is not one.

    end is None when the interval is unbounded; ``closed_start`` and ``closed_end`` say whether the
    ends belong to it. All times are accelerated.
    """

    start: Fraction
    end: Fraction | None
    closed_start: bool
    closed_end: bool
    holds: bool

    def __str__(self) -> str:
        if self.start == self.end:
            return f"{{{self.start}}}"
        end = "∞" if self.end is None else self.end
        return f"{'[' if self.closed_start else '('}{self.start}, {end}{']' if self.closed_end else ')'}"


def average_at(path: SaddlePath, t: Any) -> tuple[Fraction, ...]:
    """(1/t)∫₀ᵗ β̃ for t > 0 accelerated time, d Fractions.

    It satisfies s(t) − s_0 = −t∇L(average) (MATHEMATICS.md §3). Raises InvalidInput for t ≤ 0 and
    Inconclusive at or beyond the horizon of a prefix.
    """
    time = to_rational(t)
    if time <= 0:
        raise InvalidInput(f"the average needs a time t > 0, not {to_decimal(time)}")
    here = path.saddle_at(t).index
    integral = Vector.zero(path.problem.d)
    for saddle, after in pairwise(path[: here + 1]):
        integral = integral + saddle.beta_vector * (after.time - saddle.time)
    return ((integral + path[here].beta_vector * (time - path[here].time)) * (1 / time)).fractions()


def lasso_agreement(path: SaddlePath) -> tuple[Stretch, ...]:
    """The partition of (0, horizon) into intervals where the average is a Lasso solution or is not.

    At λ = 1/t the KKT conditions of the Lasso at the average β̄_t are s(t) ∈ ∂‖β̄_t‖₁, because
    −∇L(β̄_t)/λ = s(t) for s_0 = 0: s_i(t) on the threshold of the sign of t·β̄_t,i wherever that is not
    zero. Inside a plateau t·β̄_t is linear, so only its zeros and the jumps need a look.
    With general thresholds the Lasso is the weighted one of ``lasso_path``. Raises InvalidInput
    unless s_0 = 0. Source: MATHEMATICS.md §3; Berthier 2025 for paths that no coordinate leaves.
    """
    if path.problem.dual_vector.support:
        raise InvalidInput("the relation to the Lasso needs the initial dual 0")
    return tuple(_merged(_pieces(path)))


def _pieces(path: SaddlePath) -> Iterator[Stretch]:
    """Points and open intervals in order, on each of which the relation holds throughout or nowhere."""
    integral = Vector.zero(path.problem.d)
    horizon = None if path.horizon is None else to_rational(path.horizon)
    for saddle, end in zip(path, (*(later.time for later in path[1:]), None), strict=True):
        yield from _pieces_of_plateau(path, saddle.index, integral, horizon if end is None else end)
        if end is not None:
            integral = integral + saddle.beta_vector * (end - saddle.time)


def _pieces_of_plateau(path: SaddlePath, k: int, integral: Vector, end: fmpq | None) -> Iterator[Stretch]:
    saddle = path[k]

    def holds(time: fmpq) -> bool:
        elapsed = time - saddle.time
        signs = signs_of(path.problem, saddle.dual_vector - saddle.gradient_vector * elapsed)
        total = integral + saddle.beta_vector * elapsed
        return all(signs[i] * total[i] > 0 for i in total.support)

    zeros = {saddle.time - integral[i] / saddle.beta_vector[i] for i in saddle.support}
    inside = {zero for zero in zeros if zero > saddle.time and (end is None or zero < end)}
    times = sorted({saddle.time, *inside})
    for time, after in zip(times, [*times[1:], end], strict=True):
        if time > 0:
            yield Stretch(to_fraction(time), to_fraction(time), True, True, holds(time))
        middle = time + 1 if after is None else (time + after) / 2
        stop = None if after is None else to_fraction(after)
        yield Stretch(to_fraction(time), stop, False, False, holds(middle))


def _merged(pieces: Iterable[Stretch]) -> Iterator[Stretch]:
    pieces = iter(pieces)
    current = next(pieces)
    for piece in pieces:
        if piece.holds == current.holds:
            current = replace(current, end=piece.end, closed_end=piece.closed_end)
        else:
            yield current
            current = piece
    yield current
