"""Accounts of a run: which conventions, and which rule, might have made it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exactsaddle.audit.conventions import SNAP, conserved_alpha, conventions
from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.setting import Setting

_EARLY = (1e-5, 1e-4, 1e-3, 0.02)
"""Rows count as before the first escape while Gβ is below this part of the largest |r_i|: the first of these
parts that leaves _ENOUGH rows, or the last."""
_ENOUGH = 8
MOMENTA = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Account:
    """Descent that would make a run: w± ← (1 ± ηcg − ηλ + heavy-ball term) w± from α (MATHEMATICS.md §11).

    factor is c, how many times faster than the paper's clock; alpha the scale in the paper's convention;
    momentum and decay are 0 for plain descent. conventions are all that give this factor and scale.
    """

    factor: float
    alpha: float
    conventions: tuple[str, ...] = ()
    momentum: float = 0.0
    decay: float = 0.0
    stored: bool = False
    """Whether (u, v) themselves were iterated in binary64, where α² may drown."""
    change: tuple[int, float] | None = None
    """From which step on the step is which part of what it was before."""

    @property
    def plain(self) -> Account:
        """The same conventions and plain descent."""
        return Account(self.factor, self.alpha, self.conventions)

    @property
    def rule(self) -> str:
        """What it does beside plain descent, in words; "" for nothing."""
        rule = [f"momentum {self.momentum:g}"] * (self.momentum > 0)
        rule += [f"decay {self.decay:.3g}"] * (self.decay > 0)
        rule += ["(u, v) iterated in binary64, which lost α² beside them"] * self.stored
        if self.change is not None:
            rule.append(
                f"from step {self.change[0]:,} on the clock runs at {_part(self.change[1])} of before"
            )
        return ", ".join(rule)

    def __str__(self) -> str:
        words = " or ".join(self.conventions) or "no convention known here"
        return ", ".join(filter(None, [words, self.rule]))


def _part(pace: float) -> str:
    """1/10 for 0.1."""
    whole = round(1 / pace)
    return f"1/{whole}" if pace < 1 and math.isclose(whole * pace, 1, rel_tol=1e-9) else f"{pace:.3g}"


def early_rows(setting: Setting, beta: Floats) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Indices of the rows before the first escape at which the leading coordinate has left 0."""
    pull = np.abs(beta @ setting.gram).max(axis=1) / np.abs(setting.r).max()
    away = beta[:, setting.lead] * np.sign(setting.r[setting.lead]) > 0
    rows = np.flatnonzero(away)
    for part in _EARLY:
        late = np.flatnonzero(pull > part)
        rows = np.flatnonzero(away[: int(late[0]) if len(late) else len(beta)])
        if len(rows) >= _ENOUGH:
            break
    return rows


class Growth:
    """The leading coordinate before the first escape, where g = r: β = α²[(1+ηcr)^2K − (1−ηcr)^2K]/2.

    The right clock factor c gives the same α at every early row. ``factor`` is None with fewer than three
    early rows, or no growth along them.
    """

    def __init__(self, setting: Setting, run: Run, beta: Floats) -> None:
        self.setting, self.run = setting, run
        rows = early_rows(setting, beta)
        size = np.abs(beta[rows, setting.lead])
        self.rate, self.units, self.logs = abs(float(setting.r[setting.lead])), run.clock[rows], np.log(size)
        known = setting.depth == 2 and len(rows) >= 3 and size.max() >= 4 * size.min()
        self.factor = self._measured() if known else None

    def alpha(self, factor: float) -> float:
        """α, given c."""
        return float(np.exp(np.median(self._log_alphas(factor))))

    def spread(self, factor: float) -> float:
        """By which part of itself α differs from row to row, at most, given c."""
        return float(np.expm1(np.abs(self._log_alphas(factor) - math.log(self.alpha(factor))).max()))

    def _log_alphas(self, factor: float) -> Floats:
        up = 2 * self.units * self.setting.log_growth(factor * self.rate, self.run)
        down = 2 * self.units * self.setting.log_growth(-factor * self.rate, self.run)
        return np.asarray((self.logs + math.log(2) - up - np.log(-np.expm1(down - up))) / 2)

    def _measured(self) -> float:
        """c by golden sections of the variance of ln α."""
        slope = float(np.polyfit(self.units, self.logs, 1)[0]) / 2
        guess = max(slope, 1e-300) / max(self.setting.log_growth(self.rate, self.run), 1e-300)
        low, high = guess / 4, guess * 2
        if self.setting.step is not None:
            high = min(high, 0.99 / (self.setting.step * self.rate))
        for _ in range(200):
            a, b = high - (high - low) / 1.618034, low + (high - low) / 1.618034
            better = np.var(self._log_alphas(a)) < np.var(self._log_alphas(b))
            low, high = (low, b) if better else (a, high)
        return (low + high) / 2


@dataclass(frozen=True)
class Candidates:
    """Plain descents that might have made a run: by known conventions, or by a clock and α of its own.

    grown says that the growth before the first escape was measured and is that of ``known``; inferred how α
    was inferred, in words, and by which part of itself it may differ, "" and 0 where it was stated.
    """

    known: tuple[Account, ...]
    free: Account | None
    grown: bool
    inferred: str = ""
    spread: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.known) or self.free is not None


def accounts(setting: Setting, run: Run, beta: Floats | None) -> Candidates:
    """Plain descents that might have made the run; none without a stated α or growth to infer it from."""
    possible = conventions(setting, run)
    growth = None if beta is None else Growth(setting, run, beta)
    stated = setting.alpha
    every = _merged([Account(c.factor, c.alpha * stated, (c.words,)) for c in possible] if stated else [])
    if growth is None or growth.factor is None:
        if not setting.unit_is_known(run):
            return Candidates((), None, False)
        kept = conserved_alpha(setting, run) if stated is None else None
        if kept is None:
            return Candidates(every, None, False)
        alpha, spread = kept
        every = _merged([Account(c.factor, alpha, (c.network,)) for c in possible])
        return Candidates(every, None, False, "from what the weights of each coordinate conserve", spread)
    factor = growth.factor
    unit = setting.unit_is_known(run)
    near = [c for c in possible if not unit or abs(factor / c.factor - 1) < SNAP]
    alpha = growth.alpha(near[0].factor if near and unit else factor)
    clock = near[0].factor if near and unit else factor
    if stated is None:
        networks = tuple(dict.fromkeys(c.network for c in near))
        how = f"from the growth along {len(growth.logs)} rows before the first escape"
        return Candidates((), Account(clock, alpha, networks), True, how, growth.spread(clock))
    exact = [c for c in near if abs(alpha / (c.alpha * stated) - 1) < 5 * SNAP]
    if exact:
        named = [Account(c.factor if unit else factor, c.alpha * stated, (c.words,)) for c in exact]
        return Candidates(_merged(named), None, True)
    return Candidates(every, Account(clock, alpha), False)


def _merged(found: list[Account]) -> tuple[Account, ...]:
    """Accounts that say the same of the descent, as one with all their words."""
    merged: list[Account] = []
    for account in found:
        for place, other in enumerate(merged):
            if math.isclose(other.factor, account.factor) and math.isclose(other.alpha, account.alpha):
                merged[place] = replace(other, conventions=other.conventions + account.conventions)
                break
        else:
            merged.append(account)
    return tuple(merged)


def other_rules(setting: Setting, run: Run, beta: Floats | None) -> Iterator[Account]:
    """Momentum and weight decay, where the early growth suggests them."""
    possible = conventions(setting, run)
    if setting.alpha is None:
        return
    for base in {(c.factor, c.alpha): c for c in possible}.values():
        alpha = base.alpha * setting.alpha
        for momentum in MOMENTA if setting.step is not None else ():
            yield Account(base.factor, alpha, (base.words,), momentum=momentum)
        decay = None if beta is None else measured_decay(setting, run, beta, base.factor, alpha)
        if decay is not None:
            for value in {float(f"{decay:.1g}"), float(f"{decay:.2g}"), float(f"{decay:.3g}"), decay}:
                yield Account(base.factor, alpha, (base.words,), decay=value)


def measured_decay(setting: Setting, run: Run, beta: Floats, factor: float, alpha: float) -> float | None:
    """λ with which the leading coordinate grows to where it is at the last early row; None if there is none.

    Solves β = α²[(1 + ηcr − ηλ)^2K − (1 − ηcr − ηλ)^2K]/2 by bisection: the left side falls with λ.
    """
    rows = early_rows(setting, beta)
    if setting.depth > 2 or setting.step is None or not len(rows):
        return None
    step, rate = setting.step, abs(float(setting.r[setting.lead])) * factor
    count = run.clock[rows[-1]] / (1.0 if run.counts_steps else step)
    size = math.log(2 * abs(beta[rows[-1], setting.lead]) / alpha**2)

    def grown(decay: float) -> float:
        up, down = 1 + step * (rate - decay), abs(1 - step * (rate + decay))
        first, second = 2 * count * math.log(up), 2 * count * math.log(max(down, 1e-300))
        return float(first + math.log(-math.expm1(min(second - first, -1e-12))))

    low, high = 0.0, 2 * rate
    if not grown(low) > size + 0.01:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if grown(middle) > size else (low, middle)
    return low
