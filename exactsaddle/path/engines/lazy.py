"""A saddle known by its combinatorics: numbers as balls to any digits, and exactly on demand."""

from __future__ import annotations

from functools import cached_property

from flint import arb, fmpq

from exactsaddle.base import InvalidInput, ProofFailed, workprec
from exactsaddle.numbers import Number, RootSum, Vector, enclose, simplest
from exactsaddle.path.engines.ball_saddle import BallSaddle
from exactsaddle.path.engines.fit import squared_residual
from exactsaddle.path.engines.history import History, Place
from exactsaddle.path.saddle import Dual, FirstHit, bits_of, is_accurate

SHARP_BITS = 1 << 11
"""Error bounds are binary64 numbers: one that overflows at more than this will at any precision."""


class LazySaddle(BallSaddle):
    """A saddle of a ball run: support, signs and hits are proved; every number waits until it is asked for.

    beta, gradient and loss depend on the support alone and cost one exact solve. jump_time and dual
    depend on every earlier saddle and raise Inconclusive when they have more bits than the run's max_bits.
    """

    def __init__(
        self, history: History, index: int, support: tuple[int, ...], active: dict[int, int]
    ) -> None:
        self.__dict__.update(
            problem=history.problem, index=index, support=support, active=dict(active), _found=history
        )

    _found: History

    # --- exact, on demand ----------------------------------------------------------------------

    @cached_property
    def beta_vector(self) -> Vector:
        """β_k over Q."""
        return self.problem.normal_equations.least_squares(self.support)

    @cached_property
    def gradient_vector(self) -> Vector:
        """∇L(β_k) over Q."""
        return self._found.gradient(self.support)

    @property
    def time(self) -> fmpq:
        """t_k over Q; raises InvalidInput where it is irrational."""
        return _rational(self._place.time, f"t_{self.index}", "jump_time_ball(digits)")

    @property
    def dual_vector(self) -> Vector:
        """s_k over Q; raises InvalidInput where it is irrational."""
        dual = self._place.dual
        if isinstance(dual, Vector):
            return dual
        name = f"s_{self.index}"
        return Vector.of([_rational(s, f"{name},{i}", "dual_ball(digits)") for i, s in enumerate(dual)])

    def comes_after(self, time: fmpq) -> bool:
        """Whether t_k > time: by balls where they tell, else exactly."""
        start = self.jump_time_ball()
        with workprec(512):
            if start > time or start < time:
                return bool(start > time)
        return self._place.time > time

    def is_over_by(self, time: fmpq) -> bool:
        """Whether the plateau ends at or before this time: by balls where they tell, else exactly."""
        if not self.hits:
            return False
        with workprec(512):
            end = self._found.time_ball(self.index + 1, self._found.bits) * arb(self._found.data.time_unit)
            if end > time or end < time:
                return bool(end < time)
        return self._place.time + self._duration <= time

    def loss_exceeds(self, value: fmpq) -> bool:
        """Whether L(β_k) > value: by balls where they tell, else exactly."""
        for digits in (30, 120):
            loss = self.loss_ball(digits)
            with workprec(512):
                if loss > value or loss <= value:
                    return bool(loss > value)
        return self.loss_value > value

    @property
    def exact_time(self) -> Number:
        """t_k, also where it is a sum of square roots."""
        return simplest(self._place.time)

    @property
    def exact_dual(self) -> Dual:
        """s_k, also where it holds sums of square roots."""
        return self._place.dual

    @property
    def exact_length(self) -> Number | None:
        """t_{k+1} − t_k, likewise; None at the last saddle."""
        return simplest(self._duration) if self.hits else None

    @property
    def next_hit(self) -> FirstHit | None:
        """How the plateau ends; raises InvalidInput where its length is irrational."""
        if not self.hits:
            return None
        length = _rational(self._duration, f"t_{self.index + 1} − t_{self.index}", "exact_length")
        return FirstHit(length, tuple(self.hits), tuple(self.problem.names[i] for i in self.hits))

    @property
    def hits(self) -> dict[int, int]:
        """Who lands on a threshold at the end of the plateau, and on which side; empty at the end."""
        return dict(self._found.plateaus[self.index].hits)

    @property
    def still(self) -> frozenset[int]:
        """The coordinates on a threshold, off the support, whose gradient is exactly zero."""
        return self._found.plateaus[self.index].still

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """σ, d of them."""
        return tuple(self.active.get(i, 0) for i in range(self.problem.d))

    def place(self, max_bits: int) -> Place:
        """(t_k, s_k) exactly; raises Inconclusive when a dual on the way has more than max_bits bits."""
        return self._found.place(self.index, max_bits)

    @property
    def _place(self) -> Place:
        return self.place(self._found.max_bits)

    @property
    def _duration(self) -> Number:
        return self._found.duration(self.index, self._found.max_bits)

    # --- balls, to any digits ------------------------------------------------------------------

    def jump_time_ball(self, digits: int = 30) -> arb:
        """t_k within 10^−digits of itself."""
        return self._time_ball(self.index, digits)

    def end_ball(self, digits: int = 30) -> arb | None:
        """t_{k+1} within 10^−digits of itself; None where no coordinate hits any more."""
        return self._time_ball(self.index + 1, digits) if self.hits else None

    def _time_ball(self, k: int, digits: int) -> arb:
        data, bits = self._found.data, self._found.bits
        while True:
            with workprec(bits + bits_of(digits)):
                time = self._found.time_ball(k, bits) * arb(data.time_unit)
            if is_accurate(time, digits):
                return time
            if bits > SHARP_BITS and not time.is_finite():
                with workprec(bits_of(digits) + 64):
                    return enclose(self._found.place(k, self._found.max_bits).time)
            bits *= 2

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """β_k, d balls, each nonzero entry within 10^−digits of itself."""
        return self._found.beta(self.index, digits, self._solved)

    def _solved(self, digits: int) -> tuple[arb, ...]:
        data = self._found.data
        bits = bits_of(digits) + 32
        while True:
            fit = self._found.fit(self.support, bits)
            found = [arb(0)] * self.problem.d
            with workprec(bits + bits_of(digits)):
                for place, j in enumerate(self.support):
                    found[j] = fit.coefficient(place, data.row_exponents[j]) * arb(data.beta_unit(j))
            if all(is_accurate(found[j], digits) for j in self.support):
                return tuple(found)
            bits *= 2

    def loss_ball(self, digits: int = 30) -> arb:
        """L(β_k) within 10^−digits of itself."""
        bits = bits_of(digits) + 64
        while bits <= self._found.max_bits:
            fit = self._found.fit(self.support, bits)
            with workprec(2 * bits):
                loss = squared_residual(self._found.data, fit) * arb(self._found.data.loss_unit)
            if is_accurate(loss, digits):
                return loss
            if len(self.support) == self.problem.n or (bits > 1024 and self.loss_value == 0):
                return arb(0)
            bits *= 2
        with workprec(bits_of(digits)):
            return arb(self.loss_value)

    def dual_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """s_k, d balls, each within 10^−digits of its smaller finite threshold; exact on a threshold."""
        data, bits = self._found.data, self._found.bits
        goal = bits_of(digits)
        while True:
            duals = self._found.standing(self.index, bits).duals_at_jump(self.index)
            with workprec(bits + goal):
                found = [
                    self._threshold_ball(i) if i in self.active else dual * arb(data.dual_unit(i))
                    for i, dual in enumerate(duals)
                ]
                sharp = all(value.rad() < arb((1, -goal)) * self._span(i) for i, value in enumerate(found))
            if sharp:
                return tuple(found)
            if bits > SHARP_BITS and not all(value.is_finite() for value in found):
                with workprec(goal + 64):
                    return tuple(enclose(s) for s in self._place.dual)
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


def _rational(value: Number, name: str, instead: str) -> fmpq:
    found = value.rational() if isinstance(value, RootSum) else value
    if found is None:
        raise InvalidInput(f"{name} is not rational: {instead} gives it")
    return found
