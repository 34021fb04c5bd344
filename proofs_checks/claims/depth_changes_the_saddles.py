"""False neighbour: a deeper network goes by other saddles than two layers."""

from __future__ import annotations

from flint import arb

from exactsaddle.base import Status, Verdict, workprec
from exactsaddle.flow import enclose
from exactsaddle.numbers import to_rational
from exactsaddle.path import saddle_path
from exactsaddle.problem import Network, Problem
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import TWO_JUMPS, show

NETWORK = Network(3)
PROBLEM: Problem = TWO_JUMPS
NEAR = "1e-4"


def check(budget: Budget) -> Verdict:
    """The flow of depth 3 in the middle of every plateau of the path of two layers."""
    path = saddle_path(PROBLEM)
    times = [(a + b) / 2 for a, b in zip(path.jump_times, path.jump_times[1:], strict=False)]
    times.append(2 * path.jump_times[-1])
    points = enclose(PROBLEM, "1e-2", times, radius="1e-8", network=NETWORK).points
    with workprec(64):
        distances = [
            max(
                (abs(b - arb(to_rational(v))) for b, v in zip(point.beta, saddle.beta, strict=True)),
                key=float,
            )
            for point, saddle in zip(points, path, strict=True)
        ]
    evidence = f"{NETWORK} on {PROBLEM!r} at α = 1e-2 is {', '.join(map(show, distances))} from the saddles"
    if all(distance < arb(NEAR) for distance in distances):
        return rejected(evidence)
    return verified(evidence) if any(d > arb("1e-1") for d in distances) else unchecked(evidence)


CLAIM = Claim(
    name="depth-changes-the-saddles",
    statement="As α → 0 the flow of u³ − v³ rests at other saddles, or at other times, than that of u ⊙ v.",
    source="false neighbour of algebraic-laws; MATHEMATICS.md §8",
    kind=Kind.ENCLOSED,
    method="Balls around the deeper flow in the middle of each plateau of the two-layer path, at one α.",
    gap="One problem and one α; that the limit is the same path for every problem is §8.",
    check=check,
    expected=Status.REJECTED,
)
