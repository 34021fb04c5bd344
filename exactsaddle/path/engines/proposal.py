"""Which columns the next saddle may use: a guess in plain floats, which nothing relies on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from exactsaddle.path.engines.data import ScaledProblem

TOLERANCE = 1e-10


def propose_support(
    data: ScaledProblem, active: Mapping[int, int], support: Sequence[int]
) -> tuple[int, ...]:
    """A guess at the support of the least squares solution on the sign cone of ``active``.

    active maps coordinates to the sign the cone allows; support is where the last saddle was nonzero.
    The active set method of ``cone.least_squares_on_cone`` in floats, given up after a while.
    """
    design = data.design
    target = data.target_floats
    free = np.array(sorted(active), dtype=int)
    if not len(free):
        return ()
    signs = np.zeros(data.d)
    signs[free] = [active[int(i)] for i in free]
    beta = np.zeros(data.d)
    working = [i for i in support if i in active]
    for _ in range(3 * len(free) + 3):
        while working:
            try:
                candidate = np.linalg.solve(data.gram(working), data.correlation[working])
            except np.linalg.LinAlgError:
                return tuple(working)
            blocking = candidate * signs[working] < 0
            old = beta[working]
            beta[:] = 0.0
            if not blocking.any():
                beta[working] = candidate
                break
            step = float(np.min(old[blocking] / (old[blocking] - candidate[blocking]), initial=1.0))
            moved = old + step * (candidate - old)
            kept = ~blocking | (np.abs(moved) > TOLERANCE * np.abs(candidate - old))
            kept[np.flatnonzero(blocking)[np.argmin(np.abs(moved[blocking]))]] = False
            beta[np.array(working)[kept]] = moved[kept]
            working = [i for i, keep in zip(working, kept, strict=True) if keep]
        residual = target - design[:, working] @ beta[working]
        pull = signs[free] * (design[:, free].T @ residual)
        pull[np.isin(free, working)] = 0.0
        scale = TOLERANCE * data.norms[free] * float(np.linalg.norm(residual))
        eligible = free[pull > scale]
        if not len(eligible):
            break
        working = sorted([*working, int(eligible[0])])
    return tuple(working)
