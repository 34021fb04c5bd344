"""Descent itself, at a given α: the iteration on u ⊙ v in the logarithms of its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from flint import arb, fmpq

from exactsaddle.base import Inconclusive, InvalidInput, by_name, one_at_a_time, workprec
from exactsaddle.numbers import Carried, shorten, to_decimal, to_rational, to_text
from exactsaddle.path.descent.duals import Side
from exactsaddle.path.descent.path import descent_path
from exactsaddle.path.rules import (
    GradientDescent,
    HeavyBall,
    SharpnessAware,
    SteppedRule,
    require_two_layers,
)
from exactsaddle.problem import Problem, RealProblem

DIGITS = 15
BITS = 128
MAX_STEPS = 2_000_000
"""The most steps that are computed one by one."""
MAX_BITS = 1 << 16
Logarithms: TypeAlias = dict[Side, arb]


class WeightReversed(InvalidInput):
    """A step would change the sign of a weight: what was found at steps before is in ``found``."""

    found: tuple[DescentIterate, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class DescentIterate(Carried):
    """The iterate after ``steps`` steps: ln w_σ by side (i, σ), and β; balls, if ``enclosed``.

    ``enclosed`` says that the balls are proved to contain the exact iterates; otherwise they are numbers
    computed with ``bits`` bits, and nothing is proved of their error. A weight that stays zero (infinite
    threshold) has no logarithm.
    """

    steps: int
    log_weights: Logarithms
    beta: tuple[arb, ...]
    enclosed: bool
    bits: int
    names: tuple[str, ...]
    """Those of the columns."""

    def __repr__(self) -> str:
        beta = by_name(self.names, enumerate(map(str, self.beta)))
        known = "enclosed" if self.enclosed else "numbers"
        return f"DescentIterate({self.steps} steps, beta = {beta}, {known}, {self.bits} bits)"


@one_at_a_time
def descend(
    problem: Problem,
    alpha: Any,
    step: Any = None,
    steps: int | Iterable[int] = 0,
    *,
    rule: SteppedRule | None = None,
    enclosed: bool = True,
    digits: int = DIGITS,
    progress: Callable[[int], object] = lambda done: None,
) -> tuple[DescentIterate, ...]:
    """Gradient descent on u ⊙ v from scale α in (0, 1), or another rule, after so many steps each.

    The exact iteration w_σ ← (1 − σηg)w_σ, g = Gβ − r, β = (w₊² − w₋²)/2, from w_σ = α^{c_σ − σs_0}, which is
    u = √2·α, v = 0 for thresholds 1 and s_0 = 0. It is carried in ln w_σ: nothing underflows, whatever α.
    rule in place of step: descent or the heavy ball, with weight decay perhaps, w_σ ← w_σ + η(h − λ)w_σ +
    μ(w_σ − w_σ before), h = −σg, from rest; or sharpness-aware, with (1 − ρh)ĥ in place of h, ĥ being the h
    of the weights (1 − ρh)w_σ.

    enclosed: in balls, with as many bits as it takes for radii of β and ln w_σ below 10^−digits; radii grow
    by a factor at every step, so this is for some thousand steps. Otherwise with BITS bits, no proof, and
    steps that such numbers cannot tell apart are taken at once: on a plateau, where no small weight moves β
    and β rests. Raises WeightReversed, an InvalidInput, where a weight would change its sign, naming it, the
    step and the plateau of the limit path, and Inconclusive beyond MAX_STEPS or MAX_BITS.
    """
    if (step is None) == (rule is None):
        raise InvalidInput("give a step or a rule, and not both")
    chosen = GradientDescent(step) if rule is None else rule
    require_two_layers(problem, chosen)
    if isinstance(problem, RealProblem) or not problem.is_rational:
        raise InvalidInput("descent needs rational entries, thresholds and initial dual")
    chosen.fits(problem.d)
    scale = to_rational(alpha)
    if not 0 < scale < 1:
        raise InvalidInput(f"alpha must be above 0 and below 1, not {to_decimal(scale)}")
    wanted = sorted({steps} if isinstance(steps, int) else set(steps))
    if not wanted or wanted[0] < 0:
        raise InvalidInput("steps must be at least 0")
    bits = BITS
    while True:
        found = []
        with workprec(bits):
            run = _Run(problem, scale, chosen, enclosed, bits, progress)
            reversed_at: WeightReversed | None = None
            for count in wanted:
                try:
                    run.advance(count)
                except WeightReversed as error:
                    reversed_at = error
                    break
                found.append(DescentIterate(count, dict(run.logs), run.beta(), enclosed, bits, problem.names))
            tolerance = arb(10) ** -digits
            balls = [ball for iterate in found for ball in (*iterate.beta, *iterate.log_weights.values())]
            if not enclosed or all(arb(ball.rad()) < tolerance for ball in balls):
                if reversed_at is None:
                    return tuple(found)
                plateau = _plateau_of(problem, chosen, scale, run.done)
                refused = WeightReversed(f"{reversed_at}, {plateau}")
                refused.found = tuple(found)
                raise refused
        if bits >= MAX_BITS:
            raise Inconclusive(f"{bits} bits do not enclose {wanted[-1]:,} steps to {digits} digits")
        bits *= 2


def steps_until(time: Any, alpha: Any, step: Any) -> int:
    """⌊time·ln(1/α)/step⌋: how many steps are taken by an accelerated time ≥ 0."""
    moment, scale, eta = map(to_rational, (time, alpha, step))
    bits = 128
    while moment > 0:
        with workprec(bits):
            found = (arb(moment / eta) * -arb(scale).log()).floor().unique_fmpz()
        if found is not None:
            return int(found)
        bits *= 2  # transcendental, so never an integer
    return 0


def _plateau_of(problem: Problem, rule: SteppedRule, alpha: fmpq, steps: int) -> str:
    """Where on the limit path that many steps lead, in words."""
    try:
        path = descent_path(problem, rule=rule)
    except (InvalidInput, Inconclusive):  # the first saddle is none of that path
        return "on plateau 0 of the limit path"
    with workprec(BITS):
        time = arb(rule.step * steps) / -arb(alpha).log()
        reached = [saddle.index for saddle in path if not saddle.jump_time_ball(20) > time]
        end = None if path.complete else path[-1].horizon_ball(20)
        if end is not None and time > end:
            return f"on plateau {len(path)}, which the limit path does not reach"
    return f"on plateau {reached[-1]} of the limit path"


class _Run:
    """The logarithms, moved step by step at the working precision."""

    def __init__(
        self,
        problem: Problem,
        alpha: fmpq,
        rule: SteppedRule,
        enclosed: bool,
        bits: int,
        progress: Callable[[int], object],
    ) -> None:
        self.rule, self.step = rule, arb(rule.step)
        self.enclosed, self.bits, self.progress = enclosed, bits, progress
        self.penalty = [arb(rule.flow.penalty(i)) for i in range(problem.d)]
        self.radius = rule.flow.radius if isinstance(rule.flow, SharpnessAware) else None
        self.momentum = arb(rule.momentum) if isinstance(rule, HeavyBall) else None
        self.last: Logarithms = {}
        """What each logarithm moved by in the last step, where there is momentum."""
        self.names, self.d = problem.names, problem.d
        equations = problem.normal_equations
        self.gram = [[arb(value) for value in equations.gram_column(j)] for j in range(self.d)]
        self.correlation = [arb(value) for value in equations.correlation]
        log_alpha = arb(alpha).log()
        self.logs: Logarithms = {}
        for i, start in enumerate(problem.dual_vector):
            for side in (1, -1):
                threshold = problem.threshold(i, side)
                if threshold is not None:
                    self.logs[i, side] = log_alpha * arb(threshold - side * start)
        if self.momentum is not None:
            self.last = dict.fromkeys(self.logs, arb(0))
        self.done = self.computed = 0

    def beta(self, logs: Logarithms | None = None) -> tuple[arb, ...]:
        """β of these weights, those that there are by default: d balls."""
        found = [arb(0)] * self.d
        for (i, side), log in (self.logs if logs is None else logs).items():
            found[i] = found[i] + (2 * log).exp() * side / 2
        return tuple(found)

    def advance(self, count: int) -> None:
        """Go on to this number of steps."""
        while self.done < count:
            moves = dict(self._moves())
            if self.momentum is not None:
                rests = self.enclosed or not all(self._same(self.last[side], moves[side]) for side in moves)
                self.last = moves if self.enclosed else {side: move.mid() for side, move in moves.items()}
                if rests:
                    self._step(moves, 1)
                    continue
            times = 1 if self.enclosed else min(count - self.done, self._equal_steps(moves))
            self._step(moves, times)

    def _step(self, moves: Logarithms, times: int) -> None:
        for side, move in moves.items():
            log = self.logs[side] + move * times
            self.logs[side] = log if self.enclosed else log.mid()
        self.done += times
        self.computed += 1
        if self.computed > MAX_STEPS:
            raise Inconclusive(f"more than {MAX_STEPS:,} steps to compute one by one, after {self.done:,}")
        if self.computed % 1024 == 0:
            self.progress(self.done)

    def _same(self, before: arb, now: arb) -> bool:
        """Whether a move is the one before it, at this precision."""
        return bool(abs(now - before) < arb((1, 16 - self.bits)))

    def _moves(self) -> Iterator[tuple[Side, arb]]:
        gradient = self._gradient(self.beta())
        kept: dict[Side, arb] = {}
        if self.radius is not None:
            radius = arb(self.radius)
            kept = {(i, side): 1 + radius * gradient[i] * side for i, side in self.logs}
            lost = next((side for side, factor in kept.items() if not factor > 0), None)
            if lost is not None:
                self._refuse(f"a radius of {to_text(self.radius)}", lost)
            gradient = self._gradient(self.beta({s: log + kept[s].log() for s, log in self.logs.items()}))
        for i, side in self.logs:
            change = self.step * (-gradient[i] * side * kept.get((i, side), 1) - self.penalty[i])
            if self.momentum is not None:  # w/(w before) = e^(last move)
                change = change - self.momentum * (-self.last[i, side]).expm1()
            if change <= -1:
                self._refuse(f"a step of {to_text(self.rule.step)}", (i, side))
            yield (i, side), change.log1p()

    def _gradient(self, beta: Sequence[arb]) -> list[arb]:
        """Gβ − r."""
        gradient = [-r for r in self.correlation]
        for j, b in enumerate(beta):
            gradient = [g + b * value for g, value in zip(gradient, self.gram[j], strict=True)]
        return gradient

    def _refuse(self, cause: str, side: Side) -> NoReturn:
        name = f"{shorten(self.names[side[0]])} ({'+' if side[1] > 0 else '−'})"
        raise WeightReversed(f"{cause} reverses the weight of {name} at step {self.done + 1:,}")

    def _equal_steps(self, moves: Logarithms) -> int:
        """How many steps from here are the same at this precision: 1 unless all that moves is negligible."""
        negligible = -self.bits * arb(2).log() / 2  # w² below 2^−bits
        noise = arb((1, 16 - self.bits))
        least: arb | None = None
        for side, move in moves.items():
            room = negligible - self.logs[side]
            if not room > 0:
                if not abs(move) < noise:
                    return 1
            elif move > 0:
                wait = room / move
                least = wait if least is None or wait < least else least
        if least is None:
            return 1 << 62  # for ever
        return max(1, int(float(least)))
