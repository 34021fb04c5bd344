"""What the claims about the flow at finite α share: named problems, and enclosures made once."""

from __future__ import annotations

from functools import cache

from flint import arb

from exactsaddle.base import Inconclusive
from exactsaddle.convergence import Convergence, converge
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Network, Problem
from proofs_checks.claims.data import LEAVES

TWO_JUMPS = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
"""Nobody leaves and no coordinate rests on its threshold: c has its closed form at every jump."""
THREE_JUMPS = Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1])
CLOCKS = Problem([[1, 0], [0, 1]], [1, 2], lower=["1/10", 1], upper=["1/10", 1])
"""Two decoupled coordinates; the slower one starts at t = 1/5, the last plateau at t = 1."""
ZERO_SLACK = Problem(
    [[2, 2, 1], [2, 2, -1], [0, 2, 1], [0, 2, 1], [0, 0, 2], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    [2, 2, 0, 0, 2, 0, 0, 0],
)
"""G = [[1, 1, 0], [1, 2, 1/2], [0, 1/2, 1]], r = (1, 1, 1/2): MATHEMATICS.md §5."""

NAMED = {
    "two-jumps": TWO_JUMPS,
    "leaves": LEAVES,
    "three-jumps": THREE_JUMPS,
    "clocks": CLOCKS,
    "zero-slack": ZERO_SLACK,
    "two-jumps at depth 3": TWO_JUMPS.with_network(Network(3)),
    "two-jumps at depth 4": TWO_JUMPS.with_network(Network(4)),
}


@cache
def path(name: str) -> SaddlePath:
    """The exact path of a named problem."""
    return saddle_path(NAMED[name])


@cache
def enclosures(name: str, alphas: tuple[str, ...], digits: int) -> Convergence:
    """The flow of a named problem at each α, in balls; raises Inconclusive when one cannot be enclosed."""
    found = converge(path(name), alphas, digits=digits)
    if found.missing:
        alpha, reason = found.missing[0]
        raise Inconclusive(f"{name} at α = {alpha}: {reason}")
    return found


def show(ball: arb, digits: int = 6) -> str:
    """A ball for evidence, rounded outwards."""
    return str(ball.str(digits))
