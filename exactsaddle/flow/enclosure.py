"""The gradient flow in balls: every ball returned contains the true value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from exactsaddle.errors import Inconclusive, InvalidInput
from exactsaddle.flow.arguments import check_alpha, check_radius, check_times
from exactsaddle.flow.chebyshev import basis
from exactsaddle.flow.collocation import Collocator, Refused, Step
from exactsaddle.flow.vector_field import BallField, ReducedFlow
from exactsaddle.problem import Problem
from exactsaddle.rational import to_decimal, to_fraction, to_rational

MAX_STEPS = 100_000
MAX_PRECISION = 100_000
_SMALLEST_STEP = 2.0**-200


@dataclass(frozen=True, eq=False)
class Enclosure:
    """Balls that contain the flow at one accelerated time, or throughout an interval of times.

    dual and beta are (d,); precision is the working precision in bits.
    """

    time: Fraction
    dual: tuple[arb, ...]
    beta: tuple[arb, ...]
    loss: arb
    precision: int


@dataclass(frozen=True)
class Progress:
    """How far a run has come: accelerated time, working precision, steps, and points found so far."""

    time: Fraction
    precision: int
    steps: int
    points: tuple[Enclosure, ...]


@dataclass(frozen=True, eq=False)
class Flowpipe:
    """A rigorous enclosure of the flow at the requested times; made by ``enclose``.

    steps holds the proved pieces when they were kept, and then ``at`` and ``over`` work everywhere
    on [0, last time].
    """

    problem: Problem
    alpha: Fraction
    points: tuple[Enclosure, ...]
    precision: int
    step_count: int
    attempts: tuple[int, ...]
    """The working precisions tried, the last of which met the radius."""
    steps: tuple[Step, ...] = field(repr=False)
    _flow: ReducedFlow = field(repr=False)

    @property
    def log_scale(self) -> arb:
        """ℓ = ln(1/α), at the precision of the run."""
        with ctx.workprec(self.precision):
            return -arb(to_rational(self.alpha)).log()

    def at(self, time: Any) -> Enclosure:
        """The flow at an accelerated time within the integrated range (kept runs only)."""
        return self.over(time, time)

    def over(self, start: Any, end: Any, pieces: int = 8) -> Enclosure:
        """Balls that contain s(t), β(t) and the loss for every t in [start, end] (kept runs only).

        Each step is cut into ``pieces`` intervals; raise it for tighter hulls. ``time`` of the result
        is the start of the interval.
        """
        first, last = to_rational(start), to_rational(end)
        if not self.steps:
            raise InvalidInput("this flowpipe kept no steps: call enclose with keep=True")
        if first > last or first < 0 or last > self.steps[-1].end:
            raise InvalidInput(
                f"[{to_decimal(first)}, {to_decimal(last)}] is not an interval inside "
                f"[0, {to_decimal(self.steps[-1].end)}]"
            )
        with ctx.workprec(self.precision):
            ball_field = BallField.at(self._flow, to_rational(self.alpha))
            hulls = [
                _over_step(ball_field, step, max(first, step.start), min(last, step.end), pieces)
                for step in self.steps
                if step.start <= last and step.end >= first
            ]
            dual, beta, loss = hulls[0]
            for other_dual, other_beta, other_loss in hulls[1:]:
                dual = [a.union(b) for a, b in zip(dual, other_dual, strict=True)]
                beta = [a.union(b) for a, b in zip(beta, other_beta, strict=True)]
                loss = loss.union(other_loss)
        return Enclosure(to_fraction(first), tuple(dual), tuple(beta), loss, self.precision)


def enclose(
    problem: Problem,
    alpha: Any,
    times: Iterable[Any],
    *,
    radius: Any = "1e-20",
    keep: bool = False,
    max_steps: int = MAX_STEPS,
    max_precision: int = MAX_PRECISION,
    progress: Callable[[Progress], None] | None = None,
) -> Flowpipe:
    """Enclose the flow at accelerated times: s, β and loss, each in a ball of at most that radius.

    alpha is a rational in (0, 1), exact ("1e-1000"); times are rationals ≥ 0, increasing; real time
    is t·ln(1/α). keep=True keeps every step, for ``Flowpipe.over`` and events; otherwise memory does
    not grow with time.

    Returning proves: every ball contains the true value (inequality (B) of vector_field.py, with the
    defects of collocation.py). A radius that is missed raises the precision and starts again.
    Raises InvalidInput for bad arguments, and Inconclusive, naming time, precision and reason, when
    max_steps, max_precision or the smallest step is reached.
    """
    scale, wanted, tolerance = check_alpha(alpha), check_times(times), check_radius(radius)
    flow = ReducedFlow.of(problem)
    bits = _initial_bits(flow, scale, wanted[-1], tolerance)
    attempts: list[int] = []
    while True:
        run = _Run(flow, scale, wanted, tolerance, bits, keep, max_steps, progress)
        attempts.append(run.precision)
        if run.precision > max_precision:
            raise Inconclusive(f"radius {to_decimal(tolerance)} needs over {max_precision} bits")
        missed = run.run()
        if missed == 0:
            return Flowpipe(
                problem,
                to_fraction(scale),
                tuple(run.points),
                run.precision,
                run.count,
                tuple(attempts),
                tuple(run.steps),
                flow,
            )
        bits += missed + 8


class _Run:
    """One attempt at one precision."""

    def __init__(
        self,
        flow: ReducedFlow,
        alpha: fmpq,
        times: Sequence[fmpq],
        tolerance: fmpq,
        bits: int,
        keep: bool,
        max_steps: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.flow, self.alpha, self.times, self.tolerance = flow, alpha, times, tolerance
        self.bits, self.keep, self.max_steps, self.progress = bits, keep, max_steps, progress
        self.precision = bits + 2 * int(_log2_log_scale(alpha)) + 40
        self.points: list[Enclosure] = []
        self.steps: list[Step] = []
        self.count = 0

    def run(self) -> int:
        """Integrate to the last time; 0, or by how many bits a requested radius was missed."""
        with ctx.workprec(self.precision):
            ball_field = BallField.at(self.flow, self.alpha)
            collocator = Collocator(ball_field, basis(_degree(self.bits), self.precision), self.bits)
            time, length = fmpq(0), _dyadic(_to_float(self.times[-1]) or 1.0)
            w: tuple[arb, ...] = (arb(0),) * self.flow.rank
            error, pending = arb(0), list(self.times)
            while pending:
                step, growth = self._advance(collocator, time, length, w, error)
                while pending and pending[0] <= step.end:
                    point = _enclosure(ball_field, step, pending.pop(0), self.precision)
                    missed = _missed(point, self.tolerance)
                    if missed > 0:
                        return missed
                    self.points.append(point)
                if self.keep:
                    self.steps.append(step)
                end = step.point(arb(step.end))
                w = tuple(value.mid() for value in end)
                error = (step.error + ball_field.norm([value.rad().upper() for value in end])).upper()
                time = step.end
                length = _dyadic(_to_float(step.length) * growth)
                if self.progress is not None:
                    self.progress(Progress(to_fraction(time), self.precision, self.count, tuple(self.points)))
        return 0

    def _advance(
        self, collocator: Collocator, time: fmpq, length: fmpq, w: tuple[arb, ...], error: arb
    ) -> tuple[Step, float]:
        """A proved step from w, as long as one is found; and by how much the next may be longer."""
        while True:
            self.count += 1
            if self.count > self.max_steps:
                raise Inconclusive(
                    f"{_where(time, self.precision)}: the budget of {self.max_steps} steps ran out"
                )
            found = collocator.step(time, length, w)
            if not isinstance(found, Refused):
                slope, defect, growth = found
                total = (error + arb(length) * defect).upper()
                return Step(time, length, w, slope, defect, total), min(2.5, max(0.5, growth))
            length = _dyadic(_to_float(length) * found.factor)
            if _to_float(length) < _SMALLEST_STEP:
                raise Inconclusive(f"{_where(time, self.precision)}: {found.reason}")


def _enclosure(ball_field: BallField, step: Step, time: fmpq, precision: int) -> Enclosure:
    dual = _inflate(ball_field, ball_field.duals(step.point(arb(time))), step.error)
    beta = [ball_field.beta(i, s) for i, s in enumerate(dual)]
    return Enclosure(to_fraction(time), tuple(dual), tuple(beta), ball_field.loss(beta), precision)


def _inflate(ball_field: BallField, dual: Sequence[arb], error: arb) -> list[arb]:
    """The dual with √G_ii · error added to each radius (vector_field.py)."""
    spread = arb(0, 1)
    return [
        s + spread * (root * error).upper() for s, root in zip(dual, ball_field.diagonal_root, strict=True)
    ]


def _over_step(
    ball_field: BallField, step: Step, start: fmpq, end: fmpq, pieces: int
) -> tuple[list[arb], list[arb], arb]:
    """Hulls of dual, β and loss over [start, end] inside the step."""
    cuts = [start + (end - start) * j / pieces for j in range(pieces + 1)] if end > start else [start, start]
    found: tuple[list[arb], list[arb], arb] | None = None
    for left, right in zip(cuts, cuts[1:], strict=False):
        dual = _inflate(ball_field, _dual_hull(ball_field, step, left, right), step.error)
        beta = [ball_field.beta(i, s) for i, s in enumerate(dual)]
        loss = ball_field.loss(beta)
        if found is None:
            found = dual, beta, loss
        else:
            found = (
                [a.union(b) for a, b in zip(found[0], dual, strict=True)],
                [a.union(b) for a, b in zip(found[1], beta, strict=True)],
                found[2].union(loss),
            )
    if found is None:
        raise InvalidInput("an interval needs at least one piece")
    return found


def _dual_hull(ball_field: BallField, step: Step, left: fmpq, right: fmpq) -> list[arb]:
    """The polynomial's dual over [left, right]: its ends where monotone, else its mean value form."""
    first = ball_field.duals(step.point(arb(left)))
    if left == right:
        return first
    last = ball_field.duals(step.point(arb(right)))
    slopes = _slope_hull(ball_field, step, left, right)
    width = arb(right - left)
    hull = []
    for a, b, slope in zip(first, last, slopes, strict=True):
        ends = a.union(b)
        if slope > 0 or slope < 0:
            hull.append(ends)
        else:
            # an extremum inside lies within half a width of one end
            hull.append(ends + arb(0, 1) * (abs(slope).upper() * width / 2).upper())
    return hull


def _slope_hull(ball_field: BallField, step: Step, left: fmpq, right: fmpq) -> list[arb]:
    """Balls that contain s' of the polynomial on [left, right]."""
    half = arb(step.length) / 2
    x = ((arb(left) - arb(step.start)) / half - 1).union((arb(right) - arb(step.start)) / half - 1)
    x = x.intersection(arb(0, 1)) if x.overlaps(arb(0, 1)) else x
    angle = x.acos()
    k = len(step.w)
    total = [arb(0)] * k
    for j, row in enumerate(step.slope):
        value = (angle * j).cos() if j else arb(1)
        total = [t + value * b for t, b in zip(total, row, strict=True)]
    moved = ball_field.duals(total)
    return [s - s0 for s, s0 in zip(moved, ball_field.dual_start, strict=True)]


def _missed(point: Enclosure, tolerance: fmpq) -> int:
    """By how many bits the widest ball exceeds the tolerance; 0 when none does."""
    widest = max((ball.rad() for ball in (*point.dual, *point.beta, point.loss)), key=float)
    if not all(ball.is_finite() for ball in (*point.dual, *point.beta, point.loss)):
        return 64
    limit = arb(tolerance)
    if all(ball.rad() <= limit for ball in (*point.dual, *point.beta, point.loss)):
        return 0
    return max(1, math.ceil(float((widest / limit).log() / math.log(2))))


def _initial_bits(flow: ReducedFlow, alpha: fmpq, last: fmpq, tolerance: fmpq) -> int:
    """Bits of defect that should give the radius: an estimate, which a missed radius corrects."""
    with ctx.workprec(64):
        metric = max((float(abs(value)) for row in flow.metric.tolist() for value in row), default=1.0)
        diagonal = max((float(arb(value)) for value in flow.diagonal), default=1.0)
        wanted = -float(arb(tolerance).log()) / math.log(2)
        scale = 0.5 * math.log2(max(metric, 1e-300) * flow.rank**2 + 1e-300) + 0.5 * math.log2(
            diagonal + 1e-300
        )
        horizon = math.log2(_to_float(last) + 1)
    return max(24, math.ceil(wanted + max(0.0, scale) + horizon + _log2_log_scale(alpha) + 8))


def _log2_log_scale(alpha: fmpq) -> float:
    with ctx.workprec(64):
        return max(0.0, math.log2(2 * float(-arb(alpha).log())))


def _degree(bits: int) -> int:
    return min(160, max(12, 8 + bits // 4))


def _to_float(value: fmpq) -> float:
    return int(value.p) / int(value.q)


def _dyadic(value: float) -> fmpq:
    """A dyadic rational of few bits near a positive float: step lengths, so that times stay short."""
    mantissa, exponent = math.frexp(value)
    return fmpq(round(mantissa * 1024)) * fmpq(2) ** (exponent - 10)


def _where(time: fmpq, precision: int) -> str:
    return f"t = {to_decimal(time, 12)}, {precision} bits"
