"""What a small step changes of the flow, to first order: the modified equation (MATHEMATICS.md §9)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.log import Floats
from exactsaddle.audit.setting import Setting

MAX_STEPS = 200_000
"""Runge–Kutta steps at most."""
_LONGEST = 1.5
"""Length of one in steps of the descent: the fourth order is stable to 2.7 where descent is."""

Slope = Callable[[Floats], Floats]


def modified_flow(setting: Setting, account: Account, steps: Sequence[float]) -> Floats | None:
    """β (m, d) of the modified equation after these numbers of steps, rising; None where it is not defined.

    Plain descent x ← x + ηF(x) follows x' = F − (η/2)F'F to O(η²): the flow, and what a finite step does to
    it. At depth 2 it is taken in z± = ln w±, where z ← z + ln(1 ± ηf), f = c(r − Gβ), gives
    z±' = ±f − (η/2)(f² ± f'), f' = −cGβ'. Numerical evidence, in binary64.
    None without a step, with momentum, decay or a changed step, for weights stored in binary64, and beyond
    MAX_STEPS.
    Source: Hairer, Lubich & Wanner, Geometric Numerical Integration, ch. IX, for Euler's method.
    """
    plain = not (account.momentum or account.decay or account.stored or account.change)
    if setting.step is None or not plain or steps[-1] / _LONGEST > MAX_STEPS:
        return None
    slope, read, state = (_shallow if setting.depth == 2 else _deep)(setting, account, setting.step)
    found, done = [], 0.0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for wanted in steps:
            count = math.ceil((wanted - done) / _LONGEST)
            for _ in range(count):
                state = _runge_kutta(slope, state, setting.step * (wanted - done) / count)
            done = wanted
            found.append(read(state))
    return np.array(found) if np.isfinite(found).all() else None


def _runge_kutta(slope: Slope, state: Floats, length: float) -> Floats:
    first = slope(state)
    second = slope(state + length / 2 * first)
    third = slope(state + length / 2 * second)
    fourth = slope(state + length * third)
    return np.asarray(state + length / 6 * (first + 2 * (second + third) + fourth))


def _shallow(setting: Setting, account: Account, step: float) -> tuple[Slope, Slope, Floats]:
    """Slope, β, and start of ln w±, (2, d)."""

    def squares(z: Floats) -> Floats:
        return np.asarray(np.exp(2 * z) / 2)

    def slope(z: Floats) -> Floats:
        plus, minus = squares(z)
        f = account.factor * (setting.r - setting.gram @ (plus - minus))
        turn = -account.factor * (setting.gram @ (2 * (plus + minus) * f))
        bend = step / 2 * f**2
        return np.array([f - bend - step / 2 * turn, -f - bend + step / 2 * turn])

    def read(z: Floats) -> Floats:
        plus, minus = squares(z)
        return np.asarray(plus - minus)

    start = np.log(account.alpha * setting.scales)
    return slope, read, np.array([start, start])


def _deep(setting: Setting, account: Account, step: float) -> tuple[Slope, Slope, Floats]:
    """Slope, β, and start of u and v at depth L ≥ 3, (2, d)."""
    power = setting.depth
    sides = np.array([[1.0], [-1.0]])

    def slope(x: Floats) -> Floats:
        f = account.factor * power * (setting.r - setting.gram @ read(x))
        moved = sides * f * x ** (power - 1)
        beta = power * (sides * x ** (power - 1) * moved).sum(axis=0)
        turn = -account.factor * power * (setting.gram @ beta)
        bent = sides * ((power - 1) * x ** (power - 2) * moved * f + x ** (power - 1) * turn)
        return np.asarray(moved - step / 2 * bent)

    def read(x: Floats) -> Floats:
        return np.asarray(x[0] ** power - x[1] ** power)

    start = account.alpha * setting.scales
    return slope, read, np.array([start, start])
