"""Gradient descent with a fixed step."""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq

from exactsaddle.numbers import to_text
from exactsaddle.path.rules.flow import GradientFlow
from exactsaddle.path.rules.rule import FlowRule, SteppedRule


class GradientDescent(SteppedRule):
    """w_σ ← (1 + ηf(h))w_σ, so a(h) = ln(1 + ηf(h))/η, η the step and f the rate of the flow it discretises.

    flow is GradientFlow by default; WeightDecay gives descent with decay (f = h − λ_i), SharpnessAware the
    sharpness-aware step (f = h − ρh²). A weight keeps its sign while ηf > −1.
    Source: MATHEMATICS.md §9; Even, Pesme, Gunasekar & Flammarion 2023 for the iteration.
    """

    largest_curvature = fmpq(1)

    def __init__(self, step: Any, flow: FlowRule | None = None) -> None:
        super().__init__(step, flow or GradientFlow())

    def rate(self, drive: fmpq) -> arb:
        """ln(1 + ηf)/η at the working precision."""
        return arb(self.step * drive).log1p() / arb(self.step)

    def at(self, step: Any) -> GradientDescent:
        """The same with another step."""
        return GradientDescent(step, self.flow)

    def slope(self, drive: fmpq) -> arb:
        """(f/(1 + ηf) − a)/η."""
        return (arb(drive / (1 + self.step * drive)) - self.rate(drive)) / arb(self.step)

    def expansion(self, drive: fmpq) -> tuple[fmpq, fmpq]:
        """(f, −f²/2)."""
        return drive, -drive * drive / 2

    def to_json(self) -> dict[str, Any]:
        """The step, and the parameters of the flow."""
        return {**self.flow.to_json(), "step": to_text(self.step)}

    def __repr__(self) -> str:
        return f"GradientDescent({to_text(self.step)!r}, {self.flow!r})"
