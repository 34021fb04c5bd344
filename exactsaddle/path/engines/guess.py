"""Which columns the next saddle may use: a guess in binary64 that nothing relies on, from factors at hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exactsaddle.path.engines.floats import norm
from exactsaddle.path.engines.working import WorkingSet


def guess_support(working: WorkingSet, weights: Mapping[int, float], active: Mapping[int, int]) -> list[int]:
    """The columns that are left in ``working`` by the active set method of ``cone.least_squares_on_cone``.

    It begins with all that is there, and with weights, those of the last saddle; active maps coordinates to
    the sign the cone allows. Raises Unsettled when a column that should enter is not proved independent.
    """
    problem = working.problem
    for _ in range(3 * len(active) + 3):
        columns = list(working.columns)
        goal = working.inverse @ problem.correlation[columns]
        signs = np.array([active[j] for j in columns])
        wrong = np.flatnonzero(goal * signs <= 0)
        if len(wrong):
            old = np.array([weights.get(j, 0.0) for j in columns])
            left = (old - goal)[wrong]
            steps = np.where(left == 0, 0.0, old[wrong] / left)
            first = int(np.argmin(steps))
            weights = dict(zip(columns, (old + steps[first] * (goal - old)).tolist(), strict=True))
            working.remove(columns[wrong[first]])
            continue
        others = [j for j in active.keys() - set(columns) if problem.moving[j]]
        if not others:
            break
        weights = dict(zip(columns, goal.tolist(), strict=True))
        residual = problem.target - goal @ working.matrix
        pulls = np.array([active[j] for j in others]) * (problem.rows[others] @ residual)
        best = int(np.argmax(pulls))
        if not pulls[best] > problem.rounding * float(problem.norms[others[best]]) * norm(residual):
            break
        working.append(others[best])
    return list(working.columns)
