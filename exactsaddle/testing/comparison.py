"""A floating-point path against the exact one: what is wrong, and what binary64 cannot tell.

The answer is read as a step function of t, right-continuous, and compared on the plateaus of the
exact path (t_k, t_{k+1}), shortened at both ends by the tolerance in t. With u the tolerance
(TOLERANCE at least, 10⁻¹³ times the squared condition number of the columns that can be in use when
that is more) and everything in units of the data,

- t_k is known to u·max(1 + t_k‖X_i‖‖y‖/n)/|g_i| over the coordinates i that hit: an error u in the
  gradient, kept up for the time t_k, divided by the speed of arrival;
- b is right at saddle k when it lies in M_k up to u: ‖Xb − Xβ_k‖ ≤ u‖y‖, |b_i|‖X_i‖ ≤ u‖y‖ off E,
  σ_i b_i‖X_i‖ ≥ −u‖y‖ on E = {i within u of its threshold with |g_i| ≤ u‖X_i‖‖y‖/n}. Every point of
  M_k is right (MATHEMATICS.md §4); where M_k is one point, this is its exact value with conditioning in mind.

The problem must have thresholds 1 and initial dual 0. This file decides nothing exactly about the
problem: the exact path is given, and the rounding of its comparison is far below u.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactsaddle.numbers import to_decimal, to_float, to_rational
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem

Array = NDArray[np.float64]

TOLERANCE = 1e-7
WORST_TOLERANCE = 1e-3
"""Beyond this binary64 is taken to resolve nothing, and the rest of the path is not judged."""

CONDITION_UNIT = 1e-13

SHOWN = 12
"""The most coordinates, and the most rows, of an answer that are printed."""


@dataclass(frozen=True)
class Comparison:
    """What came of it: the first thing that is wrong, if any, and what was set apart.

    wrong is None when nothing judged was wrong. judged plateaus were compared; unresolved ones are
    too short, or too ill-conditioned, for binary64; extra_steps are further rows at one jump time.
    """

    wrong: str | None
    saddle: int | None
    judged: int
    unresolved: int
    extra_steps: int


@dataclass(frozen=True)
class Plateau:
    """One saddle as binary64 can see it, times within [start, end] being safely inside its plateau."""

    saddle: Saddle
    start: float
    end: float
    tolerance: float


def compare(path: SaddlePath, times: Any, betas: Any, tolerance: float = TOLERANCE) -> Comparison:
    """Compare (times, betas), arrays of shapes (p+1,) and (p+1, d), with the exact path."""
    problem = path.problem
    times, betas = np.asarray(times, dtype=np.float64), np.asarray(betas, dtype=np.float64)
    if (malformed := _malformed(problem, times, betas)) is not None:
        return Comparison(malformed, None, 0, 0, 0)
    judged = unresolved = 0
    plateaus = list(_plateaus(path, tolerance))
    unresolved = len(path) - len(plateaus)
    jumps: list[tuple[float, float]] = []
    for plateau in plateaus:
        jumps.append((_time(plateau.saddle), plateau.start))
        if plateau.start >= plateau.end:
            unresolved += 1
            continue
        judged += 1
        wrong = _judge_plateau(_Units.of(problem), plateau, times, betas)
        if wrong is not None:
            return Comparison(wrong, plateau.saddle.index, judged, unresolved, 0)
    extra = sum(
        max(0, int(np.count_nonzero(np.abs(times - time) <= start - time)) - 1) for time, start in jumps
    )
    return Comparison(None, None, judged, unresolved, extra)


def short(value: Fraction) -> str:
    """An exact number for people: its decimals when it is long."""
    exact = str(value)
    return exact if len(exact) <= 16 else to_decimal(to_rational(value), 12)


def numbers(values: Iterable[Any]) -> str:
    """Numbers for people: the first SHOWN of them."""
    found = list(values)
    told = [short(value) if isinstance(value, Fraction) else f"{value:.9g}" for value in found[:SHOWN]]
    return ", ".join(told) + (f", … {len(found) - SHOWN} more" if len(found) > SHOWN else "")


def _malformed(problem: Problem, times: Array, betas: Array) -> str | None:
    if times.ndim != 1 or betas.ndim != 2:
        return f"wrong shapes: times {times.shape}, betas {betas.shape}"
    if len(times) == 0 or betas.shape != (len(times), problem.d):
        return f"wrong shapes: times {times.shape}, betas {betas.shape} for d = {problem.d}"
    if not (np.isfinite(times).all() and np.isfinite(betas).all()):
        return "not a finite number among times and betas"
    if (np.diff(times) < 0).any():
        k = int(np.argmax(np.diff(times) < 0))
        return f"decreasing times: {times[k]:.17g} then {times[k + 1]:.17g}"
    if times[0] != 0 or betas[0].any():
        return (
            f"the first row must be time 0 with beta = 0, not {float(times[0])!r} with ({numbers(betas[0])})"
        )
    return None


@dataclass(frozen=True)
class _Units:
    """The data in binary64 and the sizes that errors are measured in."""

    X: Array
    norms: Array  # of the columns
    target: float  # norm of y

    @classmethod
    def of(cls, problem: Problem) -> _Units:
        X = np.array([[float(value) for value in row] for row in problem.X])
        y = np.array([float(value) for value in problem.y])
        return cls(X, np.linalg.norm(X, axis=0), float(np.linalg.norm(y)))


def _plateaus(path: SaddlePath, tolerance: float) -> Iterator[Plateau]:
    """The plateaus up to the first whose jump or saddle binary64 cannot resolve."""
    units = _Units.of(path.problem)
    worst = tolerance
    begins = 0.0
    slack = 0.0
    for saddle in path:
        worst = max(worst, CONDITION_UNIT * _condition(units, saddle, worst))
        if worst > WORST_TOLERANCE:
            return
        ends, next_slack = np.inf, 0.0
        if saddle.next_hit is not None:
            ends = to_float(saddle.time + saddle.next_hit.delta)
            next_slack = max(
                _arrival_error(units, saddle, i, ends, worst) for i in saddle.next_hit.coordinates
            )
        yield Plateau(saddle, begins + slack, ends - next_slack, worst)
        if next_slack > ends / 2:
            return
        begins, slack = ends, next_slack


def _arrival_error(units: _Units, saddle: Saddle, i: int, time: float, tolerance: float) -> float:
    n = saddle.problem.n
    speed = abs(to_float(saddle.gradient_vector[i]))
    return tolerance * (1 + time * float(units.norms[i]) * units.target / n) / speed if speed else np.inf


def _condition(units: _Units, saddle: Saddle, tolerance: float) -> float:
    """The squared condition number of the columns that can be in use, each scaled to norm 1."""
    used = [i for i in _free(units, saddle, tolerance) if units.norms[i]]
    if not used:
        return 1.0
    singular = np.linalg.svd(units.X[:, used] / units.norms[used], compute_uv=False)
    # Below 10⁻¹³ the columns are dependent for all that binary64 can tell: M_k covers that.
    return float((singular[0] / min(s for s in singular if s > 1e-13 * singular[0])) ** 2)


def _free(units: _Units, saddle: Saddle, tolerance: float) -> list[int]:
    """E: the coordinates that are on a threshold with zero gradient, or cannot be told from it."""
    scale = units.norms * units.target / saddle.problem.n
    return [
        i
        for i, (s, g) in enumerate(zip(saddle.dual_vector, saddle.gradient_vector, strict=True))
        if 1 - abs(to_float(s)) <= tolerance and abs(to_float(g)) <= tolerance * scale[i]
    ]


def _judge_plateau(units: _Units, plateau: Plateau, times: Array, betas: Array) -> str | None:
    first = int(np.searchsorted(times, plateau.start, side="right")) - 1
    last = int(np.searchsorted(times, plateau.end, side="left")) - 1
    for m in range(first, max(first, last) + 1):
        since = max(float(times[m]), plateau.start)
        if (error := _outside(units, plateau, betas[m])) is not None:
            return f"at t = {since:.9g} beta is ({numbers(betas[m])}): {error}"
        if m > first:
            return f"a jump at t = {times[m]:.9g}, where nothing happens until {plateau.end:.9g}"
    return None


def _outside(units: _Units, plateau: Plateau, b: Array) -> str | None:
    """Why b is not in M_k up to the tolerance; None when it is."""
    saddle, u = plateau.saddle, plateau.tolerance
    free = set(_free(units, saddle, u))
    exact = np.array([to_float(value) for value in saddle.beta_vector])
    size = float(np.max(np.abs(exact), initial=0.0))
    for i, value in enumerate(b):
        reach = abs(value) * units.norms[i]
        side = 1.0 if to_float(saddle.dual_vector[i]) > 0 else -1.0
        misplaced = i not in free or side * value < 0
        if misplaced and (reach > u * units.target or (not units.norms[i] and abs(value) > u * size)):
            name, wanted = saddle.problem.names[i], "zero" if i not in free else "of the other sign"
            return f"beta of {name} should be {wanted} ({_truth(saddle)})"
    miss = float(np.linalg.norm(units.X @ (b - exact)))
    if miss > u * units.target:
        return f"its fit is off by {miss:.3g} ({_truth(saddle)})"
    return None


def _truth(saddle: Saddle) -> str:
    return f"exactly ({numbers(saddle.beta)}) from t = {short(saddle.jump_time)}" + (
        "" if saddle.unique else ", not the only minimiser"
    )


def _time(saddle: Saddle) -> float:
    return to_float(saddle.time)
