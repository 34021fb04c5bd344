"""What saddles whose numbers are balls have in common: norms and text from the balls alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb

from exactsaddle.base import workprec
from exactsaddle.numbers import decimal_of
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.saddle import Saddle, bits_of

if TYPE_CHECKING:
    from exactsaddle.path.engines.history import History
    from exactsaddle.path.engines.real_numbers import RealNumbers


class BallSaddle(Saddle):
    """A saddle whose balls come to any digits; its text never makes an exact number.

    It is what is proved of it, the plateaus up to its own: two are equal when those are, and what carries one
    carries them, small as they are, from which every number is computed again to any digits.
    """

    active: dict[int, int]
    _found: History | RealNumbers

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._found, self.index, self.support, self.active)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, BallSaddle):
            return NotImplemented
        return (self.problem, self._plateaus()) == (other.problem, other._plateaus())

    __hash__ = Saddle.__hash__

    def _plateaus(self) -> list[Plateau]:
        return self._found.plateaus[: self.index + 1]

    def l1_norm_ball(self, digits: int = 30) -> arb:
        """‖β_k‖₁ within 10^−digits of itself."""
        with workprec(bits_of(digits) + 64):
            return sum((abs(b) for b in self.beta_ball(digits + 6)), arb(0))

    def jump_time_text(self, digits: int) -> str:
        """t_k rounded to that many significant digits."""
        return decimal_of(self.jump_time_ball, digits)

    def beta_text(self, i: int, digits: int) -> str:
        """β_k,i rounded to that many significant digits."""
        return decimal_of(lambda more: self.beta_ball(more)[i], digits)

    def loss_text(self, digits: int) -> str:
        """L(β_k) rounded to that many significant digits."""
        return decimal_of(self.loss_ball, digits)

    def l1_norm_text(self, digits: int) -> str:
        """‖β_k‖₁ rounded to that many significant digits."""
        return decimal_of(self.l1_norm_ball, digits)
