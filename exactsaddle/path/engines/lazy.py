"""A saddle known by its combinatorics: numbers as balls to any digits, and exactly on demand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed, workprec
from exactsaddle.numbers import Number, RootSum, Vector, enclose
from exactsaddle.path.engines.ball_saddle import BallSaddle
from exactsaddle.path.saddle import Dual, FirstHit, bits_of

if TYPE_CHECKING:
    from exactsaddle.path.engines.ball import BallRun

SHARP_BITS = 1 << 11
"""Error bounds are binary64 numbers: one that overflows at more than this will at any precision."""


class LazySaddle(BallSaddle):
    """A saddle of a ball run: support, signs and hits are proved; every number waits until it is asked for.

    beta, gradient and loss depend on the support alone and cost one exact solve. jump_time and dual
    depend on every earlier saddle and raise Inconclusive when they have more bits than the run's max_bits.
    """

    def __init__(self, run: BallRun, index: int, support: tuple[int, ...], active: dict[int, int]) -> None:
        self.__dict__.update(problem=run.problem, index=index, support=support, active=active, _run=run)

    active: dict[int, int]
    _run: BallRun
    _sharpest: tuple[int, tuple[arb, ...]]
    """β_k to the most digits asked for so far."""

    # --- exact, on demand ----------------------------------------------------------------------

    @cached_property
    def beta_vector(self) -> Vector:
        """β_k over Q."""
        return self.problem.normal_equations.least_squares(self.support)

    @cached_property
    def gradient_vector(self) -> Vector:
        """∇L(β_k) over Q."""
        return self.problem.normal_equations.gradient(self.beta_vector)

    @property
    def time(self) -> fmpq:
        """t_k over Q; raises InvalidInput where it is irrational."""
        return _rational(self.place(self._run.max_bits)[0], f"t_{self.index}", "jump_time_ball")

    @property
    def dual_vector(self) -> Vector:
        """s_k over Q; raises InvalidInput where it is irrational."""
        dual = self.place(self._run.max_bits)[1]
        if isinstance(dual, Vector):
            return dual
        name = f"s_{self.index}"
        return Vector.of([_rational(s, f"{name},{i}", "dual_ball") for i, s in enumerate(dual)])

    def comes_after(self, time: fmpq) -> bool:
        """Whether t_k > time: by balls where they tell, else exactly."""
        start = self.jump_time_ball()
        with workprec(512):
            if start > time or start < time:
                return bool(start > time)
        return self.place(self._run.max_bits)[0] > time

    def is_over_by(self, time: fmpq) -> bool:
        """Whether the plateau ends at or before this time, exactly."""
        if not self.hits:
            return False
        return self.place(self._run.max_bits)[0] + self._duration(self._run.max_bits) <= time

    @property
    def next_hit(self) -> FirstHit | None:
        """How the plateau ends; raises InvalidInput where its length is irrational."""
        if not self.hits:
            return None
        length = _rational(self._duration(self._run.max_bits), f"t_{self.index + 1} − t_{self.index}", "")
        return FirstHit(length, tuple(self.hits))

    @property
    def hits(self) -> dict[int, int]:
        """Who lands on a threshold at the end of the plateau, and on which side; empty at the end."""
        return self._run.plateaus[self.index].hits

    @property
    def still(self) -> frozenset[int]:
        """The coordinates on a threshold, off the support, whose gradient is exactly zero."""
        return self._run.plateaus[self.index].still

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """σ, d of them."""
        return tuple(self.active.get(i, 0) for i in range(self.problem.d))

    def place(self, max_bits: int) -> tuple[Number, Dual]:
        """(t_k, s_k) exactly, by recomputing the earlier saddles exactly and keeping what was found.

        Raises Inconclusive when a dual on the way has more than max_bits bits.
        """
        saddles = self._run.saddles
        start = self.index
        while start and "_place" not in saddles[start].__dict__:
            start -= 1
        saddles[0].__dict__.setdefault("_place", (fmpq(0), self.problem.initial_dual))
        for saddle in saddles[start : self.index]:
            time, dual = saddle.__dict__["_place"]
            wait = saddle._duration(max_bits)
            later = _moved(dual, saddle.gradient_vector, wait)
            bits = later.bits if isinstance(later, Vector) else max(map(_bits, later))
            if bits > max_bits:
                raise Inconclusive(
                    f"the exact dual of saddle {saddle.index + 1} has {bits} bits, more than "
                    f"max_bits = {max_bits}"
                )
            saddles[saddle.index + 1].__dict__["_place"] = (time + wait, later)
        found: tuple[Number, Dual] = self.__dict__["_place"]
        return found

    def _duration(self, max_bits: int) -> Number:
        i, side = next(iter(self.hits.items()))
        threshold = self.problem.bound(i, side)
        slope = self.gradient_vector[i]
        if threshold is None or slope * side >= 0:
            raise ProofFailed(f"coordinate {i} does not move towards side {side}")
        return (threshold - self.place(max_bits)[1][i] * side) / abs(slope)

    # --- balls, to any digits ------------------------------------------------------------------

    def jump_time_ball(self, digits: int = 30) -> arb:
        """t_k within 10^−digits of itself."""
        trajectory = self._run.trajectory
        while True:
            with workprec(trajectory.bits + bits_of(digits)):
                time = trajectory.time_ball(self.index) * arb(self._run.data.time_unit)
            if _accurate(time, digits):
                return time
            if trajectory.bits > SHARP_BITS and not time.is_finite():
                with workprec(bits_of(digits) + 64):
                    return enclose(self.place(self._run.max_bits)[0])
            trajectory = self._run.sharpen()

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """β_k, d balls, each nonzero entry within 10^−digits of itself."""
        if "_sharpest" not in self.__dict__ or self._sharpest[0] < digits:
            self.__dict__["_sharpest"] = digits, self._solved(digits)
        return self._sharpest[1]

    def _solved(self, digits: int) -> tuple[arb, ...]:
        data = self._run.data
        bits = bits_of(digits) + 32
        while True:
            fit = self._run.fit(self.support, bits)
            found = [arb(0)] * self.problem.d
            with workprec(bits + bits_of(digits)):
                for place, j in enumerate(self.support):
                    found[j] = fit.coefficient(place, data.row_exponents[j]) * arb(data.beta_unit(j))
            if all(_accurate(found[j], digits) for j in self.support):
                return tuple(found)
            bits *= 2

    def loss_ball(self, digits: int = 30) -> arb:
        """L(β_k) within 10^−digits of itself."""
        bits = bits_of(digits) + 64
        while bits <= self._run.max_bits:
            fit = self._run.fit(self.support, bits)
            with workprec(2 * bits):
                loss = self._run.data.squared_residual(fit) * arb(self._run.data.loss_unit)
            if _accurate(loss, digits):
                return loss
            if len(self.support) == self.problem.n or (bits > 1024 and self.loss_value == 0):
                return arb(0)
            bits *= 2
        with workprec(bits_of(digits)):
            return arb(self.loss_value)

    def dual_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """s_k, d balls, each within 10^−digits of its smaller finite threshold; exact on a threshold."""
        data, bits = self._run.data, self._run.trajectory.bits
        goal = bits_of(digits)
        while True:
            trajectory = self._run.revisit(bits, self.index)
            with workprec(bits + goal):
                found = [
                    self._threshold_ball(i)
                    if i in self.active
                    else trajectory.dual_ball(i) * arb(data.dual_unit(i))
                    for i in range(self.problem.d)
                ]
                sharp = all(value.rad() < arb((1, -goal)) * self._span(i) for i, value in enumerate(found))
            if sharp:
                return tuple(found)
            if bits > SHARP_BITS and not all(value.is_finite() for value in found):
                with workprec(goal + 64):
                    return tuple(enclose(s) for s in self.place(self._run.max_bits)[1])
            bits *= 2

    def _threshold_ball(self, i: int) -> arb:
        side = self.active[i]
        bound = self.problem.bound(i, side)
        if bound is None:
            raise ProofFailed(f"coordinate {i} cannot be on an infinite threshold")
        return enclose(bound) * side

    def _span(self, i: int) -> arb:
        bounds = (self.problem.bound(i, 1), self.problem.bound(i, -1))
        return enclose(min(c for c in bounds if c is not None)).lower()


def _moved(dual: Dual, gradient: Vector, wait: Number) -> Dual:
    """s − Δg."""
    if isinstance(dual, Vector) and not isinstance(wait, RootSum):
        return dual - gradient * wait
    return tuple(s - wait * g for s, g in zip(dual, gradient, strict=True))


def _bits(value: Number) -> int:
    return value.bits if isinstance(value, RootSum) else int(max(value.p.bit_length(), value.q.bit_length()))


def _rational(value: Number, name: str, instead: str) -> fmpq:
    found = value.rational() if isinstance(value, RootSum) else value
    if found is None:
        raise InvalidInput(
            f"{name} is not rational" + (f": {instead}() gives it to any digits" if instead else "")
        )
    return found


def _accurate(value: arb, digits: int) -> bool:
    return bool(value.is_exact()) or int(value.rel_accuracy_bits()) >= bits_of(digits)
