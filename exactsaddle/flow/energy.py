"""The loss in balls, as a sum of as many squares as X has independent columns, or rows if those are fewer.

With X = X_P R, G_PP = LDLᵀ and LDu = r_P,  ‖y − Xβ‖²/n = c + Σ_a D_a (u − LᵀRβ)_a², where c is the least
of it: ‖y‖²/n − r_Pᵀ G_PP⁻¹ r_P. Squares: wide balls of β give no loss below c/2. [elementary]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat, fmpq

from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.numbers import Carried, to_rational


@dataclass(frozen=True, eq=False)
class Energy(Carried):
    """2L(β) = least + Σ_a weights_a (target − design β)_a², in balls of the precision of ``of``."""

    least: arb
    weights: tuple[arb, ...]
    target: tuple[arb, ...]
    design: arb_mat

    @classmethod
    def of(cls, flow: ReducedFlow) -> Energy:
        """That of a problem, at the working precision."""
        return (flow.rank < flow.problem.n and cls._factored(flow)) or cls._whole(flow)

    @classmethod
    def _whole(cls, flow: ReducedFlow) -> Energy:
        problem = flow.problem
        design = arb_mat([[arb(to_rational(value)) for value in row] for row in problem.X])
        target = tuple(arb(to_rational(value)) for value in problem.y)
        return cls(arb(0), (arb(fmpq(1, problem.n)),) * problem.n, target, design)

    @classmethod
    def _factored(cls, flow: ReducedFlow) -> Energy | None:
        """None where balls do not tell G_PP from a singular matrix."""
        size, pivots = flow.rank, flow.pivots
        lower = [[arb(0)] * size for _ in range(size)]
        weights: list[arb] = []
        target: list[arb] = []
        for a, row in enumerate(flow.gram_rows):
            for b in range(a + 1):
                known = zip(lower[a][:b], weights, lower[b][:b], strict=False)
                value = arb(row[pivots[b]]) - sum((x * d * y for x, d, y in known), arb(0))
                if a == b and not value > 0:
                    return None
                lower[a][b] = value / weights[b] if b < a else arb(1)
            weights.append(value)
            before = zip(lower[a][:a], weights, target, strict=False)
            target.append((arb(flow.correlation[a]) - sum((x * d * u for x, d, u in before), arb(0))) / value)
        r, y = flow.correlation, flow.problem.target_vector
        explained = sum(
            (p * m * q for p, row in zip(r, flow.metric, strict=True) for m, q in zip(row, r, strict=True)),
            fmpq(0),
        )
        reduction = arb_mat(size, flow.problem.d, [value for row in flow.reduction for value in row])
        least = arb(y.dot(y) / flow.problem.n - explained)
        return cls(least, tuple(weights), tuple(target), arb_mat(lower).transpose() * reduction)

    def loss(self, beta: Sequence[arb]) -> arb:
        """L(β)."""
        fitted = (self.design * arb_mat(len(beta), 1, list(beta))).entries()
        squares = (
            weight * (y - f) * (y - f) for weight, y, f in zip(self.weights, self.target, fitted, strict=True)
        )
        return sum(squares, self.least) / 2
