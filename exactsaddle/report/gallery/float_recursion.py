"""Algorithm 1 in plain floats, as it is usually written: a peer that shows where floats go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

ON_THRESHOLD = 1e-9
"""|s_i| within this of 1 counts as on the threshold, and a gradient below it as zero."""


@dataclass(frozen=True)
class FloatSaddle:
    """A saddle as floats see it: accelerated time, β (d,), and where |β| > 1e-12."""

    time: float
    beta: Floats
    support: tuple[int, ...]


def float_saddles(X: Floats, y: Floats) -> tuple[FloatSaddle, ...]:
    """Algorithm 1 for thresholds 1 and s_0 = 0 in binary64, with SciPy's nnls and fixed tolerances.

    X is (n, d), y (n,). It gives up after 20·min(n, d) jumps, which a run that has lost its way reaches.
    """
    from scipy.optimize import nnls  # of the extra `report`

    n, d = X.shape
    s, time, found = np.zeros(d), 0.0, []
    for _ in range(20 * min(n, d)):
        active = np.flatnonzero(np.abs(s) > 1 - ON_THRESHOLD)
        beta = np.zeros(d)
        if len(active):
            signs = np.sign(s[active])
            beta[active] = signs * nnls(X[:, active] * signs, y, maxiter=100 * d)[0]
        gradient = X.T @ (X @ beta - y) / n
        support = tuple(int(i) for i in np.flatnonzero(np.abs(beta) > 1e-12))
        found.append(FloatSaddle(time, beta, support))
        gradient[np.abs(gradient) < ON_THRESHOLD] = 0.0
        if not gradient.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            waits = np.where(gradient != 0, (1 + np.sign(gradient) * s) / np.abs(gradient), np.inf)
        wait = float(waits.min())
        time += wait
        s = np.clip(s - wait * gradient, -1, 1)
    return tuple(found)
