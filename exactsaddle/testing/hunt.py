"""Draw problems from a family until one fails, then shrink it: the engine of fuzz and conformance."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from exactsaddle.base import Verdict, missing_extra

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st
except ImportError as error:
    raise missing_extra("a search for counterexamples needs Hypothesis", "hypothesis") from error

from exactsaddle.problem import Problem
from exactsaddle.testing.shrink import shrink

Judge = Callable[[Problem, str | None], Verdict | None]
"""(problem, only) -> a rejected Verdict or None; only, while shrinking, is the one claim to look at."""

SHRINK_SECONDS = 15.0


@dataclass(frozen=True)
class Counterexample:
    """A problem on which a claim is rejected, shrunk as far as the time allowed."""

    problem: Problem
    verdict: Verdict


@dataclass(frozen=True)
class Hunt:
    """What came of a hunt: examples judged, draws that gave no example, and the failure if any."""

    examples: int
    discarded: int
    counterexample: Counterexample | None


class _Leave(BaseException):
    """Leaves Hypothesis at once: it lets pass what is not an Exception."""


def hunt(
    problems: st.SearchStrategy[Problem],
    judge: Judge,
    *,
    examples: int,
    seed: int,
    seconds: float | None = None,
    shrink_seconds: float = SHRINK_SECONDS,
    progress: Callable[[int], None] = lambda count: None,
) -> Hunt:
    """Judge up to ``examples`` problems within ``seconds``; shrink the first that fails.

    The same seed gives the same examples. While shrinking, only the claim that failed is judged, and
    nothing is counted.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    started = judged = late = 0
    found: Counterexample | None = None

    @st.composite
    def counted(draw: st.DrawFn) -> Problem:
        nonlocal started
        started += 1
        return draw(problems)

    # Hypothesis' database would replay old failures, and its health checks would judge our timing.
    @seeded(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(counted())
    def attempt(problem: Problem) -> None:
        nonlocal judged, late, found
        if deadline is not None and time.monotonic() > deadline:
            late = 1
            raise _Leave
        judged += 1
        progress(judged)
        verdict = judge(problem, None)
        if verdict is not None:
            found = Counterexample(problem, verdict)
            raise _Leave

    with suppress(_Leave):
        attempt()
    return Hunt(judged, started - judged - late, found and _shrunk(found, judge, shrink_seconds))


def _shrunk(found: Counterexample, judge: Judge, seconds: float) -> Counterexample:
    claim = found.verdict.claim
    verdicts = [found.verdict]

    def fails(problem: Problem) -> bool:
        verdict = judge(problem, claim)
        if verdict is None or verdict.claim != claim:
            return False
        verdicts.append(verdict)
        return True

    return Counterexample(shrink(found.problem, fails, seconds), verdicts[-1])
