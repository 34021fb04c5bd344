"""The limit path of an optimiser: saddles over Q, their times over Q or in balls of any precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, overload

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, by_name, one_at_a_time, workprec
from exactsaddle.doors import DescentDoors
from exactsaddle.numbers import Carried, Vector, decimal_of, to_decimal, to_fraction, to_rational
from exactsaddle.path.descent.duals import Duals, Plateau
from exactsaddle.path.descent.engine import duals_after, iterate_plateaus
from exactsaddle.path.rules import GradientDescent, Rule, require_two_layers
from exactsaddle.path.saddle import bits_of
from exactsaddle.problem import Problem, RealProblem

MAX_SADDLES = 10_000
MAX_BITS = 4_096


@dataclass(frozen=True, eq=False)
class DescentSaddle(Carried):
    """A saddle of the path of a rule: β and ∇L over Q; t and the two duals over Q or in balls.

    plateaus are those up to its own.
    """

    problem: Problem
    rule: Rule
    plateaus: tuple[Plateau, ...]

    @property
    def index(self) -> int:
        """k."""
        return len(self.plateaus) - 1

    @property
    def beta_vector(self) -> Vector:
        """β_k, for the engine."""
        return self.plateaus[-1].beta

    @property
    def gradient_vector(self) -> Vector:
        """∇L(β_k), for the engine."""
        return self.plateaus[-1].gradient

    @cached_property
    def beta(self) -> tuple[Fraction, ...]:
        """β_k, d Fractions."""
        return self.beta_vector.fractions()

    @cached_property
    def gradient(self) -> tuple[Fraction, ...]:
        """∇L(β_k), d Fractions, without any penalty."""
        return self.gradient_vector.fractions()

    @cached_property
    def loss(self) -> Fraction:
        """L(β_k), without any penalty."""
        return to_fraction(self.problem.loss_at(self.beta_vector))

    @property
    def support(self) -> tuple[int, ...]:
        """Indices with β_k ≠ 0, ascending."""
        return self.beta_vector.support

    @property
    def active(self) -> dict[int, int]:
        """The coordinates on a threshold at t_k, with the side: 1 for s⁺_i = c⁺_i, −1 for s⁻_i = c⁻_i."""
        return dict(self.plateaus[-1].active)

    @property
    def hits(self) -> dict[int, int]:
        """Who lands on a threshold at the end of the plateau, and on which side; empty at the end."""
        return dict(self.plateaus[-1].hits)

    @cached_property
    def jump_time(self) -> Fraction:
        """t_k; raises InvalidInput, for k > 0, where times are not rational: see ``jump_time_ball``."""
        if self.index == 0:
            return Fraction(0)
        if not self.rule.exact:
            raise InvalidInput(f"the jump times of {self.rule!r} are not rational: take jump_time_ball")
        return to_fraction(self._duals(0).time)

    def jump_time_ball(self, digits: int = 30) -> arb:
        """t_k within 10^−digits of itself: real time, or step·steps, over ln(1/α)."""
        return self._to_digits(lambda duals: [duals.time], digits)[0]

    def jump_time_text(self, digits: int = 10) -> str:
        """t_k rounded to that many significant digits."""
        return decimal_of(self.jump_time_ball, digits)

    def dual_balls(self, side: int, digits: int = 30) -> tuple[arb, ...]:
        """s⁺ (side 1) or s⁻ (side −1) at t_k, d balls within 10^−digits; −∞ at infinite thresholds."""

        def read(duals: Duals) -> list[Any]:
            found = []
            for i in range(self.problem.d):
                threshold = self.problem.threshold(i, side)
                found.append(arb.neg_inf() if threshold is None else threshold - duals.rooms[i, side])
            return found

        return tuple(self._to_digits(read, digits))

    def horizon_ball(self, digits: int = 30) -> arb | None:
        """The end of the plateau, t_{k+1}, within 10^−digits; None when nobody can hit any more.

        It is the first wait whoever it belongs to, so that an undecided tie does not matter.
        """

        def read(duals: Duals) -> list[Any]:
            waits = list(duals.waits(duals.drives(self.gradient_vector)).values())
            first = waits[0] if waits else None
            for wait in waits[1:]:
                first = first.min(wait) if isinstance(first, arb) else min(first, wait)
            return [] if first is None else [duals.time + first]

        found = self._to_digits(read, digits)
        return found[0] if found else None

    def _to_digits(self, read: Callable[[Duals], list[Any]], digits: int) -> list[arb]:
        bits = bits_of(digits) + 64
        while True:
            duals = self._duals(bits)
            with workprec(bits):
                found = [arb(value) for value in read(duals)]
                enough = arb(10) ** -digits
                if all(not value.is_finite() or arb(value.rad()) < enough for value in found):
                    return found
            bits *= 2

    def _duals(self, bits: int) -> Duals:
        return duals_after(self.problem, self.rule, self.plateaus[:-1], bits or 64)

    def __repr__(self) -> str:
        beta = by_name(self.problem.names, ((i, to_decimal(self.beta_vector[i], 6)) for i in self.support))
        return f"DescentSaddle({self.index}, t = {self.jump_time_text(10)}, beta = {beta})"


class DescentPath(Carried, DescentDoors, Sequence[DescentSaddle]):
    """The saddles of the path of a rule, 0 = t_0 < t_1 < …; made by ``descent_path``.

    ``complete`` is False when the path is a proved prefix: ``stopped_by`` says why, and it holds up to the
    horizon of the last saddle.
    """

    def __init__(
        self, problem: Problem, rule: Rule, plateaus: Sequence[Plateau], stopped_by: str | None
    ) -> None:
        self.problem, self.rule, self.stopped_by = problem, rule, stopped_by
        self.plateaus = tuple(plateaus)

    @cached_property
    def _saddles(self) -> tuple[DescentSaddle, ...]:
        return tuple(
            DescentSaddle(self.problem, self.rule, self.plateaus[: k + 1]) for k in range(len(self.plateaus))
        )

    @overload
    def __getitem__(self, index: int) -> DescentSaddle: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[DescentSaddle, ...]: ...
    def __getitem__(self, index: int | slice) -> DescentSaddle | tuple[DescentSaddle, ...]:
        return self._saddles[index]

    def __len__(self) -> int:
        return len(self.plateaus)

    def __repr__(self) -> str:
        state = "complete" if self.complete else f"prefix, stopped by {self.stopped_by}"
        return f"DescentPath({len(self)} saddles of {self.problem!r} by {self.rule!r}, {state})"

    @property
    def complete(self) -> bool:
        """True when no weight can grow after the last saddle."""
        return self.stopped_by is None

    @cached_property
    def events(self) -> tuple[dict[int, int], ...]:
        """Who hits, on which side, at each jump: what paths of other steps, or the flow's, may share."""
        return tuple(dict(plateau.hits) for plateau in self.plateaus if plateau.hits)

    def shared_jumps(self, other: DescentPath) -> int:
        """How many jumps at the beginning have the same hits in both paths."""
        pairs = enumerate(zip(self.events, other.events, strict=False))
        differing = (k for k, (mine, its) in pairs if mine != its)
        return next(differing, min(len(self.events), len(other.events)))

    @cached_property
    def jump_times(self) -> tuple[Fraction, ...]:
        """t_0 = 0, t_1, …; raises InvalidInput for a rule whose times are not rational."""
        return tuple(saddle.jump_time for saddle in self)

    def at(self, t: Any) -> tuple[Fraction, ...]:
        """The limit at time t ≥ 0, d Fractions, right-continuous at jumps.

        Raises InvalidInput for t < 0, Inconclusive beyond the end of a prefix and where MAX_BITS do not tell
        t from a jump time.
        """
        time = to_rational(t)
        if time < 0:
            raise InvalidInput(f"time {to_decimal(time)} is negative")
        if not self.complete:
            horizon = self[-1].horizon_ball
            if _reaches(time, lambda digits: horizon(digits) or arb.pos_inf()):
                raise Inconclusive(
                    f"t = {to_decimal(time)} is at or beyond the end of this prefix ({self.stopped_by})"
                )
        low, high = 0, len(self)
        while high - low > 1:
            middle = (low + high) // 2
            reached = _reaches(time, self[middle].jump_time_ball)
            low, high = (middle, high) if reached else (low, middle)
        return self[low].beta


def _reaches(time: fmpq, enclose: Callable[[int], arb]) -> bool:
    """Whether time is at or after the number that ``enclose`` gives to any digits."""
    digits = 20
    while digits <= MAX_BITS // 4:
        ball = enclose(digits)
        with workprec(bits_of(digits) + 64):
            if ball <= time or ball > time:
                return bool(ball <= time)
        digits *= 2
    raise Inconclusive(f"{digits // 2} digits do not tell t = {to_decimal(time)} from a jump time")


@one_at_a_time
def descent_path(
    problem: Problem,
    step: Any = None,
    *,
    rule: Rule | None = None,
    max_saddles: int = MAX_SADDLES,
    max_bits: int = MAX_BITS,
    progress: Callable[[DescentSaddle], bool | None] | None = None,
) -> DescentPath:
    """The limit path, as α → 0, of gradient descent with this step on u ⊙ v, or of another rule.

    With w± = (u ± v)/√2, a small weight is multiplied at each step by 1 ∓ η∇L: on a plateau its dual moves at
    the rate ln(1 ∓ η∇L)/η in the time t = step·(number of steps)/ln(1/α), and the first to reach its
    threshold ends the plateau; β is then least squares on the cone of the weights on their thresholds. Any
    thresholds and initial dual over Q are taken.

    Every β is over Q and proved by its KKT conditions; the order of events is proved by balls of at most
    max_bits bits, ties by equal histories; that each saddle attracts is decided over Q. The path ends as a
    prefix, with the reason, where a saddle does not attract, where a weight would change sign, where a tie is
    not decided, at max_saddles, or when ``progress`` returns False. *Not* proved: that the iteration, leaving
    one saddle, arrives at the next, which is known for the flow.

    Raises InvalidInput where the step reverses a weight at the first saddle already and for another network
    than u ⊙ v from scale 1, Inconclusive where that saddle is not known to attract.
    Source: MATHEMATICS.md §9 and §11.
    """
    if (step is None) == (rule is None):
        raise InvalidInput("give a step or a rule, and not both")
    chosen = GradientDescent(step) if rule is None else rule
    if max_saddles < 1 or max_bits < 1:
        raise InvalidInput(f"max_saddles and max_bits must be at least 1, not {max_saddles} and {max_bits}")
    require_two_layers(problem, chosen)
    if isinstance(problem, RealProblem) or not problem.is_rational:
        raise InvalidInput("the path of a rule needs rational entries, thresholds and initial dual")
    chosen.fits(problem.d)
    found: list[Plateau] = []
    try:
        for plateau in iterate_plateaus(problem, chosen, max_bits):
            found.append(plateau)
            wanted = progress is None or progress(DescentSaddle(problem, chosen, tuple(found))) is not False
            if plateau.hits and not (wanted and len(found) < max_saddles):
                reason = f"max_saddles = {max_saddles}" if wanted else "request"
                return DescentPath(problem, chosen, found, reason)
    except Inconclusive as error:
        if not found:
            raise
        return DescentPath(problem, chosen, found, str(error))
    return DescentPath(problem, chosen, found, None)
