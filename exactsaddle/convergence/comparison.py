"""The flow at several α against the exact path: distances, rates, jump times (MATHEMATICS.md §5, §8).

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

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput, Status, Verdict, workprec
from exactsaddle.convergence.connections import Correction, corrections
from exactsaddle.convergence.constants import RateConstant, rate_constant
from exactsaddle.convergence.measurement import Measurement, Schedule
from exactsaddle.convergence.rates import PredictedRate, remainder_exponent
from exactsaddle.flow import Progress, Runs
from exactsaddle.minimisers import PlateauLimit
from exactsaddle.numbers import (
    Carried,
    Recognised,
    digits_below,
    enclose,
    recognise,
    scale_text,
    short_decimal,
    to_fraction,
    to_rational,
)
from exactsaddle.path import SaddlePath

MAX_DIGITS = 1_000
_RESOLVED_BITS = 16
"""A distance enters a rate only when its ball has this relative accuracy."""


@dataclass(frozen=True, eq=False)
class PlateauDistances(Carried):
    """How far the flow is from its limit in the middle of plateau k, one entry per α, largest first.

    The limit is β_k, or the minimiser that the flow selects where there are several (``limit``). The middle
    [start, end] is the central half of the plateau, [5t_p/4, 3t_p/2] on the last one. supremum balls contain
    sup‖β̃^α_t − β_k‖_∞ over it; probed balls the distance at ``probe``, its centre. measured is the slope of
    ln(probed) in ln α between the two smallest α whose balls resolve it; predicted a lower bound on its
    limit, None where ``rate.failed`` names a hypothesis.
    At depth L ≥ 3 the distance at the probe is C·α^L up to a factor 1 + O(ε): constant is C, and
    constant_measured the distance over α^L at the smallest α that resolves it, digits how many they share.
    """

    plateau: int
    start: Fraction
    end: Fraction
    probe: Fraction
    limit: PlateauLimit
    supremum: tuple[arb, ...]
    probed: tuple[arb, ...]
    measured: arb | None
    predicted: arb | None
    rate: PredictedRate
    constant: RateConstant
    constant_measured: arb | None
    constant_digits: int | None


@dataclass(frozen=True, eq=False)
class JumpMeasurement(Carried):
    """The arrival of one hitting coordinate seen from the plateau before, for each α, largest first.

    arrivals are t(α) of ``arrival``, scaled are (t(α) − t_k)/ε. extrapolated is (ℓ₂t(α₂) − ℓ₁t(α₁))/(ℓ₂ −
    ℓ₁) over the two smallest α, ℓ = 1/ε; digits is how many it certainly shares with
    the exact t_k. recognised is what the continued fraction of the same quantity says when it is
    computed from the flow alone (``arrival_by_flow``). correction_digits: how many digits ``scaled``
    at the smallest α shares with c, which for a closed form are expected to be at least about
    remainder·log10(1/α).
    """

    correction: Correction
    observed_at: Fraction
    arrivals: tuple[arb, ...]
    scaled: tuple[arb, ...]
    extrapolated: arb | None
    digits: int | None
    recognised: Recognised | None
    correction_digits: int | None
    remainder: arb | None


@dataclass(frozen=True)
class Convergence:
    """The measurements of ``converge``. alphas are those that were enclosed, largest first.

    missing maps each α that was not to the reason. precisions: bits of each run; chosen: plateaus seen.
    """

    path: SaddlePath
    alphas: tuple[Fraction, ...]
    missing: tuple[tuple[Fraction, str], ...]
    precisions: tuple[int, ...]
    plateaus: tuple[PlateauDistances, ...]
    jumps: tuple[JumpMeasurement, ...]
    chosen: tuple[int, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether sup‖β̃^α_t − β_k‖ over the middle of each chosen plateau falls with these α: by balls."""
        whole = len(self.chosen) == len(self.path)
        where = "every plateau" if whole else "plateau " + ", ".join(map(str, self.chosen))
        claim = f"the distance to the path decreases with α in the middle of {where}"
        if self.missing:
            alpha, reason = self.missing[0]
            return Verdict(claim, Status.UNCHECKED, f"α = {scale_text(alpha)}: {reason}")
        if len(self.alphas) < 2:
            return Verdict(claim, Status.UNCHECKED, "it takes two values of α")
        for plateau in self.plateaus:
            for i, (larger, smaller) in enumerate(zip(plateau.supremum, plateau.supremum[1:], strict=False)):
                step = f"α = {scale_text(self.alphas[i])} to {scale_text(self.alphas[i + 1])}"
                pair = f"plateau {plateau.plateau}, {step}"
                if smaller > larger:
                    return Verdict(claim, Status.REJECTED, f"{pair}: it grows")
                if not smaller < larger and not (smaller == 0 and larger == 0):
                    return Verdict(claim, Status.UNCHECKED, f"{pair}: the balls overlap; ask for more digits")
        if whole and not self.path.complete and self.path.stop is None:
            return Verdict(
                claim, Status.UNCHECKED, f"the path is a prefix, stopped by {self.path.stopped_by}"
            )
        scope = f", up to the stop: {self.path.stopped_by}" if whole and self.path.stop else ""
        return Verdict(claim, Status.VERIFIED, f"rigorous enclosure of the flow at each α{scope}")


@dataclass(frozen=True)
class ConvergenceProgress:
    """Which α is being enclosed, up to which accelerated time of ``last``, with how many bits."""

    alpha: Fraction
    index: int
    time: Fraction
    last: Fraction
    precision: int


def converge(
    path: SaddlePath,
    alphas: Iterable[Any],
    *,
    digits: int = 50,
    plateaus: Iterable[int] | None = None,
    known: Sequence[Correction] | None = None,
    runs: Runs | None = None,
    progress: Callable[[ConvergenceProgress], bool | None] | None = None,
) -> Convergence:
    """Enclose the flow at each α and compare it with the path.

    alphas are distinct rationals in (0, 1), exact; balls have radius at most 10^−(digits+5): digits of
    agreement end there. plateaus, from 0, restrict what is looked at to them and to the jumps that end them;
    the flow is enclosed up to the last. known are the corrections of the path's jumps, by
    ``connections.corrections`` when not given; runs those of its problem's flow, where others ask for it.
    When ``progress`` says stop, or the flow at an α cannot be enclosed within its budget, that α is missing;
    of a first α the plateaus before the stop are kept. Raises InvalidInput for bad arguments.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InvalidInput(f"digits must be an integer from 1 to {MAX_DIGITS}, not {digits!r}")
    wanted = _ordered(alphas)
    schedule = Schedule(path, _chosen(path, plateaus), digits + 10, runs)
    radius = Fraction(1, 10 ** (digits + 5))
    last = schedule.middles[schedule.chosen[-1]][1]
    found: list[Measurement] = []
    missing: list[tuple[Fraction, str]] = []
    for index, alpha in enumerate(wanted):

        def report(state: Progress, alpha: Fraction = alpha, index: int = index) -> bool | None:
            seen = ConvergenceProgress(alpha, index, min(state.time, last), last, state.precision)
            return progress(seen) if progress else None

        try:
            measured = schedule.measure(alpha, radius, report)
        except Inconclusive as error:
            missing.append((alpha, str(error)))
            continue
        if measured.chosen == schedule.chosen:
            found.append(measured)
            continue
        missing.extend((left, "interrupted") for left in wanted[index:])
        if measured.chosen and not found:
            found, schedule = [measured], Schedule(path, measured.chosen, digits + 10)
        break
    if known is None or not found:
        known = corrections(path, plateaus=schedule.chosen) if found else ()
    return Convergence(
        path,
        tuple(run.alpha for run in found),
        tuple(missing),
        tuple(run.precision for run in found),
        tuple(_plateau(schedule, k, found) for k in schedule.chosen) if found else (),
        tuple(_jump(schedule, c, found) for c in known if c.exact.jump - 1 in schedule.chosen),
        schedule.chosen,
    )


def _chosen(path: SaddlePath, plateaus: Iterable[int] | None) -> tuple[int, ...]:
    """Those plateaus in ascending order, all for None."""
    if plateaus is None:
        return tuple(range(len(path)))
    found = tuple(sorted(set(plateaus)))
    if not found:
        raise InvalidInput("at least one plateau is needed")
    outside = [k for k in found if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < len(path)]
    if outside:
        raise InvalidInput(f"plateau {outside[0]!r} is not one of 0 … {len(path) - 1}")
    return found


def _plateau(schedule: Schedule, k: int, runs: Sequence[Measurement]) -> PlateauDistances:
    """The distances on one plateau, with the rate between the two smallest α that resolve it."""
    measured, constant_measured, constant_digits = None, None, None
    constant = rate_constant(schedule.rates[k], schedule.centres[k])
    predicted = schedule.rates[k].at(schedule.centres[k])
    resolved = [run for run in runs if run.probed[k].rel_accuracy_bits() >= _RESOLVED_BITS][-2:]
    if len(resolved) == 2:
        first, second = resolved
        with workprec(second.precision):
            fall = first.probed[k].log() - second.probed[k].log()
            measured = fall / (second.log_scale - first.log_scale)
    if resolved and constant.closed_form is not None and predicted is not None:
        with workprec(resolved[-1].precision):
            constant_measured = resolved[-1].probed[k] * (predicted * resolved[-1].log_scale).exp()
            expected = constant.closed_form.ball(resolved[-1].precision)
            constant_digits = digits_below(abs(constant_measured - expected))
    start, end = schedule.middles[k]
    return PlateauDistances(
        k,
        start,
        end,
        schedule.centres[k],
        schedule.limits[k],
        tuple(run.supremum[k] for run in runs),
        tuple(run.probed[k] for run in runs),
        measured,
        predicted,
        schedule.rates[k],
        constant,
        constant_measured,
        constant_digits,
    )


def _jump(schedule: Schedule, correction: Correction, runs: Sequence[Measurement]) -> JumpMeasurement:
    """One arrival at every α, extrapolated to α = 0 and compared with the exact time and c."""
    exact = correction.exact
    key, k = (exact.jump, exact.coordinate), exact.jump - 1
    bits = max(run.precision for run in runs) + 32
    with workprec(bits):
        arrivals = tuple(run.arrivals[key] for run in runs)
        time = enclose(exact.time)
        scaled = tuple(run.per_unit * (t - time) for run, t in zip(runs, arrivals, strict=True))
        extrapolated, digits, recognised = None, None, None
        if len(runs) >= 2:
            extrapolated = _extrapolated(runs, arrivals)
            digits = digits_below(abs(extrapolated - time))
            recognised = recognise(_extrapolated(runs, [run.arrivals_by_flow[key] for run in runs]))
        c = correction.value(bits)
        matched = None if c is None else digits_below(abs(scaled[-1] - c))
    return JumpMeasurement(
        correction,
        schedule.lookouts[k],
        arrivals,
        scaled,
        extrapolated,
        digits,
        recognised,
        matched,
        remainder_exponent(schedule.path, schedule.rates[k], schedule.lookouts[k], exact.coordinate),
    )


def _extrapolated(runs: Sequence[Measurement], arrivals: Sequence[arb]) -> arb:
    """t of t(α) = t + cε through the two smallest α."""
    low, high = runs[-2].per_unit, runs[-1].per_unit
    return (high * arrivals[-1] - low * arrivals[-2]) / (high - low)


def _ordered(alphas: Iterable[Any]) -> list[Fraction]:
    wanted = sorted(map(to_fraction, map(to_rational, alphas)), reverse=True)
    if not wanted:
        raise InvalidInput("converge needs at least one alpha")
    for alpha in wanted:
        if not 0 < alpha < 1:
            raise InvalidInput(
                f"alpha must be strictly between 0 and 1, not {short_decimal(to_rational(alpha), 6)}"
            )
    repeated = next((a for a, b in pairwise(wanted) if a == b), None)
    if repeated is not None:
        raise InvalidInput(f"alpha = {scale_text(repeated)} is given twice")
    return wanted
