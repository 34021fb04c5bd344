"""The bench: every family at binary64 data against somebody else's solver, scored family by family."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from exactsaddle.base import InvalidInput, Status, Verdict
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.comparison import TOLERANCE, Comparison, compare
from exactsaddle.testing.conformance.target import CALL_SECONDS, Answer, Misbehaviour, Target
from exactsaddle.testing.conformance.worker import Array
from exactsaddle.testing.fuzz import choose_families
from exactsaddle.testing.hunt import hunt
from exactsaddle.testing.strategies import MAX_D, MAX_N, Family

EXAMPLES = 100
SECONDS = 120.0
DISAGREES = "disagrees"


@dataclass
class Score:
    """What a solver did on the examples of one family.

    right + wrong + misbehaved = examples. judged and unresolved count plateaus (see compare);
    extra_steps counts rows repeated at one jump time, which are no error.
    """

    examples: int = 0
    right: int = 0
    wrong: int = 0
    misbehaved: int = 0
    judged: int = 0
    unresolved: int = 0
    extra_steps: int = 0

    def add(self, outcome: Comparison | Misbehaviour) -> None:
        """Count one example."""
        self.examples += 1
        if isinstance(outcome, Misbehaviour):
            self.misbehaved += 1
            return
        self.judged += outcome.judged
        self.unresolved += outcome.unresolved
        self.extra_steps += outcome.extra_steps
        if outcome.wrong is None:
            self.right += 1
        else:
            self.wrong += 1


@dataclass(frozen=True)
class Finding:
    """A shrunk problem on which the solver is wrong or misbehaves, the exact path, and its answer."""

    family: str
    path: SaddlePath
    kind: str
    detail: str
    answer: Answer | None

    @property
    def problem(self) -> Problem:
        """The problem, its numbers exactly representable in binary64."""
        return self.path.problem


@dataclass(frozen=True)
class FamilyScore:
    """A family's score, draws that gave no example, and the finding if there is one."""

    family: str
    score: Score
    discarded: int
    finding: Finding | None


@dataclass(frozen=True)
class ConformanceReport:
    """What a run found out about a target; the same seed repeats it."""

    target: str
    families: tuple[FamilyScore, ...]
    seed: int
    seconds: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One shrunk counterexample for each family that has any."""
        return tuple(result.finding for result in self.families if result.finding is not None)

    @property
    def examples(self) -> int:
        """Calls that were scored."""
        return sum(result.score.examples for result in self.families)

    @property
    def untried(self) -> tuple[str, ...]:
        """Families in which nothing was judged."""
        return tuple(r.family for r in self.families if not r.score.judged and r.finding is None)

    @property
    def status(self) -> Status:
        """Rejected when something is wrong; else unchecked: agreement on examples proves nothing more.

        ``nothing_falsified`` is what a run without findings may say.
        """
        return Status.REJECTED if self.findings else Status.UNCHECKED

    @property
    def nothing_falsified(self) -> bool:
        """True when every family was tried and no example was answered wrongly."""
        return bool(self.families) and not self.findings and not self.untried

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types: scores by family, findings with the exact path beside the answer."""
        return {
            "target": self.target,
            "falsified": bool(self.findings),
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "examples": self.examples,
            "untried": list(self.untried),
            "families": [
                {"family": result.family, "discarded": result.discarded, **vars(result.score)}
                for result in self.families
            ],
            "findings": [
                {
                    "family": finding.family,
                    "kind": finding.kind,
                    "detail": finding.detail,
                    "problem": finding.problem.to_json(),
                    "exact": [
                        {"jump_time": str(saddle.jump_time), "beta": [str(b) for b in saddle.beta]}
                        for saddle in finding.path
                    ],
                    "answer": None
                    if finding.answer is None
                    else {"times": finding.answer.times.tolist(), "betas": finding.answer.betas.tolist()},
                }
                for finding in self.findings
            ],
        }


def to_binary64(problem: Problem) -> Problem:
    """The problem with every number of X and y rounded to binary64, exactly as stored.

    Raises InvalidInput unless thresholds are 1 and the initial dual is 0: a target knows of no others.
    """
    if not problem.is_standard:
        raise InvalidInput("a target takes X and y only: thresholds 1 and initial dual 0")
    X, y = arrays(problem)
    return Problem(X, y)


def arrays(problem: Problem) -> tuple[Array, Array]:
    """X (n, d) and y (n,) rounded to binary64."""
    X = np.array([[float(value) for value in row] for row in problem.X])
    return X, np.array([float(value) for value in problem.y])


def assess(
    target: str,
    *,
    examples: int = EXAMPLES,
    seed: int = 0,
    families: Iterable[str] | None = None,
    max_n: int = MAX_N,
    max_d: int = MAX_D,
    seconds: float = SECONDS,
    call_seconds: float = CALL_SECONDS,
    tolerance: float = TOLERANCE,
    progress: Callable[[str, int], None] = lambda family, count: None,
) -> ConformanceReport:
    """Score the function ``package.module:function`` and shrink one counterexample for each family.

    The function takes float64 arrays X (n, d) and y (n,), and returns (times (p+1,), betas (p+1, d)),
    time 0 and β = 0 first, for thresholds 1 and initial dual 0. Families with other thresholds are
    left out unless named, and then raise InvalidInput, as does a target that cannot be loaded.
    """
    if examples < 1:
        raise InvalidInput(f"examples must be at least 1, not {examples}")
    chosen = choose_families(families, max_n, max_d)
    odd = [family.name for family in chosen if not family.standard]
    if families is not None and odd:
        raise InvalidInput(f"family {odd[0]} has thresholds or initial duals, which a target does not take")
    chosen = [family for family in chosen if family.standard]
    began = time.monotonic()
    results = []
    with Target(target, call_seconds) as solver:
        for i, family in enumerate(chosen):
            share = max(0.0, seconds - (time.monotonic() - began)) / (len(chosen) - i)
            bench = _Bench(solver, tolerance)
            results.append(bench.run(family, examples, seed, (max_n, max_d), share, progress))
    return ConformanceReport(target, tuple(results), seed, time.monotonic() - began)


@dataclass(frozen=True)
class _Bench:
    solver: Target
    tolerance: float

    def run(
        self,
        family: Family,
        examples: int,
        seed: int,
        size: tuple[int, int],
        seconds: float,
        progress: Callable[[str, int], None],
    ) -> FamilyScore:
        """Score the family in up to half of the time, then shrink the first failure in the rest."""
        score, fails = Score(), False

        def count(problem: Problem, only: str | None) -> Verdict | None:
            nonlocal fails
            outcome = self.outcome(problem)
            score.add(outcome)
            fails = fails or _verdict(outcome) is not None
            return None

        drawn = family.problems(*size).map(to_binary64)
        scored = hunt(
            drawn,
            count,
            examples=examples,
            seed=seed,
            seconds=seconds / 2,
            progress=lambda n: progress(family.name, n),
        )
        finding = None
        if fails:  # the same seed draws the same examples, up to the first that fails
            judge = _Judge(self, family)
            shrunk = hunt(drawn, judge, examples=examples, seed=seed, shrink_seconds=max(seconds / 2, 1.0))
            if shrunk.counterexample is not None:
                finding = self.finding(family.name, shrunk.counterexample.problem)
        return FamilyScore(family.name, score, scored.discarded, finding)

    def outcome(self, problem: Problem) -> Comparison | Misbehaviour:
        """Call the solver and compare."""
        answer = self.solver.solve(*arrays(problem))
        if isinstance(answer, Misbehaviour):
            return answer
        return compare(saddle_path(problem), answer.times, answer.betas, self.tolerance)

    def finding(self, family: str, problem: Problem) -> Finding | None:
        """What the solver does on a problem, once more, with the exact truth beside it."""
        path = saddle_path(problem)
        answer = self.solver.solve(*arrays(problem))
        if isinstance(answer, Misbehaviour):
            return Finding(family, path, answer.kind, answer.detail, None)
        compared = compare(path, answer.times, answer.betas, self.tolerance)
        detail = compared.wrong or "right when asked again: the target is not deterministic"
        return Finding(family, path, DISAGREES, detail, answer)


class _Judge:
    """The judge of a hunt for one counterexample, which stays in its family while it shrinks.

    Rounding to binary64 may already have taken it out (a near-tie becomes a tie): then it may roam.
    """

    def __init__(self, bench: _Bench, family: Family) -> None:
        self.bench, self.family = bench, family
        self.stays = False

    def __call__(self, problem: Problem, only: str | None) -> Verdict | None:
        if only is not None and (
            to_binary64(problem) != problem or self.stays > self.family.predicate(problem)
        ):
            return None
        verdict = _verdict(self.bench.outcome(problem))
        if only is None and verdict is not None:
            self.stays = self.family.predicate(problem)
        return verdict


def _verdict(outcome: Comparison | Misbehaviour) -> Verdict | None:
    if isinstance(outcome, Misbehaviour):
        return Verdict(outcome.kind, Status.REJECTED, outcome.detail)
    return None if outcome.wrong is None else Verdict(DISAGREES, Status.REJECTED, outcome.wrong)
