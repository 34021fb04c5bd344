"""Training runs as people write them, in plain NumPy: nothing here is taken from the package."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[-3.0, 4.0, -4.0], [-1.0, -4.0, 2.0]])
Y = np.array([2.0, 2.0])


def train(
    alpha: float,
    step: float,
    steps: int,
    *,
    X: np.ndarray[Any, Any] = X,
    y: np.ndarray[Any, Any] = Y,
    loss: str = "1/(2n)",
    network: str = "uv",
    every: int = 10,
    depth: int = 2,
    momentum: float = 0.0,
    decay: float = 0.0,
    noise: float = 0.0,
    frozen: int | None = None,
    flipped: int | None = None,
    slower_from: int | None = None,
    seed_scale: tuple[int, float] | None = None,
    dtype: type = np.float64,
    log: tuple[str, ...] = ("beta",),
    seed: int = 0,
) -> dict[str, np.ndarray[Any, Any]]:
    """Descent on (u, v), logged every few steps; network is uv, half (u = α, v = 0), squares, powers
    or weights (β = (u² − v²)/2, u and v being w± themselves)."""
    X, y = X.astype(dtype), y.astype(dtype)
    n, d = X.shape
    scale = {"1/(2n)": 1 / n, "1/n": 2 / n, "1/2": 1.0, "1": 2.0}[loss]
    start = np.full(d, alpha, dtype=dtype)
    if seed_scale is not None:
        start[seed_scale[0]] *= seed_scale[1]
    u = start * (np.sqrt(2).astype(dtype) if network == "uv" else dtype(1))
    v = start.copy() if network in ("squares", "powers", "weights") else np.zeros(d, dtype=dtype)
    before, random = (u.copy(), v.copy()), np.random.default_rng(seed)
    rows: dict[str, list[Any]] = {name: [] for name in ("step", *log)}
    for k in range(steps + 1):
        if not (np.abs([u, v]) < 1e30).all():
            break  # it diverges
        beta = {"squares": u * u - v * v, "weights": (u * u - v * v) / 2, "powers": u**depth - v**depth}.get(
            network, u * v
        )
        if k % every == 0:
            residual = X @ beta - y
            seen = {"step": k, "beta": beta, "u": u, "v": v, "loss": scale / 2 * float(residual @ residual)}
            for name, values in rows.items():
                values.append(seen[name])
        g = scale * X.T @ (X @ beta - y)
        if noise:
            g = g + noise * random.normal(size=d)
        if frozen is not None:
            g[frozen] = 0
        if flipped is not None:
            g[flipped] = -g[flipped]
        slopes = {
            "squares": (2 * u * g, -2 * v * g),
            "weights": (u * g, -v * g),
            "powers": (depth * u ** (depth - 1) * g, -depth * v ** (depth - 1) * g),
        }.get(network, (v * g, u * g))
        eta = dtype(step / 10 if slower_from is not None and k >= slower_from else step)
        moved = (
            u - eta * slopes[0] - eta * dtype(decay) * u + dtype(momentum) * (u - before[0]),
            v - eta * slopes[1] - eta * dtype(decay) * v + dtype(momentum) * (v - before[1]),
        )
        before, (u, v) = (u, v), moved
    return {name: np.array(values) for name, values in rows.items()}
