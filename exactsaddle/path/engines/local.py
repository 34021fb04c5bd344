"""One plateau settled by bounds of rising precision, and exactly where bounds cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import arb

from exactsaddle.base import Inconclusive
from exactsaddle.path.cone import least_squares_on_cone
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.dependence import first_by_dependence
from exactsaddle.path.engines.fit import Fit, Fitter
from exactsaddle.path.engines.history import History
from exactsaddle.path.engines.hits import may_move, possible_landings, replay, separate, starts_inside
from exactsaddle.path.engines.lazy import LazySaddle
from exactsaddle.path.engines.plateau import Decisions
from exactsaddle.path.engines.proposal import propose_support
from exactsaddle.path.engines.trajectory import Trajectory, gradient_ball, gradient_interval
from exactsaddle.path.saddle import first_landing

Proposal = Callable[[ScaledProblem, Mapping[int, int], Sequence[int]], tuple[int, ...]]

EXACT_BITS_PER_BIT = 32
"""At a working precision of p bits, an exact recomputation is tried up to this many times p bits."""


@dataclass(frozen=True)
class Minimiser:
    """A proved minimiser on a sign cone: its support, and who on a threshold off it has gradient zero."""

    support: tuple[int, ...]
    still: frozenset[int]


class Settler:
    """Decides what is asked of the plateau after those of a history, whatever it takes up to max_bits.

    Each precision has a trajectory of its own, replayed as far as it is needed: what one plateau takes, the
    next need not.
    """

    def __init__(
        self, history: History, decisions: Decisions, bits: int, propose: Proposal = propose_support
    ) -> None:
        self.problem = history.problem
        self.history = history
        self.decisions = decisions
        self.bits = bits
        """The precision that each question starts at."""
        self._propose = propose
        self._trajectories: dict[int, Trajectory] = {}

    @cached_property
    def data(self) -> ScaledProblem:
        """The problem in integers, made when it is first needed."""
        return self.history.data

    @cached_property
    def _fitter(self) -> Fitter:
        return Fitter(self.data)

    def trajectory(self, bits: int) -> Trajectory:
        """z̃ at the start of the plateau in question."""
        if bits not in self._trajectories:
            self._trajectories[bits] = Trajectory(self.data, bits)
        replay(self._trajectories[bits], self.history.plateaus, self._fitter)
        self.decisions.bits = max(self.decisions.bits, bits)
        return self._trajectories[bits]

    # --- the minimiser -------------------------------------------------------------------------

    def minimiser(self, active: dict[int, int], support: tuple[int, ...]) -> Minimiser:
        """That on the sign cone of ``active``, from where the last saddle was nonzero."""
        proposal = tuple(sorted(set(self._propose(self.data, active, support)) & active.keys()))
        if self._accept(proposal, active):
            self.decisions.supports_by_balls += 1
            return Minimiser(proposal, frozenset())
        return self._exact_minimiser(active, support)

    def _accept(self, columns: tuple[int, ...], active: Mapping[int, int]) -> bool:
        """Whether bounds prove that these columns carry the unique minimiser."""
        try:
            for bits in (self.bits, 4 * self.bits):
                proved = self._is_minimiser(self._fitter.fit(columns, bits), active)
                if proved is not None:
                    return proved
        except Inconclusive:
            pass
        return False

    def _is_minimiser(self, fit: Fit, active: Mapping[int, int]) -> bool | None:
        """Whether the fit has the signs of the cone, and descends nowhere in it; None when that is open."""
        signs = [active[j] * fit.sign(place, self.data) for place, j in enumerate(fit.columns)]
        pulls = [gradient_ball(self.data, i, fit) * active[i] for i in active.keys() - set(fit.columns)]
        if -1 in signs or any(pull < 0 for pull in pulls):
            return False
        return True if 0 not in signs and all(pull > 0 for pull in pulls) else None

    def _exact_minimiser(self, active: dict[int, int], support: tuple[int, ...]) -> Minimiser:
        """The canonical minimiser by exact arithmetic, from the exact previous one."""
        self.decisions.supports_exact += 1
        signs = [active.get(i, 0) for i in range(self.problem.d)]
        start = self.problem.normal_equations.least_squares(support)
        exact = least_squares_on_cone(self.problem, signs, start)
        columns = exact.beta.support
        zero = {i for i in active if exact.gradient[i] == 0}
        return Minimiser(columns, frozenset(zero - set(columns)))

    # --- the next event ------------------------------------------------------------------------

    def hits(self, saddle: LazySaddle, point: Minimiser) -> dict[int, int]:
        """Who lands next, and on which side; empty when no coordinate can hit any more."""
        data, bits = self.data, self.bits
        moving = may_move(data, point.support, point.still)
        exact_end = False
        while True:
            trajectory = self.trajectory(bits)
            fit = self._fitter.fit(point.support, bits)
            gradient = gradient_interval(data, fit)
            candidates = possible_landings(trajectory, gradient, moving)
            if candidates is None and not exact_end:
                exact_end = True
                ahead = self._surely_moving(saddle)
                if not ahead:
                    return {}
                moving[:] = False
                moving[ahead] = True
            if candidates is None:
                candidates = [int(i) for i in moving.nonzero()[0]]
            stay = trajectory.stay(fit, candidates, starts_inside(trajectory, saddle.active))
            waits = separate(trajectory, fit, stay.radius, candidates)
            hits = self._decide(saddle, fit, waits, bits)
            if hits is not None:
                return hits
            bits = self._raised(bits, saddle, list(waits))

    def _surely_moving(self, saddle: LazySaddle) -> list[int]:
        """The coordinates whose gradient is not zero and heads for a finite threshold, exactly."""
        return [
            i
            for i, g in enumerate(saddle.gradient_vector)
            if g != 0 and self.problem.bound(i, -1 if g > 0 else 1) is not None
        ]

    def _decide(
        self, saddle: LazySaddle, fit: Fit, waits: dict[int, arb], bits: int
    ) -> dict[int, int] | None:
        """Who of the candidates lands first when that can be proved at this precision, else None."""
        sides = {i: self._side(i, fit) for i in waits}
        if not all(side and self.problem.bound(i, side) is not None for i, side in sides.items()):
            return self._decide_exactly(
                saddle, bits
            )  # at few bits one may seem to land at an infinite threshold
        if len(waits) == 1:
            self.decisions.hits_by_balls += 1
            return sides
        known = {i: saddle.active[i] for i in saddle.support}
        first = first_by_dependence(self.problem, known, sides)
        if first is not None:
            self.decisions.ties_by_dependence += 1
            return {i: sides[i] for i in first}
        return self._decide_exactly(saddle, bits)

    def _side(self, i: int, fit: Fit) -> int:
        slope = gradient_ball(self.data, i, fit)
        return -1 if slope > 0 else 1 if slope < 0 else 0

    def _decide_exactly(self, saddle: LazySaddle, bits: int) -> dict[int, int] | None:
        try:
            dual = saddle.place(min(self.history.max_bits, EXACT_BITS_PER_BIT * bits)).dual
        except Inconclusive:
            return None
        gradient = saddle.gradient_vector
        hits = first_landing(self.problem, dual, gradient)
        self.decisions.hits_exact += 1
        return {i: -1 if gradient[i] > 0 else 1 for i in hits}

    def _raised(self, bits: int, saddle: LazySaddle, undecided: list[int]) -> int:
        max_bits = self.history.max_bits
        if EXACT_BITS_PER_BIT * bits >= max_bits and 2 * bits > max_bits:
            named = ", ".join(self.problem.names[i] for i in undecided)
            raise Inconclusive(
                f"max_bits = {max_bits}: after saddle {saddle.index}, columns {named} "
                f"were not told apart at {bits} bits"
            )
        self.decisions.precision_raised += 1
        return 2 * bits
