"""Algorithm 1 with every decision proved by bounds: in binary64, and what that leaves open in ``local``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.path.engines.curve import FloatCurve, Waits
from exactsaddle.path.engines.dependence import first_by_dependence
from exactsaddle.path.engines.floats import FloatProblem
from exactsaddle.path.engines.history import History
from exactsaddle.path.engines.lazy import LazySaddle
from exactsaddle.path.engines.local import Minimiser, Proposal, Settler
from exactsaddle.path.engines.plateau import Decisions, Plateau
from exactsaddle.path.engines.proposal import propose_support
from exactsaddle.path.engines.working import Unsettled
from exactsaddle.path.saddle import Saddle, signs_of
from exactsaddle.problem import Problem

RUN_BITS = 64
"""FLINT's precision while a run decides, where nothing else is said: whoever watches may leave any behind."""

BINARY64 = 53
STARTING_BITS = 128
MAX_TIED = 16
"""Up to this many that binary64 does not tell apart are compared by linear dependence at once."""


class BallRun:
    """One run of Algorithm 1: the combinatorics found so far, and a curve in binary64 that keeps near it.

    bits is what is tried first where binary64 leaves a plateau open.
    """

    def __init__(
        self, problem: Problem, max_bits: int, bits: int = STARTING_BITS, propose: Proposal | None = None
    ) -> None:
        self.problem = problem
        self.decisions = Decisions(bits=BINARY64)
        self.history = History(problem, bits, max_bits)
        self.curve = FloatCurve(FloatProblem(problem), problem.design_matrix)
        self._settler = Settler(self.history, self.decisions, bits, propose or propose_support)
        self._propose = propose
        signs = signs_of(problem, problem.initial_dual)
        self._active = {i: sign for i, sign in enumerate(signs) if sign}
        """Who is on a threshold when the next plateau begins."""
        self._is_near = True
        """Whether the curve has bounds on this plateau."""

    def __iter__(self) -> Iterator[Saddle]:
        """The saddles in order; raises Inconclusive where max_bits does not decide what comes next."""
        support: tuple[int, ...] = ()
        while True:
            with workprec(RUN_BITS), np.errstate(all="ignore"):  # what is not a number proves nothing
                saddle, plateau = self._next(self._active, support)
            yield saddle
            if not plateau.hits:
                return
            support = plateau.support

    def _next(self, active: dict[int, int], support: tuple[int, ...]) -> tuple[LazySaddle, Plateau]:
        """The next saddle and its plateau, both in the history."""
        history = self.history
        point = self._minimise(active, support)
        saddle = LazySaddle(history, len(history.plateaus), point.support, active)
        moving = self.curve.problem.moving.copy()
        moving[[*point.support, *point.still]] = False
        if len(point.support) == self.problem.n or not moving.any():  # then the gradient is zero
            hits: dict[int, int] = {}
            history.plateaus.append(Plateau(saddle.support, active, point.still, hits))
        else:
            waits = self.curve.waits(active, moving) if self._is_near else None
            hits = self._hits_by_floats(saddle, waits)
            settled = not hits
            hits = hits or self._settler.hits(saddle, point)
            history.plateaus.append(Plateau(saddle.support, active, point.still, hits))
            if hits:
                self._active = history.plateaus[-1].next_active
                self._go_on(hits, None if settled else waits)
        return saddle, history.plateaus[-1]

    # --- the minimiser -------------------------------------------------------------------------

    def _minimise(self, active: dict[int, int], support: tuple[int, ...]) -> Minimiser:
        if self._is_near:
            found = self._minimise_by_floats(active, support)
            if found is not None:
                self.decisions.supports_by_floats += 1
                return Minimiser(found, frozenset())
        point = self._settler.minimiser(active, support)
        if self._is_near:
            try:
                self.curve.settle(point.support)
            except Unsettled:
                self._is_near = False
        return point

    def _minimise_by_floats(self, active: dict[int, int], support: tuple[int, ...]) -> tuple[int, ...] | None:
        curve = self.curve
        try:
            if self._propose is None:
                guess = curve.guess(active)
            else:
                guess = list(self._propose(self._settler.data, active, support))
            curve.settle(guess)
        except Unsettled:
            return None
        return tuple(sorted(curve.working.columns)) if curve.is_minimiser(active) else None

    # --- the next event ------------------------------------------------------------------------

    def _hits_by_floats(self, saddle: LazySaddle, waits: Waits | None) -> dict[int, int]:
        """Who lands next, where binary64 tells, or tells enough for linear dependence to; else empty."""
        if waits is None:
            return {}
        possible = waits.first()
        sides = {i: self.curve.side(i) for i in possible}
        if not possible or not all(sides.values()):
            return {}
        if len(possible) == 1:
            self.decisions.hits_by_floats += 1
            return sides
        if len(possible) > MAX_TIED:
            return {}
        known = {i: saddle.active[i] for i in saddle.support}
        first = first_by_dependence(self.problem, known, sides)
        if first is None:
            return {}
        self.decisions.ties_by_dependence += 1
        return {i: sides[i] for i in first}

    def _go_on(self, hits: dict[int, int], waits: Waits | None) -> None:
        """Let the curve follow; from a trajectory of the settler where it cannot, or need not, by itself."""
        if waits is not None:
            with suppress(Unsettled):
                self.curve.advance(waits, hits, self._active)
                return
        try:
            self.curve.renew(self._settler.trajectory(self._settler.bits), self._active)
            self._is_near = True
        except Inconclusive:
            self._is_near = False
