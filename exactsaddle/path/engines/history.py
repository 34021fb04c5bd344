"""What a ball run has found, for whoever reads its numbers: nothing here is what the run decides by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, ProofFailed, single_threaded_blas
from exactsaddle.numbers import Number, RootSum, Vector
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.hits import replay
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.engines.trajectory import Trajectory
from exactsaddle.path.saddle import Dual
from exactsaddle.problem import Problem

READ_BITS = 148
"""The least precision that numbers are read at: one fit of a support for all that a page prints of it.

A loss takes the most: 22 digits, of which 17 are printed."""
MAX_KEPT = 1 << 20
"""The most integers in the fits that are kept: trajectories and readers of coefficients share them."""


@dataclass(frozen=True)
class Place:
    """(t_k, s_k) exactly; bits is the most that a dual of the path has up to here."""

    time: Number
    dual: Dual
    bits: int


class History:
    """The plateaus that are over, and numbers computed from them at any precision.

    Plateaus are added by the run and never changed. The trajectories, fits and exact numbers are the
    readers' own: what they hold depends on the plateaus alone, so that reading, at any time and in any
    order, changes neither the run nor what anybody reads later.
    """

    def __init__(self, problem: Problem, bits: int, max_bits: int) -> None:
        self.problem = problem
        self.bits = max(bits, READ_BITS)
        """The precision that reading starts at."""
        self.max_bits = max_bits
        self.plateaus: list[Plateau] = []
        self._farthest: dict[int, Trajectory] = {}
        self._behind: dict[int, Trajectory] = {}
        self._places = [Place(fmpq(0), problem.initial_dual, 0)]
        self._betas: dict[int, tuple[int, tuple[arb, ...]]] = {}
        self._gradients: dict[tuple[int, ...], Vector] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _carried, (self.problem, self.bits, self.max_bits, self.plateaus)

    @cached_property
    def data(self) -> ScaledProblem:
        """The problem in integers."""
        return ScaledProblem(self.problem)

    @cached_property
    def _fitter(self) -> Fitter:
        return Fitter(self.data, MAX_KEPT)

    def fit(self, support: tuple[int, ...], bits: int) -> Fit:
        """Least squares on a proved support, to this precision or that reading starts at."""
        with single_threaded_blas():
            return self._fitter.fit(support, max(bits, self.bits))

    def time_ball(self, k: int, bits: int) -> arb:
        """t̃_k as found at this precision."""
        return self._reaching(k, bits).time_ball(k)

    def standing(self, k: int, bits: int) -> Trajectory:
        """A trajectory that holds the numbers after k plateaus, at this precision; valid until the next call.

        Where what went farthest has not kept them it goes on from the last call: whoever reads duals reads
        them in order, and a new start for each would be quadratic in their number.
        """
        farthest = self._reaching(0, bits)
        if farthest.plateaus <= k:
            return self._reaching(k, bits)
        if farthest.holds(k):
            return farthest
        found = self._behind.get(bits)
        if found is None or found.plateaus > k:
            found = self._behind[bits] = Trajectory(self.data, bits)
        self._replay(found, k)
        return found

    def _reaching(self, k: int, bits: int) -> Trajectory:
        """The trajectory of this precision that has gone farthest, at least over k plateaus."""
        if bits not in self._farthest:
            self._farthest[bits] = Trajectory(self.data, bits)
        self._replay(self._farthest[bits], k)
        return self._farthest[bits]

    def _replay(self, trajectory: Trajectory, k: int) -> None:
        """Move a trajectory of the readers' over k plateaus."""
        with single_threaded_blas():  # the matrices are small: threads only get in the way
            replay(trajectory, self.plateaus[:k], self._fitter)

    def place(self, k: int, max_bits: int) -> Place:
        """(t_k, s_k) exactly, from the exact earlier ones.

        Raises Inconclusive when a dual on the way has more than max_bits bits, whatever is known already.
        """
        while len(self._places) <= k and self._places[-1].bits <= max_bits:
            self._places.append(self._next_place(max_bits))
        last = self._places[min(k, len(self._places) - 1)]
        if last.bits > max_bits:
            j = next(j for j, place in enumerate(self._places) if place.bits > max_bits)
            raise Inconclusive(
                f"the exact dual of saddle {j} has {self._places[j].bits} bits, "
                f"more than max_bits = {max_bits}"
            )
        return last

    def _next_place(self, max_bits: int) -> Place:
        k = len(self._places) - 1
        here, wait = self._places[k], self.duration(k, max_bits)
        gradient = self.gradient(self.plateaus[k].support)
        dual = _moved(here.dual, gradient, wait)
        bits = dual.bits if isinstance(dual, Vector) else max(map(_bits, dual))
        return Place(here.time + wait, dual, max(here.bits, bits))

    def duration(self, k: int, max_bits: int) -> Number:
        """t_{k+1} − t_k exactly."""
        i, side = next(iter(self.plateaus[k].hits.items()))
        threshold = self.problem.bound(i, side)
        slope = self.gradient(self.plateaus[k].support)[i]
        if threshold is None or slope * side >= 0:
            raise ProofFailed(f"coordinate {i} does not move towards side {side}")
        return (threshold - self.place(k, max_bits).dual[i] * side) / abs(slope)

    def gradient(self, support: tuple[int, ...]) -> Vector:
        """∇L over Q at least squares on a support."""
        if support not in self._gradients:
            equations = self.problem.normal_equations
            self._gradients[support] = equations.gradient(equations.least_squares(support))
        return self._gradients[support]

    def beta(self, k: int, digits: int, solve: Callable[[int], tuple[arb, ...]]) -> tuple[arb, ...]:
        """β_k to that many digits, as ``solve`` finds it, kept at the most digits asked for so far."""
        if k not in self._betas or self._betas[k][0] < digits:
            self._betas[k] = digits, solve(digits)
        return self._betas[k][1]


def _carried(problem: Problem, bits: int, max_bits: int, plateaus: list[Plateau]) -> History:
    history = History(problem, bits, max_bits)
    history.plateaus.extend(plateaus)
    return history


def _moved(dual: Dual, gradient: Vector, wait: Number) -> Dual:
    """s − Δg."""
    if isinstance(dual, Vector) and not isinstance(wait, RootSum):
        return dual - gradient * wait
    return tuple(s - wait * g for s, g in zip(dual, gradient, strict=True))


def _bits(value: Number) -> int:
    return value.bits if isinstance(value, RootSum) else int(max(value.p.bit_length(), value.q.bit_length()))
