"""A saddle of the path, and the two exact questions about its dual: which signs, and who hits first."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, TypeAlias

from flint import arb, fmpq, fmpz

from exactsaddle.base import ProofFailed, by_name, named_only, workprec
from exactsaddle.doors import SaddleDoors
from exactsaddle.numbers import Carried, Number, Vector, brief, to_decimal, to_fraction, to_rational
from exactsaddle.problem import Problem


class FirstHit(NamedTuple):
    """The end of a plateau: its length Δ > 0 and the coordinates that land on a threshold."""

    delta: fmpq
    coordinates: tuple[int, ...]
    names: tuple[str, ...] = ()
    """What they are called."""

    def __repr__(self) -> str:
        return f"FirstHit(delta = {brief(self.delta)}, {named_only(self.names, range(len(self.names)))})"


@dataclass(frozen=True, eq=False)
class Saddle(Carried, SaddleDoors):
    """A saddle β_k, where the limit rests for t in [t_k, t_{k+1}), as exact vectors of the engine.

    Rationals leave as ``fractions.Fraction``, converted when first asked for.
    """

    problem: Problem
    index: int
    time: fmpq
    beta_vector: Vector
    gradient_vector: Vector
    dual_vector: Vector
    next_hit: FirstHit | None
    """How the plateau ends; None at the last saddle, where nothing can hit any more."""

    def __hash__(self) -> int:
        return hash((self.problem, self.index))

    @property
    def exact_time(self) -> Number:
        """t_k, also where it is a sum of square roots."""
        return self.time

    @property
    def exact_dual(self) -> Dual:
        """s_k, also where it holds sums of square roots."""
        return self.dual_vector

    @property
    def exact_length(self) -> Number | None:
        """t_{k+1} − t_k, likewise; None at the last saddle."""
        return None if self.next_hit is None else self.next_hit.delta

    @property
    def hits(self) -> dict[int, int]:
        """Who lands on a threshold at the end of the plateau, and on which side; empty at the end."""
        if self.next_hit is None:
            return {}
        return {i: -1 if self.gradient_vector[i] > 0 else 1 for i in self.next_hit.coordinates}

    @property
    def still(self) -> frozenset[int]:
        """The coordinates on a threshold, off the support, whose gradient is exactly zero."""
        return frozenset(i for i in self.active_set if i not in self.support and self.gradient_vector[i] == 0)

    def comes_after(self, time: fmpq) -> bool:
        """Whether t_k > time."""
        return self.time > time

    def is_over_by(self, time: fmpq) -> bool:
        """Whether the plateau ends at or before this time; False at the end of a complete path."""
        return self.next_hit is not None and self.time + self.next_hit.delta <= time

    def loss_exceeds(self, value: fmpq) -> bool:
        """Whether L(β_k) > value."""
        return self.loss_value > value

    @cached_property
    def jump_time(self) -> Fraction:
        """t_k, accelerated time; real time is t·ln(1/α)."""
        return to_fraction(self.time)

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """β_k, d Fractions."""
        return self.beta_vector.fractions()

    @cached_property
    def dual(self) -> tuple[Fraction, ...]:
        """s_k, d Fractions: the dual variable at t_k."""
        return self.dual_vector.fractions()

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(β_k) = Gβ_k − r, d Fractions."""
        return self.gradient_vector.fractions()

    @cached_property
    def loss(self) -> Fraction:
        """L(β_k)."""
        return to_fraction(self.loss_value)

    @cached_property
    def loss_value(self) -> fmpq:
        """L(β_k), for the engine."""
        return self.problem.loss_at(self.beta_vector)

    @cached_property
    def support(self) -> tuple[int, ...]:
        """Indices with β_k ≠ 0, ascending."""
        return self.beta_vector.support

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """σ, d of them: 1 where s_k is on its upper threshold, −1 on its lower, 0 between."""
        return signs_of(self.problem, self.dual_vector)

    @cached_property
    def active_set(self) -> tuple[int, ...]:
        """Indices with s_k on a threshold, ascending; contains the support."""
        return tuple(i for i, sign in enumerate(self.signs) if sign)

    @cached_property
    def l1_norm(self) -> Fraction:
        """‖β_k‖₁."""
        return sum(map(abs, self.beta), Fraction(0))

    def jump_time_ball(self, digits: int = 30) -> arb:
        """t_k within 10^−digits of itself."""
        return _ball(self.time, digits)

    def end_ball(self, digits: int = 30) -> arb | None:
        """t_{k+1} within 10^−digits of itself; None where no coordinate hits any more."""
        return None if self.next_hit is None else _ball(self.time + self.next_hit.delta, digits)

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """β_k, d balls, each within 10^−digits of itself."""
        return tuple(_ball(value, digits) for value in self.beta_vector)

    def dual_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """s_k, d balls, each within 10^−digits of itself."""
        return tuple(_ball(value, digits) for value in self.dual_vector)

    def loss_ball(self, digits: int = 30) -> arb:
        """L(β_k) within 10^−digits of itself."""
        return _ball(self.loss_value, digits)

    def l1_norm_ball(self, digits: int = 30) -> arb:
        """‖β_k‖₁ within 10^−digits of itself."""
        return _ball(sum((abs(value) for value in self.beta_vector), fmpq(0)), digits)

    def jump_time_text(self, digits: int) -> str:
        """t_k rounded to that many significant digits."""
        return to_decimal(self.time, digits)

    def beta_text(self, i: int, digits: int) -> str:
        """β_k,i rounded to that many significant digits."""
        return to_decimal(self.beta_vector[i], digits)

    def loss_text(self, digits: int) -> str:
        """L(β_k) rounded to that many significant digits."""
        return to_decimal(self.loss_value, digits)

    def l1_norm_text(self, digits: int) -> str:
        """‖β_k‖₁ rounded to that many significant digits."""
        return to_decimal(to_rational(self.l1_norm), digits)

    def __repr__(self) -> str:
        beta = by_name(self.problem.names, ((i, self.beta_text(i, 6)) for i in self.support))
        return f"Saddle({self.index}, t = {self.jump_time_text(10)}, beta = {beta})"


Dual: TypeAlias = Vector | tuple[Number, ...]
"""s, (d,), exactly: a vector over Q, or numbers where thresholds or s_0 are irrational."""


def signs_of(problem: Problem, dual: Dual) -> tuple[int, ...]:
    """For each coordinate 1 if its dual is on the upper threshold, −1 on the lower, 0 between."""
    if not (problem.is_rational and isinstance(dual, Vector)):
        return tuple(
            next((side for side in (1, -1) if problem.bound(i, side) == value * side), 0)
            for i, value in enumerate(dual)
        )
    found = [0] * problem.d
    denominator = dual.denominator
    for i, numerator in enumerate(dual.numerators):
        if numerator:
            side = 1 if numerator > 0 else -1
            threshold = problem.threshold(i, side)
            if threshold is not None and abs(numerator) * threshold.q == threshold.p * denominator:
                found[i] = side
    return tuple(found)


def first_hit(problem: Problem, dual: Vector, gradient: Vector) -> FirstHit | None:
    """The smallest Δ > 0 at which some s_i − Δ g_i with g_i ≠ 0 is on a threshold; all who land there.

    dual and gradient are (d,) over Q with dual in the box. None when no coordinate can hit. Returning
    proves that s − δg stays strictly inside every threshold it moves towards for δ < Δ.
    """
    denominator = dual.denominator
    distances: list[tuple[int, fmpz, fmpz]] = []
    for i, (s, g) in enumerate(zip(dual.numerators, gradient.numerators, strict=True)):
        if not g:
            continue
        side = -1 if g > 0 else 1
        threshold = problem.threshold(i, side)
        if threshold is not None:
            room = threshold.p * denominator - side * threshold.q * s
            distances.append((i, room, abs(g) * threshold.q))
    if not distances:
        return None
    nearest = _smallest_ratios(distances)
    _, room, speed = nearest[0]
    delta = fmpq(room * gradient.denominator, speed * denominator)
    if delta <= 0:
        raise ProofFailed(f"coordinate {nearest[0][0]} is on a threshold and moves out of the box")
    found = tuple(i for i, _, _ in nearest)
    return FirstHit(delta, found, tuple(problem.names[i] for i in found))


def first_landing(problem: Problem, dual: Dual, gradient: Vector) -> tuple[int, ...]:
    """The coordinates of ``first_hit``, none when none can hit; sums of roots are compared exactly."""
    if problem.is_rational and isinstance(dual, Vector):
        hit = first_hit(problem, dual, gradient)
        return () if hit is None else hit.coordinates
    waits: dict[int, Number] = {}
    for i, (s, g) in enumerate(zip(dual, gradient, strict=True)):
        side = -1 if g > 0 else 1
        bound = problem.bound(i, side) if g != 0 else None
        if bound is not None:
            waits[i] = (bound - s * side) / abs(g)
    if not waits:
        return ()
    delta = min(waits.values())
    hits = tuple(i for i, wait in waits.items() if wait == delta)
    if not delta > 0:
        raise ProofFailed(f"coordinate {hits[0]} is on a threshold and moves out of the box")
    return hits


def _smallest_ratios(items: list[tuple[int, fmpz, fmpz]]) -> list[tuple[int, fmpz, fmpz]]:
    """The items (i, p, q), q > 0, whose p/q is least: all of them in a tie.

    Balls discard what is certainly larger; what they cannot separate is compared exactly.
    """
    balls = [arb(p) / arb(q) for _, p, q in items]
    bound = min((ball.upper() for ball in balls), key=float)
    candidates = [item for item, ball in zip(items, balls, strict=True) if not ball > bound]
    best = [candidates[0]]
    for item in candidates[1:]:
        left, right = item[1] * best[0][2], best[0][1] * item[2]
        if left < right:
            best = [item]
        elif left == right:
            best.append(item)
    return best


def bits_of(digits: int) -> int:
    """Bits enough for that many decimal digits."""
    return int(digits * 3.33) + 8


def is_accurate(value: arb, digits: int) -> bool:
    """Whether a ball is exact, or good for that many digits of its own size."""
    return bool(value.is_exact()) or int(value.rel_accuracy_bits()) >= bits_of(digits)


def _ball(value: fmpq, digits: int) -> arb:
    with workprec(bits_of(digits)):
        return arb(value)
