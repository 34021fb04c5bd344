"""Vertices that prove their polyline to be within half a unit of a curve of the flow.

The vertices are centres of rigorous enclosures, or on a chord between two such. From a chord the curve is
proved to be no further than can be seen: with slopes in [m, M] it leaves one of length h in time by at most
(M − m)h/4. Elsewhere it is proved to stay in the box that two vertices span, widened by a tolerance that
cannot be seen (``Flowpipe.betas_over``). All vertices are so close that the boxes that they span are thin:
in time, or in every β and the loss. In a thin box a curve and a line from corner to corner are no further
apart than the box is thin. The scales of all axes are monotone, so a box stays a box.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from flint import arb, fmpq

from exactsaddle.base import Inconclusive
from exactsaddle.flow import Enclosure, Flowpipe
from exactsaddle.numbers import to_rational
from exactsaddle.report.scales import Floats

_HALVINGS = 5
"""How often a 32nd of the time axis that is not flat is halved: 0.3 units in the end."""
_FLAT = fmpq(1, 2**11)
"""What β and the loss may change in an interval that is not halved, in units of the smallest value seen."""
_BENT = fmpq(1, 2**10)
"""How far β and the loss may leave a chord, as parts of themselves or of what is linear on their axis:
0.2 units of a picture, 0.3 in space."""
TOLERANCE = fmpq(1, 2**16)
"""How far a curve may leave the box of two vertices, in the same unit; four times the radius of the balls."""
NARROW = 2_000
"""In space, parts of the range of a coordinate that all but one may change by between two vertices."""
_DEPTH = 40
"""Halvings at most when a curve is proved to stay in a box, or is resolved in space."""


class CurveBudgetSpent(Inconclusive):
    """A curve would be cut into more intervals of time than it may be."""


class Polyline:
    """Chooses vertices of one enclosed curve; seen are the smallest sizes of β and of the loss in a picture.

    linear are the sizes of β and the loss, (d + 1,), up to which their axes are linear; narrow see NARROW.
    intervals is how many intervals of time may be looked at: the flow decides where time is cut, not how
    sharply it is enclosed.
    """

    def __init__(
        self,
        pipe: Flowpipe,
        seen: tuple[fmpq, fmpq],
        linear: Floats,
        narrow: dict[int, float],
        intervals: int,
    ) -> None:
        self.pipe, self.narrow, self.intervals = pipe, narrow, intervals
        # where a proof is refused, the middle that it looked at comes to be a vertex
        self._at = lru_cache(maxsize=64)(pipe.at)
        self.linear = [arb(float(size)) for size in linear]
        beta, loss = seen
        self.flat = [*[arb(beta * _FLAT)] * pipe.problem.d, arb(loss * _FLAT)]
        self.tolerance = arb(beta * TOLERANCE)

    def after(self, left: Enclosure, right: Enclosure, halvings: int = 0) -> Iterator[Floats]:
        """The vertices after left up to right: of a chord or a thin box that is proved, or of two halves."""
        self.intervals -= 1
        if self.intervals < 0:
            raise CurveBudgetSpent("the budget of intervals is spent")
        short = halvings >= _HALVINGS and (self._narrow(left, right) or halvings >= _DEPTH)
        if (short or self._flat(left, right)) and self._proved(
            _Box(self.pipe, left, right, self.tolerance), left, right
        ):
            yield vertex(right)
            return
        middle = self._at((left.time + right.time) / 2)
        if halvings < _HALVINGS:
            chord = _Chord(self.pipe, left, right, self.linear)
            if chord.looks_straight(middle) and self._proved(chord, left, right):
                yield from chord.vertices(2 ** (_HALVINGS - halvings))
                return
        yield from self.after(left, middle, halvings + 1)
        yield from self.after(middle, right, halvings + 1)

    def _flat(self, left: Enclosure, right: Enclosure) -> bool:
        each = zip(_seen(left), _seen(right), self.flat, strict=True)
        return all(abs(p.mid() - q.mid()) <= flat for p, q, flat in each)

    def _narrow(self, left: Enclosure, right: Enclosure) -> bool:
        """Whether at most one coordinate of a picture in space changes by what can be seen."""
        moved = [abs(float(left.beta[i]) - float(right.beta[i])) > most for i, most in self.narrow.items()]
        return sum(moved) <= 1

    def _proved(self, shape: _Box | _Chord, start: Enclosure, end: Enclosure, depth: int = 0) -> bool:
        """Whether the curve stays in the shape from start to end; False when a point of it is outside.

        Never for want of a sharper hull, which is another on another processor.
        """
        if shape.holds(start, end):
            return True
        if depth == _DEPTH:
            raise Inconclusive(
                f"the enclosure near t = {float(start.time):.6g} is too wide to say where a curve is drawn"
            )
        middle = self._at((start.time + end.time) / 2)
        return (
            not shape.misses(middle)
            and self._proved(shape, start, middle, depth + 1)
            and self._proved(shape, middle, end, depth + 1)
        )


class _Box:
    """What two vertices span, widened; the loss, which only falls, never leaves it."""

    def __init__(self, pipe: Flowpipe, left: Enclosure, right: Enclosure, tolerance: arb) -> None:
        self.pipe = pipe
        both = zip(left.beta, right.beta, strict=True)
        self.sides = [(p.min(q) - tolerance, p.max(q) + tolerance) for p, q in both]

    def holds(self, start: Enclosure, end: Enclosure) -> bool:
        betas = self.pipe.betas_over(start.time, end.time)
        return all(low <= b and b <= high for b, (low, high) in zip(betas, self.sides, strict=True))

    def misses(self, point: Enclosure) -> bool:
        return any(b < low or b > high for b, (low, high) in zip(point.beta, self.sides, strict=True))


class _Chord:
    """All that is within _BENT of the chord of β and of the loss between two vertices."""

    def __init__(self, pipe: Flowpipe, left: Enclosure, right: Enclosure, linear: list[arb]) -> None:
        self.pipe, self.left, self.right = pipe, left, right
        each = zip(linear, _seen(left), _seen(right), strict=True)
        self.room = [size.max(abs(p).min(abs(q))) * _BENT for size, p, q in each]

    def looks_straight(self, middle: Enclosure) -> bool:
        """Whether the curve is so near in the middle that a proof is likely."""
        return all(away.mid() * 3 <= room for away, room in self._away(middle))

    def holds(self, start: Enclosure, end: Enclosure) -> bool:
        width = arb(to_rational(end.time - start.time)) / 4
        slopes = self.pipe.slopes_over(start.time, end.time)
        each = zip(self._away(start), self._away(end), slopes, strict=True)
        return all(p.max(q) + width * slope.rad() * 2 <= room for (p, room), (q, _), slope in each)

    def misses(self, point: Enclosure) -> bool:
        return any(away > room for away, room in self._away(point))

    def vertices(self, number: int) -> Iterator[Floats]:
        """So many after the first, evenly spaced in time up to the last."""
        first, last = vertex(self.left), vertex(self.right)
        return (first * (1 - j / number) + last * (j / number) for j in range(1, number + 1))

    def _away(self, point: Enclosure) -> list[tuple[arb, arb]]:
        """How far β and the loss are from the chord, and may be."""
        time, start, end = (to_rational(seen.time) for seen in (point, self.left, self.right))
        share = arb((time - start) / (end - start))
        each = zip(_seen(self.left), _seen(self.right), _seen(point), self.room, strict=True)
        return [(abs(value - p - (q - p) * share), room) for p, q, value, room in each]


def _seen(point: Enclosure) -> tuple[arb, ...]:
    return (*point.beta, point.loss)


def vertex(point: Enclosure) -> Floats:
    """Time, β and loss of a point, (d + 2,), in binary64."""
    return np.array([float(point.time), *map(float, _seen(point))])
