"""Non-monotone active sets exist, and how small an instance can be."""

from __future__ import annotations

from itertools import chain, pairwise

from exactsaddle.base import Status, Verdict
from exactsaddle.path import SaddlePath, saddle_path
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import LEAVES, SHRINKS, exhausted, refute


def somebody_leaves(path: SaddlePath) -> str | None:
    """The claim of LEAVES, and of nothing smaller."""
    found = any(set(before.support) - set(after.support) for before, after in pairwise(path))
    return "a coordinate leaves" if found else None


def size_drops(path: SaddlePath) -> str | None:
    """The claim of SHRINKS."""
    found = any(len(before.support) > len(after.support) for before, after in pairwise(path))
    return "the support shrinks" if found else None


def check(budget: Budget) -> Verdict:
    """The two instances, certified; then every smaller problem with small entries."""
    for problem, property_ in ((LEAVES, somebody_leaves), (SHRINKS, size_drops)):
        if refute(problem, property_).status is not Status.REJECTED:
            return rejected(f"{problem!r} does not show it")
    smaller = list(
        chain(
            exhausted(1, 1, 5), exhausted(1, 2, 3), exhausted(1, 3, 2), exhausted(2, 1, 3), exhausted(2, 2, 1)
        )
    )
    for problem in smaller:
        if somebody_leaves(saddle_path(problem)):
            return unchecked(f"{problem!r} is a smaller instance")
    return verified(
        f"{LEAVES!r} (a coordinate leaves) and {SHRINKS!r} (the support shrinks), both certified; none "
        f"leaves in any of {len(smaller)} smaller problems: n = 1 or d = 1, or 2 × 2 with entries in [−1, 1]"
    )


CLAIM = Claim(
    name="non-monotone-active-sets",
    statement="Coordinates can leave the support: already for n = d = 2 and integers in [−2, 2]. The support "
    "can shrink in size, for n = d = 3.",
    source="paper, on Algorithm 1 (existence); the instances: MATHEMATICS.md §3 and this ledger",
    kind=Kind.EXACT,
    method="Certified instances; all smaller problems with small integer entries, exhaustively.",
    gap="That nothing smaller exists is checked for the listed integer entries only.",
    check=check,
)
