"""What a numerical solution of the flow says at a time, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import mpmath
from mpmath import mpf

from exactsaddle.base import by_name


@dataclass(frozen=True, repr=False)
class FlowPoint:
    """The flow at one accelerated time, in floating point: dual and beta (d,), loss, drift; names of columns.

    drift is the largest relative error of what the network conserves, u² − v² or u^(2−L) + v^(2−L)
    (MATHEMATICS.md §1, §8), None where no coordinate has both sides: a monitor, not a bound.
    """

    time: Fraction
    beta: tuple[mpf, ...]
    dual: tuple[mpf, ...]
    loss: mpf
    drift: mpf | None
    names: tuple[str, ...]

    def __repr__(self) -> str:
        beta = by_name(self.names, enumerate(map(mpmath.nstr, self.beta)))
        return f"FlowPoint(t = {self.time}, beta = {beta}, loss = {mpmath.nstr(self.loss)})"


@dataclass(frozen=True)
class Advance:
    """How far a run has come: accelerated time, steps, and points found so far."""

    time: Fraction
    steps: int
    points: tuple[FlowPoint, ...]
