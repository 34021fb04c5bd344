"""When each coordinate arrives at a saddle: in the run, in repeated descent, and by what theory says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.log import Floats
from exactsaddle.audit.setting import Setting
from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.convergence import corrections
from exactsaddle.path import PathArrays, SaddlePath
from exactsaddle.path.descent import DescentPath, DescentSaddle, descent_path
from exactsaddle.path.rules import FlowRule, GradientDescent, GradientFlow, HeavyBall, WeightDecay
from exactsaddle.problem import Network

MAX_CORRECTED = 200
"""The most saddles times coordinates at which the corrections of jumps are computed."""
_DIGITS = 17

Entry = tuple[int, int, int]
"""A coordinate, its sign, and for which time it enters the support with it."""


@dataclass(frozen=True)
class Arrival:
    """When coordinate arrives at saddle, in accelerated time; None where it does not, or nothing says it.

    run and repeated: when it has half of its value there, in the log and in repeated descent (by the rule
    that explains every row, where one does). limit: t_k exactly rounded; at_alpha: t_k + c_k/ℓ; descent: the
    jump of the descent's own limit path at this step.
    """

    coordinate: int = field(repr=False)
    saddle: int
    run: float | None
    limit: float
    at_alpha: float | None
    descent: float | None
    repeated: float | None
    name: str
    """What the coordinate is called."""


def arrivals(
    setting: Setting, rule: Account, times: Floats, curves: tuple[Floats, Floats], path: SaddlePath
) -> tuple[list[Arrival], str]:
    """Of the run and of repeated descent, curves (T, d) each at accelerated times (T,), by a rule.

    Also why nothing is known of the descent's limit path, "" where it is or was not asked for.
    """
    limit, shifts = path.to_arrays(), _shifts(path)
    entered, reason = _descent_entries(setting, rule, float(times[-1]))
    seen: Counter[tuple[int, int]] = Counter()
    found = []
    run, repeated = (crossings(times, curve, limit) for curve in curves)
    for (i, k, mine), (_, _, theirs) in zip(run, repeated, strict=True):
        side = 1 if limit.betas[k][i] > 0 else -1
        jump, shift = float(limit.times[k]), shifts.get((k, i))
        at_alpha = None if shift is None else jump + shift / -math.log(rule.alpha)
        descent = entered.get((i, side, seen[i, side]))
        seen[i, side] += 1
        found.append(Arrival(i, k, mine, jump, at_alpha, descent, theirs, path.problem.names[i]))
    return found, reason


def crossings(times: Floats, beta: Floats, limit: PathArrays) -> list[tuple[int, int, float | None]]:
    """(coordinate, saddle, accelerated time) at which each entering β_i first has half of its value there.

    Looked for from the arrival of the same coordinate before, wherever the clock of the run puts it; None
    where it does not rise to that after it was below, also because the log starts later.
    """
    found = []
    since = [0] * beta.shape[1]
    for k in range(1, len(limit.times)):
        before, after = limit.betas[k - 1], limit.betas[k]
        for i in map(int, np.flatnonzero((before == 0) & (after != 0))):
            share = beta[:, i] / after[i] - 0.5
            crossed = np.flatnonzero((share[1:] >= 0) & (share[:-1] < 0)) + 1
            later = crossed[crossed > since[i]]
            if len(later):
                since[i] = int(later[0])
            found.append((i, k, _crossing(times, share, since[i]) if len(later) else None))
    return found


def _crossing(times: Floats, share: Floats, row: int) -> float:
    part = share[row - 1] / (share[row - 1] - share[row])
    return float(times[row - 1] + part * (times[row] - times[row - 1]))


def _shifts(path: SaddlePath) -> dict[tuple[int, int], float]:
    """c by jump and coordinate, for u ⊙ v from scale 1; none where they are beyond the budget."""
    small = len(path) * path.problem.d <= MAX_CORRECTED
    if path.problem.network != Network() or path.decisions or not small:
        return {}
    try:
        found = [(one.exact, one.value(64)) for one in corrections(path)]
    except Inconclusive:
        return {}
    return {(e.jump, e.coordinate): float(value.mid()) for e, value in found if value is not None}


def _descent_entries(setting: Setting, rule: Account, last: float) -> tuple[dict[Entry, float], str]:
    """When each coordinate enters the support on the limit path of the descent, up to the time ``last``."""
    if setting.exact_step is None or setting.depth > 2 or rule.change is not None:
        return {}, ""

    def wanted(saddle: DescentSaddle) -> bool:
        return float(saddle.jump_time_ball(_DIGITS)) <= last

    pace = Fraction(rule.factor)
    flow: FlowRule = WeightDecay(Fraction(rule.decay) / pace) if rule.decay else GradientFlow()
    step = setting.exact_step * pace
    try:
        chosen = HeavyBall(step, Fraction(str(rule.momentum)), flow) if rule.momentum else None
        path = descent_path(setting.problem, rule=chosen or GradientDescent(step, flow), progress=wanted)
    except (Inconclusive, InvalidInput) as error:
        return {}, f"the limit path of the descent is not known at this step: {error}"
    return dict(_entries(path)), ""


def _entries(path: DescentPath) -> Iterator[tuple[Entry, float]]:
    seen: Counter[tuple[int, int]] = Counter()
    before: tuple[int, ...] = ()
    for saddle in path:
        signs = tuple((value > 0) - (value < 0) for value in saddle.beta)
        for i, side in enumerate(signs):
            if side and not (before and before[i]):
                yield (i, side, seen[i, side]), float(saddle.jump_time_ball(_DIGITS))
                seen[i, side] += 1
        before = signs
