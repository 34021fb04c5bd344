"""What saddles and knots whose numbers are balls have in common: norm and text from the balls alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flint import arb

from exactsaddle.base import workprec
from exactsaddle.numbers import decimal_of
from exactsaddle.path.saddle import bits_of


class ByBalls:
    """β and the loss come as balls to any digits; text is read off them and never makes an exact number."""

    if TYPE_CHECKING:

        def beta_ball(self, digits: int = 30) -> tuple[arb, ...]:
            """β, d balls, each nonzero entry within 10^−digits of itself."""

        def loss_ball(self, digits: int = 30) -> arb:
            """L(β) within 10^−digits of itself."""

    def l1_norm_ball(self, digits: int = 30) -> arb:
        """‖β‖₁ within 10^−digits of itself."""
        with workprec(bits_of(digits) + 64):
            return sum((abs(b) for b in self.beta_ball(digits + 6)), arb(0))

    def beta_text(self, i: int, digits: int) -> str:
        """β_i rounded to that many significant digits."""
        return decimal_of(lambda more: self.beta_ball(more)[i], digits)

    def loss_text(self, digits: int) -> str:
        """L(β) rounded to that many significant digits."""
        return decimal_of(self.loss_ball, digits)

    def l1_norm_text(self, digits: int) -> str:
        """‖β‖₁ rounded to that many significant digits."""
        return decimal_of(self.l1_norm_ball, digits)
