"""The time average of a saddle path, and where it is the Lasso solution at λ = 1/t."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, get_args

from exactsaddle.base import InvalidInput
from exactsaddle.lasso.algorithm import EXACT_WORK, knots_work
from exactsaddle.lasso.integral import BallIntegral, ExactIntegral, Integral, Moment
from exactsaddle.lasso.stretch import BallStretch, Stretch
from exactsaddle.numbers import Vector, to_decimal, to_exact, to_rational
from exactsaddle.path import Arithmetic, SaddlePath


def average_at(path: SaddlePath, t: Any) -> tuple[Fraction, ...]:
    """(1/t)∫₀ᵗ β̃ for t > 0 accelerated time, d Fractions.

    It satisfies s(t) − s_0 = −t∇L(average) (MATHEMATICS.md §3). Raises InvalidInput for t ≤ 0 and
    Inconclusive at or beyond the horizon of a prefix.
    """
    time = to_rational(t)
    if time <= 0:
        raise InvalidInput(f"the average needs a time t > 0, not {to_decimal(time)}")
    here = path.saddle_at(t).index
    integral = _exact_integral(path).value(here)
    if not isinstance(integral, Vector):
        raise InvalidInput(f"the average at t = {to_decimal(time)} is not rational")
    return ((integral + path[here].beta_vector * (time - path[here].time)) * (1 / time)).fractions()


@lru_cache(maxsize=2)
def _exact_integral(path: SaddlePath) -> ExactIntegral:
    return ExactIntegral(path)


def lasso_agreement(path: SaddlePath, *, arithmetic: Arithmetic = "auto") -> tuple[Stretch, ...]:
    """The partition of (0, horizon) into intervals where the average is a Lasso solution or is not.

    At λ = 1/t the KKT conditions of the Lasso at the average β̄_t are s(t) ∈ ∂‖β̄_t‖₁, because
    −∇L(β̄_t)/λ = s(t) for s_0 = 0: s_i(t) on the threshold of the sign of t·β̄_t,i wherever that is not
    zero. Who is on a threshold the path says, and t·β̄_t is linear inside a plateau: the signs of t·β̄_t at
    the jumps decide everything.
    With general thresholds the Lasso is the weighted one of ``lasso_path``.

    arithmetic is "rational": times are exact; "ball": the signs are proved by balls of rising precision, and
    times are BallStretch's, to any digits; or "auto": balls for a path found by bounds whose exact numbers
    are long. Raises InvalidInput unless s_0 = 0, and Inconclusive where balls do not tell a
    t·β̄_t,i from 0 at a jump. Source: MATHEMATICS.md §3; Berthier 2025 for paths that no coordinate leaves.
    """
    if arithmetic not in get_args(Arithmetic):
        raise InvalidInput(f"arithmetic must be one of {get_args(Arithmetic)}, not {arithmetic!r}")
    if any(value != 0 for value in path.problem.initial_dual):
        raise InvalidInput("the relation to the Lasso needs the initial dual 0")
    if arithmetic == "ball" or (arithmetic == "auto" and _prefers_balls(path)):
        pieces = _merged(_pieces(path, BallIntegral(path)))
        return tuple(BallStretch(path, *piece) for piece in pieces)
    exact = _exact_integral(path)

    def time(moment: Moment | None) -> Any:
        return None if moment is None else to_exact(exact.time(moment))

    return tuple(
        Stretch(time(start), time(end), *rest) for start, end, *rest in _merged(_pieces(path, exact))
    )


def _prefers_balls(path: SaddlePath) -> bool:
    problem = path.problem
    return path.decisions is not None and problem.is_rational and knots_work(problem) > EXACT_WORK


Piece = tuple[Moment, Moment | None, bool, bool, bool]
"""Start, end, whether each belongs to it, and whether the relation holds there."""


def _pieces(path: SaddlePath, integral: Integral) -> Iterator[Piece]:
    """Points and open intervals in order, on each of which the relation holds throughout or nowhere."""
    for k, saddle in enumerate(path):
        start, end = Moment(k), Moment(k + 1) if saddle.hits else None
        sides, before = saddle.signs, [integral.sign(k, i) for i in range(path.problem.d)]
        if k > 0:
            yield start, start, True, True, all(b in (0, s) for b, s in zip(before, sides, strict=True))
        staying = saddle.still.union(saddle.support)
        wrong = [i for i, b in enumerate(before) if b not in (0, sides[i] * (i in staying))]
        if not wrong:
            yield start, end, False, False, True
        elif set(wrong) <= set(saddle.support) and (  # β_k,i pulls each t·β̄_i to its own side, through 0
            end is None or all(integral.sign(k + 1, i) == sides[i] for i in wrong)
        ):
            zero = integral.last_zero(k, wrong)
            yield start, zero, False, False, False
            yield zero, zero, True, True, True
            yield zero, end, False, False, True
        else:
            yield start, end, False, False, False


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    pieces = iter(pieces)
    current = next(pieces)
    for piece in pieces:
        if piece[4] == current[4]:
            current = (current[0], piece[1], current[2], piece[3], current[4])
        else:
            yield current
            current = piece
    yield current
