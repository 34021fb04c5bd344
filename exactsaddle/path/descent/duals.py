"""The two duals of every coordinate along a path: where they are, how fast they move, and who lands first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flint import arb, fmpq

from exactsaddle.base import by_name
from exactsaddle.numbers import Carried, Vector, brief
from exactsaddle.path.rules import FlowRule
from exactsaddle.problem import Problem

Side: TypeAlias = tuple[int, int]
"""(i, σ): weight w_σ of coordinate i, σ = 1 or −1; absent where the threshold c_σ is infinite."""
Scalar = Any
"""What a rate is: fmpq, arb, or anything with their arithmetic."""
History: TypeAlias = tuple[fmpq, tuple[tuple[int, fmpq], ...]]
"""The last room known over Q, and the drive on each plateau since: equal histories are equal rooms."""

ZERO = fmpq(0)


@dataclass(frozen=True, eq=False, repr=False)
class Plateau(Carried):
    """The combinatorics of a plateau and its exact vectors; its times follow from those before it.

    active maps each coordinate on a threshold at its beginning to the side; hits are those who land at its
    end, none at the last.
    """

    beta: Vector
    gradient: Vector
    active: Mapping[int, int]
    hits: tuple[Side, ...]
    names: tuple[str, ...]
    """Those of the columns."""

    def __repr__(self) -> str:
        beta = by_name(self.names, ((i, brief(self.beta[i])) for i in self.beta.support))
        active = by_name(self.names, ((i, f"{side:+d}") for i, side in self.active.items()))
        hits = by_name(self.names, ((i, f"{side:+d}") for i, side in self.hits))
        return f"Plateau(beta = {beta}, active = {active}, hits = {hits})"


class Duals:
    """t and the rooms c_σ − s_σ ≥ 0 of all sides, moved from plateau to plateau.

    rate(drive) is a as a function of the flow's own rate, zero with it. A side on its threshold has the
    room fmpq(0), put there, not computed.
    """

    def __init__(self, problem: Problem, flow: FlowRule, rate: Callable[[fmpq], Scalar]) -> None:
        self.flow, self.rate = flow, rate
        self.time: Scalar = ZERO
        self.plateaus = 0
        self.rooms: dict[Side, Scalar] = {}
        for i, start in enumerate(problem.dual_vector):
            for side in (1, -1):
                threshold = problem.threshold(i, side)
                if threshold is not None:
                    self.rooms[i, side] = threshold - side * start
        self.histories: dict[Side, History] = {side: (room, ()) for side, room in self.rooms.items()}

    @property
    def active(self) -> tuple[Side, ...]:
        """The sides on their threshold."""
        return tuple(side for side, room in self.rooms.items() if isinstance(room, fmpq) and room == 0)

    def drives(self, gradient: Vector) -> dict[Side, fmpq]:
        """The flow's rate of every side at a saddle with this gradient."""
        return {(i, side): self.flow.drive(i, -side * gradient[i]) for i, side in self.rooms}

    def waits(self, drives: Mapping[Side, fmpq]) -> dict[Side, Scalar]:
        """Δ until each side that moves towards its threshold would reach it."""
        return {side: self.rooms[side] / self.rate(f) for side, f in drives.items() if f > 0}

    def are_tied(self, sides: Sequence[Side], drives: Mapping[Side, fmpq]) -> bool:
        """Whether these sides certainly land together: the same room from the same history, and speed."""
        first = sides[0]
        return all(
            (self.histories[side], drives[side]) == (self.histories[first], drives[first]) for side in sides
        )

    def advance(self, plateau: Plateau) -> None:
        """Move to the end of this plateau."""
        drives = self.drives(plateau.gradient)
        hitter = plateau.hits[0]
        wait = self.rooms[hitter] / self.rate(drives[hitter])
        for side, drive in drives.items():
            if drive != 0:
                self.rooms[side] = self.rooms[side] - wait * self.rate(drive)
                room, moves = self.histories[side]
                self.histories[side] = room, (*moves, (self.plateaus, drive))
        for side in plateau.hits:
            self.rooms[side] = ZERO
            self.histories[side] = ZERO, ()
        self.time = self.time + wait
        self.plateaus += 1


def first_of(waits: Mapping[Side, Scalar]) -> tuple[Side, ...]:
    """The sides that balls, or numbers over Q, do not exclude from landing first."""
    ends = [wait.upper() if isinstance(wait, arb) else wait for wait in waits.values()]
    bound = ends[0]
    for end in ends[1:]:
        bound = end if end < bound else bound
    return tuple(side for side, wait in waits.items() if not wait > bound)
