"""The flow at several α as curves to look at: floats from SciPy's stiff Radau, beside certified points.

Nothing here is proved: every curve is a floating-point
drawing. Rigorous balls (``flow.enclose``) stand beside it where they are cheap enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from exactsaddle.base import Inconclusive, InvalidInput, require
from exactsaddle.flow import Enclosure, enclose
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.flow.cost import stiffness
from exactsaddle.numbers import Carried, to_decimal, to_fraction, to_rational
from exactsaddle.path import SaddlePath
from exactsaddle.report.float_field import FloatField

Floats = NDArray[np.float64]

ALPHAS = ("1e-2", "1e-4", "1e-8", "1e-16")
MAX_STEPS = 20_000
"""Steps of Radau that one curve may take."""
MAX_STIFFNESS = 1e9
"""The most ℓ·S (MATH.md §5) for which points are certified."""
MAX_SIZE = 30_000
"""The most (saddles)·(rank X)·d for which points are certified."""
MAX_CERTIFIED_STEPS = 2_000
"""Proved steps that the certified points of one α may take."""
_TOLERANCE = 1e-9
_PER_STEP = 5
"""Samples in one step of Radau, whose length follows the curve."""
_GROWTH = 1.05
"""The most that time grows from one sample to the next, so that a logarithmic axis is smooth too."""
_CERTIFIED_TIMES = 12

_MAX_RISE = 1e-6
"""A share of the first loss: along a gradient flow no loss rises, so a curve on which one does is wrong."""


@dataclass(frozen=True, eq=False)
class FlowCurve(Carried):
    """The flow at one α in binary64: times (m,) accelerated, betas and duals (m, d), losses (m,).

    Sampled densely where it moves. log_scale is ℓ = ln(1/α); real time is t·ℓ.
    """

    alpha: Fraction
    log_scale: float
    times: Floats
    betas: Floats
    duals: Floats
    losses: Floats
    steps: int


@dataclass(frozen=True, eq=False)
class CertifiedPoints(Carried):
    """Rigorous enclosures of the flow at one α at chosen accelerated times."""

    alpha: Fraction
    points: tuple[Enclosure, ...]


@dataclass(frozen=True, eq=False)
class Drawing(Carried):
    """Curves of the flow from time 0 to ``end``, largest α first, and the points that are certified.

    missing maps each α without a curve to the reason, uncertified each α without certified points.
    """

    end: Fraction
    curves: tuple[FlowCurve, ...]
    missing: tuple[tuple[Fraction, str], ...]
    certified: tuple[CertifiedPoints, ...]
    uncertified: tuple[tuple[Fraction, str], ...]

    evidence = "floating-point drawing"
    certified_evidence = "rigorous enclosure"


@dataclass(frozen=True)
class DrawingProgress:
    """Which α is being drawn or certified, and up to which fraction of the time."""

    alpha: Fraction
    index: int
    share: float
    certifying: bool


Reporter = Callable[[DrawingProgress], bool | None]


def drawing_end(path: SaddlePath) -> Fraction:
    """Where a picture of the path ends: a fifth beyond the last jump, or at a prefix's horizon.

    Further when jumps spread over decades, so that a logarithmic axis shows the last plateau too; at the
    last jump of a prefix whose horizon takes too many bits; 1 when the path never moves. Mostly a decimal of
    three digits: any end will do. Raises InvalidInput for times beyond the range of binary64.
    """
    if not path.complete:
        try:
            return path.horizon or Fraction(1)
        except Inconclusive:
            return Fraction(float(path[-1].jump_time_ball(17))) or Fraction(1)
    if len(path) == 1:
        return Fraction(1)
    first, last = float(path[1].jump_time_ball(17)), float(path[-1].jump_time_ball(17))
    if not 0 < first <= last < math.inf:
        ends = " to ".join(saddle.jump_time_text(3) for saddle in (path[1], path[-1]))
        raise InvalidInput(f"jump times from {ends} are beyond the range of binary64: they cannot be drawn")
    return Fraction(f"{last * max(1.2, (last / first) ** 0.08):.2e}")


def draw(
    path: SaddlePath,
    alphas: Iterable[Any] = ALPHAS,
    *,
    end: Any = None,
    certify: bool = True,
    progress: Reporter | None = None,
) -> Drawing:
    """Draw the flow at each α up to accelerated time ``end`` (default ``drawing_end``).

    alphas are distinct rationals in (0, 1). With certify the flow at the largest and the smallest of them is
    also enclosed, in the middle of at most 12 plateaus, if ℓ·S ≤ MAX_STIFFNESS and (saddles)·(rank X)·d ≤
    MAX_SIZE; otherwise ``uncertified`` says why. When ``progress`` returns False the rest is reported as
    missing. Raises InvalidInput for bad arguments and MissingExtra without SciPy.
    """
    wanted = sorted({to_fraction(check_alpha(alpha)) for alpha in alphas}, reverse=True)
    field = FloatField.of(path.problem)
    last = drawing_end(path) if end is None else to_fraction(to_rational(end))
    if not last > 0:
        raise InvalidInput(f"a drawing needs an end > 0, not {to_decimal(to_rational(last))}")
    curves: list[FlowCurve] = []
    missing: list[tuple[Fraction, str]] = []
    radau = require("scipy.integrate").Radau
    for index, alpha in enumerate(wanted):
        try:
            # small matrices: threads of the BLAS, SciPy's included, would only wait for one another
            with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
                curves.append(
                    _curve(field, radau, alpha, float(last), _shares(progress, alpha, index, False))
                )
        except Inconclusive as error:
            missing.append((alpha, str(error)))
    certified: list[CertifiedPoints] = []
    uncertified: list[tuple[Fraction, str]] = []
    for alpha in dict.fromkeys((*wanted[:1], *wanted[-1:])) if certify else ():
        try:
            report = _shares(progress, alpha, wanted.index(alpha), True)
            certified.append(_certified(path, alpha, last, report))
        except Inconclusive as error:
            uncertified.append((alpha, str(error)))
    return Drawing(last, tuple(curves), tuple(missing), tuple(certified), tuple(uncertified))


def _shares(
    progress: Reporter | None, alpha: Fraction, index: int, certifying: bool
) -> Callable[[float], None]:
    """A function that reports a share of the time and raises Inconclusive when asked to stop."""

    def report(share: float) -> None:
        if progress is not None and progress(DrawingProgress(alpha, index, share, certifying)) is False:
            raise Inconclusive("interrupted")

    return report


# --- curves in floats -------------------------------------------------------------------------


def _curve(
    field: FloatField, radau: Any, alpha: Fraction, end: float, report: Callable[[float], None]
) -> FlowCurve:
    """One curve. Raises Inconclusive when Radau stops before the end: there is no partial curve."""
    log_scale = _log_scale(alpha)
    gain = 2 * log_scale
    # what an error of c does to ln|β| is about gain·‖R_i‖
    sensitivity = gain * max(1e-300, float(np.linalg.norm(field.root, axis=0).max(initial=0.0)))
    solver = radau(
        lambda time, state: field.velocity(state, gain),
        0.0,
        np.zeros(len(field.pull)),
        end,
        rtol=_TOLERANCE,
        atol=1e3 * _TOLERANCE / sensitivity,
        jac=lambda time, state: field.jacobian(state, gain),
    )
    times, states = [np.zeros(1)], [np.zeros((1, len(field.pull)))]
    steps = 0
    while solver.status == "running":
        try:
            message = solver.step()
        except ValueError:  # SciPy's linear algebra refuses infinities, and says so in its own terms
            raise Inconclusive(
                f"the integrator (Radau) stopped at t = {solver.t:.6g}: the derivatives of the flow leave "
                "the range of binary64 there"
            ) from None
        steps += 1
        if solver.status == "failed":
            raise Inconclusive(f"Radau stopped at t = {solver.t:.6g}: {message}")
        if steps > MAX_STEPS:
            raise Inconclusive(f"Radau's budget of {MAX_STEPS} steps ran out at t = {solver.t:.6g}")
        inside = _inside(solver.t_old, solver.t)
        times.append(inside)
        states.append(solver.dense_output()(inside).T)
        report(solver.t / end)
    duals = field.dual(np.vstack(states))
    betas = field.beta(duals, gain)
    losses = field.loss(betas)
    if not (np.isfinite(betas).all() and np.isfinite(losses).all()):
        raise Inconclusive("the curve leaves the range of binary64")
    rise = float(np.diff(losses).max(initial=0.0))
    if rise > _MAX_RISE * losses[0]:
        raise Inconclusive(
            "the loss rises along the curve, as no flow does: binary64 does not resolve these data"
        )
    return FlowCurve(alpha, log_scale, np.concatenate(times), betas, duals, losses, steps)


def _inside(start: float, end: float) -> Floats:
    """Sample times of a step, its end included and its start not."""
    found = np.linspace(start, end, _PER_STEP + 1)[1:]
    first = max(start, end / 1000)
    if end > _GROWTH * first:
        growing = np.geomspace(first, end, 1 + math.ceil(math.log(end / first) / math.log(_GROWTH)))
        found = np.union1d(found, growing[1:-1])
    return found


def _log_scale(alpha: Fraction) -> float:
    return float(-arb(to_rational(alpha)).log())


# --- points in balls --------------------------------------------------------------------------


def _certified(
    path: SaddlePath, alpha: Fraction, end: Fraction, report: Callable[[float], None]
) -> CertifiedPoints:
    """Enclosures in the middle of plateaus. Raises Inconclusive beyond the budget, with the estimate."""
    problem = path.problem
    size = len(path) * min(problem.shape) * problem.d
    if size > MAX_SIZE:
        raise Inconclusive(
            f"{len(path)} saddles × rank {min(problem.shape)} × {problem.d} coordinates = {size:,} are over "
            f"the budget of {MAX_SIZE:,}"
        )
    work = _log_scale(alpha) * stiffness(path, end)
    if not work <= MAX_STIFFNESS:
        raise Inconclusive(f"the cost estimate ℓ·S = {work:.3g} is over the budget of {MAX_STIFFNESS:.3g}")

    def advance(state: Any) -> None:
        report(float(state.time / end))

    arrays = path.to_arrays()
    largest = min(1.0, float(np.abs(arrays.betas).max()) or 1.0, float(arrays.losses.max()) or 1.0)
    run = enclose(
        problem,
        alpha,
        _middles(arrays.times, end),
        radius=Fraction(largest) / 10**6,
        max_steps=MAX_CERTIFIED_STEPS,
        progress=advance,
    )
    return CertifiedPoints(alpha, run.points)


def _middles(jump_times: Floats, end: Fraction) -> list[Fraction]:
    """The middle of the longest plateaus within the drawing, as exact dyadics; at most _CERTIFIED_TIMES."""
    edges = np.array([*jump_times[jump_times < float(end)], float(end)])
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    chosen = np.sort(np.argsort(-lengths / middles, kind="stable")[:_CERTIFIED_TIMES])
    return sorted({Fraction(float(value)) for value in middles[chosen] if value > 0})
