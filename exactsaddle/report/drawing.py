"""The flow at several α as polylines, proved to be within half a unit of the true curves (polyline.py)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.flow import Flowpipe, Progress, Runs, enclose, flow_work, over_flow_work
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.numbers import Carried, to_decimal, to_float, to_fraction, to_rational
from exactsaddle.path import PathArrays, SaddlePath
from exactsaddle.report.polyline import NARROW, TOLERANCE, CurveBudgetSpent, Polyline, vertex
from exactsaddle.report.scales import Floats, TimeScale, linear_threshold, loss_floor, time_scale

MAX_WORK = 20_000
"""The most ``flow_work`` that the curves of one drawing may take together."""
MAX_CURVE_WORK = 400_000_000
"""The most intervals of time, times nd and saddles, that the curves of one drawing are cut into together."""
MAX_STEPS = 20_000
"""Proved steps that one curve may take."""
_COARSE = 32
"""Intervals on the time axis at first."""


@dataclass(frozen=True, eq=False)
class FlowCurve(Carried):
    """The flow at one α at vertices: times (m,) accelerated, betas (m, d), losses (m,), in binary64.

    real_time is that of the network's clock at t = 1, ln(1/α) for u ⊙ v.
    """

    alpha: Fraction
    real_time: float
    times: Floats
    betas: Floats
    losses: Floats


@dataclass(frozen=True, eq=False)
class Drawing(Carried):
    """Curves of the flow up to time ``end``, largest α first; missing maps an α without one to the reason."""

    end: Fraction
    curves: tuple[FlowCurve, ...]
    missing: tuple[tuple[Fraction, str], ...]

    evidence = "rigorous enclosure, drawn within half a unit of the true curve"


@dataclass(frozen=True)
class DrawingProgress:
    """Which α is being drawn, and up to which fraction of the time."""

    alpha: Fraction
    index: int
    share: float


Reporter = Callable[[DrawingProgress], bool | None]


def drawing_end(path: SaddlePath) -> Fraction:
    """Where a picture of the path ends: a fifth beyond the last jump, or at a prefix's horizon before that.

    Further when jumps spread over decades, so that a logarithmic axis shows the last plateau too; at the
    last jump of a prefix whose horizon takes too many bits; 1 when the path never moves. Mostly a decimal of
    three digits: any end will do. Raises InvalidInput for times beyond the range of binary64.
    """
    try:
        horizon = path.horizon
    except Inconclusive:
        return Fraction(float(path[-1].jump_time_ball(17))) or Fraction(1)
    if len(path) == 1:
        return horizon or Fraction(1)
    first, last = float(path[1].jump_time_ball(17)), float(path[-1].jump_time_ball(17))
    if not 0 < first <= last < math.inf:
        ends = " to ".join(saddle.jump_time_text(3) for saddle in (path[1], path[-1]))
        raise InvalidInput(f"jump times from {ends} are beyond the range of binary64: they cannot be drawn")
    end = Fraction(f"{last * max(1.2, (last / first) ** 0.08):.2e}")
    return end if horizon is None else min(end, horizon)


def draw(
    path: SaddlePath,
    alphas: Iterable[Any] | None = None,
    *,
    end: Any = None,
    max_work: int = MAX_WORK,
    max_curve_work: int = MAX_CURVE_WORK,
    runs: Runs | None = None,
    progress: Reporter | None = None,
) -> Drawing:
    """Enclose the flow at each α up to accelerated time ``end`` (default ``drawing_end``) and draw it.

    alphas are rationals in (0, 1), by default the network's ``drawn_alphas``; those whose ``flow_work``
    together, the largest first, is beyond max_work are missing, with the reason, and so are those that would
    cut time into more intervals, times nd and saddles, than are left of max_curve_work. runs are those of the
    path's problem, where others ask for its flow. When ``progress`` returns False the rest is missing too.
    Raises InvalidInput for bad arguments.
    """
    given = path.problem.network.drawn_alphas if alphas is None else alphas
    wanted = sorted({to_fraction(check_alpha(alpha)) for alpha in given}, reverse=True)
    last = drawing_end(path) if end is None else to_fraction(to_rational(end))
    if not last > 0:
        raise InvalidInput(f"a drawing needs an end > 0, not {to_decimal(to_rational(last))}")
    arrays = path.to_arrays()
    if not all(np.isfinite(values).all() for values in arrays):
        raise InvalidInput("the path is beyond the range of binary64: the flow cannot be drawn")
    curves: list[FlowCurve] = []
    missing: list[tuple[Fraction, str]] = []
    each, left = flow_work(path), max_curve_work // (len(path) * path.problem.n * path.problem.d)
    run = partial(enclose, path.problem, keep=True) if runs is None else runs.enclose
    for index, alpha in enumerate(wanted):
        try:
            if (index + 1) * each > max_work:
                beyond = over_flow_work(each, max_work)
                raise Inconclusive(f"{beyond} (--budget flow-work={each * len(wanted)} draws them all)")
            curve, intervals = _curve(path, arrays, alpha, last, left, run, _shares(progress, alpha, index))
            curves.append(curve)
            left -= intervals
        except CurveBudgetSpent:
            left = 0
            missing.append(
                (alpha, f"{_CURVES} (--budget curve-work={10 * max_curve_work} allows ten times it)")
            )
        except Inconclusive as error:
            missing.append((alpha, str(error)))
    return Drawing(last, tuple(curves), tuple(missing))


_CURVES = "the curves would be cut into more intervals of time than the budget of curve-work"


def _shares(progress: Reporter | None, alpha: Fraction, index: int) -> Callable[[float], None]:
    """A function that reports a share of the time and raises Inconclusive when asked to stop."""

    def report(share: float) -> None:
        if progress is not None and progress(DrawingProgress(alpha, index, share)) is False:
            raise Inconclusive("interrupted")

    return report


def _curve(
    path: SaddlePath,
    arrays: PathArrays,
    alpha: Fraction,
    end: Fraction,
    intervals: int,
    run: Callable[..., Flowpipe],
    report: Callable[[float], None],
) -> tuple[FlowCurve, int]:
    """One curve, and into how many intervals of time it was cut.

    Raises Inconclusive when it cannot be enclosed to the end, in so many: there is no partial curve.
    """
    seen = _smallest(arrays.betas), _smallest(arrays.losses)

    def advance(state: Progress) -> None:
        report(min(1.0, float(state.time / end)) / 2)

    radius = to_fraction(min(seen) * TOLERANCE / 4)
    # a look at each plateau, so that a radius that is missed is known to be before the end
    times = sorted({Fraction(float(time)) for time in arrays.times if 0 < time < end} | {end})
    pipe = run(alpha, times, radius=radius, max_steps=MAX_STEPS, progress=advance)
    ever = np.flatnonzero(arrays.betas.any(axis=0))
    space = [int(i) for i in ever] if len(ever) in (2, 3) else []
    spans = [float(np.ptp(arrays.betas[:, i])) / NARROW for i in space]
    linear = _linear_sizes(path, arrays, to_float(seen[0]))
    polyline = Polyline(pipe, seen, linear, dict(zip(space, spans, strict=True)), intervals)
    scale = time_scale(arrays.times, float(end))
    points = [pipe.at(time) for time in _coarse(scale, end)]
    found = [vertex(points[0])]
    for left, right in pairwise(points):
        found += polyline.after(left, right)
        report((1 + float(right.time / end)) / 2)
    table = np.array(found)
    curve = FlowCurve(alpha, _real_time(pipe), table[:, 0], table[:, 1:-1], table[:, -1])
    return curve, intervals - polyline.intervals


def _smallest(values: Floats) -> fmpq:
    """The smallest size but 0; 1 where there is none."""
    sizes = np.abs(values)
    return to_rational(Fraction(float(sizes[sizes > 0].min(initial=1.0))))


def _linear_sizes(path: SaddlePath, arrays: PathArrays, seen: float) -> Floats:
    """Up to which size each β and the loss have linear axes, (d + 1,); seen is the smallest β shown.

    Where minimisers are several, pictures may show others, and the axis of β may be logarithmic for them.
    """
    sizes = np.abs(arrays.betas).max(axis=0)
    threshold = linear_threshold(arrays.betas)
    if threshold is None and not all(saddle.unique for saddle in path):
        threshold = seen / 16
    each = np.where(sizes > 0, sizes, seen) if threshold is None else np.full(len(sizes), threshold)
    floor = loss_floor(arrays.losses)
    return np.array([*each, arrays.losses.max() or seen if floor is None else floor])


def _real_time(pipe: Flowpipe) -> float:
    with workprec(pipe.precision):
        return float(pipe.problem.network.real_time(1, pipe.alpha))


def _coarse(scale: TimeScale, end: Fraction) -> list[Fraction]:
    """Times from the start of the axis to its end, evenly spaced on it."""
    start = Fraction(scale.start)
    with workprec(53):
        shares = [arb(j) / _COARSE for j in range(1, _COARSE)]
        if scale.scale == "linear":
            inside = [end * j / _COARSE for j in range(1, _COARSE)]
        else:
            ratio = (arb(to_rational(end)) / arb(to_rational(start))).log()
            inside = [
                Fraction(float((arb(to_rational(start)) * (ratio * share).exp()).mid())) for share in shares
            ]
    return [start, *inside, end]
