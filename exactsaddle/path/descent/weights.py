"""Weight decay with a coordinate for each weight: a path of one-sided thresholds, with duals that drift."""

from __future__ import annotations

from flint import fmpq

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Vector
from exactsaddle.path.descent.duals import Duals, Side
from exactsaddle.path.descent.path import DescentPath
from exactsaddle.path.rules import WeightDecay
from exactsaddle.path.saddle import FirstHit, Saddle
from exactsaddle.path.sequence import SaddlePath
from exactsaddle.problem import Problem


def sides_of(problem: Problem) -> tuple[Side, ...]:
    """The weights there are: (i, σ) where the threshold c_σ of coordinate i is finite."""
    return tuple(
        (i, side) for i in range(problem.d) for side in (1, -1) if problem.threshold(i, side) is not None
    )


def one_sided(problem: Problem) -> Problem:
    """The problem of columns σX_i, in the order of ``sides_of``: thresholds c_σ above, none below."""
    sides = sides_of(problem)
    columns = [problem.column(i) * fmpq(side) for i, side in sides]
    return Problem(
        [[column[row] for column in columns] for row in range(problem.n)],
        problem.y,
        lower="inf",
        upper=[problem.threshold(i, side) for i, side in sides],
        dual=[side * problem.dual_vector[i] for i, side in sides],
        names=[f"{problem.names[i]} ({'+' if side > 0 else '−'})" for i, side in sides],
    )


class WeightPath(SaddlePath):
    """The path of weight decay as one of weights: what the laws of convergence are said of.

    Saddles are those of ``one_sided``, with β ≥ 0; their gradient is −ds_σ/dt = σ∇L + λ, with the drift, so
    that it is zero on the support and says when thresholds are met. ``source`` is the path it was made of,
    which certificates speak of.
    """

    def __init__(self, source: DescentPath) -> None:
        rule = source.rule
        if not isinstance(rule, WeightDecay):
            raise InvalidInput(f"{rule!r} is not a flow with weight decay")
        self.source = source
        self.rule: WeightDecay = rule
        problem = one_sided(source.problem)
        super().__init__(problem, _saddles(source, problem), source.stopped_by)

    def __reduce__(self) -> tuple[type[WeightPath], tuple[DescentPath]]:
        return WeightPath, (self.source,)


def _saddles(source: DescentPath, problem: Problem) -> list[Saddle]:
    """Every plateau, its two duals a vector."""
    sides = sides_of(source.problem)
    place = {side: index for index, side in enumerate(sides)}
    duals = Duals(source.problem, source.rule.flow, source.rule.rate)
    found = []
    for k, plateau in enumerate(source.plateaus):
        drives = duals.drives(plateau.gradient)
        hits = plateau.hits
        wait = duals.rooms[hits[0]] / drives[hits[0]] if hits else None
        landing = tuple(sorted(place[side] for side in hits))
        thresholds = [source.problem.threshold(*side) or fmpq(0) for side in sides]
        found.append(
            Saddle(
                problem,
                k,
                duals.time,
                Vector.of([max(side * plateau.beta[i], fmpq(0)) for i, side in sides]),
                Vector.of([-drives[side] for side in sides]),
                Vector.of([c - duals.rooms[side] for c, side in zip(thresholds, sides, strict=True)]),
                None if wait is None else FirstHit(wait, landing, tuple(problem.names[i] for i in landing)),
            )
        )
        if hits:
            duals.advance(plateau)
    return found
