"""The time average of a saddle path, and where it is the Lasso solution at λ = 1/t."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Exact, Number, RootSum, Vector, simplest, to_decimal, to_exact, to_rational
from exactsaddle.path import SaddlePath, signs_of
from exactsaddle.path.saddle import Dual


@dataclass(frozen=True)
class Stretch:
    """A maximal interval of times t > 0 on which the average is a Lasso solution, or is not one.

    end is None when the interval is unbounded; ``closed_start`` and ``closed_end`` say whether the
    ends belong to it. All times are accelerated, sums of roots where thresholds are roots.
    """

    start: Exact
    end: Exact | None
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
    integral: Dual = Vector.zero(path.problem.d)
    for saddle in path:
        length = saddle.exact_length
        end = None if length is None else saddle.exact_time + length
        yield from _pieces_of_plateau(path, saddle.index, integral, end)
        if length is not None:
            integral = _moved(integral, saddle.beta_vector, length)


def _moved(place: Dual, direction: Vector, by: Number) -> Dual:
    """place + direction·by."""
    if isinstance(place, Vector) and not isinstance(by, RootSum):
        return place + direction * by
    return tuple(value + by * step for value, step in zip(place, direction, strict=True))


def _pieces_of_plateau(path: SaddlePath, k: int, integral: Dual, end: Number | None) -> Iterator[Stretch]:
    saddle = path[k]
    start = saddle.exact_time

    def holds(time: Number) -> bool:
        signs = signs_of(path.problem, _moved(saddle.exact_dual, saddle.gradient_vector, start - time))
        total = _moved(integral, saddle.beta_vector, time - start)
        return all(value * sign > 0 for value, sign in zip(total, signs, strict=True) if value != 0)

    zeros = {simplest(start - integral[i] / saddle.beta_vector[i]) for i in saddle.support}
    inside = {zero for zero in zeros if zero > start and (end is None or zero < end)}
    times = sorted({start, *inside})
    for time, after in zip(times, [*times[1:], end], strict=True):
        if time > 0:
            yield Stretch(to_exact(time), to_exact(time), True, True, holds(time))
        middle = time + 1 if after is None else (time + after) / 2
        stop = None if after is None else to_exact(after)
        yield Stretch(to_exact(time), stop, False, False, holds(middle))


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
