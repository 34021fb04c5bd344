"""What saddles whose numbers are balls have in common: norms and text from the balls alone."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import workprec
from exactsaddle.numbers import decimal_of
from exactsaddle.path.saddle import Saddle, bits_of


class BallSaddle(Saddle):
    """A saddle whose balls come to any digits; its text never makes an exact number."""

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
