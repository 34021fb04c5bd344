"""The path of an optimiser, for a report beside that of the flow."""

from __future__ import annotations

from dataclasses import dataclass

from exactsaddle.base import Status, Verdict
from exactsaddle.numbers import Carried
from exactsaddle.path.descent import DescentPath, JumpExpansion, descent_path, expand_jump_times
from exactsaddle.path.rules import Rule, SteppedRule
from exactsaddle.problem import Problem


@dataclass(frozen=True, eq=False)
class OptimiserPath(Carried):
    """The limit path of a rule, dt_k/dη at 0 where it has a step η, and what its checker said."""

    path: DescentPath
    expansion: JumpExpansion | None
    verdict: Verdict

    @classmethod
    def of(cls, problem: Problem, rule: Rule, max_saddles: int) -> OptimiserPath:
        """Solve, certify and have it checked by the independent checker."""
        path = descent_path(problem, rule=rule, max_saddles=max_saddles)
        expansion = expand_jump_times(problem, rule) if isinstance(rule, SteppedRule) else None
        return cls(path, expansion, path.certificate().check())

    @property
    def shared(self) -> int:
        """How many jumps at the beginning are those of the flow that the rule discretises."""
        return 0 if self.expansion is None else self.path.shared_jumps(self.expansion.path)

    def joined(self, verdict: Verdict) -> Verdict:
        """The verdict of a report that is about both: the weaker one."""
        status = Status.weakest([verdict.status, self.verdict.status])
        evidence = (
            f"{verdict.evidence}; {self.path.rule!r}: {self.verdict.status.value}: {self.verdict.evidence}"
        )
        return Verdict(verdict.claim, status, evidence)
