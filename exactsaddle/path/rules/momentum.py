"""Gradient descent with momentum: the heavy ball."""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_decimal, to_rational, to_text
from exactsaddle.path.rules.flow import GradientFlow
from exactsaddle.path.rules.rule import FlowRule, SteppedRule


class HeavyBall(SteppedRule):
    """w_σ ← w_σ + ηf(h)w_σ + μ(w_σ − w_σ before), from rest; a(h) = ln|x|/η, x the dominant root of

        x² − (1 + μ + ηf(h))x + μ = 0.

    momentum is 0 ≤ μ < 1. As η → 0 the path is that of the flow at 1/(1 − μ) times its speed. Where
    1 + μ + ηf < 2√μ the roots are complex, |x| = √μ: a weight that shrinks so fast oscillates, and the rate
    is that of its amplitude. Source: Polyak 1964; MATHEMATICS.md §11.
    """

    def __init__(self, step: Any, momentum: Any, flow: FlowRule | None = None) -> None:
        super().__init__(step, flow or GradientFlow())
        self.momentum = to_rational(momentum)
        if not 0 <= self.momentum < 1:
            raise InvalidInput(f"momentum must be at least 0 and below 1, not {to_decimal(self.momentum)}")

    @property
    def largest_curvature(self) -> fmpq:
        """1 + μ: the roots of x² − (1 + μ − 2ηλ)x + μ are inside the circle for 0 < ηλ < 1 + μ."""
        return 1 + self.momentum

    def rate(self, drive: fmpq) -> arb:
        """ln|x|/η at the working precision."""
        if self.oscillates(drive):
            return self._amplitude / arb(self.step)
        return self._growth(drive).log1p() / arb(self.step)

    def oscillates(self, drive: fmpq) -> bool:
        """Where the roots are complex."""
        return self._square(drive) < 0

    def _square(self, drive: fmpq) -> fmpq:
        """The discriminant of z² − (ηf − 1 + μ)z − ηf, z = x − 1: below 0 where roots are complex."""
        half = self.step * drive - (1 - self.momentum)
        return half * half + 4 * self.step * drive

    def _growth(self, drive: fmpq) -> arb:
        """x − 1."""
        excess, root = self.step * drive, arb(self._square(drive)).sqrt()
        half = excess - (1 - self.momentum)
        return 2 * excess / (root - half) if half < 0 else (root + half) / 2  # no cancellation

    @property
    def _amplitude(self) -> arb:
        """ln√μ, what ln|x| is where roots are complex."""
        return arb(self.momentum).log() / 2

    def at(self, step: Any) -> HeavyBall:
        """The same with another step."""
        return HeavyBall(step, self.momentum, self.flow)

    def slope(self, drive: fmpq) -> arb:
        """(f·x/(x² − μ) − a)/η, dx/d(ηf) being x²/(x² − μ); −a/η where roots are complex."""
        if self.oscillates(drive):
            return -self.rate(drive) / arb(self.step)
        x = 1 + self._growth(drive)
        return (arb(drive) * x / (x * x - arb(self.momentum)) - self.rate(drive)) / arb(self.step)

    def between(self, drive: fmpq, low: fmpq, high: fmpq) -> tuple[arb, arb]:
        """The same on each side of the step at which roots turn complex: a falls up to it and rises from it.

        There it is ln√μ over the step, at least ln√μ/low, and its slope has no bound.
        """
        turns = self.at(high).oscillates(drive) and not (low > 0 and self.at(low).oscillates(drive))
        if not turns:
            return super().between(drive, low, high)
        least = self._amplitude / arb(low) if low > 0 else arb.neg_inf()
        first = self.at(low).rate(drive) if low > 0 else arb(self.expansion(drive)[0])
        return first.union(self.at(high).rate(drive)).union(least), arb(0, arb.pos_inf())

    def expansion(self, drive: fmpq) -> tuple[fmpq, fmpq]:
        """(f/(1 − μ), −f²(1 + μ)/(2(1 − μ)³))."""
        rest = 1 - self.momentum
        return drive / rest, -drive * drive * (1 + self.momentum) / (2 * rest * rest * rest)

    def to_json(self) -> dict[str, Any]:
        """The step, the momentum, and the parameters of the flow."""
        return {**self.flow.to_json(), "step": to_text(self.step), "momentum": to_text(self.momentum)}

    def __repr__(self) -> str:
        return f"HeavyBall({to_text(self.step)!r}, {to_text(self.momentum)!r}, {self.flow!r})"
