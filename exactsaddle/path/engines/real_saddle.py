"""A saddle of a path of real numbers: numbers as balls to any digits, exactly where they are rational."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, partial
from typing import Any, NoReturn

from flint import arb, fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Vector
from exactsaddle.path.engines.ball_saddle import BallSaddle
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.engines.questions import coefficient, slope, wait
from exactsaddle.path.engines.real_numbers import RealNumbers
from exactsaddle.path.engines.views import BallView, Question, View
from exactsaddle.path.saddle import FirstHit


class RealSaddle(BallSaddle):
    """A saddle of a path of real numbers: support, signs and hits are proved; numbers are balls.

    Exact Fractions are there where algebra shows a number to be rational; else asking for one raises
    InvalidInput.
    """

    def __init__(
        self, numbers: RealNumbers, index: int, support: tuple[int, ...], active: dict[int, int]
    ) -> None:
        self.__dict__.update(
            problem=numbers.problem, index=index, support=support, active=dict(active), _found=numbers
        )

    _found: RealNumbers

    @property
    def _history(self) -> tuple[Plateau, ...]:
        return tuple(self._found.plateaus[: self.index])

    def _time(self, view: View) -> Any:
        return view.place(self._history)[0]

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

    # --- exact, where rational -----------------------------------------------------------------

    def _fraction(self, question: Question, name: str, instead: str) -> Fraction:
        return self._found.fraction(question, f"{name} of saddle {self.index}", instead)

    @cached_property
    def jump_time(self) -> Fraction:
        """t_k, where it is rational."""
        return self._fraction(self._time, "the jump time", "jump_time_ball")

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """β_k, where it is rational, d Fractions."""
        fractions = {
            i: self._fraction(coefficient(self.support, i), f"beta {i}", "beta_ball") for i in self.support
        }
        return tuple(fractions.get(i, Fraction(0)) for i in range(self.problem.d))

    @cached_property
    def dual(self) -> tuple[Fraction, ...]:
        """s_k, where it is rational, d Fractions."""
        return tuple(self._fraction(self._dual(i), f"dual {i}", "dual_ball") for i in range(self.problem.d))

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(β_k), where it is rational, d Fractions."""
        return tuple(
            self._fraction(slope(self.support, i), f"gradient {i}", "gradient_ball")
            for i in range(self.problem.d)
        )

    @cached_property
    def loss(self) -> Fraction:
        """L(β_k), where it is rational."""
        return self._fraction(lambda v: v.loss(self.support), "the loss", "loss_ball")

    @property
    def time(self) -> fmpq:
        """t_k over Q, where it is rational."""
        return fmpq(self.jump_time.numerator, self.jump_time.denominator)

    @property
    def beta_vector(self) -> Vector:
        """Not there: raises InvalidInput."""
        self._refuse("beta_ball")

    @property
    def gradient_vector(self) -> Vector:
        """Not there: raises InvalidInput."""
        self._refuse("gradient_ball")

    @property
    def dual_vector(self) -> Vector:
        """Not there: raises InvalidInput."""
        self._refuse("dual_ball")

    @property
    def next_hit(self) -> FirstHit | None:
        """Not there except at the end: raises InvalidInput."""
        if self.hits:
            self._refuse("jump_time_ball")
        return None

    def _refuse(self, instead: str) -> NoReturn:
        raise InvalidInput(f"the entries are real numbers: {instead}() of a saddle gives balls to any digits")

    def comes_after(self, time: fmpq) -> bool:
        """Whether t_k > time."""
        return self._compare(self._time, time, f"whether a jump comes before t = {time}") > 0

    def is_over_by(self, time: fmpq) -> bool:
        """Whether the plateau ends at or before this time; False at the end of a complete path."""
        if not self.hits:
            return False
        i, side = next(iter(self.hits.items()))
        length = wait(self._history, self.support, i, side)
        what = f"whether a jump comes before t = {time}"
        return self._compare(lambda v: self._time(v) + length(v), time, what) <= 0

    def loss_exceeds(self, value: fmpq) -> bool:
        """Whether L(β_k) > value."""
        if len(self.support) == self.problem.n:  # then it is zero
            return value < 0
        what = f"whether the loss is above {value}"
        return self._compare(lambda v: v.loss(self.support), value, what) > 0

    def _compare(self, question: Question, number: fmpq, what: str) -> int:
        import sympy

        constant = sympy.Rational(int(number.p), int(number.q))

        def ask(view: View) -> Any:
            known = arb(number) if isinstance(view, BallView) else self._found.exact.field.element(constant)
            return question(view) - known

        return self._found.sign(ask, lambda: what).value

    # --- balls, to any digits ------------------------------------------------------------------

    def _dual(self, i: int) -> Question:
        return lambda view: view.place(self._history)[1][i]

    def jump_time_ball(self, digits: int = 30) -> arb:
        """t_k within 10^−digits of itself."""
        return self._found.value(self._time, digits)

    def end_ball(self, digits: int = 30) -> arb | None:
        """t_{k+1} within 10^−digits of itself; None where no coordinate hits any more."""
        if not self.hits:
            return None
        over = self._found.plateaus[: self.index + 1]
        return self._found.value(lambda view: view.place(over)[0], digits)

    def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """β_k, d balls, each nonzero entry within 10^−digits of itself."""
        found = {i: self._found.value(coefficient(self.support, i), digits) for i in self.support}
        return tuple(found.get(i, arb(0)) for i in range(self.problem.d))

    def dual_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """s_k, d balls, each within 10^−digits of itself."""
        return tuple(self._found.value(self._dual(i), digits) for i in range(self.problem.d))

    def gradient_ball(self, digits: int = 30) -> tuple[arb, ...]:
        """∇L(β_k), d balls, each within 10^−digits of itself; exactly 0 on the support."""
        numbers = self._found
        fits = len(self.support) == self.problem.n  # independent columns, as many as rows, fit y exactly
        return tuple(
            arb(0)
            if fits or i in self.support or i in self.still
            else numbers.value(slope(self.support, i), digits, partial(numbers.is_still, i, self.support))
            for i in range(self.problem.d)
        )

    def loss_ball(self, digits: int = 30) -> arb:
        """L(β_k) within 10^−digits of itself."""
        if len(self.support) == self.problem.n:
            return arb(0)
        return self._found.value(lambda v: v.loss(self.support), digits)
