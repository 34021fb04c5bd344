"""Audit a run: conventions and clock, plateaus, arrivals, distances, and what remains unexplained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from exactsaddle.audit.accounts import Account, Candidates, accounts
from exactsaddle.audit.arrivals import arrivals
from exactsaddle.audit.conventions import observed
from exactsaddle.audit.distances import MAX_FLOW_WORK, Distance, distances, flow_at, sampled
from exactsaddle.audit.judging import Judge
from exactsaddle.audit.log import Floats, Run, run_of
from exactsaddle.audit.plateaus import itinerary
from exactsaddle.audit.repeating import Repeated, repeat
from exactsaddle.audit.result import Audit, Unexplained
from exactsaddle.audit.setting import Setting
from exactsaddle.audit.soundness import lost_weights, rounding
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.numbers import to_rational
from exactsaddle.path import PathArrays, SaddlePath, saddle_path
from exactsaddle.problem import Problem

TOLERANCE = "1/1000"
"""Of the largest |β|: more than rounding makes of a faithful run, less than any event."""


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
    length η of a step, None for the flow or, in a log of steps, to infer it; depth L and scales κ those of
    the network. tolerance is relative to the largest |β|. The flow is enclosed beside it where ``flow_work``
    is at most max_flow_work, unless flow=False.
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
    setting = setting.beside(log)
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
        self.no_flow, self.no_descent, self.most = "", "", 0.0
        largest = float(np.abs(self.limit.betas).max())
        self.judge = Judge(setting, run, self.beta, self.tolerance, largest)

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
            told = setting.alpha is None or setting.unit_is_known(run)
            unknown = "alpha was not stated" if told else "the step was not stated"
            why = f"{unknown}, and the log has too little before the first escape to infer it"
            return replace(found, reasons=(*run.notes, why))
        self.report("descent repeated from the same start")
        try:
            best, first = self.judge.explanation(possible)
        except Inconclusive as error:
            return replace(found, reasons=(*run.notes, str(error)))
        account, self.most = best.account, float(self.judge.misfit(best).max())
        if first is None and not self.judge.moved and not possible.grown and len(self.path) > 1:
            why = "the log ends before any coordinate escapes, and nothing in it grows as it should or not"
            return replace(found, account=account, times=self.times(account), reasons=(*run.notes, why))
        rule = None if first is None else self.judge.other_rule(possible, unsound is not None)
        times = self.times(rule or account)
        placed = None if first is None else self._placed(first, times)
        spread = possible.spread if possible.inferred else None
        found = replace(
            found, times=times, account=account, rule=rule, first_unexplained=placed, alpha_spread=spread
        )
        self.report("plateaus, arrivals and the enclosed flow")
        shown = self._shown(self.times(account), best)
        if rule is not None:
            best = repeat(setting, run, [rule])[0]
            found = replace(found, account=rule.plain)
        ends = np.append(self.limit.times[1:], np.inf)
        reached = np.flatnonzero((self.limit.times <= times[-1]) & (ends > times[0]))
        found = replace(
            found,
            itinerary=itinerary(times, self._seen(self.beta, run.losses), self._marks, shown),
            hidden=tuple(int(k) for k in reached if not shown[k]),
        )
        if self.beta is not None:
            curves = self.beta, best.beta
            arrived, self.no_descent = arrivals(setting, rule or account, times, curves, self.path)
            measured = tuple(self._distances(self.beta, times, best, max_flow_work))
            found = replace(found, arrivals=tuple(arrived), distances=measured)
        return replace(
            found,
            verdict="deviates" if first is not None or not account.conventions else "agrees",
            reasons=tuple(self._reasons(found, possible)),
        )

    def times(self, account: Account) -> Floats:
        """Accelerated time of each row."""
        real = self.run.clock * (self.setting.step or 1.0 if self.run.counts_steps else 1.0)
        if account.change is not None:
            since = account.change[0] * (self.setting.step or 1.0)
            real = np.minimum(real, since) + account.change[1] * np.maximum(real - since, 0)
        unit = self.setting.network.real_time(1, Fraction(account.alpha))
        return np.asarray(real * account.factor / float(unit))

    def _has_jumped(self, beta: Floats) -> bool:
        """Whether β is past the middle of the way to the first saddle that is not 0."""
        if len(self.limit.betas) < 2:
            return False
        return bool(np.abs(beta).max() > 0.5 * np.abs(self.limit.betas[1] - self.limit.betas[0]).max())

    def _placed(self, first: tuple[int, int, float], times: Floats) -> Unexplained:
        row, i, by = first
        name = "loss" if self.beta is None else self.setting.problem.names[i]
        scale = self.judge.scale if self.beta is not None else self.setting.start_loss
        return Unexplained(float(times[row]), row, None if self.beta is None else i, by * scale, name)

    @property
    def _marks(self) -> PathArrays:
        """The limit by what the log shows of it: its coefficients, or L(β_k) over L(0) as the one of each."""
        if self.beta is not None:
            return self.limit
        return self.limit._replace(betas=self.limit.losses[:, None] / (self.setting.start_loss or 1.0))

    def _seen(self, beta: Floats | None, losses: Floats | None) -> Floats:
        """Coefficients (T, d) where the log has them, else its losses over the first, (T, 1)."""
        if self.beta is not None and beta is not None:
            return beta
        if losses is None:
            raise InvalidInput("the run has neither coefficients nor losses")
        return np.asarray(losses / (losses[0] or 1.0))[:, None]

    def _shown(self, times: Floats, best: Repeated) -> list[bool]:
        """For each saddle, whether repeated descent rests there too: the others do not show at this α."""
        everything = [True] * len(self.path)
        if not np.isfinite(best.beta).all():
            return everything
        seen = self._seen(best.beta, self.setting.loss(best.beta))
        visited = {p.saddle for p in itinerary(times, seen, self._marks, everything).plateaus}
        return [k in visited for k in range(len(self.path))]

    def _distances(
        self, beta: Floats, times: Floats, best: Repeated, max_flow_work: int | None
    ) -> Iterator[Distance]:
        rows = sampled(times)
        flow = None
        if max_flow_work is not None:
            flow, self.no_flow = flow_at(
                self.path, best.account.alpha, times[rows], max_flow_work, self.report
            )
        limit = self.limit.betas[np.searchsorted(self.limit.times, times[rows], side="right") - 1]
        steps = self.run.clock[rows] / (1.0 if self.run.counts_steps else self.setting.step or 1.0)
        curves = beta[rows], best.beta[rows], limit
        yield from distances(self.setting, best.account, steps, times[rows], curves, flow)

    def _reasons(self, found: Audit, possible: Candidates) -> Iterator[str]:
        if found.unsound is not None:
            yield found.unsound.words
        yield from self.run.notes
        if self.run.clock[0] > 0 and self.beta is not None and self._has_jumped(self.beta[0]):
            yield (
                f"the log starts at {self.run.unit} {self.run.clock[0]:.6g}, after the first jump: it is "
                "judged from there, against descent from the start"
            )
        if possible.inferred and found.account is not None:
            yield (
                f"α = {found.account.alpha:.6g} is inferred {possible.inferred}, which differ by at most "
                f"{possible.spread:.2g} of it"
            )
        if self.setting.unstated and found.account is not None:
            yield (
                f"the step was not stated: with the loss and network of the paper it was "
                f"{found.account.factor:.6g}"
            )
        if not self.path.complete:
            yield f"the path is a prefix, stopped by {self.path.stopped_by}"
        if self.no_flow:
            yield f"the flow is not enclosed: {self.no_flow}"
        if self.no_descent:
            yield self.no_descent
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
