"""A knot of a Lasso path: the solution where the path bends, and the way it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, fmpq

from exactsaddle.base import named_only, workprec
from exactsaddle.numbers import Carried, Number, Vector, to_decimal, to_float, to_fraction, to_rational
from exactsaddle.path import bits_of
from exactsaddle.problem import Problem


@dataclass(frozen=True, eq=False)
class LassoKnot(Carried):
    """The solution b at a penalty λ where the path bends, and the way it leaves.

    For penalties λ − δ down to the next knot, b + δ·direction is a solution and
    gradient + δ·gradient_direction its gradient. Both directions are zero at the last knot.
    """

    problem: Problem
    index: int
    penalty_value: fmpq
    beta_vector: Vector
    gradient_vector: Vector
    direction: Vector
    gradient_direction: Vector

    @cached_property
    def penalty(self) -> Fraction:
        """λ, in units of ∇L; the saddle path's time is t = 1/λ."""
        return to_fraction(self.penalty_value)

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """The solution, d Fractions."""
        return self.beta_vector.fractions()

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(b) = Gb − r, d Fractions; −gradient/λ is the dual."""
        return self.gradient_vector.fractions()

    @property
    def support(self) -> tuple[int, ...]:
        """Indices with b ≠ 0, ascending."""
        return self.beta_vector.support

    @cached_property
    def support_below(self) -> tuple[int, ...]:
        """Indices with b ≠ 0 on the segment that starts here, ascending."""
        return tuple(sorted({*self.beta_vector.support, *self.direction.support}))

    @cached_property
    def loss(self) -> Fraction:
        """L(b), without the penalty."""
        return to_fraction(self.problem.loss_at(self.beta_vector))

    @cached_property
    def l1_norm(self) -> Fraction:
        """‖b‖₁."""
        return sum(map(abs, self.beta), Fraction(0))

    @property
    def is_last(self) -> bool:
        """Whether λ = 0."""
        return bool(self.penalty_value == 0)

    def is_at_least(self, penalty: fmpq) -> bool:
        """Whether λ ≥ penalty."""
        return bool(self.penalty_value >= penalty)

    def solution(self, penalty: fmpq) -> Vector:
        """The solution at a penalty from that of the next knot up to λ, (d,)."""
        return self.beta_vector + self.direction * (self.penalty_value - penalty)

    def numbers(self, penalty: fmpq) -> tuple[Number, ...]:
        """The same, number by number."""
        return tuple(self.solution(penalty))

    @property
    def floats(self) -> list[float]:
        """λ, b and the loss in binary64, rounded: for tables and pictures."""
        return [to_float(value) for value in (self.penalty_value, *self.beta_vector, to_rational(self.loss))]

    # --- balls and text ------------------------------------------------------------------------

    def penalty_ball(self, digits: int = 30) -> arb:
        """λ within 10^−digits of itself."""
        return _ball(self.penalty_value, digits)

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """b, d balls, each nonzero entry within 10^−digits of itself."""
        return tuple(_ball(value, digits) for value in self.beta_vector)

    def loss_ball(self, digits: int = 30) -> arb:
        """L(b) within 10^−digits of itself."""
        return _ball(to_rational(self.loss), digits)

    def l1_norm_ball(self, digits: int = 30) -> arb:
        """‖b‖₁ within 10^−digits of itself."""
        return _ball(to_rational(self.l1_norm), digits)

    def penalty_text(self, digits: int) -> str:
        """λ rounded to that many significant digits."""
        return to_decimal(self.penalty_value, digits)

    def beta_text(self, i: int, digits: int) -> str:
        """b_i rounded to that many significant digits."""
        return to_decimal(self.beta_vector[i], digits)

    def loss_text(self, digits: int) -> str:
        """L(b) rounded to that many significant digits."""
        return to_decimal(to_rational(self.loss), digits)

    def l1_norm_text(self, digits: int) -> str:
        """‖b‖₁ rounded to that many significant digits."""
        return to_decimal(to_rational(self.l1_norm), digits)

    def __repr__(self) -> str:
        support = named_only(self.problem.names, self.support)
        return f"LassoKnot({self.index}, penalty = {self.penalty_text(10)}, support = {support})"


def _ball(value: fmpq, digits: int) -> arb:
    with workprec(bits_of(digits)):
        return arb(value)
