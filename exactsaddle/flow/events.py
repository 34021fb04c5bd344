"""Observables of a flowpipe as rigorous intervals: crossing times, arrival times, arc length."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.flow.flowpipe import Flowpipe
from exactsaddle.flow.hull import hull_at, slopes_over
from exactsaddle.numbers import Number, enclose, to_decimal, to_fraction, to_rational


@dataclass(frozen=True)
class Crossing:
    """|β_i| passes the level somewhere in (after, before): proved by its values at the two ends.

    rising tells on which side it starts. Between the ends it may cross an odd number of times.
    """

    coordinate: int
    after: Fraction
    before: Fraction
    rising: bool


def crossing(
    pipe: Flowpipe, coordinate: int, level: Any, start: Any, end: Any, *, width: Any = "1e-15"
) -> Crossing:
    """An interval, no wider than asked, inside which |β_i| crosses the level.

    Bisection on [start, end], at whose ends |β_i| must be on provably different sides.
    Raises Inconclusive when it is not, or when the balls cannot decide a midpoint: then the flow is too
    close to the level for the radius of the pipe (made with keep=True).
    """
    low, high = to_rational(start), to_rational(end)
    bound, resolution = to_rational(level), to_rational(width)
    if not 0 <= coordinate < pipe.problem.d:
        raise InvalidInput(f"coordinate {coordinate} is not in 0 … {pipe.problem.d - 1}")
    if bound <= 0 or resolution <= 0:
        raise InvalidInput("the level and the width must be positive")
    before, after = _side(pipe, coordinate, bound, low), _side(pipe, coordinate, bound, high)
    if before == after:
        where = "above" if before > 0 else "below"
        raise Inconclusive(
            f"|beta| of column {pipe.problem.names[coordinate]!r} is {where} {to_decimal(bound)} at both ends"
        )
    while high - low > resolution:
        middle = (low + high) / 2
        if _side(pipe, coordinate, bound, middle) == before:
            low = middle
        else:
            high = middle
    return Crossing(coordinate, to_fraction(low), to_fraction(high), before < 0)


def _side(pipe: Flowpipe, i: int, level: fmpq, time: fmpq) -> int:
    """1 where |β_i| is proved above the level, −1 below."""
    ball = pipe.at(to_fraction(time)).beta[i]
    with workprec(pipe.precision):
        size = abs(ball)
        if size > arb(level):
            return 1
        if size < arb(level):
            return -1
    raise Inconclusive(
        f"t = {to_decimal(time, 15)}, {pipe.precision} bits: |beta| of column {pipe.problem.names[i]!r} "
        f"may be either side of {to_decimal(level)}; ask the flowpipe for a smaller radius"
    )


def extrapolated_arrival(
    pipe: Flowpipe, time: Any, coordinate: int, threshold: Number | Fraction, speed: Any
) -> arb:
    """t_m + (θ − s_j(t_m))/speed: when s_j would reach its threshold θ at the plateau's speed −g_j.

    threshold is signed (σ_j c_j) and speed = −g_j of the exact path's saddle, rational; t_m = time is
    inside the plateau. The ball contains the value for the true s_j. Source: MATHEMATICS.md §5.
    """
    moment, rate = to_rational(time), to_rational(speed)
    if rate == 0:
        raise InvalidInput(f"column {pipe.problem.names[coordinate]!r} does not move on this plateau")
    dual = pipe.at(time).dual[coordinate]
    with workprec(pipe.precision):
        found: arb = arb(moment) + (enclose(threshold) - dual) / arb(rate)
    return found


def arc_length(pipe: Flowpipe, start: Any, end: Any, pieces: int = 16) -> arb:
    """A ball for ∫‖dβ/dt‖₂ dt over [start, end], from that many pieces of each step.

    At least the sum of the chords, at most length times the largest speed in each piece: the radius
    falls like 1/pieces. The paper's joint arc length adds end − start (MATHEMATICS.md §6).
    """
    first, last = to_rational(start), to_rational(end)
    with workprec(pipe.step_precision):
        field = pipe.ball_field
        least = most = arb(0)
        for step in pipe.steps_over(first, last):
            left, right = max(first, step.start), min(last, step.end)
            cuts = [left + (right - left) * j / pieces for j in range(pieces + 1)]
            betas = [hull_at(field, step, cut).beta for cut in cuts]
            for j in range(pieces):
                chord = [p - q for p, q in zip(betas[j], betas[j + 1], strict=True)]
                least += _norm(chord).lower()
                speed, _ = slopes_over(field, step, cuts[j], cuts[j + 1])
                most += arb(cuts[j + 1] - cuts[j]) * _norm(speed).upper()
        return least.lower().union(most.upper())


def _norm(vector: list[arb]) -> arb:
    # products, since arb ** 2 is NaN for a ball that touches zero
    return sum((x * x for x in vector), arb(0)).nonnegative_part().sqrt()
