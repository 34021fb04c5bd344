"""One segment of a Lasso path, enclosed: what is linear in λ there, and what of it reaches zero first.

On a segment with support A and signs σ, b_A = u − λw with u the least squares on A and G_AA w = τ; the
correlation c = r − Gb is p + λq, with p that of u and q = Gw. Every KKT condition is a form aλ − h ≥ 0:

    σ_i b_i ≥ 0           a = −σ_i w_i,         h = −σ_i u_i         for i in A        (side 0: i leaves)
    λc⁺_i − c_i ≥ 0       a = c⁺_i − q_i,       h = p_i              for other i       (side 1: i joins above)
    λc⁻_i + c_i ≥ 0       a = c⁻_i + q_i,       h = −p_i                               (side −1: below)

All hold at the upper end; the segment ends where the first of them, as λ falls, reaches zero: at the largest
root h/a with a > 0 and h > 0, or at 0. Nothing here depends on the segments above: no error accumulates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import InvalidInput, ProofFailed, workprec
from exactsaddle.lasso.tilt import TiltFitter, joined, thresholds_of
from exactsaddle.numbers import Number, RootSum, Vector, enclose, simplest
from exactsaddle.path.engines.binary import CONVERSION, TINY, Floats
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.trajectory import gradient_ball, gradient_interval
from exactsaddle.path.saddle import Dual

Event = tuple[int, int]
"""A coordinate, and the side on which it joins the support, or 0 where it leaves it."""


@dataclass(frozen=True)
class Line:
    """u and w of one segment, to some precision, in the units of ``data``."""

    data: ScaledProblem
    active: Mapping[int, int]
    fit: Fit
    tilt: Fit

    @property
    def precision(self) -> int:
        """Enough for what is computed from them to lose nothing that matters."""
        return 2 * self.fit.scale + 64

    def form(self, event: Event) -> tuple[arb, arb]:
        """(a, h) of the condition that ends with this event."""
        data, (i, side) = self.data, event
        with workprec(self.precision):
            if side == 0:
                sign = -self.active[i]
                u, w = self._entries(i)
                return w * sign, u * sign
            threshold = data.thresholds[side][i]
            if threshold is None:
                raise ProofFailed(f"coordinate {i} cannot be on an infinite threshold")
            return enclose(threshold) - gradient_ball(data, i, self.tilt) * side, gradient_ball(
                data, i, self.fit
            ) * -side

    def _entries(self, i: int) -> tuple[arb, arb]:
        """ũ_i and w̃_i of the support."""
        place, exponent = self.fit.columns.index(i), self.data.row_exponents[i]
        return self.fit.coefficient(place, exponent), self.tilt.coefficient(place, exponent)

    def root(self, event: Event) -> arb:
        """λ̃ where the condition reaches zero."""
        with workprec(self.precision):
            a, h = self.form(event)
            return h / a

    def solution(self, penalty: arb) -> dict[int, arb]:
        """b̃ at λ̃ on the support."""
        with workprec(self.precision):
            found = {}
            for i in self.fit.columns:
                u, w = self._entries(i)
                found[i] = u - penalty * w
            return found

    def lean(self) -> arb:
        """‖x̃w̃‖² = τ̃ᵀw̃."""
        with workprec(self.precision):
            terms = (
                enclose(self.data.place(i, side)) * self._entries(i)[1] for i, side in self.active.items()
            )
            return sum(terms, arb(0))


class Lines:
    """Encloses segments, one after another."""

    def __init__(self, data: ScaledProblem) -> None:
        self.data = data
        self._fitter = Fitter(data)
        self._tilter = TiltFitter(data, self._fitter.inverter)

    def at(self, active: Mapping[int, int], bits: int) -> Line:
        """The segment with this support; raises Inconclusive where its columns seem to be dependent."""
        return Line(self.data, active, self._fitter.fit(sorted(active), bits), self._tilter.fit(active, bits))


def possible_events(line: Line, resting: Iterable[int]) -> tuple[list[Event], bool]:
    """The events that binary64 bounds cannot exclude from being the first, and whether one surely is.

    resting are coordinates off the support whose conditions are known to stay as they are, or to hold.
    """
    data = line.data
    joins = np.ones(data.d, dtype=bool)
    joins[[*line.fit.columns, *resting]] = False
    joins &= data.moving
    pull, lean = gradient_interval(data, line.fit), gradient_interval(data, line.tilt)  # −p and q
    lowest: list[Floats] = []
    highest: list[Floats] = []
    with np.errstate(all="ignore"):  # what is not a number stays possible
        for side in (1, -1):
            threshold = data.threshold_floats[side]
            h = (-pull.high, -pull.low) if side > 0 else (pull.low, pull.high)
            q = (lean.low, lean.high) if side > 0 else (-lean.high, -lean.low)
            a = threshold * (1 - 2 * CONVERSION) - q[1], threshold * (1 + 2 * CONVERSION) - q[0]
            never = ~joins | (h[1] <= 0) | (a[1] <= 0)
            top = np.where(a[0] > 0, h[1] / a[0] * (1 + 1e-14) + TINY, np.inf)
            highest.append(np.where(never, -np.inf, np.where(threshold == np.inf, -np.inf, top)))
            sure = ~never & (a[0] > 0) & (h[0] > 0)
            lowest.append(np.where(sure, h[0] / a[1] * (1 - 1e-14) - TINY, 0.0))
    leaving = {i: _float_root(*line.form((i, 0))) for i in line.fit.columns}
    best = max(
        [0.0, *(float(np.nanmax(low, initial=0.0)) for low in lowest), *(low for low, _ in leaving.values())]
    )
    found = [(i, 0) for i, (_, high) in leaving.items() if not high < best and not high <= 0]
    for side, high in zip((1, -1), highest, strict=True):
        found += [(int(i), side) for i in np.flatnonzero(~(high < best) & ~(high <= 0))]
    return found, best > 0


def _float_root(a: arb, h: arb) -> tuple[float, float]:
    """Bounds of the root h/a; not positive where there is none below."""
    if a <= 0 or h <= 0:
        return 0.0, -1.0
    if not a > 0:
        return 0.0, np.inf
    root = h / a
    low = float(root.lower()) * (1 - 1e-12) - TINY
    return max(low, 0.0), float(root.upper()) * (1 + 1e-12) + TINY


def first_events(line: Line, candidates: Sequence[Event]) -> list[Event]:
    """Those that balls cannot exclude, the first to be expected in front; empty when λ = 0 comes first.

    One is left exactly when it is proved to be the first, alone; candidates are all there are.
    """
    with workprec(line.precision):
        forms = {event: line.form(event) for event in candidates}
        possible = {event: (a, h) for event, (a, h) in forms.items() if not (a <= 0 or h <= 0)}
        roots = {event: h / a for event, (a, h) in possible.items() if a > 0 and h > 0}
        if not roots:
            return list(possible)
        first = next(iter(roots))
        for event, root in roots.items():
            if root.lower() > roots[first].lower():
                first = event
        others = [
            event
            for event, (a, h) in possible.items()
            # a form that is not negative above and positive here is positive between
            if event != first and not a * roots[first] - h > 0
        ]
        return [first, *others]


def is_decided(line: Line, events: Sequence[Event]) -> bool:
    """Whether ``first_events`` left one that certainly has a root."""
    if len(events) != 1:
        return False
    with workprec(line.precision):
        a, h = line.form(events[0])
        return bool(a > 0 and h > 0)


@dataclass(frozen=True)
class ExactLine:
    """The same exactly, in the units of the problem."""

    data: ScaledProblem
    active: Mapping[int, int]
    base: Vector
    """u, (d,)."""
    tilt: Dual
    """w, (d,): sums of roots where thresholds are roots."""
    pull: Vector
    """p, (d,)."""
    lean: Dual
    """q, (d,)."""

    @classmethod
    def of(cls, data: ScaledProblem, active: Mapping[int, int]) -> ExactLine:
        """Two exact solves, or one for u and one for each root."""
        equations, columns = data.problem.normal_equations, sorted(active)
        base = equations.least_squares(columns)
        tilts, leans = {}, {}
        for m, signed in thresholds_of(data, active).items():
            leaning = equations.with_correlation(signed)
            tilts[m] = leaning.least_squares(columns)
            leans[m] = leaning.gradient(tilts[m]) + signed
        pull = equations.gradient(base) * fmpq(-1)
        return cls(data, active, base, joined(tilts, data.d), pull, joined(leans, data.d))

    def form(self, event: Event) -> tuple[Number, fmpq]:
        """(a, h)."""
        i, side = event
        if side == 0:
            sign = self.active[i]
            return self.tilt[i] * -sign, self.base[i] * -sign
        threshold = self.data.problem.bound(i, side)
        if threshold is None:
            raise ProofFailed(f"coordinate {i} cannot be on an infinite threshold")
        return threshold - self.lean[i] * side, self.pull[i] * side

    def root(self, event: Event) -> fmpq:
        """λ where the condition reaches zero; raises InvalidInput where it is not rational."""
        a, h = self.form(event)
        return h / _rational(a, "the penalty of a knot")

    def solution(self, penalty: fmpq) -> Vector:
        """b at λ; raises InvalidInput where it is not rational."""
        return self.base if penalty == 0 else self.base - over_q(self.tilt, "a solution") * penalty

    def numbers(self, penalty: fmpq) -> tuple[Number, ...]:
        """The same, also where it holds sums of roots."""
        return tuple(u - w * penalty for u, w in zip(self.base, self.tilt, strict=True))

    def gradient(self, penalty: fmpq) -> Vector:
        """∇L at b, likewise."""
        return (self.pull + over_q(self.lean, "a gradient") * penalty) * fmpq(-1)

    def first(self, candidates: Iterable[Event]) -> tuple[Event, ...]:
        """All that happens at the end of the segment; nothing at 0."""
        found: tuple[Number, fmpq] | None = None
        together: list[Event] = []
        for event in candidates:
            a, h = self.form(event)
            if not (a > 0 and h > 0):
                continue
            ahead = 1 if found is None else _sign(found[0] * h - a * found[1])
            if ahead > 0:
                found, together = (a, h), [event]
            elif ahead == 0:
                together.append(event)
        return tuple(together)


def _sign(value: Number) -> int:
    return (value > 0) - (value < 0)


def _rational(value: Number, what: str) -> fmpq:
    known = simplest(value)
    if isinstance(known, RootSum):
        raise InvalidInput(f"{what} is not rational where thresholds are roots: balls give it to any digits")
    return known


def over_q(values: Dual, what: str) -> Vector:
    """The same as a vector; raises InvalidInput where it is not one."""
    if isinstance(values, Vector):
        return values
    return Vector.of([_rational(value, what) for value in values])
