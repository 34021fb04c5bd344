"""Algorithm 1 with every decision proved by bounds: proposed in floats, proved in balls, exact in ties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flint import arb

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.path.cone import least_squares_on_cone
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.dependence import first_by_dependence
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.history import History, advance_to
from exactsaddle.path.engines.hits import possible_hitters, separate
from exactsaddle.path.engines.lazy import LazySaddle
from exactsaddle.path.engines.plateau import Decisions, Plateau
from exactsaddle.path.engines.proposal import propose_support
from exactsaddle.path.engines.trajectory import Interval, Trajectory
from exactsaddle.path.saddle import Saddle, first_landing, signs_of
from exactsaddle.problem import Problem

Proposal = Callable[[ScaledProblem, Mapping[int, int], Sequence[int]], tuple[int, ...]]

RUN_BITS = 64
"""FLINT's precision while a run decides, where nothing else is said: whoever watches may leave any behind."""

EXACT_BITS_PER_BIT = 32
"""At a working precision of p bits, an exact recomputation is tried up to this many times p bits."""


def starting_bits(problem: Problem) -> int:
    """The precision a run starts at: an error grows by about a bit a jump, of 1.5 to 2 rank X."""
    return 96 + 8 * min(problem.shape) // 5


@dataclass(frozen=True)
class _Point:
    """A proved minimiser on a sign cone: its fit, bounds of its gradient, and what of it is exactly zero."""

    fit: Fit
    gradient: Interval
    still: frozenset[int]


class BallRun:
    """One run of Algorithm 1: the combinatorics found so far, and the numbers at the precision so far."""

    def __init__(
        self, problem: Problem, bits: int, max_bits: int, propose: Proposal = propose_support
    ) -> None:
        self.problem = problem
        self.data = ScaledProblem(problem)
        self.max_bits = max_bits
        self.decisions = Decisions(bits=bits)
        self.history = History(problem, self.data, bits, max_bits)
        self._propose = propose
        self._fitter = Fitter(self.data)
        self.trajectory = Trajectory(self.data, bits)

    def __iter__(self) -> Iterator[Saddle]:
        """The saddles in order; raises Inconclusive where max_bits does not decide what comes next."""
        signs = signs_of(self.problem, self.problem.initial_dual)
        active = {i: sign for i, sign in enumerate(signs) if sign}
        support: tuple[int, ...] = ()
        while True:
            with workprec(RUN_BITS):
                saddle, plateau = self._next(active, support)
            yield saddle
            if not plateau.hits:
                return
            active, support = plateau.next_active, plateau.support

    def _next(self, active: dict[int, int], support: tuple[int, ...]) -> tuple[LazySaddle, Plateau]:
        """The next saddle and its plateau, both in the history."""
        history = self.history
        advance_to(self.trajectory, len(history.plateaus), history.plateaus, self._fitter)
        point = self._minimise(active, support)
        saddle = LazySaddle(history, len(history.plateaus), point.fit.columns, active)
        hits = self._next_hits(saddle, point)
        plateau = Plateau(saddle.support, active, point.still, hits)
        history.plateaus.append(plateau)
        return saddle, plateau

    # --- the minimiser -------------------------------------------------------------------------

    def _minimise(self, active: dict[int, int], support: tuple[int, ...]) -> _Point:
        proposal = tuple(sorted(set(self._propose(self.data, active, support)) & active.keys()))
        point = self._accept(proposal, active)
        if point is None:
            return self._exact_minimiser(active, support)
        self.decisions.supports_by_bounds += 1
        return point

    def _accept(self, columns: tuple[int, ...], active: Mapping[int, int]) -> _Point | None:
        """The point when bounds prove that these columns carry the unique minimiser, else None."""
        bits = self.trajectory.bits
        try:
            fit = self._fitter.fit(columns, bits)
            gradient = self.trajectory.gradient_interval(fit)
            unsure = [
                i
                for i in active.keys() - set(columns)
                if not (gradient.low[i] > 0 if active[i] > 0 else gradient.high[i] < 0)
            ]
            proved = self._is_minimiser(fit, active, unsure)
            if proved is None:
                proved = self._is_minimiser(self._fitter.fit(columns, 4 * bits), active, unsure)
        except Inconclusive:
            return None
        return _Point(fit, gradient, frozenset()) if proved else None

    def _is_minimiser(self, fit: Fit, active: Mapping[int, int], unsure: Sequence[int]) -> bool | None:
        """Whether the fit has the signs of the cone, and descends nowhere in it along the unsure; or None."""
        signs = [active[j] * fit.sign(place, self.data) for place, j in enumerate(fit.columns)]
        pulls = [self.trajectory.gradient_ball(i, fit) * active[i] for i in unsure]
        if -1 in signs or any(pull < 0 for pull in pulls):
            return False
        return True if 0 not in signs and all(pull > 0 for pull in pulls) else None

    def _exact_minimiser(self, active: dict[int, int], support: tuple[int, ...]) -> _Point:
        """The canonical minimiser by exact arithmetic, from the exact previous one."""
        self.decisions.supports_exact += 1
        signs = [active.get(i, 0) for i in range(self.data.d)]
        start = self.problem.normal_equations.least_squares(support)
        exact = least_squares_on_cone(self.problem, signs, start)
        columns = exact.beta.support
        fit = self._fitter.fit(columns, self.trajectory.bits)
        zero = {i for i, g in enumerate(exact.gradient.numerators) if g == 0}
        gradient = self.trajectory.gradient_interval(fit).zero_on(zero)
        return _Point(fit, gradient, frozenset((zero & active.keys()) - set(columns)))

    # --- the next event ------------------------------------------------------------------------

    def _next_hits(self, saddle: LazySaddle, point: _Point) -> dict[int, int]:
        """Who lands next, and on which side; empty when no coordinate can hit any more."""
        data, active = self.data, saddle.active
        if not data.is_tall and len(saddle.support) == data.n:
            return {}  # n independent columns fit y exactly: the gradient is zero
        moving = data.moving & ((point.gradient.low != 0) | (point.gradient.high != 0))
        moving[list(point.fit.columns)] = False
        fit, gradient = point.fit, point.gradient
        exact_end = False
        while True:
            candidates = possible_hitters(data, active, self.trajectory.dual_interval(), gradient, moving)
            if candidates is None and not exact_end:
                exact_end = True
                ahead = self._surely_moving(saddle)
                if not ahead:
                    return {}
                moving[:] = False
                moving[ahead] = True
            if candidates is None:
                candidates = [int(i) for i in moving.nonzero()[0]]
            waits = separate(self.trajectory, fit, active, candidates)
            hits = self._decide(saddle, point, waits, len(candidates))
            if hits is not None:
                return hits
            fit, gradient = self._raise_precision(saddle, list(waits))

    def _surely_moving(self, saddle: LazySaddle) -> list[int]:
        """The coordinates whose gradient is not zero and heads for a finite threshold, exactly."""
        return [
            i
            for i, g in enumerate(saddle.gradient_vector)
            if g != 0 and self.problem.bound(i, -1 if g > 0 else 1) is not None
        ]

    def _decide(
        self, saddle: LazySaddle, point: _Point, waits: dict[int, arb], considered: int
    ) -> dict[int, int] | None:
        """Who of the candidates lands first when that can be proved at this precision, else None."""
        sides = {i: self._side(i, point.fit) for i in waits}
        if not all(sides.values()):
            return self._decide_exactly(saddle)
        if len(waits) == 1:
            if considered == 1:
                self.decisions.hits_by_floats += 1
            else:
                self.decisions.hits_by_balls += 1
            return sides
        known = {i: saddle.active[i] for i in saddle.support}
        first = first_by_dependence(self.problem, known, sides)
        if first is not None:
            self.decisions.ties_by_dependence += 1
            return {i: sides[i] for i in first}
        return self._decide_exactly(saddle)

    def _side(self, i: int, fit: Fit) -> int:
        slope = self.trajectory.gradient_ball(i, fit)
        return -1 if slope > 0 else 1 if slope < 0 else 0

    def _decide_exactly(self, saddle: LazySaddle) -> dict[int, int] | None:
        budget = min(self.max_bits, EXACT_BITS_PER_BIT * self.trajectory.bits)
        try:
            dual = saddle.place(budget).dual
        except Inconclusive:
            return None
        gradient = saddle.gradient_vector
        hits = first_landing(self.problem, dual, gradient)
        self.decisions.hits_exact += 1
        return {i: -1 if gradient[i] > 0 else 1 for i in hits}

    # --- precision -----------------------------------------------------------------------------

    def _raise_precision(self, saddle: LazySaddle, undecided: list[int]) -> tuple[Fit, Interval]:
        bits = 2 * self.trajectory.bits
        if EXACT_BITS_PER_BIT * self.trajectory.bits >= self.max_bits and bits > self.max_bits:
            raise Inconclusive(
                f"max_bits = {self.max_bits}: after saddle {saddle.index}, coordinates {undecided} "
                f"were not told apart at {self.trajectory.bits} bits"
            )
        self.trajectory = Trajectory(self.data, bits)
        plateaus = self.history.plateaus
        advance_to(self.trajectory, len(plateaus), plateaus, self._fitter)
        self.decisions.precision_raised += 1
        self.decisions.bits = max(self.decisions.bits, bits)
        fit = self._fitter.fit(saddle.support, bits)
        return fit, self.trajectory.gradient_interval(fit)
