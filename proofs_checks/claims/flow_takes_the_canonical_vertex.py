"""False neighbour: where minimisers are many, the flow takes the vertex that Algorithm 1 prints."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import Status, Verdict
from exactsaddle.flow import enclose
from exactsaddle.numbers import to_rational
from exactsaddle.path import saddle_path
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import TIED, listing
from proofs_checks.claims.flow_data import show

PROBLEM = TIED


def check(budget: Budget) -> Verdict:
    """The flow at t = 1 for three α: at a distance from the vertex that does not change."""
    vertex = saddle_path(PROBLEM).at(1)
    distances = []
    for alpha in ("1e-10", "1e-20"):
        beta = enclose(PROBLEM, alpha, [1], radius="1e-15").points[0].beta
        errors = [abs(b - arb(to_rational(v))) for b, v in zip(beta, vertex, strict=True)]
        distances.append(max(errors, key=float))
    evidence = f"{PROBLEM!r}: the flow is {' and '.join(map(show, distances))} from {listing(vertex)}"
    if all(distance > arb("0.1") for distance in distances):
        return rejected(evidence)
    close = all(distance < arb("1e-3") for distance in distances)
    return verified(evidence) if close else unchecked(evidence)


CLAIM = Claim(
    name="flow-takes-the-canonical-vertex",
    statement="The limit of the flow is the canonical vertex β_k of Algorithm 1 even where the minimiser is "
    "not unique.",
    source="false neighbour of entropic-selection; MATHEMATICS.md §4",
    kind=Kind.ENCLOSED,
    method="Balls around the flow at two α: both over 1/10 away from the vertex.",
    gap="Two values of α; the distance tends to that of the entropic point.",
    check=check,
    expected=Status.REJECTED,
)
