"""From which saddle on a path fits no more than the rounding of its data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from exactsaddle.base import workprec
from exactsaddle.path.saddle import Saddle, bits_of
from exactsaddle.problem import Problem, Resolution

DIGITS = (30, 120)
"""Of the coefficients, tried in turn before their exact values."""


def first_explained(problem: Problem, saddles: Iterable[Saddle]) -> int | None:
    """The index of the first saddle with |y − Xβ|_i ≤ δy_i + Σ_j m_j δX_ij |β_j| for every row i, or None.

    δ is ``problem.resolution``, m_j that of ``Resolution.counts``: there β fits some data (X', y') within it,
    up to what a sum of its products loses in their format. Returning proves
    the inequalities there, and one that fails at every saddle before: by balls, or exactly. None where the
    data are exact.
    """
    if problem.resolution.is_exact:
        return None
    resolution = problem.resolution
    return next((saddle.index for saddle in saddles if is_explained(saddle, resolution)), None)


def is_explained(saddle: Saddle, resolution: Resolution) -> bool:
    """Whether the residual at a saddle lies within the resolution; floats order the rows alone."""
    X, y = saddle.problem.float_design, saddle.problem.target_vector.floats
    coefficients = saddle.beta_ball(DIGITS[0])
    with np.errstate(all="ignore"):
        guess = np.abs(y - X @ np.array([float(value) for value in coefficients]))
    rows = np.argsort(-np.nan_to_num(guess, nan=np.inf), kind="stable").tolist()
    undecided = rows
    for digits in DIGITS:
        beta, undecided, pending = saddle.beta_ball(digits), [], undecided
        with workprec(bits_of(digits) + 64):
            for i in pending:
                room = _room(saddle, resolution, i, beta)
                if room < 0:
                    return False
                if not room >= 0:
                    undecided.append(i)
        if not undecided:
            return True
    return all(_room(saddle, resolution, i, saddle.beta_vector) >= 0 for i in undecided)


def _room(saddle: Saddle, resolution: Resolution, i: int, beta: Any) -> Any:
    """What the resolution allows in row i less the residual there, in the numbers that beta is of."""
    X, value = saddle.problem.design_matrix, saddle.problem.target_vector[i]
    residual, allowed = value, resolution.of_target(value)
    size = len(saddle.support)
    for j in saddle.support:
        entry = X[i, j]
        residual = residual - beta[j] * entry
        allowed = allowed + abs(beta[j]) * resolution.of_entry(entry, j) * resolution.counts(j, size)
    return allowed - abs(residual)
