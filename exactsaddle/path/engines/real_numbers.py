"""The numbers of a path of real numbers: signs, values and fractions, for the run and for readers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.numbers.number_field import is_zero
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.engines.questions import (
    Sign,
)
from exactsaddle.path.engines.views import BallView, ExactView, Question
from exactsaddle.path.saddle import bits_of, is_accurate
from exactsaddle.problem import DECISION_BITS, RealProblem

START_BITS = 64
BITS_BEFORE_ALGEBRA = 256
"""Balls of this precision must have failed before an equality is looked for."""
MAX_INDETERMINATES = 3
"""SymPy takes too long to cancel fractions in more."""


class RealNumbers:
    """Numbers by balls of rising precision and by algebra, from the plateaus that are over."""

    def __init__(self, problem: RealProblem, bits: int, max_bits: int) -> None:
        self.problem = problem
        self.start_bits = bits
        self.max_bits = min(max_bits, DECISION_BITS)
        self.plateaus: list[Plateau] = []
        """Those that are over, added by the run and never changed."""
        self._balls: dict[int, BallView] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _carried, (self.problem, self.start_bits, self.max_bits, self.plateaus)

    def balls(self, bits: int) -> BallView:
        """The problem in balls of this precision."""
        if bits not in self._balls:
            kept = max(self.start_bits, BITS_BEFORE_ALGEBRA)
            self._balls = {b: view for b, view in self._balls.items() if b <= kept}
            self._balls[bits] = BallView(self.problem, bits)
        return self._balls[bits]

    @cached_property
    def exact(self) -> ExactView:
        """The problem in its field."""
        return ExactView(self.problem)

    @cached_property
    def _specialised(self) -> ExactView:
        return ExactView(self.problem, specialised=True)

    def is_exactly_zero(self, question: Question) -> bool:
        """Whether algebra proves that the answer is zero; False proves nothing."""
        indeterminates = len(self.exact.field.formal)
        if indeterminates > MAX_INDETERMINATES:
            return False
        try:
            if indeterminates and not is_zero(self._specialised.ask(question)):
                return False
            return is_zero(self.exact.ask(question))
        except (Inconclusive, ZeroDivisionError):
            return False

    def sign(
        self, question: Question, about: Callable[[], str], vanishes: Callable[[], bool] = lambda: False
    ) -> Sign:
        """Whether the answer is negative, zero or positive; nothing is counted.

        Raises Inconclusive, saying what about, when neither balls nor algebra decide. vanishes proves, at
        less cost than the field, that the answer is zero; False says nothing.
        """
        bits, last = self.start_bits, max(self.max_bits, self.start_bits)
        tried, raised = False, 0
        while bits <= last:
            value = self.balls(bits).ask(question)
            if value > 0 or value < 0 or value.is_zero():
                return Sign(1 if value > 0 else -1 if value < 0 else 0, bits, raised, by_algebra=False)
            if not tried and (bits >= BITS_BEFORE_ALGEBRA or 2 * bits > last):
                tried = True
                if vanishes() or self.is_exactly_zero(question):
                    return Sign(0, bits, raised, by_algebra=True)
            bits *= 2
            raised += 1
        raise Inconclusive(f"{about()}: neither {bits // 2} bits nor algebra decide")

    def is_still(self, i: int, support: tuple[int, ...]) -> bool:
        """Whether ∇L_i is shown to be zero: column i, or y, is a multiple of a column of the support."""
        return any(self.ratio(j, i) is not None or self.ratio(j, None) is not None for j in support)

    def ratio(self, i: int, j: int | None) -> Any | None:
        """c with X_j = c·X_i in the field, where that is shown; None for j stands for y in place of X_j."""
        column = self.balls(self.start_bits).columns[i]
        pivot = next((p for p, x in enumerate(column) if x > 0 or x < 0), None)
        if pivot is None:
            return None
        view = self.exact
        return view.ratio(view.columns[i], view.target if j is None else view.columns[j], pivot)

    def value(self, question: Question, digits: int, vanishes: Callable[[], bool] = lambda: False) -> arb:
        """The answer within 10^−digits of itself; exactly 0 where algebra, or vanishes, proves that."""
        bits, tried = max(bits_of(digits) + 32, self.start_bits), False
        while bits <= max(self.max_bits, 16 * bits_of(digits)):
            found = self.balls(bits).ask(question)
            if is_accurate(found, digits):
                return found
            if not tried and found.contains(0):
                tried = True
                if vanishes() or self.is_exactly_zero(question):
                    return arb(0)
            bits *= 2
        raise Inconclusive(f"a number was not told from zero at {bits // 2} bits")

    def fraction(self, question: Question, name: str, instead: str) -> Fraction:
        """The answer when algebra shows it to be rational; raises InvalidInput where it does not."""
        value = self.exact.field.rational(self.exact.ask(question))
        if value is None:
            raise InvalidInput(f"{name} is not known to be rational: {instead}() gives it to any digits")
        return Fraction(int(value.p), int(value.q))


def _carried(problem: RealProblem, bits: int, max_bits: int, plateaus: list[Plateau]) -> RealNumbers:
    numbers = RealNumbers(problem, bits, max_bits)
    numbers.plateaus.extend(plateaus)
    return numbers
