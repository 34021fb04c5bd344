"""How much work the flow is, from the exact path: to an explicit integrator, and to enclose."""

from __future__ import annotations

import math
from typing import Any

from flint import arb, arb_mat

from exactsaddle.base import workprec
from exactsaddle.numbers import to_float, to_rational
from exactsaddle.path import Saddle, SaddlePath

_SQUARINGS = 7


def flow_work(path: SaddlePath, until: float = math.inf) -> int:
    """Units of enclosing the flow at one α: (saddles)·(8 + k + kd/1000)·spread, k = min(n, d).

    Measured on data of 3 × 5 to 60 × 200: some 3 ms each at α = 1e-8, a third more at 1e-16, a third at 1e-2.
    Only saddles up to the accelerated time ``until`` count. spread is 1 where the last of their jumps comes
    within 2^30 times the time of the first, and grows as their ratio beyond: a stiff plateau takes steps
    that do not grow with it.
    """
    n, d = path.problem.shape
    k, spread, count = min(n, d), 0, len(path)
    while until < math.inf and count > 1 and float(path[count - 1].jump_time_ball(17)) > until:
        count -= 1
    if count > 2:
        first, last = (float(saddle.jump_time_ball(17)) for saddle in (path[1], path[count - 1]))
        spread = math.frexp(last / first)[1] - 31 if 0 < first <= last < math.inf else 0
    return count * (8 + k + k * d // 1000) << max(0, spread)


def over_flow_work(each: int, budget: int) -> str:
    """That a flow is beyond a budget at each of several α, in words."""
    return (
        f"beyond the budget: {each:,} units of flow-work at each α (saddles · (8 + k + kd/1000) · spread, "
        f"k = min(n, d)), of {budget:,} in all"
    )


def stiffness(path: SaddlePath, last: Any) -> float:
    """S = Σ_k λ_max(D_k G)·(t_{k+1} − t_k) up to the accelerated time ``last``; a float estimate.

    D_k is the link's response at β_k, 2 diag|β_k| for two layers. An explicit method needs about S/ε units of
    work, ℓ·S for two layers (MATHEMATICS.md §5). Plateaus beyond the horizon of a
    prefix are not counted.
    """
    end = to_float(to_rational(last))
    total = 0.0
    starts = [float(saddle.jump_time_ball(17)) for saddle in path]
    for saddle, start, following in zip(path, starts, [*starts[1:], end], strict=True):
        width = min(following, end) - start
        if width > 0 and saddle.support:
            total += _largest_eigenvalue(saddle) * width
    return total


def _largest_eigenvalue(saddle: Saddle) -> float:
    """λ_max(D G) on the support a, at most 1 + ln(a)/256 times too large: ‖A^128‖_F^(1/128).

    In FLINT's arithmetic, the same on every processor: budgets are decided by it.
    """
    support = list(saddle.support)
    columns = [saddle.problem.normal_equations.gram_column(j) for j in support]
    with workprec(64):
        link = saddle.problem.network.link(saddle.problem.d)
        roots = [link.response(i, abs(arb(saddle.beta_vector[i]))).sqrt() for i in support]
        power = arb_mat(
            [
                [p * q * arb(column[i]) for i, p in zip(support, roots, strict=True)]
                for column, q in zip(columns, roots, strict=True)
            ]
        )
        for _ in range(_SQUARINGS):
            power = (power * power).mid()
        norm = sum((value * value for value in power.entries()), arb(0))
        return float(norm ** (arb(1) / 2 ** (_SQUARINGS + 1)))
