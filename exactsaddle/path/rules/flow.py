"""Gradient flow."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from exactsaddle.path.rules.rule import FlowRule


class GradientFlow(FlowRule):
    """w_σ' = h·w_σ, so a(h) = h: the path is that of Algorithm 1.

    Source: Pesme & Flammarion 2023.
    """

    def drive(self, i: int, push: fmpq) -> fmpq:
        """h."""
        return push

    @property
    def in_deep_networks(self) -> str:
        """Nothing else."""
        return "gradient flow has the same path at every depth, which saddle_path gives"

    def to_json(self) -> dict[str, Any]:
        """Nothing: it has no parameters."""
        return {}

    def __repr__(self) -> str:
        return "GradientFlow()"
