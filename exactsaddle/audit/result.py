"""What an audit found, and the verdict in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.arrivals import Arrival
from exactsaddle.audit.distances import Distance
from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.plateaus import Itinerary
from exactsaddle.audit.soundness import Unsound
from exactsaddle.base import Status
from exactsaddle.numbers import Carried
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Unexplained:
    """The first row that no convention explains: accelerated time, coordinate (None: loss), by how much."""

    time: float
    row: int
    coordinate: int | None = field(repr=False)
    by: float
    name: str
    """What the coordinate is called; "loss" where it is None."""


@dataclass(frozen=True, eq=False)
class Audit(Carried):
    """What a run did, and whether theory explains it.

    verdict: *agrees* (descent from the same start explains every row within the tolerance), *deviates*
    (first_unexplained says where; rule names what does explain it, if something does) or *undecidable at
    this alpha*. The path is exact and the flow enclosed; the log is taken as given, and repeated
    descent is numerical evidence.
    """

    problem: Problem
    run: Run
    times: Floats | None
    """Accelerated time of each row, (T,), by the clock of what explains the run."""
    beta: Floats | None
    """(T, d), as the log says it."""
    path: SaddlePath
    stated_alpha: float | None
    account: Account | None
    rule: Account | None
    unsound: Unsound | None
    itinerary: Itinerary | None
    arrivals: tuple[Arrival, ...]
    distances: tuple[Distance, ...]
    first_unexplained: Unexplained | None
    tolerance: float
    verdict: Literal["agrees", "deviates", "undecidable"]
    reasons: tuple[str, ...]
    hidden: tuple[int, ...] = ()
    """Saddles reached in the limit where repeated descent does not rest either, at this α and step."""
    alpha_spread: float | None = None
    """By which part of itself an inferred α differs between rows or coordinates, at most; None if stated."""

    @property
    def status(self) -> Status:
        """verified, rejected, unchecked: the exit codes 0, 1, 3."""
        known = {"agrees": Status.VERIFIED, "deviates": Status.REJECTED, "undecidable": Status.UNCHECKED}
        return known[self.verdict]

    @property
    def words(self) -> str:
        """The verdict as a sentence."""
        if self.verdict == "undecidable":
            return "undecidable at this alpha"
        if self.first_unexplained is None and self.verdict == "deviates" and self.account is not None:
            return (
                f"deviates: what explains every row is a clock {self.account.factor:.6g} times the paper's "
                f"and α = {self.account.alpha:.6g}, which no convention gives from the step and alpha stated"
            )
        if self.first_unexplained is None:
            return (
                f"agrees: descent repeated from the same start explains every row within "
                f"{self.tolerance:.2g} of the largest |β| (numerical evidence about the log as given)"
            )
        where = self.first_unexplained
        what = "the loss" if where.coordinate is None else self.problem.names[where.coordinate]
        return (
            f"deviates: from t = {where.time:.5g} (row {where.row + 1}) {what} is {where.by:.2g} "
            "away from what descent from the same start gives"
            + ("" if self.rule is None else f"; every row is explained by: {self.rule.rule}")
        )
