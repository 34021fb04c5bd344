"""A float solver of Algorithm 1 that is right, and classic mistakes, each a small change of it.

Targets of the conformance bench: ``tests.support.solvers:correct`` and so on, functions
(X, y) -> (times, betas).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

TINY = 1e-10


def refit(X, y, signs, beta):
    """Least squares on the sign cone by an active set method, warm-started."""
    scale = np.linalg.norm(X, axis=0) * np.linalg.norm(y)
    beta = beta.copy()
    for _ in range(1000):
        working = [i for i in range(X.shape[1]) if beta[i] != 0]
        gradient = X.T @ (X @ beta - y)
        wanted = [i for i in range(X.shape[1]) if beta[i] == 0 and signs[i] * gradient[i] < -TINY * scale[i]]
        if not wanted:
            return beta
        working = sorted({*working, max(wanted, key=lambda i: abs(gradient[i]) / scale[i])})
        while True:
            norms = np.linalg.norm(X[:, working], axis=0)
            candidate = np.zeros_like(beta)
            candidate[working] = np.linalg.lstsq(X[:, working] / norms, y, rcond=1e-13)[0] / norms
            blocking = [i for i in working if signs[i] * candidate[i] < 0]
            if not blocking:
                beta = candidate
                break
            step = min(beta[i] / (beta[i] - candidate[i]) for i in blocking)
            closest = min(blocking, key=lambda i: beta[i] / (beta[i] - candidate[i]))
            beta = beta + step * (candidate - beta)
            beta[closest] = 0.0
            working = [i for i in working if signs[i] * beta[i] > 0]
            beta[[i for i in range(len(beta)) if i not in working]] = 0.0
    return beta


def follow(
    X,
    y,
    *,
    scale_by_n: bool = True,
    inner: Callable = refit,
    most_steps: Callable = lambda X: 1000,
    dual_sign: float = 1.0,
    first_only: bool = False,
    float_equality: bool = False,
    banned: bool = False,
):
    """Algorithm 1 in floats; the keywords are the places where one can go wrong."""
    n, d = X.shape
    N = n if scale_by_n else 1
    t, s, beta = 0.0, np.zeros(d), np.zeros(d)
    times, betas = [t], [beta]
    scale = np.linalg.norm(X, axis=0) * np.linalg.norm(y) / N
    gone: set[int] = set()
    admitted: set[int] = set()
    for _ in range(most_steps(X)):
        gradient = X.T @ (X @ beta - y) / N
        gradient[np.abs(gradient) <= TINY * scale] = 0.0
        moving = [i for i in range(d) if gradient[i] != 0 and i not in gone]
        if float_equality:
            moving = [i for i in moving if abs(s[i]) < 1 or i in admitted]
        if not moving:
            break
        waits = {i: (1 + np.sign(gradient[i]) * dual_sign * s[i]) / abs(gradient[i]) for i in moving}
        if first_only:
            waits = {i: wait for i, wait in waits.items() if wait > TINY * t} or waits
        delta = max(0.0, min(waits.values()))
        t, s = t + delta, s - dual_sign * delta * gradient
        near = 0.0 if float_equality else 1e-9 * (t + delta)
        hits = [i for i in waits if waits[i] <= delta + near]
        admitted |= {min(waits, key=waits.get)} if first_only else set(hits)
        signs = np.where(np.abs(s) >= 1 - 1e-9, np.sign(s), 0.0)
        if first_only or float_equality:
            signs[[i for i in range(d) if i not in admitted]] = 0.0
        s = np.where(signs != 0, np.sign(s), s)
        signs[list(gone)] = 0.0
        new = inner(X, y, signs, beta)
        if banned:
            gone |= {i for i in range(d) if beta[i] != 0 and new[i] == 0}
        beta = new
        times.append(t)
        betas.append(beta)
    return np.array(times), np.array(betas)


def correct(X, y):
    """Right, as far as binary64 goes."""
    return follow(X, y)


def exact_float_ties(X, y):
    """Takes for hits what is equal in floats, and no longer looks at what has slipped past its threshold."""
    return follow(X, y, float_equality=True)


def one_at_a_time(X, y):
    """Lets one coordinate in at each jump; its partners in a tie are forgotten."""
    return follow(X, y, first_only=True)


def never_deactivates(X, y):
    """Clips at zero but never lets the rest settle again: solves on all it ever had, then clips."""

    def inner(X, y, signs, beta):
        fitted = unconstrained(X, y, signs, beta)
        return np.where(signs * fitted < 0, 0.0, fitted)

    return follow(X, y, inner=inner)


def drops_for_good(X, y):
    """A coordinate that left may never return."""
    return follow(X, y, banned=True)


def unconstrained(X, y, signs, beta):
    """Least squares on every coordinate at a threshold, signs ignored."""
    active = [i for i in range(X.shape[1]) if signs[i] != 0]
    fitted = np.zeros(X.shape[1])
    if active:
        fitted[active] = np.linalg.lstsq(X[:, active], y, rcond=1e-13)[0]
    return fitted


def unconstrained_refit(X, y):
    """Refits without the sign constraint."""
    return follow(X, y, inner=unconstrained)


def missing_n(X, y):
    """Takes ‖y − Xβ‖²/2 for the loss."""
    return follow(X, y, scale_by_n=False)


def stops_early(X, y):
    """Stops after min(n, d) jumps, as if nobody ever left before interpolation."""
    return follow(X, y, most_steps=lambda X: min(X.shape))


def wrong_dual_sign(X, y):
    """Moves the dual along the gradient instead of against it."""
    return follow(X, y, dual_sign=-1.0)


def runs_on(X, y):
    """Does not see that the gradient is zero at the end, and jumps on."""
    times, betas = follow(X, y)
    return np.append(times, 1e14 * (1 + times[-1])), np.vstack([betas, betas[-1]])


def raises(X, y):
    raise ZeroDivisionError("no path today")


def raises_at_length(X, y):
    raise ValueError("no " * 100_000)


def exits(X, y):
    raise SystemExit(0)


def dies(X, y):
    os._exit(3)


def hangs(X, y):
    time.sleep(3600)


def wrong_shapes(X, y):
    times, betas = follow(X, y)
    return times, betas.T


def not_a_pair(X, y):
    return 3


def gives_nan(X, y):
    times, betas = follow(X, y)
    return times, betas * np.nan


def goes_back(X, y):
    times, betas = follow(X, y)
    return np.append(times, -1.0), np.vstack([betas, betas[-1]])


def mutates(X, y):
    y *= 2
    return follow(X, y / 2)


def chatters(X, y):
    """Right, but writes where the bench talks to it."""
    os.write(1, b"on standard output")
    return follow(X, y)


def lars_lasso(X, y):
    """The Lasso path of scikit-learn, read as a path of saddles.

    Where no coordinate ever leaves, the Lasso solution at λ = 1/t is the average of β over [0, t]
    (MATHEMATICS.md §3): so β on a segment is the slope of t·b(1/t). Elsewhere the two paths part.
    """
    from sklearn.linear_model import lars_path

    alphas, _, coefs = lars_path(X, y, method="lasso")
    times, betas = [0.0], [np.zeros(X.shape[1])]
    for a, b, left, right in zip(alphas, alphas[1:], coefs.T, coefs.T[1:], strict=False):
        if a > b * (1 + 1e-12):
            times.append(1 / a)
            betas.append((right / b - left / a) / (1 / b - 1 / a) if b > 1e-13 * alphas[0] else right)
    return np.array(times), np.array(betas)
