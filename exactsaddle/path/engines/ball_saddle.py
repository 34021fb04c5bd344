"""What saddles whose numbers are balls have in common: they are the plateaus they were found by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exactsaddle.numbers import decimal_of
from exactsaddle.path.engines.by_balls import ByBalls
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.saddle import Saddle

if TYPE_CHECKING:
    from exactsaddle.path.engines.history import History
    from exactsaddle.path.engines.real_numbers import RealNumbers


class BallSaddle(ByBalls, Saddle):
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

    def jump_time_text(self, digits: int) -> str:
        """t_k rounded to that many significant digits."""
        return decimal_of(self.jump_time_ball, digits)
