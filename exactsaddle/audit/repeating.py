"""Descent repeated from the same start, in log-weights: what an account of a run predicts at its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.setting import Setting
from exactsaddle.base import Inconclusive

MAX_STEPS = 2_000_000
"""Iterations at most that are repeated."""
_FLOW_STEPS, _MOST_FLOW_STEPS = 20_000, 100_000
"""Midpoint steps that stand for the flow where the log has no step: at least, and within the budget."""


@dataclass(frozen=True, eq=False)
class Repeated:
    """β (T, d) that an account gives at the rows of a run, in binary64.

    Numerical evidence: log-weights never underflow, but nothing here is proved.
    """

    account: Account
    beta: Floats


def repeat(setting: Setting, run: Run, accounts: Sequence[Account]) -> tuple[Repeated, ...]:
    """What each account predicts, all of them at once. Raises Inconclusive beyond MAX_STEPS."""
    if not accounts:
        return ()
    if setting.step is None:
        return _along_flow(setting, run, accounts)
    ticks = run.clock if run.counts_steps else run.clock / setting.step
    wanted = np.rint(ticks).astype(np.int64)
    if wanted[-1] > MAX_STEPS:
        raise Inconclusive(f"the run has {wanted[-1]:,} steps, over the budget of {MAX_STEPS:,}")
    advance, lengths = _state(setting, accounts), _lengths(setting.step, accounts)
    found = np.full((len(accounts), len(run), setting.problem.d), np.nan)
    done = 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for row, step in enumerate(wanted):
            for number in range(done, int(step)):
                advance(lengths(number))
            done = int(step)
            found[:, row] = advance.beta
    return tuple(Repeated(account, found[h]) for h, account in enumerate(accounts))


def _lengths(step: float, accounts: Sequence[Account]) -> Callable[[int], float | Floats]:
    """The length of step number k: one for all accounts, (H, 1) where it changes in some of them."""
    if all(account.change is None for account in accounts):
        return lambda number: step
    since = np.array([[a.change[0] if a.change else np.inf] for a in accounts])
    later = step * np.array([[a.change[1] if a.change else 1.0] for a in accounts])
    return lambda number: np.where(number < since, step, later)


def _along_flow(setting: Setting, run: Run, accounts: Sequence[Account]) -> tuple[Repeated, ...]:
    """Small midpoint steps: the flow itself, to about the square of a step."""
    advance = _state(setting, accounts)
    found = np.full((len(accounts), len(run), setting.problem.d), np.nan)
    fastest = 2 * max(a.factor for a in accounts) * float(np.abs(setting.y).max()) * _stiffness(setting)
    now, most = 0.0, min(float(run.clock[-1]) / _FLOW_STEPS, 0.05 / fastest)
    if run.clock[-1] / most > 1.01 * _MOST_FLOW_STEPS:
        raise Inconclusive(
            f"without a step the flow to {run.clock[-1]:.6g} takes {run.clock[-1] / most:,.0f} small steps, "
            f"over the budget of {_MOST_FLOW_STEPS:,}: was it gradient descent? state its step"
        )
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for row, time in enumerate(run.clock):
            count = max(1, math.ceil((time - now) / most)) if time > now else 0
            for _ in range(count):
                advance.midpoint((time - now) / count)
            now = time
            found[:, row] = advance.beta
    return tuple(Repeated(account, found[h]) for h, account in enumerate(accounts))


def _stiffness(setting: Setting) -> float:
    """√λ_max(G), a bound of λ_max(diag|β| G) over |y| on solutions: |β| is about |y|/√λ_max."""
    return math.sqrt(float(np.abs(setting.gram).sum(axis=1).max())) or 1.0


def _state(setting: Setting, accounts: Sequence[Account]) -> _LogWeights | _Deep | _Stored:
    if setting.depth > 2:
        return _Deep(setting, accounts)
    return _Stored(setting, accounts) if all(a.stored for a in accounts) else _LogWeights(setting, accounts)


class _LogWeights:
    """ln|w±| of all accounts at depth 2, (2, H, d). β is made of squares: their signs do not matter."""

    def __init__(self, setting: Setting, accounts: Sequence[Account]) -> None:
        self.r, self.gram = setting.r, setting.gram
        self.factor = np.array([[a.factor] for a in accounts])
        self.momentum = np.array([[a.momentum] for a in accounts])
        self.decay = np.array([[a.decay] for a in accounts])
        self.remembers, self.decays = bool(self.momentum.any()), bool(self.decay.any())
        start = np.array([np.log(a.alpha * setting.scales) for a in accounts])
        self.logs, self.last = np.array([start, start]), np.ones((2, *start.shape))
        self.sides = np.array([1.0, -1.0])[:, None, None]

    @property
    def beta(self) -> Floats:
        plus, minus = np.exp(2 * self.logs)
        return np.asarray((plus - minus) / 2)

    def _pull(self, beta: Floats) -> Floats:
        return np.asarray(self.factor * (self.r - beta @ self.gram))

    def __call__(self, step: float | Floats) -> None:
        times = 1 + self.sides * (step * self._pull(self.beta))
        if self.decays:
            times = times - step * self.decay
        if self.remembers:
            times = times + self.momentum * (1 - 1 / self.last)
            self.last = times
        self.logs += np.log(np.abs(times))

    def midpoint(self, length: float) -> None:
        half = length / 2 * self._pull(self.beta)
        plus, minus = np.exp(2 * (self.logs + self.sides * half))
        whole = length * self._pull((plus - minus) / 2)
        self.logs += self.sides * whole - length * self.decay


class _Deep:
    """u and v of all accounts at depth L ≥ 3, (H, d): β = u^L − v^L, u ← u + ηκL u^{L−1} g."""

    def __init__(self, setting: Setting, accounts: Sequence[Account]) -> None:
        self.depth, self.r, self.gram = setting.depth, setting.r, setting.gram
        self.factor = np.array([[a.factor] for a in accounts])
        self.decay = np.array([[a.decay] for a in accounts])
        start = np.array([a.alpha * setting.scales for a in accounts])
        self.u, self.v = start.copy(), start.copy()
        self.momentum = np.array([[a.momentum] for a in accounts])
        self.before = self.u, self.v

    @property
    def beta(self) -> Floats:
        return np.asarray(self.u**self.depth - self.v**self.depth)

    def _slopes(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        beta = u**self.depth - v**self.depth
        pull = self.factor * self.depth * (self.r - beta @ self.gram)
        return pull * u ** (self.depth - 1) - self.decay * u, -pull * v ** (self.depth - 1) - self.decay * v

    def __call__(self, step: float | Floats) -> None:
        up, down = self._slopes(self.u, self.v)
        (u, v), self.before = self.before, (self.u, self.v)
        self.u = self.u + step * up + self.momentum * (self.u - u)
        self.v = self.v + step * down + self.momentum * (self.v - v)

    def midpoint(self, length: float) -> None:
        up, down = self._slopes(self.u, self.v)
        up, down = self._slopes(self.u + length / 2 * up, self.v + length / 2 * down)
        self.u, self.v = self.u + length * up, self.v + length * down


class _Stored(_LogWeights):
    """u and v themselves, β = u ⊙ v, with the rounding that binary64 has."""

    def __init__(self, setting: Setting, accounts: Sequence[Account]) -> None:
        super().__init__(setting, accounts)
        start = np.exp(self.logs[0])
        self.u, self.v = math.sqrt(2) * start, 0 * start

    @property
    def beta(self) -> Floats:
        return np.asarray(self.u * self.v)

    def __call__(self, step: float | Floats) -> None:
        pull = step * self._pull(self.beta)
        self.u, self.v = self.u + pull * self.v, self.v + pull * self.u
