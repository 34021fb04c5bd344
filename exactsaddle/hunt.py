"""Draw problems from a family until one fails, then shrink it: the engine of fuzz and conformance."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from exactsaddle.problem import Problem
from exactsaddle.verdict import Verdict

Judge = Callable[[Problem, str | None], Verdict | None]
"""(problem, only) -> a rejected Verdict or None; only, when given, is the one claim to look at."""

SHRINK_SECONDS = 15.0


@dataclass(frozen=True)
class Counterexample:
    """A problem on which a claim is rejected, shrunk as far as the time allowed."""

    problem: Problem
    verdict: Verdict

    @property
    def weight(self) -> tuple[int, int]:
        """What shrinking makes small: the number of entries, then the characters to write them."""
        content = self.problem.content()
        return self.problem.n * self.problem.d, sum(len(str(part)) for part in content.values())


@dataclass(frozen=True)
class Hunt:
    """What came of a hunt: examples judged, draws that gave no example, and the failure if any."""

    examples: int
    discarded: int
    counterexample: Counterexample | None


class _Failed(Exception):
    """Tells Hypothesis that this example fails."""


class _TimeIsUp(BaseException):
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
    search = _Search(
        judge, time.monotonic() + seconds if seconds is not None else None, shrink_seconds, progress
    )

    @st.composite
    def counted(draw: st.DrawFn) -> Problem:
        search.started += search.best is None
        return draw(problems)

    # Hypothesis' database would replay old failures, and its health checks would judge our timing.
    @seeded(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(counted())
    def attempt(problem: Problem) -> None:
        search.judge_one(problem)

    with suppress(_Failed, _TimeIsUp):
        attempt()
    return Hunt(search.examples, search.started - search.examples, search.best)


class _Search:
    """The state of a hunt, across the calls that Hypothesis makes."""

    def __init__(
        self,
        judge: Judge,
        deadline: float | None,
        shrink_seconds: float,
        progress: Callable[[int], None],
    ) -> None:
        self.judge, self.deadline, self.shrink_seconds, self.progress = (
            judge,
            deadline,
            shrink_seconds,
            progress,
        )
        self.started = self.examples = 0
        self.best: Counterexample | None = None

    def judge_one(self, problem: Problem) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise _TimeIsUp
        if self.best is None:
            self.examples += 1
            self.progress(self.examples)
        verdict = self.judge(problem, self.best.verdict.claim if self.best else None)
        if verdict is None:
            return
        found = Counterexample(problem, verdict)
        if self.best is None:
            self.best, self.deadline = found, time.monotonic() + self.shrink_seconds
        elif found.weight < self.best.weight:
            self.best = found
        raise _Failed(str(verdict))
