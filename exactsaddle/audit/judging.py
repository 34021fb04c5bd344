"""Which account explains a run: conventions first, then other rules, by the rows that each explains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from exactsaddle.audit.accounts import Account, Candidates, other_rules
from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.pace import Suspect, suspects
from exactsaddle.audit.repeating import Repeated, repeat
from exactsaddle.audit.setting import Setting
from exactsaddle.audit.soundness import could_lose
from exactsaddle.base import InvalidInput

MOST_SUSPECTS = 2
"""Conventions of which a change of the step is tried."""
_ALPHAS, _LEAST_SPREAD = 10, 0.02
"""Scales tried at once on either side of an inferred one, at least so far from it."""

First = tuple[int, int, float]
"""The first row that an account does not explain, the coordinate, and by how much."""


class Judge:
    """A run beside what accounts of it predict; scale is what its misfits are relative to.

    Everything it says is numerical evidence.
    """

    def __init__(
        self, setting: Setting, run: Run, beta: Floats | None, tolerance: float, largest: float
    ) -> None:
        self.setting, self.run, self.beta, self.tolerance = setting, run, beta, tolerance
        seen = 0.0 if beta is None else float(np.abs(beta).max())
        self.scale = max(largest, min(seen, 1e6), 1e-300)

    @property
    def moved(self) -> bool:
        """Whether any coordinate left 0 by more than the tolerance."""
        return self.beta is None or bool(np.abs(self.beta).max() > self.tolerance * self.scale)

    def explanation(self, possible: Candidates) -> tuple[Repeated, First | None]:
        """The best known convention; where all fail, the run's own clock and α if they explain it."""
        free = () if possible.free is None else (possible.free,)
        best, first = self.best(repeat(self.setting, self.run, possible.known or free))
        if first is None or not self.moved:
            return best, first
        for several in (free if possible.known else (), self._nearby(best.account, possible)):
            other, late = self.best(repeat(self.setting, self.run, several)) if several else (best, first)
            if late is None:
                return other, None
        return best, first

    def _nearby(self, account: Account, possible: Candidates) -> Sequence[Account]:
        """An account whose α was inferred, from α within what it may be off by, narrowed down."""
        if not possible.inferred:
            return ()
        width = math.log1p(max(2 * possible.spread, _LEAST_SPREAD))
        while width > self.tolerance / 10:
            near = [
                replace(account, alpha=account.alpha * math.exp(width * part / _ALPHAS))
                for part in range(-_ALPHAS, _ALPHAS + 1)
            ]
            several = repeat(self.setting, self.run, [one for one in near if one.alpha < 1])
            account = min(several, key=lambda each: float(self.misfit(each).max())).account
            width /= _ALPHAS / 2
        return (account,)

    def other_rule(self, possible: Candidates, unsound: bool) -> Account | None:
        """Momentum, decay, a changed step, or weights lost in rounding: the first that explains every row.

        unsound says that the log shows lost weights: then they are tried first.
        """
        plain = possible.known or tuple(filter(None, [possible.free]))
        tries: list[Callable[[], Account | None]] = [
            self._known_rule,
            partial(self._changed, plain),
            partial(self._lost, plain),
        ]
        if not self.moved:
            tries = tries[1:2]
        elif unsound:
            tries = [tries[-1], *tries[:-1]]
        return next(filter(None, (one() for one in tries)), None)

    def _known_rule(self) -> Account | None:
        known = self.setting.unit_is_known(self.run)
        others = list(other_rules(self.setting, self.run, self.beta)) if known else []
        if not others:
            return None
        found, first = self.best(repeat(self.setting, self.run, others))
        if first is not None and found.account.decay:
            found, first = self._sharpened(found.account)
        return found.account if first is None else None

    def _lost(self, plain: Sequence[Account]) -> Account | None:
        """Plain descent on (u, v) with the rounding that binary64 has."""
        stored = [
            replace(account, stored=True)
            for account in plain
            if self.setting.step is not None and could_lose(self.setting, self.run, account.alpha)
        ]
        found, first = self.best(repeat(self.setting, self.run, stored)) if stored else (None, None)
        return found.account if found is not None and first is None else None

    def _changed(self, plain: Sequence[Account]) -> Account | None:
        """The change of the step that explains every row, its place narrowed down; None if there is none."""
        seen = [] if self.beta is None else suspects(self.setting, self.run, self.beta, plain)
        tried = repeat(self.setting, self.run, [one.middle for one in seen])
        apart = [min(max(float(self.misfit(each).max()), self.tolerance), 1e9) for each in tried]
        ranks = sorted(
            zip(apart, seen, strict=True), key=lambda pair: (round(np.log2(pair[0])), pair[1].unlike)
        )
        for _, one in ranks[:MOST_SUSPECTS]:
            for pace in one.paces:
                found = self._narrowed_down(one, pace)
                if self.misfit(found).max() <= self.tolerance:
                    return found.account
        return None

    def _narrowed_down(self, suspect: Suspect, pace: float) -> Repeated:
        """The change to this pace at the step of the suspect's range that fits best."""
        left: Suspect | None = suspect
        while left is not None:
            several = repeat(self.setting, self.run, left.accounts(pace))
            best = min(several, key=lambda each: float(self.misfit(each).max()))
            left = left.narrowed(best.account)
        return best

    def _sharpened(self, rule: Account) -> tuple[Repeated, First | None]:
        """The decay that explains the most rows near one measured early, rounded if it may be."""
        for width in (0.3, 0.06, 0.012):
            near = [replace(rule, decay=rule.decay * (1 + width * part / 5)) for part in range(-5, 6)]
            rule = self.best(repeat(self.setting, self.run, near))[0].account
        rounded = [float(f"{rule.decay:.{digits}g}") for digits in (1, 2, 3)]
        near = [replace(rule, decay=decay) for decay in (*rounded, rule.decay)]
        return self.best(repeat(self.setting, self.run, near))

    def misfit(self, repeated: Repeated) -> Floats:
        """(T, d) or, for losses alone, (T, 1): run against account, relative to the largest |β| or L(0)."""
        if self.beta is not None:
            apart = np.abs(self.beta - repeated.beta) / self.scale
        else:
            losses = self.run.losses
            if losses is None:
                raise InvalidInput("the run has neither coefficients nor losses")
            scale = losses[0] / self.setting.loss(repeated.beta[:1])[0]
            apart = (
                np.abs(losses / scale - self.setting.loss(repeated.beta))[:, None] / self.setting.start_loss
            )
        return np.where(np.isnan(apart), np.inf, apart)

    def best(self, repeated: Sequence[Repeated]) -> tuple[Repeated, First | None]:
        """The account that explains the most rows, then the best; and the first row it does not explain."""

        def lasts(one: Repeated) -> tuple[int, float]:
            beyond = self.misfit(one).max(axis=1)
            late = np.flatnonzero(beyond > self.tolerance)
            return (int(late[0]) if len(late) else len(beyond), -float(np.median(beyond)))

        best = max(repeated, key=lasts)
        apart = self.misfit(best)
        row = lasts(best)[0]
        if row == len(apart):
            return best, None
        i = int(np.argmax(apart[row]))
        return best, (row, i, float(apart[row, i]))
