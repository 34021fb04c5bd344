"""Gradient flow with weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput, misfit
from exactsaddle.numbers import to_decimal, to_rational, to_text
from exactsaddle.path.rules.rule import FlowRule


class WeightDecay(FlowRule):
    """The flow of L + Σ (λ_i/2)(u_i² + v_i²): w_σ' = (h − λ_i)w_σ, so a(h) = h − λ_i.

    penalty is λ ≥ 0, one number or d of them. A nonzero coordinate rests where σ∇L = −λ_i, so the path ends,
    with finite thresholds, at a minimiser of L + Σ λ_i|β_i|: the Lasso.
    Source: MATHEMATICS.md §11; Hoff 2017 for the Lasso as the penalised product.
    """

    def __init__(self, penalty: Any) -> None:
        several = isinstance(penalty, Iterable) and not isinstance(penalty, (str, bytes))
        self.penalties: tuple[fmpq, ...] = tuple(map(to_rational, penalty if several else [penalty]))
        """λ: one number for all coordinates, or d."""
        self._common = not several
        for i, value in enumerate(self.penalties):
            if value < 0:
                where = f"penalty of column {i}" if several else "penalty"
                raise InvalidInput(f"{where} must be at least 0, not {to_decimal(value)}")

    def penalty(self, i: int) -> fmpq:
        """λ_i."""
        return self.penalties[0 if self._common else i]

    def drive(self, i: int, push: fmpq) -> fmpq:
        """h − λ_i."""
        return push - self.penalty(i)

    def fits(self, d: int) -> None:
        """Raise InvalidInput for d numbers too many or too few."""
        if not self._common and len(self.penalties) != d:
            raise misfit("penalty", len(self.penalties), d, "column")

    @property
    def in_deep_networks(self) -> str:
        """It is too strong, or it only ends the flow's path."""
        return (
            "at depth L ≥ 3 small weights grow at rates of order α^(L−2), so that under a fixed decay none "
            "grows; a common decay of Lα^(L−2)/T follows the path of gradient flow up to its time T and no "
            "further (MATHEMATICS.md §11)"
        )

    def to_json(self) -> dict[str, Any]:
        """λ, one number or d."""
        texts = [to_text(value) for value in self.penalties]
        return {"penalty": texts[0] if self._common else texts}

    def __repr__(self) -> str:
        return f"WeightDecay({self.to_json()['penalty']!r})"
