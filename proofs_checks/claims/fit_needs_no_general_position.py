"""(t, s, Xβ, loss) do not depend on which minimiser is picked: no general position is needed."""

from __future__ import annotations

from typing import Any

from exactsaddle.base import Status, Verdict
from exactsaddle.path import Saddle, SaddlePath, saddle_path
from proofs_checks.check_path import check as check_certificate
from proofs_checks.claims.claim import Budget, Claim, Kind, unchecked, verified
from proofs_checks.claims.data import for_all, paths


def certified(saddle: Saddle) -> tuple[Any, ...]:
    """The claim: what is the same for every order of the columns, so for every choice of minimiser."""
    return saddle.jump_time, saddle.problem.fitted(saddle.beta), saddle.loss


def violation(path: SaddlePath) -> str | None:
    """A difference between the path and that of the columns in reverse order, which picks other vertices."""
    problem = path.problem
    other = saddle_path(problem.replace(X=[row[::-1] for row in problem.X], names=problem.names[::-1]))
    if len(other) != len(path):
        return f"{len(path)} saddles, in reverse order {len(other)}"
    for here, there in zip(path, other, strict=True):
        if certified(here) != certified(there) or here.dual != there.dual[::-1]:
            return f"saddle {here.index} depends on the order of the columns"
    report = check_certificate(path.certificate(uniqueness=True).to_text())
    return None if report.verdict == "verified" else f"certificate {report.verdict}: {report.message}"


def check(budget: Budget) -> Verdict:
    """Every path with a saddle whose minimiser is not unique, and the certificate of each."""
    chosen = [path for path in paths(budget) if not all(saddle.unique for saddle in path)]
    if not chosen:
        return unchecked("no degenerate problem was drawn")
    verdict = for_all(chosen, violation)
    if verdict.status is not Status.VERIFIED:
        return verdict
    several = sum(not saddle.unique for path in chosen for saddle in path)
    return verified(f"{several} saddles with several minimisers; {verdict.evidence}")


CLAIM = Claim(
    name="fit-needs-no-general-position",
    statement="Whatever minimisers are picked, t_k, s_k, Xβ_k and L(β_k) are the same, for any X and y.",
    source="MATHEMATICS.md §4 (ours)",
    kind=Kind.EXACT,
    method="Solve with the columns reversed, which changes the canonical vertices; let the independent "
    "checker verify each path, the non-uniqueness included.",
    gap="On these data, for two of the possible choices. The flow's own choice is entropic-selection.",
    check=check,
)
