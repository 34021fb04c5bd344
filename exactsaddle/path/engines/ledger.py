"""What a computed curve is away from the true one: the theorem that it does not grow, as an account.

The true z moves by z' ∈ ỹ − N_K(z). Let z̃ be in K, move on plateau k with the exact slope ū_k = ỹ − x̃β_k,
from a_k, where all that the combinatorics put on a threshold is exactly there, and jump from plateau to
plateau at times t̂_k of its own. Then ‖z(t) − z̃(t)‖ is at most the sum of the jumps before t, whatever t̂ is
(MATHEMATICS.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass

from exactsaddle.path.engines.binary import UP


@dataclass
class Ledger:
    """Bounds at the start t̂_k of a plateau; lengths of z and times in the unit of whoever keeps it."""

    speed: float
    """At least ‖z'‖ from the earlier of t_k and t̂_k on: it never increases."""
    epsilon: float = 0.0
    """At least ‖z(t) − z̃(t)‖ for every t until z̃ jumps again."""
    anchor: float = 0.0
    """At least ‖a_k − ẑ_k‖, where ẑ_k is what was computed."""
    time_error: float = 0.0
    """At least |t_k − t̂_k|."""

    @property
    def at_jump(self) -> float:
        """At least ‖z(t_k) − ẑ_k‖."""
        return (self.epsilon + self.anchor + self.time_error * self.speed) * UP

    @property
    def in_step(self) -> float:
        """At least ‖z(t) − ẑ(t)‖ at any t in plateau k of z and of z̃ both, ẑ moving like z̃ from ẑ_k."""
        return (self.epsilon + self.anchor) * UP

    def is_in_step(self, true_length: float, length: float) -> bool:
        """Whether some t is proved to be in plateau k of both, for lower bounds of what they last.

        It is max(t_k, t̂_k), which is at most t̂_k + |t_k − t̂_k| and t_k + |t_k − t̂_k|.
        """
        return 2 * self.time_error < min(true_length, length)

    def move(self, length: float, slope_error: float, rounding: float) -> None:
        """z̃ has moved for this time; the slope taken and ẑ are off by no more than this."""
        self.epsilon = (self.epsilon + self.anchor + length * slope_error + rounding) * UP

    def jump(self, correction: float, anchor: float, time_error: float) -> None:
        """ẑ was corrected by so much, is now this near to the new a_k, and z jumps this near to now."""
        self.epsilon = (self.epsilon + correction + anchor) * UP
        self.anchor = anchor
        self.time_error = time_error
