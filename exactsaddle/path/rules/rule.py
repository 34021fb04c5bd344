"""What a rule is: the rate at which the dual of a weight moves under a push, and when a saddle attracts.

With w± = (u ± v)/√2 and β = (w₊² − w₋²)/2, every rule here multiplies a small weight w_σ by a factor that
depends on its *push* h = −σ∇L(β) alone. Written w_σ = α^{c_σ − s_σ}, its dual moves on a plateau at the rate
ds_σ/dt = a(h); t is real time, or step·(number of steps), over ln(1/α). Source: MATHEMATICS.md §9 and §11.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from flint import arb, fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Carried, to_decimal, to_rational, to_text

Scalar = Any
"""fmpq where the rule is exact; arb, at the working precision, where it is not."""


class Reversal(NamedTuple):
    """What changes the sign of a weight, in words, and the value below which it does not."""

    cause: str
    bound: fmpq


class Rule(Carried, ABC):
    """Rates of the duals under a push h, for coordinate i; immutable."""

    @property
    @abstractmethod
    def flow(self) -> FlowRule:
        """The rule of continuous time that this one is a discretisation of: itself for a flow."""

    @property
    @abstractmethod
    def exact(self) -> bool:
        """True when rates are rational: then jump times are."""

    @abstractmethod
    def rate(self, drive: fmpq) -> Scalar:
        """a(h) where the flow's rate is ``drive``, and of its sign, while ``reversal`` is None."""

    @abstractmethod
    def reversal(self, i: int, push: fmpq) -> Reversal | None:
        """What does not let the weight keep its sign under this push; None when it does."""

    @abstractmethod
    def margin(self, gram: Sequence[Sequence[fmpq]], weights: Sequence[fmpq]) -> list[list[fmpq]] | None:
        """A symmetric matrix that is positive definite exactly when the saddle attracts; None: always.

        gram is G_AA on the support A of β, weights are |β_A|: positive.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The parameters as JSON types, rationals as text: what certificates state."""

    @property
    @abstractmethod
    def in_deep_networks(self) -> str:
        """What it does at depth L ≥ 3, in words: why there is no path of its own."""

    def fits(self, d: int) -> None:
        """Raise InvalidInput unless the rule is one for d coordinates."""
        self.flow.fits(d)


class FlowRule(Rule):
    """A rule of continuous time: its rates are rational."""

    exact = True

    @property
    def flow(self) -> FlowRule:
        """Itself."""
        return self

    def rate(self, drive: fmpq) -> fmpq:
        """The drive itself."""
        return drive

    @abstractmethod
    def drive(self, i: int, push: fmpq) -> fmpq:
        """a(h)."""

    def penalty(self, i: int) -> fmpq:
        """λ_i ≥ 0, the push at which a nonzero weight rests."""
        return fmpq(0)

    def reversal(self, i: int, push: fmpq) -> Reversal | None:
        """None, unless a rule says otherwise: a flow keeps signs."""
        return None

    def margin(self, gram: Sequence[Sequence[fmpq]], weights: Sequence[fmpq]) -> list[list[fmpq]] | None:
        """None: a minimiser on its support attracts a flow."""
        return None

    def curvature(self, gram: Sequence[Sequence[fmpq]], weights: Sequence[fmpq]) -> list[list[fmpq]]:
        """The symmetric C with: near the saddle w_A' = −2·diag(√|β_A|) C diag(√|β_A|) w_A."""
        return [list(row) for row in gram]

    def fits(self, d: int) -> None:
        """Nothing, unless a rule has parameters by coordinate."""


class SteppedRule(Rule):
    """A rule that takes steps of a size step > 0 along a flow."""

    exact = False

    def __init__(self, step: Any, flow: FlowRule) -> None:
        self.step = to_rational(step)
        if self.step <= 0:
            raise InvalidInput(f"step must be positive, not {to_decimal(self.step)}")
        self._flow = flow

    @property
    def flow(self) -> FlowRule:
        """The flow it discretises."""
        return self._flow

    @property
    def in_deep_networks(self) -> str:
        """Whatever the flow does that it discretises."""
        return (
            "at depth L ≥ 3 a step changes a small weight by a factor 1 + O(α^(L−2)), so that nothing is "
            f"left of a fixed step, nor of momentum but a speed; {self.flow.in_deep_networks}"
        )

    @abstractmethod
    def at(self, step: Any) -> Self:
        """The same rule with another step."""

    @abstractmethod
    def expansion(self, drive: fmpq) -> tuple[fmpq, fmpq]:
        """(a₀, a₁): a = a₀ + a₁·step + O(step²)."""

    def oscillates(self, drive: fmpq) -> bool:
        """Whether a small weight changes its sign again and again under a drive that does not reverse it."""
        return False

    @abstractmethod
    def slope(self, drive: fmpq) -> arb:
        """da/dη at its step, at the working precision."""

    def between(self, drive: fmpq, low: fmpq, high: fmpq) -> tuple[arb, arb]:
        """Balls of a and of da/dη for every step in [low, high], 0 ≤ low ≤ high, with none that reverses.

        From the ends, as both are monotone in η: a = h(ηf)/η = ∫₀¹ f·h'(ηfs) ds for a function h whose first
        and third derivatives are positive and whose second is negative. Source: MATHEMATICS.md §9 and §11.
        """
        ends = [
            self.expansion(drive) if step == 0 else (self.at(step).rate(drive), self.at(step).slope(drive))
            for step in (low, high)
        ]
        values, slopes = (arb(left).union(arb(right)) for left, right in zip(*ends, strict=True))
        return values, slopes

    @property
    @abstractmethod
    def largest_curvature(self) -> fmpq:
        """κ: a saddle attracts exactly when step·λ_max(diag|β_A| C) < κ, C the flow's curvature."""

    def reversal(self, i: int, push: fmpq) -> Reversal | None:
        """A step at which 1 + ηf ≤ 0."""
        found = self.flow.reversal(i, push)
        drive = self.flow.drive(i, push)
        if found is None and 1 + self.step * drive <= 0:
            found = Reversal(f"a step of {to_text(self.step)}", -1 / drive)
        return found

    def margin(self, gram: Sequence[Sequence[fmpq]], weights: Sequence[fmpq]) -> list[list[fmpq]]:
        """(κ/η)·diag|β_A|⁻¹ − C, as step·λ_max(diag|β_A| C) < κ says."""
        curved = self.flow.curvature(gram, weights)
        bound = self.largest_curvature / self.step
        return [
            [(bound / weights[i] if i == j else fmpq(0)) - c for j, c in enumerate(row)]
            for i, row in enumerate(curved)
        ]
