"""Each visited point minimises the loss over its own support."""

from __future__ import annotations

from exactsaddle.base import Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims.claim import Budget, Claim, Kind
from proofs_checks.claims.data import for_all, paths


def must_vanish(beta: object) -> bool:
    """The claim: g_i = 0 exactly where this is true of β_i (L is convex: enough for a minimum)."""
    return beta != 0


def violation(path: SaddlePath) -> str | None:
    """A nonzero gradient on a support."""
    for saddle in path:
        gradient = path.problem.gradient(saddle.beta)
        for i, (b, g) in enumerate(zip(saddle.beta, gradient, strict=True)):
            if must_vanish(b) and g != 0:
                return f"saddle {saddle.index}: β_{i} = {b}, g_{i} = {g}"
    return None


def check(budget: Budget) -> Verdict:
    """Every saddle of every path."""
    return for_all(paths(budget), violation)


CLAIM = Claim(
    name="saddles-minimise-their-support",
    statement="Each visited β_k minimises L over {b : supp b ⊆ supp β_k}; so (√|β_k|, sign ⊙ √|β_k|) is "
    "critical for F.",
    source="paper, on Algorithm 1; MATHEMATICS.md §3",
    kind=Kind.EXACT,
    method="Recompute the gradient over Q; L is convex, so a zero gradient on the support is a minimum.",
    gap="On these data; the proof for all data is the paper's.",
    check=check,
    violation=violation,
)
