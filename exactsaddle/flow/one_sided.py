"""The system of heteroclinic orbits as a flow with one-sided thresholds, so that one integrator does both.

β' = 2|β| ⊙ (r − Gβ) on active coordinates of signs σ is S' = r − Gβ with |β_i| = ½exp(2σ_i S_i). That
is the flow of MATHEMATICS.md §2 at *any* ℓ for thresholds 1 on the side σ_i and infinite on the other, with
s_i = σ_i + S_i/ℓ and τ = ℓt; coordinates that are not active get a threshold too far to matter. Since
s_i may not start beyond its threshold (|β_i| ≤ ½), β and y are first divided by K, and τ by K with them.
Where columns are divided by units N it is β' = (2/N) ⊙ |β| ⊙ (r − Gβ), |β_i| = exp(2σ_i S_i/N_i)/2N_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from exactsaddle.base import workprec
from exactsaddle.flow.enclosure import enclose
from exactsaddle.flow.flowpipe import Flowpipe
from exactsaddle.numbers import Carried, Number, to_fraction, to_rational
from exactsaddle.numbers import enclose as enclose_number
from exactsaddle.problem import Network, Problem

_ALPHA = fmpq(1, 10)
_FAR = 10**6
"""Threshold of what is not active: its |β| stays below 10^(−2·10⁶) unless its dual travels that far."""


@dataclass(frozen=True, eq=False)
class OneSidedFlow(Carried):
    """The orbit system of ``problem``, started at given sizes: a problem whose flow it is.

    scaled is that problem and magnification K: β = K·(its β), τ = ℓt/K.
    """

    problem: Problem
    scaled: Problem
    magnification: fmpq

    @classmethod
    def starting_at(
        cls, problem: Problem, active: Sequence[int], signs: Sequence[int], sizes: Sequence[arb], bits: int
    ) -> OneSidedFlow:
        """|β_i| = sizes for the active i, in the order given, rounded to that many bits in S."""
        units = [enclose_number(problem.network.unit(i)) for i in active]
        largest = arb(0)
        for unit, size in zip(units, sizes, strict=True):
            largest = largest.max(unit * size)
        magnification = fmpq(1)
        while not 2 * largest < arb(magnification):
            magnification *= 2
        lower: list[int | str] = ["inf"] * problem.d
        upper: list[int | str | Number] = [problem.network.unit(i) * _FAR for i in range(problem.d)]
        dual = [fmpq(0)] * problem.d
        for i, unit, size in zip(active, units, sizes, strict=True):
            lower[i], upper[i] = ("inf", 1) if signs[i] > 0 else (1, "inf")
            position = 1 + unit * (2 * unit * size / arb(magnification)).log() / (2 * _log_scale())
            dual[i] = signs[i] * fmpq((position * arb(2) ** bits).mid().floor().fmpq().p, 2**bits)
        scaled = Problem(
            problem.X,
            [value / to_fraction(magnification) for value in problem.y],
            lower=lower,
            upper=upper,
            dual=dual,
            network=Network(units=problem.network.units),
        )
        return cls(problem, scaled, magnification)

    def sizes(self, signs: Sequence[int]) -> list[arb]:
        """|β_i| at the start as it was rounded, of coordinates that are all active with these signs."""
        units = (enclose_number(self.problem.network.unit(i)) for i in range(self.problem.d))
        half, speed = arb(self.magnification) / 2, 2 * _log_scale()
        return [
            half / unit * (speed * (sign * arb(s) - 1) / unit).exp()
            for unit, sign, s in zip(units, signs, self.scaled.dual_vector, strict=True)
        ]

    def run(self, duration: arb, radius: str, max_steps: int) -> OneSidedRun:
        """Integrate for that long in τ; raises Inconclusive as ``enclose`` does."""
        end = (duration * arb(self.magnification) / _log_scale()).mid()
        time = (
            fmpq((end * 1024).ceil().fmpq().p, 1024)
            if end > 1
            else fmpq((end * 2**60).ceil().fmpq().p, 2**60)
        )
        pipe = enclose(self.scaled, _ALPHA, [time], radius=radius, keep=True, max_steps=max_steps)
        return OneSidedRun(self, pipe)


@dataclass(frozen=True, eq=False)
class OneSidedRun(Carried):
    """One proved run of a OneSidedFlow, from its rounded start."""

    flow: OneSidedFlow
    pipe: Flowpipe

    @property
    def elapsed(self) -> arb:
        """τ at the end."""
        return arb(to_rational(self.pipe.points[-1].time)) * _log_scale() / arb(self.flow.magnification)

    @property
    def beta(self) -> list[arb]:
        """β at the end, (d,)."""
        return [b * arb(self.flow.magnification) for b in self.pipe.points[-1].beta]

    @property
    def dual_change(self) -> list[arb]:
        """S(end) − S(start), (d,)."""
        start = self.flow.scaled.dual_vector
        return [_log_scale() * (s - arb(s0)) for s, s0 in zip(self.pipe.points[-1].dual, start, strict=True)]

    @property
    def end(self) -> fmpq:
        """The last time, in that of the scaled problem."""
        return to_rational(self.pipe.points[-1].time)

    def point(self, time: fmpq) -> NDArray[np.float64]:
        """β at a time up to ``end``, (d,) in binary64."""
        seen = self.pipe.at(to_fraction(time))
        with workprec(seen.precision):
            scale = arb(self.flow.magnification)
            return np.array([float(b * scale) for b in seen.beta])


def _log_scale() -> arb:
    return -arb(_ALPHA).log()
