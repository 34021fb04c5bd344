"""A learning rate that was changed during a run: from which step on, and to what part of before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.setting import Setting

_KNOWN = tuple(part for k in (2, 3, 4, 5, 8, 10, 20, 50, 100, 1000) for part in (1 / k, float(k)))
"""Parts that people choose."""
_NEAR = 0.15
"""A measured part is a known one when it is within this part of it."""
_LEAST = 1e-3
"""Below it a run has stopped, which other faults do too."""
_SAME = 0.02
"""Of the logarithm of a pace: no change."""
_UNLIKE = 0.3
"""The part of the motion, in squares, that may be left unexplained by two paces: trapezoids are coarse."""
_STEPS = 12
"""Steps tried beside one another at once."""


@dataclass(frozen=True)
class Suspect:
    """A change of an account's step, at a step of the descent in [first, last], to about pace times itself.

    unlike is the part of the motion of the dual, in squares, that is left unexplained.
    """

    account: Account
    first: int
    last: int
    pace: float
    unlike: float

    @property
    def paces(self) -> tuple[float, ...]:
        """The known part that is near, and what was measured, with what is near it."""
        known = min(_KNOWN, key=lambda part: abs(np.log(part / self.pace)))
        near = (known,) if abs(known / self.pace - 1) < _NEAR else ()
        return *near, *(self.pace * (1 + shift) for shift in (0.0, -0.02, 0.02))

    @property
    def middle(self) -> Account:
        """One guess: the middle of the range, the likeliest pace."""
        return replace(self.account, change=((self.first + self.last) // 2, self.paces[0]))

    def accounts(self, pace: float) -> list[Account]:
        """The account with the change to this pace at steps spread over the range."""
        numbers = np.unique(np.linspace(self.first, self.last, _STEPS).round().astype(int))
        return [replace(self.account, change=(int(number), float(pace))) for number in numbers]

    def narrowed(self, tried: Account) -> Suspect | None:
        """The steps beside the best of those tried; None where every step of the range was."""
        if tried.change is None or self.last - self.first < _STEPS:
            return None
        width = (self.last - self.first) // (_STEPS - 1) + 1
        step = tried.change[0]
        return replace(self, first=max(self.first, step - width), last=min(self.last, step + width))


def suspects(setting: Setting, run: Run, beta: Floats, accounts: Iterable[Account]) -> list[Suspect]:
    """For each account where and to what its clock changes, if it does."""
    found = (_suspect(setting, run, beta, account) for account in accounts)
    return [one for one in found if one is not None]


def _suspect(setting: Setting, run: Run, beta: Floats, account: Account) -> Suspect | None:
    """Where and to what the clock of a run changes most; None where it does not, or the log has no step.

    What moves a weight is η∇L alone: the dual that β is the image of moves by −η·c·∇L(β) a step, with the
    account's c, whatever else the run does. The ratio of both sides is the pace, and two paces with the jump
    between them that fits best, by least squares, are the suspect. Numerical evidence, to be tried.
    """
    if setting.step is None or len(run) < 4:
        return None
    ticks = run.clock if run.counts_steps else run.clock / setting.step
    speed = 1.0 if setting.depth == 2 else setting.depth * (setting.depth - 2)
    force = speed * account.factor * (setting.r - beta @ setting.gram)
    expected = setting.step * np.diff(ticks)[:, None] * (force[1:] + force[:-1]) / 2
    moved = np.diff(_dual(setting, account, beta), axis=0)
    usable = np.isfinite(moved) & np.isfinite(expected)
    moved, expected = np.where(usable, moved, 0), np.where(usable, expected, 0)
    both, own = (moved * expected).sum(axis=1), (expected**2).sum(axis=1)
    before = np.concatenate([[0.0], np.cumsum(own - 2 * both)])[:-1]
    left_own, left_both = own[::-1].cumsum()[::-1], both[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = left_both / left_own
        cost = np.where(left_own > 0, before - left_both * pace, np.inf)
    j, whole = int(np.argmin(cost)), float((moved**2).sum())
    if not (j > 0 and np.isfinite(cost[j]) and pace[j] > _LEAST and abs(np.log(pace[j])) > _SAME):
        return None
    first, last = int(ticks[j - 1]), int(ticks[min(j + 1, len(ticks) - 1)])
    unlike = 1 + float(cost[j]) / whole
    return Suspect(account, first, last, float(pace[j]), unlike) if unlike < _UNLIKE else None


def _dual(setting: Setting, account: Account, beta: Floats) -> Floats:
    """What β is the image of, (T, d): ½ arsinh(β/α²) at depth 2, else σ of β = (a − σ)^−q − (a + σ)^−q."""
    scales = account.alpha * setting.scales
    if setting.depth == 2:
        return np.asarray(np.arcsinh(beta / scales**2) / 2)
    half = scales ** (2 - setting.depth)
    power = -setting.depth / (setting.depth - 2)
    low, high = np.broadcast_to(-half, beta.shape).copy(), np.broadcast_to(half, beta.shape).copy()
    with np.errstate(divide="ignore", over="ignore"):
        for _ in range(60):
            middle = (low + high) / 2
            above = (half - middle) ** power - (half + middle) ** power > beta
            low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2)
