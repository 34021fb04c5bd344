"""The flow at several α measured against the exact path: distances, rates, jump times (MATH.md §5).

What the flow is compared with comes from the exact path; what is measured are balls around the true
flow. So distances, arrivals and their digits of agreement are rigorous enclosures; that a measured
rate tends to the predicted one, or that a recognised fraction is the limit, is numerical evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx

from exactsaddle.connections import Correction, corrections
from exactsaddle.continued_fraction import Recognised, digits_below, recognise
from exactsaddle.errors import Inconclusive, InvalidInput
from exactsaddle.flow import Enclosure, Flowpipe, enclose
from exactsaddle.flow.enclosure import Progress
from exactsaddle.hypotheses import Hypothesis
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.rates import PredictedRate, predicted_rate
from exactsaddle.rational import to_decimal, to_fraction, to_rational
from exactsaddle.verdict import Status, Verdict

MAX_DIGITS = 1_000


@dataclass(frozen=True)
class PlateauDistances:
    """How far the flow is from β_k in the middle of plateau k, one entry for each α, largest first.

    The middle [start, end] is the central half of the plateau, [5t_p/4, 3t_p/2] on the last one.
    supremum balls contain sup‖β̃^α_t − β_k‖_∞ over it; probed balls the distance at ``probe``, its
    centre. Where the minimiser is not unique (in_gradient) distances are those of ∇L instead, which
    is the same for every minimiser. measured is the slope of ln(probed) in ln α between the two
    smallest α whose balls are off zero; predicted a lower bound on its
    limit, None where ``rate.failed`` names a hypothesis.
    """

    plateau: int
    start: Fraction
    end: Fraction
    probe: Fraction
    in_gradient: bool
    supremum: tuple[arb, ...]
    probed: tuple[arb, ...]
    measured: arb | None
    predicted: arb | None
    rate: PredictedRate


@dataclass(frozen=True)
class JumpMeasurement:
    """The arrival of one hitting coordinate seen from the plateau before, for each α, largest first.

    arrivals are t(α) of ``arrival``, scaled are ℓ(t(α) − t_k). extrapolated is
    (ℓ₂t(α₂) − ℓ₁t(α₁))/(ℓ₂ − ℓ₁) over the two smallest α; digits is how many it certainly shares with
    the exact t_k. recognised is what the continued fraction of the same quantity says when it is
    computed from the flow alone (``arrival_by_flow``). correction_digits: how many digits ``scaled``
    at the smallest α shares with c.
    """

    correction: Correction
    observed_at: Fraction
    arrivals: tuple[arb, ...]
    scaled: tuple[arb, ...]
    extrapolated: arb | None
    digits: int | None
    recognised: Recognised | None
    correction_digits: int | None


@dataclass(frozen=True)
class Convergence:
    """The measurements of ``converge``. alphas are those that were enclosed, largest first.

    missing maps each α that was not to the reason. precisions are the working bits of each run.
    """

    path: SaddlePath
    alphas: tuple[Fraction, ...]
    missing: tuple[tuple[Fraction, str], ...]
    precisions: tuple[int, ...]
    plateaus: tuple[PlateauDistances, ...]
    jumps: tuple[JumpMeasurement, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether sup‖β̃^α_t − β_k‖ over the middle of every plateau decreases with these α: by balls."""
        claim = "the distance to the path decreases with alpha in the middle of every plateau"
        if self.missing:
            alpha, reason = self.missing[0]
            return Verdict(claim, Status.UNCHECKED, f"alpha = {_short(alpha)}: {reason}")
        if len(self.alphas) < 2:
            return Verdict(claim, Status.UNCHECKED, "it takes two values of alpha")
        for plateau in self.plateaus:
            for i, (larger, smaller) in enumerate(zip(plateau.supremum, plateau.supremum[1:], strict=False)):
                step = f"alpha = {_short(self.alphas[i])} to {_short(self.alphas[i + 1])}"
                pair = f"plateau {plateau.plateau}, {step}"
                if smaller > larger:
                    return Verdict(claim, Status.REJECTED, f"{pair}: it grows")
                if not smaller < larger and not (smaller == 0 and larger == 0):
                    return Verdict(claim, Status.UNCHECKED, f"{pair}: the balls overlap; ask for more digits")
        if not self.path.complete:
            return Verdict(
                claim, Status.UNCHECKED, f"the path is a prefix, stopped by {self.path.stopped_by}"
            )
        return Verdict(claim, Status.VERIFIED, "rigorous enclosure of the flow at each alpha")


@dataclass(frozen=True)
class ConvergenceProgress:
    """Which α is being enclosed, up to which accelerated time of ``last``, with how many bits."""

    alpha: Fraction
    index: int
    time: Fraction
    last: Fraction
    precision: int


def middle(path: SaddlePath, k: int) -> tuple[Fraction, Fraction]:
    """The middle of plateau k: its central half; [5t_p/4, 3t_p/2] of the last (t_p = 0: as if 1)."""
    start, hit = path[k].jump_time, path[k].next_hit
    if hit is None:
        span = start or Fraction(1)
        return start + span / 4, start + span / 2
    length = to_fraction(hit.delta)
    return start + length / 4, start + 3 * length / 4


def converge(
    path: SaddlePath,
    alphas: Iterable[Any],
    *,
    digits: int = 50,
    progress: Callable[[ConvergenceProgress], bool | None] | None = None,
) -> Convergence:
    """Enclose the flow at each α and compare it with the path.

    alphas are distinct rationals in (0, 1), exact; balls have radius at most 10^−(digits+5), which
    bounds how many digits anything here can agree to. When ``progress`` returns False, or the flow at an α
    cannot be enclosed within its budget, that α is reported as missing. Raises InvalidInput for bad
    arguments.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InvalidInput(f"digits must be an integer from 1 to {MAX_DIGITS}, not {digits!r}")
    wanted = _ordered(alphas)
    rates = [predicted_rate(saddle) for saddle in path]
    plan = _Plan(path, rates)
    known = corrections(path)
    runs: list[_Run] = []
    missing: list[tuple[Fraction, str]] = []
    for index, alpha in enumerate(wanted):
        try:
            runs.append(plan.measure(alpha, index, digits, progress))
        except Inconclusive as error:
            missing.append((alpha, str(error)))
        except _Stopped:
            missing.extend((left, "interrupted") for left in wanted[index:])
            break
    plateaus = tuple(plan.plateau(k, runs) for k in range(len(path))) if runs else ()
    jumps = tuple(plan.jump(c, runs) for c in known) if runs else ()
    done = tuple(run.alpha for run in runs)
    return Convergence(path, done, tuple(missing), tuple(run.bits for run in runs), plateaus, jumps)


def arrival(saddle: Saddle, seen: Enclosure, j: int) -> arb:
    """When hitting coordinate j reaches its threshold, extrapolated from one moment of the plateau.

    t_m + (σ_j c_j − s_j^α(t_m))/(−g_j) with the exact slope −g_j of the plateau (MATH.md §5), a ball.
    """
    return arb(to_rational(seen.time)) + _room(saddle, seen, j) / -arb(saddle.gradient_vector[j])


def arrival_by_flow(saddle: Saddle, seen: Enclosure, j: int) -> arb:
    """The same with the velocity −∇L(β̃^α)_j that the flow has at that moment, nothing of the plateau."""
    equations = saddle.problem.normal_equations
    velocity = arb(equations.correlation[j])
    for g, b in zip(equations.gram_column(j), seen.beta, strict=True):
        velocity -= arb(g) * b
    return arb(to_rational(seen.time)) + _room(saddle, seen, j) / velocity


def _room(saddle: Saddle, seen: Enclosure, j: int) -> arb:
    side = -1 if saddle.gradient_vector[j] > 0 else 1
    threshold = saddle.problem.threshold(j, side)
    if threshold is None:
        raise InvalidInput(
            f"coordinate {j} has no threshold on the side it moves to on plateau {saddle.index}"
        )
    return side * arb(threshold) - seen.dual[j]


class _Stopped(Exception):
    pass


@dataclass(frozen=True)
class _Run:
    """What is kept of the flow at one α, by plateau and by (jump, coordinate)."""

    alpha: Fraction
    log_scale: arb
    bits: int
    supremum: tuple[arb, ...]
    probed: tuple[arb, ...]
    arrivals: dict[tuple[int, int], tuple[arb, arb]]
    """By exact slope, and by the flow alone."""


class _Plan:
    """When to look, worked out once from the path."""

    def __init__(self, path: SaddlePath, rates: Sequence[PredictedRate]) -> None:
        self.path, self.rates = path, rates
        self.middles = [middle(path, k) for k in range(len(path))]
        self.probes = [(start + end) / 2 for start, end in self.middles]
        self.lookouts = [
            rate.best_time(saddle.jump_time, saddle.jump_time + to_fraction(saddle.next_hit.delta))
            if saddle.next_hit
            else None
            for saddle, rate in zip(path, rates, strict=True)
        ]

    def measure(
        self,
        alpha: Fraction,
        index: int,
        digits: int,
        progress: Callable[[ConvergenceProgress], bool | None] | None,
    ) -> _Run:
        """Enclose the flow at one α and keep what the comparison needs."""
        last = self.middles[-1][1]
        times = {t for pair in self.middles for t in pair} | set(self.probes) | {last}
        times |= {t for t in self.lookouts if t is not None}

        def report(state: Progress) -> None:
            now = min(state.time, last)
            if progress and progress(ConvergenceProgress(alpha, index, now, last, state.precision)) is False:
                raise _Stopped

        pipe = enclose(
            self.path.problem,
            alpha,
            sorted(times),
            radius=Fraction(1, 10 ** (digits + 5)),
            keep=True,
            progress=report,
        )
        points = {point.time: point for point in pipe.points}
        with ctx.workprec(pipe.precision + 32):
            probed = tuple(self._distance(s, points[t]) for s, t in zip(self.path, self.probes, strict=True))
            supremum = tuple(
                self._supremum(saddle, pipe, start, end, [points[start], points[t], points[end]])
                for saddle, (start, end), t in zip(self.path, self.middles, self.probes, strict=True)
            )
            arrivals = {
                (saddle.index + 1, j): (arrival(saddle, points[t], j), arrival_by_flow(saddle, points[t], j))
                for saddle, t in zip(self.path, self.lookouts, strict=True)
                if saddle.next_hit is not None and t is not None
                for j in saddle.next_hit.coordinates
            }
        return _Run(alpha, pipe.log_scale, pipe.precision, supremum, probed, arrivals)

    def _in_gradient(self, saddle: Saddle) -> bool:
        return any(f.hypothesis is Hypothesis.UNIQUE_MINIMISER for f in self.rates[saddle.index].failed)

    def _distance(self, saddle: Saddle, seen: Enclosure) -> arb:
        """‖β − β_k‖_∞, or ‖∇L(β) − g_k‖_∞, over the ball of the enclosure."""
        apart = [b - arb(limit) for b, limit in zip(seen.beta, saddle.beta_vector, strict=True)]
        if self._in_gradient(saddle):
            apart = _times_gram(saddle, apart)
        largest = arb(0)
        for value in apart:
            largest = largest.max(abs(value))
        return largest

    def _supremum(
        self, saddle: Saddle, pipe: Flowpipe, start: Fraction, end: Fraction, points: Sequence[Enclosure]
    ) -> arb:
        """A ball around the sup over [start, end]: above by the hull, below by three of its points."""
        above = self._distance(saddle, pipe.over(start, end, pieces=32)).upper()
        below = arb(0)
        for point in points:
            below = below.max(self._distance(saddle, point).lower())
        return below.union(above)

    def plateau(self, k: int, runs: Sequence[_Run]) -> PlateauDistances:
        """The distances on one plateau, with the rate between the two smallest α."""
        probed = tuple(run.probed[k] for run in runs)
        measured = None
        resolved = [run for run in runs if run.probed[k] > 0][-2:]
        if len(resolved) == 2:
            first, second = resolved
            with ctx.workprec(second.bits):
                fall = first.probed[k].log() - second.probed[k].log()
                measured = fall / (second.log_scale - first.log_scale)
        start, end = self.middles[k]
        saddle, rate = self.path[k], self.rates[k]
        return PlateauDistances(
            k,
            start,
            end,
            self.probes[k],
            self._in_gradient(saddle),
            tuple(run.supremum[k] for run in runs),
            probed,
            measured,
            rate.at(self.probes[k]),
            rate,
        )

    def jump(self, correction: Correction, runs: Sequence[_Run]) -> JumpMeasurement:
        """One arrival at every α, extrapolated to α = 0 and compared with the exact time and c."""
        exact = correction.exact
        time = to_rational(exact.time)
        bits = max(run.bits for run in runs) + 32
        with ctx.workprec(bits):
            both = [run.arrivals[exact.jump, exact.coordinate] for run in runs]
            arrivals = tuple(exactly for exactly, _ in both)
            scaled = tuple(run.log_scale * (t - time) for run, t in zip(runs, arrivals, strict=True))
            extrapolated, digits, recognised = None, None, None
            if len(runs) >= 2:
                extrapolated = _extrapolated(runs, arrivals)
                digits = digits_below(abs(extrapolated - time))
                recognised = recognise(_extrapolated(runs, [alone for _, alone in both]))
            c = correction.value(bits)
            matched = None if c is None else digits_below(abs(scaled[-1] - c))
        lookout = self.lookouts[exact.jump - 1]
        return JumpMeasurement(
            correction, lookout or exact.time, arrivals, scaled, extrapolated, digits, recognised, matched
        )


def _extrapolated(runs: Sequence[_Run], arrivals: Sequence[arb]) -> arb:
    """t of t(α) = t + c/ℓ through the two smallest α."""
    low, high = runs[-2].log_scale, runs[-1].log_scale
    return (high * arrivals[-1] - low * arrivals[-2]) / (high - low)


def _times_gram(saddle: Saddle, vector: Sequence[arb]) -> list[arb]:
    equations = saddle.problem.normal_equations
    total = [arb(0)] * len(vector)
    for j, value in enumerate(vector):
        total = [t + arb(g) * value for t, g in zip(total, equations.gram_column(j), strict=True)]
    return total


def _ordered(alphas: Iterable[Any]) -> list[Fraction]:
    wanted = sorted((to_fraction(to_rational(alpha)) for alpha in alphas), reverse=True)
    if not wanted:
        raise InvalidInput("converge needs at least one alpha")
    for alpha in wanted:
        if not 0 < alpha < 1:
            raise InvalidInput(f"alpha must be strictly between 0 and 1, not {_short(alpha)}")
    repeated = next((a for a, b in pairwise(wanted) if a == b), None)
    if repeated is not None:
        raise InvalidInput(f"alpha = {_short(repeated)} is given twice")
    return wanted


def _short(value: Fraction) -> str:
    return to_decimal(to_rational(value), 6)
