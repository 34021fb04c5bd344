"""Audit a run: conventions and clock, plateaus, arrivals, distances, and what remains unexplained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from exactsaddle.audit.accounts import Account, Candidates, accounts, observed, other_rules
from exactsaddle.audit.distances import MAX_FLOW_WORK, Distance, distances, flow_at, sampled
from exactsaddle.audit.log import Floats, Run, run_of
from exactsaddle.audit.plateaus import arrivals, itinerary
from exactsaddle.audit.repeating import Repeated, repeat
from exactsaddle.audit.result import Arrival, Audit, Unexplained
from exactsaddle.audit.setting import Setting
from exactsaddle.audit.soundness import could_lose, lost_weights, rounding
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.convergence import Correction, corrections
from exactsaddle.numbers import to_rational
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Network, Problem

TOLERANCE = "1/1000"
"""Of the largest |β|: more than rounding makes of a faithful run, less than any event."""
MAX_CORRECTED = 200
"""The most saddles times coordinates at which the corrections of jumps are computed."""


def audit(
    problem: Problem,
    run: Any,
    *,
    alpha: Any = None,
    step: Any = None,
    depth: int = 2,
    scales: Any = 1,
    tolerance: Any = TOLERANCE,
    flow: bool = True,
    max_flow_work: int = MAX_FLOW_WORK,
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Audit a run of a diagonal linear network on a problem (MATHEMATICS.md §9, §10).

    run is a Run, a mapping of arrays (step or time; beta, or u and v, or w_plus and w_minus; loss) or an
    iterable of rows. alpha in (0, 1) is the scale as the trainer states it, None to infer it; step the
    length η of a step, None for the flow; depth L and scales κ those of the network. tolerance is relative
    to the largest |β|. The flow is enclosed beside it where that is at most max_flow_work, unless flow=False.
    Raises InvalidInput for a log or options that are none, and for thresholds that a network does not have.
    """
    report = progress or (lambda stage: None)
    setting = Setting.of(problem, alpha, step, depth, scales)
    if not problem.is_standard:
        raise InvalidInput("an audit takes the data alone: thresholds and dual are those of the network")
    log = run_of(run, problem.names)
    if log.d not in (None, problem.d):
        turned = " (transposed? rows are times)" if len(log) == problem.d else ""
        raise InvalidInput(f"the run has {log.d} coordinates, the problem {problem.d}{turned}")
    report("the exact path")
    path = saddle_path(problem.replace(network=setting.network))
    return _Auditor(setting, log, path, float(to_rational(tolerance)), report).audit(
        max_flow_work if flow else None
    )


class _Auditor:
    """One audit as it goes on."""

    def __init__(
        self, setting: Setting, run: Run, path: SaddlePath, tolerance: float, report: Callable[[str], None]
    ) -> None:
        self.setting, self.run, self.path, self.report = setting, run, path, report
        self.beta = observed(setting, run)
        self.limit = path.to_arrays()
        self.tolerance = tolerance + rounding(run)
        self.no_flow, self.most = "", 0.0
        seen = 0.0 if self.beta is None else float(np.abs(self.beta).max())
        self.scale = max(float(np.abs(self.limit.betas).max()), min(seen, 1e6), 1e-300)

    def audit(self, max_flow_work: int | None) -> Audit:
        """Everything, in the order of what depends on what."""
        setting, run = self.setting, self.run
        unsound = lost_weights(setting, run)
        possible = accounts(setting, run, self.beta)
        found = Audit(
            setting.problem, run, None, self.beta, self.path, setting.alpha, None, None, unsound, None, (),
            (), None, self.tolerance, "undecidable", run.notes,
        )  # fmt: skip
        if not possible:
            why = "alpha was not stated, and the log has too little before the first escape to infer it"
            return replace(found, reasons=(*run.notes, why))
        self.report("descent repeated from the same start")
        try:
            best, first = self._explanation(possible)
        except Inconclusive as error:
            return replace(found, reasons=(*run.notes, str(error)))
        account, self.most = best.account, float(self.misfit(best).max())
        if first is None and not self.moved and not possible.grown and len(self.path) > 1:
            why = "the log ends before any coordinate escapes, and nothing in it grows as it should or not"
            return replace(found, account=account, times=self.times(account), reasons=(*run.notes, why))
        rule = None if first is None or not self.moved else self._other_rule(possible.known)
        times = self.times(rule or account)
        placed = None if first is None else self._placed(first, times)
        found = replace(found, times=times, account=account, rule=rule, first_unexplained=placed)
        if self.beta is not None:
            self.report("plateaus, arrivals and the enclosed flow")
            shown = self._shown(times, best)
            reached = np.flatnonzero(self.limit.times <= times[-1])
            found = replace(
                found,
                itinerary=itinerary(times, self.beta, self.limit, shown),
                arrivals=tuple(self._arrivals(times, best)),
                distances=tuple(self._distances(times, best, max_flow_work)),
                hidden=tuple(int(k) for k in reached if not shown[k]),
            )
        return replace(
            found,
            verdict="deviates" if first is not None or not account.conventions else "agrees",
            reasons=tuple(self._reasons(found)),
        )

    def _explanation(self, possible: Candidates) -> tuple[Repeated, tuple[int, int, float] | None]:
        """The best known convention; where all fail, the run's own clock and α if they explain it."""
        known = repeat(self.setting, self.run, possible.known)
        if not known:
            return self._best(repeat(self.setting, self.run, [possible.free] if possible.free else []))
        best, first = self._best(known)
        if first is not None and possible.free is not None and self.moved:
            other, late = self._best(repeat(self.setting, self.run, [possible.free]))
            if late is None:
                return other, None
        return best, first

    @property
    def moved(self) -> bool:
        """Whether any coordinate left 0 by more than the tolerance."""
        return self.beta is None or bool(np.abs(self.beta).max() > self.tolerance * self.scale)

    def times(self, account: Account) -> Floats:
        """Accelerated time of each row."""
        real = self.run.clock * (self.setting.step or 1.0 if self.run.counts_steps else 1.0)
        unit = self.setting.network.real_time(1, Fraction(account.alpha))
        return np.asarray(real * account.factor / float(unit))

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

    def _best(self, repeated: Sequence[Repeated]) -> tuple[Repeated, tuple[int, int, float] | None]:
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

    def _placed(self, first: tuple[int, int, float], times: Floats) -> Unexplained:
        row, i, by = first
        scale = self.scale if self.beta is not None else self.setting.start_loss
        return Unexplained(float(times[row]), row, None if self.beta is None else i, by * scale)

    def _other_rule(self, plain: Sequence[Account]) -> Account | None:
        """Momentum, decay, or weights stored where their rounding matters: whichever explains every row."""
        others = list(other_rules(self.setting, self.run, self.beta))
        others += [
            replace(account, stored=True)
            for account in plain
            if self.setting.step is not None and could_lose(self.setting, self.run, account.alpha)
        ]
        for kind in ([a for a in others if not a.stored], [a for a in others if a.stored]):
            if kind:
                best, first = self._best(repeat(self.setting, self.run, kind))
                if first is not None and best.account.decay:
                    best, first = self._sharpened(best.account)
                if first is None:
                    return best.account
        return None

    def _sharpened(self, rule: Account) -> tuple[Repeated, tuple[int, int, float] | None]:
        """The decay that explains the most rows near one measured early, rounded if it may be."""
        for width in (0.3, 0.06, 0.012):
            near = [replace(rule, decay=rule.decay * (1 + width * part / 5)) for part in range(-5, 6)]
            rule = self._best(repeat(self.setting, self.run, near))[0].account
        rounded = [float(f"{rule.decay:.{digits}g}") for digits in (1, 2, 3)]
        near = [replace(rule, decay=decay) for decay in (*rounded, rule.decay)]
        return self._best(repeat(self.setting, self.run, near))

    @cached_property
    def _corrections(self) -> tuple[Correction, ...]:
        """Those of the jumps of u ⊙ v from scale 1; none where they are beyond the budget."""
        path, small = self.path, len(self.path) * self.setting.problem.d <= MAX_CORRECTED
        if self.setting.network != Network() or path.decisions or not small:
            return ()
        try:
            return corrections(path)
        except Inconclusive:
            return ()

    def _shown(self, times: Floats, best: Repeated) -> list[bool]:
        """For each saddle, whether repeated descent rests there too: the others do not show at this α."""
        everything = [True] * len(self.path)
        if not np.isfinite(best.beta).all():
            return everything
        visited = {p.saddle for p in itinerary(times, best.beta, self.limit, everything).plateaus}
        return [k in visited for k in range(len(self.path))]

    def _arrivals(self, times: Floats, best: Repeated) -> Iterator[Arrival]:
        if self.beta is None:
            return
        ours = arrivals(times, self.beta, self.limit)
        theirs = arrivals(times, best.beta, self.limit)
        shifts: dict[tuple[int, int], float] = {}
        for correction in self._corrections:
            value = correction.value(64)
            if value is not None:
                shifts[correction.exact.jump, correction.exact.coordinate] = float(value.mid())
        for (i, k, run), (_, _, descent) in zip(ours, theirs, strict=True):
            limit = float(self.limit.times[k])
            shift = shifts.get((k, i))
            at_alpha = None if shift is None else limit + shift / -math.log(best.account.alpha)
            yield Arrival(i, k, run, limit, at_alpha, descent)

    def _distances(self, times: Floats, best: Repeated, max_flow_work: int | None) -> Iterator[Distance]:
        if self.beta is None:
            return
        rows = sampled(times)
        flow = None
        if max_flow_work is not None:
            flow, self.no_flow = flow_at(
                self.path, best.account.alpha, times[rows], max_flow_work, self.report
            )
        limit = self.limit.betas[np.searchsorted(self.limit.times, times[rows], side="right") - 1]
        steps = self.run.clock[rows] / (1.0 if self.run.counts_steps else self.setting.step or 1.0)
        curves = self.beta[rows], best.beta[rows], limit
        yield from distances(self.setting, best.account, steps, times[rows], curves, flow)

    def _reasons(self, found: Audit) -> Iterator[str]:
        yield from self.run.notes
        if not self.path.complete:
            yield f"the path is a prefix, stopped by {self.path.stopped_by}"
        if self.no_flow:
            yield f"the flow is not enclosed: {self.no_flow}"
        if found.unsound is not None:
            yield found.unsound.words
        if (
            found.account is not None
            and found.account.conventions
            and found.account.factor != 1
            and self.setting.unit_is_known(self.run)
        ):
            yield f"{found.account}: your clock runs {found.account.factor:.6g} times as fast as the paper's"
        if found.rule is not None:
            yield f"what explains every row: {found.rule}"
        elif found.first_unexplained is not None:
            unit = "L(0)" if self.beta is None else "the largest |β|"
            yield f"nothing known here explains the remainder, at most {self.most:.2g} of {unit}"
        if found.hidden:
            listed = ", ".join(map(str, found.hidden[:10]))
            where = "this alpha" if self.setting.step is None else "this alpha and step"
            yield (
                f"at {where} the staircase does not show plateau {listed}: "
                "repeated descent does not rest there either"
            )
