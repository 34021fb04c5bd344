"""How much work an explicit integrator of the flow has before it, from the exact path."""

from __future__ import annotations

from typing import Any

import numpy as np

from exactsaddle.numbers import to_float, to_rational
from exactsaddle.path import SaddlePath


def stiffness(path: SaddlePath, last: Any) -> float:
    """S = Σ_k 2 λ_max(diag|β_k| G)·(t_{k+1} − t_k) up to the accelerated time ``last``; a float estimate.

    An explicit method needs about ℓ·S units of work (MATHEMATICS.md §5). Plateaus beyond the horizon of a
    prefix are not counted.
    """
    end = to_float(to_rational(last))
    total = 0.0
    starts = [to_float(saddle.time) for saddle in path]
    for saddle, start, following in zip(path, starts, [*starts[1:], end], strict=True):
        width = min(following, end) - start
        if width <= 0 or not saddle.support:
            continue
        support = list(saddle.support)
        columns = [saddle.problem.normal_equations.gram_column(j) for j in support]
        gram = np.array([[to_float(column[i]) for i in support] for column in columns])
        root = np.sqrt([abs(to_float(saddle.beta_vector[i])) for i in support])
        total += 2 * float(np.linalg.eigvalsh(root[:, None] * gram * root)[-1]) * width
    return total
