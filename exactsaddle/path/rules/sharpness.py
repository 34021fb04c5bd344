"""Sharpness-aware minimisation, as a flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_decimal, to_rational, to_text
from exactsaddle.path.rules.rule import FlowRule, Reversal


class SharpnessAware(FlowRule):
    """w' = −∇F(w + ρ∇F(w)): near a saddle w_σ' = h(1 − ρh)w_σ, so a(h) = h − ρh².

    radius is ρ ≥ 0. The ascent w + ρ∇F(w) is the one *without* normalisation: divided by ‖∇F(w)‖ it would
    not be small where w is, and no path of this kind would follow. It keeps the sign of a weight while
    ρh < 1. Source: Foret, Kleiner, Mobahi & Neyshabur 2021, unnormalised as in Andriushchenko & Flammarion
    2022; MATHEMATICS.md §11.
    """

    def __init__(self, radius: Any) -> None:
        self.radius = to_rational(radius)
        if self.radius < 0:
            raise InvalidInput(f"radius must be at least 0, not {to_decimal(self.radius)}")

    def drive(self, i: int, push: fmpq) -> fmpq:
        """h − ρh²."""
        return push - self.radius * push * push

    def reversal(self, i: int, push: fmpq) -> Reversal | None:
        """A radius at which the ascent reverses the sign of the weight."""
        if self.radius * push < 1:
            return None
        return Reversal(f"a radius of {to_text(self.radius)}", 1 / push)

    def curvature(self, gram: Sequence[Sequence[fmpq]], weights: Sequence[fmpq]) -> list[list[fmpq]]:
        """G_AA + 2ρ G_AA diag|β_A| G_AA: the Hessian H = 2·diag(√|β|) G diag(√|β|) meets H + ρH²."""
        size = range(len(weights))
        return [
            [
                gram[i][j]
                + 2 * self.radius * sum((gram[i][k] * weights[k] * gram[k][j] for k in size), fmpq(0))
                for j in size
            ]
            for i in size
        ]

    @property
    def in_deep_networks(self) -> str:
        """Nothing is left of it."""
        return (
            "at depth L ≥ 3 the ascent changes a small weight by a factor 1 + O(α^(L−2)), so that the path "
            "is that of gradient flow"
        )

    def to_json(self) -> dict[str, Any]:
        """ρ."""
        return {"radius": to_text(self.radius)}

    def __repr__(self) -> str:
        return f"SharpnessAware({to_text(self.radius)!r})"
