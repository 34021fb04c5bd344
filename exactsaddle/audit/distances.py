"""How far a run, the enclosed flow, the limit and descent are apart, at rows spread over the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.first_order import modified_flow
from exactsaddle.audit.log import Floats
from exactsaddle.audit.setting import Setting
from exactsaddle.base import Inconclusive
from exactsaddle.flow import Progress, enclose, flow_work, over_flow_work
from exactsaddle.path import SaddlePath

SAMPLES = 24
"""Rows at which the flow is enclosed."""
MAX_FLOW_WORK = 2_000
"""The most ``flow_work`` at which it is."""
_ROUNDING = 1e-12
"""Of the largest |β|: what repeated descent, in binary64, does not tell from 0."""
RADIUS = "1e-9"
"""Of the enclosures."""


@dataclass(frozen=True)
class Distance:
    """max_i |difference| at one accelerated time: run to limit, enclosed flow to limit, run to flow.

    predicted is how far from the flow the step of the descent brings it to first order; beyond what then is
    left of the run; run_descent what is left beside descent repeated from the same start, by the rule
    that explains every row where one does. 0 where a distance is not told from 0: to the flow below RADIUS,
    to repeated descent where it is no more than rounding. None where unknown.
    """

    time: float
    run_limit: float
    flow_limit: float | None
    run_flow: float | None
    predicted: float | None
    beyond: float | None
    run_descent: float | None


def sampled(times: Floats) -> list[int]:
    """Rows spread over the run's time, the first after 0 and the last among them."""
    wanted = np.linspace(0, times[-1], SAMPLES + 1)[1:]
    return sorted({min(int(np.searchsorted(times, t)), len(times) - 1) for t in wanted})


def flow_at(
    path: SaddlePath, alpha: float, times: Floats, max_work: int, report: Callable[[str], None]
) -> tuple[Floats | None, str]:
    """Centres (m, d) of rigorous enclosures of radius RADIUS at accelerated times; or None, and why."""
    work = flow_work(path, float(times[-1]))
    if work > max_work:
        return None, f"{over_flow_work(work, max_work)}; --max-flow-work raises it"

    def advance(state: Progress) -> None:
        report(f"the enclosed flow, t = {float(state.time):.4g}")

    moments = [Fraction(float(time)) for time in times]
    try:
        pipe = enclose(path.problem, Fraction(alpha), moments, radius=RADIUS, progress=advance)
    except Inconclusive as error:
        return None, str(error)
    return np.array([[float(ball.mid()) for ball in point.beta] for point in pipe.points]), ""


def distances(
    setting: Setting,
    account: Account,
    steps: Floats,
    times: Floats,
    curves: tuple[Floats, Floats, Floats],
    flow: Floats | None,
) -> Iterator[Distance]:
    """At rows with these step counts and times: curves are run, repeated descent and limit there, (m, d)."""
    run, descent, limit = curves
    modified = modified_flow(setting, account, list(steps))

    def apart(first: Floats | None, second: Floats | None, j: int, told: float = 0.0) -> float | None:
        if first is None or second is None or not (np.isfinite(first[j]) & np.isfinite(second[j])).all():
            return None
        distance = float(np.abs(first[j] - second[j]).max())
        return 0.0 if distance < told else distance

    enclosed, rounding = float(RADIUS), _ROUNDING * float(np.abs(run).max())
    for j in range(len(times)):
        yield Distance(
            float(times[j]),
            float(np.abs(run[j] - limit[j]).max()),
            apart(flow, limit, j, enclosed),
            apart(run, flow, j, enclosed),
            apart(modified, flow, j, enclosed),
            apart(run, modified, j),
            apart(run, descent, j, rounding),
        )
