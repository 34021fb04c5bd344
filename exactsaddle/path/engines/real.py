"""Algorithm 1 for real numbers: every sign by balls of rising precision, zero by algebra, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from flint import arb

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers.number_field import is_zero
from exactsaddle.path.engines.plateau import Decisions, Plateau
from exactsaddle.path.engines.questions import (
    coefficient,
    difference,
    fitted,
    moved,
    room,
    slope,
    step,
    wait,
)
from exactsaddle.path.engines.real_numbers import START_BITS, RealNumbers
from exactsaddle.path.engines.real_saddle import RealSaddle
from exactsaddle.path.engines.views import Question, View
from exactsaddle.path.saddle import Saddle
from exactsaddle.problem import DECISION_BITS, RealProblem


class RealRun(RealNumbers):
    """One run of Algorithm 1 on a problem of real numbers, and the numbers of what it found."""

    def __init__(self, problem: RealProblem, bits: int = START_BITS, max_bits: int = DECISION_BITS) -> None:
        super().__init__(problem, bits, max_bits)
        self.decisions = Decisions(bits=bits)
        self._used_algebra = False

    def __iter__(self) -> Iterator[Saddle]:
        """The saddles in order; raises Inconclusive, naming the candidates, where a sign is not decided."""
        with workprec(START_BITS):
            active = self._touching()
        support: tuple[int, ...] = ()
        while True:
            with workprec(START_BITS):  # whoever watches may leave any precision behind
                plateau = self._next(active, support)
            yield RealSaddle(self, len(self.plateaus) - 1, plateau.support, active)
            if not plateau.hits:
                return
            active, support = plateau.next_active, plateau.support

    def _next(self, active: dict[int, int], support: tuple[int, ...]) -> Plateau:
        """The next plateau, added to those found."""
        k = len(self.plateaus)
        support, still = self._minimise(k, active, support)
        hits = self._next_hits(k, active, support, still)
        self.plateaus.append(Plateau(support, active, still, hits))
        return self.plateaus[k]

    # --- signs ---------------------------------------------------------------------------------

    def _decide(
        self, question: Question, about: Callable[[], str], vanishes: Callable[[], bool] = lambda: False
    ) -> int:
        """The sign of an answer that the path depends on, counted."""
        found = self.sign(question, about, vanishes)
        self.decisions.bits = max(self.decisions.bits, found.bits)
        self.decisions.precision_raised += found.raised
        self._used_algebra |= found.by_algebra
        return found.value

    def _gradient_sign(self, k: int, i: int, support: tuple[int, ...]) -> int:
        if len(support) == self.problem.n:
            return 0  # independent columns, as many as rows, fit y exactly
        return self._decide(
            slope(support, i),
            lambda: f"saddle {k}, the sign of gradient {i}",
            lambda: self.is_still(i, support),
        )

    def _lands_with(self, i: int, j: int, sides: Mapping[int, int]) -> bool:
        """Whether coordinate j lands with i because X_j = c·X_i, so that s_j − s_0,j = c·(s_i − s_0,i)."""
        c = self.ratio(i, j)
        if c is None:
            return False
        view = self.exact
        moves = [view.bounds[sides[k]][k] * sides[k] - view.start[k] for k in (i, j)]
        if is_zero(moves[1] - c * moves[0]):
            return True
        if any(self.problem.starts):
            return False
        squares = [
            view.squares[sides[k]][k] for k in (i, j)
        ]  # sides are those of the motion: c agrees in sign
        return is_zero(squares[1] - c * c * squares[0])

    def _coefficient_sign(self, k: int, i: int, support: tuple[int, ...]) -> int:
        return self._decide(coefficient(support, i), lambda: f"saddle {k}, the sign of beta {i}")

    def _touching(self) -> dict[int, int]:
        """Who is on a threshold at the start, and on which."""
        active = {}
        for i in range(self.problem.d):
            for side in (1, -1):
                if self.problem.bounds[side][i] is None:
                    continue
                inside = self._decide(room(i, side), partial("the place of dual {}".format, i))
                if inside < 0:
                    raise ProofFailed(f"dual {i} is outside its box")
                if inside == 0:
                    active[i] = side
        return active

    # --- the minimiser -------------------------------------------------------------------------

    def _minimise(
        self, k: int, active: Mapping[int, int], support: tuple[int, ...]
    ) -> tuple[tuple[int, ...], frozenset[int]]:
        """The support of the canonical minimiser, and who rests on a threshold beside it: see ``cone``."""
        self._used_algebra = False
        while True:
            pulls = {}
            entering = None
            for i in sorted(active.keys() - set(support)):
                pulls[i] = active[i] * self._gradient_sign(k, i, support)
                if pulls[i] < 0:
                    entering = i
                    break
            if entering is None:
                break
            support = self._refit(k, active, support, entering)
        if self._used_algebra:
            self.decisions.supports_exact += 1
        else:
            self.decisions.supports_by_balls += 1
        return support, frozenset(i for i, pull in pulls.items() if pull == 0)

    def _refit(
        self, k: int, active: Mapping[int, int], support: tuple[int, ...], entering: int
    ) -> tuple[int, ...]:
        """Minimise over the support and one more, dropping those that block at zero."""
        working = tuple(sorted((*support, entering)))
        point = fitted(support)
        while True:
            goal = fitted(working)
            signs = {i: active[i] * self._coefficient_sign(k, i, working) for i in working}
            blocking = [i for i in working if signs[i] < 0]
            if not blocking:
                return tuple(i for i in working if signs[i] > 0)
            first = self._least(
                {i: step(point, goal, i) for i in blocking},
                lambda i, j: f"saddle {k}, which of beta {i} and {j} reaches zero first",
            )
            point = moved(point, goal, first[0])
            working = tuple(i for i in working if i not in first)

    def _least(
        self,
        questions: dict[int, Question],
        about: Callable[[int, int], str],
        tied: Callable[[int, int], bool] = lambda i, j: False,
    ) -> list[int]:
        """The keys of the least answers, all of them in a tie; tied may prove two of them equal."""
        view = self.balls(self.start_bits)
        values = {i: view.ask(question) for i, question in questions.items()}
        tops = [value.upper() for value in values.values() if value.is_finite()]
        if tops:
            top = min(tops)
            questions = {i: q for i, q in questions.items() if not values[i] > top}
        best: list[int] = []
        for i, question in questions.items():
            if not best:
                best = [i]
                continue
            leader = best[0]
            order = self._decide(
                difference(question, questions[leader]), partial(about, i, leader), partial(tied, leader, i)
            )
            best = [i] if order < 0 else [*best, i] if order == 0 else best
        return sorted(best)

    # --- the next event ------------------------------------------------------------------------

    def _next_hits(
        self, k: int, active: Mapping[int, int], support: tuple[int, ...], still: frozenset[int]
    ) -> dict[int, int]:
        """Who lands next, and on which side; empty when no coordinate can hit any more."""
        problem, plateaus = self.problem, tuple(self.plateaus)
        if len(support) == problem.n:
            return {}
        view = self.balls(self.start_bits)
        sides: dict[int, int] = {}
        open_signs = []
        for i in range(problem.d):
            if i not in support and i not in still:
                found = view.ask(slope(support, i))
                if found > 0 or found < 0:
                    sides[i] = -1 if found > 0 else 1
                elif not found.is_zero():
                    open_signs.append(i)
        sides = {i: side for i, side in sides.items() if problem.bounds[side][i] is not None}
        latest = self._latest(plateaus, support, sides)
        for i in open_signs:
            if latest is None or not self._lands_after(plateaus, support, i, latest):
                slope_sign = self._gradient_sign(k, i, support)
                if slope_sign and problem.bounds[-slope_sign][i] is not None:
                    sides[i] = -slope_sign
        if not sides:
            return {}
        self._used_algebra = False
        names = problem.names
        first = self._least(
            {i: wait(plateaus, support, i, side) for i, side in sides.items()},
            lambda i, j: (
                f"after saddle {k}, columns {names[min(i, j)]}, {names[max(i, j)]} were not told apart"
            ),
            lambda i, j: self._lands_with(i, j, sides),
        )
        if self._used_algebra:
            self.decisions.hits_exact += 1
        else:
            self.decisions.hits_by_balls += 1
        return {i: sides[i] for i in first}

    def _latest(
        self, plateaus: tuple[Plateau, ...], support: tuple[int, ...], sides: Mapping[int, int]
    ) -> arb | None:
        """A time at which somebody has certainly landed, when there is one."""
        view = self.balls(self.start_bits)
        waits = [view.ask(wait(plateaus, support, i, side)) for i, side in sides.items()]
        tops = [found.upper() for found in waits if found.is_finite()]
        return min(tops) if tops else None

    def _lands_after(
        self, plateaus: tuple[Plateau, ...], support: tuple[int, ...], i: int, latest: arb
    ) -> bool:
        """Whether coordinate i, of slope close to zero, certainly lands later on either side."""
        view = self.balls(self.start_bits)

        def spare(side: int) -> Question:
            def ask(v: View) -> Any:
                distance = v.bounds[side][i] - v.place(plateaus)[1][i] * side
                return distance - abs(v.fit(support).gradient[i]) * latest

            return ask

        finite = [side for side in (1, -1) if self.problem.bounds[side][i] is not None]
        return all(view.ask(spare(side)) > 0 for side in finite)
