"""Which events of a path all data within a resolution share, proved over all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from exactsaddle.base import InvalidInput, one_at_a_time, workprec
from exactsaddle.numbers import to_fraction
from exactsaddle.path.engines.ball import RUN_BITS
from exactsaddle.path.engines.binary import in_order
from exactsaddle.path.engines.curve import FloatCurve, Waits
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.path.engines.working import Unsettled
from exactsaddle.path.saddle import Saddle
from exactsaddle.problem import Problem, RealProblem, Resolution

Kind = Literal["support", "hit", "end"]

MAX_NAMES = 6
"""Of the competitors in a sentence."""


@dataclass(frozen=True)
class OpenEvent:
    """The first event that is not proved to be the same for all data, and what it may be instead.

    - support: who carries saddle ``saddle``, or with which sign, is open;
    - hit: who lands on a threshold next after that saddle is;
    - end: whether the path ends there is.
    """

    kind: Kind
    saddle: int
    expected: tuple[str, ...]
    """The names of those that the path has there: who lands, or who carries the saddle; nobody at an end."""
    competitors: tuple[str, ...]
    """The names of the columns that are not ruled out, or of which the bounds do not tell."""

    def __str__(self) -> str:
        rivals = _listed(self.competitors)
        if self.kind == "support":
            return f"who carries saddle {self.saddle}, or with which sign: {rivals}"
        if self.kind == "end":
            return f"whether the path ends at saddle {self.saddle}, or {rivals} still hits"
        if self.expected == self.competitors and len(self.expected) > 1:
            return f"whether {rivals} land together after saddle {self.saddle}"
        who = f"who lands first after saddle {self.saddle}"
        others = tuple(name for name in self.competitors if name not in self.expected)
        turned = tuple(name for name in self.competitors if name in self.expected)
        either = [_listed(names) for names in (self.expected, others) if names]
        if turned:
            who += ", or on which threshold"
            either.append(f"{_listed(turned)} on the other")
        return f"{who}: {', or '.join(either)}"

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {
            "kind": self.kind,
            "saddle": self.saddle,
            "expected": list(self.expected),
            "competitors": list(self.competitors),
        }


def _listed(names: tuple[str, ...]) -> str:
    shown, more = names[:MAX_NAMES], len(names) - MAX_NAMES
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, repr=False)
class CertainEvents:
    """What is proved of the paths of all (X', y') with |X' − X| ≤ δX and |y' − y| ≤ δy, thresholds and s_0 as
    they are: saddles 0 to ``last`` have the supports, signs and hits of this path. A rigorous enclosure.
    """

    resolution: Resolution
    last: int | None
    """The largest such k that was proved; None where not even saddle 0 was."""
    times: tuple[tuple[Fraction, Fraction], ...]
    """Bounds of t_0, …, t_last over all those data, in accelerated time."""
    open: OpenEvent | None
    """What is not proved next; None where the path, as far as it goes, is certain to its end."""

    @property
    def everything(self) -> bool:
        """Whether all events of the path are certain, its end included where it is complete."""
        return self.open is None

    @staticmethod
    def refuse(problem: Problem, resolution: Resolution) -> None:
        """Raise InvalidInput where nothing is in doubt, or entries are expressions."""
        if isinstance(problem, RealProblem):
            raise InvalidInput("certain events are of numbers: entries that are expressions are exact")
        if resolution.is_exact:
            raise InvalidInput(
                "the data are exact, and so every event is certain; say how sharply they were given: "
                "--resolution 1e-3, certain(1e-3)"
            )

    def __repr__(self) -> str:
        return f"CertainEvents({self})"

    def __str__(self) -> str:
        if self.open is None:
            said = "every event of the path is the same"
        elif self.last is None:
            said = "no event is proved to be the same"
        else:
            said = f"supports, signs and order of hits up to saddle {self.last} are the same"
        rest = "" if self.open is None else f"; not certain: {self.open}"
        return f"{said} for all data within the resolution ({self.resolution}){rest}"

    def to_json(self) -> dict[str, Any]:
        """The fields by name; times as pairs of rationals, binary64 numbers around the bounds."""
        return {
            "resolution": self.resolution.to_json(),
            "last": self.last,
            "times": [[str(low), str(high)] for low, high in self.times],
            "open": None if self.open is None else self.open.to_json(),
        }


@one_at_a_time
def certain_events(problem: Problem, saddles: Sequence[Saddle], resolution: Resolution) -> CertainEvents:
    """The events that all data within the resolution share, for the saddles of a path of ``problem``.

    Returning proves what CertainEvents says, by the theorem of MATHEMATICS.md §7 for each data set in the
    box: bounds in binary64, added in one order, widened by the resolution. Raises InvalidInput for entries
    that are expressions.
    """
    CertainEvents.refuse(problem, resolution)
    with workprec(RUN_BITS), np.errstate(all="ignore"), in_order():
        run = _Run(problem, resolution)
        for k, saddle in enumerate(saddles):
            run.visit(saddle, saddles[k + 1] if k + 1 < len(saddles) else None)
            if run.open is not None:
                break
    return CertainEvents(resolution, run.last, tuple(run.times), run.open)


class _Run:
    """The curve of ``FloatCurve`` along known events, with bounds for all data in the box."""

    def __init__(self, problem: Problem, resolution: Resolution) -> None:
        self.problem = problem
        self.curve = FloatCurve(FloatProblem(problem, resolution), problem.design_matrix)
        self.last: int | None = None
        self.open: OpenEvent | None = None
        self.times: list[tuple[Fraction, Fraction]] = []
        self._now = Fraction(0)

    def visit(self, saddle: Saddle, later: Saddle | None) -> None:
        """Prove the saddle, who lands next, and let the curve follow; ``open`` says what was not proved."""
        curve, support = self.curve, saddle.support
        active = self._active(saddle)
        doubtful = self._doubtful(support, active)
        if doubtful:
            self._leave("support", saddle, support, doubtful)
            return
        unit, error = to_fraction(curve.problem.time_unit), Fraction(curve.ledger.time_error)
        self.times.append((max(self._now - error, Fraction(0)) * unit, (self._now + error) * unit))
        self.last = saddle.index
        moving = curve.problem.moving.copy()
        moving[list(support)] = False
        if len(support) == self.problem.n or not moving.any():  # no residual, or nothing to move
            return
        waits = curve.waits(active, moving)
        rivals = self._rivals(saddle, waits)
        if rivals:
            self._leave("hit" if saddle.hits else "end", saddle, tuple(saddle.hits), rivals)
        elif later is not None:
            self._now += Fraction(waits.length)
            try:
                curve.advance(waits, saddle.hits, self._active(later))
            except Unsettled:
                self._leave("support", later, later.support, tuple(saddle.hits))

    def _active(self, saddle: Saddle) -> dict[int, int]:
        """Who is on a threshold, and on which side: columns that are zero for all data have no say."""
        moving = self.curve.problem.moving
        return {i: side for i, side in enumerate(saddle.signs) if side and moving[i]}

    def _doubtful(self, support: tuple[int, ...], active: dict[int, int]) -> tuple[int, ...]:
        """Whose coefficient or gradient is not proved to have its sign for all data."""
        curve = self.curve
        try:
            curve.settle(support)
        except Unsettled:
            return tuple(sorted(set(support).difference(curve.working.columns))) or support
        error = curve.fit.coefficient_error
        columns = zip(curve.working.columns, curve.fit.coefficients.tolist(), strict=True)
        weak = {j for j, b in columns if not active.get(j, 0) * b > error}
        return tuple(sorted(weak | {i for i in active.keys() - {*support} if curve.side(i) != -active[i]}))

    def _rivals(self, saddle: Saddle, waits: Waits) -> tuple[int, ...]:
        """Who else may land first, or land on the other side; none when the hits are proved for all data."""
        possible, hits = self._possible(waits), saddle.hits
        sides = {i: self.curve.side(i) for i in possible}
        if sides == hits and len(hits) < 2:
            return ()
        return tuple(sorted(i for i in possible if sides[i] != hits.get(i))) or tuple(sorted(hits))

    def _possible(self, waits: Waits) -> list[int]:
        """Who may land first, for some data."""
        bound = waits.latest
        return [
            i for i, (early, _) in waits.bounds.items() if not (early == np.inf or early > bound)
        ]  # what is not a number is neither

    def _leave(self, kind: Kind, saddle: Saddle, expected: tuple[int, ...], rivals: tuple[int, ...]) -> None:
        names = self.problem.names
        told, others = (tuple(names[i] for i in sorted(found)) for found in (expected, rivals))
        self.open = OpenEvent(kind, saddle.index, told, others)
