"""What changes of the data do to the path."""

from __future__ import annotations

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from exactsaddle.testing.properties.relations import RELATIONS
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def violation(path: SaddlePath) -> str | None:
    """The first relation that fails, with its numbers."""
    for relation in RELATIONS.values():
        if relation.applies(path.problem, path):
            witness = relation.violation(path.problem, path)
            if witness is not None:
                return f"{relation.name}: {witness}"
    return None


def check(budget: Budget) -> Verdict:
    """Every relation on every small path (the packaged data sets excepted)."""
    small = [path for path in paths(budget) if path.problem.n <= 10]
    return for_all(small[: budget.of(100, len(small))], violation)


CLAIM = Claim(
    name="path-equivariance",
    statement="; ".join(relation.statement for relation in RELATIONS.values()) + ".",
    source="MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Solve the changed problem and compare every saddle with the image of the original, over Q.",
    gap="On these data.",
    check=check,
)
